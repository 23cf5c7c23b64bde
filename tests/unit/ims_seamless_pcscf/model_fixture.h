/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A model with a driven clock, memory that is counted and can be made to fail, and what it asked to
 * be done. */
#ifndef PCSCF_MODEL_FIXTURE_H
#define PCSCF_MODEL_FIXTURE_H

#include "unit/unit.h"
#include "modules/ims_seamless_pcscf/core/model.h"

#include <stdio.h>

#define ALICE  "sip:alice@home1.net"
#define ALICE2 "sip:alice2@home1.net"
#define WLAN   "sip:10.1.0.10:5070"
#define LTE    "sip:10.2.0.10:5070"

static size_t fixture_blocks;	/* allocated now */
static long fixture_fail_after; /* < 0: never; 0: the next one fails */
static int64_t fixture_now;
static size_t fixture_sessions_max = 100;
static struct pcscf_model *fixture_model;
static const struct keyed_hash_key fixture_key = {{1, 2}};

static inline void *fixture_alloc(size_t size)
{
	if (fixture_fail_after == 0)
		return NULL;
	if (fixture_fail_after > 0)
		fixture_fail_after--;
	fixture_blocks++;
	return malloc(size);
}

static inline void fixture_release(void *p)
{
	if (p)
		fixture_blocks--;
	free(p);
}

static inline void fixture_random(char *out, size_t n)
{
	static unsigned int counter;

	snprintf(out, n + 1, "%0*x", (int)n, ++counter);
}

static inline struct pcscf_model *pcscf_start(void)
{
	const struct pcscf_memory mem = {fixture_alloc, fixture_release};
	struct pcscf_config cfg;

	pcscf_config_defaults(&cfg);
	cfg.connections_max = cfg.subscriptions_max = 1000;
	cfg.sessions_max = fixture_sessions_max;
	fixture_blocks = 0;
	fixture_fail_after = -1;
	fixture_now = 1700000000000;
	fixture_model = pcscf_model_new(&cfg, &mem, fixture_random, &fixture_key, fixture_now);
	return fixture_model;
}

static inline void pcscf_stop(void)
{
	struct pcscf_counts n;

	pcscf_count(fixture_model, &n);
	ck_assert_uint_eq(n.forbidden, 0);
	pcscf_model_free(fixture_model);
	ck_assert_uint_eq(fixture_blocks, 0);
}

/* Time passes in steps, as the timer process sees it. */
static inline void pcscf_pass(int64_t ms)
{
	int64_t end = fixture_now + ms;

	while (fixture_now < end) {
		fixture_now += end - fixture_now < 1000 ? end - fixture_now : 1000;
		pcscf_tick(fixture_model, fixture_now);
	}
}

/* The next thing asked for of that kind; others before it are skipped. */
static inline bool pcscf_asked(enum pcscf_todo_kind kind, struct pcscf_todo *out)
{
	while (pcscf_next_todo(fixture_model, out))
		if (out->kind == kind)
			return true;
	return false;
}

static inline void pcscf_nothing_asked(void)
{
	struct pcscf_todo todo;

	ck_assert(!pcscf_has_todo(fixture_model));
	ck_assert(!pcscf_next_todo(fixture_model, &todo));
}

static inline int register_over(uint64_t set, const char *identity, const char *contact)
{
	return pcscf_registered(fixture_model, set, slice_str(identity), slice_str(contact),
				SLICE_LIT("sip:10.0.0.4:5060"), PCSCF_REG_SEAMLESS, fixture_now);
}

static inline void answer(const struct pcscf_subscribe *s, int code)
{
	struct pcscf_answer a = {.code = code,
				 .expires = 600000,
				 .remote_tag = SLICE_LIT("srv"),
				 .contact = SLICE_LIT("sip:scscf.home1.net:5060"),
				 .routes = SLICE_LIT("<sip:10.0.0.4;lr>")};

	pcscf_subscribe_answered(fixture_model, s->request_id, &a, fixture_now);
}

/* Registers and brings the subscription up; *s names its dialog. */
static inline void register_and_subscribe(uint64_t set, const char *identity, const char *contact,
					  struct pcscf_subscribe *s)
{
	struct pcscf_todo todo;

	ck_assert_int_eq(register_over(set, identity, contact), 0);
	ck_assert(pcscf_asked(PCSCF_TODO_SUBSCRIBE, &todo));
	*s = todo.subscribe;
	answer(s, 200);
	pcscf_nothing_asked();
}

static inline struct pcscf_notify notify_of(const struct pcscf_subscribe *s,
					    const struct reginfo_doc *doc)
{
	static uint32_t cseq = 1;
	uint32_t next = cseq++;

	return (struct pcscf_notify){.call_id = slice_str(s->call_id),
				     .local_tag = slice_str(s->local_tag),
				     .remote_tag = SLICE_LIT("srv"),
				     .contact = SLICE_LIT("sip:scscf"),
				     .cseq = next,
				     .doc = doc};
}

/* A document about one identity and one contact of it. */
struct one_row {
	struct reginfo_contact contact;
	struct reginfo_registration registration;
	struct reginfo_doc doc;
};

static inline struct reginfo_doc *row(struct one_row *r, uint32_t version, const char *identity,
				      const char *uri, enum reginfo_contact_state state,
				      enum reginfo_connection connection, uint32_t linger)
{
	r->contact = (struct reginfo_contact){.id = SLICE_LIT("1"),
					      .uri = slice_str(uri),
					      .state = state,
					      .connection = connection,
					      .linger = linger,
					      .event = state == REGINFO_CONTACT_ACTIVE
							   ? REGINFO_EV_REGISTERED
							   : REGINFO_EV_UNREGISTERED};
	r->registration = (struct reginfo_registration){slice_str(identity), SLICE_LIT("a"),
							REGINFO_REG_ACTIVE, &r->contact, 1};
	r->doc = (struct reginfo_doc){
	    .version = version, .registrations = &r->registration, .registrations_n = 1};
	return &r->doc;
}

static inline void notify(const struct pcscf_subscribe *s, const struct reginfo_doc *doc)
{
	struct pcscf_notify n = notify_of(s, doc);
	enum reginfo_verdict v;

	ck_assert_int_eq(pcscf_notified(fixture_model, &n, &v, fixture_now), 0);
}

/* The first, full document: everything active. */
static inline void notify_active(const struct pcscf_subscribe *s, const char *identity,
				 const char *uri)
{
	struct one_row r;
	struct reginfo_doc *doc =
	    row(&r, 0, identity, uri, REGINFO_CONTACT_ACTIVE, REGINFO_CONN_NONE, 0);

	doc->full = true;
	notify(s, doc);
}

static inline enum pcscf_connection_state state_of(uint64_t set)
{
	struct pcscf_connection_view view;

	return pcscf_look(fixture_model, set, &view) ? PCSCF_CONN_GONE : view.state;
}

static inline unsigned int sessions_on(uint64_t set)
{
	struct pcscf_connection_view view;

	return pcscf_look(fixture_model, set, &view) ? 0 : view.sessions;
}

#endif
