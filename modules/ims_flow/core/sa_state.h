/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of an SA set and of a flow set, each as one table of named states and events
 * (TS 33.203 7.4, TS 24.229 5.2.2). Drawn in docs/modules/ims_flow.md. Values are stored on disk:
 * append only.
 */
#ifndef IMS_FLOW_SA_STATE_H
#define IMS_FLOW_SA_STATE_H

#include "base/state_table.h"

enum sa_state {
	SA_FREE = 0,  /* no SAs */
	SA_TEMPORARY, /* made by a 401, its answer is awaited (reg-await-auth) */
	SA_NEW, /* authenticated, not yet taken into use: an older set still carries what we send */
	SA_IN_USE, /* carries what we send */
	SA_OLD,	   /* kept for what is under way */
	SA_STATES
};

enum sa_event {
	SA_EV_CHALLENGED = 0,  /* a 401 made this set */
	SA_EV_RECHALLENGED,    /* another 401 takes its place */
	SA_EV_ACCEPTED,	       /* 200, and no other set is in use */
	SA_EV_ACCEPTED_BESIDE, /* 200, and another set is in use */
	SA_EV_REFUSED,	       /* a final answer that is neither 200 nor 401 */
	SA_EV_USED,	       /* the UE sent something over it, or 64*T1 passed since the 200 */
	SA_EV_SUPERSEDED,      /* another set was taken into use */
	SA_EV_OVER,	       /* its time is over, or the flow set ended */
	SA_EVENTS
};

enum flow_state {
	FLOW_FREE = 0,
	FLOW_PENDING, /* challenged, not authenticated */
	FLOW_ACTIVE,  /* registered */
	FLOW_HELD,    /* registration over, sessions linger on it */
	FLOW_CLOSING, /* only answers under way */
	FLOW_STATES
};

enum flow_event {
	FLOW_EVENT_CHALLENGED = 0, /* first 401 */
	FLOW_EVENT_ACCEPTED,	   /* 200 with an expiry above 0 */
	FLOW_EVENT_REFUSED,	   /* pending set: final answer without success */
	FLOW_EVENT_ENDED,	   /* registration over, nothing holds the set */
	FLOW_EVENT_ENDED_HELD,	   /* registration over, but held */
	FLOW_EVENT_DROPPED,	   /* ended by command: the hold does not count */
	FLOW_EVENT_LAPSED,	   /* closing time or reg-await-auth is over */
	FLOW_EVENTS
};

/* Both machines; neither has actions: what follows is in flow_life.h. */
extern const struct state_table flow_sa_table, flow_set_table;

#endif
