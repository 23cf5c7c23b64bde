/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include <string.h>
#include "agw/media/demux.h"

START_TEST(first_octets_tell)
{
	uint8_t p[64] = {0x80, 0};

	ck_assert_int_eq(demux_datagram(p, 12), DEMUX_RTP);
	ck_assert_int_eq(demux_datagram(p, 11), DEMUX_UNKNOWN);
	p[1] = 200;
	ck_assert_int_eq(demux_datagram(p, 8), DEMUX_RTCP);
	ck_assert_int_eq(demux_datagram(p, 7), DEMUX_UNKNOWN);
	p[1] = 191;
	ck_assert_int_eq(demux_datagram(p, 12), DEMUX_RTP);
	p[1] = 224;
	ck_assert_int_eq(demux_datagram(p, 12), DEMUX_RTP);
	p[0] = 0xc0;
	ck_assert_int_eq(demux_datagram(p, 64), DEMUX_UNKNOWN);
	ck_assert_int_eq(demux_datagram(p, 0), DEMUX_UNKNOWN);
}
END_TEST

START_TEST(rtp_headers_must_fit)
{
	uint8_t p[64] = {0x80 | 2, 0};

	ck_assert_uint_eq(demux_rtp_header(p, 20), 20);
	ck_assert_uint_eq(demux_rtp_header(p, 19), 0);
	p[0] = 0x90;
	p[15] = 3;
	ck_assert_uint_eq(demux_rtp_header(p, 28), 28);
	ck_assert_uint_eq(demux_rtp_header(p, 27), 0);
	ck_assert_uint_eq(demux_rtp_header(p, 15), 0);
	p[14] = p[15] = 255;
	ck_assert_int_eq(demux_datagram(p, 64), DEMUX_UNKNOWN);
}
END_TEST

START_TEST(stun_needs_cookie_and_length)
{
	uint8_t p[24] = {0, 1, 0, 4, 0x21, 0x12, 0xa4, 0x42};

	ck_assert_int_eq(demux_datagram(p, 24), DEMUX_STUN);
	ck_assert_int_eq(demux_datagram(p, 23), DEMUX_UNKNOWN);
	p[4] = 0;
	ck_assert_int_eq(demux_datagram(p, 24), DEMUX_UNKNOWN);
}
END_TEST

START_TEST(client_hello_of_tls_and_dtls)
{
	uint8_t d[14] = {22, 0xfe, 0xff, [13] = 1}, t[6] = {22, 3, 1, 0, 5, 1};

	ck_assert_int_eq(demux_datagram(d, 14), DEMUX_DTLS);
	ck_assert(demux_dtls_client_hello(d, 14));
	d[13] = 2;
	ck_assert(!demux_dtls_client_hello(d, 14));
	ck_assert(!demux_dtls_client_hello(d, 13));
	ck_assert(demux_tls_client_hello(t, 6));
	ck_assert(!demux_tls_client_hello(t, 5));
	t[5] = 2;
	ck_assert(!demux_tls_client_hello(t, 6));
}
END_TEST

UNIT_MAIN("demux", first_octets_tell, rtp_headers_must_fit, stun_needs_cookie_and_length,
	  client_hello_of_tls_and_dtls)
