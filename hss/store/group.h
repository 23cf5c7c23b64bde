/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing transactions that several requests share, so that BEGIN, COMMIT and the locks are paid once for all of them.
 * For an engine with one connection, and with subscriptions in memory: the transaction stays open on the connection when
 * a request leaves it, the next one that writes joins it, and who finds that nobody else is under way commits it. What
 * the members have changed is held in memory until then, so nobody is answered out of it; whoever begins a transaction
 * of his own commits that of the group first. A member that has written and fails takes all others with him: they are
 * told that nothing was kept. While a thread is at work on one that can wait, another one that comes is left to it, so
 * that no thread sleeps until it gets the connection, and is waked for that.
 */
#ifndef HSS_STORE_GROUP_H
#define HSS_STORE_GROUP_H

#include "hss/store/store.h"

enum {
	GROUP_MAX = 32, /* members of one commit */
	/* That the first of them waits for others. If none comes then, it is three times as long, at most. */
	GROUP_WAIT_US = 1000,
};

/* In store_begin(), with the connection taken: is a group's transaction open on it? / Commit that, tell its members and
 * give the connection back. */
bool group_is_open(const struct transaction *tx);
void group_commit(struct transaction *tx);
/* In a transaction that was joined: is this subscription changed by another member? */
bool group_holds(const struct transaction *tx, int64_t id);
void group_free(struct store *store);

#endif
