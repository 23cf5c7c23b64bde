/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control socket and the metrics of ims-cms, and the loop that serves both and does what is done by time. The commands
 * are in commands.c. */
#ifndef HSS_CMS_CONTROL_H
#define HSS_CMS_CONTROL_H

#include "daemon/control.h"
#include "hss/cms/grant.h"

/* Make the sockets. Returns 0, or -1 with why, and nothing is left behind. cms must outlive it. */
int cms_control_open(struct cms *cms, char *why, size_t size);
/* Serve on a thread of its own. Returns 0 or an errno value. */
int cms_control_start(void);
/* End the thread if it runs, and close the sockets. */
void cms_control_close(void);

/* Carry a command out, and answer. */
void cms_command(struct cms *cms, struct request *r, const struct words *w);

#endif
