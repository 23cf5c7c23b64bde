/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a REGISTER with the seamless-ims option tag means (seed 001 2.1 to 2.3): a pure function
 * from the request and the model to changes, or to a SIP error. Nothing is changed here;
 * scscf_register_commit() applies a plan later, when the HSS has agreed.
 *
 *   one new contact                       add:    a binding over another connection, the old ones
 * stay one new contact, others expires=0     move:   the To set's bindings at those contacts are
 * taken away To ;imsglobreg and one new contact    global: every set of the IMPI is bound to it,
 * all else is taken away only expires=0 contacts, or *         dereg
 */
#ifndef SEAMLESS_REGISTER_PLAN_H
#define SEAMLESS_REGISTER_PLAN_H

#include "modules/ims_seamless_scscf/core/model.h"
#include "sip/contact.h"

#define SCSCF_PLAN_SETS_MAX    SCSCF_IMPI_SETS_MAX
#define SCSCF_PLAN_BINDS_MAX   (SCSCF_IMPI_SETS_MAX * 4)
#define SCSCF_PLAN_UNBINDS_MAX 128

struct scscf_register_policy {
	uint32_t min_expires, max_expires, default_expires; /* s */
	size_t contacts_max; /* bindings of one set; 0: SCSCF_SET_BINDINGS_MAX */
};

/* The request, as slices over the message. */
struct scscf_register_request {
	struct slice impi; /* Authorization username: already authenticated */
	struct slice impu; /* To URI */
	struct slice to_params;
	const struct sip_contact_list *contacts;
	bool has_expires;
	uint32_t expires;  /* Expires header */
	struct slice path; /* Path headers as one list */
	struct slice call_id;
	uint32_t cseq;
	struct slice via_host; /* sent-by of the bottom Via, i.e. of the UE; empty: not checked */
	struct slice via_received; /* its received parameter, or empty */
};

enum scscf_register_kind {
	SCSCF_REGISTER_ADD,
	SCSCF_REGISTER_MOVE,
	SCSCF_REGISTER_GLOBAL,
	SCSCF_REGISTER_DEREG
};

/* A set to be bound to the new contact. */
struct scscf_plan_bind {
	size_t set; /* index into sets */
	struct slice instance;
	uint32_t reg_id;
};

struct scscf_plan_unbind {
	size_t set;
	struct slice contact;
};

struct scscf_plan_set {
	struct slice
	    impu;   /* the IMPU of the SAR: To's for its set, else the first that is not barred */
	bool known; /* the model has it; else its IMPUs come with the SAA */
	bool sar;   /* tell the HSS */
	bool deregisters; /* no binding will be left */
	size_t impus_n;	  /* of a known set */
	struct slice impus[SCSCF_SET_IMPUS_MAX];
	bool barred[SCSCF_SET_IMPUS_MAX];
};

/* Slices point into the request or (impus, old contacts) into the model: copy what must outlive the
 * lock. */
struct scscf_register_plan {
	enum scscf_register_kind kind;
	const struct sip_contact *contact; /* the new one; NULL with DEREG */
	uint32_t expires;		   /* granted, s */
	size_t sets_n, binds_n, unbinds_n;
	struct scscf_plan_set sets[SCSCF_PLAN_SETS_MAX]; /* [0] is To's */
	struct scscf_plan_bind binds[SCSCF_PLAN_BINDS_MAX];
	struct scscf_plan_unbind unbinds[SCSCF_PLAN_UNBINDS_MAX];
};

/* A refusal: SIP status, reason phrase, and what made it so (for the log). */
struct scscf_register_refusal {
	int status;
	const char *reason;
	const char *why;
	uint32_t min_expires; /* with 423 */
};

const char *scscf_register_kind_name(enum scscf_register_kind k);

/* Returns 0 and fills *plan, or -1 and fills *no. */
int scscf_register_plan(struct scscf_model *m, const struct scscf_register_request *rq,
			const struct scscf_register_policy *policy,
			struct scscf_register_plan *plan, struct scscf_register_refusal *no);

#endif
