/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The head of a message: authentication, version, mId. */
#include "h248/codec/scan.h"

static int decode_auth(struct scanner *s, struct h248_message *m)
{
	struct slice *parts[3] = {&m->auth_spi, &m->auth_sequence, &m->auth_data};
	static const size_t lengths[3][2] = {{8, 8}, {8, 8}, {24, 64}};

	m->has_auth = true;
	if (scan_expect(s, '='))
		return -1;
	for (size_t i = 0; i < 3; i++) {
		struct slice word;

		if (i > 0 && (s->p == s->end || *s->p++ != ':'))
			return scan_fail(s, 0, "colon expected");
		word = scan_word(s);
		if (word.len < 2 + lengths[i][0] || word.len > 2 + lengths[i][1] ||
		    word.p[0] != '0' || (word.p[1] != 'x' && word.p[1] != 'X'))
			return scan_fail(s, 0, "bad authentication header");
		*parts[i] = slice_make(word.p + 2, word.len - 2);
	}
	scan_blanks(s);
	return 0;
}

/* [Authentication] MEGACO/version mId */
int decode_header(struct scanner *s, struct h248_message *m)
{
	struct slice version, word;
	uint64_t v;

	scan_blanks(s);
	word = scan_word(s);
	if (h248_token_find(word) == T_AUTH) {
		if (decode_auth(s, m))
			return -1;
		word = scan_word(s);
	}
	version = word;
	if (h248_token_find(slice_cut(&version, '/')) != T_MEGACO || !version.p)
		return scan_fail(s, 400, "MEGACO/version expected");
	if (version.len > 2 || scan_number(s, version, 99, &v))
		return scan_fail(s, 400, "bad version");
	m->version = (uint8_t)v;
	scan_blanks(s);
	return scan_mid(s, &m->mid);
}

int h248_decode_head(struct slice text, uint8_t *version, struct h248_mid *mid)
{
	struct scanner s = {.p = text.p, .start = text.p, .end = text.p + text.len};
	struct h248_message m = {0};

	if (text.len == 0 || decode_header(&s, &m))
		return H248_E_SYNTAX;
	*version = m.version;
	*mid = m.mid;
	return H248_OK;
}

bool h248_decode_asks(struct slice text)
{
	struct scanner s = {.p = text.p, .start = text.p, .end = text.p + text.len};
	struct h248_message m = {0};

	if (text.len == 0 || decode_header(&s, &m))
		return false;
	scan_blanks(&s);
	return s.p < s.end && scan_token(&s) == T_TRANSACTION;
}

int h248_mid_parse(struct slice text, struct h248_mid *mid)
{
	struct scanner s = {.p = text.p, .start = text.p, .end = text.p + text.len};
	struct h248_mid m;

	if (text.len == 0 || scan_mid(&s, &m) || s.p != s.end)
		return -1;
	*mid = m;
	return 0;
}
