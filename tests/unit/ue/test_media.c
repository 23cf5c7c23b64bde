/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ue/media_plan.h"
#include "ue/octets.h"
#include "ue/rtp_stats.h"
#include "unit/unit.h"

static uint64_t clock_us;

static uint64_t packet(struct rtp_stats *s, unsigned seq, uint32_t ssrc, uint64_t after_ms,
		       uint32_t *lost)
{
	struct rtp_header h = {.seq = (uint16_t)seq, .ssrc = ssrc};
	uint32_t l;

	clock_us += after_ms * 1000;
	return rtp_stats_packet(s, &h, clock_us, lost ? lost : &l);
}

START_TEST(nothing_lost_nothing_late)
{
	struct rtp_stats s = {0};

	clock_us = 5000000;
	for (unsigned i = 65500; i < 65600; i++) /* over the wrap of 16 bits */
		packet(&s, i, 1, 20, NULL);
	ck_assert_uint_eq(s.received, 100);
	ck_assert_uint_eq(rtp_stats_lost(&s), 0);
	ck_assert_uint_eq(s.reordered, 0);
	ck_assert_uint_eq(s.max_gap_us, 20000);
}
END_TEST

START_TEST(a_gap_is_measured_and_its_packets_counted)
{
	struct rtp_stats s = {0};
	uint32_t lost;

	clock_us = 5000000;
	packet(&s, 10, 1, 20, NULL);
	ck_assert_uint_eq(packet(&s, 51, 1, 820, &lost), 820000);
	ck_assert_uint_eq(lost, 40);
	ck_assert_uint_eq(rtp_stats_lost(&s), 40);
	ck_assert_uint_eq(s.max_gap_us, 820000);
}
END_TEST

START_TEST(late_is_not_lost_and_twice_is_not_late)
{
	struct rtp_stats s = {0};

	clock_us = 5000000;
	packet(&s, 10, 1, 20, NULL);
	packet(&s, 12, 1, 20, NULL);
	ck_assert_uint_eq(rtp_stats_lost(&s), 1);
	packet(&s, 11, 1, 20, NULL);
	ck_assert_uint_eq(rtp_stats_lost(&s), 0);
	ck_assert_uint_eq(s.reordered, 1);
	packet(&s, 12, 1, 20, NULL);
	packet(&s, 11, 1, 20, NULL);
	ck_assert_uint_eq(s.repeated, 2);
	ck_assert_uint_eq(s.reordered, 1);
	ck_assert_uint_eq(rtp_stats_lost(&s), 0);
}
END_TEST

START_TEST(late_before_the_first_moves_the_start)
{
	struct rtp_stats s = {0};

	packet(&s, 1, 1, 20, NULL);
	packet(&s, 0, 1, 20, NULL);
	packet(&s, 65535, 1, 20, NULL);
	packet(&s, 2, 1, 20, NULL);
	ck_assert_uint_eq(rtp_stats_lost(&s), 0);
	ck_assert_uint_eq(s.reordered, 2);
}
END_TEST

START_TEST(a_new_source_keeps_the_old_loss)
{
	struct rtp_stats s = {0};
	uint32_t lost;

	packet(&s, 1, 1, 20, NULL);
	packet(&s, 4, 1, 20, NULL);
	packet(&s, 30000, 2, 20, &lost);
	ck_assert_uint_eq(lost, 0);
	packet(&s, 30002, 2, 20, NULL);
	ck_assert_uint_eq(rtp_stats_lost(&s), 3);
}
END_TEST

START_TEST(reset_counts_from_the_next_number)
{
	struct rtp_stats s = {0};

	clock_us = 5000000;
	packet(&s, 1, 1, 20, NULL);
	packet(&s, 10, 1, 900, NULL);
	rtp_stats_reset(&s);
	ck_assert_uint_eq(rtp_stats_lost(&s), 0);
	ck_assert_uint_eq(s.received, 0);
	ck_assert_uint_eq(s.max_gap_us, 0);
	packet(&s, 11, 1, 20, NULL);
	ck_assert_uint_eq(rtp_stats_lost(&s), 0);
	packet(&s, 14, 1, 20, NULL);
	ck_assert_uint_eq(rtp_stats_lost(&s), 2);
}
END_TEST

START_TEST(rtp_headers_there_and_back)
{
	struct rtp_header h = {.seq = 0xfedc,
			       .timestamp = 0x01020304,
			       .ssrc = 0xa0b0c0d0,
			       .payload_type = 8,
			       .marker = true},
			  back;
	uint8_t p[RTP_HEADER_LEN];

	rtp_header_write(&h, p);
	ck_assert_int_eq(rtp_header_read(p, sizeof(p), &back), 0);
	ck_assert(h.seq == back.seq && h.timestamp == back.timestamp && h.ssrc == back.ssrc &&
		  h.payload_type == back.payload_type && h.marker == back.marker);
	ck_assert_int_eq(rtp_header_read(p, 11, &back), -1);
	p[0] = 0x40;
	ck_assert_int_eq(rtp_header_read(p, 12, &back), -1);
}
END_TEST

START_TEST(octets_that_came_in_pieces)
{
	struct octets o = {0};
	struct octet_range hole;

	ck_assert_int_eq(octets_missing(&o, 10, &hole), 0);
	ck_assert(hole.from == 0 && hole.to == 10);
	ck_assert_int_eq(octets_add(&o, 0, 5), 0);
	ck_assert_int_eq(octets_add(&o, 8, 2), 0);
	ck_assert_uint_eq(octets_have(&o), 7);
	ck_assert_uint_eq(octets_end(&o), 10);
	ck_assert_int_eq(octets_missing(&o, 10, &hole), 0);
	ck_assert(hole.from == 5 && hole.to == 8);
	/* Over both edges of the hole: four octets came before. */
	ck_assert_int_eq(octets_add(&o, 3, 7), 0);
	ck_assert_uint_eq(o.repeated, 4);
	ck_assert_uint_eq(o.n, 1);
	ck_assert_int_eq(octets_missing(&o, 10, &hole), -1);
	ck_assert_int_eq(octets_missing(&o, 12, &hole), 0);
	ck_assert(hole.from == 10 && hole.to == 12);
	octets_free(&o);
}
END_TEST

START_TEST(octets_in_every_order)
{
	for (unsigned seed = 1; seed < 50; seed++) {
		struct octets o = {0};
		unsigned came[32] = {0}, again = 0, x = seed;

		for (int i = 0; i < 60; i++) {
			unsigned from, len;

			x = x * 1103515245 + 12345;
			from = x >> 16 & 31;
			len = (x >> 8 & 7) % (33 - from);
			ck_assert_int_eq(octets_add(&o, from, len), 0);
			for (unsigned k = from; k < from + len; k++)
				again += came[k]++ > 0;
			unsigned have = 0;

			for (unsigned k = 0; k < 32; k++)
				have += came[k] > 0;
			ck_assert_uint_eq(octets_have(&o), have);
			ck_assert_uint_eq(o.repeated, again);
		}
		octets_free(&o);
	}
}
END_TEST

START_TEST(pieces_without_end_are_refused)
{
	struct octets o = {0};

	for (unsigned i = 0; i < OCTETS_RANGES_MAX; i++)
		ck_assert_int_eq(octets_add(&o, 2 * i, 1), 0);
	ck_assert_int_eq(octets_add(&o, 2 * OCTETS_RANGES_MAX, 1), -1);
	ck_assert_int_eq(octets_add(&o, 1, 1), 0); /* joins two */
	ck_assert_int_eq(octets_add(&o, UINT64_MAX, 2), -1);
	octets_free(&o);
}
END_TEST

START_TEST(plans_of_media)
{
	struct media_plan *p = media_plan_new(SLICE_LIT("mine"));

	ck_assert_ptr_eq(media_plan_find(SLICE_LIT("mine")), p);
	ck_assert(media_plan_default(MEDIA_MSRP, true)->secure);
	ck_assert_ptr_null(media_plan_find(SLICE_LIT("video")));
	ck_assert_int_eq(media_plan_option(p, "bfcps"), 0);
	ck_assert(p->kind == MEDIA_BFCP && p->secure);
	ck_assert_int_eq(media_plan_option(p, "outside=[fd00::1]:7000"), 0);
	ck_assert_int_eq(media_plan_option(p, "attr=label:10"), 0);
	ck_assert_int_eq(media_plan_option(p, "setup=passive"), 0);
	ck_assert_int_eq(media_plan_option(p, "relay=msrp://127.0.0.1:2855/r;tcp"), 0);
	ck_assert_int_eq(p->relay_at.port, 2855);
	ck_assert_int_eq(media_plan_option(p, "relay=sip:a@b"), -1);
	ck_assert_int_eq(media_plan_option(p, "feedback"), 0);
	ck_assert(p->feedback && !p->any_peer);
	ck_assert_int_eq(media_plan_option(p, "setup=sideways"), -1);
	ck_assert_int_eq(media_plan_option(p, "floor=70000"), -1);
	ck_assert_int_eq(media_plan_option(p, "colour=red"), -1);
	media_plans_free();
}
END_TEST

UNIT_MAIN("ims-ue: media", nothing_lost_nothing_late, a_gap_is_measured_and_its_packets_counted,
	  late_is_not_lost_and_twice_is_not_late, late_before_the_first_moves_the_start,
	  a_new_source_keeps_the_old_loss, reset_counts_from_the_next_number,
	  rtp_headers_there_and_back, octets_that_came_in_pieces, octets_in_every_order,
	  pieces_without_end_are_refused, plans_of_media)
