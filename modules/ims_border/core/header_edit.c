/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_border/core/header_edit.h"

#include "base/text_out.h"
#include "sip/chars.h"

int border_list_next(struct slice *rest, char sep, struct slice *elem)
{
	bool angle = false;
	size_t i = 0;

	if (!rest->p)
		return 0;
	while (i < rest->len && (angle || rest->p[i] != sep)) {
		size_t quoted = rest->p[i] == '"' ? sip_quoted_len(sip_drop(*rest, i)) : 1;

		if (quoted == 0)
			return -1;
		if (rest->p[i] == '<')
			angle = true;
		else if (rest->p[i] == '>')
			angle = false;
		i += quoted;
	}
	if (angle)
		return -1;
	*elem = slice_trim(slice_make(rest->p, i));
	*rest = i < rest->len ? sip_drop(*rest, i + 1) : SLICE_NULL;
	return 1;
}

void border_privacy_add(struct border_privacy *p, struct slice body)
{
	/* RFC 3323 has ';' between the values; phones write ',', too. */
	while (body.p) {
		struct slice part = slice_cut(&body, ';');

		while (part.p) {
			struct slice word = slice_trim(slice_cut(&part, ','));

			p->id = p->id || slice_eq_nocase(word, SLICE_LIT("id"));
			p->history = p->history || slice_eq_nocase(word, SLICE_LIT("history"));
		}
	}
}

/* The name of "name=value" or "name". */
static struct slice name_of(struct slice param)
{
	return slice_trim(slice_cut(&param, '='));
}

static bool is_one_of(struct slice name, const char *const *names)
{
	for (; *names; names++)
		if (slice_eq_nocase(name, slice_str(*names)))
			return true;
	return false;
}

/* Whether one element has a parameter of these names, after its first part. 1, 0, or -1. */
static int has_param(struct slice elem, const char *const *names)
{
	struct slice param;
	bool first = true;
	int rc;

	while ((rc = border_list_next(&elem, ';', &param)) == 1) {
		if (!first && is_one_of(name_of(param), names))
			return 1;
		first = false;
	}
	return rc;
}

/* Does a name still stand anywhere outside of quotes as "name ="? A list that is not what RFC 3261
 * 25.1 writes may hide it between blanks. */
static bool hides(struct slice text, const char *const *names)
{
	size_t i = 0;

	while (i < text.len) {
		size_t start = i;
		struct slice word;

		if (text.p[i] == '"') {
			size_t quoted = sip_quoted_len(sip_drop(text, i));

			if (!quoted)
				return true;
			i += quoted;
			continue;
		}
		while (i < text.len && sip_is_token_char(text.p[i]))
			i++;
		word = slice_make(text.p + start, i - start);
		if (is_one_of(word, names))
			return true;
		i += i == start;
	}
	return false;
}

typedef int (*keep_h)(struct slice elem); /* 1 keep, 0 cut, -1 cannot be read */

static int not_of_network(struct slice elem)
{
	static const char *const names[] = {"network-provided", "np", NULL};
	int rc = has_param(elem, names);

	/* The value has no <> and no words side by side (RFC 7315 5.4). A receiver may read such a
	 * thing in another way than we do. */
	return rc < 0 || (rc == 0 && hides(elem, names)) ? -1 : !rc;
}

static int is_supported(struct slice elem)
{
	return slice_eq_nocase(elem, SLICE_LIT("supported"));
}

static int is_no_sec_agree(struct slice elem)
{
	return !slice_eq_nocase(elem, SLICE_LIT("sec-agree")) &&
	       !slice_eq_nocase(elem, SLICE_LIT("mediasec"));
}

static int is_no_psap(struct slice elem)
{
	return !slice_eq_nocase(elem, SLICE_LIT("psap-callback"));
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Does text begin with word, whatever is escaped in it (RFC 3986 2.1)? The octets it has there, or 0. */
static size_t begins(struct slice text, const char *word)
{
	size_t at = 0;

	for (; *word; word++) {
		int c = at < text.len ? (unsigned char)text.p[at++] : 0;

		if (c == '%' && at + 2 <= text.len) {
			int high = hex_digit(text.p[at]), low = hex_digit(text.p[at + 1]);

			c = high < 0 || low < 0 ? 0 : high << 4 | low;
			at += 2;
		}
		if ((c >= 'A' && c <= 'Z' ? c | 0x20 : c) != *word)
			return 0;
	}
	return at;
}

static bool has(struct slice text, const char *word)
{
	for (size_t i = 0; i < text.len; i++)
		if (begins(sip_drop(text, i), word))
			return true;
	return false;
}

/* RFC 7044 10.1.2: a Privacy header inside the hi-targeted-to URI, of one value or a list of them. */
static int is_public_entry(struct slice elem)
{
	for (size_t i = 0; i < elem.len; i++) {
		size_t n = begins(sip_drop(elem, i), "privacy=");
		struct slice rest = sip_drop(elem, i + n), value;

		if (!n)
			continue;
		value = slice_cut(&rest, '&');
		value = slice_cut(&value, '>');
		if (has(value, "history") || has(value, "session") || has(value, "header"))
			return false;
	}
	return true;
}

/* Keep the elements that h keeps. */
static enum border_edit filter(struct slice body, keep_h h, struct text_out *o)
{
	struct slice elem;
	bool cut = false;
	int rc;

	while ((rc = border_list_next(&body, ',', &elem)) == 1) {
		int keep = elem.len ? h(elem) : 0;

		if (keep < 0)
			return BORDER_DROP;
		if (!keep) {
			cut = cut || elem.len;
			continue;
		}
		if (o->len)
			text_put(o, SLICE_LIT(", "));
		text_put(o, elem);
	}
	if (rc < 0 || o->full || (cut && !o->len))
		return BORDER_DROP;
	return cut ? BORDER_REPLACE : BORDER_KEEP;
}

/* The elements without their parameter loc-src. */
static enum border_edit cut_loc_src(struct slice body, struct text_out *o)
{
	static const char *const names[] = {"loc-src", NULL};
	struct slice elem, param;
	bool cut = false;
	int rc, prc;

	while ((rc = border_list_next(&body, ',', &elem)) == 1) {
		bool first = true;

		text_put(o, o->len ? SLICE_LIT(", ") : SLICE_NULL);
		while ((prc = border_list_next(&elem, ';', &param)) == 1) {
			if (!first && is_one_of(name_of(param), names)) {
				cut = true;
				continue;
			}
			text_put(o, first ? SLICE_NULL : SLICE_LIT(";"));
			text_put(o, param);
			first = false;
		}
		if (prc < 0)
			return BORDER_DROP;
	}
	if (rc < 0 || o->full)
		return BORDER_DROP;
	return cut ? BORDER_REPLACE : BORDER_KEEP;
}

/*
 * "Scheme name=value, ..." without the parameters of these names. Each challenge is a header of its
 * own (RFC 3261 20.44), but two in one line are only a longer list here.
 */
static enum border_edit cut_auth(struct slice body, const char *const *names, struct text_out *o)
{
	struct slice elem;
	bool cut = false, first = true, behind = false;
	int rc;

	if (!hides(body, names))
		return BORDER_KEEP;
	while ((rc = border_list_next(&body, ',', &elem)) == 1) {
		if (first) {
			struct slice rest = elem;

			text_put(o, slice_cut(&rest, ' '));
			text_put(o, SLICE_LIT(" "));
			elem = slice_trim(rest);
		}
		first = false;
		if (is_one_of(name_of(elem), names)) {
			cut = true;
		} else if (elem.len) {
			text_put(o, behind ? SLICE_LIT(", ") : SLICE_NULL);
			text_put(o, elem);
			behind = true;
		}
	}
	if (rc < 0 || o->full || !cut || hides(slice_make(o->buf, o->len), names))
		return BORDER_DROP;
	return BORDER_REPLACE;
}

static enum border_edit change(enum border_action action, struct slice body,
			       const struct border_privacy *privacy, struct text_out *o)
{
	static const char *const integrity[] = {"integrity-protected", NULL};
	static const char *const keys[] = {"ck", "ik", NULL};

	switch (action) {
	case BORDER_NO_NETWORK:
		return filter(body, not_of_network, o);
	case BORDER_SUPPORTED_ONLY:
		return filter(body, is_supported, o);
	case BORDER_NO_SEC_AGREE:
		return filter(body, is_no_sec_agree, o);
	case BORDER_NO_PSAP:
		return filter(body, is_no_psap, o);
	case BORDER_NOT_WITH_HISTORY:
		return privacy->history ? BORDER_DROP : filter(body, is_public_entry, o);
	case BORDER_NO_LOC_SRC:
		return cut_loc_src(body, o);
	case BORDER_NO_INTEGRITY:
		return cut_auth(body, integrity, o);
	case BORDER_NO_KEYS:
		return cut_auth(body, keys, o);
	default:
		return BORDER_DROP;
	}
}

enum border_edit border_edit(enum border_action action, struct slice body,
			     const struct border_privacy *privacy, char *buf, size_t size,
			     size_t *len)
{
	struct text_out o = {buf, size, 0, false};
	enum border_edit e;

	*len = 0;
	switch (action) {
	case BORDER_PASS:
	case BORDER_FLOW:
		return BORDER_KEEP;
	case BORDER_NOT_WITH_ID:
		return privacy->id ? BORDER_DROP : BORDER_KEEP;
	case BORDER_CUT:
	case BORDER_OURS:
	case BORDER_AS_SENT:
		return BORDER_DROP;
	default:
		break;
	}
	e = change(action, body, privacy, &o);
	*len = e == BORDER_REPLACE ? o.len : 0;
	return e;
}
