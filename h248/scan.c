/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>

#include "h248/scan.h"

#define S C_SAFE
#define D (C_SAFE | C_DIGIT | C_HEX | C_NAME | C_PATH)
#define H (C_SAFE | C_ALPHA | C_HEX | C_NAME | C_PATH)
#define A (C_SAFE | C_ALPHA | C_NAME | C_PATH)
#define P (C_SAFE | C_PATH)
#define B C_BLANK
const uint8_t h248_class[256] = {
    ['\t'] = B, ['\n'] = B,
    ['\r'] = B, [' '] = B,
    ['0'] = D,	['1'] = D,
    ['2'] = D,	['3'] = D,
    ['4'] = D,	['5'] = D,
    ['6'] = D,	['7'] = D,
    ['8'] = D,	['9'] = D,
    ['a'] = H,	['b'] = H,
    ['c'] = H,	['d'] = H,
    ['e'] = H,	['f'] = H,
    ['A'] = H,	['B'] = H,
    ['C'] = H,	['D'] = H,
    ['E'] = H,	['F'] = H,
    ['g'] = A,	['h'] = A,
    ['i'] = A,	['j'] = A,
    ['k'] = A,	['l'] = A,
    ['m'] = A,	['n'] = A,
    ['o'] = A,	['p'] = A,
    ['q'] = A,	['r'] = A,
    ['s'] = A,	['t'] = A,
    ['u'] = A,	['v'] = A,
    ['w'] = A,	['x'] = A,
    ['y'] = A,	['z'] = A,
    ['G'] = A,	['H'] = A,
    ['I'] = A,	['J'] = A,
    ['K'] = A,	['L'] = A,
    ['M'] = A,	['N'] = A,
    ['O'] = A,	['P'] = A,
    ['Q'] = A,	['R'] = A,
    ['S'] = A,	['T'] = A,
    ['U'] = A,	['V'] = A,
    ['W'] = A,	['X'] = A,
    ['Y'] = A,	['Z'] = A,
    ['+'] = S,	['&'] = S,
    ['!'] = S,	['\''] = S,
    ['?'] = S,	['^'] = S,
    ['`'] = S,	['~'] = S,
    ['\\'] = S, ['('] = S,
    [')'] = S,	['%'] = S,
    ['|'] = S,	['-'] = P,
    ['/'] = P,	['@'] = P,
    ['*'] = P,	['$'] = P,
    ['.'] = P,	['_'] = C_SAFE | C_NAME | C_PATH,
};
#undef S
#undef D
#undef H
#undef A
#undef P
#undef B

int scan_fail(struct scanner *s, unsigned code, const char *what)
{
	if (!s->what) {
		s->code = (uint16_t)code;
		s->what = what;
		s->offset = (size_t)(s->p - s->start);
	}
	return -1;
}

void *scan_new(struct scanner *s, size_t size)
{
	void *node;

	if (s->items >= H248_ITEMS_MAX) {
		s->result = H248_E_SIZE;
		scan_fail(s, 400, "too many items in one message");
		return NULL;
	}
	s->items++;
	node = h248_alloc(s->arena, size);
	if (!node) {
		s->result = H248_E_MEMORY;
		scan_fail(s, 500, "no memory for the message");
	}
	return node;
}

int scan_since(struct scanner *s, uint8_t version)
{
	if (version > s->needs)
		s->needs = version;
	if (s->strict && version > s->version)
		return scan_fail(s, 0, "not in this version of the protocol");
	return 0;
}

void scan_comment(struct scanner *s)
{
	while (s->p < s->end && *s->p != '\n' && *s->p != '\r')
		s->p++;
}

int scan_number(struct scanner *s, struct slice word, uint64_t max, uint64_t *out)
{
	if (word.len > 10 || slice_u64(word, max, out))
		return scan_fail(s, 0, "not a number, or too large");
	return 0;
}

int scan_u16(struct scanner *s, uint16_t *out)
{
	uint64_t v;

	if (scan_number(s, scan_word(s), UINT16_MAX, &v))
		return -1;
	*out = (uint16_t)v;
	return 0;
}

int scan_u32(struct scanner *s, uint32_t *out)
{
	uint64_t v;

	if (scan_number(s, scan_word(s), UINT32_MAX, &v))
		return -1;
	*out = (uint32_t)v;
	return 0;
}

/* Annex B.2 wants a letter in front; a digit there does no harm and is seen in the field. */
int scan_tid(struct scanner *s, struct slice *out)
{
	struct slice w = scan_word(s);

	if (w.len == 0 || w.len > H248_TID_MAX)
		return scan_fail(s, 0, "TerminationID missing or longer than 64 characters");
	for (size_t i = 0; i < w.len; i++) {
		if (!(class_of(w.p[i]) & C_PATH)) {
			s->p = w.p;
			return scan_fail(s, 0, "character not allowed in a TerminationID");
		}
	}
	*out = w;
	return 0;
}

bool scan_is_name(struct slice word)
{
	if (word.len == 0 || word.len > 64 || !(class_of(word.p[0]) & C_ALPHA))
		return false;
	for (size_t i = 1; i < word.len; i++) {
		if (!(class_of(word.p[i]) & C_NAME))
			return false;
	}
	return true;
}

bool scan_is_timestamp(struct slice word)
{
	if (word.len != 17 || (word.p[8] != 'T' && word.p[8] != 't'))
		return false;
	for (size_t i = 0; i < 17; i++) {
		if (i != 8 && !(class_of(word.p[i]) & C_DIGIT))
			return false;
	}
	return true;
}

/* A NAME or "*" from p; returns what is behind it, NULL if it is neither. */
static const char *skip_name(const char *p, const char *end, bool *any)
{
	const char *from = p;

	*any = p < end && *p == '*';
	if (*any)
		return p + 1;
	if (p == end || !(class_of(*p) & C_ALPHA))
		return NULL;
	while (p < end && (class_of(*p) & C_NAME))
		p++;
	return p - from <= 64 ? p : NULL;
}

int scan_name(struct scanner *s, struct slice word, bool star, struct h248_name *name)
{
	const char *end = word.p + word.len, *slash, *p;
	bool any_pkg, any_item;

	slash = skip_name(word.p, end, &any_pkg);
	if (!slash || slash == end || *slash != '/')
		return scan_fail(s, 0, "package/item expected");
	p = skip_name(slash + 1, end, &any_item);
	if (p != end || (any_pkg && !any_item) || (any_item && !star))
		return scan_fail(s, 0, "bad package/item name");
	name->pkg = slice_make(word.p, (size_t)(slash - word.p));
	name->item = slice_make(slash + 1, (size_t)(end - slash - 1));
	return 0;
}

int scan_quoted(struct scanner *s, struct slice *out)
{
	const char *close;

	if (s->p == s->end || *s->p != '"')
		return scan_fail(s, 0, "quoted string expected");
	close = memchr(s->p + 1, '"', (size_t)(s->end - s->p - 1));
	if (!close)
		return scan_fail(s, 0, "quoted string without end");
	for (const char *p = s->p + 1; p < close; p++) {
		if ((unsigned char)*p < 0x20 && *p != '\t')
			return scan_fail(s, 0, "control character in a quoted string");
	}
	*out = slice_make(s->p + 1, (size_t)(close - s->p - 1));
	s->p = close + 1;
	return 0;
}

int scan_value(struct scanner *s, struct h248_value *value)
{
	if (s->p < s->end && *s->p == '"') {
		value->quoted = true;
		return scan_quoted(s, &value->text);
	}
	value->text = scan_word(s);
	return value->text.len ? 0 : scan_fail(s, 0, "value missing");
}

static int scan_values(struct scanner *s, struct h248_parm *parm, char close)
{
	struct h248_value **tail = &parm->value.next;

	if (scan_value(s, &parm->value))
		return -1;
	if (close == ']' && scan_accept(s, ':')) {
		parm->relation = H248_RANGE;
		if (!(*tail = scan_new(s, sizeof(**tail))) || scan_value(s, *tail))
			return -1;
		return scan_expect(s, close);
	}
	while (scan_accept(s, ',')) {
		if (!(*tail = scan_new(s, sizeof(**tail))) || scan_value(s, *tail))
			return -1;
		tail = &(*tail)->next;
	}
	return scan_expect(s, close);
}

int scan_relation(struct scanner *s, struct h248_parm *parm, bool must)
{
	scan_blanks(s);
	switch (s->p < s->end ? *s->p : 0) {
	case '=':
		scan_accept(s, '=');
		if (scan_accept(s, '[')) {
			parm->relation = H248_AND;
			return scan_values(s, parm, ']');
		}
		if (scan_accept(s, '{')) {
			parm->relation = H248_OR;
			return scan_values(s, parm, '}');
		}
		parm->relation = H248_EQ;
		return scan_value(s, &parm->value);
	case '>':
		parm->relation = H248_GT;
		break;
	case '<':
		parm->relation = H248_LT;
		break;
	case '#':
		parm->relation = H248_NEQ;
		break;
	default:
		parm->relation = H248_NO_VALUE;
		return must ? scan_fail(s, 0, "value missing") : 0;
	}
	s->p++;
	scan_blanks(s);
	return scan_value(s, &parm->value);
}

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
	struct in6_addr addr;
	char text[INET6_ADDRSTRLEN];

	return slice_copy(a, text, sizeof(text)) == 0 && inet_pton(AF_INET6, text, &addr) == 1;
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

static bool is_domain(struct slice d)
{
	if (d.len == 0 || d.len > 64 || !(class_of(d.p[0]) & (C_ALPHA | C_DIGIT)))
		return false;
	for (size_t i = 1; i < d.len; i++) {
		if (!(class_of(d.p[i]) & (C_ALPHA | C_DIGIT)) && d.p[i] != '-' && d.p[i] != '.')
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
		}
	}
	*mid = m;
	return 0;
}

int scan_on_off(struct scanner *s, enum h248_switch *out)
{
	struct slice w = scan_word(s);

	if (slice_eq_nocase(w, SLICE_LIT("on")))
		*out = H248_ON;
	else if (slice_eq_nocase(w, SLICE_LIT("off")))
		*out = H248_OFF;
	else
		return scan_fail(s, 0, "ON or OFF expected");
	return 0;
}

int scan_error(struct scanner *s, struct h248_error *error)
{
	uint64_t v;

	if (scan_expect(s, '=') || scan_number(s, scan_word(s), 9999, &v) || scan_expect(s, '{'))
		return -1;
	if (!v) /* no such code; here it means that there is no error */
		return scan_fail(s, 0, "no such error code");
	error->code = (uint16_t)v;
	error->text = SLICE_NULL;
	if (s->p < s->end && *s->p == '"' && scan_quoted(s, &error->text))
		return -1;
	return scan_expect(s, '}');
}

int scan_request_id(struct scanner *s, struct h248_request_id *id)
{
	struct slice w = scan_word(s);
	uint64_t v = 0;

	id->present = true;
	if (w.len == 1 && w.p[0] == '*')
		id->all = true;
	else if (scan_number(s, w, UINT32_MAX, &v))
		return -1;
	id->id = (uint32_t)v;
	return 0;
}

static const char *octets_end(const char *p, const char *end)
{
	for (;;) {
		p = memchr(p, '}', (size_t)(end - p));
		if (!p || p[-1] != '\\')
			return p;
		p++;
	}
}

const char *scan_block_end(const char *p, const char *end)
{
	struct slice last = SLICE_NULL;
	unsigned depth = 0;

	while (p < end) {
		if (class_of(*p) & C_SAFE) {
			last.p = p;
			while (p < end && (class_of(*p) & C_SAFE))
				p++;
			last.len = (size_t)(p - last.p);
			continue;
		}
		switch (*p) {
		case '"':
			p = memchr(p + 1, '"', (size_t)(end - p - 1));
			if (!p)
				return NULL;
			break;
		case ';':
			while (p + 1 < end && p[1] != '\n' && p[1] != '\r')
				p++;
			break;
		case '{': {
			enum h248_token t = h248_token_find(last);

			if (t == T_LOCAL || t == T_REMOTE) {
				p = octets_end(p + 1, end);
				if (!p)
					return NULL;
			} else if (++depth > H248_DEPTH_MAX) {
				return NULL;
			}
			break;
		}
		case '}':
			if (depth-- <= 1)
				return p + 1;
			break;
		default:
			break;
		}
		if (!(class_of(*p) & C_BLANK))
			last = SLICE_NULL;
		p++;
	}
	return NULL;
}
