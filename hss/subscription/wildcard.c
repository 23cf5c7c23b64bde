/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/subscription/wildcard.h"

#include <regex.h>

#include "base/slice.h"

struct parts {
	struct slice prefix, pattern, suffix;
};

static int split(struct slice uri, struct parts *out)
{
	size_t first = 0, last = uri.len;

	while (first < uri.len && uri.p[first] != '!')
		first++;
	while (last > first && uri.p[last - 1] != '!')
		last--;
	if (last < first + 2)
		return -1;
	out->prefix = slice_make(uri.p, first);
	out->pattern = slice_make(uri.p + first + 1, last - first - 2);
	out->suffix = slice_make(uri.p + last, uri.len - last);
	return 0;
}

bool wildcard_is(struct slice uri)
{
	struct parts p;

	return split(uri, &p) == 0;
}

/* A repetition by number, behind its '{'. Returns how long it is with its '}', or 0: it is none that is allowed. */
static size_t repetition(const char *p, size_t len)
{
	unsigned int number = 0;

	for (size_t i = 0; i < len; i++) {
		if (p[i] == '}')
			return i > 0 ? i + 1 : 0;
		if (p[i] == ',') {
			number = 0;
			continue;
		}
		if (p[i] < '0' || p[i] > '9')
			return 0;
		number = number * 10 + (unsigned int)(p[i] - '0');
		if (number > WILDCARD_REPEAT_MAX)
			return 0;
	}
	return 0;
}

/* Behind a '[': where the list of characters ends, or 0. */
static size_t bracket(const char *p, size_t len)
{
	size_t i = len && p[0] == '^' ? 1 : 0;

	for (i += i < len && p[i] == ']'; i < len; i++) {
		if (p[i] == '[') /* classes and the like are not needed to tell numbers and names */
			return 0;
		if (p[i] == ']')
			return i + 1;
	}
	return 0;
}

static const char *judge_pattern(struct slice s)
{
	bool repeats = false;
	int open = 0;

	if (s.len == 0 || s.len > WILDCARD_PATTERN_MAX)
		return "the pattern of a wildcard has 1 to 64 characters";
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		size_t n;

		if (c <= ' ' || c >= 0x7f || strchr("<>\"", c))
			return "a pattern has no blanks, quotes or angle brackets";
		open += (c == '(') - (c == ')');
		if (open < 0)
			return "a ) in a pattern needs its (";
		if (c == '\\') {
			if (i + 1 == s.len || !strchr(".[]()*+?{}|^$\\/-", s.p[i + 1]))
				return "a \\ in a pattern stands before a special character";
			i++;
		} else if (c == '[') {
			n = bracket(s.p + i + 1, s.len - i - 1);
			if (!n)
				return "a [ in a pattern needs its ], and no class";
			i += n;
		} else if (c == '{') {
			n = repetition(s.p + i + 1, s.len - i - 1);
			if (!n || repeats || (i > 0 && s.p[i - 1] == ')'))
				return "a pattern has one {m,n} at most, up to 32, and not of a "
				       "group";
			repeats = true;
			i += n;
		}
	}
	return open ? "a ( in a pattern needs its )" : NULL;
}

static int escape(struct slice s, char *out, size_t size, size_t *n)
{
	for (size_t i = 0; i < s.len; i++) {
		if (*n + 3 > size)
			return -1;
		if (strchr(".[]()*+?{}|^$\\", s.p[i]))
			out[(*n)++] = '\\';
		out[(*n)++] = s.p[i];
	}
	return 0;
}

/* The whole as one expression. Returns 0, or -1. */
static int compile(const struct parts *p, regex_t *out)
{
	char text[2 * IDENTITY_SIZE + WILDCARD_PATTERN_MAX + 8];
	size_t n = 1;

	text[0] = '^';
	if (escape(p->prefix, text, sizeof(text) - WILDCARD_PATTERN_MAX - 8, &n))
		return -1;
	text[n++] = '(';
	memcpy(text + n, p->pattern.p, p->pattern.len);
	n += p->pattern.len;
	text[n++] = ')';
	if (escape(p->suffix, text, sizeof(text) - 2, &n))
		return -1;
	text[n++] = '$';
	text[n] = '\0';
	return regcomp(out, text, REG_EXTENDED | REG_NOSUB) ? -1 : 0;
}

/* Is what stands around the pattern an identity, with one character in its place, in canonical form? */
static bool good_frame(const struct parts *p)
{
	char text[IDENTITY_SIZE], canonical[IDENTITY_SIZE];
	size_t n = p->prefix.len;

	if (n + 1 + p->suffix.len >= sizeof(text) || memchr(p->suffix.p, '!', p->suffix.len))
		return false;
	memcpy(text, p->prefix.p, n);
	text[n] = '0';
	memcpy(text + n + 1, p->suffix.p, p->suffix.len);
	text[n + 1 + p->suffix.len] = '\0';
	if (identity_canonical(slice_str(text), canonical) || strcmp(text, canonical) != 0)
		return false;
	/* the pattern tells users, not hosts */
	return strncmp(text, "tel:", 4) == 0 || (strchr(text, '@') && !memchr(text, '@', n) &&
						 memchr(p->suffix.p, '@', p->suffix.len));
}

int wildcard_check(struct slice uri, const char **why)
{
	struct parts p;
	regex_t expression;

	*why = "a wildcard is like sip:chat-!.*!@home1.net";
	if (uri.len >= IDENTITY_SIZE || split(uri, &p))
		return -1;
	if (!good_frame(&p)) {
		*why = "around its pattern a wildcard is like sip:chat-!.*!@home1.net or "
		       "tel:+1212!.*!, "
		       "scheme and host in lower case, no port, parameters or separators";
		return -1;
	}
	*why = judge_pattern(p.pattern);
	if (*why)
		return -1;
	*why = "the pattern is no extended regular expression";
	if (compile(&p, &expression))
		return -1;
	regfree(&expression);
	return 0;
}

bool wildcard_matches(const char *wildcard, const char *identity)
{
	struct slice s = slice_str(identity);
	struct parts p;
	regex_t expression;
	bool matches;

	/* most are told apart without the expression */
	if (split(slice_str(wildcard), &p) || s.len < p.prefix.len + p.suffix.len ||
	    memcmp(s.p, p.prefix.p, p.prefix.len) != 0 ||
	    memcmp(s.p + s.len - p.suffix.len, p.suffix.p, p.suffix.len) != 0 || !good_frame(&p) ||
	    judge_pattern(p.pattern) || compile(&p, &expression))
		return false;
	matches = regexec(&expression, identity, 0, NULL, 0) == 0;
	regfree(&expression);
	return matches;
}

void wildcard_host(const char *identity, char host[IDENTITY_SIZE])
{
	const char *at = strrchr(identity, '@');

	slice_copy(at ? slice_str(at + 1) : SLICE_NULL, host, IDENTITY_SIZE);
}

void wildcard_key(const char *wildcard, char host[IDENTITY_SIZE], char prefix[IDENTITY_SIZE])
{
	struct parts p;

	host[0] = prefix[0] = '\0';
	if (split(slice_str(wildcard), &p))
		return;
	slice_copy(p.prefix, prefix, IDENTITY_SIZE);
	for (size_t i = 0; i < p.suffix.len; i++)
		if (p.suffix.p[i] == '@')
			slice_copy(slice_make(p.suffix.p + i + 1, p.suffix.len - i - 1), host,
				   IDENTITY_SIZE);
}

int identity_stored(struct slice uri, char out[IDENTITY_SIZE])
{
	const char *why;

	if (!wildcard_is(uri))
		return identity_canonical(uri, out);
	return wildcard_check(uri, &why) ? -1 : slice_copy(uri, out, IDENTITY_SIZE);
}
