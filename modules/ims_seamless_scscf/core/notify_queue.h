/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is to be told next. What a subscription is told leaves in the order in which it happened; one
 * whose watcher does not answer holds up itself, and nobody else. A turn waits in the queue of its
 * dialog; whether it is the first there costs the same however many wait.
 */
#ifndef SCSCF_NOTIFY_QUEUE_H
#define SCSCF_NOTIFY_QUEUE_H

#include "base/keyed_hash.h"
#include "modules/ims_seamless_scscf/core/memory.h"

/* Of the caller, who keeps it where it is from join to leave; zeroed it is in no queue. */
struct scscf_notify_turn {
	struct scscf_notify_turn *next, *prev;
	struct scscf_notify_dialog *dialog;
};

struct scscf_notify_queue {
	struct scscf_store *store;
	struct keyed_hash_key key;
	struct scscf_notify_dialog **buckets;
	size_t buckets_n; /* a power of two */
	size_t dialogs;	  /* with somebody waiting */
	uint64_t steps;	  /* dialogs looked at: what joining costs */
};

/* Without anybody waiting; the store must outlive it. About buckets dialogs are found at once.
 * Returns 0 or -1. */
int scscf_notify_queue_init(struct scscf_notify_queue *q, struct scscf_store *s,
			    const struct keyed_hash_key *key, size_t buckets);
/* All turns must have left. */
void scscf_notify_queue_free(struct scscf_notify_queue *q);

/* t goes to the end of the queue of this subscription (Call-ID, the notifier's tag). Returns 0, or
 * -1 without memory: then it waits for nobody. */
int scscf_notify_queue_join(struct scscf_notify_queue *q, struct scscf_notify_turn *t,
			    struct slice call_id, struct slice tag);
/* It has been told, or will not be. Nothing happens if it is in no queue. */
void scscf_notify_queue_leave(struct scscf_notify_queue *q, struct scscf_notify_turn *t);
/* Does nobody stand before it? */
bool scscf_notify_queue_is_first(const struct scscf_notify_turn *t);

#endif
