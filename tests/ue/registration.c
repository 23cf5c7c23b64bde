/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "ue/aka_answer.h"
#include "ue/ipsec.h"
#include "ue/registration.h"

enum { CHALLENGES_MAX = 3 };

/* One REGISTER action from its first request to its final response. */
struct register_job {
	struct register_options o;
	int round; /* which REGISTER of the action: 1, 2, ... */
	int challenges;
	bool over_current; /* the first one goes inside the current SAs */
	bool protect;	   /* the present one goes inside the fresh SAs */
	bool answered;	   /* the present one carries a response */
};

void register_options_free(struct register_options *o)
{
	while (o->extras)
		free(o->extra[--o->extras]);
	free(o->impu);
	free(o->instance);
	free(o->contact);
	free(o->res);
	free(o->verify);
	free(o->client);
	ue_sip_edits_free(&o->edits);
	*o = (struct register_options){0};
}

void registration_free(struct conn *c)
{
	if (!c->job)
		return;
	register_options_free(&c->job->o);
	free(c->job);
	c->job = NULL;
}

static void set_state(struct conn *c, enum conn_state s)
{
	c->state = s;
	elog_event("state", "ue", c->ue->name, "what", "connection", "name", c->name, "state",
		   conn_state_name(s), NULL);
}

static void finish(struct conn *c, enum conn_state s, int code, bool local, struct slice text)
{
	/* A failed re-registration leaves the user registered (TS 33.203 7.4). */
	if (s != CONN_REJECTED || !c->current)
		set_state(c, s);
	if (s == CONN_REJECTED)
		sa_discard(c);
	registration_free(c);
	op_end(&c->op, code, local, text);
}

static void fail_here(struct conn *c, const char *why)
{
	elog_line(c->ue->name, "%s: %s", c->name, why);
	finish(c, CONN_REJECTED, 606, true, slice_str(why));
}

static void put_contact(struct conn *c, const struct register_options *o, struct text *t)
{
	const char *instance = o->instance ? o->instance : c->ue->instance;

	text_add(t, "Contact: <%s>", c->contact);
	if (c->reg_id)
		text_add(t, ";reg-id=%d", c->reg_id);
	if (instance && instance[0])
		text_add(t, ";+sip.instance=\"<%s>\"", instance);
	text_add(t, ";expires=%u", o->deregister ? 0 : c->expires);
	for (unsigned i = 0; i < o->extras; i++)
		text_add(t, ",\r\n %s", o->extra[i]);
	text_put(t, SLICE_LIT("\r\n"));
}

/* Security-Client: what this side can do for SIP and for media. */
static void put_client(struct conn *c, struct text *t)
{
	char ipsec[SEC_AGREE_LINE_MAX] = "";
	struct slice words = slice_str(c->mediasec);
	struct text media = {0};
	bool lines = c->mediasec_form == MEDIASEC_LINES;

	if (c->fresh && sa_client_header(c, ipsec) != 0)
		ipsec[0] = '\0';
	while (words.len) {
		struct slice w = slice_trim(slice_cut(&words, ' '));
		bool whole = memchr(w.p, ';', w.len);

		if (w.len)
			text_add(&media, "%s%.*s%s",
				 !media.len ? ""
				 : lines    ? "\r\nSecurity-Client: "
					    : ", ",
				 (int)w.len, w.p, whole ? "" : ";mediasec");
	}
	if (ipsec[0] && media.len && c->mediasec_form == MEDIASEC_FIRST)
		text_add(t, "Security-Client: %s, %s\r\n", media.p, ipsec);
	else if (ipsec[0] && media.len)
		text_add(t, "Security-Client: %s%s%s\r\n", ipsec,
			 lines ? "\r\nSecurity-Client: " : ", ", media.p);
	else if (ipsec[0] || media.len)
		text_add(t, "Security-Client: %s\r\n", media.len ? media.p : ipsec);
	text_free(&media);
}

/* Without IPsec there is no SA set to keep it: what the P-CSCF can do for media. */
static void take_server_list(struct conn *c, const struct ue_sip_msg *resp)
{
	struct text list = {0};
	struct slice v;

	for (unsigned i = 0; (v = ue_sip_header(resp, "Security-Server", i)).p; i++)
		text_add(&list, "%s%.*s", i ? ", " : "", (int)v.len, v.p);
	if (c->ipsec || !list.len) {
		text_free(&list);
		return;
	}
	free(c->server_list);
	c->server_list = list.p;
}

static void put_sec_agree(struct conn *c, const struct register_options *o, struct text *t)
{
	const char *verify = c->job->protect ? c->fresh->verify
			     : c->current    ? c->current->verify
					     : NULL;

	if (!o->client)
		put_client(c, t);
	else if (o->client[0])
		text_add(t, "Security-Client: %s\r\n", o->client);
	if (!c->ipsec)
		verify = c->server_list;
	else if (!c->job->protect && !c->job->over_current && !o->unprotected)
		return;
	if (o->verify)
		verify = o->verify;
	if (verify && verify[0])
		text_add(t, "Security-Verify: %s\r\n", verify);
}

static void put_options(struct conn *c, const struct register_options *o, struct text *t)
{
	bool agree = c->ipsec;

	if (agree || o->seamless) {
		const char *tags = agree && o->seamless ? "sec-agree, seamless-ims"
				   : agree		? "sec-agree"
							: "seamless-ims";

		text_add(t, "Require: %s\r\nProxy-Require: %s\r\n", tags, tags);
	}
	text_add(t, "Supported: path, gruu%s\r\n", c->reg_id ? ", outbound" : "");
}

static void put_authorization(struct conn *c, const struct register_options *o,
			      enum answer_kind kind, const uint8_t *auts, struct text *t)
{
	struct text h = {0};

	if (!c->job->answered) {
		/* A re-registration shows what it was let in with the last time
		 * (TS 24.229 5.1.1.4.2). */
		if (c->job->over_current && c->auth.have)
			authorization_write(c, ANSWER_RESPONSE, NULL, &h);
		else
			authorization_write_initial(c, &h);
		text_put(t, text_slice(&h));
		text_free(&h);
		return;
	}
	if (o->auth == AUTH_NONE)
		return;
	authorization_write(c, kind, auts, &h);
	if (o->auth == AUTH_REPLAY && c->auth.last) {
		text_put(t, slice_str(c->auth.last));
	} else {
		text_put(t, text_slice(&h));
		ue_set(&c->auth.last, text_slice(&h));
	}
	text_free(&h);
}

/* Where the present REGISTER goes, and the port for its Via. */
static int register_hop(struct conn *c, struct hop *hop, const struct port **via)
{
	struct sa_set *s = c->job->protect ? c->fresh : c->job->over_current ? c->current : NULL;

	*hop = (struct hop){.tcp = c->tcp, .dst = c->pcscf};
	hop->port = s ? s->uc : port_clear(c->access);
	if (!hop->port)
		return -1;
	if (s)
		hop->dst.port = s->server.port_s;
	*via = s && !c->via_uc ? c->us : hop->port;
	return 0;
}

static void on_response(struct tx *tx, const struct ue_sip_msg *resp, void *owner);

static int send_register(struct conn *c, enum answer_kind kind, const uint8_t *auts)
{
	struct register_job *j = c->job;
	const struct register_options *o = &j->o;
	const struct port *via;
	struct text t = {0};
	const char *impu = o->impu ? o->impu : c->impu;
	char host[64], branch[17];
	struct hop hop;
	struct tx *tx;

	if (register_hop(c, &hop, &via) != 0)
		return -1;
	tl_random(branch, 8);
	j->round++;
	text_add(&t,
		 "REGISTER sip:%s SIP/2.0\r\nVia: SIP/2.0/%s "
		 "%s:%u;branch=z9hG4bK%s%s\r\nMax-Forwards: 70\r\n"
		 "From: <%s>;tag=%s\r\nTo: <%s>%s\r\nCall-ID: %s\r\nCSeq: %u REGISTER\r\n",
		 c->system->domain, c->tcp ? "TCP" : "UDP",
		 netaddr_host_text(&c->access->local, host), via->num, branch,
		 hop.port->role == PORT_CLEAR || c->via_uc ? ";rport" : "", impu, c->from_tag, impu,
		 o->global ? ";imsglobreg" : "", c->callid, ++c->cseq);
	put_contact(c, o, &t);
	put_authorization(c, o, kind, auts, &t);
	put_sec_agree(c, o, &t);
	put_options(c, o, &t);
	if (c->access->pani)
		text_add(&t, "P-Access-Network-Info: %s\r\n", c->access->pani);
	text_put(&t, SLICE_LIT("Content-Length: 0\r\n\r\n"));
	ue_sip_edits_apply(&o->edits, j->round, &t);
	tx = tl_request(&hop, text_slice(&t), c->ue->name, c->name, on_response, c);
	text_free(&t);
	return tx ? 0 : -1;
}

static void take_routes(struct conn *c, const struct ue_sip_msg *m)
{
	struct slice values[UE_SIP_VALUES_MAX];
	unsigned n = ue_sip_values(m, "Service-Route", values, UE_SIP_VALUES_MAX);
	struct ue_sip_addr a;

	route_set_free(&c->service_route);
	for (unsigned i = 0; i < n; i++)
		if (ue_sip_addr_parse(values[i], &a) == 0)
			route_set_add(&c->service_route, a.uri);
}

static void on_success(struct conn *c, const struct ue_sip_msg *resp)
{
	bool bye = c->job->o.deregister;

	if (!bye) {
		take_routes(c, resp);
		if (c->job->protect)
			sa_activate(c);
		else
			sa_discard(c);
	}
	finish(c, bye ? CONN_GONE : CONN_REGISTERED, resp->code, false, resp->reason);
}

static void on_challenge(struct conn *c, const struct ue_sip_msg *resp)
{
	struct register_job *j = c->job;
	const struct register_options *o = &j->o;
	uint8_t auts[AKA_AUTS_LEN], ck[16], ik[16];
	enum answer_kind kind = ANSWER_MAC;
	const char *why = "";

	c->access->challenged = c->access->challenged || c->ipsec;
	if (c->ipsec)
		c->access->clear_count = 0;
	if (o->stop_at_401) {
		finish(c, CONN_REJECTED, 200, true, SLICE_LIT("stopped at the 401, as asked"));
		return;
	}
	if (aka_answer(c, resp, o, &kind, auts, ck, ik, &why) != 0) {
		fail_here(c, why);
		return;
	}
	if (kind != ANSWER_RESPONSE)
		elog_line(c->ue->name, "%s: %s", c->name, why);
	j->answered = true;
	if (c->ipsec && kind == ANSWER_RESPONSE) {
		/* An earlier challenge of this action may have made SAs with keys that are void
		 * now. */
		int err = c->fresh && c->fresh->installed ? sa_propose(c) : 0;

		if (!err)
			err = sa_install(c, resp, ck, ik, &why);
		if (err) {
			explicit_bzero(ck, sizeof(ck));
			explicit_bzero(ik, sizeof(ik));
			fail_here(c, why);
			return;
		}
		j->protect = !o->unprotected;
	}
	explicit_bzero(ck, sizeof(ck));
	explicit_bzero(ik, sizeof(ik));
	/* AUTS goes the way the first REGISTER went, with other SPIs (TS 24.229 5.1.1.5.3); then a genuine answer follows. */
	if (kind == ANSWER_AUTS) {
		j->o.stale_sqn = false;
		if (c->ipsec && sa_propose(c) != 0) {
			fail_here(c, "there is no port for other SAs");
			return;
		}
	}
	if (send_register(c, kind, auts) != 0)
		fail_here(c, "the REGISTER could not be sent");
	else if (kind == ANSWER_AUTS)
		j->answered = false;
}

static void on_response(struct tx *tx, const struct ue_sip_msg *resp, void *owner)
{
	struct conn *c = owner;
	struct register_job *j = c->job;

	(void)tx;
	if (!j)
		return;
	if (!resp) {
		finish(c, CONN_REJECTED, 408, true, SLICE_LIT("nobody answered the REGISTER"));
		return;
	}
	if (resp->code < 200)
		return;
	conn_remember(c, resp);
	take_server_list(c, resp);
	if (resp->code == 401 && !j->answered && j->challenges++ < CHALLENGES_MAX)
		on_challenge(c, resp);
	else if (resp->code < 300)
		on_success(c, resp);
	else
		finish(c, CONN_REJECTED, resp->code, false, resp->reason);
}

int registration_start(struct conn *c, struct register_options *o, bool over_current)
{
	registration_free(c);
	c->job = ue_alloc(sizeof(*c->job));
	c->job->o = *o;
	*o = (struct register_options){0};
	c->job->over_current = over_current && c->current;
	if (c->job->o.has_expires)
		c->expires = c->job->o.expires;
	op_begin(&c->op);
	if (c->state != CONN_REGISTERED)
		set_state(c, CONN_REGISTERING);
	if (c->ipsec && sa_propose(c) != 0)
		return -1;
	if (conn_set_contact(c, c->job->o.contact ? slice_str(c->job->o.contact) : SLICE_NULL) != 0)
		return -1;
	return send_register(c, ANSWER_MAC, NULL);
}
