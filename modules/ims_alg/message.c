/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/message.h"

#include "../../core/parser/parse_content.h"
#include "../../core/parser/parse_cseq.h"
#include "../../core/parser/parse_from.h"
#include "../../core/parser/parse_to.h"

#include "modules/common/headers.h"

static enum alg_method method_of(sip_msg_t *msg)
{
	switch (get_cseq(msg)->method_id) {
	case METHOD_INVITE:
		return ALG_INVITE;
	case METHOD_ACK:
		return ALG_ACK;
	case METHOD_PRACK:
		return ALG_PRACK;
	case METHOD_UPDATE:
		return ALG_UPDATE;
	case METHOD_BYE:
		return ALG_BYE;
	default:
		return ALG_OTHER_METHOD;
	}
}

static bool requires_100rel(const sip_msg_t *msg)
{
	for (struct hdr_field *h = msg->headers; h; h = h->next) {
		struct slice body = kam_header_body(h);

		while (h->type == HDR_REQUIRE_T && body.p)
			if (slice_eq_nocase(slice_trim(slice_cut(&body, ',')), SLICE_LIT("100rel")))
				return true;
	}
	return false;
}

static struct slice body_of(sip_msg_t *msg)
{
	char *body = get_body(msg);

	return body && body < msg->buf + msg->len
		   ? slice_make(body, (size_t)(msg->buf + msg->len - body))
		   : SLICE_NULL;
}

static struct slice encoding_of(const sip_msg_t *msg)
{
	struct slice e = kam_header(msg, "Content-Encoding", NULL);

	return e.p ? e : kam_header(msg, "e", NULL);
}

/* Each reader takes another of them. */
static bool has_two_types(const sip_msg_t *msg)
{
	int n = 0;

	for (const hdr_field_t *h = msg->headers; h; h = h->next)
		n += h->type == HDR_CONTENTTYPE_T;
	return n > 1;
}

static void read_body(sip_msg_t *msg, struct alg_outline *o)
{
	static struct sdp_body sdp;
	struct slice type = msg->content_type ? slice_of(msg->content_type->body) : SLICE_NULL;
	struct slice encoding = encoding_of(msg);

	o->whole = body_of(msg);
	if (!o->whole.len)
		return;
	o->encoded = encoding.len > 0;
	if (has_two_types(msg)) {
		o->body = ALG_BODY_SYNTAX;
		return;
	}
	o->body = alg_sdp_find(slice_trim(type), kam_header(msg, "Content-Disposition", NULL),
			       encoding, o->whole, &o->part);
	if (o->body != ALG_BODY_SDP)
		return;
	if (sdp_body_parse(o->part.sdp, NULL, 0, &sdp)) {
		o->body = ALG_BODY_SYNTAX;
		return;
	}
	o->sdp = &sdp;
	o->m.sdp = true;
}

static int read_heads(sip_msg_t *msg, struct alg_outline *o)
{
	if (kam_headers_parse(msg) || !msg->callid || !msg->cseq || !msg->from || !msg->to ||
	    !msg->via1 || parse_from_header(msg) < 0 || !get_cseq(msg) || !get_to(msg))
		return -1;
	o->m.method = method_of(msg);
	if (str2int(&get_cseq(msg)->number, &o->m.cseq) < 0)
		return -1;
	o->match.call_id = slice_of(msg->callid->body);
	o->match.from_tag = slice_of(get_from(msg)->tag_value);
	o->match.to_tag = slice_of(get_to(msg)->tag_value);
	return 0;
}

int alg_outline_read(sip_msg_t *msg, struct alg_outline *o)
{
	memset(o, 0, sizeof(*o));
	if (read_heads(msg, o))
		return -1;
	if (o->m.method == ALG_OTHER_METHOD)
		return 1;
	if (msg->first_line.type == SIP_REPLY) {
		o->m.code = (uint16_t)msg->REPLY_STATUS;
		o->m.reliable = o->m.code < 200 && requires_100rel(msg);
	} else if (o->m.method == ALG_INVITE && !o->match.to_tag.len && msg->via1->branch) {
		o->match.branch = alg_digest(slice_of(msg->via1->branch->value));
	}
	read_body(msg, o);
	return 0;
}

void alg_outline_set_caller(struct alg_outline *o, bool request_from_caller)
{
	o->m.from_caller = o->m.code ? !request_from_caller : request_from_caller;
	o->m.dialog = alg_digest(request_from_caller ? o->match.to_tag : o->match.from_tag);
}

int alg_outline_put(sip_msg_t *msg, const struct alg_outline *o, struct slice sdp)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%zu", sdp.len);

	if (slice_eq(o->part.sdp, sdp))
		return 0;
	if (o->part.content_length.p &&
	    kam_text_replace(msg, o->part.content_length, slice_make(digits, (size_t)n)))
		return -1;
	return kam_text_replace(msg, o->part.sdp, sdp);
}

int alg_outline_cut(sip_msg_t *msg, struct alg_outline *o)
{
	if (!o->whole.len)
		return 0;
	o->cut = true;
	if (msg->content_type && kam_header_remove(msg, msg->content_type))
		return -1;
	return kam_text_cut(msg, o->whole);
}

int alg_outline_cut_early(sip_msg_t *msg, struct alg_outline *o)
{
	if (o->cut || !o->part.earlies)
		return 0;
	if (o->part.early[0].len == o->whole.len)
		return alg_outline_cut(msg, o);
	for (unsigned i = 0; i < o->part.earlies; i++)
		if (kam_text_cut(msg, o->part.early[i]))
			return -1;
	return 0;
}
