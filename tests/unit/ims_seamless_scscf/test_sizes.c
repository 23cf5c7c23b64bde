/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What would be too large for a message or for stock's document, or markup in it, is refused before anything changes. */
#include <stdio.h>

#include "modules/ims_seamless_scscf/core/identity.h"
#include "modules/ims_seamless_scscf/core/sizes.h"
#include "unit/ims_seamless_scscf/fixture.h"

static struct sip_contact_list list;
static struct scscf_register_request rq;
static struct scscf_register_plan plan;
static struct scscf_register_refusal no;
static struct scscf_register_policy policy;

/* A set of n identities of user1, IMPU1 first, bound to one contact with so many octets of user part. */
static struct scscf_implicit_set *large_set(struct scscf_model *m, size_t n, size_t user)
{
	static char text[SCSCF_SET_IMPUS_MAX][64], contact[1200];
	struct slice impus[SCSCF_SET_IMPUS_MAX] = {IMPU1};
	struct scscf_implicit_set *set;

	for (size_t i = 1; i < n; i++) {
		snprintf(text[i], sizeof(text[i]), "sip:user1_public1%02zu@home1.net", i);
		impus[i] = slice_str(text[i]);
	}
	set = fixture_set(m, IMPI1, impus, n);
	memset(contact, 'u', sizeof(contact));
	memcpy(contact, "sip:", 4);
	snprintf(contact + 4 + user, sizeof(contact) - 4 - user, "@10.1.0.10:5070");
	fixture_bind(m, set, slice_str(contact), PATH1, SLICE_NULL, 0);
	policy = fixture_policy;
	return set;
}

static int planned(struct scscf_model *m, struct slice contacts)
{
	fixture_request(contacts, SLICE_NULL, &list, &rq);
	return scscf_register_plan(m, &rq, &policy, &plan, &no);
}

START_TEST(an_answer_that_no_message_holds_is_refused_before_the_hss_is_asked)
{
	struct scscf_model *m = fixture_model();
	size_t size;

	large_set(m, 20, 1000);
	policy.answer_max = 32767;
	ck_assert_int_eq(planned(m, S("<sip:10.2.0.10:5070>")), 0);
	size = plan.answer_size;
	/* 20 identities of 28 octets, both contacts, Path. */
	ck_assert(size > 20 * 28 + 1000 + 20 && size < 20 * 28 + 1000 + 20 + 1000);
	policy.answer_max = size;
	ck_assert_int_eq(planned(m, S("<sip:10.2.0.10:5070>")), 0);
	policy.answer_max = size - 1;
	ck_assert_int_eq(planned(m, S("<sip:10.2.0.10:5070>")), -1);
	ck_assert_int_eq(no.status, 403);
	/* Giving the large one up makes the answer smaller, and is possible. */
	list = (struct sip_contact_list){.star = true};
	rq.has_expires = true;
	rq.expires = 0;
	ck_assert_int_eq(scscf_register_plan(m, &rq, &policy, &plan, &no), 0);
	fixture_done(m);
}
END_TEST

START_TEST(identities_that_only_the_saa_tells_count_too)
{
	static char text[SCSCF_SET_IMPUS_MAX][SCSCF_IDENTITY_MAX];
	struct scscf_model *m = fixture_model();
	struct scscf_register_result res;
	struct scscf_saved_register *r;
	struct scscf_effects e;

	policy = fixture_policy;
	policy.answer_max = 8192;
	ck_assert_int_eq(planned(m, S("<sip:10.2.0.10:5070>")), 0);
	r = scscf_saved_register_make(m, &plan, &rq, &policy);
	for (size_t i = 0; i < SCSCF_SET_IMPUS_MAX; i++) {
		snprintf(text[i], sizeof(text[i]), "sip:%0400zu@home1.net", i);
		r->sets[0].impus[i] = slice_str(text[i]);
	}
	r->sets[0].impus[0] = IMPU1;
	r->sets[0].impus_n = SCSCF_SET_IMPUS_MAX;
	r->sets[0].told = true;
	scscf_effects_init(&e);
	ck_assert_int_eq(scscf_register_commit(m, r, 2000, &e, &res), SCSCF_MODEL_E_REFUSED);
	ck_assert(res.no.status == 403 && !scscf_model_set(m, IMPI1, IMPU1));
	scscf_effects_free(&e);
	scscf_saved_register_free(m, r, NULL);
	fixture_done(m);
}
END_TEST

START_TEST(stock_never_gets_more_contacts_than_its_document_has_room_for)
{
	struct scscf_model *m = fixture_model();
	struct scscf_effects e;
	int i, rc = 0;

	large_set(m, 16, 20);
	policy.shadowed = true;
	policy.contacts_max = 16;
	for (i = 0; i < 16 && !rc; i++) {
		char contact[80], path[80];

		snprintf(contact, sizeof(contact), "<sip:phone@10.2.0.%d:5070>;expires=600", i);
		rc = planned(m, slice_str(contact));
		snprintf(path, sizeof(path), "<sip:tok%d@10.0.0.12;lr>", i);
		rq.path = slice_str(path);
		rq.call_id = slice_str(contact);
		if (rc)
			break;
		scscf_effects_init(&e);
		ck_assert_int_eq(fixture_commit(m, &plan, &rq, 2000, &e), 0);
		scscf_effects_free(&e);
	}
	/* 16 times (a registration and the contacts) must stay below 16,300. */
	ck_assert_int_eq(no.status, 403);
	ck_assert(i >= 2 && (i + 1) * 16 * (28 + 92) < 16300);
	fixture_done(m);
}
END_TEST

START_TEST(parameters_go_before_a_contact_does)
{
	struct scscf_model *m = fixture_model();
	struct slice impus[] = {IMPU1, IMPU2}, params;
	const bool barred[2] = {false, false};
	static char text[9000];

	memset(text, 'p', sizeof(text));
	text[0] = ';';
	fixture_bind(m, fixture_set(m, IMPI1, impus, 2), OLD, PATH1, SLICE_NULL, 0);
	params = slice_make(text, 4000);
	ck_assert_int_eq(scscf_shadow_room(m, IMPI1, impus, barred, 2, NEW, params, 0),
			 SCSCF_SHADOW_WHOLE);
	params = slice_make(text, 8000);
	ck_assert_int_eq(scscf_shadow_room(m, IMPI1, impus, barred, 2, NEW, params, 0),
			 SCSCF_SHADOW_BARE);
	/* Many short parameters take more room than they have octets. */
	for (size_t i = 0; i < sizeof(text); i += 2)
		memcpy(text + i, ";p", 2);
	params = slice_make(text, 400);
	ck_assert_int_eq(scscf_shadow_room(m, IMPI1, impus, barred, 2, NEW, params, 0),
			 SCSCF_SHADOW_BARE);
	fixture_done(m);
}
END_TEST

START_TEST(parameters_with_markup_never_reach_stock_s_document)
{
	static const struct {
		const char *params;
		enum scscf_shadow room;
	} cases[] = {
	    {";+sip.instance=\"<urn:uuid:00000000-0000-4000-8000-00000000000a>\";q=0.5",
	     SCSCF_SHADOW_WHOLE},
	    {";audio;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\"",
	     SCSCF_SHADOW_WHOLE},
	    {";+g.3gpp.icsi-ref=\"</unknown-param></contact><contact id=1>\"", SCSCF_SHADOW_BARE},
	    {";+sip.instance=\"<a><b>\"", SCSCF_SHADOW_BARE},
	    {";+sip.instance=\"<urn:a&b>\"", SCSCF_SHADOW_BARE},
	    {";+g.3gpp.smsip=\"a&b\"", SCSCF_SHADOW_BARE},
	    {";+g.3gpp.smsip=\"a\\\"b\"", SCSCF_SHADOW_BARE},
	    {";+g.3gpp.smsip=\"\xff\"", SCSCF_SHADOW_BARE},
	};
	struct scscf_model *m = fixture_model();
	struct slice impus[] = {IMPU1};
	const bool barred[1] = {false};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(scscf_shadow_room(m, IMPI1, impus, barred, 1, NEW,
						slice_str(cases[i].params), 0) == cases[i].room,
			      "%s", cases[i].params);
	fixture_done(m);
}
END_TEST

START_TEST(a_contact_uri_with_markup_is_refused)
{
	struct scscf_model *m = fixture_model();

	policy = fixture_policy;
	policy.shadowed = true;
	ck_assert_int_eq(planned(m, S("<sip:a&b@10.2.0.10:5070>")), -1);
	ck_assert_int_eq(no.status, 400);
	ck_assert_int_eq(planned(m, S("<sip:a@10.2.0.10:5070;x=a&amp;b>")), -1);
	ck_assert_int_eq(planned(m, S("<sip:a%26b@10.2.0.10:5070>")), 0);
	policy.shadowed = false;
	ck_assert_int_eq(planned(m, S("<sip:a&b@10.2.0.10:5070>")), 0);
	fixture_done(m);
}
END_TEST

START_TEST(contacts_of_others_who_share_the_identities_count_too)
{
	struct scscf_model *m = fixture_model();
	const bool barred[SCSCF_SET_IMPUS_MAX] = {false};
	struct slice impus[SCSCF_SET_IMPUS_MAX], shared[2] = {IMPU1, IMPU_B};
	struct scscf_implicit_set *set = large_set(m, 24, 20);

	for (size_t i = 0; i < set->n; i++)
		impus[i] = set->impu[i].impu;
	/* user1 has room for a second contact of this size, but not when user2 has one there. */
	ck_assert_int_ne(scscf_shadow_room(m, IMPI1, impus, barred, 24, NEW, SLICE_NULL, 0),
			 SCSCF_SHADOW_FULL);
	fixture_bind(m, fixture_set(m, IMPI2, impus, 24), OLD_B, PATH1, SLICE_NULL, 0);
	fixture_bind(m, scscf_model_set(m, IMPI2, IMPU1), S("sip:another@10.3.0.10:5071"), PATH1,
		     SLICE_NULL, 0);
	ck_assert_int_eq(scscf_shadow_room(m, IMPI1, impus, barred, 24, NEW, SLICE_NULL, 0),
			 SCSCF_SHADOW_FULL);
	/* Nor has a third one, who shares only one of them, when they have no room left. */
	fixture_bind(m, scscf_model_set(m, IMPI2, IMPU1), S("sip:third@10.3.0.11:5071"), PATH1,
		     SLICE_NULL, 0);
	ck_assert_int_eq(
	    scscf_shadow_room(m, S("user3@home1.net"), shared, barred, 2, NEW, SLICE_NULL, 0),
	    SCSCF_SHADOW_FULL);
	fixture_done(m);
}
END_TEST

START_TEST(of_two_under_way_at_once_the_second_does_not_take_the_last_room_too)
{
	struct scscf_model *m = fixture_model();
	struct scscf_saved_register *r[8];
	size_t n = 0;

	large_set(m, 24, 20);
	policy.shadowed = true;
	while (planned(m, S("<sip:10.2.0.10:5070>")) == 0) {
		ck_assert(n < 8);
		r[n] = scscf_saved_register_make(m, &plan, &rq, &policy);
		ck_assert_ptr_nonnull(r[n++]);
	}
	ck_assert(n >= 1 && no.status == 403);
	while (n)
		scscf_saved_register_free(m, r[--n], NULL);
	ck_assert_int_eq(planned(m, S("<sip:10.2.0.10:5070>")), 0);
	fixture_done(m);
}
END_TEST

UNIT_MAIN("sizes", an_answer_that_no_message_holds_is_refused_before_the_hss_is_asked,
	  identities_that_only_the_saa_tells_count_too,
	  stock_never_gets_more_contacts_than_its_document_has_room_for,
	  parameters_go_before_a_contact_does, parameters_with_markup_never_reach_stock_s_document,
	  a_contact_uri_with_markup_is_refused,
	  contacts_of_others_who_share_the_identities_count_too,
	  of_two_under_way_at_once_the_second_does_not_take_the_last_room_too)
