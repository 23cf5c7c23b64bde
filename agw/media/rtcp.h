/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way to a peer and back, from the RTCP that passes (RFC 3550 6.4.1, A.8): a sender report that
 * goes to the peer is noted with the time of its sending, and the peer's reports say how long ago
 * they had heard it. Pure; time is passed in.
 */
#ifndef AGW_MEDIA_RTCP_H
#define AGW_MEDIA_RTCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rtcp_watch {
	uint32_t report; /* the middle 32 bits of the last sender report's NTP time; 0 = none yet */
	int64_t sent_us;
};

/* A compound packet, in clear, goes to the peer. */
void rtcp_watch_sent(struct rtcp_watch *w, const uint8_t *p, size_t len, int64_t now_us);

/* One has come from the peer. The way to the peer and back in us, or -1 when it does not tell. */
int64_t rtcp_watch_received(const struct rtcp_watch *w, const uint8_t *p, size_t len,
			    int64_t now_us);

/* What a peer says of the stream that it hears (RFC 3550 6.4.1). */
struct rtcp_reported {
	uint8_t fraction; /* lost since its report before, of 256 */
	uint32_t lost;	  /* in all; 0 where duplicates made it negative */
	uint32_t jitter;  /* in timestamp units */
};

/* The last report block of a compound packet, in clear. False: there is none. */
bool rtcp_reported(const uint8_t *p, size_t len, struct rtcp_reported *out);

#endif
