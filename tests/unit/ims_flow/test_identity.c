/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "modules/ims_flow/core/identity.h"

#define IMPUS "sip:alice@home1.net\ntel:+1-201-555-0123\nsip:work@home1.net"

static const struct identity_owner owner = {
    .impus = {IMPUS, sizeof(IMPUS) - 1},
    .address = {"10.1.0.10", 9},
    .port_c = 6100,
    .port_s = 6101,
    .ipsec = true,
};

static struct identity_claim claim(const char *asserted, const char *via, uint16_t port,
				   const char *contact)
{
	struct identity_claim c = {
	    .via_host = slice_str(via), .via_port = port, .contact = slice_str(contact)};

	if (asserted) {
		c.asserted[0] = slice_str(asserted);
		c.n_asserted = 1;
	}
	return c;
}

START_TEST(identities_are_compared_as_identities)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
	    {"sip:alice@home1.net", "sip:alice@HOME1.NET", true},
	    {"sip:alice@home1.net", "sips:alice@home1.net;user=phone", true},
	    {"sip:alice@home1.net", "sip:Alice@home1.net", false},
	    {"sip:alice@home1.net", "sip:alice@home2.net", false},
	    {"tel:+1-201-555-0123", "tel:+12015550123;phone-context=x", true},
	    {"TEL:+1(201)555.0123", "tel:+12015550123", true},
	    {"tel:+12015550123", "tel:+1201555012", false},
	    {"tel:+1", "sip:+1@home1.net", false},
	    {"garbage", "garbage", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(flow_identity_same(slice_str(cases[i].a), slice_str(cases[i].b)) ==
				  cases[i].same,
			      "case %zu", i);
}
END_TEST

START_TEST(only_what_is_registered_may_speak)
{
	static const struct {
		const char *asserted, *via;
		uint16_t port;
		const char *contact;
		enum identity_verdict verdict;
		const char *speaker;
	} cases[] = {
	    {NULL, "10.1.0.10", 6101, "sip:alice@10.1.0.10:6101", IDENTITY_OK,
	     "sip:alice@home1.net"},
	    {"sip:work@home1.net", "10.1.0.10", 6101, "", IDENTITY_OK, "sip:work@home1.net"},
	    {"tel:+12015550123", "10.1.0.10", 6100, "", IDENTITY_OK, "tel:+1-201-555-0123"},
	    {"sip:bob@home1.net", "10.1.0.10", 6101, "", IDENTITY_NOT_REGISTERED, NULL},
	    {NULL, "10.1.0.11", 6101, "", IDENTITY_VIA, NULL},
	    {NULL, "10.1.0.10", 5060, "", IDENTITY_VIA, NULL},
	    {NULL, "10.1.0.10", 0, "", IDENTITY_VIA, NULL},
	    {NULL, "phone.example", 6101, "", IDENTITY_OK, "sip:alice@home1.net"},
	    {NULL, "10.1.0.10", 6101, "sip:alice@10.1.0.11:6101", IDENTITY_CONTACT, NULL},
	    {NULL, "10.1.0.10", 6101, "sip:alice@10.1.0.10", IDENTITY_CONTACT, NULL},
	    {NULL, "10.1.0.10", 6101, "sip:alice@10.1.0.10:5060", IDENTITY_CONTACT, NULL},
	    {NULL, "10.1.0.10", 6101, "mailto:a@b", IDENTITY_CONTACT, NULL},
	    {NULL, "10.1.0.10", 6101, "sip:alice@home1.net;gr=urn:uuid:1", IDENTITY_OK,
	     "sip:alice@home1.net"},
	    {NULL, "10.1.0.10", 6101, "sip:bob@home1.net;gr=urn:uuid:1", IDENTITY_CONTACT, NULL},
	    {NULL, "10.1.0.10", 6101, "sip:alice@home1.net", IDENTITY_CONTACT, NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct identity_claim c =
		    claim(cases[i].asserted, cases[i].via, cases[i].port, cases[i].contact);
		struct slice speaker = SLICE_LIT("untouched");

		ck_assert_msg(flow_identity_check(&c, &owner, &speaker) == cases[i].verdict,
			      "case %zu", i);
		ck_assert_msg(
		    slice_eq(speaker, slice_str(cases[i].speaker ? cases[i].speaker : "untouched")),
		    "case %zu", i);
	}
}
END_TEST

START_TEST(each_of_two_asserted_identities_counts)
{
	struct identity_claim c = claim("tel:+12015550123", "10.1.0.10", 6101, "");
	struct slice speaker;

	c.asserted[1] = SLICE_LIT("sip:work@home1.net");
	c.n_asserted = 2;
	ck_assert_int_eq(flow_identity_check(&c, &owner, &speaker), IDENTITY_OK);
	ck_assert(slice_eq(speaker, SLICE_LIT("tel:+1-201-555-0123")));
	c.asserted[1] = SLICE_LIT("sip:bob@home1.net");
	ck_assert_int_eq(flow_identity_check(&c, &owner, &speaker), IDENTITY_NOT_REGISTERED);
}
END_TEST

START_TEST(without_sas_only_the_identity_is_judged)
{
	struct identity_owner plain = owner;
	struct identity_claim c = claim(NULL, "192.168.1.2", 5060, "sip:alice@192.168.1.2");
	struct slice speaker;

	plain.ipsec = false;
	ck_assert_int_eq(flow_identity_check(&c, &plain, &speaker), IDENTITY_OK);
}
END_TEST

START_TEST(behind_a_nat_either_address_is_its_own)
{
	struct identity_owner o = owner;
	struct identity_claim inside = claim(NULL, "10.1.0.10", 6101, "sip:alice@10.1.0.10:6101"),
			      outside = claim(NULL, "192.0.2.7", 6101, "sip:alice@192.0.2.7:6101"),
			      other = claim(NULL, "10.1.0.10", 6101, "sip:alice@192.0.2.8:6101");
	struct slice speaker;

	ck_assert_int_eq(flow_identity_check(&outside, &o, &speaker), IDENTITY_VIA);
	o.nat = SLICE_LIT("192.0.2.7");
	ck_assert_int_eq(flow_identity_check(&outside, &o, &speaker), IDENTITY_OK);
	ck_assert_int_eq(flow_identity_check(&inside, &o, &speaker), IDENTITY_OK);
	ck_assert_int_eq(flow_identity_check(&other, &o, &speaker), IDENTITY_CONTACT);
	outside.via_port = 5060;
	ck_assert_int_eq(flow_identity_check(&outside, &o, &speaker), IDENTITY_VIA);
}
END_TEST

START_TEST(lists_of_uris_are_collected)
{
	char out[64] = "";

	ck_assert(flow_identity_list_add(SLICE_LIT("<sip:a@b>, \"A, B\" <tel:+1>;x=y"), out,
					 sizeof(out)));
	ck_assert(flow_identity_list_add(SLICE_LIT("sip:c@d"), out, sizeof(out)));
	ck_assert_str_eq(out, "sip:a@b\ntel:+1\nsip:c@d");
	ck_assert(!flow_identity_list_add(SLICE_LIT("<sip:e@f>, <broken"), out, sizeof(out)));
	ck_assert(!flow_identity_list_add(
	    SLICE_LIT("<sip:0123456789012345678901234567890123456789@toolong>"), out, sizeof(out)));
	ck_assert_str_eq(out, "sip:a@b\ntel:+1\nsip:c@d");
}
END_TEST

UNIT_MAIN("flow identity", identities_are_compared_as_identities, only_what_is_registered_may_speak,
	  each_of_two_asserted_identities_counts, without_sas_only_the_identity_is_judged,
	  behind_a_nat_either_address_is_its_own, lists_of_uris_are_collected)
