/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Message identifiers: addresses, domain and device names, clause 8.3. */
#include "base/netaddr.h"
#include "h248/codec/scan.h"

static bool is_ipv4(struct slice a)
{
	unsigned parts = 0, digits = 0, v = 0;

	for (size_t i = 0; i <= a.len; i++) {
		if (i == a.len || a.p[i] == '.') {
			if (digits == 0 || v > 255)
				return false;
			parts++;
			digits = v = 0;
		} else if ((class_of(a.p[i]) & C_DIGIT) && digits < 3) {
			v = v * 10 + (unsigned)(a.p[i] - '0');
			digits++;
		} else {
			return false;
		}
	}
	return parts == 4;
}

static bool is_ipv6(struct slice a)
{
	struct netaddr addr;

	return netaddr_parse(a, &addr) == 0 && addr.family == 6;
}

static int scan_port(struct scanner *s, struct h248_mid *mid)
{
	uint64_t v;

	if (s->p == s->end || *s->p != ':')
		return 0;
	s->p++;
	if (scan_number(s, scan_word(s), UINT16_MAX, &v))
		return -1;
	mid->port = (uint16_t)v;
	return 0;
}

static int scan_bracketed(struct scanner *s, char close, struct slice *out)
{
	const char *e = memchr(s->p + 1, close, (size_t)(s->end - s->p - 1));

	if (!e || e - s->p - 1 > 64)
		return scan_fail(s, 0, "address without end");
	*out = slice_make(s->p + 1, (size_t)(e - s->p - 1));
	s->p = e + 1;
	return 0;
}

/* The grammar has no "_" here; gateways in the field have it in their names. */
static bool is_domain(struct slice d)
{
	if (d.len == 0 || d.len > 64 || !(class_of(d.p[0]) & (C_ALPHA | C_DIGIT)))
		return false;
	for (size_t i = 1; i < d.len; i++) {
		char c = d.p[i];

		if (class_of(c) & (C_ALPHA | C_DIGIT))
			continue;
		if (c != '-' && c != '.' && c != '_')
			return false;
	}
	return true;
}

int scan_mid(struct scanner *s, struct h248_mid *mid)
{
	struct h248_mid m = {0};

	if (s->p < s->end && *s->p == '[') {
		if (scan_bracketed(s, ']', &m.name))
			return -1;
		m.kind = is_ipv4(m.name)   ? H248_MID_IPV4
			 : is_ipv6(m.name) ? H248_MID_IPV6
					   : H248_MID_NONE;
		if (m.kind == H248_MID_NONE)
			return scan_fail(s, 0, "not an IP address");
		if (scan_port(s, &m))
			return -1;
	} else if (s->p < s->end && *s->p == '<') {
		m.kind = H248_MID_DOMAIN;
		if (scan_bracketed(s, '>', &m.name))
			return -1;
		if (!is_domain(m.name))
			return scan_fail(s, 0, "not a domain name");
		if (scan_port(s, &m))
			return -1;
	} else {
		const char *p = s->p;
		struct slice w = scan_word(s);

		if (h248_token_find(w) == T_MTP && scan_peek(s, '{')) {
			m.kind = H248_MID_MTP;
			scan_accept(s, '{');
			m.name = scan_word(s);
			if (m.name.len < 4 || m.name.len > 8)
				return scan_fail(s, 0, "MTP address of 4 to 8 digits expected");
			for (size_t i = 0; i < m.name.len; i++) {
				if (!(class_of(m.name.p[i]) & C_HEX))
					return scan_fail(s, 0, "MTP address is not hexadecimal");
			}
			if (scan_expect(s, '}'))
				return -1;
		} else {
			s->p = p;
			m.kind = H248_MID_DEVICE;
			if (scan_tid(s, &m.name))
				return -1;
			if (!(class_of(m.name.p[0]) & C_ALPHA) && m.name.p[0] != '*')
				return scan_fail(s, 0, "a device name begins with a letter");
		}
	}
	*mid = m;
	return 0;
}
