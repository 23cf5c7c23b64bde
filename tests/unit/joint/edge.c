/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The P-CSCF's core, its flow sets, and what its glue does with what it asks for. */
#include "reginfo/parser.h"
#include "unit/joint/world.h"

#include <stdio.h>
#include <string.h>

static uint64_t settle_ms;

static void make_id(char *out, size_t n)
{
	static unsigned counter;

	snprintf(out, n + 1, "%0*x", (int)n, ++counter);
}

static void release(void *p)
{
	free(p);
}

void edge_start(void)
{
	const struct pcscf_memory mem = {malloc, release};
	const struct keyed_hash_key key = {{world.seed, 1}};
	struct pcscf_config cfg;

	pcscf_config_defaults(&cfg);
	settle_ms = (uint64_t)cfg.settle_ms;
	cfg.connections_max = cfg.subscriptions_max = 1000;
	cfg.sessions_max = 1000;
	world.edge = pcscf_model_new(&cfg, &mem, make_id, &key, (int64_t)world.now);
	ck_assert_ptr_nonnull(world.edge);
}

void edge_stop(void)
{
	struct pcscf_counts n;

	pcscf_count(world.edge, &n);
	ck_assert_uint_eq(n.forbidden, 0);
	pcscf_model_free(world.edge);
}

static void forget_set(uint64_t id)
{
	for (int u = 0; u < USERS; u++)
		for (int a = 0; a < ACCESSES; a++)
			if (world.user[u].access[a].set_id == id) {
				joint_say(u, "edge: flow set %llu of access %d dropped",
					  (unsigned long long)id, a);
				world.user[u].access[a].set_id = 0;
			}
}

/* Do what the model wants: send its SUBSCRIBEs, take down flow sets. */
static void act(void)
{
	struct pcscf_todo todo;

	while (pcscf_next_todo(world.edge, &todo)) {
		struct joint_message *m;
		int user, set;

		if (todo.kind == PCSCF_TODO_DROP)
			forget_set(todo.set_id);
		if (todo.kind != PCSCF_TODO_SUBSCRIBE)
			continue;
		joint_owner(todo.subscribe.identity, &user, &set);
		m = joint_message(JOINT_SUBSCRIBE, user);
		m->subscribe = todo.subscribe;
		joint_say(user, "edge: SUBSCRIBE for set %d, %s", set,
			  todo.subscribe.remote_tag[0] ? "refresh" : "new");
		joint_send(m, 0);
	}
}

void edge_flow_set(struct joint_access *a)
{
	if (!a->set_id)
		a->set_id = ++world.next_set;
}

static void bind_set(const struct joint_message *m, struct slice identity)
{
	struct joint_access *a = &world.user[m->user].access[m->access];

	ck_assert_int_eq(pcscf_registered(world.edge, a->set_id, identity, slice_str(a->contact),
					  SLICE_LIT("sip:10.0.0.4"), PCSCF_REG_SEAMLESS,
					  (int64_t)world.now),
			 0);
}

void edge_registered(const struct joint_message *m)
{
	const struct joint_user *u = &world.user[m->user];
	char call_id[24];
	struct joint_access *a = &world.user[m->user].access[m->access];

	edge_flow_set(a);
	for (int s = 0; s < SETS; s++)
		if (m->sets & 1u << s && s != m->set)
			bind_set(m, slice_str(u->impu[s][0]));
	bind_set(m, slice_str(u->impu[m->set][0]));
	snprintf(call_id, sizeof(call_id), "reg@u%d", m->user);
	ck_assert_int_eq(pcscf_registered_by(world.edge, a->set_id, slice_str(u->impu[m->set][0]),
					     slice_str(call_id), m->register_cseq),
			 0);
	/* A full document that lacks so young a binding is asked for again after settle_ms. */
	a->asks_by = world.now + settle_ms + 3000;
	a->lost = false;
	joint_say(m->user, "edge: registered set %d access %d over flow set %llu", m->set,
		  m->access, (unsigned long long)a->set_id);
	act();
}

void edge_answered(const struct joint_message *m)
{
	const struct pcscf_answer a = {.code = m->code,
				       .expires = 600000,
				       .remote_tag = SLICE_LIT("srv"),
				       .contact = SLICE_LIT("sip:scscf")};

	pcscf_subscribe_answered(world.edge, m->subscribe.request_id, &a, (int64_t)world.now);
	act();
}

void edge_notified(const struct joint_message *m)
{
	struct pcscf_notify n = {.call_id = slice_str(m->subscribe.call_id),
				 .local_tag = slice_str(m->subscribe.local_tag),
				 .remote_tag = SLICE_LIT("srv"),
				 .contact = SLICE_LIT("sip:scscf"),
				 .cseq = m->cseq,
				 .terminated = m->last,
				 .reason = m->last ? SLICE_LIT("noresource") : SLICE_NULL};
	enum reginfo_verdict v;
	struct reginfo_doc doc;

	ck_assert_int_eq(reginfo_parse(slice_make(m->body, m->len), &doc), 0);
	n.doc = &doc;
	joint_say(m->user, "edge: NOTIFY for set %d%s\n%.*s", m->set, m->last ? ", the last" : "",
		  (int)m->len, m->body);
	if (pcscf_notified(world.edge, &n, &v, (int64_t)world.now) == 0 && m->heals)
		world.user[m->user].missed[m->set] = false;
	reginfo_free(&doc);
	act();
}

static struct pcscf_message message_of(const struct joint_call *c)
{
	return (struct pcscf_message){.set_id = c->set_id,
				      .from_ue = c->outgoing,
				      .call_id = slice_str(c->id),
				      .from_tag = SLICE_LIT("a"),
				      .to_tag = SLICE_LIT("b")};
}

/* INVITE and 2xx; within: in a dialog that is there, from our user. */
void edge_call(const struct joint_call *c, bool within)
{
	struct pcscf_message m = message_of(c);

	if (within && !c->outgoing) { /* the callee's re-INVITE */
		m.from_ue = true;
		m.from_tag = SLICE_LIT("b");
		m.to_tag = SLICE_LIT("a");
	}
	if (!within)
		m.to_tag = SLICE_NULL;
	ck_assert_int_eq(pcscf_invite(world.edge, &m, (int64_t)world.now), 0);
	if (!within)
		m.to_tag = SLICE_LIT("b");
	ck_assert_int_eq(pcscf_invite_answered(world.edge, &m, 200, (int64_t)world.now), 0);
	act();
}

void edge_call_ended(const struct joint_call *c)
{
	struct pcscf_message m = message_of(c);

	(void)pcscf_bye_answered(world.edge, &m, (int64_t)world.now);
	act();
}

void edge_lose(int user, int access)
{
	struct joint_user *u = &world.user[user];
	struct joint_access *a = &u->access[access];

	if (!a->set_id || pcscf_set_gone(world.edge, a->set_id, (int64_t)world.now))
		return;
	joint_say(user, "edge: flow set %llu lost", (unsigned long long)a->set_id);
	for (int i = 0; i < CALLS; i++)
		u->call[i].unseen |= u->call[i].set_id == a->set_id;
	a->set_id = 0;
	a->lost = true;
	act();
}

void edge_tick(void)
{
	pcscf_tick(world.edge, (int64_t)world.now);
	act();
}
