/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rows of call_state.h do. */
#include "modules/ims_vcc/core/calls_internal.h"

#include <stdio.h>

static const struct slice sdp_type = SLICE_LIT("Content-Type: application/sdp\r\n");

/* ---- texts ---- */

void text_free(struct vcc_calls *c, struct slice text)
{
	if (text.p)
		c->mem.give((void *)text.p);
}

/* Our Contact, and lines behind it. */
static struct slice text_lines(struct vcc_calls *c, struct slice lines)
{
	size_t size = lines.len + strlen(c->cfg.contact) + 32;
	char *p = c->mem.take(size);
	int n;

	if (!p)
		return SLICE_NULL;
	n = snprintf(p, size, "Contact: <%s>\r\n", c->cfg.contact);
	if (lines.len)
		memcpy(p + n, lines.p, lines.len);
	return slice_make(p, (size_t)n + lines.len);
}

struct slice text_pass(struct vcc_calls *c, const struct vcc_message *m, uint32_t rack_cseq)
{
	size_t n = m ? vcc_message_pass(m, rack_cseq, NULL, 0) : 0;
	struct slice lines = {NULL, 0}, out;
	char *p = n ? c->mem.take(n) : NULL;

	if (p) {
		vcc_message_pass(m, rack_cseq, p, n);
		lines = slice_make(p, n);
	}
	out = text_lines(c, lines);
	text_free(c, lines);
	return out;
}

static struct slice text_of_sdp(struct vcc_calls *c, struct leg *leg, struct slice sdp, int offered)
{
	char *p = c->mem.take(VCC_SDP_MAX + 2048);
	size_t n;

	if (p && vcc_described_tell(&leg->told, sdp, offered, p, VCC_SDP_MAX + 2048, &n) == 0)
		return slice_make(p, n);
	text_free(c, slice_make(p, 0));
	return SLICE_NULL;
}

struct slice text_told(struct vcc_calls *c, struct leg *leg, const struct vcc_message *m,
		       int offered)
{
	struct slice copy = SLICE_NULL;

	if (m->is_sdp)
		return text_of_sdp(c, leg, m->body, offered);
	(void)leg_keep(c, &copy, m->body);
	return copy;
}

/* ---- answers that go on ---- */

/* What the callee's side says becomes an answer to who asked. */
static void pass_answer(struct vcc_calls *c, struct call *call, struct leg *asker,
			struct vcc_server server, const struct happening *h, int offered)
{
	struct slice headers = text_pass(c, h->m, 0), body = SLICE_NULL;
	char reason[64] = "";

	if (h->m) {
		body = text_told(c, asker, h->m, offered);
		if (slice_copy(h->m->reason, reason, sizeof(reason)))
			reason[0] = '\0';
	}
	order_reply(c, call, asker, server, h->code, h->m ? reason : "Request Timeout", headers,
		    body);
	text_free(c, headers);
	text_free(c, body);
}

/* The far end of a leg that we began, as an answer shows it. */
static void learn(struct leg *leg, const struct vcc_message *m)
{
	size_t len = 0;

	if (!m || !m->to_tag.len || m->code >= 300)
		return;
	if (leg->confirmed) {
		if (m->contact.len)
			slice_copy(m->contact, leg->d.target, sizeof(leg->d.target));
		return;
	}
	slice_copy(m->to_tag, leg->d.remote_tag, sizeof(leg->d.remote_tag));
	if (m->contact.len)
		slice_copy(m->contact, leg->d.target, sizeof(leg->d.target));
	leg->d.routes[0] = '\0';
	for (size_t i = m->recorded_n; i-- && len + m->recorded[i].len + 3 < sizeof(leg->d.routes);)
		len += (size_t)snprintf(leg->d.routes + len, sizeof(leg->d.routes) - len, "%s%.*s",
					len ? ", " : "", (int)m->recorded[i].len, m->recorded[i].p);
}

static void keep_sdp(struct vcc_calls *c, struct leg *leg, const struct vcc_message *m)
{
	if (m && m->is_sdp)
		(void)leg_keep(c, &leg->theirs, m->body);
}

/* ---- the actions ---- */

static void refuse(struct vcc_calls *c, struct call *call, struct leg *leg, unsigned code,
		   const char *reason)
{
	if (leg->asked)
		order_reply(c, call, leg, leg->server, code, reason, SLICE_NULL, SLICE_NULL);
	leg->asked = false;
}

static void forget(struct vcc_calls *c, struct leg *leg)
{
	struct call *call = leg->call;

	leg_unlink(leg);
	text_free(c, leg->theirs);
	memset(leg, 0, sizeof(*leg));
	leg->call = call;
}

static void send_bye(struct vcc_calls *c, struct call *call, struct leg *leg)
{
	if (!leg->used || !leg->confirmed || leg->gone)
		return;
	leg->gone = true;
	leg->d.local_cseq++;
	order_send(c, call, leg, NULL, "BYE", SLICE_NULL, SLICE_NULL);
}

/* BYE to who is there, an answer to who waits. */
static void hang_up(struct vcc_calls *c, struct call *call)
{
	for (unsigned i = 0; i < VCC_CALL_TX_MAX; i++) {
		struct tx *tx = &call->tx[i];

		if (tx->use == TX_PASS)
			order_reply(c, call, &call->leg[tx->asker], tx->server, 481,
				    "Call Has Ended", SLICE_NULL, SLICE_NULL);
	}
	for (unsigned i = 0; i < LEGS; i++) {
		refuse(c, call, &call->leg[i], 480, "Call Has Ended");
		send_bye(c, call, &call->leg[i]);
	}
}

static void send_offer(struct vcc_calls *c, struct call *call, enum tx_use use, struct slice sdp)
{
	struct leg *remote = &call->leg[call->remote];
	struct tx *tx = tx_new(call, use, call->remote);
	struct slice headers, body;

	if (!tx)
		return;
	body = text_of_sdp(c, remote, sdp, -1);
	headers = text_lines(c, sdp_type);
	tx->offers = true;
	memcpy(tx->method, "INVITE", 7);
	order_send(c, call, remote, tx, "INVITE", headers, body);
	text_free(c, headers);
	text_free(c, body);
}

static void accept_new(struct vcc_calls *c, struct call *call, const struct happening *h,
		       int64_t now)
{
	struct leg *new = &call->leg[LEG_NEW], *remote = &call->leg[call->remote];
	struct slice headers, body;

	learn(remote, h->m);
	keep_sdp(c, remote, h->m);
	body = h->m ? text_told(c, new, h->m, new->offered) : SLICE_NULL;
	headers = text_lines(c, body.len ? sdp_type : SLICE_NULL);
	order_reply(c, call, new, new->server, 200, "OK", headers, body);
	new->asked = false;
	new->confirmed = true;
	call->due_ms = now + c->cfg.ack_ms;
	text_free(c, headers);
	text_free(c, body);
}

static void switch_legs(struct vcc_calls *c, struct call *call)
{
	struct leg *old = &call->leg[call->access], *new = &call->leg[LEG_NEW];
	struct leg moved = *new;

	send_bye(c, call, old);
	forget(c, old);
	leg_unlink(new);
	memset(new, 0, sizeof(*new));
	new->call = call;
	moved.link = NULL;
	moved.next = NULL;
	*old = moved;
	old->domain = call->moving_to;
	leg_link(c, old);
	call->moves++;
	c->counts.moved++;
	call->due_ms = 0;
}

static void refuse_new(struct vcc_calls *c, struct call *call, const struct happening *h)
{
	struct leg *new = &call->leg[LEG_NEW];
	char reason[64] = "Declined";

	if (h->m && h->m->reason.len < sizeof(reason))
		slice_copy(h->m->reason, reason, sizeof(reason));
	refuse(c, call, new, h->code >= 300 ? h->code : 500, reason);
	forget(c, new);
	c->counts.moves_failed++;
}

static void cancel_new(struct vcc_calls *c, struct call *call)
{
	refuse(c, call, &call->leg[LEG_NEW], 487, "Request Terminated");
	forget(c, &call->leg[LEG_NEW]);
	c->counts.moves_failed++;
}

static void cancel(struct vcc_calls *c, struct call *call, int64_t now)
{
	refuse(c, call, &call->leg[LEG_IN], 487, "Request Terminated");
	for (unsigned i = 0; i < VCC_CALL_TX_MAX; i++)
		if (call->tx[i].use == TX_CALL)
			order_cancel(c, call, &call->tx[i]);
	call->due_ms = now + c->cfg.cancel_ms;
}

/* A dialog of our own to where the call may go besides. */
static void try_other(struct vcc_calls *c, struct call *call)
{
	struct leg *out = &call->leg[LEG_OUT];
	struct vcc_dialog d = out->d;
	struct tx *tx;

	forget(c, out);
	out->d = d;
	c->random(out->d.call_id, 24);
	c->random(out->d.local_tag, 16);
	out->d.remote_tag[0] = '\0';
	out->d.local_cseq = 0;
	memcpy(out->d.target, call->other.uri, sizeof(out->d.target));
	memcpy(out->d.routes, call->other.routes, sizeof(out->d.routes));
	out->domain = call->other.domain;
	leg_link(c, out);
	call->has_other = false;
	tx = tx_new(call, TX_CALL, LEG_OUT);
	if (!tx)
		return;
	tx->offered = call->leg[LEG_IN].offered;
	memcpy(tx->method, "INVITE", 7);
	order_send(c, call, out, tx, "INVITE", call->invite, call->invite_body);
	/* What it is told is what the first one was. */
	if (call->invite_body.len)
		text_free(c, text_of_sdp(c, out, call->invite_body, -1));
	c->counts.fallbacks++;
}

/* RFC 3261 14.1: 2.1 to 4 s for who made the Call-ID, else 0 to 2 s. */
static void retry_later(struct vcc_calls *c, struct call *call, int64_t now)
{
	bool owner = call->remote == LEG_OUT;
	char digit[3];
	int64_t part;

	c->random(digit, 2);
	part = (unsigned char)digit[0] * 7 + (unsigned char)digit[1];
	call->due_ms = now + (owner ? 2100 + part % 190 * 10 : part % 200 * 10);
}

static void act(struct vcc_calls *c, struct call *call, enum vcc_call_action action,
		const struct happening *h, int64_t now)
{
	struct leg *in = &call->leg[LEG_IN], *out = &call->leg[LEG_OUT];

	switch (action) {
	case VCC_CALL_DO_PASS_EARLY:
		learn(out, h->m);
		keep_sdp(c, out, h->m);
		call->rang |= h->code >= 180;
		pass_answer(c, call, in, in->server, h, in->offered);
		break;
	case VCC_CALL_DO_PASS_ANSWER:
		learn(out, h->m);
		keep_sdp(c, out, h->m);
		out->confirmed = in->confirmed = true;
		pass_answer(c, call, in, in->server, h, in->offered);
		in->asked = false;
		call->due_ms = now + c->cfg.ack_ms;
		break;
	case VCC_CALL_DO_PASS_REFUSAL:
		pass_answer(c, call, in, in->server, h, -1);
		in->asked = false;
		break;
	case VCC_CALL_DO_TRY_OTHER:
		try_other(c, call);
		break;
	case VCC_CALL_DO_CANCEL:
		cancel(c, call, now);
		break;
	case VCC_CALL_DO_HANG_UP:
		if (h->tx.use == TX_CALL && h->m && h->code < 300) {
			learn(out, h->m); /* a 2xx that was faster than the CANCEL */
			out->confirmed = true;
		}
		hang_up(c, call);
		break;
	case VCC_CALL_DO_OFFER:
		send_offer(c, call, TX_OFFER, call->leg[LEG_NEW].theirs);
		call->due_ms = 0;
		break;
	case VCC_CALL_DO_REFUSE_NEW:
		refuse_new(c, call, h);
		break;
	case VCC_CALL_DO_ACCEPT_NEW:
		accept_new(c, call, h, now);
		break;
	case VCC_CALL_DO_SWITCH:
		switch_legs(c, call);
		break;
	case VCC_CALL_DO_CANCEL_NEW:
		cancel_new(c, call);
		break;
	case VCC_CALL_DO_RETRY_LATER:
		retry_later(c, call, now);
		break;
	case VCC_CALL_DO_DROP_NEW:
		send_bye(c, call, &call->leg[LEG_NEW]);
		forget(c, &call->leg[LEG_NEW]);
		c->counts.moves_failed++;
		/* fall through */
	case VCC_CALL_DO_OFFER_BACK:
		send_offer(c, call, TX_BACK, call->leg[call->access].theirs);
		call->due_ms = 0;
		break;
	case VCC_CALL_DO_NOTE_OLD:
		call->leg[call->access].gone = true;
		break;
	case VCC_CALL_DO_REFUSE_EARLY: /* by vcc_calls_move(): the INVITE is no leg of the call */
	case VCC_CALL_DO_REFUSE_BUSY:
	case VCC_CALL_DO_END:
	case VCC_CALL_DO_NOTHING:
	default:
		break;
	}
}

void call_event(struct vcc_calls *c, struct call *call, enum vcc_call_event event,
		const struct happening *h, int64_t now)
{
	struct state_step step = state_step(&vcc_call_table, call->state, event);

	if (!step.allowed)
		return;
	call->state = step.next;
	if (step.next == VCC_CALL_UP)
		call->due_ms = 0;
	act(c, call, (enum vcc_call_action)step.action, h, now);
	if (call->state == VCC_CALL_ENDED)
		call_end(c, call);
	else
		kept_write(c, call);
}
