/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kamailio's parsed messages as slices for core/. */
#include "modules/ims_seamless_scscf/glue.h"
#include "../../core/forward.h"
#include "../../core/parser/digest/digest.h"
#include "../../core/parser/parse_cseq.h"
#include "../../core/parser/parse_expires.h"
#include "../../core/parser/parse_from.h"
#include "../../core/parser/parse_to.h"
#include "../../core/parser/parse_uri.h"
#include "../../core/parser/parse_via.h"

#include "modules/common/headers.h"
#include "sip/option_tags.h"
#include "sip/uri.h"

struct slice read_header_list(struct sip_msg *msg, enum _hdr_types_t type, struct scscf_arena *a)
{
	struct hdr_field *h;
	struct slice only = SLICE_NULL;
	size_t len = 0, n = 0, at = 0;
	char *buf;

	if (kam_headers_parse(msg))
		return SLICE_NULL;
	for (h = msg->headers; h; h = h->next) {
		if (h->type != type || h->body.len <= 0)
			continue;
		only = slice_trim(slice_of(h->body));
		len += only.len + 1;
		n++;
	}
	if (n <= 1)
		return only;
	buf = scscf_arena_alloc(a, len);
	if (!buf)
		return SLICE_NULL;
	for (h = msg->headers; h; h = h->next) {
		struct slice body = slice_trim(slice_of(h->body));

		if (h->type != type || !body.len)
			continue;
		if (at)
			buf[at++] = ',';
		memcpy(buf + at, body.p, body.len);
		at += body.len;
	}
	return slice_make(buf, at);
}

int read_dialog_ids(struct sip_msg *msg, struct dialog_ids *out)
{
	struct to_body *from, *to;
	struct cseq_body *cseq;
	uint64_t number;
	struct slice to_body;
	struct sip_name_addr na;

	memset(out, 0, sizeof(*out));
	if (kam_headers_parse(msg) || !msg->callid || !msg->cseq || !msg->to || !msg->from)
		return -1;
	if (parse_from_header(msg) < 0 || parse_to_header(msg) < 0)
		return -1;
	from = get_from(msg);
	to = get_to(msg);
	cseq = get_cseq(msg);
	if (!from || !to || !cseq || slice_u64(slice_of(cseq->number), 0xffffffffu, &number))
		return -1;
	out->call_id = slice_trim(slice_of(msg->callid->body));
	out->from_uri = slice_of(from->uri);
	out->from_tag = slice_of(from->tag_value);
	out->to_uri = slice_of(to->uri);
	out->to_tag = slice_of(to->tag_value);
	out->cseq = (uint32_t)number;
	to_body = slice_trim(slice_of(msg->to->body));
	if (sip_name_addr_parse(to_body, &na))
		return -1;
	out->to_params = na.params;
	return out->call_id.len && out->from_uri.len && out->to_uri.len ? 0 : -1;
}

struct slice read_contact_uri(struct sip_msg *msg)
{
	struct sip_name_addr na;
	struct slice body;

	if (kam_headers_parse(msg) || !msg->contact)
		return SLICE_NULL;
	body = slice_of(msg->contact->body);
	return sip_name_addr_next(&body, &na) == 1 ? na.uri : SLICE_NULL;
}

/* The Via of the UE is the last one. */
static void read_bottom_via(struct sip_msg *msg, struct scscf_register_request *rq)
{
	struct via_body *last = NULL;

	for (struct hdr_field *h = msg->headers; h; h = h->next)
		if (h->type == HDR_VIA_T && h->parsed)
			for (struct via_body *v = h->parsed; v; v = v->next)
				last = v;
	if (!last || last == msg->via1)
		return; /* one hop only: no P-CSCF stands between, nothing can be compared */
	rq->via_host = slice_of(last->host);
	if (last->received)
		rq->via_received = slice_of(last->received->value);
}

/*
 * Path as it will be used as a Route: every entry must be a loose router's URI in angle brackets that
 * Kamailio's own parser takes, too. Names, header parameters and white space go. 0 or -1.
 */
static int canonical_path(struct slice path, struct scscf_arena *a, struct slice *out)
{
	struct slice rest = path;
	struct sip_name_addr hop;
	char *buf = path.len ? scscf_arena_alloc(a, path.len + 1) : NULL;
	size_t at = 0;
	sip_uri_t uri;
	int rc;

	*out = SLICE_NULL;
	if (!path.len)
		return 0;
	if (!buf)
		return -1;
	while ((rc = sip_name_addr_next(&rest, &hop)) == 1) {
		if (!hop.brackets || parse_uri((char *)hop.uri.p, (int)hop.uri.len, &uri) < 0 ||
		    !uri.lr.s)
			return -1;
		if (at)
			buf[at++] = ',';
		buf[at++] = '<';
		memcpy(buf + at, hop.uri.p, hop.uri.len);
		at += hop.uri.len;
		buf[at++] = '>';
	}
	*out = slice_make(buf, at);
	return rc < 0 || !at ? -1 : 0;
}

int read_register(struct sip_msg *msg, struct scscf_arena *a, struct sip_contact_list *contacts,
		  struct scscf_register_request *rq, const char **why)
{
	struct dialog_ids ids;
	auth_body_t *auth;

	memset(contacts, 0, sizeof(*contacts));
	memset(rq, 0, sizeof(*rq));
	*why = "malformed header";
	if (read_dialog_ids(msg, &ids))
		return 400;
	for (struct hdr_field *h = msg->headers; h; h = h->next) {
		if (h->type != HDR_CONTACT_T)
			continue;
		*why = "malformed Contact";
		if (sip_contact_list_add(contacts, slice_of(h->body)))
			return 400;
	}
	if (msg->expires) {
		if (sip_delta_seconds(slice_trim(slice_of(msg->expires->body)), &rq->expires))
			rq->expires = SIP_EXPIRES_MALFORMED;
		rq->has_expires = true;
	}
	*why = "no answered challenge";
	if (!msg->authorization || parse_credentials(msg->authorization) != 0)
		return 403;
	auth = msg->authorization->parsed;
	if (!auth || !auth->digest.username.whole.len || !auth->digest.response.len)
		return 403;
	rq->impi = slice_of(auth->digest.username.whole);
	rq->impu = ids.to_uri;
	/* An IMPU is the URI without parameters. */
	for (size_t i = 0; i < rq->impu.len; i++)
		if (rq->impu.p[i] == ';')
			rq->impu.len = i;
	rq->to_params = ids.to_params;
	rq->call_id = ids.call_id;
	rq->cseq = ids.cseq;
	rq->contacts = contacts;
	*why = "malformed Path";
	if (canonical_path(read_header_list(msg, HDR_PATH_T, a), a, &rq->path))
		return 400;
	read_bottom_via(msg, rq);
	return 0;
}

int read_requires(struct sip_msg *msg, struct slice tag)
{
	int found = 0;

	if (kam_headers_parse(msg))
		return -1;
	for (struct hdr_field *h = msg->headers; h; h = h->next) {
		int rc;

		if (h->type != HDR_REQUIRE_T && h->type != HDR_PROXYREQUIRE_T)
			continue;
		rc = sip_option_tags_has(slice_of(h->body), tag);
		if (rc < 0)
			return -1;
		found |= rc;
	}
	return found;
}

/* Does the list of own_addresses, "host host:port ...", hold this one? */
static bool is_listed(struct slice list, struct slice host, uint16_t port)
{
	while (list.p) {
		struct slice own = slice_cut(&list, ' ');
		struct sip_uri_parts u;
		char uri[256];

		if (!own.len || own.len + 5 > sizeof(uri))
			continue;
		snprintf(uri, sizeof(uri), "sip:%.*s", (int)own.len, own.p);
		if (!sip_uri_parse(slice_str(uri), &u) && sip_host_eq(u.host, host) &&
		    (u.port ? u.port : SIP_PORT) == port)
			return true;
	}
	return false;
}

bool uri_is_mine(struct slice uri)
{
	struct slice own = slice_of(seamless_params.own_addresses);
	struct sip_uri_parts u;
	uint16_t port;
	str host;

	if (sip_uri_parse(uri, &u))
		return false;
	port = u.port ? u.port : SIP_PORT;
	if (own.len)
		return is_listed(own, u.host, port);
	host = str_of(u.host);
	return check_self(&host, port, 0) == 1;
}
