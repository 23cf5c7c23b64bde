/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/client.h"

#include <pthread.h>
#include <time.h>

#include "hss/diameter/avp.h"
#include "hss/diameter/forward.h"
#include "hss/diameter/send_guard.h"

/* Requests under way. A number names one once: what comes late finds it gone. */
static struct pending {
	uintptr_t number; /* 0: free */
	int64_t until_ms;
	struct msg
	    *left; /* for another process (forward.h), while it may not have been taken, or NULL */
	int64_t take_back_ms; /* left is sent from here at this time */
	unsigned int seconds;
	outcome_h done;
	void *arg;
} pending[CLIENT_PENDING_MAX];
static uintptr_t last_number;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Returns the number, or 0 if there are too many. */
static uintptr_t add(int64_t until_ms, outcome_h done, void *arg)
{
	uintptr_t number = 0;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < CLIENT_PENDING_MAX && !number; i++)
		if (!pending[i].number) {
			number = ++last_number;
			pending[i] = (struct pending){
			    .number = number, .until_ms = until_ms, .done = done, .arg = arg};
		}
	pthread_mutex_unlock(&lock);
	return number;
}

/* Take a request off the list; *out is empty if somebody has done so before. */
static void take(uintptr_t number, struct pending *out)
{
	memset(out, 0, sizeof(*out));
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < CLIENT_PENDING_MAX; i++)
		if (pending[i].number == number) {
			*out = pending[i];
			pending[i].number = 0;
		}
	pthread_mutex_unlock(&lock);
}

static void read_outcome(struct msg *msg, struct outcome *out)
{
	struct avp *avp = NULL;
	struct avp_hdr *hdr;

	slice_copy(avp_octets_of(msg, AVP_ORIGIN_HOST), out->from, sizeof(out->from));
	if (fd_msg_search_avp(msg, dict.avp[AVP_RESULT_CODE], &avp) == 0 && avp &&
	    fd_msg_avp_hdr(avp, &hdr) == 0 && hdr->avp_value)
		out->code = hdr->avp_value->u32;
	else if (fd_msg_search_avp(msg, dict.avp[AVP_EXPERIMENTAL_RESULT], &avp) == 0 && avp) {
		out->code = avp_experimental_code(avp);
		out->experimental = out->code != 0;
	}
}

void client_outcome(uintptr_t number, const struct outcome *outcome)
{
	struct pending p;

	take(number, &p);
	if (!p.number)
		return;
	if (p.left)
		fd_msg_free(p.left);
	p.done(outcome, p.arg);
}

static void finish(uintptr_t number, struct msg *answer)
{
	struct outcome outcome;

	memset(&outcome, 0, sizeof(outcome));
	outcome.answered = answer != NULL;
	if (answer)
		read_outcome(answer, &outcome);
	client_outcome(number, &outcome);
}

/*
 * libfdcore cancels the thread that finds a request over its time as soon as the peer goes away, and
 * others when it stops. An outcome may take locks and write to the store: it is told whole. last, the
 * answer with its request or the request alone, is freed.
 */
static void finish_whole(uintptr_t number, struct msg *answer, struct msg *last)
{
	int cancel;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	finish(number, answer);
	send_guard_free(last);
	pthread_setcancelstate(cancel, NULL);
}

static void on_answer(void *data, struct msg **msg)
{
	finish_whole((uintptr_t)data, *msg, *msg);
	*msg = NULL;
}

static void on_expiry(void *data, DiamId_t peer, size_t len, struct msg **msg)
{
	(void)peer;
	(void)len;
	finish_whole((uintptr_t)data, NULL, *msg);
	*msg = NULL;
}

/* Over a connection of this process. Takes msg over. */
static int send_here(struct msg *msg, unsigned int seconds, uintptr_t number)
{
	struct timespec expiry;
	int err;

	clock_gettime(CLOCK_REALTIME, &expiry); /* what freeDiameter counts in */
	expiry.tv_sec += (time_t)seconds;
	err = fd_msg_send_timeout(&msg, on_answer, (void *)number, on_expiry, &expiry);
	if (err && msg)
		fd_msg_free(msg);
	return err;
}

/* The same; after an error nobody waits for it. */
static int send_or_forget(struct msg *msg, unsigned int seconds, uintptr_t number)
{
	struct pending p;
	int err = send_here(msg, seconds, number);

	if (err)
		take(number, &p);
	return err;
}

static uintptr_t begin(struct msg *msg, unsigned int seconds, outcome_h done, void *arg)
{
	uintptr_t number = add(now() + seconds * 1000 + 1000, done, arg);

	if (!number)
		fd_msg_free(msg);
	return number;
}

int client_send_here(struct msg *msg, unsigned int seconds, outcome_h done, void *arg)
{
	uintptr_t number = begin(msg, seconds, done, arg);

	return number ? send_or_forget(msg, seconds, number) : EAGAIN;
}

/* Remember the message until it is taken; its outcome may be told already. */
static void keep_left(uintptr_t number, struct msg *msg, unsigned int seconds)
{
	bool kept = false;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < CLIENT_PENDING_MAX; i++)
		if (pending[i].number == number) {
			pending[i].left = msg;
			pending[i].seconds = seconds;
			pending[i].take_back_ms = now() + FORWARD_TAKEN_MS;
			pending[i].until_ms += FORWARD_TAKEN_MS;
			kept = true;
		}
	pthread_mutex_unlock(&lock);
	if (!kept)
		fd_msg_free(msg);
}

int client_send(struct msg *msg, unsigned int seconds, outcome_h done, void *arg)
{
	uintptr_t number = begin(msg, seconds, done, arg);

	if (!number)
		return EAGAIN;
	if (!forward_leave(msg, number, seconds))
		return send_or_forget(msg, seconds, number);
	keep_left(number, msg, seconds);
	return 0;
}

/* What has lain in the store long enough: has anybody taken it? */
static void take_back(size_t i, int64_t now_ms)
{
	struct msg *msg = NULL;
	uintptr_t number = 0;
	unsigned int seconds = 0;

	pthread_mutex_lock(&lock);
	if (pending[i].number && pending[i].left && now_ms >= pending[i].take_back_ms) {
		msg = pending[i].left;
		number = pending[i].number;
		seconds = pending[i].seconds;
		pending[i].left = NULL;
	}
	pthread_mutex_unlock(&lock);
	if (!msg)
		return;
	if (!forward_take_back(number))
		fd_msg_free(msg); /* it is another's now */
	else if (send_here(msg, seconds, number))
		finish(number, NULL);
}

void client_tick(int64_t now_ms)
{
	for (size_t i = 0; i < CLIENT_PENDING_MAX; i++) {
		uintptr_t late;

		take_back(i, now_ms);
		pthread_mutex_lock(&lock);
		late = pending[i].number && now_ms >= pending[i].until_ms ? pending[i].number : 0;
		pthread_mutex_unlock(&lock);
		if (late)
			finish(late, NULL);
	}
}
