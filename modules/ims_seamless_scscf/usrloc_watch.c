/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Following stock: what save(), the timer, RTR and ulscscf RPCs do to bindings is mirrored in the
 * model. The callbacks run under a udomain lock (sometimes a contact slot lock too), so nothing is
 * sent from here but put aside for the timer process.
 */
#include "modules/ims_seamless_scscf/user_data.h"

static size_t read_set(impurecord_t *r, struct slice *impus, bool *barred)
{
	size_t n = r->s ? user_data_identities(r->s, impus, barred, SCSCF_SET_IMPUS_MAX) : 0;

	if (!n) {
		impus[n] = slice_of(r->public_identity);
		barred[n++] = false;
	}
	return n;
}

/* A token or URI characters: needs no quotes. */
static bool sip_value_is_plain(struct slice v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.p[i] <= ' ' || strchr("<>,;\"\\", v.p[i]))
			return false;
	return true;
}

static struct slice private_identity(impurecord_t *r)
{
	if (r->private_identity.len)
		return slice_of(r->private_identity);
	return r->s ? slice_of(r->s->private_identity) : SLICE_NULL;
}

/* Contact parameters as a header would show them; stock keeps them in pieces and without quotes. */
static struct slice read_params(const ucontact_t *c, struct scscf_arena *a)
{
	size_t len = 0, at = 0;
	char *buf;

	for (param_t *p = c->params; p; p = p->next)
		len += (size_t)p->name.len + (size_t)(p->body.len > 0 ? p->body.len : 0) + 4;
	if (!len || len > SCSCF_MODEL_TEXT_MAX || !(buf = scscf_arena_alloc(a, len + 1)))
		return SLICE_NULL;
	for (param_t *p = c->params; p; p = p->next) {
		const char *quote =
		    p->body.len > 0 && !sip_value_is_plain(slice_of(p->body)) ? "\"" : "";

		if (p->body.len > 0)
			at +=
			    (size_t)snprintf(buf + at, len + 1 - at, ";%.*s=%s%.*s%s", p->name.len,
					     p->name.s, quote, p->body.len, p->body.s, quote);
		else
			at += (size_t)snprintf(buf + at, len + 1 - at, ";%.*s", p->name.len,
					       p->name.s);
	}
	return slice_make(buf, at);
}

static void learn(impurecord_t *r, ucontact_t *c)
{
	struct slice impus[SCSCF_SET_IMPUS_MAX], instance = SLICE_NULL;
	bool barred[SCSCF_SET_IMPUS_MAX];
	size_t n = read_set(r, impus, barred);
	time_t now = time(NULL);
	struct scscf_implicit_set *set;
	struct scscf_binding_info info = {0};
	struct scscf_arena a = {0};
	uint64_t reg_id = 0;
	struct scscf_model *m;
	int rc;

	for (param_t *p = c->params; p; p = p->next) {
		if (slice_eq_nocase(slice_of(p->name), SLICE_LIT("+sip.instance")))
			instance = sip_unquote(slice_of(p->body));
		else if (slice_eq_nocase(slice_of(p->name), SLICE_LIT("reg-id")))
			(void)slice_u64(slice_of(p->body), 0x7fffffff, &reg_id);
	}
	info.contact = slice_of(c->c);
	info.params = read_params(c, &a);
	info.instance = instance;
	info.q_milli = c->q >= 0 && c->q <= 1000 ? (uint16_t)c->q : 1000;
	info.reg_id = instance.len ? (uint32_t)reg_id : 0;
	info.path = slice_of(c->path);
	info.call_id = slice_of(c->callid);
	info.cseq = (uint32_t)c->cseq;
	info.expires_s = c->expires > now ? (uint32_t)(c->expires - now) : 0;
	m = seamless_lock();
	rc = scscf_model_learn_set(m, private_identity(r), impus, barred, n, &set);
	if (!rc)
		rc = scscf_model_bind(m, set, &info, kam_now_ms(), NULL, NULL);
	seamless_unlock();
	scscf_arena_free(&a);
	if (rc) {
		counter_inc(seamless_counters.no_memory);
		LM_INFO("contact %.*s of %.*s not followed: %s\n", c->c.len, c->c.s,
			r->public_identity.len, r->public_identity.s, scscf_model_strerror(rc));
	}
}

static void forget(impurecord_t *r, ucontact_t *c)
{
	/* Without a contact stock has removed the record: the network deregistered it. */
	const struct scscf_unbind_how how = {.event = c ? SCSCF_CONTACT_EXPIRED
							: SCSCF_CONTACT_DEACTIVATED,
					     .quiet = true,
					     .final = !c,
					     .stock = true};
	struct scscf_effects e;
	struct scscf_implicit_set *set;
	struct scscf_model *m;

	scscf_effects_init(&e);
	m = seamless_lock();
	set = scscf_model_set(m, private_identity(r), slice_of(r->public_identity));
	if (set)
		scscf_model_unbind(m, set, c ? slice_of(c->c) : SLICE_NULL, &how, kam_now_ms(), &e);
	seamless_unlock();
	/* Sessions linger on after the contact has run out: stock must not end them with it. */
	for (const struct scscf_effect *f = e.first; c && f; f = f->next)
		if (f->kind == SCSCF_EFFECT_LINGER_START)
			usrloc_let_dialogs_go(c);
	effects_later(&e);
}

static void on_change(impurecord_t *r, ucontact_t *c, int type, void *param)
{
	if (usrloc_own_change)
		return;
	switch (type) {
	case UL_IMPU_NEW_CONTACT:
	case UL_IMPU_UPDATE_CONTACT:
		if (c)
			learn(r, c);
		break;
	case UL_IMPU_EXPIRE_CONTACT:
		if (c)
			forget(r, c);
		break;
	case UL_IMPU_DELETE:
		forget(r, NULL);
		break;
	default:
		break;
	}
}

static void on_insert(impurecord_t *r, ucontact_t *c, int type, void *param)
{
	/* UL_IMPU_NEW_CONTACT and UL_IMPU_EXPIRE_CONTACT are the contact events that 5.6 really
	 * runs. */
	if (seamless_ul.register_ulcb(r, NULL,
				      UL_IMPU_NEW_CONTACT | UL_IMPU_UPDATE_CONTACT |
					  UL_IMPU_EXPIRE_CONTACT | UL_IMPU_DELETE,
				      on_change, NULL) < 0)
		LM_ERR("cannot follow %.*s\n", r->public_identity.len, r->public_identity.s);
}

int usrloc_watch_init(void)
{
	return seamless_ul.register_ulcb(NULL, NULL, UL_IMPU_INSERT, on_insert, NULL) < 0 ? -1 : 0;
}
