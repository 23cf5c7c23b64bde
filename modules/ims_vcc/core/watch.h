/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our subscription to the reg event of a user: when to send a SUBSCRIBE, and what comes of its answers and NOTIFYs. */
#ifndef IMS_VCC_WATCH_H
#define IMS_VCC_WATCH_H

#include "modules/ims_vcc/core/registration.h"

/* A SUBSCRIBE that is to be sent: a copy, for use without the lock. */
struct vcc_subscribe {
	uint64_t user;
	uint32_t serial; /* names it to vcc_watch_answered() */
	uint32_t cseq, expires;
	char identity[VCC_IDENTITY_MAX];
	char call_id[VCC_DIALOG_ID_MAX], local_tag[VCC_DIALOG_ID_MAX], remote_tag[96];
	char target[VCC_URI_MAX], routes[VCC_ROUTES_MAX]; /* of the dialog; empty in the first */
	char scscf[VCC_URI_MAX];			  /* where the first goes */
};

/* One event of watch_state.h. random: fills out with n hexadecimal digits and a NUL. */
typedef void (*vcc_random_f)(char *out, size_t n);
void vcc_watch_step(struct vcc_store *s, struct vcc_user *u, enum vcc_watch_event event,
		    const struct vcc_registration_policy *p, int64_t now, struct vcc_outcome *out);

/* Make the request that an outcome asked for; makes a dialog if there is none. False: nothing is to be sent. */
bool vcc_watch_request(struct vcc_user *u, const struct vcc_registration_policy *p,
		       vcc_random_f random, int64_t now, struct vcc_subscribe *out);

struct vcc_answer {
	int code; /* 408 when there was none */
	uint32_t expires;
	struct slice remote_tag, contact, routes;
};
void vcc_watch_answered(struct vcc_store *s, struct vcc_user *u, uint32_t serial,
			const struct vcc_answer *a, const struct vcc_registration_policy *p,
			int64_t now, struct vcc_outcome *out);

/* A NOTIFY of one of our dialogs. */
struct vcc_notify {
	struct slice call_id, local_tag, remote_tag; /* local: its To tag */
	uint32_t cseq;
	struct slice state;	       /* Subscription-State */
	struct slice contact;	       /* its Contact URI; may be empty */
	const struct reginfo_doc *doc; /* NULL: no body */
};

enum vcc_notify_verdict {
	VCC_NOTIFY_OK = 0,	      /* 200 */
	VCC_NOTIFY_UNKNOWN = -1,      /* 481: no such dialog */
	VCC_NOTIFY_OUT_OF_ORDER = -2, /* 500 (RFC 3261 12.2.2) */
};

/* Whose dialog it is, or NULL. */
struct vcc_user *vcc_watch_find(struct vcc_store *s, struct slice call_id, struct slice local_tag);
int vcc_watch_notified(struct vcc_store *s, struct vcc_user *u, const struct vcc_notify *n,
		       const struct vcc_registration_policy *p, int64_t now,
		       struct vcc_outcome *out);

#endif
