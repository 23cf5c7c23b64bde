/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which sessions run over which connection. One dialog can be here twice, when both parties are
 * behind this P-CSCF: a session is therefore named by Call-ID, the tag of the UE behind its
 * connection, and the tag of the far end.
 */
#include "edge_state.h"

/* A dialog as seen from the UE of the connection; a tag not known yet is empty. */
struct names {
	struct slice call_id, own, peer;
};

static struct names names_of(const struct edge_message *m)
{
	struct names n = {m->call_id, m->from_ue ? m->from_tag : m->to_tag,
			  m->from_ue ? m->to_tag : m->from_tag};

	return n;
}

static size_t bucket(struct slice call_id)
{
	return slice_hash(call_id) % EDGE_BUCKETS;
}

static struct session *find(const struct edge *e, const struct names *n)
{
	struct session *s = e->by_session[bucket(n->call_id)];

	while (s && !(slice_eq(slice_str(s->call_id), n->call_id) &&
		      slice_eq(slice_str(s->own_tag), n->own) &&
		      slice_eq(slice_str(s->peer_tag), n->peer)))
		s = s->next_in_bucket;
	return s;
}

/* The early session that the INVITE made, before the answer named the missing tag. */
static struct session *find_early(const struct edge *e, const struct edge_message *m)
{
	struct edge_message initial = *m;
	struct names n;
	struct session *s;

	initial.to_tag = SLICE_NULL;
	n = names_of(&initial);
	s = find(e, &n);
	return s && !s->confirmed ? s : NULL;
}

static void attach(struct session *s, struct connection *c)
{
	s->connection = c;
	s->next_of_connection = c->sessions;
	s->link_of_connection = &c->sessions;
	if (c->sessions)
		c->sessions->link_of_connection = &s->next_of_connection;
	c->sessions = s;
	c->sessions_n++;
}

static void detach(struct session *s)
{
	*s->link_of_connection = s->next_of_connection;
	if (s->next_of_connection)
		s->next_of_connection->link_of_connection = s->link_of_connection;
	s->connection->sessions_n--;
}

/* A set found again after a restart may carry more sessions than were counted: only the S-CSCF can
 * end it. */
static void session_left(struct edge *e, struct connection *c)
{
	if (c->sessions_n == 0 && !c->adopted)
		edge_connection_event(e, c, CONNECTION_EV_SESSIONS_GONE);
}

void edge_session_free(struct edge *e, struct session *s)
{
	struct session **at = &e->by_session[bucket(slice_str(s->call_id))];

	while (*at != s)
		at = &(*at)->next_in_bucket;
	*at = s->next_in_bucket;
	edge_disarm(e, &s->timer);
	detach(s);
	e->count.sessions--;
	e->mem.release(s);
}

static void session_end(struct edge *e, struct session *s)
{
	struct connection *c = s->connection;

	edge_session_free(e, s);
	session_left(e, c);
}

void edge_session_move(struct edge *e, struct session *s, struct connection *to)
{
	struct connection *from = s->connection;

	if (from == to)
		return;
	detach(s);
	attach(s, to);
	session_left(e, from);
}

void edge_session_timer(struct edge *e, struct session *s)
{
	session_end(e, s);
}

static char *put_text(char **at, struct slice s)
{
	char *start = *at;

	if (s.len > 0)
		memcpy(start, s.p, s.len);
	start[s.len] = '\0';
	*at += s.len + 1;
	return start;
}

static bool names_fit(const struct names *n)
{
	return n->call_id.len > 0 && n->call_id.len < EDGE_CALL_ID_MAX &&
	       n->own.len < EDGE_TAG_MAX && n->peer.len < EDGE_TAG_MAX &&
	       (n->own.len > 0 || n->peer.len > 0);
}

static int session_new(struct edge *e, const struct names *n, struct connection *c,
		       struct session **out)
{
	struct session **head = &e->by_session[bucket(n->call_id)];
	struct session *s;
	char *text;

	if (!names_fit(n))
		return EDGE_E_VALUE;
	if (e->count.sessions >= e->cfg.sessions_max)
		return EDGE_E_LIMIT;
	s = edge_alloc(e, sizeof(*s) + n->call_id.len + n->own.len + n->peer.len + 3);
	if (!s)
		return EDGE_E_NOMEM;
	text = (char *)(s + 1);
	s->call_id = put_text(&text, n->call_id);
	s->own_tag = put_text(&text, n->own);
	s->peer_tag = put_text(&text, n->peer);
	s->next_in_bucket = *head;
	*head = s;
	e->count.sessions++;
	attach(s, c);
	*out = s;
	return EDGE_OK;
}

int edge_invite(struct edge *e, const struct edge_message *m, int64_t now_ms)
{
	struct connection *c = edge_connection(e, m->set_id);
	struct names n = names_of(m);
	struct session *s;
	int err;

	e->now_ms = now_ms;
	if (!c)
		return EDGE_E_UNKNOWN;
	if (m->to_tag.len > 0 || find(e, &n))
		return EDGE_OK;
	err = session_new(e, &n, c, &s);
	if (!err)
		edge_arm(e, &s->timer, TIMER_SESSION, now_ms + e->cfg.early_session_ms);
	return err;
}

/* The session that an INVITE replaced: the far end ends it with a BYE (RFC 3891 3), but may be slow
 * or gone. */
static void session_replaced(struct edge *e, const struct edge_message *m)
{
	/* Replaces names the tags from the view of whom it is sent to: to-tag is his, from-tag the
	 * UE's. */
	struct names as_sender = {m->replaces_call_id, m->replaces_from_tag, m->replaces_to_tag};
	struct names as_receiver = {m->replaces_call_id, m->replaces_to_tag, m->replaces_from_tag};
	struct session *s =
	    m->replaces_call_id.len > 0 ? find(e, m->from_ue ? &as_sender : &as_receiver) : NULL;

	if (s)
		edge_arm(e, &s->timer, TIMER_SESSION, e->now_ms + e->cfg.replaced_session_ms);
}

static int session_answered(struct edge *e, const struct edge_message *m, struct connection *c)
{
	struct names n = names_of(m);
	struct session *s = find(e, &n), *early = find_early(e, m);
	int err = EDGE_OK;

	if (!s)
		err = session_new(e, &n, c, &s);
	if (err)
		return err;
	s->confirmed = true;
	edge_disarm(e, &s->timer);
	edge_session_move(e, s, c);
	if (early)
		edge_session_free(e, early);
	session_replaced(e, m);
	return EDGE_OK;
}

int edge_invite_answered(struct edge *e, const struct edge_message *m, int code, int64_t now_ms)
{
	struct connection *c = edge_connection(e, m->set_id);
	struct names n = names_of(m);
	struct session *s;

	e->now_ms = now_ms;
	if (code >= 200 && code < 300) {
		if (!c)
			return EDGE_E_UNKNOWN;
		if (m->to_tag.len == 0)
			return EDGE_E_VALUE;
		return session_answered(e, m, c);
	}
	s = find_early(e, m);
	/* RFC 3261 12.2.1.2: these two say that the dialog is not there any more. */
	if (!s && (code == 408 || code == 481))
		s = find(e, &n);
	if (!s)
		return EDGE_E_UNKNOWN;
	session_end(e, s);
	return EDGE_OK;
}

int edge_bye_answered(struct edge *e, const struct edge_message *m, int64_t now_ms)
{
	struct names n = names_of(m);
	struct session *s = find(e, &n);

	e->now_ms = now_ms;
	if (!s)
		return EDGE_E_UNKNOWN;
	session_end(e, s);
	return EDGE_OK;
}
