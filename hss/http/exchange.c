/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/http/exchange.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/log.h"
#include "hss/counters.h"

static struct {
	pthread_mutex_t lock;
	pthread_cond_t told;
	struct exchange *first; /* those that wait */
	size_t stopped;		/* those that are told that the server stops */
	bool stopping;
} waiting = {.lock = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER};

enum { TELL_S = 1 }; /* for all of them together */

struct exchange *exchange_new(struct MHD_Connection *connection)
{
	struct exchange *x = calloc(1, sizeof(*x));

	if (x) {
		x->connection = connection;
		strcpy(x->who, "-");
	}
	return x;
}

static void exchange_free(struct exchange *x)
{
	api_import_break(&x->call);
	api_call_free(&x->call);
	http_body_drop(&x->body);
	free(x->error);
	free(x);
}

void exchange_end(struct exchange *x)
{
	bool later;

	pthread_mutex_lock(&waiting.lock);
	later = x->orphan = x->pending;
	if (x->stopped && --waiting.stopped == 0)
		pthread_cond_signal(&waiting.told);
	pthread_mutex_unlock(&waiting.lock);
	if (!later)
		exchange_free(x);
}

/* Under the lock: it waits no more. */
static void resume(struct exchange *x)
{
	struct exchange **p = &waiting.first;

	if (!x->waits)
		return;
	while (*p != x)
		p = &(*p)->next;
	*p = x->next;
	x->waits = false;
	MHD_resume_connection(x->connection);
}

/* The order is done, on any thread. */
static void on_done(void *arg, const char *error)
{
	struct exchange *x = arg;
	bool orphan;

	pthread_mutex_lock(&waiting.lock);
	x->pending = false;
	x->followed = true;
	x->error = error ? strdup(error) : NULL;
	orphan = x->orphan;
	resume(x);
	pthread_mutex_unlock(&waiting.lock);
	if (orphan)
		exchange_free(x);
}

bool exchange_wait(struct exchange *x)
{
	bool may;

	pthread_mutex_lock(&waiting.lock);
	may = !waiting.stopping;
	if (may) {
		x->waits = x->pending = true;
		x->next = waiting.first;
		waiting.first = x;
		deadline_hold(x->deadline);
		MHD_suspend_connection(x->connection);
	}
	pthread_mutex_unlock(&waiting.lock);
	if (may)
		api_follow(&x->call, on_done, x);
	return may;
}

void exchange_resumed(struct exchange *x)
{
	if (x->followed)
		api_followed(&x->call, x->error);
	else
		answer_problem(&x->call, 503, "ims-hss stops, and the S-CSCF has not answered yet",
			       "see what became of it when ims-hss runs again");
}

void exchanges_stop(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += TELL_S;
	pthread_mutex_lock(&waiting.lock);
	waiting.stopping = true;
	while (waiting.first) {
		waiting.first->stopped = true;
		waiting.stopped++;
		resume(waiting.first);
	}
	while (waiting.stopped && pthread_cond_timedwait(&waiting.told, &waiting.lock, &until) == 0)
		;
	pthread_mutex_unlock(&waiting.lock);
}

void exchange_too_big(struct exchange *x)
{
	http_body_drop(&x->body);
	answer_problem(&x->call, 413, "the body is longer than 262144 octets",
		       "send less at once; many subscriptions go by POST /api/v1/import");
}

int exchange_body(struct exchange *x, const char *data, size_t len)
{
	int err = http_body_add(&x->body, data, len, HTTP_BODY_MAX);

	if (err == HTTP_BODY_TOO_BIG)
		exchange_too_big(x);
	else if (err)
		answer_problem(&x->call, 503, "no memory", "ask again later");
	return err ? -1 : 0;
}

static void add_headers(struct MHD_Response *r, const struct api_answer *a)
{
	static const char *const always[][2] = {
	    {"Cache-Control", "no-store"},
	    {"X-Content-Type-Options", "nosniff"},
	    {"X-Frame-Options", "DENY"},
	    {"Referrer-Policy", "no-referrer"},
	    {"Cross-Origin-Opener-Policy", "same-origin"},
	    {"Cross-Origin-Resource-Policy", "same-origin"},
	    {"Content-Security-Policy",
	     "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src "
	     "data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}};
	char seconds[16];

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		MHD_add_response_header(r, always[i][0], always[i][1]);
	if (a->type)
		MHD_add_response_header(r, "Content-Type", a->type);
	if (a->tag[0])
		MHD_add_response_header(r, "ETag", a->tag);
	if (a->status == 401)
		MHD_add_response_header(r, "WWW-Authenticate", "Bearer realm=\"ims-hss\"");
	if (a->allow)
		MHD_add_response_header(r, "Allow", a->allow);
	if (a->location[0])
		MHD_add_response_header(r, "Location", a->location);
	snprintf(seconds, sizeof(seconds), "%u", a->retry_after);
	if (a->retry_after)
		MHD_add_response_header(r, "Retry-After", seconds);
}

static void log_it(const struct exchange *x)
{
	unsigned int status = x->call.answer.status;

	counter_add(COUNT_http_requests, 1);
	counter_add(COUNT_http_refused, status >= 400);
	/* what changes something leaves a line with the name of who did it */
	log_line(strcmp(x->method, "GET") == 0 || status >= 400 ? LOG_INFO : LOG_NOTICE,
		 "HTTP %s %s by %s: %u", x->method, x->target, x->who, status);
}

enum MHD_Result exchange_answer(struct exchange *x)
{
	struct api_answer *a = &x->call.answer;
	struct MHD_Response *r;
	enum MHD_Result rc;

	if (a->text) {
		r = MHD_create_response_from_buffer(a->text_len, (void *)(uintptr_t)a->text,
						    MHD_RESPMEM_PERSISTENT);
	} else {
		r = MHD_create_response_from_buffer(a->out.len, a->out.p, MHD_RESPMEM_MUST_FREE);
		if (r)
			memset(&a->out, 0, sizeof(a->out));
	}
	if (!r)
		return MHD_NO;
	add_headers(r, a);
	if (x->last)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONNECTION, "close");
	log_it(x);
	deadline_again(x->deadline, x->call.now_ms);
	rc = MHD_queue_response(x->connection, a->status, r);
	MHD_destroy_response(r);
	return rc;
}
