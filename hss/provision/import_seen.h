/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file that is imported has had so far: names, and shared sets of filter criteria. For import.c. */
#ifndef HSS_PROVISION_IMPORT_SEEN_H
#define HSS_PROVISION_IMPORT_SEEN_H

#include "base/keyed_hash.h"
#include "hss/subscription/subscription.h"

/* Names, by their hashes. */
struct seen {
	struct keyed_hash_key key;
	uint64_t *slot; /* 0: free */
	size_t size, n;
};

/* Kinds of names. */
#define SEEN_PRIVATE UINT64_C(0)
#define SEEN_PUBLIC  (UINT64_C(1) << 63)
#define SEEN_NUMBER  (UINT64_C(1) << 62) /* an MSISDN */

/* Returns 0, or -1 without random octets. / Note a name of its kind: 0, 1 if it was there before, -1 without memory. /
 * Was it there? */
int seen_begin(struct seen *s);
int seen_add(struct seen *s, const char *name, uint64_t kind);
bool seen_has(const struct seen *s, const char *name, uint64_t kind);
void seen_free(struct seen *s);

/* A shared set, in a list. */
struct seen_set {
	struct seen_set *next;
	uint32_t set;
	size_t n;
	struct ifc criteria[];
};

/* Note one. Returns 0, or -1 with why: it was there before, or there is no memory. */
int seen_set_add(struct seen_set **list, uint32_t set, const struct subscription *criteria,
		 char *why, size_t size);
/* Those of a set, *n of them; NULL: the file has not had it. list is a struct seen_set **, so that it serves as struct
 * shared_known (store.h). */
const struct ifc *seen_set_criteria(void *list, uint32_t set, size_t *n);
void seen_sets_free(struct seen_set **list);

#endif
