/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections: which address and way they are, their states, their end. */
#include "modules/ims_seamless_scscf/core/internal.h"
#include "sip/name_addr.h"

#define PATH_HOPS_MAX 32

/* ---- which one it is ---- */

struct slice scscf_path_edge(struct slice path)
{
	struct slice uri = SLICE_NULL;
	struct sip_name_addr hop;

	for (int i = 0; i < PATH_HOPS_MAX && sip_name_addr_next(&path, &hop) == 1; i++)
		uri = hop.uri;
	return uri;
}

bool scscf_same_node(struct slice uri_a, struct slice uri_b)
{
	struct sip_uri_parts a, b;

	return !sip_uri_parse(uri_a, &a) && !sip_uri_parse(uri_b, &b) &&
	       scscf_port(a.port) == scscf_port(b.port) && sip_host_eq(a.host, b.host);
}

/*
 * The same way: the same P-CSCF, and there the same flow (its token is the user part) or the same
 * address as the P-CSCF saw it. A phone that lost its flow comes back from the same address with
 * another token; two homes behind one P-CSCF have the same private address and neither.
 */
static bool same_way(const struct scscf_way *a, const struct scscf_way *b)
{
	struct sip_uri_parts u, v;
	struct slice x, y;

	if (slice_eq(a->path, b->path) && (a->path.len || slice_eq(a->received, b->received)))
		return true;
	x = scscf_path_edge(a->path);
	y = scscf_path_edge(b->path);
	if (!x.len || !y.len)
		return x.len == y.len && slice_eq(a->received, b->received);
	if (sip_uri_parse(x, &u) || sip_uri_parse(y, &v))
		return slice_eq(x, y);
	return scscf_same_node(x, y) &&
	       (slice_eq(u.user, v.user) || slice_eq(a->received, b->received));
}

bool scscf_way_eq(const struct scscf_way *a, const struct scscf_way *b)
{
	return scscf_port(a->port) == scscf_port(b->port) && sip_host_eq(a->host, b->host) &&
	       same_way(a, b);
}

/* ---- making and freeing ---- */

static void free_way(struct scscf_model *m, struct scscf_way *w)
{
	scscf_store_text_free(&m->store, &w->host);
	scscf_store_text_free(&m->store, &w->path);
	scscf_store_text_free(&m->store, &w->received);
}

static int copy_way(struct scscf_model *m, const struct scscf_way *from, struct scscf_way *to)
{
	to->port = from->port;
	if (!scscf_store_text(&m->store, from->host, &to->host) &&
	    !scscf_store_text(&m->store, from->path, &to->path) &&
	    !scscf_store_text(&m->store, from->received, &to->received))
		return 0;
	free_way(m, to);
	return -1;
}

int scscf_make_connection(struct scscf_model *m, struct scscf_subscriber *s,
			  const struct scscf_way *way, uint64_t now_ms,
			  struct scscf_connection **out)
{
	struct scscf_connection *c, **bucket;

	if (s->connections_n == SCSCF_IMPI_CONNECTIONS_MAX)
		return SCSCF_MODEL_E_LIMIT;
	c = scscf_store_alloc(&m->store, sizeof(*c));
	if (!c)
		return SCSCF_MODEL_E_NOMEM;
	if (copy_way(m, way, &c->way)) {
		scscf_store_free(&m->store, c, sizeof(*c));
		return SCSCF_MODEL_E_NOMEM;
	}
	c->subscriber = s;
	c->id = m->next_id++;
	c->created_ms = now_ms;
	c->timer.kind = SCSCF_TIMER_LINGER;
	scscf_list_init(&c->ends);
	c->next = s->connections;
	s->connections = c;
	s->connections_n++;
	bucket = &m->by_connection[scscf_bucket_of_id(m, c->id)];
	c->hash_next = *bucket;
	*bucket = c;
	m->connections++;
	*out = c;
	return 0;
}

void scscf_free_connection(struct scscf_model *m, struct scscf_connection *c)
{
	struct scscf_connection **at = &c->subscriber->connections,
				**h = &m->by_connection[scscf_bucket_of_id(m, c->id)];

	timer_wheel_cancel(&m->wheel, &c->timer.wheel);
	while (*at && *at != c)
		at = &(*at)->next;
	if (*at)
		*at = c->next;
	while (*h && *h != c)
		h = &(*h)->hash_next;
	if (*h)
		*h = c->hash_next;
	c->subscriber->connections_n--;
	m->connections--;
	if (c->state == SCSCF_CONNECTION_INACTIVE)
		m->inactive--;
	scscf_free_bindings(m, &c->bindings);
	scscf_free_bindings(m, &c->lingering);
	free_way(m, &c->way);
	scscf_store_text_free(&m->store, &c->contact);
	scscf_store_free(&m->store, c, sizeof(*c));
}

/* ---- states ---- */

/* Tell of the contacts that lingered on a connection that is Terminated, let its sessions go. */
static void remove_connection(struct scscf_model *m, struct scscf_connection *c, bool release,
			      uint64_t now_ms, struct scscf_effects *e)
{
	struct scscf_row row = {.event = SCSCF_CONTACT_UNREGISTERED, .connection_over = true};
	struct scscf_subscriber *s = c->subscriber;

	s->holds++;
	while (c->ends.next != &c->ends) {
		struct scscf_session_end *end = (struct scscf_session_end *)(void *)c->ends.next;

		/* A call that rings may be answered elsewhere. */
		if (release && end->session->state != SCSCF_SESSION_EARLY) {
			m->counters.released_sessions++;
			scscf_session_release(m, end->session, now_ms, e);
		} else {
			scscf_session_leave(m, end, e);
		}
	}
	for (struct scscf_binding *b = c->lingering; b; b = b->next)
		scscf_add_row(m, e, b, c, row, 0);
	scscf_add_connection_effect(e, SCSCF_EFFECT_CONNECTION_GONE, c);
	scscf_free_connection(m, c);
	scscf_model_release(m, s, e);
}

/* Bound again: what lingered on it for other sets is over without a connection that lingers. */
static void stop_linger(struct scscf_model *m, struct scscf_connection *c, struct scscf_effects *e)
{
	struct scscf_row row = {.event = SCSCF_CONTACT_UNREGISTERED};

	timer_wheel_cancel(&m->wheel, &c->timer.wheel);
	c->linger_until_ms = 0;
	c->taken_over_by = 0;
	for (struct scscf_binding *b = c->lingering; b; b = b->next)
		scscf_add_row(m, e, b, c, row, 0);
	scscf_free_bindings(m, &c->lingering);
}

static void start_linger(struct scscf_model *m, struct scscf_connection *c, uint64_t now_ms)
{
	c->linger_until_ms = now_ms + m->linger_ms;
	timer_wheel_arm(&m->wheel, &c->timer.wheel, c->linger_until_ms);
	m->counters.lingers++;
}

bool scscf_connection_step(struct scscf_model *m, struct scscf_connection *c,
			   enum scscf_connection_event event, uint64_t now_ms,
			   struct scscf_effects *e)
{
	struct state_step t = state_step(&scscf_connection_table, (unsigned)c->state, event);

	if (!t.allowed)
		return true;
	if (c->state == SCSCF_CONNECTION_INACTIVE && t.next != SCSCF_CONNECTION_INACTIVE)
		m->inactive--;
	if (c->state != SCSCF_CONNECTION_INACTIVE && t.next == SCSCF_CONNECTION_INACTIVE)
		m->inactive++;
	c->state = (enum scscf_connection_state)t.next;
	switch ((enum scscf_connection_action)t.action) {
	case SCSCF_CONNECTION_START_LINGER:
		start_linger(m, c, now_ms);
		return true;
	case SCSCF_CONNECTION_STOP_LINGER:
		stop_linger(m, c, e);
		return true;
	case SCSCF_CONNECTION_REMOVE:
		remove_connection(m, c, false, now_ms, e);
		return false;
	case SCSCF_CONNECTION_RELEASE_AND_REMOVE:
		remove_connection(m, c, true, now_ms, e);
		return false;
	default:
		return true;
	}
}

/* ---- its sessions ---- */

void scscf_connection_session_added(struct scscf_model *m, struct scscf_connection *c)
{
	(void)m;
	c->sessions++;
}

void scscf_connection_session_removed(struct scscf_model *m, struct scscf_connection *c,
				      struct scscf_effects *e)
{
	c->sessions--;
	if (!c->sessions)
		scscf_connection_step(m, c, SCSCF_CONNECTION_SESSIONS_GONE, 0, e);
}
