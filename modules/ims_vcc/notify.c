/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vcc_notify(): a NOTIFY of one of our subscriptions to the reg event (RFC 3680, RFC 6665). */
#include "modules/ims_vcc/vcc.h"

#include "../../core/dprint.h"
#include "../../core/parser/parse_from.h"
#include "../../core/parser/parse_to.h"
#include "../../core/parser/parse_cseq.h"
#include "../../core/parser/msg_parser.h"

#include "reginfo/parser.h"
#include "sip/multipart.h"
#include "sip/name_addr.h"

static int refuse(sip_msg_t *msg, int code, const char *reason)
{
	counter_inc(vcc_counters.notifies_refused);
	kam_reply(msg, code, reason, NULL);
	return -1;
}

static struct slice body_of(sip_msg_t *msg)
{
	const char *p = get_body(msg);

	return p ? slice_make(p, (size_t)(msg->buf + msg->len - p)) : SLICE_NULL;
}

/* Its header fields. 0, or -1: they are missing or malformed. */
static int read_fields(sip_msg_t *msg, struct vcc_notify *n)
{
	struct slice contact = SLICE_NULL;
	struct sip_name_addr a;
	uint64_t number;

	if (kam_headers_parse(msg) || parse_from_header(msg) < 0 || !get_to(msg) || !msg->callid ||
	    !get_cseq(msg))
		return -1;
	n->call_id = slice_of(msg->callid->body);
	n->remote_tag = slice_of(get_from(msg)->tag_value);
	n->local_tag = slice_of(get_to(msg)->tag_value);
	if (slice_u64(slice_of(get_cseq(msg)->number), UINT32_MAX, &number))
		return -1;
	n->cseq = (uint32_t)number;
	n->state = kam_header(msg, "Subscription-State", NULL);
	if (kam_headers_of(msg, HDR_CONTACT_T, &contact, 1) == 1 &&
	    !sip_name_addr_parse(contact, &a))
		n->contact = a.uri;
	return n->state.len ? 0 : -1;
}

int ki_vcc_notify(sip_msg_t *msg)
{
	struct vcc_notify n = {.doc = NULL};
	struct reginfo_doc doc = {0};
	struct vcc_outcome out = {0};
	struct vcc_store *s;
	struct slice body;
	struct vcc_user *u;
	bool known;
	int rc;

	if (read_fields(msg, &n))
		return refuse(msg, 400, "Bad Request");
	/* Only who has our dialog's ids makes us read a document. */
	known = vcc_watch_find(vcc_lock(), n.call_id, n.local_tag) != NULL;
	vcc_unlock();
	if (!known)
		return refuse(msg, 481, "Subscription Does Not Exist");
	body = body_of(msg);
	if (body.len) {
		if (!sip_media_type_is(kam_header(msg, "Content-Type", NULL), REGINFO_MIME) &&
		    !sip_media_type_is(kam_header(msg, "c", NULL), REGINFO_MIME))
			return refuse(msg, 415, "Unsupported Media Type");
		rc = reginfo_parse(body, &doc);
		if (rc) {
			LM_INFO("a document of the reg event: %s\n", reginfo_strerror(rc));
			return refuse(msg, 400, "Bad Document");
		}
		n.doc = &doc;
	}
	s = vcc_lock();
	u = vcc_watch_find(s, n.call_id, n.local_tag);
	rc =
	    u ? vcc_watch_notified(s, u, &n, vcc_policy(), vcc_now_ms(), &out) : VCC_NOTIFY_UNKNOWN;
	vcc_unlock();
	reginfo_free(&doc);
	if (rc == VCC_NOTIFY_UNKNOWN)
		return refuse(msg, 481, "Subscription Does Not Exist");
	if (rc)
		return refuse(msg, 500, "Out of Order");
	counter_inc(vcc_counters.notifies);
	kam_reply(msg, 200, "OK", NULL);
	vcc_carry_out(&out);
	return 1;
}
