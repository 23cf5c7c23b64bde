/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A REGISTER that is being saved. save.c begins and ends it; save_hss.c asks the HSS about it,
 * save_apply.c changes usrloc and the model, save_answer.c writes the 200. None of these calls
 * another one or save.c.
 */
#ifndef SEAMLESS_SAVE_H
#define SEAMLESS_SAVE_H

#include "modules/common/wait.h"
#include "modules/ims_seamless_scscf/cx.h"
#include "modules/ims_seamless_scscf/glue.h"
#include "modules/ims_seamless_scscf/third_party.h"
#include "modules/ims_seamless_scscf/user_data.h"

struct save_question {
	struct cx_question cx; /* first: cdp hands this back */
	struct save *save;
	size_t set;
};

/* In shared memory; wait says who owns it (modules/common/wait.h). */
struct save {
	struct kam_wait wait;
	void (*all_answered)(struct save *p); /* the owner's next step */
	struct scscf_saved_register *reg;
	struct scscf_register_result result; /* of save_apply() */
	struct action *route;
	atomic_t failed;  /* answers that were no success */
	atomic_t refused; /* of these, answers with an error of the HSS */
	struct save_question question[SCSCF_PLAN_SETS_MAX];
	bool lost[SCSCF_PLAN_SETS_MAX]; /* usrloc has no record of a registered set: ask for it */
	ims_subscription
	    *profile[SCSCF_PLAN_SETS_MAX]; /* came with the answers; one reference each */
	char charging_text[512];
	str charging[4];
	str user_agent;
	struct socket_info *sock;
	unsigned cflags;
	struct kept_register *kept; /* for the application servers; NULL: nobody wants it */
	str response;		    /* the 200 as it was sent, if somebody wants to see it */
};

/* The application servers have been told, or it has waited for them long enough: the 200. */
void save_told(struct save *p);

/* Look which records usrloc has lost, so that the HSS is asked for the profile again. */
void save_look_for_records(struct save *p);

/* Has the plan something to ask the HSS? */
bool save_must_ask(const struct save *p);
/*
 * One SAR for each set of the plan that needs one, all at once. p waits already; the process that
 * takes the last answer calls p->all_answered. 0; -1: not a single one could be sent, and p is still
 * the caller's.
 */
int save_ask_hss(struct save *p);

/*
 * Make it so. 0; -1 with nothing changed that is not the new contact's (logged); 1: what it means by
 * now is refused (p->result.no), and nothing was changed.
 */
int save_apply(struct save *p);

/*
 * The header lines of the 200. Returns their length; a negative one: they do not fit. Call it when
 * all is applied.
 */
int save_write_headers(const struct save *p, char *buf, size_t size);

/* Watch what stock save() is about to remove for this REGISTER (save_stock.c). */
void save_watch_stock(struct sip_msg *msg);

#endif
