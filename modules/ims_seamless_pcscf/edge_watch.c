/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The subscriptions of struct edge, and what their NOTIFYs do to connections. */
#include "edge_state.h"

static size_t bucket(struct slice s)
{
	return slice_hash(s) % EDGE_BUCKETS;
}

struct watch *edge_watch_by_identity(const struct edge *e, struct slice identity)
{
	struct watch *w = e->by_identity[bucket(identity)];

	while (w && !slice_eq(slice_str(w->identity), identity))
		w = w->next_by_identity;
	return w;
}

static struct watch *watch_by_call_id(const struct edge *e, struct slice call_id)
{
	struct watch *w = e->by_call_id[bucket(call_id)];

	while (w && !slice_eq(slice_str(w->call_id), call_id))
		w = w->next_by_call_id;
	return w;
}

static void link_call_id(struct edge *e, struct watch *w)
{
	struct watch **head = &e->by_call_id[bucket(slice_str(w->call_id))];

	w->next_by_call_id = *head;
	*head = w;
}

static void unlink_call_id(struct edge *e, struct watch *w)
{
	struct watch **at = &e->by_call_id[bucket(slice_str(w->call_id))];

	while (*at != w)
		at = &(*at)->next_by_call_id;
	*at = w->next_by_call_id;
}

/* A dialog of its own: nobody can know its Call-ID and tag who has not seen the SUBSCRIBE. */
static void fresh_dialog(struct edge *e, struct watch *w)
{
	e->random(w->call_id, 32);
	e->random(w->local_tag, 32);
	w->remote_tag[0] = '\0';
	e->mem.release(w->target);
	e->mem.release(w->routes);
	w->target = w->routes = NULL;
	w->cseq = 0;
	w->remote_cseq_seen = false;
	w->version = (struct reginfo_watch){0};
	w->expires_ms = 0;
	w->full_asked = false; /* a new dialog begins with it */
}

static void watch_todo(struct edge *e, struct watch *w, enum watch_todo todo)
{
	w->todo = todo;
	if (w->queued || todo == WATCH_TODO_NOTHING)
		return;
	w->queued = true;
	w->next_todo = e->todo_watches;
	e->todo_watches = w;
}

static void watch_send(struct edge *e, struct watch *w)
{
	w->cseq++;
	w->attempts++;
	edge_arm(e, &w->timer, TIMER_WATCH, e->now_ms + e->cfg.answer_ms);
	watch_todo(e, w, WATCH_TODO_SUBSCRIBE);
}

int edge_watch_new(struct edge *e, struct slice identity, struct slice next_hop, struct watch **out)
{
	struct watch **head = &e->by_identity[bucket(identity)];
	struct watch *w;

	if (e->count.watches >= e->cfg.watches_max)
		return EDGE_E_LIMIT;
	w = edge_alloc(e, sizeof(*w));
	if (!w)
		return EDGE_E_NOMEM;
	w->id = e->next_watch_id++;
	EDGE_COPY(w->identity, identity);
	EDGE_COPY(w->next_hop, next_hop);
	w->expires_s = e->cfg.subscribe_s;
	fresh_dialog(e, w);
	w->next_by_identity = *head;
	*head = w;
	link_call_id(e, w);
	w->next_by_id = e->by_id[w->id % EDGE_BUCKETS];
	e->by_id[w->id % EDGE_BUCKETS] = w;
	w->next = e->watches;
	w->link = &e->watches;
	if (w->next)
		w->next->link = &w->next;
	e->watches = w;
	e->count.watches++;
	w->state = WATCH_SUBSCRIBING;
	watch_send(e, w);
	*out = w;
	return EDGE_OK;
}

void edge_watch_free(struct edge *e, struct watch *w)
{
	e->mem.release(w->target);
	e->mem.release(w->routes);
	e->mem.release(w);
}

static void watch_forget(struct edge *e, struct watch *w)
{
	struct watch **at = &e->by_identity[bucket(slice_str(w->identity))];

	while (*at != w)
		at = &(*at)->next_by_identity;
	*at = w->next_by_identity;
	unlink_call_id(e, w);
	at = &e->by_id[w->id % EDGE_BUCKETS];
	while (*at != w)
		at = &(*at)->next_by_id;
	*at = w->next_by_id;
	*w->link = w->next;
	if (w->next)
		w->next->link = w->link;
	e->count.watches--;
	edge_disarm(e, &w->timer);
	if (!w->queued)
		edge_watch_free(e, w);
}

static void unsubscribe(struct edge *e, struct watch *w)
{
	/* Without remote tag no dialog is known; the notifier will get a 481 for its NOTIFY. */
	if (w->remote_tag[0] && w->target) {
		w->cseq++;
		watch_todo(e, w, WATCH_TODO_UNSUBSCRIBE);
	} else {
		watch_todo(e, w, WATCH_TODO_NOTHING);
	}
	watch_forget(e, w);
}

/* Well before the end: at half of a short subscription, 600 s before the end of a long one (RFC
 * 6665 4.1.2.2). */
static void arm_refresh(struct edge *e, struct watch *w)
{
	int64_t left = w->expires_ms - e->now_ms;
	int64_t at = left > 1200 * 1000 ? w->expires_ms - 600 * 1000 : e->now_ms + left / 2;

	w->failures = 0;
	if (w->full_asked)
		at = e->now_ms + e->cfg.full_ms;
	w->rechecks = w->recheck_ms > 0 && w->recheck_ms < at;
	if (w->rechecks)
		at = w->recheck_ms;
	w->recheck_ms = 0;
	edge_arm(e, &w->timer, TIMER_WATCH, at);
}

static void arm_retry(struct edge *e, struct watch *w)
{
	int64_t pause = e->cfg.retry_ms;

	for (unsigned int i = 1; i < w->failures && pause < e->cfg.retry_max_ms; i++)
		pause *= 2;
	if (pause > e->cfg.retry_max_ms)
		pause = e->cfg.retry_max_ms;
	if (w->later_ms > pause)
		pause = w->later_ms;
	w->later_ms = 0;
	edge_arm(e, &w->timer, TIMER_WATCH, e->now_ms + pause);
}

void edge_watch_event(struct edge *e, struct watch *w, enum watch_event ev)
{
	struct watch_step step = watch_step(w->state, ev);

	if (ev == WATCH_EV_WANTED && step.action == WATCH_SUBSCRIBE)
		w->failures = 0;
	w->state = step.next;
	switch (step.action) {
	case WATCH_NOTHING:
		break;
	case WATCH_SUBSCRIBE:
		unlink_call_id(e, w);
		fresh_dialog(e, w);
		link_call_id(e, w);
		watch_send(e, w);
		break;
	case WATCH_REFRESH:
		watch_send(e, w);
		break;
	case WATCH_UNSUBSCRIBE:
		unsubscribe(e, w);
		break;
	case WATCH_ARM_REFRESH:
		arm_refresh(e, w);
		break;
	case WATCH_ARM_RETRY:
		arm_retry(e, w);
		break;
	case WATCH_DISARM:
		edge_disarm(e, &w->timer);
		break;
	case WATCH_FORGET:
		watch_forget(e, w);
		break;
	}
}

static void watch_failed(struct edge *e, struct watch *w, enum watch_event ev)
{
	bool exhausted = ++w->failures >= e->cfg.retries;

	edge_watch_event(e, w, exhausted && ev != WATCH_EV_NO_DIALOG ? WATCH_EV_EXHAUSTED : ev);
}

/* Something was missed. */
static void full_wanted(struct edge *e, struct watch *w)
{
	w->full_asked = true;
	edge_watch_event(e, w, WATCH_EV_GAP);
}

void edge_watch_timer(struct edge *e, struct watch *w)
{
	bool waiting = w->state == WATCH_SUBSCRIBING || w->state == WATCH_REFRESHING;
	bool active = w->state == WATCH_ACTIVE, rechecks = active && w->rechecks;

	w->rechecks = false;
	/* Each SUBSCRIBE brings full state (RFC 6665 4.2.1.2), but the stock S-CSCF answers one
	 * inside a dialog with a 200 and nothing more: then a new dialog shall bring it. */
	if (waiting)
		watch_failed(e, w, WATCH_EV_TEMPORARY);
	else if (rechecks)
		full_wanted(e, w);
	else if (active && (w->full_asked || w->expires_ms <= e->now_ms))
		edge_watch_event(e, w, WATCH_EV_RESUBSCRIBE);
	else
		edge_watch_event(e, w, WATCH_EV_TIMER);
}

/* Names this attempt, so that a late answer to an earlier one is not taken for its own. */
static uint64_t request_id(const struct watch *w)
{
	return w->id << 16 | w->attempts;
}

void edge_watch_fill_todo(struct edge *e, struct watch *w, struct edge_subscribe *out)
{
	(void)e;
	out->request_id = request_id(w);
	out->cseq = w->cseq;
	out->expires = w->todo == WATCH_TODO_UNSUBSCRIBE ? 0 : w->expires_s;
	memcpy(out->identity, w->identity, sizeof(out->identity));
	memcpy(out->call_id, w->call_id, sizeof(out->call_id));
	memcpy(out->local_tag, w->local_tag, sizeof(out->local_tag));
	memcpy(out->remote_tag, w->remote_tag, sizeof(out->remote_tag));
	memcpy(out->next_hop, w->next_hop, sizeof(out->next_hop));
	EDGE_COPY(out->target, slice_str(w->target));
	EDGE_COPY(out->routes, slice_str(w->routes));
}

static struct watch *watch_by_id(const struct edge *e, uint64_t id)
{
	struct watch *w = e->by_id[id % EDGE_BUCKETS];

	while (w && w->id != id)
		w = w->next_by_id;
	return w;
}

/* The dialog's other half, from whichever came first: the 2xx or the NOTIFY (RFC
 * 6665 4.1.2.4, 4.4.1). */
static bool learn_dialog(struct edge *e, struct watch *w, struct slice remote_tag,
			 struct slice contact, struct slice routes)
{
	char *target, *route_set;

	if (w->remote_tag[0])
		return slice_eq(slice_str(w->remote_tag), remote_tag);
	if (remote_tag.len == 0 || remote_tag.len >= EDGE_TAG_MAX || contact.len == 0 ||
	    contact.len >= EDGE_TARGET_MAX || routes.len >= EDGE_ROUTES_MAX)
		return false;
	target = edge_strdup(e, contact);
	route_set = edge_strdup(e, routes);
	if (!target || !route_set) {
		e->mem.release(target);
		e->mem.release(route_set);
		return false;
	}
	EDGE_COPY(w->remote_tag, remote_tag);
	w->target = target;
	w->routes = route_set;
	return true;
}

void edge_subscribe_answered(struct edge *e, uint64_t id, const struct edge_answer *a,
			     int64_t now_ms)
{
	struct watch *w = watch_by_id(e, id >> 16);
	enum watch_event ev = watch_event_of_answer(a->code);

	e->now_ms = now_ms;
	if (!w || (w->state != WATCH_SUBSCRIBING && w->state != WATCH_REFRESHING) ||
	    request_id(w) != id)
		return;
	if (ev == WATCH_EV_OK) {
		uint32_t granted =
		    a->expires > 0 && a->expires < w->expires_s ? a->expires : w->expires_s;

		if (!learn_dialog(e, w, a->remote_tag, a->contact, a->routes)) {
			watch_failed(e, w, WATCH_EV_TEMPORARY);
			return;
		}
		w->expires_ms = now_ms + (int64_t)granted * 1000;
		edge_watch_event(e, w, WATCH_EV_OK);
		return;
	}
	if (a->code == 423 && a->min_expires > w->expires_s)
		w->expires_s = a->min_expires;
	watch_failed(e, w, ev);
}

bool edge_knows_dialog(const struct edge *e, struct slice call_id, struct slice local_tag)
{
	const struct watch *w = watch_by_call_id(e, call_id);

	return w && slice_eq(slice_str(w->local_tag), local_tag);
}

/* Registrars keep a Contact URI as it was sent; allow for parameters that were left out on the way.
 */
static bool same_contact(const char *known, struct slice uri)
{
	struct slice a = slice_str(known), b = uri;

	if (slice_eq_nocase(a, b))
		return a.len > 0;
	a = slice_cut(&a, ';');
	b = slice_cut(&b, ';');
	return a.len > 0 && slice_eq_nocase(a, b);
}

static const struct reginfo_contact *row_for(const struct reginfo_registration *r,
					     const char *contact)
{
	const struct reginfo_contact *loose = NULL;

	for (size_t i = 0; i < r->contacts_n; i++) {
		if (slice_eq(slice_str(contact), r->contacts[i].uri))
			return &r->contacts[i];
		if (same_contact(contact, r->contacts[i].uri))
			loose = &r->contacts[i];
	}
	return loose;
}

static void binding_ended(struct edge *e, struct binding *b, const struct reginfo_contact *row)
{
	b->ended = true;
	b->lingers = row && row->connection == REGINFO_CONN_INACTIVE && row->linger > 0;
	if (b->lingers) {
		int64_t linger = (int64_t)row->linger * 1000;

		b->linger_until_ms =
		    e->now_ms + (linger < e->cfg.linger_max_ms ? linger : e->cfg.linger_max_ms);
	}
}

/* What the document says of this binding. */
static void review_binding(struct edge *e, struct binding *b, const struct reginfo_registration *r,
			   bool full)
{
	const struct reginfo_contact *row = row_for(r, b->connection->contact);

	if (row && row->state == REGINFO_CONTACT_ACTIVE) {
		b->ended = b->lingers = false;
		return;
	}
	if (row || r->state == REGINFO_REG_TERMINATED) {
		binding_ended(e, b, row);
		return;
	}
	/* A full document without this contact: gone, unless it was written before the contact
	 * came. */
	if (!full || b->ended)
		return;
	if (e->now_ms - b->bound_ms < e->cfg.settle_ms)
		b->watch->recheck_ms = b->bound_ms + e->cfg.settle_ms;
	else
		binding_ended(e, b, NULL);
}

/* The next binding of w that is over while others hold the connection, to be taken off it. */
static struct binding *surplus_binding(struct watch *w)
{
	for (struct binding *b = w->bindings; b; b = b->next_of_watch) {
		if (!b->ended || b->lingers)
			continue;
		for (struct binding *o = b->connection->bindings; o; o = o->next_of_connection)
			if (!o->ended)
				return b;
	}
	return NULL;
}

/* Applies doc to the bindings of w. Returns false when w is gone with its last binding. */
static bool apply_document(struct edge *e, struct watch *w, const struct reginfo_doc *doc)
{
	static const struct reginfo_registration nothing = {.state = REGINFO_REG_INIT};
	const struct reginfo_registration *r = NULL;
	struct connection *touched[32];
	size_t touched_n = 0;
	struct binding *b;

	for (size_t i = 0; i < doc->registrations_n; i++)
		if (slice_eq(doc->registrations[i].aor, slice_str(w->identity)))
			r = &doc->registrations[i];
	if (!r && !doc->full)
		return true;
	for (b = w->bindings; b && touched_n < sizeof(touched) / sizeof(touched[0]);
	     b = b->next_of_watch) {
		review_binding(e, b, r ? r : &nothing, doc->full);
		touched[touched_n++] = b->connection;
	}
	/* No event below frees a connection: only a deadline and ims_flow do. */
	for (size_t i = 0; i < touched_n; i++)
		edge_binding_reviewed(e, touched[i]);
	while ((b = surplus_binding(w)) != NULL) {
		bool last = w->bindings_n == 1;

		edge_unbind(e, b);
		if (last)
			return false;
	}
	return true;
}

static enum watch_event event_of_reason(struct slice reason)
{
	if (slice_eq_nocase(reason, SLICE_LIT("probation")) ||
	    slice_eq_nocase(reason, SLICE_LIT("giveup")))
		return WATCH_EV_LATER;
	if (slice_eq_nocase(reason, SLICE_LIT("rejected")) ||
	    slice_eq_nocase(reason, SLICE_LIT("noresource")) ||
	    slice_eq_nocase(reason, SLICE_LIT("invariant")))
		return WATCH_EV_CLOSED;
	/* deactivated, timeout, none and unknown ones: subscribe again (RFC 6665 4.1.3). */
	return WATCH_EV_RESUBSCRIBE;
}

static void subscription_state(struct edge *e, struct watch *w, const struct edge_notify *n)
{
	if (!n->terminated) {
		if (n->expires > 0)
			w->expires_ms = e->now_ms + (int64_t)n->expires * 1000;
		if (w->state == WATCH_ACTIVE && (n->expires > 0 || w->recheck_ms > 0))
			arm_refresh(e, w);
		return;
	}
	w->later_ms = (int64_t)n->retry_after * 1000;
	if (w->later_ms > e->cfg.retry_max_ms)
		w->later_ms = e->cfg.retry_max_ms;
	edge_watch_event(e, w, event_of_reason(n->reason));
}

int edge_notified(struct edge *e, const struct edge_notify *n, enum reginfo_verdict *verdict,
		  int64_t now_ms)
{
	struct watch *w = watch_by_call_id(e, n->call_id);
	bool came = false;

	e->now_ms = now_ms;
	*verdict = REGINFO_DISCARD;
	if (!w || !slice_eq(slice_str(w->local_tag), n->local_tag) ||
	    !learn_dialog(e, w, n->remote_tag, n->contact, n->routes))
		return EDGE_E_UNKNOWN;
	if (w->remote_cseq_seen && n->cseq < w->remote_cseq)
		return EDGE_E_ORDER;
	w->remote_cseq = n->cseq;
	w->remote_cseq_seen = true;
	if (n->doc) {
		*verdict = reginfo_watch_judge(&w->version, n->doc->version, n->doc->full);
		came = w->full_asked && n->doc->full;
		w->full_asked = w->full_asked && !came;
		if (*verdict != REGINFO_DISCARD && !apply_document(e, w, n->doc))
			return EDGE_OK;
	}
	subscription_state(e, w, n);
	if (came && w->state == WATCH_ACTIVE)
		arm_refresh(e, w);
	if (*verdict == REGINFO_APPLY_AND_REFRESH && !n->terminated)
		full_wanted(e, w);
	return EDGE_OK;
}
