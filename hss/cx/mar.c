/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Authentication, TS 29.228 6.3. */
#include "aka/crypto.h"
#include "aka/sqn.h"
#include "hss/cx/identity.h"
#include "hss/subscription/registration.h"

static bool scheme_known(struct slice scheme)
{
	return slice_eq_nocase(scheme, SLICE_LIT("Digest-AKAv1-MD5")) ||
	       slice_eq_nocase(scheme, SLICE_LIT("Unknown"));
}

/*
 * TS 33.102 6.3.5. MAC-S is checked even where the counter would be kept: whoever sends AUTS
 * without the key gets no vectors for it.
 */
static bool resync(struct impi *impi, struct slice rand_auts, struct cx_answer *ans)
{
	uint8_t rand[AKA_RAND_LEN], auts[AKA_AUTS_LEN];
	uint64_t sqn_ms;

	if (rand_auts.len != sizeof(rand) + sizeof(auts)) {
		ans->result = RESULT_INVALID_AVP_VALUE;
		return false;
	}
	memcpy(rand, rand_auts.p, sizeof(rand));
	memcpy(auts, rand_auts.p + sizeof(rand), sizeof(auts));
	if (aka_auts_check(&impi->key, rand, auts, &sqn_ms)) {
		ans->resync_failed = true;
		return false;
	}
	impi->sqn = sqn_he_resync(impi->sqn, sqn_ms);
	ans->resynced = true;
	return true;
}

static bool make_vectors(struct impi *impi, size_t n, struct cx_answer *ans)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t rand[AKA_RAND_LEN];
		uint64_t sqn;

		if (aka_random(rand, sizeof(rand)) || sqn_he_next(impi->sqn, &sqn) ||
		    aka_vector_make(&impi->key, rand, sqn, impi->amf, &ans->vector[i]))
			return false;
		impi->sqn = sqn;
		ans->n_vectors++;
	}
	return true;
}

unsigned int cx_mar(struct subscription *sub, const struct cx_policy *policy,
		    const struct cx_request *req, struct cx_answer *ans)
{
	size_t n = req->items ? req->items : 1, max = policy->vectors_max;
	uint64_t sqn_before;
	int impi, impu;

	cx_answer_clear(ans);
	if (!cx_identities(sub, req, ans, &impi, &impu))
		return 0;
	if (impi < 0 || impu < 0) {
		ans->result = RESULT_MISSING_AVP;
		return 0;
	}
	if (!scheme_known(req->scheme)) {
		ans->result = CX_AUTH_SCHEME_NOT_SUPPORTED;
		return 0;
	}
	if (max < 1 || max > CX_VECTORS_MAX)
		max = CX_VECTORS_MAX;
	sqn_before = sub->impi[impi].sqn;
	if ((req->resync.len && !resync(&sub->impi[impi], req->resync, ans)) ||
	    !make_vectors(&sub->impi[impi], n < max ? n : max, ans) ||
	    scscf_assign(sub, req->scscf, req->origin_host, req->origin_realm)) {
		explicit_bzero(ans->vector, sizeof(ans->vector));
		ans->n_vectors = 0;
		ans->resynced = false;
		sub->impi[impi].sqn = sqn_before;
		return 0;
	}
	/* whoever authenticates the user is the S-CSCF from now on; what is registered stays so */
	sub->impu[impu].pending |= (uint16_t)(1u << impi);
	ans->result = RESULT_SUCCESS;
	return CHANGED_STATE | CHANGED_SQN;
}
