/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents of notify.c's events, their numbers, and the NOTIFYs that carry them. */
#include "modules/ims_seamless_scscf/notify.h"
#include "../../core/parser/parse_rr.h"
#include "../../core/resolve.h"
#include "../../core/socket_info.h"

#include "reginfo/writer.h"

#define BODY_MAX 49152
#define BODY_GOOD                                                                                  \
	16384 /* a document that has reached this is sent, the rest follows in another             \
	       */
#define PARAMS_MAX 24

/* The numbers of one NOTIFY, taken from the subscription stock keeps. */
struct numbers {
	int cseq, version;
	long expires_in;
};

static const enum reginfo_event events[] = {
    [SCSCF_CONTACT_REGISTERED] = REGINFO_EV_REGISTERED,
    [SCSCF_CONTACT_REFRESHED] = REGINFO_EV_REFRESHED,
    [SCSCF_CONTACT_EXPIRED] = REGINFO_EV_EXPIRED,
    [SCSCF_CONTACT_UNREGISTERED] = REGINFO_EV_UNREGISTERED,
    [SCSCF_CONTACT_DEACTIVATED] = REGINFO_EV_DEACTIVATED,
    [SCSCF_CONTACT_REJECTED] = REGINFO_EV_REJECTED,
};

static void write_row(struct reginfo_writer *w, const struct scscf_effect *f)
{
	struct reginfo_contact c = {0};
	struct reginfo_param params[PARAMS_MAX];
	struct slice rest = f->params, name, value;
	char id[32];
	int n;

	while (c.params_n < PARAMS_MAX && sip_param_next(&rest, &name, &value) == 1) {
		/* What RFC 3261 defines has a place of its own. */
		if (slice_eq_nocase(name, SLICE_LIT("expires")) ||
		    slice_eq_nocase(name, SLICE_LIT("q")))
			continue;
		params[c.params_n].name = name;
		params[c.params_n++].value = sip_unquote(value);
	}
	if (f->usrloc_id)
		n = snprintf(id, sizeof(id), "0x%llx", (unsigned long long)f->usrloc_id);
	else
		n = snprintf(id, sizeof(id), "%s", kam_id_text(f->binding_id).text);
	c.id = slice_make(id, (size_t)n);
	c.state = f->contact_active ? REGINFO_CONTACT_ACTIVE : REGINFO_CONTACT_TERMINATED;
	c.event = events[f->event];
	c.uri = f->contact;
	c.callid = f->call_id;
	c.has_cseq = true;
	c.cseq = f->cseq;
	c.has_expires = f->contact_active;
	c.expires = f->expires_s;
	c.params = params;
	if (f->connection_inactive)
		c.connection = REGINFO_CONN_INACTIVE;
	else if (f->connection_terminated)
		c.connection = REGINFO_CONN_TERMINATED;
	c.linger = f->linger_s;
	reginfo_contact_write(w, &c);
}

static bool is_relevant(const struct scscf_notify_event *ev, const struct notify_watcher *w,
			const struct notify_aor *a)
{
	if (!a->told)
		return false;
	if (w->all || (ev->final && slice_eq(a->impu, w->aor)))
		return true;
	/* An AS learns of the set of the AOR it watches: rows that name both. */
	for (const struct scscf_effect *f = ev->first; f; f = f->next)
		if (notify_row_has(ev, f, a->impu) && notify_row_has(ev, f, w->aor))
			return true;
	return false;
}

static void write_registration(struct reginfo_writer *out, const struct scscf_notify_event *ev,
			       const struct notify_aor *a)
{
	char id[32];
	int n;

	if (a->record_id)
		n = snprintf(id, sizeof(id), "0x%llx", (unsigned long long)a->record_id);
	else
		n = snprintf(id, sizeof(id), "r%x", slice_hash(a->impu));
	reginfo_registration_begin(out, a->impu, slice_make(id, (size_t)n),
				   a->active ? REGINFO_REG_ACTIVE : REGINFO_REG_TERMINATED);
	for (const struct scscf_effect *f = ev->first; f; f = f->next)
		if (notify_row_has(ev, f, a->impu))
			write_row(out, f);
	reginfo_registration_end(out);
}

/* A document of the AORs from *at on, as many as fit; *at: where the next one begins. */
static int write_body(const struct scscf_notify_event *ev, const struct notify_watcher *w,
		      int version, size_t *at, char *buf, size_t *len)
{
	struct reginfo_writer out, before;
	size_t n = 0;

	reginfo_begin(&out, buf, BODY_MAX, (uint32_t)version, false);
	for (; *at < ev->aors_n; ++*at) {
		if (!is_relevant(ev, w, &ev->aors[*at]))
			continue;
		before = out;
		write_registration(&out, ev, &ev->aors[*at]);
		if (n && (out.err || out.len > BODY_GOOD)) {
			out = before;
			break;
		}
		n++;
	}
	return reginfo_end(&out, len);
}

static size_t next_relevant(const struct scscf_notify_event *ev, const struct notify_watcher *w,
			    size_t at)
{
	while (at < ev->aors_n && !is_relevant(ev, w, &ev->aors[at]))
		at++;
	return at;
}

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

bool notify_send(const struct scscf_notify_event *ev, const struct notify_watcher *w, bool may_wait)
{
	static char body[BODY_MAX];
	size_t at = next_relevant(ev, w, 0), len;
	struct numbers numbers;
	bool last = false;

	while (at < ev->aors_n) {
		enum turn turn = take_numbers(w, &numbers, may_wait);
		int rc;

		if (turn != TURN_NOW)
			return turn == TURN_NEVER;
		may_wait = false; /* the parts of one event follow each other */
		rc = write_body(ev, w, numbers.version, &at, body, &len);
		if (rc) {
			LM_ERR("document for %.*s: %s\n", (int)w->uri.len, w->uri.p,
			       reginfo_strerror(rc));
			return true;
		}
		at = next_relevant(ev, w, at);
		last = ev->final && at == ev->aors_n;
		send_document(w, &numbers, last, slice_make(body, len));
	}
	if (last)
		end_subscription(w);
	return true;
}
