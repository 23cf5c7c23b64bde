/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bindings of migrated users made and ended: in the store first, with a line of the audit trail in the same transaction, then in
 * the registry. Where several ims-hss share a store another one may have changed it: there each request asks the store.
 */
#ifndef HSS_MIGRATION_MANAGE_H
#define HSS_MIGRATION_MANAGE_H

#include <pthread.h>

#include "hss/migration/registry.h"
#include "hss/store/migration.h"

enum { MIGRATION_PIECE = 32, MIGRATION_KEEP_S = 90 * 86400, MIGRATION_WHY_SIZE = 256 };
enum {
	MIGRATION_OVER = -110, /* it has ended, and does not live again */
	MIGRATION_CONFLICT =
	    -111, /* the same id with another content, or identities that another one has */
};

struct migration {
	struct store *store;
	const struct config *cfg;
	struct registry *registry;
	pthread_mutex_t
	    changing; /* held from the transaction of a change until the registry has it */
};

/* Read what is live. Returns 0, or -1 with why. store and cfg must outlive it. */
int migration_open(struct migration *m, struct store *store, const struct config *cfg, char *why,
		   size_t size);
void migration_close(struct migration *m);

/*
 * Bind (*b as the configuration management server wants it; its state is set): who is here gets a subscription of his own,
 * and who is away must be ours. The same again is fine, and may live longer or shorter. Returns 0, PROVISION_REFUSED,
 * MIGRATION_OVER, MIGRATION_CONFLICT, or an error of the store, with why. *made: it is new.
 */
int migration_put(struct migration *m, struct binding *b, const char *actor, int64_t now,
		  bool *made, char *why, size_t size);

/* Which are to be ended; a NULL is each. */
struct migration_selection {
	const char *id, *partner;
};
/*
 * From now on no vector goes out for these: who is away is over, who is here ends, and is left to be deregistered. An id that is
 * not known is over from now on, so that a binding that comes late is not made. Those that end are lent to each(), also
 * those that ended before. Returns how many were live, or an error.
 */
typedef void (*migration_ending_h)(const struct binding *b, void *arg);
int migration_end(struct migration *m, const struct migration_selection *which, const char *actor,
		  const char *reason, int64_t now, migration_ending_h each, void *arg);
/* Those over their time end, and what was left over before is lent again, at most MIGRATION_PIECE. Returns how many were lent, or an
 * error. */
int migration_expire(struct migration *m, int64_t now, migration_ending_h each, void *arg);
/* What has been over for MIGRATION_KEEP_S is forgotten, and so are lines of the audit trail. Now and then. */
void migration_forget(struct migration *m, int64_t now);
/* Who was here is deregistered, and his subscription gone. */
int migration_ended(struct migration *m, const char *id, const char *detail, int64_t now);

/* The live binding of an inbound private identity / of one that a partner knows. Returns 0, STORE_ENOTFOUND, or another
 * error. */
int migration_here(const struct migration *m, struct slice impi, struct binding *out);
int migration_away(const struct migration *m, const char *partner, struct slice impi,
		   struct binding *out);
/* Is it an identity of inbound_domain, which nobody but partners' users has? */
bool migration_is_inbound(const struct migration *m, struct slice impi);

/* A vector for b went to a->host: written down if that is of interest, with first line in the audit trail. */
void migration_asked(struct migration *m, const struct binding *b, struct binding_asker *a,
		     bool resynced);

#endif
