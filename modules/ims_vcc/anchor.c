/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vcc_anchor(), vcc_dialog(), vcc_cancel(). */
#include "modules/ims_vcc/anchor.h"

#include "../../core/dprint.h"

#include "modules/common/wait.h"
#include "sip/name_addr.h"
#include "sip/uri.h"

#include <stdio.h>

static int refuse(sip_msg_t *msg, int code, const char *reason, counter_handle_t counter)
{
	counter_inc(counter);
	kam_reply(msg, code, reason, NULL);
	return 1;
}

static int refuse_verdict(sip_msg_t *msg, int verdict, counter_handle_t counter)
{
	switch (verdict) {
	case VCC_CALLS_E_OFFER:
		return refuse(msg, 488, "Not Acceptable Here: An Offer Is Needed", counter);
	case VCC_CALLS_E_NO_CALL:
		return refuse(msg, 480, "No Call To Move", counter);
	case VCC_CALLS_E_BUSY:
		return refuse(msg, 491, "Request Pending", counter);
	case VCC_CALLS_E_LONG:
		return refuse(msg, 400, "Dialog Cannot Be Kept", counter);
	default:
		return refuse(msg, 503, "No Room", counter);
	}
}

/* Who it is in all his forms: the name under which his calls are kept. With vcc_lock(). */
static void principal(struct vcc_store *s, struct slice identity, char out[VCC_IDENTITY_MAX])
{
	const struct vcc_policy_row *row = vcc_policy_of(vcc_policies(), identity);
	const struct vcc_user *u = vcc_users_find(s, identity);

	if (!u && row)
		u = vcc_users_find(s, slice_str(row->user));
	if (u)
		slice_copy(slice_str(vcc_user_name(u)), out, VCC_IDENTITY_MAX);
	else if (row)
		memcpy(out, row->user, VCC_IDENTITY_MAX);
	else if (vcc_identity_text(identity, out))
		out[0] = '\0';
}

static struct slice uri_of(struct slice element)
{
	struct sip_name_addr a;

	return sip_name_addr_next(&element, &a) == 1 ? a.uri : SLICE_NULL;
}

static bool is_ours(struct slice uri)
{
	struct sip_uri_parts a, b;

	return !sip_uri_parse(uri, &a) && !sip_uri_parse(slice_of(vcc_params.as_uri), &b) &&
	       sip_host_eq(a.host, b.host) && (a.port ? a.port : 5060) == (b.port ? b.port : 5060);
}

/* Route behind our own entry: the way back to the S-CSCF, with what it marks its dialogs by. 0 or -1. */
static int routes_back(const struct vcc_message *m, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = m->routes && is_ours(uri_of(m->route[0])) ? 1 : 0; i < m->routes; i++) {
		int n = snprintf(out + len, size - len, "%s%.*s", len ? ", " : "",
				 (int)m->route[i].len, m->route[i].p);

		if (n < 0 || len + (size_t)n >= size)
			return -1;
		len += (size_t)n;
	}
	return 0;
}

static int way_ims(const struct vcc_message *m, sip_msg_t *msg, struct vcc_way *w)
{
	w->domain = VCC_DOMAIN_IMS;
	return slice_copy(slice_of(*GET_RURI(msg)), w->uri, sizeof(w->uri)) ||
		       routes_back(m, w->routes, sizeof(w->routes))
		   ? -1
		   : 0;
}

static int way_cs(const struct vcc_message *m, const char *csrn, struct vcc_way *w)
{
	w->domain = VCC_DOMAIN_CS;
	snprintf(w->uri, sizeof(w->uri), "tel:%s", csrn);
	if (vcc_params.cs_route.len > 0) {
		snprintf(w->routes, sizeof(w->routes), "<%.*s>", vcc_params.cs_route.len,
			 vcc_params.cs_route.s);
		return 0;
	}
	return routes_back(m, w->routes, sizeof(w->routes));
}

/* Where a call to him goes. 0; -1: nowhere; -2: he is no subscriber. */
static int ways_to(const struct vcc_message *m, sip_msg_t *msg, struct vcc_begin *b)
{
	struct slice identity = slice_of(*GET_RURI(msg));
	enum vcc_domain order[2], up;
	struct vcc_chosen c;

	up = vcc_calls_domain(vcc_calls_lock(), b->user);
	vcc_calls_unlock();
	vcc_choose_for(vcc_lock(), identity, up, vcc_now_ms(), &c);
	vcc_unlock();
	if (!c.subscriber)
		return -2;
	vcc_choose_log(identity, &c);
	order[0] = c.choice.first;
	order[1] = c.choice.second;
	for (unsigned i = 0; i < 2 && order[i]; i++) {
		struct vcc_way *w = &b->way[b->ways];

		if (order[i] == VCC_DOMAIN_CS && !c.csrn[0])
			continue;
		if (order[i] == VCC_DOMAIN_IMS ? way_ims(m, msg, w) : way_cs(m, c.csrn, w))
			return -1;
		b->ways++;
	}
	if (b->ways)
		counter_inc(b->way[0].domain == VCC_DOMAIN_IMS ? vcc_counters.selected_ims
							       : vcc_counters.selected_cs);
	else
		counter_inc(vcc_counters.selected_none);
	return b->ways ? 0 : -1;
}

/* The transaction in which the caller waits. 0; 1: it is sent again, tm has seen to it; -1. */
static int wait_for(sip_msg_t *msg, struct vcc_server *server)
{
	int rc = kam_transaction(msg, &server->index, &server->label);

	if (rc)
		return rc;
	/* Who calls is told to wait; of others tm looks that they get an answer. */
	if (msg->REQ_METHOD == METHOD_INVITE)
		return kam_reply(msg, 100, "Trying", NULL);
	return vcc_tm.t_addblind() < 0 ? -1 : 0;
}

static int move(sip_msg_t *msg, const struct vcc_message *m, enum vcc_domain to, const char *user)
{
	struct vcc_server server;
	int rc = wait_for(msg, &server);

	if (rc)
		return rc < 0 ? refuse(msg, 500, "No Transaction", vcc_counters.moves_refused) : 1;
	rc = vcc_calls_move(vcc_calls_lock(), m, user, to, server, vcc_now_ms());
	vcc_calls_unlock();
	LM_NOTICE("%s asks for his call to be moved to %s: %s\n", user, vcc_domain_name(to),
		  rc ? "refused" : "the other party is asked");
	if (rc)
		return refuse_verdict(msg, rc, vcc_counters.moves_refused);
	vcc_calls_work();
	return 1;
}

static int anchor(sip_msg_t *msg, const struct vcc_message *m, const struct vcc_begin *b)
{
	struct vcc_server server;
	int rc = wait_for(msg, &server);

	if (rc)
		return rc < 0 ? refuse(msg, 500, "No Transaction", vcc_counters.calls_refused) : 1;
	rc = vcc_calls_begin(vcc_calls_lock(), m, b, server, vcc_now_ms());
	vcc_calls_unlock();
	if (rc)
		return refuse_verdict(msg, rc, vcc_counters.calls_refused);
	vcc_calls_work();
	return 1;
}

int ki_vcc_anchor(sip_msg_t *msg, str *side)
{
	static struct vcc_begin b; /* one at a time in a process */
	char user[VCC_IDENTITY_MAX];
	struct slice who, target;
	enum vcc_domain to = VCC_DOMAIN_NONE;
	struct vcc_chosen chosen;
	struct vcc_message m;
	bool again;
	int rc;

	if (!vcc_may_call(msg))
		return refuse(msg, 403, "Forbidden", vcc_counters.calls_refused);
	if (msg->REQ_METHOD != METHOD_INVITE ||
	    vcc_message_read(slice_make(msg->buf, msg->len), &m))
		return refuse(msg, 400, "Bad Request", vcc_counters.calls_refused);
	target = slice_of(*GET_RURI(msg));
	b = (struct vcc_begin){.terminating = slice_eq(slice_of(*side), SLICE_LIT("term")),
			       .domain = VCC_DOMAIN_IMS,
			       .user = user};
	who = m.served.len ? m.served : m.asserted;
	vcc_lock();
	if (vcc_policy_is_vdi(vcc_policies(), target))
		to = VCC_DOMAIN_IMS;
	else if (vcc_policy_is_vdn(vcc_policies(), target))
		to = VCC_DOMAIN_CS;
	again = vcc_policy_is_csrn(vcc_policies(), target);
	vcc_unlock();
	if (b.terminating && !to)
		who = target;
	principal(vcc_lock(), who, user);
	vcc_unlock();
	if (to) {
		counter_inc(vcc_counters.moves_asked);
		return move(msg, &m, to, user);
	}
	vcc_choose_for(vcc_lock(), who, VCC_DOMAIN_NONE, vcc_now_ms(), &chosen);
	vcc_unlock();
	/* 23.206 annex C: a call that was sent to CS comes back by its CSRN. And without an offer it could not be moved. */
	if (!chosen.subscriber || again || !user[0] || !m.is_sdp) {
		counter_inc(vcc_counters.calls_not_anchored);
		return -2;
	}
	if (b.terminating) {
		rc = ways_to(&m, msg, &b);
		if (rc)
			return refuse(msg, 480, "Temporarily Unavailable",
				      vcc_counters.calls_refused);
	} else {
		b.ways = 1;
		if (way_ims(&m, msg, &b.way[0]))
			return refuse(msg, 400, "Too Long A Route", vcc_counters.calls_refused);
	}
	return anchor(msg, &m, &b);
}

static int inside(sip_msg_t *msg, const struct vcc_message *m)
{
	struct vcc_server server = {0, 0};
	int rc;

	if (msg->REQ_METHOD != METHOD_ACK) {
		rc = vcc_calls_knows(vcc_calls_lock(), m) ? 0 : -1;
		vcc_calls_unlock();
		if (rc)
			return -1;
		rc = wait_for(msg, &server);
		if (rc)
			return rc < 0
				   ? refuse(msg, 500, "No Transaction", vcc_counters.calls_refused)
				   : 1;
	}
	rc = vcc_calls_request(vcc_calls_lock(), m, server, vcc_now_ms());
	vcc_calls_unlock();
	/* The 200 that this ACK is for is sent no more. */
	if (msg->REQ_METHOD == METHOD_ACK)
		vcc_tm.t_newtran(msg);
	else if (rc)
		kam_reply(msg, 481, "Call Does Not Exist", NULL);
	vcc_calls_work();
	return 1;
}

int ki_vcc_dialog(sip_msg_t *msg)
{
	struct vcc_message m;

	if (vcc_message_read(slice_make(msg->buf, msg->len), &m)) {
		if (msg->REQ_METHOD != METHOD_ACK)
			return refuse(msg, 400, "Bad Request", vcc_counters.calls_refused);
		return 1;
	}
	return inside(msg, &m);
}

int ki_vcc_cancel(sip_msg_t *msg)
{
	struct vcc_message m;
	bool found;

	if (vcc_message_read(slice_make(msg->buf, msg->len), &m))
		return refuse(msg, 400, "Bad Request", vcc_counters.calls_refused);
	found = vcc_calls_cancel(vcc_calls_lock(), &m, vcc_now_ms());
	vcc_calls_unlock();
	if (!found)
		return -1;
	kam_reply(msg, 200, "Canceling", NULL);
	vcc_calls_work();
	return 1;
}
