/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include <string.h>
#include "agw/media/bfcp.h"

/* Hello without payload, then a FloorRequest with 8 octets. */
static const uint8_t two[] = {0x20, 11, 0, 0, 0, 0, 0, 1, 0, 1, 0, 2, 0x20, 1, 0, 2,
			      0,    0,	0, 1, 0, 2, 0, 2, 4, 4, 0, 1, 0,    0, 0, 0};

START_TEST(messages_are_counted_at_any_cut)
{
	for (size_t cut = 0; cut <= sizeof(two); cut++) {
		struct bfcp_framer f = {0};
		uint64_t n = 0;

		ck_assert_int_eq(bfcp_framer_feed(&f, two, cut, &n), 0);
		ck_assert_int_eq(bfcp_framer_feed(&f, two + cut, sizeof(two) - cut, &n), 0);
		ck_assert_uint_eq(n, 2);
	}
}
END_TEST

START_TEST(what_is_no_bfcp_is_refused)
{
	uint8_t bad[12];
	uint64_t n = 0;
	struct bfcp_framer f = {0};

	ck_assert_int_eq(bfcp_framer_feed(&f, (const uint8_t *)"GET / HTTP/1", 12, &n), -1);
	memcpy(bad, two, 12);
	bad[1] = 0;
	f = (struct bfcp_framer){0};
	ck_assert_int_eq(bfcp_framer_feed(&f, bad, 1, &n), 0);
	ck_assert_int_eq(bfcp_framer_feed(&f, bad + 1, 1, &n), -1);
	ck_assert_uint_eq(n, 0);
}
END_TEST

START_TEST(the_fragment_bit_means_nothing_over_tcp)
{
	uint8_t flagged[sizeof(two)];
	uint64_t n = 0;
	struct bfcp_framer f = {0};

	memcpy(flagged, two, sizeof(two));
	flagged[0] |= 0x08;
	ck_assert_int_eq(bfcp_framer_feed(&f, flagged, sizeof(flagged), &n), 0);
	ck_assert_uint_eq(n, 2);
}
END_TEST

UNIT_MAIN("bfcp", messages_are_counted_at_any_cut, what_is_no_bfcp_is_refused,
	  the_fragment_bit_means_nothing_over_tcp)
