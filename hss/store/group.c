/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/store/group.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "hss/counters.h"
#include "hss/store/tables.h"

enum {
	TICK_US = 2000, /* how often the thread looks, while there is something now and then */
	QUIET_MAX = 50, /* times that it finds nothing before it sleeps */
};

/* A request whose changes are in the open transaction. */
struct member {
	struct member *next;
	struct store_waiter waiter;
	int err;	       /* what he is told */
	int64_t held, changed; /* subscriptions, as in struct transaction */
	size_t state_len;
	uint8_t state[]; /* of the latter */
};

/* A request that came while another thread was at work on one: that thread does it, too. */
struct job {
	struct job *next;
	int (*body)(struct transaction *tx, void *arg);
	void *arg;
	struct store_waiter waiter;
};

/* All but what the lock guards is whoever's has the connection. */
struct group {
	unsigned int (*under_way)(void);
	bool running;
	struct member *members, **end;
	unsigned int n;
	int64_t opened_us;

	pthread_t thread; /* commits what nobody else has, and tells whom nobody else does */
	bool started;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t wake;
	bool idle;	       /* it sleeps until somebody is left in the transaction */
	bool open;	       /* somebody was */
	struct member *untold; /* whose commit is over */
	bool working;	       /* a thread does the work of those that can wait */
	struct job *jobs, **jobs_end;
	bool stop;
};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

bool group_is_open(const struct transaction *tx)
{
	return tx->store->group && tx->store->group->n;
}

bool group_holds(const struct transaction *tx, int64_t id)
{
	if (!tx->joined || !group_is_open(tx))
		return false;
	for (const struct member *m = tx->store->group->members; m; m = m->next)
		if (m->held == id || m->changed == id)
			return true;
	return false;
}

/* ---- the end of a group ---- */

/* Memory as it is from now on; the connection is given back. Returns the members, who are not told yet. */
static struct member *close_group(struct transaction *tx, int err)
{
	struct group *g = tx->store->group;
	struct member *members = g->members;
	unsigned int requests = g->n + tx->joined;
	bool committed = err == 0;

	for (struct member *m = members; m; m = m->next) {
		m->err = err;
		recall_release(tx->store, m->held, committed ? m->changed : 0,
			       slice_make((const char *)m->state, committed ? m->state_len : 0));
	}
	recall_end(tx, committed); /* of who has joined last; and the mark moves, behind all */
	counter_add(COUNT_commits, committed);
	counter_add(COUNT_commits_shared, committed ? requests - 1 : 0);
	g->members = NULL;
	g->end = &g->members;
	g->n = 0;
	tx->joined = false;
	pool_give_back(tx);
	return members;
}

static void tell(struct member *members)
{
	while (members) {
		struct member *m = members;

		members = m->next;
		m->waiter.kept(m->waiter.arg, m->err);
		free(m);
	}
}

/* All that is open, and what who has it now has changed. */
static int commit_all(struct transaction *tx)
{
	int err = tx->store->engine->commit(tx->db);

	tell(close_group(tx, err));
	return err;
}

void group_commit(struct transaction *tx)
{
	struct group *g = tx->store->group;
	struct member *members, **end;

	tx->held = tx->changed = 0;
	members = close_group(tx, tx->store->engine->commit(tx->db));
	/* who begins a transaction may have locks that those take who are told */
	pthread_mutex_lock(&g->lock);
	for (end = &g->untold; *end;)
		end = &(*end)->next;
	*end = members;
	pthread_cond_signal(&g->wake);
	pthread_mutex_unlock(&g->lock);
}

/* ---- joining and leaving ---- */

int store_join(struct store *store, struct transaction **out)
{
	struct transaction *tx;
	int err;

	if (!store->group)
		return store_begin(store, true, out);
	err = pool_take(store, &tx);
	if (err)
		return err;
	tx->held = tx->changed = 0;
	tx->state_len = 0;
	if (!group_is_open(tx)) {
		err = store->engine->begin(tx->db, true);
		if (err == 0 && (err = recall_begin(tx, true)) != 0)
			store->engine->rollback(tx->db);
	}
	if (err) {
		pool_give_back(tx);
		return err;
	}
	tx->joined = true;
	tx->changes_before = store->engine->changes(tx->db);
	*out = tx;
	return 0;
}

/* Nothing is to be kept of this one. */
static int give_up(struct transaction *tx, int err)
{
	struct store *s = tx->store;
	int told = err == STORE_NO_CHANGE ? STORE_EIO : err;

	if (s->engine->changes(tx->db) != tx->changes_before || !group_is_open(tx)) {
		s->engine->rollback(tx->db);
		tell(close_group(tx, told));
	} else {
		recall_release(s, tx->held, 0, SLICE_NULL);
		tx->joined = false;
		pool_give_back(tx);
	}
	return err == STORE_NO_CHANGE ? 0 : err;
}

/* The thread looks after it, unless another one comes and commits. */
static void leave_open(struct transaction *tx)
{
	struct group *g = tx->store->group;
	bool first = g->n == 1;

	tx->joined = false;
	pool_give_back(tx);
	if (!first)
		return;
	pthread_mutex_lock(&g->lock);
	g->open = true;
	if (g->idle)
		pthread_cond_signal(&g->wake);
	pthread_mutex_unlock(&g->lock);
}

/* Is there somebody who may join, and time for it? */
static bool others_may_come(struct group *g)
{
	if (g->n == 0)
		g->opened_us = now_us();
	return g->n + 1 < GROUP_MAX && g->under_way() > g->n + 1 &&
	       (g->n == 0 || now_us() - g->opened_us < GROUP_WAIT_US);
}

int store_leave(struct transaction *tx, int err, const struct store_waiter *w)
{
	struct group *g = tx->store->group;
	struct member *m = NULL;

	if (!tx->joined) {
		err = store_end(tx, err);
		return err == STORE_NO_CHANGE ? 0 : err;
	}
	if (err)
		return give_up(tx, err);
	if (w && g->running && others_may_come(g))
		m = malloc(sizeof(*m) + tx->state_len);
	if (!m)
		return commit_all(tx);
	*m = (struct member){.waiter = *w,
			     .held = tx->held,
			     .changed = tx->changed,
			     .state_len = tx->changed ? tx->state_len : 0};
	memcpy(m->state, tx->state, m->state_len);
	*g->end = m;
	g->end = &m->next;
	g->n++;
	leave_open(tx);
	return STORE_LATER;
}

/* Commit what has been open for so long. Returns how much longer it has time, or 0: nothing is open. */
static int64_t commit_open(struct store *store, int64_t us)
{
	struct transaction *tx;
	int64_t left = 0;

	if (pool_take(store, &tx))
		return 0;
	if (group_is_open(tx))
		left = store->group->opened_us + us - now_us();
	if (group_is_open(tx) && left <= 0) {
		tx->held = tx->changed = 0;
		commit_all(tx);
		return 0;
	}
	pool_give_back(tx);
	return left;
}

static int transact(struct store *store, int (*body)(struct transaction *tx, void *arg), void *arg,
		    const struct store_waiter *w)
{
	struct transaction *tx;
	int err = store_join(store, &tx);

	if (err)
		return err;
	err = store_leave(tx, body(tx, arg), w);
	/* another member has changed the same subscription: behind its commit, and with nobody ahead once more */
	return err == STORE_EAGAIN ? store_transact(store, true, body, arg) : err;
}

/* Leave it to the thread that is at work. Returns false if there is none, and the caller is it from now on. */
static bool leave_to_other(struct group *g, struct job *job)
{
	bool left;

	pthread_mutex_lock(&g->lock);
	left = g->working;
	if (left) {
		*g->jobs_end = job;
		g->jobs_end = &job->next;
	}
	g->working = true;
	pthread_mutex_unlock(&g->lock);
	return left;
}

/* NULL: there is no more, and nobody is at work. */
static struct job *next_job(struct group *g)
{
	struct job *job;

	pthread_mutex_lock(&g->lock);
	job = g->jobs;
	if (job)
		g->jobs = job->next;
	else
		g->working = false;
	if (!g->jobs)
		g->jobs_end = &g->jobs;
	pthread_mutex_unlock(&g->lock);
	return job;
}

int store_transact_joined(struct store *store, int (*body)(struct transaction *tx, void *arg),
			  void *arg, const struct store_waiter *w)
{
	struct group *g = store->group;
	struct job *job = g && w ? malloc(sizeof(*job)) : NULL;
	int err;

	if (!g)
		return store_transact(store, true, body, arg);
	if (!job)
		return transact(store, body, arg, NULL);
	*job = (struct job){NULL, body, arg, *w};
	if (leave_to_other(g, job))
		return STORE_LATER;
	for (bool mine = true;; mine = false) {
		struct job *done = job;

		err = transact(store, job->body, job->arg, &job->waiter);
		job = next_job(g);
		if (err != STORE_LATER && (job || !mine)) /* he does not wait for who is behind */
			done->waiter.kept(done->waiter.arg, err);
		free(done);
		if (!job)
			return mine ? err : STORE_LATER;
	}
}

bool store_left_work(struct transaction *tx)
{
	const struct db_engine *e = tx->store->engine;

	return !e->left_work || e->left_work(tx->db);
}

/* ---- the thread ---- */

/* Wait until somebody wakes us, or for so long; 0: without end. With the lock. */
static void wait_us(struct group *g, int64_t us)
{
	int64_t until = now_us() + us;
	const struct timespec at = {(time_t)(until / 1000000), until % 1000000 * 1000};

	if (us)
		pthread_cond_timedwait(&g->wake, &g->lock, &at);
	else
		pthread_cond_wait(&g->wake, &g->lock);
}

static void *run(void *arg)
{
	struct store *store = arg;
	struct group *g = store->group;
	int quiet = 0; /* times that there was nothing to do */

	pthread_mutex_lock(&g->lock);
	while (!g->stop || g->untold) {
		struct member *untold = g->untold;
		bool open = g->open;

		g->untold = NULL;
		g->open = false;
		quiet = untold || open ? 0 : quiet + 1;
		g->idle = quiet > QUIET_MAX;
		if (!untold && !g->stop)
			wait_us(g, g->idle ? 0 : TICK_US);
		g->idle = false;
		pthread_mutex_unlock(&g->lock);
		tell(untold);
		open = open && commit_open(store, GROUP_WAIT_US) > 0;
		pthread_mutex_lock(&g->lock);
		g->open |= open; /* it has time left */
	}
	pthread_mutex_unlock(&g->lock);
	return NULL;
}

int store_group_start(struct store *store, unsigned int (*under_way)(void))
{
	pthread_condattr_t attr;
	struct group *g;
	int err;

	if (!store->memory || store->engine->connections != 1 || !store->engine->changes)
		return 0;
	g = calloc(1, sizeof(*g));
	if (!g)
		return ENOMEM;
	g->under_way = under_way;
	g->running = true;
	g->end = &g->members;
	g->jobs_end = &g->jobs;
	pthread_mutex_init(&g->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&g->wake, &attr);
	pthread_condattr_destroy(&attr);
	store->group = g;
	err = pthread_create(&g->thread, NULL, run, store);
	g->started = err == 0;
	g->running = g->started;
	return err;
}

void store_group_stop(struct store *store)
{
	struct group *g = store->group;
	struct transaction *tx;

	if (!g || !g->started)
		return;
	if (pool_take(store, &tx) == 0) {
		g->running = false; /* nobody is left in it any more */
		pool_give_back(tx);
	}
	commit_open(store, 0);
	pthread_mutex_lock(&g->lock);
	g->stop = true;
	pthread_cond_signal(&g->wake);
	pthread_mutex_unlock(&g->lock);
	pthread_join(g->thread, NULL);
	g->started = false;
}

void group_free(struct store *store)
{
	struct group *g = store->group;

	if (!g)
		return;
	pthread_cond_destroy(&g->wake);
	pthread_mutex_destroy(&g->lock);
	free(g);
	store->group = NULL;
}
