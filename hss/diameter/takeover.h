/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A named peer that comes again while its connection before is dead. freeDiameter answers such a
 * CER with UNABLE_TO_COMPLY until it has found out by itself, which takes two more watchdog periods
 * (RFC 3539 3.4.1) and may never fit the times at which the peer tries. Here the old connection is
 * ended when it is suspect and its peer comes again, and the new one waits for that.
 */
#ifndef HSS_DIAMETER_TAKEOVER_H
#define HSS_DIAMETER_TAKEOVER_H

#include <freeDiameter/extension.h>

#include "hss/config.h"

/* Before anything connects. cfg must outlive it. */
void takeover_init(const struct config *cfg);

/* From the hooks of the thread that runs a peer: its connection is up, or is about to be closed. */
void takeover_connected(struct peer_hdr *peer);
void takeover_ended(struct peer_hdr *peer);

/*
 * From the hook for a first message of a connection, before freeDiameter judges it. If it is the
 * CER of a named peer from where that may come (source is freeDiameter's text for the connection),
 * and the peer has a connection: end that if it is suspect, and wait until it is gone, for half a
 * second at most. A connection that is up and answers stays, and the new one is refused as in
 * RFC 6733 5.6.
 */
void takeover_first_message(struct msg *msg, const char *source);

#endif
