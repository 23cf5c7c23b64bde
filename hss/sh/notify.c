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
	SUPPORTERS = 64, /* application servers with Notif-Eff that are remembered */
	SWEEP_S = 10	 /* how often what has expired is looked for, when nothing else happens */
};

/* A notification: rendered, then sent, then answered. */
struct job {
	struct job *next;
	struct job *with; /* those that are sent in the same request, by next of theirs */
	char *joined;	  /* the document for all of them; NULL: it is alone */
	size_t joined_len;
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
	char supporters[SUPPORTERS][IDENTITY_SIZE]; /* "" is free */
	size_t last_supporter;
} hub = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

static int64_t now(void)
{
	return (int64_t)time(NULL);
}

static void job_free(struct job *j)
{
	while (j->with) {
		struct job *w = j->with;

		j->with = w->next;
		job_free(w);
	}
	free(j->joined);
	sh_notice_free(&j->notice);
	free(j);
}

/* Under the lock. */
static char *supporter(const char *host)
{
	for (size_t i = 0; i < SUPPORTERS; i++)
		if (strcmp(hub.supporters[i], host) == 0)
			return hub.supporters[i];
	return NULL;
}

void notify_supports(const char *host, uint32_t features)
{
	char *place;

	pthread_mutex_lock(&hub.lock);
	place = host[0] ? supporter(host) : NULL;
	if (place && !(features & SH_FEATURE_NOTIF_EFF)) {
		place[0] = '\0';
	} else if (!place && host[0] && (features & SH_FEATURE_NOTIF_EFF)) {
		place = supporter("");
		if (!place) /* one of the others gets single notifications again */
			place = hub.supporters[hub.last_supporter++ % SUPPORTERS];
		slice_copy(slice_str(host), place, IDENTITY_SIZE);
	}
	pthread_mutex_unlock(&hub.lock);
}

static bool takes_joined(const char *host)
{
	bool takes;

	pthread_mutex_lock(&hub.lock);
	takes = supporter(host) != NULL;
	pthread_mutex_unlock(&hub.lock);
	return takes;
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

/* Can what b tells stand in one request with what a does? */
static bool joinable(const struct job *a, const struct job *b)
{
	const struct sh_subscription *s = &a->to, *t = &b->to;

	return s->sub == t->sub && strcmp(s->host, t->host) == 0 &&
	       strcmp(s->realm, t->realm) == 0 && strcmp(s->user, t->user) == 0 &&
	       strcmp(s->impi, t->impi) == 0 &&
	       (s->reference != SH_FILTER_CRITERIA || t->reference != SH_FILTER_CRITERIA ||
		strcmp(s->server, t->server) == 0);
}

static bool user_is_there(const struct subscription *sub, const struct job *j)
{
	return sub && j->to.sub == sub->id &&
	       (sh_user_is_number(&j->to) || subscription_impu(sub, slice_str(j->to.user)) >= 0);
}

/* Make the document of a job that has others with it. One that is too long, or cannot be written, is none. */
static int write_joined(struct transaction *tx, const struct subscription *sub, struct job *j)
{
	const struct sh_subscription *s[SH_SUBSCRIPTIONS_OF_USER];
	size_t n = 0;
	int err;

	s[n++] = &j->to;
	for (const struct job *w = j->with; w && n < SH_SUBSCRIPTIONS_OF_USER; w = w->next)
		s[n++] = &w->to;
	err = sh_notice_join(tx, &hub.svc->policy.charging, sub, s, n, &j->joined, &j->joined_len);
	if (err == 0 && j->joined && j->joined_len > hub.svc->sh.user_data_max) {
		free(j->joined);
		j->joined = NULL;
	}
	return err;
}

/* Take those out of the list that can be told with j. Returns whether there are any. */
static bool take_joinable(struct job *j)
{
	struct job **p = &j->next;
	const struct job *criteria = j->to.reference == SH_FILTER_CRITERIA ? j : NULL;

	while (*p) {
		struct job *b = *p;

		if (!joinable(j, b) || (criteria && !joinable(criteria, b))) {
			p = &b->next;
			continue;
		}
		if (b->to.reference == SH_FILTER_CRITERIA)
			criteria = b;
		*p = b->next;
		b->next = j->with;
		j->with = b;
	}
	return j->with != NULL;
}

/*
 * Of the jobs in front of end, all for users of sub, those that one application server may be told in one request
 * (Notif-Eff, 6.1.4.1) become one.
 */
static int join(struct transaction *tx, const struct subscription *sub, struct job **jobs,
		struct job *end, size_t *n_jobs)
{
	struct job *todo = NULL, *done = NULL;
	int err = 0;

	while (*jobs != end) {
		struct job *j = *jobs;

		*jobs = j->next;
		j->next = todo;
		todo = j;
	}
	while (todo) {
		struct job *j = todo;

		if (err == 0 && user_is_there(sub, j) && takes_joined(j->to.host) &&
		    take_joinable(j)) {
			err = write_joined(tx, sub, j);
			for (const struct job *w = j->with; w && j->joined; w = w->next)
				(*n_jobs)--;
		}
		todo = j->next;
		while (j->with && !j->joined) { /* each by itself after all */
			struct job *w = j->with;

			j->with = w->next;
			w->next = done;
			done = w;
		}
		j->next = done;
		done = j;
	}
	while (done) {
		struct job *j = done;

		done = j->next;
		j->next = *jobs;
		*jobs = j;
	}
	return err;
}

static int look_at_all_of(struct transaction *tx, int64_t id, int64_t time, struct job **jobs,
			  size_t *n_jobs)
{
	struct sh_subscription *s = calloc(SH_SUBSCRIPTIONS_OF_USER, sizeof(*s));
	struct subscription *sub = subscription_new(), *other = subscription_new();
	struct job *before = *jobs;
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
		err = join(tx, sub, jobs, before, n_jobs);
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

/* What became of a notification, for one of the subscriptions that it was for. */
static int keep_outcome_of(struct transaction *tx, const struct job *j, const struct outcome *o,
			   bool joined)
{
	struct sh_subscription s = j->to, is;
	int n;

	if (o->experimental && o->code == CX_USER_UNKNOWN.code) /* 6.1.4.1 */
		return store_end_subscriptions(tx, s.host, s.user);
	if (o->experimental && o->code == SH_NO_SUBSCRIPTION_TO_DATA && !joined)
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

static int keep_outcome(struct transaction *tx, const struct job *j)
{
	const struct outcome *o = &j->outcome;
	int err = keep_outcome_of(tx, j, o, j->joined != NULL);

	for (const struct job *w = j->with; w && err == 0; w = w->next)
		err = keep_outcome_of(tx, w, o, true);
	/* which of them it refuses is known when each comes by itself */
	if (j->joined && o->answered && (o->code != RESULT_SUCCESS.code || o->experimental))
		notify_supports(j->to.host, 0);
	return err;
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
	err = j->joined
		  ? sh_send_pnr(&j->to, SH_FEATURE_NOTIF_EFF, j->joined, j->joined_len, hub.seconds,
				on_pna, j)
		  : sh_send_pnr(&j->to, 0, j->notice.data, j->notice.len, hub.seconds, on_pna, j);
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
