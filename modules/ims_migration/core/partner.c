/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_migration/core/partner.h"

static struct slice next_word(struct slice *rest)
{
	*rest = slice_trim(*rest);
	return slice_cut(rest, ' ');
}

static bool overlaps(const struct netaddr_net *a, const struct netaddr_net *b)
{
	return netaddr_net_has(a, &b->base) || netaddr_net_has(b, &a->base);
}

static bool is_taken(const struct migration_partners *list, const struct netaddr_net *net)
{
	for (unsigned i = 0; i < list->n; i++)
		for (unsigned k = 0; k < list->partner[i].n_nets; k++)
			if (overlaps(&list->partner[i].net[k], net))
				return true;
	return false;
}

static bool is_host_name(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!(s.p[i] == '-' || s.p[i] == '.' || (s.p[i] >= '0' && s.p[i] <= '9') ||
		      ((s.p[i] | 0x20) >= 'a' && (s.p[i] | 0x20) <= 'z')))
			return false;
	return s.len > 0;
}

static int add_place(const struct migration_partners *list, struct migration_partner *p,
		     struct slice place)
{
	struct netaddr_net net;

	if (netaddr_net_parse(place, &net) == 0) {
		if (p->n_nets == MIGRATION_PARTNER_PLACES || is_taken(list, &net))
			return -1;
		p->net[p->n_nets++] = net;
		return 0;
	}
	if (p->n_hosts == MIGRATION_PARTNER_PLACES || !is_host_name(place) ||
	    migration_partner_of_host(list, place) >= 0 ||
	    slice_copy(place, p->host[p->n_hosts], MIGRATION_PLACE_MAX))
		return -1;
	p->n_hosts++;
	return 0;
}

int migration_partner_add(struct migration_partners *list, struct slice text)
{
	struct migration_partner *p = &list->partner[list->n];
	struct slice name = next_word(&text);

	if (list->n == MIGRATION_PARTNERS_MAX || name.len == 0 ||
	    migration_partner_named(list, name) >= 0)
		return -1;
	memset(p, 0, sizeof(*p));
	if (slice_copy(name, p->name, sizeof(p->name)))
		return -1;
	while ((text = slice_trim(text)).len)
		if (add_place(list, p, next_word(&text)))
			return -1;
	if (p->n_nets + p->n_hosts == 0)
		return -1;
	list->n++;
	return 0;
}

int migration_partner_named(const struct migration_partners *list, struct slice name)
{
	for (unsigned i = 0; i < list->n; i++)
		if (slice_eq(slice_str(list->partner[i].name), name))
			return (int)i;
	return -1;
}

int migration_partner_at(const struct migration_partners *list, const struct netaddr *address)
{
	for (unsigned i = 0; i < list->n; i++)
		for (unsigned k = 0; k < list->partner[i].n_nets; k++)
			if (netaddr_net_has(&list->partner[i].net[k], address))
				return (int)i;
	return -1;
}

int migration_partner_of_host(const struct migration_partners *list, struct slice host)
{
	struct netaddr address;

	if (netaddr_parse_host(host, &address) == 0)
		return migration_partner_at(list, &address);
	for (unsigned i = 0; i < list->n; i++)
		for (unsigned k = 0; k < list->partner[i].n_hosts; k++)
			if (slice_eq_nocase(slice_str(list->partner[i].host[k]), host))
				return (int)i;
	return -1;
}
