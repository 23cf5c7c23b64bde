/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/uri.h"
#include "sip/chars.h"
#include "sip/name_addr.h"

#include "base/netaddr.h"

static struct slice unbracket(struct slice h)
{
	if (h.len >= 2 && h.p[0] == '[' && h.p[h.len - 1] == ']')
		return slice_make(h.p + 1, h.len - 2);
	return h;
}

static bool host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '-' || c == '_';
}

static bool ipv6_char(char c)
{
	return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') ||
	       c == ':' || c == '.';
}

/* host [":" port] and nothing else. */
static int parse_hostport(struct slice s, struct sip_uri_parts *u)
{
	uint64_t port;
	size_t i = 0;

	if (s.len && *s.p == '[') {
		for (i = 1; i < s.len && ipv6_char(s.p[i]); i++)
			;
		if (i < 3 || i >= s.len || s.p[i] != ']')
			return SIP_E_SYNTAX;
		i++;
	} else {
		while (i < s.len && host_char(s.p[i]))
			i++;
		if (!i)
			return SIP_E_SYNTAX;
	}
	u->host = slice_make(s.p, i);
	s = sip_drop(s, i);
	if (!s.len)
		return 0;
	if (*s.p != ':' || slice_u64(sip_drop(s, 1), 65535, &port) || !port)
		return SIP_E_SYNTAX;
	u->port = (uint16_t)port;
	return 0;
}

int sip_uri_parse(struct slice uri, struct sip_uri_parts *out)
{
	struct sip_uri_parts u = {0};
	struct slice s = uri, hostport;
	size_t i, at = 0;

	u.scheme = slice_cut(&s, ':');
	if (!s.p || !(slice_eq_nocase(u.scheme, SLICE_LIT("sip")) ||
		      slice_eq_nocase(u.scheme, SLICE_LIT("sips"))))
		return SIP_E_SYNTAX;
	for (i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c == 0x7f || c == '<' || c == '>' || c == '"' || c == ',')
			return SIP_E_SYNTAX;
		/* The user part may hold ';' and '?', so '@' is looked for first; the first one
		 * ends it. */
		if (c == '@' && !at)
			at = i + 1;
	}
	if (at) {
		struct slice userinfo = slice_make(s.p, at - 1);

		u.user = slice_cut(&userinfo, ':');
		if (!u.user.len)
			return SIP_E_SYNTAX;
		s = sip_drop(s, at);
	}
	for (i = 0; i < s.len && s.p[i] != ';' && s.p[i] != '?'; i++)
		;
	hostport = slice_make(s.p, i);
	s = sip_drop(s, i);
	for (i = 0; i < s.len && s.p[i] != '?'; i++)
		;
	if (i)
		u.params = slice_make(s.p, i);
	if (i < s.len)
		u.headers = sip_drop(s, i);
	if (parse_hostport(hostport, &u))
		return SIP_E_SYNTAX;
	*out = u;
	return 0;
}

int sip_uri_param(const struct sip_uri_parts *u, struct slice name, struct slice *value)
{
	struct slice rest = u->params;

	if (rest.len)
		rest = sip_drop(rest, 1);
	while (rest.p && rest.len) {
		struct slice item = slice_cut(&rest, ';');
		struct slice n = slice_cut(&item, '=');

		if (slice_eq_nocase(n, name)) {
			*value = item;
			return 1;
		}
	}
	return 0;
}

struct slice sip_uri_without_params(struct slice uri)
{
	struct sip_uri_parts u;

	if (sip_uri_parse(uri, &u))
		return slice_cut(&uri, ';');
	if (u.params.len)
		uri.len = (size_t)(u.params.p - uri.p);
	else if (u.headers.len)
		uri.len = (size_t)(u.headers.p - uri.p);
	return uri;
}

bool sip_host_is_address(struct slice host)
{
	struct netaddr a;

	return netaddr_parse(unbracket(host), &a) == 0;
}

bool sip_host_eq(struct slice a, struct slice b)
{
	struct netaddr na, nb;

	a = unbracket(a);
	b = unbracket(b);
	if (slice_eq_nocase(a, b))
		return true;
	/* The same IPv6 address may be written in many ways. */
	return a.len && memchr(a.p, ':', a.len) && netaddr_parse(a, &na) == 0 &&
	       netaddr_parse(b, &nb) == 0 && netaddr_ip_eq(&na, &nb);
}

bool sip_same_place(struct slice a, struct slice b)
{
	struct slice x_maddr = SLICE_NULL, y_maddr = SLICE_NULL;
	struct sip_uri_parts x, y;

	if (sip_uri_parse(a, &x) || sip_uri_parse(b, &y) ||
	    sip_uri_param(&x, SLICE_LIT("maddr"), &x_maddr) !=
		sip_uri_param(&y, SLICE_LIT("maddr"), &y_maddr))
		return false;
	return slice_eq(x.user, y.user) && sip_host_eq(x.host, y.host) &&
	       (x.port ? x.port : 5060) == (y.port ? y.port : 5060) &&
	       slice_eq_nocase(x_maddr, y_maddr);
}
