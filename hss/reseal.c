/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/reseal.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "daemon/log.h"
#include "daemon/metrics.h"

enum { RETRY_MS = 200, PAUSE_LEAST_MS = 1 };

static struct {
	struct store *store;
	pthread_t thread;
	bool running;
	_Atomic bool busy; /* a pass is due or under way */
	/* what follows is under the lock */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop, due;
} hub = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Stay away so long. Returns false if it is to end. */
static bool stay_away(int64_t ms)
{
	int64_t until = now_ms() + ms;
	const struct timespec at = {(time_t)(until / 1000), until % 1000 * 1000000};
	int rc = 0;
	bool stop;

	pthread_mutex_lock(&hub.lock);
	while (!hub.stop && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&hub.wake, &hub.lock, &at);
	stop = hub.stop;
	pthread_mutex_unlock(&hub.lock);
	return !stop;
}

/* One transaction. Returns what store_reseal() does. */
static int piece(struct store_reseal *at)
{
	uint64_t sealed = at->sealed;
	struct transaction *tx;
	int err, n = store_begin(hub.store, true, &tx);

	if (n)
		return n;
	n = store_reseal(tx, at);
	if (n < 0 || at->sealed == sealed) {
		store_rollback(tx);
		return n;
	}
	err = store_commit(tx);
	return err ? err : n;
}

/* All private identities once. Returns 0, an error of the store, or 1 if it is to end. */
static int pass(struct store_reseal *at)
{
	for (;;) {
		struct store_reseal before = *at;
		int64_t began = now_ms(), took;
		int n = piece(at);

		if (n == 0 || (n < 0 && n != STORE_EBUSY && n != STORE_EAGAIN && n != STORE_EAWAY))
			return n;
		if (n < 0)
			*at = before;
		else if (at->broken != before.broken)
			log_line(LOG_ERR,
				 "the keys of %llu private identities cannot be opened, such as %s",
				 (unsigned long long)(at->broken - before.broken), at->broken_impi);
		took = n < 0 ? RETRY_MS : now_ms() - began;
		if (!stay_away(took > PAUSE_LEAST_MS ? took : PAUSE_LEAST_MS))
			return 1;
	}
}

static void report(int err, const struct store_reseal *at)
{
	if (err < 0)
		log_line(LOG_ERR,
			 "sealing keys anew stopped at %s: %s; hssctl master-key rotate goes on",
			 at->after, store_strerror(err));
	else if (err == 0)
		log_line(LOG_NOTICE,
			 "master key: %llu private identities sealed anew, %llu cannot be opened",
			 (unsigned long long)at->sealed, (unsigned long long)at->broken);
}

static void *run(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&hub.lock);
	while (!hub.stop) {
		struct store_reseal at = {.sealed = 0};

		if (!hub.due) {
			hub.busy = false;
			pthread_cond_wait(&hub.wake, &hub.lock);
			continue;
		}
		hub.due = false;
		pthread_mutex_unlock(&hub.lock);
		report(pass(&at), &at);
		pthread_mutex_lock(&hub.lock);
	}
	pthread_mutex_unlock(&hub.lock);
	return NULL;
}

/* ---- what there is to do ---- */

static void look(const char *id, uint64_t impis, bool current, void *arg)
{
	bool *due = arg;

	(void)id;
	*due = *due || (impis && !current);
}

static bool anything(struct store *store)
{
	struct transaction *tx;
	bool due = false;

	if (store_begin(store, false, &tx))
		return true; /* the pass finds out */
	store_seals(tx, look, &due);
	store_rollback(tx);
	return due;
}

int reseal_start(struct store *store)
{
	pthread_condattr_t attr;
	int err;

	hub.store = store;
	hub.due = hub.busy = anything(store);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&hub.wake, &attr);
	pthread_condattr_destroy(&attr);
	err = pthread_create(&hub.thread, NULL, run, NULL);
	hub.running = err == 0;
	return err;
}

int reseal_kick(char *why, size_t size)
{
	struct transaction *tx;
	int err = store_begin(hub.store, false, &tx);

	if (err) {
		snprintf(why, size, "%s", store_strerror(err));
		return -1;
	}
	err = store_reload_keys(tx, why, size);
	store_rollback(tx);
	if (err)
		return -1;
	pthread_mutex_lock(&hub.lock);
	hub.due = hub.busy = true;
	pthread_cond_signal(&hub.wake);
	pthread_mutex_unlock(&hub.lock);
	return 0;
}

static void put_line(const char *id, uint64_t impis, bool current, void *arg)
{
	if (id[0])
		outbuf_printf(arg, "sealed_under %s %llu%s\n", id, (unsigned long long)impis,
			      current ? " current" : "");
	else
		outbuf_printf(arg, "not_sealed %llu\n", (unsigned long long)impis);
}

static void put_metric(const char *id, uint64_t impis, bool current, void *arg)
{
	(void)current;
	metric_series(arg, "ims_hss_sealed", "master_key", id[0] ? id : "none", impis);
}

static void each_seal(store_seal_h each, struct outbuf *out)
{
	struct transaction *tx;

	if (store_begin(hub.store, false, &tx))
		return;
	store_seals(tx, each, out);
	store_rollback(tx);
}

void reseal_status(struct outbuf *out)
{
	bool busy;

	each_seal(put_line, out);
	pthread_mutex_lock(&hub.lock);
	busy = hub.busy;
	pthread_mutex_unlock(&hub.lock);
	outbuf_printf(out, "sealing_anew %s\n", busy ? "yes" : "no");
}

void reseal_metrics(struct outbuf *out)
{
	metric_family(out, "ims_hss_sealed", METRIC_GAUGE,
		      "private identities whose keys are sealed under each master key");
	each_seal(put_metric, out);
}

void reseal_stop(void)
{
	if (!hub.running)
		return;
	pthread_mutex_lock(&hub.lock);
	hub.stop = true;
	pthread_cond_signal(&hub.wake);
	pthread_mutex_unlock(&hub.lock);
	pthread_join(hub.thread, NULL);
	hub.running = false;
}
