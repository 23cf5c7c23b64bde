/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What leaves struct pcscf_model: things to do outside, and views of what is inside. */
#include "model_internal.h"

static bool next_connection_todo(struct pcscf_model *model, struct pcscf_todo *out)
{
	static const enum pcscf_todo_kind kinds[] = {PCSCF_TODO_NONE, PCSCF_TODO_HOLD,
						     PCSCF_TODO_RELEASE, PCSCF_TODO_DROP};

	while (model->todo_connections) {
		struct connection *c = model->todo_connections;

		model->todo_connections = c->next_todo;
		c->queued = false;
		out->kind = kinds[c->todo];
		out->set_id = c->set_id;
		out->until_ms = c->deadline_ms;
		out->cause = c->cause ? c->cause : "";
		memcpy(out->identity, c->identity, sizeof(out->identity));
		memcpy(out->contact, c->contact, sizeof(out->contact));
		c->todo = TODO_NOTHING;
		if (c->state == PCSCF_CONN_GONE)
			model->mem.release(c);
		if (out->kind != PCSCF_TODO_NONE)
			return true;
	}
	return false;
}

static bool next_subscription_todo(struct pcscf_model *model, struct pcscf_todo *out)
{
	while (model->todo_subscriptions) {
		struct subscription *w = model->todo_subscriptions;
		bool send = w->todo != SUBSCRIPTION_TODO_NOTHING;

		model->todo_subscriptions = w->next_todo;
		w->queued = false;
		if (send) {
			out->kind = PCSCF_TODO_SUBSCRIBE;
			pcscf_subscription_fill_todo(model, w, &out->subscribe);
		}
		w->todo = SUBSCRIPTION_TODO_NOTHING;
		if (w->state == PCSCF_SUB_ENDED)
			pcscf_subscription_free(model, w);
		if (send)
			return true;
	}
	return false;
}

bool pcscf_next_todo(struct pcscf_model *model, struct pcscf_todo *out)
{
	out->kind = PCSCF_TODO_NONE;
	return next_connection_todo(model, out) || next_subscription_todo(model, out);
}

bool pcscf_has_todo(const struct pcscf_model *model)
{
	return model->todo_connections || model->todo_subscriptions;
}

void pcscf_count(const struct pcscf_model *model, struct pcscf_counts *out)
{
	*out = model->count;
}

bool pcscf_connection_known(const struct pcscf_model *model, uint64_t set_id)
{
	return pcscf_connection(model, set_id) != NULL;
}

static void view_of(const struct connection *c, struct pcscf_connection_view *out)
{
	*out = (struct pcscf_connection_view){.set_id = c->set_id,
					      .state = c->state,
					      .seamless = c->seamless,
					      .sessions = c->sessions_n,
					      .deadline_ms = c->deadline_ms,
					      .bindings = c->bindings_n};
	memcpy(out->contact, c->contact, sizeof(out->contact));
	memcpy(out->identity, c->identity, sizeof(out->identity));
}

int pcscf_look(const struct pcscf_model *model, uint64_t set_id, struct pcscf_connection_view *out)
{
	const struct connection *c = pcscf_connection(model, set_id);

	if (!c)
		return PCSCF_E_UNKNOWN;
	view_of(c, out);
	return PCSCF_OK;
}

void pcscf_each_connection(const struct pcscf_model *model, pcscf_connection_h h, void *arg)
{
	struct pcscf_connection_view view;

	for (const struct connection *c = model->connections; c; c = c->next) {
		view_of(c, &view);
		if (!h(&view, arg))
			return;
	}
}

void pcscf_each_subscription(const struct pcscf_model *model, pcscf_subscription_h h, void *arg)
{
	for (const struct subscription *w = model->subscriptions; w; w = w->next) {
		struct pcscf_subscription_view view = {.id = w->id,
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
