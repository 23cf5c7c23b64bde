/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors: how many the process may open, and how many calls need at most. A part is kept back,
 * so that the control socket, metrics, files and the media threads never lack one. Pure.
 */
#ifndef AGW_CONTROL_LIMITS_H
#define AGW_CONTROL_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LIMITS_KEPT_BACK =
	    64, /* two servers with 16 clients each, files, what the libraries open */
	LIMITS_CALL_DESCRIPTORS =
	    4 /* two streams, each with a pair or with listener and connection */
};

struct limits {
	size_t descriptors; /* for media */
	size_t reserved;    /* of them, for emergency calls */
	size_t used;	    /* at most, by the streams that are open */
};

/* may_open: of the process; open: now, at start. emergency_calls: how many are to be possible when
 * others are not any more; a tenth of all descriptors is kept for them at most. */
void limits_set(struct limits *l, size_t may_open, size_t open, size_t emergency_calls);
/* Are n more to be had? */
bool limits_have(const struct limits *l, size_t n, bool emergency);
/* Calls that may exist at once, at most. */
size_t limits_calls(const struct limits *l);

#endif
