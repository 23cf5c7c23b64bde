/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cx/spread.h"

#include <inttypes.h>
#include <stdlib.h>

/* impus[0] of such an errand is the number of the set, impus[1] the last subscription that was looked at. */
static int put(struct transaction *tx, uint32_t set, int64_t after)
{
	struct cx_errand *e = calloc(1, sizeof(*e));
	int err = STORE_EIO;

	if (e) {
		e->kind = ERRAND_SHARED;
		e->n_impus = 2;
		snprintf(e->impus[0], sizeof(e->impus[0]), "%" PRIu32, set);
		snprintf(e->impus[1], sizeof(e->impus[1]), "%" PRId64, after);
		err = store_put_errand(tx, e);
	}
	free(e);
	return err;
}

int spread_begin(struct transaction *tx, uint32_t set)
{
	return put(tx, set, 0);
}

static bool registered_by(const struct subscription *sub, size_t impi)
{
	for (size_t i = 0; i < sub->n_impu; i++)
		if (sub->impu[i].registered & 1u << impi)
			return true;
	return false;
}

/* A PPR for each private identity that has registered something. */
static int tell(struct transaction *tx, const struct subscription *sub)
{
	struct cx_errand *e = calloc(1, sizeof(*e));
	int err = e ? 0 : STORE_EIO;

	for (size_t i = 0; i < sub->n_impi && err == 0; i++) {
		if (!registered_by(sub, i))
			continue;
		e->kind = ERRAND_PPR;
		strcpy(e->impi, sub->impi[i].name);
		err = store_put_errand(tx, e);
	}
	free(e);
	return err;
}

/* Sets of which a criterion is masked are written out, whatever the S-CSCF has itself. */
static bool anything_masked(const struct subscription *sub)
{
	for (size_t i = 0; i < sub->n_impu; i++)
		if (sub->impu[i].masked[0])
			return true;
	return false;
}

int spread_piece(struct transaction *tx, const struct cx_errand *errand, struct subscription *sub)
{
	int64_t ids[SPREAD_PIECE];
	uint64_t set, after;
	int n, err;

	if (errand->n_impus != 2 || slice_u64(slice_str(errand->impus[0]), SHARED_SET_MAX, &set) ||
	    slice_u64(slice_str(errand->impus[1]), INT64_MAX, &after))
		return store_end_errand(tx, errand->id); /* none of ours */
	n = store_shared_users(tx, (uint32_t)set, (int64_t)after, ids, SPREAD_PIECE);
	err = n < 0 ? n : store_end_errand(tx, errand->id);
	for (int i = 0; i < n && err == 0; i++) {
		err = store_load(tx, ids[i], sub);
		if (err == 0 && (!(sub->scscf_features & CX_FEATURE_SIFC) || anything_masked(sub)))
			err = tell(tx, sub);
		if (err == STORE_ESEAL || err == STORE_ENOTFOUND)
			err = 0; /* nobody can tell that one anything */
	}
	if (err == 0 && n == SPREAD_PIECE)
		err = put(tx, (uint32_t)set, ids[n - 1]);
	return err;
}
