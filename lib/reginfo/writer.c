/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reginfo/writer.h"

#include <stdio.h>

static void put(struct reginfo_writer *w, const char *p, size_t n)
{
	if (w->err)
		return;
	/* One byte is always left for the NUL. */
	if (n >= w->size - w->len) {
		w->err = REGINFO_E_NOSPACE;
		return;
	}
	memcpy(w->buf + w->len, p, n);
	w->len += n;
}

static void put_str(struct reginfo_writer *w, const char *s)
{
	put(w, s, strlen(s));
}

static void put_u32(struct reginfo_writer *w, uint32_t v)
{
	char digits[11];

	put(w, digits, (size_t)snprintf(digits, sizeof(digits), "%u", v));
}

/*
 * Length of the UTF-8 character at p if XML 1.0 allows it (production [2] Char), else 0. Overlong
 * forms, surrogates, U+FFFE/FFFF and control characters other than TAB, LF, CR are refused.
 */
static size_t xml_char_len(const unsigned char *p, size_t left)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = p[0] < 0x80		   ? 1
		   : (p[0] & 0xe0) == 0xc0 ? 2
		   : (p[0] & 0xf0) == 0xe0 ? 3
		   : (p[0] & 0xf8) == 0xf0 ? 4
					   : 0;
	uint32_t c;

	if (n == 0 || n > left)
		return 0;
	if (n == 1)
		return p[0] >= 0x20 || p[0] == '\t' || p[0] == '\n' || p[0] == '\r';
	c = p[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) || c == 0xfffe ||
	    c == 0xffff)
		return 0;
	return n;
}

/*
 * Escaped so that it may stand in an attribute or in content; white space survives attribute
 * normalisation. Octets that XML cannot say become U+FFFD: phones write Contacts and Call-IDs, and
 * what one writes must not silence the document.
 */
static void put_char(struct reginfo_writer *w, const char *p, size_t n)
{
	switch (*p) {
	case '&':
		put_str(w, "&amp;");
		break;
	case '<':
		put_str(w, "&lt;");
		break;
	case '>':
		put_str(w, "&gt;");
		break;
	case '"':
		put_str(w, "&quot;");
		break;
	case '\'':
		put_str(w, "&apos;");
		break;
	case '\t':
		put_str(w, "&#9;");
		break;
	case '\n':
		put_str(w, "&#10;");
		break;
	case '\r':
		put_str(w, "&#13;");
		break;
	default:
		put(w, p, n);
	}
}

/* As much of it as fits; returns how much that is. */
static size_t put_text(struct reginfo_writer *w, struct slice s)
{
	size_t i = 0, n;

	for (; i < s.len; i += n) {
		n = xml_char_len((const unsigned char *)s.p + i, s.len - i);
		if (n) {
			put_char(w, s.p + i, n);
		} else {
			put_str(w, "\xef\xbf\xbd");
			n = 1;
		}
		if (w->err)
			break;
	}
	return i;
}

size_t reginfo_escape(struct slice text, char *buf, size_t size, size_t *used)
{
	struct reginfo_writer w = {.buf = buf, .size = size};

	*used = put_text(&w, text);
	return w.len;
}

static void put_attr(struct reginfo_writer *w, const char *name, struct slice value)
{
	put_str(w, " ");
	put_str(w, name);
	put_str(w, "=\"");
	put_text(w, value);
	put_str(w, "\"");
}

static void put_attr_u32(struct reginfo_writer *w, const char *name, bool present, uint32_t value)
{
	if (!present)
		return;
	put_str(w, " ");
	put_str(w, name);
	put_str(w, "=\"");
	put_u32(w, value);
	put_str(w, "\"");
}

static void put_optional(struct reginfo_writer *w, const char *name, struct slice value)
{
	if (value.len > 0)
		put_attr(w, name, value);
}

int reginfo_begin(struct reginfo_writer *w, char *buf, size_t size, uint32_t version, bool full)
{
	*w = (struct reginfo_writer){.buf = buf, .size = size, .depth = 1};
	if (size == 0)
		return w->err = REGINFO_E_NOSPACE;
	put_str(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<reginfo xmlns=\"" REGINFO_NS
		   "\" version=\"");
	put_u32(w, version);
	put_str(w, full ? "\" state=\"full\">\n" : "\" state=\"partial\">\n");
	return w->err;
}

int reginfo_registration_begin(struct reginfo_writer *w, struct slice aor, struct slice id,
			       enum reginfo_reg_state state)
{
	if (w->err)
		return w->err;
	if (w->depth != 1)
		return w->err = REGINFO_E_ORDER;
	if (aor.len == 0 || id.len == 0 || (unsigned int)state > REGINFO_REG_TERMINATED)
		return w->err = REGINFO_E_VALUE;
	w->depth = 2;
	put_str(w, " <registration");
	put_attr(w, "aor", aor);
	put_attr(w, "id", id);
	put_attr(w, "state", slice_str(reginfo_reg_state_name(state)));
	put_str(w, ">\n");
	return w->err;
}

static bool contact_is_writable(const struct reginfo_contact *c)
{
	if (c->id.len == 0 || c->uri.len == 0 || !reginfo_event_fits(c->state, c->event))
		return false;
	if (c->event == REGINFO_EV_SHORTENED && !c->has_expires)
		return false;
	return c->event != REGINFO_EV_PROBATION || c->has_retry_after;
}

static void put_element(struct reginfo_writer *w, const char *name, struct slice text)
{
	put_str(w, "   <");
	put_str(w, name);
	put_str(w, ">");
	put_text(w, text);
	put_str(w, "</");
	put_str(w, name);
	put_str(w, ">\n");
}

static void put_params(struct reginfo_writer *w, const struct reginfo_contact *c)
{
	for (size_t i = 0; i < c->params_n; i++) {
		put_str(w, "   <unknown-param");
		put_attr(w, "name", c->params[i].name);
		put_str(w, ">");
		put_text(w, c->params[i].value);
		put_str(w, "</unknown-param>\n");
	}
}

/* RFC 5628 5: the element is temp-gruu with first-cseq (schema and examples; the prose of RFC 5627
 * differs). */
static void put_gruus(struct reginfo_writer *w, const struct reginfo_contact *c)
{
	if (c->pub_gruu.len > 0) {
		put_str(w, "   <gr:pub-gruu xmlns:gr=\"" REGINFO_NS_GRUU "\"");
		put_attr(w, "uri", c->pub_gruu);
		put_str(w, "/>\n");
	}
	if (c->temp_gruu.len > 0) {
		put_str(w, "   <gr:temp-gruu xmlns:gr=\"" REGINFO_NS_GRUU "\"");
		put_attr(w, "uri", c->temp_gruu);
		put_attr_u32(w, "first-cseq", true, c->temp_gruu_first_cseq);
		put_str(w, "/>\n");
	}
}

static void put_connection(struct reginfo_writer *w, const struct reginfo_contact *c)
{
	if (c->connection == REGINFO_CONN_NONE)
		return;
	put_str(w, "   <connection xmlns=\"" REGINFO_NS_SEAMLESS "\"");
	put_attr(w, "state", slice_str(reginfo_connection_name(c->connection)));
	put_attr_u32(w, "linger", c->connection == REGINFO_CONN_INACTIVE, c->linger);
	put_str(w, "/>\n");
}

int reginfo_contact_write(struct reginfo_writer *w, const struct reginfo_contact *c)
{
	if (w->err)
		return w->err;
	if (w->depth != 2)
		return w->err = REGINFO_E_ORDER;
	if (!contact_is_writable(c))
		return w->err = REGINFO_E_VALUE;
	put_str(w, "  <contact");
	put_attr(w, "id", c->id);
	put_attr(w, "state", slice_str(reginfo_contact_state_name(c->state)));
	put_attr(w, "event", slice_str(reginfo_event_name(c->event)));
	put_attr_u32(w, "duration-registered", c->has_duration, c->duration);
	put_attr_u32(w, "expires", c->has_expires, c->expires);
	put_attr_u32(w, "retry-after", c->has_retry_after, c->retry_after);
	put_optional(w, "q", c->q);
	put_optional(w, "callid", c->callid);
	put_attr_u32(w, "cseq", c->has_cseq, c->cseq);
	put_str(w, ">\n");
	put_element(w, "uri", c->uri);
	if (c->display_name.len > 0)
		put_element(w, "display-name", c->display_name);
	put_params(w, c);
	put_gruus(w, c);
	put_connection(w, c);
	put_str(w, "  </contact>\n");
	return w->err;
}

int reginfo_registration_end(struct reginfo_writer *w)
{
	if (w->err)
		return w->err;
	if (w->depth != 2)
		return w->err = REGINFO_E_ORDER;
	w->depth = 1;
	put_str(w, " </registration>\n");
	return w->err;
}

int reginfo_end(struct reginfo_writer *w, size_t *len)
{
	if (w->err)
		return w->err;
	if (w->depth != 1)
		return w->err = REGINFO_E_ORDER;
	put_str(w, "</reginfo>\n");
	if (w->err)
		return w->err;
	w->depth = 0;
	w->buf[w->len] = '\0';
	*len = w->len;
	return REGINFO_OK;
}

int reginfo_build(const struct reginfo_doc *doc, char *buf, size_t size, size_t *len)
{
	struct reginfo_writer w;

	reginfo_begin(&w, buf, size, doc->version, doc->full);
	for (size_t i = 0; i < doc->registrations_n; i++) {
		const struct reginfo_registration *r = &doc->registrations[i];

		reginfo_registration_begin(&w, r->aor, r->id, r->state);
		for (size_t k = 0; k < r->contacts_n; k++)
			reginfo_contact_write(&w, &r->contacts[k]);
		reginfo_registration_end(&w);
	}
	return reginfo_end(&w, len);
}
