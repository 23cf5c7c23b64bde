/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sessions this S-CSCF routes, found from the requests and replies that pass: enough to route a
 * request to an end whose connection changed, and to send BYE both ways. Independent of ims_dialog.
 * Same locking as model.h.
 *
 * One session per dialog made by INVITE, by Call-ID and the two tags. A session may pass this
 * S-CSCF twice (for the caller's and for the callee's service) and is still one session. The caller
 * of these functions says which connection an end is on: of the user that is served there
 * (served.h), never of whoever has the same address.
 */
#ifndef SCSCF_SESSIONS_H
#define SCSCF_SESSIONS_H

#include "modules/ims_seamless_scscf/core/model.h"

enum scscf_session_side { SCSCF_SIDE_CALLER, SCSCF_SIDE_CALLEE };

static inline enum scscf_session_side scscf_other_side(enum scscf_session_side side)
{
	return side == SCSCF_SIDE_CALLER ? SCSCF_SIDE_CALLEE : SCSCF_SIDE_CALLER;
}

enum scscf_session_state {
	SCSCF_SESSION_EARLY,	 /* INVITE passed, no 2xx yet */
	SCSCF_SESSION_CONFIRMED, /* 2xx passed */
	SCSCF_SESSION_ENDING /* BYE passed: counts for no connection, kept for retransmissions */
};

struct scscf_session_end {
	struct scscf_list link; /* in connection.ends while on a connection */
	struct scscf_connection *connection;
	struct scscf_session *session;
	struct scscf_session_end *next; /* of the contacts it rings at beside the first */
	struct slice tag;		/* empty: not known yet (callee, early) */
	struct slice uri;		/* From or To URI */
	struct slice contact;		/* remote target: last Contact this end sent */
	struct slice route; /* route set from this S-CSCF towards the end, next hop first */
	struct slice impi;  /* the subscriber behind this end, if it is one of ours */
	uint32_t cseq;	    /* last CSeq this end sent in the dialog */
	bool moved;	    /* its connection is not the one the dialog was made over */
	uint64_t successor; /* connection it is about to move to: asked for, not confirmed yet; 0:
			       none */
	struct slice successor_contact;
};

struct scscf_session {
	struct scscf_session *hash_next; /* in by_call */
	struct scscf_session *id_next;	 /* in by_session */
	uint64_t id;
	enum scscf_session_state state;
	struct slice call_id;
	struct scscf_session_end end[2];
	struct scscf_session_end *ringing; /* early: further contacts of the callee, each keeps its
					      connection */
	size_t ringing_n;
	struct slice through; /* the whole route from here to the callee, if others than this S-CSCF
				 (application servers) stand in it before the callee's proxy; else
				 empty */
	uint64_t created_ms;
	struct scscf_model_timer timer; /* forgets the session */
};

/* What is read from an INVITE. Empty slices mean: nothing known. */
struct scscf_session_info {
	struct slice call_id, from_tag, from_uri, to_uri;
	uint32_t cseq;
	struct slice caller_contact;		  /* Contact */
	struct slice caller_route;		  /* Record-Route of the INVITE as it came in */
	struct slice callee_contact;		  /* Request-URI when it is a contact of ours */
	struct scscf_connection *caller, *callee; /* connections of ours, or NULL */
};

/* "early", "confirmed", "ending"; "?" out of range. */
const char *scscf_session_state_name(enum scscf_session_state s);

/*
 * An INVITE outside a dialog passed. Makes the session, or completes the one that is there (same
 * Call-ID and From tag: the INVITE passed a second time; what is known of the caller stays).
 * Returns 0 and *out, SCSCF_MODEL_E_LIMIT when the table is full, SCSCF_MODEL_E_NOMEM,
 * SCSCF_MODEL_E_VALUE.
 */
int scscf_session_open(struct scscf_model *m, const struct scscf_session_info *info,
		       uint64_t now_ms, struct scscf_session **out);

/*
 * The INVITE goes to this contact on c: at once with others (a fork) or after another failed. The
 * connection is kept until the 2xx says which one has answered. Returns 0 or SCSCF_MODEL_E_*.
 */
int scscf_session_ring(struct scscf_model *m, struct scscf_session *s, struct scscf_connection *c,
		       struct slice contact);

/* What is read from a 2xx to an INVITE outside a dialog. */
struct scscf_session_answer {
	struct slice to_tag, contact;
	struct slice callee_route; /* Record-Route entries between here and the callee, next hop
				      first */
	struct slice through;	   /* see struct scscf_session */
	struct scscf_connection *connection; /* the callee's if it is one of ours, else NULL: then
						the one it rang at alone stays */
};

/*
 * A 2xx to that INVITE passed. Forks that answer later than the first are not tracked. Returns 0 or
 * SCSCF_MODEL_E_*.
 */
int scscf_session_confirm(struct scscf_model *m, struct scscf_session *s,
			  const struct scscf_session_answer *answer, uint64_t now_ms,
			  struct scscf_effects *e);

/* The session of a request inside a dialog; *from says which end sent it. NULL if there is none. */
struct scscf_session *scscf_session_find(struct scscf_model *m, struct slice call_id,
					 struct slice from_tag, struct slice to_tag,
					 enum scscf_session_side *from);
/* The early or confirmed session of an INVITE without To tag. */
struct scscf_session *scscf_session_find_initial(struct scscf_model *m, struct slice call_id,
						 struct slice from_tag);
/* The session with this id, or NULL. */
struct scscf_session *scscf_session_by_id(struct scscf_model *m, uint64_t id);

/* A request of end side with this CSeq passed: remember it, live on. */
void scscf_session_heard(struct scscf_model *m, struct scscf_session *s,
			 enum scscf_session_side side, uint32_t cseq, uint64_t now_ms);

/*
 * End side now is reached over connection c (not NULL) at contact (empty: unchanged). When the
 * connection it leaves was Inactive and has no other session, that connection goes. Returns true if
 * it was on another connection.
 */
bool scscf_session_move(struct scscf_model *m, struct scscf_session *s,
			enum scscf_session_side side, struct scscf_connection *c,
			struct slice contact, struct scscf_effects *e);

/*
 * End side has asked to be reached over c at contact (its re-INVITE, or an INVITE with Replaces,
 * passed). Until the 2xx or a failure requests to it may go there already: the far end may use the
 * new way before its 2xx has passed us. Returns 0 or SCSCF_MODEL_E_*.
 */
int scscf_session_expect_move(struct scscf_model *m, struct scscf_session *s,
			      enum scscf_session_side side, struct scscf_connection *c,
			      struct slice contact);
/* It was refused. */
void scscf_session_expect_nothing(struct scscf_model *m, struct scscf_session *s,
				  enum scscf_session_side side);

/* A new remote target without change of connection (UPDATE, re-INVITE). Returns 0 or
 * SCSCF_MODEL_E_*. */
int scscf_session_retarget(struct scscf_model *m, struct scscf_session *s,
			   enum scscf_session_side side, struct slice contact);

/* Where a request to an end goes instead of along the route set of its dialog. */
struct scscf_session_way {
	struct slice contact, path; /* Request-URI and Route; as long as the model is not changed */
	uint64_t connection;	    /* 0: of a session that is ending */
};

/*
 * The way to end side if it is not the one the dialog was made over, in this order: the connection
 * it is about to move to; the one it has moved to; and when its connection is Inactive or gone, the
 * one that took that one's bindings over, else the only Active one of its user. Returns false:
 * along the route set.
 */
bool scscf_session_way(struct scscf_model *m, const struct scscf_session *s,
		       enum scscf_session_side side, struct scscf_session_way *out);

/* It is over: it counts no more and is forgotten soon. */
void scscf_session_end(struct scscf_model *m, struct scscf_session *s, uint64_t now_ms,
		       struct scscf_effects *e);

/*
 * A BYE of this end passed: the session is over. But one of the caller before any 2xx ends one early
 * dialog only (RFC 3261 15), and the INVITE may be answered elsewhere yet.
 */
void scscf_session_bye(struct scscf_model *m, struct scscf_session *s, enum scscf_session_side from,
		       uint64_t now_ms, struct scscf_effects *e);

/* Forget it now. */
void scscf_session_remove(struct scscf_model *m, struct scscf_session *s, struct scscf_effects *e);

/*
 * The connection of this end goes while its session runs on: followed further as long as the user
 * behind one of its ends is one of ours.
 */
void scscf_session_leave(struct scscf_model *m, struct scscf_session_end *end,
			 struct scscf_effects *e);

/*
 * Put an EFFECT_RELEASE for it into e and end it as a BYE would: the BYE to the callee passes this
 * S-CSCF again where application servers are in its way.
 */
void scscf_session_release(struct scscf_model *m, struct scscf_session *s, uint64_t now_ms,
			   struct scscf_effects *e);

#endif
