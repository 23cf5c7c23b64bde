/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What hssctl and the REST API do to subscriptions in the store, each in one transaction. They return 0,
 * an error of the store, or PROVISION_REFUSED; why then has a sentence.
 */
#ifndef HSS_CHANGE_H
#define HSS_CHANGE_H

#include "hss/store/store.h"
#include "hss/subscription/subscription.h"

enum { PROVISION_REFUSED = -100 }; /* what was asked for is wrong, or not possible now */

/* Changes sub. Returns 0, or -1 with why, and nothing is stored. */
typedef int (*provision_edit_h)(struct subscription *sub, void *arg, char *why, size_t size);

/* Load the subscription of a private identity, let edit() change it, check and store it. sub has it as
 * it is stored, after 0. */
int provision_change(struct store *store, const char *impi, provision_edit_h edit, void *arg,
		     struct subscription *sub, char *why, size_t size);

/* Store a new one, none of whose identities exists. */
int provision_add(struct store *store, struct subscription *sub, char *why, size_t size);

/* Load the subscription of a private identity. */
int provision_load(struct store *store, const char *impi, struct subscription *sub, char *why,
		   size_t size);

/*
 * Leave word for the S-CSCF of what before has become (after NULL: it was removed), in the transaction of that
 * change; ims-hss carries it out. Who may not be authenticated by his bearer any more loses it, and what he has by it;
 * after then is as the store has it. The functions here do so themselves. Returns 0 or an error of the store.
 */
int provision_tell(struct transaction *tx, const struct subscription *before,
		   struct subscription *after);

/* Remove the whole subscription; one with a registered identity stays, unless force is set. */
int provision_remove(struct store *store, const char *impi, bool force, char *why, size_t size);

enum { PROVISION_PIECE = 256 }; /* subscriptions of one transaction where there are many */

/*
 * Lend each of the next subscriptions to each(), at most max (up to PROVISION_PIECE), of those behind
 * *after (0 at first), which is set for the next call. Returns their number, 0 at the end, or an error.
 */
typedef void (*provision_each_h)(const struct subscription *sub, void *arg);
int provision_piece(struct store *store, int64_t *after, size_t max, provision_each_h each,
		    void *arg);

#endif
