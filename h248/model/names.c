/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small parts of the model: names, values, TerminationIDs. */
#include "h248/message.h"

bool h248_mid_equal(const struct h248_mid *a, const struct h248_mid *b)
{
	return a->kind == b->kind && a->port == b->port && slice_eq_nocase(a->name, b->name);
}

bool h248_name_is(const struct h248_name *name, const char *pkg, const char *item)
{
	return slice_eq_nocase(name->pkg, slice_str(pkg)) &&
	       slice_eq_nocase(name->item, slice_str(item));
}

const struct h248_parm *h248_parm_find(const struct h248_parm *list, const char *pkg,
				       const char *item)
{
	while (list && !h248_name_is(&list->name, pkg, item))
		list = list->next;
	return list;
}

int h248_parm_u64(const struct h248_parm *parm, uint64_t max, uint64_t *out)
{
	struct slice v;
	uint64_t n = 0;

	if (!parm || parm->relation != H248_EQ)
		return -1;
	v = parm->value.text;
	if (v.len < 3 || v.p[0] != '0' || (v.p[1] != 'x' && v.p[1] != 'X'))
		return slice_u64(v, max, out);
	if (v.len > 18)
		return -1;
	for (size_t i = 2; i < v.len; i++) {
		char c = (char)(v.p[i] | 0x20);

		if (c >= '0' && c <= '9')
			n = n << 4 | (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			n = n << 4 | (unsigned)(c - 'a' + 10);
		else
			return -1;
	}
	if (n > max)
		return -1;
	*out = n;
	return 0;
}

int h248_parm_bool(const struct h248_parm *parm, bool *out)
{
	if (!parm || parm->relation != H248_EQ)
		return -1;
	if (slice_eq_nocase(parm->value.text, SLICE_LIT("on")))
		*out = true;
	else if (slice_eq_nocase(parm->value.text, SLICE_LIT("off")))
		*out = false;
	else
		return -1;
	return 0;
}

bool h248_parm_is(const struct h248_parm *parm, const char *value)
{
	return parm->relation == H248_EQ && slice_eq_nocase(parm->value.text, slice_str(value));
}

bool h248_tid_is_root(struct slice id)
{
	return slice_eq_nocase(id, H248_ROOT);
}

bool h248_tid_has_all(struct slice id)
{
	return id.len && memchr(id.p, '*', id.len);
}

bool h248_tid_has_choose(struct slice id)
{
	return id.len && memchr(id.p, '$', id.len);
}

static bool same_letter(char a, char b)
{
	return slice_eq_nocase(slice_make(&a, 1), slice_make(&b, 1));
}

/* One component (without "/") against a pattern in which "*" and "$" stand for any run of
 * characters. */
static bool component_match(struct slice pattern, struct slice part)
{
	size_t p = 0, i = 0, star = SIZE_MAX, back = 0;

	while (i < part.len) {
		if (p < pattern.len && (pattern.p[p] == '*' || pattern.p[p] == '$')) {
			star = p++;
			back = i;
		} else if (p < pattern.len && same_letter(pattern.p[p], part.p[i])) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			i = ++back;
		} else {
			return false;
		}
	}
	while (p < pattern.len && (pattern.p[p] == '*' || pattern.p[p] == '$'))
		p++;
	return p == pattern.len;
}

bool h248_tid_match(struct slice pattern, struct slice id)
{
	if (h248_tid_is_root(id) || h248_tid_is_root(pattern))
		return h248_tid_is_root(id) && h248_tid_is_root(pattern);
	for (;;) {
		struct slice want = slice_cut(&pattern, '/'), have;

		if (!pattern.p && want.len == 1 && (want.p[0] == '*' || want.p[0] == '$'))
			return id.len > 0;
		have = slice_cut(&id, '/');
		if (!component_match(want, have))
			return false;
		if (!pattern.p || !id.p)
			return !pattern.p && !id.p;
	}
}
