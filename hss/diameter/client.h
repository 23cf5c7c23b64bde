/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests that the HSS begins: sent, and their outcome told when it is known. Nobody waits. */
#ifndef HSS_DIAMETER_CLIENT_H
#define HSS_DIAMETER_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "hss/subscription/subscription.h"

struct msg; /* of freeDiameter */

enum { CLIENT_PENDING_MAX = 512 }; /* requests under way */

struct outcome {
	bool answered;
	uint32_t code; /* Result-Code or Experimental-Result-Code; 0: none that can be read */
	bool experimental;
	char from[IDENTITY_SIZE]; /* who answered, or "" */
};

/* Called exactly once for a request that was sent, on a thread of freeDiameter or in client_tick(). */
typedef void (*outcome_h)(const struct outcome *outcome, void *arg);

/*
 * Send msg, which is taken over. The outcome is told within seconds, or two seconds later at most.
 * Returns 0, or an errno value (EAGAIN: too many under way); then done is never called.
 */
int client_send(struct msg *msg, unsigned int seconds, outcome_h done, void *arg);
/* The same, never through another ims-hss (forward.h). */
int client_send_here(struct msg *msg, unsigned int seconds, outcome_h done, void *arg);
/* What became of a request that another ims-hss sent. */
void client_outcome(uintptr_t number, const struct outcome *outcome);

/*
 * Tell the outcome of requests over their time. freeDiameter does that, too; but an answer that is
 * none (a watchdog's with the identifier of our request) takes the request away from it in silence.
 * now_ms is monotonic; call it once a second.
 */
void client_tick(int64_t now_ms);

#endif
