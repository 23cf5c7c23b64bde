/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answering the request that is being worked on. */
#ifndef KAM_REPLY_H
#define KAM_REPLY_H

#include "../../core/parser/msg_parser.h"

/* In mod_init. 0, or -1 if sl is not loaded (logged). */
int kam_reply_init(void);

/*
 * Answer msg: inside its transaction if there is one, else without. reason is the reason phrase;
 * headers is NULL, or whole lines with their CRLF. 0, or -1 if nothing could be sent (logged). A
 * header for which there is no memory is left out (logged), for a bare answer is better than none.
 */
int kam_reply(sip_msg_t *msg, int status, const char *reason, const char *headers);

/*
 * The answer that is being worked on becomes one of another status (three digits). The code is
 * written into the message itself, which cannot fail; without memory the old reason phrase stays.
 */
void kam_reply_becomes(sip_msg_t *msg, int status, const char *reason);

#endif
