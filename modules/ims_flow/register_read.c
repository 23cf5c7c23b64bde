/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a REGISTER says. */
#include "modules/ims_flow/register.h"

#include "../../core/parser/hf.h"
#include "../../core/parser/parse_expires.h"
#include "../../core/parser/parse_param.h"
#include "../../core/parser/parse_to.h"
#include "modules/ims_flow/core/challenge.h"
#include "sip/uri.h"

bool register_lists_tag(struct slice body, const char *tag)
{
	while (body.p)
		if (slice_eq_nocase(slice_trim(slice_cut(&body, ',')), slice_str(tag)))
			return true;
	return false;
}

int register_read_headers(sip_msg_t *msg, struct flow_reading *r, const char **wrong)
{
	bool authorized = false;

	memset(r, 0, sizeof(*r));
	*wrong = "Bad Contact";
	for (struct hdr_field *h = msg->headers; h; h = h->next) {
		struct slice body = kam_header_body(h), cut;

		if (h->type == HDR_AUTHORIZATION_T) {
			/* Of two we might believe the one and the registrar verify the other. */
			if (authorized || flow_authorization_read(body, &cut, &r->username)) {
				*wrong = "Bad Authorization";
				return -1;
			}
			authorized = true;
		} else if (h->type == HDR_CONTACT_T) {
			if (sip_contact_list_add(&r->contacts, body))
				return -1;
		} else if (h->type == HDR_SUPPORTED_T) {
			r->supports_path |= register_lists_tag(body, "path");
			r->supports_outbound |= register_lists_tag(body, "outbound");
		} else if (h->type == HDR_REQUIRE_T) {
			r->requires_path |= register_lists_tag(body, "path");
		} else if (kam_header_is(h, "Security-Client")) {
			if (sec_agree_parse(body, &r->client)) {
				*wrong = "Bad Security-Client";
				return -1;
			}
			if (!r->client_hdr)
				r->client_hdr = h;
		} else if (kam_header_is(h, "Security-Verify")) {
			if (sec_agree_parse(body, &r->verify)) {
				*wrong = "Bad Security-Verify";
				return -1;
			}
			if (!r->verify_hdr)
				r->verify_hdr = h;
		}
	}
	r->offers_ipsec = sec_agree_has_ipsec(&r->client);
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

/* The contact of an emergency registration says sos (TS 24.229 5.1.6.2). */
static bool is_emergency(struct slice uri)
{
	struct sip_uri_parts u;
	struct slice value;

	return sip_uri_parse(uri, &u) == 0 && sip_uri_param(&u, SLICE_LIT("sos"), &value) == 1;
}

static int copy(char *to, size_t size, struct slice from)
{
	return slice_copy(from, to, size);
}

/* The private identity: from Authorization, or, without it, the default one of the public identity.
 */
static int read_impi(sip_msg_t *msg, const struct flow_reading *r, struct flow_attempt *a)
{
	struct sip_uri_parts u;
	struct slice to, user;
	char *at = a->impi;

	if (r->username.len)
		return copy(a->impi, sizeof(a->impi), r->username);
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

int register_read_attempt(sip_msg_t *msg, const struct flow_reading *r, struct flow_attempt *a,
			  const char **wrong)
{
	uint32_t expires = 3600;
	const struct sip_contact *c;
	struct slice aor;

	memset(a, 0, sizeof(*a));
	if (msg->expires && parse_expires(msg->expires) == 0 &&
	    ((exp_body_t *)msg->expires->parsed)->valid)
		expires = ((exp_body_t *)msg->expires->parsed)->val;
	a->ue = netaddr_of_ip(&msg->rcv.src_ip);
	a->local = netaddr_of_ip(&msg->rcv.dst_ip);
	a->ue_port = msg->rcv.src_port;
	a->local_port = msg->rcv.dst_port;
	a->proto = msg->rcv.proto;
	a->conn = msg->rcv.proto == PROTO_UDP ? 0 : msg->rcv.proto_reserved1;
	a->protected_ = port_is_protected(msg->rcv.dst_port);
	a->keep = r->keep || r->supports_outbound;
	*wrong = "Bad private identity";
	if (read_impi(msg, r, a))
		return -1;
	*wrong = "To too long";
	aor = slice_make(get_to(msg)->uri.s, get_to(msg)->uri.len);
	if (copy(a->aor, sizeof(a->aor), sip_uri_without_params(aor)))
		return -1;
	*wrong = "Contact too long";
	c = own_contact(&r->contacts, expires);
	if (c && (copy(a->contact, sizeof(a->contact), c->uri) ||
		  copy(a->instance, sizeof(a->instance), c->instance)))
		return -1;
	a->reg_id = c ? c->reg_id : 0;
	a->emergency = c && is_emergency(c->uri);
	a->order = __atomic_add_fetch(&shared->attempts, 1, __ATOMIC_RELAXED);
	a->sa.life_s =
	    flow_first_life(&settings.timers, c && c->has_expires ? c->expires : expires);
	return 0;
}
