/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Partners' users who leave: their binding has ended (manage.h), so that no vector comes any more; then they are deregistered at
 * their S-CSCF by RTR, and their subscription is removed. LEAVE_AT_ONCE at a time. An S-CSCF that does not confirm is
 * told again later (cx/errand.h). What a process leaves undone the next one does.
 */
#ifndef HSS_MIGRATION_LEAVE_H
#define HSS_MIGRATION_LEAVE_H

#include "hss/cx/service.h"
#include "hss/migration/manage.h"

enum { LEAVE_AT_ONCE = 16 };

/* m and svc must outlive it. */
void leave_start(struct migration *m, struct service *svc, unsigned int answer_seconds);

struct leave_outcome {
	unsigned int ended;	  /* bindings that were live */
	unsigned int left;	  /* users who were here and are gone now */
	unsigned int unconfirmed; /* of these, whose S-CSCF did not confirm */
	const char *error;	  /* not all could be done, which is tried again; NULL: all were */
};
/* Called once, on any thread. */
typedef void (*leave_done_h)(void *arg, const struct leave_outcome *outcome);

/* End these (migration_end()), and tell when all who were here are gone. */
void leave_end(const struct migration_selection *which, const char *actor, const char *reason,
	       leave_done_h done, void *arg);

/* Those whose time is over. Once a second; now is seconds since the epoch. */
void leave_tick(int64_t now);

#endif
