/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Repository data of Sh: what application servers keep with a public identity, which only they understand
 * (TS 29.328 7.6.1). */
#ifndef HSS_REPOSITORY_H
#define HSS_REPOSITORY_H

#include "hss/subscription/subscription.h"

enum {
	REPOSITORY_SERVICE_SIZE = 128, /* Service-Indication with NUL */
	REPOSITORY_OWNER_SIZE = IDENTITY_SIZE,
	REPOSITORY_SEQUENCE_MAX = 65535,
};

struct repository {
	char service[REPOSITORY_SERVICE_SIZE];
	uint32_t sequence;
	char *data; /* the element <ServiceData>, as XML; NULL: there is none */
	size_t len;
};

void repository_free(struct repository *r);

/*
 * Under whose name the data of a public identity (index) are kept: all of an alias set have the same
 * (TS 29.328 table 7.6.1, note 3).
 */
void repository_owner(const struct subscription *sub, int impu, char out[REPOSITORY_OWNER_SIZE]);

/* The identities (bits) that share what is kept under the name of the one at index impu. */
uint64_t alias_set(const struct subscription *sub, int impu);

#endif
