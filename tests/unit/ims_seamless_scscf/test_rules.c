/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules of registration beside C1-062198: RFC 3261 10, RFC 5626 6, TS 24.229 5.4.1.2.2; REGISTERs
 * that cross; phones that are switched off; bindings that run out.
 */
#include <stdio.h>

#include "unit/ims_seamless_scscf/fixture.h"

static struct sip_contact_list list;
static struct scscf_register_request rq;
static struct scscf_register_plan plan, other_plan;
static struct scscf_register_refusal no;

#define PHONE S("<urn:uuid:phone>")

static int planned(struct scscf_model *m)
{
	return scscf_register_plan(m, &rq, &fixture_policy, &plan, &no);
}

static void commit(struct scscf_model *m, uint64_t now_ms)
{
	struct scscf_effects e;

	scscf_effects_init(&e);
	ck_assert_int_eq(planned(m), 0);
	ck_assert_int_eq(fixture_commit(m, &plan, &rq, now_ms, &e), 0);
	scscf_effects_free(&e);
}

static size_t bound(struct scscf_model *m, struct slice impu)
{
	struct scscf_implicit_set *set = scscf_model_set(m, IMPI1, impu);

	return set ? set->bindings : 0;
}

/* ---- two under way at once ---- */

START_TEST(of_two_global_moves_at_once_one_holds_everything)
{
	struct scscf_model *m = fixture_model();
	struct scscf_register_request first;
	struct sip_contact_list first_list;
	struct scscf_effects e;

	fixture_users(m);
	fixture_request(S("<sip:10.2.0.10:5070>"), S(";imsglobreg"), &first_list, &first);
	ck_assert_int_eq(scscf_register_plan(m, &first, &fixture_policy, &other_plan, &no), 0);
	fixture_request(S("<sip:10.4.0.10:5070>"), S(";imsglobreg"), &list, &rq);
	rq.call_id = S("other@ue");
	rq.path = S("<sip:tok4@10.0.0.14;lr>");
	ck_assert_int_eq(planned(m), 0);
	/* Both were planned over the same model; the HSS answers one after the other. */
	scscf_effects_init(&e);
	ck_assert_int_eq(fixture_commit(m, &other_plan, &first, 2000, &e), 0);
	ck_assert_int_eq(fixture_commit(m, &plan, &rq, 2100, &e), 0);
	ck_assert_ptr_null(fixture_at(m, IMPI1, OLD));
	ck_assert_ptr_null(fixture_at(m, IMPI1, NEW));
	ck_assert(bound(m, IMPU1) == 1 && bound(m, IMPU3) == 1);
	ck_assert_int_eq(fixture_at(m, IMPI1, S("sip:10.4.0.10:5070"))->state,
			 SCSCF_CONNECTION_ACTIVE);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(a_set_that_was_registered_meanwhile_moves_too_and_usrloc_is_told)
{
	struct scscf_model *m = fixture_model();
	struct slice set1[] = {IMPU1}, set2[] = {IMPU3};
	struct scscf_effects e;

	fixture_bind(m, fixture_set(m, IMPI1, set1, 1), OLD, PATH1, SLICE_NULL, 0);
	fixture_request(S("<sip:10.2.0.10:5070>"), S(";imsglobreg"), &list, &rq);
	ck_assert_int_eq(planned(m), 0);
	ck_assert_uint_eq(plan.sets_n, 1);
	fixture_bind(m, fixture_set(m, IMPI1, set2, 1), OLD, PATH1, SLICE_NULL, 0);
	scscf_effects_init(&e);
	ck_assert_int_eq(fixture_commit(m, &plan, &rq, 2000, &e), 0);
	ck_assert_ptr_null(fixture_at(m, IMPI1, OLD));
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_SHADOW_BIND), 1);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_SHADOW_UNBIND), 2);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(a_register_that_was_overtaken_is_refused_when_the_hss_has_agreed)
{
	struct scscf_model *m = fixture_model();
	struct scscf_effects e;

	fixture_users(m);
	fixture_request(S("<sip:10.2.0.10:5070>"), SLICE_NULL, &list, &rq);
	ck_assert_int_eq(planned(m), 0);
	other_plan = plan;
	scscf_effects_init(&e);
	rq.cseq = 6;
	commit(m, 2000);
	rq.cseq = 5;
	ck_assert_int_eq(fixture_commit(m, &other_plan, &rq, 2100, &e), SCSCF_MODEL_E_REFUSED);
	ck_assert_ptr_null(e.first);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(a_set_that_was_lost_meanwhile_is_bound_with_what_was_known_of_it)
{
	struct scscf_model *m = fixture_model();
	struct scscf_saved_register *r;
	struct scscf_register_result res;
	struct scscf_effects e;

	fixture_users(m);
	fixture_request(S("<sip:10.2.0.10:5070>"), SLICE_NULL, &list, &rq);
	ck_assert_int_eq(planned(m), 0);
	r = scscf_saved_register_make(m, &plan, &rq, &fixture_policy);
	scscf_effects_init(&e);
	scscf_model_unbind(m, scscf_model_set(m, IMPI1, IMPU1), SLICE_NULL,
			   &(struct scscf_unbind_how){.event = SCSCF_CONTACT_EXPIRED}, 1900, &e);
	ck_assert_uint_eq(bound(m, IMPU1), 0);
	ck_assert_int_eq(scscf_register_commit(m, r, 2000, &e, &res), 0);
	ck_assert(bound(m, IMPU1) == 1 && bound(m, IMPU2) == 1);
	ck_assert_uint_eq(res.connection, fixture_at(m, IMPI1, NEW)->id);
	scscf_saved_register_free(m, r, NULL);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

/* ---- registering again during linger ---- */

START_TEST(a_set_that_only_lingers_is_asked_for_as_a_new_one)
{
	struct scscf_model *m = fixture_model();
	struct scscf_effects e;

	fixture_users(m);
	fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	for (int i = 0; i < 2; i++)
		scscf_model_unbind(m, scscf_model_set(m, IMPI1, i ? IMPU3 : IMPU1), SLICE_NULL,
				   &(struct scscf_unbind_how){.event = SCSCF_CONTACT_EXPIRED}, 1900,
				   &e);
	ck_assert_int_eq(fixture_at(m, IMPI1, OLD)->state, SCSCF_CONNECTION_INACTIVE);
	fixture_request(S("<sip:10.2.0.10:5070>"), SLICE_NULL, &list, &rq);
	ck_assert_int_eq(planned(m), 0);
	/* REGISTRATION with user data wanted: its profile has gone with its records. */
	ck_assert(plan.sets[0].sar && !plan.sets[0].known);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(a_profile_that_comes_then_counts)
{
	struct scscf_model *m = fixture_model();
	struct scscf_saved_register *r;
	struct scscf_register_result res;
	struct scscf_effects e;

	fixture_users(m);
	fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	for (int i = 0; i < 2; i++)
		scscf_model_unbind(m, scscf_model_set(m, IMPI1, i ? IMPU3 : IMPU1), SLICE_NULL,
				   &(struct scscf_unbind_how){.event = SCSCF_CONTACT_EXPIRED}, 1900,
				   &e);
	fixture_request(S("<sip:10.2.0.10:5070>"), SLICE_NULL, &list, &rq);
	ck_assert_int_eq(planned(m), 0);
	r = scscf_saved_register_make(m, &plan, &rq, &fixture_policy);
	r->sets[0].impus[0] = IMPU1;
	r->sets[0].impus[1] = S("sip:new@home1.net");
	r->sets[0].impus_n = 2;
	ck_assert_int_eq(scscf_register_commit(m, r, 2000, &e, &res), 0);
	ck_assert(bound(m, IMPU1) == 1 && bound(m, S("sip:new@home1.net")) == 1);
	ck_assert_ptr_null(scscf_model_set(m, IMPI1, IMPU2));
	scscf_saved_register_free(m, r, NULL);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(to_may_name_the_identity_in_another_form)
{
	struct scscf_model *m = fixture_model();

	fixture_users(m);
	fixture_request(S("<sip:10.2.0.10:5070>"), SLICE_NULL, &list, &rq);
	rq.impu = S("SIP:user1_public2@HOME1.net");
	ck_assert_int_eq(planned(m), 0);
	ck_assert(plan.sets[0].known && slice_eq(plan.sets[0].impu, IMPU2));
	commit(m, 2000);
	ck_assert_uint_eq(bound(m, IMPU1), 2);
	fixture_done(m);
}
END_TEST

/* ---- phones that are switched off and on ---- */

START_TEST(a_phone_that_reboots_again_and_again_is_never_locked_out)
{
	struct scscf_model *m = fixture_model();
	char contact[96], call_id[16];

	for (int i = 0; i < 20; i++) {
		snprintf(contact, sizeof(contact),
			 "<sip:10.1.0.10:%d>;expires=600;+sip.instance=\"<urn:uuid:phone>\"",
			 6000 + i);
		snprintf(call_id, sizeof(call_id), "boot%d", i);
		fixture_request(slice_str(contact), SLICE_NULL, &list, &rq);
		rq.call_id = slice_str(call_id);
		commit(m, 2000 + (uint64_t)i);
		ck_assert_uint_eq(bound(m, IMPU1), 1);
	}
	fixture_done(m);
}
END_TEST

START_TEST(two_connections_of_one_start_of_the_phone_stay)
{
	struct scscf_model *m = fixture_model();

	fixture_request(S("<sip:10.1.0.10:6000>;+sip.instance=\"<urn:uuid:phone>\""), SLICE_NULL,
			&list, &rq);
	commit(m, 2000);
	fixture_request(S("<sip:10.1.0.10:6001>;+sip.instance=\"<urn:uuid:phone>\""), SLICE_NULL,
			&list, &rq);
	rq.cseq++;
	commit(m, 2100);
	ck_assert_uint_eq(bound(m, IMPU1), 2);
	/* Another access is another connection, whatever the Call-ID. */
	fixture_request(S("<sip:10.2.0.10:6000>;+sip.instance=\"<urn:uuid:phone>\""), SLICE_NULL,
			&list, &rq);
	rq.call_id = S("third@ue");
	commit(m, 2200);
	ck_assert_uint_eq(bound(m, IMPU1), 3);
	fixture_done(m);
}
END_TEST

START_TEST(at_the_bound_the_oldest_of_the_same_phone_goes)
{
	struct scscf_model *m = fixture_model();
	struct scscf_register_policy policy = fixture_policy;
	struct slice impus[] = {IMPU1};
	struct scscf_implicit_set *set = fixture_set(m, IMPI1, impus, 1);
	char contact[32];

	policy.contacts_max = 4;
	for (int i = 0; i < 4; i++) {
		struct scscf_binding_info info = {.contact = slice_str(contact),
						  .path = PATH1,
						  .instance = i < 2 ? PHONE : S("<urn:other>"),
						  .call_id = S("c"),
						  .expires_s = 600};

		snprintf(contact, sizeof(contact), "sip:10.%d.0.10:5070", 11 + i);
		info.contact = slice_str(contact);
		ck_assert_int_eq(scscf_model_bind(m, set, &info, 1000 + (uint64_t)i, NULL, NULL),
				 0);
	}
	fixture_request(S("<sip:10.9.0.10:5070>;+sip.instance=\"<urn:uuid:phone>\""), SLICE_NULL,
			&list, &rq);
	ck_assert_int_eq(scscf_register_plan(m, &rq, &policy, &plan, &no), 0);
	ck_assert_uint_eq(plan.unbinds_n, 1);
	ck_assert_uint_eq(plan.unbinds[0].binding,
			  fixture_at(m, IMPI1, S("sip:10.11.0.10:5070"))->bindings->id);
	/* Other phones' contacts are no one's to give away. */
	fixture_request(S("<sip:10.9.0.10:5070>;+sip.instance=\"<urn:third>\""), SLICE_NULL, &list,
			&rq);
	ck_assert_int_eq(scscf_register_plan(m, &rq, &policy, &plan, &no), -1);
	ck_assert_int_eq(no.status, 403);
	fixture_done(m);
}
END_TEST

START_TEST(who_moves_often_is_not_locked_out_by_what_lingers)
{
	struct scscf_model *m = fixture_model();
	struct scscf_effects e;
	char contact[32], path[32], call[16];

	fixture_users(m);
	scscf_effects_init(&e);
	for (int i = 0; i < 40; i++) {
		struct scscf_session_info info = {.call_id = slice_str(call),
						  .from_tag = S("a"),
						  .from_uri = IMPU1,
						  .to_uri = IMPU_B};
		struct scscf_session *s;

		snprintf(call, sizeof(call), "call%d", i);
		info.call_id = slice_str(call);
		info.caller = scscf_model_subscriber(m, IMPI1)->connections;
		ck_assert_int_eq(scscf_session_open(m, &info, 2000, &s), 0);
		snprintf(contact, sizeof(contact), "<sip:10.2.%d.10:5070>", i);
		snprintf(path, sizeof(path), "<sip:t%d@10.0.0.12;lr>", i);
		fixture_request(slice_str(contact), S(";imsglobreg"), &list, &rq);
		rq.path = slice_str(path);
		rq.cseq = 10 + (uint32_t)i;
		commit(m, 2000 + (uint64_t)i);
		ck_assert_uint_eq(bound(m, IMPU1), 1);
	}
	ck_assert_uint_le(scscf_model_subscriber(m, IMPI1)->connections_n,
			  SCSCF_IMPI_CONNECTIONS_MAX);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

/* ---- RFC 3261 10 ---- */

START_TEST(a_fetch_gets_what_is_bound_and_changes_nothing)
{
	struct scscf_model *m = fixture_model();
	struct scscf_effects e;

	fixture_users(m);
	for (int tagged = 0; tagged < 2; tagged++) {
		fixture_request(SLICE_NULL, SLICE_NULL, &list, &rq);
		rq.tagged = tagged;
		ck_assert_int_eq(planned(m), 0);
		ck_assert(plan.kind == SCSCF_REGISTER_FETCH && !plan.sets[0].sar &&
			  !plan.unbinds_n && !plan.binds_n);
		scscf_effects_init(&e);
		ck_assert_int_eq(fixture_commit(m, &plan, &rq, 2000, &e), 0);
		ck_assert_ptr_null(e.first);
	}
	ck_assert_uint_eq(bound(m, IMPU1), 1);
	/* Nobody is registered: no subscriber is left of it. */
	rq.impi = S("nobody@home1.net");
	ck_assert_int_eq(planned(m), 0);
	ck_assert_int_eq(fixture_commit(m, &plan, &rq, 2000, &e), 0);
	ck_assert_uint_eq(m->subscribers, 2);
	fixture_done(m);
}
END_TEST

START_TEST(an_old_contact_is_meant_in_every_form_of_its_uri)
{
	static const char *const forms[] = {
	    "<sip:alice@10.1.0.10:5070;transport=udp;ob>;expires=0",
	    "<sip:alice@10.1.0.10:5070;ob;transport=udp>;expires=0",
	    "<SIP:alice@10.1.0.10:5070;transport=UDP>;expires=0",
	    "<sip:%61lice@10.1.0.10:5070;transport=udp;x=1>;expires=0"};
	static const char *const others[] = {"<sip:alice@10.1.0.10:5070>;expires=0",
					     "<sip:ALICE@10.1.0.10:5070;transport=udp>;expires=0",
					     "<sip:alice@10.1.0.10;transport=udp>;expires=0"};
	struct scscf_model *m = fixture_model();
	struct slice impus[] = {IMPU1};

	fixture_bind(m, fixture_set(m, IMPI1, impus, 1),
		     S("sip:alice@10.1.0.10:5070;transport=udp;ob"), PATH1, SLICE_NULL, 0);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		fixture_request(slice_str(forms[i]), SLICE_NULL, &list, &rq);
		ck_assert_int_eq(planned(m), 0);
		ck_assert_msg(plan.unbinds_n == 1 && plan.sets[0].deregisters, "%s", forms[i]);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		fixture_request(slice_str(others[i]), SLICE_NULL, &list, &rq);
		ck_assert_int_eq(planned(m), 0);
		ck_assert_msg(plan.unbinds_n == 0 && !plan.sets[0].sar, "%s", others[i]);
	}
	fixture_done(m);
}
END_TEST

START_TEST(a_path_that_cannot_be_routed_by_is_refused)
{
	static const char *const bad[] = {
	    "nonsense",		 "<sip:a@b", "<tel:+49>", "sip:p@h;lr", "<sip:p@h;lr> <sip:q@h>",
	    "<sip:p@h:99999;lr>"};
	struct scscf_register_policy policy = fixture_policy;
	struct scscf_model *m = fixture_model();
	static char text[400];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fixture_request(S("<sip:10.1.0.10:5070>"), SLICE_NULL, &list, &rq);
		rq.path = slice_str(bad[i]);
		ck_assert_msg(planned(m) == -1 && no.status == 400, "%s", bad[i]);
	}
	memset(text, 'a', sizeof(text));
	memcpy(text, "<sip:", 5);
	memcpy(text + 286, "@h;lr>", 6);
	rq.path = slice_make(text, 292);
	ck_assert_int_eq(scscf_register_plan(m, &rq, &policy, &plan, &no), 0);
	policy.path_max = 255;
	ck_assert_int_eq(scscf_register_plan(m, &rq, &policy, &plan, &no), -1);
	ck_assert_int_eq(no.status, 400);
	fixture_done(m);
}
END_TEST

/* ---- without the option tag ---- */

static void untagged(const char *contact, const char *call_id)
{
	fixture_request(slice_str(contact), S(";imsglobreg"), &list, &rq);
	rq.tagged = false;
	rq.call_id = slice_str(call_id);
}

START_TEST(without_the_tag_a_new_contact_replaces_the_old_one)
{
	struct scscf_model *m = fixture_model();
	struct scscf_register_policy policy = fixture_policy;

	fixture_users(m);
	untagged("<sip:10.2.0.10:5070>", "u1");
	policy.untagged_old = SCSCF_UNTAGGED_KEEP;
	ck_assert_int_eq(scscf_register_plan(m, &rq, &policy, &plan, &no), 0);
	ck_assert_uint_eq(plan.unbinds_n, 0);
	commit(m, 2000);
	/* Only of To's set: without the tag imsglobreg means nothing. */
	ck_assert(bound(m, IMPU1) == 1 && bound(m, IMPU3) == 1);
	ck_assert_ptr_null(fixture_at(m, IMPI1, NEW)->bindings->next);
	ck_assert_ptr_nonnull(fixture_at(m, IMPI1, OLD));
	ck_assert(!fixture_at(m, IMPI1, NEW)->seamless);
	fixture_done(m);
}
END_TEST

START_TEST(without_the_tag_a_refresh_takes_nothing_away)
{
	struct scscf_model *m = fixture_model();
	struct slice set1[] = {IMPU1, IMPU2};

	fixture_users(m);
	fixture_bind(m, fixture_set(m, IMPI1, set1, 2), NEW, PATH2, SLICE_NULL, 0);
	untagged("<sip:10.2.0.10:5070>", "u1");
	commit(m, 2000);
	ck_assert_uint_eq(bound(m, IMPU1), 2);
	fixture_done(m);
}
END_TEST

START_TEST(without_the_tag_other_phones_and_flows_with_reg_id_stay)
{
	struct scscf_model *m = fixture_model();
	struct slice impus[] = {IMPU1};
	struct scscf_implicit_set *set = fixture_set(m, IMPI1, impus, 1);

	fixture_bind(m, set, S("sip:10.1.0.1"), PATH1, S("<urn:other>"), 0);
	fixture_bind(m, set, S("sip:10.1.0.2"), PATH1, PHONE, 1);
	fixture_bind(m, set, S("sip:10.1.0.3"), PATH1, PHONE, 0);
	fixture_bind(m, set, S("sip:10.1.0.4"), PATH1, SLICE_NULL, 0);
	untagged("<sip:10.2.0.10:5070>;+sip.instance=\"<urn:uuid:phone>\"", "u1");
	commit(m, 2000);
	ck_assert_ptr_nonnull(fixture_at(m, IMPI1, S("sip:10.1.0.1")));
	ck_assert_ptr_nonnull(fixture_at(m, IMPI1, S("sip:10.1.0.2")));
	ck_assert_ptr_null(fixture_at(m, IMPI1, S("sip:10.1.0.3")));
	ck_assert_ptr_null(fixture_at(m, IMPI1, S("sip:10.1.0.4")));
	/* With a reg-id it stands beside all of them. */
	untagged("<sip:10.3.0.10:5070>;reg-id=2;+sip.instance=\"<urn:uuid:phone>\"", "u2");
	commit(m, 3000);
	ck_assert_uint_eq(bound(m, IMPU1), 4);
	fixture_done(m);
}
END_TEST

/* ---- running out ---- */

START_TEST(bindings_run_out_by_themselves_all_of_a_connection_at_once)
{
	struct scscf_model *m = fixture_model();
	struct scscf_effects e;

	m->owns_expiry = true;
	fixture_users(m);
	fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	scscf_model_advance(m, 1000 + 599900, 0, &e);
	ck_assert_ptr_null(e.first);
	scscf_model_advance(m, 1000 + 600200, 0, &e);
	ck_assert_int_eq(fixture_at(m, IMPI1, OLD)->state, SCSCF_CONNECTION_INACTIVE);
	ck_assert_uint_eq(m->bindings, 0);
	ck_assert_uint_eq(m->counters.expired_bindings, 3);
	/* user1's two sets and user2's one. */
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_SET_ENDED), 3);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_SHADOW_UNBIND), 3);
	for (const struct scscf_effect *f = e.first; f; f = f->next)
		if (f->kind == SCSCF_EFFECT_CONTACT)
			ck_assert(f->event == SCSCF_CONTACT_EXPIRED && f->connection_inactive &&
				  f->linger_s == 30);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(a_refresh_puts_the_end_off)
{
	struct scscf_model *m = fixture_model();
	struct slice set1[] = {IMPU1, IMPU2};
	struct scscf_binding_info i = {
	    .contact = OLD, .path = PATH1, .call_id = S("c"), .expires_s = 600};
	struct scscf_effects e;

	m->owns_expiry = true;
	fixture_bind(m, fixture_set(m, IMPI1, set1, 2), OLD, PATH1, SLICE_NULL, 0);
	ck_assert_int_eq(
	    scscf_model_bind(m, fixture_set(m, IMPI1, set1, 2), &i, 500000, NULL, NULL), 0);
	scscf_effects_init(&e);
	scscf_model_advance(m, 1000 + 700000, 0, &e);
	ck_assert_uint_eq(m->bindings, 1);
	scscf_model_advance(m, 500000 + 600200, 0, &e);
	ck_assert_uint_eq(m->bindings, 0);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(what_ran_out_and_is_bound_again_is_not_deregistered_at_the_hss)
{
	struct scscf_model *m = fixture_model();
	struct slice set1[] = {IMPU1, IMPU2};
	struct scscf_effects e;
	size_t stands = 0;

	m->owns_expiry = true;
	fixture_users(m);
	fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	scscf_model_advance(m, 1000 + 600200, 0, &e);
	fixture_bind(m, fixture_set(m, IMPI1, set1, 2), NEW, PATH2, SLICE_NULL, 0);
	for (const struct scscf_effect *f = e.first; f; f = f->next)
		stands += f->kind == SCSCF_EFFECT_SET_ENDED &&
			  !scscf_set_is_bound(m, f->impi, f->impus[0]);
	/* user1's other set, and user2's. */
	ck_assert_uint_eq(stands, 2);
	ck_assert(scscf_set_is_bound(m, IMPI1, IMPU2) && !scscf_set_is_bound(m, IMPI2, IMPU1));
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

/* Services end with the last ordinary binding, the registration with the last one. */
START_TEST(an_emergency_registration_has_no_services)
{
	struct scscf_model *m = fixture_model();
	struct slice set1[] = {IMPU1, IMPU2};
	struct scscf_implicit_set *set = fixture_set(m, IMPI1, set1, 2);
	const struct scscf_unbind_how how = {.event = SCSCF_CONTACT_DEACTIVATED,
					     .end = SCSCF_END_BY_OPERATOR};
	struct slice sos = S("sip:10.3.0.10:5070;SOS");
	struct scscf_effects e;

	fixture_bind(m, set, sos, PATH2, SLICE_NULL, 0);
	ck_assert(scscf_set_is_bound(m, IMPI1, IMPU2) && !scscf_set_has_services(set));
	ck_assert_uint_eq(scscf_model_registered_for(m, IMPU2, 1000), 0);
	fixture_bind(m, set, NEW, PATH1, SLICE_NULL, 0);
	ck_assert_uint_eq(scscf_model_registered_for(m, IMPU2, 1000), 600);
	scscf_effects_init(&e);
	scscf_model_unbind(m, set, NEW, &how, 2000, &e);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_SERVICES_ENDED), 1);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_SET_ENDED), 0);
	scscf_effects_free(&e);
	scscf_effects_init(&e);
	scscf_model_unbind(m, set, sos, &how, 2000, &e);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_SERVICES_ENDED), 0);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_SET_ENDED), 1);
	scscf_effects_free(&e);
	ck_assert(!scscf_is_emergency(S("sip:sos@home1.net")) &&
		  !scscf_is_emergency(S("sip:a@home1.net;sosx")));
	fixture_done(m);
}
END_TEST

START_TEST(imsglobreg_of_one_phone_too_many_is_refused_before_anything_changes)
{
	struct scscf_model *m = fixture_model();
	char contact[96], call_id[16];

	for (int i = 0; i <= SCSCF_SET_BINDINGS_MAX + 1; i++) {
		/* The last one is a phone that has a contact: it only moves. */
		int phone = i > SCSCF_SET_BINDINGS_MAX ? 0 : i;

		snprintf(contact, sizeof(contact), "<sip:10.2.0.10:%d>;+sip.instance=\"<urn:%d>\"",
			 5000 + i, phone);
		snprintf(call_id, sizeof(call_id), "c%d", i);
		memset(&list, 0, sizeof(list));
		fixture_request(slice_str(contact), S(";imsglobreg"), &list, &rq);
		rq.call_id = slice_str(call_id);
		if (i != SCSCF_SET_BINDINGS_MAX) {
			commit(m, 2000);
			continue;
		}
		ck_assert_int_eq(planned(m), -1);
		ck_assert_int_eq(no.status, 403);
		ck_assert_uint_eq(bound(m, IMPU1), SCSCF_SET_BINDINGS_MAX);
	}
	ck_assert_uint_eq(bound(m, IMPU1), SCSCF_SET_BINDINGS_MAX);
	ck_assert_uint_eq(m->connections, 1);
	fixture_done(m);
}
END_TEST

/* imsglobreg of user1 with so much memory above what is used; returns what the commit returns. */
static int move_with(struct scscf_model *m, size_t memory, struct scscf_effects *e)
{
	struct scscf_saved_register *r;
	struct scscf_register_result res;
	int rc;

	fixture_users(m);
	fixture_request(S("<sip:10.2.0.10:5070>"), S(";imsglobreg"), &list, &rq);
	ck_assert_int_eq(planned(m), 0);
	r = scscf_saved_register_make(m, &plan, &rq, &fixture_policy);
	ck_assert_ptr_nonnull(r);
	m->store.limit = m->store.used + memory;
	rc = scscf_register_commit(m, r, 2000, e, &res);
	m->store.limit = 0;
	scscf_saved_register_free(m, r, NULL);
	return rc;
}

START_TEST(a_move_that_fails_half_way_leaves_nothing_bound_at_the_new_contact)
{
	size_t half_way = 0;
	int rc = -1;

	for (size_t memory = 0; rc && memory < 8192; memory += 16) {
		struct scscf_model *m = fixture_model();
		struct scscf_effects e;

		scscf_effects_init(&e);
		rc = move_with(m, memory, &e);
		ck_assert_uint_eq(m->bindings, 3);
		ck_assert_int_eq(!fixture_at(m, IMPI1, NEW), rc != 0);
		ck_assert_int_eq(!fixture_at(m, IMPI1, OLD), rc == 0);
		half_way += rc && fixture_count(&e, SCSCF_EFFECT_CONTACT);
		scscf_effects_free(&e);
		fixture_done(m);
	}
	ck_assert_int_eq(rc, 0);
	ck_assert_uint_gt(half_way, 0);
}
END_TEST

UNIT_MAIN("rules", of_two_global_moves_at_once_one_holds_everything,
	  a_set_that_was_registered_meanwhile_moves_too_and_usrloc_is_told,
	  a_register_that_was_overtaken_is_refused_when_the_hss_has_agreed,
	  a_set_that_was_lost_meanwhile_is_bound_with_what_was_known_of_it,
	  a_set_that_only_lingers_is_asked_for_as_a_new_one, a_profile_that_comes_then_counts,
	  to_may_name_the_identity_in_another_form,
	  a_phone_that_reboots_again_and_again_is_never_locked_out,
	  two_connections_of_one_start_of_the_phone_stay,
	  at_the_bound_the_oldest_of_the_same_phone_goes,
	  who_moves_often_is_not_locked_out_by_what_lingers,
	  a_fetch_gets_what_is_bound_and_changes_nothing,
	  an_old_contact_is_meant_in_every_form_of_its_uri,
	  a_path_that_cannot_be_routed_by_is_refused,
	  without_the_tag_a_new_contact_replaces_the_old_one,
	  without_the_tag_a_refresh_takes_nothing_away,
	  without_the_tag_other_phones_and_flows_with_reg_id_stay,
	  bindings_run_out_by_themselves_all_of_a_connection_at_once, a_refresh_puts_the_end_off,
	  what_ran_out_and_is_bound_again_is_not_deregistered_at_the_hss,
	  an_emergency_registration_has_no_services,
	  imsglobreg_of_one_phone_too_many_is_refused_before_anything_changes,
	  a_move_that_fails_half_way_leaves_nothing_bound_at_the_new_contact)
