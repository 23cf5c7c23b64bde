/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http/limiter.h"

int limiter_init(struct limiter *l)
{
	memset(l, 0, sizeof(*l));
	return keyed_hash_key_random(&l->key);
}

unsigned int limiter_wrong(struct limiter *l, const struct netaddr *from, int64_t now_ms)
{
	size_t len = from->family == 6 ? 8 : netaddr_len(from);
	uint64_t who = keyed_hash(&l->key, slice_make((const char *)from->ip, len));
	size_t at = who % LIMITER_SLOTS;

	/* another address in the slot makes room: who it was begins anew, and memory stays bounded */
	if (l->slot[at].who != who || now_ms - l->slot[at].since_ms >= LIMITER_WINDOW_MS) {
		l->slot[at].who = who;
		l->slot[at].since_ms = now_ms;
		l->slot[at].wrong = 0;
	}
	if (l->slot[at].wrong < LIMITER_WRONG) {
		l->slot[at].wrong++;
		return 0;
	}
	return (unsigned int)((l->slot[at].since_ms + LIMITER_WINDOW_MS - now_ms + 999) / 1000);
}
