/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What phones and the core of bench-alg write into their descriptions, and what must have become of it. */
#ifndef BENCH_ALG_DESCRIPTIONS_H
#define BENCH_ALG_DESCRIPTIONS_H

#include "bench/alg/message.h"

/* Voice, with media 2 video besides; a phone's with SDES. */
void description_offer(struct writing *w, bool phone, unsigned media);
void description_answer(struct writing *w, bool phone, unsigned media);

/* Has the other end's description come as it must: all m-lines, the gateway's address, keys if and only if it came to a phone. */
bool description_is_right(struct slice body, bool to_phone, unsigned media);

#endif
