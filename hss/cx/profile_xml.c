/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cx/profile_xml.h"

#include <stdio.h>
#include <stdlib.h>

#include "hss/cx/ifc_xml.h"
#include "hss/subscription/activation.h"
#include "hss/subscription/wildcard.h"

/* IdentityType, TS 29.228 table B.1 */
enum { USER = 0, SERVICE = 1, WILDCARDED_SERVICE = 2, WILDCARDED_USER = 3 };

/* Each release has put its extension inside the one before. */
static void write_extension(struct xml *x, const struct impu *impu, uint32_t type)
{
	xml_open(x, "Extension");
	xml_number(x, "IdentityType", type);
	if (type == WILDCARDED_SERVICE)
		xml_text(x, "WildcardedPSI", impu->uri);
	if (impu->display[0] || impu->alias || type == WILDCARDED_USER) {
		xml_open(x, "Extension");
		if (impu->display[0])
			xml_text(x, "DisplayName", impu->display);
		if (impu->alias)
			xml_number(x, "AliasIdentityGroupID", impu->alias);
		if (type == WILDCARDED_USER) {
			xml_open(x, "Extension");
			xml_text(x, "WildcardedIMPU", impu->uri);
			xml_close(x);
		}
		xml_close(x);
	}
	xml_close(x);
}

/* asked: the one that matched, if impu is a wildcard that was found by it; else NULL. */
static void write_identity(struct xml *x, const struct impu *impu, const char *asked)
{
	bool wildcard = wildcard_is(slice_str(impu->uri));
	uint32_t type = wildcard ? (impu->service ? WILDCARDED_SERVICE : WILDCARDED_USER)
				 : (impu->service ? SERVICE : USER);

	xml_open(x, "PublicIdentity");
	xml_number(x, "BarringIndication", impu->barred);
	xml_text(x, "Identity", asked ? asked : impu->uri);
	if (impu->display[0] || impu->alias || type != USER)
		write_extension(x, impu, type);
	xml_close(x);
}

/*
 * The criterion for an identity that follows *last (NULL: the first) in the order in which they are evaluated: by
 * priority, of those with one priority the profile's own first, then those of shared sets as the sets stand. NULL: no
 * more.
 */
static const struct ifc *next_ifc(const struct subscription *sub, int impu, size_t n,
				  const struct ifc **last, size_t *at)
{
	uint32_t profile = sub->impu[impu].profile;
	const struct ifc *best = NULL;
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		const struct ifc *f = subscription_ifc(sub, i);

		if (f->profile != profile || ifc_masked(sub, impu, f) ||
		    (*last && (f->priority < (*last)->priority ||
			       (f->priority == (*last)->priority && i <= *at))) ||
		    (best && f->priority >= best->priority))
			continue;
		best = f;
		found = i;
	}
	*last = best;
	*at = found;
	return best;
}

/* A set of which a criterion is masked cannot be named by its number. */
static bool masks_shared(const struct subscription *sub, int impu)
{
	for (size_t i = 0; i < sub->n_borrowed; i++)
		if (sub->borrowed[i].profile == sub->impu[impu].profile &&
		    ifc_masked(sub, impu, &sub->borrowed[i]))
			return true;
	return false;
}

/* An S-CSCF that has the shared sets itself gets their numbers, another one all that is in them (TS 29.228 6.6). */
static void write_criteria(struct xml *x, const struct subscription *sub, int impu)
{
	bool by_number = (sub->scscf_features & CX_FEATURE_SIFC) && !masks_shared(sub, impu);
	bool open = false;
	const struct ifc *f = NULL;
	size_t n = by_number ? sub->n_ifc : subscription_ifcs(sub), at = 0;

	while (next_ifc(sub, impu, n, &f, &at))
		ifc_xml(x, f);
	for (size_t i = 0; by_number && i < sub->n_shared; i++) {
		if (sub->shared[i].profile != sub->impu[impu].profile)
			continue;
		if (!open)
			xml_open(x, "Extension");
		open = true;
		xml_number(x, "SharedIFCSetID", sub->shared[i].set);
	}
	if (open)
		xml_close(x);
}

static void write_service_profile(struct xml *x, const struct subscription *sub, uint64_t impus,
				  int first, const char *asked)
{
	xml_open(x, "ServiceProfile");
	write_identity(x, &sub->impu[first], asked);
	for (int i = 0; i < (int)sub->n_impu; i++)
		if (i != first && (impus & UINT64_C(1) << i) && same_service(sub, first, i))
			write_identity(x, &sub->impu[i], NULL);
	write_criteria(x, sub, first);
	xml_close(x);
}

/* One ServiceProfile for each profile number in use and what is masked of it, that of first in front. */
static void write_subscription(struct xml *x, const struct subscription *sub, const char *impi,
			       uint64_t impus, int first, const char *asked)
{
	uint64_t done = 0;

	xml_open(x, "IMSSubscription");
	xml_text(x, "PrivateID", impi);
	for (int pass = first < 0 ? 0 : -1; pass < (int)sub->n_impu; pass++) {
		int i = pass < 0 ? first : pass;

		if (!(impus & UINT64_C(1) << i) || (done & UINT64_C(1) << i))
			continue;
		write_service_profile(x, sub, impus, i, pass < 0 ? asked : NULL);
		for (int j = 0; j < (int)sub->n_impu; j++)
			if (same_service(sub, i, j))
				done |= UINT64_C(1) << j;
	}
	xml_close(x);
}

char *profile_xml(const struct subscription *sub, const char *impi, uint64_t impus, int first,
		  const char *asked, size_t *len)
{
	struct xml x;

	if (first >= 0 && !(impus & UINT64_C(1) << first))
		first = -1;
	xml_begin(&x);
	write_subscription(&x, sub, impi, impus, first, asked);
	return xml_end(&x, len);
}

int profile_check(const struct subscription *sub, char *why, size_t size)
{
	for (size_t i = 0; i < sub->n_impi; i++) {
		uint64_t all = sub->n_impu == 64 ? UINT64_MAX : (UINT64_C(1) << sub->n_impu) - 1;
		size_t len;
		char *xml = profile_xml(sub, sub->impi[i].name, all, -1, NULL, &len);

		if (!xml) {
			snprintf(why, size, "the profile of %s cannot be written",
				 sub->impi[i].name);
			return -1;
		}
		free(xml);
	}
	return 0;
}
