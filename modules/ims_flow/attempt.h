/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A REGISTER's attempt travels with its transaction. tm runs onreply_route for every copy of a
 * final answer, in several workers at once if they come together. Only the first may act; the
 * others have to say the same, because any of them may be the one that tm passes on.
 */
#ifndef IMS_FLOW_ATTEMPT_H
#define IMS_FLOW_ATTEMPT_H

#include "modules/ims_flow/glue.h"

enum attempt_answer { ATTEMPT_OPEN = 0, ATTEMPT_BEGUN, ATTEMPT_ANSWERED, ATTEMPT_FAILED };

/* In the request route: keep a copy with the transaction. 0, or -1 without memory. */
int attempt_store(const struct flow_attempt *a);

/* In any route of this transaction: read it. 0, or -1: flow_register() has not run. */
int attempt_load(struct flow_attempt *a);

/* Let the 200 to this REGISTER stand beside the UE's other sets. 0, or -1 as above. */
int attempt_set_beside(void);

/* As attempt_load(); true for the first caller of this attempt, who must call attempt_answered(). */
bool attempt_claim(struct flow_attempt *a, int *err);

/* The first caller is through: a->sa is what he made, good whether the answer goes on as it is. */
void attempt_answered(const struct flow_attempt *a, bool good);

/*
 * For the others: wait until the first is through, then *a is as it left it. 0, or -1: it takes too
 * long (half a second), or failed.
 */
int attempt_await(struct flow_attempt *a);

#endif
