/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands beside subscriptions in an export: the data that application servers keep with users, whom they are told
 * of, what they may do, and users of other HSSs. A block each, behind the subscriptions:
 *
 *   sh-data IMPU service=TEXT sequence=N
 *     data BASE64                            the element ServiceData, on as many lines as it takes
 *   end
 *   sh-notify AS realm=NAME user=IMPU|MSISDN data=N [impi=IMPI] [sets=N] [service=TEXT] [server=URI] [expires=N]
 *     [one-time] [sent=HEX]
 *   end
 *   sh-grant AS data=N allow=[pull][,update][,subscribe]
 *   end
 *   slf IDENTITY|*@DOMAIN HOST
 *   end
 */
#ifndef HSS_PROVISION_BESIDE_H
#define HSS_PROVISION_BESIDE_H

#include <stdio.h>

#include "daemon/words.h"
#include "hss/provision/provision.h"
#include "hss/store/store.h"

/* One block, understood. About 2 kB, and the data. */
struct beside {
	enum beside_kind kind;
	char identity[IDENTITY_SIZE]; /* IMPU of the data, canonical; AS of the grant; key of SLF */
	char host[IDENTITY_SIZE];     /* SLF */
	struct repository data;
	struct sh_subscription notify;
	uint32_t reference; /* of the grant, and what is granted */
	unsigned int allow;
};

/* Understand a block, as provision_handlers.beside gets it. Returns 0 and *out for beside_free(), or -1 with why. */
int beside_read(const struct words *head, struct slice data, struct beside *out, char *why,
		size_t size);
void beside_free(struct beside *b);

/*
 * In a transaction: put it. What is there and the same stays; what is there and differs is replaced if replace is set,
 * else the answer is STORE_EEXIST. STORE_ENOTFOUND: nobody has the identity.
 */
int beside_put(struct transaction *tx, const struct beside *b, bool replace);
/* May it be put, as far as can be said before it is? The same answers; nothing is written. */
int beside_check(struct transaction *tx, const struct beside *b, bool replace);

/* Write what there is of a user's subscription: its data and who is told of it. Returns 0 or an error of the store. */
int beside_write_of(struct transaction *tx, int64_t sub, FILE *out);
/* Write all grants and users of other HSSs. */
int beside_write_network(struct transaction *tx, FILE *out);

#endif
