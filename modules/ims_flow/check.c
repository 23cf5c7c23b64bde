/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flow_check() and flow_from_ue(): requests from a UE. */
#include "modules/ims_flow/changes.h"
#include "modules/ims_flow/exports.h"
#include "modules/ims_flow/nat.h"
#include "modules/ims_flow/core/identity.h"

#include "sip/name_addr.h"

/* A sign of life; the first one over a new SA set takes that into use. */
static void seen(sip_msg_t *msg, bool matters)
{
	struct flow_effects *fx = matters ? changes_begin() : NULL;
	struct flow_set *f;
	int slot;

	TABLE_LOCK();
	f = set_of_received(msg, &slot);
	if (f && fx)
		flow_seen(table, f, slot, &settings.timers, flow_now(), fx);
	else if (f)
		f->seen_ms = flow_now();
	TABLE_UNLOCK();
	if (fx)
		changes_end(fx);
}

int ki_flow_from_ue(sip_msg_t *msg)
{
	bool found, matters;
	struct flow_set *f;
	int slot;

	nat_learn_before(msg);
	TABLE_LOCK();
	f = set_of_received(msg, &slot);
	found = f && flow_alive(f);
	matters = f && flow_seen_matters(f, slot);
	TABLE_UNLOCK();
	if (found)
		seen(msg, matters);
	return found ? 1 : -1;
}

static void read_hints(sip_msg_t *msg, struct identity_hints *hints)
{
	memset(hints, 0, sizeof(*hints));
	for (struct hdr_field *h = msg->headers; h; h = h->next)
		if (kam_header_is(h, "P-Preferred-Identity"))
			flow_identity_hint(hints, kam_header_body(h));
}

static int deny(sip_msg_t *msg, counter_handle_t counter, int code, const char *reason,
		const char *why)
{
	counter_inc(counter);
	LM_INFO("request from a UE refused: %s\n", why);
	if (msg->REQ_METHOD != METHOD_ACK)
		kam_reply(msg, code, reason, NULL);
	return -1;
}

/* Whether Via and all Contacts are of the set's own address. */
static enum identity_verdict judge(const sip_msg_t *msg, const struct flow_set *f, int slot)
{
	char address[NETADDR_TEXT_MAX], nat[NETADDR_TEXT_MAX] = "";
	struct identity_owner owner;
	enum identity_verdict v;

	netaddr_ip_text(&f->ue, address);
	if (slot >= 0 && f->sa[slot].outer.family)
		netaddr_ip_text(&f->sa[slot].outer, nat);
	owner = (struct identity_owner){
	    .address = slice_str(address), .ipsec = f->ipsec, .nat = slice_str(nat)};
	v = flow_identity_via(slice_of(msg->via1->host), &owner);
	for (struct hdr_field *h = msg->headers; h && v == IDENTITY_OK; h = h->next)
		if (h->type == HDR_CONTACT_T)
			v = flow_identity_contact(kam_header_body(h), &owner);
	return v;
}

int ki_flow_check(sip_msg_t *msg)
{
	struct flow_set copy;
	struct identity_hints hints;
	struct flow_asserted asserted;
	enum identity_verdict verdict;
	struct flow_set *f;
	bool matters;
	int slot, rc;

	if (parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->via1 || !msg->to)
		return -1;
	nat_learn_before(msg);
	TABLE_LOCK();
	f = set_of_received(msg, &slot);
	if (f)
		memcpy(&copy, f, sizeof(copy));
	matters = f && flow_seen_matters(f, slot);
	TABLE_UNLOCK();
	if (!f || !flow_alive(&copy)) {
		if (!f && port_is_protected(msg->rcv.dst_port)) {
			COUNT(unknown_sa);
			return 0;
		}
		return deny(msg, flow_counters.denied_identity, 403, "Forbidden",
			    "not over a registered flow");
	}
	/* There it answers our requests; its own come from port_uc, which no other UE has. */
	if (slot >= 0 && msg->rcv.dst_port == copy.sa[slot].port_pc)
		return deny(msg, flow_counters.denied_via, 403, "Forbidden",
			    "over the SAs for answers");
	verdict = judge(msg, &copy, slot);
	if (verdict != IDENTITY_OK)
		return deny(msg,
			    verdict == IDENTITY_VIA ? flow_counters.denied_via
						    : flow_counters.denied_contact,
			    403, "Forbidden", flow_identity_verdict_name(verdict));
	rc = goes_home(msg, &copy);
	if (rc)
		return deny(msg, flow_counters.denied_route, rc,
			    rc == 400 ? "Route Is Not The Service-Route" : "Forbidden",
			    "past its home network");
	leave_by_open_port(msg);
	seen(msg, matters);
	read_hints(msg, &hints);
	asserted.n = flow_identity_choose(slice_str(copy.impus), &hints, asserted.uri);
	pv_set_current(msg, &copy, &asserted);
	return 1;
}
