/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From what has become of a set to a REGISTER for each application server whose criteria are met. */
#include "modules/ims_seamless_scscf/third_party.h"
#include "modules/ims_seamless_scscf/user_data.h"

#include "sip/header.h"

#define TRIGGERS_MAX 256
#define TOLD_MAX     64

/* A set's profile as its record has it. */
struct profile {
	ims_subscription *s; /* one reference */
	struct slice charging[4];
	struct scscf_arena arena;
};

static int get_profile(struct slice impu, struct profile *p)
{
	str name = str_of(impu);
	impurecord_t *r;

	memset(p, 0, sizeof(*p));
	seamless_ul.lock_udomain(seamless_domain, &name);
	if (seamless_ul.get_impurecord(seamless_domain, &name, &r) == 0 && r->s) {
		p->s = r->s;
		seamless_ul.ref_subscription(p->s);
		p->charging[0] = scscf_arena_text(&p->arena, slice_of(r->ccf1));
		p->charging[1] = scscf_arena_text(&p->arena, slice_of(r->ccf2));
		p->charging[2] = scscf_arena_text(&p->arena, slice_of(r->ecf1));
		p->charging[3] = scscf_arena_text(&p->arena, slice_of(r->ecf2));
	}
	seamless_ul.unlock_udomain(seamless_domain, &name);
	return p->s ? 0 : -1;
}

static void free_profile(struct profile *p)
{
	seamless_ul.unref_subscription(p->s);
	scscf_arena_free(&p->arena);
}

static struct scscf_trigger trigger_of(const ims_spt *spt)
{
	struct scscf_trigger t = {.group = spt->group,
				  .negated = spt->condition_negated != 0,
				  .registrations = (unsigned)spt->registration_type};

	switch (spt->type) {
	case IFC_REQUEST_URI:
		t.kind = SCSCF_TRIGGER_URI;
		t.content = slice_of(spt->request_uri);
		break;
	case IFC_METHOD:
		t.kind = SCSCF_TRIGGER_METHOD;
		t.content = slice_of(spt->method);
		break;
	case IFC_SIP_HEADER:
		t.kind = SCSCF_TRIGGER_HEADER;
		t.name = slice_of(spt->sip_header.header);
		t.content = slice_of(spt->sip_header.content);
		break;
	case IFC_SESSION_CASE:
		t.kind = SCSCF_TRIGGER_CASE;
		t.session_case = spt->session_case;
		break;
	case IFC_SESSION_DESC:
		t.kind = SCSCF_TRIGGER_SDP;
		t.name = slice_of(spt->session_desc.line);
		t.content = slice_of(spt->session_desc.content);
		break;
	default:
		break;
	}
	return t;
}

static bool is_met(const ims_filter_criteria *fc, const struct scscf_asked *asked)
{
	const ims_trigger_point *tp = fc->trigger_point;
	struct scscf_trigger t[TRIGGERS_MAX];
	size_t n = 0;

	/* 1: the part for those who are not registered. */
	if (!fc->application_server.server_name.len ||
	    (fc->profile_part_indicator && *fc->profile_part_indicator))
		return false;
	for (; tp && n < tp->spt_cnt && n < TRIGGERS_MAX; n++)
		t[n] = trigger_of(&tp->spt[n]);
	return scscf_criteria_match(t, n, tp && tp->condition_type_cnf == IFC_CNF, asked);
}

/* ---- one REGISTER ---- */

static struct slice copy(char **at, struct slice s)
{
	struct slice out = slice_make(*at, s.len);

	if (s.len)
		memcpy(*at, s.p, s.len);
	*at += s.len;
	return out;
}

/* In the form of the seed the dialog is the phone's, too. */
struct identity_of_request {
	struct slice uri, from, from_tag, call_id;
	uint32_t cseq;
	char buf[4][512];
};

static void read_request(struct slice request, struct identity_of_request *id)
{
	struct slice from = scscf_message_header(request, SLICE_LIT("From"), id->buf[0], 512),
		     cseq = scscf_message_header(request, SLICE_LIT("CSeq"), id->buf[1], 512),
		     value;
	struct sip_name_addr na;
	uint64_t n = 0;

	id->call_id = scscf_message_header(request, SLICE_LIT("Call-ID"), id->buf[2], 512);
	if (!sip_name_addr_parse(from, &na)) {
		id->from = na.uri;
		if (sip_param_get(na.params, SLICE_LIT("tag"), &value) == 1)
			id->from_tag = value;
	}
	if (!slice_u64(slice_trim(slice_cut(&cseq, ' ')), 0xffffffffu, &n))
		id->cseq = (uint32_t)n;
	id->uri = slice_of(seamless_params.scscf_name);
}

static struct scscf_order_job *make_job(const struct third_party_event *ev,
					const struct scscf_third_party *p, bool terminates)
{
	struct identity_of_request id = {0};
	char boundary[SCSCF_THIRD_PARTY_BOUNDARY_MAX];
	size_t headers, body, number_at;
	struct scscf_order_job *job;
	char *at;

	if (p->form == SCSCF_THIRD_PARTY_SEED)
		read_request(p->request, &id);
	scscf_third_party_boundary(p, boundary);
	headers = scscf_third_party_headers(p, boundary, NULL, 0, &number_at);
	body = scscf_third_party_body(p, boundary, NULL, 0);
	job = third_party_job(headers + body + id.uri.len + id.from.len + id.from_tag.len +
			      id.call_id.len + ev->impi.len);
	if (!job)
		return NULL;
	at = (char *)(job + 1);
	(void)scscf_third_party_headers(p, boundary, at, headers, &number_at);
	job->before = slice_make(at, number_at);
	job->after = slice_make(at + number_at, headers - number_at);
	at += headers;
	(void)scscf_third_party_body(p, boundary, at, body);
	job->body = slice_make(at, body);
	at += body;
	job->uri = copy(&at, id.uri);
	job->from = copy(&at, id.from);
	job->from_tag = copy(&at, id.from_tag);
	job->call_id = copy(&at, id.call_id);
	job->cseq = id.cseq;
	job->ends = !ev->expires_s;
	if (terminates && !job->ends)
		job->impi = copy(&at, ev->impi);
	job->until_ms = job->ends ? 0 : kam_now_ms() + (uint64_t)ev->expires_s * 1000;
	return job;
}

/* What does not depend on the criterion. */
struct about {
	const struct third_party_event *ev;
	struct scscf_third_party text;
	struct scscf_asked asked;
	struct third_party_waiter *waiter;
};

static void tell_server(struct about *a, const ims_application_server *as, struct slice to)
{
	struct slice server = slice_of(as->server_name);
	struct scscf_third_party *p = &a->text;
	struct scscf_order_job *job;

	p->trusted =
	    scscf_third_party_trusted(server, slice_of(seamless_params.third_party_trusted));
	p->service_info = slice_of(as->service_info);
	p->with_request = as->include_register_request != 0;
	p->with_response = as->include_register_response != 0;
	job = make_job(a->ev, p, as->default_handling == IFC_SESSION_TERMINATED);
	if (!job)
		return;
	job->waiter = a->waiter;
	if (a->waiter)
		a->waiter->out++;
	third_party_order(server, to, job);
}

/* A server whose criteria are met twice hears of it once, by the first. */
static void tell_servers(struct about *a, const ims_service_profile *sp, struct slice to)
{
	struct slice told[TOLD_MAX];
	size_t n = 0;

	for (int i = 0; i < sp->filter_criteria_cnt && n < TOLD_MAX; i++) {
		const ims_filter_criteria *fc = &sp->filter_criteria[i];
		struct slice server = slice_of(fc->application_server.server_name);
		size_t k = 0;

		while (k < n && !slice_eq(told[k], server))
			k++;
		if (k < n || (a->ev->but.len && slice_eq(server, a->ev->but)) ||
		    !is_met(fc, &a->asked))
			continue;
		told[n++] = server;
		tell_server(a, &fc->application_server, to);
	}
}

/* A wildcard is nobody's identity. */
static bool may_be_told(const ims_public_identity *pi)
{
	return !pi->barring && !pi->wildcarded_psi.len;
}

/* The one that the REGISTER named, if it may be named; else the first one that may. */
static struct slice identity_of(const ims_service_profile *sp, struct slice wanted)
{
	struct slice first = SLICE_NULL;

	for (int i = 0; i < sp->public_identities_cnt; i++) {
		const ims_public_identity *pi = &sp->public_identities[i];
		struct slice impu = slice_of(pi->public_identity);

		if (!may_be_told(pi))
			continue;
		if (slice_eq(impu, wanted))
			return impu;
		if (!first.len)
			first = impu;
	}
	return first;
}

static void tell_profile(struct about *a, const ims_service_profile *sp)
{
	if (!seamless_params.third_party_each_identity) {
		struct slice to = identity_of(sp, a->ev->impu);

		if (to.len)
			tell_servers(a, sp, to);
		return;
	}
	for (int i = 0; i < sp->public_identities_cnt; i++)
		if (may_be_told(&sp->public_identities[i]))
			tell_servers(a, sp, slice_of(sp->public_identities[i].public_identity));
}

static void read_asked(struct about *a)
{
	const struct kept_register *k = a->ev->request;
	struct slice rest = k ? slice_make(k->text, k->len) : SLICE_NULL, name, value;

	a->asked.method = SLICE_LIT("REGISTER");
	a->asked.registration = a->ev->registration;
	a->asked.session_case = SCSCF_CASE_ORIGINATING;
	if (!k) {
		a->asked.uri = slice_of(seamless_params.cxdx_dest_realm);
		return;
	}
	a->asked.uri = slice_make(k->text + k->uri_at, k->uri_len);
	(void)slice_cut(&rest, '\n');
	a->asked.headers = rest;
	while (sip_header_next(&rest, &name, &value))
		;
	a->asked.body = rest;
}

/* A phone's own words are needed for the seed's form; without a REGISTER there are none. */
static enum scscf_third_party_form form_of(const struct third_party_event *ev)
{
	int form = seamless_params.third_party_form;

	return form == SCSCF_THIRD_PARTY_SEED && (!ev->request || !ev->contact.len)
		   ? SCSCF_THIRD_PARTY_STANDARD
		   : (enum scscf_third_party_form)form;
}

void third_party_make(const struct third_party_event *ev, struct third_party_waiter *waiter)
{
	struct slice all[SCSCF_SET_IMPUS_MAX], open[SCSCF_SET_IMPUS_MAX];
	bool barred[SCSCF_SET_IMPUS_MAX];
	struct about a = {.ev = ev, .waiter = waiter};
	struct profile p;
	size_t n;

	if (get_profile(ev->impu, &p)) {
		LM_INFO("%.*s has no profile any more: application servers are not told\n",
			(int)ev->impu.len, ev->impu.p);
		return;
	}
	a.text.form = form_of(ev);
	a.text.registration = ev->registration;
	a.text.credentials = seamless_params.third_party_credentials != 0;
	a.text.own_uri = slice_of(seamless_params.scscf_name);
	a.text.orig_ioi = slice_of(seamless_params.third_party_orig_ioi);
	if (ev->request)
		a.text.request = slice_make(ev->request->text, ev->request->len);
	a.text.response = ev->response;
	a.text.contact = ev->contact;
	a.text.identities = open;
	n = user_data_identities(p.s, all, barred, SCSCF_SET_IMPUS_MAX);
	for (size_t i = 0; i < n; i++)
		if (!barred[i])
			open[a.text.identities_n++] = all[i];
	memcpy(a.text.charging, p.charging, sizeof(a.text.charging));
	read_asked(&a);
	for (int i = 0; i < p.s->service_profiles_cnt; i++)
		tell_profile(&a, &p.s->service_profiles[i]);
	free_profile(&p);
}
