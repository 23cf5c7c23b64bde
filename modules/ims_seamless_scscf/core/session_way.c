/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the ends of a session move, and the way to each of them. */
#include "modules/ims_seamless_scscf/core/internal.h"

/* ---- moving ---- */

int scscf_session_retarget(struct scscf_model *m, struct scscf_session *s,
			   enum scscf_session_side side, struct slice contact)
{
	if (contact.len > SCSCF_MODEL_TEXT_MAX)
		return SCSCF_MODEL_E_VALUE;
	return scscf_store_text_set(&m->store, contact, &s->end[side].contact) ? SCSCF_MODEL_E_NOMEM
									       : 0;
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
	if (s->state == SCSCF_SESSION_ENDING) {
		end->moved = true;
		return was;
	}
	/* c has bindings, so it does not go while the session changes over. */
	scscf_end_detach(m, end, e);
	if (!scscf_end_attach(m, end, c) && was) {
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

/* ---- the way to an end ---- */

static struct scscf_connection *connection_of(struct scscf_subscriber *s, uint64_t id)
{
	struct scscf_connection *c = id ? s->connections : NULL;

	while (c && c->id != id)
		c = c->next;
	return c;
}

static struct scscf_connection *only_active(struct scscf_subscriber *s)
{
	struct scscf_connection *found = NULL;

	for (struct scscf_connection *c = s->connections; c; c = c->next) {
		if (c->state != SCSCF_CONNECTION_ACTIVE)
			continue;
		if (found)
			return NULL;
		found = c;
	}
	return found;
}

/* Where the user behind an end is that is reached over no Active connection any more. */
static struct scscf_connection *stand_in(struct scscf_subscriber *s,
					 const struct scscf_connection *c)
{
	for (int hops = 0;
	     c && c->state != SCSCF_CONNECTION_ACTIVE && hops < SCSCF_IMPI_CONNECTIONS_MAX;
	     hops++) {
		struct scscf_connection *next = connection_of(s, c->taken_over_by);

		if (next && next->state == SCSCF_CONNECTION_ACTIVE)
			return next;
		c = next;
	}
	return only_active(s);
}

static bool way_over(const struct scscf_connection *c, struct slice contact,
		     struct scscf_session_way *out)
{
	out->path = c->way.path;
	out->contact = contact.len ? contact : c->contact;
	out->connection = c->id;
	return out->path.len && out->contact.len;
}

bool scscf_session_way(struct scscf_model *m, const struct scscf_session *s,
		       enum scscf_session_side side, struct scscf_session_way *out)
{
	const struct scscf_session_end *end = &s->end[side];
	struct scscf_subscriber *user;
	struct scscf_connection *c;

	if (s->state == SCSCF_SESSION_ENDING) {
		*out = (struct scscf_session_way){end->contact, end->route, 0};
		return end->moved && end->contact.len && end->route.len;
	}
	if (!end->impi.len)
		return false;
	user = scscf_model_subscriber(m, end->impi);
	if (!user)
		return false;
	c = connection_of(user, end->successor);
	if (c)
		return way_over(c, end->successor_contact, out);
	c = end->connection;
	if (c && c->state == SCSCF_CONNECTION_ACTIVE)
		return end->moved && way_over(c, end->contact, out);
	/* Early, the route set is not known yet; but the INVITE went by the Path. */
	c = stand_in(user, c);
	if (c)
		return way_over(c, SLICE_NULL, out);
	return end->moved && end->connection && way_over(end->connection, end->contact, out);
}
