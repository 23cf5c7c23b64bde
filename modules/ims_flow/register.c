/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flow_register(): a REGISTER on its way from the UE to the home network (TS 24.229 5.2.2). */
#include "modules/ims_flow/glue.h"
#include "modules/ims_flow/core/challenge.h"
#include "modules/ims_flow/core/kernel_map.h"

#include <sys/random.h>

#include "../../core/parser/digest/digest.h"
#include "../../core/parser/hf.h"
#include "../../core/parser/parse_expires.h"
#include "../../core/parser/parse_param.h"
#include "../../core/parser/parse_to.h"
#include "sip/contact.h"
#include "sip/uri.h"

/* What the headers say. Slices point into the message. */
struct reading {
	struct sec_agree_list client, verify;
	struct hdr_field *client_hdr, *verify_hdr; /* the first of each */
	struct sip_contact_list contacts;
	bool supports_path, supports_outbound, requires_path;
	bool keep;
};

static bool lists_tag(struct slice body, const char *tag)
{
	while (body.p)
		if (slice_eq_nocase(slice_trim(slice_cut(&body, ',')), slice_str(tag)))
			return true;
	return false;
}

/* All at once; -1 with the text of what is wrong. */
static int read_headers(sip_msg_t *msg, struct reading *r, const char **wrong)
{
	bool authorized = false;

	memset(r, 0, sizeof(*r));
	*wrong = "Bad Contact";
	for (struct hdr_field *h = msg->headers; h; h = h->next) {
		struct slice body = header_body(h), cut;

		if (h->type == HDR_AUTHORIZATION_T) {
			/* Of two we might believe the one and the registrar verify the other. */
			if (authorized || flow_authorization_integrity(body, &cut)) {
				*wrong = "Bad Authorization";
				return -1;
			}
			authorized = true;
		} else if (h->type == HDR_CONTACT_T) {
			if (sip_contact_list_add(&r->contacts, body))
				return -1;
		} else if (h->type == HDR_SUPPORTED_T) {
			r->supports_path |= lists_tag(body, "path");
			r->supports_outbound |= lists_tag(body, "outbound");
		} else if (h->type == HDR_REQUIRE_T) {
			r->requires_path |= lists_tag(body, "path");
		} else if (header_is(h, "Security-Client")) {
			if (sec_agree_parse(body, &r->client)) {
				*wrong = "Bad Security-Client";
				return -1;
			}
			if (!r->client_hdr)
				r->client_hdr = h;
		} else if (header_is(h, "Security-Verify")) {
			if (sec_agree_parse(body, &r->verify)) {
				*wrong = "Bad Security-Verify";
				return -1;
			}
			if (!r->verify_hdr)
				r->verify_hdr = h;
		}
	}
	for (struct via_param *p = msg->via1->param_lst; p; p = p->next)
		if (slice_eq_nocase(slice_make(p->name.s, p->name.len), SLICE_LIT("keep")) &&
		    !p->value.len)
			r->keep = true;
	return 0;
}

/* The contact this REGISTER is about: the first that is not being removed. NULL: only removals, or
 * none. */
static const struct sip_contact *own_contact(const struct sip_contact_list *l, uint32_t expires)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->contact[i].has_expires ? l->contact[i].expires : expires)
			return &l->contact[i];
	return l->n ? &l->contact[0] : NULL;
}

static int copy(char *to, size_t size, struct slice from)
{
	return slice_copy(from, to, size);
}

/* The private identity: from Authorization, or, without it, the default one of the public identity.
 */
static int read_impi(sip_msg_t *msg, struct flow_attempt *a)
{
	struct sip_uri_parts u;
	struct slice to, user;
	char *at = a->impi;

	if (msg->authorization && parse_credentials(msg->authorization) == 0) {
		str *name = &((auth_body_t *)msg->authorization->parsed)->digest.username.whole;

		if (name->len)
			return copy(a->impi, sizeof(a->impi), slice_make(name->s, name->len));
	}
	to = slice_make(get_to(msg)->uri.s, get_to(msg)->uri.len);
	if (sip_uri_parse(to, &u))
		return -1;
	user = u.user;
	if (user.len + 1 + u.host.len >= sizeof(a->impi))
		return -1;
	memcpy(at, user.p, user.len);
	at += user.len;
	if (user.len)
		*at++ = '@';
	memcpy(at, u.host.p, u.host.len);
	at[u.host.len] = '\0';
	return 0;
}

/* Everything of the attempt that the message itself tells. -1: what is wrong. */
static int read_attempt(sip_msg_t *msg, const struct reading *r, struct flow_attempt *a,
			const char **wrong)
{
	uint32_t expires = 3600;
	const struct sip_contact *c;
	struct slice aor;

	memset(a, 0, sizeof(*a));
	if (msg->expires && parse_expires(msg->expires) == 0 &&
	    ((exp_body_t *)msg->expires->parsed)->valid)
		expires = ((exp_body_t *)msg->expires->parsed)->val;
	flow_ip_from(&msg->rcv.src_ip, &a->ue);
	flow_ip_from(&msg->rcv.dst_ip, &a->local);
	a->ue_port = msg->rcv.src_port;
	a->local_port = msg->rcv.dst_port;
	a->proto = msg->rcv.proto;
	a->conn = msg->rcv.proto == PROTO_UDP ? 0 : msg->rcv.proto_reserved1;
	a->protected_ = port_is_protected(msg->rcv.dst_port);
	a->keep = r->keep || r->supports_outbound;
	*wrong = "Bad private identity";
	if (read_impi(msg, a))
		return -1;
	*wrong = "To too long";
	aor = slice_make(get_to(msg)->uri.s, get_to(msg)->uri.len);
	if (copy(a->aor, sizeof(a->aor), slice_cut(&aor, ';')))
		return -1;
	*wrong = "Contact too long";
	c = own_contact(&r->contacts, expires);
	if (c && (copy(a->contact, sizeof(a->contact), c->uri) ||
		  copy(a->instance, sizeof(a->instance), c->instance)))
		return -1;
	a->reg_id = c ? c->reg_id : 0;
	a->sa.life_s =
	    flow_first_life(&settings.timers, c && c->has_expires ? c->expires : expires);
	return 0;
}

static uint64_t new_id(void)
{
	uint64_t id = 0;

	while (id == 0)
		if (getrandom(&id, sizeof(id), 0) != sizeof(id))
			id = 0;
	return id;
}

/* The Security-Server lines that say what we can do, before any SA is set up (RFC 3329 2.3.1). */
static void server_list(char *buf, size_t size)
{
	size_t at = snprintf(buf, size, "Security-Server: ");

	for (unsigned i = 0; i < settings.offer.n && at < size; i++)
		at += snprintf(buf + at, size - at, "%sipsec-3gpp;alg=%s;ealg=%s;q=0.%u",
			       i ? ", " : "", sec_agree_alg_name(settings.offer.pairs[i].alg),
			       sec_agree_ealg_name(settings.offer.pairs[i].ealg),
			       9 - (i < 9 ? i : 8));
	if (at < size)
		snprintf(buf + at, size - at, "\r\n");
}

/*
 * Through a NAT nothing but ESP in UDP arrives, and without one nobody needs it. A UE that cannot
 * do it, and whose Via only names another of its own addresses, is taken as it comes.
 */
static void look_for_nat(sip_msg_t *msg, struct reading *r, struct flow_attempt *a)
{
	struct flow_ip inner;

	if (!a->protected_ && sec_agree_offers_mode(&r->client, true) && nat_found(msg, &inner)) {
		a->sa.outer = a->ue;
		a->sa.encap_port = ENCAP_PORT;
		a->ue = inner;
		msg->msg_flags |= FL_FORCE_RPORT;
	}
	sec_agree_keep_mode(&r->client, a->sa.outer.af != 0);
}

/* What the UE offers, as the SA set a 401 would make. 1 chosen, 0 no IPsec, -1 answered. */
static int negotiate(sip_msg_t *msg, const struct reading *r, bool offered, struct flow_attempt *a)
{
	char headers[SEC_AGREE_LINE_MAX];
	struct sec_agree_ipsec v;
	int rc;

	if (!ipsec_is_ours() || (!offered && settings.ipsec == IPSEC_OFFERED))
		return 0;
	if (!offered) {
		int n = snprintf(headers, sizeof(headers), "Require: sec-agree\r\n");

		server_list(headers + n, sizeof(headers) - n);
		answer(msg, 421, "Extension Required", headers);
		return -1;
	}
	rc = sec_agree_choose(&r->client, &settings.offer, &v, NULL);
	/* An SA on the port of the unprotected REGISTER would swallow the answer to it. */
	if (rc == 0 && (v.port_c == v.port_s ||
			(!a->protected_ && (v.port_c == a->ue_port || v.port_s == a->ue_port))))
		rc = SEC_AGREE_E_VALUE;
	if (rc == SEC_AGREE_E_VALUE) {
		COUNT(CNT_BAD_HEADER);
		answer(msg, 400, "Bad Security-Client", NULL);
		return -1;
	}
	if (rc) {
		COUNT(CNT_NO_MECHANISM);
		server_list(headers, sizeof(headers));
		answer(msg, 494, "Security Agreement Required", headers);
		return -1;
	}
	a->ipsec = true;
	a->sa.alg = v.alg;
	a->sa.ealg = v.ealg;
	a->sa.spi_uc = v.spi_c;
	a->sa.spi_us = v.spi_s;
	a->sa.port_uc = v.port_c;
	a->sa.port_us = v.port_s;
	a->sa.port_pc = settings.port_pc;
	a->sa.port_ps = settings.port_ps;
	return 1;
}

/*
 * Which SA set a protected REGISTER came over. Several may share the ports (a phone that lost its
 * state); the Security-Verify names the one. Fills a->set_id and over_spi and server with that
 * set's Security-Server.
 */
static bool find_set(sip_msg_t *msg, const struct reading *r, struct flow_attempt *a, char *impi,
		     char *server, size_t size)
{
	struct sec_agree_ipsec v;
	struct flow_set *f = NULL;
	int slot = -1;
	bool found = false;

	TABLE_LOCK();
	if (r->verify.n && sec_agree_pick(&r->verify, NULL, &v, NULL) == 0)
		f = flow_by_spi(table, &a->ue, a->ue_port, v.spi_s, &slot);
	if (!f)
		f = set_of_received(msg, &slot);
	if (f && slot >= 0 && flow_ip_eq(&f->local, &a->local)) {
		a->over_set = true;
		a->set_id = f->id;
		a->over_spi = f->sa[slot].spi_ps;
		a->sa.outer = f->sa[slot].outer;
		a->sa.encap_port = f->sa[slot].encap_port;
		strcpy(impi, f->impi);
		found = security_server(&f->sa[slot], server, size) == 0;
	}
	TABLE_UNLOCK();
	return found;
}

/* Over SAs: who it is, and Security-Verify. 1 go on, -1 answered, 0 dropped. */
static int check_protected(sip_msg_t *msg, const struct reading *r, struct flow_attempt *a)
{
	char server[512], impi[FLOW_IMPI_MAX], headers[600];
	struct sec_agree_list sent = {.n = 0};

	if (!find_set(msg, r, a, impi, server, sizeof(server))) {
		LM_INFO("REGISTER on a protected port over no SA of ours: dropped\n");
		COUNT(CNT_UNKNOWN_SA);
		return 0;
	}
	if (strcmp(impi, a->impi) != 0) {
		LM_INFO("REGISTER of another private identity over an SA: refused\n");
		COUNT(CNT_DENIED_IMPI);
		answer(msg, 403, "Forbidden", NULL);
		return -1;
	}
	sec_agree_parse(slice_str(server), &sent);
	if (!sec_agree_equal(&r->verify, &sent, true)) {
		COUNT(CNT_VERIFY_DIFFERS);
		snprintf(headers, sizeof(headers), "Security-Server: %s\r\n", server);
		answer(msg, 494, "Security Agreement Required", headers);
		return -1;
	}
	return 1;
}

/* The set of this phone at this address, whatever SAs it has now. */
static struct flow_set *set_of_phone(const struct flow_attempt *a)
{
	struct flow_set *f = NULL;

	while ((f = flow_by_impi(table, slice_str(a->impi), f)) != NULL)
		if (flow_alive(f) && f->ipsec && flow_ip_eq(&f->ue, &a->ue) &&
		    f->reg_id == a->reg_id && strcmp(f->instance, a->instance) == 0)
			break;
	return f;
}

/*
 * SAs of another module: it came over them if it came to the port_ps that its Security-Verify
 * names. A UE that lies about the other ports leads only its own requests astray, and only to ports
 * that we listen on.
 */
static void find_others(const struct reading *r, struct flow_attempt *a)
{
	struct sec_agree_ipsec server, client;
	struct flow_set *f;
	int slot;

	TABLE_LOCK();
	f = flow_by_received(table, &a->ue, a->ue_port, &a->local, a->local_port, a->proto, &slot);
	if (f && slot >= 0 && strcmp(f->impi, a->impi) == 0) {
		a->protected_ = a->over_set = true;
		a->set_id = f->id;
		a->over_spi = f->sa[slot].spi_ps;
	}
	TABLE_UNLOCK();
	if (a->over_set || sec_agree_pick(&r->verify, NULL, &server, NULL) ||
	    sec_agree_pick(&r->client, NULL, &client, NULL) || server.port_s != a->local_port ||
	    client.port_c != a->ue_port || !local_socket(&a->local, server.port_c, a->proto))
		return;
	a->ipsec = a->protected_ = a->others = true;
	a->sa.alg = server.alg;
	a->sa.ealg = server.ealg;
	a->sa.port_uc = client.port_c;
	a->sa.port_us = client.port_s;
	a->sa.spi_uc = client.spi_c;
	a->sa.spi_us = client.spi_s;
	a->sa.port_pc = server.port_c;
	a->sa.port_ps = server.port_s;
	a->sa.spi_pc = server.spi_c;
	a->sa.spi_ps = a->over_spi = server.spi_s;
	TABLE_LOCK();
	f = set_of_phone(a);
	a->over_set = f != NULL;
	a->set_id = f ? f->id : new_id();
	TABLE_UNLOCK();
}

/* Take sec-agree out of one Require or Proxy-Require. */
static int strip_tag(sip_msg_t *msg, struct hdr_field *h)
{
	struct slice rest = header_body(h);
	char kept[512];
	size_t n = 0;

	if (!lists_tag(rest, "sec-agree"))
		return 0;
	while (rest.p) {
		struct slice tag = slice_trim(slice_cut(&rest, ','));

		if (!tag.len || slice_eq_nocase(tag, SLICE_LIT("sec-agree")))
			continue;
		if (n + tag.len + 2 >= sizeof(kept))
			return -1;
		if (n)
			kept[n++] = ',';
		memcpy(kept + n, tag.p, tag.len);
		n += tag.len;
	}
	if (!n)
		return header_remove(msg, h);
	if (body_insert(msg, h->body.s, kept, n))
		return -1;
	return body_cut(msg, header_body(h));
}

static int strip_sec_agree(sip_msg_t *msg)
{
	if (settings.ipsec == IPSEC_OTHERS)
		return 0; /* it is the other module's agreement */
	for (struct hdr_field *h = msg->headers; h; h = h->next) {
		int rc = 0;

		if (h->type == HDR_REQUIRE_T || h->type == HDR_PROXYREQUIRE_T)
			rc = strip_tag(msg, h);
		else if (header_is(h, "Security-Client") || header_is(h, "Security-Verify"))
			rc = header_remove(msg, h);
		if (rc)
			return -1;
	}
	return 0;
}

/* Authorization says whether we vouch for the message; what the UE put there is taken out
 * (TS 24.229 5.2.2.1). */
static int mark_integrity(sip_msg_t *msg, bool yes)
{
	static const char mark_yes[] = ",integrity-protected=\"yes\"",
			  mark_no[] = ",integrity-protected=\"no\"";
	struct slice body, cut;

	if (!msg->authorization)
		return 0;
	body = header_body(msg->authorization);
	if (flow_authorization_integrity(body, &cut))
		return -1;
	if (cut.len && body_cut(msg, cut))
		return -1;
	return body_insert(msg, body.p + body.len, yes ? mark_yes : mark_no,
			   yes ? sizeof(mark_yes) - 1 : sizeof(mark_no) - 1);
}

static int add_path(sip_msg_t *msg, const struct reading *r, const struct flow_attempt *a)
{
	char token[FLOW_TOKEN_LEN + 1], text[512], host[80];
	int n;

	TABLE_LOCK();
	flow_token_encode(&shared->keys, a->set_id, token);
	TABLE_UNLOCK();
	if (settings.path_host.len) {
		snprintf(host, sizeof(host), "%.*s", settings.path_host.len, settings.path_host.s);
	} else {
		n = flow_ip_text(&a->local, host, sizeof(host), true);
		snprintf(host + n, sizeof(host) - n, ":%u",
			 port_is_protected(a->local_port) ? SIP_PORT : a->local_port);
	}
	n = snprintf(text, sizeof(text), "Path: <sip:%s@%s;lr;ob>\r\n%s", token, host,
		     r->requires_path ? "" : "Require: path\r\n");
	if (n >= (int)sizeof(text) || header_add(msg, text, n, true))
		return -1;
	if (!r->supports_path && header_add(msg, "Supported: path\r\n", 17, false))
		return -1;
	return 0;
}

int ki_flow_register(sip_msg_t *msg)
{
	struct reading r;
	struct flow_attempt a;
	const char *wrong;
	bool offered;
	int rc;

	if (parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->via1 || !msg->to)
		return -1;
	COUNT(CNT_REGISTERS);
	if (read_headers(msg, &r, &wrong) || read_attempt(msg, &r, &a, &wrong)) {
		LM_INFO("REGISTER refused: %s\n", wrong);
		COUNT(CNT_BAD_HEADER);
		answer(msg, 400, wrong, NULL);
		return -1;
	}
	if (a.protected_) {
		nat_learn_before(msg);
		rc = check_protected(msg, &r, &a);
		if (rc <= 0)
			return rc;
	}
	if (settings.ipsec == IPSEC_OTHERS)
		find_others(&r, &a);
	offered = r.client.n > 0;
	if (offered)
		look_for_nat(msg, &r, &a);
	rc = negotiate(msg, &r, offered, &a);
	if (rc < 0)
		return -1;
	if (!a.protected_) {
		int slot;
		struct flow_set *f;

		/* Without IPsec the same flow again is the same set. */
		TABLE_LOCK();
		f = a.ipsec ? NULL : set_of_received(msg, &slot);
		a.over_set = f && slot < 0 && f->state == FLOW_ACTIVE &&
			     strcmp(f->impi, a.impi) == 0 && f->reg_id == a.reg_id;
		a.set_id = a.over_set ? f->id : new_id();
		TABLE_UNLOCK();
	} else {
		struct flow_effects *fx;
		struct flow_set *f;
		bool matters = false;

		TABLE_LOCK();
		f = flow_by_id(table, a.set_id);
		for (int i = 0; f && i < FLOW_SA_SETS; i++)
			if (f->sa[i].spi_ps == a.over_spi)
				matters = flow_seen_matters(f, i);
		TABLE_UNLOCK();
		if (matters) {
			fx = changes_begin();
			TABLE_LOCK();
			f = flow_by_id(table, a.set_id);
			for (int i = 0; f && i < FLOW_SA_SETS; i++)
				if (f->sa[i].spi_ps == a.over_spi)
					flow_seen(table, f, i, &settings.timers, flow_now(), fx);
			TABLE_UNLOCK();
			changes_end(fx);
		}
	}
	leave_by_open_port(msg);
	a.spare_id = new_id();
	if (strip_sec_agree(msg)) {
		LM_INFO("REGISTER refused: Require too long\n");
		COUNT(CNT_BAD_HEADER);
		answer(msg, 400, "Require Too Long", NULL);
		return -1;
	}
	if (attempt_store(&a) || mark_integrity(msg, a.protected_) || add_path(msg, &r, &a)) {
		LM_ERR("cannot rewrite a REGISTER\n");
		answer(msg, 500, "Server Internal Error", NULL);
		return -1;
	}
	return 1;
}
