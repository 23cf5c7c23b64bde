/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What watchers are told: each contact once, with one id, and of every change. */
#include "modules/ims_seamless_scscf/core/reginfo_ids.h"
#include "unit/ims_seamless_scscf/fixture.h"

static struct sip_contact_list list;
static struct scscf_register_request rq;
static struct scscf_register_plan plan;
static struct scscf_register_refusal no;

static const struct scscf_effect *row_of(const struct scscf_effects *e, struct slice impu,
					 struct slice contact, bool active)
{
	for (const struct scscf_effect *f = e->first; f; f = f->next)
		for (size_t i = 0; f->kind == SCSCF_EFFECT_CONTACT && i < f->impus_n; i++)
			if (slice_eq(f->impus[i], impu) && slice_eq(f->contact, contact) &&
			    f->contact_active == active)
				return f;
	return NULL;
}

START_TEST(a_contact_of_several_instances_stands_in_a_registration_once)
{
	struct scscf_model *m = fixture_model();
	struct slice impus[] = {IMPU1};
	struct scscf_implicit_set *set = fixture_set(m, IMPI1, impus, 1);
	struct scscf_effects e;

	fixture_bind(m, set, OLD, PATH1, SLICE_NULL, 0);
	fixture_bind(m, set, OLD, PATH1, S("<urn:x>"), 0);
	scscf_effects_init(&e);
	ck_assert_int_eq(
	    fixture_plan(m, S("<sip:10.2.0.10:5070>"), S(";imsglobreg"), &list, &rq, &plan, &no),
	    0);
	ck_assert_int_eq(fixture_commit(m, &plan, &rq, 2000, &e), 0);
	/* Both instances at the new contact: one row; both gone from the old one: one row. */
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_CONTACT), 2);
	ck_assert_ptr_nonnull(row_of(&e, IMPU1, NEW, true));
	ck_assert_ptr_nonnull(row_of(&e, IMPU1, OLD, false));
	scscf_effects_free(&e);
	/* One instance leaves: the contact is bound for the other one, nothing is terminated. */
	scscf_model_unbind_ids(m, set->subscriber, &fixture_at(m, IMPI1, NEW)->bindings->id, 1,
			       &(struct scscf_unbind_how){.event = SCSCF_CONTACT_UNREGISTERED},
			       3000, &e);
	ck_assert_ptr_null(row_of(&e, IMPU1, NEW, false));
	for (const struct scscf_effect *f = e.first; f; f = f->next)
		if (f->kind == SCSCF_EFFECT_SHADOW_UNBIND)
			ck_assert_uint_eq(f->impus_n, 0);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

static void leave(struct scscf_model *m, struct scscf_effects *e)
{
	const struct scscf_unbind_how how = {.event = SCSCF_CONTACT_UNREGISTERED};
	struct scscf_connection *old = fixture_at(m, IMPI1, OLD);
	uint64_t ids[] = {old->bindings->id, old->bindings->next->id};

	scscf_model_unbind_ids(m, old->subscriber, ids, 2, &how, 2000, e);
}

START_TEST(watchers_learn_that_a_lingering_contact_is_active_again)
{
	struct scscf_model *m = fixture_model();
	const struct scscf_effect *f;
	struct scscf_reginfo_id id;
	struct scscf_effects e;

	fixture_users(m);
	fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	leave(m, &e);
	f = row_of(&e, IMPU1, OLD, false);
	ck_assert(f && f->connection_inactive && f->linger_s == 30);
	id = scscf_contact_id(&fixture_key, IMPU1, f->contact);
	scscf_effects_free(&e);
	/* Without the tag, too. Only the first set comes back. */
	fixture_request(S("<sip:10.1.0.10:5070>"), SLICE_NULL, &list, &rq);
	rq.path = PATH1;
	rq.tagged = false;
	ck_assert_int_eq(scscf_register_plan(m, &rq, &fixture_policy, &plan, &no), 0);
	ck_assert_int_eq(fixture_commit(m, &plan, &rq, 3000, &e), 0);
	f = row_of(&e, IMPU1, OLD, true);
	ck_assert(f && f->event == SCSCF_CONTACT_REGISTERED && f->impu_active[0]);
	/* It is the same contact to them (RFC 3680 5.1). */
	ck_assert_str_eq(scscf_contact_id(&fixture_key, IMPU1, f->contact).text, id.text);
	/* The other set's contact lingers no more: it is over, on a connection that lives. */
	f = row_of(&e, IMPU3, OLD, false);
	ck_assert(f && !f->connection_inactive && !f->connection_terminated && !f->impu_active[0]);
	ck_assert_ptr_null(fixture_at(m, IMPI1, OLD)->lingering);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(another_uri_at_the_same_address_ends_the_old_one)
{
	struct scscf_model *m = fixture_model();
	struct slice impus[] = {IMPU1}, other = S("sip:b@10.1.0.10:5070");
	struct scscf_implicit_set *set = fixture_set(m, IMPI1, impus, 1);
	struct scscf_binding_info i = {
	    .contact = other, .path = PATH1, .call_id = S("c"), .expires_s = 60};
	struct scscf_effects e;

	fixture_bind(m, set, OLD, PATH1, SLICE_NULL, 0);
	scscf_effects_init(&e);
	ck_assert_int_eq(scscf_model_bind(m, set, &i, 2000, &e, NULL), 0);
	ck_assert_ptr_nonnull(row_of(&e, IMPU1, other, true));
	ck_assert_ptr_nonnull(row_of(&e, IMPU1, OLD, false));
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_SHADOW_UNBIND), 1);
	ck_assert_uint_eq(set->bindings, 1);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(who_asks_while_a_contact_lingers_is_told_of_it)
{
	struct scscf_model *m = fixture_model();
	struct scscf_effects e;

	fixture_users(m);
	fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	leave(m, &e);
	scscf_effects_free(&e);
	scscf_model_tell_lingering(m, S("SIP:user1_public1@HOME1.net"), S("watch@p1"), 5000, &e);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_CONTACT), 2);
	ck_assert(slice_eq(e.first->only_call_id, S("watch@p1")) && e.first->connection_inactive);
	ck_assert_uint_eq(e.first->linger_s, 27);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(effects_survive_being_packed)
{
	static struct scscf_store heap = {.alloc = malloc, .release = free};
	struct scscf_model *m = fixture_model();
	struct scscf_packed_effects *p;
	const struct scscf_effect *f, *g;
	struct scscf_effects e;

	fixture_users(m);
	fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	leave(m, &e);
	scscf_model_advance(m, 40000, 0, &e);
	p = scscf_effects_pack(&heap, NULL, &e);
	for (f = e.first, g = p->first; f; f = f->next, g = g->next) {
		ck_assert(g && g->kind == f->kind && g->impus_n == f->impus_n);
		ck_assert(slice_eq(f->contact, g->contact) &&
			  (!f->contact.len || f->contact.p != g->contact.p));
		for (size_t i = 0; i < f->impus_n; i++)
			ck_assert(slice_eq(f->impus[i], g->impus[i]) &&
				  (!f->impu_active || f->impu_active[i] == g->impu_active[i]));
		for (int i = 0; i < 2; i++)
			ck_assert(slice_eq(f->leg[i].route, g->leg[i].route));
	}
	ck_assert_ptr_null(g);
	scscf_packed_effects_free(&heap, NULL, p);
	ck_assert_uint_eq(heap.used, 0);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

/* user1 registers this contact again over his connection; what watchers are told, by id. */
static void change_uri(struct scscf_model *m, struct slice contact, struct scscf_effects *e)
{
	struct slice set2[] = {IMPU3};
	struct scscf_binding_info i = {.contact = contact,
				       .path = PATH1,
				       .call_id = S("first@ue"),
				       .cseq = 2,
				       .expires_s = 600};

	ck_assert_int_eq(scscf_model_bind(m, fixture_set(m, IMPI1, set2, 1), &i, 2000, e, NULL), 0);
}

START_TEST(what_is_to_be_told_is_told_without_memory_too)
{
	static struct scscf_store heap = {.alloc = malloc, .release = free};
	struct scscf_packed_effects *p[SCSCF_RESERVE_BLOCKS + 1];
	struct scscf_model *m = fixture_model();
	struct scscf_effects_reserve r;
	struct scscf_effects e;

	heap.limit = SCSCF_RESERVE_BLOCKS * 4096;
	ck_assert_int_eq(scscf_effects_reserve_init(&r, &heap, 4096), 0);
	fixture_users(m);
	fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	leave(m, &e);
	/* Several times over: blocks come back. */
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < SCSCF_RESERVE_BLOCKS; i++) {
			p[i] = scscf_effects_pack(&heap, &r, &e);
			ck_assert(p[i] && p[i]->first->kind == e.first->kind);
		}
		ck_assert_ptr_null(scscf_effects_pack(&heap, &r, &e));
		for (int i = 0; i < SCSCF_RESERVE_BLOCKS; i++)
			scscf_packed_effects_free(&heap, &r, p[i]);
		ck_assert_uint_eq(r.n, SCSCF_RESERVE_BLOCKS);
	}
	/* The reserve is for when there is nothing else, and for what fits. */
	heap.limit = 0;
	p[0] = scscf_effects_pack(&heap, &r, &e);
	ck_assert(p[0] && r.n == SCSCF_RESERVE_BLOCKS);
	scscf_packed_effects_free(&heap, &r, p[0]);
	heap.limit = heap.used;
	r.size = 64;
	ck_assert_ptr_null(scscf_effects_pack(&heap, &r, &e));
	for (int i = 0; i < SCSCF_RESERVE_BLOCKS; i++)
		scscf_store_free(&heap, r.block[i], 4096);
	ck_assert_uint_eq(heap.used, 0);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(a_contact_that_changes_its_uri_is_another_one_and_the_old_one_is_over)
{
	struct slice before = S("sip:a@10.1.0.10:5070"), after = S("sip:b@10.1.0.10:5070");
	struct scscf_model *m = fixture_model();
	struct scscf_effects e;

	scscf_effects_init(&e);
	change_uri(m, before, &e);
	scscf_effects_free(&e);
	scscf_effects_init(&e);
	change_uri(m, after, &e);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_CONTACT), 2);
	ck_assert_ptr_nonnull(row_of(&e, IMPU3, after, true));
	ck_assert_ptr_nonnull(row_of(&e, IMPU3, before, false));
	scscf_effects_free(&e);
	/* The same again is a refresh. */
	scscf_effects_init(&e);
	change_uri(m, after, &e);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_CONTACT), 1);
	ck_assert_int_eq(e.first->event, SCSCF_CONTACT_REFRESHED);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

UNIT_MAIN("rows", a_contact_of_several_instances_stands_in_a_registration_once,
	  watchers_learn_that_a_lingering_contact_is_active_again,
	  another_uri_at_the_same_address_ends_the_old_one,
	  who_asks_while_a_contact_lingers_is_told_of_it, effects_survive_being_packed,
	  what_is_to_be_told_is_told_without_memory_too,
	  a_contact_that_changes_its_uri_is_another_one_and_the_old_one_is_over)
