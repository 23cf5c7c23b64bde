/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/migration/rate.h"

enum { MILLI = 1000, MINUTE_MS = 60000 };

bool bucket_take(struct bucket *b, uint64_t per_minute, uint64_t most, int64_t now_ms)
{
	const int64_t full = (int64_t)most * MILLI;
	int64_t passed = b->at_ms ? now_ms - b->at_ms : MINUTE_MS;
	int64_t back;

	/* more than a minute fills no more than a minute does, unless that is nothing near to full */
	if (passed > 60 * MINUTE_MS)
		passed = 60 * MINUTE_MS;
	if (passed < 0)
		passed = 0;
	back = passed * (int64_t)per_minute * MILLI / MINUTE_MS;
	b->milli = b->at_ms ? b->milli + back : full;
	if (b->milli > full)
		b->milli = full;
	b->at_ms = now_ms > 0 ? now_ms : 1;
	if (b->milli < MILLI)
		return false;
	b->milli -= MILLI;
	return true;
}

static bool take(struct rates *r, struct bucket *b, uint64_t per_minute, uint64_t most,
		 int64_t now_ms)
{
	bool ok;

	pthread_mutex_lock(&r->lock);
	ok = bucket_take(b, per_minute, most, now_ms);
	pthread_mutex_unlock(&r->lock);
	return ok;
}

bool rates_partner(struct rates *r, size_t partner, uint32_t per_second, int64_t now_ms)
{
	return take(r, &r->partner[partner], (uint64_t)per_second * 60, 2 * (uint64_t)per_second,
		    now_ms);
}

bool rates_user(struct rates *r, uint64_t hash, int64_t now_ms)
{
	return take(r, &r->user[hash % RATE_ROWS], USER_PER_MINUTE, USER_AT_ONCE, now_ms);
}
