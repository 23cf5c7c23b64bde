/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many MARs a partner may send: each costs its user a sequence number, and the HSS time that its own users have. A
 * partner has its rate; a user USER_PER_MINUTE, and some at once, in a table of fixed size: users that meet in a row
 * share it.
 */
#ifndef HSS_MIGRATION_RATE_H
#define HSS_MIGRATION_RATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { USER_PER_MINUTE = 30, USER_AT_ONCE = 10, RATE_ROWS = 65536, RATE_PARTNERS = 32 };

/* What may be taken still: thousandths. */
struct bucket {
	int64_t at_ms, milli;
};

/* Take one: per_minute come back in a minute, up to most. All zero is a full one. Returns false if it is empty. */
bool bucket_take(struct bucket *b, uint64_t per_minute, uint64_t most, int64_t now_ms);

struct rates {
	pthread_mutex_t lock; /* of what follows */
	struct bucket user[RATE_ROWS], partner[RATE_PARTNERS];
};

/* One MAR of the partner with this index / for the user with this hash. now_ms is monotonic. Any thread. */
bool rates_partner(struct rates *r, size_t partner, uint32_t per_second, int64_t now_ms);
bool rates_user(struct rates *r, uint64_t hash, int64_t now_ms);

#endif
