/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions that others start or change: the server side of INVITE, and the other requests inside a
 * dialog. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ue/dialog_impl.h"

static void common_headers(const struct dialog *d, struct text *h)
{
	text_add(h, "Contact: <%s>\r\nAllow: %s\r\nSupported: replaces\r\n",
		 d->conn ? d->conn->contact : d->contact, DIALOG_ALLOW);
}

/* Reply with this SDP, which may be empty. */
static int reply_with_sdp(struct dialog *d, struct tx *tx, int code, struct slice sdp)
{
	struct text h = {0};
	int rc;

	common_headers(d, &h);
	if (sdp.len)
		text_put(&h, SLICE_LIT("Content-Type: application/sdp\r\n"));
	rc = tl_reply(tx, code, NULL, text_slice(&h), sdp);
	text_free(&h);
	return rc;
}

/* Take the offer of the INVITE that waits, if it has one, with these plans. 0, or the code of the
 * refusal. */
static int take_offer(struct dialog *d, const char *plans)
{
	struct ue_sip_msg m;
	int rc;

	ue_sip_parse(slice_str(d->server->request), &m);
	if (!d->media)
		d->media = media_new(d->ue->name, d->name, d->conn->access);
	if (!m.body.len)
		return d->media->lines || media_add(d->media, plans) == 0 ? 0 : 500;
	rc = media_offered(d->media, m.body, plans);
	if (rc < 0) { /* not a description of media */
		media_free(d->media);
		d->media = NULL;
	}
	return rc > 0 ? 488 : 0;
}

static void on_ack(struct tx *tx, bool came, void *owner)
{
	struct dialog *d = owner;

	(void)tx;
	if (!came && d && d->state != DIALOG_ENDED)
		elog_line(d->ue->name, "%s: no ACK for our final response", d->name);
}

static void attach(struct dialog *d, struct tx *tx)
{
	if (d->server)
		d->server->ref = NULL;
	d->server = tx;
	tx->ref = &d->server;
	tx->owner = d;
	tx->on_ack = on_ack;
}

/* The name of the session at the end that started it, if that is one of ours. */
static const char *name_of_peer(const struct ue *u, struct slice callid)
{
	for (const struct ue *o = ues; o; o = o->next)
		for (const struct dialog *d = o == u ? NULL : o->dialogs; d; d = d->next)
			if (d->uac && slice_eq(slice_str(d->callid), callid))
				return d->name;
	return NULL;
}

static char *without_tag(struct slice value)
{
	struct ue_sip_addr a;
	struct text t = {0};

	if (ue_sip_addr_parse(value, &a) != 0)
		return ue_dup(value);
	text_add(&t, "<%.*s>", (int)a.uri.len, a.uri.p);
	return t.p;
}

static struct dialog *new_session(struct conn *c, struct tx *tx, const struct ue_sip_msg *m)
{
	const char *peer = name_of_peer(c->ue, m->callid);
	struct dialog *d;
	char number[24];

	if (!peer) {
		snprintf(number, sizeof(number), "in%u", ++c->ue->unnamed);
		peer = number;
	}
	char *name = ue_dup(slice_str(peer)); /* dialog_new() may free what it came from */

	d = dialog_new(c, slice_str(name));
	free(name);
	d->callid = ue_dup(m->callid);
	d->local_tag = ue_dup(slice_str(tx->to_tag));
	ue_set(&d->remote_tag, m->from_tag);
	d->local = without_tag(ue_sip_header(m, "To", 0));
	d->remote = without_tag(ue_sip_header(m, "From", 0));
	d->remote_cseq = m->cseq;
	d->local_cseq = 0;
	route_set_take(&d->routes, m, false);
	dialog_take_target(d, m);
	dialog_set_state(d, DIALOG_EARLY);
	attach(d, tx);
	return d;
}

/* RFC 3891 3: 0 and *old, or the code of the refusal. */
static int find_replaced(struct ue *u, const struct ue_sip_msg *m, struct dialog **old)
{
	struct slice v = ue_sip_header(m, "Replaces", 0), to = SLICE_NULL, from = SLICE_NULL,
		     callid, params;

	*old = NULL;
	if (!v.p)
		return 0;
	params = v;
	callid = slice_trim(slice_cut(&params, ';'));
	if (ue_sip_header(m, "Replaces", 1).p || !ue_sip_param(params, "to-tag", &to) ||
	    !ue_sip_param(params, "from-tag", &from))
		return 400;
	for (struct dialog *d = u->dialogs; d; d = d->next)
		if (slice_eq(slice_str(d->callid), callid) &&
		    slice_eq(slice_str(d->local_tag), to) &&
		    slice_eq(slice_str(d->remote_tag), from))
			*old = d;
	if (!*old)
		return 481;
	if ((*old)->state == DIALOG_ENDED)
		return 603;
	if ((*old)->state == DIALOG_CONFIRMED && ue_sip_param(params, "early-only", NULL))
		return 486;
	return (*old)->state == DIALOG_CONFIRMED || (*old)->uac ? 0 : 481;
}

/* The new session goes on with the media of the one it replaces, which is then over. */
static void take_over(struct dialog *d, const char *replaced)
{
	struct dialog *old = dialog_find(d->ue, slice_str(replaced));

	if (!old || old->state == DIALOG_ENDED)
		return;
	media_free(d->media);
	d->media = old->media;
	old->media = NULL;
	if (d->media)
		media_rename(d->media, d->name);
}

int dialog_answer(struct dialog *d, const char *plans)
{
	struct dialog *old;
	struct text sdp = {0};
	int refusal = 0;

	loop_stop(&d->answer);
	errno = ENOTCONN;
	if (!d->server || d->state != DIALOG_EARLY || !d->conn)
		return -1;
	if (d->replaced)
		take_over(d, d->replaced);
	if (d->early_sdp)
		text_put(&sdp, slice_str(d->early_sdp));
	else
		refusal = take_offer(d, plans ? plans : d->ue->auto_media);
	if (!refusal && !d->early_sdp && d->media && media_answer(d->media, &sdp) != 0)
		refusal = 500;
	if (refusal) {
		text_free(&sdp);
		return dialog_reject(d, refusal);
	}
	dialog_set_state(d, DIALOG_CONFIRMED);
	refusal = reply_with_sdp(d, d->server, 200, text_slice(&sdp));
	text_free(&sdp);
	if (refusal != 0)
		return -1;
	old = d->replaced ? dialog_find(d->ue, slice_str(d->replaced)) : NULL;
	if (old && old->state == DIALOG_CONFIRMED)
		dialog_bye(old, NULL);
	return 0;
}

int dialog_reject(struct dialog *d, int code)
{
	struct tx *tx = d->server;

	errno = ENOTCONN;
	if (!tx || d->state != DIALOG_EARLY)
		return -1;
	dialog_end(d);
	return tl_reply(tx, code, NULL, SLICE_NULL, SLICE_NULL);
}

int dialog_ring(struct dialog *d, int code, bool reliable, bool with_answer)
{
	struct text h = {0}, sdp = {0};
	int rc;

	errno = ENOTCONN;
	if (!d->server || d->state != DIALOG_EARLY)
		return -1;
	if (with_answer && !d->early_sdp) {
		if (take_offer(d, d->ue->auto_media) != 0 || !d->media ||
		    media_answer(d->media, &sdp) != 0)
			return -1;
		d->early_sdp = sdp.p;
	}
	common_headers(d, &h);
	if (reliable)
		text_put(&h, SLICE_LIT("Require: 100rel\r\nRSeq: 1\r\n"));
	if (with_answer)
		text_put(&h, SLICE_LIT("Content-Type: application/sdp\r\n"));
	rc = tl_reply(d->server, code, NULL, text_slice(&h),
		      with_answer ? slice_str(d->early_sdp) : SLICE_NULL);
	text_free(&h);
	return rc;
}

static void answer_due(struct timer *t)
{
	dialog_answer(t->owner, NULL);
}

/* Option tags that this phone understands; 420 with those it does not. True if it was refused. */
static bool refuse_unknown(struct tx *tx, const struct ue_sip_msg *m)
{
	static const char *const known[] = {"sec-agree", "path",   "gruu",  "outbound",
					    "replaces",	 "100rel", "timer", "precondition"};
	struct slice tags[UE_SIP_VALUES_MAX];
	unsigned n = ue_sip_values(m, "Require", tags, UE_SIP_VALUES_MAX);
	struct text h = {0};

	for (unsigned i = 0; i < n; i++) {
		bool found = false;

		for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			found = found || slice_eq_nocase(tags[i], slice_str(known[k]));
		if (!found)
			text_add(&h, "Unsupported: %.*s\r\n", (int)tags[i].len, tags[i].p);
	}
	if (!h.p)
		return false;
	tl_reply(tx, 420, NULL, text_slice(&h), SLICE_NULL);
	text_free(&h);
	return true;
}

static void initial_invite(struct ue *u, struct conn *c, struct tx *tx, const struct ue_sip_msg *m)
{
	struct dialog *old, *d;
	int refusal;

	if (refuse_unknown(tx, m))
		return;
	refusal = find_replaced(u, m, &old);
	if (!refusal && u->auto_mode == AUTO_REJECT)
		refusal = u->auto_code;
	if (refusal) {
		tl_reply(tx, refusal, NULL, SLICE_NULL, SLICE_NULL);
		return;
	}
	char *replaced = old ? ue_dup(slice_str(old->name)) : NULL;

	d = new_session(c, tx, m);
	d->replaced = replaced;
	if (u->auto_mode == AUTO_OFF) {
		tl_reply(tx, 100, NULL, SLICE_NULL, SLICE_NULL);
		return;
	}
	if (u->auto_ring)
		dialog_ring(d, 180, false, false);
	if (u->auto_ms)
		loop_start(&d->answer, loop_now_ms() + u->auto_ms, answer_due, d);
	else
		dialog_answer(d, NULL);
}

static void offer_in_dialog(struct dialog *d, struct tx *tx, const struct ue_sip_msg *m)
{
	bool invite = slice_eq(m->method, SLICE_LIT("INVITE"));
	struct text sdp = {0};

	dialog_take_target(d, m);
	if (d->media && m->body.len && media_offered(d->media, m->body, d->ue->auto_media) != 0) {
		tl_reply(tx, 488, NULL, SLICE_NULL, SLICE_NULL);
		return;
	}
	/* Without an offer an INVITE asks for one; an UPDATE only tells a new target. */
	if (d->media && (invite || m->body.len) && media_answer(d->media, &sdp) != 0) {
		tl_reply(tx, 500, NULL, SLICE_NULL, SLICE_NULL);
		text_free(&sdp);
		return;
	}
	if (invite)
		attach(d, tx);
	reply_with_sdp(d, tx, 200, text_slice(&sdp));
	text_free(&sdp);
}

static void got_ack(struct dialog *d, const struct ue_sip_msg *m)
{
	if (!d->server)
		return;
	if (d->media && m->body.len)
		media_answered(d->media, m->body);
	tl_ack(d->server);
}

static void got_cancel(struct tx *tx, const struct ue_sip_msg *m)
{
	struct tx *invite = tl_find_invite(m);
	struct dialog *d = invite ? invite->owner : NULL;

	tl_reply(tx, invite ? 200 : 481, NULL, SLICE_NULL, SLICE_NULL);
	if (invite && d && d->server == invite && d->state == DIALOG_EARLY)
		dialog_reject(d, 487);
}

void dialog_request(struct ue *u, struct conn *c, struct tx *tx, const struct ue_sip_msg *m)
{
	bool invite = slice_eq(m->method, SLICE_LIT("INVITE"));
	struct dialog *d = m->to_tag.len ? dialog_match(u, m) : NULL;

	if (!tx) {
		if (d)
			got_ack(d, m);
		return;
	}
	if (slice_eq(m->method, SLICE_LIT("CANCEL"))) {
		got_cancel(tx, m);
		return;
	}
	if (invite && m->to_tag.len == 0) {
		initial_invite(u, c, tx, m);
		return;
	}
	if (!d || d->state == DIALOG_ENDED) {
		tl_reply(tx, 481, NULL, SLICE_NULL, SLICE_NULL);
		return;
	}
	if (m->cseq <= d->remote_cseq && d->remote_cseq) {
		tl_reply(tx, 500, NULL, SLICE_NULL, SLICE_NULL);
		return;
	}
	d->remote_cseq = m->cseq;
	if (!d->conn)
		d->conn = c;
	if (slice_eq(m->method, SLICE_LIT("BYE"))) {
		tl_reply(tx, 200, NULL, SLICE_NULL, SLICE_NULL);
		dialog_end(d);
	} else if (invite || slice_eq(m->method, SLICE_LIT("UPDATE"))) {
		if (invite && d->reinviting)
			tl_reply(tx, 491, NULL, SLICE_NULL, SLICE_NULL);
		else
			offer_in_dialog(d, tx, m);
	} else {
		tl_reply(tx, 200, NULL, SLICE_NULL, SLICE_NULL);
	}
}
