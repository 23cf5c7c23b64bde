/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/core/watch.h"

#include "sip/name_addr.h"
#include "sip/uri.h"

#include <stdio.h>

static void set(char *field, size_t size, struct slice text)
{
	if (slice_copy(text, field, size))
		field[0] = '\0';
}
#define SET(field, text) set(field, sizeof(field), text)

uint32_t vcc_left(int64_t until_ms, int64_t now)
{
	return until_ms > now ? (uint32_t)((until_ms - now + 999) / 1000) : 0;
}

bool vcc_is_registered(const struct vcc_user *u)
{
	return u->state == VCC_REG_REGISTERED || u->state == VCC_REG_DOUBTFUL;
}

int64_t vcc_told_until(const struct vcc_user *u)
{
	int64_t until = 0;

	for (unsigned i = 0; i < VCC_IDENTITIES_MAX; i++)
		if (u->identity[i].told_ms > until)
			until = u->identity[i].told_ms;
	return until;
}

static bool lives(const struct vcc_contact *c, int64_t now)
{
	return c->uri[0] && c->expires_ms > now;
}

const struct vcc_contact *vcc_last_contact(const struct vcc_user *u, int64_t now)
{
	const struct vcc_contact *found = NULL;

	for (unsigned i = 0; i < VCC_CONTACTS_MAX; i++) {
		const struct vcc_contact *c = &u->contact[i];

		if (lives(c, now) && (!found || c->order > found->order))
			found = c;
	}
	return found;
}

struct slice vcc_last_access(const struct vcc_user *u, int64_t now)
{
	const struct vcc_contact *c = vcc_last_contact(u, now);

	return vcc_access_type(slice_str(c && c->access[0] ? c->access : u->access));
}

/* No feature tag at all: an old phone, which speaks. "audio", or the service identifier of telephony (RFC 3840). */
static bool carries_voice(const struct vcc_contact *c)
{
	struct slice rest = slice_str(c->tags), name, value;
	bool any = false;

	while (sip_param_next(&rest, &name, &value) == 1) {
		if (slice_eq_nocase(name, SLICE_LIT("audio")) ||
		    (slice_eq_nocase(name, SLICE_LIT("+g.3gpp.icsi-ref")) &&
		     memmem(value.p, value.len, "mmtel", 5)))
			return true;
		any |= slice_eq_nocase(name, SLICE_LIT("+g.3gpp.icsi-ref")) ||
		       slice_eq_nocase(name, SLICE_LIT("+g.3gpp.iari-ref")) ||
		       slice_eq_nocase(name, SLICE_LIT("+g.3gpp.smsip")) ||
		       slice_eq_nocase(name, SLICE_LIT("video")) ||
		       slice_eq_nocase(name, SLICE_LIT("message"));
	}
	return !any;
}

bool vcc_has_voice(const struct vcc_user *u, int64_t now)
{
	bool any = false;

	if (!vcc_is_registered(u))
		return false;
	for (unsigned i = 0; i < VCC_CONTACTS_MAX; i++)
		if (lives(&u->contact[i], now)) {
			if (carries_voice(&u->contact[i]))
				return true;
			any = true;
		}
	return !any;
}

/* ---- the state ---- */

static void earliest(int64_t *due, int64_t ms)
{
	if (ms && (!*due || ms < *due))
		*due = ms;
}

void vcc_user_arm(struct vcc_store *s, struct vcc_user *u)
{
	int64_t due = 0;

	for (unsigned i = 0; i < VCC_IDENTITIES_MAX; i++)
		earliest(&due, u->identity[i].told_ms);
	for (unsigned i = 0; i < VCC_CONTACTS_MAX; i++)
		earliest(&due, u->contact[i].uri[0] ? u->contact[i].expires_ms : 0);
	earliest(&due, u->state == VCC_REG_DOUBTFUL ? u->doubt_ms : 0);
	earliest(&due, u->state == VCC_REG_GONE ? u->forget_ms : 0);
	earliest(&due, u->watch.due_ms);
	if (due)
		timer_wheel_arm(&s->wheel, &s->timers[u->number - 1], (uint64_t)due);
	else
		timer_wheel_cancel(&s->wheel, &s->timers[u->number - 1]);
}

static void forget_contacts(struct vcc_user *u)
{
	memset(u->contact, 0, sizeof(u->contact));
	for (unsigned i = 0; i < VCC_IDENTITIES_MAX; i++)
		u->identity[i].told_ms = 0;
}

void vcc_registration_step(struct vcc_store *s, struct vcc_user *u,
			   enum vcc_registration_event event, const char *cause,
			   const struct vcc_registration_policy *p, int64_t now,
			   struct vcc_outcome *out)
{
	struct state_step step = state_step(&vcc_registration_table, u->state, event);

	if (!step.allowed)
		return;
	u->state = step.next;
	switch ((enum vcc_registration_action)step.action) {
	case VCC_REG_DO_BEGIN:
		out->began = true;
		u->forget_ms = 0;
		break;
	case VCC_REG_DO_ASK:
		u->doubt_ms = now + p->doubt_ms;
		out->cause = cause;
		vcc_watch_step(s, u, VCC_WATCH_EV_WANTED, p, now, out);
		break;
	case VCC_REG_DO_END:
		out->ended = true;
		out->cause = cause;
		forget_contacts(u);
		u->forget_ms = now + p->forget_ms;
		vcc_watch_step(s, u, VCC_WATCH_EV_UNWANTED, p, now, out);
		break;
	case VCC_REG_DO_FREE:
		vcc_users_free(s, u);
		break;
	case VCC_REG_DO_NOTHING:
	default:
		break;
	}
}

/* Is there somebody to ask whether he is still there? */
static enum vcc_registration_event end_event(const struct vcc_user *u,
					     const struct vcc_registration_policy *p)
{
	return p->reg_event && u->scscf[0] ? VCC_REG_EV_ENDED : VCC_REG_EV_ENDED_ALL;
}

/* ---- contacts ---- */

static struct vcc_contact *contact_of(struct vcc_user *u, struct slice uri, struct slice instance,
				      uint32_t reg_id)
{
	for (unsigned i = 0; i < VCC_CONTACTS_MAX; i++) {
		struct vcc_contact *c = &u->contact[i];

		if (!c->uri[0])
			continue;
		if (sip_uri_equal(slice_str(c->uri), uri) &&
		    (!reg_id || !c->reg_id || reg_id == c->reg_id))
			return c;
		/* The same flow of the same phone from another address (RFC 5626 6). */
		if (reg_id && reg_id == c->reg_id && slice_eq(slice_str(c->instance), instance))
			return c;
	}
	return NULL;
}

/* A place: a free one, else that of what ends first. */
static struct vcc_contact *contact_place(struct vcc_store *s, struct vcc_user *u)
{
	struct vcc_contact *first = &u->contact[0];

	for (unsigned i = 0; i < VCC_CONTACTS_MAX; i++) {
		if (!u->contact[i].uri[0])
			return &u->contact[i];
		if (u->contact[i].expires_ms < first->expires_ms)
			first = &u->contact[i];
	}
	s->contacts_dropped++;
	return first;
}

static struct vcc_contact *contact_set(struct vcc_store *s, struct vcc_user *u, struct slice uri,
				       struct slice instance, uint32_t reg_id)
{
	struct vcc_contact *c = contact_of(u, uri, instance, reg_id);

	if (!c) {
		if (uri.len >= VCC_URI_MAX)
			return NULL;
		c = contact_place(s, u);
		memset(c, 0, sizeof(*c));
	}
	SET(c->uri, uri);
	if (instance.len)
		SET(c->instance, instance);
	if (reg_id)
		c->reg_id = reg_id;
	c->order = ++u->orders;
	return c;
}

/* Contacts of the phone's REGISTER: what this connection is. */
static void asked(struct vcc_store *s, struct vcc_user *u, const struct vcc_report *r, int64_t now)
{
	for (size_t i = 0; i < r->asked.n; i++) {
		const struct sip_contact *a = &r->asked.contact[i];
		uint32_t seconds = a->has_expires ? a->expires : r->asked_expires;
		struct vcc_contact *c;

		/* The registrar's word, where there is one. */
		if (r->has_response)
			seconds = sip_contact_list_granted(&r->granted, a->uri, a->reg_id,
							   r->granted_expires);
		else if (!a->has_expires && !r->asked_expires)
			seconds = r->expires;
		if (!r->has_response && seconds > r->expires)
			seconds = r->expires;
		if (!seconds) {
			c = contact_of(u, a->uri, a->instance, a->reg_id);
			if (c)
				memset(c, 0, sizeof(*c));
			continue;
		}
		c = contact_set(s, u, a->uri, a->instance, a->reg_id);
		if (!c)
			continue;
		SET(c->tags, a->params);
		SET(c->access, r->access);
		SET(c->visited, r->visited);
		c->expires_ms = now + (int64_t)seconds * 1000;
	}
}

/* The list of the 200 is all that there is. */
static void granted(struct vcc_store *s, struct vcc_user *u, const struct vcc_report *r,
		    int64_t now)
{
	uint32_t before = u->orders;

	for (size_t i = 0; i < r->granted.n; i++) {
		const struct sip_contact *g = &r->granted.contact[i];
		uint32_t seconds = g->has_expires ? g->expires : r->granted_expires;
		struct vcc_contact *c = contact_of(u, g->uri, g->instance, g->reg_id);

		if (!seconds)
			continue;
		if (!c) {
			c = contact_set(s, u, g->uri, g->instance, g->reg_id);
			if (c)
				SET(c->tags, g->params);
		}
		if (c) {
			c->order = ++u->orders;
			c->expires_ms = now + (int64_t)seconds * 1000;
		}
	}
	for (unsigned i = 0; i < VCC_CONTACTS_MAX && r->granted.n; i++)
		if (u->contact[i].uri[0] && u->contact[i].order <= before)
			memset(&u->contact[i], 0, sizeof(u->contact[i]));
}

/* ---- wishes ---- */

static void wishes(struct vcc_user *u, const struct vcc_report *r, int64_t now)
{
	if (r->has_default)
		u->by_default = r->by_default;
	u->wish_ignored = r->wish_error != 0;
	if (!r->has_wishes)
		return;
	/* "default" of all takes the wish away. */
	u->wishes = r->wishes;
	u->wish_source = VCC_FROM_PHONE;
	if (r->wishes.terminating == VCC_WISH_NONE && !r->wishes.accesses &&
	    r->wishes.originating == VCC_WISH_NONE)
		u->wish_source = VCC_FROM_NOBODY;
	u->wish_ms = now;
}

/* ---- a third-party REGISTER ---- */

/* A fingerprint, not a key of a table; the same over a restart. */
static uint64_t call_of(const struct vcc_report *r)
{
	static const struct keyed_hash_key key = {{0x7663632d63616c6c, 0x2d69642d68617368}};
	uint64_t h = keyed_hash(&key, r->call_id);

	return h ? h : 1;
}

static struct vcc_user *user_of(struct vcc_store *s, const struct vcc_report *r)
{
	struct vcc_user *u = vcc_users_find(s, r->identity);

	for (size_t i = 0; i < r->associated_n && !u; i++)
		u = vcc_users_find(s, r->associated[i]);
	return u;
}

static void note(struct vcc_store *s, struct vcc_user *u, const struct vcc_report *r, int64_t now)
{
	for (size_t i = 0; i < r->associated_n; i++)
		(void)vcc_user_identity(s, u, r->associated[i]);
	if (r->private_identity.len)
		SET(u->private_identity, r->private_identity);
	if (r->scscf.len)
		SET(u->scscf, r->scscf);
	if (r->icid.len)
		SET(u->icid, r->icid);
	if (r->orig_ioi.len)
		SET(u->orig_ioi, r->orig_ioi);
	if (r->charging_functions.len)
		SET(u->charging_functions, r->charging_functions);
	if (r->expires) {
		SET(u->access, r->access);
		SET(u->visited, r->visited);
		wishes(u, r, now);
		if (r->has_request || r->phone_headers)
			asked(s, u, r, now);
		if (r->has_response)
			granted(s, u, r, now);
	}
	u->heard_ms = now;
}

int vcc_registered(struct vcc_store *s, const struct vcc_report *r,
		   const struct vcc_registration_policy *p, int64_t now, struct vcc_outcome *out)
{
	struct vcc_user *u = user_of(s, r);
	uint64_t call = call_of(r);
	char text[VCC_IDENTITY_MAX];
	struct vcc_identity *row;

	*out = (struct vcc_outcome){0};
	if (vcc_identity_text(r->identity, text))
		return VCC_REGISTER_E_IDENTITY;
	if (!u && !r->expires)
		return VCC_REGISTER_OK; /* the end of what was not known */
	if (!u) {
		u = vcc_users_new(s, ++s->random);
		if (!u)
			return VCC_REGISTER_E_FULL;
	}
	vcc_user_begin(u);
	row = vcc_user_identity(s, u, r->identity);
	if (!row) { /* all places are taken: the set is told of by its others */
		vcc_user_end(u);
		return VCC_REGISTER_E_FULL;
	}
	out->user = u->id;
	if (row->call == call && r->cseq <= row->cseq) {
		out->repeated = r->cseq == row->cseq;
		vcc_user_end(u);
		return out->repeated ? VCC_REGISTER_OK : VCC_REGISTER_E_ORDER;
	}
	row->call = call;
	row->cseq = r->cseq;
	row->told_ms = r->expires ? now + (int64_t)r->expires * 1000 : 0;
	note(s, u, r, now);
	if (r->expires) {
		vcc_registration_step(s, u, VCC_REG_EV_TOLD, NULL, p, now, out);
		if (p->reg_event && u->watch.state == VCC_WATCH_NONE)
			vcc_watch_step(s, u, VCC_WATCH_EV_WANTED, p, now, out);
	} else if (!vcc_told_until(u)) {
		vcc_registration_step(s, u, end_event(u, p), "told", p, now, out);
	}
	vcc_user_arm(s, u);
	vcc_user_end(u);
	return VCC_REGISTER_OK;
}

/* ---- the reg event ---- */

static void contact_told(struct vcc_store *s, struct vcc_user *u, const struct reginfo_contact *k,
			 int64_t now)
{
	struct slice instance = sip_unquote(reginfo_contact_param(k, "+sip.instance"));
	struct slice number = reginfo_contact_param(k, "reg-id");
	struct vcc_contact *c;
	uint64_t reg_id = 0;
	size_t at = 0;

	slice_u64(number, UINT32_MAX, &reg_id);
	if (k->state == REGINFO_CONTACT_TERMINATED) {
		c = contact_of(u, k->uri, instance, (uint32_t)reg_id);
		if (c)
			memset(c, 0, sizeof(*c));
		return;
	}
	c = contact_set(s, u, k->uri, instance, (uint32_t)reg_id);
	if (!c)
		return;
	SET(c->id, k->id);
	/* The time of a contact that the document does not tell is that of the registration. */
	if (k->has_expires)
		c->expires_ms = now + (int64_t)k->expires * 1000;
	else if (!c->expires_ms)
		c->expires_ms = vcc_told_until(u) ? vcc_told_until(u) : now + 3600 * 1000;
	if (c->tags[0])
		return;
	for (size_t i = 0; i < k->params_n; i++) {
		const struct reginfo_param *q = &k->params[i];
		const char *quote = q->value.len ? "\"" : "";
		int n;

		n = snprintf(c->tags + at, sizeof(c->tags) - at, ";%.*s%s%s%.*s%s",
			     (int)q->name.len, q->name.p, q->value.len ? "=" : "", quote,
			     (int)q->value.len, q->value.p, quote);
		if (n < 0 || at + (size_t)n >= sizeof(c->tags)) {
			c->tags[at] = '\0'; /* whole ones only */
			break;
		}
		at += (size_t)n;
	}
}

void vcc_reg_event(struct vcc_store *s, struct vcc_user *u, const struct reginfo_doc *doc,
		   const struct vcc_registration_policy *p, int64_t now, struct vcc_outcome *out)
{
	uint32_t before = u->orders;
	bool his = false;

	for (size_t i = 0; i < doc->registrations_n && !his; i++)
		his = vcc_users_find(s, doc->registrations[i].aor) == u;
	if (!his)
		return;
	for (size_t i = 0; i < doc->registrations_n; i++) {
		const struct reginfo_registration *r = &doc->registrations[i];

		if (r->state != REGINFO_REG_ACTIVE && vcc_users_find(s, r->aor) != u)
			continue;
		/* An identity that has left the document's set, or a user of his own, stays where it is. */
		if (!vcc_users_find(s, r->aor))
			(void)vcc_user_identity(s, u, r->aor);
		for (size_t k = 0; k < r->contacts_n; k++)
			contact_told(s, u, &r->contacts[k], now);
	}
	for (unsigned i = 0; i < VCC_CONTACTS_MAX && doc->full; i++)
		if (u->contact[i].order <= before)
			memset(&u->contact[i], 0, sizeof(u->contact[i]));
	u->heard_ms = now;
	vcc_registration_step(s, u,
			      vcc_last_contact(u, now) ? VCC_REG_EV_ALIVE : VCC_REG_EV_NO_CONTACT,
			      "reg event", p, now, out);
}

/* ---- time ---- */

void vcc_user_due(struct vcc_store *s, struct vcc_user *u, const struct vcc_registration_policy *p,
		  int64_t now, struct vcc_outcome *out)
{
	bool lapsed = false;

	*out = (struct vcc_outcome){.user = u->id};
	vcc_user_begin(u);
	for (unsigned i = 0; i < VCC_IDENTITIES_MAX; i++)
		if (u->identity[i].told_ms && u->identity[i].told_ms <= now) {
			u->identity[i].told_ms = 0;
			lapsed = true;
		}
	for (unsigned i = 0; i < VCC_CONTACTS_MAX; i++)
		if (u->contact[i].uri[0] && u->contact[i].expires_ms <= now) {
			memset(&u->contact[i], 0, sizeof(u->contact[i]));
			lapsed = true;
		}
	if (lapsed && !vcc_told_until(u))
		vcc_registration_step(
		    s, u, vcc_last_contact(u, now) ? end_event(u, p) : VCC_REG_EV_ENDED_ALL,
		    "lapsed", p, now, out);
	if (u->state == VCC_REG_DOUBTFUL && u->doubt_ms <= now)
		vcc_registration_step(s, u, VCC_REG_EV_NO_WORD, "no word", p, now, out);
	if (u->watch.due_ms && u->watch.due_ms <= now)
		vcc_watch_step(s, u, VCC_WATCH_EV_DUE, p, now, out);
	if (u->state == VCC_REG_GONE && u->forget_ms && u->forget_ms <= now) {
		vcc_registration_step(s, u, VCC_REG_EV_FORGET, NULL, p, now, out);
		return; /* the record is another's now */
	}
	vcc_user_arm(s, u);
	vcc_user_end(u);
}
