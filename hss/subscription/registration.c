/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/subscription/registration.h"

#include <strings.h>

#include "hss/subscription/activation.h"
#include "hss/subscription/ifc.h"

uint64_t implicit_set(const struct subscription *sub, int i, int impi)
{
	uint64_t set = IMPU_BIT(i);
	uint32_t number = sub->impu[i].set;

	if (number == 0)
		return set;
	for (size_t j = 0; j < sub->n_impu; j++)
		if (sub->impu[j].set == number && (impi < 0 || (sub->impu[j].impis & 1u << impi)))
			set |= IMPU_BIT(j);
	return set;
}

bool impu_registered(const struct impu *impu)
{
	return impu->registered != 0;
}

const char *impu_state(const struct impu *impu)
{
	return impu->registered	    ? "registered"
	       : impu->unregistered ? "unregistered"
	       : impu->pending	    ? "authentication-pending"
				    : "not-registered";
}

bool subscription_needs_scscf(const struct subscription *sub)
{
	for (size_t i = 0; i < sub->n_impu; i++)
		if (sub->impu[i].registered || sub->impu[i].unregistered || sub->impu[i].pending)
			return true;
	return false;
}

bool impu_has_unregistered_services(const struct subscription *sub, const struct impu *impu)
{
	for (size_t i = 0; i < subscription_ifcs(sub); i++) {
		const struct ifc *f = subscription_ifc(sub, i);

		if (f->profile == impu->profile && ifc_serves_unregistered(f) &&
		    !ifc_masked(sub, (int)(impu - sub->impu), f))
			return true;
	}
	return false;
}

void impus_register(struct subscription *sub, uint64_t impus, int impi)
{
	uint16_t bit = (uint16_t)(1u << impi), by_address = 0;

	for (size_t i = 0; i < sub->n_impu; i++)
		if (impus & IMPU_BIT(i))
			by_address |= sub->impu[i].address_asked & bit;
	for (size_t i = 0; i < sub->n_impu; i++) {
		if (!(impus & IMPU_BIT(i)))
			continue;
		sub->impu[i].registered |= bit;
		sub->impu[i].pending &= (uint16_t)~bit;
		sub->impu[i].by_address |= by_address;
		sub->impu[i].unregistered = false;
	}
}

void impus_deregister(struct subscription *sub, uint64_t impus, int impi)
{
	uint16_t keep = (uint16_t)(impi < 0 ? 0 : ~(1u << impi));

	for (size_t i = 0; i < sub->n_impu; i++) {
		if (!(impus & IMPU_BIT(i)))
			continue;
		sub->impu[i].registered &= keep;
		sub->impu[i].pending &= keep;
		sub->impu[i].by_address &= keep;
		sub->impu[i].address_asked &= keep;
		sub->impu[i].unregistered = false;
	}
}

void impus_unregister(struct subscription *sub, uint64_t impus)
{
	for (size_t i = 0; i < sub->n_impu; i++) {
		if (!(impus & IMPU_BIT(i)))
			continue;
		sub->impu[i].registered = sub->impu[i].pending = 0;
		sub->impu[i].by_address = sub->impu[i].address_asked = 0;
		sub->impu[i].unregistered = true;
	}
}

/* Who has registered users, and is not their S-CSCF any more, has to be told one day. */
static void note_replaced(struct subscription *sub, const char *host)
{
	bool registered = false;

	for (size_t i = 0; i < sub->n_impu; i++)
		registered |= sub->impu[i].registered != 0;
	if (strcasecmp(sub->replaced_host, host) == 0) { /* it is back */
		sub->replaced_host[0] = sub->replaced_realm[0] = '\0';
	} else if (!sub->replaced_host[0] && sub->scscf_host[0] && registered &&
		   strcasecmp(sub->scscf_host, host) != 0) {
		strcpy(sub->replaced_host, sub->scscf_host);
		strcpy(sub->replaced_realm, sub->scscf_realm);
	}
}

int scscf_assign(struct subscription *sub, struct slice name, struct slice host, struct slice realm)
{
	char copy[3][IDENTITY_SIZE];

	if (slice_copy(name, copy[0], IDENTITY_SIZE) || slice_copy(host, copy[1], IDENTITY_SIZE) ||
	    slice_copy(realm, copy[2], IDENTITY_SIZE))
		return -1;
	note_replaced(sub, copy[1]);
	if (strcmp(sub->scscf, copy[0]) != 0)
		sub->scscf_features = 0; /* it has not said yet what it supports */
	strcpy(sub->scscf, copy[0]);
	strcpy(sub->scscf_host, copy[1]);
	strcpy(sub->scscf_realm, copy[2]);
	sub->reassigning = false;
	return 0;
}

void scscf_clear(struct subscription *sub)
{
	sub->scscf[0] = sub->scscf_host[0] = sub->scscf_realm[0] = '\0';
	sub->scscf_features = 0;
	sub->replaced_host[0] = sub->replaced_realm[0] = '\0';
	sub->reassigning = false;
}
