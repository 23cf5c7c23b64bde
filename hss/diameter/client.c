/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/client.h"

#include <pthread.h>
#include <time.h>

#include "hss/diameter/avp.h"
#include "hss/diameter/send_guard.h"

/* Requests under way. A number names one once: what comes late finds it gone. */
static struct pending {
	uintptr_t number; /* 0: free */
	int64_t until_ms;
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
			pending[i] = (struct pending){number, until_ms, done, arg};
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

static void read_experimental(struct avp *group, struct outcome *out)
{
	struct avp *avp = NULL;
	struct avp_hdr *hdr;

	if (fd_msg_browse(group, MSG_BRW_FIRST_CHILD, &avp, NULL))
		return;
	for (; avp; fd_msg_browse(avp, MSG_BRW_NEXT, &avp, NULL))
		if (fd_msg_avp_hdr(avp, &hdr) == 0 && hdr->avp_value &&
		    avp_identify(hdr) == AVP_EXPERIMENTAL_RESULT_CODE) {
			out->code = hdr->avp_value->u32;
			out->experimental = true;
			return;
		}
}

static void read_outcome(struct msg *msg, struct outcome *out)
{
	struct avp *avp = NULL;
	struct avp_hdr *hdr;

	if (fd_msg_search_avp(msg, dict.avp[AVP_ORIGIN_HOST], &avp) == 0 && avp &&
	    fd_msg_avp_hdr(avp, &hdr) == 0)
		slice_copy(avp_octets(hdr), out->from, sizeof(out->from));
	if (fd_msg_search_avp(msg, dict.avp[AVP_RESULT_CODE], &avp) == 0 && avp &&
	    fd_msg_avp_hdr(avp, &hdr) == 0 && hdr->avp_value)
		out->code = hdr->avp_value->u32;
	else if (fd_msg_search_avp(msg, dict.avp[AVP_EXPERIMENTAL_RESULT], &avp) == 0 && avp)
		read_experimental(avp, out);
}

static void finish(uintptr_t number, struct msg *answer)
{
	struct outcome outcome;
	struct pending p;

	take(number, &p);
	if (!p.number)
		return;
	memset(&outcome, 0, sizeof(outcome));
	outcome.answered = answer != NULL;
	if (answer)
		read_outcome(answer, &outcome);
	p.done(&outcome, p.arg);
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

int client_send(struct msg *msg, unsigned int seconds, outcome_h done, void *arg)
{
	struct timespec expiry;
	struct pending p;
	uintptr_t number = add(now() + seconds * 1000 + 1000, done, arg);
	int err;

	if (!number) {
		fd_msg_free(msg);
		return EAGAIN;
	}
	clock_gettime(CLOCK_REALTIME, &expiry); /* what freeDiameter counts in */
	expiry.tv_sec += (time_t)seconds;
	err = fd_msg_send_timeout(&msg, on_answer, (void *)number, on_expiry, &expiry);
	if (err) {
		take(number, &p);
		if (msg)
			fd_msg_free(msg);
	}
	return err;
}

void client_tick(int64_t now_ms)
{
	for (size_t i = 0; i < CLIENT_PENDING_MAX; i++) {
		uintptr_t late;

		pthread_mutex_lock(&lock);
		late = pending[i].number && now_ms >= pending[i].until_ms ? pending[i].number : 0;
		pthread_mutex_unlock(&lock);
		if (late)
			finish(late, NULL);
	}
}
