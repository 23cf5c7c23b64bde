/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/visitor.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/log.h"
#include "hss/counters.h"
#include "hss/diameter/cx_groups.h"
#include "hss/diameter/cx_reply.h"
#include "hss/diameter/cx_server.h"
#include "hss/diameter/send_guard.h"
#include "hss/diameter/session.h"
#include "hss/migration/pending.h"
#include "hss/migration/verdict.h"

_Static_assert((int)PENDING_SYSTEMS == (int)CONFIG_PARTNERS_MAX, "each partner has its places");

enum { LIBRARY_S = 3 }; /* libfdcore forgets a request after this; it is over here by then */

/* A MAR that waits for the primary. */
struct asking {
	struct incoming *in;
	struct service *svc;
	struct cx_request *req;
	struct cx_echo echo;
	struct binding b;
	int impu; /* which of its public identities */
	unsigned int partner;
	int64_t until_ms;
	char asked[IDENTITY_SIZE]; /* the host */
	bool redirected;
};

static struct {
	const struct config *cfg;
	struct pending pending;
	pthread_t thread;
	pthread_mutex_t lock; /* of idle and stop */
	pthread_cond_t news;
	bool runs, idle, stop; /* idle: nobody waits, and the thread does for the first */
} visitors = {.lock = PTHREAD_MUTEX_INITIALIZER, .news = PTHREAD_COND_INITIALIZER};

static int64_t monotonic_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the S-CSCF is answered ---- */

static void reply(struct asking *a, struct result result, const struct primary_answer *from)
{
	struct cx_served served = {.why = NULL};

	served.ans.result = result;
	if (result.code == RESULT_SUCCESS.code && from) {
		served.ans.scheme = from->scheme;
		served.ans.vector[0] = from->vector;
		served.ans.n_vectors = 1;
		if (!cx_make_password(&a->svc->policy, from->scheme, &from->vector,
				      served.ans.password[0]))
			served.ans = (struct cx_answer){.result = RESULT_UNABLE_TO_COMPLY};
	}
	cx_reply(a->in, CX_MAR, a->req, &a->echo, &served);
	free(a->req);
	free(a);
}

/* Where he is bound still: it may have ended while the primary was asked. */
static bool still_bound(const struct asking *a)
{
	struct binding now;

	return migration_here(a->svc->migration, slice_str(a->b.own.impi), &now) == 0 &&
	       strcmp(now.id, a->b.id) == 0 && binding_serves(&now, time(NULL));
}

static void finish(struct asking *a, const struct primary_answer *from)
{
	struct result r = verdict_answer(from);

	if (r.code == RESULT_SUCCESS.code && !still_bound(a))
		r = CX_USER_UNKNOWN;
	if (!r.experimental && r.code != RESULT_SUCCESS.code) {
		counter_add(COUNT_visitor_mar_failed, 1);
		log_line(LOG_INFO, "migration %s: %s of %s answers %s%u", a->b.id, a->asked,
			 a->b.partner, from->result.experimental ? "experimental " : "",
			 from->answered ? from->result.code : 0);
	}
	reply(a, r, from);
}

static void finish_unanswered(struct asking *a)
{
	const struct primary_answer none = {.answered = false};

	finish(a, &none);
}

/* ---- the primary's answer ---- */

static bool copy_octets(const struct avp_hdr *hdr, void *out, size_t len)
{
	struct slice s = avp_octets(hdr);

	if (s.len != len)
		return false;
	memcpy(out, s.p, len);
	return true;
}

/* A vector that is whole, of the lengths that there are (TS 29.229 6.3.13 and following). */
static bool read_vector(struct avp *item, struct primary_answer *out)
{
	uint8_t challenge[AKA_RAND_LEN + AKA_AUTN_LEN] = {0};
	struct aka_vector *v = &out->vector;
	unsigned int have = 0;

	for (struct avp *a = avp_child(item); a; a = avp_next(a)) {
		struct avp_hdr *hdr;
		struct slice s;

		if (fd_msg_avp_hdr(a, &hdr))
			return false;
		s = avp_octets(hdr);
		switch (avp_identify(hdr)) {
		case AVP_SIP_AUTHENTICATION_SCHEME:
			have |= scheme_of(s, &out->scheme) == 0 ? 1 : 0;
			break;
		case AVP_SIP_AUTHENTICATE:
			have |= copy_octets(hdr, challenge, sizeof(challenge)) ? 2 : 0;
			break;
		case AVP_SIP_AUTHORIZATION:
			if (s.len >= 4 && s.len <= AKA_RES_MAX) {
				memcpy(v->xres, s.p, s.len);
				v->xres_len = (uint8_t)s.len;
				have |= 4;
			}
			break;
		case AVP_CONFIDENTIALITY_KEY:
			have |= copy_octets(hdr, v->ck, sizeof(v->ck)) ? 8 : 0;
			break;
		case AVP_INTEGRITY_KEY:
			have |= copy_octets(hdr, v->ik, sizeof(v->ik)) ? 16 : 0;
			break;
		}
	}
	if (have != 31)
		return false;
	memcpy(v->rand, challenge, AKA_RAND_LEN);
	memcpy(v->autn, challenge + AKA_RAND_LEN, AKA_AUTN_LEN);
	return true;
}

/* Only what is looked for here is taken: nothing else of the primary's comes through. */
static void read_answer(struct msg *msg, const char *asked, struct primary_answer *out)
{
	uint32_t code;

	out->answered = true;
	for (struct avp *a = avp_child(msg); a; a = avp_next(a)) {
		struct avp_hdr *hdr;

		if (fd_msg_avp_hdr(a, &hdr))
			return;
		switch (avp_identify(hdr)) {
		case AVP_ORIGIN_HOST:
			out->from_there = slice_eq_nocase(avp_octets(hdr), slice_str(asked));
			break;
		case AVP_RESULT_CODE:
			if (hdr->avp_value)
				out->result = (struct result){hdr->avp_value->u32, false};
			break;
		case AVP_EXPERIMENTAL_RESULT:
			code = avp_experimental_code(a);
			if (code)
				out->result = (struct result){code, true};
			break;
		case AVP_SIP_AUTH_DATA_ITEM:
			if (!out->has_vector)
				out->has_vector = read_vector(a, out);
			break;
		case AVP_REDIRECT_HOST:
			if (!out->redirect[0])
				redirect_host(avp_octets(hdr), out->redirect);
			break;
		}
	}
}

/* ---- the primary is asked ---- */

static int send_mar(struct asking *a);

/* Its SLF names the HSS that has him (TS 29.228 6.5): one step, to one of the partner's HSSs that we know. */
static bool follow(struct asking *a, const struct primary_answer *from)
{
	if (from->result.experimental || from->result.code != RESULT_REDIRECT.code ||
	    !from->from_there || a->redirected ||
	    !redirect_allowed(visitors.cfg, a->b.partner, from->redirect, a->asked))
		return false;
	a->redirected = true;
	strcpy(a->asked, from->redirect);
	return send_mar(a) == 0;
}

static void on_whole_answer(struct asking *a, struct msg *msg)
{
	struct primary_answer from;

	memset(&from, 0, sizeof(from));
	read_answer(msg, a->asked, &from);
	server_dispatching(true);
	if (!follow(a, &from))
		finish(a, &from);
	server_dispatching(false);
	explicit_bzero(&from, sizeof(from));
}

/* libfdcore cancels this thread when it stops: not with anything held. */
static void on_answer(void *data, struct msg **msg)
{
	struct asking *a;
	int cancel;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	a = pending_take(&visitors.pending, (uintptr_t)data);
	if (a) /* else it comes too late */
		on_whole_answer(a, *msg);
	send_guard_free(*msg);
	*msg = NULL;
	pthread_setcancelstate(cancel, NULL);
}

static void on_expiry(void *data, DiamId_t peer, size_t len, struct msg **msg)
{
	struct asking *a;
	int cancel;

	(void)peer;
	(void)len;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	a = pending_take(&visitors.pending, (uintptr_t)data);
	if (a)
		finish_unanswered(a);
	send_guard_free(*msg);
	*msg = NULL;
	pthread_setcancelstate(cancel, NULL);
}

/* What leaves for another system: each AVP stands here by its name. */
static struct msg *make_mar(const struct asking *a)
{
	struct msg *msg = NULL;
	struct builder b = {NULL, 0}, item;

	b.err = fd_msg_new(cx_application.commands[CX_COMMAND_MA].request, MSGFL_ALLOC_ETEID, &msg);
	b.parent = msg;
	session_new(&b);
	add_application(&b, cx_application.id);
	add_u32(&b, AVP_AUTH_SESSION_STATE, 1);
	if (b.err == 0)
		b.err = fd_msg_add_origin(msg, 0);
	add_text(&b, AVP_DESTINATION_HOST, a->asked);
	add_text(&b, AVP_DESTINATION_REALM, a->b.realm);
	add_text(&b, AVP_USER_NAME, a->b.pair.impi);
	add_text(&b, AVP_PUBLIC_IDENTITY, a->b.pair.impu[a->impu]);
	add_u32(&b, AVP_SIP_NUMBER_AUTH_ITEMS, 1);
	item = open_group(&b, AVP_SIP_AUTH_DATA_ITEM);
	add_octets(&item, AVP_SIP_AUTHENTICATION_SCHEME, a->req->scheme.p, a->req->scheme.len);
	if (a->req->resync.len)
		add_octets(&item, AVP_SIP_AUTHORIZATION, a->req->resync.p, a->req->resync.len);
	close_group(&b, &item);
	add_text(&b, AVP_SERVER_NAME, visitors.cfg->migration_server);
	if (b.err && msg)
		fd_msg_free(msg);
	return b.err ? NULL : msg;
}

/* There is one who waits. */
static void wake(void)
{
	pthread_mutex_lock(&visitors.lock);
	if (visitors.idle)
		pthread_cond_signal(&visitors.news);
	pthread_mutex_unlock(&visitors.lock);
}

/* Returns 0: it will be answered; or -1, and a is the caller's still. */
static int send_mar(struct asking *a)
{
	struct msg *msg = make_mar(a);
	uintptr_t number = msg ? pending_add(&visitors.pending, a->partner, a->until_ms, a) : 0;
	struct timespec expiry;

	if (!number) {
		if (msg)
			fd_msg_free(msg);
		return -1;
	}
	clock_gettime(CLOCK_REALTIME, &expiry); /* what freeDiameter counts in */
	expiry.tv_sec += LIBRARY_S;
	if (fd_msg_send_timeout(&msg, on_answer, (void *)number, on_expiry, &expiry) == 0) {
		wake();
		return 0;
	}
	if (msg)
		fd_msg_free(msg);
	return pending_take(&visitors.pending, number) ? -1 : 0;
}

static void ask(struct asking *a)
{
	const struct config_partner *p = config_partner(visitors.cfg, a->b.partner);

	a->until_ms = monotonic_ms() + VISITOR_ANSWER_MS;
	strcpy(a->asked, a->b.host);
	counter_add(COUNT_visitor_mar, 1);
	if (!p) {
		finish_unanswered(a);
		return;
	}
	a->partner = (unsigned int)(p - visitors.cfg->partner);
	if (send_mar(a) == 0)
		return;
	counter_add(COUNT_visitor_mar_busy, 1);
	reply(a, RESULT_TOO_BUSY, NULL);
}

void visitor_mar(struct incoming *in, struct service *svc, struct cx_request *req,
		 const struct cx_echo *echo)
{
	struct asking *a = malloc(sizeof(*a));
	struct cx_served served = {.why = NULL};

	served.ans.result = RESULT_UNABLE_TO_COMPLY;
	if (a) {
		*a = (struct asking){.in = in, .svc = svc, .req = req, .echo = *echo};
		served.ans.result =
		    verdict_visitor(svc->migration, req, time(NULL), &a->b, &a->impu);
		if (served.ans.result.code == RESULT_SUCCESS.code) {
			ask(a);
			return;
		}
	}
	counter_add(COUNT_visitor_refused, 1);
	cx_reply(in, CX_MAR, req, echo, &served);
	free(req);
	free(a);
}

unsigned int visitors_waiting(void)
{
	return pending_count(&visitors.pending);
}

/* ---- what is late ---- */

/* Until there may be somebody who is late; under the lock. */
static void sleep_some(void)
{
	struct timespec until;

	visitors.idle = pending_count(&visitors.pending) == 0;
	if (visitors.idle) {
		pthread_cond_wait(&visitors.news, &visitors.lock);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += VISITOR_TICK_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_cond_clockwait(&visitors.news, &visitors.lock, CLOCK_MONOTONIC, &until);
}

static void *run(void *arg)
{
	pthread_mutex_lock(&visitors.lock);
	while (!visitors.stop) {
		struct asking *a;

		sleep_some();
		visitors.idle = false;
		pthread_mutex_unlock(&visitors.lock);
		while ((a = pending_late(&visitors.pending, monotonic_ms())))
			finish_unanswered(a);
		pthread_mutex_lock(&visitors.lock);
	}
	pthread_mutex_unlock(&visitors.lock);
	return arg;
}

int visitor_start(const struct config *cfg)
{
	int err;

	visitors.cfg = cfg;
	pending_init(&visitors.pending, cfg->requests_max / 4, VISITOR_OF_ONE_MAX);
	err = pthread_create(&visitors.thread, NULL, run, NULL);
	visitors.runs = err == 0;
	return err;
}

void visitor_stop(void)
{
	struct asking *a;

	if (!visitors.runs)
		return;
	pthread_mutex_lock(&visitors.lock);
	visitors.stop = true;
	pthread_cond_signal(&visitors.news);
	pthread_mutex_unlock(&visitors.lock);
	pthread_join(visitors.thread, NULL);
	visitors.runs = false;
	while ((a = pending_late(&visitors.pending, INT64_MAX)))
		finish_unanswered(a);
}
