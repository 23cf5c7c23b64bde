/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stock numbers a NOTIFY when something happens and sends it later from a process of its own; and
 * what was sent first may arrive last. A full document that comes after a partial one with a higher
 * version is thrown away (RFC 3680 5.1). So ours wait until the one before was answered. What was
 * answered is remembered for the subscriptions that were used last: of the others everything was
 * long ago.
 */
#ifndef SEAMLESS_NOTIFY_ORDER_H
#define SEAMLESS_NOTIFY_ORDER_H

#include "modules/ims_seamless_scscf/core/memory.h"

struct scscf_notify_order {
	struct scscf_notify_answered {
		uint64_t subscription; /* 0: empty */
		uint32_t cseq;
	} * answered;
	size_t n;
};

/* A table for n subscriptions in memory of the store. Returns 0 or -1. */
int scscf_notify_order_init(struct scscf_notify_order *o, struct scscf_store *s, size_t n);
void scscf_notify_order_free(struct scscf_notify_order *o, struct scscf_store *s);

/* The NOTIFY of this subscription (Call-ID, the notifier's tag) with this CSeq was answered, or
 * will not be. */
void scscf_notify_order_answered(struct scscf_notify_order *o, struct slice call_id,
				 struct slice tag, uint32_t cseq);

/*
 * Was everything answered that was numbered up to cseq? version: of the last document, as stock
 * counts (1: none was made yet), for subscriptions nothing is known of: those are behind only while
 * their first NOTIFY is on its way.
 */
bool scscf_notify_order_clear(const struct scscf_notify_order *o, struct slice call_id,
			      struct slice tag, uint32_t cseq, int version);

#endif
