/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h248/association/association_state.h"

enum { STATES = H248_LOST + 1 };

static const char *const names[STATES] = {"idle",   "waiting", "registering",
					  "active", "leaving", "lost"};

const char *h248_state_name(enum h248_state state)
{
	return state_name(&mg_states, (unsigned)state);
}

/* ---- the gateway ---- */

static const struct state_row mg_rows[STATES][MG_EVENTS] = {
    [H248_IDLE] = {[MG_EV_START] = STATE_GO(H248_WAITING, 0)},
    [H248_WAITING] = {[MG_EV_WAIT] = STATE_STAY, [MG_EV_REGISTER] = STATE_GO(H248_REGISTERING, 0)},
    [H248_REGISTERING] = {[MG_EV_WAIT] = STATE_GO(H248_WAITING, 0),
			  [MG_EV_REGISTER] = STATE_STAY, /* at the next one */
			  [MG_EV_ACCEPTED] = STATE_GO(H248_ACTIVE, 0),
			  [MG_EV_LEFT] = STATE_GO(H248_IDLE, 0)},
    [H248_ACTIVE] = {[MG_EV_WAIT] = STATE_GO(H248_WAITING, 0),
		     [MG_EV_REGISTER] = STATE_GO(H248_REGISTERING, 0), /* lost, or handed off */
		     [MG_EV_GRACEFUL] = STATE_GO(H248_LEAVING, 0),
		     [MG_EV_LEFT] = STATE_GO(H248_IDLE, 0)},
    [H248_LEAVING] = {[MG_EV_WAIT] = STATE_GO(H248_WAITING, 0),
		      [MG_EV_REGISTER] = STATE_GO(H248_REGISTERING, 0),
		      [MG_EV_GRACEFUL] = STATE_STAY, /* another delay */
		      [MG_EV_STAY] = STATE_GO(H248_ACTIVE, 0),
		      [MG_EV_LEFT] = STATE_GO(H248_IDLE, 0)},
};
static const char *const mg_events[MG_EVENTS] = {"start",    "wait", "register", "accepted",
						 "graceful", "stay", "left"};
const struct state_table mg_states = STATE_TABLE("mg association", mg_rows, names, mg_events);

/* ---- the controller ---- */

static const struct state_row mgc_rows[STATES][MGC_EVENTS] = {
    [H248_IDLE] = {[MGC_EV_REGISTERED] = STATE_GO(H248_ACTIVE, 0),
		   [MGC_EV_SENT_AWAY] = STATE_STAY,
		   [MGC_EV_FAILED] = STATE_STAY},
    [H248_ACTIVE] = {[MGC_EV_REGISTERED] = STATE_STAY,
		     [MGC_EV_RESTARTED] = STATE_GO(H248_LOST, 0),
		     [MGC_EV_SENT_AWAY] = STATE_GO(H248_IDLE, 0),
		     [MGC_EV_GRACEFUL] = STATE_GO(H248_LEAVING, 0),
		     [MGC_EV_STAYS] = STATE_STAY,
		     [MGC_EV_LEFT] = STATE_GO(H248_IDLE, 0),
		     [MGC_EV_FAILED] = STATE_GO(H248_LOST, 0)},
    [H248_LEAVING] = {[MGC_EV_REGISTERED] = STATE_GO(H248_ACTIVE, 0),
		      [MGC_EV_SENT_AWAY] = STATE_GO(H248_IDLE, 0),
		      [MGC_EV_GRACEFUL] = STATE_STAY,
		      [MGC_EV_STAYS] = STATE_GO(H248_ACTIVE, 0),
		      [MGC_EV_LEFT] = STATE_GO(H248_IDLE, 0),
		      [MGC_EV_FAILED] = STATE_GO(H248_LOST, 0)},
    [H248_LOST] = {[MGC_EV_REGISTERED] = STATE_GO(H248_ACTIVE, 0),
		   [MGC_EV_SENT_AWAY] = STATE_GO(H248_IDLE, 0),
		   [MGC_EV_FAILED] = STATE_STAY},
};
static const char *const mgc_events[MGC_EVENTS] = {
    "registered", "restarted", "sent away", "graceful", "stays", "left", "failed"};
const struct state_table mgc_states = STATE_TABLE("mgc association", mgc_rows, names, mgc_events);
