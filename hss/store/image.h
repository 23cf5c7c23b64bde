/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A subscription as octets, for keeping many in memory: what requests leave as it is (profile), and what they change
 * (state). Keys are in it as a row of the store has them, sealed where there is a master key.
 */
#ifndef HSS_STORE_IMAGE_H
#define HSS_STORE_IMAGE_H

#include "hss/store/store.h"
#include "hss/subscription/subscription.h"

enum {
	IMAGE_PROFILE_MAX =
	    2 * sizeof(struct subscription), /* octets that any subscription fits in */
	IMAGE_STATE_MAX = 6 * IDENTITY_SIZE + 24 * (SUB_IMPIS_MAX + SUB_IMPUS_MAX),
	IMAGE_NAMES_MAX = SUB_IMPIS_MAX + SUB_IMPUS_MAX,
};

/*
 * Write one. Returns how many octets it has, or 0: no room, or a key cannot be sealed. names gets where each private and
 * then each public identity stands in out.
 */
size_t image_of_profile(struct store *store, const struct subscription *sub, uint8_t *out,
			size_t max, struct slice names[IMAGE_NAMES_MAX]);
size_t image_of_state(const struct subscription *sub, uint8_t *out, size_t max);

/*
 * Read both into sub, as store_load_parts() loads these parts. Returns 0; STORE_ENOTFOUND: they are not all there
 * (criteria of shared sets are not); or an error of a key.
 */
int image_read(struct store *store, struct slice profile, struct slice state, unsigned int parts,
	       struct subscription *sub);

#endif
