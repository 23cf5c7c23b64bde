/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/core/message.h"

#include <stdio.h>

#include "sip/header.h"
#include "sip/multipart.h"
#include "sip/name_addr.h"

static bool is(struct slice name, const char *wanted, char compact)
{
	return slice_eq_nocase(name, slice_str(wanted)) ||
	       (compact && name.len == 1 && (name.p[0] | 0x20) == compact);
}

static int party(struct slice value, struct slice *uri, struct slice *tag)
{
	struct sip_name_addr a;

	if (uri->p || sip_name_addr_parse(value, &a) ||
	    sip_param_get(a.params, SLICE_LIT("tag"), tag) < 0)
		return -1;
	*uri = a.uri;
	return 0;
}

static int elements(struct slice value, struct slice *list, size_t *n)
{
	struct sip_name_addr a;
	int rc;

	while ((rc = sip_name_addr_next(&value, &a)) == 1) {
		if (*n == VCC_MESSAGE_ROUTES_MAX)
			return -1;
		list[(*n)++] = a.all;
	}
	return rc;
}

static int number(struct slice value, struct vcc_message *m)
{
	struct slice digits = slice_cut(&value, ' ');
	uint64_t n;

	if (m->cseq || slice_u64(digits, UINT32_MAX, &n) || !n)
		return -1;
	m->cseq = (uint32_t)n;
	if (!m->request)
		m->method = slice_trim(value);
	return m->method.len ? 0 : -1;
}

static void first_uri(struct slice value, struct slice *uri)
{
	struct sip_name_addr a;

	if (!uri->p && sip_name_addr_next(&value, &a) == 1)
		*uri = a.uri;
}

static int field(struct slice name, struct slice value, struct vcc_message *m)
{
	if (is(name, "From", 'f'))
		return party(value, &m->from_uri, &m->from_tag);
	if (is(name, "To", 't'))
		return party(value, &m->to_uri, &m->to_tag);
	if (is(name, "Call-ID", 'i')) {
		if (m->call_id.p)
			return -1;
		m->call_id = value;
	} else if (is(name, "CSeq", 0)) {
		return number(value, m);
	} else if (is(name, "Route", 0)) {
		return elements(value, m->route, &m->routes);
	} else if (is(name, "Record-Route", 0)) {
		return elements(value, m->recorded, &m->recorded_n);
	} else if (is(name, "Contact", 'm')) {
		first_uri(value, &m->contact);
	} else if (is(name, "P-Asserted-Identity", 0)) {
		first_uri(value, &m->asserted);
	} else if (is(name, "P-Served-User", 0)) {
		first_uri(value, &m->served);
	} else if (is(name, "Content-Type", 'c')) {
		if (m->type.p)
			return -1;
		m->type = value;
	}
	return 0;
}

static int first_line(struct slice line, struct vcc_message *m)
{
	struct slice word = slice_cut(&line, ' ');
	uint64_t code;

	m->request = !slice_eq(word, SLICE_LIT("SIP/2.0"));
	if (m->request) {
		m->method = word;
		m->uri = slice_cut(&line, ' ');
		return m->uri.len ? 0 : -1;
	}
	if (slice_u64(slice_cut(&line, ' '), 699, &code) || code < 100)
		return -1;
	m->code = (unsigned)code;
	m->reason = line;
	return 0;
}

int vcc_message_read(struct slice text, struct vcc_message *out)
{
	struct slice rest = text, name, value;

	memset(out, 0, sizeof(*out));
	while (rest.len && (*rest.p == '\r' || *rest.p == '\n'))
		rest = slice_make(rest.p + 1, rest.len - 1);
	if (first_line(slice_trim(slice_cut(&rest, '\n')), out) || !rest.p)
		return -1;
	out->headers = rest;
	while (sip_header_next(&rest, &name, &value))
		if (!value.p || field(name, value, out))
			return -1;
	out->headers.len -= rest.len;
	out->body = rest;
	out->is_sdp = out->body.len && sip_media_type_is(out->type, "application/sdp");
	return out->call_id.len && out->from_uri.len && out->to_uri.len && out->from_tag.len &&
		       out->cseq
		   ? 0
		   : -1;
}

static bool stays(struct slice name)
{
	static const struct {
		const char *name;
		char compact;
	} list[] = {{"Via", 'v'},
		    {"Route", 0},
		    {"Record-Route", 0},
		    {"From", 'f'},
		    {"To", 't'},
		    {"Call-ID", 'i'},
		    {"CSeq", 0},
		    {"Contact", 'm'},
		    {"Content-Length", 'l'},
		    {"Authorization", 0},
		    {"Proxy-Authorization", 0},
		    {"User-Agent", 0},
		    {"Server", 0},
		    {"RAck", 0}};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (is(name, list[i].name, list[i].compact))
			return true;
	return false;
}

struct out {
	char *buf;
	size_t size, len;
};

static void put(struct out *o, struct slice s)
{
	if (o->len + s.len <= o->size && s.len)
		memcpy(o->buf + o->len, s.p, s.len);
	o->len += s.len;
}

/* "1 314 INVITE": the second number is that of our INVITE on the other side. */
static void put_rack(struct out *o, struct slice value, uint32_t cseq)
{
	struct slice rseq = slice_cut(&value, ' '), old = slice_cut(&value, ' ');
	char digits[16];

	snprintf(digits, sizeof(digits), " %u ", cseq);
	put(o, SLICE_LIT("RAck: "));
	put(o, rseq);
	if (cseq) {
		put(o, slice_str(digits));
	} else {
		put(o, SLICE_LIT(" "));
		put(o, old);
		put(o, SLICE_LIT(" "));
	}
	put(o, value);
	put(o, SLICE_LIT("\r\n"));
}

size_t vcc_message_pass(const struct vcc_message *m, uint32_t rack_cseq, char *buf, size_t size)
{
	struct slice rest = m->headers, name, value;
	struct out o = {buf, size, 0};

	while (sip_header_next(&rest, &name, &value)) {
		if (is(name, "RAck", 0)) {
			put_rack(&o, value, rack_cseq);
			continue;
		}
		if (stays(name))
			continue;
		put(&o, name);
		put(&o, SLICE_LIT(": "));
		put(&o, value);
		put(&o, SLICE_LIT("\r\n"));
	}
	return o.len;
}
