/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of calls itself: for calls.c and turns.c alone. */
#ifndef IMS_ALG_TABLE_H
#define IMS_ALG_TABLE_H

#include "modules/ims_alg/calls.h"

enum { ALG_BUCKETS = 2048 };

void alg_bucket_lock(unsigned bucket);
void alg_bucket_unlock(unsigned bucket);
unsigned alg_bucket_of_id(uint64_t id);
/* Under the bucket's lock. */
struct alg_entry **alg_bucket(unsigned at);
struct alg_entry *alg_entry_by_id(uint64_t id);
/* It is in no bucket any more. */
void alg_entry_free(struct alg_entry *e);

#endif
