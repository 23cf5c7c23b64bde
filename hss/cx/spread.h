/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A shared set of filter criteria has changed: everybody who uses it and is registered is told by PPR, unless his S-CSCF has
 * the sets itself. There may be a million of them, so one errand (ERRAND_SHARED) makes theirs, SPREAD_PIECE
 * subscriptions at a time, each piece in the transaction that also says how far it is.
 */
#ifndef HSS_CX_SPREAD_H
#define HSS_CX_SPREAD_H

#include "hss/store/store.h"

enum { SPREAD_PIECE = 32 };

/* In the transaction of the change: leave the errand. Returns 0 or an error of the store. */
int spread_begin(struct transaction *tx, uint32_t set);
/*
 * Carry out a piece of one: put errands for the next subscriptions, and in the place of this errand one for the rest, if
 * there is a rest. sub is scratch. Returns 0 or an error of the store.
 */
int spread_piece(struct transaction *tx, const struct cx_errand *errand, struct subscription *sub);

#endif
