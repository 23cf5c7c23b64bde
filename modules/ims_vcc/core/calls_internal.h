/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the anchored calls share. */
#ifndef IMS_VCC_CALLS_INTERNAL_H
#define IMS_VCC_CALLS_INTERNAL_H

#include "modules/ims_vcc/core/calls.h"
#include "modules/ims_vcc/core/described.h"

enum { LEG_IN = 0, LEG_OUT = 1, LEG_NEW = 2, LEGS = 3 };

enum tx_use {
	TX_FREE = 0,
	TX_CALL,  /* the INVITE that goes on */
	TX_PASS,  /* a request that goes on inside the call */
	TX_OFFER, /* the new leg's description to the remote party */
	TX_BACK,  /* the old leg's again */
};

/* A request of ours that waits for its answer. */
struct tx {
	uint8_t use, leg, asker;   /* sent on leg; asker: the leg that waits for the answer */
	bool client_known, offers; /* offers: it has a session description */
	uint32_t serial, cseq, asker_cseq;
	int offered; /* m-lines of the asker's offer */
	struct vcc_server server, client;
	char method[VCC_METHOD_MAX];
};

struct leg {
	struct leg *next, **link; /* in the bucket of its Call-ID */
	struct call *call;
	bool used, confirmed, gone; /* gone: it has hung up */
	struct vcc_dialog d;
	uint32_t remote_cseq;
	/* The INVITE that began it, as long as it is not answered. */
	bool asked;
	uint32_t invite_cseq;
	struct vcc_server server;
	int offered;
	enum vcc_domain domain;
	struct vcc_described told; /* what this leg was told */
	struct slice theirs;	   /* what it told last; a copy */
};

struct call {
	struct call *next, **link;
	unsigned number;
	uint64_t id;
	uint8_t state, access, remote; /* numbers of legs */
	bool terminating, rang, busy;
	unsigned moves, waiting; /* orders of this call */
	uint32_t serials;
	int64_t due_ms;
	char user[VCC_IDENTITY_MAX];
	struct vcc_way other;
	bool has_other;
	struct slice invite,
	    invite_body; /* header lines and body of the first INVITE, for the other way; copies */
	enum vcc_domain moving_to;
	struct leg leg[LEGS];
	struct tx tx[VCC_CALL_TX_MAX];
};

struct vcc_calls {
	struct vcc_calls_config cfg;
	struct vcc_memory mem;
	void (*random)(char *out, size_t n);
	struct keyed_hash_key key;
	struct call *all;
	struct call **by_number;
	uint32_t serials, buckets, hint;
	struct leg **bucket;
	struct vcc_order *first, **last;
	struct vcc_calls_counts counts;
	struct kept *kept; /* kept.c; NULL: calls are lost with the process */
};

/* What came with an event. */
struct happening {
	const struct vcc_message *m; /* may be NULL */
	unsigned code;
	struct tx tx; /* the request that was answered; a copy */
};

/* calls.c */
struct call *call_new(struct vcc_calls *c);
void call_end(struct vcc_calls *c,
	      struct call *call); /* forget it; orders of it that wait are carried out */
void leg_link(struct vcc_calls *c, struct leg *leg);
void leg_unlink(struct leg *leg);
struct leg *leg_find(struct vcc_calls *c, const struct vcc_message *m);
int leg_incoming(struct vcc_calls *c, struct leg *leg, const struct vcc_message *m,
		 struct vcc_server server);
int leg_keep(struct vcc_calls *c, struct slice *copy, struct slice text);
struct tx *tx_new(struct call *call, enum tx_use use, unsigned leg);
uint64_t tx_token(const struct call *call, const struct tx *tx);
struct tx *tx_find(struct vcc_calls *c, uint64_t token, struct call **call);
/* An offer is under way on either side (RFC 3261 14.1, RFC 3311 5.1). */
bool offer_pending(const struct call *call);

/* kept.c: the record of a call is written anew; it is no more. */
void kept_write(struct vcc_calls *c, const struct call *call);
void kept_forget(struct vcc_calls *c, const struct call *call);

/* orders.c: queue what is to be sent. Without memory nothing is queued. */
void order_send(struct vcc_calls *c, struct call *call, struct leg *leg, const struct tx *tx,
		const char *method, struct slice headers, struct slice body);
void order_reply(struct vcc_calls *c, struct call *call, const struct leg *leg,
		 struct vcc_server server, unsigned code, const char *reason, struct slice headers,
		 struct slice body);
void order_cancel(struct vcc_calls *c, struct call *call, const struct tx *tx);

/* call_actions.c: one event. */
void call_event(struct vcc_calls *c, struct call *call, enum vcc_call_event event,
		const struct happening *h, int64_t now);
/* Header lines of an answer or request that goes on, with our Contact; freed by text_free(). */
struct slice text_pass(struct vcc_calls *c, const struct vcc_message *m, uint32_t rack_cseq);
/* What a leg is told in the place of this body; freed by text_free(); p NULL: it cannot be told. */
struct slice text_told(struct vcc_calls *c, struct leg *leg, const struct vcc_message *m,
		       int offered);
void text_free(struct vcc_calls *c, struct slice text);

#endif
