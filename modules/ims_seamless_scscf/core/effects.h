/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a call of the model wants done outside its lock: rows of NOTIFYs, BYEs, records of usrloc to
 * be changed, event routes. A call adds to a list in an arena; the caller acts on it after it has
 * released the lock, or packs it for another process.
 */
#ifndef SCSCF_EFFECTS_H
#define SCSCF_EFFECTS_H

#include "modules/ims_seamless_scscf/core/memory.h"

enum scscf_effect_kind {
	SCSCF_EFFECT_CONTACT,	      /* a row of a reg-event NOTIFY (RFC 3680) */
	SCSCF_EFFECT_LINGER_START,    /* a connection became Inactive */
	SCSCF_EFFECT_LINGER_END,      /* the linger timer of a connection fired */
	SCSCF_EFFECT_CONNECTION_GONE, /* a connection was removed */
	SCSCF_EFFECT_RELEASE,	      /* a session must be released on both sides */
	SCSCF_EFFECT_VERIFY, /* stock may have changed a subscriber's bindings without telling: look */
	SCSCF_EFFECT_TELL, /* stock's full document for the AOR contact went to the subscription
				call_id: tell of lingering contacts, of which it knows nothing */
	SCSCF_EFFECT_SUBSCRIBER_GONE, /* nothing is registered and nothing lingers any more: who
					 watches impus gets his last NOTIFY (TS 24.229 5.4.2.1.2) */
	SCSCF_EFFECT_SHADOW_BIND,     /* usrloc: link contact to the records of impus */
	SCSCF_EFFECT_SHADOW_UNBIND,   /* usrloc: take contact off the records of impus */
	SCSCF_EFFECT_SERVICES_ENDED, /* the last binding of the set with impus[0] that was no emergency
					 registration has gone without a REGISTER (end): application
					 servers are told (TS 24.229 5.4.1.7) */
	SCSCF_EFFECT_SET_ENDED,	     /* the last binding of the set with impus[0] has gone without a
					 REGISTER (end): the HSS is told, unless scscf_set_is_bound()
					 again */
	SCSCF_EFFECT_HSS_DIFFERS /* the HSS may believe another thing of the set with impus[0] than
					 is so (hss_talk.h): SAR with what is */
};

/* What took the last binding of a set. */
enum scscf_set_end {
	SCSCF_END_REGISTER, /* a REGISTER, of which HSS and application servers hear by itself; or
				 stock, which tells them */
	SCSCF_END_RAN_OUT,  /* SAR TIMEOUT_DEREGISTRATION (TS 29.228 6.1.2.1) */
	SCSCF_END_BY_HSS,   /* it knows */
	SCSCF_END_BY_OPERATOR, /* SAR ADMINISTRATIVE_DEREGISTRATION */
	SCSCF_END_BY_SERVER /* the same, for an application server that did not answer: the others
				  are told by who found that */
};

enum scscf_contact_event {
	SCSCF_CONTACT_REGISTERED,
	SCSCF_CONTACT_REFRESHED,
	SCSCF_CONTACT_EXPIRED,
	SCSCF_CONTACT_UNREGISTERED,
	SCSCF_CONTACT_DEACTIVATED, /* by the network; register again at once */
	SCSCF_CONTACT_REJECTED	   /* by the network, for good */
};

/*
 * One side of a session to be released: everything for a BYE that looks as if the other side had
 * sent it. The callee's goes all the way, so that application servers in between see it.
 */
struct scscf_release_leg {
	struct slice from, from_tag, to, to_tag; /* URIs and tags of the BYE */
	struct slice target;			 /* Request-URI */
	struct slice route;			 /* route set from here on, or empty */
	uint32_t cseq;				 /* of the BYE */
};

struct scscf_effect {
	struct scscf_effect *next;
	enum scscf_effect_kind kind;
	struct slice impi;
	uint64_t connection_id;

	/* CONTACT, SUBSCRIBER_GONE, SHADOW_*, SERVICES_ENDED, SET_ENDED, HSS_DIFFERS: public identities, as the HSS wrote them.
	 * CONTACT and SUBSCRIBER_GONE leave out barred ones. */
	struct slice *impus;
	size_t impus_n;

	/* CONTACT */
	struct slice only_call_id; /* not empty: for the watcher with this subscription only */
	bool *impu_active;	   /* [impus_n]: is anything bound for it, under whatever IMPI */
	bool contact_active;
	enum scscf_contact_event event;
	struct slice contact, params, call_id;
	uint32_t cseq, expires_s;
	bool connection_inactive, connection_terminated; /* the <connection> child */
	uint32_t linger_s;

	/* SERVICES_ENDED, SET_ENDED */
	enum scscf_set_end end;

	/* LINGER_*, CONNECTION_GONE */
	size_t sessions;

	/* RELEASE */
	struct slice session_call_id;
	struct scscf_release_leg leg[2];
};

struct scscf_effects {
	struct scscf_arena arena;
	struct scscf_effect *first, **last;
};

/* An empty list. */
void scscf_effects_init(struct scscf_effects *e);
/* Free all of it; the list is empty afterwards. */
void scscf_effects_free(struct scscf_effects *e);
/* A new effect at the end of the list, or NULL (then arena.failed is set). */
struct scscf_effect *scscf_effects_add(struct scscf_effects *e, enum scscf_effect_kind kind);

struct scscf_notify_event; /* of the glue: one subscriber's share of a list */

/* Effects in one block of the store, for another process to act on. */
struct scscf_packed_effects {
	struct scscf_packed_effects *next;
	struct scscf_effect *first;
	size_t size; /* of the block, bytes */
	/* The acting process's: who is still to be told, and until when that may be put off. */
	struct scscf_notify_event *told;
	uint64_t wait_until_ms;
	uint64_t reserved; /* 1: the block is of the reserve */
};

/*
 * Blocks that are set aside for effects. Who is not told of a change because there was no memory is
 * never told: a P-CSCF would keep the SAs of a connection that is gone.
 */
#define SCSCF_RESERVE_BLOCKS 4
struct scscf_effects_reserve {
	void *block[SCSCF_RESERVE_BLOCKS]; /* the first n are free */
	size_t n, size;			   /* bytes of each block */
};

/*
 * Blocks of size bytes each from the store. Returns 0, or -1 without memory: then there are fewer of
 * them, or none. They stay with the store.
 */
int scscf_effects_reserve_init(struct scscf_effects_reserve *r, struct scscf_store *s, size_t size);

/*
 * A copy of all effects in a block of the store, else of the reserve (NULL: there is no such), or NULL.
 * Free with scscf_packed_effects_free() and the same two.
 */
struct scscf_packed_effects *scscf_effects_pack(struct scscf_store *s,
						struct scscf_effects_reserve *r,
						const struct scscf_effects *e);
void scscf_packed_effects_free(struct scscf_store *s, struct scscf_effects_reserve *r,
			       struct scscf_packed_effects *p);

#endif
