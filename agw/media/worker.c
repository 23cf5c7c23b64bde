/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A worker thread: waits for sockets and messages, looks at time limits, and hands on. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>
#include "agw/media/worker.h"

enum {
	EVENTS = 256,	   /* told by one wait */
	AHEAD = 4,	   /* a source is fetched so many events before its turn */
	GATHER_US = 1000,  /* how long a busy worker waits for more datagrams */
	GATHER_PER_MS = 8, /* from this many a millisecond on */
	BEHIND_MS = 20,	   /* a round that takes longer: there is more than can be carried */
	TICK_MS = 50,	   /* how often time limits are looked at, while there are any */
	WHEEL_TICK_MS = 10,
};

int64_t media_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int source_watch(struct worker *w, int fd, uint32_t mask, struct source *s)
{
	struct epoll_event ev = {.events = mask, .data.ptr = s};

	if (epoll_ctl(w->epoll_fd, EPOLL_CTL_MOD, fd, &ev) == 0)
		return 0;
	return errno == ENOENT ? epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, fd, &ev) : -1;
}

void source_forget(struct worker *w, int fd)
{
	epoll_ctl(w->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

void leg_timer_arm(struct worker *w, struct leg_timer *t, int64_t due_ms,
		   void (*fire)(struct leg_timer *t))
{
	t->fire = fire;
	timer_wheel_arm(&w->wheel, &t->wheel, (uint64_t)due_ms);
}

void leg_timer_cancel(struct worker *w, struct leg_timer *t)
{
	timer_wheel_cancel(&w->wheel, &t->wheel);
}

static void fire(struct wheel_timer *t, void *arg)
{
	struct leg_timer *timer = (struct leg_timer *)t;

	(void)arg;
	timer->fire(timer);
}

static void attach(struct worker *w, struct media_leg *leg)
{
	leg->worker_prev = NULL;
	leg->worker_next = w->legs;
	if (w->legs)
		w->legs->worker_prev = leg;
	w->legs = leg;
	if (leg_is_stream(leg))
		stream_leg_attach(leg);
	else
		datagram_leg_attach(leg);
	activity_watch(leg, true);
	verdict_rearm(leg);
}

static void unlist(struct worker *w, struct media_leg *leg)
{
	leg_timer_cancel(w, &leg->silence);
	verdict_pause(leg);
	if (leg->worker_prev)
		leg->worker_prev->worker_next = leg->worker_next;
	else
		w->legs = leg->worker_next;
	if (leg->worker_next)
		leg->worker_next->worker_prev = leg->worker_prev;
	if (leg_is_stream(leg) && leg->s.again) {
		for (struct media_leg **p = &w->again; *p; p = &(*p)->s.again_next)
			if (*p == leg) {
				*p = leg->s.again_next;
				break;
			}
		leg->s.again = false;
	}
}

static void unlink_pair(struct media_leg *leg)
{
	struct media_leg *other = leg->partner;

	if (!other)
		return;
	if (leg_is_stream(leg)) {
		stream_leg_unlinked(leg);
		stream_leg_unlinked(other);
	}
	leg->partner = other->partner = NULL;
}

static void configure(struct media_leg *leg, struct media_leg_config *cfg)
{
	struct media_leg_config before = leg->cfg;
	bool watched = before.inactive_in_ms || before.inactive_out_ms;

	leg->cfg = *cfg;
	explicit_bzero(cfg, sizeof(*cfg));
	free(cfg);
	if (leg_is_stream(leg))
		stream_leg_configure(leg, &before);
	else
		datagram_leg_configure(leg, &before);
	leg->configured = true;
	activity_watch(leg, !watched);
	explicit_bzero(&before, sizeof(before));
}

static void close_leg(struct worker *w, struct media_leg *leg)
{
	unlink_pair(leg);
	unlist(w, leg);
	if (leg_is_stream(leg))
		stream_leg_close(leg);
	else
		datagram_leg_close(leg);
	trace_close(leg);
	explicit_bzero(&leg->cfg, sizeof(leg->cfg));
	report_closed(w, leg);
}

static void order_done(struct media_leg *leg)
{
	atomic_fetch_add_explicit(&leg->orders_done, 1, memory_order_release);
}

/* Another worker is to have it. What it has to say comes before what that one will say. */
static void detach(struct worker *w, struct media_leg *leg)
{
	unlink_pair(leg);
	if (leg_is_stream(leg))
		stream_leg_detach(leg);
	else
		datagram_leg_detach(leg);
	unlist(w, leg);
	report_send(w);
}

static void link_pair(struct media_leg *a, struct media_leg *b)
{
	a->partner = b;
	b->partner = a;
	if (leg_is_stream(a)) {
		stream_leg_linked(a);
		stream_leg_linked(b);
	}
}

static void take_message(struct worker *w, const struct message *msg)
{
	struct media_leg *leg = msg->leg;

	switch (msg->kind) {
	case MESSAGE_ATTACH:
		attach(w, leg);
		break;
	case MESSAGE_DETACH:
		detach(w, leg);
		sem_post(msg->done);
		break;
	case MESSAGE_CONFIGURE:
		configure(leg, msg->cfg);
		order_done(leg);
		break;
	case MESSAGE_LINK:
		link_pair(leg, msg->other);
		order_done(leg);
		order_done(msg->other);
		break;
	case MESSAGE_UNLINK:
		unlink_pair(leg);
		break;
	case MESSAGE_CLOSE:
		close_leg(w, leg);
		break;
	case MESSAGE_TRACE:
		trace_close(leg);
		if (msg->fd >= 0)
			trace_open(leg, msg->fd);
		order_done(leg);
		break;
	case MESSAGE_MARK:
		w->mark = msg->mark;
		break;
	case MESSAGE_STOP:
		w->stop = true;
		break;
	}
}

static void take_messages(struct worker *w)
{
	struct mail *mail = mailbox_take(&w->box);
	uint64_t mark = w->mark;

	while (mail) {
		struct message *msg = (struct message *)mail;

		mail = mail->next;
		take_message(w, msg);
		free(msg);
	}
	if (w->mark == mark)
		return;
	/* Control waits: it is to hear first of all that happened before the mark. */
	report_send(w);
	atomic_store_explicit(&w->mark_done, w->mark, memory_order_release);
	mailbox_ring(&w->media->box);
}

static void dispatch(struct worker *w, struct source *s, uint32_t events)
{
	switch (s->kind) {
	case SOURCE_MAILBOX: /* taken after the sockets, so that no event is left for a leg that is
				gone */
		w->rung = true;
		break;
	case SOURCE_RTP:
		w->datagrams++;
		datagram_leg_readable(s->leg, (struct datagram_end *)s);
		break;
	case SOURCE_RTCP:
		datagram_leg_readable(s->leg, (struct datagram_end *)s);
		break;
	case SOURCE_LISTEN:
		stream_leg_acceptable(s->leg);
		break;
	case SOURCE_CONN:
		w->stream_ms = w->now_ms;
		stream_conn_event((struct stream_conn *)s, events);
		break;
	}
}

static void run_again(struct worker *w)
{
	struct media_leg *list = w->again;

	w->again = NULL;
	while (list) {
		struct media_leg *leg = list;

		list = leg->s.again_next;
		leg->s.again = false;
		stream_leg_again(leg);
	}
}

/*
 * With many datagrams a second each would wake us by itself, and waking costs as much as relaying.
 * Waiting a millisecond lets many be served at once, each kind of work with its code and the memory
 * around it at hand. Streams are not made to wait.
 */
static void judge_rate(struct worker *w)
{
	int64_t passed = w->now_ms - w->rate_ms;

	if (passed < 20)
		return;
	w->gather =
	    w->datagrams >= GATHER_PER_MS * (uint64_t)passed && w->now_ms - w->stream_ms > 100;
	w->datagrams = 0;
	w->rate_ms = w->now_ms;
}

/* For epoll_wait(): -1 is without end. */
static int time_to_wait(const struct worker *w)
{
	int64_t until = timer_wheel_count(&w->wheel) ? w->next_tick_ms : INT64_MAX;

	if (w->again)
		return 0;
	if (w->reports && w->reports_due_ms < until)
		until = w->reports_due_ms;
	if (until == INT64_MAX)
		return -1;
	return until > w->now_ms ? (int)(until - w->now_ms) : 0;
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	struct epoll_event events[EVENTS];

	prctl(PR_SET_TIMERSLACK, 10000);
	(void)uring_begin(&w->uring); /* without it, each datagram has its system calls */
	while (!w->stop) {
		int64_t began_ms = w->now_ms;
		int wait = time_to_wait(w);
		int n;

		w->behind = media_now_ms() - began_ms > BEHIND_MS;
		if (w->gather && !w->again && !w->behind)
			nanosleep(&(struct timespec){.tv_nsec = GATHER_US * 1000}, NULL);
		n = epoll_wait(w->epoll_fd, events, EVENTS, wait);

		STAT_ADD(w->wakeups, 1);
		w->now_ms = media_now_ms();
		judge_rate(w);
		for (int i = 0; i < n && i < AHEAD; i++)
			__builtin_prefetch(events[i].data.ptr);
		for (int i = 0; i < n; i++) {
			if (i + AHEAD < n)
				__builtin_prefetch(events[i + AHEAD].data.ptr);
			dispatch(w, events[i].data.ptr, events[i].events);
		}
		datagram_relay_taken(w);
		if (w->again)
			run_again(w);
		if (w->rung) {
			w->rung = false;
			take_messages(w);
		}
		if (w->now_ms >= w->next_tick_ms) {
			w->next_tick_ms = w->now_ms + TICK_MS;
			timer_wheel_advance(&w->wheel, (uint64_t)w->now_ms, 0, fire, NULL);
		}
		conn_free_dropped(w);
		if (w->reports && w->now_ms >= w->reports_due_ms)
			report_send(w);
	}
	while (w->legs)
		close_leg(w, w->legs);
	conn_free_dropped(w);
	report_send(w);
	return NULL;
}

static void worker_free(struct worker *w)
{
	struct mail *mail = w->box.event_fd >= 0 ? mailbox_take(&w->box) : NULL;

	while (mail) {
		struct message *msg = (struct message *)mail;

		mail = mail->next;
		if (msg->cfg) {
			explicit_bzero(msg->cfg, sizeof(*msg->cfg));
			free(msg->cfg);
		}
		free(msg);
	}
	mailbox_close(&w->box);
	if (w->epoll_fd >= 0)
		close(w->epoll_fd);
	uring_close(&w->uring);
	SSL_CTX_free(w->tls);
	SSL_CTX_free(w->dtls);
	if (w->wire)
		explicit_bzero(w->wire, w->wire_size);
	free(w->wire);
	explicit_bzero(w, sizeof(*w));
	free(w);
}

int worker_start(struct media *m, unsigned index, struct worker **out)
{
	struct worker *w = calloc(1, sizeof(*w));
	sigset_t all, before;
	char name[16];

	if (!w)
		return MEDIA_ENOMEM;
	w->media = m;
	w->box.event_fd = -1;
	w->reports_end = &w->reports;
	w->box_source.kind = SOURCE_MAILBOX;
	w->now_ms = media_now_ms();
	timer_wheel_init(&w->wheel, (uint64_t)w->now_ms, WHEEL_TICK_MS);
	w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	w->tls = tls_context(m, false);
	w->dtls = tls_context(m, true);
	datagram_batch_init(w);
	w->uring_error = m->cfg.no_io_uring ? 0 : uring_open(&w->uring, DATAGRAM_ROUND);
	if (w->epoll_fd < 0 || mailbox_open(&w->box) < 0 ||
	    source_watch(w, w->box.event_fd, EPOLLIN, &w->box_source) < 0 || !w->tls || !w->dtls) {
		int rc = w->tls && w->dtls ? MEDIA_ESYSTEM : MEDIA_ECRYPTO;

		worker_free(w);
		return rc;
	}
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the control thread's */
	w->started = pthread_create(&w->thread, NULL, worker_main, w) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!w->started) {
		worker_free(w);
		return MEDIA_ESYSTEM;
	}
	snprintf(name, sizeof(name), "agw-media-%u", index);
	pthread_setname_np(w->thread, name);
	*out = w;
	return MEDIA_OK;
}

void worker_stop(struct worker *w)
{
	struct message *msg = calloc(1, sizeof(*msg));

	if (!msg)
		abort();
	msg->kind = MESSAGE_STOP;
	mailbox_post(&w->box, &msg->mail);
	pthread_join(w->thread, NULL);
	worker_free(w);
}
