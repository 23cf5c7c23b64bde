/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_flow/core/challenge.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct param {
	struct slice name, value; /* value without quotes */
	const char *begin, *end;  /* the parameter without commas and blanks around */
	bool opens;		  /* the scheme of another challenge stands before it */
};

static bool is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("-.!%*_+`'~", c));
}

static const char *skip_blanks(const char *c, const char *end)
{
	while (c < end && is_blank(*c))
		c++;
	return c;
}

/* A name. Where another challenge begins in the same header, its scheme is passed over. */
static const char *take_name(const char *c, const char *end, struct slice *name, bool *opens)
{
	for (int scheme = 0; scheme < 2; scheme++) {
		const char *from = c;

		while (c < end && is_token_char(*c))
			c++;
		*name = slice_make(from, (size_t)(c - from));
		*opens = scheme == 1;
		if (c < end && *c == '=')
			return c;
		if (c == end || !is_blank(*c))
			return NULL;
		c = skip_blanks(c, end);
		if (c < end && *c == '=')
			return c;
	}
	return NULL;
}

/* Without quotes more than a token is taken (a URI, base64), but nothing that could hide another
 * parameter. */
static bool is_bare_char(char c)
{
	return c > ' ' && c < 0x7f && !strchr("\",;<>", c);
}

/* A quoted string, or what stands without quotes. */
static const char *take_value(const char *c, const char *end, struct slice *value)
{
	const char *from = c;

	if (c == end || *c != '"') {
		while (c < end && is_bare_char(*c))
			c++;
		*value = slice_make(from, (size_t)(c - from));
		return c;
	}
	from = ++c;
	while (c < end && *c != '"')
		c += *c == '\\' ? 2 : 1;
	if (c >= end)
		return NULL;
	*value = slice_make(from, (size_t)(c - from));
	return c + 1;
}

/* Take the next parameter off *s. 1, 0 at the end, -1 malformed. */
static int next_param(struct slice *s, struct param *p)
{
	const char *c = s->p, *end = s->p + s->len;

	while (c < end && (is_blank(*c) || *c == ','))
		c++;
	if (c == end)
		return 0;
	c = take_name(c, end, &p->name, &p->opens);
	if (!c || !p->name.len)
		return -1;
	p->begin = p->name.p;
	c = take_value(skip_blanks(c + 1, end), end, &p->value);
	if (!c)
		return -1;
	p->end = c;
	while (c < end && is_blank(*c))
		c++;
	if (c < end && *c != ',')
		return -1;
	*s = slice_make(c, (size_t)(end - c));
	return 1;
}

/* "Digest" and what follows it. */
static bool skip_scheme(struct slice *body)
{
	struct slice b = slice_trim(*body);

	if (b.len < 7 || !slice_eq_nocase(slice_make(b.p, 6), SLICE_LIT("Digest")) ||
	    !is_blank(b.p[6]))
		return false;
	*body = slice_make(b.p + 7, b.len - 7);
	return true;
}

/* A parameter with the comma that goes when it goes. */
static struct slice with_comma(const struct param *p, const char *first, const char *end)
{
	const char *from = p->begin, *to = p->end;

	while (from > first && is_blank(from[-1]))
		from--;
	if (from > first && from[-1] == ',')
		return slice_make(from - 1, (size_t)(to - from) + 1);
	while (to < end && is_blank(*to))
		to++;
	if (to < end && *to == ',')
		to++;
	return slice_make(p->begin, (size_t)(to - p->begin));
}

static int take_key(struct slice value, bool *has, uint8_t key[16])
{
	if (*has || slice_hex(value, key, 16))
		return -1;
	*has = true;
	return 0;
}

static void note_algorithm(struct slice value, struct challenge *out)
{
	bool aka = value.len > 4 && slice_eq_nocase(slice_make(value.p, 4), SLICE_LIT("AKAv"));

	out->aka |= aka;
	out->other |= !aka;
}

/* Two neighbours at the start: the second one's leading comma went with the first. */
static void add_cut(const struct param *p, const char *first, const char *end,
		    struct challenge *out)
{
	struct slice *cut = &out->cut[out->n_cut], *before = out->n_cut ? cut - 1 : NULL;

	*cut = with_comma(p, first, end);
	if (before && cut->p < before->p + before->len) {
		const char *from = before->p + before->len;
		const char *to = skip_blanks(p->end, end);

		if (to < end && *to == ',')
			to++;
		*cut = slice_make(from, (size_t)(to - from));
	}
	out->n_cut++;
}

/* One challenge of those in the header: it must have more than keys, or nothing of it would be left. */
struct held {
	bool keys, others;
};

static int take_param(const struct param *p, struct held *h, const char *first, const char *end,
		      struct challenge *out)
{
	bool ck = slice_eq_nocase(p->name, SLICE_LIT("ck")),
	     ik = slice_eq_nocase(p->name, SLICE_LIT("ik"));

	if (p->opens && h->keys && !h->others)
		return -1;
	if (p->opens)
		*h = (struct held){false, false};
	h->keys |= ck || ik;
	h->others |= !ck && !ik;
	if (slice_eq_nocase(p->name, SLICE_LIT("algorithm")))
		note_algorithm(p->value, out);
	if (!ck && !ik)
		return 0;
	out->aka = true;
	if (ck ? take_key(p->value, &out->has_ck, out->ck)
	       : take_key(p->value, &out->has_ik, out->ik))
		return -1;
	add_cut(p, first, end, out);
	return 0;
}

int flow_challenge_read(struct slice body, struct challenge *out)
{
	struct held h = {false, false};
	const char *first, *end;
	struct param p;
	int rc;

	memset(out, 0, sizeof(*out));
	if (!skip_scheme(&body))
		return -1;
	first = body.p;
	end = body.p + body.len;
	while ((rc = next_param(&body, &p)) == 1) {
		rc = take_param(&p, &h, first, end, out);
		if (rc)
			break;
	}
	if (rc < 0 || (h.keys && !h.others)) {
		explicit_bzero(out, sizeof(*out));
		return -1;
	}
	return 0;
}

bool flow_challenge_may_hold_keys(struct slice body)
{
	for (size_t i = 0; i + 1 < body.len; i++) {
		const char *c = body.p + i, *end = body.p + body.len;

		if (((c[0] | 0x20) != 'c' && (c[0] | 0x20) != 'i') || (c[1] | 0x20) != 'k' ||
		    (i && is_token_char(c[-1])))
			continue;
		c = skip_blanks(c + 2, end);
		if (c == end || !is_token_char(*c))
			return true;
	}
	return false;
}

int flow_authorization_read(struct slice body, struct slice *cut, struct slice *username)
{
	struct param p;
	const char *first, *end;
	int rc;

	*cut = *username = SLICE_NULL;
	if (!skip_scheme(&body))
		return -1;
	first = body.p;
	end = body.p + body.len;
	while ((rc = next_param(&body, &p)) == 1)
		if (slice_eq_nocase(p.name, SLICE_LIT("integrity-protected"))) {
			if (cut->len)
				return -1;
			*cut = with_comma(&p, first, end);
		} else if (slice_eq_nocase(p.name, SLICE_LIT("username"))) {
			if (username->p)
				return -1;
			*username = p.value;
		}
	return rc;
}
