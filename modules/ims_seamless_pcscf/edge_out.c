/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What leaves struct edge: things to do outside, and views of what is inside. */
#include "edge_state.h"

static bool next_connection_todo(struct edge *e, struct edge_todo *out)
{
	static const enum edge_todo_kind kinds[] = {EDGE_TODO_NONE, EDGE_TODO_HOLD,
						    EDGE_TODO_RELEASE, EDGE_TODO_DROP};

	while (e->todo_connections) {
		struct connection *c = e->todo_connections;

		e->todo_connections = c->next_todo;
		c->queued = false;
		out->kind = kinds[c->todo];
		out->set_id = c->set_id;
		out->until_ms = c->deadline_ms;
		out->cause = c->cause ? c->cause : "";
		memcpy(out->identity, c->identity, sizeof(out->identity));
		memcpy(out->contact, c->contact, sizeof(out->contact));
		c->todo = TODO_NOTHING;
		if (c->state == CONNECTION_GONE)
			e->mem.release(c);
		if (out->kind != EDGE_TODO_NONE)
			return true;
	}
	return false;
}

static bool next_watch_todo(struct edge *e, struct edge_todo *out)
{
	while (e->todo_watches) {
		struct watch *w = e->todo_watches;
		bool send = w->todo != WATCH_TODO_NOTHING;

		e->todo_watches = w->next_todo;
		w->queued = false;
		if (send) {
			out->kind = EDGE_TODO_SUBSCRIBE;
			edge_watch_fill_todo(e, w, &out->subscribe);
		}
		w->todo = WATCH_TODO_NOTHING;
		if (w->state == WATCH_ENDED)
			edge_watch_free(e, w);
		if (send)
			return true;
	}
	return false;
}

bool edge_next_todo(struct edge *e, struct edge_todo *out)
{
	out->kind = EDGE_TODO_NONE;
	return next_connection_todo(e, out) || next_watch_todo(e, out);
}

bool edge_has_todo(const struct edge *e)
{
	return e->todo_connections || e->todo_watches;
}

void edge_count(const struct edge *e, struct edge_counts *out)
{
	*out = e->count;
}

bool edge_connection_known(const struct edge *e, uint64_t set_id)
{
	return edge_connection(e, set_id) != NULL;
}

static void view_of(const struct connection *c, struct edge_connection_view *out)
{
	*out = (struct edge_connection_view){.set_id = c->set_id,
					     .state = c->state,
					     .seamless = c->seamless,
					     .sessions = c->sessions_n,
					     .deadline_ms = c->deadline_ms,
					     .bindings = c->bindings_n};
	memcpy(out->contact, c->contact, sizeof(out->contact));
	memcpy(out->identity, c->identity, sizeof(out->identity));
}

int edge_look(const struct edge *e, uint64_t set_id, struct edge_connection_view *out)
{
	const struct connection *c = edge_connection(e, set_id);

	if (!c)
		return EDGE_E_UNKNOWN;
	view_of(c, out);
	return EDGE_OK;
}

void edge_each_connection(const struct edge *e, edge_connection_h h, void *arg)
{
	struct edge_connection_view view;

	for (const struct connection *c = e->connections; c; c = c->next) {
		view_of(c, &view);
		if (!h(&view, arg))
			return;
	}
}

void edge_each_watch(const struct edge *e, edge_watch_h h, void *arg)
{
	for (const struct watch *w = e->watches; w; w = w->next) {
		struct edge_watch_view view = {.id = w->id,
					       .state = w->state,
					       .bindings = w->bindings_n,
					       .failures = w->failures,
					       .version_seen = w->version.seen,
					       .version = w->version.version,
					       .expires_ms = w->expires_ms};

		memcpy(view.identity, w->identity, sizeof(view.identity));
		memcpy(view.call_id, w->call_id, sizeof(view.call_id));
		if (!h(&view, arg))
			return;
	}
}
