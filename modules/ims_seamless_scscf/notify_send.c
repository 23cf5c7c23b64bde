/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents of notify.c's events, their numbers, and the NOTIFYs that carry them. */
#include "modules/ims_seamless_scscf/notify.h"
#include "../../core/parser/parse_rr.h"
#include "../../core/resolve.h"
#include "../../core/socket_info.h"

#include "reginfo/reginfo.h"

/*
 * A Kamailio 6 takes no message above 32,767 octets; what is not the document is the route set, the
 * URIs of the dialog and our own lines.
 */
#define MESSAGE_MAX 32767
#define BODY_MAX    28000
/* A document that has reached this is sent, the rest follows in another. */
#define BODY_GOOD 16384

/* The numbers of one NOTIFY, taken from the subscription stock keeps. */
struct numbers {
	int cseq, version;
	long expires_in;
};

static reg_subscriber *find_subscription(impurecord_t *r, const struct notify_watcher *w)
{
	reg_subscriber *s = r->shead;

	while (s && !(slice_eq(slice_of(s->call_id), w->call_id) &&
		      slice_eq(slice_of(s->to_tag), w->local_tag)))
		s = s->next;
	return s;
}

enum turn { TURN_NOW, TURN_LATER, TURN_NEVER };

/* LATER: with may_wait, if the one before has not been answered; NEVER: the subscription has gone.
 */
static enum turn take_numbers(const struct notify_watcher *w, struct numbers *out, bool may_wait)
{
	str impu = str_of(w->aor);
	enum turn turn = TURN_NEVER;
	reg_subscriber *s = NULL;
	impurecord_t *r;

	seamless_ul.lock_udomain(seamless_domain, &impu);
	if (seamless_ul.get_impurecord(seamless_domain, &impu, &r) == 0)
		s = find_subscription(r, w);
	/* tm counts one up before it sends, for stock and for us. */
	if (s && may_wait &&
	    !seamless_notify_clear(w->call_id, w->local_tag, (uint32_t)s->local_cseq + 1,
				   s->version)) {
		turn = TURN_LATER;
	} else if (s) {
		turn = TURN_NOW;
		out->cseq = (int)s->local_cseq + 1;
		out->version = s->version + 1;
		out->expires_in = (long)(s->expires - time(NULL));
		/* Not by update_subscriber(): it looks for the dialog too, and calls it an error if
		 * that has gone. */
		s->local_cseq = out->cseq;
		s->version = out->version;
	}
	seamless_ul.unlock_udomain(seamless_domain, &impu);
	return turn;
}

static void end_subscription(const struct notify_watcher *w)
{
	str impu = str_of(w->aor);
	reg_subscriber *s = NULL;
	impurecord_t *r;

	seamless_ul.lock_udomain(seamless_domain, &impu);
	if (seamless_ul.get_impurecord(seamless_domain, &impu, &r) == 0 &&
	    (s = find_subscription(r, w)))
		seamless_ul.external_delete_subscriber(s, seamless_domain, 0);
	seamless_ul.unlock_udomain(seamless_domain, &impu);
}

static struct socket_info *find_socket(struct slice name)
{
	char buf[128];
	str host;
	int port, proto;

	if (!name.len || slice_copy(name, buf, sizeof(buf)) ||
	    parse_phostport(buf, &host.s, &host.len, &port, &proto))
		return NULL;
	return grep_sock_info(&host, (unsigned short)port, (unsigned short)proto);
}

static void send_document(const struct notify_watcher *w, const struct numbers *numbers, bool last,
			  struct slice body)
{
	static str method = str_init("NOTIFY");
	char headers[512], state[64];
	str h = {headers, 0}, b = str_of(body), route = str_of(w->route);
	uac_req_t req;
	dlg_t dlg;

	snprintf(state, sizeof(state), last ? "terminated;reason=noresource" : "active;expires=%ld",
		 numbers->expires_in > 0 ? numbers->expires_in : 0);
	h.len = snprintf(headers, sizeof(headers),
			 "Contact: <%.*s>\r\nEvent: reg\r\nMax-Forwards: 70\r\n"
			 "Subscription-State: %s\r\nContent-Type: " REGINFO_MIME "\r\n",
			 seamless_params.scscf_name.len, seamless_params.scscf_name.s, state);
	if (h.len >= (int)sizeof(headers))
		return;
	memset(&dlg, 0, sizeof(dlg));
	/* tm counts one up before it sends, as it does for stock's NOTIFYs. */
	dlg.loc_seq.value = (unsigned)numbers->cseq;
	dlg.loc_seq.is_set = 1;
	dlg.id.call_id = str_of(w->call_id);
	dlg.id.rem_tag = str_of(w->remote_tag);
	dlg.id.loc_tag = str_of(w->local_tag);
	dlg.loc_uri = str_of(w->aor);
	dlg.rem_uri = str_of(w->uri);
	dlg.rem_target = str_of(w->contact);
	dlg.state = DLG_CONFIRMED;
	dlg.send_sock = find_socket(w->socket);
	if (route.len && parse_rr_body(route.s, route.len, &dlg.route_set) < 0) {
		LM_INFO("watcher %.*s has an unusable route set\n", (int)w->uri.len, w->uri.p);
		return;
	}
	set_uac_req(&req, &method, &h, &b, &dlg, 0, NULL, NULL);
	notify_own++;
	if (seamless_tm.t_request_within(&req) < 0)
		LM_INFO("NOTIFY to %.*s not sent\n", (int)w->contact.len, w->contact.p);
	else
		counter_inc(seamless_counters.notifies);
	notify_own--;
	if (dlg.route_set)
		free_rr(&dlg.route_set);
}

/* What is known of the size of the NOTIFY beside its document, from above. */
static bool fits(const struct notify_watcher *w, size_t body)
{
	return body + w->route.len + 2 * w->contact.len + 2 * w->aor.len + 2 * w->uri.len +
		   w->call_id.len + w->local_tag.len + w->remote_tag.len + 1024 <=
	       MESSAGE_MAX;
}

static void too_large(const struct notify_watcher *w, const char *what)
{
	counter_inc(seamless_counters.notifies_too_large);
	LM_ERR("NOTIFY to %.*s about %.*s: %s\n", (int)w->uri.len, w->uri.p, (int)w->aor.len,
	       w->aor.p, what);
}

bool notify_send(const struct scscf_notify_event *ev, const struct notify_watcher *w, bool may_wait)
{
	static char body[BODY_MAX + SCSCF_DOCUMENT_SLACK];
	const struct scscf_told told = {.impi = ev->impi,
					.first = ev->first,
					.aors = ev->aors,
					.aors_n = ev->aors_n,
					.all = w->all,
					.final = ev->final,
					.watched = w->aor,
					.id_key = seamless_id_key()};
	struct scscf_document_place at = {0};
	struct numbers numbers;
	bool last = false;
	size_t len;

	while (scscf_document_next(&told, &at)) {
		enum turn turn = take_numbers(w, &numbers, may_wait);
		int rc;

		if (turn != TURN_NOW)
			return turn == TURN_NEVER;
		may_wait = false; /* the parts of one event follow each other */
		rc = scscf_document_write(&told, &at, (uint32_t)numbers.version, BODY_GOOD,
					  BODY_MAX, body, &len);
		if (rc || !fits(w, len)) {
			too_large(w, rc ? reginfo_strerror(rc) : "larger than a message may be");
			return true;
		}
		last = ev->final && !scscf_document_next(&told, &at);
		send_document(w, &numbers, last, slice_make(body, len));
	}
	if (at.shortened)
		too_large(w, "contacts were told without their parameters");
	if (last)
		end_subscription(w);
	return true;
}
