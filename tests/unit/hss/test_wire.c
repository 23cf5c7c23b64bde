/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is done to the octets of a message before freeDiameter sees them. */
#include "unit/unit.h"

#include "hss/diameter/wire.h"
#include "unit/hss/diameter/dm.h"

enum { VENDOR = 10415, APP = 16777216 };

static const struct wire_avp avps[] = {
    {0, 1, WIRE_OCTETS},       {0, 257, WIRE_OCTETS},  {0, 258, WIRE_32},
    {0, 259, WIRE_32},	       {0, 260, WIRE_GROUP},   {0, 263, WIRE_OCTETS},
    {0, 264, WIRE_OCTETS},     {0, 266, WIRE_32},      {0, 268, WIRE_32},
    {0, 279, WIRE_GROUP},      {0, 280, WIRE_OCTETS},  {0, 282, WIRE_OCTETS},
    {0, 283, WIRE_OCTETS},     {0, 284, WIRE_GROUP},   {0, 287, WIRE_64},
    {0, 293, WIRE_OCTETS},     {0, 296, WIRE_OCTETS},  {VENDOR, 601, WIRE_OCTETS},
    {VENDOR, 612, WIRE_GROUP}, {VENDOR, 613, WIRE_32}, {VENDOR, 623, WIRE_32},
};
static const struct wire_rule rules[] = {
    {0, 263, 1, 1, WIRE_OCTETS},       {0, 283, 1, 1, WIRE_OCTETS},  {0, 1, 1, 1, WIRE_OCTETS},
    {VENDOR, 601, 1, -1, WIRE_OCTETS}, {VENDOR, 623, 0, 1, WIRE_32},
};
static const struct wire_command commands[] = {{APP, 300, rules, 5}};
static const struct wire_dict dict = {avps, sizeof(avps) / sizeof(avps[0]), commands, 1};

static struct dm m;
static const char *why;

static enum wire_verdict check(void)
{
	dm_end(&m);
	return wire_check(&dict, m.octets, m.len, &why);
}

static void begin_request(void)
{
	dm_begin(&m, 0xc0, 300, APP, 1, 1);
	dm_text(&m, 263, 0, "s;1;2");
	dm_text(&m, 264, 0, "scscf.home1.net");
	dm_text(&m, 296, 0, "home1.net");
	dm_text(&m, 283, 0, "home1.net");
}

static void begin_answer(uint32_t command)
{
	dm_begin(&m, 0, command, 0, 1, 1);
}

/* The fault that the request tells now; its quoted AVP comes out, too. */
static struct dm_avp told(uint32_t result)
{
	struct dm_avp fault, failed = {0};
	struct wire_fault f;
	struct dm_list list;

	ck_assert(dm_find(dm_avps(&m), WIRE_CODE_FAULT, 0, 0, &fault));
	ck_assert_int_eq(wire_fault_read(fault.data, fault.len, &f), 0);
	ck_assert_uint_eq(f.result, result);
	list = (struct dm_list){f.failed, f.failed_len};
	ck_assert(dm_next(&list, &failed));
	ck_assert_uint_eq(list.len, 0);
	ck_assert(dm_count(dm_avps(&m), 283, 0) == 1); /* it still finds its way */
	return failed;
}

static size_t masked(void)
{
	return dm_count(dm_avps(&m), WIRE_CODE_MASKED, 0);
}

START_TEST(a_good_message_stays_as_it_is)
{
	static struct dm before;

	begin_request();
	dm_text(&m, 1, 0, "u@h");
	dm_text(&m, 601, VENDOR, "sip:u@h");
	dm_u32(&m, 623, VENDOR, 1);
	dm_add(&m, 9999, VENDOR, false, "unknown", 7);
	dm_end(&m);
	before = m;
	ck_assert_int_eq(check(), WIRE_GOOD);
	ck_assert_uint_eq(dm_count(dm_avps(&m), 263, 0), 0); /* only the Session-Id is hidden */
	memcpy(m.octets + 20, before.octets + 20, 4);
	ck_assert_mem_eq(before.octets, m.octets, m.len);
}
END_TEST

START_TEST(an_impossible_length_is_quoted_with_zeroes_of_the_least_length)
{
	static const size_t lengths[] = {0, 1, 3, 5, 8};

	for (size_t i = 0; i < 5; i++) {
		struct dm_avp failed;

		begin_request();
		dm_text(&m, 1, 0, "u@h");
		dm_text(&m, 601, VENDOR, "sip:u@h");
		dm_add(&m, 623, VENDOR, true, "\1\2\3\4\5\6\7\10", lengths[i]);
		ck_assert_int_eq(check(), WIRE_REFUSED);
		failed = told(5014);
		ck_assert_uint_eq(failed.code, 623);
		ck_assert_uint_eq(failed.vendor, VENDOR);
		ck_assert_uint_eq(failed.len, 4);
		ck_assert_mem_eq(failed.data, "\0\0\0\0", 4);
		ck_assert_uint_eq(dm_count(dm_avps(&m), WIRE_CODE_SESSION, 0), 1);
	}
}
END_TEST

START_TEST(a_fault_in_a_group_is_quoted_with_the_group)
{
	struct dm_avp failed, inner;
	size_t at;

	begin_request();
	dm_text(&m, 1, 0, "u@h");
	dm_text(&m, 601, VENDOR, "sip:u@h");
	at = dm_open(&m, 612, VENDOR);
	dm_add(&m, 613, VENDOR, true, "ab", 2);
	dm_close(&m, at);
	ck_assert_int_eq(check(), WIRE_REFUSED);
	failed = told(5014);
	ck_assert_uint_eq(failed.code, 612);
	ck_assert(dm_find(dm_group(&failed), 613, VENDOR, 0, &inner));
	ck_assert_uint_eq(inner.len, 4);
}
END_TEST

START_TEST(what_is_missing_too_many_or_unknown_is_quoted)
{
	struct dm_avp failed;

	begin_request();
	dm_text(&m, 1, 0, "u@h");
	ck_assert_int_eq(check(), WIRE_REFUSED);
	failed = told(5005);
	ck_assert_uint_eq(failed.code, 601);
	ck_assert_uint_eq(failed.vendor, VENDOR);

	begin_request();
	dm_text(&m, 1, 0, "first@h");
	dm_text(&m, 601, VENDOR, "sip:u@h");
	dm_text(&m, 1, 0, "second@h");
	ck_assert_int_eq(check(), WIRE_REFUSED);
	failed = told(5009);
	ck_assert(dm_is(&failed, "second@h")); /* the first one that is too many */

	begin_request();
	dm_text(&m, 1, 0, "u@h");
	dm_text(&m, 601, VENDOR, "sip:u@h");
	dm_add(&m, 9999, VENDOR, true, "x", 1);
	ck_assert_int_eq(check(), WIRE_REFUSED);
	failed = told(5001);
	ck_assert(dm_is(&failed, "x"));

	begin_request();
	dm_text(&m, 1, 0, "u@h");
	dm_text(&m, 601, VENDOR, "sip:u@h");
	dm_add(&m, 9999, 0, true, "", 0); /* libfdcore cannot quote it */
	ck_assert_int_eq(check(), WIRE_REFUSED);
	ck_assert_uint_eq(told(5001).code, 9999);
}
END_TEST

/* "RTA: Result-Code of 1 octet", "unknown AVP with M before Result-Code": libfdcore asserts on both. */
START_TEST(an_answer_loses_what_libfdcore_would_assert_on)
{
	static const size_t lengths[] = {0, 1, 2, 3, 5, 6, 7, 8};

	for (size_t i = 0; i < 8; i++) {
		begin_answer(280);
		dm_add(&m, 268, 0, true, "\1\2\3\4\5\6\7\10", lengths[i]);
		dm_text(&m, 264, 0, "h");
		ck_assert_int_eq(check(), WIRE_MENDED);
		ck_assert_uint_eq(masked(), 1);
		ck_assert_uint_eq(dm_count(dm_avps(&m), 268, 0), 0);
		ck_assert_uint_eq(dm_count(dm_avps(&m), 264, 0), 1);
	}
	begin_answer(280); /* "vendor 0": found by its code, but without a value */
	dm_add(&m, 278, 1, true, "\0\0\0\1", 4);
	memset(m.octets + 20 + 8, 0, 4);
	ck_assert_int_eq(check(), WIRE_MENDED);
	begin_answer(304);
	dm_add(&m, 4711, 9999, true, "x", 1);
	dm_u32(&m, 268, 0, 2001);
	ck_assert_int_eq(check(), WIRE_MENDED);
	ck_assert_uint_eq(masked(), 1);
	ck_assert_uint_eq(dm_count(dm_avps(&m), 268, 0), 1);
	begin_answer(304);
	dm_add(&m, 297 - 18, 0, true, "abc", 3); /* a group that is none */
	dm_u32(&m, 268, 0, 2001);
	ck_assert_int_eq(check(), WIRE_MENDED);
	ck_assert_uint_eq(dm_count(dm_avps(&m), 268, 0), 1);
}
END_TEST

/* From anybody, before the peer is known. */
START_TEST(an_application_identifier_with_strange_content_is_masked)
{
	for (int i = 0; i < 3; i++) {
		size_t at, in;

		dm_begin(&m, 0x80, 257, 0, 1, 1);
		at = dm_open(&m, 260, 0);
		if (i == 0) {
			dm_add(&m, 4711, 0, false, "x", 1); /* unknown: it has no value */
		} else if (i == 1) {
			in = dm_open(&m, 279, 0); /* a group has no value */
			dm_close(&m, in);
		} else {
			dm_text(&m, 1, 0, "u@h");
		}
		dm_u32(&m, 258, 0, APP);
		dm_close(&m, at);
		ck_assert_int_eq(check(), WIRE_MENDED);
		ck_assert_uint_eq(masked(), 1);
		ck_assert_uint_eq(dm_count(dm_avps(&m), 260, 0), 0);
	}
	dm_begin(&m, 0x80, 257, 0, 1, 1);
	{
		size_t at = dm_open(&m, 260, 0);

		dm_u32(&m, 266, 0, VENDOR);
		dm_u32(&m, 258, 0, APP);
		dm_add(&m, 1, 9999, false, "vendors are passed over", 23);
		dm_close(&m, at);
	}
	ck_assert_int_eq(check(), WIRE_GOOD);
}
END_TEST

START_TEST(an_address_that_is_none_is_masked)
{
	static const struct {
		uint8_t octets[18];
		size_t len;
		bool good;
	} cases[] = {{{0, 1, 10, 9, 9, 2}, 6, true},
		     {{0, 2}, 18, true},
		     {{0, 1, 10, 9, 9}, 5, false},
		     {{0, 2}, 6, false},
		     {{0}, 0, false},
		     {{1, 1, 10, 9, 9, 2}, 6, false}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		dm_begin(&m, 0x80, 257, 0, 1, 1);
		dm_add(&m, 257, 0, true, cases[i].octets, cases[i].len);
		ck_assert_int_eq(check(), cases[i].good ? WIRE_GOOD : WIRE_MENDED);
	}
}
END_TEST

START_TEST(lengths_that_lie_about_what_follows_are_refused_or_cut)
{
	begin_request();
	dm_text(&m, 1, 0, "u@h");
	dm_text(&m, 601, VENDOR, "sip:u@h");
	m.octets[m.len - 12 - 8 + 7] = 200; /* beyond the message */
	ck_assert_int_eq(check(), WIRE_REFUSED);
	told(5014);

	begin_answer(280);
	dm_u32(&m, 268, 0, 2001);
	dm_text(&m, 264, 0, "h");
	m.octets[20 + 12 + 7] = 7; /* below its header */
	ck_assert_int_eq(check(), WIRE_MENDED);
	ck_assert_uint_eq(masked(), 1);
	ck_assert_uint_eq(dm_count(dm_avps(&m), 268, 0), 1);

	begin_answer(280); /* a rest that is no AVP at all goes with the one before */
	dm_u32(&m, 268, 0, 2001);
	memset(m.octets + m.len, 0, 4);
	m.len += 4;
	ck_assert_int_eq(check(), WIRE_MENDED);
	ck_assert_uint_eq(masked(), 1);

	begin_answer(280);
	memset(m.octets + m.len, 0, 4);
	m.len += 4;
	ck_assert_int_eq(check(), WIRE_BROKEN);
}
END_TEST

START_TEST(groups_have_a_depth_and_messages_an_end)
{
	size_t at[WIRE_DEPTH_MAX + 1];

	begin_request();
	dm_text(&m, 1, 0, "u@h");
	dm_text(&m, 601, VENDOR, "sip:u@h");
	for (size_t i = 0; i <= WIRE_DEPTH_MAX; i++)
		at[i] = dm_open(&m, 279, 0);
	for (size_t i = WIRE_DEPTH_MAX + 1; i > 0; i--)
		dm_close(&m, at[i - 1]);
	ck_assert_int_eq(check(), WIRE_REFUSED);
	told(5014);

	begin_answer(280);
	for (int i = 0; i < WIRE_AVPS_MAX + 10; i++)
		dm_add(&m, 9998, 0, false, "", 0);
	ck_assert_int_eq(check(), WIRE_MENDED);
	ck_assert_uint_eq(masked(), 1);
}
END_TEST

START_TEST(a_copied_group_is_padded)
{
	size_t at;

	dm_begin(&m, 0xc0, 999, 4, 1, 1);
	at = dm_open(&m, 284, 0);
	dm_add(&m, 280, 0, true, "proxy.home1.net", 15);
	dm_close(&m, at);
	ck_assert_int_eq(check(), WIRE_GOOD);
	dm_begin(&m, 0xc0, 999, 4, 1, 1);
	at = dm_open(&m, 284, 0);
	dm_add(&m, 280, 0, true, "proxy.home1.net", 15);
	dm_close(&m, at);
	m.octets[at + 7]--; /* libfdcore would write past what it has allocated */
	ck_assert_int_eq(check(), WIRE_MENDED);
	dm_begin(&m, 0xc0, 999, 4, 1, 1);
	at = dm_open(&m, 284, 0);
	dm_add(&m, 9999, VENDOR, false, "", 0); /* libfdcore could not write it again */
	dm_close(&m, at);
	ck_assert_int_eq(check(), WIRE_MENDED);
}
END_TEST

START_TEST(a_name_that_looks_decorated_is_kept_from_routing)
{
	begin_request();
	dm_text(&m, 1, 0, "a!b@home1.net");
	dm_text(&m, 601, VENDOR, "sip:u@h");
	ck_assert_int_eq(check(), WIRE_GOOD);
	ck_assert_uint_eq(dm_count(dm_avps(&m), 1, 0), 0);
	ck_assert_uint_eq(dm_count(dm_avps(&m), WIRE_CODE_USER_NAME, 0), 1);
}
END_TEST

START_TEST(nobody_but_us_tells_faults)
{
	begin_request();
	dm_text(&m, 1, 0, "u@h");
	dm_text(&m, 601, VENDOR, "sip:u@h");
	dm_add(&m, WIRE_CODE_FAULT, 0, false, "\0\0\7\xd1\0\0\0\0", 8);
	ck_assert_int_eq(check(), WIRE_MENDED);
	ck_assert_uint_eq(dm_count(dm_avps(&m), WIRE_CODE_FAULT, 0), 0);
}
END_TEST

START_TEST(a_fault_value_of_anybody_is_read_within_its_bounds)
{
	static const uint8_t lies[] = {0, 0, 0x13, 0x8d, 0, 0, 0, 200, 1, 2, 3, 4};
	struct wire_fault f;

	ck_assert_int_eq(wire_fault_read(lies, sizeof(lies), &f), -1);
	ck_assert_int_eq(wire_fault_read(lies, 7, &f), -1);
}
END_TEST

UNIT_MAIN("hss wire", a_good_message_stays_as_it_is,
	  an_impossible_length_is_quoted_with_zeroes_of_the_least_length,
	  a_fault_in_a_group_is_quoted_with_the_group,
	  what_is_missing_too_many_or_unknown_is_quoted,
	  an_answer_loses_what_libfdcore_would_assert_on,
	  an_application_identifier_with_strange_content_is_masked,
	  an_address_that_is_none_is_masked, lengths_that_lie_about_what_follows_are_refused_or_cut,
	  groups_have_a_depth_and_messages_an_end, a_copied_group_is_padded,
	  a_name_that_looks_decorated_is_kept_from_routing, nobody_but_us_tells_faults,
	  a_fault_value_of_anybody_is_read_within_its_bounds)
