/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_flow/core/identity.h"

#include "sip/name_addr.h"
#include "sip/uri.h"

static bool scheme_is(struct slice uri, const char *scheme)
{
	size_t n = strlen(scheme);

	return uri.len > n && uri.p[n] == ':' &&
	       slice_eq_nocase(slice_make(uri.p, n), slice_str(scheme));
}

/* The next character of a telephone number that counts, or 0. */
static char tel_next(struct slice *s)
{
	while (s->len) {
		char c = *s->p;

		if (c == ';')
			break;
		s->p++;
		s->len--;
		if (c != '-' && c != '.' && c != '(' && c != ')')
			return c;
	}
	return 0;
}

static bool same_tel(struct slice a, struct slice b)
{
	char x, y;

	do {
		x = tel_next(&a);
		y = tel_next(&b);
		if (x >= 'A' && x <= 'Z')
			x = (char)(x | 0x20);
		if (y >= 'A' && y <= 'Z')
			y = (char)(y | 0x20);
	} while (x && x == y);
	return x == y;
}

bool flow_identity_same(struct slice a, struct slice b)
{
	struct sip_uri_parts x, y;

	if (scheme_is(a, "tel") || scheme_is(b, "tel"))
		return scheme_is(a, "tel") && scheme_is(b, "tel") &&
		       same_tel(slice_make(a.p + 4, a.len - 4), slice_make(b.p + 4, b.len - 4));
	return sip_uri_parse(a, &x) == 0 && sip_uri_parse(b, &y) == 0 && slice_eq(x.user, y.user) &&
	       sip_host_eq(x.host, y.host);
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

static bool port_fits(const struct identity_owner *o, uint16_t port)
{
	return port && (port == o->port_s || port == o->port_c);
}

static bool address_fits(const struct identity_owner *o, struct slice host)
{
	return sip_host_eq(host, o->address) || (o->nat.len && sip_host_eq(host, o->nat));
}

static bool contact_fits(const struct identity_owner *o, struct slice contact)
{
	struct sip_uri_parts u;
	struct slice value, spelling;

	if (sip_uri_parse(contact, &u))
		return false;
	if (sip_host_is_address(u.host))
		return address_fits(o, u.host) && port_fits(o, u.port);
	/* A name is a public GRUU of one of the owner's identities (RFC 5627) or nothing we can
	 * vouch for. */
	return sip_uri_param(&u, SLICE_LIT("gr"), &value) == 1 &&
	       owns(o->impus, contact, &spelling);
}

enum identity_verdict flow_identity_check(const struct identity_claim *claim,
					  const struct identity_owner *owner,
					  struct slice *asserted)
{
	struct slice all = owner->impus, found = slice_trim(slice_cut(&all, '\n')), spelling;

	for (unsigned i = claim->n_asserted; i-- > 0;) {
		if (!owns(owner->impus, claim->asserted[i], &spelling))
			return IDENTITY_NOT_REGISTERED;
		found = spelling;
	}
	if (owner->ipsec) {
		/* A name in Via cannot be judged; the answer goes to the SA's address whatever it
		 * says. */
		if (sip_host_is_address(claim->via_host) && !address_fits(owner, claim->via_host))
			return IDENTITY_VIA;
		if (!port_fits(owner, claim->via_port))
			return IDENTITY_VIA;
		if (claim->contact.len && !contact_fits(owner, claim->contact))
			return IDENTITY_CONTACT;
	}
	*asserted = found;
	return IDENTITY_OK;
}

const char *flow_identity_verdict_name(enum identity_verdict v)
{
	switch (v) {
	case IDENTITY_OK:
		return "ok";
	case IDENTITY_NOT_REGISTERED:
		return "identity is not registered over this flow";
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
