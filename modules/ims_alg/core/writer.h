/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of a body, written one behind the other. Line ends are CRLF, whatever they were: there are
 * phones that refuse others. Not for others than write.c. */
#ifndef IMS_ALG_WRITER_H
#define IMS_ALG_WRITER_H

#include "modules/ims_alg/core/session.h"

struct alg_writer {
	char *p;
	size_t size, len;
	bool full;			/* size is too small */
	bool bad;			/* something that is to be written is not known */
	size_t version_at, version_len; /* of the version in o= */
};

/* A line as it came. */
void alg_put_raw(struct alg_writer *w, struct slice raw);
/* a=name:value; a=name for a value without p. */
void alg_put_attr(struct alg_writer *w, const char *name, struct slice value);
/* c= with this address. */
void alg_put_c(struct alg_writer *w, const struct netaddr *a);
/* An m= line with another port (0: without "/count") and proto, the rest as it came. */
void alg_put_mline(struct alg_writer *w, const struct sdp_line *line, const struct sdp_mline *m,
		   unsigned port, struct slice proto);

/*
 * o= towards one side: its first user name and session id, our version, our address. What cannot be
 * read as RFC 8866 5.2 has it passes as it came.
 */
void alg_put_origin(struct alg_writer *w, struct alg_origin *o, const struct sdp_line *line,
		    const struct netaddr *a);
/* When all is written: count the version up if the text from `from` on is not what it was (RFC 3264
 * 8). */
void alg_settle_origin(struct alg_writer *w, struct alg_origin *o, size_t from);

#endif
