/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/third_party_text.h"

#include <stdio.h>

#include "reginfo/writer.h"
#include "sip/header.h"
#include "sip/name_addr.h"
#include "sip/uri.h"

struct out {
	char *buf;
	size_t size, len;
};

static void put(struct out *o, struct slice s)
{
	if (s.len && o->len < o->size)
		memcpy(o->buf + o->len, s.p, s.len < o->size - o->len ? s.len : o->size - o->len);
	o->len += s.len;
}

static void put_text(struct out *o, const char *s)
{
	put(o, slice_str(s));
}

static void put_line(struct out *o, struct slice name, struct slice value)
{
	put(o, name);
	put_text(o, ": ");
	put(o, value);
	put_text(o, "\r\n");
}

/* ---- reading the phone's REGISTER ---- */

/* Behind the start line, and behind empty lines before it (RFC 3261 7.5). */
static struct slice lines_of(struct slice message)
{
	while (message.len && (*message.p == '\r' || *message.p == '\n')) {
		message.p++;
		message.len--;
	}
	(void)slice_cut(&message, '\n');
	return message;
}

/* Every instance, as it stands. */
static void put_copies(struct out *o, struct slice message, struct slice name)
{
	struct slice rest = lines_of(message), n, value;

	while (sip_header_next(&rest, &n, &value))
		if (value.p && slice_eq_nocase(n, name))
			put_line(o, name, value);
}

struct slice scscf_message_header(struct slice message, struct slice name, char *buf, size_t size)
{
	struct slice rest = lines_of(message), n, value, only = SLICE_NULL;
	size_t found = 0;
	struct out o = {buf, size, 0};

	while (sip_header_next(&rest, &n, &value)) {
		if (!value.p || !slice_eq_nocase(n, name))
			continue;
		if (found++)
			put(&o, SLICE_LIT(", "));
		put(&o, value);
		only = value;
	}
	if (found <= 1)
		return only;
	return o.len <= size ? slice_make(buf, o.len) : SLICE_NULL;
}

/* ---- header lines ---- */

/* The icid stays; the networks are ours and nobody's yet (TS 24.229 5.4.1.7). */
static void put_charging_vector(struct out *o, const struct scscf_third_party *p)
{
	static const struct slice header = SLICE_LIT("P-Charging-Vector");
	char list[1024], params[1026];
	struct slice value = scscf_message_header(p->request, header, list, sizeof(list)), rest,
		     name, v;
	const char *between = "";

	if (!p->orig_ioi.len || value.len > sizeof(list)) {
		put_copies(o, p->request, header);
		return;
	}
	if (!value.len)
		return;
	params[0] = ';';
	memcpy(params + 1, value.p, value.len);
	rest = slice_make(params, value.len + 1);
	put(o, header);
	put_text(o, ": ");
	while (sip_param_next(&rest, &name, &v) == 1) {
		if (slice_eq_nocase(name, SLICE_LIT("orig-ioi")) ||
		    slice_eq_nocase(name, SLICE_LIT("term-ioi")))
			continue;
		put_text(o, between);
		put(o, name);
		if (v.p) {
			put_text(o, "=");
			put(o, v);
		}
		between = ";";
	}
	put_text(o, between);
	put_text(o, "orig-ioi=\"");
	put(o, p->orig_ioi);
	put_text(o, "\"\r\n");
}

static void put_charging_functions(struct out *o, const struct scscf_third_party *p)
{
	bool any = false;

	for (int i = 0; i < 4; i++) {
		if (!p->charging[i].len)
			continue;
		put_text(o, any ? ";" : "P-Charging-Function-Addresses: ");
		put_text(o, i < 2 ? "ccf=\"" : "ecf=\"");
		put(o, p->charging[i]);
		put_text(o, "\"");
		any = true;
	}
	if (any)
		put_text(o, "\r\n");
}

/* Each in angle brackets, sip: and tel: alike (RFC 7315 4.1). */
static void put_associated(struct out *o, const struct scscf_third_party *p)
{
	for (size_t i = 0; i < p->identities_n; i++) {
		put_text(o, i ? ", <" : "P-Associated-URI: <");
		put(o, p->identities[i]);
		put_text(o, ">");
	}
	if (p->identities_n)
		put_text(o, "\r\n");
}

static void put_path(struct out *o, const struct scscf_third_party *p)
{
	put_text(o, "Path: <");
	put(o, p->own_uri);
	put_text(o, ";lr>\r\n");
	put_copies(o, p->request, SLICE_LIT("Path"));
}

/* ---- bodies ---- */

enum part { PART_SERVICE_INFO, PART_REQUEST, PART_RESPONSE, PARTS };

/* Only on registration and re-registration, and inside the trust domain. */
static bool has_part(const struct scscf_third_party *p, enum part part)
{
	if (p->form == SCSCF_THIRD_PARTY_SEED || !p->trusted ||
	    p->registration == SCSCF_REGISTRATION_DE)
		return false;
	switch (part) {
	case PART_SERVICE_INFO:
		return p->service_info.len > 0;
	case PART_REQUEST:
		return p->with_request && p->request.len;
	case PART_RESPONSE:
		return p->with_response && p->response.len;
	case PARTS:
		break;
	}
	return false;
}

static int parts(const struct scscf_third_party *p)
{
	return has_part(p, PART_SERVICE_INFO) + has_part(p, PART_REQUEST) +
	       has_part(p, PART_RESPONSE);
}

static const char *const types[PARTS] = {"application/3gpp-ims+xml", "message/sip", "message/sip"};

/* A string: what would be markup is escaped (TS 24.229 7.6). */
static void put_service_info(struct out *o, struct slice text)
{
	char buf[64];

	put_text(o, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
		    "<ims-3gpp version=\"1\"><service-info>");
	while (text.len) {
		size_t used, n = reginfo_escape(text, buf, sizeof(buf), &used);

		put(o, slice_make(buf, n));
		text = slice_make(text.p + used, text.len - used);
	}
	put_text(o, "</service-info></ims-3gpp>");
}

static bool is_secret(struct slice name)
{
	static const char *const secret[] = {"Authorization", "Proxy-Authorization",
					     "Authentication-Info"};

	for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
		if (slice_eq_nocase(name, slice_str(secret[i])))
			return true;
	return false;
}

/* As it came or went; without credentials, unless they are wanted: they are nobody's business. */
static void put_message(struct out *o, const struct scscf_third_party *p, struct slice message)
{
	struct slice rest = lines_of(message), name, value, before;

	if (p->credentials) {
		put(o, message);
		return;
	}
	put(o, slice_make(message.p, message.len - rest.len));
	for (before = rest; sip_header_next(&rest, &name, &value); before = rest)
		if (!is_secret(name))
			put(o, slice_make(before.p, before.len - rest.len));
	put(o, before);
}

static void put_part(struct out *o, const struct scscf_third_party *p, enum part part)
{
	switch (part) {
	case PART_SERVICE_INFO:
		put_service_info(o, p->service_info);
		break;
	case PART_REQUEST:
		put_message(o, p, p->request);
		break;
	case PART_RESPONSE:
		put_message(o, p, p->response);
		break;
	case PARTS:
		break;
	}
}

size_t scscf_third_party_body(const struct scscf_third_party *p, const char *boundary, char *buf,
			      size_t size)
{
	struct out o = {buf, size, 0};
	bool several = parts(p) > 1;

	for (enum part part = 0; part < PARTS; part++) {
		if (!has_part(p, part))
			continue;
		if (several) {
			put_text(&o, "--");
			put_text(&o, boundary);
			put_text(&o, "\r\nContent-Type: ");
			put_text(&o, types[part]);
			put_text(&o, "\r\n\r\n");
		}
		put_part(&o, p, part);
		if (several)
			put_text(&o, "\r\n");
	}
	if (several) {
		put_text(&o, "--");
		put_text(&o, boundary);
		put_text(&o, "--\r\n");
	}
	return o.len;
}

static bool occurs(const char *text, struct slice in)
{
	return in.len && memmem(in.p, in.len, text, strlen(text));
}

void scscf_third_party_boundary(const struct scscf_third_party *p,
				char out[SCSCF_THIRD_PARTY_BOUNDARY_MAX])
{
	unsigned n = 0;

	do
		snprintf(out, SCSCF_THIRD_PARTY_BOUNDARY_MAX, "ims-third-party-%u", n++);
	while (occurs(out, p->request) || occurs(out, p->response) || occurs(out, p->service_info));
}

static void put_content_type(struct out *o, const struct scscf_third_party *p, const char *boundary)
{
	if (parts(p) > 1) {
		put_text(o, "Content-Type: multipart/mixed;boundary=\"");
		put_text(o, boundary);
		put_text(o, "\"\r\n");
		return;
	}
	for (enum part part = 0; part < PARTS; part++)
		if (has_part(p, part))
			put_line(o, SLICE_LIT("Content-Type"), slice_str(types[part]));
}

/* ---- the three forms ---- */

/* The table's order. What the phone did not send stays away. */
static void put_seed(struct out *o, const struct scscf_third_party *p, size_t *number_at)
{
	static const char *const before[] = {"P-Access-Network-Info", "Path", "Require",
					     "P-Visited-Network-ID", "P-Charging-Vector"};
	char buf[16], number[32];
	struct slice hops =
	    scscf_message_header(p->request, SLICE_LIT("Max-Forwards"), buf, sizeof(buf));
	uint64_t n = 70;

	put_copies(o, p->request, SLICE_LIT("Via"));
	(void)slice_u64(hops, 255, &n);
	snprintf(number, sizeof(number), "%u", (unsigned)(n ? n - 1 : 0));
	put_line(o, SLICE_LIT("Max-Forwards"), slice_str(number));
	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		put_copies(o, p->request, slice_str(before[i]));
	put_text(o, "Contact: <");
	put(o, p->contact);
	put_text(o, ">;expires=");
	*number_at = o->len;
	put_text(o, "\r\n");
	put_copies(o, p->request, SLICE_LIT("Authorization"));
	put_copies(o, p->request, SLICE_LIT("Supported"));
}

size_t scscf_third_party_headers(const struct scscf_third_party *p, const char *boundary, char *buf,
				 size_t size, size_t *number_at)
{
	struct out o = {buf, size, 0};

	if (p->form == SCSCF_THIRD_PARTY_SEED) {
		put_seed(&o, p, number_at);
		return o.len;
	}
	put_text(&o, "Max-Forwards: 70\r\nContact: <");
	put(&o, p->own_uri);
	put_text(&o, ">\r\nExpires: ");
	*number_at = o.len;
	put_text(&o, "\r\n");
	if (p->form == SCSCF_THIRD_PARTY_STOCK) {
		put_text(&o, "Event: registration\r\n");
		put_path(&o, p);
		put_associated(&o, p);
	}
	if (p->trusted) {
		put_copies(&o, p->request, SLICE_LIT("P-Access-Network-Info"));
		put_copies(&o, p->request, SLICE_LIT("P-Visited-Network-ID"));
	}
	if (p->trusted && p->registration != SCSCF_REGISTRATION_DE) {
		put_charging_vector(&o, p);
		put_charging_functions(&o, p);
	}
	put_content_type(&o, p, boundary);
	return o.len;
}

bool scscf_third_party_trusted(struct slice server, struct slice list)
{
	struct sip_uri_parts u;

	if (!slice_trim(list).len)
		return true;
	if (sip_uri_parse(server, &u))
		return false;
	while (list.p) {
		struct slice one = slice_cut(&list, ' ');

		if (!one.len || one.len > u.host.len)
			continue;
		if (!slice_eq_nocase(one, slice_make(u.host.p + u.host.len - one.len, one.len)))
			continue;
		if (one.len == u.host.len || u.host.p[u.host.len - one.len - 1] == '.')
			return true;
	}
	return false;
}
