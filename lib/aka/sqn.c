/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "aka/sqn.h"

int sqn_he_next(uint64_t sqn, struct sqn_range range, uint64_t *next)
{
	uint64_t seq = sqn_seq(sqn) + 1;
	unsigned int ind = sqn_ind(sqn);

	if (seq > SQN_MAX >> SQN_IND_BITS)
		return AKA_EWRAP;
	*next = sqn_make(seq, ind < range.first || ind >= range.last ? range.first : ind + 1);
	return 0;
}

unsigned int sqn_step(struct sqn_range range)
{
	unsigned int values = range.last - range.first + 1;

	return (SQN_IND_COUNT + values - 1) / values * values + 1;
}

uint64_t sqn_he_after(uint64_t sqn, struct sqn_range range, unsigned int n)
{
	while (n-- && sqn_he_next(sqn, range, &sqn) == 0)
		;
	return sqn;
}

uint64_t sqn_he_resync(uint64_t sqn_he, uint64_t sqn_ms)
{
	uint64_t next;

	if (sqn_he_next(sqn_he, SQN_WHOLE, &next) == 0 && sqn_seq(next) > sqn_seq(sqn_ms) &&
	    sqn_seq(next) - sqn_seq(sqn_ms) <= SQN_DELTA)
		return sqn_he;
	return sqn_ms;
}

uint64_t sqn_ms_highest(const struct sqn_ms *ms)
{
	unsigned int best = 0;

	for (unsigned int i = 1; i < SQN_IND_COUNT; i++)
		if (ms->seq[i] > ms->seq[best])
			best = i;
	return sqn_make(ms->seq[best], best);
}

int sqn_ms_accept(struct sqn_ms *ms, uint64_t sqn)
{
	uint64_t seq = sqn_seq(sqn), highest = sqn_seq(sqn_ms_highest(ms));

	if (sqn > SQN_MAX || seq <= ms->seq[sqn_ind(sqn)])
		return AKA_ESYNC;
	if (seq > highest && seq - highest > SQN_DELTA)
		return AKA_ESYNC;
	if (ms->age_limit && highest > seq && highest - seq >= ms->age_limit)
		return AKA_ESYNC;
	ms->seq[sqn_ind(sqn)] = seq;
	return 0;
}
