/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a request for a public identity goes: the terminating half's look-up over the model. */
#ifndef SCSCF_LOOKUP_H
#define SCSCF_LOOKUP_H

#include "modules/ims_seamless_scscf/core/model.h"

#define SCSCF_TARGETS_MAX 16

struct scscf_target {
	struct slice contact;  /* the new Request-URI */
	struct slice path;     /* Path vector: the Route to it; may be empty */
	struct slice instance; /* +sip.instance, or empty */
	uint32_t reg_id;
	uint16_t q_milli; /* 0 to 1000 */
	/* RFC 5626 7: another flow of the instance of the target before it. It is tried when that
	 * one answers 430 (or nothing at all), never at the same time and never after any other
	 * answer. */
	bool alternative;
	uint64_t connection, binding; /* ids */
	uint64_t bound_ms;	      /* last REGISTER */
};

struct scscf_targets {
	size_t n;
	bool cut; /* there were more than SCSCF_TARGETS_MAX */
	struct scscf_target target[SCSCF_TARGETS_MAX];
};

/*
 * The contacts bound for a public identity (sip:, sips:, tel:, or a SIP URI that carries a telephone
 * number), of all private identities that share it, over Active connections only, none twice.
 * Higher q first; with equal q what registered last. Alternatives stand behind the target they
 * belong to. Texts are copied into the arena. Returns 0 (n may be 0: nothing is bound over an
 * Active connection), SCSCF_MODEL_E_UNKNOWN (nobody is registered with it, or it is barred), or
 * SCSCF_MODEL_E_NOMEM.
 */
int scscf_lookup(struct scscf_model *m, struct slice impu, uint64_t now_ms, struct scscf_arena *a,
		 struct scscf_targets *out);

/*
 * The registered identity that a request for impu, in whatever spelling, is for: as the HSS writes it,
 * in the arena. Barred ones too. Returns 0, SCSCF_MODEL_E_UNKNOWN or SCSCF_MODEL_E_NOMEM.
 */
int scscf_lookup_identity(struct scscf_model *m, struct slice impu, struct scscf_arena *a,
			  struct slice *out);

/* Is somebody registered with this identity, in whatever spelling? */
bool scscf_lookup_registered(struct scscf_model *m, struct slice impu);

/* The same, and is it barred? */
bool scscf_lookup_barred(struct scscf_model *m, struct slice impu);

#endif
