/* SPDX-License-Identifier: GPL-2.0-or-later */
/* User media: RTP with sequence numbers every 20 ms, measured where it arrives, moved from access
 * to access. */
#ifndef UE_MEDIA_H
#define UE_MEDIA_H

#include "ue/access.h"
#include "ue/rtp_stats.h"
#include "ue/sdp.h"

struct media {
	const char *ue;
	char name[64]; /* of the session */
	struct access *access, *next_access;
	struct io io, next_io; /* next_io: the socket on the access it is about to move to */
	uint16_t port, next_port;
	struct netaddr remote;
	bool have_remote, sending;
	uint32_t sdp_session, sdp_version;
	uint16_t seq;
	uint32_t timestamp, ssrc;
	uint64_t sent, next_ms;
	struct rtp_stats stats;
	struct timer tick;
};

/* A socket on the access; nothing is sent yet. NULL: errno. */
struct media *media_new(const char *ue, const char *session, struct access *a);
void media_free(struct media *m);
/* The name under which it reports. */
void media_rename(struct media *m, const char *session);

/* Write our SDP: with the address that media_prepare() opened, if it did. hold: sendonly. Length or
 * -1. */
int media_sdp(struct media *m, enum sdp_direction direction, char *buf, size_t size);
/* Take the other side's SDP: where to send, and whether. 0 or -1 (no audio in it). */
int media_remote(struct media *m, struct slice sdp);

/* Open a second socket on another access / use it and close the first / give it up. */
int media_prepare(struct media *m, struct access *a);
void media_commit(struct media *m);
void media_rollback(struct media *m);

/* Numbers, SSRC and counters of from go on in to: the same stream in another session. */
void media_adopt(struct media *to, const struct media *from);
void media_stop(struct media *m);

#endif
