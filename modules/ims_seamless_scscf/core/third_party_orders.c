/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/third_party_orders.h"

static const struct state_row rows[SCSCF_ORDER_STATES][SCSCF_ORDER_EVENTS] = {
    [SCSCF_ORDER_WAITING] =
	{
	    [SCSCF_ORDER_EV_SENT] = STATE_GO(SCSCF_ORDER_UNDER_WAY, SCSCF_ORDER_NOTHING),
	    [SCSCF_ORDER_EV_NEWER] = STATE_DO(SCSCF_ORDER_REPLACE),
	    [SCSCF_ORDER_EV_LATE] = STATE_GO(SCSCF_ORDER_OVER, SCSCF_ORDER_END),
	},
    [SCSCF_ORDER_UNDER_WAY] =
	{
	    [SCSCF_ORDER_EV_NEWER] = STATE_DO(SCSCF_ORDER_HOLD),
	    [SCSCF_ORDER_EV_TAKEN] = STATE_GO(SCSCF_ORDER_OVER, SCSCF_ORDER_END),
	    [SCSCF_ORDER_EV_REFUSED] = STATE_GO(SCSCF_ORDER_OVER, SCSCF_ORDER_END),
	    [SCSCF_ORDER_EV_FAILED] = STATE_GO(SCSCF_ORDER_OVER, SCSCF_ORDER_END),
	    [SCSCF_ORDER_EV_AGAIN] = STATE_GO(SCSCF_ORDER_WAITING, SCSCF_ORDER_REQUEUE),
	},
    [SCSCF_ORDER_OVER] =
	{
	    [SCSCF_ORDER_EV_NEWER] = STATE_GO(SCSCF_ORDER_WAITING, SCSCF_ORDER_REPLACE),
	},
};
static const char *const states[SCSCF_ORDER_STATES] = {"waiting", "under way", "over"};
static const char *const events[SCSCF_ORDER_EVENTS] = {"sent",	 "newer", "taken", "refused",
						       "failed", "again", "late"};
const struct state_table scscf_order_table = STATE_TABLE("third-party order", rows, states, events);

/* What is to be done; the state changes. */
static enum scscf_order_action step(struct scscf_order *order, enum scscf_order_event event)
{
	struct state_step s = state_step(&scscf_order_table, order->state, event);

	order->state = (enum scscf_order_state)s.next;
	return (enum scscf_order_action)s.action;
}

int scscf_orders_init(struct scscf_orders *o, struct scscf_store *s,
		      const struct keyed_hash_key *key, const struct scscf_orders_policy *policy)
{
	memset(o, 0, sizeof(*o));
	o->store = s;
	o->key = *key;
	o->policy = *policy;
	o->buckets_n = 64;
	while (o->buckets_n < policy->orders_max && o->buckets_n < 65536)
		o->buckets_n *= 2;
	o->buckets = scscf_store_alloc(s, o->buckets_n * sizeof(struct scscf_order *));
	return o->buckets ? 0 : -1;
}

struct scscf_order_job *scscf_order_job_new(struct scscf_orders *o, size_t texts)
{
	size_t size = sizeof(struct scscf_order_job) + texts;
	struct scscf_order_job *job = scscf_store_alloc(o->store, size);

	if (job)
		job->size = size;
	return job;
}

void scscf_order_job_free(struct scscf_orders *o, struct scscf_order_job *job)
{
	if (job)
		scscf_store_free(o->store, job, job->size);
}

static void free_order(struct scscf_orders *o, struct scscf_order *order)
{
	scscf_order_job_free(o, order->job);
	scscf_order_job_free(o, order->newer);
	scscf_store_text_free(o->store, &order->to);
	order->server->orders--;
	scscf_store_free(o->store, order, sizeof(*order));
	o->n--;
}

/* ---- finding ---- */

static void free_server(struct scscf_orders *o, struct scscf_order_server **at)
{
	struct scscf_order_server *server = *at;

	*at = server->next;
	scscf_store_text_free(o->store, &server->uri);
	scscf_store_free(o->store, server, sizeof(*server));
	o->servers_n--;
}

void scscf_orders_free(struct scscf_orders *o)
{
	for (size_t i = 0; i < o->buckets_n; i++)
		for (struct scscf_order *order = o->buckets[i], *next; order; order = next) {
			next = order->hash_next;
			free_order(o, order);
		}
	while (o->servers)
		free_server(o, &o->servers);
	scscf_store_free(o->store, o->buckets, o->buckets_n * sizeof(*o->buckets));
	memset(o, 0, sizeof(*o));
}

/* One of which nothing is asked makes room for another, the one that has been there for the longest. */
static bool make_room(struct scscf_orders *o)
{
	struct scscf_order_server **at = &o->servers;

	if (o->servers_n < o->policy.servers_max)
		return true;
	while (*at && (*at)->orders)
		at = &(*at)->next;
	if (!*at)
		return false;
	free_server(o, at);
	return true;
}

static struct scscf_order_server *find_server(struct scscf_orders *o, struct slice uri)
{
	struct scscf_order_server **at, *server;

	for (server = o->servers; server; server = server->next)
		if (slice_eq(server->uri, uri))
			return server;
	if (!make_room(o) || !(server = scscf_store_alloc(o->store, sizeof(*server))))
		return NULL;
	if (scscf_store_text(o->store, uri, &server->uri)) {
		scscf_store_free(o->store, server, sizeof(*server));
		return NULL;
	}
	server->last = &server->first;
	o->servers_n++;
	for (at = &o->servers; *at; at = &(*at)->next)
		;
	*at = server;
	return server;
}

static struct scscf_order **bucket(struct scscf_orders *o, const struct scscf_order_server *server,
				   struct slice to)
{
	uint64_t h = keyed_hash(&o->key, to) ^ keyed_hash(&o->key, server->uri);

	return &o->buckets[h & (o->buckets_n - 1)];
}

static struct scscf_order *find_order(struct scscf_orders *o,
				      const struct scscf_order_server *server, struct slice to)
{
	struct scscf_order *order = *bucket(o, server, to);

	while (order && !(order->server == server && slice_eq(order->to, to)))
		order = order->hash_next;
	return order;
}

struct scscf_order *scscf_orders_find(struct scscf_orders *o, uint64_t id)
{
	struct scscf_order *order = o->slot[id % SCSCF_ORDERS_SLOTS];

	return order && order->id == id ? order : NULL;
}

/* ---- queues ---- */

static void to_end(struct scscf_order_server *server, struct scscf_order *order)
{
	order->next = NULL;
	*server->last = order;
	server->last = &order->next;
	server->waiting++;
}

static void to_front(struct scscf_order_server *server, struct scscf_order *order)
{
	order->next = server->first;
	server->first = order;
	if (!order->next)
		server->last = &order->next;
	server->waiting++;
}

static struct scscf_order *from_front(struct scscf_order_server *server)
{
	struct scscf_order *order = server->first;

	server->first = order->next;
	if (!server->first)
		server->last = &server->first;
	server->waiting--;
	order->next = NULL;
	return order;
}

static struct scscf_order *new_order(struct scscf_orders *o, struct scscf_order_server *server,
				     struct slice to, uint64_t now_ms)
{
	struct scscf_order *order =
	    o->n < o->policy.orders_max ? scscf_store_alloc(o->store, sizeof(*order)) : NULL;
	struct scscf_order **at;

	if (!order)
		return NULL;
	if (scscf_store_text(o->store, to, &order->to)) {
		scscf_store_free(o->store, order, sizeof(*order));
		return NULL;
	}
	order->server = server;
	order->serial = ++o->serial;
	order->since_ms = now_ms;
	at = bucket(o, server, to);
	order->hash_next = *at;
	*at = order;
	server->orders++;
	o->n++;
	return order;
}

int scscf_orders_put(struct scscf_orders *o, struct slice uri, struct slice to,
		     struct scscf_order_job *job, uint64_t now_ms,
		     struct scscf_order_job **replaced)
{
	struct scscf_order_server *server = find_server(o, uri);
	struct scscf_order *order = server ? find_order(o, server, to) : NULL;

	*replaced = NULL;
	if (!server)
		return -1;
	if (!order) {
		order = new_order(o, server, to, now_ms);
		if (!order)
			return -1;
		order->job = job;
		to_end(server, order);
		return 0;
	}
	if (step(order, SCSCF_ORDER_EV_NEWER) == SCSCF_ORDER_REPLACE) {
		*replaced = order->job;
		order->job = job;
		order->tries = 0;
	} else {
		*replaced = order->newer;
		order->newer = job;
	}
	return 0;
}

static bool may_send(const struct scscf_orders *o, const struct scscf_order_server *server,
		     uint64_t now_ms)
{
	return server->first && server->under_way < o->policy.under_way_max &&
	       server->paused_until_ms <= now_ms;
}

/* 0: none is free. The id names the slot and never comes again. */
static uint64_t take_slot(struct scscf_orders *o, struct scscf_order *order)
{
	for (size_t i = 0; i < SCSCF_ORDERS_SLOTS; i++) {
		size_t at = (o->slot_next + i) % SCSCF_ORDERS_SLOTS;

		if (o->slot[at])
			continue;
		o->slot[at] = order;
		o->slot_next = at + 1;
		return ++o->serial * SCSCF_ORDERS_SLOTS + at;
	}
	return 0;
}

struct scscf_order *scscf_orders_next(struct scscf_orders *o, uint64_t now_ms)
{
	struct scscf_order_server *best = NULL;
	struct scscf_order *order;
	uint64_t id;

	for (struct scscf_order_server *s = o->servers; s; s = s->next)
		if (may_send(o, s, now_ms) && (!best || s->first->serial < best->first->serial))
			best = s;
	if (!best)
		return NULL;
	id = take_slot(o, best->first);
	if (!id)
		return NULL;
	order = from_front(best);
	order->id = id;
	(void)step(order, SCSCF_ORDER_EV_SENT);
	best->under_way++;
	best->sent++;
	return order;
}

struct scscf_order *scscf_orders_late(struct scscf_orders *o, uint64_t now_ms)
{
	for (struct scscf_order_server *s = o->servers; s; s = s->next) {
		if (!s->first || s->first->since_ms + o->policy.wait_ms > now_ms)
			continue;
		(void)step(s->first, SCSCF_ORDER_EV_LATE);
		s->late++;
		return from_front(s);
	}
	return NULL;
}

/* ---- answers ---- */

static enum scscf_order_event meaning(const struct scscf_order_answer *a)
{
	if (a->status >= 200 && a->status < 300)
		return SCSCF_ORDER_EV_TAKEN;
	if (a->status == 0 || a->status == 408 || (a->status >= 500 && a->status < 600))
		return SCSCF_ORDER_EV_FAILED;
	return SCSCF_ORDER_EV_REFUSED;
}

/* A 423 names what would do, once; a failure is worth another try if the server does not want to be
 * left alone for too long. What is newer need not wait for an older one's further tries. */
static bool again(const struct scscf_orders *o, const struct scscf_order *order,
		  const struct scscf_order_answer *a, enum scscf_order_event event)
{
	if (order->newer)
		return false;
	if (a->status == 423)
		return a->min_expires_s && !order->job->least_s && !order->job->ends;
	return event == SCSCF_ORDER_EV_FAILED && order->tries < o->policy.tries_max &&
	       (uint64_t)a->retry_after_s * 1000 <= o->policy.pause_max_ms;
}

/* A server that fails is left alone for a while, as long as it says. */
static void pause_server(struct scscf_orders *o, struct scscf_order_server *server,
			 const struct scscf_order_answer *a, uint64_t now_ms)
{
	uint64_t ms = a->retry_after_s ? (uint64_t)a->retry_after_s * 1000 : o->policy.pause_ms;

	if (ms > o->policy.pause_max_ms)
		ms = o->policy.pause_max_ms;
	if (server->paused_until_ms < now_ms + ms)
		server->paused_until_ms = now_ms + ms;
}

enum scscf_order_event scscf_orders_answered(struct scscf_orders *o, struct scscf_order *order,
					     const struct scscf_order_answer *a, uint64_t now_ms)
{
	struct scscf_order_server *server = order->server;
	enum scscf_order_event event = meaning(a), counted = event;

	o->slot[order->id % SCSCF_ORDERS_SLOTS] = NULL;
	order->id = 0;
	server->under_way--;
	server->last_status = a->status;
	if (event == SCSCF_ORDER_EV_FAILED)
		pause_server(o, server, a, now_ms);
	else
		server->paused_until_ms = 0;
	if (again(o, order, a, event))
		event = SCSCF_ORDER_EV_AGAIN;
	if (event == SCSCF_ORDER_EV_AGAIN) {
		server->again++;
		if (counted == SCSCF_ORDER_EV_FAILED)
			order->tries++;
		order->job->least_s = a->min_expires_s;
	} else {
		server->taken += event == SCSCF_ORDER_EV_TAKEN;
		server->refused += event == SCSCF_ORDER_EV_REFUSED;
		server->failed += event == SCSCF_ORDER_EV_FAILED;
	}
	if (step(order, event) == SCSCF_ORDER_REQUEUE)
		to_front(server, order);
	return event;
}

void scscf_orders_end(struct scscf_orders *o, struct scscf_order *order, uint64_t now_ms)
{
	struct scscf_order **at;

	if (order->newer) {
		(void)step(order, SCSCF_ORDER_EV_NEWER);
		scscf_order_job_free(o, order->job);
		order->job = order->newer;
		order->newer = NULL;
		order->tries = 0;
		order->serial = ++o->serial;
		order->since_ms = now_ms;
		to_end(order->server, order);
		return;
	}
	at = bucket(o, order->server, order->to);
	while (*at != order)
		at = &(*at)->hash_next;
	*at = order->hash_next;
	free_order(o, order);
}
