/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a user's record changes: by a third-party REGISTER, by a document of the reg event, by time. Both sources are
 * reconciled by registration_state.h. Nothing here sends: the caller does what the outcome says.
 */
#ifndef IMS_VCC_REGISTRATION_H
#define IMS_VCC_REGISTRATION_H

#include "modules/ims_vcc/core/report.h"
#include "modules/ims_vcc/core/users.h"
#include "reginfo/reginfo.h"

struct vcc_registration_policy {
	bool reg_event;	      /* there is a second source */
	int64_t doubt_ms;     /* how long its word is waited for */
	int64_t forget_ms;    /* what is known of a user who is not registered is kept so long */
	uint32_t subscribe_s; /* asked for */
	int64_t retry_ms, retry_max_ms;
};

struct vcc_outcome {
	uint64_t user;	   /* its id; 0: nobody was found or made */
	bool began, ended; /* say so */
	bool subscribe;	   /* send what vcc_watch_request() makes */
	bool repeated;	   /* the same REGISTER again: nothing was changed */
	const char *cause; /* of the end; a fixed text */
};

enum vcc_register_error {
	VCC_REGISTER_OK = 0,
	VCC_REGISTER_E_ORDER = -1,    /* an older one than what is known (RFC 3261 10.3): 500 */
	VCC_REGISTER_E_FULL = -2,     /* no record is free: 503 */
	VCC_REGISTER_E_IDENTITY = -3, /* its identity cannot be compared: 400 */
};

/* What a third-party REGISTER says. 0 or an enum vcc_register_error. */
int vcc_registered(struct vcc_store *s, const struct vcc_report *r,
		   const struct vcc_registration_policy *p, int64_t now, struct vcc_outcome *out);

/*
 * A document of the reg event of u, that was judged already: full, or partial. It tells of the identities of his set;
 * what of it is about nobody's identity of u is taken for his only if the document is about one of his as well.
 */
void vcc_reg_event(struct vcc_store *s, struct vcc_user *u, const struct reginfo_doc *doc,
		   const struct vcc_registration_policy *p, int64_t now, struct vcc_outcome *out);

/* Time has passed for u: what is over ends. Called when his timer fires. */
void vcc_user_due(struct vcc_store *s, struct vcc_user *u, const struct vcc_registration_policy *p,
		  int64_t now, struct vcc_outcome *out);

/* Is he registered: are calls to him over IMS worth trying? */
bool vcc_is_registered(const struct vcc_user *u);
/* A contact that carries voice, or no contact is known; false if he is not registered. */
bool vcc_has_voice(const struct vcc_user *u, int64_t now);
/* The contact that was heard of last, of those that live; NULL: none. */
const struct vcc_contact *vcc_last_contact(const struct vcc_user *u, int64_t now);
/* Access type of that contact, or of the last REGISTER; empty: not known. */
struct slice vcc_last_access(const struct vcc_user *u, int64_t now);
/* Seconds from now on, at least 0. */
uint32_t vcc_left(int64_t until_ms, int64_t now);
/* The latest end of a third-party registration of his identities; 0: none. */
int64_t vcc_told_until(const struct vcc_user *u);

/* Set his timer to the next moment at which vcc_user_due() has something to do. Done by all above. */
void vcc_user_arm(struct vcc_store *s, struct vcc_user *u);

/* One event of registration_state.h; for watch.c. */
void vcc_registration_step(struct vcc_store *s, struct vcc_user *u,
			   enum vcc_registration_event event, const char *cause,
			   const struct vcc_registration_policy *p, int64_t now,
			   struct vcc_outcome *out);

#endif
