/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model_internal.h"

const char *pcscf_strerror(int err)
{
	switch (err) {
	case PCSCF_OK:
		return "no error";
	case PCSCF_E_NOMEM:
		return "out of memory";
	case PCSCF_E_LIMIT:
		return "limit reached";
	case PCSCF_E_UNKNOWN:
		return "unknown connection, session or dialog";
	case PCSCF_E_VALUE:
		return "value empty or too long";
	case PCSCF_E_ORDER:
		return "CSeq out of order";
	default:
		return "unknown error";
	}
}

void pcscf_config_defaults(struct pcscf_config *c)
{
	*c = (struct pcscf_config){
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
	    .subscriptions_max = 100000,
	    .sessions_max = 400000,
	};
}

bool pcscf_copy(char *field, size_t size, struct slice s)
{
	return slice_copy(s, field, size) == 0;
}

void *pcscf_alloc(struct pcscf_model *model, size_t size)
{
	void *p = model->mem.alloc(size);

	if (p)
		memset(p, 0, size);
	return p;
}

char *pcscf_strdup(struct pcscf_model *model, struct slice s)
{
	char *p = pcscf_alloc(model, s.len + 1);

	if (p && s.len > 0)
		memcpy(p, s.p, s.len);
	return p;
}

void pcscf_arm(struct pcscf_model *model, struct pcscf_timer *t, enum pcscf_timer_kind kind,
	       int64_t due_ms)
{
	t->kind = kind;
	timer_wheel_arm(&model->wheel, &t->node, due_ms > 0 ? (uint64_t)due_ms : 0);
}

void pcscf_disarm(struct pcscf_model *model, struct pcscf_timer *t)
{
	timer_wheel_cancel(&model->wheel, &t->node);
}

static size_t buckets_for(size_t objects)
{
	size_t n = 64;

	while (n < objects && n < (size_t)1 << 24)
		n *= 2;
	return n;
}

static void tables_free(struct pcscf_model *model)
{
	model->mem.release(model->by_set);
	model->mem.release(model->by_identity);
	model->mem.release(model->by_call_id);
	model->mem.release(model->by_id);
	model->mem.release(model->by_session);
}

static bool tables_new(struct pcscf_model *model)
{
	model->connection_buckets = buckets_for(model->cfg.connections_max);
	model->subscription_buckets = buckets_for(model->cfg.subscriptions_max);
	model->session_buckets = buckets_for(model->cfg.sessions_max);
	model->by_set = pcscf_alloc(model, model->connection_buckets * sizeof(*model->by_set));
	model->by_identity =
	    pcscf_alloc(model, model->subscription_buckets * sizeof(*model->by_identity));
	model->by_call_id =
	    pcscf_alloc(model, model->subscription_buckets * sizeof(*model->by_call_id));
	model->by_id = pcscf_alloc(model, model->subscription_buckets * sizeof(*model->by_id));
	model->by_session = pcscf_alloc(model, model->session_buckets * sizeof(*model->by_session));
	return model->by_set && model->by_identity && model->by_call_id && model->by_id &&
	       model->by_session;
}

struct pcscf_model *pcscf_model_new(const struct pcscf_config *cfg, const struct pcscf_memory *mem,
				    pcscf_random_h rnd, const struct keyed_hash_key *key,
				    int64_t now_ms)
{
	struct pcscf_model *model = mem->alloc(sizeof(*model));

	if (!model)
		return NULL;
	memset(model, 0, sizeof(*model));
	model->cfg = *cfg;
	model->mem = *mem;
	model->random = rnd;
	model->key = *key;
	model->now_ms = now_ms;
	model->next_subscription_id = 1;
	timer_wheel_init(&model->wheel, (uint64_t)now_ms, 100);
	if (!tables_new(model)) {
		tables_free(model);
		mem->release(model);
		return NULL;
	}
	return model;
}

static size_t set_bucket(const struct pcscf_model *model, uint64_t set_id)
{
	return (size_t)((set_id * 0x9e3779b97f4a7c15ull) >> 32) & (model->connection_buckets - 1);
}

struct connection *pcscf_connection(const struct pcscf_model *model, uint64_t set_id)
{
	struct connection *c = model->by_set[set_bucket(model, set_id)];

	while (c && c->set_id != set_id)
		c = c->next_in_bucket;
	return c;
}

static void connection_link(struct pcscf_model *model, struct connection *c)
{
	struct connection **bucket = &model->by_set[set_bucket(model, c->set_id)];

	c->next_in_bucket = *bucket;
	*bucket = c;
	c->next = model->connections;
	c->link = &model->connections;
	if (c->next)
		c->next->link = &c->next;
	model->connections = c;
	model->count.connections++;
}

static void connection_unlink(struct pcscf_model *model, struct connection *c)
{
	struct connection **at = &model->by_set[set_bucket(model, c->set_id)];

	while (*at != c)
		at = &(*at)->next_in_bucket;
	*at = c->next_in_bucket;
	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
	model->count.connections--;
}

static void connection_todo(struct pcscf_model *model, struct connection *c,
			    enum connection_todo todo)
{
	c->todo = todo;
	if (c->queued || todo == TODO_NOTHING)
		return;
	c->queued = true;
	c->next_todo = model->todo_connections;
	model->todo_connections = c;
}

static struct binding *find_binding(const struct connection *c, const struct subscription *w)
{
	struct binding *b = c->bindings;

	while (b && b->subscription != w)
		b = b->next_of_connection;
	return b;
}

static void bind(struct binding *b, struct connection *c, struct subscription *w)
{
	b->connection = c;
	b->subscription = w;
	b->next_of_connection = c->bindings;
	c->bindings = b;
	c->bindings_n++;
	b->next_of_subscription = w->bindings;
	w->bindings = b;
	w->bindings_n++;
}

void pcscf_unbind(struct pcscf_model *model, struct binding *b)
{
	struct binding **at = &b->connection->bindings;
	struct subscription *w = b->subscription;

	while (*at != b)
		at = &(*at)->next_of_connection;
	*at = b->next_of_connection;
	b->connection->bindings_n--;
	at = &w->bindings;
	while (*at != b)
		at = &(*at)->next_of_subscription;
	*at = b->next_of_subscription;
	w->bindings_n--;
	model->mem.release(b);
	if (w->bindings_n == 0)
		pcscf_subscription_event(model, w, PCSCF_SUB_EV_UNWANTED);
}

/* Nothing points at it any more, except the queue of work if it waits there: pcscf_next_todo() frees
 * it then. */
static void connection_forget(struct pcscf_model *model, struct connection *c)
{
	while (c->sessions)
		pcscf_session_free(model, c->sessions);
	while (c->bindings)
		pcscf_unbind(model, c->bindings);
	pcscf_disarm(model, &c->timer);
	connection_unlink(model, c);
	if (!c->queued)
		model->mem.release(c);
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

static void connection_wait(struct pcscf_model *model, struct connection *c, int64_t until_ms)
{
	c->deadline_ms = until_ms;
	pcscf_arm(model, &c->timer, TIMER_CONNECTION, until_ms);
	connection_todo(model, c, TODO_HOLD);
}

static const char *cause_of(enum pcscf_connection_event ev, const char *known)
{
	if (ev == PCSCF_CONN_EV_SESSIONS_GONE)
		return PCSCF_CAUSE_SESSIONS_GONE;
	if (ev == PCSCF_CONN_EV_ENDED)
		return PCSCF_CAUSE_TERMINATED;
	return known ? known : PCSCF_CAUSE_LINGER_OVER;
}

/*
 * Registered over it: the S-CSCF has stopped the linger timer of the connection. When it loses its
 * bindings again, a new document says how long it lingers. Or its sessions have gone.
 */
static void stop_linger(struct connection *c)
{
	for (struct binding *b = c->bindings; b; b = b->next_of_connection)
		b->lingers = false;
}

void pcscf_connection_event(struct pcscf_model *model, struct connection *c,
			    enum pcscf_connection_event ev)
{
	struct state_step step = state_step(&pcscf_connection_table, c->state, ev);

	model->count.forbidden += !step.allowed;
	model->count.inactive += (step.next == PCSCF_CONN_INACTIVE);
	model->count.inactive -= (c->state == PCSCF_CONN_INACTIVE);
	if (step.action == PCSCF_CONN_DRAIN || step.action == PCSCF_CONN_DROP)
		c->cause = cause_of(ev, c->state == PCSCF_CONN_DRAINING ? c->cause : NULL);
	c->state = step.next;
	switch (step.action) {
	case PCSCF_CONN_NOTHING:
		break;
	case PCSCF_CONN_RELEASE:
		c->deadline_ms = 0;
		pcscf_disarm(model, &c->timer);
		connection_todo(model, c, TODO_RELEASE);
		break;
	case PCSCF_CONN_HOLD:
		connection_wait(model, c, linger_end(c) + model->cfg.linger_grace_ms);
		break;
	case PCSCF_CONN_DRAIN:
		stop_linger(c);
		connection_wait(model, c, model->now_ms + model->cfg.drain_ms);
		break;
	case PCSCF_CONN_DROP:
		connection_todo(model, c, TODO_DROP);
		connection_forget(model, c);
		break;
	case PCSCF_CONN_FORGET:
		connection_todo(model, c, TODO_NOTHING);
		connection_forget(model, c);
		break;
	}
}

/* What its bindings have become decides what the connection is. */
void pcscf_binding_reviewed(struct pcscf_model *model, struct connection *c)
{
	bool bound = false, lingers = false;

	for (const struct binding *b = c->bindings; b; b = b->next_of_connection) {
		bound = bound || !b->ended;
		lingers = lingers || b->lingers;
	}
	pcscf_connection_event(model, c,
			       bound	 ? PCSCF_CONN_EV_BOUND
			       : lingers ? PCSCF_CONN_EV_LINGER
					 : PCSCF_CONN_EV_ENDED);
}

static int connection_new(struct pcscf_model *model, uint64_t set_id, struct connection **out)
{
	struct connection *c;

	if (model->count.connections >= model->cfg.connections_max)
		return PCSCF_E_LIMIT;
	c = pcscf_alloc(model, sizeof(*c));
	if (!c)
		return PCSCF_E_NOMEM;
	c->set_id = set_id;
	connection_link(model, c);
	*out = c;
	return PCSCF_OK;
}

int pcscf_registered(struct pcscf_model *model, uint64_t set_id, struct slice identity,
		     struct slice contact, struct slice next_hop, unsigned int flags,
		     int64_t now_ms)
{
	struct connection *c = pcscf_connection(model, set_id);
	struct subscription *w = pcscf_subscription_by_identity(model, identity);
	struct binding *b = c && w ? find_binding(c, w) : NULL;
	struct binding *fresh = NULL;
	int err = PCSCF_OK;

	model->now_ms = now_ms;
	if (set_id == 0 || identity.len == 0 || identity.len >= PCSCF_URI_MAX ||
	    contact.len >= PCSCF_URI_MAX || next_hop.len >= PCSCF_URI_MAX)
		return PCSCF_E_VALUE;
	if (!b) {
		if (c && c->bindings_n >= PCSCF_BINDINGS_MAX)
			return PCSCF_E_LIMIT;
		b = fresh = pcscf_alloc(model, sizeof(*b));
		if (!b)
			return PCSCF_E_NOMEM;
	}
	if (!c)
		err = connection_new(model, set_id, &c);
	if (!err && !w)
		err = pcscf_subscription_new(model, identity, next_hop, &w);
	if (err) {
		/* Nothing stays behind: a connection without binding was made just now. */
		if (c && !c->bindings)
			connection_forget(model, c);
		model->mem.release(fresh);
		return err;
	}
	if (fresh)
		bind(b, c, w);
	b->ended = false;
	stop_linger(c);
	b->bound_ms = now_ms;
	c->seamless = c->seamless || (flags & PCSCF_REG_SEAMLESS);
	c->adopted = c->adopted || (flags & PCSCF_REG_ADOPTED);
	PCSCF_COPY(c->identity, identity);
	if (contact.len > 0)
		PCSCF_COPY(c->contact, contact);
	if (next_hop.len > 0)
		PCSCF_COPY(w->next_hop, next_hop);
	pcscf_connection_event(model, c, PCSCF_CONN_EV_BOUND);
	pcscf_subscription_event(model, w, PCSCF_SUB_EV_WANTED);
	/* A phone that registers again may do so because the S-CSCF has lost everything, this
	 * subscription included: it says so with 481 when it is asked. */
	if (!fresh)
		pcscf_subscription_event(model, w, PCSCF_SUB_EV_GAP);
	return PCSCF_OK;
}

int pcscf_registered_by(struct pcscf_model *model, uint64_t set_id, struct slice identity,
			struct slice call_id, uint32_t cseq)
{
	struct connection *c = pcscf_connection(model, set_id);
	struct subscription *w = pcscf_subscription_by_identity(model, identity);
	struct binding *b = c && w ? find_binding(c, w) : NULL;

	if (!b)
		return PCSCF_E_UNKNOWN;
	b->register_call = keyed_hash(&model->key, call_id);
	b->register_cseq = cseq;
	return PCSCF_OK;
}

int pcscf_found_held(struct pcscf_model *model, uint64_t set_id, int64_t until_ms, int64_t now_ms)
{
	struct connection *c = pcscf_connection(model, set_id);

	model->now_ms = now_ms;
	if (!c)
		return PCSCF_E_UNKNOWN;
	for (struct binding *b = c->bindings; b; b = b->next_of_connection) {
		b->ended = b->lingers = true;
		b->linger_until_ms = until_ms - model->cfg.linger_grace_ms;
	}
	pcscf_connection_event(model, c, PCSCF_CONN_EV_LINGER);
	return PCSCF_OK;
}

int pcscf_set_gone(struct pcscf_model *model, uint64_t set_id, int64_t now_ms)
{
	struct connection *c = pcscf_connection(model, set_id);

	model->now_ms = now_ms;
	if (!c)
		return PCSCF_E_UNKNOWN;
	pcscf_connection_event(model, c, PCSCF_CONN_EV_SET_GONE);
	return PCSCF_OK;
}

int pcscf_set_replaced(struct pcscf_model *model, uint64_t old_id, uint64_t new_id, int64_t now_ms)
{
	struct connection *from = pcscf_connection(model, old_id),
			  *to = pcscf_connection(model, new_id);

	model->now_ms = now_ms;
	if (!from || new_id == 0 || from == to)
		return PCSCF_E_UNKNOWN;
	if (!to) {
		connection_unlink(model, from);
		from->set_id = new_id;
		connection_link(model, from);
		return PCSCF_OK;
	}
	/* The new set has registered already; what it registered counts, the sessions come along.
	 */
	while (from->sessions)
		pcscf_session_move(model, from->sessions, to);
	pcscf_connection_event(model, from, PCSCF_CONN_EV_SET_GONE);
	return PCSCF_OK;
}

static void timer_fired(struct wheel_timer *node, void *arg)
{
	struct pcscf_timer *t = CONTAINER(node, struct pcscf_timer, node);
	struct pcscf_model *model = arg;

	switch (t->kind) {
	case TIMER_CONNECTION:
		pcscf_connection_event(model, CONTAINER(t, struct connection, timer),
				       PCSCF_CONN_EV_DEADLINE);
		break;
	case TIMER_SUBSCRIPTION:
		pcscf_subscription_timer(model, CONTAINER(t, struct subscription, timer));
		break;
	case TIMER_SESSION:
		pcscf_session_timer(model, CONTAINER(t, struct session, timer));
		break;
	}
}

void pcscf_tick(struct pcscf_model *model, int64_t now_ms)
{
	model->now_ms = now_ms;
	timer_wheel_advance(&model->wheel, (uint64_t)now_ms, 0, timer_fired, model);
}

void pcscf_model_free(struct pcscf_model *model)
{
	struct pcscf_todo ignored;

	if (!model)
		return;
	while (model->connections)
		pcscf_connection_event(model, model->connections, PCSCF_CONN_EV_SET_GONE);
	while (pcscf_next_todo(model, &ignored))
		;
	tables_free(model);
	explicit_bzero(&model->key, sizeof(model->key));
	model->mem.release(model);
}
