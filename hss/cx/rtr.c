/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deregistration that the HSS begins, TS 29.228 6.1.3. */
#include "hss/cx/cx.h"
#include "hss/subscription/registration.h"

uint64_t cx_rtr_identities(const struct subscription *sub, int impi, uint64_t impus)
{
	uint64_t out = 0;

	for (int i = 0; i < (int)sub->n_impu; i++) {
		uint64_t set;

		if (impus && !(impus & IMPU_BIT(i)))
			continue;
		set = implicit_set(sub, i, impi);
		for (size_t j = 0; j < sub->n_impu; j++)
			if ((set & IMPU_BIT(j)) && (sub->impu[j].registered & 1u << impi))
				out |= IMPU_BIT(j);
	}
	return out;
}

unsigned int cx_rtr_done(struct subscription *sub, int impi, uint64_t impus)
{
	impus_deregister(sub, impus, impi);
	if (!subscription_needs_scscf(sub))
		scscf_clear(sub);
	return CHANGED_STATE;
}

int deregistration_reason_parse(struct slice word, enum deregistration_reason *out)
{
	static const char *const words[] = {"permanent-termination", "new-server-assigned",
					    "server-change", "remove-scscf"};

	for (int i = 0; i < 4; i++)
		if (slice_eq(word, slice_str(words[i]))) {
			*out = (enum deregistration_reason)i;
			return 0;
		}
	return -1;
}
