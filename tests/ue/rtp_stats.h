/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a receiver of RTP can say about the path: loss, order, gaps (RFC 3550 A.1 for the sequence
 * numbers). */
#ifndef UE_RTP_STATS_H
#define UE_RTP_STATS_H

#include <stdbool.h>
#include <stdint.h>

#define RTP_HEADER_LEN 12

struct rtp_header {
	uint16_t seq;
	uint32_t timestamp, ssrc;
	uint8_t payload_type;
	bool marker;
};

/* Returns 0, or -1 if it is no RTP version 2 header. */
int rtp_header_read(const uint8_t *p, uint32_t len, struct rtp_header *out);
void rtp_header_write(const struct rtp_header *h, uint8_t out[RTP_HEADER_LEN]);

struct rtp_stats {
	bool started;
	uint32_t ssrc;
	uint32_t first, highest; /* extended sequence numbers of this source */
	uint64_t earlier_lost;	 /* of sources before the present one */
	uint64_t distinct; /* packets of this source that were not repeated (by number, as far as
			      known) */
	uint64_t received, reordered, repeated;
	uint64_t last_us;    /* arrival of the last packet */
	uint64_t max_gap_us; /* longest time between two arrivals, the one before the first not
				counted */
	uint64_t recent;     /* bit i: number highest - i was seen */
};

/*
 * Count a packet that arrived at now_us. Returns the time since the packet before it in us (0 for
 * the first), and in *lost how many numbers were skipped just before this one.
 */
uint64_t rtp_stats_packet(struct rtp_stats *s, const struct rtp_header *h, uint64_t now_us,
			  uint32_t *lost);

/* Numbers that never came, up to the highest seen. */
uint64_t rtp_stats_lost(const struct rtp_stats *s);

/* Forget the counters, but go on from the present number: loss is counted from here. */
void rtp_stats_reset(struct rtp_stats *s);

#endif
