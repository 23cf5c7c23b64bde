/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a subscriber of Sh would be told now. */
#ifndef HSS_SH_NOTICE_H
#define HSS_SH_NOTICE_H

#include "hss/sh/subscription.h"
#include "hss/store/store.h"

struct sh_notice {
	char *
	    data; /* Sh-Data; NULL: there is nobody left to tell about (last), or it cannot be written */
	size_t len;
	char digest[SH_DIGEST_SIZE];
	bool
	    last; /* what the subscription is for has gone: it ends when this was told (6.1.2.1, 6.1.4.1) */
};

/*
 * Render it, inside a transaction. sub: the subscription of s->sub, or NULL if there is none any more;
 * charging: the operator's. Returns 0 or an error of the store.
 */
int sh_notice_make(struct transaction *tx, const struct charging *charging,
		   const struct subscription *sub, const struct sh_subscription *s,
		   struct sh_notice *out);
/*
 * One document for n subscriptions of one application server to one user of sub, who is there, named alike; no two for
 * the filter criteria of different servers. *data is for free(), NULL where it cannot be written. Returns 0 or an error of
 * the store.
 */
int sh_notice_join(struct transaction *tx, const struct charging *charging,
		   const struct subscription *sub, const struct sh_subscription *const *s, size_t n,
		   char **data, size_t *len);
void sh_notice_free(struct sh_notice *n);

#endif
