/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a REGISTER with the seamless-ims option tag means (seed 001 2.1 to 2.3): a pure function
 * from the request and the model to changes, or to a SIP error. Nothing is changed here;
 * register_commit() applies a plan later, when the HSS has agreed.
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

#define PLAN_SETS_MAX	 IMPI_SETS_MAX
#define PLAN_BINDS_MAX	 (IMPI_SETS_MAX * 4)
#define PLAN_UNBINDS_MAX 128

struct register_policy {
	uint32_t min_expires, max_expires, default_expires; /* s */
	size_t contacts_max; /* bindings of one set; 0: SET_BINDINGS_MAX */
};

/* The request, as slices over the message. */
struct register_request {
	struct slice impi; /* Authorization username: already authenticated */
	struct slice impu; /* To URI */
	struct slice to_params;
	const struct contact_list *contacts;
	bool has_expires;
	uint32_t expires;  /* Expires header */
	struct slice path; /* Path headers as one list */
	struct slice call_id;
	uint32_t cseq;
	struct slice via_host; /* sent-by of the bottom Via, i.e. of the UE; empty: not checked */
	struct slice via_received; /* its received parameter, or empty */
};

enum register_kind { REGISTER_ADD, REGISTER_MOVE, REGISTER_GLOBAL, REGISTER_DEREG };

/* A set to be bound to the new contact. */
struct plan_bind {
	size_t set; /* index into sets */
	struct slice instance;
	uint32_t reg_id;
};

struct plan_unbind {
	size_t set;
	struct slice contact;
};

struct plan_set {
	struct slice
	    impu;   /* the IMPU of the SAR: To's for its set, else the first that is not barred */
	bool known; /* the model has it; else its IMPUs come with the SAA */
	bool sar;   /* tell the HSS */
	bool deregisters; /* no binding will be left */
	size_t impus_n;	  /* of a known set */
	struct slice impus[SET_IMPUS_MAX];
	bool barred[SET_IMPUS_MAX];
};

/* Slices point into the request or (impus, old contacts) into the model: copy what must outlive the
 * lock. */
struct register_plan {
	enum register_kind kind;
	const struct contact *contact; /* the new one; NULL with DEREG */
	uint32_t expires;	       /* granted, s */
	size_t sets_n, binds_n, unbinds_n;
	struct plan_set sets[PLAN_SETS_MAX]; /* [0] is To's */
	struct plan_bind binds[PLAN_BINDS_MAX];
	struct plan_unbind unbinds[PLAN_UNBINDS_MAX];
};

/* A refusal: SIP status, reason phrase, and what made it so (for the log). */
struct register_refusal {
	int status;
	const char *reason;
	const char *why;
	uint32_t min_expires; /* with 423 */
};

const char *register_kind_name(enum register_kind k);

/* Returns 0 and fills *plan, or -1 and fills *no. */
int register_plan(struct model *m, const struct register_request *rq,
		  const struct register_policy *policy, struct register_plan *plan,
		  struct register_refusal *no);

#endif
