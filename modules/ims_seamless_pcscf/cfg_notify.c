/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cfg function seamless_pcscf_notify(): NOTIFYs of our own subscriptions. */
#include "seamless.h"
#include "core/notify_header.h"

#include "../../core/dprint.h"
#include "../../core/mem/mem.h"
#include "../../core/parser/contact/parse_contact.h"
#include "../../core/parser/parse_content.h"
#include "../../core/parser/parse_cseq.h"
#include "../../core/parser/parse_from.h"
#include "../../core/parser/parse_rr.h"
#include "../../core/parser/parse_to.h"
#include "../../core/strutils.h"
#include "reginfo/parser.h"

static int reply(sip_msg_t *msg, int code, const char *reason)
{
	kam_reply(msg, code, reason, NULL);
	return 1;
}

static int reply_bad(sip_msg_t *msg, int code, const char *reason, const char *detail)
{
	LM_INFO("NOTIFY refused: %s (%s)\n", reason, detail);
	counter_inc(seamless_counters.notifies_bad);
	return reply(msg, code, reason);
}

static int read_dialog(sip_msg_t *msg, struct pcscf_notify *n, str *routes)
{
	contact_body_t *contacts;
	unsigned int cseq;

	if (str2int(&get_cseq(msg)->number, &cseq) < 0)
		return -1;
	n->cseq = cseq;
	if (msg->contact && parse_contact(msg->contact) == 0) {
		contacts = (contact_body_t *)msg->contact->parsed;
		if (contacts && contacts->contacts)
			n->contact = slice_of(contacts->contacts->uri);
	}
	if (msg->record_route && print_rr_body(msg->record_route, routes, 0, NULL) == 0)
		n->routes = slice_of(*routes);
	return 0;
}

static int read_subscription(sip_msg_t *msg, struct pcscf_notify *n)
{
	struct pcscf_subscription_header s;

	if (pcscf_subscription_header_parse(kam_header(msg, "Subscription-State", NULL), &s))
		return -1;
	n->terminated = s.terminated;
	n->reason = s.reason;
	n->retry_after = s.retry_after;
	n->expires = s.expires;
	return 0;
}

/* The body, if any. 0 with doc->memory NULL when there is none, a reginfo error, or 415 for another
 * type. */
static int read_body(sip_msg_t *msg, struct reginfo_doc *doc)
{
	char *body = get_body(msg);
	size_t len = body ? (size_t)(msg->buf + msg->len - body) : 0;
	struct slice type = SLICE_NULL;

	if (len == 0)
		return 0;
	kam_headers_of(msg, HDR_CONTENTTYPE_T, &type, 1);
	type = slice_trim(slice_cut(&type, ';'));
	if (!slice_eq_nocase(type, SLICE_LIT(REGINFO_MIME)))
		return 415;
	return reginfo_parse(slice_make(body, len), doc);
}

static int apply(sip_msg_t *msg, struct pcscf_notify *n)
{
	enum reginfo_verdict verdict;
	int err = pcscf_notified(seamless_lock(), n, &verdict, seamless_now_ms());

	seamless_unlock();
	if (err == PCSCF_E_ORDER)
		return reply_bad(msg, 500, "Server Internal Error", pcscf_strerror(err));
	if (err) {
		counter_inc(seamless_counters.notifies_unknown);
		return reply(msg, 481, "Subscription Does Not Exist");
	}
	if (n->doc && verdict == REGINFO_DISCARD)
		counter_inc(seamless_counters.documents_discarded);
	counter_inc(seamless_counters.notifies);
	LM_DBG("reginfo version %u: %s\n", n->doc ? n->doc->version : 0,
	       reginfo_verdict_name(verdict));
	reply(msg, 200, "OK");
	seamless_work();
	return 1;
}

static int handle(sip_msg_t *msg, struct pcscf_notify *n)
{
	struct reginfo_doc doc = {0};
	struct slice event = SLICE_NULL;
	str routes = {NULL, 0};
	int err, rc;

	/* By their kind: compact forms are the same headers (RFC 3261 7.3.3). */
	kam_headers_of(msg, HDR_EVENT_T, &event, 1);
	event = slice_trim(slice_cut(&event, ';'));
	if (!slice_eq_nocase(event, SLICE_LIT("reg")))
		return reply_bad(msg, 489, "Bad Event", "not reg");
	if (read_dialog(msg, n, &routes) || read_subscription(msg, n)) {
		rc = reply_bad(msg, 400, "Bad Request", "CSeq or Subscription-State");
		goto out;
	}
	err = read_body(msg, &doc);
	if (err == 415) {
		rc = reply_bad(msg, 415, "Unsupported Media Type", "not " REGINFO_MIME);
		goto out;
	}
	if (err) {
		rc = reply_bad(msg, 400, "Bad Reginfo", reginfo_strerror(err));
		goto out;
	}
	n->doc = doc.memory ? &doc : NULL;
	rc = apply(msg, n);
out:
	if (routes.s)
		pkg_free(routes.s);
	reginfo_free(&doc);
	return rc;
}

int ki_seamless_notify(sip_msg_t *msg)
{
	struct pcscf_notify n = {0};
	bool ours;

	if (msg->REQ_METHOD != METHOD_NOTIFY)
		return -1;
	if (kam_headers_parse(msg) || !msg->callid || !msg->cseq || !msg->to ||
	    parse_from_header(msg) < 0)
		return reply_bad(msg, 400, "Bad Request", "headers");
	n.call_id = slice_of(msg->callid->body);
	n.local_tag = slice_of(get_to(msg)->tag_value);
	n.remote_tag = slice_of(get_from(msg)->tag_value);
	ours = pcscf_knows_dialog(seamless_lock(), n.call_id, n.local_tag);
	seamless_unlock();
	/* Another module (the stock registrar, presence) may have subscribed, too. */
	if (!ours) {
		counter_inc(seamless_counters.notifies_unknown);
		return -1;
	}
	return handle(msg, &n);
}
