/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/migration/manage.h"

#include <stdio.h>
#include <stdlib.h>

#include "hss/migration/visitor.h"
#include "hss/provision/change.h"

/* ---- the registry in step ---- */

int migration_open(struct migration *m, struct store *store, const struct config *cfg, char *why,
		   size_t size)
{
	struct binding *b = calloc(MIGRATION_PIECE, sizeof(*b));
	char after[BINDING_ID_SIZE] = "";
	struct transaction *tx;
	int n = -1;

	memset(m, 0, sizeof(*m));
	m->store = store;
	m->cfg = cfg;
	m->registry = registry_new();
	pthread_mutex_init(&m->changing, NULL);
	if (b && m->registry && store_begin(store, false, &tx) == 0) {
		while ((n = store_migrations(tx, &(struct migration_list){after, NULL, false}, b,
					     MIGRATION_PIECE)) > 0) {
			for (int i = 0; i < n; i++)
				if (registry_set(m->registry, &b[i]))
					n = -1;
			if (n < 0)
				break;
			strcpy(after, b[n - 1].id);
		}
		store_rollback(tx);
	}
	free(b);
	if (n == 0)
		return 0;
	snprintf(why, size, "migrations cannot be read from the store");
	migration_close(m);
	return -1;
}

void migration_close(struct migration *m)
{
	if (m->registry)
		pthread_mutex_destroy(&m->changing);
	registry_free(m->registry);
	m->registry = NULL;
}

static int begin_read(const struct migration *m, struct transaction **tx)
{
	return store_begin(m->store, false, tx);
}

static int audit(struct transaction *tx, const char *event, const struct binding *b,
		 const char *actor, const char *detail, int64_t now)
{
	return store_audit_migration(tx, &(struct migration_audit){.at = now,
								   .event = event,
								   .id = b->id,
								   .partner = b->partner,
								   .actor = actor,
								   .detail = detail});
}

/* ---- one is bound ---- */

struct putting {
	struct migration *m;
	struct binding *b;
	const char *actor;
	int64_t now;
	bool *made;
	struct subscription *sub, *template;
	char *why;
	size_t size;
};

static int refuse(const struct putting *p, int err, const char *why)
{
	snprintf(p->why, p->size, "%s", why);
	return err;
}

static int load_template(struct transaction *tx, const struct putting *p, bool *there)
{
	const char *name = p->m->cfg->migration_template;
	int64_t id;
	int err;

	*there = name[0] != '\0';
	if (!*there)
		return 0;
	err = store_find_impi(tx, slice_str(name), &id);
	if (err == 0)
		err = store_load(tx, id, p->template);
	return err == STORE_ENOTFOUND
		   ? refuse(p, PROVISION_REFUSED, "there is no subscription of migration_template")
		   : err;
}

/* His subscription with us. */
static int add_visitor(struct transaction *tx, const struct putting *p)
{
	bool template = false;
	int err = load_template(tx, p, &template);

	if (err)
		return err;
	subscription_clear(p->sub);
	visitor_make(p->b, template ? p->template : NULL, p->sub);
	err = store_put(tx, p->sub);
	return err == STORE_EEXIST
		   ? refuse(p, MIGRATION_CONFLICT, "an inbound identity belongs to somebody")
		   : err;
}

/* He is ours, with these identities, and has a card. */
static int check_own(struct transaction *tx, const struct putting *p)
{
	const struct binding *b = p->b;
	int64_t id;
	int impi, err = store_find_impi(tx, slice_str(b->own.impi), &id);

	if (err == 0)
		err = store_load_parts(tx, id, STORE_KEYS, p->sub);
	if (err == STORE_ENOTFOUND)
		return refuse(p, PROVISION_REFUSED, "there is no such private identity here");
	if (err)
		return err;
	impi = subscription_impi(p->sub, slice_str(b->own.impi));
	if (impi < 0 || impi_by_digest(&p->sub->impi[impi]) ||
	    impi_without_key(&p->sub->impi[impi]))
		return refuse(p, PROVISION_REFUSED, "the private identity has no card of ours");
	for (size_t i = 0; i < b->own.n_impu; i++) {
		int at = subscription_impu(p->sub, slice_str(b->own.impu[i]));

		if (at < 0 || !(p->sub->impu[at].impis & 1u << impi))
			return refuse(p, PROVISION_REFUSED,
				      "a public identity is not one of this private identity");
	}
	if (strcmp(b->own.impi, b->pair.impi) == 0)
		return 0;
	err = store_find_impi(tx, slice_str(b->pair.impi), &id);
	return err == STORE_ENOTFOUND ? 0
	       : err		      ? err
		     : refuse(p, MIGRATION_CONFLICT, "an outbound identity belongs to somebody");
}

static int put(struct transaction *tx, void *arg)
{
	const struct putting *p = arg;
	struct binding *b = p->b, before;
	int err = store_migration(tx, b->id, &before);

	*p->made = err == STORE_ENOTFOUND;
	if (err == 0 && before.state != BINDING_LIVE)
		return refuse(p, MIGRATION_OVER, "it is over");
	if (err == 0 && !binding_same(b, &before))
		return refuse(p, MIGRATION_CONFLICT, "it binds others");
	if (err == 0) /* that it lives longer is no other state */
		b->changed = before.changed;
	if (err == 0 && b->expires == before.expires)
		return STORE_NO_CHANGE;
	if (err == STORE_ENOTFOUND)
		err = b->side == BINDING_HERE ? add_visitor(tx, p) : check_own(tx, p);
	if (err == 0) {
		err = store_put_migration(tx, b);
		if (err == STORE_EEXIST)
			return refuse(p, MIGRATION_CONFLICT, "another migration binds them");
	}
	return err ? err
		   : audit(tx, *p->made ? "bind" : "extend", b, p->actor,
			   binding_side_word(b->side), p->now);
}

int migration_put(struct migration *m, struct binding *b, const char *actor, int64_t now,
		  bool *made, char *why, size_t size)
{
	struct putting p = {m,	 b,   actor, now, made, subscription_new(), subscription_new(),
			    why, size};
	const char *unfit = binding_unfit(b, m->cfg, now);
	int err = STORE_EIO;

	why[0] = '\0';
	b->state = BINDING_LIVE;
	b->changed = now;
	b->reason[0] = '\0';
	pthread_mutex_lock(&m->changing);
	if (unfit)
		err = refuse(&p, PROVISION_REFUSED, unfit);
	else if (p.sub && p.template)
		err = store_transact(m->store, true, put, &p);
	if (err == 0 && registry_set(m->registry, b))
		err = STORE_EIO;
	pthread_mutex_unlock(&m->changing);
	subscription_free(p.sub);
	subscription_free(p.template);
	if (err && !why[0])
		snprintf(why, size, "%s", store_strerror(err));
	return err;
}

/* ---- some are ended ---- */

struct ending {
	const struct migration_selection *which;
	const char *actor, *reason;
	int64_t now;
	struct binding b[MIGRATION_PIECE];
	size_t n;    /* of b: what was read, or changed */
	size_t live; /* of them */
	char after[BINDING_ID_SIZE];
};

/* In the transaction: it is not live any more. */
static int end_one(struct transaction *tx, struct binding *b, const struct ending *e)
{
	int err;

	b->state = b->side == BINDING_HERE ? BINDING_ENDING : BINDING_OVER;
	b->changed = e->now;
	snprintf(b->reason, sizeof(b->reason), "%s", e->reason);
	err = store_end_migration(tx, b);
	return err ? err : audit(tx, "end", b, e->actor, e->reason, e->now);
}

/* What is not known ends before it comes. */
static int bury(struct transaction *tx, struct ending *e)
{
	struct binding *b = &e->b[0];

	memset(b, 0, sizeof(*b));
	if (slice_copy(slice_str(e->which->id), b->id, sizeof(b->id)))
		return STORE_ENOTFOUND;
	b->state = BINDING_OVER;
	b->changed = b->expires = e->now;
	snprintf(b->reason, sizeof(b->reason), "%s", "never bound");
	e->n = 0;
	return store_put_migration(tx, b);
}

static int end_by_id(struct transaction *tx, void *arg)
{
	struct ending *e = arg;
	int err = store_migration(tx, e->which->id, &e->b[0]);

	e->n = e->live = 0;
	if (err == STORE_ENOTFOUND)
		return bury(tx, e);
	if (err)
		return err;
	e->n = 1;
	e->live = e->b[0].state == BINDING_LIVE;
	return e->live ? end_one(tx, &e->b[0], e) : STORE_NO_CHANGE;
}

/* The next piece of all. */
static int end_some(struct transaction *tx, void *arg)
{
	struct ending *e = arg;
	const struct migration_list list = {e->after, e->which->partner, false};
	int n = store_migrations(tx, &list, e->b, MIGRATION_PIECE), err = 0;

	e->live = 0;
	for (int i = 0; i < n && err == 0; i++) {
		struct binding *b = &e->b[i];

		if (b->state == BINDING_LIVE) {
			err = end_one(tx, b, e);
			e->live++;
		}
	}
	if (n > 0)
		strcpy(e->after, e->b[n - 1].id);
	e->n = n > 0 ? (size_t)n : 0;
	return n < 0 ? n : err ? err : n == 0 ? STORE_ENOTFOUND : 0;
}

/* No other change comes between the store and the registry. */
static int end_and_tell(struct migration *m, int (*body)(struct transaction *, void *),
			struct ending *e, migration_ending_h each, void *arg)
{
	int err;

	pthread_mutex_lock(&m->changing);
	err = store_transact(m->store, true, body, e);
	if (err == 0)
		for (size_t i = 0; i < e->n; i++)
			registry_set(m->registry, &e->b[i]);
	pthread_mutex_unlock(&m->changing);
	/* those whose registration is to be ended are lent */
	for (size_t i = 0; err == 0 && i < e->n; i++)
		if (e->b[i].state == BINDING_ENDING)
			each(&e->b[i], arg);
	return err;
}

int migration_end(struct migration *m, const struct migration_selection *which, const char *actor,
		  const char *reason, int64_t now, migration_ending_h each, void *arg)
{
	struct ending *e = calloc(1, sizeof(*e));
	int err, n = 0;

	if (!e)
		return STORE_EIO;
	e->which = which;
	e->actor = actor;
	e->reason = reason;
	e->now = now;
	do {
		err = end_and_tell(m, which->id ? end_by_id : end_some, e, each, arg);
		n += err == 0 ? (int)e->live : 0;
	} while (err == 0 && !which->id);
	free(e);
	return err && !(err == STORE_ENOTFOUND && !which->id) ? err : n;
}

static int expire_some(struct transaction *tx, void *arg)
{
	struct ending *e = arg;
	int n = store_migrations_due(tx, e->now, e->b, MIGRATION_PIECE), err = 0;

	e->live = 0;
	for (int i = 0; i < n && err == 0; i++)
		if (e->b[i].state == BINDING_LIVE) {
			err = end_one(tx, &e->b[i], e);
			e->live++;
		}
	e->n = n > 0 ? (size_t)n : 0;
	return n < 0 ? n : err ? err : e->live ? 0 : STORE_NO_CHANGE;
}

/* Is there anything to do? Most of the time there is not, and nobody is held up. */
static bool any_due(struct migration *m, struct ending *e)
{
	struct transaction *tx;
	int n;

	if (begin_read(m, &tx))
		return false;
	n = store_migrations_due(tx, e->now, e->b, 1);
	store_rollback(tx);
	return n > 0;
}

int migration_expire(struct migration *m, int64_t now, migration_ending_h each, void *arg)
{
	struct ending *e = calloc(1, sizeof(*e));
	int err = 0, n = 0;

	if (!e)
		return STORE_EIO;
	e->actor = "timer";
	e->reason = "expired";
	e->now = now;
	if (any_due(m, e)) {
		err = end_and_tell(m, expire_some, e, each, arg);
		n = (int)e->n;
	}
	free(e);
	return err ? err : n;
}

static int forget(struct transaction *tx, void *arg)
{
	return store_forget_migrations(tx, *(const int64_t *)arg - MIGRATION_KEEP_S);
}

void migration_forget(struct migration *m, int64_t now)
{
	store_transact(m->store, true, forget, &now);
}

struct ended {
	const char *id, *detail;
	int64_t now;
};

static int finish(struct transaction *tx, void *arg)
{
	const struct ended *e = arg;
	struct binding b;
	int err = store_migration(tx, e->id, &b);

	if (err || b.state != BINDING_ENDING)
		return err ? err : STORE_NO_CHANGE;
	b.state = BINDING_OVER;
	b.changed = e->now;
	err = store_end_migration(tx, &b);
	return err ? err : audit(tx, "deregistered", &b, "", e->detail, e->now);
}

int migration_ended(struct migration *m, const char *id, const char *detail, int64_t now)
{
	struct ended e = {id, detail, now};

	return store_transact(m->store, true, finish, &e);
}

/* ---- they are looked up ---- */

int migration_here(const struct migration *m, struct slice impi, struct binding *out)
{
	struct transaction *tx;
	int err;

	if (!store_is_shared(m->store))
		return registry_here(m->registry, impi, out) ? 0 : STORE_ENOTFOUND;
	err = begin_read(m, &tx);
	if (err)
		return err;
	err = store_migration_here(tx, impi, out);
	store_rollback(tx);
	return err;
}

int migration_away(const struct migration *m, const char *partner, struct slice impi,
		   struct binding *out)
{
	struct transaction *tx;
	int err;

	if (!store_is_shared(m->store))
		return registry_away(m->registry, partner, impi, out) ? 0 : STORE_ENOTFOUND;
	err = begin_read(m, &tx);
	if (err)
		return err;
	err = store_migration_away(tx, partner, impi, out);
	store_rollback(tx);
	return err;
}

bool migration_is_inbound(const struct migration *m, struct slice impi)
{
	return m->cfg->inbound_domain[0] &&
	       identity_in_domain(impi, slice_str(m->cfg->inbound_domain));
}

struct asked {
	const struct binding *b;
	const struct binding_asker *a;
};

static int keep_asked(struct transaction *tx, void *arg)
{
	const struct asked *x = arg;
	struct binding before;
	int err = store_migration(tx, x->b->id, &before);

	if (err == 0)
		err = store_asked_migration(tx, x->b->id, x->a);
	if (err == 0 && before.asker.first == 0)
		err = audit(tx, "first vector", x->b, x->b->partner, "", x->a->last);
	return err;
}

void migration_asked(struct migration *m, const struct binding *b, struct binding_asker *a,
		     bool resynced)
{
	struct asked x = {b, a};

	if (store_is_shared(m->store)) /* another process may have bound it */
		registry_set(m->registry, b);
	if (registry_asked(m->registry, b, a, resynced))
		store_transact(m->store, true, keep_asked, &x);
}
