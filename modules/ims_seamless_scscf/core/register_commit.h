/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A REGISTER that outlives its request (the HSS is asked in between), and what becomes of it. */
#ifndef SCSCF_REGISTER_COMMIT_H
#define SCSCF_REGISTER_COMMIT_H

#include "modules/ims_seamless_scscf/core/hss_talk.h"
#include "modules/ims_seamless_scscf/core/register_plan.h"

/* A copy of the request and of what the HSS is asked, in one block, every slice pointing into it. */
struct scscf_saved_register {
	size_t size;			  /* of the block */
	struct scscf_hss_talk *talk;	  /* what the HSS is told of it */
	unsigned pushes;		  /* of that talk, when it was planned */
	size_t room;			  /* taken there for the new contact */
	struct scscf_register_request rq; /* contacts points to the list below */
	struct sip_contact_list contacts;
	struct scscf_register_policy policy;
	/* The plan when the request arrived. */
	enum scscf_register_kind kind;
	const struct sip_contact *contact; /* in contacts, or NULL */
	uint32_t expires;		   /* granted, s */
	size_t moved;			   /* bindings to be taken away */
	size_t answer_size;		   /* scscf_answer_size() */
	size_t sets_n;
	struct scscf_plan_set *sets; /* the caller fills in impus, barred and impus_n when the SAA
					has brought a profile, and sets told; set is NULL */
};

/* Copy into memory of the model's store. Returns NULL when it is full. Free with
 * scscf_saved_register_free(). */
struct scscf_saved_register *scscf_saved_register_make(struct scscf_model *m,
						       const struct scscf_register_plan *plan,
						       const struct scscf_register_request *rq,
						       const struct scscf_register_policy *policy);
/* It is over, committed or not. e: HSS_DIFFERS, where the HSS was told another thing; may be NULL. */
void scscf_saved_register_free(struct scscf_model *m, struct scscf_saved_register *r,
			       struct scscf_effects *e);

/* What came of it. */
struct scscf_register_result {
	struct scscf_register_refusal no; /* with SCSCF_MODEL_E_REFUSED */
	size_t moved;			  /* bindings taken away */
	uint64_t connection;		  /* id of the new contact's; 0 without one */
};

/*
 * The HSS has agreed. A profile that came with its answers counts from now on, also where it changes
 * a set that was registered already, unless a PPR has overtaken it. Then plan again, over the model as it is now, and apply that. So of two that were
 * under way at once the later one finds what the earlier one bound. usrloc has the new contact for
 * the sets that were asked about already, for others there is a SHADOW_BIND in *e. Sets that imsglobreg finds only now move without another question.
 * Returns 0 with rows in *e and *res, SCSCF_MODEL_E_REFUSED with no binding changed (what it means by
 * now is refused, or an RTR came meanwhile), or another
 * SCSCF_MODEL_E_* with all old bindings as they were (a new one may stand).
 */
int scscf_register_commit(struct scscf_model *m, const struct scscf_saved_register *r,
			  uint64_t now_ms, struct scscf_effects *e,
			  struct scscf_register_result *res);

#endif
