/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Life of sessions: opened, ringing, confirmed, ended, forgotten. session_way.c moves them. */
#include "modules/ims_seamless_scscf/core/internal.h"

#define ENDING_MS 32000 /* 64*T1: retransmissions of the BYE and its answer */

const char *scscf_session_state_name(enum scscf_session_state s)
{
	static const char *const names[] = {"early", "confirmed", "ending"};

	return (unsigned)s < 3 ? names[s] : "?";
}

/* ---- ends on connections ---- */

static void attach(struct scscf_model *m, struct scscf_session_end *end, struct scscf_connection *c)
{
	end->connection = c;
	end->link.next = &c->ends;
	end->link.prev = c->ends.prev;
	c->ends.prev->next = &end->link;
	c->ends.prev = &end->link;
	scscf_connection_session_added(m, c);
}

void scscf_end_detach(struct scscf_model *m, struct scscf_session_end *end, struct scscf_effects *e)
{
	struct scscf_connection *c = end->connection;

	if (!c)
		return;
	end->connection = NULL;
	end->link.prev->next = end->link.next;
	end->link.next->prev = end->link.prev;
	scscf_connection_session_removed(m, c, e);
}

int scscf_end_attach(struct scscf_model *m, struct scscf_session_end *end,
		     struct scscf_connection *c)
{
	if (scscf_store_text_set(&m->store, c->subscriber->impi, &end->impi))
		return SCSCF_MODEL_E_NOMEM;
	attach(m, end, c);
	return 0;
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

/* ---- further contacts that ring ---- */

static void stop_ringing(struct scscf_model *m, struct scscf_session *s, struct scscf_effects *e)
{
	struct scscf_session_end *end;

	while ((end = s->ringing)) {
		s->ringing = end->next;
		s->ringing_n--;
		scscf_end_detach(m, end, e);
		free_end(m, end);
		scscf_store_free(&m->store, end, sizeof(*end));
	}
}

static bool rings_on(const struct scscf_session *s, const struct scscf_connection *c)
{
	if (s->end[SCSCF_SIDE_CALLEE].connection == c)
		return true;
	for (const struct scscf_session_end *end = s->ringing; end; end = end->next)
		if (end->connection == c)
			return true;
	return false;
}

static int ring_too(struct scscf_model *m, struct scscf_session *s, struct scscf_connection *c)
{
	struct scscf_session_end *end;

	if (s->ringing_n == SCSCF_SESSION_RINGING_MAX)
		return SCSCF_MODEL_E_LIMIT;
	end = scscf_store_alloc(&m->store, sizeof(*end));
	if (!end)
		return SCSCF_MODEL_E_NOMEM;
	end->session = s;
	if (scscf_end_attach(m, end, c)) {
		scscf_store_free(&m->store, end, sizeof(*end));
		return SCSCF_MODEL_E_NOMEM;
	}
	end->next = s->ringing;
	s->ringing = end;
	s->ringing_n++;
	return 0;
}

int scscf_session_ring(struct scscf_model *m, struct scscf_session *s, struct scscf_connection *c,
		       struct slice contact)
{
	struct scscf_session_end *callee = &s->end[SCSCF_SIDE_CALLEE];

	if (contact.len > SCSCF_MODEL_TEXT_MAX)
		return SCSCF_MODEL_E_VALUE;
	if (s->state != SCSCF_SESSION_EARLY || rings_on(s, c))
		return 0;
	if (callee->connection)
		return ring_too(m, s, c);
	if (contact.len && scscf_store_text_set(&m->store, contact, &callee->contact))
		return SCSCF_MODEL_E_NOMEM;
	return scscf_end_attach(m, callee, c);
}

/* ---- opening ---- */

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

/* The second pass adds what the first could not know. */
static int complete(struct scscf_model *m, struct scscf_session *s,
		    const struct scscf_session_info *i)
{
	struct scscf_session_end *caller = &s->end[SCSCF_SIDE_CALLER];
	int rc = 0;

	if (i->caller && !caller->connection && s->state != SCSCF_SESSION_ENDING)
		rc = scscf_end_attach(m, caller, i->caller);
	if (!rc && i->callee)
		rc = scscf_session_ring(m, s, i->callee, i->callee_contact);
	if (i->cseq > caller->cseq)
		caller->cseq = i->cseq;
	return rc;
}

static struct scscf_session **call_bucket(struct scscf_model *m, struct slice call_id,
					  struct slice from_tag)
{
	return &m->by_call[scscf_bucket_of_pair(m, call_id, from_tag)];
}

static void link_session(struct scscf_model *m, struct scscf_session *s)
{
	struct scscf_session **call = call_bucket(m, s->call_id, s->end[SCSCF_SIDE_CALLER].tag),
			     **id = &m->by_session[scscf_bucket_of_id(m, s->id)];

	s->hash_next = *call;
	*call = s;
	s->id_next = *id;
	*id = s;
	m->sessions++;
}

static void unlink_session(struct scscf_model *m, struct scscf_session *s)
{
	struct scscf_session **at = call_bucket(m, s->call_id, s->end[SCSCF_SIDE_CALLER].tag);

	while (*at && *at != s)
		at = &(*at)->hash_next;
	if (*at)
		*at = s->hash_next;
	at = &m->by_session[scscf_bucket_of_id(m, s->id)];
	while (*at && *at != s)
		at = &(*at)->id_next;
	if (*at)
		*at = s->id_next;
	m->sessions--;
}

static void free_session(struct scscf_model *m, struct scscf_session *s)
{
	free_end(m, &s->end[0]);
	free_end(m, &s->end[1]);
	scscf_store_text_free(&m->store, &s->through);
	scscf_store_text_free(&m->store, &s->call_id);
	scscf_store_free(&m->store, s, sizeof(*s));
}

static struct scscf_session *make_session(struct scscf_model *m, const struct scscf_session_info *i)
{
	struct scscf_session *s = scscf_store_alloc(&m->store, sizeof(*s));
	struct scscf_session_end *caller, *callee;

	if (!s)
		return NULL;
	caller = &s->end[SCSCF_SIDE_CALLER];
	callee = &s->end[SCSCF_SIDE_CALLEE];
	s->timer.kind = SCSCF_TIMER_SESSION;
	caller->session = callee->session = s;
	if (scscf_store_text(&m->store, i->call_id, &s->call_id) ||
	    scscf_store_text(&m->store, i->from_tag, &caller->tag) ||
	    scscf_store_text(&m->store, i->from_uri, &caller->uri) ||
	    scscf_store_text(&m->store, i->caller_contact, &caller->contact) ||
	    scscf_store_text(&m->store, i->caller_route, &caller->route) ||
	    scscf_store_text(&m->store, i->to_uri, &callee->uri) ||
	    scscf_store_text(&m->store, i->callee_contact, &callee->contact) ||
	    (i->caller &&
	     scscf_store_text(&m->store, i->caller->subscriber->impi, &caller->impi)) ||
	    (i->callee &&
	     scscf_store_text(&m->store, i->callee->subscriber->impi, &callee->impi))) {
		free_session(m, s);
		return NULL;
	}
	return s;
}

int scscf_session_open(struct scscf_model *m, const struct scscf_session_info *i, uint64_t now_ms,
		       struct scscf_session **out)
{
	struct scscf_session *s;

	if (!i->call_id.len || !i->from_tag.len || too_long(i))
		return SCSCF_MODEL_E_VALUE;
	s = scscf_session_find_initial(m, i->call_id, i->from_tag);
	*out = s;
	if (s)
		return complete(m, s, i);
	if (m->sessions >= m->sessions_max)
		return SCSCF_MODEL_E_LIMIT;
	s = make_session(m, i);
	if (!s)
		return SCSCF_MODEL_E_NOMEM;
	s->id = m->next_id++;
	s->created_ms = now_ms;
	s->end[SCSCF_SIDE_CALLER].cseq = i->cseq;
	if (i->caller)
		attach(m, &s->end[SCSCF_SIDE_CALLER], i->caller);
	if (i->callee)
		attach(m, &s->end[SCSCF_SIDE_CALLEE], i->callee);
	link_session(m, s);
	live_on(m, s, now_ms);
	*out = s;
	return 0;
}

/* An identity that two private identities share rings at both (TS 23.228 5.2.1a). */
static bool rang_at_several_users(const struct scscf_session *s)
{
	for (const struct scscf_session_end *end = s->ringing; end; end = end->next)
		if (!slice_eq(end->impi, s->end[SCSCF_SIDE_CALLEE].impi))
			return true;
	return false;
}

/* Which connection the callee is on: the one the answer came over, else the only one it rang at. */
static int settle(struct scscf_model *m, struct scscf_session *s, struct scscf_connection *c,
		  struct scscf_effects *e)
{
	struct scscf_session_end *callee = &s->end[SCSCF_SIDE_CALLEE];
	bool forked = s->ringing != NULL;
	int rc = 0;

	/* On the new one first: it must not go while the session changes over. */
	if (c && c != callee->connection) {
		struct scscf_session_end keep = {0};

		attach(m, &keep, c);
		scscf_end_detach(m, callee, e);
		rc = scscf_end_attach(m, callee, c);
		scscf_end_detach(m, &keep, e);
	} else if (!c && forked) {
		if (rang_at_several_users(s))
			scscf_store_text_free(&m->store, &callee->impi);
		scscf_end_detach(m, callee, e);
	}
	stop_ringing(m, s, e);
	return rc;
}

int scscf_session_confirm(struct scscf_model *m, struct scscf_session *s,
			  const struct scscf_session_answer *a, uint64_t now_ms,
			  struct scscf_effects *e)
{
	struct scscf_session_end *callee = &s->end[SCSCF_SIDE_CALLEE];

	if (!a->to_tag.len || a->to_tag.len > SCSCF_MODEL_TEXT_MAX ||
	    a->contact.len > SCSCF_MODEL_TEXT_MAX || a->callee_route.len > SCSCF_MODEL_TEXT_MAX ||
	    a->through.len > SCSCF_MODEL_TEXT_MAX)
		return SCSCF_MODEL_E_VALUE;
	if (s->state == SCSCF_SESSION_ENDING)
		return 0;
	if (s->state != SCSCF_SESSION_EARLY && !slice_eq(callee->tag, a->to_tag))
		return SCSCF_MODEL_E_LIMIT;
	/* The reply passes the callee's side first: the longest way seen from there stays. */
	if (s->state == SCSCF_SESSION_EARLY &&
	    (scscf_store_text_set(&m->store, a->callee_route, &callee->route) ||
	     scscf_store_text_set(&m->store, a->through, &s->through)))
		return SCSCF_MODEL_E_NOMEM;
	if (scscf_store_text_set(&m->store, a->to_tag, &callee->tag) ||
	    (a->contact.len && scscf_store_text_set(&m->store, a->contact, &callee->contact)))
		return SCSCF_MODEL_E_NOMEM;
	s->state = SCSCF_SESSION_CONFIRMED;
	live_on(m, s, now_ms);
	return settle(m, s, a->connection, e);
}

/* ---- finding ---- */

struct scscf_session *scscf_session_find_initial(struct scscf_model *m, struct slice call_id,
						 struct slice from_tag)
{
	for (struct scscf_session *s = *call_bucket(m, call_id, from_tag); s; s = s->hash_next) {
		m->counters.chain_steps++;
		if (slice_eq(s->call_id, call_id) &&
		    slice_eq(s->end[SCSCF_SIDE_CALLER].tag, from_tag))
			return s;
	}
	return NULL;
}

/* Early: PRACK and UPDATE come before the 2xx has told us the callee's tag. */
static bool callee_may_be(const struct scscf_session *s, struct slice tag)
{
	const struct scscf_session_end *callee = &s->end[SCSCF_SIDE_CALLEE];

	return !callee->tag.len || slice_eq(callee->tag, tag);
}

struct scscf_session *scscf_session_find(struct scscf_model *m, struct slice call_id,
					 struct slice from_tag, struct slice to_tag,
					 enum scscf_session_side *from)
{
	struct scscf_session *s = scscf_session_find_initial(m, call_id, from_tag);

	if (s && callee_may_be(s, to_tag)) {
		*from = SCSCF_SIDE_CALLER;
		return s;
	}
	s = scscf_session_find_initial(m, call_id, to_tag);
	if (s && callee_may_be(s, from_tag)) {
		*from = SCSCF_SIDE_CALLEE;
		return s;
	}
	return NULL;
}

struct scscf_session *scscf_session_by_id(struct scscf_model *m, uint64_t id)
{
	struct scscf_session *s = m->by_session[scscf_bucket_of_id(m, id)];

	while (s && s->id != id)
		s = s->id_next;
	return s;
}

void scscf_session_heard(struct scscf_model *m, struct scscf_session *s,
			 enum scscf_session_side side, uint32_t cseq, uint64_t now_ms)
{
	if (cseq > s->end[side].cseq)
		s->end[side].cseq = cseq;
	if (s->state != SCSCF_SESSION_ENDING)
		live_on(m, s, now_ms);
}

/* ---- ending ---- */

/* A request that is sent again must still find the way of the one before. */
static void keep_way(struct scscf_model *m, struct scscf_session *s, enum scscf_session_side side)
{
	struct scscf_session_end *end = &s->end[side];
	struct scscf_session_way way;

	if (!scscf_session_way(m, s, side, &way))
		return;
	(void)scscf_store_text_set(&m->store, way.path, &end->route);
	(void)scscf_store_text_set(&m->store, way.contact, &end->contact);
	end->moved = true;
}

void scscf_session_end(struct scscf_model *m, struct scscf_session *s, uint64_t now_ms,
		       struct scscf_effects *e)
{
	if (s->state == SCSCF_SESSION_ENDING)
		return;
	keep_way(m, s, SCSCF_SIDE_CALLER);
	keep_way(m, s, SCSCF_SIDE_CALLEE);
	s->state = SCSCF_SESSION_ENDING;
	scscf_end_detach(m, &s->end[0], e);
	scscf_end_detach(m, &s->end[1], e);
	stop_ringing(m, s, e);
	timer_wheel_arm(&m->wheel, &s->timer.wheel, now_ms + ENDING_MS);
}

/*
 * Before a 2xx only the caller may send one, and it ends that early dialog alone (RFC 3261 15): the
 * INVITE may be answered elsewhere. Its final answer decides.
 */
void scscf_session_bye(struct scscf_model *m, struct scscf_session *s, enum scscf_session_side from,
		       uint64_t now_ms, struct scscf_effects *e)
{
	if (s->state != SCSCF_SESSION_EARLY || from == SCSCF_SIDE_CALLEE)
		scscf_session_end(m, s, now_ms, e);
}

void scscf_session_remove(struct scscf_model *m, struct scscf_session *s, struct scscf_effects *e)
{
	unlink_session(m, s);
	timer_wheel_cancel(&m->wheel, &s->timer.wheel);
	scscf_end_detach(m, &s->end[0], e);
	scscf_end_detach(m, &s->end[1], e);
	stop_ringing(m, s, e);
	free_session(m, s);
}

static bool is_ringing(const struct scscf_session *s, const struct scscf_session_end *end)
{
	return end != &s->end[0] && end != &s->end[1];
}

static void free_ringing(struct scscf_model *m, struct scscf_session_end *end)
{
	struct scscf_session_end **at = &end->session->ringing;

	while (*at && *at != end)
		at = &(*at)->next;
	if (*at)
		*at = end->next;
	end->session->ringing_n--;
	free_end(m, end);
	scscf_store_free(&m->store, end, sizeof(*end));
}

/* Could a request to this end be brought to its user otherwise? */
static bool is_reachable(struct scscf_model *m, const struct scscf_session_end *end)
{
	const struct scscf_subscriber *s =
	    end->impi.len ? scscf_model_subscriber(m, end->impi) : NULL;

	for (const struct scscf_connection *c = s ? s->connections : NULL; c; c = c->next)
		if (c->state == SCSCF_CONNECTION_ACTIVE)
			return true;
	return false;
}

void scscf_session_leave(struct scscf_model *m, struct scscf_session_end *end,
			 struct scscf_effects *e)
{
	struct scscf_session *s = end->session;
	bool further = is_ringing(s, end);

	scscf_end_detach(m, end, e);
	if (further)
		free_ringing(m, end);
	if (!s->end[0].connection && !s->end[1].connection && !s->ringing &&
	    !is_reachable(m, &s->end[0]) && !is_reachable(m, &s->end[1]))
		scscf_session_remove(m, s, e);
}

static void leg_to(struct scscf_model *m, struct scscf_effects *e, struct scscf_release_leg *leg,
		   const struct scscf_session *s, enum scscf_session_side side)
{
	const struct scscf_session_end *to = &s->end[side], *from = &s->end[scscf_other_side(side)];
	struct slice target = to->contact.len ? to->contact : to->uri, route = to->route;
	struct scscf_session_way way;

	if (side == SCSCF_SIDE_CALLEE && s->through.len)
		route = s->through;
	/* An application server in between is left out then, as with every request to a moved end. */
	if (scscf_session_way(m, s, side, &way)) {
		if (side != SCSCF_SIDE_CALLEE || !s->through.len)
			route = way.path;
		target = way.contact;
	}
	leg->from = scscf_arena_text(&e->arena, from->uri);
	leg->from_tag = scscf_arena_text(&e->arena, from->tag);
	leg->to = scscf_arena_text(&e->arena, to->uri);
	leg->to_tag = scscf_arena_text(&e->arena, to->tag);
	leg->target = scscf_arena_text(&e->arena, target);
	leg->route = scscf_arena_text(&e->arena, route);
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
	leg_to(m, e, &f->leg[0], s, SCSCF_SIDE_CALLER);
	leg_to(m, e, &f->leg[1], s, SCSCF_SIDE_CALLEE);
	scscf_session_end(m, s, now_ms, e);
}
