/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the handlers of Cx share, those of partners' users among them. */
#ifndef HSS_DIAMETER_CX_REPLY_H
#define HSS_DIAMETER_CX_REPLY_H

#include "hss/cx/service.h"
#include "hss/diameter/cx_decode.h"
#include "hss/diameter/server.h"

/* The request, which the caller frees; slices in it point into the message. NULL: no memory, and in is answered so. */
struct cx_request *cx_read(struct incoming *in, struct cx_echo *echo);
/* What can be said without asking the store. Returns whether that is the answer. */
bool cx_decide_early(enum cx_command cmd, const struct cx_echo *echo, struct cx_answer *ans);
/* Answer in with what was decided of req; takes in over, and frees what is in served. */
void cx_reply(struct incoming *in, enum cx_command cmd, const struct cx_request *req,
	      const struct cx_echo *echo, struct cx_served *served);

#endif
