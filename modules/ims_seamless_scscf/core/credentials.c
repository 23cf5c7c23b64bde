/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/credentials.h"

#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip(struct slice *s, size_t n)
{
	s->p += n;
	s->len -= n;
}

static void skip_space(struct slice *s)
{
	while (s->len && is_space(s->p[0]))
		skip(s, 1);
}

/* Octets up to one of these, or to the end; without white space behind them. */
static struct slice take_until(struct slice *s, const char *stop)
{
	size_t n = 0;

	while (n < s->len && !strchr(stop, s->p[n]))
		n++;
	struct slice taken = slice_trim(slice_make(s->p, n));

	skip(s, n);
	return taken;
}

/* Behind the opening quote. False: it is never closed. */
static bool take_quoted(struct slice *s, struct slice *value)
{
	for (size_t n = 0; n < s->len; n++) {
		if (s->p[n] == '\\') {
			n++;
			continue;
		}
		if (s->p[n] != '"')
			continue;
		*value = slice_make(s->p, n);
		skip(s, n + 1);
		return true;
	}
	return false;
}

static bool take_param(struct slice *s, struct slice *name, struct slice *value)
{
	skip_space(s);
	*name = take_until(s, "=,\"");
	if (!name->len || !s->len || s->p[0] != '=')
		return false;
	skip(s, 1);
	skip_space(s);
	if (!s->len || s->p[0] != '"') {
		*value = take_until(s, ",\"");
	} else {
		skip(s, 1);
		if (!take_quoted(s, value))
			return false;
	}
	skip_space(s);
	if (s->len && s->p[0] != ',')
		return false;
	if (s->len)
		skip(s, 1);
	return true;
}

bool scscf_credential(struct slice authorization, struct slice name, struct slice *value)
{
	struct slice rest = slice_trim(authorization), found;

	(void)take_until(&rest, " \t\r\n"); /* the scheme */
	while (rest.len) {
		if (!take_param(&rest, &found, value))
			return false;
		if (slice_eq_nocase(found, name))
			return true;
	}
	return false;
}
