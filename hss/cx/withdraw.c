/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cx/withdraw.h"

#include <stdio.h>
#include <stdlib.h>

#include "hss/provision/change.h"

/* The private identities whose turn comes; the last step frees it. */
struct round {
	struct service *svc;
	struct push_order order;
	bool withdraw, failed;
	char impi[IDENTITY_SIZE];
	char names[SUB_IMPIS_MAX][IDENTITY_SIZE];
	size_t n, at;
	char why[512];
};

static void finish(struct round *r)
{
	if (r->withdraw && !r->failed) {
		r->failed = provision_remove(r->svc->store, r->impi, r->order.force, r->why,
					     sizeof(r->why)) != 0;
		if (!r->failed)
			service_changed(r->svc);
	}
	r->order.done(r->order.arg, r->failed ? r->why : NULL);
	free(r);
}

static void next(struct round *r);

static void on_done(void *arg, const char *error)
{
	struct round *r = arg;

	/* the first error is told; a profile goes to the others all the same */
	if (error && !r->failed)
		snprintf(r->why, sizeof(r->why), "%s", error);
	r->failed |= error != NULL;
	next(r);
}

static void next(struct round *r)
{
	struct push_order order = r->order;

	if (r->at == r->n || (r->withdraw && r->failed)) {
		finish(r);
		return;
	}
	order.impi = slice_str(r->names[r->at++]);
	order.impus = NULL;
	order.n_impus = 0;
	order.reason = DEREG_PERMANENT_TERMINATION;
	order.done = on_done;
	order.arg = r;
	if (r->withdraw)
		push_deregister(r->svc, &order);
	else
		push_profile(r->svc, &order);
}

/* Who of the subscription has registered anything. */
static int fill(struct round *r, const struct subscription *sub)
{
	unsigned int bits = 0;

	for (size_t i = 0; i < sub->n_impu; i++)
		bits |= sub->impu[i].registered;
	for (size_t i = 0; i < sub->n_impi; i++)
		if (bits & 1u << i)
			strcpy(r->names[r->n++], sub->impi[i].name);
	if (r->n || r->withdraw)
		return 0;
	snprintf(r->why, sizeof(r->why), "%s is not registered", r->impi);
	return -1;
}

static void begin(struct service *svc, const struct push_order *order, bool withdraw)
{
	struct subscription *sub = subscription_new();
	struct round *r = calloc(1, sizeof(*r));

	if (!sub || !r || slice_copy(order->impi, r->impi, sizeof(r->impi))) {
		subscription_free(sub);
		free(r);
		order->done(order->arg, sub && r ? "an identity is too long" : "no memory");
		return;
	}
	r->svc = svc;
	r->order = *order;
	r->withdraw = withdraw;
	if (provision_load(svc->store, r->impi, sub, r->why, sizeof(r->why)) || fill(r, sub)) {
		order->done(order->arg, r->why);
		free(r);
	} else {
		next(r);
	}
	subscription_free(sub);
}

void push_profiles(struct service *svc, const struct push_order *order)
{
	begin(svc, order, false);
}

void push_withdraw(struct service *svc, const struct push_order *order)
{
	begin(svc, order, true);
}
