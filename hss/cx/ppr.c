/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile that the HSS pushes, TS 29.228 6.2.2. */
#include "hss/cx/cx.h"
#include "hss/subscription/registration.h"

unsigned int cx_ppr_done(struct subscription *sub, int impi, uint64_t impus)
{
	uint64_t fresh = 0;
	bool registered = false;
	uint16_t by_address = 0;

	for (size_t i = 0; i < sub->n_impu; i++) {
		if (!(impus & IMPU_BIT(i)))
			continue;
		if (sub->impu[i].registered & 1u << impi) {
			registered = true;
			by_address |= sub->impu[i].by_address & (uint16_t)(1u << impi);
		} else {
			fresh |= IMPU_BIT(i);
		}
	}
	if (!registered || !fresh)
		return 0;
	impus_register(sub, fresh, impi);
	for (size_t i = 0; i < sub->n_impu; i++)
		if (fresh & IMPU_BIT(i))
			sub->impu[i].by_address |= by_address;
	return CHANGED_STATE;
}
