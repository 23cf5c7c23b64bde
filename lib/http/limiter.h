/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many wrong tokens may come from one address. Who is over the limit is told so, and his wrong
 * tokens are not logged any more; a right one always counts, so that nobody keeps another out by
 * asking wrongly from the same address.
 */
#ifndef HTTP_LIMITER_H
#define HTTP_LIMITER_H

#include "base/keyed_hash.h"
#include "base/netaddr.h"

enum { LIMITER_SLOTS = 1024, LIMITER_WRONG = 10, LIMITER_WINDOW_MS = 60000 };

struct limiter {
	struct keyed_hash_key key;
	struct {
		uint64_t who; /* hash of the address; IPv6: of its /64 */
		int64_t since_ms;
		unsigned int wrong;
	} slot[LIMITER_SLOTS];
};

/* Returns 0, or -1 without random numbers. */
int limiter_init(struct limiter *l);
/* Count a wrong token. Returns 0 if it is within the limit, else the seconds until more may come. */
unsigned int limiter_wrong(struct limiter *l, const struct netaddr *from, int64_t now_ms);

#endif
