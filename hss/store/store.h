/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where subscriptions live. Everything happens inside a transaction; a transaction is one thread's,
 * and several processes (ims-hss, hssctl) may work on one store. What is committed is seen by
 * everybody's next transaction: there is no cache. A backend is one struct store_ops.
 */
#ifndef HSS_STORE_H
#define HSS_STORE_H

#include <stdio.h>

#include "hss/cx/errand.h"
#include "hss/sh/sh.h"
#include "hss/subscription/repository.h"

enum store_err {
	STORE_OK = 0,
	STORE_ENOTFOUND = -1,
	STORE_EEXIST = -2, /* an identity of the subscription belongs to another one */
	STORE_EBUSY = -3,  /* another process holds the store too long */
	STORE_EIO = -4,	   /* the backend failed; store_error() says how */
	STORE_EURL = -5,   /* no such backend, or malformed */
	STORE_EVERSION = -6,
	STORE_ESEAL = -7, /* a key cannot be opened: wrong tag, or no such master key */
};

const char *store_strerror(int err);

struct store;
struct subscription;

/*
 * Open "sqlite:/path/file" (made if absent, readable by its owner only). Returns 0 and a store for
 * store_close(), or an error with a text in why.
 */
int store_open(const char *url, struct store **out, char *why, size_t size);
/*
 * The same with the subscribers' keys sealed under the master key that master_key names (master_key.h); "" has
 * none. STORE_ESEAL where it lacks one that rows need, which store_open() says, too.
 */
int store_open_sealed(const char *url, const char *master_key, struct store **out, char *why,
		      size_t size);
void store_close(struct store *store);
/* The backend's last words, for a log line. Valid until the store's next call; call it inside the
 * transaction. */
const char *store_error(struct store *store);

/*
 * Begin, writing or only reading; blocks while another thread has a transaction. After 0 exactly
 * one of commit and rollback follows. Commit that fails has rolled back.
 */
int store_begin(struct store *store, bool write);
int store_commit(struct store *store);
void store_rollback(struct store *store);
/* The one of them that err asks for: 0 commits, anything else rolls back. Returns err, or commit's. */
int store_end(struct store *store, int err);

/* The subscription that an identity belongs to. Returns 0 or STORE_ENOTFOUND, STORE_EIO. */
int store_find_impi(struct store *store, struct slice impi, int64_t *id);
int store_find_impu(struct store *store, struct slice impu, int64_t *id);
/* By the digits of an MSISDN; the first, if several have it. */
int store_find_msisdn(struct store *store, struct slice msisdn, int64_t *id);
/* Load it whole into sub. Returns 0 or STORE_ENOTFOUND, STORE_EIO. */
int store_load(struct store *store, int64_t id, struct subscription *sub);

/* Keep the assigned S-CSCF and the registration of sub's identities / the sequence numbers of its
 * private identities. */
int store_save_state(struct store *store, const struct subscription *sub);
int store_save_sqn(struct store *store, const struct subscription *sub);

/*
 * Restoration information of S-CSCFs. Load that of sub->id into sub->restorations. / Keep one in the place of
 * that with its names; empty: none. It goes by itself when its registration ends.
 */
int store_load_restorations(struct store *store, struct subscription *sub);
int store_put_restoration(struct store *store, int64_t sub, struct slice impi, const char *owner,
			  struct slice octets);

/*
 * Errands to S-CSCFs. Keep one; a PPR takes the place of the one before for its private identity. / The first
 * whose time has come, or STORE_ENOTFOUND. / It was tried, and is due again then. / It is over.
 */
int store_put_errand(struct store *store, const struct cx_errand *errand);
int store_due_errand(struct store *store, int64_t now, struct cx_errand *out);
int store_retry_errand(struct store *store, int64_t id, int64_t at);
int store_end_errand(struct store *store, int64_t id);

/* Write it whole, state included; sub->id 0 makes a new one and sets the id. Returns 0 or
 * STORE_EEXIST, STORE_EIO. */
int store_put(struct store *store, struct subscription *sub);
int store_remove(struct store *store, int64_t id);

/* Ids greater than after, ascending, at most max. Returns their number or an error. */
int store_list(struct store *store, int64_t after, int64_t *ids, size_t max);

struct store_totals {
	uint64_t subscriptions, impis, impus, registered, unregistered;
};
int store_totals(struct store *store, struct store_totals *out);

/* Lend how many private identities are sealed under each master key, "" for those that are not, and whether
 * it is the one that seals now. */
typedef void (*store_seal_h)(const char *id, uint64_t impis, bool current, void *arg);
int store_seals(struct store *store, store_seal_h each, void *arg);
/* Read the master keys again. Returns 0, or an error with why, and those that were read before count. */
int store_reload_keys(struct store *store, char *why, size_t size);

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
int store_reseal(struct store *store, struct store_reseal *at);
/* Outside a transaction: write the whole store anew, so that nothing of what was deleted or overwritten is left
 * in its files. Holds the store meanwhile. */
int store_scrub(struct store *store);

/* Sh: what an application server (its Diameter identity) may do with each Data-Reference. allowed gets
 * bits of enum sh_operation. */
int store_allowed(struct store *store, struct slice as, unsigned int allowed[SH_REFERENCES]);
/* Set it for one reference; operations 0 takes it all away. */
int store_allow(struct store *store, const char *as, uint32_t reference, unsigned int operations);
/* All that was granted, by name and reference. */
typedef void (*store_permission_h)(const char *as, uint32_t reference, unsigned int operations,
				   void *arg);
int store_permissions(struct store *store, store_permission_h each, void *arg);

/* Repository data of a subscription, under its owner's name (repository_owner()). Returns 0 and data
 * for repository_free(), or STORE_ENOTFOUND, STORE_EIO. */
int store_repository(struct store *store, int64_t sub, const char *owner, struct slice service,
		     struct repository *out);
/* Each of an owner; the record is only lent. */
typedef void (*store_repository_h)(const struct repository *r, void *arg);
int store_repositories(struct store *store, int64_t sub, const char *owner, store_repository_h each,
		       void *arg);
/* Write one (data is not NULL), in the place of that of its service. / Remove one. */
int store_put_repository(struct store *store, int64_t sub, const char *owner,
			 const struct repository *r);
int store_remove_repository(struct store *store, int64_t sub, const char *owner,
			    const char *service);

/* Subscriptions of application servers. Begin one (s->sent: what the subscriber knows), or renew it / end
 * the one with these keys, if there is one. */
int store_subscribe(struct store *store, const struct sh_subscription *s);
int store_unsubscribe(struct store *store, const struct sh_subscription *s);
/* How many there are for a subscriber's subscription, and altogether. */
int store_count_subscriptions(struct store *store, int64_t sub, uint64_t *of_user, uint64_t *all);
/* Those of a subscriber's subscription (0: of all) with ids greater than after, ascending, at most max.
 * Returns their number or an error. */
int store_subscriptions(struct store *store, int64_t sub, int64_t after,
			struct sh_subscription *out, size_t max);
/* Subscriptions whose data may have changed, or have an open notification whose time has come. Returns
 * their number or an error. / They have been looked at. */
int store_due(struct store *store, int64_t now, int64_t *subs, size_t max);
int store_settle(struct store *store, int64_t sub);
/* End those whose time is over / one / all of an application server for a user. */
int store_expire(struct store *store, int64_t now);
int store_end_subscription(struct store *store, int64_t id);
int store_end_subscriptions(struct store *store, const char *host, const char *user);
/* Keep sent, retry_at, tries and sub. */
int store_save_subscription(struct store *store, const struct sh_subscription *s);
/* What an application server has not acknowledged is due at that time. */
int store_retry_at(struct store *store, const char *host, int64_t time);

/*
 * Users of other subscriber bases, by redirect_key(). Whose one is. / Keep one; host NULL: none any more. / Lend
 * all to each().
 */
int store_redirect(struct store *store, const char *key, char host[IDENTITY_SIZE]);
int store_put_redirect(struct store *store, const char *key, const char *host);
typedef void (*store_redirect_h)(const char *key, const char *host, void *arg);
int store_redirects(struct store *store, store_redirect_h each, void *arg);

/* That of an identity or of its whole domain. Returns 0, STORE_ENOTFOUND, or another error. */
int store_redirect_of(struct store *store, struct slice identity, char host[IDENTITY_SIZE]);

struct store_ops {
	void (*close)(struct store *);
	const char *(*error)(struct store *);
	int (*begin)(struct store *, bool write);
	int (*commit)(struct store *);
	void (*rollback)(struct store *);
	int (*find_impi)(struct store *, struct slice, int64_t *);
	int (*find_impu)(struct store *, struct slice, int64_t *);
	int (*load)(struct store *, int64_t, struct subscription *);
	int (*save_state)(struct store *, const struct subscription *);
	int (*save_sqn)(struct store *, const struct subscription *);
	int (*load_restorations)(struct store *, struct subscription *);
	int (*put_restoration)(struct store *, int64_t, struct slice, const char *, struct slice);
	int (*put_errand)(struct store *, const struct cx_errand *);
	int (*due_errand)(struct store *, int64_t, struct cx_errand *);
	int (*retry_errand)(struct store *, int64_t, int64_t);
	int (*end_errand)(struct store *, int64_t);
	int (*redirect)(struct store *, const char *, char[IDENTITY_SIZE]);
	int (*put_redirect)(struct store *, const char *, const char *);
	int (*redirects)(struct store *, store_redirect_h, void *);
	int (*put)(struct store *, struct subscription *);
	int (*remove)(struct store *, int64_t);
	int (*list)(struct store *, int64_t, int64_t *, size_t);
	int (*totals)(struct store *, struct store_totals *);
	int (*find_msisdn)(struct store *, struct slice, int64_t *);
	int (*seals)(struct store *, store_seal_h, void *);
	int (*reload_keys)(struct store *, char *, size_t);
	int (*reseal)(struct store *, struct store_reseal *);
	int (*scrub)(struct store *);
	int (*allowed)(struct store *, struct slice, unsigned int[SH_REFERENCES]);
	int (*allow)(struct store *, const char *, uint32_t, unsigned int);
	int (*permissions)(struct store *, store_permission_h, void *);
	int (*repository)(struct store *, int64_t, const char *, struct slice, struct repository *);
	int (*repositories)(struct store *, int64_t, const char *, store_repository_h, void *);
	int (*put_repository)(struct store *, int64_t, const char *, const struct repository *);
	int (*remove_repository)(struct store *, int64_t, const char *, const char *);
	int (*subscribe)(struct store *, const struct sh_subscription *);
	int (*unsubscribe)(struct store *, const struct sh_subscription *);
	int (*count_subscriptions)(struct store *, int64_t, uint64_t *, uint64_t *);
	int (*subscriptions)(struct store *, int64_t, int64_t, struct sh_subscription *, size_t);
	int (*due)(struct store *, int64_t, int64_t *, size_t);
	int (*settle)(struct store *, int64_t);
	int (*expire)(struct store *, int64_t);
	int (*end_subscription)(struct store *, int64_t);
	int (*end_subscriptions)(struct store *, const char *, const char *);
	int (*save_subscription)(struct store *, const struct sh_subscription *);
	int (*retry_at)(struct store *, const char *, int64_t);
};

/* First member of each backend's own struct. */
struct store {
	const struct store_ops *ops;
};

int store_sqlite_open(const char *path, const char *master_key, struct store **out, char *why,
		      size_t size);

#endif
