/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The other systems, and the addresses from and to which their signalling goes. Pure. */
#ifndef IMS_MIGRATION_PARTNER_H
#define IMS_MIGRATION_PARTNER_H

#include "base/netaddr.h"

enum {
	MIGRATION_PARTNERS_MAX = 64,
	MIGRATION_PARTNER_PLACES = 16, /* addresses and hosts of one */
	MIGRATION_PLACE_MAX = 128
};

struct migration_partner {
	char name[MIGRATION_PLACE_MAX];
	unsigned n_nets, n_hosts;
	struct netaddr_net net[MIGRATION_PARTNER_PLACES];
	char host[MIGRATION_PARTNER_PLACES][MIGRATION_PLACE_MAX];
};

struct migration_partners {
	unsigned n;
	struct migration_partner partner[MIGRATION_PARTNERS_MAX];
};

/*
 * Add "NAME PLACE...": a place is an address, a network (192.0.2.0/24) or a host name. Returns 0, or -1: no place, the name or a
 * network is there already, or too many. One address belongs to one partner.
 */
int migration_partner_add(struct migration_partners *list, struct slice text);

/* Their number, or -1: none has this name, this address, or this host of a URI (a name or an address). */
int migration_partner_named(const struct migration_partners *list, struct slice name);
int migration_partner_at(const struct migration_partners *list, const struct netaddr *address);
int migration_partner_of_host(const struct migration_partners *list, struct slice host);

#endif
