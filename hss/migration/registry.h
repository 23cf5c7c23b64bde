/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The live bindings in memory, found by the private identity that a request names: that of who is here, or that by which a
 * partner knows who is away. Strangers choose the names that are looked up, so the hash has a key. Any thread may call.
 */
#ifndef HSS_MIGRATION_REGISTRY_H
#define HSS_MIGRATION_REGISTRY_H

#include "hss/migration/binding.h"

struct registry;

/* NULL without memory or random numbers. */
struct registry *registry_new(void);
void registry_free(struct registry *r);

/* It is as it is now: put, exchanged, or taken out where it is not live. Returns 0, or -1 without memory: then it is out. */
int registry_set(struct registry *r, const struct binding *b);

/* The live one, or false; *out has no reason and no asker. */
bool registry_here(const struct registry *r, struct slice impi, struct binding *out);
bool registry_away(const struct registry *r, const char *partner, struct slice impi,
		   struct binding *out);
size_t registry_count(const struct registry *r, enum binding_side side);
/* A number for an identity, which nobody can foresee; for tables of fixed size. */
uint64_t registry_hash(const struct registry *r, struct slice name);

/*
 * A partner's HSS was given a vector. Is that to be written down: another one than before, or a minute later? If so a gets how
 * often since it was written last; a->host, realm, server and last are given.
 */
bool registry_asked(struct registry *r, const struct binding *b, struct binding_asker *a,
		    bool resynced);

#endif
