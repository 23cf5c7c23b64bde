/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "unit/h248/associated.h"

struct network net;
struct entity all[MGCS + 1], *const mg = &all[MGCS];
struct h248_entity_config base[MGCS + 1];

static void on_send(void *user, const struct h248_addr *to, const char *bytes, size_t len)
{
	network_send(&net, ((struct entity *)user)->number, to, bytes, len);
}

static uint32_t on_random(void *user)
{
	(void)user;
	return network_random(&net, 1u << 31);
}

static void on_state(void *user, struct h248_peer *peer, enum h248_state from, enum h248_state to,
		     const char *why, int64_t now)
{
	struct entity *x = user;
	size_t n = strlen(x->log);

	(void)peer;
	(void)from;
	(void)why;
	(void)now;
	snprintf(x->log + n, sizeof(x->log) - n, "%s%s", n ? " " : "", h248_state_name(to));
}

static void on_request(void *user, struct h248_peer *peer, struct h248_job *job, int64_t now)
{
	struct entity *x = user;
	const struct h248_action *a = h248_job_request(job)->actions;
	struct h248_action *actions = NULL;

	(void)peer;
	x->requests++;
	if (slice_eq(a->commands->tid.id, SLICE_LIT("hold"))) {
		ck_assert_int_eq(h248_job_hold(job), H248_OK);
		x->held = job;
		return;
	}
	h248_new_command(h248_job_arena(job),
			 h248_new_action(h248_job_arena(job), &actions, a->context),
			 a->commands->kind, a->commands->tid.id);
	h248_job_reply(job, actions, now);
}

static unsigned on_registration(void *user, struct h248_peer *peer,
				const struct h248_services *request, struct h248_services *reply)
{
	struct entity *x = user;

	(void)peer;
	x->last_method = request->method;
	x->last_reason = request->reason;
	if (x->redirect)
		reply->mgc_to_try = *x->redirect;
	return x->refuse;
}

static void on_receive(void *user, const struct h248_addr *from, struct slice text, int64_t now)
{
	h248_entity_receive(((struct entity *)user)->e, from, text, now);
}

static int64_t on_timeout(void *user, int64_t now)
{
	return h248_entity_timeout(((struct entity *)user)->e, now);
}

static void on_tick(void *user, int64_t now)
{
	h248_entity_tick(((struct entity *)user)->e, now);
}

const struct h248_mid mids[MGCS + 1] = {
    {H248_MID_IPV4, {"10.0.0.1", 8}, 2944},
    {H248_MID_IPV4, {"10.0.0.2", 8}, 2944},
    {H248_MID_IPV4, {"10.0.0.3", 8}, 2944},
    {H248_MID_DOMAIN, {"mg.example.net", 14}, 0},
};
struct h248_addr list[MGCS];

void prepare(void)
{
	memset(all, 0, sizeof(all));
	memset(base, 0, sizeof(base));
	network_init(&net, 7);
	for (unsigned i = 0; i <= MGCS; i++) {
		all[i].number = i;
		base[i].role = i < MGCS ? H248_ROLE_MGC : H248_ROLE_MG;
		base[i].mid = mids[i];
		base[i].user = &all[i];
		base[i].send = on_send;
		base[i].random = on_random;
		base[i].state = on_state;
		base[i].request = on_request;
		base[i].registration = on_registration;
		if (i < MGCS)
			list[i] = network_addr(i);
	}
	base[MGCS].mgcs = list;
	base[MGCS].mgc_count = MGCS;
	base[MGCS].profile = "threegpp_iq";
	base[MGCS].profile_version = 2;
}

void open_all(void)
{
	for (unsigned i = 0; i <= MGCS; i++) {
		ck_assert_int_eq(h248_entity_new(&base[i], &all[i].e), H248_OK);
		net.node[i] = (struct link_node){network_addr(i), &all[i], on_receive, on_timeout,
						 on_tick,	  false,   0,	       0};
	}
	net.nodes = MGCS + 1;
	ck_assert_int_eq(h248_entity_start(mg->e, net.now), H248_OK);
}

void close_all(void)
{
	for (unsigned i = 0; i <= MGCS; i++)
		h248_entity_free(all[i].e);
	network_free(&net);
}

void run(int64_t ms)
{
	network_run(&net, net.now + ms);
}

void open_associated(void)
{
	open_all();
	run(100);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_ACTIVE);
}

struct h248_peer *peer_of(struct entity *x)
{
	return h248_peer_next(x->e, NULL);
}

static void on_done(void *user, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	(void)reply;
	((struct entity *)user)->outcomes[outcome]++;
}

int ask(struct entity *x, const char *tid)
{
	char memory[1024];
	struct h248_arena arena;
	struct h248_action *actions = NULL;

	h248_arena_init(&arena, memory, sizeof(memory));
	h248_new_command(&arena, h248_new_action(&arena, &actions, 1), H248_MODIFY, slice_str(tid));
	return h248_request(peer_of(x), actions, on_done, x, net.now, NULL);
}
