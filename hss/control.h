/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the control socket (daemon/control.h) and the metrics offer, and the loop that serves both:
 *
 *   status                       peers, totals and counters
 *   deregister IMPI [reason=permanent-termination|new-server-assigned|server-change|remove-scscf]
 *              [info="TEXT"] [force] [IMPU]...      RTR
 *   push IMPI                                       PPR
 *   master-key rotate                               seal all keys under the first of the file, reseal.h
 *   migration withdraw ID|partner=NAME|all          end migrations, migration/leave.h
 *   withdraw IMPI [force]                           RTR for all that is registered, then remove
 */
#ifndef HSS_CONTROL_H
#define HSS_CONTROL_H

#include "daemon/outbuf.h"
#include "hss/config.h"
#include "hss/cx/service.h"

/* Make the sockets, so that a wrong path is known before anything else starts. Returns 0, or -1 with
 * why; then nothing is left behind. cfg must outlive it. */
int hss_control_open(const struct config *cfg, char *why, size_t size);

/* Serve on a thread of its own until hss_control_close(). Returns 0 or an errno value. */
int hss_control_start(struct service *svc);
/* The metrics, and seconds since the start, for others who serve them. */
void hss_metrics(struct outbuf *out);
uint64_t hss_uptime(void);
/* End the thread if it runs, close the sockets and remove what was made. */
void hss_control_close(void);

#endif
