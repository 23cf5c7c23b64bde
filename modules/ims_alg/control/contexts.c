/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of calls with their contexts. */
#include <stdlib.h>

#include "modules/ims_alg/control/control.h"

/* Numbers of calls are our own making, but may be told to others: the hash is keyed. */
static struct context **bucket(struct mgc *mgc, uint64_t call)
{
	return &mgc->bucket[keyed_hash(&mgc->key, slice_make((const char *)&call, sizeof(call))) %
			    CALL_BUCKETS];
}

struct context *context_find(struct mgc *mgc, uint64_t call)
{
	struct context *c = *bucket(mgc, call);

	while (c && (c->call != call || c->state == CONTEXT_GONE))
		c = c->next_call;
	return c;
}

struct context *context_find_id(struct gateway *g, uint32_t id)
{
	struct context **b = &g->by_id[id % ID_BUCKETS], *c = *b;

	while (c && c->id != id)
		c = c->next_id;
	return c;
}

struct context *context_new(struct mgc *mgc, uint64_t call)
{
	struct context *c = calloc(1, sizeof(*c)), **b = bucket(mgc, call);

	if (!c)
		return NULL;
	c->call = call;
	c->fresh = true;
	c->next_call = *b;
	*b = c;
	mgc->contexts++;
	return c;
}

static void unlink_id(struct context *c)
{
	struct context **link = &c->gateway->by_id[c->id % ID_BUCKETS];

	while (*link != c)
		link = &(*link)->next_id;
	*link = c->next_id;
}

void context_set_id(struct context *c, uint32_t id)
{
	struct context **b;

	if (c->id)
		unlink_id(c);
	c->id = id;
	if (!id)
		return;
	b = &c->gateway->by_id[id % ID_BUCKETS];
	c->next_id = *b;
	*b = c;
	audit_known(c->gateway, id);
}

void context_place(struct context *c, struct gateway *g)
{
	if (c->gateway) {
		context_set_id(c, 0);
		*c->link_here = c->next_here;
		if (c->next_here)
			c->next_here->link_here = c->link_here;
		c->gateway->n_contexts--;
	}
	c->gateway = g;
	if (!g)
		return;
	c->next_here = g->contexts;
	c->link_here = &g->contexts;
	if (g->contexts)
		g->contexts->link_here = &c->next_here;
	g->contexts = c;
	g->n_contexts++;
}

void context_set_busy(struct mgc *mgc, struct context *c, bool busy)
{
	if (busy == (c->link_busy != NULL))
		return;
	if (busy) {
		c->next_busy = mgc->busy;
		c->link_busy = &mgc->busy;
		if (mgc->busy)
			mgc->busy->link_busy = &c->next_busy;
		mgc->busy = c;
		return;
	}
	*c->link_busy = c->next_busy;
	if (c->next_busy)
		c->next_busy->link_busy = c->link_busy;
	c->link_busy = NULL;
}

void context_free(struct mgc *mgc, struct context *c)
{
	struct context **link = bucket(mgc, c->call);

	while (*link != c)
		link = &(*link)->next_call;
	*link = c->next_call;
	context_set_busy(mgc, c, false);
	context_place(c, NULL);
	if (c->attempt)
		c->attempt->context = NULL;
	for (int side = 0; side < ALG_SIDES; side++) {
		told_clear(&c->now[side]);
		told_clear(&c->want[side]);
		told_clear(&c->before[side]);
	}
	free(c);
	mgc->contexts--;
}
