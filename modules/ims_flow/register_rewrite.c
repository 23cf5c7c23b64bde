/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is changed in a REGISTER before it goes to the home network. */
#include "modules/ims_flow/register.h"
#include "modules/ims_flow/core/challenge.h"

/* Take sec-agree and mediasec (TS 24.229 7.2A.7) out of one Require or Proxy-Require. */
static int strip_tag(sip_msg_t *msg, struct hdr_field *h)
{
	struct slice rest = kam_header_body(h);
	char kept[512];
	size_t n = 0;

	if (!register_lists_tag(rest, "sec-agree") && !register_lists_tag(rest, "mediasec"))
		return 0;
	while (rest.p) {
		struct slice tag = slice_trim(slice_cut(&rest, ','));

		if (!tag.len || slice_eq_nocase(tag, SLICE_LIT("sec-agree")) ||
		    slice_eq_nocase(tag, SLICE_LIT("mediasec")))
			continue;
		if (n + tag.len + 2 >= sizeof(kept))
			return -1;
		if (n)
			kept[n++] = ',';
		memcpy(kept + n, tag.p, tag.len);
		n += tag.len;
	}
	if (!n)
		return kam_header_remove(msg, h);
	return kam_header_replace(msg, h, slice_make(kept, n));
}

int register_strip_sec_agree(sip_msg_t *msg)
{
	if (settings.ipsec == IPSEC_OTHERS)
		return 0; /* it is the other module's agreement */
	for (struct hdr_field *h = msg->headers; h; h = h->next) {
		int rc = 0;

		if (h->type == HDR_REQUIRE_T || h->type == HDR_PROXYREQUIRE_T)
			rc = strip_tag(msg, h);
		else if (kam_header_is(h, "Security-Client") || kam_header_is(h, "Security-Verify"))
			rc = kam_header_remove(msg, h);
		if (rc)
			return -1;
	}
	return 0;
}

int register_mark_integrity(sip_msg_t *msg, bool yes)
{
	static const char mark_yes[] = ",integrity-protected=\"yes\"",
			  mark_no[] = ",integrity-protected=\"no\"";
	struct slice body, cut, username;

	if (!msg->authorization)
		return 0;
	body = kam_header_body(msg->authorization);
	if (flow_authorization_read(body, &cut, &username))
		return -1;
	if (cut.len && kam_text_cut(msg, cut))
		return -1;
	return kam_text_insert(msg, body.p + body.len, slice_str(yes ? mark_yes : mark_no));
}

int flow_path_uri(uint64_t set_id, const struct netaddr *local, uint16_t port, char *out,
		  size_t size)
{
	char token[FLOW_TOKEN_LEN + 1], host[80];
	struct netaddr here = *local;
	int n;

	TABLE_LOCK();
	flow_token_encode(&shared->keys, set_id, token);
	TABLE_UNLOCK();
	if (settings.path_host.len) {
		snprintf(host, sizeof(host), "%.*s", settings.path_host.len, settings.path_host.s);
	} else {
		here.port = port_is_protected(port) ? SIP_PORT : port;
		netaddr_text(&here, host);
	}
	n = snprintf(out, size, "sip:%s@%s;lr;ob", token, host);
	return n > 0 && (size_t)n < size ? 0 : -1;
}

int register_add_path(sip_msg_t *msg, const struct flow_reading *r, const struct flow_attempt *a)
{
	char uri[FLOW_API_STR_MAX], text[512];
	int n;

	if (flow_path_uri(a->set_id, &a->local, a->local_port, uri, sizeof(uri)))
		return -1;
	n = snprintf(text, sizeof(text), "Path: <%s>\r\n%s", uri,
		     r->requires_path ? "" : "Require: path\r\n");
	if (n >= (int)sizeof(text) || kam_header_add_first(msg, slice_make(text, n)))
		return -1;
	if (!r->supports_path && kam_header_add_last(msg, slice_make("Supported: path\r\n", 17)))
		return -1;
	return 0;
}
