/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/store/store.h"

#include "hss/cx/redirect.h"

const char *store_strerror(int err)
{
	switch (err) {
	case STORE_OK:
		return "no error";
	case STORE_ENOTFOUND:
		return "not found";
	case STORE_EEXIST:
		return "an identity belongs to another subscription already";
	case STORE_EBUSY:
		return "another process holds the store";
	case STORE_EIO:
		return "the store failed";
	case STORE_EURL:
		return "no such kind of store";
	case STORE_EVERSION:
		return "the store was made by a newer version";
	case STORE_ESEAL:
		return "a key cannot be opened: it was changed, or its master key is not there";
	}
	return "unknown error";
}

int store_open(const char *url, struct store **out, char *why, size_t size)
{
	return store_open_sealed(url, "", out, why, size);
}

int store_open_sealed(const char *url, const char *master_key, struct store **out, char *why,
		      size_t size)
{
	if (strncmp(url, "sqlite:", 7) == 0 && url[7])
		return store_sqlite_open(url + 7, master_key, out, why, size);
	snprintf(why, size, "store '%s' is not of the form sqlite:/path/file", url);
	return STORE_EURL;
}

void store_close(struct store *store)
{
	if (store)
		store->ops->close(store);
}

const char *store_error(struct store *store)
{
	return store->ops->error(store);
}

int store_begin(struct store *store, bool write)
{
	return store->ops->begin(store, write);
}

int store_commit(struct store *store)
{
	return store->ops->commit(store);
}

void store_rollback(struct store *store)
{
	store->ops->rollback(store);
}

int store_end(struct store *store, int err)
{
	if (err == 0)
		return store_commit(store);
	store_rollback(store);
	return err;
}

int store_find_impi(struct store *store, struct slice impi, int64_t *id)
{
	return store->ops->find_impi(store, impi, id);
}

int store_find_impu(struct store *store, struct slice impu, int64_t *id)
{
	return store->ops->find_impu(store, impu, id);
}

int store_load(struct store *store, int64_t id, struct subscription *sub)
{
	return store->ops->load(store, id, sub);
}

int store_save_state(struct store *store, const struct subscription *sub)
{
	return store->ops->save_state(store, sub);
}

int store_save_sqn(struct store *store, const struct subscription *sub)
{
	return store->ops->save_sqn(store, sub);
}

int store_load_restorations(struct store *store, struct subscription *sub)
{
	return store->ops->load_restorations(store, sub);
}

int store_put_restoration(struct store *store, int64_t sub, struct slice impi, const char *owner,
			  struct slice octets)
{
	return store->ops->put_restoration(store, sub, impi, owner, octets);
}

int store_put_errand(struct store *store, const struct cx_errand *errand)
{
	return store->ops->put_errand(store, errand);
}

int store_due_errand(struct store *store, int64_t now, struct cx_errand *out)
{
	return store->ops->due_errand(store, now, out);
}

int store_retry_errand(struct store *store, int64_t id, int64_t at)
{
	return store->ops->retry_errand(store, id, at);
}

int store_end_errand(struct store *store, int64_t id)
{
	return store->ops->end_errand(store, id);
}

int store_redirect(struct store *store, const char *key, char host[IDENTITY_SIZE])
{
	return store->ops->redirect(store, key, host);
}

int store_put_redirect(struct store *store, const char *key, const char *host)
{
	return store->ops->put_redirect(store, key, host);
}

int store_redirects(struct store *store, store_redirect_h each, void *arg)
{
	return store->ops->redirects(store, each, arg);
}

int store_redirect_of(struct store *store, struct slice identity, char host[IDENTITY_SIZE])
{
	char key[IDENTITY_SIZE], domain[IDENTITY_SIZE];
	int err;

	if (redirect_key(identity, key))
		return STORE_ENOTFOUND;
	err = store_redirect(store, key, host);
	if (err != STORE_ENOTFOUND || redirect_domain(key, domain))
		return err;
	return store_redirect(store, domain, host);
}

int store_put(struct store *store, struct subscription *sub)
{
	return store->ops->put(store, sub);
}

int store_remove(struct store *store, int64_t id)
{
	return store->ops->remove(store, id);
}

int store_list(struct store *store, int64_t after, int64_t *ids, size_t max)
{
	return store->ops->list(store, after, ids, max);
}

int store_totals(struct store *store, struct store_totals *out)
{
	return store->ops->totals(store, out);
}

int store_find_msisdn(struct store *store, struct slice msisdn, int64_t *id)
{
	return store->ops->find_msisdn(store, msisdn, id);
}

int store_seals(struct store *store, store_seal_h each, void *arg)
{
	return store->ops->seals(store, each, arg);
}

int store_reload_keys(struct store *store, char *why, size_t size)
{
	return store->ops->reload_keys(store, why, size);
}

int store_reseal(struct store *store, struct store_reseal *at)
{
	return store->ops->reseal(store, at);
}

int store_scrub(struct store *store)
{
	return store->ops->scrub(store);
}

int store_allowed(struct store *store, struct slice as, unsigned int allowed[SH_REFERENCES])
{
	return store->ops->allowed(store, as, allowed);
}

int store_allow(struct store *store, const char *as, uint32_t reference, unsigned int operations)
{
	return store->ops->allow(store, as, reference, operations);
}

int store_permissions(struct store *store, store_permission_h each, void *arg)
{
	return store->ops->permissions(store, each, arg);
}

int store_repository(struct store *store, int64_t sub, const char *owner, struct slice service,
		     struct repository *out)
{
	return store->ops->repository(store, sub, owner, service, out);
}

int store_repositories(struct store *store, int64_t sub, const char *owner, store_repository_h each,
		       void *arg)
{
	return store->ops->repositories(store, sub, owner, each, arg);
}

int store_put_repository(struct store *store, int64_t sub, const char *owner,
			 const struct repository *r)
{
	return store->ops->put_repository(store, sub, owner, r);
}

int store_remove_repository(struct store *store, int64_t sub, const char *owner,
			    const char *service)
{
	return store->ops->remove_repository(store, sub, owner, service);
}

int store_subscribe(struct store *store, const struct sh_subscription *s)
{
	return store->ops->subscribe(store, s);
}

int store_unsubscribe(struct store *store, const struct sh_subscription *s)
{
	return store->ops->unsubscribe(store, s);
}

int store_count_subscriptions(struct store *store, int64_t sub, uint64_t *of_user, uint64_t *all)
{
	return store->ops->count_subscriptions(store, sub, of_user, all);
}

int store_subscriptions(struct store *store, int64_t sub, int64_t after,
			struct sh_subscription *out, size_t max)
{
	return store->ops->subscriptions(store, sub, after, out, max);
}

int store_due(struct store *store, int64_t now, int64_t *subs, size_t max)
{
	return store->ops->due(store, now, subs, max);
}

int store_settle(struct store *store, int64_t sub)
{
	return store->ops->settle(store, sub);
}

int store_expire(struct store *store, int64_t now)
{
	return store->ops->expire(store, now);
}

int store_end_subscription(struct store *store, int64_t id)
{
	return store->ops->end_subscription(store, id);
}

int store_end_subscriptions(struct store *store, const char *host, const char *user)
{
	return store->ops->end_subscriptions(store, host, user);
}

int store_save_subscription(struct store *store, const struct sh_subscription *s)
{
	return store->ops->save_subscription(store, s);
}

int store_retry_at(struct store *store, const char *host, int64_t time)
{
	return store->ops->retry_at(store, host, time);
}
