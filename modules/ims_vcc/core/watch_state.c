/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/core/watch_state.h"

#define GO(state, action) STATE_GO(VCC_WATCH_##state, VCC_WATCH_DO_##action)

static const struct state_row rows[VCC_WATCH_STATES][VCC_WATCH_EVENTS] = {
    [VCC_WATCH_NONE] =
	{
	    [VCC_WATCH_EV_WANTED] = GO(ASKING, SUBSCRIBE),
	    [VCC_WATCH_EV_OK] = STATE_STAY,
	    [VCC_WATCH_EV_LOST] = STATE_STAY,
	    [VCC_WATCH_EV_FAILED] = STATE_STAY,
	    [VCC_WATCH_EV_DUE] = STATE_STAY,
	    [VCC_WATCH_EV_UNWANTED] = STATE_STAY,
	},
    [VCC_WATCH_ASKING] =
	{
	    [VCC_WATCH_EV_WANTED] = STATE_STAY,
	    [VCC_WATCH_EV_OK] = GO(ACTIVE, KEEP),
	    [VCC_WATCH_EV_LOST] = GO(PAUSED, PAUSE),
	    [VCC_WATCH_EV_FAILED] = GO(PAUSED, PAUSE),
	    [VCC_WATCH_EV_DUE] = GO(PAUSED, PAUSE), /* no answer was noted: tm is restarted */
	    [VCC_WATCH_EV_CLOSED] = GO(PAUSED, PAUSE),
	    [VCC_WATCH_EV_UNWANTED] = GO(NONE, FORGET),
	},
    [VCC_WATCH_ACTIVE] =
	{
	    [VCC_WATCH_EV_WANTED] = GO(RENEWING, RENEW),
	    [VCC_WATCH_EV_OK] = STATE_STAY,
	    [VCC_WATCH_EV_LOST] = STATE_STAY,
	    [VCC_WATCH_EV_FAILED] = STATE_STAY,
	    [VCC_WATCH_EV_DUE] = GO(RENEWING, RENEW),
	    [VCC_WATCH_EV_CLOSED] = GO(PAUSED, PAUSE),
	    [VCC_WATCH_EV_UNWANTED] = GO(NONE, FORGET),
	},
    [VCC_WATCH_RENEWING] =
	{
	    [VCC_WATCH_EV_WANTED] = STATE_STAY,
	    [VCC_WATCH_EV_OK] = GO(ACTIVE, KEEP),
	    [VCC_WATCH_EV_LOST] = GO(ASKING, SUBSCRIBE),
	    [VCC_WATCH_EV_FAILED] = GO(PAUSED, PAUSE),
	    [VCC_WATCH_EV_DUE] = GO(PAUSED, PAUSE),
	    [VCC_WATCH_EV_CLOSED] = GO(PAUSED, PAUSE),
	    [VCC_WATCH_EV_UNWANTED] = GO(NONE, FORGET),
	},
    [VCC_WATCH_PAUSED] =
	{
	    [VCC_WATCH_EV_WANTED] = GO(ASKING, SUBSCRIBE),
	    [VCC_WATCH_EV_OK] = STATE_STAY,
	    [VCC_WATCH_EV_LOST] = STATE_STAY,
	    [VCC_WATCH_EV_FAILED] = STATE_STAY,
	    [VCC_WATCH_EV_DUE] = GO(ASKING, SUBSCRIBE),
	    [VCC_WATCH_EV_CLOSED] = STATE_STAY,
	    [VCC_WATCH_EV_UNWANTED] = GO(NONE, FORGET),
	},
};

static const char *const states[VCC_WATCH_STATES] = {"none", "asking", "active", "renewing",
						     "paused"};
static const char *const events[VCC_WATCH_EVENTS] = {"wanted", "ok",	 "lost",    "failed",
						     "due",    "closed", "unwanted"};

const struct state_table vcc_watch_table = STATE_TABLE("reg event", rows, states, events);
