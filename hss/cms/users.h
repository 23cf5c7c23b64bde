/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an operator says of users, agreements and the pool; each call one transaction. */
#ifndef HSS_CMS_USERS_H
#define HSS_CMS_USERS_H

#include "hss/cms/grant.h"

/* Add or replace a user of ours. outbound: 1 hide his identities, 0 do not, -1 as the partner's section says. Returns 0, or -1 with
 * why. */
int user_set(struct cms *cms, const char *mc_id, const struct names *names, const char *services,
	     int outbound, int64_t now, char *why, size_t size);
/* Remove him, his agreements, and end his migrations. Returns 0, or -1: there is none, or the store cannot be used. */
int user_remove(struct cms *cms, const char *mc_id, int64_t now);
/* Our user may (or may no longer) go to the partner, or to any: "*". What lives there ends with the agreement. Returns 0, or
 * -1 with why. */
int agreement_set(struct cms *cms, const char *mc_id, const char *partner, bool on, int64_t now,
		  char *why, size_t size);
/* A partner's user may (or may no longer) come here; likewise. */
int admission_set(struct cms *cms, const char *partner, const char *mc_id, bool on, int64_t now,
		  char *why, size_t size);
/* Take back a bar; "*" as it was set. Returns 0, or -1: there is none. */
int bar_remove(struct cms *cms, const char *mc_id, const char *partner, int64_t now);
/* Identities for the pool; kind is "inbound" or "outbound". Returns 0, or -1 with why. */
int pool_add(struct cms *cms, const char *kind, const struct names *names, char *why, size_t size);
/* Free ones of a kind. */
int64_t pool_free(struct cms *cms, const char *kind);

#endif
