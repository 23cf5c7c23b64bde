/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What requests change of a subscription, as the texts that its one row has (schema version 17), so that a request that
 * changes all of it writes one page:
 *
 * sqn    of each private identity, in their order, 12 hex digits: its sequence number
 * state  of each public identity 9 digits: 4 hex digits of registered, 4 of pending, and 1 where it is served unregistered;
 *        behind them, where any is not 0, of each 8 more (schema version 18): 4 of by_address, 4 of address_asked
 *
 * Where nobody is authenticated by the address of his bearer, their length stays the same from change to change. The view "registration" (schema) reads state in SQL.
 */
#ifndef HSS_STORE_STATE_H
#define HSS_STORE_STATE_H

#include "hss/subscription/subscription.h"

enum {
	STATE_SQN_DIGITS = 12,
	STATE_IMPU_DIGITS = 9,
	STATE_ADDRESS_DIGITS = 8,
};

struct state_text {
	char sqn[SUB_IMPIS_MAX * STATE_SQN_DIGITS + 1];
	char state[SUB_IMPUS_MAX * (STATE_IMPU_DIGITS + STATE_ADDRESS_DIGITS) + 1];
	size_t registered, unregistered; /* how many public identities are */
};

/* Write both, with NUL; kept: the numbers that are set aside (impi.sqn_kept), else those handed out last (impi.sqn). */
void state_write(const struct subscription *sub, bool kept, struct state_text *out);
/*
 * Read both into the identities, which are there. Returns 0, or -1: they are not of these identities, or malformed. A
 * sequence number is never guessed.
 */
int state_read(const struct state_text *text, struct subscription *sub);

#endif
