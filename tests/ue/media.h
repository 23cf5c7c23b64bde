/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The media of one session: its m-lines, in the order of the session description, offered and
 * answered together (RFC 3264), and moved from access to access together. What one m-line does is
 * in media_rtp.c, media_msrp.c and media_bfcp.c; this file knows them by struct media_kind.
 */
#ifndef UE_MEDIA_H
#define UE_MEDIA_H

#include "sdp/body.h"
#include "ue/access.h"
#include "ue/media_plan.h"
#include "ue/text.h"

enum { MEDIA_LINES_MAX = 8 };

/* What the receiver of an m-line can say. Packets of RTP, octets of MSRP, messages of BFCP. */
struct media_figures {
	uint64_t sent, received, lost, reordered, repeated;
	uint64_t wrong;	  /* octets that were not what was sent */
	uint64_t refused; /* SRTP packets that did not authenticate */
	uint64_t faults;  /* breaches of the protocol by the peer; each is told in the timeline */
	uint64_t max_gap_us;
	uint64_t hz; /* of a tone in PCMU, as far as its zero crossings tell */
};

struct media;
struct media_line;

/* One kind of m-line. Functions that return int: 0, or -1 (errno where sockets are opened). */
struct media_kind {
	const char *name; /* rtp, msrp, bfcp */
	const char *media, *formats;
	/* In clear and protected; the second of each: with feedback (RFC 4585), or NULL. */
	const char *proto[2][2];
	size_t size; /* of what begins with a struct media_line */
	/* Open what is needed on access a before an offer or, with answer, an answer is written. */
	int (*prepare)(struct media_line *l, struct access *a, bool answer);
	/* The port for the m-line, and its attributes. */
	uint16_t (*port)(const struct media_line *l);
	void (*write)(struct media_line *l, bool answer, struct text *t);
	/* Read m-line i of the peer's offer or, with answer, answer. -1: it cannot be used. */
	int (*take)(struct media_line *l, const struct sdp_body *b, int i, bool answer);
	/* The exchange is over: what was prepared counts now / it has failed: it does not. */
	void (*commit)(struct media_line *l);
	void (*rollback)(struct media_line *l);
	/* The m-line goes out of use: nothing is sent or taken any more. */
	void (*stop)(struct media_line *l);
	/* What from was doing goes on in to, which is of the same kind: the session was replaced. */
	void (*adopt)(struct media_line *to, struct media_line *from);
	void (*figures)(const struct media_line *l, struct media_figures *out);
	void (*reset)(struct media_line *l); /* count from here */
	/* The name of its state, for `expect media ... is`. */
	const char *(*state)(const struct media_line *l);
	void (*close)(struct media_line *l);
};

extern const struct media_kind media_rtp_kind, media_msrp_kind, media_bfcp_kind;

struct media_line {
	struct media *media;
	const struct media_kind *kind; /* NULL: one that this phone does not know */
	const struct media_plan *plan;
	bool refused; /* port 0, by us or by the peer */
	bool secure, feedback;
	enum sdp_direction direction; /* of the peer's description, seen from it */
	char *raw;		      /* kind NULL or refused: the m= value to answer with port 0 */
	uint64_t faults;
};

struct media {
	const char *ue;
	char name[64]; /* of the session */
	struct access *access, *next_access;
	struct media_line *line[MEDIA_LINES_MAX];
	unsigned lines;
	bool answering; /* an offer was read and is to be answered */
	bool offering;	/* one of ours waits for its answer */
	uint32_t sdp_session, sdp_version;
};

/* Let an m-line go out of use, now; its place keeps port 0. */
void media_refuse(struct media_line *l);

/* Of a session over this access; no m-lines yet. */
struct media *media_new(const char *ue, const char *session, struct access *a);
void media_free(struct media *m);
/* The name under which it reports. */
void media_rename(struct media *m, const char *session);

/* Add m-lines for offers: names of plans with commas between; NULL is "rtp". 0, or -1: no such plan,
 * or too many. */
int media_add(struct media *m, const char *plans);

/* Prepare on another access (NULL: the present one) and write an offer. 0 or -1 (errno). */
int media_offer(struct media *m, struct access *a, bool hold, struct text *out);
/* Take the answer, which may be empty; the offer then counts. 0, or -1: it is unreadable. */
int media_answered(struct media *m, struct slice sdp);
/* The offer was refused: all is as before. */
void media_rollback(struct media *m);

/*
 * Take an offer. plans: with which of them (NULL: with what is always there). 0; 1: nothing in it
 * can be used; -1: it is unreadable. Then write the answer, which counts at once. 0 or -1 (errno).
 */
int media_offered(struct media *m, struct slice sdp, const char *plans);
int media_answer(struct media *m, struct text *out);

/* What from was doing goes on in to. */
void media_adopt(struct media *to, struct media *from);

/* The m-line called so: its number from 1, its kind, or the name of its plan; empty: the first. NULL:
 * there is none. */
struct media_line *media_find(const struct media *m, struct slice name);

/* "A.s1/2", for the timeline. Returns buf. */
const char *media_line_name(const struct media_line *l, char buf[96]);
/* The peer has done what it should not: told and counted. */
void media_fault(struct media_line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
