/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ue/sip_msg.h"

const char *ue_sip_strerror(int err)
{
	switch (err) {
	case UE_SIP_OK:
		return "no error";
	case UE_SIP_E_SYNTAX:
		return "not SIP";
	case UE_SIP_E_TOO_BIG:
		return "too big";
	case UE_SIP_E_MISSING:
		return "a mandatory header is missing or unreadable";
	}
	return "unknown error";
}

/* RFC 3261 7.3.3 and the later compact forms that matter here. */
static const struct {
	char c;
	const char *name;
} compact[] = {
    {'v', "Via"},
    {'f', "From"},
    {'t', "To"},
    {'i', "Call-ID"},
    {'m', "Contact"},
    {'l', "Content-Length"},
    {'c', "Content-Type"},
    {'k', "Supported"},
    {'o', "Event"},
    {'u', "Allow-Events"},
    {'s', "Subject"},
    {'e', "Content-Encoding"},
    {'x', "Session-Expires"},
    {'r', "Refer-To"},
};

static struct slice long_name(struct slice name)
{
	if (name.len == 1)
		for (size_t i = 0; i < sizeof(compact) / sizeof(compact[0]); i++)
			if ((name.p[0] | 0x20) == compact[i].c)
				return slice_str(compact[i].name);
	return name;
}

static bool token_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c && strchr("-.!%*_+`'~", c));
}

static bool is_token(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!token_char(s.p[i]))
			return false;
	return s.len > 0;
}

/* Cut one line, with or without CR, off *rest; a line that is not ended counts too. */
static struct slice cut_line(struct slice *rest)
{
	struct slice line = slice_cut(rest, '\n');

	if (line.len && line.p[line.len - 1] == '\r')
		line.len--;
	return line;
}

static int parse_start(struct slice line, struct ue_sip_msg *m)
{
	struct slice rest = line, first = slice_cut(&rest, ' '), second = slice_cut(&rest, ' ');
	uint64_t code;

	m->start = line;
	if (slice_eq_nocase(first, SLICE_LIT("SIP/2.0"))) {
		if (second.len != 3 || slice_u64(second, 699, &code) != 0 || code < 100)
			return UE_SIP_E_SYNTAX;
		m->code = (int)code;
		m->reason = rest;
		return UE_SIP_OK;
	}
	if (!is_token(first) || second.len == 0 || !slice_eq_nocase(rest, SLICE_LIT("SIP/2.0")))
		return UE_SIP_E_SYNTAX;
	m->request = true;
	m->method = first;
	m->ruri = second;
	return UE_SIP_OK;
}

static int parse_headers(struct slice *rest, struct ue_sip_msg *m)
{
	while (rest->len) {
		struct slice line = cut_line(rest), name, value = line;

		if (line.len == 0)
			return UE_SIP_OK;
		if (line.p[0] == ' ' || line.p[0] == '\t') {
			if (m->n == 0)
				return UE_SIP_E_SYNTAX;
			m->headers[m->n - 1].value.len =
			    (size_t)(line.p + line.len - m->headers[m->n - 1].value.p);
			continue;
		}
		if (!memchr(line.p, ':', line.len))
			return UE_SIP_E_SYNTAX;
		name = slice_trim(slice_cut(&value, ':'));
		if (!is_token(name))
			return UE_SIP_E_SYNTAX;
		if (m->n == UE_SIP_HEADERS_MAX)
			return UE_SIP_E_TOO_BIG;
		value = slice_trim(value);
		if (!value.p || value.len == 0)
			value = slice_make(line.p + line.len, 0);
		m->headers[m->n++] = (struct ue_sip_header){long_name(name), value};
	}
	return UE_SIP_OK;
}

/* "SIP/2.0/UDP host:port;branch=..." */
static void parse_via(struct ue_sip_msg *m)
{
	struct slice via[1], rest, branch;

	if (ue_sip_values(m, "Via", via, 1) != 1)
		return;
	rest = via[0];
	m->sent_by = slice_trim(slice_cut(&rest, ';'));
	for (size_t i = m->sent_by.len; i > 0; i--)
		if (m->sent_by.p[i - 1] == ' ' || m->sent_by.p[i - 1] == '\t') {
			m->sent_by = slice_make(m->sent_by.p + i, m->sent_by.len - i);
			break;
		}
	if (ue_sip_param(rest, "branch", &branch))
		m->branch = branch;
}

static int mandatory(struct ue_sip_msg *m)
{
	struct slice cseq = ue_sip_header(m, "CSeq", 0), number, from = ue_sip_header(m, "From", 0),
		     to = ue_sip_header(m, "To", 0);
	struct ue_sip_addr a;
	uint64_t n;
	int err = UE_SIP_OK;

	m->callid = ue_sip_header(m, "Call-ID", 0);
	parse_via(m);
	number = slice_cut(&cseq, ' ');
	cseq = slice_trim(cseq);
	if (slice_u64(number, UINT32_MAX, &n) != 0 || !is_token(cseq))
		err = UE_SIP_E_MISSING;
	else
		m->cseq = (uint32_t)n;
	if (!m->request)
		m->method = cseq;
	else if (!slice_eq(m->method, cseq))
		err = UE_SIP_E_MISSING;
	if (!from.p || ue_sip_addr_parse(from, &a) != 0)
		err = UE_SIP_E_MISSING;
	else
		ue_sip_param(a.params, "tag", &m->from_tag);
	if (!to.p || ue_sip_addr_parse(to, &a) != 0)
		err = UE_SIP_E_MISSING;
	else
		ue_sip_param(a.params, "tag", &m->to_tag);
	if (m->callid.len == 0 || m->sent_by.len == 0)
		err = UE_SIP_E_MISSING;
	return err;
}

int ue_sip_parse(struct slice raw, struct ue_sip_msg *m)
{
	struct slice rest = raw, length;
	uint64_t n;
	int err;

	*m = (struct ue_sip_msg){.raw = raw};
	if (raw.len > UE_SIP_MESSAGE_MAX)
		return UE_SIP_E_TOO_BIG;
	err = parse_start(cut_line(&rest), m);
	if (err)
		return err;
	err = parse_headers(&rest, m);
	if (err)
		return err;
	m->body = rest;
	length = ue_sip_header(m, "Content-Length", 0);
	if (length.p) {
		if (slice_u64(length, UE_SIP_MESSAGE_MAX, &n) != 0 || n > rest.len)
			return UE_SIP_E_SYNTAX;
		m->body.len = (size_t)n;
	}
	return mandatory(m);
}

struct slice ue_sip_header(const struct ue_sip_msg *m, const char *name, unsigned nth)
{
	for (unsigned i = 0; i < m->n; i++)
		if (slice_eq_nocase(m->headers[i].name, slice_str(name)) && nth-- == 0)
			return m->headers[i].value;
	return SLICE_NULL;
}

bool ue_sip_list_next(struct slice *rest, struct slice *item)
{
	bool quoted = false, angle = false;
	size_t i;

	if (!rest->p || slice_trim(*rest).len == 0)
		return false;
	for (i = 0; i < rest->len; i++) {
		char c = rest->p[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && c == '<')
			angle = true;
		else if (!quoted && c == '>')
			angle = false;
		else if (c == ',' && !quoted && !angle)
			break;
	}
	if (i > rest->len)
		i = rest->len;
	*item = slice_trim(slice_make(rest->p, i));
	*rest = i < rest->len ? slice_make(rest->p + i + 1, rest->len - i - 1) : SLICE_NULL;
	return true;
}

unsigned ue_sip_values(const struct ue_sip_msg *m, const char *name, struct slice *out,
		       unsigned max)
{
	unsigned n = 0;

	for (unsigned i = 0; i < m->n && n < max; i++) {
		struct slice rest = m->headers[i].value, item;

		if (!slice_eq_nocase(m->headers[i].name, slice_str(name)))
			continue;
		while (n < max && ue_sip_list_next(&rest, &item))
			if (item.len)
				out[n++] = item;
	}
	return n;
}

bool ue_sip_has_tag(const struct ue_sip_msg *m, const char *name, struct slice tag)
{
	struct slice tags[UE_SIP_VALUES_MAX];
	unsigned n = ue_sip_values(m, name, tags, UE_SIP_VALUES_MAX);

	for (unsigned i = 0; i < n; i++)
		if (slice_eq_nocase(tags[i], tag))
			return true;
	return false;
}
