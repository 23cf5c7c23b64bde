/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making and refreshing bindings. */
#include "modules/ims_seamless_scscf/core/internal.h"
#include "sip/uri.h"

void scscf_free_binding(struct scscf_model *m, struct scscf_binding *b)
{
	timer_wheel_cancel(&m->wheel, &b->timer.wheel);
	scscf_store_text_free(&m->store, &b->contact);
	scscf_store_text_free(&m->store, &b->params);
	scscf_store_text_free(&m->store, &b->instance);
	scscf_store_text_free(&m->store, &b->call_id);
	scscf_store_free(&m->store, b, sizeof(*b));
}

void scscf_free_bindings(struct scscf_model *m, struct scscf_binding **list)
{
	while (*list) {
		struct scscf_binding *b = *list;

		*list = b->next;
		scscf_free_binding(m, b);
	}
}

/* Where in a list the binding of this set, instance and reg-id stands; NULL if it is not there. */
static struct scscf_binding **find_binding(struct scscf_binding **list,
					   const struct scscf_implicit_set *set,
					   const struct scscf_binding_info *info)
{
	for (; *list; list = &(*list)->next)
		if ((*list)->set == set && slice_eq((*list)->instance, info->instance) &&
		    (*list)->reg_id == info->reg_id)
			return list;
	return NULL;
}

bool scscf_is_emergency(struct slice contact)
{
	struct sip_uri_parts u;
	struct slice value;

	return !sip_uri_parse(contact, &u) && sip_uri_param(&u, SLICE_LIT("sos"), &value) == 1;
}

/* What was copied before a failure is a fresher value of the same thing: no need to go back. */
static int fill_binding(struct scscf_model *m, struct scscf_binding *b,
			const struct scscf_binding_info *info)
{
	if (!slice_eq(info->contact, b->contact))
		b->emergency = scscf_is_emergency(info->contact);
	if (scscf_store_text_set(&m->store, info->params, &b->params) ||
	    scscf_store_text_set(&m->store, info->instance, &b->instance) ||
	    scscf_store_text_set(&m->store, info->call_id, &b->call_id) ||
	    scscf_store_text_set(&m->store, info->contact, &b->contact))
		return SCSCF_MODEL_E_NOMEM;
	b->reg_id = info->reg_id;
	b->q_milli = info->q_milli;
	b->cseq = info->cseq;
	b->bare_shadow = info->bare_shadow;
	return 0;
}

static int fill_connection(struct scscf_model *m, struct scscf_connection *c,
			   const struct scscf_binding_info *info)
{
	if (scscf_store_text_set(&m->store, info->path, &c->way.path) ||
	    scscf_store_text_set(&m->store, info->received, &c->way.received) ||
	    scscf_store_text_set(&m->store, info->contact, &c->contact))
		return SCSCF_MODEL_E_NOMEM;
	return 0;
}

/* A phone that moves often must not be locked out by its own lingering connections. */
static bool drop_longest_lingering(struct scscf_model *m, struct scscf_subscriber *s,
				   uint64_t now_ms, struct scscf_effects *e)
{
	struct scscf_connection *oldest = NULL;

	for (struct scscf_connection *c = s->connections; c; c = c->next)
		if (c->state == SCSCF_CONNECTION_INACTIVE &&
		    (!oldest || c->linger_until_ms < oldest->linger_until_ms))
			oldest = c;
	if (!oldest)
		return false;
	scscf_connection_step(m, oldest, SCSCF_CONNECTION_DROP, now_ms, e);
	return true;
}

/* A bind under way: the connection and the binding, and which of them are new. */
struct bind {
	struct scscf_connection *connection;
	struct scscf_binding *binding;
	bool fresh_connection, fresh_binding;
	struct slice old_contact; /* the URI the binding had before, if another; in an arena */
};

static int get_connection(struct scscf_model *m, struct scscf_subscriber *s,
			  const struct scscf_way *way, uint64_t now_ms, struct scscf_effects *e,
			  struct bind *b)
{
	int rc;

	b->connection = scscf_subscriber_connection(s, way);
	if (b->connection)
		return 0;
	rc = scscf_make_connection(m, s, way, now_ms, &b->connection);
	if (rc == SCSCF_MODEL_E_LIMIT && drop_longest_lingering(m, s, now_ms, e))
		rc = scscf_make_connection(m, s, way, now_ms, &b->connection);
	b->fresh_connection = !rc;
	return rc;
}

static int get_binding(struct scscf_model *m, struct scscf_implicit_set *set,
		       const struct scscf_binding_info *info, struct bind *b)
{
	struct scscf_binding **at = find_binding(&b->connection->bindings, set, info);

	if (at) {
		b->binding = *at;
		return 0;
	}
	/* A move binds the new ones before it takes the old ones away. */
	if (set->bindings >= 2 * SCSCF_SET_BINDINGS_MAX)
		return SCSCF_MODEL_E_LIMIT;
	at = find_binding(&b->connection->lingering, set, info);
	if (at) {
		b->binding = *at;
		*at = b->binding->next;
	} else {
		b->binding = scscf_store_alloc(&m->store, sizeof(*b->binding));
		if (!b->binding)
			return SCSCF_MODEL_E_NOMEM;
		b->binding->id = m->next_id++;
		b->binding->timer.kind = SCSCF_TIMER_BINDING;
	}
	b->fresh_binding = true;
	return 0;
}

/* Nothing is left of what was made; a binding that lingered is lost with its memory. */
static void undo_bind(struct scscf_model *m, struct scscf_subscriber *s, struct bind *b)
{
	if (b->fresh_binding)
		scscf_free_binding(m, b->binding);
	if (b->fresh_connection)
		scscf_free_connection(m, b->connection);
	scscf_model_release(m, s, NULL);
}

static void link_binding(struct scscf_model *m, struct scscf_implicit_set *set, struct bind *b)
{
	b->binding->set = set;
	b->binding->connection = b->connection;
	b->binding->next = b->connection->bindings;
	b->connection->bindings = b->binding;
	set->bindings++;
	m->bindings++;
}

static void keep_old_contact(struct scscf_effects *e, const struct scscf_binding_info *info,
			     struct bind *b)
{
	if (e && b->binding->contact.len && !slice_eq(b->binding->contact, info->contact))
		b->old_contact = scscf_arena_text(&e->arena, b->binding->contact);
}

static void tell_bound(struct scscf_model *m, const struct bind *b, bool shadow, uint64_t now_ms,
		       struct scscf_effects *e)
{
	struct scscf_row row = {.active = true,
				.event = b->fresh_binding ? SCSCF_CONTACT_REGISTERED
							  : SCSCF_CONTACT_REFRESHED};

	scscf_add_row(m, e, b->binding, b->connection, row, now_ms);
	if (shadow)
		scscf_add_shadow(m, e, b->binding, true);
	if (b->old_contact.len) {
		struct scscf_binding old = *b->binding;

		old.contact = b->old_contact;
		row = (struct scscf_row){.event = SCSCF_CONTACT_UNREGISTERED};
		scscf_add_row(m, e, &old, b->connection, row, now_ms);
		scscf_add_shadow_of(m, e, b->binding, b->old_contact);
	}
}

static bool info_usable(const struct scscf_binding_info *info, struct scscf_way *way)
{
	struct sip_uri_parts u;

	if (sip_uri_parse(info->contact, &u) || info->contact.len > SCSCF_MODEL_TEXT_MAX ||
	    info->params.len > SCSCF_MODEL_TEXT_MAX || info->path.len > SCSCF_MODEL_TEXT_MAX ||
	    info->received.len > SCSCF_MODEL_TEXT_MAX)
		return false;
	*way = (struct scscf_way){u.host, u.port, info->path, info->received};
	return true;
}

int scscf_model_bind(struct scscf_model *m, struct scscf_implicit_set *set,
		     const struct scscf_binding_info *info, uint64_t now_ms,
		     struct scscf_effects *e, struct scscf_binding **out)
{
	struct scscf_subscriber *s = set->subscriber;
	struct bind b = {0};
	struct scscf_way way;
	int rc;

	if (!info_usable(info, &way))
		return SCSCF_MODEL_E_VALUE;
	s->holds++;
	rc = get_connection(m, s, &way, now_ms, e, &b);
	if (!rc)
		rc = get_binding(m, set, info, &b);
	if (!rc) {
		keep_old_contact(e, info, &b);
		rc = fill_binding(m, b.binding, info);
	}
	if (!rc)
		rc = fill_connection(m, b.connection, info);
	if (rc) {
		undo_bind(m, s, &b);
		return rc;
	}
	b.binding->bound_ms = now_ms;
	b.binding->expires_ms = now_ms + (uint64_t)info->expires_s * 1000;
	if (m->owns_expiry)
		timer_wheel_arm(&m->wheel, &b.binding->timer.wheel, b.binding->expires_ms);
	b.connection->seamless = b.connection->seamless || info->seamless;
	if (b.fresh_binding)
		link_binding(m, set, &b);
	scscf_connection_step(m, b.connection, SCSCF_CONNECTION_BIND, now_ms, e);
	tell_bound(m, &b, info->shadow, now_ms, e);
	if (out)
		*out = b.binding;
	s->holds--;
	return 0;
}
