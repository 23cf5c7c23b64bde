/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of NOTIFYs of each subscription. Stock numbers a NOTIFY when something happens and sends
 * it later from a process of its own; and what was sent first may arrive last. A full document that
 * comes after a partial one with a higher version is thrown away (RFC 3680 5.1). So ours wait until
 * the one before was answered.
 *
 * Every subscription has a record of its own, found by a keyed hash of its dialog. The number of
 * records is bounded; when it is reached, the one that was used longest ago is given up: everything
 * of it was answered long ago.
 */
#ifndef SCSCF_NOTIFY_ORDER_H
#define SCSCF_NOTIFY_ORDER_H

#include "base/keyed_hash.h"
#include "modules/ims_seamless_scscf/core/memory.h"

struct scscf_notify_record {
	struct scscf_notify_record *hash_next;
	struct scscf_notify_record *newer, *older; /* order of use */
	uint64_t subscription;			   /* hash of the dialog */
	uint32_t cseq;				   /* highest that was answered */
};

struct scscf_notify_order {
	struct scscf_store *store;
	struct keyed_hash_key key;
	struct scscf_notify_record **buckets;
	size_t buckets_n; /* a power of two */
	struct scscf_notify_record *newest, *oldest;
	size_t n, max;
	uint64_t steps; /* records looked at: what finding costs */
};

/*
 * A table for at most max subscriptions in memory of the store, which must outlive it. Records are
 * made as they are needed. Returns 0 or -1.
 */
int scscf_notify_order_init(struct scscf_notify_order *o, struct scscf_store *s,
			    const struct keyed_hash_key *key, size_t max);
void scscf_notify_order_free(struct scscf_notify_order *o);

/* The NOTIFY of this subscription (Call-ID, the notifier's tag) with this CSeq was answered, or
 * will not be. */
void scscf_notify_order_answered(struct scscf_notify_order *o, struct slice call_id,
				 struct slice tag, uint32_t cseq);

/*
 * Was everything answered that was numbered up to cseq? version: of the last document, as stock
 * counts (1: none was made yet), for subscriptions nothing is known of: those are behind only while
 * their first NOTIFY is on its way.
 */
bool scscf_notify_order_clear(struct scscf_notify_order *o, struct slice call_id, struct slice tag,
			      uint32_t cseq, int version);

/* The subscription is over. */
void scscf_notify_order_forget(struct scscf_notify_order *o, struct slice call_id,
			       struct slice tag);

#endif
