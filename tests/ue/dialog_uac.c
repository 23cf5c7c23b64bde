/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions that we start, move and replace: the client side of INVITE. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ue/dialog_impl.h"

static void send_ack(struct dialog *d, const struct ue_sip_msg *resp, struct slice answer)
{
	struct text t = {0};
	struct hop hop;

	if (!d->conn || conn_hop(d->conn, &hop) != 0)
		return;
	if (!d->ack || d->ack_hop.port != hop.port || !strstr(d->ack, "\r\nCSeq: ") ||
	    resp->cseq != (uint32_t)strtoul(strstr(d->ack, "\r\nCSeq: ") + 8, NULL, 10)) {
		dialog_request_begin(d, &t, "ACK", resp->cseq);
		conn_request_end(&t, SLICE_LIT("application/sdp"), answer);
		free(d->ack);
		d->ack = t.p;
		d->ack_hop = hop;
	}
	tl_send(&hop, slice_str(d->ack), d->ue->name, d->conn->name, false);
}

static void on_prack_response(struct tx *tx, const struct ue_sip_msg *resp, void *owner)
{
	(void)tx;
	(void)resp;
	(void)owner;
}

/* RFC 3262 4: a reliable provisional response is acknowledged. */
static void maybe_prack(struct dialog *d, const struct ue_sip_msg *resp)
{
	struct slice rseq = ue_sip_header(resp, "RSeq", 0);
	struct text t = {0};

	if (!rseq.p || !ue_sip_has_tag(resp, "Require", SLICE_LIT("100rel")) || !d->conn)
		return;
	dialog_request_begin(d, &t, "PRACK", ++d->local_cseq);
	text_add(&t, "RAck: %.*s %u INVITE\r\n", (int)rseq.len, rseq.p, resp->cseq);
	conn_request_end(&t, SLICE_NULL, SLICE_NULL);
	dialog_send(d, &t, NULL, on_prack_response);
}

static void on_provisional(struct dialog *d, const struct ue_sip_msg *resp)
{
	if (resp->code == 100 || d->reinviting || resp->to_tag.len == 0)
		return;
	ue_set(&d->remote_tag, resp->to_tag);
	dialog_take_target(d, resp);
	route_set_take(&d->routes, resp, true);
	if (d->state == DIALOG_CALLING)
		dialog_set_state(d, DIALOG_EARLY);
	maybe_prack(d, resp);
	if (d->media && resp->body.len)
		media_answered(d->media, resp->body);
}

/* The media of the replaced session goes on in this one. */
static void take_over(struct dialog *d)
{
	struct dialog *old = dialog_find(d->ue, slice_str(d->replaced));

	if (!old || !old->media || !d->media)
		return;
	media_adopt(d->media, old->media);
	media_free(old->media);
	old->media = NULL;
}

static void on_accepted(struct dialog *d, const struct ue_sip_msg *resp)
{
	bool first = d->state != DIALOG_CONFIRMED;
	struct text answer = {0};

	if (d->state == DIALOG_ENDED)
		first = false;
	if (first) {
		ue_set(&d->remote_tag, resp->to_tag);
		route_set_take(&d->routes, resp, true);
	}
	dialog_take_target(d, resp);
	if (first)
		dialog_set_state(d, DIALOG_CONFIRMED);
	if (d->late && !d->op.code && d->media && media_offered(d->media, resp->body, d->late) == 0)
		media_answer(d->media, &answer);
	send_ack(d, resp, text_slice(&answer));
	text_free(&answer);
	if (d->op.code) /* a repeated 2xx: its ACK was lost */
		return;
	if (d->media && d->replaced)
		take_over(d);
	if (d->media && !d->late)
		media_answered(d->media, resp->body);
	free(d->late);
	d->late = NULL;
	d->from_conn = NULL;
	route_set_free(&d->from_routes);
	d->reinviting = false;
}

static void on_refused(struct dialog *d, int code)
{
	if (!d->reinviting) {
		dialog_end(d);
		return;
	}
	/* The session goes on as before (RFC 3261 14.1), unless the far end has lost it. */
	d->reinviting = false;
	if (d->media)
		media_rollback(d->media);
	if (d->from_conn) {
		d->conn = d->from_conn;
		d->from_conn = NULL;
		route_set_free(&d->routes);
		d->routes = d->from_routes;
		d->from_routes.n = 0;
	}
	if (code == 481)
		dialog_end(d);
}

static void on_invite_response(struct tx *tx, const struct ue_sip_msg *resp, void *owner)
{
	struct dialog *d = owner;

	(void)tx;
	if (resp && resp->code < 200) {
		on_provisional(d, resp);
		return;
	}
	if (resp && d->conn)
		conn_remember(d->conn, resp);
	if (resp && resp->code < 300)
		on_accepted(d, resp);
	else
		on_refused(d, resp ? resp->code : 408);
	op_end(&d->op, resp ? resp->code : 408, !resp,
	       resp ? resp->reason : SLICE_LIT("nobody answered the INVITE"));
}

/* What CANCEL must repeat (RFC 3261 9.1). */
static void keep_for_cancel(struct dialog *d, const struct text *t)
{
	struct ue_sip_msg m;
	struct slice via;

	ue_sip_parse(text_slice(t), &m);
	if (ue_sip_values(&m, "Via", &via, 1) == 1)
		ue_set(&d->invite_branch, via);
	ue_set(&d->invite_ruri, m.ruri);
	ue_set(&d->invite_route, ue_sip_header(&m, "Route", 0));
	d->invite_cseq = m.cseq;
	d->invite_conn = d->conn;
}

static int finish_invite(struct dialog *d, struct text *t, struct text *sdp,
			 const struct call_options *o)
{
	conn_request_end(t, SLICE_LIT("application/sdp"), text_slice(sdp));
	text_free(sdp);
	keep_for_cancel(d, t);
	return dialog_send(d, t, o->edits, on_invite_response);
}

static int new_call(struct conn *c, struct slice name, struct slice target, struct slice remote,
		    struct slice replaces, const char *replaced, const struct call_options *o)
{
	struct dialog *d = dialog_new(c, name);
	const char *impu = o->impu ? o->impu : c->impu;
	struct text t = {0}, sdp = {0};
	char hex[33];

	d->uac = true;
	tl_random(hex, 12);
	d->callid = ue_dup(slice_str(hex));
	tl_random(hex, 6);
	d->local_tag = ue_dup(slice_str(hex));
	text_add(&t, "<%s>", impu);
	d->local = t.p;
	t = (struct text){0};
	text_add(&t, "<%.*s>", (int)remote.len, remote.p);
	d->remote = t.p;
	t = (struct text){0};
	d->target = ue_dup(target);
	d->local_cseq = 1;
	if (replaced)
		d->replaced = ue_dup(slice_str(replaced));
	op_begin(&d->op);
	if (!o->no_media) {
		d->media = media_new(d->ue->name, d->name, c->access);
		if (o->late)
			d->late = ue_dup(slice_str(o->media ? o->media : "rtp"));
		else if (media_add(d->media, o->media) != 0 ||
			 media_offer(d->media, NULL, o->hold, &sdp) != 0)
			return -1;
	}
	conn_request_begin(c, &t, "INVITE", target, NULL);
	text_add(&t,
		 "From: %s;tag=%s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: 1 "
		 "INVITE\r\nP-Preferred-Identity: <%s>\r\n",
		 d->local, d->local_tag, d->remote, d->callid, impu);
	dialog_put_contact(d, &t);
	if (replaces.len)
		text_add(&t, "Require: replaces\r\nReplaces: %.*s\r\n", (int)replaces.len,
			 replaces.p);
	return finish_invite(d, &t, &sdp, o);
}

int dialog_call(struct conn *c, struct slice name, struct slice uri, const struct call_options *o)
{
	return new_call(c, name, uri, uri, SLICE_NULL, NULL, o);
}

/* The URI between the brackets of a From/To value. */
static struct slice uri_of(const char *value)
{
	struct ue_sip_addr a;

	return ue_sip_addr_parse(slice_str(value), &a) == 0 ? a.uri : slice_str(value);
}

int dialog_replace(struct dialog *old, struct conn *c, struct slice name,
		   const struct call_options *o)
{
	struct text header = {0};
	char *remote = ue_dup(uri_of(old->remote)), *replaced = ue_dup(slice_str(old->name));
	struct slice target = o->to ? slice_str(o->to) : slice_str(remote);
	int rc;

	if (o->replaces)
		text_put(&header, slice_str(o->replaces));
	else /* tags as the far end sees them: its own is to-tag (RFC 3891 3) */
		text_add(&header, "%s;to-tag=%s;from-tag=%s%s", old->callid, old->remote_tag,
			 old->local_tag, o->early_only ? ";early-only" : "");
	rc = new_call(c, name, target, slice_str(remote), text_slice(&header), replaced, o);
	text_free(&header);
	free(remote);
	free(replaced);
	return rc;
}

static void move_routes(struct dialog *d, struct conn *to)
{
	struct route_set rebuilt = {0};
	struct text first = {0};
	char host[64] = "";

	netaddr_ip_text(d->conn ? &d->conn->pcscf : &to->pcscf, host);
	conn_pcscf_uri(to, &first);
	route_set_rebuild(&d->routes, slice_str(host), text_slice(&first), &rebuilt);
	text_free(&first);
	route_set_free(&d->from_routes);
	d->from_routes = d->routes;
	d->routes = rebuilt;
	d->from_conn = d->conn;
	d->conn = to;
}

/* Further m-lines of this offer, and one that goes out of use. */
static int change_lines(struct media *m, const struct call_options *o)
{
	struct media_line *l = o->off ? media_find(m, slice_str(o->off)) : NULL;

	errno = EINVAL;
	if (o->off && !l)
		return -1;
	if (l)
		media_refuse(l);
	return o->add ? media_add(m, o->add) : 0;
}

int dialog_reinvite(struct dialog *d, struct conn *to, const struct call_options *o)
{
	struct text t = {0}, sdp = {0};

	op_begin(&d->op);
	errno = ENOTCONN;
	if (!d->target || d->state != DIALOG_CONFIRMED || (!to && !d->conn))
		return -1;
	if (d->media && change_lines(d->media, o) != 0)
		return -1;
	if (d->media && !o->late &&
	    media_offer(d->media, to ? to->access : NULL, o->hold, &sdp) != 0)
		return -1;
	if (d->media && o->late && to)
		d->media->next_access = to->access; /* the answer moves it */
	free(d->late);
	d->late = d->media && o->late ? ue_dup(slice_str(o->media ? o->media : "rtp")) : NULL;
	if (to && to != d->conn)
		move_routes(d, to);
	d->reinviting = true;
	free(d->ack);
	d->ack = NULL;
	dialog_request_begin(d, &t, "INVITE", ++d->local_cseq);
	dialog_put_contact(d, &t);
	return finish_invite(d, &t, &sdp, o);
}

static void on_cancel_response(struct tx *tx, const struct ue_sip_msg *resp, void *owner)
{
	(void)tx;
	(void)resp;
	(void)owner;
}

int dialog_cancel(struct dialog *d, const struct call_options *o)
{
	struct text t = {0};

	errno = ENOTCONN;
	if (!d->invite_branch || !d->invite_conn || d->op.code)
		return -1;
	text_add(&t, "CANCEL %s SIP/2.0\r\nVia: %s\r\nMax-Forwards: 70\r\n", d->invite_ruri,
		 d->invite_branch);
	if (d->invite_route && d->invite_route[0])
		text_add(&t, "Route: %s\r\n", d->invite_route);
	text_add(&t, "From: %s;tag=%s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %u CANCEL\r\n", d->local,
		 d->local_tag, d->remote, d->callid, d->invite_cseq);
	conn_request_end(&t, SLICE_NULL, SLICE_NULL);
	return dialog_send(d, &t, o->edits, on_cancel_response);
}
