/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A register_plan that outlives its request (the HSS is asked in between), and its application to
 * the model.
 */
#ifndef SEAMLESS_REGISTER_COMMIT_H
#define SEAMLESS_REGISTER_COMMIT_H

#include "modules/ims_seamless_scscf/core/register_plan.h"

/* A copy of plan and request in one block, every slice pointing into it. */
struct scscf_saved_register {
	size_t size;			 /* of the block */
	struct scscf_register_plan plan; /* plan.contact points to contact, or is NULL */
	struct sip_contact contact;
	struct slice impi, path, call_id;
	uint32_t cseq;
};

/* Copy into memory of the store. Returns NULL when it is full. Free with scscf_saved_register_free(). */
struct scscf_saved_register *scscf_saved_register_make(struct scscf_store *s,
						       const struct scscf_register_plan *plan,
						       const struct scscf_register_request *rq);
void scscf_saved_register_free(struct scscf_store *s, struct scscf_saved_register *r);

/*
 * Apply it. sets: for each plan set that was not known, its IMPUs have been filled in by the caller
 * (slices that live during the call). usrloc_id: how stock names the new contact, 0 if unknown.
 * What changed since the plan was made is met with tolerance: a binding that has gone already is no
 * error. Returns 0 with rows in *e, or MODEL_E_* with all old bindings as they were (a new one may
 * stand).
 */
int scscf_register_commit(struct scscf_model *m, const struct scscf_saved_register *r,
			  uint64_t usrloc_id, uint64_t now_ms, struct scscf_effects *e);

#endif
