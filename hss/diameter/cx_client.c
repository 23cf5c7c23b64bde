/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/cx_client.h"

#include <stdlib.h>
#include <time.h>

#include "hss/diameter/avp.h"
#include "hss/diameter/cx_groups.h"
#include "hss/cx/profile_xml.h"

/*
 * One request under way. Two hold it: who waits, and freeDiameter until it has called back. The
 * last one frees it.
 */
struct exchange {
	pthread_mutex_t lock;
	pthread_cond_t done;
	int holders;
	bool finished;
	struct cx_outcome outcome;
};

static struct exchange *exchange_new(void)
{
	struct exchange *x = calloc(1, sizeof(*x));
	pthread_condattr_t attr;

	if (!x)
		return NULL;
	pthread_mutex_init(&x->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&x->done, &attr);
	pthread_condattr_destroy(&attr);
	x->holders = 1;
	return x;
}

/* Gives the lock back too. */
static void exchange_release(struct exchange *x)
{
	bool last = --x->holders == 0;

	pthread_mutex_unlock(&x->lock);
	if (!last)
		return;
	pthread_cond_destroy(&x->done);
	pthread_mutex_destroy(&x->lock);
	free(x);
}

static void read_outcome(struct msg *msg, struct cx_outcome *out)
{
	struct avp *avp = NULL, *code = NULL;
	struct avp_hdr *hdr;

	if (fd_msg_search_avp(msg, cx_dict.avp[AVP_ORIGIN_HOST], &avp) == 0 && avp &&
	    fd_msg_avp_hdr(avp, &hdr) == 0)
		slice_copy(avp_octets(hdr), out->from, sizeof(out->from));
	if (fd_msg_search_avp(msg, cx_dict.avp[AVP_RESULT_CODE], &avp) == 0 && avp &&
	    fd_msg_avp_hdr(avp, &hdr) == 0 && hdr->avp_value) {
		out->code = hdr->avp_value->u32;
		return;
	}
	if (fd_msg_search_avp(msg, cx_dict.avp[AVP_EXPERIMENTAL_RESULT], &avp) || !avp ||
	    fd_msg_browse(avp, MSG_BRW_FIRST_CHILD, &code, NULL))
		return;
	for (; code; fd_msg_browse(code, MSG_BRW_NEXT, &code, NULL))
		if (fd_msg_avp_hdr(code, &hdr) == 0 && hdr->avp_value &&
		    cx_avp_identify(hdr) == AVP_EXPERIMENTAL_RESULT_CODE) {
			out->code = hdr->avp_value->u32;
			out->experimental = true;
			return;
		}
}

static void finish(struct exchange *x, struct msg *answer)
{
	pthread_mutex_lock(&x->lock);
	if (answer)
		read_outcome(answer, &x->outcome);
	x->finished = true;
	pthread_cond_signal(&x->done);
	exchange_release(x);
}

static void on_answer(void *data, struct msg **msg)
{
	finish(data, *msg);
	fd_msg_free(*msg);
	*msg = NULL;
}

static void on_expiry(void *data, DiamId_t peer, size_t len, struct msg **msg)
{
	(void)peer;
	(void)len;
	finish(data, NULL);
	fd_msg_free(*msg);
	*msg = NULL;
}

/* Send msg, which is taken over, and wait. */
static int exchange(struct msg *msg, unsigned int seconds, struct cx_outcome *out)
{
	struct exchange *x = exchange_new();
	struct timespec expiry, wait;
	int err;

	memset(out, 0, sizeof(*out));
	if (!x) {
		fd_msg_free(msg);
		return ENOMEM;
	}
	clock_gettime(CLOCK_REALTIME, &expiry); /* what freeDiameter counts in */
	expiry.tv_sec += (time_t)seconds;
	clock_gettime(CLOCK_MONOTONIC, &wait);
	wait.tv_sec += (time_t)seconds + 1;
	x->holders++;
	err = fd_msg_send_timeout(&msg, on_answer, x, on_expiry, &expiry);
	pthread_mutex_lock(&x->lock);
	if (err) {
		x->holders--;
		if (msg)
			fd_msg_free(msg);
	} else {
		while (!x->finished && pthread_cond_timedwait(&x->done, &x->lock, &wait) == 0)
			;
		*out = x->outcome;
	}
	exchange_release(x);
	return err;
}

static int new_request(enum cx_message type, const struct subscription *sub, int impi,
		       struct msg **msg, struct builder *b)
{
	int err = fd_msg_new(cx_dict.request[type], MSGFL_ALLOC_ETEID, msg);

	if (err)
		return err;
	err = fd_msg_new_session(*msg, NULL, 0);
	b->parent = *msg;
	b->err = err;
	add_application(b);
	if (b->err == 0)
		b->err = fd_msg_add_origin(*msg, 0);
	add_text(b, AVP_DESTINATION_HOST, sub->scscf_host);
	add_text(b, AVP_DESTINATION_REALM, sub->scscf_realm);
	add_text(b, AVP_USER_NAME, sub->impi[impi].name);
	return b->err;
}

int cx_send_rtr(const struct subscription *sub, int impi, uint64_t impus,
		enum deregistration_reason reason, const char *info, unsigned int seconds,
		struct cx_outcome *out)
{
	struct msg *msg = NULL;
	struct builder b = {NULL, 0}, g;

	if (new_request(MSG_RT, sub, impi, &msg, &b))
		goto out;
	for (size_t i = 0; i < sub->n_impu; i++)
		if (impus & UINT64_C(1) << i)
			add_text(&b, AVP_PUBLIC_IDENTITY, sub->impu[i].uri);
	g = open_group(&b, AVP_DEREGISTRATION_REASON);
	add_u32(&g, AVP_REASON_CODE, reason);
	add_text_if(&g, AVP_REASON_INFO, info);
	close_group(&b, &g);
	if (b.err == 0)
		return exchange(msg, seconds, out);
out:
	if (msg)
		fd_msg_free(msg);
	return b.err ? b.err : ENOMEM;
}

int cx_send_ppr(const struct subscription *sub, int impi, uint64_t impus,
		const struct charging *charging, unsigned int seconds, struct cx_outcome *out)
{
	struct msg *msg = NULL;
	struct builder b = {NULL, 0};
	size_t len = 0;
	char *xml = profile_xml(sub, sub->impi[impi].name, impus, -1, &len);

	if (!xml || new_request(MSG_PP, sub, impi, &msg, &b))
		goto out;
	add_octets(&b, AVP_USER_DATA, xml, len);
	if (charging->ecf[0][0] || charging->ccf[0][0])
		add_charging(&b, charging);
	free(xml);
	if (b.err == 0)
		return exchange(msg, seconds, out);
	xml = NULL;
out:
	free(xml);
	if (msg)
		fd_msg_free(msg);
	return b.err ? b.err : ENOMEM;
}
