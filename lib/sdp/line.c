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

int sdp_mline_parse(struct slice value, struct slice wildcard, struct sdp_mline *out)
{
	struct slice count;
	uint64_t n = 0;

	out->media = cut_word(&value);
	count = cut_word(&value);
	out->port = slice_cut(&count, '/');
	out->proto = cut_word(&value);
	out->formats = value;
	if (!out->media.len || !out->proto.len)
		return SDP_E_SYNTAX;
	out->choose = is_wildcard(out->port, wildcard);
	if (!out->choose && slice_u64(out->port, UINT16_MAX, &n) < 0)
		return SDP_E_SYNTAX;
	out->port_number = (uint16_t)n;
	n = 1;
	if (count.p && (slice_u64(count, UINT16_MAX, &n) < 0 || n == 0))
		return SDP_E_SYNTAX;
	out->port_count = (uint16_t)n;
	return SDP_OK;
}

int sdp_connection_parse(struct slice value, struct slice wildcard, struct sdp_connection *out)
{
	struct slice host;
	bool four, six;

	if (!slice_eq_nocase(cut_word(&value), SLICE_LIT("IN")))
		return SDP_E_SYNTAX;
	out->address_type = cut_word(&value);
	out->address = slice_trim(value);
	out->ip = (struct netaddr){0};
	four = slice_eq_nocase(out->address_type, SLICE_LIT("IP4"));
	six = slice_eq_nocase(out->address_type, SLICE_LIT("IP6"));
	if (!out->address.len || memchr(out->address.p, ' ', out->address.len) ||
	    !(four || six || is_wildcard(out->address_type, wildcard)))
		return SDP_E_SYNTAX;
	host = out->address;
	host = slice_cut(&host, '/');
	if (netaddr_parse(host, &out->ip) == 0 &&
	    ((four && out->ip.family != 4) || (six && out->ip.family != 6)))
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
