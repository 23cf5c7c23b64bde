/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Offer and answer as the IMS-ALG sees them (RFC 3264, TS 23.334, TR 29.828 5.2.1): what each m-line
 * becomes, what the gateway is asked for, and how the body reads on the other side.
 *
 * A struct alg_session is a value. The caller keeps the one that is in force, works on a copy, and
 * puts the copy in its place when the exchange is over; an offer that is refused is forgotten by
 * dropping the copy (RFC 3264 8, RFC 6141). The steps of an exchange:
 *
 *	next = copy of the session in force
 *	alg_offer_read(.., &next, from, body)	what the offer is to become
 *	alg_media_reserve(&now.media, &next.media, &ask)
 *	  -> the gateway is asked for ask; alg_media_take(&next.media, what it gave)
 *	alg_body_write(.., &next, from, true, body)	the offer for the other side
 *	then = copy of next, one for each answer that may come (forked early dialogs)
 *	alg_answer_read(.., &then, body)
 *	  -> the gateway is asked for then.media; alg_media_take()
 *	alg_body_write(.., &then, other side, false, body)	the answer for the offerer
 *
 * A function that fails may leave the copy half changed: drop it.
 */
#ifndef IMS_ALG_SESSION_H
#define IMS_ALG_SESSION_H

#include "modules/ims_alg/core/facts.h"

/* What an m-line is to us. */
enum alg_treat {
	ALG_TREAT_DEAD = 0, /* port 0 */
	ALG_TREAT_ALONE,    /* not anchored: passes as it is */
	ALG_TREAT_RELAY,    /* anchored, both sides protected alike or not at all */
	ALG_TREAT_SECURE,   /* e2ae: the access side is secured, the core side is clear */
	ALG_TREAT_REFUSED,  /* goes on with port 0 */
	ALG_TREATS
};

/* Why something cannot be had. */
enum alg_problem {
	ALG_FINE = 0,
	ALG_P_NOT_ANNOUNCED,   /* e2ae is asked for without registration of the mechanism */
	ALG_P_NOT_PROTECTED,   /* keys and fingerprints over unprotected signalling */
	ALG_P_NEVER,	       /* e2ae is switched off for this kind of media */
	ALG_P_NO_FINGERPRINT,  /* TLS or DTLS without a=fingerprint */
	ALG_P_BAD_FINGERPRINT, /* broken, or no hash that is allowed */
	ALG_P_NO_KEY,	       /* SDES without an a=crypto that can be used */
	ALG_P_WRONG_KEY,       /* an answer's tag or suite was not offered */
	ALG_P_NO_MUX,	       /* DTLS-SRTP without a=rtcp-mux */
	ALG_P_BAD_SETUP,       /* a=setup that does not fit (RFC 4145 4.1) */
	ALG_P_NO_SETUP,	       /* DTLS answered without a=setup (RFC 5763 5) */
	ALG_P_NO_ADDRESS,      /* no c=, a host name, or 0.0.0.0 for TCP */
	ALG_P_FAMILY,	       /* not the address family of its other m-lines */
	ALG_P_NO_PATH,	       /* MSRP without a=path, or with one that is no MSRP URI */
	ALG_P_PATH_MISMATCH,   /* path is elsewhere than c= and m= (RFC 6714 4.3) */
	ALG_P_TOO_LONG,	       /* path or formats */
	ALG_P_TOO_MANY,	       /* more anchored m-lines than ALG_STREAMS_MAX */
	ALG_P_PRECONDITION,    /* a mandatory security precondition (RFC 5027) that e2ae breaks */
	ALG_P_PROTO,	       /* an answer with another proto than was offered */
	ALG_P_MEDIA,	       /* an answer with another media type */
	ALG_P_COUNT,	       /* fewer m-lines than before, or other ones than in the offer */
	ALG_P_IN_CLEAR, /* what was secured is offered in clear, against the operator's word */
	ALG_P_REVIVED,	/* an answer revives an m-line that was refused */
	ALG_P_UNSERVED, /* the gateway cannot serve it, and nothing is to go round it */
	ALG_PROBLEMS
};

/* A sentence for Warning and Reason, never NULL. */
const char *alg_problem_text(enum alg_problem p);

enum alg_verdict {
	ALG_OK = 0, /* tell the gateway, then write */
	ALG_SAME =
	    1, /* nothing changed since this side's last body: write, the gateway has it all */
	ALG_PASS = 2,	     /* nothing of it is ours: send it on as it came */
	ALG_REFUSE = -1,     /* an offer: 488 (in a 2xx: an answer without media, then BYE) */
	ALG_BAD_ANSWER = -2, /* an answer: ACK it, then BYE both sides (RFC 3261 13.2.2.4) */
};

/* What was wrong, and with which m-line (-1: with the whole). */
struct alg_trouble {
	enum alg_problem problem;
	int line;
};

/* One m-line of the call. */
struct alg_line {
	uint8_t treat;		  /* enum alg_treat */
	uint8_t problem;	  /* enum alg_problem: why it is REFUSED */
	uint8_t kind;		  /* enum alg_kind */
	uint8_t security;	  /* enum alg_security of the access side, when SECURE */
	uint8_t proto[ALG_SIDES]; /* enum alg_proto in the SDP of each side; OTHER: as it comes */
	int8_t stream;		  /* place in media.stream[], when RELAY or SECURE; else -1 */
	bool tcp;
	bool fresh;	      /* the stream is new in this exchange */
	bool mux;	      /* the offerer offered rtcp-mux */
	bool hold[ALG_SIDES]; /* c=0.0.0.0 there: passes as it is (RFC 3264 8.4) */
	uint8_t offered;      /* enum sdp_setup of the offer, the default filled in */
	uint8_t ours;	      /* enum sdp_setup that we offered on */
	uint8_t connection;   /* enum alg_connection of the offer */
	bool has_pending;     /* a=connection:existing was offered: counts if the answer says new */
	struct netaddr pending;
	uint8_t pending_setup;
	uint16_t association; /* of our tls-id; 0: none is written */
	uint64_t peer_tls_id; /* a digest of the UE's; 0: none */
	char media[ALG_MEDIA_MAX];
	struct { /* RFC 5939: the configuration that was taken; number 0: none */
		uint32_t number, transport, attribute;
	} acfg;
};

/* o= towards one side. */
struct alg_origin {
	char id[64]; /* user name and session id; "": nothing was written yet */
	uint64_t version;
	uint64_t digest; /* of the body that had it, without the o= line */
	uint64_t seen;	 /* of the last body that came from there */
	struct netaddr address;
};

struct alg_session {
	int lines;
	enum alg_side offerer; /* of the exchange that is under way, or was the last */
	bool unchanged;	       /* its offer changed nothing */
	uint16_t streams_made; /* the last StreamID that was given out */
	uint16_t associations; /* the last number of a tls-id of ours */
	char token[25];	       /* begin of our tls-ids */
	struct alg_origin origin[ALG_SIDES];
	struct alg_line line[SDP_MLINES_MAX];
	struct alg_media media; /* the last member: see alg_session_bytes() */
};

/* Has this side had an o= of ours? It gets one in each body from then on (RFC 3264 8). */
static inline bool alg_origin_is_ours(const struct alg_session *s, enum alg_side to)
{
	return s->origin[to].id[0] != '\0';
}

/* An empty session. random: 18 octets that nobody can guess, for tls-id. */
void alg_session_init(struct alg_session *s, const uint8_t random[18]);

/* Octets of s that mean something. */
size_t alg_session_bytes(const struct alg_session *s);

/* Is any m-line at the gateway? */
static inline bool alg_session_anchored(const struct alg_session *s)
{
	return alg_media_live(&s->media);
}

/*
 * Read an offer that comes from a side. ALG_OK, ALG_SAME, ALG_PASS, or ALG_REFUSE with *t. Refused
 * m-lines are no failure of the whole (policy->refuse) unless nothing else is left.
 */
int alg_offer_read(const struct alg_policy *p, const struct alg_ue *ue, struct alg_session *s,
		   enum alg_side from, const struct sdp_body *b, struct alg_trouble *t);

/* Read the answer to the session's last offer. ALG_OK, ALG_SAME, ALG_PASS, or ALG_BAD_ANSWER with
 * *t. */
int alg_answer_read(const struct alg_policy *p, const struct alg_ue *ue, struct alg_session *s,
		    const struct sdp_body *b, struct alg_trouble *t);

/*
 * Write a body that came from a side as the other side is to have it, after the gateway gave what it
 * was asked for. Line ends are CRLF; lines that are not named in attr.h keep their bytes. 0,
 * SDP_E_SPACE, or SDP_E_VALUE if the gateway gave not all that is needed.
 */
int alg_body_write(const struct alg_policy *p, struct alg_session *s, enum alg_side from,
		   bool offer, const struct sdp_body *b, char *buf, size_t size, size_t *len);

/*
 * What the gateway is asked for while an offer is open: all that is in force, and the new streams of
 * next. Returns whether there are any; without them the gateway need not be asked.
 */
bool alg_media_reserve(const struct alg_media *now, const struct alg_media *next,
		       struct alg_media *out);

/* Take what the gateway gave for the streams of m, by their ids. */
void alg_media_take(struct alg_media *m, const struct alg_media *given);

/* An m-line for whom it concerns besides us: Rx and N5 rules name the phone's side. */
struct alg_flow {
	enum alg_kind kind;
	bool anchored;
	uint8_t protocol;	/* 6 or 17; 0: not known */
	struct netaddr ue;	/* the phone's address and port; TCP-active: port 0 */
	struct netaddr gateway; /* ours towards the phone */
};
/* 0, or -1 if there is no such m-line. */
int alg_session_flow(const struct alg_session *s, int line, struct alg_flow *out);

#endif
