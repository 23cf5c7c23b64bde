/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our own reg-event NOTIFYs (RFC 3680): partial documents to every watcher, where stock sends a
 * full one to the UE that registered only. Subscriptions stay stock's; version and CSeq are taken
 * from and written back to its records, ids are formed as stock forms them, so that both kinds of
 * NOTIFY can alternate.
 */
#include "modules/ims_seamless_scscf/glue.h"
#include "../../core/parser/parse_rr.h"
#include "../../core/resolve.h"
#include "../../core/socket_info.h"

#include "reginfo/writer.h"
#include "sip/uri.h"

#define BODY_MAX     32768
#define WATCHERS_MAX 64 /* per event and subscriber; more are told in a later event only */
#define AORS_MAX     (IMPI_SETS_MAX * SET_IMPUS_MAX)
#define PARAMS_MAX   24

struct aor {
	struct slice impu;
	uint64_t record_id; /* how stock names the registration; 0: no record any more */
	bool active;
};

struct watcher {
	struct slice aor; /* presentity */
	struct slice uri, contact, call_id, local_tag, remote_tag, route, socket;
	unsigned cseq, version;
	time_t expires_in;
};

struct event {
	struct arena arena;
	struct slice impi;
	const struct effect *first;
	struct aor aors[AORS_MAX];
	size_t aors_n;
	struct watcher watchers[WATCHERS_MAX];
	size_t watchers_n;
};

static bool row_is(const struct event *ev, const struct effect *f)
{
	return f->kind == EFFECT_CONTACT && slice_eq(f->impi, ev->impi);
}

static bool row_has(const struct effect *f, struct slice impu)
{
	for (size_t i = 0; i < f->impus_n; i++)
		if (slice_eq(f->impus[i], impu))
			return true;
	return false;
}

static void collect_aors(struct event *ev)
{
	for (const struct effect *f = ev->first; f; f = f->next) {
		if (!row_is(ev, f))
			continue;
		for (size_t i = 0; i < f->impus_n; i++) {
			size_t k = 0;

			while (k < ev->aors_n && !slice_eq(ev->aors[k].impu, f->impus[i]))
				k++;
			if (k == AORS_MAX)
				continue;
			if (k == ev->aors_n)
				ev->aors[ev->aors_n++].impu = f->impus[i];
			/* The last row of an AOR knows best. */
			ev->aors[k].active = f->aor_active;
		}
	}
}

static void copy_watcher(struct event *ev, impurecord_t *r, reg_subscriber *s, time_t now)
{
	struct watcher *w = &ev->watchers[ev->watchers_n];
	int cseq = (int)s->local_cseq + 1, version = s->version + 1;

	w->aor = arena_text(&ev->arena, slice_of(s->presentity_uri));
	w->uri = arena_text(&ev->arena, slice_of(s->watcher_uri));
	w->contact = arena_text(&ev->arena, slice_of(s->watcher_contact));
	w->call_id = arena_text(&ev->arena, slice_of(s->call_id));
	w->local_tag = arena_text(&ev->arena, slice_of(s->to_tag));
	w->remote_tag = arena_text(&ev->arena, slice_of(s->from_tag));
	w->route = arena_text(&ev->arena, slice_of(s->record_route));
	w->socket = arena_text(&ev->arena, slice_of(s->sockinfo_str));
	if (ev->arena.failed)
		return;
	w->cseq = (unsigned)cseq;
	w->version = (unsigned)version;
	w->expires_in = s->expires - now;
	ev->watchers_n++;
	seamless_ul.update_subscriber(r, &s, 0, &cseq, &version);
}

static void collect_watchers(struct event *ev)
{
	time_t now = time(NULL);

	for (size_t i = 0; i < ev->aors_n; i++) {
		str impu = str_of(ev->aors[i].impu);
		impurecord_t *r;

		seamless_ul.lock_udomain(seamless_domain, &impu);
		if (seamless_ul.get_impurecord(seamless_domain, &impu, &r) == 0) {
			ev->aors[i].record_id = (uint64_t)(uintptr_t)r;
			for (reg_subscriber *s = r->shead; s && ev->watchers_n < WATCHERS_MAX;
			     s = s->next)
				if (s->expires > now)
					copy_watcher(ev, r, s, now);
		}
		seamless_ul.unlock_udomain(seamless_domain, &impu);
	}
}

static struct slice host_of(struct slice uri)
{
	struct sip_uri_parts u;

	return sip_uri_parse(uri, &u) ? SLICE_NULL : u.host;
}

/*
 * The user himself and the P-CSCFs he is connected through learn of all his implicit sets; anybody
 * else, an AS say, only of the one he watches, because nothing else shows that the sets belong
 * together.
 */
static bool sees_all(const struct event *ev, const struct watcher *w)
{
	struct slice host = host_of(w->contact), from_host = host_of(w->uri);
	struct subscriber *s;
	struct model *m;
	bool yes = false;

	for (size_t i = 0; i < ev->aors_n; i++)
		if (slice_eq(ev->aors[i].impu, w->uri))
			return true;
	m = seamless_lock();
	s = model_subscriber(m, ev->impi);
	for (struct connection *c = s ? s->connections : NULL; c && !yes; c = c->next) {
		struct slice rest = c->path;
		struct name_addr hop;

		if (host.len && sip_host_eq(c->host, host))
			yes = true;
		while (!yes && name_addr_next(&rest, &hop) == 1) {
			struct slice h = host_of(hop.uri);

			yes = h.len && (sip_host_eq(h, host) || sip_host_eq(h, from_host));
		}
	}
	seamless_unlock();
	return yes;
}

static const enum reginfo_event events[] = {
    [CONTACT_REGISTERED] = REGINFO_EV_REGISTERED,
    [CONTACT_REFRESHED] = REGINFO_EV_REFRESHED,
    [CONTACT_EXPIRED] = REGINFO_EV_EXPIRED,
    [CONTACT_UNREGISTERED] = REGINFO_EV_UNREGISTERED,
    [CONTACT_DEACTIVATED] = REGINFO_EV_DEACTIVATED,
};

static void write_row(struct reginfo_writer *w, const struct effect *f)
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
		n = snprintf(id, sizeof(id), "c%llu-%x", (unsigned long long)f->connection_id,
			     slice_hash(f->contact));
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

static int write_body(const struct event *ev, const struct watcher *w, bool all, char *buf,
		      size_t size, size_t *len)
{
	struct reginfo_writer out;

	reginfo_begin(&out, buf, size, w->version, false);
	for (size_t i = 0; i < ev->aors_n; i++) {
		const struct aor *a = &ev->aors[i];
		char id[32];
		bool relevant = all;
		int n;

		/* An AS learns of the set of the AOR it watches: rows that name both. */
		for (const struct effect *f = ev->first; f && !relevant; f = f->next)
			relevant = row_is(ev, f) && row_has(f, a->impu) && row_has(f, w->aor);
		if (!relevant)
			continue;
		if (a->record_id)
			n = snprintf(id, sizeof(id), "0x%llx", (unsigned long long)a->record_id);
		else
			n = snprintf(id, sizeof(id), "r%x", slice_hash(a->impu));
		reginfo_registration_begin(&out, a->impu, slice_make(id, (size_t)n),
					   a->active ? REGINFO_REG_ACTIVE : REGINFO_REG_TERMINATED);
		for (const struct effect *f = ev->first; f; f = f->next)
			if (row_is(ev, f) && row_has(f, a->impu))
				write_row(&out, f);
		reginfo_registration_end(&out);
	}
	return reginfo_end(&out, len);
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

static void send_notify(const struct watcher *w, struct slice body)
{
	static str method = str_init("NOTIFY");
	char headers[512];
	str h = {headers, 0}, b = str_of(body), route = str_of(w->route);
	uac_req_t req;
	dlg_t dlg;

	h.len = snprintf(
	    headers, sizeof(headers),
	    "Contact: <%.*s>\r\nEvent: reg\r\nMax-Forwards: 70\r\n"
	    "Subscription-State: active;expires=%ld\r\nContent-Type: " REGINFO_MIME "\r\n",
	    seamless_params.scscf_name.len, seamless_params.scscf_name.s, (long)w->expires_in);
	if (h.len >= (int)sizeof(headers))
		return;
	memset(&dlg, 0, sizeof(dlg));
	/* tm counts one up before it sends, as it does for stock's NOTIFYs. */
	dlg.loc_seq.value = w->cseq;
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
	if (seamless_tm.t_request_within(&req) < 0)
		LM_INFO("NOTIFY to %.*s not sent\n", (int)w->contact.len, w->contact.p);
	else
		counter_inc(seamless_cnt.notifies);
	if (dlg.route_set)
		free_rr(&dlg.route_set);
}

static void notify_one(const struct effect *first, struct slice impi)
{
	struct event *ev = calloc(1, sizeof(*ev));
	char *body = malloc(BODY_MAX);

	if (!ev || !body)
		goto out;
	ev->first = first;
	ev->impi = impi;
	collect_aors(ev);
	collect_watchers(ev);
	for (size_t i = 0; i < ev->watchers_n; i++) {
		const struct watcher *w = &ev->watchers[i];
		size_t len;
		int rc = write_body(ev, w, sees_all(ev, w), body, BODY_MAX, &len);

		if (rc)
			LM_ERR("document for %.*s: %s\n", (int)w->uri.len, w->uri.p,
			       reginfo_strerror(rc));
		else
			send_notify(w, slice_make(body, len));
	}
	arena_free(&ev->arena);
out:
	free(body);
	free(ev);
}

void notify_watchers(const struct effect *first)
{
	/* A list holds few subscribers; each is told once. */
	for (const struct effect *f = first; f; f = f->next) {
		const struct effect *before = first;

		if (f->kind != EFFECT_CONTACT)
			continue;
		while (before != f &&
		       !(before->kind == EFFECT_CONTACT && slice_eq(before->impi, f->impi)))
			before = before->next;
		if (before == f)
			notify_one(first, f->impi);
	}
}
