/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp/line.h"

const char *sdp_strerror(int err)
{
	static const char *const texts[] = {"no error", "bad syntax", "too many lines",
					    "not enough room", "value cannot stand there"};

	return err <= 0 && err >= SDP_E_VALUE ? texts[-err] : "unknown error";
}

int sdp_line_next(struct slice *rest, struct sdp_line *out)
{
	const char *lf, *cr;
	size_t n, end;

	if (!rest->len)
		return 0;
	lf = memchr(rest->p, '\n', rest->len);
	n = lf ? (size_t)(lf - rest->p) : rest->len;
	cr = memchr(rest->p, '\r', n);
	end = n + (lf != NULL);
	if (cr) {
		n = (size_t)(cr - rest->p);
		end = lf == cr + 1 ? n + 2 : n + 1;
	}
	out->raw = slice_make(rest->p, end);
	rest->p += end;
	rest->len -= end;
	out->type = 0;
	out->value = slice_make(out->raw.p, 0);
	if (!n)
		return 1;
	if (n < 2 || out->raw.p[1] != '=' || out->raw.p[0] < 'a' || out->raw.p[0] > 'z')
		return SDP_E_SYNTAX;
	out->type = out->raw.p[0];
	out->value = slice_make(out->raw.p + 2, n - 2);
	return 1;
}

struct sdp_attr sdp_attr_split(struct slice value)
{
	struct sdp_attr a = {.value = value};

	a.name = slice_cut(&a.value, ':');
	if (a.value.p)
		a.value = slice_trim(a.value);
	return a;
}

/* The first word of *s; the blanks behind it are cut off, too. */
static struct slice cut_word(struct slice *s)
{
	const char *p = s->p, *end = s->p + s->len;
	struct slice word;

	while (p < end && *p != ' ')
		p++;
	word = slice_make(s->p, (size_t)(p - s->p));
	while (p < end && *p == ' ')
		p++;
	*s = slice_make(p, (size_t)(end - p));
	return word;
}

static bool is_wildcard(struct slice s, struct slice wildcard)
{
	return wildcard.len && slice_eq(s, wildcard);
}

/* A port or a count of them. */
static inline int number16(struct slice s, uint16_t *out)
{
	uint32_t n = 0;

	if (s.len == 0 || s.len > 9)
		return -1;
	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned)((unsigned char)s.p[i] - '0');

		if (digit > 9)
			return -1;
		n = n * 10 + digit;
	}
	*out = (uint16_t)n;
	return n > UINT16_MAX ? -1 : 0;
}

int sdp_mline_parse(struct slice value, struct slice wildcard, struct sdp_mline *out)
{
	struct slice count;

	out->media = cut_word(&value);
	count = cut_word(&value);
	out->port = slice_cut(&count, '/');
	out->proto = cut_word(&value);
	out->formats = value;
	if (!out->media.len || !out->proto.len)
		return SDP_E_SYNTAX;
	out->choose = is_wildcard(out->port, wildcard);
	out->port_number = 0;
	out->port_count = 1;
	if (!out->choose && number16(out->port, &out->port_number) < 0)
		return SDP_E_SYNTAX;
	if (count.p && (number16(count, &out->port_count) < 0 || out->port_count == 0))
		return SDP_E_SYNTAX;
	return SDP_OK;
}

/* Two or three letters, without regard to case. */
static inline bool is_word(struct slice s, const char *word, size_t n)
{
	if (s.len != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((s.p[i] | 0x20) != word[i])
			return false;
	return true;
}

int sdp_connection_split(struct slice value, struct slice wildcard, struct sdp_connection *out)
{
	if (!is_word(cut_word(&value), "in", 2))
		return SDP_E_SYNTAX;
	out->address_type = cut_word(&value);
	out->address = cut_word(&value);
	out->ip = (struct netaddr){0};
	if (!out->address.len || value.len ||
	    !(is_word(out->address_type, "ip4", 3) || is_word(out->address_type, "ip6", 3) ||
	      is_wildcard(out->address_type, wildcard)))
		return SDP_E_SYNTAX;
	return SDP_OK;
}

int sdp_connection_parse(struct slice value, struct slice wildcard, struct sdp_connection *out)
{
	struct slice host;

	if (sdp_connection_split(value, wildcard, out) != SDP_OK)
		return SDP_E_SYNTAX;
	host = out->address;
	host = slice_cut(&host, '/');
	if (netaddr_parse(host, &out->ip) == 0 && !is_wildcard(out->address_type, wildcard) &&
	    out->ip.family != (is_word(out->address_type, "ip4", 3) ? 4 : 6))
		return SDP_E_SYNTAX;
	return SDP_OK;
}

static const char *const directions[] = {"inactive", "sendonly", "recvonly", "sendrecv"};

const char *sdp_direction_name(enum sdp_direction d)
{
	return directions[d & 3];
}

int sdp_direction_parse(struct slice name, enum sdp_direction *out)
{
	for (int i = 0; i < 4; i++)
		if (slice_eq(name, slice_str(directions[i]))) {
			*out = (enum sdp_direction)i;
			return 0;
		}
	return -1;
}

enum sdp_direction sdp_direction_answer(enum sdp_direction offered)
{
	/* What the other end sends, this end receives. */
	return (enum sdp_direction)((offered & SDP_DIR_SENDONLY ? SDP_DIR_RECVONLY : 0) |
				    (offered & SDP_DIR_RECVONLY ? SDP_DIR_SENDONLY : 0));
}

static const char *const setups[SDP_SETUPS] = {"active", "passive", "actpass", "holdconn"};

const char *sdp_setup_name(enum sdp_setup s)
{
	return (unsigned)s < SDP_SETUPS ? setups[s] : "?";
}

int sdp_setup_parse(struct slice value, enum sdp_setup *out)
{
	for (int i = 0; i < SDP_SETUPS; i++)
		if (slice_eq_nocase(slice_trim(value), slice_str(setups[i]))) {
			*out = (enum sdp_setup)i;
			return 0;
		}
	return -1;
}
