/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/contact.h"
#include "sip/uri.h"

int sip_delta_seconds(struct slice s, uint32_t *out)
{
	uint64_t v = 0;

	if (!s.len)
		return SIP_E_VALUE;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return SIP_E_VALUE;
		v = v * 10 + (uint64_t)(s.p[i] - '0');
		if (v > SIP_EXPIRES_MAX)
			v = SIP_EXPIRES_MAX;
	}
	*out = (uint32_t)v;
	return 0;
}

/* qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ) */
static int parse_q(struct slice s, uint16_t *milli)
{
	unsigned v = 0, scale = 100;

	if (!s.len || s.len > 5 || (s.p[0] != '0' && s.p[0] != '1') || (s.len > 1 && s.p[1] != '.'))
		return SIP_E_VALUE;
	v = (unsigned)(s.p[0] - '0') * 1000;
	for (size_t i = 2; i < s.len; i++, scale /= 10) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return SIP_E_VALUE;
		v += (unsigned)(s.p[i] - '0') * scale;
	}
	if (v > 1000)
		return SIP_E_VALUE;
	*milli = (uint16_t)v;
	return 0;
}

static int param(struct slice params, const char *name, struct slice *v)
{
	int rc = sip_param_get(params, slice_str(name), v);

	return rc == SIP_E_TOO_MANY ? SIP_E_VALUE : rc;
}

static int fill(struct sip_contact *c, const struct sip_name_addr *n)
{
	struct slice v;
	uint32_t reg_id = 0;
	int rc;

	*c = (struct sip_contact){.uri = n->uri, .params = n->params, .q_milli = 1000};
	rc = param(n->params, "expires", &v);
	if (rc < 0)
		return rc;
	if (rc) {
		if (sip_delta_seconds(v, &c->expires))
			c->expires = SIP_EXPIRES_MALFORMED;
		c->has_expires = true;
	}
	rc = param(n->params, "q", &v);
	if (rc < 0)
		return rc;
	if (rc) {
		if (parse_q(v, &c->q_milli))
			return SIP_E_VALUE;
		c->has_q = true;
	}
	rc = param(n->params, "+sip.instance", &v);
	if (rc < 0)
		return rc;
	if (rc)
		c->instance = sip_unquote(v);
	rc = param(n->params, "reg-id", &v);
	if (rc < 0)
		return rc;
	if (rc && (sip_delta_seconds(v, &reg_id) || reg_id == 0 || reg_id > 0x7fffffff))
		return SIP_E_VALUE;
	c->reg_id = c->instance.len ? reg_id : 0;
	return 0;
}

int sip_contact_list_add(struct sip_contact_list *list, struct slice body)
{
	struct sip_contact added[SIP_CONTACT_LIST_MAX];
	struct sip_name_addr n;
	size_t count = 0;
	int rc;

	body = slice_trim(body);
	if (slice_eq(body, SLICE_LIT("*"))) {
		if (list->n || list->star)
			return SIP_E_VALUE;
		list->star = true;
		return 0;
	}
	while ((rc = sip_name_addr_next(&body, &n)) == 1) {
		if (list->star)
			return SIP_E_VALUE;
		if (list->n + count >= SIP_CONTACT_LIST_MAX)
			return SIP_E_TOO_MANY;
		rc = fill(&added[count], &n);
		if (rc)
			return rc;
		count++;
	}
	if (rc < 0)
		return rc;
	if (!count)
		return SIP_E_SYNTAX;
	memcpy(&list->contact[list->n], added, count * sizeof(added[0]));
	list->n += count;
	return 0;
}

static bool same_contact(struct slice a, struct slice b)
{
	struct sip_uri_parts x, y;

	if (slice_eq(a, b))
		return true;
	return sip_uri_parse(a, &x) == 0 && sip_uri_parse(b, &y) == 0 && slice_eq(x.user, y.user) &&
	       sip_host_eq(x.host, y.host) && x.port == y.port;
}

uint32_t sip_contact_list_granted(const struct sip_contact_list *list, struct slice uri,
				  uint32_t reg_id, uint32_t default_expires)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct sip_contact *c = &list->contact[i];

		if (same_contact(c->uri, uri) && (!reg_id || !c->reg_id || c->reg_id == reg_id))
			return c->has_expires ? c->expires : default_expires;
	}
	return 0;
}
