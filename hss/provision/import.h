/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Import of any size. Text in the format of provision.h goes in, whole blocks at a time, and is checked
 * against the store and itself, or written, or both; written in pieces of PROVISION_PIECE subscriptions,
 * each in a transaction of its own, so that ims-hss serves meanwhile. No transaction is open between two
 * calls. An error leaves out the piece that it is in: what import_written() says stays, and an import of
 * the same text that skips as many goes on there.
 */
#ifndef HSS_IMPORT_H
#define HSS_IMPORT_H

#include "base/slice.h"
#include "hss/store/store.h"

enum import_mode {
	IMPORT_CHECK = 1, /* each block, and that no name stands in the text twice */
	IMPORT_WRITE = 2,
};

struct import;

/* replace: names that exist are changed, else they are an error. The first skip subscriptions are read
 * and passed over. NULL without memory. */
struct import *import_new(struct store *store, bool replace, uint64_t skip);
void import_free(struct import *im);

/* Begin the text, from its first line. mode has bits of enum import_mode. */
void import_begin(struct import *im, unsigned int mode);
/* More of it, whole blocks. Returns 0, or -1 with a sentence in why. */
int import_text(struct import *im, struct slice text, char *why, size_t size);

/*
 * The same for text that comes as it comes: what is no whole block yet is kept, up to
 * IMPORT_BLOCK_MAX octets. last: nothing more follows.
 */
enum { IMPORT_CHUNK = 256 << 10, IMPORT_BLOCK_MAX = 1 << 20 };
int import_stream(struct import *im, struct slice text, bool last, char *why, size_t size);

/* Subscriptions since import_begin(): passed without an error; of these kept in the store, the skipped
 * ones counted in both. */
uint64_t import_count(const struct import *im);
uint64_t import_written(const struct import *im);

#endif
