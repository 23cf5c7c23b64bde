/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/control/realm.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/log.h"

static struct realm *by_name(const struct realms *r, const char *name)
{
	for (struct realm *x = r->list; x; x = x->next)
		if (strcmp(x->cfg.name, name) == 0)
			return x;
	return NULL;
}

static bool same_pools(const struct config_realm *a, const struct config_realm *b)
{
	return a->n_addresses == b->n_addresses && a->port_min == b->port_min &&
	       a->port_max == b->port_max && strcmp(a->device, b->device) == 0 &&
	       memcmp(a->addresses, b->addresses, sizeof(a->addresses)) == 0;
}

/* What one realm of the configuration needs that is not there yet. */
struct change {
	struct realm *realm;	/* that it becomes; in the list already, or new */
	bool is_new, has_pools; /* has_pools: fresh ones replace what it has */
	struct media_pool *fresh[CONFIG_ADDRESSES_MAX];
	struct retired_pool *room[CONFIG_ADDRESSES_MAX]; /* for the pools that are replaced */
};

static void forget(struct change *c)
{
	for (size_t i = 0; i < CONFIG_ADDRESSES_MAX; i++) {
		media_pool_free(c->fresh[i]);
		free(c->room[i]);
	}
	if (c->is_new)
		free(c->realm);
}

/* Everything that can fail. Nothing that is in use is touched. */
static int prepare(const struct realms *r, const struct config_realm *cfg, struct change *c)
{
	c->realm = by_name(r, cfg->name);
	c->is_new = !c->realm;
	c->has_pools = c->is_new || !same_pools(&c->realm->cfg, cfg);
	if (c->is_new)
		c->realm = calloc(1, sizeof(*c->realm));
	if (!c->realm)
		return MEDIA_ENOMEM;
	for (size_t i = 0; c->has_pools && i < CONFIG_ADDRESSES_MAX; i++) {
		int rc = MEDIA_OK;

		if (i < cfg->n_addresses)
			rc = media_pool_new(&cfg->addresses[i], cfg->port_min, cfg->port_max,
					    cfg->device[0] ? cfg->device : NULL, &c->fresh[i]);
		if (rc < 0)
			return rc;
		if (c->realm->pools[i]) {
			c->room[i] = calloc(1, sizeof(*c->room[i]));
			if (!c->room[i])
				return MEDIA_ENOMEM;
		}
	}
	return MEDIA_OK;
}

static void commit(struct realms *r, const struct config_realm *cfg, struct change *c)
{
	struct realm *x = c->realm;

	for (size_t i = 0; c->has_pools && i < CONFIG_ADDRESSES_MAX; i++) {
		if (c->room[i]) {
			*c->room[i] = (struct retired_pool){r->retired, x->pools[i]};
			r->retired = c->room[i];
		}
		x->pools[i] = c->fresh[i];
	}
	if (c->is_new) {
		x->next = r->list;
		r->list = x;
	}
	x->cfg = *cfg;
	x->retired = false;
}

int realms_update(struct realms *r, const struct config *cfg)
{
	struct change *changes = calloc(CONFIG_REALMS_MAX, sizeof(*changes));
	int rc = changes ? MEDIA_OK : MEDIA_ENOMEM;

	for (size_t i = 0; i < cfg->n_realms && rc == MEDIA_OK; i++)
		rc = prepare(r, &cfg->realms[i], &changes[i]);
	if (rc == MEDIA_OK) {
		for (struct realm *x = r->list; x; x = x->next)
			x->retired = true;
		for (size_t i = 0; i < cfg->n_realms; i++)
			commit(r, &cfg->realms[i], &changes[i]);
		realms_reap(r);
	} else {
		for (size_t i = 0; changes && i < cfg->n_realms; i++)
			forget(&changes[i]);
	}
	free(changes);
	return rc;
}

void realms_try(const struct realms *r)
{
	for (const struct realm *x = r->list; x; x = x->next)
		for (size_t i = 0; i < x->cfg.n_addresses && !x->retired; i++) {
			char ip[NETADDR_TEXT_MAX];

			if (media_pool_try(x->pools[i]) == MEDIA_OK)
				continue;
			log_line(
			    LOG_WARNING,
			    "realm %s: no socket on %s%s%s (%s): its calls are refused with 500 "
			    "until the address is there",
			    x->cfg.name, netaddr_ip_text(&x->cfg.addresses[i], ip),
			    x->cfg.device[0] ? " of device " : "", x->cfg.device, strerror(errno));
		}
}

void realms_reap(struct realms *r)
{
	for (struct retired_pool **p = &r->retired; *p;) {
		struct retired_pool *old = *p;

		if (media_pool_in_use(old->pool)) {
			p = &old->next;
			continue;
		}
		*p = old->next;
		media_pool_free(old->pool);
		free(old);
	}
	for (struct realm **p = &r->list; *p;) {
		struct realm *x = *p;
		size_t used = x->terminations;

		for (size_t i = 0; i < CONFIG_ADDRESSES_MAX; i++)
			used += x->pools[i] ? media_pool_in_use(x->pools[i]) : 0;
		if (!x->retired || used) {
			p = &x->next;
			continue;
		}
		*p = x->next;
		for (size_t i = 0; i < CONFIG_ADDRESSES_MAX; i++)
			media_pool_free(x->pools[i]);
		free(x);
	}
}

void realms_free(struct realms *r)
{
	while (r->list) {
		struct realm *x = r->list;

		r->list = x->next;
		for (size_t i = 0; i < CONFIG_ADDRESSES_MAX; i++)
			media_pool_free(x->pools[i]);
		free(x);
	}
	while (r->retired) {
		struct retired_pool *old = r->retired;

		r->retired = old->next;
		media_pool_free(old->pool);
		free(old);
	}
}

struct realm *realm_find(const struct realms *r, struct slice name)
{
	for (struct realm *x = r->list; x; x = x->next)
		if (!x->retired && x->cfg.ipdc[0] && slice_eq_nocase(name, slice_str(x->cfg.ipdc)))
			return x;
	for (struct realm *x = r->list; x; x = x->next)
		if (!x->retired && slice_eq_nocase(name, slice_str(x->cfg.name)))
			return x;
	return NULL;
}

size_t realm_ports_used(const struct realm *r, size_t i)
{
	return media_pool_size(r->pools[i]) - media_pool_spare(r->pools[i]);
}

static bool fits(const struct netaddr *asked, const struct netaddr *have)
{
	if (!asked->family)
		return true;
	if (asked->family != have->family)
		return false;
	return netaddr_is_any(asked) || netaddr_ip_eq(asked, have);
}

struct media_pool *realm_pool(const struct realm *r, const struct netaddr *asked, bool emergency,
			      uint32_t reserved_percent, bool *nowhere)
{
	struct media_pool *best = NULL;
	size_t best_free = 0;

	*nowhere = true;
	for (size_t i = 0; i < r->cfg.n_addresses; i++) {
		size_t size, spare, reserve;

		if (!fits(asked, &r->cfg.addresses[i]))
			continue;
		*nowhere = false;
		size = media_pool_size(r->pools[i]);
		spare = media_pool_spare(r->pools[i]);
		reserve = emergency ? 0 : size * reserved_percent / 100;
		if (spare > reserve && spare > best_free) {
			best = r->pools[i];
			best_free = spare;
		}
	}
	return best;
}
