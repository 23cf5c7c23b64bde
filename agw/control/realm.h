/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IP realms: names, addresses, port pools. */
#ifndef AGW_CONTROL_REALM_H
#define AGW_CONTROL_REALM_H

#include "agw/control/config.h"
#include "agw/control/quality.h"
#include "agw/media/media.h"

struct realm {
	struct realm *next;
	struct config_realm cfg;
	struct media_pool *pools[CONFIG_ADDRESSES_MAX];
	bool retired; /* no longer in the configuration: serves what it has, takes nothing new */
	unsigned terminations;	/* that point here */
	struct quality quality; /* of its RTP streams that have ended */
};

/* Pools kept until their last port is back, after a reload replaced them. */
struct retired_pool {
	struct retired_pool *next;
	struct media_pool *pool;
};

struct realms {
	struct realm *list;
	struct retired_pool *retired;
};

/* Make the list what the configuration says; calls in progress keep their ports. 0, or a
 * media_error and nothing has changed. */
int realms_update(struct realms *r, const struct config *cfg);
void realms_free(struct realms *r); /* after the media engine is gone */
/* Try a socket on each address and warn in the log where there can be none: calls there would fail
 * one by one. The address may yet come. */
void realms_try(const struct realms *r);
void realms_reap(struct realms *r); /* free what is retired and without ports in use */

/* By ipdc/realm value, then by name. NULL if there is none in service. */
struct realm *realm_find(const struct realms *r, struct slice name);

/* Ports of the i-th address' range that are taken, whoever has taken them: also calls that go on
 * with ports of a range that a reload has replaced. */
size_t realm_ports_used(const struct realm *r, size_t i);

/*
 * A pool of the realm for what is asked: an address, a family with an address that is
 * all zero, or family 0 for any; the emptiest first. Unless emergency, one that is full up to its reserve is not given. NULL if there
 * is none; *nowhere tells that the realm has no such address.
 */
struct media_pool *realm_pool(const struct realm *r, const struct netaddr *asked, bool emergency,
			      uint32_t reserved_percent, bool *nowhere);

#endif
