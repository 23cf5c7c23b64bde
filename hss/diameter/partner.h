/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What HSSs of partner systems ask (TR 23.781 6.2.1 steps 18 and 19): vectors for users of ours who are there. */
#ifndef HSS_DIAMETER_PARTNER_H
#define HSS_DIAMETER_PARTNER_H

#include "hss/diameter/application.h"

/* A handler as those of cx_server.h, for a request whose peer is a partner's HSS. */
void partner_answer_mar(struct incoming *in, void *arg);

#endif
