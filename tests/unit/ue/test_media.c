/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ue/rtp_stats.h"
#include "ue/sdp.h"
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

START_TEST(sdp_there_and_back)
{
	struct ue_audio a = {.direction = SDP_DIR_SENDONLY}, b;
	char buf[600];
	int n;

	ck_assert_int_eq(netaddr_parse_port(SLICE_LIT("fd00::1"), 4000, &a.at), 0);
	n = ue_sdp_write(&a, 1, 2, buf, sizeof(buf));
	ck_assert_int_gt(n, 0);
	ck_assert_int_eq(ue_sdp_read(slice_make(buf, (size_t)n), &b), 0);
	ck_assert(netaddr_eq(&a.at, &b.at) && b.direction == SDP_DIR_SENDONLY);
	ck_assert_int_eq(ue_sdp_write(&a, 1, 2, buf, 50), -1);
}
END_TEST

START_TEST(sdp_of_others)
{
	static const char *const bad[] = {
	    "",
	    "v=0\r\nm=video 5 RTP/AVP 99\r\n",
	    "v=0\r\nm=audio 5 RTP/AVP 0\r\n",
	    "v=0\r\nc=IN IP4 1.1.1.1\r\nm=audio 99999 RTP/AVP 0\r\n",
	    "v=0\r\nc=IN IP4\r\nm=audio 9 RTP/AVP 0\r\n",
	    "v=0\r\nc=IN IP4 a.example.com\r\nm=audio 9 RTP/AVP 0\r\n",
	};
	struct ue_audio a;
	char text[NETADDR_TEXT_MAX];

	ck_assert_int_eq(
	    ue_sdp_read(
		SLICE_LIT(
		    "v=0\nc=IN IP4 1.1.1.1/127\nm=video 5 RTP/AVP 99\nc=IN IP4 "
		    "2.2.2.2\na=sendonly\n"
		    "m=audio 6/2 RTP/AVP 0\nc=IN IP4 3.3.3.3\na=inactive\nm=audio 7 RTP/AVP 0\n"),
		&a),
	    0);
	ck_assert_str_eq(netaddr_text(&a.at, text), "3.3.3.3:6");
	ck_assert_int_eq((int)a.direction, SDP_DIR_INACTIVE);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(ue_sdp_read(slice_str(bad[i]), &a) == -1, "%s", bad[i]);
}
END_TEST

UNIT_MAIN("ims-ue: media", nothing_lost_nothing_late, a_gap_is_measured_and_its_packets_counted,
	  late_is_not_lost_and_twice_is_not_late, late_before_the_first_moves_the_start,
	  a_new_source_keeps_the_old_loss, reset_counts_from_the_next_number,
	  rtp_headers_there_and_back, sdp_there_and_back, sdp_of_others)
