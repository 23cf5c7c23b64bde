/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where subscriptions live. Everything happens inside a transaction; a transaction is one thread's at a time,
 * and several processes (ims-hss, hssctl) may work on one store. What is committed is seen by
 * everybody's next transaction, and by store_recall(). The SQL engine below is a struct db_engine (db.h).
 */
#ifndef HSS_STORE_H
#define HSS_STORE_H

#include <stdio.h>

#include "hss/cx/errand.h"
#include "hss/sh/sh.h"
#include "hss/subscription/bearer.h"
#include "hss/subscription/repository.h"

enum store_err {
	STORE_OK = 0,
	STORE_ENOTFOUND = -1,
	STORE_EEXIST = -2, /* an identity of the subscription belongs to another one */
	STORE_EBUSY = -3,  /* another process holds the store too long */
	STORE_EIO = -4,	   /* the backend failed; store_error() says how */
	STORE_EURL = -5,   /* no such backend, or malformed */
	STORE_EVERSION = -6,
	STORE_EWILDCARDS = -8, /* too many begin alike: WILDCARDS_ALIKE_MAX */
	STORE_ESEAL = -7,      /* a key cannot be opened: wrong tag, or no such master key */
	STORE_EAWAY =
	    -9, /* the server cannot be reached; of a commit: whether it came to be is not known */
	STORE_EAGAIN = -10, /* the transaction crossed another one: the same again may succeed */
	STORE_ENOSET = -11, /* a shared set of criteria that is named is not there */
	STORE_EINUSE = -12, /* a shared set of criteria is used by subscriptions */
};

const char *store_strerror(int err);

struct store;
struct transaction;
struct subscription;

enum {
	STORE_BUSY_MS = 2000
}; /* that a transaction waits for others; a CSCF gives up after about five seconds */

/*
 * Open "sqlite:/path/file" (made if absent, readable by its owner only), or the base of a server,
 * "postgresql://user@host/base" or "postgresql:" with a connection string of libpq. Returns 0 and a store for
 * store_close(), or an error with a text in why, in which there is no password.
 */
int store_open(const char *url, struct store **out, char *why, size_t size);
/*
 * The same with the subscribers' keys sealed under the master key that master_key names (master_key.h); "" has
 * none. STORE_ESEAL where it lacks one that rows need, which store_open() says, too.
 */
int store_open_sealed(const char *url, const char *master_key, struct store **out, char *why,
		      size_t size);
void store_close(struct store *store);
/* Could that be a store? Returns 0, or STORE_EURL with a sentence in why. Nothing is opened. */
int store_check_url(const char *url, char *why, size_t size);
/* Is it a server's, which other ims-hss may use, too? */
bool store_is_shared(const struct store *store);
/* Have heard() called, on a thread of the store, when another process leaves work in a shared store (errands, changed
 * data, forwarded requests). It may be called without a reason. */
void store_on_news(struct store *store, void (*heard)(void *arg), void *arg);
/* The engine's last words, for a log line. Valid until the transaction's next call. */
const char *store_error(struct transaction *tx);

/*
 * Keep subscriptions in memory, in so many octets at most (0: none). Only for stores that can tell at once whether
 * another process has committed; for others nothing changes. Before there is a second thread. Returns 0 or STORE_EIO.
 */
int store_remember(struct store *store, size_t octets);
/*
 * Load the next of those behind *after into memory, at most max; *after moves on. Returns how many there were, 0 at the
 * end or when memory is full, or an error.
 */
int store_remember_more(struct store *store, int64_t *after, size_t max);
struct memory_figures {
	uint64_t subscriptions, octets;
	uint64_t forgotten; /* how often all were, because another process had committed */
};
/* Returns whether this store keeps any; else all figures are 0. */
bool store_in_memory(struct store *store, struct memory_figures *out);

/*
 * Begin, writing or only reading. Waits STORE_BUSY_MS at most for the other process that writes, and while others have
 * all connections to a server; for the one to a file as long as they have it. After 0 exactly one of commit and rollback follows. Commit that fails has rolled back.
 */
int store_begin(struct store *store, bool write, struct transaction **out);
int store_commit(struct transaction *tx);
void store_rollback(struct transaction *tx);
/*
 * A transaction that is begun again, up to three times, when it crossed another one or lost its connection before it
 * was committed. body() returns 0 to commit, STORE_NO_CHANGE to roll back, or an error; it must be fit to be called
 * again. Returns 0 (for both), or the error.
 */
enum { STORE_NO_CHANGE = 1 };
int store_transact(struct store *store, bool write, int (*body)(struct transaction *tx, void *arg),
		   void *arg);
/* The one of them that err asks for: 0 commits, anything else rolls back. Returns err, or commit's. */
int store_end(struct transaction *tx, int err);

/*
 * Transactions that requests share (group.h). Begin to: under_way says how many requests there are, answered or not, and
 * while there are others than those of the transaction it is left open for them, GROUP_WAIT_US at most. For a store
 * without memory nothing changes. Returns 0 or an errno value. / End that: what is open is committed, and from now on
 * each commits for himself. The threads that do so must not wait for who is told of it.
 */
int store_group_start(struct store *store, unsigned int (*under_way)(void));
void store_group_stop(struct store *store);
/* Who waits for a commit that he shares. kept(arg, err) is called once, on any thread, perhaps before store_leave() has
 * returned; the store is free then. */
struct store_waiter {
	void (*kept)(void *arg, int err);
	void *arg;
};
/*
 * As store_begin() for writing; store_leave() must follow, with what body() of store_transact() returns. Returns what
 * store_end() would, 0 for STORE_NO_CHANGE; or STORE_LATER: it is committed when w is told so. Without w it is committed
 * now. After an error that follows a change the whole transaction is rolled back.
 */
enum { STORE_LATER = 2 };
int store_join(struct store *store, struct transaction **out);
int store_leave(struct transaction *tx, int err, const struct store_waiter *w);
/* store_transact() for writing, so. With w the body may be left to another thread: then STORE_LATER is returned before it has
 * run. */
int store_transact_joined(struct store *store, int (*body)(struct transaction *tx, void *arg),
			  void *arg, const struct store_waiter *w);
/* Has this transaction left anything that application servers or S-CSCFs are to be told? True also where that is not
 * known. */
bool store_left_work(struct transaction *tx);

/* The subscription that an identity belongs to. Returns 0 or STORE_ENOTFOUND, STORE_EIO. */
int store_find_impi(struct transaction *tx, struct slice impi, int64_t *id);
int store_find_impu(struct transaction *tx, struct slice impu, int64_t *id);
/*
 * The same for one that may match a wildcard, which counts where nobody has it by its own name: found gets the name
 * under which it is kept, its own or the wildcard's. Of several that match the longest in front of the pattern.
 */
int store_find_public(struct transaction *tx, const char *identity, char found[IDENTITY_SIZE],
		      int64_t *id);
/* By the digits of an MSISDN; the first, if several have it. */
int store_find_msisdn(struct transaction *tx, struct slice msisdn, int64_t *id);
/* Load it whole into sub. Returns 0 or STORE_ENOTFOUND, STORE_EIO. */
int store_load(struct transaction *tx, int64_t id, struct subscription *sub);
/* What of it is not read where nobody asks for it. */
enum store_parts {
	STORE_IFCS = 1,
	STORE_CAPABILITIES = 2,
	STORE_VISITED = 4,
	STORE_KEYS = 8,
	STORE_ALL = STORE_IFCS | STORE_CAPABILITIES | STORE_VISITED | STORE_KEYS,
};
/* The same without the parts that are not named: only for reading, never for store_put(). */
int store_load_parts(struct transaction *tx, int64_t id, unsigned int parts,
		     struct subscription *sub);

/*
 * The same without a transaction, out of memory, of who has this private identity, or else this public one. Returns 0, if
 * that is what the newest commit has; or STORE_ENOTFOUND: that can be said only in a transaction. / In a transaction: is
 * that so still? Then it is held until the end.
 */
int store_recall(struct store *store, struct slice impi, const char *impu, unsigned int parts,
		 struct subscription *sub);
/* Sequence numbers of sub were handed out that had been set aside: note it in memory, if that is so still; else
 * STORE_EAGAIN. / The same in a transaction. */
int store_note_numbers(struct store *store, const struct subscription *sub);
void store_note_numbers_in(struct transaction *tx, const struct subscription *sub);
bool store_hold(struct transaction *tx, const struct subscription *sub);

/* Keep the assigned S-CSCF and the registration of sub's identities / the sequence numbers of its
 * private identities. */
int store_save_state(struct transaction *tx, const struct subscription *sub);
int store_save_sqn(struct transaction *tx, const struct subscription *sub);
/* Keep what application servers have switched: which DSAIs are off for sub's identities, and which services. */
int store_save_switches(struct transaction *tx, const struct subscription *sub);

/*
 * Restoration information of S-CSCFs. Load that of sub->id into sub->restorations. / Keep one in the place of
 * that with its names; empty: none. It goes by itself when its registration ends.
 */
int store_load_restorations(struct transaction *tx, struct subscription *sub);
int store_put_restoration(struct transaction *tx, int64_t sub, struct slice impi, const char *owner,
			  struct slice octets);

/*
 * Errands to S-CSCFs. Keep one; a PPR takes the place of the one before for its private identity. / The first
 * whose time has come, or STORE_ENOTFOUND. / It was tried, and is due again then. / It is over.
 */
int store_put_errand(struct transaction *tx, const struct cx_errand *errand);
int store_due_errand(struct transaction *tx, int64_t now, struct cx_errand *out);
int store_retry_errand(struct transaction *tx, int64_t id, int64_t at);
int store_end_errand(struct transaction *tx, int64_t id);

/* Write it whole, state included; sub->id 0 makes a new one and sets the id. Returns 0 or
 * STORE_EEXIST, STORE_EIO. */
int store_put(struct transaction *tx, struct subscription *sub);
int store_remove(struct transaction *tx, int64_t id);

/*
 * Shared sets of filter criteria. A set has one criterion at least; it is handed about as a subscription that has
 * nothing but ifcs, in profile 0. Load one into out: 0, or STORE_ENOTFOUND. / Put it in the place of what was there;
 * without criteria: take it away, or STORE_EINUSE.
 */
int store_shared_set(struct transaction *tx, uint32_t set, struct subscription *out);
int store_put_shared_set(struct transaction *tx, uint32_t set, const struct subscription *criteria);
/* Lend the numbers of the sets above after (-1: all), at most max, and how many criteria each has. Returns how many sets. */
typedef void (*store_set_h)(uint32_t set, uint32_t criteria, void *arg);
int store_shared_sets(struct transaction *tx, int64_t after, size_t max, store_set_h each,
		      void *arg);
/* Subscriptions that use it, with ids greater than after, ascending, at most max. Returns their number or an error. */
int store_shared_users(struct transaction *tx, uint32_t set, int64_t after, int64_t *ids,
		       size_t max);
/*
 * Fetch the criteria of the sets that sub->shared names into sub->borrowed; store_load() and store_put() do so
 * themselves. known: of a set that it knows it lends the criteria, and the table is not asked; NULL: none are known.
 * Returns 0, STORE_ENOSET or STORE_EIO.
 */
struct shared_known {
	const struct ifc *(*criteria)(void *arg, uint32_t set, size_t *n);
	void *arg;
};
int store_resolve_shared(struct transaction *tx, struct subscription *sub,
			 const struct shared_known *known);

/* Ids greater than after, ascending, at most max. Returns their number or an error. */
int store_list(struct transaction *tx, int64_t after, int64_t *ids, size_t max);

struct store_totals {
	uint64_t subscriptions, impis, impus, registered, unregistered;
};
int store_totals(struct transaction *tx, struct store_totals *out);
/* The same in a transaction of its own. */
int store_totals_now(struct store *store, struct store_totals *out);

/* Lend how many private identities are sealed under each master key, "" for those that are not, and whether
 * it is the one that seals now. */
typedef void (*store_seal_h)(const char *id, uint64_t impis, bool current, void *arg);
int store_seals(struct transaction *tx, store_seal_h each, void *arg);
/* Read the master keys again, in a transaction. Returns 0, or an error with why, and those that were read before count. */
int store_reload_keys(struct transaction *tx, char *why, size_t size);

/* How far a rotation is. */
struct store_reseal {
	char after[IDENTITY_SIZE]; /* the last private identity that was looked at; "" at first */
	uint64_t sealed;	   /* anew */
	uint64_t broken;	   /* that cannot be opened; the last of them: */
	char broken_impi[IDENTITY_SIZE];
};
/*
 * In a writing transaction: open the next some private identities behind at->after, and seal those anew that are
 * not under the master key that seals now. Returns how many were looked at, 0 at the end, or an error.
 */
int store_reseal(struct transaction *tx, struct store_reseal *at);
/* Outside a transaction: write the whole store anew, so that nothing of what was deleted or overwritten is left
 * in its files. Holds the store meanwhile. */
int store_scrub(struct store *store);

/* Sh: what an application server (its Diameter identity) may do with each Data-Reference. allowed gets
 * bits of enum sh_operation. */
int store_allowed(struct transaction *tx, struct slice as, unsigned int allowed[SH_REFERENCES]);
/* Set it for one reference; operations 0 takes it all away. */
int store_allow(struct transaction *tx, const char *as, uint32_t reference,
		unsigned int operations);
/* All that was granted, by name and reference. */
typedef void (*store_permission_h)(const char *as, uint32_t reference, unsigned int operations,
				   void *arg);
int store_permissions(struct transaction *tx, store_permission_h each, void *arg);

/* Repository data of a subscription, under its owner's name (repository_owner()). Returns 0 and data
 * for repository_free(), or STORE_ENOTFOUND, STORE_EIO. */
int store_repository(struct transaction *tx, int64_t sub, const char *owner, struct slice service,
		     struct repository *out);
/* Each of an owner; the record is only lent. */
typedef void (*store_repository_h)(const struct repository *r, void *arg);
int store_repositories(struct transaction *tx, int64_t sub, const char *owner,
		       store_repository_h each, void *arg);
/* How many an owner has. Returns 0 or an error. */
int store_count_repositories(struct transaction *tx, int64_t sub, const char *owner, uint64_t *n);
/* Write one (data is not NULL), in the place of that of its service. / Remove one. */
int store_put_repository(struct transaction *tx, int64_t sub, const char *owner,
			 const struct repository *r);
int store_remove_repository(struct transaction *tx, int64_t sub, const char *owner,
			    const char *service);

/* Subscriptions of application servers. Begin one (s->sent: what the subscriber knows), or renew it / end
 * the one with these keys, if there is one. */
int store_subscribe(struct transaction *tx, const struct sh_subscription *s);
int store_unsubscribe(struct transaction *tx, const struct sh_subscription *s);
/* How many there are for a subscriber's subscription, of one application server and of all, and altogether. */
int store_count_subscriptions(struct transaction *tx, int64_t sub, const char *host,
			      struct sh_counts *out);
/* Those of a subscriber's subscription (0: of all) with ids greater than after, ascending, at most max.
 * Returns their number or an error. */
int store_subscriptions(struct transaction *tx, int64_t sub, int64_t after,
			struct sh_subscription *out, size_t max);
/* Subscriptions whose data may have changed, or have an open notification whose time has come. Returns
 * their number or an error. / They have been looked at. */
int store_due(struct transaction *tx, int64_t now, int64_t *subs, size_t max);
int store_settle(struct transaction *tx, int64_t sub);
/* The data of a subscriber may be others than were told. / Subscribers' subscriptions above after, ascending, at most max,
 * that have repository data or are subscribed to. Returns their number or an error. */
int store_look_again(struct transaction *tx, int64_t sub);
int store_sh_subs(struct transaction *tx, int64_t after, int64_t *subs, size_t max);
/* End those whose time is over / one / all of an application server for a user. */
int store_expire(struct transaction *tx, int64_t now);
int store_end_subscription(struct transaction *tx, int64_t id);
int store_end_subscriptions(struct transaction *tx, const char *host, const char *user);
/* Keep sent, retry_at, tries and sub. */
int store_save_subscription(struct transaction *tx, const struct sh_subscription *s);
/* What an application server has not acknowledged is due at that time. */
int store_retry_at(struct transaction *tx, const char *host, int64_t time);

/*
 * Users of other subscriber bases, by redirect_key(). Whose one is. / Keep one; host NULL: none any more. / Lend
 * all to each().
 */
int store_redirect(struct transaction *tx, const char *key, char host[IDENTITY_SIZE]);
int store_put_redirect(struct transaction *tx, const char *key, const char *host);
typedef void (*store_redirect_h)(const char *key, const char *host, void *arg);
int store_redirects(struct transaction *tx, store_redirect_h each, void *arg);

/* That of an identity or of its whole domain. Returns 0, STORE_ENOTFOUND, or another error. */
int store_redirect_of(struct transaction *tx, struct slice identity, char host[IDENTITY_SIZE]);

/* The private identity that may be authenticated by the address of this IMSI's bearer, and its subscription. Returns 0,
 * STORE_ENOTFOUND, or another error. */
int store_giba_user(struct transaction *tx, const char *imsi, char impi[IDENTITY_SIZE],
		    int64_t *id);
/* The bearer of an IMSI / whose address lies in a network (bearer_network()) / one that is dead, dead ones are found by the
 * others, too. Returns 0, STORE_ENOTFOUND, or another error. */
int store_bearer(struct transaction *tx, const char *imsi, struct bearer *out);
int store_bearer_at(struct transaction *tx, const char *network, struct bearer *out);
int store_dead_bearer(struct transaction *tx, int64_t now, struct bearer *out);
/* Keep it in the place of the IMSI's other one; STORE_EEXIST: another's lies in its network. / It was used. / It is over. */
int store_put_bearer(struct transaction *tx, const struct bearer *b);
int store_use_bearer(struct transaction *tx, const char *imsi);
int store_end_bearer(struct transaction *tx, const char *imsi);
/* Lend each() those that live, by IMSI, behind after, at most max. Returns their number, or an error. */
typedef void (*store_bearer_h)(const struct bearer *b, void *arg);
int store_bearers(struct transaction *tx, const char *after, int64_t now, size_t max,
		  store_bearer_h each, void *arg);

#endif
