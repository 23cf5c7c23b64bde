/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sequence numbers after 3GPP TS 33.102 annex C: 48 bits = SEQ (43) || IND (5). The home network
 * counts SEQ up for every vector and steps IND; the USIM keeps the highest SEQ seen for each IND,
 * so that vectors handed to different servers may be used out of order (C.1.1, C.2.2).
 */
#ifndef AKA_SQN_H
#define AKA_SQN_H

#include <stdint.h>

#include "aka/err.h"

enum { SQN_IND_BITS = 5, SQN_IND_COUNT = 32 };
#define SQN_MAX	  ((UINT64_C(1) << 48) - 1)
#define SQN_DELTA (UINT64_C(1) << 28) /* the jump of SEQ that a USIM still believes, C.3.2 */

static inline uint64_t sqn_make(uint64_t seq, unsigned int ind)
{
	return seq << SQN_IND_BITS | (ind & (SQN_IND_COUNT - 1));
}
static inline uint64_t sqn_seq(uint64_t sqn)
{
	return sqn >> SQN_IND_BITS;
}
static inline unsigned int sqn_ind(uint64_t sqn)
{
	return (unsigned int)(sqn & (SQN_IND_COUNT - 1));
}

/*
 * The values of IND that one AuC steps through, first to last. Two that share a card (EPS and IMS) need
 * ranges of their own: each SEQ then need only rise within them (C.1.1.2, C.3.4).
 */
struct sqn_range {
	unsigned int first, last;
};
#define SQN_WHOLE ((struct sqn_range){0, SQN_IND_COUNT - 1})

/* HSS: the number after sqn: SEQ + 1 with the next IND of the range (C.1.1.2). Returns 0, or AKA_EWRAP
 * at the end of 48 bits. */
int sqn_he_next(uint64_t sqn, struct sqn_range range, uint64_t *next);

/*
 * HSS: how many numbers to set aside at a time, so that few of them are written down: about as many as there are values
 * of IND, and one more than a multiple of those of the range. If they are lost, the next number has the next IND still.
 */
unsigned int sqn_step(struct sqn_range range);
/* HSS: the number n steps after sqn, or the last that there is. */
uint64_t sqn_he_after(uint64_t sqn, struct sqn_range range, unsigned int n);

/*
 * HSS: the counter to go on from after an AUTS whose MAC-S was good (TS 33.102 6.3.5). The stored
 * one is kept if what follows it would be accepted anyway; else the USIM's takes its place. Cannot
 * fail.
 */
uint64_t sqn_he_resync(uint64_t sqn_he, uint64_t sqn_ms);

/* UE: what a USIM remembers. All zero is a card never used. Copy it to keep it. */
struct sqn_ms {
	uint64_t seq[SQN_IND_COUNT]; /* the highest SEQ accepted for each IND */
	uint64_t age_limit; /* L of C.2.2: how far SEQ may lie below the highest; 0: no limit */
};

/*
 * UE: accept a number from a genuine AUTN and remember it (C.2.1, C.2.2). Returns 0, or AKA_ESYNC
 * (not above what was seen for its IND, too big a jump, or older than the age limit) and remembers
 * nothing.
 */
int sqn_ms_accept(struct sqn_ms *ms, uint64_t sqn);

/* UE: SQN_MS, the highest number accepted so far: what goes into AUTS (C.2.1). */
uint64_t sqn_ms_highest(const struct sqn_ms *ms);

#endif
