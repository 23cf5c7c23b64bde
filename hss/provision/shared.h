/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What hssctl, the REST API and imports do to shared sets of filter criteria. A set is edited as the ifcs of profile 0
 * of a subscription that has nothing else. Who uses one that changes, and is registered at an S-CSCF that does not have the
 * sets itself, is told by ims-hss with a PPR; S-CSCFs that do are the operator's to change (TS 29.229 7.1.1, SiFC).
 */
#ifndef HSS_PROVISION_SHARED_H
#define HSS_PROVISION_SHARED_H

#include "hss/provision/change.h"

/*
 * Let edit() change the set, which is empty if there is none; without criteria after that it is taken away. criteria
 * has it as it is then. Returns as provision_change().
 */
int provision_change_set(struct store *store, uint32_t set, provision_edit_h edit, void *arg,
			 struct subscription *criteria, char *why, size_t size);

/* Load one: 0, or an error with why. */
int provision_load_set(struct store *store, uint32_t set, struct subscription *criteria, char *why,
		       size_t size);

/*
 * In a transaction: put a whole set. One that is there and the same stays as it is; another one is replaced if replace
 * is set, else the answer is STORE_EEXIST. before is scratch.
 */
int provision_put_set(struct transaction *tx, uint32_t set, const struct subscription *criteria,
		      bool replace, struct subscription *before);

/* Are the criteria of both the same? */
bool provision_same_set(const struct subscription *a, const struct subscription *b);

#endif
