/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a REGISTER means: a pure function from the request and the model to changes, or to a SIP
 * error. Nothing is changed here. It is asked when the request arrives, to know what the HSS must be
 * asked, and again by register_commit(), when the HSS has agreed: the model may be another then.
 *
 * With the option tag seamless-ims (C1-062198 2.1 to 2.3):
 *
 *   one new contact                    add     a binding over another connection, the old ones stay
 *   one new contact,                   move    the bindings of To's set with these contacts are
 *     others with expires=0                    taken away
 *   one new contact,                   global  every set of the IMPI is bound to it, all else is
 *     To: ...;imsglobreg                       taken away
 *   only contacts with expires=0, *    dereg
 *   no contact                         fetch   (RFC 3261 10.2.3)
 *
 * Without the tag it is the same, but imsglobreg means nothing, and a new contact takes the place of
 * an old one of the same UE (TS 24.229 5.4.1.2.2), if policy says so.
 *
 * In every case: an instance's flow with the same reg-id is replaced (RFC 5626 6), and so is what a
 * phone had at the same address before it was switched off (same instance-id, other Call-ID).
 */
#ifndef SCSCF_REGISTER_PLAN_H
#define SCSCF_REGISTER_PLAN_H

#include "modules/ims_seamless_scscf/core/model.h"
#include "sip/contact.h"

#define SCSCF_PLAN_SETS_MAX    SCSCF_IMPI_SETS_MAX
#define SCSCF_PLAN_BINDS_MAX   SCSCF_IMPI_BINDINGS_MAX
#define SCSCF_PLAN_UNBINDS_MAX SCSCF_IMPI_BINDINGS_MAX
#define SCSCF_CONTACT_URI_MAX  1023 /* bytes; Kamailio's MAX_URI_SIZE is 1024 */

/* Where the old contact goes when the same UE registers another one without the tag. */
enum scscf_untagged_old {
	SCSCF_UNTAGGED_REPLACE, /* it is replaced: TS 24.229 5.4.1.2.2; flows with a reg-id and other
				   instance-ids stay */
	SCSCF_UNTAGGED_KEEP	/* it stays until it runs out, as stock has it */
};

struct scscf_register_policy {
	uint32_t min_expires, max_expires, default_expires; /* s; max 0: none */
	size_t contacts_max; /* bindings of one set; 0: SCSCF_SET_BINDINGS_MAX */
	size_t path_max;     /* bytes of Path; 0: SCSCF_MODEL_TEXT_MAX */
	size_t answer_max;   /* bytes of the lines of scscf_answer_size(); 0: no bound */
	bool shadowed;	     /* usrloc gets a record of each contact: scscf_shadow_room() counts */
	enum scscf_untagged_old untagged_old;
};

/* The request, as slices over the message. */
struct scscf_register_request {
	struct slice impi; /* Authorization username: already authenticated */
	struct slice impu; /* To URI */
	struct slice to_params;
	const struct sip_contact_list *contacts;
	bool tagged; /* Require: seamless-ims */
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
	SCSCF_REGISTER_DEREG,
	SCSCF_REGISTER_FETCH
};

/* A set to be bound to the new contact. */
struct scscf_plan_bind {
	size_t set; /* index into sets */
	struct slice instance;
	uint32_t reg_id;
};

struct scscf_plan_unbind {
	size_t set;
	uint64_t binding; /* id */
};

struct scscf_plan_set {
	struct slice impu; /* the IMPU of the SAR: To's for its set, else the first not barred */
	bool known;	   /* registered: the model has bindings of it; else its IMPUs come with the
			      SAA */
	bool sar;	   /* tell the HSS */
	bool deregisters;  /* no binding will be left */
	size_t impus_n;	   /* of a known set */
	struct slice impus[SCSCF_SET_IMPUS_MAX];
	bool barred[SCSCF_SET_IMPUS_MAX];
	struct scscf_implicit_set *set; /* in the model while its lock is held; NULL: not there */
	struct slice asked; /* the identity of the SAR, as it was when the request was planned */
	bool told;	    /* impus are those of the SAA */
	bool bare_shadow;   /* of the new contact for this set */
	unsigned recalls;   /* RTRs for it before this REGISTER (hss_talk.h) */
};

/* Slices point into the request or (impus, instances) into the model: copy what must outlive the
 * lock. */
struct scscf_register_plan {
	enum scscf_register_kind kind;
	const struct sip_contact *contact; /* the new one; NULL with DEREG and FETCH */
	struct scscf_way way;		   /* of the new contact */
	uint32_t expires;		   /* granted, s */
	size_t sets_n, binds_n, unbinds_n;
	size_t answer_size;				 /* scscf_answer_size() */
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

/* "add", "move", "global", "dereg", "fetch"; "?" out of range. */
const char *scscf_register_kind_name(enum scscf_register_kind k);

/* Returns 0 and fills *plan, or -1 and fills *no. */
int scscf_register_plan(struct scscf_model *m, const struct scscf_register_request *rq,
			const struct scscf_register_policy *policy,
			struct scscf_register_plan *plan, struct scscf_register_refusal *no);

#endif
