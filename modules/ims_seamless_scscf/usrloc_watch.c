/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Following stock: what save(), the timer, RTR and ulscscf RPCs do to bindings is mirrored in the model. The
 * callbacks run under a udomain lock (sometimes a contact slot lock too), so nothing is sent from here but put
 * aside for the timer process.
 */
#include "modules/ims_seamless_scscf/glue.h"

static size_t read_set(impurecord_t *r, struct slice *impus, bool *barred)
{
	size_t n = 0;

	for (int i = 0; r->s && i < r->s->service_profiles_cnt; i++) {
		ims_service_profile *sp = &r->s->service_profiles[i];

		for (int k = 0; k < sp->public_identities_cnt && n < SET_IMPUS_MAX; k++) {
			impus[n] = slice_of(sp->public_identities[k].public_identity);
			barred[n++] = sp->public_identities[k].barring != 0;
		}
	}
	if (!n) {
		impus[n] = slice_of(r->public_identity);
		barred[n++] = false;
	}
	return n;
}

static struct slice private_identity(impurecord_t *r)
{
	if (r->private_identity.len)
		return slice_of(r->private_identity);
	return r->s ? slice_of(r->s->private_identity) : SLICE_NULL;
}

static void learn(impurecord_t *r, ucontact_t *c)
{
	struct slice impus[SET_IMPUS_MAX], instance = SLICE_NULL;
	bool barred[SET_IMPUS_MAX];
	size_t n = read_set(r, impus, barred);
	time_t now = time(NULL);
	struct implicit_set *set;
	struct binding_info info = {0};
	uint64_t reg_id = 0;
	struct model *m;
	int rc;

	for (param_t *p = c->params; p; p = p->next) {
		if (slice_eq_nocase(slice_of(p->name), SLICE_LIT("+sip.instance")))
			instance = sip_unquote(slice_of(p->body));
		else if (slice_eq_nocase(slice_of(p->name), SLICE_LIT("reg-id")))
			(void)slice_u64(slice_of(p->body), 0x7fffffff, &reg_id);
	}
	info.contact = slice_of(c->c);
	info.instance = instance;
	info.reg_id = instance.len ? (uint32_t)reg_id : 0;
	info.path = slice_of(c->path);
	info.call_id = slice_of(c->callid);
	info.cseq = (uint32_t)c->cseq;
	info.expires_s = c->expires > now ? (uint32_t)(c->expires - now) : 0;
	info.usrloc_id = (uint64_t)(uintptr_t)c;
	m = seamless_lock();
	rc = model_learn_set(m, private_identity(r), impus, barred, n, &set);
	if (!rc)
		rc = model_bind(m, set, &info, seamless_now_ms(), NULL, NULL);
	seamless_unlock();
	if (rc) {
		counter_inc(seamless_cnt.no_memory);
		LM_INFO("contact %.*s of %.*s not followed: %s\n", c->c.len, c->c.s, r->public_identity.len,
			r->public_identity.s, model_strerror(rc));
	}
}

static void forget(impurecord_t *r, ucontact_t *c)
{
	struct effects e;
	struct implicit_set *set;
	struct model *m;

	effects_init(&e);
	m = seamless_lock();
	set = model_set(m, private_identity(r), slice_of(r->public_identity));
	if (set && c)
		model_unbind(m, set, slice_of(c->c), CONTACT_EXPIRED, true, seamless_now_ms(), &e);
	else if (set)
		model_forget_set(m, set, seamless_now_ms(), &e);
	seamless_unlock();
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
	/* UL_IMPU_NEW_CONTACT and UL_IMPU_EXPIRE_CONTACT are the contact events that 5.6 really runs. */
	if (seamless_ul.register_ulcb(r, NULL, UL_IMPU_NEW_CONTACT | UL_IMPU_UPDATE_CONTACT | UL_IMPU_EXPIRE_CONTACT |
				      UL_IMPU_DELETE, on_change, NULL) < 0)
		LM_ERR("cannot follow %.*s\n", r->public_identity.len, r->public_identity.s);
}

int usrloc_watch_init(void)
{
	return seamless_ul.register_ulcb(NULL, NULL, UL_IMPU_INSERT, on_insert, NULL) < 0 ? -1 : 0;
}
