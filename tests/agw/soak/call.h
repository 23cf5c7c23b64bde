/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calls of the soak. Nothing here blocks: answers of the gateway come while rig_serve() runs,
 * and a call takes its next step in its tick.
 */
#ifndef TESTS_AGW_SOAK_CALL_H
#define TESTS_AGW_SOAK_CALL_H

#include <stdbool.h>
#include <stdint.h>
#include "base/netaddr.h"

#define ACCESS "10.1.0.7"
#define CORE   "10.0.0.7"
#define UE     "10.1.0.10"
#define FAR    "10.0.0.9"

enum { TICK_MS = 20 };

/* What all live calls together have seen. A packet or message is lost when it has not come by the
 * end of a pause in which everything must arrive, and wrong when it is not what was sent. */
struct live_totals {
	uint64_t calls, rekeyed, packets, messages, lost, wrong;
	unsigned n_failures;
	char failure[256]; /* the first one */
};
extern struct live_totals live_totals;
void live_failed(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* ---- a call with media both ways, checked octet by octet ---- */

struct live;

/* Begin call number n; its number says which kind it is. */
struct live *live_new(unsigned n);
/* Send and receive what is due; every TICK_MS. */
void live_tick(struct live *l, int64_t now_ms);
/* Does media pass? */
bool live_talks(const struct live *l);
/* Let what is under way arrive, then subtract. */
void live_end(struct live *l);
bool live_ending(const struct live *l);
/* Subtracted: it can be freed. */
bool live_over(const struct live *l);
void live_free(struct live *l);

/* ---- a short call without media ---- */

struct churn;
struct churn *churn_new(unsigned n);
void churn_tick(struct churn *c, int64_t now_ms);
bool churn_over(const struct churn *c);
void churn_free(struct churn *c);

#endif
