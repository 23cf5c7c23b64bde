/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include <string.h>
#include "agw/media/rtcp.h"

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* A sender report whose NTP time has this middle, without blocks. */
static size_t sender_report(uint8_t p[28], uint32_t middle)
{
	memset(p, 0, 28);
	p[0] = 0x80;
	p[1] = 200;
	p[3] = 6;
	put32(p + 10, middle);
	return 28;
}

/* A receiver report with n blocks; the last one answers. */
static size_t receiver_report(uint8_t *p, unsigned n, uint32_t last, uint32_t since)
{
	size_t len = 8 + 24 * n;

	memset(p, 0, len);
	p[0] = (uint8_t)(0x80 | n);
	p[1] = 201;
	p[3] = (uint8_t)(len / 4 - 1);
	put32(p + len - 8, last);
	put32(p + len - 4, since);
	return len;
}

START_TEST(the_way_there_and_back_is_what_the_report_leaves_over)
{
	struct rtcp_watch w = {0};
	uint8_t out[28], in[200];

	for (unsigned blocks = 1; blocks < 5; blocks++) {
		rtcp_watch_sent(&w, out, sender_report(out, 0x12345678), 1000000);
		/* Heard, kept for half a second, and here 570 ms after we had sent it. */
		ck_assert_int_eq(rtcp_watch_received(&w, in,
						     receiver_report(in, blocks, 0x12345678, 32768),
						     1570000),
				 70000);
	}
}
END_TEST

START_TEST(reports_behind_others_in_a_compound_count)
{
	struct rtcp_watch w = {0};
	uint8_t p[200], *at = p;

	at += receiver_report(at, 1, 99, 0);
	at += sender_report(at, 7);
	rtcp_watch_sent(&w, p, (size_t)(at - p), 500);
	ck_assert_uint_eq(w.report, 7);
	at = p;
	at += sender_report(at, 1234);
	at += receiver_report(at, 1, 7, 0);
	ck_assert_int_eq(rtcp_watch_received(&w, p, (size_t)(at - p), 900), 400);
}
END_TEST

START_TEST(what_does_not_answer_tells_nothing)
{
	struct rtcp_watch w = {0};
	uint8_t out[28], in[200];
	size_t n = receiver_report(in, 2, 0, 0);

	ck_assert_int_eq(rtcp_watch_received(&w, in, n, 5), -1); /* nothing was sent yet */
	rtcp_watch_sent(&w, out, sender_report(out, 42), 1000);
	ck_assert_int_eq(rtcp_watch_received(&w, in, n, 2000), -1);
	n = receiver_report(in, 1, 42, 65536); /* a second, of which one millisecond has passed */
	ck_assert_int_eq(rtcp_watch_received(&w, in, n, 2000), -1);
	n = receiver_report(in, 1, 42, 0);
	for (size_t cut = 0; cut < n; cut++)
		ck_assert_int_eq(rtcp_watch_received(&w, in, cut, 2000), -1);
	in[0] = 0x80 | 31; /* more blocks than there are */
	ck_assert_int_eq(rtcp_watch_received(&w, in, n, 2000), 1000);
	in[3] = 200; /* longer than it is */
	ck_assert_int_eq(rtcp_watch_received(&w, in, n, 2000), -1);
}
END_TEST

START_TEST(the_last_block_says_what_the_peer_hears)
{
	struct rtcp_reported said;
	uint8_t p[200], *at = p;
	size_t n = receiver_report(p, 2, 0, 0);

	ck_assert(!rtcp_reported(p, sender_report(p, 7), &said));
	n = receiver_report(p, 2, 0, 0);
	p[8 + 24 + 4] = 64;	     /* a quarter */
	p[8 + 24 + 7] = 9;	     /* nine in all */
	put32(p + 8 + 24 + 12, 160); /* 20 ms of 8,000 Hz */
	ck_assert(rtcp_reported(p, n, &said));
	ck_assert_uint_eq(said.fraction, 64);
	ck_assert_uint_eq(said.lost, 9);
	ck_assert_uint_eq(said.jitter, 160);
	put32(p + 8 + 24 + 4, 0x00ffffff); /* more came than was sent */
	ck_assert(rtcp_reported(p, n, &said));
	ck_assert_uint_eq(said.lost, 0);
	for (size_t cut = 0; cut < n; cut++)
		ck_assert(!rtcp_reported(p, cut, &said));
	p[0] = 0x80 | 31; /* more blocks than there are */
	ck_assert(rtcp_reported(p, n, &said));
	at += receiver_report(at, 1, 0, 0);
	p[8 + 4] = 200;
	at += sender_report(at, 1);
	ck_assert(rtcp_reported(p, (size_t)(at - p), &said));
	ck_assert_uint_eq(said.fraction, 200);
}
END_TEST

UNIT_MAIN("rtcp", the_last_block_says_what_the_peer_hears,
	  the_way_there_and_back_is_what_the_report_leaves_over,
	  reports_behind_others_in_a_compound_count, what_does_not_answer_tells_nothing)
