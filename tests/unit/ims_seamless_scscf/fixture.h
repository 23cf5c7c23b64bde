/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A model over malloc with the user of C1-062198: user1 with two implicit sets, and user2. */
#ifndef UNIT_SCSCF_FIXTURE_H
#define UNIT_SCSCF_FIXTURE_H

#include "modules/ims_seamless_scscf/core/bindings.h"
#include "modules/ims_seamless_scscf/core/register_commit.h"
#include "modules/ims_seamless_scscf/core/served.h"
#include "modules/ims_seamless_scscf/core/sessions.h"
#include "modules/ims_seamless_scscf/core/sets.h"
#include "sip/uri.h"
#include "unit/unit.h"

#define S(text) SLICE_LIT(text)
#define IMPI1	S("user1_private@home1.net")
#define IMPI2	S("user2_private@home1.net")
#define IMPU1	S("sip:user1_public1@home1.net")
#define IMPU2	S("sip:user1_public2@home1.net")
#define IMPU3	S("sip:user1_public3@home1.net")
#define IMPU_B	S("sip:user2_public1@home1.net")
#define OLD	S("sip:10.1.0.10:5070")
#define NEW	S("sip:10.2.0.10:5070")
#define OLD_B	S("sip:10.3.0.10:5070")
#define PATH1	S("<sip:tok1@10.0.0.11;lr;ob>")
#define PATH2	S("<sip:tok2@10.0.0.12;lr;ob>")

static const struct keyed_hash_key fixture_key = {{0x0706050403020100, 0x0f0e0d0c0b0a0908}};

static inline struct scscf_model *fixture_model(void)
{
	static const struct scscf_store heap = {.alloc = malloc, .release = free};
	struct scscf_model *m = malloc(sizeof(*m));

	ck_assert_int_eq(scscf_model_init(m, heap, &fixture_key, 64, 1000), 0);
	m->linger_ms = 30000;
	return m;
}

/* Free it and assert that every byte came back. */
static inline void fixture_done(struct scscf_model *m)
{
	scscf_model_free(m);
	ck_assert_uint_eq(m->store.used, 0);
	free(m);
}

static inline struct scscf_implicit_set *fixture_set(struct scscf_model *m, struct slice impi,
						     const struct slice *impus, size_t n)
{
	struct scscf_implicit_set *set;

	ck_assert_int_eq(scscf_model_learn_set(m, impi, impus, NULL, n, &set), 0);
	return set;
}

static inline void fixture_bind(struct scscf_model *m, struct scscf_implicit_set *set,
				struct slice contact, struct slice path, struct slice instance,
				uint32_t reg_id)
{
	struct scscf_binding_info i = {.contact = contact,
				       .path = path,
				       .instance = instance,
				       .reg_id = reg_id,
				       .call_id = S("first@ue"),
				       .cseq = 1,
				       .expires_s = 600,
				       .seamless = true};

	ck_assert_int_eq(scscf_model_bind(m, set, &i, 1000, NULL, NULL), 0);
}

/* user1 at OLD with IMPU1+IMPU2 in one set and IMPU3 in another, user2 at OLD_B. */
static inline void fixture_users(struct scscf_model *m)
{
	struct slice set1[] = {IMPU1, IMPU2}, set2[] = {IMPU3}, set3[] = {IMPU_B};

	fixture_bind(m, fixture_set(m, IMPI1, set1, 2), OLD, PATH1, SLICE_NULL, 0);
	fixture_bind(m, fixture_set(m, IMPI1, set2, 1), OLD, PATH1, SLICE_NULL, 0);
	fixture_bind(m, fixture_set(m, IMPI2, set3, 1), OLD_B, PATH1, SLICE_NULL, 0);
}

/* The connection of this user with the address of this contact, whatever the way to it. */
static inline struct scscf_connection *fixture_at(struct scscf_model *m, struct slice impi,
						  struct slice contact)
{
	struct scscf_subscriber *s = scscf_model_subscriber(m, impi);
	struct scscf_connection *c = s ? s->connections : NULL;
	struct sip_uri_parts u;

	ck_assert_int_eq(sip_uri_parse(contact, &u), 0);
	while (c && !(c->way.port == u.port && sip_host_eq(c->way.host, u.host)))
		c = c->next;
	return c;
}

static const struct scscf_session_answer fixture_answer = {
    .to_tag = {"b", 1},
    .contact = {"sip:10.3.0.10:5070", 18},
    .callee_route = {"<sip:tok1@10.0.0.11;lr;ob>", 26}};

/* A confirmed call from user1 over OLD to user2. */
static inline struct scscf_session *fixture_call(struct scscf_model *m, struct slice call_id)
{
	struct scscf_session_info i = {.call_id = call_id,
				       .from_tag = S("a"),
				       .from_uri = IMPU1,
				       .to_uri = IMPU_B,
				       .cseq = 1,
				       .caller_contact = OLD,
				       .caller_route = PATH1,
				       .callee_contact = OLD_B,
				       .caller = fixture_at(m, IMPI1, OLD),
				       .callee = fixture_at(m, IMPI2, OLD_B)};
	struct scscf_effects e;
	struct scscf_session *s;

	scscf_effects_init(&e);
	ck_assert_int_eq(scscf_session_open(m, &i, 1000, &s), 0);
	ck_assert_int_eq(scscf_session_confirm(m, s, &fixture_answer, 1000, &e), 0);
	scscf_effects_free(&e);
	return s;
}

static inline size_t fixture_count(const struct scscf_effects *e, enum scscf_effect_kind kind)
{
	size_t n = 0;

	for (const struct scscf_effect *f = e->first; f; f = f->next)
		n += f->kind == kind;
	return n;
}

/* The first effect of this kind; it must be there. */
static inline const struct scscf_effect *fixture_first(const struct scscf_effects *e,
						       enum scscf_effect_kind kind)
{
	const struct scscf_effect *f = e->first;

	while (f && f->kind != kind)
		f = f->next;
	ck_assert_ptr_nonnull(f);
	return f;
}

static const struct scscf_register_policy fixture_policy = {
    .min_expires = 60, .max_expires = 600000, .default_expires = 3600};

/* A REGISTER of user1 with the option tag, as read from a Contact body and To parameters. */
static inline void fixture_request(struct slice contacts, struct slice to_params,
				   struct sip_contact_list *l, struct scscf_register_request *rq)
{
	memset(l, 0, sizeof(*l));
	if (contacts.len)
		ck_assert_int_eq(sip_contact_list_add(l, contacts), 0);
	*rq = (struct scscf_register_request){.impi = IMPI1,
					      .impu = IMPU1,
					      .to_params = to_params,
					      .contacts = l,
					      .tagged = true,
					      .path = PATH2,
					      .call_id = S("new@ue"),
					      .cseq = 5};
}

static inline int fixture_plan(struct scscf_model *m, struct slice contacts, struct slice to_params,
			       struct sip_contact_list *l, struct scscf_register_request *rq,
			       struct scscf_register_plan *plan, struct scscf_register_refusal *no)
{
	fixture_request(contacts, to_params, l, rq);
	return scscf_register_plan(m, rq, &fixture_policy, plan, no);
}

/*
 * Commit a REGISTER that was planned; a set the model does not know gets To's IMPU alone. Returns
 * what the commit returns.
 */
static inline int fixture_commit(struct scscf_model *m, const struct scscf_register_plan *plan,
				 const struct scscf_register_request *rq, uint64_t now_ms,
				 struct scscf_effects *e)
{
	struct scscf_saved_register *r = scscf_saved_register_make(m, plan, rq, &fixture_policy);
	struct scscf_register_result res;
	int rc;

	ck_assert_ptr_nonnull(r);
	if (!r->sets[0].known) {
		r->sets[0].impus[0] = r->rq.impu;
		r->sets[0].impus_n = 1;
	}
	rc = scscf_register_commit(m, r, now_ms, e, &res);
	scscf_saved_register_free(m, r, NULL);
	return rc;
}

#endif
