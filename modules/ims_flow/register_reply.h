/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of flow_register_reply(): the answer to a REGISTER on its way to the UE. */
#ifndef IMS_FLOW_REGISTER_REPLY_H
#define IMS_FLOW_REGISTER_REPLY_H

#include "modules/ims_flow/attempt.h"
#include "modules/ims_flow/core/challenge.h"

/* The UE gets another answer, or a 500, instead of this one, which it could do nothing with. -1. */
int reply_turn_into(sip_msg_t *msg, int code, const char *reason);
int reply_turn_into_500(sip_msg_t *msg, const char *reason);

/* register_challenge.c */

/*
 * Take CK and IK out of every challenge of an answer, whatever its code, and out of memory; a
 * challenge that cannot be read but may hold keys goes as a whole. *keys is the first challenge that
 * has some, for the caller to wipe. 0; 1: a challenge was taken out whole; -1: no memory, and keys
 * may still be in the message.
 */
int reply_take_keys(sip_msg_t *msg, struct challenge *keys);

/*
 * A 401 with the keys of its challenge. first: this copy of the answer is the one that sets up the
 * SAs. 1, or -1: it was turned into a 500.
 */
int reply_on_401(sip_msg_t *msg, struct flow_attempt *a, const struct challenge *keys, bool first);

/* register_media.c: tell the UE what media security we can do, where no SA set tells it and its
 * REGISTER has not repeated it. 0, or -1 without memory. */
int reply_add_media(sip_msg_t *msg, const struct flow_attempt *a);

/*
 * Once a second: where a phone that has lost its state opens a TCP connection, no message is read
 * before the SAs are there that its set lacks (flow_take_spis()); that the kernel has heard it is
 * enough.
 */
void challenge_tick(void);

#endif
