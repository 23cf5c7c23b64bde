/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rotation of the master key while ims-hss serves: a thread seals the keys in the store anew under the one that
 * seals now, some private identities in a transaction, and stays away from the store as long as each took. Where
 * it was interrupted, however, it goes on at the next start.
 */
#ifndef HSS_RESEAL_H
#define HSS_RESEAL_H

#include "daemon/outbuf.h"
#include "hss/store/store.h"

/* Begin, and seal what is not under the present master key, if there is one. store must outlive it. Returns 0 or
 * an errno value. */
int reseal_start(struct store *store);
/* Read the master keys again, and open everything and seal it anew where that is due. Returns 0, or -1 with why. */
int reseal_kick(char *why, size_t size);
/* Lines of the status: private identities under each master key, and whether they are being sealed anew. */
void reseal_status(struct outbuf *out);
/* The same as metrics. */
void reseal_metrics(struct outbuf *out);
/* End the thread, if it runs. */
void reseal_stop(void);

#endif
