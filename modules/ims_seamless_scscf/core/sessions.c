/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/sessions.h"

#define ENDING_MS 32000 /* 64*T1: retransmissions of the BYE and its answer */

const char *scscf_session_state_name(enum scscf_session_state s)
{
	static const char *const names[] = {"early", "confirmed", "ending"};

	return (unsigned)s < 3 ? names[s] : "?";
}

static struct scscf_session **bucket(struct scscf_model *m, struct slice call_id)
{
	return &m->by_call[slice_hash(call_id) & (m->hash_size - 1)];
}

static void attach(struct scscf_model *m, struct scscf_session_end *end, struct scscf_connection *c)
{
	end->connection = c;
	end->link.next = &c->ends;
	end->link.prev = c->ends.prev;
	c->ends.prev->next = &end->link;
	c->ends.prev = &end->link;
	scscf_connection_session_added(m, c);
}

/* The connection may be gone afterwards. */
static void detach(struct scscf_model *m, struct scscf_session_end *end, struct scscf_effects *e)
{
	struct scscf_connection *c = end->connection;

	if (!c)
		return;
	end->connection = NULL;
	end->link.prev->next = end->link.next;
	end->link.next->prev = end->link.prev;
	scscf_connection_session_removed(m, c, e);
}

static void free_end(struct scscf_model *m, struct scscf_session_end *end)
{
	scscf_store_text_free(&m->store, &end->tag);
	scscf_store_text_free(&m->store, &end->uri);
	scscf_store_text_free(&m->store, &end->contact);
	scscf_store_text_free(&m->store, &end->route);
	scscf_store_text_free(&m->store, &end->impi);
	scscf_store_text_free(&m->store, &end->successor_contact);
}

static void live_on(struct scscf_model *m, struct scscf_session *s, uint64_t now_ms)
{
	timer_wheel_arm(&m->wheel, &s->timer.wheel, now_ms + m->session_max_ms);
}

static bool too_long(const struct scscf_session_info *i)
{
	const struct slice *all[] = {&i->call_id,	&i->from_tag,	    &i->from_uri,
				     &i->to_uri,	&i->caller_contact, &i->caller_route,
				     &i->callee_contact};

	for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++)
		if (all[k]->len > SCSCF_MODEL_TEXT_MAX)
			return true;
	return false;
}

static int set_connection(struct scscf_model *m, struct scscf_session_end *end,
			  struct scscf_connection *c)
{
	if (scscf_store_text_set(&m->store, c->subscriber->impi, &end->impi))
		return SCSCF_MODEL_E_NOMEM;
	attach(m, end, c);
	return 0;
}

int scscf_session_open(struct scscf_model *m, const struct scscf_session_info *i, uint64_t now_ms,
		       struct scscf_session **out)
{
	struct scscf_session *s;
	int rc = 0;

	if (!i->call_id.len || !i->from_tag.len || too_long(i))
		return SCSCF_MODEL_E_VALUE;
	s = scscf_session_find_initial(m, i->call_id, i->from_tag);
	if (s) {
		/* The second pass adds what the first could not know. */
		if (i->caller && !s->end[SCSCF_SIDE_CALLER].connection)
			rc = set_connection(m, &s->end[SCSCF_SIDE_CALLER], i->caller);
		if (!rc && i->callee && !s->end[SCSCF_SIDE_CALLEE].connection)
			rc = set_connection(m, &s->end[SCSCF_SIDE_CALLEE], i->callee);
		if (!rc && i->callee_contact.len &&
		    scscf_store_text_set(&m->store, i->callee_contact,
					 &s->end[SCSCF_SIDE_CALLEE].contact))
			rc = SCSCF_MODEL_E_NOMEM;
		if (i->cseq > s->end[SCSCF_SIDE_CALLER].cseq)
			s->end[SCSCF_SIDE_CALLER].cseq = i->cseq;
		*out = s;
		return rc;
	}
	if (m->sessions >= m->sessions_max)
		return SCSCF_MODEL_E_LIMIT;
	s = scscf_store_alloc(&m->store, sizeof(*s));
	if (!s)
		return SCSCF_MODEL_E_NOMEM;
	s->timer.of_session = true;
	s->end[0].session = s->end[1].session = s;
	if (scscf_store_text(&m->store, i->call_id, &s->call_id) ||
	    scscf_store_text(&m->store, i->from_tag, &s->end[SCSCF_SIDE_CALLER].tag) ||
	    scscf_store_text(&m->store, i->from_uri, &s->end[SCSCF_SIDE_CALLER].uri) ||
	    scscf_store_text(&m->store, i->caller_contact, &s->end[SCSCF_SIDE_CALLER].contact) ||
	    scscf_store_text(&m->store, i->caller_route, &s->end[SCSCF_SIDE_CALLER].route) ||
	    scscf_store_text(&m->store, i->to_uri, &s->end[SCSCF_SIDE_CALLEE].uri) ||
	    scscf_store_text(&m->store, i->callee_contact, &s->end[SCSCF_SIDE_CALLEE].contact) ||
	    (i->caller && scscf_store_text(&m->store, i->caller->subscriber->impi,
					   &s->end[SCSCF_SIDE_CALLER].impi)) ||
	    (i->callee && scscf_store_text(&m->store, i->callee->subscriber->impi,
					   &s->end[SCSCF_SIDE_CALLEE].impi))) {
		free_end(m, &s->end[0]);
		free_end(m, &s->end[1]);
		scscf_store_text_free(&m->store, &s->call_id);
		scscf_store_free(&m->store, s, sizeof(*s));
		return SCSCF_MODEL_E_NOMEM;
	}
	s->id = m->next_id++;
	s->created_ms = now_ms;
	s->end[SCSCF_SIDE_CALLER].cseq = i->cseq;
	if (i->caller)
		attach(m, &s->end[SCSCF_SIDE_CALLER], i->caller);
	if (i->callee)
		attach(m, &s->end[SCSCF_SIDE_CALLEE], i->callee);
	s->hash_next = *bucket(m, s->call_id);
	*bucket(m, s->call_id) = s;
	m->sessions++;
	live_on(m, s, now_ms);
	*out = s;
	return 0;
}

int scscf_session_confirm(struct scscf_model *m, struct scscf_session *s, struct slice to_tag,
			  struct slice contact, struct slice callee_route, struct slice through,
			  struct scscf_connection *connection, uint64_t now_ms,
			  struct scscf_effects *e)
{
	struct scscf_session_end *callee = &s->end[SCSCF_SIDE_CALLEE];

	if (!to_tag.len || to_tag.len > SCSCF_MODEL_TEXT_MAX ||
	    contact.len > SCSCF_MODEL_TEXT_MAX || callee_route.len > SCSCF_MODEL_TEXT_MAX ||
	    through.len > SCSCF_MODEL_TEXT_MAX)
		return SCSCF_MODEL_E_VALUE;
	if (s->state != SCSCF_SESSION_EARLY && !slice_eq(callee->tag, to_tag))
		return SCSCF_MODEL_E_LIMIT;
	/* The reply passes the callee's side first: the longest way seen from there stays. */
	if (s->state == SCSCF_SESSION_EARLY &&
	    (scscf_store_text_set(&m->store, callee_route, &callee->route) ||
	     scscf_store_text_set(&m->store, through, &s->through)))
		return SCSCF_MODEL_E_NOMEM;
	if (scscf_store_text_set(&m->store, to_tag, &callee->tag) ||
	    (contact.len && scscf_store_text_set(&m->store, contact, &callee->contact)))
		return SCSCF_MODEL_E_NOMEM;
	s->state = SCSCF_SESSION_CONFIRMED;
	if (connection && connection != callee->connection) {
		detach(m, callee, e);
		if (set_connection(m, callee, connection))
			return SCSCF_MODEL_E_NOMEM;
	}
	live_on(m, s, now_ms);
	return 0;
}

struct scscf_session *scscf_session_find_initial(struct scscf_model *m, struct slice call_id,
						 struct slice from_tag)
{
	for (struct scscf_session *s = *bucket(m, call_id); s; s = s->hash_next)
		if (slice_eq(s->call_id, call_id) &&
		    slice_eq(s->end[SCSCF_SIDE_CALLER].tag, from_tag))
			return s;
	return NULL;
}

struct scscf_session *scscf_session_find(struct scscf_model *m, struct slice call_id,
					 struct slice from_tag, struct slice to_tag,
					 enum scscf_session_side *from)
{
	for (struct scscf_session *s = *bucket(m, call_id); s; s = s->hash_next) {
		struct slice caller = s->end[SCSCF_SIDE_CALLER].tag,
			     callee = s->end[SCSCF_SIDE_CALLEE].tag;

		if (!slice_eq(s->call_id, call_id))
			continue;
		/* Early: PRACK and UPDATE come before the 2xx has told us the callee's tag. */
		if (slice_eq(caller, from_tag) && (slice_eq(callee, to_tag) || !callee.len)) {
			*from = SCSCF_SIDE_CALLER;
			return s;
		}
		if (slice_eq(caller, to_tag) && (slice_eq(callee, from_tag) || !callee.len)) {
			*from = SCSCF_SIDE_CALLEE;
			return s;
		}
	}
	return NULL;
}

struct scscf_session *scscf_session_by_id(struct scscf_model *m, struct slice call_id, uint64_t id)
{
	for (struct scscf_session *s = *bucket(m, call_id); s; s = s->hash_next)
		if (s->id == id && slice_eq(s->call_id, call_id))
			return s;
	return NULL;
}

void scscf_session_heard(struct scscf_model *m, struct scscf_session *s,
			 enum scscf_session_side side, uint32_t cseq, uint64_t now_ms)
{
	if (cseq > s->end[side].cseq)
		s->end[side].cseq = cseq;
	if (s->state != SCSCF_SESSION_ENDING)
		live_on(m, s, now_ms);
}

bool scscf_session_move(struct scscf_model *m, struct scscf_session *s,
			enum scscf_session_side side, struct scscf_connection *c,
			struct slice contact, struct scscf_effects *e)
{
	struct scscf_session_end *end = &s->end[side];
	bool was = end->connection && end->connection != c;

	end->successor = 0;
	if (contact.len && contact.len <= SCSCF_MODEL_TEXT_MAX)
		(void)scscf_session_retarget(m, s, side, contact);
	if (end->connection == c)
		return false;
	/* On the new one first: c must not go while the session changes over. */
	if (s->state == SCSCF_SESSION_ENDING) {
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

int scscf_session_expect_move(struct scscf_model *m, struct scscf_session *s,
			      enum scscf_session_side side, struct scscf_connection *c,
			      struct slice contact)
{
	struct scscf_session_end *end = &s->end[side];

	if (!contact.len || contact.len > SCSCF_MODEL_TEXT_MAX)
		return SCSCF_MODEL_E_VALUE;
	if (scscf_store_text_set(&m->store, contact, &end->successor_contact))
		return SCSCF_MODEL_E_NOMEM;
	end->successor = c->id;
	return 0;
}

void scscf_session_expect_nothing(struct scscf_model *m, struct scscf_session *s,
				  enum scscf_session_side side)
{
	(void)m;
	s->end[side].successor = 0;
}

struct scscf_connection *scscf_session_successor(struct scscf_model *m,
						 const struct scscf_session_end *end)
{
	struct scscf_subscriber *s = end->successor ? scscf_model_subscriber(m, end->impi) : NULL;

	for (struct scscf_connection *c = s ? s->connections : NULL; c; c = c->next)
		if (c->id == end->successor)
			return c;
	return NULL;
}

int scscf_session_retarget(struct scscf_model *m, struct scscf_session *s,
			   enum scscf_session_side side, struct slice contact)
{
	if (contact.len > SCSCF_MODEL_TEXT_MAX)
		return SCSCF_MODEL_E_VALUE;
	return scscf_store_text_set(&m->store, contact, &s->end[side].contact) ? SCSCF_MODEL_E_NOMEM
									       : 0;
}

void scscf_session_end(struct scscf_model *m, struct scscf_session *s, uint64_t now_ms,
		       struct scscf_effects *e)
{
	if (s->state == SCSCF_SESSION_ENDING)
		return;
	s->state = SCSCF_SESSION_ENDING;
	for (int i = 0; i < 2; i++) {
		struct scscf_session_end *end = &s->end[i];

		/* A BYE that is sent again must still find the way. */
		if (end->moved && end->connection)
			(void)scscf_store_text_set(&m->store, end->connection->path, &end->route);
	}
	detach(m, &s->end[0], e);
	detach(m, &s->end[1], e);
	timer_wheel_arm(&m->wheel, &s->timer.wheel, now_ms + ENDING_MS);
}

void scscf_session_remove(struct scscf_model *m, struct scscf_session *s, struct scscf_effects *e)
{
	struct scscf_session **at = bucket(m, s->call_id);

	while (*at && *at != s)
		at = &(*at)->hash_next;
	if (*at)
		*at = s->hash_next;
	timer_wheel_cancel(&m->wheel, &s->timer.wheel);
	detach(m, &s->end[0], e);
	detach(m, &s->end[1], e);
	free_end(m, &s->end[0]);
	free_end(m, &s->end[1]);
	scscf_store_text_free(&m->store, &s->through);
	scscf_store_text_free(&m->store, &s->call_id);
	scscf_store_free(&m->store, s, sizeof(*s));
	m->sessions--;
}

void scscf_session_leave(struct scscf_model *m, struct scscf_session_end *end,
			 struct scscf_effects *e)
{
	struct scscf_session *s = end->session;

	detach(m, end, e);
	if (!s->end[0].connection && !s->end[1].connection)
		scscf_session_remove(m, s, e);
}

static void leg_to(struct scscf_effects *e, struct scscf_release_leg *leg,
		   const struct scscf_session_end *to, const struct scscf_session_end *from)
{
	bool by_connection = to->moved && to->connection && to->connection->path.len;

	leg->from = scscf_arena_text(&e->arena, from->uri);
	leg->from_tag = scscf_arena_text(&e->arena, from->tag);
	leg->to = scscf_arena_text(&e->arena, to->uri);
	leg->to_tag = scscf_arena_text(&e->arena, to->tag);
	leg->target = scscf_arena_text(&e->arena, to->contact.len ? to->contact : to->uri);
	leg->route = scscf_arena_text(&e->arena, by_connection ? to->connection->path : to->route);
	leg->cseq = from->cseq + 1;
}

void scscf_session_release(struct scscf_model *m, struct scscf_session *s, uint64_t now_ms,
			   struct scscf_effects *e)
{
	struct scscf_effect *f = NULL;

	/* Without the callee's tag there is no dialog a BYE could name; the INVITE runs into its
	 * time-out. */
	if (e && s->state == SCSCF_SESSION_CONFIRMED)
		f = scscf_effects_add(e, SCSCF_EFFECT_RELEASE);
	if (!f) {
		scscf_session_remove(m, s, e);
		return;
	}
	f->session_call_id = scscf_arena_text(&e->arena, s->call_id);
	for (int i = 0; i < 2; i++)
		leg_to(e, &f->leg[i], &s->end[i], &s->end[1 - i]);
	if (s->through.len)
		f->leg[SCSCF_SIDE_CALLEE].route = scscf_arena_text(&e->arena, s->through);
	scscf_session_end(m, s, now_ms, e);
}
