/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of a body, written one behind the other. Line ends are CRLF, whatever they were: there are
 * phones that refuse others. Not for others than write.c. */
#ifndef IMS_ALG_WRITER_H
#define IMS_ALG_WRITER_H

#include "modules/ims_alg/core/session.h"

struct writer {
	char *p;
	size_t size, len;
	bool full;			/* size is too small */
	bool bad;			/* something that is to be written is not known */
	size_t version_at, version_len; /* of the version in o= */
};

/* A line as it came. */
void put_raw(struct writer *w, struct slice raw);
/* a=name:value; a=name for a value without p. */
void put_attr(struct writer *w, const char *name, struct slice value);
/* c= with this address. */
void put_c(struct writer *w, const struct netaddr *a);
/* An m= line with another port (0: without "/count") and proto, the rest as it came. */
void put_mline_text(struct writer *w, const struct sdp_line *line, const struct sdp_mline *m,
		    unsigned port, struct slice proto);

/*
 * o= towards one side: its first user name and session id, our version, our address. What cannot be
 * read as RFC 8866 5.2 has it passes as it came.
 */
void put_origin(struct writer *w, struct alg_origin *o, const struct sdp_line *line,
		const struct netaddr *a);
/* When all is written: count the version up if the text from `from` on is not what it was (RFC 3264
 * 8). */
void settle_origin(struct writer *w, struct alg_origin *o, size_t from);

#endif
