/* SPDX-License-Identifier: GPL-2.0-or-later */
/* URI comparison of RFC 3261 19.1.4. */
#include "sip/chars.h"
#include "sip/uri.h"

/* More parts than this are compared as bytes only: the cost of a comparison is bounded. */
#define PARTS_MAX 32

/* A reserved character (RFC 2396 2.2) differs from its escape; all others equal it. */
static bool is_reserved(int c)
{
	return c && c < 0x80 && strchr(";/?:@&=+$,", c) != NULL;
}

/* The next character of s and whether it was written as an escape of a reserved one; -1 at the end. */
static int next_char(struct slice *s, bool *escaped_reserved)
{
	uint8_t octet;
	int c;

	*escaped_reserved = false;
	if (!s->len)
		return -1;
	if (*s->p == '%' && s->len >= 3 && !slice_hex(slice_make(s->p + 1, 2), &octet, 1)) {
		*s = sip_drop(*s, 3);
		*escaped_reserved = is_reserved(octet);
		return octet;
	}
	c = (unsigned char)*s->p;
	*s = sip_drop(*s, 1);
	return c;
}

static int lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static bool text_equal(struct slice a, struct slice b, bool case_matters)
{
	bool ea, eb;
	int x, y;

	do {
		x = next_char(&a, &ea);
		y = next_char(&b, &eb);
		if (ea != eb || (case_matters ? x != y : lower(x) != lower(y)))
			return false;
	} while (x >= 0);
	return true;
}

bool sip_uri_text_begins(struct slice text, struct slice word)
{
	bool escaped;

	for (; word.len; word = sip_drop(word, 1))
		if (lower(next_char(&text, &escaped)) != lower((unsigned char)*word.p) || escaped)
			return false;
	return true;
}

struct part {
	struct slice name, value;
};

/* Parameters (sep ';') or headers (sep '&') taken apart; -1: too many. */
static int take_apart(struct slice list, char sep, struct part out[PARTS_MAX])
{
	int n = 0;

	if (list.len)
		list = sip_drop(list, 1);
	while (list.p && list.len) {
		struct slice value = slice_cut(&list, sep), name = slice_cut(&value, '=');

		if (!name.len)
			continue;
		if (n == PARTS_MAX)
			return -1;
		out[n++] = (struct part){name, value};
	}
	return n;
}

static const struct part *find(const struct part *parts, int n, struct slice name)
{
	for (int i = 0; i < n; i++)
		if (text_equal(parts[i].name, name, false))
			return &parts[i];
	return NULL;
}

/* These never match their absence, whatever the default. */
static bool counts_alone(struct slice name)
{
	static const char *const names[] = {"user", "ttl", "method", "maddr", "transport"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (text_equal(name, slice_str(names[i]), false))
			return true;
	return false;
}

/* Does every part of a have its equal in b, or may be missing there? */
static bool covered(const struct part *a, int an, const struct part *b, int bn, bool headers)
{
	for (int i = 0; i < an; i++) {
		const struct part *other = find(b, bn, a[i].name);

		if (!other ? headers || counts_alone(a[i].name)
			   : !text_equal(a[i].value, other->value, false))
			return false;
	}
	return true;
}

static bool lists_equal(struct slice x, struct slice y, char sep, bool headers)
{
	struct part a[PARTS_MAX], b[PARTS_MAX];
	int an = take_apart(x, sep, a), bn = take_apart(y, sep, b);

	return an >= 0 && bn >= 0 && covered(a, an, b, bn, headers) &&
	       covered(b, bn, a, an, headers);
}

/* What stands before the host, password included; and the headers, from '?' on. */
static void outer_parts(struct slice uri, const struct sip_uri_parts *u, struct slice *userinfo,
			struct slice *headers)
{
	const char *start = u->scheme.p + u->scheme.len + 1, *end = uri.p + uri.len, *p;

	*userinfo = slice_make(start, (size_t)(u->host.p - start));
	for (p = u->host.p + u->host.len; p < end && *p != '?'; p++)
		;
	*headers = p < end ? slice_make(p, (size_t)(end - p)) : SLICE_NULL;
}

bool sip_uri_equal(struct slice a, struct slice b)
{
	struct slice user_a, user_b, headers_a, headers_b;
	struct sip_uri_parts x, y;

	if (slice_eq(a, b))
		return true;
	if (sip_uri_parse(a, &x) || sip_uri_parse(b, &y))
		return false;
	if (!slice_eq_nocase(x.scheme, y.scheme) || x.port != y.port ||
	    !sip_host_eq(x.host, y.host))
		return false;
	outer_parts(a, &x, &user_a, &headers_a);
	outer_parts(b, &y, &user_b, &headers_b);
	return text_equal(user_a, user_b, true) && lists_equal(x.params, y.params, ';', false) &&
	       lists_equal(headers_a, headers_b, '&', true);
}
