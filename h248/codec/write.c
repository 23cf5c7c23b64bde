/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h248/codec/scan.h"
#include "h248/codec/write.h"

void put_fail(struct writer *w, int result)
{
	if (!w->result)
		w->result = result;
}

void put_since(struct writer *w, uint8_t version)
{
	if (w->version < version)
		put_fail(w, H248_E_VERSION);
}

void put_full(struct writer *w)
{
	put_fail(w, H248_E_SPACE);
	w->end = w->p;
}

void put_number(struct writer *w, uint32_t n)
{
	char text[10], *p = text + sizeof(text);

	do {
		*--p = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	put_slice(w, slice_make(p, (size_t)(text + sizeof(text) - p)));
}

void put_token(struct writer *w, enum h248_token token)
{
	put_slice(w, h248_token_text(token, w->compact));
}

void put_equal(struct writer *w)
{
	if (w->compact)
		put_char(w, '=');
	else
		put_slice(w, SLICE_LIT(" = "));
}

static void new_line(struct writer *w)
{
	static const char blanks[] =
	    "\n                                                                ";
	size_t n = 2u * w->indent;

	if (n > sizeof(blanks) - 2)
		n = sizeof(blanks) - 2;
	put_slice(w, slice_make(blanks, n + 1));
}

void put_open(struct writer *w)
{
	if (w->compact) {
		put_char(w, '{');
		return;
	}
	put_slice(w, SLICE_LIT(" {"));
	w->indent++;
	new_line(w);
}

void put_close(struct writer *w)
{
	if (!w->compact) {
		w->indent--;
		new_line(w);
	}
	put_char(w, '}');
}

void put_comma(struct writer *w, bool *first)
{
	if (*first) {
		*first = false;
		return;
	}
	put_char(w, ',');
	if (!w->compact)
		new_line(w);
}

void put_safe(struct writer *w, struct slice word)
{
	if (word.len == 0)
		put_fail(w, H248_E_VALUE);
	for (size_t i = 0; i < word.len; i++) {
		if (!(class_of(word.p[i]) & C_SAFE))
			put_fail(w, H248_E_VALUE);
	}
	put_slice(w, word);
}

void put_quoted(struct writer *w, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		put_must(w, (c >= 0x20 && c < 0x7f && c != '"') || c == '\t');
	}
	put_char(w, '"');
	put_slice(w, text);
	put_char(w, '"');
}

void put_name(struct writer *w, const struct h248_name *name)
{
	bool any = name->pkg.len == 1 && name->pkg.p[0] == '*';
	bool any_item = name->item.len == 1 && name->item.p[0] == '*';

	if ((!any && !scan_is_name(name->pkg)) || (!any_item && !scan_is_name(name->item)) ||
	    (any && !any_item))
		put_fail(w, H248_E_VALUE);
	put_slice(w, name->pkg);
	put_char(w, '/');
	put_slice(w, name->item);
}

void put_tid(struct writer *w, struct slice id)
{
	if (id.len == 0 || id.len > H248_TID_MAX)
		put_fail(w, H248_E_VALUE);
	for (size_t i = 0; i < id.len; i++) {
		if (!(class_of(id.p[i]) & C_PATH))
			put_fail(w, H248_E_VALUE);
	}
	put_slice(w, id);
}

void put_tids(struct writer *w, const struct h248_tid *list, char open, char close)
{
	put_char(w, open);
	for (const struct h248_tid *t = list; t; t = t->next) {
		put_tid(w, t->id);
		if (t->next)
			put_char(w, ',');
	}
	put_char(w, close);
}

static void put_value(struct writer *w, const struct h248_value *value)
{
	if (value->quoted)
		put_quoted(w, value->text);
	else
		put_safe(w, value->text);
}

static void put_values(struct writer *w, const struct h248_value *value, char open, char between,
		       char close)
{
	put_char(w, open);
	for (; value; value = value->next) {
		put_value(w, value);
		if (value->next)
			put_char(w, between);
	}
	put_char(w, close);
}

/* The sign of a relation with one value. */
void put_sign(struct writer *w, enum h248_relation relation)
{
	switch (relation) {
	case H248_GT:
		put_char(w, '>');
		break;
	case H248_LT:
		put_char(w, '<');
		break;
	case H248_NEQ:
		put_char(w, '#');
		break;
	default:
		put_equal(w);
		break;
	}
}

void put_relation(struct writer *w, const struct h248_parm *parm)
{
	const struct h248_value *v = &parm->value;

	switch (parm->relation) {
	case H248_NO_VALUE:
		return;
	case H248_AND:
		put_equal(w);
		put_values(w, v, '[', ',', ']');
		return;
	case H248_OR:
		put_equal(w);
		put_values(w, v, '{', ',', '}');
		return;
	case H248_RANGE:
		if (!v->next || v->next->next)
			put_fail(w, H248_E_VALUE);
		put_equal(w);
		put_values(w, v, '[', ':', ']');
		return;
	default:
		put_sign(w, parm->relation);
		put_value(w, v);
		return;
	}
}

void put_parm(struct writer *w, const struct h248_parm *parm)
{
	if (parm->name.pkg.len)
		put_name(w, &parm->name);
	else
		put_safe(w, parm->name.item);
	put_relation(w, parm);
}

void put_mid(struct writer *w, const struct h248_mid *mid)
{
	switch (mid->kind) {
	case H248_MID_IPV4:
	case H248_MID_IPV6:
		put_char(w, '[');
		put_slice(w, mid->name);
		put_char(w, ']');
		break;
	case H248_MID_DOMAIN:
		put_char(w, '<');
		put_slice(w, mid->name);
		put_char(w, '>');
		break;
	case H248_MID_DEVICE:
		put_tid(w, mid->name);
		return;
	case H248_MID_MTP:
		put_slice(w, SLICE_LIT("MTP{"));
		put_safe(w, mid->name);
		put_char(w, '}');
		return;
	case H248_MID_PORT:
		put_number(w, mid->port);
		return;
	default:
		put_fail(w, H248_E_VALUE);
		return;
	}
	if (mid->port) {
		put_char(w, ':');
		put_number(w, mid->port);
	}
}

void put_error(struct writer *w, const struct h248_error *error)
{
	put_token(w, T_ERROR);
	put_equal(w);
	put_number(w, error->code);
	put_char(w, '{');
	if (error->text.p)
		put_quoted(w, error->text);
	put_char(w, '}');
}

void put_request_id(struct writer *w, const struct h248_request_id *id)
{
	if (id->all)
		put_char(w, '*');
	else
		put_number(w, id->id);
}

int h248_mid_format(const struct h248_mid *mid, char *buf, size_t size)
{
	struct writer w = {.p = buf, .start = buf, .end = size ? buf + size - 1 : buf};

	put_mid(&w, mid);
	if (w.result || !size)
		return -1;
	*w.p = 0;
	return (int)(w.p - buf);
}
