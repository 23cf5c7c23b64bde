/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/sh/notify.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/log.h"
#include "hss/counters.h"
#include "hss/diameter/node.h"
#include "hss/diameter/sh_client.h"
#include "hss/sh/notice.h"

enum {
	PEER_COMES_S = 10,  /* from its CER until it is open */
	PEER_SETTLES_S = 1, /* and until it takes requests */
	SUBS = 16,	    /* subscribers' subscriptions of one transaction */
	CAME = 64,
	SWEEP_S = 10 /* how often what has expired is looked for, when nothing else happens */
};

/* A notification: rendered, then sent, then answered. */
struct job {
	struct job *next;
	struct sh_subscription to;
	struct sh_notice notice;
	struct outcome outcome;
};

static struct {
	struct service *svc;
	unsigned int seconds;
	pthread_t thread;
	bool running;
	/* what follows is under the lock */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop, kicked;
	struct job *answered;
	size_t open;
	struct comer {
		char name[IDENTITY_SIZE];
		int64_t until; /* when its coming has failed */
	} came[CAME];	       /* peers that are coming */
	size_t n_came;
} hub = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

static int64_t now(void)
{
	return (int64_t)time(NULL);
}

static void job_free(struct job *j)
{
	sh_notice_free(&j->notice);
	free(j);
}

/* On a thread of freeDiameter: only handed over. */
static void on_pna(const struct outcome *outcome, void *arg)
{
	struct job *j = arg;

	j->outcome = *outcome;
	pthread_mutex_lock(&hub.lock);
	j->next = hub.answered;
	hub.answered = j;
	hub.open--;
	hub.kicked = true;
	pthread_cond_signal(&hub.wake);
	pthread_mutex_unlock(&hub.lock);
}

static int64_t retry_in(uint32_t tries)
{
	int64_t s = NOTIFY_RETRY_S;

	while (tries-- > 0 && s < NOTIFY_RETRY_MAX_S)
		s *= 2;
	return s < NOTIFY_RETRY_MAX_S ? s : NOTIFY_RETRY_MAX_S;
}

/* Is there anything to tell this subscriber? Changes *s as far as it is to be kept. */
static bool to_tell(struct sh_subscription *s, const struct sh_notice *n, int64_t time)
{
	bool late = s->retry_at && s->retry_at <= time;

	if (strcmp(n->digest, s->sent) == 0 && !late)
		return false;
	strcpy(s->sent, n->digest);
	s->retry_at = time + hub.seconds + retry_in(s->tries);
	return true;
}

/* What cannot be sent is not told. That is said once; what it changes to afterwards is told again. */
static void give_up(struct sh_subscription *s, const struct sh_notice *n)
{
	log_line(LOG_NOTICE,
		 "%s not notified of %s, data=%u: %zu octets are more than sh_user_data_max",
		 s->host, s->user, s->reference, n->len);
	counter_add(COUNT_pnr_failed, 1);
	strcpy(s->sent, n->digest);
	s->retry_at = 0;
}

/* Look at one subscriber. Returns 0 with a job in *jobs if there is something to tell, or an error. */
static int look_at(struct transaction *tx, const struct subscription *sub,
		   struct sh_subscription *s, int64_t time, struct job **jobs, size_t *n_jobs)
{
	struct job *j = calloc(1, sizeof(*j));
	int err = j ? sh_notice_make(tx, &hub.svc->policy.charging, sub, s, &j->notice) : STORE_EIO;

	if (err == 0 && !j->notice.data && j->notice.last) {
		err = store_end_subscription(tx, s->id);
	} else if (err == 0 && !j->notice.data) { /* one that is broken holds up nobody else */
		log_line(LOG_ERR, "%s not notified of %s: the data cannot be written", s->host,
			 s->user);
		s->retry_at = 0;
		err = store_save_subscription(tx, s);
	} else if (err == 0 && j->notice.len > hub.svc->sh.user_data_max) {
		if (strcmp(j->notice.digest, s->sent) != 0) {
			give_up(s, &j->notice);
			err = store_save_subscription(tx, s);
		}
	} else if (err == 0 && to_tell(s, &j->notice, time)) {
		err = store_save_subscription(tx, s);
		if (err == 0) {
			j->to = *s;
			j->next = *jobs;
			*jobs = j;
			(*n_jobs)++;
			return 0;
		}
	}
	if (j)
		job_free(j);
	return err;
}

/* A public identity may have gone to another subscription. */
static int follow(struct transaction *tx, struct sh_subscription *s,
		  const struct subscription **sub, struct subscription *other)
{
	int64_t id;
	int err;

	if (sh_user_is_number(s) || (*sub && subscription_impu(*sub, slice_str(s->user)) >= 0))
		return 0;
	err = store_find_impu(tx, slice_str(s->user), &id);
	if (err == STORE_ENOTFOUND)
		return 0;
	if (err == 0)
		err = store_load(tx, id, other);
	if (err == 0) {
		s->sub = id;
		*sub = other;
		err = store_save_subscription(tx, s);
	}
	return err;
}

static int look_at_all_of(struct transaction *tx, int64_t id, int64_t time, struct job **jobs,
			  size_t *n_jobs)
{
	struct sh_subscription *s = calloc(SH_SUBSCRIPTIONS_OF_USER, sizeof(*s));
	struct subscription *sub = subscription_new(), *other = subscription_new();
	int n = STORE_EIO, err = STORE_EIO;

	if (s && sub && other) {
		err = store_load(tx, id, sub);
		n = store_subscriptions(tx, id, 0, s, SH_SUBSCRIPTIONS_OF_USER);
		if (err == STORE_ENOTFOUND) {
			subscription_free(sub);
			sub = NULL;
			err = 0;
		}
	}
	if (err == 0 && n < 0)
		err = n;
	for (int i = 0; i < n && err == 0; i++) {
		const struct subscription *of = sub;

		err = follow(tx, &s[i], &of, other);
		if (err == 0)
			err = look_at(tx, of, &s[i], time, jobs, n_jobs);
	}
	if (err == 0)
		err = store_settle(tx, id);
	subscription_free(sub);
	subscription_free(other);
	free(s);
	return err;
}

/*
 * The first failures may have crossed the peer's coming: it came before there was anything to repeat, or
 * it had answered CER and was not ready for more. While it is there they are repeated soon; later ones
 * wait longer each time.
 */
static int64_t again_in(const struct sh_subscription *s)
{
	return s->tries <= 2 && node_peer_open(s->host) > 0 ? PEER_SETTLES_S : retry_in(s->tries);
}

/* What became of a notification. */
static int keep_outcome(struct transaction *tx, struct job *j)
{
	const struct outcome *o = &j->outcome;
	struct sh_subscription s = j->to, is;
	int n;

	if (o->experimental && o->code == CX_USER_UNKNOWN.code) /* 6.1.4.1 */
		return store_end_subscriptions(tx, s.host, s.user);
	if (o->experimental && o->code == SH_NO_SUBSCRIPTION_TO_DATA)
		return store_end_subscription(tx, s.id);
	n = store_subscriptions(tx, s.sub, s.id - 1, &is, 1);
	if (n < 1 || is.id != s.id)
		return n < 0 ? n : 0; /* it has ended meanwhile */
	if (o->code == RESULT_SUCCESS.code && !o->experimental) {
		bool newest = strcmp(is.sent, s.sent) == 0;

		if (is.one_time || (j->notice.last && newest))
			return store_end_subscription(tx, s.id);
		is.tries = 0;
		if (newest)
			is.retry_at = 0;
	} else {
		is.tries++;
		is.retry_at = now() + again_in(&is);
	}
	return store_save_subscription(tx, &is);
}

static void log_outcome(const struct job *j)
{
	const struct outcome *o = &j->outcome;

	if (o->code == RESULT_SUCCESS.code && !o->experimental)
		return;
	counter_add(COUNT_pnr_failed, 1);
	log_line(LOG_NOTICE, "%s not notified of %s: %s%u", j->to.host, j->to.user,
		 !o->answered	   ? "no answer, "
		 : o->experimental ? "experimental "
				   : "",
		 o->code);
}

static void forget_answered(struct job *answered)
{
	while (answered) {
		struct job *j = answered;

		answered = j->next;
		log_outcome(j);
		job_free(j);
	}
}

static void send_job(struct job *j)
{
	int err;

	pthread_mutex_lock(&hub.lock);
	hub.open++;
	pthread_mutex_unlock(&hub.lock);
	counter_add(COUNT_pnr, 1);
	err = sh_send_pnr(&j->to, j->notice.data, j->notice.len, hub.seconds, on_pna, j);
	if (err == 0)
		return;
	on_pna(&(struct outcome){.answered = false}, j);
}

/* The store was busy: the outcomes are kept, the next round has them again. */
static void keep_for_later(struct job *answered)
{
	pthread_mutex_lock(&hub.lock);
	while (answered) {
		struct job *j = answered;

		answered = j->next;
		j->next = hub.answered;
		hub.answered = j;
	}
	pthread_mutex_unlock(&hub.lock);
}

static void remember_that_came(const struct comer *c)
{
	pthread_mutex_lock(&hub.lock);
	if (hub.n_came < CAME)
		hub.came[hub.n_came++] = *c;
	pthread_mutex_unlock(&hub.lock);
}

/*
 * freeDiameter tells of a peer while it is still closed, a moment before it sends to it: until then it is
 * looked at each second. And a peer may lose what comes right behind its CEA: it gets a second.
 */
static int retry_for_those_that_came(struct transaction *tx, int64_t time)
{
	struct comer came[CAME];
	size_t n;
	int err = 0;

	pthread_mutex_lock(&hub.lock);
	n = hub.n_came;
	memcpy(came, hub.came, n * sizeof(came[0]));
	hub.n_came = 0;
	pthread_mutex_unlock(&hub.lock);
	for (size_t i = 0; i < n; i++) {
		bool open = node_peer_open(came[i].name) > 0;

		if (open && err == 0)
			err = store_retry_at(tx, came[i].name, time + PEER_SETTLES_S);
		if (err || (!open && time < came[i].until))
			remember_that_came(&came[i]);
	}
	return err;
}

/* One transaction: outcomes that have come, what is due. Returns whether there may be more at once. */
static bool work(struct job *answered)
{
	struct transaction *tx;
	struct job *jobs = NULL;
	int64_t due[SUBS], time = now();
	size_t open, begun = 0;
	int n, err = store_begin(hub.svc->store, true, &tx);

	if (err) {
		keep_for_later(answered);
		return false;
	}
	for (struct job *j = answered; j && err == 0; j = j->next)
		err = keep_outcome(tx, j);
	if (err == 0)
		err = store_expire(tx, time);
	if (err == 0)
		err = retry_for_those_that_came(tx, time);
	pthread_mutex_lock(&hub.lock);
	open = hub.open;
	pthread_mutex_unlock(&hub.lock);
	n = err || open >= NOTIFY_OPEN_MAX ? 0 : store_due(tx, time, due, SUBS);
	for (int i = 0; i < n && err == 0 && open + begun < NOTIFY_OPEN_MAX; i++)
		err = look_at_all_of(tx, due[i], time, &jobs, &begun);
	err = store_end(tx, err);
	if (err)
		keep_for_later(answered);
	else
		forget_answered(answered);
	while (jobs) {
		struct job *j = jobs;

		jobs = j->next;
		if (err)
			job_free(j);
		else
			send_job(j);
	}
	return err == 0 && n > 0;
}

/* Is there anything to do? Reading does not hold anybody up. */
static bool anything(void)
{
	struct transaction *tx;
	int64_t one;
	int n = store_begin(hub.svc->store, false, &tx);

	if (n)
		return false;
	n = store_due(tx, now(), &one, 1);
	store_rollback(tx);
	return n > 0;
}

static void *run(void *arg)
{
	int64_t swept = 0;

	pthread_mutex_lock(&hub.lock);
	while (!hub.stop) {
		struct job *answered = hub.answered;
		struct timespec until;
		bool more = false, came = hub.n_came > 0;

		hub.answered = NULL;
		hub.kicked = false;
		pthread_mutex_unlock(&hub.lock);
		if (answered || came || anything() || now() - swept >= SWEEP_S) {
			more = work(answered);
			swept = now();
		}
		pthread_mutex_lock(&hub.lock);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec++;
		if (!more && !hub.kicked && !hub.stop)
			pthread_cond_timedwait(&hub.wake, &hub.lock, &until);
	}
	pthread_mutex_unlock(&hub.lock);
	return arg;
}

int notify_start(struct service *svc, unsigned int seconds)
{
	int err;

	hub.svc = svc;
	hub.seconds = seconds;
	err = pthread_create(&hub.thread, NULL, run, NULL);
	hub.running = err == 0;
	return err;
}

void notify_kick(void)
{
	pthread_mutex_lock(&hub.lock);
	hub.kicked = true;
	pthread_cond_signal(&hub.wake);
	pthread_mutex_unlock(&hub.lock);
}

void notify_peer_came(const char *name)
{
	struct comer c = {.until = now() + PEER_COMES_S};

	if (slice_copy(slice_str(name), c.name, sizeof(c.name)))
		return;
	remember_that_came(&c);
	notify_kick();
}

void notify_stop(void)
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

void notify_free(void)
{
	while (hub.answered) {
		struct job *j = hub.answered;

		hub.answered = j->next;
		job_free(j);
	}
}
