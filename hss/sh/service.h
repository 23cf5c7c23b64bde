/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Sh request served whole: what the store knows about it, the decision, keeping what changed, the
 * document, counting. One transaction each. */
#ifndef HSS_SH_SERVICE_H
#define HSS_SH_SERVICE_H

#include "hss/cx/service.h"
#include "hss/sh/sh.h"

/* What became of a request. */
struct sh_served {
	struct result result;
	enum sh_missing missing; /* for MISSING_AVP */
	char *data;		 /* User-Data, or NULL */
	size_t len;
	char wildcard
	    [IDENTITY_SIZE]; /* that the public identity matched, of users or services; "" */
	bool wildcard_service;
	char redirect[IDENTITY_SIZE]; /* the HSS that has the user, for RESULT_REDIRECT */
	bool give_expiry;	      /* the subscription ends when the request says */
	/* the data of several that could not be kept; "": not for one service */
	char failed_service[REPOSITORY_SERVICE_SIZE];
	uint32_t failed_sequence;
	int failed_reference; /* likewise of several Data-References; -1 */
	const char *why;      /* for the log, if the request could not be served; else NULL */
};

/* Sh-Pull. Never fails: what goes wrong is an answer UNABLE_TO_COMPLY. sh_served_free() when done. */
void sh_serve_pull(struct service *svc, const struct sh_request *req, struct sh_served *out);

/* Sh-Update; likewise. */
void sh_serve_update(struct service *svc, const struct sh_request *req, struct sh_served *out);

/* Sh-Subs-Notif; likewise. */
void sh_serve_subscribe(struct service *svc, const struct sh_request *req, struct sh_served *out);

void sh_served_free(struct sh_served *served);

#endif
