/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call on one leg of the P-CSCF with all that was agreed in it: joins the call's table (call.h) with
 * offers and answers (session.h). For each message it says whether the gateway has to be asked first,
 * what is written in the message's place, and what becomes of the call. Nothing here waits: what needs
 * the gateway ends in ALG_LEG_WAIT, and goes on with alg_leg_done() when the gateway has answered.
 *
 *	alg_leg_message(leg, with, &m, sdp, &work)
 *	while work.todo is ALG_LEG_WAIT: ask the gateway for alg_leg_want(); alg_leg_done(.., &work)
 *	ALG_LEG_WRITE, ALG_LEG_DEAD: alg_leg_write() makes the body
 *
 * Only one message of a leg is worked on at a time; the caller sees to that.
 */
#ifndef IMS_ALG_LEG_H
#define IMS_ALG_LEG_H

#include "modules/ims_alg/core/call.h"
#include "modules/ims_alg/core/session.h"

/* Where sessions lie: shared memory. put() gets what get() gave, keys wiped. */
struct alg_memory {
	void *(*get)(size_t size);
	void (*put)(void *p);
};

/* The arguments of every decision. */
struct alg_leg_with {
	const struct alg_policy *policy;
	const struct alg_ue *ue;
	const struct alg_memory *memory;
	void (*random)(uint8_t out[18]); /* for alg_session_init(): called when a session begins */
};

/* All zero but for caller: a leg of which nothing came yet. */
struct alg_leg {
	struct alg_call call;
	enum alg_side caller; /* the side that the INVITE came from */
	bool placed;	      /* the gateway may have something of it */
	bool broken;	      /* it was ended because its media cannot be had */
	bool tried_placed;    /* what tried asks for is what the gateway has */
	/* What was agreed; each NULL where there is none. */
	struct alg_session *now;   /* is in force */
	struct alg_session *open;  /* the open offer */
	struct alg_session *tried; /* an unreliable answer, early media by it */
	struct alg_session *first; /* the INVITE's offer, as long as other forks may answer it */
	struct alg_session
	    *fork[ALG_DIALOGS_MAX]; /* of confirmed dialogs beside the one in force */
	struct alg_session *last;   /* what there was, without keys: late bodies name the gateway */
};

enum alg_leg_todo {
	ALG_LEG_PASS = 0, /* the message goes on as it came */
	ALG_LEG_WRITE,	  /* it goes on with the body of alg_leg_write() */
	ALG_LEG_DEAD,	  /* the same; every m-line in it is refused */
	ALG_LEG_WAIT,	  /* the gateway first */
	ALG_LEG_DROP,	  /* an answer to INVITE that does not go on */
	ALG_LEG_REFUSE,	  /* a request that is answered: 488 with trouble, or what the gateway's
			     failure means when failed is set */
	ALG_LEG_GLARE, /* a request that is answered with 491, or with 500 if the open offer is of
			     the same side (RFC 3311 5.2) */
	ALG_LEG_TODOS
};

/* "wait"; "?" out of range. */
const char *alg_leg_todo_name(enum alg_leg_todo t);

/* Which of the leg's sessions writes the body. */
enum alg_leg_writer { ALG_BY_NONE = 0, ALG_BY_NOW, ALG_BY_OPEN, ALG_BY_TRIED, ALG_BY_FORK };

/* One message in work. Plain but for next, which belongs to it until it is through. */
struct alg_leg_work {
	enum alg_leg_todo todo;
	struct alg_message m;
	struct alg_call before;
	struct alg_call_step step;
	struct alg_session *next; /* what the gateway is asked for */
	enum alg_leg_writer writer;
	uint8_t fork;
	bool offer;		    /* its SDP is an offer */
	struct alg_trouble trouble; /* of ALG_LEG_REFUSE, refuse_call and hang_up */
	bool failed;		    /* it is the gateway that could not, not the peer's body */
	/* What else there is to do, whatever todo is: */
	bool release;	  /* the context is to be released */
	bool restore;	  /* the gateway shall have what is in force: now->media */
	bool refuse_call; /* the INVITE gets an answer of ours; tm cancels what it sent */
	bool hang_up;	  /* BYE to both sides */
};

/*
 * Take a message. sdp: its description, NULL if m->sdp is false. *work is filled; after ALG_LEG_WAIT
 * it is kept until alg_leg_done(). Out of memory is a gateway that could not.
 */
void alg_leg_message(struct alg_leg *l, const struct alg_leg_with *with,
		     const struct alg_message *m, const struct sdp_body *sdp,
		     struct alg_leg_work *work);

/* After ALG_LEG_WAIT: what the gateway is to be asked for. */
void alg_leg_want(const struct alg_leg *l, const struct alg_leg_work *work, struct alg_media *out);

/* The gateway has answered; given: its media, NULL if it failed. *work is then what is to be done,
 * never ALG_LEG_WAIT. */
void alg_leg_done(struct alg_leg *l, const struct alg_leg_with *with, const struct alg_media *given,
		  struct alg_leg_work *work);

/* What no message tells: ALG_EV_LOST, ALG_EV_EXPIRED. todo is ALG_LEG_PASS. */
void alg_leg_event(struct alg_leg *l, const struct alg_leg_with *with, enum alg_call_event e,
		   struct alg_leg_work *work);

/*
 * Write the message's body for the other side. 0 and *len, SDP_E_SPACE, or SDP_E_VALUE: it cannot be
 * written, and must not go on.
 */
int alg_leg_write(struct alg_leg *l, const struct alg_leg_with *with,
		  const struct alg_leg_work *work, const struct sdp_body *sdp, char *buf,
		  size_t size, size_t *len);

/* The INVITE's transaction has ended: no other fork will answer. */
void alg_leg_settled(struct alg_leg *l, const struct alg_memory *memory);

/* Give back all sessions, keys wiped. */
void alg_leg_free(struct alg_leg *l, const struct alg_memory *memory);

/* The session that tells where media go now: in force, else tried, else offered; may be NULL. */
const struct alg_session *alg_leg_session(const struct alg_leg *l);

#endif
