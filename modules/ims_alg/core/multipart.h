/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The session description in a SIP body: the whole body, or one part of a multipart (RFC 2046 5.1,
 * RFC 5621). Everything else keeps its bytes: other parts may be named by Content-ID.
 */
#ifndef IMS_ALG_MULTIPART_H
#define IMS_ALG_MULTIPART_H

#include "base/slice.h"

enum alg_body {
	ALG_BODY_SDP = 1,      /* found */
	ALG_BODY_NONE = 0,     /* no body, or one in which no session is described */
	ALG_BODY_SYNTAX = -1,  /* a multipart that cannot be read: 400 */
	ALG_BODY_SEALED = -2,  /* the description is signed, encrypted or compressed: it cannot be
				 changed. 415 for an encoding, 488 */
	ALG_BODY_SEVERAL = -3, /* more than one description of the session: 400 */
};

enum { ALG_EARLY_MAX = 4 };

struct alg_sdp_part {
	struct slice sdp;	     /* the description; p NULL: none */
	struct slice content_length; /* the digits of its part's Content-Length; p NULL: none */
	/* Descriptions of early sessions (RFC 3959): the whole body, or each its part with the delimiter before it. What is
	 * left without them is a body again. */
	struct slice early[ALG_EARLY_MAX];
	unsigned earlies;
};

/*
 * Find the description. type: value of Content-Type with its parameters, compared without case;
 * encoding: value of Content-Encoding; either may be empty. An application/sdp part with
 * Content-Disposition other than session (early-session, icon: RFC 5621 8, RFC 3959) is none, nor is
 * a body with such a disposition. out->early is set whatever is found, unless that is an error; more than
 * ALG_EARLY_MAX are ALG_BODY_SEVERAL. A multipart in a multipart is looked into, four deep. What has no
 * Content-Type (RFC 3261 7.4.1) is one if it begins as a description does; a part with two is ALG_BODY_SYNTAX.
 */
enum alg_body alg_sdp_find(struct slice type, struct slice disposition, struct slice encoding,
			   struct slice body, struct alg_sdp_part *out);

/*
 * The body with another description in place of that of part; its part's Content-Length is put
 * right. 0 and *len, or -1 if size is too small. buf and the slices must not overlap.
 */
int alg_sdp_replace(struct slice body, const struct alg_sdp_part *part, struct slice sdp, char *buf,
		    size_t size, size_t *len);

#endif
