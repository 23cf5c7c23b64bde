/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions: dialogs made by INVITE (RFC 3261 12 to 15), both ends, and how they move between
 * connections. */
#ifndef UE_DIALOG_H
#define UE_DIALOG_H

#include "ue/conn.h"
#include "ue/media.h"

enum dialog_state { DIALOG_CALLING, DIALOG_EARLY, DIALOG_CONFIRMED, DIALOG_ENDED };

struct dialog {
	struct ue *ue;
	char *name;
	struct conn *conn; /* NULL once its connection is gone */
	enum dialog_state state;
	bool uac;
	char *callid, *local_tag, *remote_tag; /* remote_tag "" until known */
	char *local, *remote;		       /* From/To values without tag */
	char *target;			       /* remote target URI */
	char *contact;			       /* ours, as it was sent last */
	struct route_set routes;
	uint32_t local_cseq, remote_cseq;
	struct media *media;
	struct op media_op; /* of what the media were told to do last */
	char *late;	    /* UAC: the 2xx will bring the offer: plans of the answer */
	char *early_sdp;    /* UAS: the answer that went out before the 2xx */
	struct tx *server;  /* INVITE that waits for our final response, or its ACK */
	char *ack;	    /* UAC: the ACK of the last 2xx */
	struct hop ack_hop;
	char *invite_branch; /* UAC: Via of the INVITE under way, for CANCEL */
	char *invite_ruri, *invite_route;
	uint32_t invite_cseq;
	struct conn *invite_conn;
	bool reinviting;
	struct conn *from_conn; /* moving: what to go back to if the far end refuses */
	struct route_set from_routes;
	char *replaced; /* name of the session this one takes over (UAC) */
	struct op op;
	struct timer answer; /* automatic answer */
	struct dialog *next;
};

const char *dialog_state_name(enum dialog_state s);
struct dialog *dialog_find(const struct ue *u, struct slice name);
/* The dialog an in-dialog request belongs to, among all UEs; NULL: none. */
struct dialog *dialog_match(const struct ue *u, const struct ue_sip_msg *m);
void dialog_free(struct dialog *d);
/* A connection goes: sessions on it lose it. */
void dialogs_leave_conn(struct conn *c);

/* What a scenario may ask for beside the line's own words. */
struct call_options {
	bool no_media, early_only, hold;
	bool late;	 /* INVITE without an offer: the 2xx brings one, the ACK answers */
	char *media;	 /* plans of the m-lines, NULL: rtp */
	char *add, *off; /* re-INVITE: plans of further m-lines; the m-line that goes out of use */
	char *impu;	 /* NULL: the connection's */
	char *replaces;	 /* NULL: right; else this header value */
	char *to;	 /* replace: NULL: the remote target */
	const struct ue_sip_edits *edits;
};

/* All return 0, or -1 with errno if nothing was sent. The result comes into d->op. */
int dialog_call(struct conn *c, struct slice name, struct slice uri, const struct call_options *o);
int dialog_replace(struct dialog *old, struct conn *c, struct slice name,
		   const struct call_options *o);
int dialog_reinvite(struct dialog *d, struct conn *to,
		    const struct call_options *o); /* to NULL: stay */
int dialog_update(struct dialog *d, const struct call_options *o);
int dialog_bye(struct dialog *d, const struct call_options *o);
int dialog_cancel(struct dialog *d, const struct call_options *o);

/* By hand, with auto off. -1: there is nothing to answer. */
int dialog_ring(struct dialog *d, int code, bool reliable, bool with_answer);
/* plans: of the m-lines, NULL: those of `auto answer`, or what is always there. */
int dialog_answer(struct dialog *d, const char *plans);
int dialog_reject(struct dialog *d, int code);

/* An INVITE, ACK, BYE, CANCEL, UPDATE, PRACK or INFO came. tx is NULL for an ACK. */
void dialog_request(struct ue *u, struct conn *c, struct tx *tx, const struct ue_sip_msg *m);

#endif
