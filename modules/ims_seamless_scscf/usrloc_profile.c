/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User profiles in the records of the stock ims_usrloc_scscf. One udomain lock at a time.
 *
 * update_impurecord() of 5.6 is not given our profiles: of two that share an identity it keeps the
 * old one, and a second implicit set of several identities it puts into its list several times, so
 * that the list has no end. It makes records here, for a seed that nobody else knows; the profile
 * itself is put in its place. Stock's list of profiles never sees ours, nor needs to.
 */
#include "modules/ims_seamless_scscf/unregistered.h"
#include "modules/ims_seamless_scscf/user_data.h"
#include "../../core/mem/shm_mem.h"

#define CONTACTS_MAX SCSCF_SET_BINDINGS_MAX

/* The contacts of one identity, to be linked to another one. */
struct contacts {
	struct scscf_arena arena;
	struct slice uri[CONTACTS_MAX];
	size_t n;
};

static void list_contacts(impurecord_t *r, struct contacts *list)
{
	for (impu_contact_t *ic = r->linked_contacts.head; ic && list->n < CONTACTS_MAX;
	     ic = ic->next)
		if (ic->contact && ic->contact->state == CONTACT_VALID)
			list->uri[list->n++] =
			    scscf_arena_text(&list->arena, slice_of(ic->contact->c));
}

static void link_contacts(impurecord_t *r, const struct contacts *list)
{
	for (size_t i = 0; i < list->n; i++) {
		str uri = str_of(list->uri[i]), none = STR_NULL;
		ucontact_t *u;

		if (seamless_ul.get_ucontact(&uri, &none, &none, 0, &u) != 0)
			continue;
		seamless_ul.lock_contact_slot_i(u->sl);
		seamless_ul.link_contact_to_impu(r, u, 1);
		seamless_ul.unlock_contact_slot_i(u->sl);
		seamless_ul.release_ucontact(u);
	}
}

static int set_private_identity(impurecord_t *r, str impi)
{
	char *copy = shm_malloc(impi.len);

	if (!copy)
		return -1;
	memcpy(copy, impi.s, impi.len);
	shm_free(r->private_identity.s);
	r->private_identity.s = copy;
	r->private_identity.len = impi.len;
	return 0;
}

static int make_record(str impu, const ims_subscription *s, bool barred, bool primary, str *cf[4],
		       impurecord_t **r)
{
	ims_subscription *seed = user_data_seed();
	int rc;

	*r = NULL;
	if (!seed)
		return -1;
	rc = seamless_ul.update_impurecord(seamless_domain, &impu, NULL, IMS_USER_REGISTERED, -1,
					   barred, primary, &seed, cf[0], cf[1], cf[2], cf[3], r);
	seamless_ul.unref_subscription(seed);
	return rc || !*r ? -1 : set_private_identity(*r, s->private_identity);
}

/* The record's lock is held: nobody reads r->s now. */
static void put_profile(impurecord_t *r, ims_subscription *s)
{
	if (r->s == s)
		return;
	seamless_ul.ref_subscription(s);
	if (r->s)
		seamless_ul.unref_subscription(r->s);
	r->s = s;
}

/* What one identity's record is made or brought up to date with. */
struct record_entry {
	ims_subscription *s;
	struct slice impu;
	bool barred, primary;
	str *cf[4];
};

/* The record's lock is held. 0 and *r, or a USRLOC_E_*. */
static int store_record(const struct record_entry *e, impurecord_t **r, bool *made)
{
	str impu = str_of(e->impu);
	int rc;

	*made = seamless_ul.get_impurecord(seamless_domain, &impu, r) != 0;
	if (*made)
		rc = make_record(impu, e->s, e->barred, e->primary, (str **)e->cf, r);
	else
		rc = seamless_ul.update_impurecord(seamless_domain, &impu, *r, IMS_USER_REGISTERED,
						   -1, e->barred, e->primary, NULL, e->cf[0],
						   e->cf[1], e->cf[2], e->cf[3], r);
	if (!rc)
		put_profile(*r, e->s);
	return rc ? USRLOC_E_STOCK : 0;
}

static size_t list_entries(const struct usrloc_profile *p, struct record_entry *entries)
{
	struct slice impus[SCSCF_SET_IMPUS_MAX];
	bool barred[SCSCF_SET_IMPUS_MAX], first = true;
	size_t n = user_data_identities(p->s, impus, barred, SCSCF_SET_IMPUS_MAX);

	for (size_t i = 0; i < n; i++) {
		struct record_entry *e = &entries[i];

		e->s = p->s;
		e->impu = impus[i];
		e->barred = barred[i];
		e->primary = first && !barred[i];
		first = first && !e->primary;
		for (int k = 0; k < 4; k++)
			e->cf[k] = p->charging[k].len ? (str *)&p->charging[k] : NULL;
	}
	return n;
}

/* Without a profile the record must be there. */
static int bind_identity(str impu, const struct record_entry *e, const struct usrloc_contact *c,
			 ucontact_info_t *ci)
{
	impurecord_t *r = NULL;
	bool made;
	int rc;

	seamless_ul.lock_udomain(seamless_domain, &impu);
	if (e)
		rc = store_record(e, &r, &made);
	else
		rc = seamless_ul.get_impurecord(seamless_domain, &impu, &r) == 0 ? 0
										 : USRLOC_E_UNKNOWN;
	if (!rc && usrloc_bind_record(r, c, ci))
		rc = USRLOC_E_STOCK;
	seamless_ul.unlock_udomain(seamless_domain, &impu);
	return rc;
}

static int bind_all(const struct slice *impus, const struct record_entry *entries, size_t n,
		    const struct usrloc_contact *c, ucontact_info_t *ci)
{
	int rc = n ? 0 : USRLOC_E_UNKNOWN;

	usrloc_own_change++;
	for (size_t i = 0; i < n && !rc; i++)
		rc = bind_identity(str_of(entries ? entries[i].impu : impus[i]),
				   entries ? &entries[i] : NULL, c, ci);
	usrloc_own_change--;
	return rc;
}

int usrloc_bind(const struct slice *impus, size_t n, const struct usrloc_contact *c,
		const struct usrloc_profile *profile)
{
	struct record_entry entries[SCSCF_SET_IMPUS_MAX];
	struct scscf_arena a = {0};
	ucontact_info_t ci;
	int rc;

	usrloc_contact_info(c, &ci, &a);
	if (profile)
		n = list_entries(profile, entries);
	rc = a.failed ? USRLOC_E_STOCK : bind_all(impus, profile ? entries : NULL, n, c, &ci);
	scscf_arena_free(&a);
	return rc;
}

/* Records of a changed profile; new ones get these contacts. */
static int store(const struct usrloc_profile *p, const struct contacts *contacts)
{
	struct record_entry entries[SCSCF_SET_IMPUS_MAX];
	size_t n = list_entries(p, entries);
	int rc = 0;

	usrloc_own_change++;
	for (size_t i = 0; i < n && !rc; i++) {
		str impu = str_of(entries[i].impu);
		impurecord_t *r;
		bool made;

		seamless_ul.lock_udomain(seamless_domain, &impu);
		rc = store_record(&entries[i], &r, &made);
		if (!rc && made)
			link_contacts(r, contacts);
		seamless_ul.unlock_udomain(seamless_domain, &impu);
	}
	usrloc_own_change--;
	return rc;
}

static bool has_contact(const impurecord_t *r)
{
	for (const impu_contact_t *ic = r->linked_contacts.head; ic; ic = ic->next)
		if (ic->contact && ic->contact->state == CONTACT_VALID)
			return true;
	return false;
}

int usrloc_store_unregistered(ims_subscription *s, const str charging[4])
{
	const struct usrloc_profile profile = {s, charging};
	struct record_entry entries[SCSCF_SET_IMPUS_MAX];
	size_t n = list_entries(&profile, entries);
	int rc = 0;

	usrloc_own_change++;
	for (size_t i = 0; i < n && !rc; i++) {
		str impu = str_of(entries[i].impu);
		impurecord_t *r;
		bool made;

		seamless_ul.lock_udomain(seamless_domain, &impu);
		if (seamless_ul.get_impurecord(seamless_domain, &impu, &r) != 0 ||
		    !has_contact(r)) {
			rc = store_record(&entries[i], &r, &made);
			if (!rc) {
				r->reg_state = IMPU_UNREGISTERED;
				/* The HSS keeps him for us until it says so itself. */
				r->send_sar_on_delete = 0;
			}
		}
		seamless_ul.unlock_udomain(seamless_domain, &impu);
	}
	usrloc_own_change--;
	return rc ? -1 : 0;
}

bool usrloc_has_records(const struct slice *impus, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!usrloc_has_record(impus[i]))
			return false;
	return true;
}

bool usrloc_has_record(struct slice impu)
{
	str s = str_of(impu);
	impurecord_t *r;
	bool found;

	seamless_ul.lock_udomain(seamless_domain, &s);
	found = seamless_ul.get_impurecord(seamless_domain, &s, &r) == 0;
	seamless_ul.unlock_udomain(seamless_domain, &s);
	return found;
}

/* ---- a profile that the HSS has changed ---- */

/* The profile and the contacts of the first identity that is registered; the caller releases the
 * profile. */
static ims_subscription *find_profile(const struct slice *impus, size_t n,
				      struct contacts *contacts)
{
	ims_subscription *s = NULL;

	for (size_t i = 0; i < n && !s; i++) {
		str impu = str_of(impus[i]);
		impurecord_t *r;

		seamless_ul.lock_udomain(seamless_domain, &impu);
		if (seamless_ul.get_impurecord(seamless_domain, &impu, &r) == 0 && r->s &&
		    r->reg_state == IMPU_REGISTERED) {
			s = r->s;
			seamless_ul.ref_subscription(s);
			list_contacts(r, contacts);
		}
		seamless_ul.unlock_udomain(seamless_domain, &impu);
	}
	return s;
}

/* Identities the old profile had and the new one has not: no contact any more. */
static void unbind_left(const ims_subscription *old, const struct slice *impus, size_t n)
{
	struct slice before[SCSCF_SET_IMPUS_MAX];
	size_t m = user_data_identities(old, before, NULL, SCSCF_SET_IMPUS_MAX);

	for (size_t i = 0; i < m; i++) {
		size_t k = 0;

		while (k < n && !slice_eq(impus[k], before[i]))
			k++;
		if (k == n) {
			usrloc_no_sar(&before[i], 1);
			usrloc_unbind_all(before[i]);
		}
	}
}

int usrloc_replace_profile(ims_subscription *s, const str charging[4])
{
	struct slice impus[SCSCF_SET_IMPUS_MAX];
	size_t n = user_data_identities(s, impus, NULL, SCSCF_SET_IMPUS_MAX);
	const struct usrloc_profile profile = {s, charging};
	struct contacts contacts = {0};
	ims_subscription *old = find_profile(impus, n, &contacts);
	int rc;

	if (!old)
		return USRLOC_E_UNKNOWN;
	rc = store(&profile, &contacts);
	if (!rc)
		unbind_left(old, impus, n);
	seamless_ul.unref_subscription(old);
	scscf_arena_free(&contacts.arena);
	return rc;
}
