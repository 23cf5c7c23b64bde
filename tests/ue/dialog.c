/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both ends of a session share: the object, its requests, its end. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ue/dialog_impl.h"

enum { ENDED_KEPT = 32 }; /* per UE, for expectations about them */

const char *dialog_state_name(enum dialog_state s)
{
	static const char *const names[] = {"calling", "early", "confirmed", "ended"};

	return names[s];
}

struct dialog *dialog_find(const struct ue *u, struct slice name)
{
	for (struct dialog *d = u->dialogs; d; d = d->next)
		if (slice_eq(slice_str(d->name), name))
			return d;
	return NULL;
}

struct dialog *dialog_match(const struct ue *u, const struct ue_sip_msg *m)
{
	for (struct dialog *d = u->dialogs; d; d = d->next)
		if (slice_eq(slice_str(d->callid), m->callid) &&
		    slice_eq(slice_str(d->local_tag), m->to_tag) &&
		    (d->remote_tag[0] == '\0' || slice_eq(slice_str(d->remote_tag), m->from_tag)))
			return d;
	return NULL;
}

void dialog_free(struct dialog *d)
{
	struct dialog **at = &d->ue->dialogs;

	while (*at && *at != d)
		at = &(*at)->next;
	if (*at)
		*at = d->next;
	loop_stop(&d->answer);
	tl_detach(d);
	if (d->server)
		d->server->ref = NULL;
	media_free(d->media);
	route_set_free(&d->routes);
	route_set_free(&d->from_routes);
	free(d->name);
	free(d->callid);
	free(d->local_tag);
	free(d->remote_tag);
	free(d->local);
	free(d->remote);
	free(d->target);
	free(d->contact);
	free(d->ack);
	free(d->invite_branch);
	free(d->invite_ruri);
	free(d->invite_route);
	free(d->replaced);
	free(d->late);
	free(d->early_sdp);
	free(d);
}

void dialogs_leave_conn(struct conn *c)
{
	for (struct dialog *d = c->ue->dialogs; d; d = d->next) {
		if (d->conn == c)
			d->conn = NULL;
		if (d->from_conn == c)
			d->from_conn = NULL;
		if (d->invite_conn == c)
			d->invite_conn = NULL;
	}
}

/* Too many ended ones: the oldest go. */
static void forget_ended(struct ue *u)
{
	unsigned n = 0;
	struct dialog *next;

	for (struct dialog *d = u->dialogs; d; d = next) {
		next = d->next;
		if (d->state == DIALOG_ENDED && !d->answer.armed && ++n > ENDED_KEPT)
			dialog_free(d);
	}
}

struct dialog *dialog_new(struct conn *c, struct slice name)
{
	struct ue *u = c->ue;
	struct dialog *d = dialog_find(u, name);

	if (d)
		dialog_free(d);
	forget_ended(u);
	d = ue_alloc(sizeof(*d));
	d->ue = u;
	d->conn = c;
	d->name = ue_dup(name);
	d->remote_tag = ue_dup(SLICE_NULL);
	d->contact = ue_dup(slice_str(c->contact));
	d->next = u->dialogs;
	u->dialogs = d;
	return d;
}

void dialog_set_state(struct dialog *d, enum dialog_state s)
{
	if (d->state == s)
		return;
	d->state = s;
	elog_event("state", "ue", d->ue->name, "what", "dialog", "name", d->name, "state",
		   dialog_state_name(s), NULL);
}

void dialog_end(struct dialog *d)
{
	loop_stop(&d->answer);
	if (d->media) {
		media_free(d->media);
		d->media = NULL;
	}
	dialog_set_state(d, DIALOG_ENDED);
}

void dialog_take_target(struct dialog *d, const struct ue_sip_msg *m)
{
	struct slice contact;
	struct ue_sip_addr a;

	if (ue_sip_values(m, "Contact", &contact, 1) == 1 && ue_sip_addr_parse(contact, &a) == 0)
		ue_set(&d->target, a.uri);
}

/* Headers of a request inside the dialog, up to and with CSeq. */
void dialog_request_begin(struct dialog *d, struct text *t, const char *method, uint32_t cseq)
{
	conn_request_begin(d->conn, t, method, slice_str(d->target), &d->routes);
	text_add(t, "From: %s;tag=%s\r\nTo: %s%s%s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n", d->local,
		 d->local_tag, d->remote, d->remote_tag[0] ? ";tag=" : "", d->remote_tag, d->callid,
		 cseq, method);
}

void dialog_put_contact(struct dialog *d, struct text *t)
{
	ue_set(&d->contact, slice_str(d->conn->contact));
	text_add(t, "Contact: <%s>\r\nAllow: %s\r\nSupported: replaces\r\n", d->contact,
		 DIALOG_ALLOW);
}

int dialog_send(struct dialog *d, struct text *t, const struct ue_sip_edits *edits, tx_h h)
{
	struct hop hop;
	struct tx *tx = NULL;

	if (edits)
		ue_sip_edits_apply(edits, 1, t);
	if (conn_hop(d->conn, &hop) == 0)
		tx = tl_request(&hop, text_slice(t), d->ue->name, d->conn->name, h, d);
	text_free(t);
	return tx ? 0 : -1;
}

static void on_bye_response(struct tx *tx, const struct ue_sip_msg *resp, void *owner)
{
	struct dialog *d = owner;

	(void)tx;
	if (resp && resp->code < 200)
		return;
	/* Whatever the answer, the session is over here (RFC 3261 15.1.1). */
	dialog_end(d);
	if (resp && d->conn)
		conn_remember(d->conn, resp);
	op_end(&d->op, resp ? resp->code : 408, !resp,
	       resp ? resp->reason : SLICE_LIT("nobody answered the BYE"));
}

int dialog_bye(struct dialog *d, const struct call_options *o)
{
	struct text t = {0};

	op_begin(&d->op);
	if (!d->conn || !d->target) {
		errno = ENOTCONN;
		return -1;
	}
	dialog_request_begin(d, &t, "BYE", ++d->local_cseq);
	conn_request_end(&t, SLICE_NULL, SLICE_NULL);
	return dialog_send(d, &t, o ? o->edits : NULL, on_bye_response);
}

static void on_update_response(struct tx *tx, const struct ue_sip_msg *resp, void *owner)
{
	struct dialog *d = owner;

	(void)tx;
	if (resp && resp->code < 200)
		return;
	if (resp && resp->code < 300) {
		dialog_take_target(d, resp);
		if (d->media)
			media_answered(d->media, resp->body);
	} else if (d->media) {
		media_rollback(d->media);
	}
	if (resp && d->conn)
		conn_remember(d->conn, resp);
	op_end(&d->op, resp ? resp->code : 408, !resp,
	       resp ? resp->reason : SLICE_LIT("nobody answered"));
}

int dialog_update(struct dialog *d, const struct call_options *o)
{
	struct text t = {0}, sdp = {0};

	op_begin(&d->op);
	if (!d->conn || !d->target) {
		errno = ENOTCONN;
		return -1;
	}
	if (d->media && media_offer(d->media, NULL, o->hold, &sdp) != 0)
		return -1;
	dialog_request_begin(d, &t, "UPDATE", ++d->local_cseq);
	dialog_put_contact(d, &t);
	conn_request_end(&t, SLICE_LIT("application/sdp"), text_slice(&sdp));
	text_free(&sdp);
	return dialog_send(d, &t, o->edits, on_update_response);
}
