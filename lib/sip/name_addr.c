/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/name_addr.h"
#include "sip/chars.h"

/* Length of the list element at the head of s: up to a comma outside quotes and <>. 0 if a quote or
 * < is open. */
static int element_len(struct slice s, size_t *len)
{
	bool angle = false;
	size_t i = 0;

	while (i < s.len) {
		char c = s.p[i];

		if (c == '"' && !angle) {
			size_t q = sip_quoted_len(sip_drop(s, i));

			if (!q)
				return SIP_E_SYNTAX;
			i += q;
			continue;
		}
		if (c == '<') {
			if (angle)
				return SIP_E_SYNTAX;
			angle = true;
		} else if (c == '>') {
			if (!angle)
				return SIP_E_SYNTAX;
			angle = false;
		} else if (c == ',' && !angle) {
			break;
		}
		i++;
	}
	*len = i;
	return angle ? SIP_E_SYNTAX : 0;
}

/* Display names are tokens or one quoted-string. */
static bool display_ok(struct slice d)
{
	if (!d.len)
		return true;
	if (*d.p == '"')
		return sip_quoted_len(d) == d.len;
	for (size_t i = 0; i < d.len; i++)
		if (!sip_is_token_char(d.p[i]) && !sip_is_blank(d.p[i]))
			return false;
	return true;
}

/* A URI here: scheme ":" something, no blanks, no controls, no quotes or brackets of the header
 * grammar. */
static bool uri_ok(struct slice u)
{
	size_t colon = 0;

	while (colon < u.len && u.p[colon] != ':')
		colon++;
	if (colon == 0 || colon + 1 >= u.len)
		return false;
	for (size_t i = 0; i < u.len; i++) {
		unsigned char c = (unsigned char)u.p[i];

		if (c <= ' ' || c == 0x7f || c == '<' || c == '>' || c == '"')
			return false;
		if (i < colon && !(sip_is_token_char((char)c)))
			return false;
	}
	return true;
}

static bool params_ok(struct slice params)
{
	struct slice name, value;
	int rc;

	while ((rc = sip_param_next(&params, &name, &value)) == 1)
		;
	return rc == 0;
}

static int parse_element(struct slice e, struct sip_name_addr *out)
{
	struct sip_name_addr n = {.all = e};
	size_t i = 0;

	while (i < e.len && e.p[i] != '<') {
		if (e.p[i] == '"') {
			size_t q = sip_quoted_len(sip_drop(e, i));

			if (!q)
				return SIP_E_SYNTAX;
			i += q;
			continue;
		}
		/* In "<sip:a>;p=<x>" and "sip:a;p" the address comes first. */
		if (e.p[i] == ';' || e.p[i] == ':') {
			i = e.len;
			break;
		}
		i++;
	}
	if (i < e.len) {
		size_t j = i + 1;

		while (j < e.len && e.p[j] != '>')
			j++;
		if (j >= e.len)
			return SIP_E_SYNTAX;
		n.display = slice_trim(slice_make(e.p, i));
		n.uri = slice_make(e.p + i + 1, j - i - 1);
		n.params = slice_trim(sip_drop(e, j + 1));
		n.brackets = true;
	} else {
		struct slice rest = e;

		while (rest.len && *rest.p != ';')
			rest = sip_drop(rest, 1);
		n.uri = slice_trim(slice_make(e.p, e.len - rest.len));
		n.params = rest;
		if (n.uri.len && memchr(n.uri.p, '?', n.uri.len))
			return SIP_E_SYNTAX;
	}
	if (!display_ok(n.display) || !uri_ok(n.uri) || !params_ok(n.params))
		return SIP_E_SYNTAX;
	if (!n.params.len)
		n.params = SLICE_NULL;
	*out = n;
	return 1;
}

int sip_name_addr_next(struct slice *rest, struct sip_name_addr *out)
{
	while (rest->p && rest->len) {
		struct slice e;
		size_t len;

		if (element_len(*rest, &len))
			return SIP_E_SYNTAX;
		e = slice_trim(slice_make(rest->p, len));
		*rest = len < rest->len ? sip_drop(*rest, len + 1) : SLICE_NULL;
		if (e.len)
			return parse_element(e, out);
	}
	return 0;
}

int sip_name_addr_parse(struct slice body, struct sip_name_addr *out)
{
	struct sip_name_addr first, second;
	int rc = sip_name_addr_next(&body, &first);

	if (rc != 1)
		return SIP_E_SYNTAX;
	rc = sip_name_addr_next(&body, &second);
	if (rc)
		return rc < 0 ? rc : SIP_E_TOO_MANY;
	*out = first;
	return 0;
}

int sip_param_next(struct slice *rest, struct slice *name, struct slice *value)
{
	struct slice s = sip_skip_blanks(*rest), n, v = SLICE_NULL;
	size_t i = 0;

	if (!s.len) {
		*rest = SLICE_NULL;
		return 0;
	}
	if (*s.p != ';')
		return SIP_E_SYNTAX;
	s = sip_skip_blanks(sip_drop(s, 1));
	while (i < s.len && sip_is_token_char(s.p[i]))
		i++;
	if (!i)
		return SIP_E_SYNTAX;
	n = slice_make(s.p, i);
	s = sip_skip_blanks(sip_drop(s, i));
	if (s.len && *s.p == '=') {
		s = sip_skip_blanks(sip_drop(s, 1));
		if (s.len && *s.p == '"') {
			i = sip_quoted_len(s);
		} else {
			/* token / host / a bare value as phones write it: up to ';' or blank */
			for (i = 0; i < s.len && s.p[i] != ';' && !sip_is_blank(s.p[i]); i++)
				if (s.p[i] == '"' || s.p[i] == ',')
					return SIP_E_SYNTAX;
		}
		/* Nothing behind "=": as if there were none. Some phones write expires= so. */
		if (!i && s.len && *s.p != ';')
			return SIP_E_SYNTAX;
		v = slice_make(s.p, i);
		s = sip_drop(s, i);
	}
	*name = n;
	*value = v;
	*rest = s;
	return 1;
}

int sip_param_get(struct slice params, struct slice name, struct slice *value)
{
	struct slice n, v, found = SLICE_NULL;
	int rc, hits = 0;

	while ((rc = sip_param_next(&params, &n, &v)) == 1) {
		if (slice_eq_nocase(n, name)) {
			found = v;
			hits++;
		}
	}
	if (rc < 0)
		return rc;
	if (hits > 1)
		return SIP_E_TOO_MANY;
	if (hits)
		*value = found;
	return hits;
}

struct slice sip_unquote(struct slice value)
{
	if (value.len >= 2 && value.p[0] == '"' && value.p[value.len - 1] == '"')
		return slice_make(value.p + 1, value.len - 2);
	return value;
}
