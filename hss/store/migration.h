/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bindings of migrated users (hss/migration/binding.h) in their table, and what happened to each. Inside a transaction. */
#ifndef HSS_STORE_MIGRATION_H
#define HSS_STORE_MIGRATION_H

#include "hss/migration/binding.h"
#include "hss/store/store.h"

/* By its id, whatever its state. / The one that is not over yet of an inbound private identity / of the private identity that a
 * partner knows. Returns 0, STORE_ENOTFOUND, or another error. */
int store_migration(struct transaction *tx, const char *id, struct binding *out);
int store_migration_here(struct transaction *tx, struct slice impi, struct binding *out);
int store_migration_away(struct transaction *tx, const char *partner, struct slice impi,
			 struct binding *out);
/* Which are listed: those behind the id after (""), with this partner (NULL: any), over: also those that are over. */
struct migration_list {
	const char *after, *partner;
	bool over;
};
/* Those of the list, in the order of their ids, at most max. / Those whose time is over, and those that end. Returns their
 * number, or an error. */
int store_migrations(struct transaction *tx, const struct migration_list *list, struct binding *out,
		     size_t max);
int store_migrations_due(struct transaction *tx, int64_t now, struct binding *out, size_t max);
/* Keep a new one, or another life of one that is there. Returns 0, STORE_EEXIST (its identities are bound already), or another
 * error. */
int store_put_migration(struct transaction *tx, const struct binding *b);
/* Keep its state, reason and changed. */
int store_end_migration(struct transaction *tx, const struct binding *b);
/* Vectors were fetched with it: by whom, when last; mars and resyncs are added. */
int store_asked_migration(struct transaction *tx, const char *id, const struct binding_asker *a);
/* Forget those that have been over for longer than this time, and lines of the audit trail of before it. */
int store_forget_migrations(struct transaction *tx, int64_t before);

/* The audit trail: add a line; lend those behind n, at most max, to each(). No identity of a user stands in it. */
struct migration_audit {
	int64_t n, at;
	const char *event, *id, *partner, *actor, *detail;
};
int store_audit_migration(struct transaction *tx, const struct migration_audit *line);
typedef void (*store_audit_h)(const struct migration_audit *line, void *arg);
int store_migration_audit(struct transaction *tx, int64_t after, size_t max, store_audit_h each,
			  void *arg);

#endif
