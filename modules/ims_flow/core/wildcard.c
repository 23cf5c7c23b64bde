/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A matcher of its own: the C library's takes memory and time without bound for some expressions.
 * What is matched is the set of places in the text that the expression may have come to, so the cost
 * is at most octets of the expression times square of those of the text.
 */
#include "modules/ims_flow/core/wildcard.h"

/* The places that may have been reached: reached[i] before octet i. */
struct places {
	bool reached[WILDCARD_MAX + 1];
};

/* One step of an expression: which octets, how often. */
struct step {
	struct slice set; /* of "[...]", or one octet; empty: any */
	bool negated;
	unsigned least, most;
};

bool flow_is_wildcard(struct slice identity)
{
	const char *first = identity.len ? memchr(identity.p, '!', identity.len) : NULL;

	return first && memchr(first + 1, '!', (size_t)(identity.p + identity.len - first - 1));
}

static struct slice drop(struct slice s, size_t n)
{
	return slice_make(s.p + n, s.len - n);
}

static bool in_set(const struct step *s, char c)
{
	bool found = s->set.len == 0;

	for (size_t i = 0; i < s->set.len && !found; i++) {
		if (i + 2 < s->set.len && s->set.p[i + 1] == '-') {
			found = c >= s->set.p[i] && c <= s->set.p[i + 2];
			i += 2;
		} else {
			found = c == s->set.p[i];
		}
	}
	return found != s->negated;
}

/* "[...]", "[^...]". False: it does not end, or is empty. */
static bool read_set(struct slice *rest, struct step *out)
{
	const char *end;

	*rest = drop(*rest, 1);
	out->negated = rest->len && *rest->p == '^';
	if (out->negated)
		*rest = drop(*rest, 1);
	end = rest->len ? memchr(rest->p, ']', rest->len) : NULL;
	if (!end || end == rest->p)
		return false;
	out->set = slice_make(rest->p, (size_t)(end - rest->p));
	*rest = drop(*rest, out->set.len + 1);
	return true;
}

/* ".", "[...]", a backslash and an octet, or an octet that means itself. Groups and alternatives stand in no identity. */
static bool read_octets(struct slice *rest, struct step *out)
{
	char c = *rest->p;
	size_t taken = 1;

	*out = (struct step){.least = 1, .most = 1};
	if (c == '[')
		return read_set(rest, out);
	if (strchr("()|*+?{}^$", c))
		return false;
	if (c == '\\') {
		if (rest->len < 2)
			return false;
		taken = 2;
		out->set = rest->p[1] == 'd' ? SLICE_LIT("0-9") : slice_make(rest->p + 1, 1);
	} else if (c != '.') {
		out->set = slice_make(rest->p, 1);
	}
	*rest = drop(*rest, taken);
	return true;
}

/* "*", "+", "?", "{n}", "{n,}", "{n,m}". */
static bool read_repetition(struct slice *rest, struct step *out)
{
	struct slice inner, least;
	uint64_t n, m;
	const char *end;

	if (!rest->len || !*rest->p || !strchr("*+?{", *rest->p))
		return true;
	if (*rest->p != '{') {
		out->least = *rest->p == '+';
		out->most = *rest->p == '?' ? 1 : WILDCARD_MAX;
		*rest = drop(*rest, 1);
		return true;
	}
	end = memchr(rest->p, '}', rest->len);
	if (!end)
		return false;
	inner = slice_make(rest->p + 1, (size_t)(end - rest->p - 1));
	*rest = drop(*rest, inner.len + 2);
	least = slice_cut(&inner, ',');
	if (slice_u64(least, WILDCARD_MAX, &n))
		return false;
	m = inner.p ? WILDCARD_MAX : n;
	if (inner.len && slice_u64(inner, WILDCARD_MAX, &m))
		return false;
	out->least = (unsigned)n;
	out->most = (unsigned)m;
	return true;
}

static void take_step(const struct step *s, struct slice text, struct places *at)
{
	struct places after = {{false}};

	for (size_t from = 0; from <= text.len; from++) {
		size_t i = from;

		if (!at->reached[from])
			continue;
		for (unsigned n = 0; n <= s->most; n++) {
			if (n >= s->least)
				after.reached[i] = true;
			if (i == text.len || !in_set(s, text.p[i]))
				break;
			i++;
		}
	}
	*at = after;
}

/* False: the expression is not of the kind that stands in identities. */
static bool take_expression(struct slice expression, struct slice text, struct places *at)
{
	struct step s;

	while (expression.len) {
		if (!read_octets(&expression, &s) || !read_repetition(&expression, &s))
			return false;
		take_step(&s, text, at);
	}
	return true;
}

/* What stands outside of the marks means itself. */
static void take_literal(struct slice literal, struct slice text, struct places *at)
{
	for (size_t i = 0; i < literal.len; i++) {
		const struct step one = {slice_make(literal.p + i, 1), false, 1, 1};

		take_step(&one, text, at);
	}
}

/* Without parameters; what is asserted must not be able to leave its header. */
static bool is_plain(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || strchr("<>\",", s.p[i]))
			return false;
	return s.len > 0 && s.len <= WILDCARD_MAX;
}

bool flow_wildcard_matches(struct slice wildcard, struct slice uri, struct slice *matched)
{
	struct slice rest = uri, text = slice_cut(&rest, ';');
	struct places at = {{true}};
	const char *first, *last = wildcard.p + wildcard.len;

	if (!flow_is_wildcard(wildcard) || wildcard.len > WILDCARD_MAX || !is_plain(text))
		return false;
	first = memchr(wildcard.p, '!', wildcard.len);
	while (*--last != '!')
		;
	take_literal(slice_make(wildcard.p, (size_t)(first - wildcard.p)), text, &at);
	if (!take_expression(slice_make(first + 1, (size_t)(last - first - 1)), text, &at))
		return false;
	take_literal(slice_make(last + 1, (size_t)(wildcard.p + wildcard.len - last - 1)), text,
		     &at);
	if (!at.reached[text.len])
		return false;
	*matched = text;
	return true;
}
