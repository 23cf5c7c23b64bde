/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Session-Ids without freeDiameter's sessions. All requests here are alone (Auth-Session-State
 * NO_STATE_MAINTAINED), so a Session-Id is only a text that the answer repeats (RFC 6733 8.8).
 */
#ifndef HSS_DIAMETER_SESSION_H
#define HSS_DIAMETER_SESSION_H

#include "hss/diameter/avp.h"

/* Add a new Session-Id of ours, first of all, to a request. */
void session_new(struct builder *b);

/* From the hook for a message that is about to be sent: an answer gets the Session-Id of its
 * request, if that had one. */
void session_sending(struct msg *msg);

#endif
