/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Authentication, TS 29.228 6.3. */
#include "aka/crypto.h"
#include "aka/sqn.h"
#include "hss/cx/identity.h"
#include "hss/subscription/registration.h"

static const char *const names[] = {
    [CX_AKAV1_MD5] = "Digest-AKAv1-MD5",
    [CX_AKAV2_MD5] = "Digest-AKAv2-MD5",
    [CX_AKAV2_SHA_256] = "Digest-AKAv2-SHA-256",
    [CX_SIP_DIGEST] = "SIP Digest",
    [CX_GIBA] = "Early-IMS-Security",
};

const char *cx_scheme_name(enum cx_scheme scheme)
{
	return names[scheme];
}

bool cx_asks_address(struct slice scheme)
{
	return slice_eq_nocase(scheme, slice_str(names[CX_GIBA]));
}

/*
 * What the S-CSCF asks for must be what the user has: nobody gets the weaker of two. "Unknown" leaves
 * it to the HSS (TS 29.228 6.3.1), which never takes the address of the bearer for it: that counts for who may be
 * authenticated so, and only where it is asked for. The vector is the same in all versions of AKA: what is made of it is
 * for phone and S-CSCF (RFC 4169 3).
 */
static bool scheme_choose(const struct impi *impi, const struct cx_policy *policy,
			  struct slice asked, enum cx_scheme *scheme)
{
	bool digest = impi_by_digest(impi);

	*scheme = cx_asks_address(asked) ? CX_GIBA : digest ? CX_SIP_DIGEST : CX_AKAV1_MD5;
	if (*scheme == CX_GIBA)
		return policy->giba && impi->giba;
	if (slice_eq_nocase(asked, SLICE_LIT("Unknown")))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		*scheme = (enum cx_scheme)i;
		if (slice_eq_nocase(asked, slice_str(names[i])))
			return digest == (*scheme == CX_SIP_DIGEST);
	}
	return false;
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

bool cx_make_password(const struct cx_policy *policy, enum cx_scheme scheme,
		      const struct aka_vector *v, char out[AKA_V2_PASSWORD_SIZE])
{
	out[0] = '\0';
	if (!policy->akav2_password || scheme != CX_AKAV2_MD5)
		return true;
	return aka_digest_v2_password(slice_make((const char *)v->xres, v->xres_len), v->ik, v->ck,
				      out) == 0;
}

static bool make_vectors(struct impi *impi, size_t n, const struct cx_policy *policy,
			 struct cx_answer *ans)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t rand[AKA_RAND_LEN];
		uint64_t sqn;

		if (aka_rand_draw(rand) || sqn_he_next(impi->sqn, policy->ind, &sqn) ||
		    aka_vector_make(&impi->key, rand, sqn, impi->amf, &ans->vector[i]) ||
		    !cx_make_password(policy, ans->scheme, &ans->vector[i], ans->password[i]))
			return false;
		impi->sqn = sqn;
		ans->n_vectors++;
	}
	return true;
}

/* Vectors, after an AUTS if there is one. */
static bool by_aka(struct impi *impi, const struct cx_policy *policy, const struct cx_request *req,
		   struct cx_answer *ans)
{
	size_t n = req->items ? req->items : 1, max = policy->vectors_max;

	if (max < 1 || max > CX_VECTORS_MAX)
		max = CX_VECTORS_MAX;
	return (!req->resync.len || resync(impi, req->resync, ans)) &&
	       make_vectors(impi, n < max ? n : max, policy, ans);
}

/* The S-CSCF makes the nonce itself (TS 33.203 N.2.1); there is no sequence number to get in step. */
static bool by_digest(struct impi *impi, const struct cx_request *req, struct cx_answer *ans)
{
	if (req->resync.len)
		ans->result = RESULT_INVALID_AVP_VALUE;
	else
		ans->digest = impi;
	return ans->digest != NULL;
}

/* TS 33.203 T.4: the S-CSCF compares it with where the REGISTER came from. */
static bool by_address(const struct cx_request *req, struct cx_answer *ans)
{
	if (req->resync.len)
		ans->result = RESULT_INVALID_AVP_VALUE;
	else if (!req->bearer.until)
		ans->bearer_missing = true;
	else
		ans->bearer = &req->bearer;
	return ans->bearer != NULL;
}

/* What the scheme wants, into ans. */
static bool authenticate(struct impi *impi, const struct cx_policy *policy,
			 const struct cx_request *req, struct cx_answer *ans)
{
	switch (ans->scheme) {
	case CX_GIBA:
		return by_address(req, ans);
	case CX_SIP_DIGEST:
		return by_digest(impi, req, ans);
	default:
		return by_aka(impi, policy, req, ans);
	}
}

/* The store must have a number before it leaves. What it has is behind the last one unless there was an AUTS. */
static unsigned int set_aside(struct impi *impi, uint64_t before, const struct cx_policy *policy,
			      const struct cx_answer *ans)
{
	if (!ans->resynced && impi->sqn >= before && impi->sqn <= impi->sqn_kept)
		return CHANGED_NUMBERS;
	impi->sqn_kept =
	    sqn_he_after(impi->sqn, policy->ind, policy->sqn_step > 1 ? policy->sqn_step - 1 : 0);
	return CHANGED_SQN;
}

static void take_back(struct cx_answer *ans)
{
	explicit_bzero(ans->vector, sizeof(ans->vector));
	explicit_bzero(ans->password, sizeof(ans->password));
	ans->n_vectors = 0;
	ans->digest = NULL;
	ans->bearer = NULL;
	ans->resynced = false;
}

/*
 * By the address of his bearer or not, of the whole implicit set. A SAR does not say which MAR it follows, and a stranger
 * can make an S-CSCF send one: another scheme does not take away what a SAR may still answer. Who is registered otherwise
 * has an authentication by the address pending, too, which ends with the bearer. Returns whether it was otherwise.
 */
static bool note_scheme(struct subscription *sub, int impi, int impu, enum cx_scheme scheme)
{
	uint16_t bit = (uint16_t)(1u << impi), outstanding = 0;
	uint64_t set = implicit_set(sub, impu, impi);
	bool changed = false;

	for (size_t i = 0; i < sub->n_impu; i++)
		if (set & IMPU_BIT(i))
			outstanding |= sub->impu[i].pending & sub->impu[i].address_asked & bit;
	for (size_t i = 0; i < sub->n_impu; i++) {
		struct impu *u = &sub->impu[i];
		uint16_t asked = u->address_asked, pending = u->pending;

		if (!(set & IMPU_BIT(i)))
			continue;
		if (scheme == CX_GIBA)
			u->address_asked |= bit;
		else if (!outstanding)
			u->address_asked &= (uint16_t)~bit;
		if (scheme == CX_GIBA && (u->registered & bit) && !(u->by_address & bit))
			u->pending |= bit;
		changed |= asked != u->address_asked || pending != u->pending;
	}
	return changed;
}

/*
 * Whoever authenticates the user is the S-CSCF from now on; what is registered stays so, and needs no note that an
 * authentication is pending. Returns whether it was otherwise before, or -1.
 */
static int note(struct subscription *sub, const struct cx_request *req, int impi, int impu,
		enum cx_scheme scheme)
{
	uint16_t bit = (uint16_t)(1u << impi), *pending = &sub->impu[impu].pending;
	bool same = !sub->reassigning && slice_eq(slice_str(sub->scscf), req->scscf) &&
		    slice_eq(slice_str(sub->scscf_host), req->origin_host) &&
		    slice_eq(slice_str(sub->scscf_realm), req->origin_realm) &&
		    ((sub->impu[impu].registered | *pending) & bit);

	if (!same && scscf_assign(sub, req->scscf, req->origin_host, req->origin_realm))
		return -1;
	if (note_scheme(sub, impi, impu, scheme))
		same = false;
	if (!(sub->impu[impu].registered & bit))
		*pending |= bit;
	return !same;
}

/* Is he one who can be authenticated here, with these identities, as is asked for? Else ans says why. */
static bool known(const struct subscription *sub, const struct cx_policy *policy,
		  const struct cx_request *req, struct cx_answer *ans, int *impi, int *impu)
{
	if (!cx_identities(sub, req, ans, impi, impu))
		return false;
	if (*impi < 0 || *impu < 0)
		ans->result = RESULT_MISSING_AVP;
	else if (!cx_may_register(&sub->impu[*impu], req))
		ans->result = RESULT_AUTHORIZATION_REJECTED;
	else if (impi_without_key(&sub->impi[*impi]))
		ans->result = CX_USER_UNKNOWN;
	else if (!scheme_choose(&sub->impi[*impi], policy, req->scheme, &ans->scheme))
		ans->result = CX_AUTH_SCHEME_NOT_SUPPORTED;
	else
		return true;
	return false;
}

unsigned int cx_mar(struct subscription *sub, const struct cx_policy *policy,
		    const struct cx_request *req, struct cx_answer *ans)
{
	struct impi *who;
	uint64_t sqn_before;
	int impi, impu, noted;

	cx_answer_clear(ans);
	if (!known(sub, policy, req, ans, &impi, &impu))
		return 0;
	who = &sub->impi[impi];
	sqn_before = who->sqn;
	if (!authenticate(who, policy, req, ans) ||
	    (noted = note(sub, req, impi, impu, ans->scheme)) < 0) {
		who->sqn = sqn_before;
		take_back(ans);
		return 0;
	}
	ans->result = RESULT_SUCCESS;
	return (noted ? CHANGED_STATE : 0) |
	       (ans->bearer && !ans->bearer->used ? CHANGED_BEARER : 0) |
	       (ans->n_vectors ? set_aside(who, sqn_before, policy, ans) : 0);
}

unsigned int cx_mar_away(struct subscription *sub, const struct cx_policy *policy,
			 const struct cx_request *req, struct cx_answer *ans)
{
	struct cx_policy one = *policy;
	struct impi *who;
	uint64_t sqn_before;
	int impi, impu;

	/* no address of a bearer of ours, and no password in the place of XRES: what the partner's S-CSCF wants is its HSS's matter */
	one.vectors_max = 1;
	one.giba = one.akav2_password = false;
	cx_answer_clear(ans);
	if (!known(sub, &one, req, ans, &impi, &impu))
		return 0;
	who = &sub->impi[impi];
	if (impi_by_digest(who)) {
		ans->result = CX_AUTH_SCHEME_NOT_SUPPORTED;
		return 0;
	}
	/* no UAR comes before it here, which would say so (TS 29.228 6.1.1.1) */
	if (cx_barred(sub, impi, impu)) {
		ans->result = RESULT_AUTHORIZATION_REJECTED;
		return 0;
	}
	sqn_before = who->sqn;
	if (!by_aka(who, &one, req, ans)) {
		who->sqn = sqn_before;
		take_back(ans);
		return 0;
	}
	ans->result = RESULT_SUCCESS;
	return set_aside(who, sqn_before, policy, ans);
}
