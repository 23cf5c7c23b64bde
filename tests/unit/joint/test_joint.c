/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The S-CSCF's model and its mirror in the P-CSCF, driven against each other by a random walk from
 * a seed: registrations of every kind, moves of sessions, lost accesses, lost documents, time. When
 * nothing is under way for a user, both see the same: a connection of his is Active, Inactive or
 * over for both, with as many sessions. JOINT_SEED and JOINT_STEPS choose another walk.
 */
#include "unit/joint/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define EDGE_GRACE_MS 5000 /* pcscf_config_defaults(): linger_grace_ms */

struct joint_world world;

/* xorshift64* (Vigna 2016) */
unsigned joint_chance(unsigned n)
{
	world.seed ^= world.seed >> 12;
	world.seed ^= world.seed << 25;
	world.seed ^= world.seed >> 27;
	return (unsigned)((world.seed * 2685821657736338717ull) >> 33) % n;
}

void joint_say(int user, const char *fmt, ...)
{
	const char *only = getenv("JOINT_TRACE");
	va_list ap;

	if (!only || atoi(only) != user)
		return;
	printf("%llu step %llu: ", (unsigned long long)world.now, (unsigned long long)world.steps);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

void joint_owner(const char *impu, int *user, int *set)
{
	ck_assert_int_eq(sscanf(impu, "sip:u%d.s%d.", user, set), 2);
}

static void make_users(void)
{
	for (int u = 0; u < USERS; u++) {
		struct joint_user *user = &world.user[u];

		snprintf(user->impi, sizeof(user->impi), "u%d@home.example", u);
		snprintf(user->instance, sizeof(user->instance), "<urn:x:%d>", u);
		for (int s = 0; s < SETS; s++)
			for (int i = 0; i < IMPUS; i++)
				snprintf(user->impu[s][i], sizeof(user->impu[s][i]),
					 "sip:u%d.s%d.%d@home.example", u, s, i);
		for (int a = 0; a < ACCESSES; a++) {
			snprintf(user->access[a].contact, sizeof(user->access[a].contact),
				 "sip:10.%d.%d.10:5070", a, u);
			snprintf(user->access[a].path, sizeof(user->access[a].path),
				 "<sip:t%d.%d@10.0.0.11;lr;ob>", u, a);
		}
	}
}

static void start(uint64_t seed)
{
	memset(&world, 0, sizeof(world));
	world.seed = seed;
	world.now = 1000000;
	make_users();
	home_start();
	edge_start();
}

static void stop(void)
{
	joint_wire_free();
	edge_stop();
	home_stop();
}

static void arrive(struct joint_message *m)
{
	switch (m->kind) {
	case JOINT_REGISTERED:
		world.user[m->user].registering = false;
		edge_registered(m);
		break;
	case JOINT_SUBSCRIBE:
		home_subscribed(m);
		break;
	case JOINT_ANSWER:
		edge_answered(m);
		break;
	case JOINT_NOTIFY:
		edge_notified(m);
		break;
	case JOINT_BYE:
		edge_call_ended(&m->call);
		break;
	}
	free(m->body);
	free(m);
}

/* Let ms pass: what is due arrives at its time, both models tick each second. */
static void pass(uint64_t ms)
{
	uint64_t end = world.now + ms, tick = world.now / 1000 * 1000 + 1000;
	struct joint_message *m;

	while (world.now < end) {
		uint64_t next = tick < end ? tick : end;

		while ((m = joint_receive(next)) != NULL) {
			world.now = m->due > world.now ? m->due : world.now;
			arrive(m);
		}
		world.now = next;
		home_advance();
		if (next == tick) {
			edge_tick();
			tick += 1000;
		}
	}
}

/* ---- what happens ---- */

static void do_register(int u)
{
	static const enum joint_register kinds[] = {JOINT_MOVE, JOINT_MOVE,   JOINT_MOVE,
						    JOINT_ADD,	JOINT_GLOBAL, JOINT_DEREGISTER};
	enum joint_register kind = kinds[joint_chance(6)];
	int set = (int)joint_chance(SETS), access = (int)joint_chance(ACCESSES);
	struct joint_message *m;

	if (world.user[u].registering || !home_register(u, set, access, kind) ||
	    kind == JOINT_DEREGISTER)
		return;
	world.user[u].registering = true;
	joint_say(u, "200 to a REGISTER of kind %d, set %d, access %d", kind, set, access);
	m = joint_message(JOINT_REGISTERED, u);
	m->set = set;
	m->access = access;
	m->register_cseq = world.user[u].register_cseq;
	m->sets = home_sets(u, access);
	joint_send(m, 0);
}

/* Both know the connection of this access as Active. */
static bool usable(int u, int a)
{
	struct scscf_connection *c = home_connection(u, a);
	struct pcscf_connection_view view;

	return c && c->state == SCSCF_CONNECTION_ACTIVE && world.user[u].access[a].set_id &&
	       pcscf_look(world.edge, world.user[u].access[a].set_id, &view) == 0 &&
	       view.state == PCSCF_CONN_ACTIVE;
}

static void do_call(int u)
{
	struct joint_user *user = &world.user[u];
	struct joint_call *c = &user->call[joint_chance(CALLS)];
	int a = (int)joint_chance(ACCESSES);

	if (!usable(u, a))
		return;
	joint_say(u, "%s: %s at access %d", c->up ? c->id : "call",
		  !c->up	   ? "begins"
		  : a == c->access ? "ends"
				   : "moves",
		  a);
	if (!c->up) {
		*c = (struct joint_call){.up = true, .outgoing = joint_chance(2), .access = a};
		snprintf(c->id, sizeof(c->id), "call%llu", (unsigned long long)++world.next_call);
		c->set_id = user->access[a].set_id;
		home_call(user, c);
		edge_call(c, false);
	} else if (a != c->access) {
		home_call_moved(user, c, a);
		c->access = a;
		c->set_id = user->access[a].set_id;
		c->unseen = false;
		edge_call(c, true);
	} else {
		c->up = false;
		home_call_ended(c);
		edge_call_ended(c);
	}
}

static void one_step(void)
{
	int u = (int)joint_chance(USERS);

	switch (joint_chance(16)) {
	case 0:
	case 1:
	case 2:
		do_register(u);
		break;
	case 3:
	case 4:
	case 5:
		do_call(u);
		break;
	case 6:
		if (!world.user[u].registering)
			home_expired(u, (int)joint_chance(SETS), (int)joint_chance(ACCESSES));
		break;
	case 7:
		if (joint_chance(8) == 0)
			edge_lose(u, (int)joint_chance(ACCESSES));
		break;
	case 8:
		pass(joint_chance(40) == 0 ? 60000 : joint_chance(10000));
		break;
	default:
		pass(joint_chance(1500));
	}
}

/* ---- what both see ---- */

static const char *home_sees(int u, int a, size_t *sessions)
{
	struct scscf_connection *c = home_connection(u, a);

	*sessions = c ? c->sessions : 0;
	if (!c)
		return "over";
	return c->state == SCSCF_CONNECTION_ACTIVE ? "active" : "inactive";
}

static const char *edge_sees(int u, int a, size_t *sessions)
{
	struct pcscf_connection_view view;
	uint64_t id = world.user[u].access[a].set_id;

	*sessions = 0;
	if (!id || pcscf_look(world.edge, id, &view) || view.state == PCSCF_CONN_DRAINING ||
	    view.state == PCSCF_CONN_GONE)
		return "over";
	*sessions = view.sessions;
	return view.state == PCSCF_CONN_ACTIVE ? "active" : "inactive";
}

/* A phone came back to an access whose flow set the edge had lost, and a session runs there that
 * the edge has forgotten with it: the home knows more, until the session moves or ends. */
static bool edge_knows_less(int u, int a)
{
	for (int i = 0; i < CALLS; i++) {
		const struct joint_call *c = &world.user[u].call[i];

		if (c->up && c->unseen && c->access == a)
			return true;
	}
	return world.user[u].access[a].lost;
}

/*
 * A document that says "lingers", written before the phone registered over the connection again,
 * came behind that 200: the edge keeps the flow set for the linger time, longer than it must.
 */
static bool keeps_longer(int u, int a, const char *home, const char *edge)
{
	const struct joint_access *at = &world.user[u].access[a];
	struct pcscf_connection_view view;

	return strcmp(home, "over") == 0 && strcmp(edge, "inactive") == 0 &&
	       pcscf_look(world.edge, at->set_id, &view) == 0 &&
	       view.deadline_ms - (int64_t)world.home.linger_ms - EDGE_GRACE_MS <=
		   (int64_t)at->asks_by;
}

static unsigned compare(uint64_t seed)
{
	unsigned compared = 0;

	for (int u = 0; u < USERS; u++) {
		bool missed = false;

		for (int s = 0; s < SETS; s++)
			missed |= world.user[u].missed[s];
		if (world.user[u].under_way || missed)
			continue;
		for (int a = 0; a < ACCESSES; a++) {
			size_t home_n, edge_n;
			const char *home = home_sees(u, a, &home_n),
				   *edge = edge_sees(u, a, &edge_n);

			if (edge_knows_less(u, a) || world.now <= world.user[u].access[a].asks_by)
				continue;
			if (keeps_longer(u, a, home, edge))
				continue;
			compared++;
			ck_assert_msg(
			    strcmp(home, edge) == 0 && home_n == edge_n,
			    "seed %llu, step %llu, at %llu, user %d, access %d: the S-CSCF sees "
			    "%s with %zu sessions, the P-CSCF %s with %zu",
			    (unsigned long long)seed, (unsigned long long)world.steps,
			    (unsigned long long)world.now, u, a, home, home_n, edge, edge_n);
		}
	}
	return compared;
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : otherwise;
}

START_TEST(the_mirror_never_differs_longer_than_a_document_is_under_way)
{
	uint64_t seed = setting("JOINT_SEED", 20251129), steps = setting("JOINT_STEPS", 100000);
	uint64_t compared = 0;

	start(seed);
	for (world.steps = 0; world.steps < steps; world.steps++) {
		one_step();
		compared += compare(seed);
	}
	/* The walk went somewhere. */
	ck_assert_uint_gt(compared, steps / 2);
	ck_assert_uint_gt(world.documents, steps / 20);
	ck_assert_uint_gt(world.lost, 10);
	ck_assert_uint_gt(world.next_call, steps / 50);
	ck_assert_uint_gt(world.home.counters.lingers, steps / 1000);
	ck_assert_uint_gt(world.home.counters.linger_ends, 5);
	stop();
}
END_TEST

UNIT_MAIN("joint", the_mirror_never_differs_longer_than_a_document_is_under_way)
