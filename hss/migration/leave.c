/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/migration/leave.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/log.h"
#include "hss/counters.h"
#include "hss/cx/withdraw.h"
#include "hss/provision/change.h"

enum { HOUR_S = 3600 };

/* Who waits for some to be gone. */
struct wait {
	struct leave_outcome outcome;
	unsigned int open; /* jobs, and one until all are begun */
	char why[MIGRATION_WHY_SIZE];
	leave_done_h done;
	void *arg;
};

/* A job has at most so many that wait for it; others find it gone by the store. */
enum { WAITS_MAX = 4 };

/* One who leaves. */
struct job {
	struct job *next;
	bool running;
	char id[BINDING_ID_SIZE], partner[PARTNER_SIZE], impi[IDENTITY_SIZE];
	struct wait *wait[WAITS_MAX];
	size_t n_waits;
	struct outbuf out; /* what hssctl would be told */
};

static struct {
	struct migration *m;
	struct service *svc;
	unsigned int seconds;
	pthread_mutex_t lock; /* of what follows, and of all waits */
	struct job *first;
	unsigned int running;
	int64_t forgot;
} leave = {.lock = PTHREAD_MUTEX_INITIALIZER};

void leave_start(struct migration *m, struct service *svc, unsigned int answer_seconds)
{
	leave.m = m;
	leave.svc = svc;
	leave.seconds = answer_seconds;
}

/* One of what it waits for is over; not under the lock. */
static void wait_less(struct wait *w)
{
	bool last;

	pthread_mutex_lock(&leave.lock);
	last = --w->open == 0;
	pthread_mutex_unlock(&leave.lock);
	if (!last)
		return;
	w->outcome.error = w->why[0] ? w->why : NULL;
	w->done(w->arg, &w->outcome);
	free(w);
}

/* ---- jobs ---- */

static struct job *find(const char *id)
{
	struct job *j = leave.first;

	while (j && strcmp(j->id, id) != 0)
		j = j->next;
	return j;
}

static void begin_some(void);

/* It is over: out of the list, and those who wait for it are told. */
static void job_end(struct job *j, bool unconfirmed, const char *error)
{
	struct job **p = &leave.first;

	pthread_mutex_lock(&leave.lock);
	while (*p != j)
		p = &(*p)->next;
	*p = j->next;
	leave.running--;
	for (size_t i = 0; i < j->n_waits; i++) {
		j->wait[i]->outcome.left += error == NULL;
		j->wait[i]->outcome.unconfirmed += unconfirmed;
		if (error)
			snprintf(j->wait[i]->why, sizeof(j->wait[i]->why), "%s", error);
	}
	pthread_mutex_unlock(&leave.lock);
	for (size_t i = 0; i < j->n_waits; i++)
		wait_less(j->wait[i]);
	outbuf_free(&j->out);
	free(j);
	begin_some();
}

/*
 * The S-CSCF has confirmed and the subscription is gone, or not: then it is removed all the same, which leaves word for the
 * S-CSCF.
 */
static void on_withdrawn(void *arg, const char *error)
{
	struct job *j = arg;
	char why[MIGRATION_WHY_SIZE] = "";
	bool unconfirmed = false;
	int err = 0;

	if (error) {
		err = provision_remove(leave.svc->store, j->impi, true, why, sizeof(why));
		unconfirmed = err == 0;
		if (unconfirmed) {
			log_line(LOG_NOTICE, "migration %s has ended; %s", j->id, error);
			service_changed(leave.svc);
		}
		if (err == STORE_ENOTFOUND) /* it was gone before */
			err = 0;
	}
	if (err == 0)
		err = migration_ended(leave.m, j->id, unconfirmed ? "not confirmed" : "confirmed",
				      time(NULL));
	if (err && !why[0])
		snprintf(why, sizeof(why), "%s", store_strerror(err));
	if (err)
		log_line(LOG_ERR, "migration %s: its user is not gone yet: %s", j->id, why);
	else
		log_line(LOG_NOTICE, "migration %s with %s: its user is gone", j->id, j->partner);
	job_end(j, unconfirmed, err ? why : NULL);
}

static void run(struct job *j)
{
	push_withdraw(leave.svc, &(struct push_order){.impi = slice_str(j->impi),
						      .info = "the migration has ended",
						      .seconds = leave.seconds,
						      .out = &j->out,
						      .done = on_withdrawn,
						      .arg = j});
}

/* The next of those that wait for a place, or NULL. */
static struct job *take_place(void)
{
	struct job *j;

	pthread_mutex_lock(&leave.lock);
	j = leave.running < LEAVE_AT_ONCE ? leave.first : NULL;
	while (j && j->running)
		j = j->next;
	if (j) {
		j->running = true;
		leave.running++;
	}
	pthread_mutex_unlock(&leave.lock);
	return j;
}

/* A job may end within run(), which calls this again: as deep as there are jobs that end at once, so only one does it. */
static void begin_some(void)
{
	static __thread bool beginning;
	struct job *j;

	if (beginning)
		return;
	beginning = true;
	while ((j = take_place()))
		run(j);
	beginning = false;
}

/* ---- orders ---- */

/* One that ends; w, or NULL, waits for it. Under no lock. */
static void add(const struct binding *b, void *arg)
{
	struct wait *w = arg;
	struct job *j, **p;

	pthread_mutex_lock(&leave.lock);
	j = find(b->id);
	if (!j && (j = calloc(1, sizeof(*j)))) {
		strcpy(j->id, b->id);
		strcpy(j->partner, b->partner);
		strcpy(j->impi, b->own.impi);
		for (p = &leave.first; *p; p = &(*p)->next)
			;
		*p = j;
	}
	if (j && w && j->n_waits < WAITS_MAX) {
		j->wait[j->n_waits++] = w;
		w->open++;
	} else if (w) {
		snprintf(w->why, sizeof(w->why), "%s", j ? "too many wait for it" : "no memory");
	}
	pthread_mutex_unlock(&leave.lock);
}

void leave_end(const struct migration_selection *which, const char *actor, const char *reason,
	       leave_done_h done, void *arg)
{
	struct wait *w = calloc(1, sizeof(*w));
	int n;

	if (!w) {
		done(arg, &(struct leave_outcome){.error = "no memory"});
		return;
	}
	w->open = 1;
	w->done = done;
	w->arg = arg;
	n = migration_end(leave.m, which, actor, reason, time(NULL), add, w);
	if (n < 0)
		snprintf(w->why, sizeof(w->why), "%s", store_strerror(n));
	else
		w->outcome.ended = (unsigned int)n;
	counter_add(COUNT_migrations_ended, n > 0 ? (uint64_t)n : 0);
	begin_some();
	wait_less(w);
}

void leave_tick(int64_t now)
{
	int n = migration_expire(leave.m, now, add, NULL);

	if (n > 0)
		begin_some();
	if (now / HOUR_S != leave.forgot) {
		leave.forgot = now / HOUR_S;
		migration_forget(leave.m, now);
	}
}
