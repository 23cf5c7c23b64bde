/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/remember.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "daemon/metrics.h"

enum {
	PIECE = 16, /* subscriptions in a transaction: about a millisecond */
	AGAIN_MS = 10000,
	/* how long it stays away after a piece, in times of that: at the start, and again */
	PAUSE_FIRST = 1,
	PAUSE_AGAIN = 9,
};

static struct {
	struct store *store;
	pthread_t thread;
	bool running;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t wake;
	bool stop;
} hub = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Returns false if it is to end. */
static bool stay_away(int64_t us)
{
	int64_t until = now_us() + us;
	const struct timespec at = {(time_t)(until / 1000000), until % 1000000 * 1000};
	int rc = 0;
	bool stop;

	pthread_mutex_lock(&hub.lock);
	while (!hub.stop && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&hub.wake, &hub.lock, &at);
	stop = hub.stop;
	pthread_mutex_unlock(&hub.lock);
	return !stop;
}

/* All subscriptions once, as far as they have room. Returns false if it is to end. */
static bool pass(int pause)
{
	int64_t after = 0;

	for (;;) {
		int64_t began = now_us();
		int n = store_remember_more(hub.store, &after, PIECE);

		if (n == 0)
			return true;
		if (!stay_away(n < 0 ? AGAIN_MS * 1000 : (now_us() - began) * pause))
			return false;
	}
}

static void *run(void *arg)
{
	struct memory_figures figures;
	int pause = PAUSE_FIRST;
	uint64_t forgotten;

	do {
		store_in_memory(hub.store, &figures);
		forgotten = figures.forgotten;
		if (!pass(pause))
			break;
		pause = PAUSE_AGAIN;
		do {
			if (!stay_away(AGAIN_MS * 1000))
				return arg;
			store_in_memory(hub.store, &figures);
		} while (figures.forgotten == forgotten);
	} while (true);
	return arg;
}

int remember_start(struct store *store)
{
	struct memory_figures figures;
	pthread_condattr_t attr;
	int err;

	hub.store = store;
	if (!store_in_memory(store, &figures))
		return 0;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&hub.wake, &attr);
	pthread_condattr_destroy(&attr);
	err = pthread_create(&hub.thread, NULL, run, NULL);
	hub.running = err == 0;
	return err;
}

void remember_status(struct outbuf *out)
{
	struct memory_figures figures;

	store_in_memory(hub.store, &figures);
	outbuf_printf(out, "in_memory %llu\nmemory_octets %llu\n",
		      (unsigned long long)figures.subscriptions,
		      (unsigned long long)figures.octets);
}

void remember_metrics(struct outbuf *out)
{
	struct memory_figures figures;

	store_in_memory(hub.store, &figures);
	metric(out, "ims_hss_in_memory", METRIC_GAUGE, "subscriptions that are in memory",
	       figures.subscriptions);
	metric(out, "ims_hss_memory_octets", METRIC_GAUGE, "memory that they take", figures.octets);
}

void remember_stop(void)
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
