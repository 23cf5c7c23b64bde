/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "edge_state.h"

const char *edge_strerror(int err)
{
	switch (err) {
	case EDGE_OK:
		return "no error";
	case EDGE_E_NOMEM:
		return "out of memory";
	case EDGE_E_LIMIT:
		return "limit reached";
	case EDGE_E_UNKNOWN:
		return "unknown connection, session or dialog";
	case EDGE_E_VALUE:
		return "value empty or too long";
	case EDGE_E_ORDER:
		return "CSeq out of order";
	default:
		return "unknown error";
	}
}

void edge_config_defaults(struct edge_config *c)
{
	*c = (struct edge_config){
	    .linger_grace_ms = 5000,
	    .linger_max_ms = 3600 * 1000,
	    .settle_ms = 5000,
	    .full_ms = 3000,
	    .drain_ms = 2000,
	    .early_session_ms = 300 * 1000,
	    .replaced_session_ms = 32 * 1000,
	    .subscribe_s = 600000, /* TS 24.229 5.2.3 */
	    .answer_ms = 40 * 1000,
	    .retry_ms = 1000,
	    .retry_max_ms = 300 * 1000,
	    .retries = 8,
	    .connections_max = 100000,
	    .watches_max = 100000,
	    .sessions_max = 400000,
	};
}

bool edge_copy(char *field, size_t size, struct slice s)
{
	return slice_copy(s, field, size) == 0;
}

void *edge_alloc(struct edge *e, size_t size)
{
	void *p = e->mem.alloc(size);

	if (p)
		memset(p, 0, size);
	return p;
}

char *edge_strdup(struct edge *e, struct slice s)
{
	char *p = edge_alloc(e, s.len + 1);

	if (p && s.len > 0)
		memcpy(p, s.p, s.len);
	return p;
}

void edge_arm(struct edge *e, struct edge_timer *t, enum edge_timer_kind kind, int64_t due_ms)
{
	t->kind = kind;
	timer_wheel_arm(&e->wheel, &t->node, due_ms > 0 ? (uint64_t)due_ms : 0);
}

void edge_disarm(struct edge *e, struct edge_timer *t)
{
	timer_wheel_cancel(&e->wheel, &t->node);
}

struct edge *edge_new(const struct edge_config *cfg, const struct edge_memory *mem,
		      edge_random_h rnd, int64_t now_ms)
{
	struct edge *e = mem->alloc(sizeof(*e));

	if (!e)
		return NULL;
	memset(e, 0, sizeof(*e));
	e->cfg = *cfg;
	e->mem = *mem;
	e->random = rnd;
	e->now_ms = now_ms;
	e->next_watch_id = 1;
	timer_wheel_init(&e->wheel, (uint64_t)now_ms, 100);
	return e;
}

static size_t set_bucket(uint64_t set_id)
{
	return (size_t)((set_id * 0x9e3779b97f4a7c15ull) >> 32) % EDGE_BUCKETS;
}

struct connection *edge_connection(const struct edge *e, uint64_t set_id)
{
	struct connection *c = e->by_set[set_bucket(set_id)];

	while (c && c->set_id != set_id)
		c = c->next_in_bucket;
	return c;
}

static void connection_link(struct edge *e, struct connection *c)
{
	struct connection **bucket = &e->by_set[set_bucket(c->set_id)];

	c->next_in_bucket = *bucket;
	*bucket = c;
	c->next = e->connections;
	c->link = &e->connections;
	if (c->next)
		c->next->link = &c->next;
	e->connections = c;
	e->count.connections++;
}

static void connection_unlink(struct edge *e, struct connection *c)
{
	struct connection **at = &e->by_set[set_bucket(c->set_id)];

	while (*at != c)
		at = &(*at)->next_in_bucket;
	*at = c->next_in_bucket;
	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
	e->count.connections--;
}

static void connection_todo(struct edge *e, struct connection *c, enum connection_todo todo)
{
	c->todo = todo;
	if (c->queued || todo == TODO_NOTHING)
		return;
	c->queued = true;
	c->next_todo = e->todo_connections;
	e->todo_connections = c;
}

static struct binding *find_binding(const struct connection *c, const struct watch *w)
{
	struct binding *b = c->bindings;

	while (b && b->watch != w)
		b = b->next_of_connection;
	return b;
}

static void bind(struct binding *b, struct connection *c, struct watch *w)
{
	b->connection = c;
	b->watch = w;
	b->next_of_connection = c->bindings;
	c->bindings = b;
	c->bindings_n++;
	b->next_of_watch = w->bindings;
	w->bindings = b;
	w->bindings_n++;
}

void edge_unbind(struct edge *e, struct binding *b)
{
	struct binding **at = &b->connection->bindings;
	struct watch *w = b->watch;

	while (*at != b)
		at = &(*at)->next_of_connection;
	*at = b->next_of_connection;
	b->connection->bindings_n--;
	at = &w->bindings;
	while (*at != b)
		at = &(*at)->next_of_watch;
	*at = b->next_of_watch;
	w->bindings_n--;
	e->mem.release(b);
	if (w->bindings_n == 0)
		edge_watch_event(e, w, WATCH_EV_UNWANTED);
}

/* Nothing points at it any more, except the queue of work if it waits there: edge_next_todo() frees
 * it then. */
static void connection_forget(struct edge *e, struct connection *c)
{
	while (c->sessions)
		edge_session_free(e, c->sessions);
	while (c->bindings)
		edge_unbind(e, c->bindings);
	edge_disarm(e, &c->timer);
	connection_unlink(e, c);
	if (!c->queued)
		e->mem.release(c);
}

/* When the last lingering binding of this connection ends, by what the S-CSCF said. */
static int64_t linger_end(const struct connection *c)
{
	int64_t end = 0;

	for (const struct binding *b = c->bindings; b; b = b->next_of_connection)
		if (b->lingers && b->linger_until_ms > end)
			end = b->linger_until_ms;
	return end;
}

static void connection_wait(struct edge *e, struct connection *c, int64_t until_ms)
{
	c->deadline_ms = until_ms;
	edge_arm(e, &c->timer, TIMER_CONNECTION, until_ms);
	connection_todo(e, c, TODO_HOLD);
}

static const char *cause_of(enum connection_event ev, const char *known)
{
	if (ev == CONNECTION_EV_SESSIONS_GONE)
		return EDGE_CAUSE_SESSIONS_GONE;
	if (ev == CONNECTION_EV_ENDED)
		return EDGE_CAUSE_TERMINATED;
	return known ? known : EDGE_CAUSE_LINGER_OVER;
}

void edge_connection_event(struct edge *e, struct connection *c, enum connection_event ev)
{
	struct connection_step step = connection_step(c->state, ev);

	e->count.inactive += (step.next == CONNECTION_INACTIVE);
	e->count.inactive -= (c->state == CONNECTION_INACTIVE);
	if (step.action == CONNECTION_DRAIN || step.action == CONNECTION_DROP)
		c->cause = cause_of(ev, c->state == CONNECTION_DRAINING ? c->cause : NULL);
	c->state = step.next;
	switch (step.action) {
	case CONNECTION_NOTHING:
		break;
	case CONNECTION_RELEASE:
		c->deadline_ms = 0;
		edge_disarm(e, &c->timer);
		connection_todo(e, c, TODO_RELEASE);
		break;
	case CONNECTION_HOLD:
		connection_wait(e, c, linger_end(c) + e->cfg.linger_grace_ms);
		break;
	case CONNECTION_DRAIN:
		connection_wait(e, c, e->now_ms + e->cfg.drain_ms);
		break;
	case CONNECTION_DROP:
		connection_todo(e, c, TODO_DROP);
		connection_forget(e, c);
		break;
	case CONNECTION_FORGET:
		connection_todo(e, c, TODO_NOTHING);
		connection_forget(e, c);
		break;
	}
}

/* What its bindings have become decides what the connection is. */
void edge_binding_reviewed(struct edge *e, struct connection *c)
{
	bool bound = false, lingers = false;

	for (const struct binding *b = c->bindings; b; b = b->next_of_connection) {
		bound = bound || !b->ended;
		lingers = lingers || b->lingers;
	}
	edge_connection_event(e, c,
			      bound	? CONNECTION_EV_BOUND
			      : lingers ? CONNECTION_EV_LINGER
					: CONNECTION_EV_ENDED);
}

static int connection_new(struct edge *e, uint64_t set_id, struct connection **out)
{
	struct connection *c;

	if (e->count.connections >= e->cfg.connections_max)
		return EDGE_E_LIMIT;
	c = edge_alloc(e, sizeof(*c));
	if (!c)
		return EDGE_E_NOMEM;
	c->set_id = set_id;
	connection_link(e, c);
	*out = c;
	return EDGE_OK;
}

int edge_registered(struct edge *e, uint64_t set_id, struct slice identity, struct slice contact,
		    struct slice next_hop, unsigned int flags, int64_t now_ms)
{
	struct connection *c = edge_connection(e, set_id);
	struct watch *w = edge_watch_by_identity(e, identity);
	struct binding *b = c && w ? find_binding(c, w) : NULL;
	struct binding *fresh = NULL;
	int err = EDGE_OK;

	e->now_ms = now_ms;
	if (set_id == 0 || identity.len == 0 || identity.len >= EDGE_URI_MAX ||
	    contact.len >= EDGE_URI_MAX || next_hop.len >= EDGE_URI_MAX)
		return EDGE_E_VALUE;
	if (!b) {
		if (c && c->bindings_n >= EDGE_BINDINGS_MAX)
			return EDGE_E_LIMIT;
		b = fresh = edge_alloc(e, sizeof(*b));
		if (!b)
			return EDGE_E_NOMEM;
	}
	if (!c)
		err = connection_new(e, set_id, &c);
	if (!err && !w)
		err = edge_watch_new(e, identity, next_hop, &w);
	if (err) {
		/* Nothing stays behind: a connection without binding was made just now. */
		if (c && !c->bindings)
			connection_forget(e, c);
		e->mem.release(fresh);
		return err;
	}
	if (fresh)
		bind(b, c, w);
	b->ended = b->lingers = false;
	b->bound_ms = now_ms;
	c->seamless = c->seamless || (flags & EDGE_REG_SEAMLESS);
	c->adopted = c->adopted || (flags & EDGE_REG_ADOPTED);
	EDGE_COPY(c->identity, identity);
	if (contact.len > 0)
		EDGE_COPY(c->contact, contact);
	if (next_hop.len > 0)
		EDGE_COPY(w->next_hop, next_hop);
	edge_connection_event(e, c, CONNECTION_EV_BOUND);
	edge_watch_event(e, w, WATCH_EV_WANTED);
	/* A phone that registers again may do so because the S-CSCF has lost everything, this
	 * subscription included: it says so with 481 when it is asked. */
	if (!fresh)
		edge_watch_event(e, w, WATCH_EV_GAP);
	return EDGE_OK;
}

int edge_found_held(struct edge *e, uint64_t set_id, int64_t until_ms, int64_t now_ms)
{
	struct connection *c = edge_connection(e, set_id);

	e->now_ms = now_ms;
	if (!c)
		return EDGE_E_UNKNOWN;
	for (struct binding *b = c->bindings; b; b = b->next_of_connection) {
		b->ended = b->lingers = true;
		b->linger_until_ms = until_ms - e->cfg.linger_grace_ms;
	}
	edge_connection_event(e, c, CONNECTION_EV_LINGER);
	return EDGE_OK;
}

int edge_set_gone(struct edge *e, uint64_t set_id, int64_t now_ms)
{
	struct connection *c = edge_connection(e, set_id);

	e->now_ms = now_ms;
	if (!c)
		return EDGE_E_UNKNOWN;
	edge_connection_event(e, c, CONNECTION_EV_SET_GONE);
	return EDGE_OK;
}

int edge_set_replaced(struct edge *e, uint64_t old_id, uint64_t new_id, int64_t now_ms)
{
	struct connection *from = edge_connection(e, old_id), *to = edge_connection(e, new_id);

	e->now_ms = now_ms;
	if (!from || new_id == 0 || from == to)
		return EDGE_E_UNKNOWN;
	if (!to) {
		connection_unlink(e, from);
		from->set_id = new_id;
		connection_link(e, from);
		return EDGE_OK;
	}
	/* The new set has registered already; what it registered counts, the sessions come along.
	 */
	while (from->sessions)
		edge_session_move(e, from->sessions, to);
	edge_connection_event(e, from, CONNECTION_EV_SET_GONE);
	return EDGE_OK;
}

static void timer_fired(struct wheel_timer *node, void *arg)
{
	struct edge_timer *t = CONTAINER(node, struct edge_timer, node);
	struct edge *e = arg;

	switch (t->kind) {
	case TIMER_CONNECTION:
		edge_connection_event(e, CONTAINER(t, struct connection, timer),
				      CONNECTION_EV_DEADLINE);
		break;
	case TIMER_WATCH:
		edge_watch_timer(e, CONTAINER(t, struct watch, timer));
		break;
	case TIMER_SESSION:
		edge_session_timer(e, CONTAINER(t, struct session, timer));
		break;
	}
}

void edge_tick(struct edge *e, int64_t now_ms)
{
	e->now_ms = now_ms;
	timer_wheel_advance(&e->wheel, (uint64_t)now_ms, 0, timer_fired, e);
}

void edge_free(struct edge *e)
{
	struct edge_todo ignored;

	if (!e)
		return;
	while (e->connections)
		edge_connection_event(e, e->connections, CONNECTION_EV_SET_GONE);
	while (edge_next_todo(e, &ignored))
		;
	e->mem.release(e);
}
