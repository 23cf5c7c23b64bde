/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: a UNIX stream socket that only its owner may use. A client sends one line of
 * words (hss/words.h); the daemon answers lines of text, the last of which is "ok" or "error TEXT",
 * and closes.
 *
 *   status                       peers, totals and counters
 *   deregister IMPI [reason=permanent-termination|new-server-assigned|server-change|remove-scscf]
 * [info="TEXT"] [force] [IMPU]...  RTR push IMPI                    PPR
 */
#ifndef HSS_CONTROL_H
#define HSS_CONTROL_H

#include "hss/config.h"
#include "hss/cx/service.h"

/* Make the socket, so that a wrong path is known before anything else starts. Returns it, or -1
 * with why. */
int control_open(const char *path, char *why, size_t size);

/* Serve on a thread of its own until control_stop(). Returns 0 or an errno value. */
int control_start(int fd, const struct config *cfg, struct service *svc);
/* Ends the thread, closes and removes the socket. */
void control_stop(void);

#endif
