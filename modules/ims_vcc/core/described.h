/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Session descriptions as one leg of an anchored call sees them. When another phone stands behind the call, the leg must still see
 * one session: the o= line of the first description with a version that rises, and never fewer m-lines (RFC 3264 8). An answer has as
 * many m-lines as its offer (6). What comes from the same phone as before passes as it is, octet by octet.
 */
#ifndef IMS_VCC_DESCRIBED_H
#define IMS_VCC_DESCRIBED_H

#include "sdp/body.h"

enum { VCC_MLINES_MAX = 12, VCC_SDP_MAX = 16384 };

struct vcc_described {
	bool any;
	char origin[128];  /* "alice 2890844526", then behind the version: */
	char address[128]; /* "IN IP4 192.0.2.1" */
	uint64_t version, content;
	int mlines;
	char kind[VCC_MLINES_MAX][64]; /* "audio RTP/AVP 0": media, proto, first format */
};

/*
 * What the leg is told: text, or text with another o= line and m-lines added (port 0) or cut. offered: -1 for an offer, else the
 * number of m-lines of the offer that this answers. 0 and *len; -1: it cannot be read, or does not fit: nothing is changed then.
 */
int vcc_described_tell(struct vcc_described *d, struct slice text, int offered, char *buf,
		       size_t size, size_t *len);

/* m-lines of a description; -1: it cannot be read. */
int vcc_described_mlines(struct slice text);

#endif
