/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call as the IMS-ALG follows it: the INVITE that passes one leg of the P-CSCF, with all dialogs
 * that its answers make. Two legs of one Call-ID (a UE calls another of the same P-CSCF) are two of
 * these, and so are the branches on which the same INVITE comes for two contacts (keep them apart by
 * Call-ID, From tag, and the topmost Via branch of the INVITE). Reads a message's outline, finds out
 * whether its SDP is an offer or an answer, and says what to do by the table in call_state.h.
 */
#ifndef IMS_ALG_CALL_H
#define IMS_ALG_CALL_H

#include "modules/ims_alg/core/call_state.h"

enum { ALG_DIALOGS_MAX = 8 }; /* of one INVITE; answers of further ones are not put in force */

enum alg_method {
	ALG_INVITE = 0,
	ALG_ACK,
	ALG_PRACK,
	ALG_UPDATE,
	ALG_BYE,
	ALG_CANCEL,
	ALG_OTHER_METHOD,
};

/* A message in outline. */
struct alg_message {
	enum alg_method method;
	uint16_t code;	 /* 0: a request */
	bool reliable;	 /* a 1xx with Require: 100rel (RFC 3262) */
	bool sdp;	 /* describes the session */
	bool initial;	 /* INVITE without a To tag, and what answers it; CANCEL of it */
	uint64_t dialog; /* a digest of the answerer's tag; 0: it has none (yet) */
	uint32_t cseq;
	bool
	    from_caller; /* who sent this request or answer: the side of the INVITE, or the other */
};

struct alg_dialog {
	uint64_t tag;
	bool answered;	/* has an answer that counts */
	bool confirmed; /* 2xx */
	bool ended;	/* BYE */
	bool offered;	/* it brought an offer to an INVITE without one */
};

/* Plain data: it may be stored and copied. All zero: a call of which nothing came yet. */
struct alg_call {
	uint8_t state; /* enum alg_call_state */
	uint8_t dialogs;
	int8_t in_force;      /* place in dialog[] of the answer that is in force, + 1; 0: none */
	bool offer_in_answer; /* the open offer came in an answer: its answer is PRACK or ACK */
	uint8_t offer_method; /* enum alg_method that brought the open offer */
	bool offer_from_caller;
	int8_t
	    offer_dialog; /* of those that brought offers, the one whose the table follows, + 1; 0: none */
	bool asked; /* the INVITE had no offer: what its answers describe is one, never an answer */
	uint32_t offer_cseq;
	struct alg_dialog dialog[ALG_DIALOGS_MAX];
};

/* What a message means. */
struct alg_call_step {
	enum alg_call_action action;
	enum alg_call_event event;
	bool is_event; /* false: nothing that the table knows; action is ALG_DO_NOTHING */
	bool is_offer; /* its SDP is an offer; else an answer */
	bool
	    beside; /* an offer of an early dialog beside the one that the table follows, or its answer */
	int dialog; /* place in dialog[] that it belongs to; -1: none */
};

/*
 * Take a message. The answer is not yet read: when it turns out that it cannot be used, call
 * alg_call_bad() with the call as it was before.
 */
struct alg_call_step alg_call_message(struct alg_call *c, const struct alg_message *m);

/* The same message, but its answer is bad (session.h): what to do instead. */
struct alg_call_step alg_call_bad(struct alg_call *c, const struct alg_message *m);

/* What no message tells: ALG_EV_LOST, ALG_EV_EXPIRED. */
struct alg_call_step alg_call_event(struct alg_call *c, enum alg_call_event e);

/* Is an offer open? Then its transaction must be waited for. */
bool alg_call_is_open(const struct alg_call *c);

#endif
