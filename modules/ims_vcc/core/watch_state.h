/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our subscription to the reg event of a user (RFC 3680, RFC 6665). Values are stored: append only. */
#ifndef IMS_VCC_WATCH_STATE_H
#define IMS_VCC_WATCH_STATE_H

#include "base/state_table.h"

enum vcc_watch_state {
	VCC_WATCH_NONE = 0,
	VCC_WATCH_ASKING, /* the first SUBSCRIBE is out */
	VCC_WATCH_ACTIVE,
	VCC_WATCH_RENEWING, /* a SUBSCRIBE in the dialog is out */
	VCC_WATCH_PAUSED,   /* it failed, or was ended: once more later */
	VCC_WATCH_STATES
};

enum vcc_watch_event {
	VCC_WATCH_EV_WANTED = 0, /* he is registered, or there is doubt: ask now */
	VCC_WATCH_EV_OK,	 /* 2xx */
	VCC_WATCH_EV_LOST,	 /* 481 and the like: the dialog is no more */
	VCC_WATCH_EV_FAILED,	 /* another answer, or none */
	VCC_WATCH_EV_DUE,	 /* time to renew, or to try again */
	VCC_WATCH_EV_CLOSED,	 /* a NOTIFY ended it */
	VCC_WATCH_EV_UNWANTED,	 /* he is not registered */
	VCC_WATCH_EVENTS
};

enum vcc_watch_action {
	VCC_WATCH_DO_NOTHING = 0,
	VCC_WATCH_DO_SUBSCRIBE, /* with a new dialog */
	VCC_WATCH_DO_RENEW,	/* in the dialog */
	VCC_WATCH_DO_KEEP,	/* note how long it lasts */
	VCC_WATCH_DO_PAUSE,
	VCC_WATCH_DO_FORGET,
	VCC_WATCH_ACTIONS
};

extern const struct state_table vcc_watch_table;

#endif
