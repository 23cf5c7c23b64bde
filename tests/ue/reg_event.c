/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "reginfo/parser.h"
#include "ue/reg_event.h"

void reg_sub_free(struct conn *c)
{
	struct reg_sub *s = c->sub;

	if (!s)
		return;
	c->sub = NULL;
	reg_order_free(&s->order);
	reginfo_table_free(s->table);
	route_set_free(&s->routes);
	free(s->aor);
	free(s->callid);
	free(s->local_tag);
	free(s->remote_tag);
	free(s->target);
	free(s);
}

static void on_response(struct tx *tx, const struct ue_sip_msg *resp, void *owner)
{
	struct conn *c = owner;
	struct reg_sub *s = c->sub;
	struct slice contact;
	struct ue_sip_addr a;

	(void)tx;
	if (resp && resp->code < 200)
		return;
	if (resp)
		conn_remember(c, resp);
	if (s && resp && resp->code < 300 && s->remote_tag[0] == '\0') {
		ue_set(&s->remote_tag, resp->to_tag);
		route_set_take(&s->routes, resp, true);
		if (ue_sip_values(resp, "Contact", &contact, 1) == 1 &&
		    ue_sip_addr_parse(contact, &a) == 0)
			ue_set(&s->target, a.uri);
	}
	op_end(&c->op, resp ? resp->code : 408, !resp,
	       resp ? resp->reason : SLICE_LIT("nobody answered the SUBSCRIBE"));
}

static int send_subscribe(struct conn *c, uint32_t expires, const struct ue_sip_edits *edits)
{
	struct reg_sub *s = c->sub;
	struct text t = {0};
	struct hop hop;
	struct tx *tx = NULL;

	op_begin(&c->op);
	conn_request_begin(c, &t, "SUBSCRIBE", slice_str(s->target),
			   s->remote_tag[0] ? &s->routes : NULL);
	text_add(&t,
		 "From: <%s>;tag=%s\r\nTo: <%s>%s%s\r\nCall-ID: %s\r\nCSeq: %u "
		 "SUBSCRIBE\r\nContact: <%s>\r\n"
		 "Event: reg\r\nAccept: " REGINFO_MIME
		 "\r\nExpires: %u\r\nP-Preferred-Identity: <%s>\r\n",
		 s->aor, s->local_tag, s->aor, s->remote_tag[0] ? ";tag=" : "", s->remote_tag,
		 s->callid, ++s->cseq, c->contact, expires, s->aor);
	conn_request_end(&t, SLICE_NULL, SLICE_NULL);
	ue_sip_edits_apply(edits, 1, &t);
	if (conn_hop(c, &hop) == 0)
		tx = tl_request(&hop, text_slice(&t), c->ue->name, c->name, on_response, c);
	text_free(&t);
	return tx ? 0 : -1;
}

int reg_subscribe(struct conn *c, struct slice aor, uint32_t expires,
		  const struct ue_sip_edits *edits)
{
	struct reg_sub *s;
	char hex[33];

	reg_sub_free(c);
	s = ue_alloc(sizeof(*s));
	c->sub = s;
	s->table = s->order.table = reginfo_table_new();
	s->aor = ue_dup(aor);
	s->target = ue_dup(aor);
	s->remote_tag = ue_dup(SLICE_NULL);
	tl_random(hex, 12);
	s->callid = ue_dup(slice_str(hex));
	tl_random(hex, 6);
	s->local_tag = ue_dup(slice_str(hex));
	return s->table ? send_subscribe(c, expires, edits) : -1;
}

int reg_unsubscribe(struct conn *c, const struct ue_sip_edits *edits)
{
	errno = ENOTCONN;
	return c->sub ? send_subscribe(c, 0, edits) : -1;
}

struct conn *reg_event_match(const struct ue *u, const struct ue_sip_msg *m)
{
	for (struct conn *c = u->conns; c; c = c->next)
		if (c->sub && slice_eq(slice_str(c->sub->callid), m->callid) &&
		    slice_eq(slice_str(c->sub->local_tag), m->to_tag))
			return c;
	return NULL;
}

static void tell(const struct conn *c, const struct reginfo_doc *doc)
{
	for (size_t i = 0; i < doc->registrations_n; i++) {
		const struct reginfo_registration *r = &doc->registrations[i];

		for (size_t k = 0; k < r->contacts_n; k++) {
			const struct reginfo_contact *x = &r->contacts[k];
			struct text t = {0};

			text_add(&t, "%.*s %.*s %s/%s", (int)r->aor.len, r->aor.p, (int)x->uri.len,
				 x->uri.p, reginfo_contact_state_name(x->state),
				 reginfo_event_name(x->event));
			if (x->connection == REGINFO_CONN_INACTIVE)
				text_add(&t, ", lingers %u s", x->linger);
			elog_event("state", "ue", c->ue->name, "what", "reginfo", "name", c->name,
				   "state", t.p, NULL);
			text_free(&t);
		}
	}
}

int reg_event_notify(struct conn *c, const struct ue_sip_msg *m)
{
	struct reg_sub *s = c->sub;
	struct slice state = ue_sip_header(m, "Subscription-State", 0),
		     word = slice_trim(slice_cut(&state, ';'));
	enum reginfo_verdict verdict;
	struct reginfo_doc doc;
	int err;

	if (s->remote_tag[0] == '\0') { /* NOTIFY before the 2xx (RFC 6665 4.1.2.4) */
		struct slice contact;
		struct ue_sip_addr a;

		ue_set(&s->remote_tag, m->from_tag);
		route_set_take(&s->routes, m, false);
		if (ue_sip_values(m, "Contact", &contact, 1) == 1 &&
		    ue_sip_addr_parse(contact, &a) == 0)
			ue_set(&s->target, a.uri);
	}
	s->terminated = slice_eq_nocase(word, SLICE_LIT("terminated"));
	s->notifies++;
	if (m->body.len == 0)
		return 200;
	err = reginfo_parse(m->body, &doc);
	if (err) {
		elog_line(c->ue->name, "%s: NOTIFY with unreadable reginfo: %s", c->name,
			  reginfo_strerror(err));
		return 400;
	}
	tell(c, &doc);
	err = reg_order_take(&s->order, &doc, m->body, &verdict);
	if (!err && verdict == REGINFO_DISCARD)
		elog_line(c->ue->name, "%s: reginfo version %u is old, discarded", c->name,
			  doc.version);
	else if (!err)
		s->changed_us = wall_now_us();
	reginfo_free(&doc);
	return err ? 500 : 200;
}

const struct reginfo_registration *reg_event_aor(const struct ue *u, struct slice aor)
{
	const struct reginfo_registration *best = NULL;
	uint64_t best_us = 0;

	for (const struct conn *c = u->conns; c; c = c->next) {
		const struct reginfo_registration *r =
		    c->sub && c->sub->table ? reginfo_table_aor(c->sub->table, aor) : NULL;

		if (r && c->sub->changed_us > best_us) {
			best = r;
			best_us = c->sub->changed_us;
		}
	}
	return best;
}
