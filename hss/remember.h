/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Subscriptions brought into the store's memory in advance (store_remember()): at the start, and again when another
 * process has changed the store. A thread does so, a few in a transaction, and stays away from the store in between.
 */
#ifndef HSS_REMEMBER_H
#define HSS_REMEMBER_H

#include "daemon/outbuf.h"
#include "hss/store/store.h"

/* Begin, if this store keeps any. store must outlive it. Returns 0 or an errno value. */
int remember_start(struct store *store);
/* Lines of the status / metrics: how many subscriptions are in memory, and how much of it they take. */
void remember_status(struct outbuf *out);
void remember_metrics(struct outbuf *out);
/* End the thread, if it runs. */
void remember_stop(void);

#endif
