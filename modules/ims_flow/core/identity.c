/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_flow/core/identity.h"
#include "modules/ims_flow/core/wildcard.h"

#include "sip/name_addr.h"
#include "sip/uri.h"

static bool scheme_is(struct slice uri, const char *scheme)
{
	size_t n = strlen(scheme);

	return uri.len > n && uri.p[n] == ':' &&
	       slice_eq_nocase(slice_make(uri.p, n), slice_str(scheme));
}

/* A telephone number apart: digits with their separators, and the phone-context of a local one. */
struct number {
	struct slice digits, context;
};

static struct slice param_of(struct slice params, const char *name)
{
	while (params.p) {
		struct slice value = slice_cut(&params, ';');
		struct slice key = slice_trim(slice_cut(&value, '='));

		if (slice_eq_nocase(key, slice_str(name)))
			return slice_trim(value);
	}
	return SLICE_NULL;
}

static struct number number_of(struct slice text)
{
	struct number n;

	n.digits = slice_cut(&text, ';');
	n.context =
	    n.digits.len && n.digits.p[0] == '+' ? SLICE_NULL : param_of(text, "phone-context");
	return n;
}

/* The number that a tel URI, or a SIP URI with user=phone, names. */
static bool number_of_uri(struct slice uri, struct number *out)
{
	struct sip_uri_parts u;
	struct slice value;

	if (scheme_is(uri, "tel")) {
		*out = number_of(slice_make(uri.p + 4, uri.len - 4));
		return true;
	}
	if (sip_uri_parse(uri, &u) || sip_uri_param(&u, SLICE_LIT("user"), &value) != 1 ||
	    !slice_eq_nocase(value, SLICE_LIT("phone")))
		return false;
	*out = number_of(u.user);
	return out->digits.len && out->digits.p[0] == '+';
}

/* The next character of a telephone number that counts, or 0. */
static char digit_next(struct slice *s)
{
	while (s->len) {
		char c = *s->p;

		s->p++;
		s->len--;
		if (c != '-' && c != '.' && c != '(' && c != ')')
			return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	return 0;
}

static bool same_number(struct number a, struct number b)
{
	char x, y;

	if (!a.digits.len || !slice_eq_nocase(a.context, b.context))
		return false;
	do {
		x = digit_next(&a.digits);
		y = digit_next(&b.digits);
	} while (x && x == y);
	return x == y;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The next octet of a user part, its escape resolved; -1 at the end. */
static int user_next(struct slice *s)
{
	int hi, lo;
	char c;

	if (!s->len)
		return -1;
	c = *s->p;
	hi = c == '%' && s->len > 2 ? hex_digit(s->p[1]) : -1;
	lo = hi >= 0 ? hex_digit(s->p[2]) : -1;
	*s = slice_make(s->p + (lo >= 0 ? 3 : 1), s->len - (lo >= 0 ? 3 : 1));
	return lo >= 0 ? hi << 4 | lo : (uint8_t)c;
}

static bool same_user(struct slice a, struct slice b)
{
	int x, y;

	do {
		x = user_next(&a);
		y = user_next(&b);
	} while (x >= 0 && x == y);
	return x == y;
}

bool flow_identity_same(struct slice a, struct slice b)
{
	struct sip_uri_parts x, y;
	struct number m, n;

	if (scheme_is(a, "tel") || scheme_is(b, "tel"))
		return number_of_uri(a, &m) && number_of_uri(b, &n) && same_number(m, n);
	return sip_uri_parse(a, &x) == 0 && sip_uri_parse(b, &y) == 0 &&
	       same_user(x.user, y.user) && sip_host_eq(x.host, y.host);
}

void flow_identity_hint(struct identity_hints *h, struct slice body)
{
	struct sip_name_addr na;

	while (h->n < IDENTITY_HINTS_MAX && sip_name_addr_next(&body, &na) == 1)
		h->uri[h->n++] = na.uri;
}

static bool owns(struct slice impus, struct slice uri, struct slice *spelling)
{
	while (impus.p) {
		struct slice one = slice_trim(slice_cut(&impus, '\n'));

		if (one.len && flow_identity_same(one, uri)) {
			*spelling = one;
			return true;
		}
	}
	return false;
}

/* Of a range that is registered; a literal identity goes before (TS 23.003 13.4A). */
static bool owns_range(struct slice impus, struct slice uri, struct slice *spelling)
{
	while (impus.p) {
		struct slice one = slice_trim(slice_cut(&impus, '\n'));

		if (flow_wildcard_matches(one, uri, spelling))
			return true;
	}
	return false;
}

static struct slice default_of(struct slice impus)
{
	while (impus.p) {
		struct slice one = slice_trim(slice_cut(&impus, '\n'));

		if (one.len && !flow_is_wildcard(one))
			return one;
	}
	return SLICE_NULL;
}

unsigned flow_identity_choose(struct slice impus, const struct identity_hints *h,
			      struct slice out[2])
{
	struct slice spelling;
	unsigned n = 0;

	for (unsigned i = 0; i < h->n && n < 2; i++) {
		if (!owns(impus, h->uri[i], &spelling) && !owns_range(impus, h->uri[i], &spelling))
			continue;
		if (n == 0 || scheme_is(spelling, "tel") != scheme_is(out[0], "tel"))
			out[n++] = spelling;
	}
	if (n == 0) {
		out[0] = default_of(impus);
		n = out[0].len > 0;
	}
	return n;
}

static bool address_fits(const struct identity_owner *o, struct slice host)
{
	return sip_host_eq(host, o->address) || (o->nat.len && sip_host_eq(host, o->nat));
}

enum identity_verdict flow_identity_via(struct slice host, const struct identity_owner *owner)
{
	return !owner->ipsec || !sip_host_is_address(host) || address_fits(owner, host)
		   ? IDENTITY_OK
		   : IDENTITY_VIA;
}

static bool contact_fits(struct slice uri, const struct identity_owner *owner)
{
	struct sip_uri_parts u;

	if (sip_uri_parse(uri, &u))
		return !scheme_is(uri, "sip") && !scheme_is(uri, "sips");
	if (sip_host_is_address(u.host) && !address_fits(owner, u.host))
		return false;
	while (u.params.p) {
		struct slice value = slice_cut(&u.params, ';');
		struct slice name = slice_trim(slice_cut(&value, '='));

		if (slice_eq_nocase(name, SLICE_LIT("maddr")) && !address_fits(owner, value))
			return false;
	}
	return true;
}

enum identity_verdict flow_identity_contact(struct slice body, const struct identity_owner *owner)
{
	struct sip_name_addr na;
	int rc;

	if (!owner->ipsec)
		return IDENTITY_OK;
	while ((rc = sip_name_addr_next(&body, &na)) == 1)
		if (!contact_fits(na.uri, owner))
			return IDENTITY_CONTACT;
	return rc < 0 ? IDENTITY_CONTACT : IDENTITY_OK;
}

const char *flow_identity_verdict_name(enum identity_verdict v)
{
	switch (v) {
	case IDENTITY_OK:
		return "ok";
	case IDENTITY_VIA:
		return "Via is not of this flow";
	case IDENTITY_CONTACT:
		return "Contact is not of this flow";
	}
	return "unknown";
}

bool flow_identity_list_add(struct slice body, char *out, size_t size)
{
	size_t start = strlen(out), at = start;
	struct sip_name_addr na;
	int rc;

	while ((rc = sip_name_addr_next(&body, &na)) == 1) {
		if (at + na.uri.len + 2 > size || memchr(na.uri.p, '\n', na.uri.len)) {
			rc = -1;
			break;
		}
		if (at)
			out[at++] = '\n';
		memcpy(out + at, na.uri.p, na.uri.len);
		at += na.uri.len;
		out[at] = '\0';
	}
	if (rc < 0)
		out[start] = '\0';
	return rc == 0;
}
