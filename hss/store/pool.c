/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connections of a store, which transactions take and give back; and the thread that keeps those of a server. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "daemon/log.h"
#include "hss/counters.h"
#include "hss/store/tables.h"

enum {
	LOST_MS = 500, /* a connection that was lost just now is waited for, at most */
	BACK_OFF_LEAST_MS = 100,
	BACK_OFF_MOST_MS = 5000,
};

static void poke(struct store *s)
{
	if (s->wake_fd >= 0)
		eventfd_write(s->wake_fd, 1);
}

/* ---- taking and giving back, under the lock ---- */

static struct transaction *find_free(struct store *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->transaction[i].db && !s->transaction[i].taken)
			return &s->transaction[i];
	return NULL;
}

static size_t count_connections(const struct store *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->transaction[i].db != NULL;
	return n;
}

/* The server has closed it, or does not answer over it. */
static void drop(struct transaction *tx)
{
	struct store *s = tx->store;

	s->engine->close(tx->db);
	tx->db = NULL;
	if (s->state == STORE_UP && count_connections(s) == 0)
		s->state = STORE_LOST;
	poke(s);
}

/* One that is free and works, or NULL. */
static struct transaction *take_free(struct store *s)
{
	struct transaction *tx;

	while ((tx = find_free(s)) && s->engine->remote && !s->engine->alive(tx->db))
		drop(tx);
	if (tx)
		tx->taken = true;
	else if (count_connections(s) == s->wanted && s->wanted < s->n) {
		s->wanted++;
		poke(s);
	}
	return tx;
}

static void in_ms(int64_t ms, struct timespec *out)
{
	clock_gettime(CLOCK_MONOTONIC, out);
	out->tv_nsec += ms % 1000 * 1000000;
	out->tv_sec += ms / 1000 + out->tv_nsec / 1000000000;
	out->tv_nsec %= 1000000000;
}

int pool_take(struct store *s, struct transaction **out)
{
	struct timespec until;
	int rc = 0;

	pthread_mutex_lock(&s->lock);
	*out = take_free(s);
	if (!*out)
		in_ms(count_connections(s) ? STORE_BUSY_MS : LOST_MS, &until);
	/* Who has the one connection to a file gives it back: he waits STORE_BUSY_MS himself, at most. */
	while (!*out && rc != ETIMEDOUT && s->state != STORE_AWAY) {
		rc = s->engine->remote ? pthread_cond_timedwait(&s->given_back, &s->lock, &until)
				       : pthread_cond_wait(&s->given_back, &s->lock);
		*out = take_free(s);
	}
	rc = *out ? 0 : count_connections(s) ? STORE_EBUSY : STORE_EAWAY;
	pthread_mutex_unlock(&s->lock);
	counter_add(COUNT_store_away, rc == STORE_EAWAY);
	return rc;
}

void pool_give_back(struct transaction *tx)
{
	struct store *s = tx->store;

	pthread_mutex_lock(&s->lock);
	tx->taken = false;
	pthread_cond_signal(&s->given_back);
	pthread_mutex_unlock(&s->lock);
}

/* ---- the thread ---- */

/* A place for another connection, or NULL: there are as many as are wanted. */
static struct transaction *find_place(struct store *s)
{
	struct transaction *place = NULL;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n && !place && count_connections(s) < s->wanted; i++)
		if (!s->transaction[i].db && !s->transaction[i].taken)
			place = &s->transaction[i];
	pthread_mutex_unlock(&s->lock);
	return place;
}

/* Whether the server can be reached. Said once when it goes, and once when it comes. */
static void note_state(struct store *s, bool reached, const char *why)
{
	enum store_state before;

	pthread_mutex_lock(&s->lock);
	before = s->state;
	s->state = reached ? STORE_UP : count_connections(s) ? s->state : STORE_AWAY;
	if (s->state == STORE_AWAY && before != STORE_AWAY)
		log_line(LOG_ERR, "%s; requests are refused until it is back", why);
	else if (reached && before == STORE_AWAY)
		log_line(LOG_NOTICE, "the store is back");
	pthread_cond_broadcast(&s->given_back);
	pthread_mutex_unlock(&s->lock);
}

/* Returns whether nothing is missing any more. */
static bool connect_missing(struct store *s)
{
	struct transaction *place;
	char why[768];

	while ((place = find_place(s))) {
		struct db *db = NULL;

		if (s->engine->open(s->where, &db, why, sizeof(why))) {
			note_state(s, false, why);
			return false;
		}
		pthread_mutex_lock(&s->lock);
		place->store = s;
		place->db = db;
		pthread_mutex_unlock(&s->lock);
		note_state(s, true, NULL);
	}
	if (s->heard && !s->listener &&
	    s->engine->open(s->where, &s->listener, why, sizeof(why)) == 0 &&
	    s->engine->listen(s->listener)) {
		s->engine->close(s->listener);
		s->listener = NULL;
	}
	return !s->heard || s->listener;
}

/* What other processes say. What was said while nobody listened is looked for, too. */
static void listen_once(struct store *s, int ms)
{
	struct pollfd fds[2] = {
	    {.fd = s->wake_fd, .events = POLLIN},
	    {.fd = s->listener ? s->engine->descriptor(s->listener) : -1, .events = POLLIN}};
	void (*heard)(void *arg);
	eventfd_t count;
	int some;

	if (poll(fds, 2, ms) <= 0)
		return;
	if (fds[0].revents)
		eventfd_read(s->wake_fd, &count);
	if (!fds[1].revents)
		return;
	some = s->engine->heard(s->listener);
	if (some < 0) {
		s->engine->close(s->listener);
		s->listener = NULL;
	}
	heard = s->heard;
	if (some && heard)
		heard(s->heard_arg);
}

static void *keep(void *arg)
{
	struct store *s = arg;
	int back_off = BACK_OFF_LEAST_MS;

	while (!s->stop) {
		bool all = connect_missing(s);

		listen_once(s, all ? -1 : back_off);
		back_off = all				     ? BACK_OFF_LEAST_MS
			   : back_off * 2 < BACK_OFF_MOST_MS ? back_off * 2
							     : BACK_OFF_MOST_MS;
	}
	return NULL;
}

int pool_start(struct store *s)
{
	int err;

	s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->wake_fd < 0)
		return errno;
	err = pthread_create(&s->keeper, NULL, keep, s);
	s->kept = err == 0;
	return err;
}

void pool_stop(struct store *s)
{
	if (s->kept) {
		s->stop = true;
		poke(s);
		pthread_join(s->keeper, NULL);
	}
	for (size_t i = 0; i < s->n; i++)
		if (s->transaction[i].db)
			s->engine->close(s->transaction[i].db);
	if (s->listener)
		s->engine->close(s->listener);
	if (s->wake_fd >= 0)
		close(s->wake_fd);
}

void store_on_news(struct store *store, void (*heard)(void *arg), void *arg)
{
	store->heard_arg = arg;
	store->heard = heard;
	poke(store);
}
