/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The orders of a call: how they come, wait, and end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modules/ims_alg/control/control.h"

void context_say(struct context *c, enum mgc_code code, unsigned error, const char *why)
{
	c->code = code;
	c->error = error;
	snprintf(c->why, sizeof(c->why), "%s", why);
}

/* ---- the end of an order ---- */

static void order_free(struct order *o)
{
	if (o->wanted) {
		alg_media_wipe(o->wanted);
		free(o->wanted);
	}
	free(o);
}

void order_tell(struct order *o, struct mgc_result *result)
{
	if (o->done)
		o->done(o->user, result);
	order_free(o);
}

struct order *order_take(struct context *c)
{
	struct order *o = c->orders;

	if (o) {
		c->orders = o->next;
		c->n_orders--;
	}
	return o;
}

void order_result(const struct context *c, enum mgc_code code, struct mgc_result *r)
{
	*r = (struct mgc_result){.code = code, .context = c->id};
	if (code != MGC_OK) {
		r->h248_code = c->error;
		snprintf(r->text, sizeof(r->text), "%s", c->why);
	}
	if (c->gateway)
		snprintf(r->gateway, sizeof(r->gateway), "%s", c->gateway->cfg.name);
}

/* The order in work is over. */
void order_finish(struct context *c, enum mgc_code code)
{
	struct order *o = order_take(c);
	struct mgc_result r;

	if (!o)
		return;
	order_result(c, code, &r);
	order_tell(o, &r);
}

/* Everything of the queue. A release has what it wants when there is nothing more to release. */
void order_finish_all(struct context *c)
{
	while (c->orders)
		order_finish(c, c->orders->release ? MGC_OK : MGC_CONTEXT_LOST);
}

void order_finish_applied(struct context *c)
{
	struct order *o = order_take(c);
	struct mgc_result r;

	if (!o)
		return;
	for (unsigned i = 0; i < o->wanted->streams; i++)
		for (int side = 0; side < ALG_SIDES; side++) {
			struct alg_stream *s = &o->wanted->stream[i];
			const struct told_stream *t = told_stream(&c->now[side], s->id);

			sdes_key_wipe(&s->given[side].key);
			s->given[side] =
			    s->live && t ? t->given : (struct alg_given){.given = false};
		}
	order_result(c, MGC_OK, &r);
	r.media = o->wanted;
	order_tell(o, &r);
}

/* Orders before a release do not matter any more. */
void order_skip_to_release(struct context *c)
{
	bool release = false;

	for (const struct order *o = c->orders; o; o = o->next)
		release |= o->release;
	while (release && !c->orders->release) {
		context_say(c, MGC_CONTEXT_LOST, 0, "released");
		order_finish(c, MGC_CONTEXT_LOST);
	}
}

/* ---- asking ---- */

static struct order *order_new(struct mgc *mgc, const struct alg_media *wanted, mgc_done_f done,
			       void *user)
{
	struct order *o = calloc(1, sizeof(*o));
	size_t size = wanted ? alg_media_bytes(wanted) : 0;

	if (!o)
		return NULL;
	o->done = done;
	o->user = user;
	o->deadline = mgc->now + mgc->cfg.order_ms;
	o->release = !wanted;
	if (!wanted)
		return o;
	o->wanted = malloc(sizeof(*o->wanted) > size ? sizeof(*o->wanted) : size);
	if (!o->wanted) {
		free(o);
		return NULL;
	}
	memcpy(o->wanted, wanted, size);
	if (o->wanted->streams > ALG_STREAMS_MAX)
		o->wanted->streams = ALG_STREAMS_MAX;
	return o;
}

static void append(struct order **list, struct order *o)
{
	while (*list)
		list = &(*list)->next;
	*list = o;
}

static void enqueue(struct mgc *mgc, struct context *c, struct order *o)
{
	mgc->kick = true;
	if (!c || (c->n_orders >= MGC_QUEUE_MAX && !o->release)) {
		o->code = c ? MGC_BUSY : MGC_UNKNOWN_CALL;
		append(&mgc->instant, o);
		return;
	}
	append(&c->orders, o);
	c->n_orders++;
	context_set_busy(mgc, c, true);
}

int mgc_apply(struct mgc *mgc, uint64_t call, const struct alg_media *wanted, mgc_done_f done,
	      void *user, int64_t now_ms)
{
	struct context *c = context_find(mgc, call);
	struct order *o;

	mgc->now = now_ms;
	if (!c)
		c = context_new(mgc, call);
	o = c ? order_new(mgc, wanted, done, user) : NULL;
	if (!o) {
		if (c && !c->gateway && !c->orders) {
			c->state = CONTEXT_GONE;
			context_gone(mgc, c);
		}
		return -1;
	}
	enqueue(mgc, c, o);
	return 0;
}

int mgc_release(struct mgc *mgc, uint64_t call, mgc_done_f done, void *user, int64_t now_ms)
{
	struct order *o;

	mgc->now = now_ms;
	o = order_new(mgc, NULL, done, user);
	if (!o)
		return -1;
	enqueue(mgc, context_find(mgc, call), o);
	return 0;
}

/* ---- the end of all ---- */

void orders_drop_instant(struct mgc *mgc)
{
	while (mgc->instant) {
		struct order *o = mgc->instant;
		struct mgc_result r = {.code = o->code};

		mgc->instant = o->next;
		order_tell(o, &r);
	}
}

void orders_drop(struct mgc *mgc, struct context *c)
{
	(void)mgc;
	context_let_go(c);
	context_say(c, MGC_FAILED, 0, "the controller ends");
	while (c->orders)
		order_finish(c, MGC_FAILED);
}
