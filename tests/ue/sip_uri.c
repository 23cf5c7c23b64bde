/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inner parts of header values: name-addr, parameters, URIs; and the framing of a stream. */
#include "ue/sip_msg.h"

/* Index just after the quoted string that starts at i, or s.len + 1 if it has no end. */
static size_t skip_quoted(struct slice s, size_t i)
{
	for (i++; i < s.len; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return i + 1;
	}
	return s.len + 1;
}

static struct slice after(struct slice s, size_t i)
{
	return i < s.len ? slice_make(s.p + i, s.len - i) : slice_make(s.p + s.len, 0);
}

int ue_sip_addr_parse(struct slice value, struct ue_sip_addr *out)
{
	struct slice s = slice_trim(value), rest;
	const char *end;
	size_t i = 0;

	while (i < s.len && s.p[i] != '<' && s.p[i] != ';') {
		i = s.p[i] == '"' ? skip_quoted(s, i) : i + 1;
		if (i > s.len)
			return UE_SIP_E_SYNTAX;
	}
	if (i < s.len && s.p[i] == '<') {
		end = memchr(s.p + i, '>', s.len - i);
		if (!end)
			return UE_SIP_E_SYNTAX;
		out->uri = slice_trim(slice_make(s.p + i + 1, (size_t)(end - s.p) - i - 1));
		rest = slice_trim(after(s, (size_t)(end - s.p) + 1));
	} else {
		out->uri = slice_trim(slice_make(s.p, i));
		rest = after(s, i);
	}
	if (out->uri.len == 0 || !memchr(out->uri.p, ':', out->uri.len)) {
		if (!slice_eq(out->uri, SLICE_LIT("*")))
			return UE_SIP_E_SYNTAX;
	}
	if (rest.len && rest.p[0] != ';')
		return UE_SIP_E_SYNTAX;
	out->params = rest.len ? after(rest, 1) : rest;
	return UE_SIP_OK;
}

bool ue_sip_param(struct slice params, const char *name, struct slice *value)
{
	size_t i = 0;

	while (i < params.len) {
		size_t start = i, eq = params.len;
		struct slice key, val;

		while (i < params.len && params.p[i] != ';') {
			if (params.p[i] == '=' && eq == params.len)
				eq = i;
			if (params.p[i] == '"') {
				i = skip_quoted(params, i);
				if (i > params.len)
					return false;
			} else {
				i++;
			}
		}
		key = slice_trim(slice_make(params.p + start, (eq < i ? eq : i) - start));
		val = eq < i ? slice_trim(slice_make(params.p + eq + 1, i - eq - 1)) : SLICE_NULL;
		if (slice_eq_nocase(key, slice_str(name))) {
			if (val.len >= 2 && val.p[0] == '"' && val.p[val.len - 1] == '"')
				val = slice_make(val.p + 1, val.len - 2);
			if (value)
				*value = val;
			return true;
		}
		i++;
	}
	return false;
}

/* host, [v6], either with :port. */
static int host_port(struct slice s, struct slice *host, uint16_t *port)
{
	struct slice rest = s;
	uint64_t n = 0;

	if (s.len && s.p[0] == '[') {
		const char *end = memchr(s.p, ']', s.len);

		if (!end)
			return UE_SIP_E_SYNTAX;
		*host = slice_make(s.p + 1, (size_t)(end - s.p) - 1);
		rest = after(s, (size_t)(end - s.p) + 1);
		if (rest.len && rest.p[0] != ':')
			return UE_SIP_E_SYNTAX;
		rest = rest.len ? after(rest, 1) : SLICE_NULL;
	} else {
		*host = slice_cut(&rest, ':');
	}
	if (host->len == 0)
		return UE_SIP_E_SYNTAX;
	if (rest.p && (slice_u64(rest, 65535, &n) != 0 || n == 0))
		return UE_SIP_E_SYNTAX;
	*port = (uint16_t)n;
	return UE_SIP_OK;
}

int ue_sip_uri_parse(struct slice s, struct ue_sip_uri *out)
{
	struct slice rest = s, scheme, hostpart;
	const char *at;

	scheme = slice_cut(&rest, ':');
	if (!rest.p || !(slice_eq_nocase(scheme, SLICE_LIT("sip")) ||
			 slice_eq_nocase(scheme, SLICE_LIT("sips"))))
		return UE_SIP_E_SYNTAX;
	*out = (struct ue_sip_uri){0};
	at = memchr(rest.p, '@', rest.len);
	if (at) {
		out->user = slice_make(rest.p, (size_t)(at - rest.p));
		rest = after(rest, out->user.len + 1);
		out->user = slice_cut(&out->user, ':');
	}
	if (memchr(rest.p, '?', rest.len))
		rest = slice_cut(&rest, '?');
	hostpart = slice_cut(&rest, ';');
	out->params = rest;
	return host_port(hostpart, &out->host, &out->port);
}

enum ue_sip_frame ue_sip_frame(struct slice buf, size_t *len)
{
	struct slice rest = buf, line;
	uint64_t body = 0;
	size_t i = 0;

	while (i < buf.len && (buf.p[i] == '\r' || buf.p[i] == '\n'))
		i++;
	if (i) {
		*len = i;
		return UE_SIP_FRAME_KEEPALIVE;
	}
	while (rest.p && rest.len) {
		const char *nl = memchr(rest.p, '\n', rest.len);

		if (!nl)
			break;
		line = slice_trim(slice_cut(&rest, '\n'));
		if (line.len == 0) {
			size_t head = rest.p ? (size_t)(rest.p - buf.p) : buf.len;

			if (head + body > UE_SIP_MESSAGE_MAX)
				return UE_SIP_FRAME_BAD;
			if (buf.len < head + body)
				return UE_SIP_FRAME_MORE;
			*len = head + (size_t)body;
			return UE_SIP_FRAME_MESSAGE;
		}
		if (memchr(line.p, ':', line.len)) {
			struct slice value = line, name = slice_trim(slice_cut(&value, ':'));

			if ((slice_eq_nocase(name, SLICE_LIT("Content-Length")) ||
			     slice_eq_nocase(name, SLICE_LIT("l"))) &&
			    slice_u64(slice_trim(value), UE_SIP_MESSAGE_MAX, &body) != 0)
				return UE_SIP_FRAME_BAD;
		}
	}
	return buf.len > UE_SIP_MESSAGE_MAX ? UE_SIP_FRAME_BAD : UE_SIP_FRAME_MORE;
}
