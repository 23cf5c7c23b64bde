/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls over a restart of the P-CSCF (parameter state_dir): a file for each call whose media are in
 * force, or of which an end is still to be told that it is over, written by who works on the call, and
 * one for its context, written by the controller. A folder that ims_alg has not made is never written to.
 */
#ifndef IMS_ALG_STORE_H
#define IMS_ALG_STORE_H

#include "base/keyed_hash.h"
#include "modules/ims_alg/calls.h"

enum alg_store_kind { ALG_STORE_CALL, ALG_STORE_CONTEXT };

/* In mod_init: the folder is ours; *key is what it was in the run before. 0, or -1 (logged). Nothing
 * without state_dir. */
int alg_store_init(struct keyed_hash_key *key);
bool alg_store_on(void);
/* Errors are logged: the call then does not outlive a restart. */
void alg_store_write(enum alg_store_kind kind, uint64_t call, const void *data, size_t size);
void alg_store_remove(enum alg_store_kind kind, uint64_t call);
/* Call f with each file of a kind; what it refuses (not 0), or was changed since it was written, is removed. */
void alg_store_each(enum alg_store_kind kind,
		    int (*f)(uint64_t call, const void *data, size_t size, void *arg), void *arg);

/* ---- saved.c: a call as one record ---- */

/* By the owner of a call whose media are in force, or of which BYE is due. */
void alg_call_save(struct alg_entry *e);
/* Before the fork: the calls of the run before. */
void alg_calls_load(void);

#endif
