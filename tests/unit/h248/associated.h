/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One gateway and three controllers over a network in memory: the scene of the association tests.
 */
#ifndef TEST_H248_ASSOCIATED_H
#define TEST_H248_ASSOCIATED_H

#include "unit/h248/link.h"
#include "unit/unit.h"

#define MGCS 3 /* nodes 0 .. 2; the gateway is node 3 */

struct entity {
	unsigned number;
	struct h248_entity *e;
	unsigned requests, states;
	char log[2048]; /* names of the states, in order */
	unsigned refuse;
	const struct h248_mid *redirect;
	enum h248_method last_method;
	uint16_t last_reason;
	unsigned outcomes[4];
	struct h248_job *held;
};

extern struct network net;
extern struct entity all[MGCS + 1], *const mg;
extern struct h248_entity_config base[MGCS + 1];
extern const struct h248_mid mids[MGCS + 1];
extern struct h248_addr list[MGCS]; /* the controllers' */

/* Defaults; a test changes base[] and then opens. */
void prepare(void);
void open_all(void);
void close_all(void);
/* Let ms pass. */
void run(int64_t ms);
/* open_all(), until the gateway is associated with the first controller. */
void open_associated(void);
struct h248_peer *peer_of(struct entity *x); /* the first */
/* A Modify of that termination; what came of it is counted in x->outcomes. */
int ask(struct entity *x, const char *tid);

#endif
