/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A subscription of an application server to one kind of data of one user (TS 29.328 6.1.3), as the store keeps it. */
#ifndef HSS_SH_SUBSCRIPTION_H
#define HSS_SH_SUBSCRIPTION_H

#include "hss/subscription/repository.h"

enum {
	SH_DIGEST_SIZE = 65,
	SH_SUBSCRIPTIONS_OF_USER = 256, /* that are looked at; more can only be imported */
	SH_SUBSCRIPTIONS_MAX = 192,	/* that application servers may have for one user */
};

struct sh_subscription {
	int64_t id;		  /* of the store, never used again; 0: not stored yet */
	int64_t sub;		  /* the subscriber's subscription */
	char host[IDENTITY_SIZE]; /* whom to notify, and his realm */
	char realm[IDENTITY_SIZE];
	char user
	    [IDENTITY_SIZE]; /* as he named the user: canonical public identity, or digits of an MSISDN */
	char impi[IDENTITY_SIZE]; /* User-Name, or "" */
	uint32_t reference;	  /* enum sh_reference */
	unsigned int sets;	  /* for SH_PUBLIC_IDENTITY: bits of enum sh_identity_set, else 0 */
	char service
	    [REPOSITORY_SERVICE_SIZE]; /* for SH_REPOSITORY_DATA; the tag for SH_DSAI; else "" */
	char server[IDENTITY_SIZE];    /* for SH_FILTER_CRITERIA and SH_DSAI, else "" */
	int64_t expiry;		       /* seconds since 1970; 0: never */
	bool one_time;
	char sent
	    [SH_DIGEST_SIZE]; /* digest of what was sent last, or of what it was at the beginning */
	int64_t
	    retry_at; /* when what was sent is sent again, unless acknowledged; 0: nothing is open */
	uint32_t tries; /* that failed since the last that did not */
};

/* Is the user named by an MSISDN? */
static inline bool sh_user_is_number(const struct sh_subscription *s)
{
	return !strchr(s->user, ':');
}

#endif
