/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing to the stock ims_usrloc_scscf, so that lookup(), SUBSCRIBE handling and third-party
 * REGISTER go on as they are. One udomain lock at a time, a contact slot lock only inside it, as
 * stock does.
 */
#include "modules/ims_seamless_scscf/glue.h"
#include "../../core/mem/shm_mem.h"
#include "../../core/parser/parse_methods.h"

int usrloc_own_change;

/* Contact parameters as the list stock keeps; the strings lie in the header. */
static param_t *make_params(struct slice params, struct scscf_arena *a)
{
	param_t *first = NULL, **last = &first;
	struct slice name, value;

	while (sip_param_next(&params, &name, &value) == 1) {
		param_t *p = scscf_arena_alloc(a, sizeof(*p));

		if (!p)
			break;
		value = sip_unquote(value);
		p->name = str_of(name);
		p->body = str_of(value);
		*last = p;
		last = &p->next;
	}
	return first;
}

void usrloc_contact_info(const struct usrloc_contact *c, ucontact_info_t *ci, struct scscf_arena *a)
{
	memset(ci, 0, sizeof(*ci));
	ci->received = c->received;
	ci->path = c->path.len ? (str *)&c->path : NULL;
	ci->expires = time(NULL) + c->expires_s;
	ci->q = c->has_q ? (qvalue_t)c->q_milli : Q_UNSPECIFIED;
	ci->callid = (str *)&c->call_id;
	ci->cseq = c->cseq;
	ci->user_agent = (str *)&c->user_agent;
	ci->sock = c->sock;
	ci->cflags = c->cflags;
	ci->methods = ALL_METHODS;
	ci->params = make_params(c->params, a);
}

int usrloc_bind_record(impurecord_t *r, const struct usrloc_contact *c, ucontact_info_t *ci)
{
	ucontact_t *u;
	int rc;

	r->reg_state = IMPU_REGISTERED;
	/* With save_all the HSS hears from us when a registration ends. */
	if (seamless_params.save_all)
		r->send_sar_on_delete = 0;
	if (seamless_ul.get_ucontact((str *)&c->uri, ci->callid, ci->path, ci->cseq, &u) != 0) {
		return seamless_ul.insert_ucontact(r, (str *)&c->uri, ci, &u) != 0 ? -1 : 0;
	}
	seamless_ul.lock_contact_slot_i(u->sl);
	u->state = CONTACT_VALID;
	rc = seamless_ul.update_ucontact(r, u, ci);
	seamless_ul.unlock_contact_slot_i(u->sl);
	seamless_ul.release_ucontact(u);
	return rc;
}

/* Stock releases every dialog it hung on a contact when the contact goes; ours are released by the
 * linger timer. */
static void let_dialogs_go(ucontact_t *u)
{
	while (u->first_dialog_data)
		if (seamless_ul.remove_dialog_data_from_contact(u, u->first_dialog_data->h_entry,
								u->first_dialog_data->h_id))
			break;
}

void usrloc_let_dialogs_go(ucontact_t *u)
{
	seamless_ul.lock_contact_slot_i(u->sl);
	let_dialogs_go(u);
	seamless_ul.unlock_contact_slot_i(u->sl);
}

/* Any contact if the slice is empty. */
static void unbind_one(impurecord_t *r, struct slice contact)
{
	impu_contact_t *next;

	for (impu_contact_t *ic = r->linked_contacts.head; ic; ic = next) {
		ucontact_t *u = ic->contact;

		next = ic->next;
		if (!u || (contact.len && !slice_eq(slice_of(u->c), contact)))
			continue;
		seamless_ul.lock_contact_slot_i(u->sl);
		let_dialogs_go(u);
		seamless_ul.unlink_contact_from_impu(r, u, 1, 1);
		seamless_ul.unlock_contact_slot_i(u->sl);
		if (contact.len)
			return;
	}
}

void usrloc_unbind(const struct slice *impus, size_t n, struct slice contact)
{
	usrloc_own_change++;
	for (size_t i = 0; i < n; i++) {
		str impu = str_of(impus[i]);
		impurecord_t *r;

		seamless_ul.lock_udomain(seamless_domain, &impu);
		if (seamless_ul.get_impurecord(seamless_domain, &impu, &r) == 0)
			unbind_one(r, contact);
		seamless_ul.unlock_udomain(seamless_domain, &impu);
	}
	usrloc_own_change--;
}

void usrloc_follow(const struct scscf_effect *f)
{
	for (size_t i = 0; i < f->impus_n; i++) {
		struct scscf_model *m = seamless_lock();
		bool bound = scscf_model_contact_bound(m, f->impus[i], f->contact);

		seamless_unlock();
		if (!bound)
			usrloc_unbind(&f->impus[i], 1, f->contact);
	}
}

void usrloc_follow_all(struct scscf_effects *e)
{
	for (struct scscf_effect *f = e->first; f; f = f->next) {
		if (f->kind != SCSCF_EFFECT_SHADOW_UNBIND)
			continue;
		usrloc_follow(f);
		f->impus_n = 0;
	}
}

void usrloc_unbind_all(struct slice impu)
{
	usrloc_unbind(&impu, 1, SLICE_NULL);
}

void usrloc_no_sar(const struct slice *impus, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		str impu = str_of(impus[i]);
		impurecord_t *r;

		seamless_ul.lock_udomain(seamless_domain, &impu);
		if (seamless_ul.get_impurecord(seamless_domain, &impu, &r) == 0)
			r->send_sar_on_delete = 0;
		seamless_ul.unlock_udomain(seamless_domain, &impu);
	}
}
