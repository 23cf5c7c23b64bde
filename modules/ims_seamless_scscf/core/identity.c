/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/identity.h"
#include "sip/uri.h"

#include <stdio.h>

/* Room for one identity being written. */
struct writer {
	char *buf;
	size_t len;
	bool full;
};

static void put(struct writer *w, char c)
{
	if (w->len == SCSCF_IDENTITY_MAX)
		w->full = true;
	else
		w->buf[w->len++] = c;
}

static void put_lower(struct writer *w, struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		put(w, s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20) : s.p[i]);
}

static int finish(const struct writer *w, struct slice *out)
{
	if (w->full || !w->len)
		return -1;
	*out = slice_make(w->buf, w->len);
	return 0;
}

/* The octet that %XX at s.p + i stands for, or -1. */
static int escaped(struct slice s, size_t i)
{
	uint8_t octet;

	if (s.p[i] != '%' || i + 2 >= s.len || slice_hex(slice_make(s.p + i + 1, 2), &octet, 1))
		return -1;
	return octet;
}

/* RFC 3261 25.1: unreserved. Other escapes must stay, but are written in one way. */
static bool is_unreserved(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && c < 0x80 && strchr("-_.!~*'()", c) != NULL);
}

static void put_user(struct writer *w, struct slice user)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < user.len; i++) {
		int c = escaped(user, i);

		if (c < 0) {
			put(w, user.p[i]);
			continue;
		}
		if (is_unreserved(c)) {
			put(w, (char)c);
		} else {
			put(w, '%');
			put(w, digits[c >> 4]);
			put(w, digits[c & 15]);
		}
		i += 2;
	}
}

static bool is_tel(struct slice uri)
{
	return uri.len > 4 && slice_eq_nocase(slice_make(uri.p, 4), SLICE_LIT("tel:"));
}

/* RFC 3966 3: visual separators say nothing; of the parameters only a local number's context
 * counts. */
static int tel_key(struct slice number, struct writer *w, struct slice *out)
{
	struct slice rest = number, digits = slice_cut(&rest, ';'), item, name;

	put_lower(w, SLICE_LIT("tel:"));
	for (size_t i = 0; i < digits.len; i++)
		if (!strchr("-.()", digits.p[i]) || !digits.p[i])
			put(w, digits.p[i]);
	if (w->len == 4)
		return -1;
	while (digits.p[0] != '+' && rest.p && rest.len) {
		item = slice_cut(&rest, ';');
		name = item;
		if (slice_eq_nocase(slice_cut(&name, '='), SLICE_LIT("phone-context"))) {
			put(w, ';');
			put_lower(w, item);
		}
	}
	return finish(w, out);
}

/* Letters, digits and marks that mean themselves; a host has neither capitals, _ nor +. */
static bool is_plain(char c, bool in_host)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
	       (!in_host && ((c >= 'A' && c <= 'Z') || c == '_' || c == '+'));
}

static size_t skip_plain(struct slice uri, size_t i, bool in_host)
{
	while (i < uri.len && is_plain(uri.p[i], in_host))
		i++;
	return i;
}

/*
 * sip:user@host as nearly every identity is written: it is its own canonical form. A REGISTER asks
 * for some twenty, so these are not taken apart.
 */
static bool is_canonical(struct slice uri)
{
	size_t at;

	if (uri.len <= 4 || uri.len > SCSCF_IDENTITY_MAX || memcmp(uri.p, "sip:", 4) != 0)
		return false;
	at = skip_plain(uri, 4, false);
	return at > 4 && at + 1 < uri.len && uri.p[at] == '@' &&
	       skip_plain(uri, at + 1, true) == uri.len;
}

int scscf_identity_key(struct slice uri, char buf[SCSCF_IDENTITY_MAX], struct slice *out)
{
	struct writer w = {buf, 0, false};
	struct sip_uri_parts u;
	char port[8];

	if (is_canonical(uri)) {
		memcpy(buf, uri.p, uri.len);
		*out = slice_make(buf, uri.len);
		return 0;
	}
	if (is_tel(uri))
		return tel_key(slice_make(uri.p + 4, uri.len - 4), &w, out);
	if (sip_uri_parse(uri, &u)) {
		for (size_t i = 0; i < uri.len; i++)
			put(&w, uri.p[i]);
		return finish(&w, out);
	}
	put_lower(&w, u.scheme);
	put(&w, ':');
	put_user(&w, u.user);
	if (u.user.len)
		put(&w, '@');
	put_lower(&w, u.host);
	if (u.port) {
		int n = snprintf(port, sizeof(port), ":%u", (unsigned)u.port);

		put_lower(&w, slice_make(port, (size_t)n));
	}
	return finish(&w, out);
}

int scscf_identity_tel(struct slice uri, char buf[SCSCF_IDENTITY_MAX], struct slice *out)
{
	struct writer w = {buf, 0, false};
	struct sip_uri_parts u;
	struct slice value;
	bool phone;

	if (sip_uri_parse(uri, &u) || !u.user.len)
		return 0;
	phone = sip_uri_param(&u, SLICE_LIT("user"), &value) == 1 &&
		slice_eq_nocase(value, SLICE_LIT("phone"));
	if (u.user.p[0] != '+' || (!phone && u.user.len < 2))
		return 0;
	return tel_key(u.user, &w, out) ? 0 : 1;
}
