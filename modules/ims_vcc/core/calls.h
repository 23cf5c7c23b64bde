/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Anchored calls: two dialogs each, a third while one moves (TS 23.206). Messages come in as they were read; what is to be sent comes
 * out as orders, which the caller carries out in their sequence. call_state.h is the table. No lock, no clock, no Kamailio.
 */
#ifndef IMS_VCC_CALLS_H
#define IMS_VCC_CALLS_H

#include "base/keyed_hash.h"
#include "modules/ims_vcc/core/call_state.h"
#include "modules/ims_vcc/core/message.h"
#include "modules/ims_vcc/core/select.h"

enum {
	VCC_CALLS_MAX = 65535,
	VCC_CALL_TX_MAX = 12, /* requests of ours under way in one call */
	VCC_CALL_ID_MAX = 160,
	VCC_TAG_MAX = 128,
	VCC_CALL_ROUTES_MAX = 1024,
	VCC_METHOD_MAX = 16,
};

struct vcc_memory {
	void *(*take)(size_t n);
	void (*give)(void *p);
};

struct vcc_calls_config {
	unsigned max;
	char contact[VCC_URI_MAX]; /* of all our messages */
	int64_t ack_ms;		   /* an ACK is waited for so long (RFC 3261 13.3.1.4: 32 s) */
	int64_t cancel_ms;	   /* the answer to what was cancelled */
};

/* A transaction of Kamailio's, in which somebody waits for our answer. */
struct vcc_server {
	unsigned index, label;
};

struct vcc_dialog {
	char call_id[VCC_CALL_ID_MAX], local_tag[VCC_TAG_MAX], remote_tag[VCC_TAG_MAX];
	char local_uri[VCC_URI_MAX], remote_uri[VCC_URI_MAX], target[VCC_URI_MAX];
	char routes[VCC_CALL_ROUTES_MAX]; /* "<..>, <..>", first hop first */
	uint32_t local_cseq;
};

enum vcc_order_kind { VCC_ORDER_SEND, VCC_ORDER_REPLY, VCC_ORDER_CANCEL };

struct vcc_order {
	struct vcc_order *next;
	enum vcc_order_kind kind;
	uint64_t call;
	uint64_t
	    token; /* SEND: names the request to vcc_calls_answered(); 0: its answer does not matter.
			 * CANCEL: which request */
	char method[VCC_METHOD_MAX];
	struct vcc_dialog dialog; /* SEND */
	struct vcc_server server; /* REPLY */
	unsigned code;
	char reason[64], tag[VCC_TAG_MAX];
	struct slice headers, body; /* in this block */
};

struct vcc_calls;

/* random: n digits and a NUL that nobody can guess. NULL: no memory. */
struct vcc_calls *vcc_calls_new(const struct vcc_calls_config *cfg, const struct vcc_memory *mem,
				void (*random)(char *out, size_t n),
				const struct keyed_hash_key *key);
void vcc_calls_free(struct vcc_calls *c);

/* Where a call may go, the first first. */
struct vcc_way {
	enum vcc_domain domain;
	char uri[VCC_URI_MAX];
	char routes[VCC_CALL_ROUTES_MAX];
};

struct vcc_begin {
	const char *user;	/* whose call it is: may move it. vcc_principal() */
	bool terminating;	/* he is called: his leg is the outgoing one */
	enum vcc_domain domain; /* of the incoming leg, if he calls */
	struct vcc_way way[2];
	unsigned ways;
};

enum vcc_calls_verdict {
	VCC_CALLS_OK = 0,	  /* it is answered by an order, now or later */
	VCC_CALLS_E_FULL = -1,	  /* too many calls, or no memory */
	VCC_CALLS_E_UNKNOWN = -2, /* no such dialog */
	VCC_CALLS_E_OFFER = -3,	  /* no session description that can be read */
	VCC_CALLS_E_NO_CALL = -4, /* a move, and this user has no call that could move (480) */
	VCC_CALLS_E_BUSY = -6,	  /* it is moving already, or an offer is under way (491) */
	VCC_CALLS_E_LONG = -5,	  /* a URI, a tag or a route set is too long to be kept */
};

/* An INVITE that begins a call. */
int vcc_calls_begin(struct vcc_calls *c, const struct vcc_message *m, const struct vcc_begin *b,
		    struct vcc_server server, int64_t now);
/* An INVITE that moves the call of this user to that domain. */
int vcc_calls_move(struct vcc_calls *c, const struct vcc_message *m, const char *user,
		   enum vcc_domain to, struct vcc_server server, int64_t now);
/* Is this request inside a dialog of one of these calls? */
bool vcc_calls_knows(struct vcc_calls *c, const struct vcc_message *m);
/* A request inside a dialog; an ACK has no server. */
int vcc_calls_request(struct vcc_calls *c, const struct vcc_message *m, struct vcc_server server,
		      int64_t now);
/* A CANCEL of an INVITE that is not answered yet. False: there is none. */
bool vcc_calls_cancel(struct vcc_calls *c, const struct vcc_message *m, int64_t now);
/* A request of ours was answered; m NULL: by nobody (code says what to take it for). */
void vcc_calls_answered(struct vcc_calls *c, uint64_t token, const struct vcc_message *m,
			unsigned code, int64_t now);
/* Kamailio's transaction of a request that an order sent. */
void vcc_calls_sent(struct vcc_calls *c, uint64_t token, struct vcc_server client);
/* That of an order CANCEL. False: it has ended. */
bool vcc_calls_client(struct vcc_calls *c, uint64_t token, struct vcc_server *client);
void vcc_calls_tick(struct vcc_calls *c, int64_t now);

/*
 * The next order that may be carried out: of a call of which no other is at this moment. The caller owns it until he gives it to
 * vcc_calls_done(). NULL: none.
 */
struct vcc_order *vcc_calls_next(struct vcc_calls *c);
void vcc_calls_done(struct vcc_calls *c, struct vcc_order *o);

/* The domain of a call of this user that is up; NONE: there is none. */
enum vcc_domain vcc_calls_domain(const struct vcc_calls *c, const char *user);

struct vcc_call_view {
	uint64_t id;
	char user[VCC_IDENTITY_MAX];
	enum vcc_call_state state;
	enum vcc_domain domain; /* of the access leg */
	bool terminating;
	unsigned moves;
	char access[VCC_CALL_ID_MAX], remote[VCC_CALL_ID_MAX]; /* Call-IDs */
};
/* The next behind number *at (0 at first). False: that was the last. */
bool vcc_calls_look(const struct vcc_calls *c, unsigned *at, struct vcc_call_view *out);

struct vcc_calls_counts {
	unsigned now, orders; /* calls, orders that wait */
	uint64_t anchored, moved, moves_failed, fallbacks;
};
struct vcc_calls_counts vcc_calls_count(const struct vcc_calls *c);

#endif
