/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/core/registration_state.h"

#define GO(state, action) STATE_GO(VCC_REG_##state, VCC_REG_DO_##action)

static const struct state_row rows[VCC_REG_STATES][VCC_REG_EVENTS] = {
    [VCC_REG_FREE] =
	{
	    [VCC_REG_EV_TOLD] = GO(REGISTERED, BEGIN),
	    [VCC_REG_EV_ENDED] = STATE_STAY,
	    [VCC_REG_EV_ENDED_ALL] = STATE_STAY,
	},
    [VCC_REG_REGISTERED] =
	{
	    [VCC_REG_EV_TOLD] = STATE_STAY,
	    [VCC_REG_EV_ENDED] = GO(DOUBTFUL, ASK),
	    [VCC_REG_EV_ENDED_ALL] = GO(GONE, END),
	    [VCC_REG_EV_ALIVE] = STATE_STAY,
	    [VCC_REG_EV_NO_CONTACT] = GO(GONE, END),
	    [VCC_REG_EV_NO_WORD] = STATE_STAY,
	},
    [VCC_REG_DOUBTFUL] =
	{
	    [VCC_REG_EV_TOLD] = GO(REGISTERED, NOTHING),
	    [VCC_REG_EV_ENDED] = STATE_STAY,
	    [VCC_REG_EV_ENDED_ALL] = GO(GONE, END),
	    [VCC_REG_EV_ALIVE] = GO(REGISTERED, NOTHING),
	    [VCC_REG_EV_NO_CONTACT] = GO(GONE, END),
	    [VCC_REG_EV_NO_WORD] = GO(GONE, END),
	},
    [VCC_REG_GONE] =
	{
	    [VCC_REG_EV_TOLD] = GO(REGISTERED, BEGIN),
	    [VCC_REG_EV_ENDED] = STATE_STAY,
	    [VCC_REG_EV_ENDED_ALL] = STATE_STAY,
	    [VCC_REG_EV_ALIVE] = GO(REGISTERED, BEGIN),
	    [VCC_REG_EV_NO_CONTACT] = STATE_STAY,
	    [VCC_REG_EV_NO_WORD] = STATE_STAY,
	    [VCC_REG_EV_FORGET] = GO(FREE, FREE),
	},
};

static const char *const states[VCC_REG_STATES] = {"free", "registered", "doubtful",
						   "not-registered"};
static const char *const events[VCC_REG_EVENTS] = {"told",	 "ended",   "ended-all", "alive",
						   "no-contact", "no-word", "forget"};

const struct state_table vcc_registration_table = STATE_TABLE("registration", rows, states, events);
