/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which sessions run over which connection. One dialog can be here twice, when both parties are
 * behind this P-CSCF: a session is therefore named by Call-ID, the tag of the UE behind its
 * connection, and the tag of the far end.
 */
#include "model_internal.h"

/* A dialog as seen from the UE of the connection; a tag not known yet is empty. */
struct names {
	struct slice call_id, own, peer;
};

static struct names names_of(const struct pcscf_message *m)
{
	struct names n = {m->call_id, m->from_ue ? m->from_tag : m->to_tag,
			  m->from_ue ? m->to_tag : m->from_tag};

	return n;
}

/* By all three names: a stranger may begin thousands of dialogs with one Call-ID. */
static struct session **bucket(const struct pcscf_model *model, const struct names *n)
{
	uint64_t h[3] = {keyed_hash(&model->key, n->call_id), keyed_hash(&model->key, n->own),
			 keyed_hash(&model->key, n->peer)};
	uint64_t all = keyed_hash(&model->key, slice_make((const char *)h, sizeof(h)));

	return &model->by_session[all & (model->session_buckets - 1)];
}

static struct session *find(struct pcscf_model *model, const struct names *n)
{
	struct session *s = *bucket(model, n);

	while (s) {
		model->count.session_steps++;
		if (slice_eq(slice_str(s->call_id), n->call_id) &&
		    slice_eq(slice_str(s->own_tag), n->own) &&
		    slice_eq(slice_str(s->peer_tag), n->peer))
			return s;
		s = s->next_in_bucket;
	}
	return NULL;
}

/* The early session that the INVITE made, before the answer named the missing tag. */
static struct session *find_early(struct pcscf_model *model, const struct pcscf_message *m)
{
	struct pcscf_message initial = *m;
	struct names n;
	struct session *s;

	initial.to_tag = SLICE_NULL;
	n = names_of(&initial);
	s = find(model, &n);
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
static void session_left(struct pcscf_model *model, struct connection *c)
{
	if (c->sessions_n == 0 && !c->adopted)
		pcscf_connection_event(model, c, PCSCF_CONN_EV_SESSIONS_GONE);
}

void pcscf_session_free(struct pcscf_model *model, struct session *s)
{
	const struct names n = {slice_str(s->call_id), slice_str(s->own_tag),
				slice_str(s->peer_tag)};
	struct session **at = bucket(model, &n);

	while (*at != s)
		at = &(*at)->next_in_bucket;
	*at = s->next_in_bucket;
	pcscf_disarm(model, &s->timer);
	detach(s);
	model->count.sessions--;
	model->mem.release(s);
}

static void session_end(struct pcscf_model *model, struct session *s)
{
	struct connection *c = s->connection;

	pcscf_session_free(model, s);
	session_left(model, c);
}

void pcscf_session_move(struct pcscf_model *model, struct session *s, struct connection *to)
{
	struct connection *from = s->connection;

	if (from == to)
		return;
	detach(s);
	attach(s, to);
	session_left(model, from);
}

void pcscf_session_timer(struct pcscf_model *model, struct session *s)
{
	session_end(model, s);
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
	return n->call_id.len > 0 && n->call_id.len < PCSCF_CALL_ID_MAX &&
	       n->own.len < PCSCF_TAG_MAX && n->peer.len < PCSCF_TAG_MAX &&
	       (n->own.len > 0 || n->peer.len > 0);
}

static int session_new(struct pcscf_model *model, const struct names *n, struct connection *c,
		       struct session **out)
{
	struct session **head = bucket(model, n);
	struct session *s;
	char *text;

	if (!names_fit(n))
		return PCSCF_E_VALUE;
	if (model->count.sessions >= model->cfg.sessions_max)
		return PCSCF_E_LIMIT;
	s = pcscf_alloc(model, sizeof(*s) + n->call_id.len + n->own.len + n->peer.len + 3);
	if (!s)
		return PCSCF_E_NOMEM;
	text = (char *)(s + 1);
	s->call_id = put_text(&text, n->call_id);
	s->own_tag = put_text(&text, n->own);
	s->peer_tag = put_text(&text, n->peer);
	s->next_in_bucket = *head;
	*head = s;
	model->count.sessions++;
	attach(s, c);
	*out = s;
	return PCSCF_OK;
}

int pcscf_invite(struct pcscf_model *model, const struct pcscf_message *m, int64_t now_ms)
{
	struct connection *c = pcscf_connection(model, m->set_id);
	struct names n = names_of(m);
	struct session *s;
	int err;

	model->now_ms = now_ms;
	if (!c)
		return PCSCF_E_UNKNOWN;
	if (m->to_tag.len > 0 || find(model, &n))
		return PCSCF_OK;
	err = session_new(model, &n, c, &s);
	if (!err)
		pcscf_arm(model, &s->timer, TIMER_SESSION, now_ms + model->cfg.early_session_ms);
	return err;
}

/* The session that an INVITE replaced: the far end ends it with a BYE (RFC 3891 3), but may be slow
 * or gone. */
static void session_replaced(struct pcscf_model *model, const struct pcscf_message *m)
{
	/* Replaces names the tags from the view of whom it is sent to: to-tag is his, from-tag the
	 * UE's. */
	struct names as_sender = {m->replaces_call_id, m->replaces_from_tag, m->replaces_to_tag};
	struct names as_receiver = {m->replaces_call_id, m->replaces_to_tag, m->replaces_from_tag};
	struct session *s = m->replaces_call_id.len > 0
				? find(model, m->from_ue ? &as_sender : &as_receiver)
				: NULL;

	if (s)
		pcscf_arm(model, &s->timer, TIMER_SESSION,
			  model->now_ms + model->cfg.replaced_session_ms);
}

static int session_answered(struct pcscf_model *model, const struct pcscf_message *m,
			    struct connection *c)
{
	struct names n = names_of(m);
	struct session *s = find(model, &n), *early = find_early(model, m);
	int err = PCSCF_OK;

	if (!s)
		err = session_new(model, &n, c, &s);
	if (err)
		return err;
	/* It began elsewhere: on another connection, or at another P-CSCF. */
	s->moved = s->moved || s->connection != c || (!s->confirmed && !early);
	s->confirmed = true;
	pcscf_disarm(model, &s->timer);
	pcscf_session_move(model, s, c);
	if (early)
		pcscf_session_free(model, early);
	session_replaced(model, m);
	return PCSCF_OK;
}

int pcscf_invite_answered(struct pcscf_model *model, const struct pcscf_message *m, int code,
			  int64_t now_ms)
{
	struct connection *c = pcscf_connection(model, m->set_id);
	struct names n = names_of(m);
	struct session *s;

	model->now_ms = now_ms;
	if (code >= 200 && code < 300) {
		if (!c)
			return PCSCF_E_UNKNOWN;
		if (m->to_tag.len == 0)
			return PCSCF_E_VALUE;
		return session_answered(model, m, c);
	}
	s = find_early(model, m);
	/* RFC 3261 12.2.1.2: these two say that the dialog is not there any more. */
	if (!s && (code == 408 || code == 481))
		s = find(model, &n);
	if (!s)
		return PCSCF_E_UNKNOWN;
	session_end(model, s);
	return PCSCF_OK;
}

int pcscf_bye_answered(struct pcscf_model *model, const struct pcscf_message *m, int64_t now_ms)
{
	struct names n = names_of(m);
	struct session *s = find(model, &n);

	model->now_ms = now_ms;
	if (!s)
		return PCSCF_E_UNKNOWN;
	session_end(model, s);
	return PCSCF_OK;
}

bool pcscf_may_be_in_dialog(struct pcscf_model *model, const struct pcscf_message *m,
			    bool refreshes)
{
	const struct connection *c = pcscf_connection(model, m->set_id);
	struct names n = names_of(m);
	const struct session *s = c ? find(model, &n) : NULL;

	if (s && s->connection == c)
		return s->moved;
	return refreshes && c && c->seamless && c->state == PCSCF_CONN_ACTIVE;
}
