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

static int retire_pool(struct realms *r, struct media_pool *p)
{
	struct retired_pool *old = p ? calloc(1, sizeof(*old)) : NULL;

	if (!p)
		return MEDIA_OK;
	if (!old)
		return MEDIA_ENOMEM;
	old->pool = p;
	old->next = r->retired;
	r->retired = old;
	return MEDIA_OK;
}

static bool same_pools(const struct config_realm *a, const struct config_realm *b)
{
	return a->n_addresses == b->n_addresses && a->port_min == b->port_min &&
	       a->port_max == b->port_max && strcmp(a->device, b->device) == 0 &&
	       memcmp(a->addresses, b->addresses, sizeof(a->addresses)) == 0;
}

static int fill(struct realms *r, struct realm *x, const struct config_realm *cfg)
{
	struct media_pool *fresh[CONFIG_ADDRESSES_MAX] = {NULL};

	for (size_t i = 0; i < cfg->n_addresses; i++) {
		int rc = media_pool_new(&cfg->addresses[i], cfg->port_min, cfg->port_max,
					cfg->device[0] ? cfg->device : NULL, &fresh[i]);
		if (rc < 0) {
			while (i--)
				media_pool_free(fresh[i]);
			return rc;
		}
	}
	for (size_t i = 0; i < CONFIG_ADDRESSES_MAX; i++) {
		if (retire_pool(r, x->pools[i]) < 0)
			return MEDIA_ENOMEM;
		x->pools[i] = fresh[i];
	}
	return MEDIA_OK;
}

int realms_update(struct realms *r, const struct config *cfg)
{
	for (struct realm *x = r->list; x; x = x->next)
		x->retired = true;
	for (size_t i = 0; i < cfg->n_realms; i++) {
		const struct config_realm *c = &cfg->realms[i];
		struct realm *x = by_name(r, c->name);
		int rc = MEDIA_OK;

		if (!x) {
			x = calloc(1, sizeof(*x));
			if (!x)
				return MEDIA_ENOMEM;
			rc = fill(r, x, c);
			if (rc < 0) {
				free(x);
				return rc;
			}
			x->next = r->list;
			r->list = x;
		} else if (!same_pools(&x->cfg, c)) {
			rc = fill(r, x, c);
		}
		if (rc < 0)
			return rc;
		x->cfg = *c;
		x->retired = false;
	}
	realms_reap(r);
	return MEDIA_OK;
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
