/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which requests are let in: those for a realm that is served, and only so many at a time that who is let in
 * is answered while that is of use. What is not let in is answered at once, by the thread of its peer, whatever
 * holds up the others: REALM_NOT_SERVED, or TOO_BUSY, after which a peer may ask another HSS or later (RFC 6733
 * 7.1.3). A request counts from here until it is freed, which is when its answer was sent or its connection
 * was given up.
 */
#ifndef HSS_DIAMETER_ADMISSION_H
#define HSS_DIAMETER_ADMISSION_H

#include "hss/config.h"

struct msg; /* of freeDiameter */

enum admission {
	ADMISSION_NOT_ASKED, /* no request of our applications */
	ADMITTED,
	ADMITTED_LOCALLY, /* for this host, or any of a realm of ours: past libfdcore's routing thread */
	ADMISSION_BUSY,
	ADMISSION_OTHER_REALM,
};

/* Look at each request that comes from a peer. cfg must outlive it. Returns 0 or an errno value. */
int admission_start(const struct config *cfg);

/* What was decided of the message that this thread has received last; it is asked once. */
enum admission admission_of(const struct msg *msg);

/* How many there are. */
unsigned int admission_under_way(void);

#endif
