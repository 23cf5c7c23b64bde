/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Cx request served whole: find the subscription, decide, keep what changed, count. One
 * transaction each. */
#ifndef HSS_SERVICE_H
#define HSS_SERVICE_H

#include "hss/cx/cx.h"
#include "hss/store/store.h"

/* CX_MAR_AWAY: a partner's HSS asks, cx_mar_away(). */
enum cx_command { CX_UAR, CX_LIR, CX_MAR, CX_SAR, CX_MAR_AWAY, CX_COMMANDS };

const char *cx_command_name(enum cx_command cmd); /* "UAR" ... */

struct migration; /* hss/migration/manage.h */

struct service {
	struct store *store;
	struct migration *migration; /* of users between partner systems; NULL: none */
	struct cx_policy policy;
	struct sh_policy sh;
	void (*changed)(void); /* called when something was committed; NULL: nobody wants to know */
};

/* Something was committed. */
void service_changed(const struct service *svc);

/* What became of a request. ans points into sub. */
struct cx_served {
	struct cx_answer ans;
	struct subscription *sub; /* as it is after the request, or NULL */
	char *profile;		  /* User-Data where ans gives a profile, else NULL */
	size_t profile_len;
	const char *why; /* for the log, if the request could not be served; else NULL */
	bool news;	 /* it has left something that others are to be told */
};

/*
 * Serve req. Never fails: what goes wrong is an answer UNABLE_TO_COMPLY with a text in why. The
 * profile is written before anything is committed, so that no state is kept whose S-CSCF did not
 * get it. An identity that matches a wildcard gives way to it in req (asked). served_free() when done.
 */
void service_answer(struct service *svc, enum cx_command cmd, struct cx_request *req,
		    struct cx_served *out);
/*
 * The same for who can wait until others' changes are committed with those of req (store_join()). Returns true when out is
 * the answer, or false: done(arg) is called when it is, once, on any thread, perhaps before this returns. svc, req and out
 * must live until then.
 */
bool service_answer_soon(struct service *svc, enum cx_command cmd, struct cx_request *req,
			 struct cx_served *out, void (*done)(void *arg), void *arg);
/*
 * Which other HSS has a user, by the first of his identities that is known (store_redirect_of()). Returns 0,
 * STORE_ENOTFOUND, or another error.
 */
int service_redirect(struct service *svc, const struct slice *identities, size_t n,
		     char host[IDENTITY_SIZE]);
/* What an operator can do about an error of the store, for the log; it depends on what it is. */
const char *service_advice(int err);
/* Wipe the vectors and free. */
void served_free(struct cx_served *served);

#endif
