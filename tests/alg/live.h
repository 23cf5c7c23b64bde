/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The controller of modules/ims_alg with real gateways: ims-agw processes in a network namespace of
 * the program's own. Gateway n: core 10.0.0.(7+n), access 10.1.0.(7+n); controller 10.0.0.11;
 * the far peer 10.0.0.9, the phone 10.1.0.10.
 */
#ifndef TESTS_ALG_LIVE_H
#define TESTS_ALG_LIVE_H

#include "modules/ims_alg/control/mgc.h"
#include "unit/agw/endpoint.h"
#include "unit/unit.h"

enum { LIVE_GATEWAYS = 2, LIVE_PATIENCE_MS = 60000 };
#define FAR "10.0.0.9"
#define UE  "10.1.0.10"

extern struct mgc *mgc;
extern struct mgc_config live_config; /* before live_start() */
extern unsigned live_events[MGC_EVENTS];
extern char live_text[MGC_EVENTS][96];

/* Once per process. Ends the program when it cannot. */
void live_namespace(void);
/* n gateways with so many ports a realm (more: further lines of [gateway]), and the controller; waits
 * until all are up. */
void live_start(unsigned n, unsigned ports, const char *more);
void live_stop(void);

void live_kill(unsigned n, int signal); /* SIGKILL is waited for */
void live_gateway(unsigned n);		/* begin it (again) */
void live_controller(void);		/* begin it (again) without calling the gateways */
void live_controller_end(void);

/* Let the controller work for ms, or until the condition is true (the test fails if it never is). */
void live_serve(int ms);
#define LIVE_UNTIL(condition)                                                                      \
	do {                                                                                       \
		int64_t live_end_ = live_now() + LIVE_PATIENCE_MS;                                 \
		while (!(condition)) {                                                             \
			ck_assert_msg(live_now() < live_end_, "never: %s", #condition);            \
			live_serve(5);                                                             \
		}                                                                                  \
	} while (0)
int64_t live_now(void);

/* The answer of agwctl to a command, of gateway n. */
const char *live_ctl(unsigned n, const char *command);
/* Contexts that gateway n says it has. */
int live_contexts(unsigned n);
struct mgc_gateway_view live_view(unsigned n);

/* An order, and its end. The media come back in *media. */
struct mgc_result live_apply(uint64_t call, struct alg_media *media);
struct mgc_result live_release(uint64_t call);

#endif
