/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SDP of a phone with one audio stream (RFC 8866, RFC 3264). */
#ifndef UE_SDP_H
#define UE_SDP_H

#include "sdp/line.h"

struct ue_audio {
	struct netaddr at; /* where it receives; port 0: refused or switched off */
	enum sdp_direction direction;
};

/* Find the first m=audio. Returns 0, or -1 if there is none, it has no address, or the description
 * is unreadable. */
int ue_sdp_read(struct slice body, struct ue_audio *out);

/* Write offer or answer; version goes up with each change. Returns the length, or -1 if it does not
 * fit. */
int ue_sdp_write(const struct ue_audio *a, uint32_t session, uint32_t version, char *buf,
		 size_t size);

#endif
