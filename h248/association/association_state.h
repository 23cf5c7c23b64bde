/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Internal: the states of an association at either end, as tables (base/state_table.h). What is sent
 * on the way is said beside each row's event in mg.c and mgc.c.
 */
#ifndef H248_ASSOCIATION_STATE_H
#define H248_ASSOCIATION_STATE_H

#include "base/state_table.h"
#include "h248/association.h"

/* Clauses 11.2 to 11.5. */
enum mg_event {
	MG_EV_START,	/* the user starts it */
	MG_EV_WAIT,	/* nobody to register with for a while */
	MG_EV_REGISTER, /* ServiceChange goes out: Restart, Disconnected, Failover or HandOff */
	MG_EV_ACCEPTED, /* the reply that says so */
	MG_EV_GRACEFUL, /* Graceful was sent */
	MG_EV_STAY,	/* Restart 918 was sent */
	MG_EV_LEFT,	/* Forced is answered or given up, or the delay of Graceful is over */
	MG_EVENTS
};
extern const struct state_table mg_states;

enum mgc_event {
	MGC_EV_REGISTERED, /* Restart, Disconnected, HandOff or Failover, accepted */
	MGC_EV_RESTARTED,  /* before that, when it was associated: what it had is gone */
	MGC_EV_SENT_AWAY,  /* answered with MgcIdToTry */
	MGC_EV_GRACEFUL,   /* Graceful on ROOT */
	MGC_EV_STAYS,	   /* Restart 918 on ROOT */
	MGC_EV_LEFT,	   /* Forced, or Failover 908, on ROOT */
	MGC_EV_FAILED,	   /* no answer, connection lost */
	MGC_EVENTS
};
extern const struct state_table mgc_states;

#endif
