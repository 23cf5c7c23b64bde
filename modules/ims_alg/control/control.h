/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internal: the controller with its gateways and contexts, shared by the files of this folder. */
#ifndef IMS_ALG_CONTROL_H
#define IMS_ALG_CONTROL_H

#include <syslog.h>

#include "base/keyed_hash.h"
#include "h248/association.h"
#include "modules/ims_alg/control/build.h"
#include "modules/ims_alg/control/mgc.h"
#include "modules/ims_alg/control/pace.h"
#include "modules/ims_alg/control/states.h"

enum { CALL_BUCKETS = 4096, ID_BUCKETS = 1024, ARENA_SIZE = 256 * 1024 };

struct listener {
	struct mgc *mgc;
	unsigned number;
	enum h248_transport_kind kind;
	struct netaddr local;
	struct h248_transport *transport; /* NULL with config.send */
	struct h248_entity *entity;
};

/* A context that we do not know: an orphan, or one whose Add is not answered yet. */
struct suspect {
	uint32_t id;
	uint64_t adds; /* an Add with a number below this may have made it */
};

/* An audit of all contexts of a gateway. */
struct audit {
	bool running;
	bool adds;    /* contexts were being made meanwhile: what is unknown may be one of them, */
	bool ends;    /* or one of those that were being subtracted */
	bool wanted;  /* another follows: it was asked for while this one ran */
	bool nothing; /* it said that there is none at all, and was not believed yet */
	bool left;    /* it is for something that is likely to be there */
	uint32_t epoch;		  /* counts them */
	unsigned rounds;	  /* left */
	int64_t again_at;	  /* 0: not planned */
	int64_t regular_at;	  /* the next without a cause; 0: not planned */
	struct suspect *suspects; /* unknown in the round before; owned */
	size_t suspects_n;
};

struct gateway {
	struct mgc *mgc;
	unsigned number;
	struct mgc_gateway_config cfg;
	struct h248_addr address;
	struct h248_mid mid;	/* its text is cfg.mid's */
	struct h248_peer *peer; /* NULL: it has never registered */
	enum mgc_gateway_state state;
	int64_t since, grace_end; /* grace_end 0: not running */
	int64_t call_at;	  /* when it is asked again to register; 0: it need not */
	bool drained, restart;	  /* restart: how it registers just now */
	bool registered;	  /* it did, and its state has not changed for it */
	struct pace pace;
	struct audit audit;
	struct context *contexts;	   /* list by next_here */
	struct context *by_id[ID_BUCKETS]; /* those that have a ContextID */
	unsigned n_contexts;
	struct attempt *adds, **adds_end; /* that are out and make a context, the oldest first */
	uint64_t next_add;
	struct mgc_gateway_view count; /* its counters */
	struct netaddr access[8];      /* that it gave towards phones; the oldest makes room */
	unsigned accesses;	       /* how many it gave */
};

struct order {
	struct order *next;
	bool release;
	enum mgc_code code;
	struct alg_media *wanted; /* of alg_media_bytes(); owned, wiped */
	mgc_done_f done;
	void *user;
	int64_t deadline;
};

struct context {
	struct context *next_call;		/* in the bucket */
	struct context *next_here, **link_here; /* of the same gateway */
	struct context *next_id;
	struct context *next_busy, **link_busy; /* with orders or transactions */
	uint64_t call;
	struct gateway *gateway; /* NULL: none chosen yet */
	uint32_t id;		 /* ContextID; 0: none */
	uint32_t request;	 /* RequestIDs of its events: this and the next */
	enum context_state state;
	struct told now[ALG_SIDES];    /* what the gateway said yes to */
	struct told want[ALG_SIDES];   /* what the order (or the undoing) wants */
	struct told before[ALG_SIDES]; /* what there was before the order */
	bool fresh;	      /* no order of it has worked yet: another gateway may be taken */
	uint32_t tried;	      /* gateways, one bit each */
	struct order *orders; /* the first is the one in work, unless it was given up */
	unsigned n_orders;
	uint32_t seen;	     /* the last audit that found it */
	unsigned seen_sides; /* bits: the terminations that were there */
	uint32_t made; /* the last audit when a termination of it was made: it may not know it, */
	unsigned made_sides;	 /* and those that were made since it began */
	uint32_t touched;	 /* the last audit when a transaction of it was out */
	struct attempt *attempt; /* the transaction that is out */
	bool
	    looked; /* it was denied, and audited for that, since the order (or the undoing) began */
	int64_t step_deadline;
	enum mgc_code code; /* what the order will be told when it fails, */
	unsigned error;	    /* the gateway's last H.248 code, */
	char why[96];	    /* and its text */
};

struct attempt_step {
	enum alg_side side;
	enum build_step step;
	struct told to; /* what it makes of the termination: wanted, or as much of that as fits */
};

/* A transaction that is out. It outlives its context when that has been given up. */
struct attempt {
	struct mgc *mgc;
	struct gateway *gateway;
	struct context *context; /* NULL: given up: what the reply names is subtracted */
	bool makes_context;
	uint64_t add;			      /* its number, if it does so, */
	struct attempt *next_add, **link_add; /* and its place in the gateway's list */
	unsigned steps;
	struct attempt_step step[ALG_SIDES];
};

struct mgc {
	struct mgc_config cfg;
	char profile[64];
	struct keyed_hash_key key;
	struct listener listener[MGC_LISTENERS_MAX];
	unsigned listeners;
	struct gateway gateway[MGC_GATEWAYS_MAX];
	unsigned gateways;
	struct context *bucket[CALL_BUCKETS];
	struct context *busy;
	struct order *instant; /* to be refused at the next tick: order->code tells how */
	bool kick;	       /* there is something to do at once */
	size_t contexts;
	uint32_t next_request;
	int64_t now;
	bool ending;
	struct h248_arena arena; /* for one message at a time; wiped after it */
	char memory[ARENA_SIZE];
};

/* mgc.c */
uint32_t mgc_random(struct mgc *mgc);
void mgc_log(struct mgc *mgc, int level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void mgc_tell(struct mgc *mgc, enum mgc_event_type type, const struct gateway *g, uint64_t call,
	      enum alg_side side, uint16_t stream, const char *text);

/* Ask a gateway that is not there to register. */
void mgc_call(struct mgc *mgc, struct gateway *g);

/* gateways.c */
/* A new call's gateway: has the realms, is up, is not in `tried`. NULL: none. *paced tells that one
 * was there but paces its calls. */
struct gateway *gateway_choose(struct mgc *mgc, const struct alg_media *media, uint32_t tried,
			       bool *paced);
/* An event of its state machine. */
void gateway_step(struct gateway *g, enum gateway_event event, const char *why);
struct gateway *gateway_of(struct h248_peer *peer);
bool gateway_is_there(const struct gateway *g);
void gateway_timers(struct gateway *g);
int64_t gateway_timeout(const struct gateway *g, int64_t now_ms);
/* For h248_entity_config. */
bool gateway_allow(void *listener, const struct h248_addr *from, const struct h248_mid *mid);
unsigned gateway_registration(void *listener, struct h248_peer *peer,
			      const struct h248_services *request, struct h248_services *reply);
void gateway_state(void *listener, struct h248_peer *peer, enum h248_state from, enum h248_state to,
		   const char *why, int64_t now_ms);

/* contexts.c */
struct context *context_find(struct mgc *mgc, uint64_t call);
struct context *context_find_id(struct gateway *g, uint32_t id);
struct context *context_new(struct mgc *mgc, uint64_t call);
void context_free(struct mgc *mgc, struct context *c);
/* Give it a gateway, or NULL to take it away. */
void context_place(struct context *c, struct gateway *g);
/* 0: none any more. It has a gateway. */
void context_set_id(struct context *c, uint32_t id);
void context_set_busy(struct mgc *mgc, struct context *c, bool busy);

/* queue.c */
/* What the order in work will be told when it fails. */
void context_say(struct context *c, enum mgc_code code, unsigned error, const char *why);
/* The first order of the queue, taken out of it; NULL: there is none. */
struct order *order_take(struct context *c);
void order_result(const struct context *c, enum mgc_code code, struct mgc_result *r);
/* It ends so, and is freed. */
void order_tell(struct order *o, struct mgc_result *result);
/* The first order ends, if there is one. */
void order_finish(struct context *c, enum mgc_code code);
void order_finish_applied(struct context *c);
/* All orders end: the context has gone. */
void order_finish_all(struct context *c);
/* Orders before a release do not matter any more. */
void order_skip_to_release(struct context *c);
/* The controller ends. */
void orders_drop(struct mgc *mgc, struct context *c);
/* Those that were refused when they came. */
void orders_drop_instant(struct mgc *mgc);

/* attempts.c */
/* With c's gateway, and no step. NULL: no memory. */
struct attempt *attempt_new(struct mgc *mgc, struct context *c);
void attempt_free(struct attempt *a);
/*
 * Send it; the arena of mgc, where the actions are, is wiped. 0, or -1: it could not be sent, and a is freed. done is
 * attempt_replied(), or attempt_ended() for a Subtract of the whole context.
 */
int attempt_send(struct mgc *mgc, struct context *c, struct attempt *a,
		 const struct h248_action *actions, h248_reply_h done);
void attempt_replied(void *attempt, enum h248_outcome outcome,
		     const struct h248_transaction *reply);
void attempt_ended(void *attempt, enum h248_outcome outcome, const struct h248_transaction *reply);
/* A transaction of the context has had no answer: what its steps have changed is not known. */
void context_not_replied(struct mgc *mgc, struct context *c, struct attempt *a,
			 enum h248_outcome outcome);
/* The transaction that is out no longer matters to the context. */
void context_let_go(struct context *c);

/* orders.c */
/* It is freed when nobody holds it any more. */
void context_gone(struct mgc *mgc, struct context *c);
void context_step(struct mgc *mgc, struct context *c, enum context_event event);
void context_timers(struct mgc *mgc);
int64_t context_timeout(const struct mgc *mgc, int64_t now_ms);
/* Leave the gateway, if it has one, and go on with another: for an order of a fresh context. */
void orders_move_on(struct mgc *mgc, struct context *c);
/* Send the next step to what is wanted, or be done. */
void context_advance(struct mgc *mgc, struct context *c);

/* denied.c */
/*
 * The gateway says that the context, or a termination of it, is not there. Of a transaction that it took for
 * another one, or had carried out before, it may say so wrongly.
 */
bool context_is_denied(unsigned code);
/*
 * Ask what the gateway has of a context that it denied; once for an order, and once for what takes it back. What is
 * done then is done there. False: it cannot be asked, or was asked before.
 */
bool context_look(struct mgc *mgc, struct context *c);
/* A Subtract did not work, or not that we know: all contexts are compared soon. */
void gateway_look_again(struct gateway *g, unsigned code, const char *why);
/* Subtract a context that nobody owns. */
void gateway_subtract(struct gateway *g, uint32_t id);
/* A termination that nobody owns, of a context that is a call's. */
void gateway_subtract_termination(struct gateway *g, uint32_t id, struct slice tid);

/* audit.c */
void audit_start(struct gateway *g);
void audit_stop(struct gateway *g);
/* Something may be left there that is nobody's. */
void audit_soon(struct gateway *g);
void audit_timers(struct gateway *g);
/* When audit_timers() has something to do; 0: nothing is planned. */
int64_t audit_due(const struct gateway *g);
/* The context of this number has become ours. */
void audit_known(struct gateway *g, uint32_t id);
/* The gateway has made this termination of c: an audit that runs may not have seen it. */
void audit_made(struct context *c, enum alg_side side);
/* Ask what the gateway has of one context. False: not sent, done is not called. */
bool audit_context(struct gateway *g, uint32_t id, h248_reply_h done, void *user);
/* Bits of the terminations of c that such an audit's reply names. */
unsigned audit_sides(const struct context *c, const struct h248_transaction *reply);
/* The reply to a Subtract says that its context is unknown (411), which is what a Subtract is for. If the gateway
 * shows the context all the same, all of its contexts are compared soon. */
void audit_denied(struct gateway *g, const struct h248_transaction *reply);

/* notify.c */
void notify_request(void *listener, struct h248_peer *peer, struct h248_job *job, int64_t now_ms);
/* Ask it to tell us of overload and to look after us (it/ito). */
void notify_arm_root(struct gateway *g);

/* reply.c */
/* The first error of a reply: its code, or 0; the text goes to why. */
unsigned reply_error(const struct h248_transaction *reply, char *why, size_t size);
/* Statistics of the Subtract commands of a reply. */
void reply_statistics(const struct h248_transaction *reply, const struct context *c,
		      struct mgc_result *result);
/* Take over into the context what the steps of a have changed. Returns 0, an H.248 error code, or -1: the reply
 * lacks something, or what it says cannot be; why is the text. */
int reply_take(struct context *c, const struct attempt *a, const struct h248_transaction *reply,
	       char *why, size_t size);
/* Nobody waits any more for what this reply has made: subtract its contexts. */
void reply_take_away(struct attempt *a, const struct h248_transaction *reply);

#endif
