/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a request for a public identity goes, and how identities are written. */
#include <stdio.h>
#include <stdlib.h>

#include "unit/ims_seamless_scscf/fixture.h"

#include "modules/ims_seamless_scscf/core/identity.h"
#include "modules/ims_seamless_scscf/core/lookup.h"
#include "sip/uri.h"

#define TEL S("tel:+4930123456")

static void bind(struct scscf_model *m, struct slice contact, struct slice path,
		 struct slice instance, uint32_t reg_id, uint16_t q, uint64_t now_ms)
{
	struct slice impus[] = {IMPU1, TEL};
	struct scscf_binding_info i = {.contact = contact,
				       .path = path,
				       .instance = instance,
				       .reg_id = reg_id,
				       .q_milli = q,
				       .call_id = S("c"),
				       .cseq = 1,
				       .expires_s = 600};

	ck_assert_int_eq(
	    scscf_model_bind(m, fixture_set(m, IMPI1, impus, 2), &i, now_ms, NULL, NULL), 0);
}

static size_t look(struct scscf_model *m, struct slice impu, struct scscf_arena *a,
		   struct scscf_targets *t)
{
	return scscf_lookup(m, impu, 5000, a, t) ? 0 : t->n;
}

START_TEST(higher_q_first_then_what_registered_last)
{
	struct scscf_model *m = fixture_model();
	struct scscf_arena a = {0};
	struct scscf_targets t;

	bind(m, S("sip:10.1.0.1"), PATH1, SLICE_NULL, 0, 500, 1000);
	bind(m, S("sip:10.1.0.2"), PATH1, SLICE_NULL, 0, 1000, 2000);
	bind(m, S("sip:10.1.0.3"), PATH2, SLICE_NULL, 0, 1000, 3000);
	ck_assert_uint_eq(look(m, IMPU1, &a, &t), 3);
	ck_assert(slice_eq(t.target[0].contact, S("sip:10.1.0.3")) &&
		  slice_eq(t.target[0].path, PATH2));
	ck_assert(slice_eq(t.target[1].contact, S("sip:10.1.0.2")));
	ck_assert(slice_eq(t.target[2].contact, S("sip:10.1.0.1")));
	for (size_t i = 0; i < t.n; i++)
		ck_assert(!t.target[i].alternative && t.target[i].connection &&
			  t.target[i].binding);
	scscf_arena_free(&a);
	fixture_done(m);
}
END_TEST

/* RFC 5626 7: never two contacts of one instance at a time. */
START_TEST(flows_of_one_instance_are_tried_one_after_the_other)
{
	struct scscf_model *m = fixture_model();
	struct scscf_arena a = {0};
	struct scscf_targets t;

	bind(m, S("sip:10.1.0.1"), PATH1, S("<urn:a>"), 1, 1000, 1000);
	bind(m, S("sip:10.1.0.9"), PATH1, S("<urn:b>"), 1, 1000, 1500);
	bind(m, S("sip:10.2.0.1"), PATH2, S("<urn:a>"), 2, 1000, 2000);
	ck_assert_uint_eq(look(m, IMPU1, &a, &t), 3);
	ck_assert(t.target[0].reg_id == 2 && !t.target[0].alternative);
	ck_assert(t.target[1].reg_id == 1 && t.target[1].alternative &&
		  slice_eq(t.target[1].instance, S("<urn:a>")));
	ck_assert(slice_eq(t.target[2].instance, S("<urn:b>")) && !t.target[2].alternative);
	scscf_arena_free(&a);
	fixture_done(m);
}
END_TEST

/* Without reg-id they are two connections of one phone (C1-062198 2.1): both ring. */
START_TEST(connections_without_reg_id_ring_together)
{
	struct scscf_model *m = fixture_model();
	struct scscf_arena a = {0};
	struct scscf_targets t;

	bind(m, S("sip:10.1.0.1"), PATH1, S("<urn:a>"), 0, 1000, 1000);
	bind(m, S("sip:10.2.0.1"), PATH2, S("<urn:a>"), 0, 1000, 2000);
	ck_assert_uint_eq(look(m, IMPU1, &a, &t), 2);
	ck_assert(!t.target[0].alternative && !t.target[1].alternative);
	scscf_arena_free(&a);
	fixture_done(m);
}
END_TEST

START_TEST(only_active_connections_and_what_has_not_run_out)
{
	struct scscf_model *m = fixture_model();
	struct scscf_arena a = {0};
	struct scscf_targets t;
	struct scscf_effects e;
	const struct scscf_unbind_how how = {.event = SCSCF_CONTACT_UNREGISTERED};

	fixture_users(m);
	fixture_call(m, S("call1"));
	ck_assert_uint_eq(look(m, IMPU2, &a, &t), 1);
	scscf_effects_init(&e);
	scscf_model_unbind(m, scscf_model_set(m, IMPI1, IMPU1), SLICE_NULL, &how, 2000, &e);
	scscf_model_unbind(m, scscf_model_set(m, IMPI1, IMPU3), SLICE_NULL, &how, 2000, &e);
	ck_assert_int_eq(fixture_at(m, IMPI1, OLD)->state, SCSCF_CONNECTION_INACTIVE);
	ck_assert_int_eq(scscf_lookup(m, IMPU1, 5000, &a, &t), SCSCF_MODEL_E_UNKNOWN);
	/* It has run out, but nobody has noticed yet. */
	ck_assert_int_eq(scscf_lookup(m, IMPU_B, 1000 + 600001, &a, &t), 0);
	ck_assert_uint_eq(t.n, 0);
	scscf_effects_free(&e);
	scscf_arena_free(&a);
	fixture_done(m);
}
END_TEST

START_TEST(an_identity_is_found_in_every_form_that_means_the_same)
{
	static const char *const same[] = {"sip:user1_public1@home1.net",
					   "SIP:user1_public1@HOME1.net",
					   "sip:user1_public1@home1.net;user=ip",
					   "sip:user1%5Fpublic1@home1.net?subject=x",
					   "sip:%75ser1_public1@home1.net",
					   "tel:+4930123456",
					   "tel:+49-30-123456",
					   "TEL:+49(30)12.34-56",
					   "tel:+4930123456;isub=1",
					   "sip:+4930123456@other.net;user=phone",
					   "sip:+49-30-123456@home1.net"};
	static const char *const other[] = {"sip:USER1_public1@home1.net",
					    "sips:user1_public1@home1.net",
					    "sip:user1_public1@home2.net",
					    "sip:user1_public1@home1.net:5080",
					    "tel:+4930123457",
					    "tel:4930123456",
					    "sip:4930123456@home1.net",
					    "",
					    "tel:",
					    "urn:service:sos"};
	struct scscf_model *m = fixture_model();
	struct scscf_arena a = {0};
	struct scscf_targets t;

	bind(m, OLD, PATH1, SLICE_NULL, 0, 1000, 1000);
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		ck_assert_msg(look(m, slice_str(same[i]), &a, &t) == 1, "%s", same[i]);
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		ck_assert_msg(look(m, slice_str(other[i]), &a, &t) == 0, "%s", other[i]);
	scscf_arena_free(&a);
	fixture_done(m);
}
END_TEST

START_TEST(a_local_number_keeps_its_context)
{
	char a[SCSCF_IDENTITY_MAX], b[SCSCF_IDENTITY_MAX];
	struct slice x, y;

	ck_assert_int_eq(scscf_identity_key(S("tel:7042;isub=1;phone-context=HOME1.net"), a, &x),
			 0);
	ck_assert(slice_eq(x, S("tel:7042;phone-context=home1.net")));
	ck_assert_int_eq(scscf_identity_key(S("tel:70-42;phone-context=home1.net"), b, &y), 0);
	ck_assert(slice_eq(x, y));
	ck_assert_int_eq(scscf_identity_key(S("urn:service:sos"), a, &x), 0);
	ck_assert(slice_eq(x, S("urn:service:sos")));
}
END_TEST

/* Most identities are known as canonical at a glance; with another scheme's case they are taken
 * apart, and must come out the same. */
START_TEST(an_identity_is_the_same_however_it_is_read)
{
	static const char letters[] = "abcXYZ019-_.+!%~;:@", *const hosts[] = {
								 "home1.net",	"Home1.NET",
								 "192.0.2.7",	"[2001:db8::1]",
								 "a-b.example", "h:5060"};
	unsigned seed = 7;

	for (int round = 0; round < 20000; round++) {
		char quick[64] = "sip:", slow[64], a[SCSCF_IDENTITY_MAX], b[SCSCF_IDENTITY_MAX];
		struct slice x, y;
		struct sip_uri_parts u;
		size_t n = 4;

		for (int i = rand_r(&seed) % 9; i > 0; i--)
			quick[n++] = letters[(size_t)rand_r(&seed) % (sizeof(letters) - 1)];
		snprintf(quick + n, sizeof(quick) - n, "@%s", hosts[rand_r(&seed) % 6]);
		snprintf(slow, sizeof(slow), "SIP:%s", quick + 4);
		if (sip_uri_parse(slice_str(quick), &u))
			continue;
		ck_assert_int_eq(scscf_identity_key(slice_str(quick), a, &x), 0);
		ck_assert_int_eq(scscf_identity_key(slice_str(slow), b, &y), 0);
		ck_assert_msg(slice_eq(x, y), "%s: %.*s", quick, (int)x.len, x.p);
	}
}
END_TEST

START_TEST(an_identity_that_is_too_long_is_none)
{
	static char text[SCSCF_IDENTITY_MAX + 20];
	char buf[SCSCF_IDENTITY_MAX];
	struct slice out;

	memset(text, 'a', sizeof(text));
	memcpy(text, "sip:", 4);
	text[sizeof(text) - 3] = '@';
	ck_assert_int_eq(scscf_identity_key(slice_make(text, sizeof(text)), buf, &out), -1);
	memcpy(text, "tel:+", 5);
	ck_assert_int_eq(scscf_identity_key(slice_make(text, sizeof(text)), buf, &out), -1);
	memcpy(text, "http:", 5);
	ck_assert_int_eq(scscf_identity_key(slice_make(text, sizeof(text)), buf, &out), -1);
}
END_TEST

START_TEST(a_barred_identity_is_not_called)
{
	struct scscf_model *m = fixture_model();
	struct slice impus[] = {IMPU1, IMPU2};
	const bool barred[] = {true, false};
	struct scscf_arena a = {0};
	struct scscf_targets t;
	struct scscf_implicit_set *set;

	ck_assert_int_eq(scscf_model_learn_set(m, IMPI1, impus, barred, 2, &set), 0);
	fixture_bind(m, set, OLD, PATH1, SLICE_NULL, 0);
	ck_assert_int_eq(scscf_lookup(m, IMPU1, 1000, &a, &t), SCSCF_MODEL_E_UNKNOWN);
	ck_assert_int_eq(scscf_lookup(m, IMPU2, 1000, &a, &t), 0);
	ck_assert(scscf_lookup_barred(m, IMPU1));
	ck_assert(scscf_lookup_barred(m, S("SIP:%75ser1_public1@HOME1.net;x=y")));
	ck_assert(!scscf_lookup_barred(m, IMPU2));
	ck_assert(!scscf_lookup_barred(m, S("sip:nobody@home1.net")));
	ck_assert(!scscf_lookup_barred(m, S("no uri")));
	ck_assert(scscf_lookup_registered(m, IMPU1));
	ck_assert(scscf_lookup_registered(m, S("SIP:%75ser1_public1@HOME1.net;x=y")));
	ck_assert(!scscf_lookup_registered(m, S("sip:nobody@home1.net")));
	ck_assert(!scscf_lookup_registered(m, S("no uri")));
	scscf_arena_free(&a);
	fixture_done(m);
}
END_TEST

START_TEST(the_number_of_targets_is_bounded_and_none_stands_there_twice)
{
	struct scscf_model *m = fixture_model();
	struct slice impus[] = {IMPU1};
	struct scscf_arena a = {0};
	struct scscf_targets t;
	char impi[32], contact[40];

	for (int i = 0; i < 30; i++) {
		snprintf(impi, sizeof(impi), "device%d@home1.net", i);
		snprintf(contact, sizeof(contact), "sip:10.1.0.%d:5060", i / 2);
		fixture_bind(m, fixture_set(m, slice_str(impi), impus, 1), slice_str(contact),
			     PATH1, SLICE_NULL, 0);
	}
	ck_assert_int_eq(scscf_lookup(m, IMPU1, 1000, &a, &t), 0);
	ck_assert(t.n == 15 && !t.cut);
	for (int i = 0; i < 10; i++) {
		snprintf(impi, sizeof(impi), "further%d@home1.net", i);
		snprintf(contact, sizeof(contact), "sip:10.2.0.%d:5060", i);
		fixture_bind(m, fixture_set(m, slice_str(impi), impus, 1), slice_str(contact),
			     PATH1, SLICE_NULL, 0);
	}
	ck_assert_int_eq(scscf_lookup(m, IMPU1, 1000, &a, &t), 0);
	ck_assert(t.n == SCSCF_TARGETS_MAX && t.cut);
	scscf_arena_free(&a);
	fixture_done(m);
}
END_TEST

START_TEST(an_identity_is_told_as_the_hss_writes_it)
{
	struct scscf_model *m = fixture_model();
	struct slice number[] = {S("tel:+4930-123")}, out;
	struct scscf_arena a = {0};

	bind(m, S("sip:10.1.0.1"), PATH1, SLICE_NULL, 0, 1000, 1000);
	fixture_bind(m, fixture_set(m, IMPI2, number, 1), OLD_B, PATH2, SLICE_NULL, 0);
	ck_assert_int_eq(scscf_lookup_identity(m, IMPU1, &a, &out), 0);
	ck_assert(slice_eq(out, IMPU1));
	ck_assert_int_eq(scscf_lookup_identity(m, S("SIP:%75ser1_public1@HOME1.net;x=y"), &a, &out),
			 0);
	ck_assert(slice_eq(out, IMPU1));
	ck_assert_int_eq(scscf_lookup_identity(m, S("sip:+4930123@home1.net;user=phone"), &a, &out),
			 0);
	ck_assert(slice_eq(out, number[0]));
	ck_assert_int_eq(scscf_lookup_identity(m, S("sip:user1_public1@home2.net"), &a, &out),
			 SCSCF_MODEL_E_UNKNOWN);
	scscf_arena_free(&a);
	fixture_done(m);
}
END_TEST

UNIT_MAIN("lookup", higher_q_first_then_what_registered_last,
	  flows_of_one_instance_are_tried_one_after_the_other,
	  connections_without_reg_id_ring_together,
	  only_active_connections_and_what_has_not_run_out,
	  an_identity_is_found_in_every_form_that_means_the_same, a_local_number_keeps_its_context,
	  an_identity_is_told_as_the_hss_writes_it, an_identity_is_the_same_however_it_is_read,
	  an_identity_that_is_too_long_is_none, a_barred_identity_is_not_called,
	  the_number_of_targets_is_bounded_and_none_stands_there_twice)
