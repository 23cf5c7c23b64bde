/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A REGISTER that waits for the HSS: made by save.c, finished by saa.c. */
#ifndef SEAMLESS_SAVE_H
#define SEAMLESS_SAVE_H

#include "modules/ims_seamless_scscf/glue.h"
#include "../../core/atomic_ops.h"
#include "../../modules/sl/sl.h"

extern sl_api_t seamless_sl;

struct pending_save;

struct pending_sar {
	struct pending_save *save;
	size_t set;
};

/* In shared memory; one owner: the process that counts outstanding down to 0. */
struct pending_save {
	struct scscf_saved_register *reg;
	unsigned tindex, tlabel; /* the suspended transaction */
	struct action *route;
	atomic_t outstanding;
	atomic_t failed;  /* answers that were no success */
	atomic_t refused; /* of these, answers with an error of the HSS */
	struct pending_sar sar[SCSCF_PLAN_SETS_MAX];
	ims_subscription *profile
	    [SCSCF_PLAN_SETS_MAX]; /* user data that came with the answers; one reference each */
	char charging_text[512];
	str charging[4];
	str user_agent;
	struct socket_info *sock;
	unsigned cflags;
};

void pending_free(struct pending_save *p);
/* Apply and answer, without a route and without freeing: where the HSS need not be asked. */
void pending_apply(struct pending_save *p);
/* One answer less is out; the last one finishes the save. */
void pending_answered(struct pending_save *p);

/* User-Data of an SAA as stock keeps it (user_data.c): one reference, or NULL with a reason in the
 * log. */
ims_subscription *user_data_parse(str xml);

/* A subscription without a profile, under a private identity that nobody has: one reference, or
 * NULL. */
ims_subscription *user_data_seed(void);
/* Its IMPUs, at most max; barred may be NULL. Returns how many; they live as long as s. */
size_t user_data_identities(const ims_subscription *s, struct slice *impus, bool *barred,
			    size_t max);

#endif
