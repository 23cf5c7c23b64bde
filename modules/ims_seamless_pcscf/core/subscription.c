/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of our subscriptions to the reg event: dialogs, SUBSCRIBEs and their answers. */
#include "model_internal.h"

static size_t bucket(const struct pcscf_model *model, struct slice s)
{
	return (size_t)keyed_hash(&model->key, s) & (model->subscription_buckets - 1);
}

/* Ids are our own numbers, one after the other. */
static struct subscription **id_bucket(const struct pcscf_model *model, uint64_t id)
{
	return &model->by_id[id & (model->subscription_buckets - 1)];
}

struct subscription *pcscf_subscription_by_identity(const struct pcscf_model *model,
						    struct slice identity)
{
	struct subscription *w = model->by_identity[bucket(model, identity)];

	while (w && !slice_eq(slice_str(w->identity), identity))
		w = w->next_by_identity;
	return w;
}

struct subscription *pcscf_subscription_by_call_id(const struct pcscf_model *model,
						   struct slice call_id)
{
	struct subscription *w = model->by_call_id[bucket(model, call_id)];

	while (w && !slice_eq(slice_str(w->call_id), call_id))
		w = w->next_by_call_id;
	return w;
}

static void link_call_id(struct pcscf_model *model, struct subscription *w)
{
	struct subscription **head = &model->by_call_id[bucket(model, slice_str(w->call_id))];

	w->next_by_call_id = *head;
	*head = w;
}

static void unlink_call_id(struct pcscf_model *model, struct subscription *w)
{
	struct subscription **at = &model->by_call_id[bucket(model, slice_str(w->call_id))];

	while (*at != w)
		at = &(*at)->next_by_call_id;
	*at = w->next_by_call_id;
}

/* A dialog of its own: nobody can know its Call-ID and tag who has not seen the SUBSCRIBE. */
static void fresh_dialog(struct pcscf_model *model, struct subscription *w)
{
	model->random(w->call_id, 32);
	model->random(w->local_tag, 32);
	w->remote_tag[0] = '\0';
	model->mem.release(w->target);
	model->mem.release(w->routes);
	w->target = w->routes = NULL;
	w->cseq = 0;
	w->remote_cseq_seen = false;
	w->version = (struct reginfo_watch){0};
	w->expires_ms = 0;
	w->full_asked = false; /* a new dialog begins with it */
	w->recheck_ms = 0;
}

static void subscription_todo(struct pcscf_model *model, struct subscription *w,
			      enum subscription_todo todo)
{
	w->todo = todo;
	if (w->queued || todo == SUBSCRIPTION_TODO_NOTHING)
		return;
	w->queued = true;
	w->next_todo = model->todo_subscriptions;
	model->todo_subscriptions = w;
}

static void subscription_send(struct pcscf_model *model, struct subscription *w)
{
	w->cseq++;
	w->attempts++;
	pcscf_arm(model, &w->timer, TIMER_SUBSCRIPTION, model->now_ms + model->cfg.answer_ms);
	subscription_todo(model, w, SUBSCRIPTION_TODO_SUBSCRIBE);
}

int pcscf_subscription_new(struct pcscf_model *model, struct slice identity, struct slice next_hop,
			   struct subscription **out)
{
	struct subscription **head = &model->by_identity[bucket(model, identity)];
	struct subscription *w;

	if (model->count.subscriptions >= model->cfg.subscriptions_max)
		return PCSCF_E_LIMIT;
	w = pcscf_alloc(model, sizeof(*w));
	if (!w)
		return PCSCF_E_NOMEM;
	w->id = model->next_subscription_id++;
	PCSCF_COPY(w->identity, identity);
	PCSCF_COPY(w->next_hop, next_hop);
	w->expires_s = model->cfg.subscribe_s;
	fresh_dialog(model, w);
	w->next_by_identity = *head;
	*head = w;
	link_call_id(model, w);
	w->next_by_id = *id_bucket(model, w->id);
	*id_bucket(model, w->id) = w;
	w->next = model->subscriptions;
	w->link = &model->subscriptions;
	if (w->next)
		w->next->link = &w->next;
	model->subscriptions = w;
	model->count.subscriptions++;
	w->state = PCSCF_SUB_SUBSCRIBING;
	subscription_send(model, w);
	*out = w;
	return PCSCF_OK;
}

void pcscf_subscription_free(struct pcscf_model *model, struct subscription *w)
{
	model->mem.release(w->target);
	model->mem.release(w->routes);
	model->mem.release(w);
}

static void subscription_forget(struct pcscf_model *model, struct subscription *w)
{
	struct subscription **at = &model->by_identity[bucket(model, slice_str(w->identity))];

	while (*at != w)
		at = &(*at)->next_by_identity;
	*at = w->next_by_identity;
	unlink_call_id(model, w);
	at = id_bucket(model, w->id);
	while (*at != w)
		at = &(*at)->next_by_id;
	*at = w->next_by_id;
	*w->link = w->next;
	if (w->next)
		w->next->link = w->link;
	model->count.subscriptions--;
	pcscf_disarm(model, &w->timer);
	if (!w->queued)
		pcscf_subscription_free(model, w);
}

static void unsubscribe(struct pcscf_model *model, struct subscription *w)
{
	/* Without remote tag no dialog is known; the notifier will get a 481 for its NOTIFY. */
	if (w->remote_tag[0] && w->target) {
		w->cseq++;
		subscription_todo(model, w, SUBSCRIPTION_TODO_UNSUBSCRIBE);
	} else {
		subscription_todo(model, w, SUBSCRIPTION_TODO_NOTHING);
	}
	subscription_forget(model, w);
}

/* Well before the end: at half of a short subscription, 600 s before the end of a long one (RFC
 * 6665 4.1.2.2). */
void pcscf_arm_refresh(struct pcscf_model *model, struct subscription *w)
{
	int64_t left = w->expires_ms - model->now_ms;
	int64_t at = left > 1200 * 1000 ? w->expires_ms - 600 * 1000 : model->now_ms + left / 2;

	w->failures = 0;
	if (w->full_asked)
		at = model->now_ms + model->cfg.full_ms;
	w->rechecks = w->recheck_ms > 0 && w->recheck_ms < at;
	if (w->rechecks)
		at = w->recheck_ms;
	pcscf_arm(model, &w->timer, TIMER_SUBSCRIPTION, at);
}

static void arm_retry(struct pcscf_model *model, struct subscription *w)
{
	int64_t pause = model->cfg.retry_ms;

	for (unsigned int i = 1; i < w->failures && pause < model->cfg.retry_max_ms; i++)
		pause *= 2;
	if (pause > model->cfg.retry_max_ms)
		pause = model->cfg.retry_max_ms;
	if (w->later_ms > pause)
		pause = w->later_ms;
	w->later_ms = 0;
	pcscf_arm(model, &w->timer, TIMER_SUBSCRIPTION, model->now_ms + pause);
}

void pcscf_subscription_event(struct pcscf_model *model, struct subscription *w,
			      enum pcscf_subscription_event ev)
{
	struct state_step step = state_step(&pcscf_subscription_table, w->state, ev);

	model->count.forbidden += !step.allowed;
	if (ev == PCSCF_SUB_EV_WANTED && step.action == PCSCF_SUB_SUBSCRIBE)
		w->failures = 0;
	w->state = step.next;
	switch (step.action) {
	case PCSCF_SUB_NOTHING:
		break;
	case PCSCF_SUB_SUBSCRIBE:
		unlink_call_id(model, w);
		fresh_dialog(model, w);
		link_call_id(model, w);
		subscription_send(model, w);
		break;
	case PCSCF_SUB_REFRESH:
		subscription_send(model, w);
		break;
	case PCSCF_SUB_UNSUBSCRIBE:
		unsubscribe(model, w);
		break;
	case PCSCF_SUB_ARM_REFRESH:
		pcscf_arm_refresh(model, w);
		break;
	case PCSCF_SUB_ARM_RETRY:
		arm_retry(model, w);
		break;
	case PCSCF_SUB_DISARM:
		pcscf_disarm(model, &w->timer);
		break;
	case PCSCF_SUB_FORGET:
		subscription_forget(model, w);
		break;
	}
}

static void subscription_failed(struct pcscf_model *model, struct subscription *w,
				enum pcscf_subscription_event ev)
{
	bool exhausted = ++w->failures >= model->cfg.retries;

	pcscf_subscription_event(
	    model, w, exhausted && ev != PCSCF_SUB_EV_NO_DIALOG ? PCSCF_SUB_EV_EXHAUSTED : ev);
}

/* Something was missed. */
void pcscf_full_wanted(struct pcscf_model *model, struct subscription *w)
{
	w->full_asked = true;
	w->recheck_ms = 0;
	pcscf_subscription_event(model, w, PCSCF_SUB_EV_GAP);
}

void pcscf_subscription_timer(struct pcscf_model *model, struct subscription *w)
{
	bool waiting = w->state == PCSCF_SUB_SUBSCRIBING || w->state == PCSCF_SUB_REFRESHING;
	bool active = w->state == PCSCF_SUB_ACTIVE, rechecks = active && w->rechecks;

	w->rechecks = false;
	/* Each SUBSCRIBE brings full state (RFC 6665 4.2.1.2), but the stock S-CSCF answers one
	 * inside a dialog with a 200 and nothing more: then a new dialog shall bring it. */
	if (waiting)
		subscription_failed(model, w, PCSCF_SUB_EV_TEMPORARY);
	else if (rechecks)
		pcscf_full_wanted(model, w);
	else if (active && (w->full_asked || w->expires_ms <= model->now_ms))
		pcscf_subscription_event(model, w, PCSCF_SUB_EV_RESUBSCRIBE);
	else
		pcscf_subscription_event(model, w, PCSCF_SUB_EV_TIMER);
}

/* Names this attempt, so that a late answer to an earlier one is not taken for its own. */
static uint64_t request_id(const struct subscription *w)
{
	return w->id << 16 | w->attempts;
}

void pcscf_subscription_fill_todo(struct pcscf_model *model, struct subscription *w,
				  struct pcscf_subscribe *out)
{
	(void)model;
	out->request_id = request_id(w);
	out->cseq = w->cseq;
	out->expires = w->todo == SUBSCRIPTION_TODO_UNSUBSCRIBE ? 0 : w->expires_s;
	memcpy(out->identity, w->identity, sizeof(out->identity));
	memcpy(out->call_id, w->call_id, sizeof(out->call_id));
	memcpy(out->local_tag, w->local_tag, sizeof(out->local_tag));
	memcpy(out->remote_tag, w->remote_tag, sizeof(out->remote_tag));
	memcpy(out->next_hop, w->next_hop, sizeof(out->next_hop));
	PCSCF_COPY(out->target, slice_str(w->target));
	PCSCF_COPY(out->routes, slice_str(w->routes));
}

static struct subscription *subscription_by_id(const struct pcscf_model *model, uint64_t id)
{
	struct subscription *w = *id_bucket(model, id);

	while (w && w->id != id)
		w = w->next_by_id;
	return w;
}

/* The dialog's other half, from whichever came first: the 2xx or the NOTIFY (RFC
 * 6665 4.1.2.4, 4.4.1). */
bool pcscf_learn_dialog(struct pcscf_model *model, struct subscription *w, struct slice remote_tag,
			struct slice contact, struct slice routes)
{
	char *target, *route_set;

	if (w->remote_tag[0])
		return slice_eq(slice_str(w->remote_tag), remote_tag);
	if (remote_tag.len == 0 || remote_tag.len >= PCSCF_TAG_MAX || contact.len == 0 ||
	    contact.len >= PCSCF_TARGET_MAX || routes.len >= PCSCF_ROUTES_MAX)
		return false;
	target = pcscf_strdup(model, contact);
	route_set = pcscf_strdup(model, routes);
	if (!target || !route_set) {
		model->mem.release(target);
		model->mem.release(route_set);
		return false;
	}
	PCSCF_COPY(w->remote_tag, remote_tag);
	w->target = target;
	w->routes = route_set;
	return true;
}

void pcscf_subscribe_answered(struct pcscf_model *model, uint64_t id, const struct pcscf_answer *a,
			      int64_t now_ms)
{
	struct subscription *w = subscription_by_id(model, id >> 16);
	enum pcscf_subscription_event ev = pcscf_subscription_event_of_answer(a->code);

	model->now_ms = now_ms;
	if (!w || (w->state != PCSCF_SUB_SUBSCRIBING && w->state != PCSCF_SUB_REFRESHING) ||
	    request_id(w) != id)
		return;
	if (ev == PCSCF_SUB_EV_OK) {
		uint32_t granted =
		    a->expires > 0 && a->expires < w->expires_s ? a->expires : w->expires_s;

		if (!pcscf_learn_dialog(model, w, a->remote_tag, a->contact, a->routes)) {
			subscription_failed(model, w, PCSCF_SUB_EV_TEMPORARY);
			return;
		}
		w->expires_ms = now_ms + (int64_t)granted * 1000;
		pcscf_subscription_event(model, w, PCSCF_SUB_EV_OK);
		return;
	}
	if (a->code == 423 && a->min_expires > w->expires_s)
		w->expires_s = a->min_expires;
	subscription_failed(model, w, ev);
}

bool pcscf_knows_dialog(const struct pcscf_model *model, struct slice call_id,
			struct slice local_tag)
{
	const struct subscription *w = pcscf_subscription_by_call_id(model, call_id);

	return w && slice_eq(slice_str(w->local_tag), local_tag);
}
