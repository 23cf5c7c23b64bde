/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sh-Notif (TS 29.328 6.1.4): a thread that tells subscribers what has changed, whoever changed it. It looks
 * at what is committed, compares with what each subscriber was told last, and sends a
 * Push-Notification-Request where that differs; so several changes at once are told once, and none is lost
 * over a restart. One that is not acknowledged is sent again, later and later.
 */
#ifndef HSS_SH_NOTIFY_H
#define HSS_SH_NOTIFY_H

#include "hss/cx/service.h"

enum {
	/* requests under way before more are begun; those of one user then come on top, and
	 * CLIENT_PENDING_MAX has room for both */
	NOTIFY_OPEN_MAX = 64,
	NOTIFY_RETRY_S = 10, /* after the first that was not acknowledged; doubled each time */
	NOTIFY_RETRY_MAX_S = 3600,
};

/* Begin; seconds is how long an answer may take. svc must outlive it. Returns 0 or an errno value. */
int notify_start(struct service *svc, unsigned int seconds);
/* Something was committed: look at once. Without it changes are seen a second later. From any thread. */
void notify_kick(void);
/* An application server has begun or ended subscriptions, and named these features (of enum sh_feature). One that
 * supports Notif-Eff gets in one request what it is told of one user at a time. It is forgotten at the end of the process
 * and when it refuses such a request. From any thread. */
void notify_supports(const char *host, uint32_t features);
/* A peer has come: what it has not acknowledged is sent again. From any thread. */
void notify_peer_came(const char *name);
/* Nothing is sent any more. */
void notify_stop(void);
/* Free what is left, when nothing calls the handlers of client.h any more. */
void notify_free(void);

#endif
