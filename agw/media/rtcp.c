/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/media/rtcp.h"
#include "agw/media/demux.h"

enum {
	SENDER_REPORT = 200,
	RECEIVER_REPORT = 201,
	HEADER = 8, /* with the sender's SSRC */
	SENDER_INFO = 20,
	BLOCK = 24, /* of one source: its last sender report stands at 16, the delay since at 20 */
};

/* The next packet of a compound. False at its end, or where it is broken. */
static bool next_packet(const uint8_t **p, size_t *left, const uint8_t **packet, size_t *len)
{
	if (*left < HEADER || (*p)[0] >> 6 != 2)
		return false;
	*len = 4 * ((size_t)demux_u16(*p + 2) + 1);
	if (*len > *left)
		return false;
	*packet = *p;
	*p += *len;
	*left -= *len;
	return true;
}

void rtcp_watch_sent(struct rtcp_watch *w, const uint8_t *p, size_t len, int64_t now_us)
{
	const uint8_t *one;
	size_t n;

	while (next_packet(&p, &len, &one, &n))
		if (one[1] == SENDER_REPORT && n >= HEADER + SENDER_INFO) {
			w->report = demux_u32(one + HEADER + 2);
			w->sent_us = now_us;
		}
}

/* The answer to our report among the blocks of one packet. */
static int64_t round_trip(const struct rtcp_watch *w, const uint8_t *blocks, size_t len,
			  unsigned count, int64_t now_us)
{
	for (; count && len >= BLOCK; count--, blocks += BLOCK, len -= BLOCK)
		if (demux_u32(blocks + 16) == w->report) {
			int64_t held_us = (int64_t)demux_u32(blocks + 20) * 1000000 >> 16;
			int64_t way_us = now_us - w->sent_us - held_us;

			return way_us < 0 ? -1 : way_us;
		}
	return -1;
}

/* The report blocks of one packet, and how many octets of them are there. NULL: it has none. */
static const uint8_t *blocks_of(const uint8_t *packet, size_t n, size_t *len)
{
	size_t at = packet[1] == SENDER_REPORT ? HEADER + SENDER_INFO : HEADER;

	if ((packet[1] != SENDER_REPORT && packet[1] != RECEIVER_REPORT) || n < at)
		return NULL;
	*len = n - at;
	return packet + at;
}

bool rtcp_reported(const uint8_t *p, size_t len, struct rtcp_reported *out)
{
	const uint8_t *one;
	bool found = false;
	size_t n;

	while (next_packet(&p, &len, &one, &n)) {
		const uint8_t *block = blocks_of(one, n, &n);

		for (unsigned count = one[0] & 31; block && count && n >= BLOCK; count--) {
			uint32_t lost = demux_u32(block + 4) & 0xffffff; /* 24 bits, signed */

			*out = (struct rtcp_reported){.fraction = block[4],
						      .lost = lost & 0x800000 ? 0 : lost,
						      .jitter = demux_u32(block + 12)};
			found = true;
			block += BLOCK;
			n -= BLOCK;
		}
	}
	return found;
}

int64_t rtcp_watch_received(const struct rtcp_watch *w, const uint8_t *p, size_t len,
			    int64_t now_us)
{
	const uint8_t *one;
	size_t n;

	while (w->report && next_packet(&p, &len, &one, &n)) {
		const uint8_t *blocks = blocks_of(one, n, &n);
		int64_t us = blocks ? round_trip(w, blocks, n, one[0] & 31, now_us) : -1;

		if (us >= 0)
			return us;
	}
	return -1;
}
