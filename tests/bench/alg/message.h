/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIP as the load generator of bench-alg reads and writes it: whole messages over UDP, long header names. */
#ifndef BENCH_ALG_MESSAGE_H
#define BENCH_ALG_MESSAGE_H

#include "base/slice.h"

enum { MESSAGE_MAX = 6000 };

/* What came; slices of its octets. */
struct message {
	struct slice head, body, first;
	struct slice method; /* of a request; of an answer its CSeq's */
	unsigned code;	     /* 0: a request */
};

/* 0; -1: that is no SIP. */
int message_read(struct slice text, struct message *m);

/* The value of the first header of this name; empty: there is none. */
struct slice message_header(const struct message *m, const char *name);

/* What stands in the angle brackets of a value, or the value. */
struct slice message_uri(struct slice value);

/* A message that is written: what does not fit is left out. */
struct writing {
	char p[MESSAGE_MAX];
	size_t len;
};

void write_text(struct writing *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* All headers of this name as they stand, under the name as; the last one first, if so. */
void write_headers(struct writing *w, const struct message *m, const char *name, const char *as,
		   bool backwards);

/* The end of the head, and the body; type and length before it. */
void write_body(struct writing *w, struct slice body);

#endif
