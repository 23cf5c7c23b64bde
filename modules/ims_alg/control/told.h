/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One termination of a call, as it is at the gateway (that was told, and said yes) or as it is to be. */
#ifndef IMS_ALG_TOLD_H
#define IMS_ALG_TOLD_H

#include "h248/message.h"
#include "modules/ims_alg/core/media.h"

struct told_stream {
	uint16_t id;
	char media[ALG_MEDIA_MAX], formats[ALG_FORMATS_MAX];
	struct alg_end end;
	struct alg_given given;
};

struct told {
	char tid[H248_TID_MAX + 1]; /* "": it is not there, or not yet */
	bool there;		    /* it is to be there */
	bool uncertain;		    /* a Modify was not answered: it may be otherwise than this */
	char realm[ALG_REALM_MAX];
	uint8_t family, dscp, move;
	unsigned streams;
	struct told_stream *stream; /* owned; NULL without streams */
};

/* What one side of *media wants. *out was zero. 0, or -1: no memory. */
int told_of(const struct alg_media *media, enum alg_side side, struct told *out);
/* A copy; *out was zero. 0, or -1: no memory. */
int told_copy(const struct told *from, struct told *out);
/* Keys are wiped. *t is zero afterwards. */
void told_clear(struct told *t);
struct told_stream *told_stream(const struct told *t, uint16_t id);

/* What kind of thing an m= line's proto is, as far as H.248 cares. */
bool told_is_tcp(const struct told_stream *s);
bool told_is_tls(const struct told_stream *s); /* TLS over TCP, or DTLS */
bool told_is_rtp(const struct told_stream *s);

#endif
