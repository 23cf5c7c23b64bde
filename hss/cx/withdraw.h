/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Orders (push.h) for all private identities of a subscription that have registered something, one after the other. */
#ifndef HSS_CX_WITHDRAW_H
#define HSS_CX_WITHDRAW_H

#include "hss/cx/push.h"

/* push_profile() for each; impi names the subscription. */
void push_profiles(struct service *svc, const struct push_order *order);

/*
 * Take a user out: RTR (PERMANENT_TERMINATION) for each, and when all are confirmed, or order->force is
 * set, the subscription is removed from the store. Without a registration it is removed at once.
 */
void push_withdraw(struct service *svc, const struct push_order *order);

#endif
