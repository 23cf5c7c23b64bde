/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A long random but seeded walk of registers, moves, de-registrations, calls, hang-ups, losses and
 * time over a handful of users that share addresses and identities; after every step the model must
 * agree with itself.
 */
#include <stdio.h>

#include "unit/ims_seamless_scscf/fixture.h"

#include "modules/ims_seamless_scscf/core/lookup.h"

#define STEPS	 3000 /* of each walk; WALK_STEPS in the environment for longer ones */
#define USERS	 5
#define PLACES	 6
#define SETS	 3
#define CALLS	 24
#define TEXT_MAX 160

struct walk {
	struct scscf_model *m;
	uint64_t now_ms, random;
	uint32_t cseq;
	char impi[USERS][32], impu[USERS][SETS][2][48], place[PLACES][48], path[PLACES][48];
};

static uint32_t draw(struct walk *w, uint32_t below)
{
	w->random = w->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(w->random >> 33) % below;
}

static void begin(struct walk *w, uint64_t seed)
{
	memset(w, 0, sizeof(*w));
	w->m = fixture_model();
	w->m->owns_expiry = true;
	w->m->session_max_ms = 200000;
	w->now_ms = 1000;
	w->random = seed;
	for (int u = 0; u < USERS; u++) {
		snprintf(w->impi[u], sizeof(w->impi[u]), "user%d@home1.net", u);
		for (int s = 0; s < SETS; s++)
			for (int k = 0; k < 2; k++)
				/* Users 3 and 4 share their identities. */
				snprintf(w->impu[u][s][k], sizeof(w->impu[u][s][k]),
					 "sip:user%d_set%d_%d@home1.net", u < 4 ? u : 3, s, k);
	}
	for (int p = 0; p < PLACES; p++) {
		/* Places 0 and 1 have the same private address. */
		snprintf(w->place[p], sizeof(w->place[p]), "10.1.%d.10:5070", p < 2 ? 0 : p);
		snprintf(w->path[p], sizeof(w->path[p]), "<sip:term@10.0.0.%d;lr>", 10 + p);
	}
}

/* ---- steps ---- */

static void saa(struct walk *w, struct scscf_saved_register *r, int user)
{
	for (size_t i = 0; i < r->sets_n; i++) {
		for (int s = 0; s < SETS; s++)
			if (slice_eq(r->sets[i].impu, slice_str(w->impu[user][s][0]))) {
				r->sets[i].impus[0] = slice_str(w->impu[user][s][0]);
				r->sets[i].impus[1] = slice_str(w->impu[user][s][1]);
				r->sets[i].impus_n = 2;
			}
	}
}

static void send_register(struct walk *w, int user, int set, const char *contacts, int place)
{
	static struct scscf_register_plan plan;
	struct scscf_register_request rq;
	struct scscf_register_refusal no;
	struct scscf_register_result res;
	struct scscf_saved_register *r;
	struct sip_contact_list list;
	struct scscf_effects e;
	int rc;

	fixture_request(slice_str(contacts), draw(w, 4) ? SLICE_NULL : S(";imsglobreg"), &list,
			&rq);
	rq.impi = slice_str(w->impi[user]);
	rq.impu = slice_str(w->impu[user][set][0]);
	rq.path = slice_str(w->path[place]);
	rq.tagged = draw(w, 3) != 0;
	rq.cseq = ++w->cseq;
	if (scscf_register_plan(w->m, &rq, &fixture_policy, &plan, &no)) {
		ck_assert(no.status >= 400 && no.reason && no.why);
		return;
	}
	r = scscf_saved_register_make(w->m, &plan, &rq, &fixture_policy);
	saa(w, r, user);
	scscf_effects_init(&e);
	rc = scscf_register_commit(w->m, r, w->now_ms, &e, &res);
	ck_assert_msg(rc == 0 || rc == SCSCF_MODEL_E_REFUSED || rc == SCSCF_MODEL_E_LIMIT, "%d",
		      rc);
	scscf_saved_register_free(w->m, r, NULL);
	scscf_effects_free(&e);
}

static void step_register(struct walk *w)
{
	int user = (int)draw(w, USERS), place = (int)draw(w, PLACES), old = (int)draw(w, PLACES);
	char text[TEXT_MAX], extra[64] = "";

	if (draw(w, 3) == 0)
		snprintf(extra, sizeof(extra), ";+sip.instance=\"<urn:%u>\";reg-id=%u", draw(w, 2),
			 1 + draw(w, 2));
	switch (draw(w, 4)) {
	case 0:
		snprintf(text, sizeof(text), "<sip:%s>;expires=0", w->place[old]);
		break;
	case 1:
		snprintf(text, sizeof(text), "<sip:%s>;expires=%u%s,<sip:%s>;expires=0",
			 w->place[place], 60 + draw(w, 600), extra, w->place[old]);
		break;
	default:
		snprintf(text, sizeof(text), "<sip:%s>;expires=%u%s", w->place[place],
			 60 + draw(w, 600), extra);
	}
	send_register(w, user, (int)draw(w, SETS), text, place);
}

static struct scscf_connection *connection_of(struct walk *w, int user)
{
	const struct scscf_where where = {.route = slice_str(w->path[draw(w, PLACES)])};

	return scscf_user_connection(w->m, slice_str(w->impi[user]), &where);
}

static struct scscf_session *some_session(struct walk *w, enum scscf_session_side *from)
{
	char call[16];

	snprintf(call, sizeof(call), "call%u", draw(w, CALLS));
	return scscf_session_find(w->m, slice_str(call), S("a"), S("b"), from);
}

static void step_call(struct walk *w)
{
	struct scscf_session_info info = {.from_tag = S("a"), .from_uri = IMPU1, .to_uri = IMPU_B};
	char call[16];
	struct scscf_session *s;

	snprintf(call, sizeof(call), "call%u", draw(w, CALLS));
	info.call_id = slice_str(call);
	info.caller = connection_of(w, (int)draw(w, USERS));
	info.callee = connection_of(w, (int)draw(w, USERS));
	if (scscf_session_open(w->m, &info, w->now_ms, &s))
		return;
	for (uint32_t i = draw(w, 3); i; i--) {
		struct scscf_connection *c = connection_of(w, (int)draw(w, USERS));

		if (c)
			ck_assert_int_eq(scscf_session_ring(w->m, s, c, OLD), 0);
	}
}

static void step_session(struct walk *w)
{
	enum scscf_session_side from = SCSCF_SIDE_CALLER;
	struct scscf_session *s = some_session(w, &from);
	struct scscf_session_answer answer = fixture_answer;
	enum scscf_session_side side = draw(w, 2) ? SCSCF_SIDE_CALLER : SCSCF_SIDE_CALLEE;
	struct scscf_session_way way;
	struct scscf_connection *c;
	struct scscf_effects e;

	if (!s)
		return;
	scscf_effects_init(&e);
	c = s->end[side].impi.len
		? scscf_model_subscriber(w->m, s->end[side].impi) &&
			  scscf_model_subscriber(w->m, s->end[side].impi)->connections
		      ? scscf_model_subscriber(w->m, s->end[side].impi)->connections
		      : NULL
		: NULL;
	switch (draw(w, 5)) {
	case 0:
		answer.connection = connection_of(w, (int)draw(w, USERS));
		(void)scscf_session_confirm(w->m, s, &answer, w->now_ms, &e);
		break;
	case 1:
		if (c && c->state == SCSCF_CONNECTION_ACTIVE)
			scscf_session_move(w->m, s, side, c, NEW, &e);
		break;
	case 2:
		if (c && c->state == SCSCF_CONNECTION_ACTIVE)
			scscf_session_expect_move(w->m, s, side, c, NEW);
		break;
	case 3:
		if (scscf_session_way(w->m, s, side, &way))
			ck_assert(way.path.len && way.contact.len);
		break;
	default:
		scscf_session_end(w->m, s, w->now_ms, &e);
	}
	scscf_effects_free(&e);
}

static void step_network(struct walk *w)
{
	int user = (int)draw(w, USERS);
	struct slice impu = slice_str(w->impu[user][draw(w, SETS)][0]);
	struct scscf_connection *c;
	struct scscf_effects e;

	scscf_effects_init(&e);
	switch (draw(w, 3)) {
	case 0:
		scscf_model_deregister(w->m, slice_str(w->impi[user]), &impu, draw(w, 2),
				       SCSCF_CONTACT_DEACTIVATED, SCSCF_END_BY_HSS, w->now_ms, &e);
		break;
	case 1:
		c = connection_of(w, user);
		if (c)
			scscf_model_drop_connection(w->m, c, w->now_ms, &e);
		break;
	default:
		scscf_model_tell_lingering(w->m, impu, S("w"), w->now_ms, &e);
	}
	scscf_effects_free(&e);
}

static void step_time(struct walk *w)
{
	struct scscf_effects e;

	w->now_ms += draw(w, 20000);
	scscf_effects_init(&e);
	scscf_model_advance(w->m, w->now_ms, draw(w, 3), &e);
	scscf_effects_free(&e);
}

/* ---- what must hold ---- */

static size_t check_bindings(const struct scscf_connection *c)
{
	size_t n = 0;

	for (const struct scscf_binding *b = c->bindings; b; b = b->next, n++) {
		ck_assert(b->connection == c && !b->going && b->set->subscriber == c->subscriber);
		ck_assert(wheel_timer_armed(&b->timer.wheel));
	}
	for (const struct scscf_binding *b = c->lingering; b; b = b->next)
		ck_assert(!wheel_timer_armed(&b->timer.wheel));
	return n;
}

static void check_connection(const struct scscf_connection *c)
{
	size_t ends = 0, bindings = check_bindings(c);

	for (const struct scscf_list *l = c->ends.next; l != &c->ends; l = l->next, ends++) {
		const struct scscf_session_end *end = (const void *)l;

		ck_assert_ptr_eq(end->connection, c);
		ck_assert(slice_eq(end->impi, c->subscriber->impi));
		ck_assert_int_ne(end->session->state, SCSCF_SESSION_ENDING);
	}
	ck_assert_uint_eq(ends, c->sessions);
	if (c->state == SCSCF_CONNECTION_ACTIVE) {
		ck_assert(bindings && !c->lingering && !wheel_timer_armed(&c->timer.wheel));
	} else {
		ck_assert_int_eq(c->state, SCSCF_CONNECTION_INACTIVE);
		ck_assert(!bindings && ends && wheel_timer_armed(&c->timer.wheel));
	}
}

static void check_subscriber(struct walk *w, const struct scscf_subscriber *s, size_t sum[3])
{
	size_t connections = 0, in_sets = 0, on_connections = 0;

	for (const struct scscf_connection *c = s->connections; c; c = c->next, connections++) {
		check_connection(c);
		sum[1] += c->state == SCSCF_CONNECTION_INACTIVE;
		for (const struct scscf_binding *b = c->bindings; b; b = b->next)
			on_connections++;
		ck_assert_ptr_eq(scscf_model_connection_by_id(w->m, c->id), c);
	}
	for (const struct scscf_implicit_set *set = s->sets; set; set = set->next) {
		in_sets += set->bindings;
		ck_assert_uint_le(set->bindings, SCSCF_SET_BINDINGS_MAX);
	}
	ck_assert_uint_eq(connections, s->connections_n);
	ck_assert_uint_le(connections, SCSCF_IMPI_CONNECTIONS_MAX);
	ck_assert_uint_eq(in_sets, on_connections);
	ck_assert_uint_eq(s->holds, 0);
	ck_assert(s->sets || s->connections);
	sum[0] += connections;
	sum[2] += on_connections;
}

static void check_model(struct walk *w)
{
	size_t sum[3] = {0}, subscribers = 0;

	for (int u = 0; u < USERS; u++) {
		struct scscf_subscriber *s = scscf_model_subscriber(w->m, slice_str(w->impi[u]));

		if (!s)
			continue;
		subscribers++;
		check_subscriber(w, s, sum);
	}
	ck_assert_uint_eq(subscribers, w->m->subscribers);
	ck_assert_uint_eq(sum[0], w->m->connections);
	ck_assert_uint_eq(sum[1], w->m->inactive);
	ck_assert_uint_eq(sum[2], w->m->bindings);
}

static void check_lookup(struct walk *w)
{
	int user = (int)draw(w, USERS);
	struct scscf_arena a = {0};
	struct scscf_targets t;

	if (!scscf_lookup(w->m, slice_str(w->impu[user][draw(w, SETS)][1]), w->now_ms, &a, &t))
		for (size_t i = 0; i < t.n; i++)
			ck_assert_int_eq(
			    scscf_model_connection_by_id(w->m, t.target[i].connection)->state,
			    SCSCF_CONNECTION_ACTIVE);
	scscf_arena_free(&a);
}

static void walk(uint64_t seed)
{
	struct walk w;

	const char *asked = getenv("WALK_STEPS");
	int steps = asked ? atoi(asked) : STEPS;

	begin(&w, seed);
	for (int i = 0; i < steps; i++) {
		switch (draw(&w, 8)) {
		case 0:
		case 1:
		case 2:
			step_register(&w);
			break;
		case 3:
			step_call(&w);
			break;
		case 4:
		case 5:
			step_session(&w);
			break;
		case 6:
			step_time(&w);
			break;
		default:
			if (draw(&w, 4) == 0)
				step_network(&w);
		}
		check_model(&w);
		check_lookup(&w);
	}
	/* All of it has happened. */
	ck_assert_uint_gt(w.m->counters.lingers, 10);
	ck_assert_uint_gt(w.m->counters.linger_ends, 5);
	ck_assert_uint_gt(w.m->counters.moved_sessions, 5);
	ck_assert_uint_gt(w.m->counters.released_sessions, 5);
	ck_assert_uint_gt(w.m->counters.global_moves, 20);
	ck_assert_uint_gt(w.m->counters.expired_bindings, 20);
	fixture_done(w.m);
}

START_TEST(the_model_agrees_with_itself_whatever_happens)
{
	walk(7919);
}
END_TEST

START_TEST(and_on_another_way)
{
	walk(104729);
}
END_TEST

START_TEST(and_on_a_third)
{
	walk(1299709);
}
END_TEST

UNIT_MAIN("walk", the_model_agrees_with_itself_whatever_happens, and_on_another_way, and_on_a_third)
