/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/sessions.h"

#define ENDING_MS 32000 /* 64*T1: retransmissions of the BYE and its answer */

const char *session_state_name(enum session_state s)
{
	static const char *const names[] = {"early", "confirmed", "ending"};

	return (unsigned)s < 3 ? names[s] : "?";
}

static struct session **bucket(struct model *m, struct slice call_id)
{
	return &m->by_call[slice_hash(call_id) & (m->hash_size - 1)];
}

static void attach(struct model *m, struct session_end *end, struct connection *c)
{
	end->connection = c;
	end->link.next = &c->ends;
	end->link.prev = c->ends.prev;
	c->ends.prev->next = &end->link;
	c->ends.prev = &end->link;
	connection_session_added(m, c);
}

/* The connection may be gone afterwards. */
static void detach(struct model *m, struct session_end *end, struct effects *e)
{
	struct connection *c = end->connection;

	if (!c)
		return;
	end->connection = NULL;
	end->link.prev->next = end->link.next;
	end->link.next->prev = end->link.prev;
	connection_session_removed(m, c, e);
}

static void free_end(struct model *m, struct session_end *end)
{
	store_text_free(&m->store, &end->tag);
	store_text_free(&m->store, &end->uri);
	store_text_free(&m->store, &end->contact);
	store_text_free(&m->store, &end->route);
	store_text_free(&m->store, &end->impi);
	store_text_free(&m->store, &end->successor_contact);
}

static void live_on(struct model *m, struct session *s, uint64_t now_ms)
{
	timer_wheel_arm(&m->wheel, &s->timer.wheel, now_ms + m->session_max_ms);
}

static bool too_long(const struct session_info *i)
{
	const struct slice *all[] = {&i->call_id,	&i->from_tag,	    &i->from_uri,
				     &i->to_uri,	&i->caller_contact, &i->caller_route,
				     &i->callee_contact};

	for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++)
		if (all[k]->len > MODEL_TEXT_MAX)
			return true;
	return false;
}

static int set_connection(struct model *m, struct session_end *end, struct connection *c)
{
	if (store_text_set(&m->store, c->subscriber->impi, &end->impi))
		return MODEL_E_NOMEM;
	attach(m, end, c);
	return 0;
}

int session_open(struct model *m, const struct session_info *i, uint64_t now_ms,
		 struct session **out)
{
	struct session *s;
	int rc = 0;

	if (!i->call_id.len || !i->from_tag.len || too_long(i))
		return MODEL_E_VALUE;
	s = session_find_initial(m, i->call_id, i->from_tag);
	if (s) {
		/* The second pass adds what the first could not know. */
		if (i->caller && !s->end[SIDE_CALLER].connection)
			rc = set_connection(m, &s->end[SIDE_CALLER], i->caller);
		if (!rc && i->callee && !s->end[SIDE_CALLEE].connection)
			rc = set_connection(m, &s->end[SIDE_CALLEE], i->callee);
		if (!rc && i->callee_contact.len &&
		    store_text_set(&m->store, i->callee_contact, &s->end[SIDE_CALLEE].contact))
			rc = MODEL_E_NOMEM;
		if (i->cseq > s->end[SIDE_CALLER].cseq)
			s->end[SIDE_CALLER].cseq = i->cseq;
		*out = s;
		return rc;
	}
	if (m->sessions >= m->sessions_max)
		return MODEL_E_LIMIT;
	s = store_alloc(&m->store, sizeof(*s));
	if (!s)
		return MODEL_E_NOMEM;
	s->timer.of_session = true;
	s->end[0].session = s->end[1].session = s;
	if (store_text(&m->store, i->call_id, &s->call_id) ||
	    store_text(&m->store, i->from_tag, &s->end[SIDE_CALLER].tag) ||
	    store_text(&m->store, i->from_uri, &s->end[SIDE_CALLER].uri) ||
	    store_text(&m->store, i->caller_contact, &s->end[SIDE_CALLER].contact) ||
	    store_text(&m->store, i->caller_route, &s->end[SIDE_CALLER].route) ||
	    store_text(&m->store, i->to_uri, &s->end[SIDE_CALLEE].uri) ||
	    store_text(&m->store, i->callee_contact, &s->end[SIDE_CALLEE].contact) ||
	    (i->caller &&
	     store_text(&m->store, i->caller->subscriber->impi, &s->end[SIDE_CALLER].impi)) ||
	    (i->callee &&
	     store_text(&m->store, i->callee->subscriber->impi, &s->end[SIDE_CALLEE].impi))) {
		free_end(m, &s->end[0]);
		free_end(m, &s->end[1]);
		store_text_free(&m->store, &s->call_id);
		store_free(&m->store, s, sizeof(*s));
		return MODEL_E_NOMEM;
	}
	s->id = m->next_id++;
	s->created_ms = now_ms;
	s->end[SIDE_CALLER].cseq = i->cseq;
	if (i->caller)
		attach(m, &s->end[SIDE_CALLER], i->caller);
	if (i->callee)
		attach(m, &s->end[SIDE_CALLEE], i->callee);
	s->hash_next = *bucket(m, s->call_id);
	*bucket(m, s->call_id) = s;
	m->sessions++;
	live_on(m, s, now_ms);
	*out = s;
	return 0;
}

int session_confirm(struct model *m, struct session *s, struct slice to_tag, struct slice contact,
		    struct slice callee_route, struct slice through, struct connection *connection,
		    uint64_t now_ms, struct effects *e)
{
	struct session_end *callee = &s->end[SIDE_CALLEE];

	if (!to_tag.len || to_tag.len > MODEL_TEXT_MAX || contact.len > MODEL_TEXT_MAX ||
	    callee_route.len > MODEL_TEXT_MAX || through.len > MODEL_TEXT_MAX)
		return MODEL_E_VALUE;
	if (s->state != SESSION_EARLY && !slice_eq(callee->tag, to_tag))
		return MODEL_E_LIMIT;
	/* The reply passes the callee's side first: the longest way seen from there stays. */
	if (s->state == SESSION_EARLY && (store_text_set(&m->store, callee_route, &callee->route) ||
					  store_text_set(&m->store, through, &s->through)))
		return MODEL_E_NOMEM;
	if (store_text_set(&m->store, to_tag, &callee->tag) ||
	    (contact.len && store_text_set(&m->store, contact, &callee->contact)))
		return MODEL_E_NOMEM;
	s->state = SESSION_CONFIRMED;
	if (connection && connection != callee->connection) {
		detach(m, callee, e);
		if (set_connection(m, callee, connection))
			return MODEL_E_NOMEM;
	}
	live_on(m, s, now_ms);
	return 0;
}

struct session *session_find_initial(struct model *m, struct slice call_id, struct slice from_tag)
{
	for (struct session *s = *bucket(m, call_id); s; s = s->hash_next)
		if (slice_eq(s->call_id, call_id) && slice_eq(s->end[SIDE_CALLER].tag, from_tag))
			return s;
	return NULL;
}

struct session *session_find(struct model *m, struct slice call_id, struct slice from_tag,
			     struct slice to_tag, enum session_side *from)
{
	for (struct session *s = *bucket(m, call_id); s; s = s->hash_next) {
		struct slice caller = s->end[SIDE_CALLER].tag, callee = s->end[SIDE_CALLEE].tag;

		if (!slice_eq(s->call_id, call_id))
			continue;
		/* Early: PRACK and UPDATE come before the 2xx has told us the callee's tag. */
		if (slice_eq(caller, from_tag) && (slice_eq(callee, to_tag) || !callee.len)) {
			*from = SIDE_CALLER;
			return s;
		}
		if (slice_eq(caller, to_tag) && (slice_eq(callee, from_tag) || !callee.len)) {
			*from = SIDE_CALLEE;
			return s;
		}
	}
	return NULL;
}

struct session *session_by_id(struct model *m, struct slice call_id, uint64_t id)
{
	for (struct session *s = *bucket(m, call_id); s; s = s->hash_next)
		if (s->id == id && slice_eq(s->call_id, call_id))
			return s;
	return NULL;
}

void session_heard(struct model *m, struct session *s, enum session_side side, uint32_t cseq,
		   uint64_t now_ms)
{
	if (cseq > s->end[side].cseq)
		s->end[side].cseq = cseq;
	if (s->state != SESSION_ENDING)
		live_on(m, s, now_ms);
}

bool session_move(struct model *m, struct session *s, enum session_side side, struct connection *c,
		  struct slice contact, struct effects *e)
{
	struct session_end *end = &s->end[side];
	bool was = end->connection && end->connection != c;

	end->successor = 0;
	if (contact.len && contact.len <= MODEL_TEXT_MAX)
		(void)session_retarget(m, s, side, contact);
	if (end->connection == c)
		return false;
	/* On the new one first: c must not go while the session changes over. */
	if (s->state == SESSION_ENDING) {
		end->moved = true;
		return was;
	}
	detach(m, end, e);
	if (!set_connection(m, end, c) && was) {
		end->moved = true;
		m->counters.moved_sessions++;
	}
	return was;
}

int session_expect_move(struct model *m, struct session *s, enum session_side side,
			struct connection *c, struct slice contact)
{
	struct session_end *end = &s->end[side];

	if (!contact.len || contact.len > MODEL_TEXT_MAX)
		return MODEL_E_VALUE;
	if (store_text_set(&m->store, contact, &end->successor_contact))
		return MODEL_E_NOMEM;
	end->successor = c->id;
	return 0;
}

void session_expect_nothing(struct model *m, struct session *s, enum session_side side)
{
	(void)m;
	s->end[side].successor = 0;
}

struct connection *session_successor(struct model *m, const struct session_end *end)
{
	struct subscriber *s = end->successor ? model_subscriber(m, end->impi) : NULL;

	for (struct connection *c = s ? s->connections : NULL; c; c = c->next)
		if (c->id == end->successor)
			return c;
	return NULL;
}

int session_retarget(struct model *m, struct session *s, enum session_side side,
		     struct slice contact)
{
	if (contact.len > MODEL_TEXT_MAX)
		return MODEL_E_VALUE;
	return store_text_set(&m->store, contact, &s->end[side].contact) ? MODEL_E_NOMEM : 0;
}

void session_end(struct model *m, struct session *s, uint64_t now_ms, struct effects *e)
{
	if (s->state == SESSION_ENDING)
		return;
	s->state = SESSION_ENDING;
	for (int i = 0; i < 2; i++) {
		struct session_end *end = &s->end[i];

		/* A BYE that is sent again must still find the way. */
		if (end->moved && end->connection)
			(void)store_text_set(&m->store, end->connection->path, &end->route);
	}
	detach(m, &s->end[0], e);
	detach(m, &s->end[1], e);
	timer_wheel_arm(&m->wheel, &s->timer.wheel, now_ms + ENDING_MS);
}

void session_remove(struct model *m, struct session *s, struct effects *e)
{
	struct session **at = bucket(m, s->call_id);

	while (*at && *at != s)
		at = &(*at)->hash_next;
	if (*at)
		*at = s->hash_next;
	timer_wheel_cancel(&m->wheel, &s->timer.wheel);
	detach(m, &s->end[0], e);
	detach(m, &s->end[1], e);
	free_end(m, &s->end[0]);
	free_end(m, &s->end[1]);
	store_text_free(&m->store, &s->through);
	store_text_free(&m->store, &s->call_id);
	store_free(&m->store, s, sizeof(*s));
	m->sessions--;
}

void session_leave(struct model *m, struct session_end *end, struct effects *e)
{
	struct session *s = end->session;

	detach(m, end, e);
	if (!s->end[0].connection && !s->end[1].connection)
		session_remove(m, s, e);
}

static void leg_to(struct effects *e, struct release_leg *leg, const struct session_end *to,
		   const struct session_end *from)
{
	bool by_connection = to->moved && to->connection && to->connection->path.len;

	leg->from = arena_text(&e->arena, from->uri);
	leg->from_tag = arena_text(&e->arena, from->tag);
	leg->to = arena_text(&e->arena, to->uri);
	leg->to_tag = arena_text(&e->arena, to->tag);
	leg->target = arena_text(&e->arena, to->contact.len ? to->contact : to->uri);
	leg->route = arena_text(&e->arena, by_connection ? to->connection->path : to->route);
	leg->cseq = from->cseq + 1;
}

void session_release(struct model *m, struct session *s, uint64_t now_ms, struct effects *e)
{
	struct effect *f = NULL;

	/* Without the callee's tag there is no dialog a BYE could name; the INVITE runs into its
	 * time-out. */
	if (e && s->state == SESSION_CONFIRMED)
		f = effects_add(e, EFFECT_RELEASE);
	if (!f) {
		session_remove(m, s, e);
		return;
	}
	f->session_call_id = arena_text(&e->arena, s->call_id);
	for (int i = 0; i < 2; i++)
		leg_to(e, &f->leg[i], &s->end[i], &s->end[1 - i]);
	if (s->through.len)
		f->leg[SIDE_CALLEE].route = arena_text(&e->arena, s->through);
	session_end(m, s, now_ms, e);
}
