/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeping a message that cannot go on yet, and receiving it again. For what tm cannot suspend: an ACK
 * has no transaction, and t_suspend() of an answer stops all answers of its transaction, which then
 * get lost. An answer that is kept here never was, for tm, but for the timers that a final one stops:
 * so it must be received again, whatever happens.
 */
#ifndef KAM_HOLD_H
#define KAM_HOLD_H

#include "../../core/parser/msg_parser.h"

/* A message as it was received. In shared memory, of the struct's size and text. */
struct kam_held_text {
	struct receive_info rcv;
	unsigned len;
	char text[]; /* and a NUL */
};

/* Octets that a copy of msg needs. */
size_t kam_hold_size(const sip_msg_t *msg);
void kam_hold_copy(const sip_msg_t *msg, struct kam_held_text *out);

/* In an onreply_route: tm does nothing further with this answer. The script must end. */
void kam_hold_answer(sip_msg_t *msg);

/*
 * Receive a text as if it had just come: all routes run, in this process, before it returns. With none
 * of the caller's locks held, and not from within a route. 0, or -1: no memory.
 */
int kam_receive(const char *text, unsigned len, const struct receive_info *rcv);

#endif
