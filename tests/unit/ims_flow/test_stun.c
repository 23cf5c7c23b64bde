/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "modules/ims_flow/core/stun.h"

#define ID	"\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae"
#define REQUEST "\x00\x01\x00\x00\x21\x12\xa4\x42" ID

/* The transaction and mapped addresses of RFC 5769 2.2 and 2.3. */
START_TEST(the_mapped_address_is_that_of_rfc_5769)
{
	struct netaddr v4 = {.family = 4, .ip = {192, 0, 2, 1}};
	struct netaddr v6 = {.family = 6,
			     .ip = {0x20, 0x01, 0x0d, 0xb8, 0x12, 0x34, 0x56, 0x78, 0x00, 0x11,
				    0x22, 0x33, 0x44, 0x55, 0x66, 0x77}};
	uint8_t out[STUN_ANSWER_MAX];

	ck_assert_uint_eq(flow_stun_answer((const uint8_t *)REQUEST, 20, &v4, 32853, out), 32);
	ck_assert_mem_eq(out,
			 "\x01\x01\x00\x0c\x21\x12\xa4\x42" ID
			 "\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43",
			 32);
	ck_assert_uint_eq(flow_stun_answer((const uint8_t *)REQUEST, 20, &v6, 32853, out), 44);
	ck_assert_mem_eq(out + 20,
			 "\x00\x20\x00\x14\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79\xbc\x25"
			 "\xf4\xb5\xbe\xd2\xb9\xd9",
			 24);
}
END_TEST

START_TEST(other_packets_get_no_answer)
{
	struct netaddr v4 = {.family = 4, .ip = {192, 0, 2, 1}};
	uint8_t p[24], out[STUN_ANSWER_MAX];

	memcpy(p, REQUEST, 20);
	for (size_t n = 0; n < 20; n++)
		ck_assert_uint_eq(flow_stun_answer(p, n, &v4, 1, out), 0);
	ck_assert_uint_eq(flow_stun_answer(p, 24, &v4, 1, out), 0);
	for (size_t i = 0; i < 8; i++) {
		memcpy(p, REQUEST, 20);
		p[i] ^= 1;
		ck_assert_msg(flow_stun_answer(p, 20, &v4, 1, out) == 0, "octet %zu", i);
	}
}
END_TEST

START_TEST(crlf_alone_is_a_keepalive)
{
	ck_assert(flow_keepalive_is_crlf((const uint8_t *)"\r\n", 2));
	ck_assert(flow_keepalive_is_crlf((const uint8_t *)"\r\n\r\n", 4));
	ck_assert(!flow_keepalive_is_crlf((const uint8_t *)"\r\n\r", 3));
	ck_assert(!flow_keepalive_is_crlf((const uint8_t *)"\n\n", 2));
	ck_assert(!flow_keepalive_is_crlf((const uint8_t *)"", 0));
}
END_TEST

UNIT_MAIN("flow stun", the_mapped_address_is_that_of_rfc_5769, other_packets_get_no_answer,
	  crlf_alone_is_a_keepalive)
