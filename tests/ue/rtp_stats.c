/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ue/rtp_stats.h"

int rtp_header_read(const uint8_t *p, uint32_t len, struct rtp_header *out)
{
	if (len < RTP_HEADER_LEN || p[0] >> 6 != 2)
		return -1;
	out->marker = p[1] >> 7;
	out->payload_type = p[1] & 0x7f;
	out->seq = (uint16_t)(p[2] << 8 | p[3]);
	out->timestamp = (uint32_t)p[4] << 24 | (uint32_t)p[5] << 16 | (uint32_t)p[6] << 8 | p[7];
	out->ssrc = (uint32_t)p[8] << 24 | (uint32_t)p[9] << 16 | (uint32_t)p[10] << 8 | p[11];
	return 0;
}

static void put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

void rtp_header_write(const struct rtp_header *h, uint8_t out[RTP_HEADER_LEN])
{
	out[0] = 0x80;
	out[1] = (uint8_t)((h->marker ? 0x80 : 0) | (h->payload_type & 0x7f));
	out[2] = (uint8_t)(h->seq >> 8);
	out[3] = (uint8_t)h->seq;
	put32(out + 4, h->timestamp);
	put32(out + 8, h->ssrc);
}

/* Room below for numbers that arrive late just after the first one. */
#define SEQ_BASE 0x10000u

static void new_source(struct rtp_stats *s, const struct rtp_header *h)
{
	if (s->started)
		s->earlier_lost = rtp_stats_lost(s);
	s->started = true;
	s->ssrc = h->ssrc;
	s->first = s->highest = SEQ_BASE + h->seq;
	s->distinct = 1;
	s->recent = 1;
}

/* A number not above the highest: late, or seen before. */
static void old_number(struct rtp_stats *s, uint32_t behind)
{
	bool known = behind < 64;

	if (known && (s->recent >> behind & 1)) {
		s->repeated++;
		return;
	}
	s->reordered++;
	if (known) {
		s->recent |= UINT64_C(1) << behind;
		s->distinct++;
		if (s->highest - behind < s->first)
			s->first = s->highest - behind;
	}
}

uint64_t rtp_stats_packet(struct rtp_stats *s, const struct rtp_header *h, uint64_t now_us,
			  uint32_t *lost)
{
	uint64_t gap = s->last_us && now_us > s->last_us ? now_us - s->last_us : 0;

	*lost = 0;
	s->received++;
	s->last_us = now_us;
	if (gap > s->max_gap_us)
		s->max_gap_us = gap;
	if (!s->started || s->ssrc != h->ssrc) {
		new_source(s, h);
		return gap;
	}
	/* The distance modulo 2^16, nearest way round. */
	int16_t ahead = (int16_t)(uint16_t)(h->seq - (uint16_t)s->highest);

	if (ahead <= 0) {
		old_number(s, (uint32_t)-ahead);
		return gap;
	}
	*lost = (uint32_t)ahead - 1;
	s->highest += (uint32_t)ahead;
	s->recent = ahead >= 64 ? 1 : s->recent << ahead | 1;
	s->distinct++;
	return gap;
}

uint64_t rtp_stats_lost(const struct rtp_stats *s)
{
	uint64_t expected = s->started ? (uint64_t)s->highest - s->first + 1 : 0;

	return s->earlier_lost + (expected > s->distinct ? expected - s->distinct : 0);
}

void rtp_stats_reset(struct rtp_stats *s)
{
	struct rtp_stats old = *s;

	*s = (struct rtp_stats){.started = old.started, .ssrc = old.ssrc, .highest = old.highest};
	/* The next number is the first that is due. */
	s->first = old.highest + 1;
	s->recent = old.recent;
	s->last_us = old.last_us;
}
