/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A worker thread: waits for sockets and messages, looks at time limits, and hands on. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include "agw/media/leg.h"

enum { EVENTS = 256 };

int64_t media_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void queue_report(struct worker *w, struct report *r)
{
	if (!w->reports)
		w->reports_due_ms = w->now_ms + REPORT_MS;
	r->mail.next = NULL;
	*w->reports_end = r;
	w->reports_end = (struct report **)(void *)&r->mail.next;
}

static void send_reports(struct worker *w)
{
	struct report *r = w->reports;

	w->reports = NULL;
	w->reports_end = &w->reports;
	while (r) {
		struct report *next = (struct report *)r->mail.next;

		mailbox_post(&w->media->box, &r->mail);
		r = next;
	}
}

void worker_report(struct media_leg *leg, enum media_event_type type, int error,
		   enum media_tls_cause cause, const struct netaddr *addr)
{
	struct report *r = calloc(1, sizeof(*r));

	if (!r)
		return; /* out of memory: an event less is the smaller evil */
	r->event = (struct media_event){.type = type, .leg = leg, .error = error, .cause = cause};
	if (addr)
		r->event.addr = *addr;
	queue_report(leg->worker, r);
}

int worker_watch(struct worker *w, int fd, uint32_t mask, struct source *s)
{
	struct epoll_event ev = {.events = mask, .data.ptr = s};

	if (epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, fd, &ev) == 0)
		return 0;
	return errno == EEXIST ? epoll_ctl(w->epoll_fd, EPOLL_CTL_MOD, fd, &ev) : -1;
}

static void attach(struct worker *w, struct media_leg *leg)
{
	leg->timed_prev = NULL;
	leg->timed_next = w->legs;
	if (w->legs)
		w->legs->timed_prev = leg;
	w->legs = leg;
	leg->watch_since_ms = w->now_ms;
	if (leg_is_stream(leg))
		stream_leg_attach(leg);
	else
		datagram_leg_attach(leg);
}

static void unlist(struct worker *w, struct media_leg *leg)
{
	if (leg->timed_prev)
		leg->timed_prev->timed_next = leg->timed_next;
	else
		w->legs = leg->timed_next;
	if (leg->timed_next)
		leg->timed_next->timed_prev = leg->timed_prev;
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
	if (!watched && (leg->cfg.inactive_in_ms || leg->cfg.inactive_out_ms)) {
		leg->watch_since_ms = leg->worker->now_ms;
		leg->inactive_told = 0;
	}
	if (leg_is_stream(leg))
		stream_leg_configure(leg, &before);
	else
		datagram_leg_configure(leg, &before);
	leg->configured = true;
	explicit_bzero(&before, sizeof(before));
}

static void close_leg(struct worker *w, struct media_leg *leg)
{
	struct report *r;

	unlink_pair(leg);
	unlist(w, leg);
	if (leg_is_stream(leg))
		stream_leg_close(leg);
	else
		datagram_leg_close(leg);
	trace_close(leg);
	explicit_bzero(&leg->cfg, sizeof(leg->cfg));
	while (!(r = calloc(1, sizeof(*r)))) /* ports hang on this one: wait for memory */
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	r->closed = true;
	r->event.leg = leg;
	queue_report(w, r);
}

static void order_done(struct media_leg *leg)
{
	atomic_fetch_add_explicit(&leg->orders_done, 1, memory_order_release);
}

static void take_messages(struct worker *w)
{
	struct mail *mail = mailbox_take(&w->box);

	while (mail) {
		struct message *msg = (struct message *)mail;

		mail = mail->next;
		switch (msg->kind) {
		case MESSAGE_ATTACH:
			attach(w, msg->leg);
			break;
		case MESSAGE_DETACH:
			unlink_pair(msg->leg);
			if (leg_is_stream(msg->leg))
				stream_leg_detach(msg->leg);
			else
				datagram_leg_detach(msg->leg);
			unlist(w, msg->leg);
			send_reports(
			    w); /* what it has to say comes before what its next worker says */
			sem_post(msg->done);
			break;
		case MESSAGE_CONFIGURE:
			configure(msg->leg, msg->cfg);
			order_done(msg->leg);
			break;
		case MESSAGE_LINK:
			msg->leg->partner = msg->other;
			msg->other->partner = msg->leg;
			if (leg_is_stream(msg->leg)) {
				stream_leg_linked(msg->leg);
				stream_leg_linked(msg->other);
			}
			order_done(msg->leg);
			order_done(msg->other);
			break;
		case MESSAGE_UNLINK:
			unlink_pair(msg->leg);
			break;
		case MESSAGE_CLOSE:
			close_leg(w, msg->leg);
			break;
		case MESSAGE_TRACE:
			trace_close(msg->leg);
			if (msg->fd >= 0)
				trace_open(msg->leg, msg->fd);
			order_done(msg->leg);
			break;
		case MESSAGE_STOP:
			w->stop = true;
			break;
		}
		free(msg);
	}
}

/* Media inactivity (adid/ipstop): one report when the limit is passed, one when packets are back.
 */
static void check_activity(struct media_leg *leg, int64_t now)
{
	int64_t in = leg->stats.last_in_ms > leg->watch_since_ms ? leg->stats.last_in_ms
								 : leg->watch_since_ms;
	int64_t out =
	    leg->last_out_ms > leg->watch_since_ms ? leg->last_out_ms : leg->watch_since_ms;
	uint8_t silent = 0;

	if (leg->cfg.inactive_in_ms && now - in >= (int64_t)leg->cfg.inactive_in_ms)
		silent |= 1;
	if (leg->cfg.inactive_out_ms && now - out >= (int64_t)leg->cfg.inactive_out_ms)
		silent |= 2;
	if (silent & ~leg->inactive_told)
		worker_report(leg, MEDIA_EV_INACTIVE, silent, MEDIA_TLS_CAUSE_NONE, NULL);
	else if (leg->inactive_told && !silent)
		worker_report(leg, MEDIA_EV_RESUMED, 0, MEDIA_TLS_CAUSE_NONE, NULL);
	leg->inactive_told = silent;
}

static void sweep(struct worker *w)
{
	struct media_leg *next;

	for (struct media_leg *leg = w->legs; leg; leg = next) {
		next = leg->timed_next;
		if (leg->cfg.inactive_in_ms || leg->cfg.inactive_out_ms)
			check_activity(leg, w->now_ms);
		if (leg_is_stream(leg))
			stream_leg_sweep(leg);
		else
			datagram_leg_sweep(leg);
	}
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
		datagram_leg_readable(s->leg, &s->leg->d.rtp);
		break;
	case SOURCE_RTCP:
		datagram_leg_readable(s->leg, &s->leg->d.rtcp);
		break;
	case SOURCE_LISTEN:
		stream_leg_acceptable(s->leg);
		break;
	case SOURCE_CONN:
		w->stream_ms = w->now_ms;
		stream_leg_event(s->leg, events);
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
		stream_pump(leg);
	}
}

/*
 * With many datagrams a second each would wake us by itself, and waking costs as much as relaying.
 * Waiting a fraction of a millisecond lets several be served at once. Streams are not made to wait.
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
	int64_t until = w->legs ? w->next_sweep_ms : INT64_MAX;

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
		w->busy = n == EVENTS;
		judge_rate(w);
		for (int i = 0; i < n; i++) {
			if (i + 1 < n)
				__builtin_prefetch(events[i + 1].data.ptr);
			dispatch(w, events[i].data.ptr, events[i].events);
		}
		datagram_relay_taken(w);
		if (w->again)
			run_again(w);
		if (w->rung) {
			w->rung = false;
			take_messages(w);
		}
		if (w->now_ms >= w->next_sweep_ms) {
			w->next_sweep_ms = w->now_ms + SWEEP_MS;
			sweep(w);
		}
		if (w->reports && w->now_ms >= w->reports_due_ms)
			send_reports(w);
	}
	while (w->legs)
		close_leg(w, w->legs);
	send_reports(w);
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
	w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	w->tls = tls_context(m, false);
	w->dtls = tls_context(m, true);
	datagram_batch_init(w);
	if (w->epoll_fd < 0 || mailbox_open(&w->box) < 0 ||
	    worker_watch(w, w->box.event_fd, EPOLLIN, &w->box_source) < 0 || !w->tls || !w->dtls) {
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
