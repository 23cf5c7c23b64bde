/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text that is written into a buffer of somebody else's: what does not fit is left out, and so is all behind it. */
#ifndef BASE_TEXT_OUT_H
#define BASE_TEXT_OUT_H

#include "base/slice.h"

struct text_out {
	char *buf;
	size_t size, len; /* octets */
	bool full;	  /* something did not fit */
};

/* Write s behind what is there. */
static inline void text_put(struct text_out *o, struct slice s)
{
	if (o->full || s.len > o->size - o->len) {
		o->full = true;
		return;
	}
	if (s.len)
		memcpy(o->buf + o->len, s.p, s.len);
	o->len += s.len;
}

#endif
