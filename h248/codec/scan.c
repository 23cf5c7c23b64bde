/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h248/codec/scan.h"

#define S C_SAFE
#define D (C_SAFE | C_DIGIT | C_HEX | C_NAME | C_PATH)
#define H (C_SAFE | C_ALPHA | C_HEX | C_NAME | C_PATH)
#define A (C_SAFE | C_ALPHA | C_NAME | C_PATH)
#define P (C_SAFE | C_PATH)
#define B C_BLANK
const uint8_t h248_class[256] = {
    ['\t'] = B,	       ['\n'] = B, ['\r'] = B,
    [' '] = B,	       ['0'] = D,  ['1'] = D,
    ['2'] = D,	       ['3'] = D,  ['4'] = D,
    ['5'] = D,	       ['6'] = D,  ['7'] = D,
    ['8'] = D,	       ['9'] = D,  ['a'] = H,
    ['b'] = H,	       ['c'] = H,  ['d'] = H,
    ['e'] = H,	       ['f'] = H,  ['A'] = H,
    ['B'] = H,	       ['C'] = H,  ['D'] = H,
    ['E'] = H,	       ['F'] = H,  ['g'] = A,
    ['h'] = A,	       ['i'] = A,  ['j'] = A,
    ['k'] = A,	       ['l'] = A,  ['m'] = A,
    ['n'] = A,	       ['o'] = A,  ['p'] = A,
    ['q'] = A,	       ['r'] = A,  ['s'] = A,
    ['t'] = A,	       ['u'] = A,  ['v'] = A,
    ['w'] = A,	       ['x'] = A,  ['y'] = A,
    ['z'] = A,	       ['G'] = A,  ['H'] = A,
    ['I'] = A,	       ['J'] = A,  ['K'] = A,
    ['L'] = A,	       ['M'] = A,  ['N'] = A,
    ['O'] = A,	       ['P'] = A,  ['Q'] = A,
    ['R'] = A,	       ['S'] = A,  ['T'] = A,
    ['U'] = A,	       ['V'] = A,  ['W'] = A,
    ['X'] = A,	       ['Y'] = A,  ['Z'] = A,
    ['+'] = S,	       ['&'] = S,  ['!'] = S,
    ['\''] = S,	       ['?'] = S,  ['^'] = S,
    ['`'] = S,	       ['~'] = S,  ['\\'] = S,
    ['('] = S,	       [')'] = S,  ['%'] = S,
    ['|'] = S,	       ['-'] = P,  ['/'] = P,
    ['@'] = P,	       ['*'] = P,  ['$'] = P,
    [';'] = C_COMMENT, ['.'] = P,  ['_'] = C_SAFE | C_NAME | C_PATH,
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

void *scan_no_room(struct scanner *s)
{
	if (s->items > H248_ITEMS_MAX) {
		s->result = H248_E_SIZE;
		scan_fail(s, 400, "too many items in one message");
	} else {
		s->result = H248_E_MEMORY;
		scan_fail(s, 500, "no memory for the message");
	}
	return NULL;
}

int scan_since(struct scanner *s, uint8_t version)
{
	if (version > s->needs)
		s->needs = version;
	if (s->strict && version > s->version)
		return scan_fail(s, 0, "not in this version of the protocol");
	return 0;
}

/* Runs of spaces are measured, not counted: the length of an indentation cannot be predicted. */
const char *skip_blanks(const char *p, const char *end)
{
	for (;;) {
		while (end - p >= 8) {
			uint64_t others = nocase_eight(p) ^ NOCASE_BYTES(' ');

			if (others) {
				p += __builtin_ctzll(others) / 8;
				break;
			}
			p += 8;
		}
		if (p == end)
			return p;
		if (*p == ';') {
			while (p < end && *p != '\n' && *p != '\r')
				p++;
		} else if (class_of(*p) & C_BLANK) {
			p++;
		} else {
			return p;
		}
	}
}
int scan_number(struct scanner *s, struct slice word, uint64_t max, uint64_t *out)
{
	if (small_number(word, max, out))
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

/* Most reserved words are shorter than eight letters: then the eight bytes that show where the word
 * ends are its key as well. */
enum h248_token scan_token(struct scanner *s)
{
	const char *p = s->p;

	if (s->end - p >= 8) {
		uint64_t eight = nocase_eight(p), others = nocase_letters(eight) ^ NOCASE_BITS;
		unsigned n = others ? (unsigned)__builtin_ctzll(others) / 8 : 0;

		if (n && !(class_of(p[n]) & C_SAFE)) {
			s->p = p + n;
			return h248_token_find_short(eight & ((1ull << (8 * n)) - 1), n);
		}
	}
	return h248_token_find(scan_word(s));
}

struct slice scan_word_or_item(struct scanner *s, struct h248_name *name)
{
	const char *from = s->p, *end = s->end, *p = from, *slash;

	name->pkg.len = 0;
	if (p < end && (class_of(*p) & C_ALPHA)) {
		do
			p++;
		while (p < end && (class_of(*p) & C_NAME));
		slash = p;
		if (end - p > 1 && *p == '/' && (class_of(p[1]) & C_ALPHA)) {
			do
				p++;
			while (p < end && (class_of(*p) & C_NAME));
			if ((p == end || !(class_of(*p) & C_SAFE)) && slash - from <= 64 &&
			    p - slash <= 65) {
				name->pkg = slice_make(from, (size_t)(slash - from));
				name->item = slice_make(slash + 1, (size_t)(p - slash - 1));
			}
		}
	}
	while (p < end && (class_of(*p) & C_SAFE))
		p++;
	s->p = p;
	return slice_make(from, (size_t)(p - from));
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

int scan_on_off(struct scanner *s, enum h248_switch *out)
{
	struct slice w = scan_word(s);

	if (NOCASE_IS(w, "on"))
		*out = H248_ON;
	else if (NOCASE_IS(w, "off"))
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
