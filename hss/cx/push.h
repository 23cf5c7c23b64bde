/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the operator sets off: deregistering a user, pushing a changed profile. Nobody waits: the
 * outcome is told when the S-CSCF has answered or its time is over. */
#ifndef HSS_CX_PUSH_H
#define HSS_CX_PUSH_H

#include "daemon/outbuf.h"
#include "hss/cx/cx.h"
#include "hss/cx/service.h"

/* Called once, on any thread: error is NULL when all went well. */
typedef void (*push_done_h)(void *arg, const char *error);

struct push_order {
	struct slice impi;
	const struct slice *impus; /* public identities named; none: all */
	size_t n_impus;
	enum deregistration_reason reason;
	const char *info;
	bool force;	      /* drop the registration even if the S-CSCF does not confirm */
	unsigned int seconds; /* how long to wait for an answer */
	struct outbuf *out;   /* one line a step goes there; must live until done */
	push_done_h done;
	void *arg;
};

/*
 * Send RTR for the identities named (and their implicit sets) or for all that impi registered, and
 * keep the new state when the S-CSCF confirmed or force is set. What order points to is not needed
 * after the call, out and arg apart.
 */
void push_deregister(struct service *svc, const struct push_order *order);

/* Send one PPR for each implicit set that impi has registered (TS 29.228 6.2), one after the other. */
void push_profile(struct service *svc, const struct push_order *order);

#endif
