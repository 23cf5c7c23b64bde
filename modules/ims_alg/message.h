/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A SIP message as the call's leg sees it, and its description changed. */
#ifndef IMS_ALG_MESSAGE_H
#define IMS_ALG_MESSAGE_H

#include "modules/ims_alg/calls.h"
#include "modules/ims_alg/core/multipart.h"

struct alg_outline {
	struct alg_message m;	/* dialog and from_caller as far as the message tells */
	struct alg_match match; /* from is not set */
	enum alg_body body;	/* what was found of a description; < 0: it cannot be used */
	bool encoded;		/* it is sealed by a Content-Encoding */
	bool cut;		/* it goes on without its body */
	bool concerns;		/* a call or a phone of ours has part in it */
	struct slice whole;	/* the message's body */
	struct alg_sdp_part part;
	const struct sdp_body *sdp; /* NULL: none; valid until the next outline */
};

/* Read a message. 0; 1: its method is no concern of ours; -1: it cannot be read. */
int alg_outline_read(sip_msg_t *msg, struct alg_outline *o);

/* The tag of who answers, as struct alg_message has it. */
void alg_outline_set_caller(struct alg_outline *o, bool request_from_caller);

/* Another description in the place of the message's. 0, or -1 without memory. */
int alg_outline_put(sip_msg_t *msg, const struct alg_outline *o, struct slice sdp);

/* The message goes on without a body. 0 or -1. */
int alg_outline_cut(sip_msg_t *msg, struct alg_outline *o);

/* The message goes on without what it says of early sessions. Once, when it goes on. 0 or -1. */
int alg_outline_cut_early(sip_msg_t *msg, struct alg_outline *o);

/* ---- outcome.c ---- */

/* What a cfg function gives back. ENDS ends the script: the message waits, or does not go on. */
enum { ALG_GO_ON = 1, ALG_ENDS = 0, ALG_ANSWERED = -1 };

/* Answer a request; text: why, or NULL: an offer is open. */
int alg_answer(sip_msg_t *msg, int code, const char *text);
/* An answer that nobody gets, or not yet. The script must end. */
int alg_swallow(sip_msg_t *msg);
/*
 * An answer that nobody gets and that nobody has kept. One that does not come again by itself (PRACK, UPDATE)
 * goes on without its description, or its transaction would have no end. ALG_GO_ON, or the script must end.
 */
int alg_drop(sip_msg_t *msg, struct alg_outline *o);
/* By the owner: as w says. */
int alg_finish(sip_msg_t *msg, struct alg_entry *e, struct alg_outline *o,
	       const struct alg_leg_work *w);

#endif
