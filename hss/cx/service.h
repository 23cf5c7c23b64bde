/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Cx request served whole: find the subscription, decide, keep what changed, count. One
 * transaction each. */
#ifndef HSS_SERVICE_H
#define HSS_SERVICE_H

#include "hss/cx/cx.h"
#include "hss/store/store.h"

enum cx_command { CX_UAR, CX_LIR, CX_MAR, CX_SAR, CX_COMMANDS };

const char *cx_command_name(enum cx_command cmd); /* "UAR" ... */

struct service {
	struct store *store;
	struct cx_policy policy;
};

/*
 * Serve req. Sets *ans, and *sub to a subscription as it is after the request, to be freed with
 * subscription_free() after ans was used (ans points into it), or to NULL. Never fails: what goes
 * wrong is an answer UNABLE_TO_COMPLY, with a text in *why for the log, else *why is NULL. Wipe
 * *ans when done.
 */
void service_answer(struct service *svc, enum cx_command cmd, const struct cx_request *req,
		    struct cx_answer *ans, struct subscription **sub, const char **why);

#endif
