/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the ids of connections, flow sets and sessions are written: 16 lower-case hex digits. */
#ifndef KAM_IDS_H
#define KAM_IDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

#define KAM_ID_DIGITS 16

struct kam_id {
	char text[KAM_ID_DIGITS + 1];
};

/* The text of an id; by value, so that it can stand in the arguments of a log line. */
struct kam_id kam_id_text(uint64_t id);
/* Reads what kam_id_text() writes. False: anything else. */
bool kam_id_parse(struct slice text, uint64_t *id);

#endif
