/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a user is registered in IMS, as two sources say: third-party REGISTERs (TS 24.229 5.7.1.1) and the reg event.
 * `Expires: 0` does not mean that the user has gone, for he may have other contacts (5.7.1.1 NOTE 1): the reg event is
 * asked, and decides. Values are stored: append only.
 */
#ifndef IMS_VCC_REGISTRATION_STATE_H
#define IMS_VCC_REGISTRATION_STATE_H

#include "base/state_table.h"

enum vcc_registration_state {
	VCC_REG_FREE = 0, /* no record */
	VCC_REG_REGISTERED,
	VCC_REG_DOUBTFUL, /* told that it ended, or not told again; the reg event has been asked */
	VCC_REG_GONE,	  /* not registered; what else is known of the user is kept */
	VCC_REG_STATES
};

enum vcc_registration_event {
	VCC_REG_EV_TOLD = 0,   /* a third-party REGISTER for some time */
	VCC_REG_EV_ENDED,      /* one with 0, or its time is over; the reg event can be asked */
	VCC_REG_EV_ENDED_ALL,  /* the same, and there is nobody to ask */
	VCC_REG_EV_ALIVE,      /* the reg event shows an active contact */
	VCC_REG_EV_NO_CONTACT, /* it shows none */
	VCC_REG_EV_NO_WORD,    /* it said nothing in time */
	VCC_REG_EV_FORGET,     /* nothing was heard of the user for long */
	VCC_REG_EVENTS
};

enum vcc_registration_action {
	VCC_REG_DO_NOTHING = 0,
	VCC_REG_DO_BEGIN, /* say that he is registered */
	VCC_REG_DO_ASK,	  /* ask the reg event, and wait a little for its word */
	VCC_REG_DO_END,	  /* forget his contacts, say that he is not registered */
	VCC_REG_DO_FREE,  /* forget him */
	VCC_REG_ACTIONS
};

extern const struct state_table vcc_registration_table;

#endif
