/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan under way: what the files share that make it. */
#ifndef SCSCF_PLAN_INTERNAL_H
#define SCSCF_PLAN_INTERNAL_H

#include "modules/ims_seamless_scscf/core/internal.h"
#include "modules/ims_seamless_scscf/core/register_plan.h"

struct planning {
	struct scscf_model *m;
	const struct scscf_register_request *rq;
	const struct scscf_register_policy *policy;
	struct scscf_register_plan *plan;
	struct scscf_register_refusal *no;
	bool global;
};

/* Fills p->no; returns -1. */
int scscf_plan_refuse(struct planning *p, int status, const char *reason, const char *why);

/* Read the request: kind, the new contact, its way and expiry (register_request.c). 0 or -1. */
int scscf_plan_read(struct planning *p);
/* Does a contact with expires=0 (or *) mean this binding? (register_request.c) */
bool scscf_plan_names(const struct planning *p, const struct scscf_binding *b);

/* Lists of the plan; -1: full. A bind or unbind that is there already is not added again. */
int scscf_plan_add_bind(struct planning *p, size_t set, struct slice instance, uint32_t reg_id);
int scscf_plan_add_unbind(struct planning *p, size_t set, const struct scscf_binding *b);
/* Is the binding to be taken away? */
bool scscf_plan_takes(const struct planning *p, const struct scscf_binding *b);

#endif
