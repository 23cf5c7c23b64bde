/* SPDX-License-Identifier: GPL-2.0-or-later */
/* C1-062198 2.1 to 2.3 and what must not happen: plan and commit of REGISTERs. */
#include <stdio.h>

#include "unit/ims_seamless_scscf/fixture.h"

static struct sip_contact_list list;
static struct scscf_register_request rq;
static struct scscf_register_plan plan;
static struct scscf_register_refusal no;

static void commit(struct scscf_model *m, uint64_t now_ms, struct scscf_effects *e)
{
	ck_assert_int_eq(fixture_commit(m, &plan, &rq, now_ms, e), 0);
}

START_TEST(a_second_contact_is_added_and_the_first_stays)
{
	struct scscf_model *m = fixture_model();
	struct scscf_effects e;

	fixture_users(m);
	scscf_effects_init(&e);
	ck_assert_int_eq(fixture_plan(m, S("<sip:10.2.0.10:5070>;expires=600000"), SLICE_NULL,
				      &list, &rq, &plan, &no),
			 0);
	ck_assert_int_eq(plan.kind, SCSCF_REGISTER_ADD);
	ck_assert(plan.sets_n == 1 && plan.sets[0].known && plan.sets[0].sar &&
		  plan.unbinds_n == 0);
	commit(m, 2000, &e);
	ck_assert_int_eq(fixture_at(m, IMPI1, OLD)->state, SCSCF_CONNECTION_ACTIVE);
	ck_assert_int_eq(fixture_at(m, IMPI1, NEW)->state, SCSCF_CONNECTION_ACTIVE);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_CONTACT), 1);
	ck_assert(e.first->contact_active && e.first->event == SCSCF_CONTACT_REGISTERED &&
		  e.first->impus_n == 2);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(one_identity_moves_and_the_other_stays)
{
	struct scscf_model *m = fixture_model();
	struct scscf_effects e;
	struct scscf_connection *old;

	fixture_users(m);
	fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	ck_assert_int_eq(
	    fixture_plan(m, S("<sip:10.2.0.10:5070>;expires=600, <sip:10.1.0.10:5070>;expires=0"),
			 SLICE_NULL, &list, &rq, &plan, &no),
	    0);
	ck_assert_int_eq(plan.kind, SCSCF_REGISTER_MOVE);
	commit(m, 2000, &e);
	/* IMPU3's set keeps the old connection Active, whatever runs on it. */
	old = fixture_at(m, IMPI1, OLD);
	ck_assert_int_eq(old->state, SCSCF_CONNECTION_ACTIVE);
	ck_assert(slice_eq(old->bindings->set->impu[0].impu, IMPU3) && !old->bindings->next);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_LINGER_START), 0);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_CONTACT), 2);
	ck_assert(!e.first->next->contact_active &&
		  e.first->next->event == SCSCF_CONTACT_UNREGISTERED &&
		  !e.first->next->connection_inactive && e.first->next->impu_active[0]);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(imsglobreg_moves_every_set_and_the_old_connection_lingers)
{
	struct scscf_model *m = fixture_model();
	struct scscf_effects e;
	struct scscf_connection *old, *new;

	fixture_users(m);
	fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	ck_assert_int_eq(fixture_plan(m, S("<sip:10.2.0.10:5070>;expires=600"), S(";imsglobreg"),
				      &list, &rq, &plan, &no),
			 0);
	ck_assert_int_eq(plan.kind, SCSCF_REGISTER_GLOBAL);
	ck_assert_uint_eq(plan.sets_n, 2);
	ck_assert(plan.sets[0].sar && plan.sets[1].sar && slice_eq(plan.sets[1].impu, IMPU3));
	commit(m, 2000, &e);
	old = fixture_at(m, IMPI1, OLD);
	new = fixture_at(m, IMPI1, NEW);
	ck_assert_int_eq(old->state, SCSCF_CONNECTION_INACTIVE);
	ck_assert(!old->bindings && old->sessions == 1 && old->linger_until_ms == 32000);
	ck_assert_int_eq(new->state, SCSCF_CONNECTION_ACTIVE);
	ck_assert(new->bindings &&new->bindings->next && !new->bindings->next->next);
	/* user2 is not touched. */
	ck_assert_int_eq(fixture_at(m, IMPI2, OLD_B)->state, SCSCF_CONNECTION_ACTIVE);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_CONTACT), 4);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_LINGER_START), 1);
	scscf_effects_free(&e);

	scscf_effects_init(&e);
	scscf_model_advance(m, 31900, 0, &e);
	ck_assert_ptr_null(e.first);
	scscf_model_advance(m, 32200, 0, &e);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_LINGER_END), 1);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_RELEASE), 1);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_CONNECTION_GONE), 1);
	ck_assert_ptr_null(fixture_at(m, IMPI1, OLD));
	for (struct scscf_effect *f = e.first; f; f = f->next) {
		if (f->kind == SCSCF_EFFECT_RELEASE) {
			/* The phone has another connection: the BYE reaches it there. */
			ck_assert(slice_eq(f->leg[0].target, NEW) &&
				  slice_eq(f->leg[0].route, PATH2) &&
				  slice_eq(f->leg[0].from_tag, S("b")));
			ck_assert(slice_eq(f->leg[1].target, OLD_B) &&
				  slice_eq(f->leg[1].to_tag, S("b")));
			ck_assert_uint_eq(f->leg[1].cseq, 2);
		}
		if (f->kind == SCSCF_EFFECT_CONTACT)
			ck_assert(f->connection_terminated && !f->contact_active &&
				  f->impu_active[0]);
	}
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(imsglobreg_keeps_instances_apart)
{
	struct scscf_model *m = fixture_model();
	struct slice set1[] = {IMPU1};
	struct scscf_implicit_set *set = fixture_set(m, IMPI1, set1, 1);
	struct scscf_effects e;
	struct scscf_connection *new;
	int with = 0, without = 0;

	fixture_bind(m, set, OLD, PATH1, SLICE_NULL, 0);
	fixture_bind(m, set, S("sip:gruu@10.1.0.10:5070"), PATH1, S("<urn:gsma:imei:1>"), 2);
	scscf_effects_init(&e);
	ck_assert_int_eq(fixture_plan(m, S("<sip:10.2.0.10:5070>;expires=600"), S(";imsglobreg"),
				      &list, &rq, &plan, &no),
			 0);
	commit(m, 2000, &e);
	new = fixture_at(m, IMPI1, NEW);
	for (struct scscf_binding *b = new->bindings; b; b = b->next) {
		with += slice_eq(b->instance, S("<urn:gsma:imei:1>")) && b->reg_id == 2;
		without += !b->instance.len && !b->reg_id;
	}
	ck_assert(with == 1 && without == 1);
	ck_assert_ptr_null(fixture_at(m, IMPI1, OLD));
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(imsglobreg_moves_a_hundred_identities_and_no_more_sets_than_there_may_be)
{
	struct scscf_model *m = fixture_model();
	static char text[SCSCF_IMPI_SETS_MAX + 1][8][32];
	struct slice impus[8];
	struct scscf_implicit_set *set;
	struct scscf_effects e;

	for (int i = 0; i <= SCSCF_IMPI_SETS_MAX; i++) {
		for (int k = 0; k < 8; k++) {
			snprintf(text[i][k], sizeof(text[i][k]), "sip:u%d-%d@home1.net", i, k);
			impus[k] = slice_str(text[i][k]);
		}
		if (!i)
			impus[0] = IMPU1;
		if (i < SCSCF_IMPI_SETS_MAX)
			fixture_bind(m, fixture_set(m, IMPI1, impus, 8), OLD, PATH1, SLICE_NULL, 0);
		else
			ck_assert_int_eq(scscf_model_learn_set(m, IMPI1, impus, NULL, 8, &set),
					 SCSCF_MODEL_E_LIMIT);
	}
	scscf_effects_init(&e);
	ck_assert_int_eq(fixture_plan(m, S("<sip:10.2.0.10:5070>;expires=600"), S(";imsglobreg"),
				      &list, &rq, &plan, &no),
			 0);
	ck_assert_uint_eq(plan.sets_n, SCSCF_IMPI_SETS_MAX);
	commit(m, 2000, &e);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_CONTACT), 2 * SCSCF_IMPI_SETS_MAX);
	ck_assert_ptr_null(fixture_at(m, IMPI1, OLD));
	for (int i = 0; i < SCSCF_IMPI_SETS_MAX; i++)
		ck_assert_uint_eq(scscf_model_set(m, IMPI1, slice_str(text[i][7]))->bindings, 1);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(same_instance_and_reg_id_replace)
{
	struct scscf_model *m = fixture_model();
	struct slice set1[] = {IMPU1};
	struct scscf_effects e;

	fixture_bind(m, fixture_set(m, IMPI1, set1, 1), OLD, PATH1, S("<urn:x>"), 1);
	scscf_effects_init(&e);
	ck_assert_int_eq(
	    fixture_plan(m,
			 S("<sip:10.2.0.10:5070>;expires=600;reg-id=1;+sip.instance=\"<urn:x>\""),
			 SLICE_NULL, &list, &rq, &plan, &no),
	    0);
	ck_assert_uint_eq(plan.unbinds_n, 1);
	ck_assert_int_eq(
	    fixture_plan(m,
			 S("<sip:10.2.0.10:5070>;expires=600;reg-id=2;+sip.instance=\"<urn:x>\""),
			 SLICE_NULL, &list, &rq, &plan, &no),
	    0);
	ck_assert_uint_eq(plan.unbinds_n, 0);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(deregistration_tells_the_hss_only_at_the_end)
{
	struct scscf_model *m = fixture_model();
	struct scscf_effects e;

	fixture_users(m);
	scscf_effects_init(&e);
	ck_assert_int_eq(fixture_plan(m, S("<sip:10.2.0.10:5070>;expires=600"), SLICE_NULL, &list,
				      &rq, &plan, &no),
			 0);
	commit(m, 2000, &e);
	ck_assert_int_eq(fixture_plan(m, S("<sip:10.1.0.10:5070>;expires=0"), SLICE_NULL, &list,
				      &rq, &plan, &no),
			 0);
	ck_assert(plan.kind == SCSCF_REGISTER_DEREG && plan.unbinds_n == 1 && !plan.sets[0].sar);
	commit(m, 2000, &e);
	list = (struct sip_contact_list){.star = true};
	rq.has_expires = true;
	rq.expires = 0;
	rq.cseq = 6;
	ck_assert_int_eq(scscf_register_plan(m, &rq, &fixture_policy, &plan, &no), 0);
	ck_assert(plan.unbinds_n == 1 && plan.sets[0].sar && plan.sets[0].deregisters);
	commit(m, 2000, &e);
	ck_assert_ptr_null(scscf_model_set(m, IMPI1, IMPU1));
	ck_assert_ptr_nonnull(scscf_model_set(m, IMPI1, IMPU3));
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(what_is_refused_and_with_what)
{
	struct {
		const char *contacts, *to;
		int status;
	} bad[] = {
	    /* a new contact that is neither this connection's nor expires=0 */
	    {"<sip:10.2.0.10:5070>;expires=600, <sip:10.9.9.9:5070>;expires=600", "", 400},
	    {"<sip:10.9.9.9:5070>;expires=600", "", 400},
	    {"<sip:10.2.0.10:5070>, <sip:10.2.0.10:5071>", "", 400},
	    {"<sip:10.2.0.10:5070>, <sip:10.2.0.10:5070>;expires=0", "", 400},
	    {"<tel:+49123>", "", 400},
	    {"<sip:10.1.0.10:5070>;expires=0", ";imsglobreg", 400},
	    {"<sip:10.2.0.10:5070>", ";imsglobreg;imsglobreg", 400},
	    /* contact of another user, at another address than the UE's */
	    {"<sip:10.3.0.10:5070>;expires=600", "", 400},
	    {"<sip:10.2.0.10:5070>;expires=59", "", 423},
	    /* parts that would change what is sent to the phone, or where to */
	    {"<sip:10.2.0.10:5070>, <sip:10.1.0.10:5070?Route=x>;expires=0", "", 400},
	    {"<sip:10.2.0.10:5070?Route=%3Csip:10.9.9.9%3E>", "", 400},
	    {"<sip:a@10.2.0.10:5070;x=y?Subject=hello>", "", 400},
	    {"<sip:a@10.2.0.10:5070?>", "", 400},
	    {"<sip:10.2.0.10:5070;method=BYE>", "", 400},
	    {"<sip:10.2.0.10:5070;LR>", "", 400},
	    {"<sip:10.2.0.10:5070;transport=udp;maddr=10.9.9.9>", "", 400},
	    {"<sip:10.2.0.10:5070;ttl=1>", "", 400},
	};
	struct scscf_model *m = fixture_model();

	fixture_users(m);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&list, 0, sizeof(list));
		ck_assert_int_eq(sip_contact_list_add(&list, slice_str(bad[i].contacts)), 0);
		rq = (struct scscf_register_request){.impi = IMPI1,
						     .impu = IMPU1,
						     .to_params = slice_str(bad[i].to),
						     .contacts = &list,
						     .tagged = true,
						     .path = PATH2,
						     .call_id = S("n"),
						     .cseq = 5,
						     .via_host = S("10.2.0.10")};
		ck_assert_msg(scscf_register_plan(m, &rq, &fixture_policy, &plan, &no) == -1 &&
				  no.status == bad[i].status,
			      "%s %s: %d", bad[i].contacts, bad[i].to, no.status);
	}
	/* Behind a NAT the contact is the private address that the Via shows too. */
	ck_assert_int_eq(sip_contact_list_add(&list, S("<sip:192.168.1.2>")), 0);
	list.contact[0] = list.contact[1];
	list.n = 1;
	rq.via_host = S("192.168.1.2");
	rq.via_received = S("10.2.0.10");
	ck_assert_int_eq(scscf_register_plan(m, &rq, &fixture_policy, &plan, &no), 0);
	ck_assert_uint_eq(plan.expires, 3600);
	fixture_done(m);
}
END_TEST

START_TEST(same_call_id_needs_a_higher_cseq)
{
	struct scscf_model *m = fixture_model();

	fixture_users(m);
	ck_assert_int_eq(
	    fixture_plan(m, S("<sip:10.1.0.10:5070>"), SLICE_NULL, &list, &rq, &plan, &no), 0);
	rq.path = PATH1;
	rq.call_id = S("first@ue");
	rq.cseq = 1;
	ck_assert_int_eq(scscf_register_plan(m, &rq, &fixture_policy, &plan, &no), -1);
	/* Not 500: an I-CSCF would ask again. */
	ck_assert_int_eq(no.status, 400);
	rq.cseq = 2;
	ck_assert_int_eq(scscf_register_plan(m, &rq, &fixture_policy, &plan, &no), 0);
	fixture_done(m);
}
END_TEST

START_TEST(an_unknown_identity_is_a_registration)
{
	struct scscf_model *m = fixture_model();
	struct scscf_effects e;

	scscf_effects_init(&e);
	ck_assert_int_eq(fixture_plan(m, S("<sip:10.2.0.10:5070>, <sip:10.1.0.10:5070>;expires=0"),
				      SLICE_NULL, &list, &rq, &plan, &no),
			 0);
	ck_assert(plan.sets_n == 1 && !plan.sets[0].known && plan.sets[0].sar && !plan.unbinds_n);
	commit(m, 2000, &e);
	ck_assert_int_eq(fixture_at(m, IMPI1, NEW)->state, SCSCF_CONNECTION_ACTIVE);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

UNIT_MAIN("register", a_second_contact_is_added_and_the_first_stays,
	  one_identity_moves_and_the_other_stays,
	  imsglobreg_moves_every_set_and_the_old_connection_lingers,
	  imsglobreg_keeps_instances_apart,
	  imsglobreg_moves_a_hundred_identities_and_no_more_sets_than_there_may_be,
	  same_instance_and_reg_id_replace, deregistration_tells_the_hss_only_at_the_end,
	  what_is_refused_and_with_what, same_call_id_needs_a_higher_cseq,
	  an_unknown_identity_is_a_registration)
