/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where several ims-hss share a store (store_is_shared()): a request to a peer that another process has is left there
 * with its octets, taken by exactly one process that has the peer, and its outcome left for the one that it is from.
 * All in a writing transaction.
 */
#ifndef HSS_STORE_FORWARD_H
#define HSS_STORE_FORWARD_H

#include "hss/store/store.h"

/* A request that was taken. */
struct store_forward {
	int64_t sender, number; /* name it */
	uint8_t *octets;	/* of the Diameter message, for free() */
	size_t len;
	unsigned int seconds; /* that its answer may take */
};

/* What became of one. */
struct store_outcome {
	int64_t number;
	bool answered, experimental;
	uint32_t code;
	char from[IDENTITY_SIZE];
};

/* Leave one, under a number of this process that is not used again. */
int store_put_forward(struct transaction *tx, int64_t number, const char *host, struct slice octets,
		      unsigned int seconds);
/* Take the next one to any of these hosts, blanks between them. Returns 0, STORE_ENOTFOUND, or another error. */
int store_take_forward(struct transaction *tx, const char *hosts, struct store_forward *out);
/* What became of one that was taken. / The next of ours that has an outcome, which goes: 0, STORE_ENOTFOUND, or another
 * error. */
int store_end_forward(struct transaction *tx, int64_t sender, int64_t number,
		      const struct store_outcome *o);
int store_forward_outcome(struct transaction *tx, struct store_outcome *out);
/* Nobody has taken it, and nobody will: 0. STORE_ENOTFOUND: somebody has. */
int store_take_back_forward(struct transaction *tx, int64_t number);
/* Remove those that nobody waits for any more. */
int store_old_forwards(struct transaction *tx);

#endif
