/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SDP of a phone with one audio stream (RFC 4566, RFC 3264). */
#ifndef UE_SDP_H
#define UE_SDP_H

#include "base/slice.h"

enum sdp_direction { SDP_INACTIVE = 0, SDP_SENDONLY = 1, SDP_RECVONLY = 2, SDP_SENDRECV = 3 };

struct sdp_audio {
	struct slice address; /* of the first audio line, or of the session */
	bool ipv6;
	uint16_t port; /* 0: refused or switched off */
	enum sdp_direction direction;
};

/* Find the first m=audio. Returns 0, or -1 if there is none or it is unreadable. */
int sdp_read(struct slice body, struct sdp_audio *out);

/* Write offer or answer; version goes up with each change. Returns the length, or -1 if it does not
 * fit. */
int sdp_write(const struct sdp_audio *a, uint32_t session, uint32_t version, char *buf,
	      size_t size);

/* What the answer may say at most to this direction of an offer, seen from the answerer. */
enum sdp_direction sdp_answer_direction(enum sdp_direction offered);

#endif
