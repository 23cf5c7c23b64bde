/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two doors on HTTPS: what libmicrohttpd calls, until a call (call.h) is read whole, and its answer. */
#ifndef HSS_CMS_DOORS_H
#define HSS_CMS_DOORS_H

#include "hss/cms/call.h"

/* Bind those that the configuration names, and read certificates, keys and partners' authorities. Returns 0, or -1 with why, and
 * nothing is left behind. */
int doors_open(struct cms_daemon *d, char *why, size_t size);
/* Serve on threads of their own. Returns 0, or -1 with why. The client (client.h) runs already. */
int doors_start(char *why, size_t size);
/* Once a second. */
void doors_tick(void);
/* End the threads. The client has been stopped before, so that nobody waits. */
void doors_stop(void);

#endif
