/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests to peers that another ims-hss on the same store has: left in the store (hss/store/forward.h), sent by that
 * one in its own name, their outcome told here. What nobody takes within a second is sent from here after all, the
 * way freeDiameter finds.
 */
#ifndef HSS_DIAMETER_FORWARD_H
#define HSS_DIAMETER_FORWARD_H

#include <stdbool.h>
#include <stdint.h>

#include "hss/store/store.h"

enum { FORWARD_TAKEN_MS = 1000 };

/* Requests are left in this store from now on, if it is a shared one. It must outlive them. */
void forward_start(struct store *store);
struct msg; /* of freeDiameter */
/* Leave msg for the process that has its Destination-Host. Returns whether that was done; msg remains the
 * caller's. */
bool forward_leave(struct msg *msg, uintptr_t number, unsigned int seconds);
/* Is it nobody's still? Then it will not be taken any more. */
bool forward_take_back(uintptr_t number);
/* Send what others left for peers that are connected here, and tell what became of ours. Now and then, and when there
 * is news. */
void forward_work(void);

#endif
