/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/provision/bearer.h"

#include <inttypes.h>
#include <stdlib.h>

#include "hss/cx/cx.h"
#include "hss/subscription/registration.h"

enum { SWEEP_MAX = 32 }; /* in one transaction */

/* A change in its transaction, which may be begun again. */
struct changing {
	struct bearer b;
	int64_t now;
	int n;	     /* that were ended */
	bool nobody; /* nobody with giba=yes has the IMSI */
};

/* What the S-CSCF is told; sub is as it was. */
static int leave_word(struct transaction *tx, const struct subscription *sub, int impi,
		      uint64_t impus)
{
	struct cx_errand *e = calloc(1, sizeof(*e));
	int err = e ? 0 : STORE_EIO;

	if (e) {
		e->kind = ERRAND_RTR;
		strcpy(e->impi, sub->impi[impi].name);
		strcpy(e->host, sub->scscf_host);
		strcpy(e->realm, sub->scscf_realm);
		for (size_t i = 0; i < sub->n_impu; i++)
			if (impus & IMPU_BIT(i))
				strcpy(e->impus[e->n_impus++], sub->impu[i].uri);
		err = store_put_errand(tx, e);
	}
	free(e);
	return err;
}

/*
 * Who was authenticated by the address is not any more: registered by it he is deregistered, and what a MAR allowed
 * with it counts no more. That it was asked for stays noted, so that a SAR that comes yet is refused.
 */
static int take_back(struct transaction *tx, struct subscription *sub, int impi)
{
	uint16_t bit = (uint16_t)(1u << impi);
	uint64_t registered = 0, pending = 0;
	int err = 0;

	for (size_t i = 0; i < sub->n_impu; i++) {
		const struct impu *u = &sub->impu[i];

		if (u->registered & u->by_address & bit)
			registered |= IMPU_BIT(i);
		if (u->pending & u->address_asked & bit)
			pending |= IMPU_BIT(i);
	}
	if (!registered && !pending)
		return 0;
	if (registered) {
		registered = cx_rtr_identities(sub, impi, registered);
		if (sub->scscf_host[0])
			err = leave_word(tx, sub, impi, registered);
		impus_deregister(sub, registered, impi);
	}
	for (size_t i = 0; i < sub->n_impu; i++) {
		if (pending & IMPU_BIT(i))
			sub->impu[i].pending &= (uint16_t)~bit;
		if ((registered | pending) & IMPU_BIT(i))
			sub->impu[i].address_asked |= bit;
	}
	if (!subscription_needs_scscf(sub))
		scscf_clear(sub);
	return err ? err : store_save_state(tx, sub);
}

static int take_back_imsi(struct transaction *tx, const char *imsi)
{
	struct subscription *sub = subscription_new();
	char name[IDENTITY_SIZE];
	int64_t id;
	int impi = -1, err = sub ? store_giba_user(tx, imsi, name, &id) : STORE_EIO;

	if (err == 0)
		err = store_load(tx, id, sub);
	if (err == 0)
		impi = subscription_impi(sub, slice_str(name));
	if (impi >= 0)
		err = take_back(tx, sub, impi);
	subscription_free(sub);
	return err == STORE_ENOTFOUND ? 0 : err;
}

static int end(struct transaction *tx, const struct bearer *b)
{
	int err = b->used ? take_back_imsi(tx, b->imsi) : 0;

	return err ? err : store_end_bearer(tx, b->imsi);
}

/* May he be authenticated by the same bearer still? *impi: his index in after, or -1. */
static bool keeps_bearer(const struct impi *was, const struct subscription *after, int *impi)
{
	*impi = after ? subscription_impi(after, slice_str(was->name)) : -1;
	return *impi >= 0 && after->impi[*impi].giba &&
	       strcmp(after->impi[*impi].imsi, was->imsi) == 0;
}

int provision_bearers_left(struct transaction *tx, const struct subscription *before,
			   struct subscription *after)
{
	bool loaded = false;
	int impi, err = 0;

	for (size_t i = 0; i < before->n_impi && err == 0; i++) {
		if (!before->impi[i].giba || keeps_bearer(&before->impi[i], after, &impi))
			continue;
		/* as it was put: its numbers are those that the store has then */
		if (impi >= 0 && !loaded)
			err = store_load(tx, after->id, after);
		loaded |= impi >= 0;
		if (err == 0 && impi >= 0)
			err = take_back(tx, after, impi);
		if (err == 0)
			err = store_end_bearer(tx, before->impi[i].imsi);
	}
	return err;
}

static bool same(const struct bearer *a, const struct bearer *b)
{
	return a->whole == b->whole && netaddr_ip_eq(&a->address, &b->address);
}

/* The IMSI's bearer before: the same that lives goes on, another one ends. */
static int replace_own(struct transaction *tx, struct changing *c)
{
	struct bearer old;
	int err = store_bearer(tx, c->b.imsi, &old);

	c->b.used = err == 0 && old.used && old.until > c->now && same(&old, &c->b);
	if (err == 0 && !c->b.used)
		err = end(tx, &old);
	return err == STORE_ENOTFOUND ? 0 : err;
}

/* Another's bearer of that address: it is gone, though nobody has said so. */
static int take_from_other(struct transaction *tx, struct changing *c)
{
	char network[BEARER_TEXT_SIZE];
	struct bearer other;
	int err = store_bearer_at(tx, bearer_network(&c->b, network), &other);

	if (err == 0 && strcmp(other.imsi, c->b.imsi) != 0)
		err = end(tx, &other);
	return err == STORE_ENOTFOUND ? 0 : err;
}

/* The address is not another's any more, also where the IMSI's own user may not be authenticated by it. */
static int set_in(struct transaction *tx, void *arg)
{
	struct changing *c = arg;
	char name[IDENTITY_SIZE];
	int64_t id;
	int err = store_giba_user(tx, c->b.imsi, name, &id);

	c->nobody = err == STORE_ENOTFOUND;
	if (err == 0 || c->nobody)
		err = replace_own(tx, c);
	if (err == 0)
		err = take_from_other(tx, c);
	if (err == 0)
		err = c->nobody ? store_end_bearer(tx, c->b.imsi) : store_put_bearer(tx, &c->b);
	return err;
}

static int remove_in(struct transaction *tx, void *arg)
{
	struct changing *c = arg;
	int err = store_bearer(tx, c->b.imsi, &c->b);

	if (err)
		return err;
	err = end(tx, &c->b);
	return err == 0 && c->b.until <= c->now ? STORE_ENOTFOUND : err;
}

static int refuse(char *why, size_t size, const char *text)
{
	snprintf(why, size, "%s", text);
	return PROVISION_REFUSED;
}

int provision_bearer_set(struct store *store, struct slice imsi, struct slice address,
			 uint64_t seconds, int64_t now, struct bearer *out, char *why, size_t size)
{
	struct changing c = {.now = now};
	int err;

	if (bearer_imsi(imsi, c.b.imsi))
		return refuse(why, size, "an IMSI has 5 to 15 digits");
	if (bearer_parse(address, &c.b))
		return refuse(why, size,
			      "the address of a bearer is one that a host can have: IPv4, an IPv6 "
			      "prefix such as 2001:db8:1:2::/64, or an IPv6 address");
	if (seconds < BEARER_SECONDS_MIN || seconds > BEARER_SECONDS_MAX) {
		snprintf(why, size, "seconds is a number from %d to %d", BEARER_SECONDS_MIN,
			 BEARER_SECONDS_MAX);
		return PROVISION_REFUSED;
	}
	c.b.until = now + (int64_t)seconds;
	err = store_transact(store, true, set_in, &c);
	if (err == 0 && c.nobody)
		err = STORE_ENOTFOUND;
	if (err == STORE_ENOTFOUND)
		snprintf(why, size, "no private identity that has giba=yes has the IMSI %s",
			 c.b.imsi);
	else if (err)
		snprintf(why, size, "%s: %s", c.b.imsi, store_strerror(err));
	*out = c.b;
	return err;
}

int provision_bearer_remove(struct store *store, struct slice imsi, int64_t now, char *why,
			    size_t size)
{
	struct changing c = {.now = now};
	int err;

	if (bearer_imsi(imsi, c.b.imsi))
		return refuse(why, size, "an IMSI has 5 to 15 digits");
	err = store_transact(store, true, remove_in, &c);
	if (err == STORE_ENOTFOUND)
		snprintf(why, size, "no address is known of the IMSI %s", c.b.imsi);
	else if (err)
		snprintf(why, size, "%s: %s", c.b.imsi, store_strerror(err));
	return err;
}

int provision_bearers(struct store *store, const char *after, int64_t now, size_t max,
		      store_bearer_h each, void *arg)
{
	struct transaction *tx;
	int n = store_begin(store, false, &tx);

	if (n)
		return n;
	n = store_bearers(tx, after, now, max, each, arg);
	store_rollback(tx);
	return n;
}

static int sweep_in(struct transaction *tx, void *arg)
{
	struct changing *c = arg;
	int err = 0;

	for (c->n = 0; c->n < SWEEP_MAX && err == 0; c->n += err == 0) {
		err = store_dead_bearer(tx, c->now, &c->b);
		if (err == 0)
			err = end(tx, &c->b);
	}
	return err == STORE_ENOTFOUND ? 0 : err;
}

/* Nothing is written, and nobody who writes is held up, where none is dead. */
static bool any_dead(struct store *store, int64_t now)
{
	struct transaction *tx;
	struct bearer b;
	bool dead;

	if (store_begin(store, false, &tx))
		return false;
	dead = store_dead_bearer(tx, now, &b) == 0;
	store_rollback(tx);
	return dead;
}

int provision_bearers_sweep(struct store *store, int64_t now)
{
	struct changing c = {.now = now};
	int err = any_dead(store, now) ? store_transact(store, true, sweep_in, &c) : 0;

	return err ? err : c.n;
}
