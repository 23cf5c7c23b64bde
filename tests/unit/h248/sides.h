/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two channels over a network in memory: a asks, b executes and answers. */
#ifndef TEST_H248_SIDES_H
#define TEST_H248_SIDES_H

#include "h248/transaction.h"
#include "unit/h248/link.h"

#define REQUESTS 3000

struct side {
	struct network *net;
	unsigned number;
	struct h248_channel *channel;
	/* as the one who executes */
	unsigned executed[REQUESTS + 1]; /* by the number in the TerminationID */
	unsigned total;
	int hold_every; /* hold each n-th job and answer it later */
	struct h248_job *held[64];
	int64_t held_at[64];
	int64_t hold_ms;
	unsigned reply_size; /* commands in the reply; 0 = 1 */
	bool ignore;	     /* hold all, never answer */
	bool later;	     /* answer the n-th request when mark n is reached */
	/* as the one who asks */
	unsigned done[5], failed;
	unsigned replies[REQUESTS + 1], reply_commands;
	unsigned error;
};

extern struct network net;
extern struct side a, b;

/* timers NULL: the defaults. */
void open_both(uint64_t seed, struct h248_timers *timers);
void close_both(void);
/* a sends request number n; as h248_channel_request(). */
int ask(unsigned n, uint32_t *id);

#endif
