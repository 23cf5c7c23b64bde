/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the NOTIFYs of our subscriptions say, and what becomes of the connections by that. */
#include "model_internal.h"
#include "sip/uri.h"

/* Registrars keep a Contact URI as it was sent; allow for parameters that were left out on the way.
 */
static bool same_contact(const char *known, struct slice uri)
{
	struct slice a = slice_str(known), b = uri;

	if (slice_eq_nocase(a, b))
		return a.len > 0;
	a = sip_uri_without_params(a);
	b = sip_uri_without_params(b);
	return a.len > 0 && slice_eq_nocase(a, b);
}

/* Does the row speak of an older REGISTER than the one that made the binding, and may it be as late
 * as that? */
static bool is_older(const struct pcscf_model *model, const struct binding *b,
		     const struct reginfo_contact *row)
{
	return b->register_call && model->now_ms - b->bound_ms < model->cfg.answer_ms &&
	       row->has_cseq && row->cseq < b->register_cseq &&
	       keyed_hash(&model->key, row->callid) == b->register_call;
}

/*
 * The row that decides: one contact may have several, because each instance-id and reg-id makes a
 * binding of its own, and it is registered while any of them is active. A row that was written
 * before the binding was made ends nothing.
 */
static const struct reginfo_contact *row_for(const struct pcscf_model *model,
					     const struct binding *b,
					     const struct reginfo_registration *r)
{
	struct slice contact = slice_str(b->connection->contact);
	const struct reginfo_contact *exact = NULL, *loose = NULL;

	for (size_t i = 0; i < r->contacts_n; i++) {
		const struct reginfo_contact *row = &r->contacts[i];
		bool same = slice_eq(contact, row->uri);

		if (same && row->state == REGINFO_CONTACT_ACTIVE)
			return row;
		if (!b->ended && is_older(model, b, row))
			continue;
		if (same)
			exact = row;
		else if (same_contact(b->connection->contact, row->uri) &&
			 (!loose || row->state == REGINFO_CONTACT_ACTIVE))
			loose = row;
	}
	return exact ? exact : loose;
}

static struct row_register register_of(const struct pcscf_model *model,
				       const struct reginfo_contact *row)
{
	if (!row->has_cseq || row->callid.len == 0)
		return (struct row_register){0};
	return (struct row_register){.call = keyed_hash(&model->key, row->callid),
				     .cseq = row->cseq};
}

/*
 * Was the row written before another one said that the connection is over? A connection that is
 * over lingers only after a newer REGISTER. The other row may have come by another subscription,
 * whose documents have versions of their own: the versions do not tell which is older.
 */
static bool is_before_over(const struct pcscf_model *model, const struct binding *b,
			   const struct reginfo_contact *row)
{
	struct row_register r = register_of(model, row);

	return b->over_row.call && r.call == b->over_row.call && r.cseq <= b->over_row.cseq &&
	       model->now_ms - b->over_ms < model->cfg.answer_ms;
}

static void note_over(const struct pcscf_model *model, struct binding *b,
		      const struct reginfo_contact *row)
{
	if (row->connection != REGINFO_CONN_TERMINATED || is_before_over(model, b, row))
		return;
	b->over_row = register_of(model, row);
	b->over_ms = model->now_ms;
}

static void binding_ended(struct pcscf_model *model, struct binding *b,
			  const struct reginfo_contact *row)
{
	if (!b->ended)
		b->ended_ms = model->now_ms;
	b->ended = true;
	b->lingers = row && row->connection == REGINFO_CONN_INACTIVE && row->linger > 0 &&
		     !is_before_over(model, b, row);
	if (row)
		note_over(model, b, row);
	if (b->lingers) {
		int64_t linger = (int64_t)row->linger * 1000;

		b->linger_row = register_of(model, row);
		b->linger_until_ms =
		    model->now_ms +
		    (linger < model->cfg.linger_max_ms ? linger : model->cfg.linger_max_ms);
	}
}

/* Full state is asked for then, unless it is asked for before. */
static void recheck_by(struct subscription *w, int64_t at_ms)
{
	if (!w->recheck_ms || at_ms < w->recheck_ms)
		w->recheck_ms = at_ms;
}

/* What the document says of this binding. */
static void review_binding(struct pcscf_model *model, struct binding *b,
			   const struct reginfo_registration *r, bool full)
{
	const struct reginfo_contact *row = row_for(model, b, r);

	if (row && row->state == REGINFO_CONTACT_ACTIVE) {
		b->ended = b->lingers = false;
		return;
	}
	/* An identity that is registered nowhere any more: what lingers goes on until a row says
	 * otherwise, or its time is over. */
	if (row) {
		binding_ended(model, b, row);
		return;
	}
	/* A full document without this contact, or nothing registered: gone, unless it was written
	 * before the contact came. */
	if ((!full && r->state != REGINFO_REG_TERMINATED) || b->ended)
		return;
	/* Partial ones wait for the one before to be answered, or given up (RFC 3261 17.1.2.2). */
	if (model->now_ms - b->bound_ms < (full ? model->cfg.settle_ms : model->cfg.answer_ms))
		recheck_by(b->subscription, b->bound_ms + model->cfg.settle_ms);
	else
		binding_ended(model, b, NULL);
}

/*
 * The next binding of w that is over while others hold the connection, to be taken off it. It stays
 * for a while, until full state has come: the document may be of a time before the phone registered,
 * however late it is, and the next one say that the binding is active.
 */
static struct binding *surplus_binding(const struct pcscf_model *model, struct subscription *w)
{
	for (struct binding *b = w->bindings; b; b = b->next_of_subscription) {
		if (!b->ended || b->lingers)
			continue;
		if (model->now_ms - b->ended_ms < model->cfg.answer_ms) {
			recheck_by(w, b->ended_ms + model->cfg.answer_ms);
			continue;
		}
		for (struct binding *o = b->connection->bindings; o; o = o->next_of_connection)
			if (!o->ended)
				return b;
	}
	return NULL;
}

static const struct reginfo_registration *registration_of(const struct reginfo_doc *doc,
							  const char *identity)
{
	const struct reginfo_registration *r = NULL;

	for (size_t i = 0; i < doc->registrations_n; i++)
		if (slice_eq(doc->registrations[i].aor, slice_str(identity)))
			r = &doc->registrations[i];
	return r;
}

/*
 * A document that says that a connection is over says it for all identities of the phone, those
 * of other subscriptions too: their documents may be lost, or wait behind a lost one. It ends what
 * lingers only if it speaks of the same REGISTER as the row by which it lingers, or a newer one.
 */
static void end_linger_of_others(struct pcscf_model *model, const struct binding *b,
				 const struct reginfo_doc *doc)
{
	for (struct binding *o = b->connection->bindings; o; o = o->next_of_connection) {
		const struct reginfo_registration *r;
		const struct reginfo_contact *row;
		struct row_register said;

		if (o == b)
			continue;
		r = registration_of(doc, o->subscription->identity);
		row = r ? row_for(model, o, r) : NULL;
		if (!row || row->state == REGINFO_CONTACT_ACTIVE ||
		    row->connection != REGINFO_CONN_TERMINATED)
			continue;
		said = register_of(model, row);
		note_over(model, o, row);
		if (o->lingers && said.call && said.call == o->linger_row.call &&
		    said.cseq >= o->linger_row.cseq)
			binding_ended(model, o, row);
	}
}

/* Applies doc to the bindings of w. Returns false when w is gone with its last binding. */
static bool apply_document(struct pcscf_model *model, struct subscription *w,
			   const struct reginfo_doc *doc)
{
	static const struct reginfo_registration nothing = {.state = REGINFO_REG_INIT};
	const struct reginfo_registration *r = registration_of(doc, w->identity);
	struct connection *touched[32];
	size_t touched_n = 0;
	struct binding *b;

	if (!r && !doc->full)
		return true;
	for (b = w->bindings; b && touched_n < sizeof(touched) / sizeof(touched[0]);
	     b = b->next_of_subscription) {
		review_binding(model, b, r ? r : &nothing, doc->full);
		end_linger_of_others(model, b, doc);
		touched[touched_n++] = b->connection;
	}
	/* No event below frees a connection: only a deadline and ims_flow do. */
	for (size_t i = 0; i < touched_n; i++)
		pcscf_binding_reviewed(model, touched[i]);
	while ((b = surplus_binding(model, w)) != NULL) {
		bool last = w->bindings_n == 1;

		pcscf_unbind(model, b);
		if (last)
			return false;
	}
	return true;
}

/* Registered a moment ago: then a NOTIFY that says the opposite may have been written before, and
 * have waited for others. */
static bool is_fresh(const struct pcscf_model *model, const struct subscription *w)
{
	const struct binding *b = w->bindings;

	while (b && (b->ended || model->now_ms - b->bound_ms >= model->cfg.answer_ms))
		b = b->next_of_subscription;
	return b != NULL;
}

static enum pcscf_subscription_event event_of_reason(struct slice reason)
{
	if (slice_eq_nocase(reason, SLICE_LIT("probation")) ||
	    slice_eq_nocase(reason, SLICE_LIT("giveup")))
		return PCSCF_SUB_EV_LATER;
	if (slice_eq_nocase(reason, SLICE_LIT("rejected")) ||
	    slice_eq_nocase(reason, SLICE_LIT("noresource")) ||
	    slice_eq_nocase(reason, SLICE_LIT("invariant")))
		return PCSCF_SUB_EV_CLOSED;
	/* deactivated, timeout, none and unknown ones: subscribe again (RFC 6665 4.1.3). */
	return PCSCF_SUB_EV_RESUBSCRIBE;
}

static void subscription_told(struct pcscf_model *model, struct subscription *w,
			      const struct pcscf_notify *n)
{
	enum pcscf_subscription_event event;

	if (!n->terminated) {
		if (n->expires > 0)
			w->expires_ms = model->now_ms + (int64_t)n->expires * 1000;
		if (w->state == PCSCF_SUB_ACTIVE && (n->expires > 0 || w->recheck_ms > 0))
			pcscf_arm_refresh(model, w);
		return;
	}
	w->later_ms = (int64_t)n->retry_after * 1000;
	if (w->later_ms > model->cfg.retry_max_ms)
		w->later_ms = model->cfg.retry_max_ms;
	event = event_of_reason(n->reason);
	if (event == PCSCF_SUB_EV_CLOSED && is_fresh(model, w))
		event = PCSCF_SUB_EV_RESUBSCRIBE;
	pcscf_subscription_event(model, w, event);
}

int pcscf_notified(struct pcscf_model *model, const struct pcscf_notify *n,
		   enum reginfo_verdict *verdict, int64_t now_ms)
{
	struct subscription *w = pcscf_subscription_by_call_id(model, n->call_id);
	bool came = false;

	model->now_ms = now_ms;
	*verdict = REGINFO_DISCARD;
	if (!w || !slice_eq(slice_str(w->local_tag), n->local_tag) ||
	    !pcscf_learn_dialog(model, w, n->remote_tag, n->contact, n->routes))
		return PCSCF_E_UNKNOWN;
	if (w->remote_cseq_seen && n->cseq < w->remote_cseq)
		return PCSCF_E_ORDER;
	w->remote_cseq = n->cseq;
	w->remote_cseq_seen = true;
	if (n->doc) {
		*verdict = reginfo_watch_judge(&w->version, n->doc->version, n->doc->full);
		came = w->full_asked && n->doc->full;
		w->full_asked = w->full_asked && !came;
		if (*verdict != REGINFO_DISCARD && !apply_document(model, w, n->doc))
			return PCSCF_OK;
	}
	subscription_told(model, w, n);
	if (came && w->state == PCSCF_SUB_ACTIVE)
		pcscf_arm_refresh(model, w);
	if (*verdict == REGINFO_APPLY_AND_REFRESH && !n->terminated)
		pcscf_full_wanted(model, w);
	return PCSCF_OK;
}
