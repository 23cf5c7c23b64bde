/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages become events of call_state.h; what goes on inside a call without moving it passes. */
#include "modules/ims_vcc/core/calls_internal.h"

#include <stdio.h>

static bool is(const struct vcc_message *m, const char *method)
{
	return slice_eq(m->method, slice_str(method));
}

/* ---- the begin ---- */

static int outgoing(struct vcc_calls *c, struct call *call, const struct vcc_message *m,
		    const struct vcc_begin *b)
{
	struct leg *in = &call->leg[LEG_IN], *out = &call->leg[LEG_OUT];
	struct tx *tx;

	/* From and To as the caller wrote them: the called party sees whom he is called by. */
	memcpy(out->d.local_uri, in->d.remote_uri, sizeof(out->d.local_uri));
	memcpy(out->d.remote_uri, in->d.local_uri, sizeof(out->d.remote_uri));
	memcpy(out->d.target, b->way[0].uri, sizeof(out->d.target));
	memcpy(out->d.routes, b->way[0].routes, sizeof(out->d.routes));
	c->random(out->d.call_id, 24);
	c->random(out->d.local_tag, 16);
	leg_link(c, out);
	tx = tx_new(call, TX_CALL, LEG_OUT);
	call->invite = text_pass(c, m, 0);
	call->invite_body = text_told(c, out, m, -1);
	if (!tx || !call->invite.len || !call->invite_body.len)
		return VCC_CALLS_E_FULL;
	tx->offered = in->offered;
	memcpy(tx->method, "INVITE", 7);
	order_send(c, call, out, tx, "INVITE", call->invite, call->invite_body);
	return VCC_CALLS_OK;
}

int vcc_calls_begin(struct vcc_calls *c, const struct vcc_message *m, const struct vcc_begin *b,
		    struct vcc_server server, int64_t now)
{
	struct call *call;
	int rc;

	(void)now;
	/* tm acknowledges 2xx by itself: an offer that comes in one could not be answered. */
	if (!m->is_sdp || vcc_described_mlines(m->body) < 0)
		return VCC_CALLS_E_OFFER;
	call = b->ways ? call_new(c) : NULL;
	if (!call)
		return VCC_CALLS_E_FULL;
	call->terminating = b->terminating;
	call->access = b->terminating ? LEG_OUT : LEG_IN;
	call->remote = b->terminating ? LEG_IN : LEG_OUT;
	slice_copy(slice_str(b->user), call->user, sizeof(call->user));
	call->has_other = b->ways > 1;
	if (call->has_other)
		call->other = b->way[1];
	call->leg[LEG_IN].domain = b->terminating ? VCC_DOMAIN_NONE : b->domain;
	call->leg[LEG_OUT].domain = b->terminating ? b->way[0].domain : VCC_DOMAIN_NONE;
	rc = leg_incoming(c, &call->leg[LEG_IN], m, server) ? VCC_CALLS_E_LONG
							    : outgoing(c, call, m, b);
	if (rc) {
		call_end(c, call);
		return rc;
	}
	c->counts.anchored++;
	return VCC_CALLS_OK;
}

/* ---- moving ---- */

/* The description of this leg says that nothing is sent either way, or only by it: it is on hold. */
static bool held(const struct leg *leg)
{
	return memmem(leg->theirs.p ? leg->theirs.p : "", leg->theirs.len, "a=sendonly", 10) ||
	       memmem(leg->theirs.p ? leg->theirs.p : "", leg->theirs.len, "a=inactive", 10);
}

/* The user's one call that could move; of several the one that is not on hold. */
static struct call *movable(struct vcc_calls *c, const char *user, bool *busy)
{
	struct call *any = NULL, *active = NULL;
	unsigned all = 0, actives = 0;

	*busy = false;
	for (struct call *call = c->all; call; call = call->next) {
		if (strcmp(call->user, user) != 0)
			continue;
		*busy |= call->state > VCC_CALL_UP && call->state < VCC_CALL_ENDED;
		if (call->state != VCC_CALL_UP)
			continue;
		any = call;
		all++;
		if (!held(&call->leg[call->access])) {
			active = call;
			actives++;
		}
	}
	return actives == 1 ? active : all == 1 ? any : NULL;
}

int vcc_calls_move(struct vcc_calls *c, const struct vcc_message *m, const char *user,
		   enum vcc_domain to, struct vcc_server server, int64_t now)
{
	struct happening h = {.m = m};
	struct call *call;
	bool busy;

	if (!m->is_sdp || vcc_described_mlines(m->body) < 0)
		return VCC_CALLS_E_OFFER;
	call = movable(c, user, &busy);
	if (!call)
		return busy ? VCC_CALLS_E_BUSY : VCC_CALLS_E_NO_CALL;
	if (call->leg[call->access].domain == to)
		return VCC_CALLS_E_NO_CALL;
	if (offer_pending(call))
		return VCC_CALLS_E_BUSY;
	if (leg_incoming(c, &call->leg[LEG_NEW], m, server)) {
		leg_unlink(&call->leg[LEG_NEW]);
		call->leg[LEG_NEW].asked = false;
		return VCC_CALLS_E_LONG;
	}
	call->moving_to = to;
	call_event(c, call, VCC_CALL_EV_MOVE, &h, now);
	return VCC_CALLS_OK;
}

/* ---- inside a dialog ---- */

static void reply(struct vcc_calls *c, struct leg *leg, struct vcc_server server, unsigned code,
		  const char *reason)
{
	order_reply(c, leg->call, leg, server, code, reason, SLICE_NULL, SLICE_NULL);
}

static void acknowledged(struct vcc_calls *c, struct leg *leg, const struct vcc_message *m,
			 int64_t now)
{
	struct call *call = leg->call;
	struct happening h = {.m = m};

	if (m->cseq != leg->invite_cseq)
		return; /* of a re-INVITE: tm has seen to it */
	if (leg == &call->leg[LEG_NEW])
		call_event(c, call, VCC_CALL_EV_NEW_ACK, &h, now);
	else if (leg == &call->leg[LEG_IN])
		call_event(c, call, VCC_CALL_EV_ACK, &h, now);
}

static void hung_up(struct vcc_calls *c, struct leg *leg, const struct vcc_message *m,
		    struct vcc_server server, int64_t now)
{
	struct call *call = leg->call;
	struct happening h = {.m = m};

	reply(c, leg, server, 200, "OK");
	if (call->state > VCC_CALL_CALLING)
		leg->gone = true;
	call_event(c, call,
		   leg == &call->leg[LEG_NEW]	     ? VCC_CALL_EV_BYE_NEW
		   : leg == &call->leg[call->access] ? VCC_CALL_EV_BYE_ACCESS
						     : VCC_CALL_EV_BYE_REMOTE,
		   &h, now);
}

static void pass_on(struct vcc_calls *c, struct leg *leg, const struct vcc_message *m,
		    struct vcc_server server)
{
	struct call *call = leg->call;
	unsigned mine = (unsigned)(leg - call->leg),
		 other = mine == call->access ? call->remote : call->access;
	struct leg *peer = &call->leg[other];
	bool invite = is(m, "INVITE"), offers = m->is_sdp && (invite || is(m, "UPDATE"));
	struct slice headers, body;
	uint32_t rack = 0;
	struct tx *tx;

	if (invite && !m->is_sdp) {
		reply(c, leg, server, 488, "Not Acceptable Here: An Offer Is Needed");
		return;
	}
	if ((offers || invite) &&
	    (offer_pending(call) ||
	     (call->state != VCC_CALL_UP && (invite || call->state > VCC_CALL_ANSWERED)))) {
		reply(c, leg, server, 491, "Request Pending");
		return;
	}
	if (m->is_sdp && vcc_described_mlines(m->body) < 0) {
		reply(c, leg, server, 488, "Not Acceptable Here");
		return;
	}
	if (mine == LEG_NEW || !peer->used || !peer->d.remote_tag[0] || peer->gone) {
		reply(c, leg, server, 481, "Call Does Not Exist");
		return;
	}
	tx = tx_new(call, TX_PASS, other);
	if (!tx || m->method.len >= sizeof(tx->method)) {
		if (tx)
			tx->use = TX_FREE;
		reply(c, leg, server, 500, "Too Many Requests At Once");
		return;
	}
	slice_copy(m->method, tx->method, sizeof(tx->method));
	tx->asker = (uint8_t)mine;
	tx->asker_cseq = m->cseq;
	tx->server = server;
	tx->offers = offers;
	tx->offered = m->is_sdp ? vcc_described_mlines(m->body) : -1;
	for (unsigned i = 0; i < VCC_CALL_TX_MAX; i++)
		if (call->tx[i].use == TX_CALL)
			rack = call->tx[i].cseq;
	if ((invite || is(m, "UPDATE")) && m->contact.len)
		slice_copy(m->contact, leg->d.target, sizeof(leg->d.target));
	if (m->is_sdp)
		(void)leg_keep(c, &leg->theirs, m->body);
	headers = text_pass(c, m, rack);
	body = text_told(c, peer, m, -1);
	order_send(c, call, peer, tx, tx->method, headers, body);
	text_free(c, headers);
	text_free(c, body);
	kept_write(c, call);
}

int vcc_calls_request(struct vcc_calls *c, const struct vcc_message *m, struct vcc_server server,
		      int64_t now)
{
	struct leg *leg = leg_find(c, m);

	if (!leg)
		return VCC_CALLS_E_UNKNOWN;
	if (is(m, "ACK")) {
		acknowledged(c, leg, m, now);
		return VCC_CALLS_OK;
	}
	/* RFC 3261 12.2.2. The first request of the called side may have any number. */
	if (leg->remote_cseq && m->cseq <= leg->remote_cseq) {
		reply(c, leg, server, 500, "Out of Order");
		return VCC_CALLS_OK;
	}
	leg->remote_cseq = m->cseq;
	if (is(m, "BYE"))
		hung_up(c, leg, m, server, now);
	else
		pass_on(c, leg, m, server);
	return VCC_CALLS_OK;
}

/* A re-INVITE that goes on. */
static bool cancel_passed(struct vcc_calls *c, struct leg *leg, uint32_t cseq)
{
	struct call *call = leg->call;

	for (unsigned i = 0; i < VCC_CALL_TX_MAX; i++) {
		struct tx *tx = &call->tx[i];

		if (tx->use == TX_PASS && &call->leg[tx->asker] == leg && tx->asker_cseq == cseq &&
		    strcmp(tx->method, "INVITE") == 0) {
			order_cancel(c, call, tx);
			return true;
		}
	}
	return false;
}

bool vcc_calls_cancel(struct vcc_calls *c, const struct vcc_message *m, int64_t now)
{
	struct leg *l = c->bucket[keyed_hash(&c->key, m->call_id) & (c->buckets - 1)];
	struct happening h = {.m = m};

	for (; l; l = l->next) {
		if (!slice_eq(slice_str(l->d.call_id), m->call_id) ||
		    !slice_eq(slice_str(l->d.remote_tag), m->from_tag))
			continue;
		if (l->asked && l->invite_cseq == m->cseq) {
			call_event(c, l->call,
				   l == &l->call->leg[LEG_NEW] ? VCC_CALL_EV_MOVE_CANCEL
							       : VCC_CALL_EV_CANCEL,
				   &h, now);
			return true;
		}
		return cancel_passed(c, l, m->cseq);
	}
	return false;
}

/* ---- answers ---- */

static bool may_fall_back(const struct call *call, unsigned code)
{
	return call->has_other && !call->rang &&
	       (code == 404 || code == 408 || code == 480 || (code >= 500 && code <= 504));
}

static void call_answered(struct vcc_calls *c, struct call *call, const struct happening *h,
			  int64_t now)
{
	enum vcc_call_event event = VCC_CALL_EV_REFUSED;

	if (h->code < 200)
		event = VCC_CALL_EV_EARLY;
	else if (h->code < 300)
		event = VCC_CALL_EV_OK;
	else if (may_fall_back(call, h->code))
		event = VCC_CALL_EV_FAILED;
	call_event(c, call, event, h, now);
}

static void offer_answered(struct vcc_calls *c, struct call *call, const struct happening *h,
			   int64_t now)
{
	bool alone = call->leg[call->access].gone;
	enum vcc_call_event event = alone ? VCC_CALL_EV_DECLINED_ALONE : VCC_CALL_EV_DECLINED;

	if (h->code < 200)
		return;
	if (h->code < 300 && h->m && h->m->is_sdp)
		event = VCC_CALL_EV_AGREED;
	else if (h->code == 491)
		event = VCC_CALL_EV_GLARE;
	else if (h->code == 408 || h->code == 481)
		event = VCC_CALL_EV_GONE;
	if (event == VCC_CALL_EV_GONE)
		call->leg[call->remote].gone = true;
	call_event(c, call, event, h, now);
}

static void passed_answered(struct vcc_calls *c, struct call *call, const struct happening *h)
{
	struct leg *asker = &call->leg[h->tx.asker], *peer = &call->leg[h->tx.leg];
	struct slice headers = text_pass(c, h->m, 0), body = SLICE_NULL;
	char reason[64] = "Request Timeout";

	if (h->m) {
		body = text_told(c, asker, h->m, h->tx.offered);
		if (slice_copy(h->m->reason, reason, sizeof(reason)))
			reason[0] = '\0';
		if (h->code < 300 && h->m->is_sdp)
			(void)leg_keep(c, &peer->theirs, h->m->body);
		if (h->code >= 200 && h->code < 300 && h->m->contact.len && peer->confirmed &&
		    (strcmp(h->tx.method, "INVITE") == 0 || strcmp(h->tx.method, "UPDATE") == 0))
			slice_copy(h->m->contact, peer->d.target, sizeof(peer->d.target));
	}
	order_reply(c, call, asker, h->tx.server, h->code, reason, headers, body);
	text_free(c, headers);
	text_free(c, body);
	kept_write(c, call);
}

void vcc_calls_answered(struct vcc_calls *c, uint64_t token, const struct vcc_message *m,
			unsigned code, int64_t now)
{
	struct happening h = {.m = m, .code = code};
	struct call *call;
	struct tx *tx = tx_find(c, token, &call);

	if (!tx || code <= 100)
		return;
	h.tx = *tx;
	if (code >= 200)
		tx->use = TX_FREE;
	switch (h.tx.use) {
	case TX_CALL:
		call_answered(c, call, &h, now);
		break;
	case TX_OFFER:
	case TX_BACK:
		offer_answered(c, call, &h, now);
		break;
	default:
		passed_answered(c, call, &h);
		break;
	}
}

void vcc_calls_tick(struct vcc_calls *c, int64_t now)
{
	struct happening h = {.code = 408};
	struct call *next;

	for (struct call *call = c->all; call; call = next) {
		next = call->next;
		if (!call->due_ms || call->due_ms > now)
			continue;
		call->due_ms = 0;
		call_event(c, call,
			   call->leg[call->access].gone ? VCC_CALL_EV_TIME_ALONE : VCC_CALL_EV_TIME,
			   &h, now);
	}
}
