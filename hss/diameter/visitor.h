/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MAR for a partner's user who is here (TR 23.781 6.2.1 steps 16 to 21): his primary's HSS is asked in a request of our own, which has
 * nothing of the S-CSCF's but what is asked for, with the identities that the primary knows; its answer becomes ours. No
 * thread waits: the request is kept until the answer is there, or VISITOR_ANSWER_MS are over.
 */
#ifndef HSS_DIAMETER_VISITOR_H
#define HSS_DIAMETER_VISITOR_H

#include "hss/cx/service.h"
#include "hss/diameter/cx_decode.h"
#include "hss/diameter/server.h"

enum {
	VISITOR_ANSWER_MS =
	    1500, /* the S-CSCF's own time-out is longer: 3 s with cfg/diameter.xml */
	VISITOR_TICK_MS = 100,
	VISITOR_OF_ONE_MAX = 256, /* that wait for one partner */
};

/* Before the first MAR: a thread that tells what is late. A quarter of requests_max may wait. Returns 0 or an errno value. / Answer all
 * that wait, and end it. */
int visitor_start(const struct config *cfg);
void visitor_stop(void);

/* Answer in, now or later. Takes in and req over. */
void visitor_mar(struct incoming *in, struct service *svc, struct cx_request *req,
		 const struct cx_echo *echo);
/* How many wait. */
unsigned int visitors_waiting(void);

#endif
