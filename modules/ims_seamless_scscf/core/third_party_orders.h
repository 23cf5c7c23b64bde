/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Third-party REGISTERs on their way. An order is what one application server is to be told about one
 * identity. Of one identity and server at most one REGISTER is under way; what is newer waits behind it,
 * and takes the place of what waits there already: a server never hears of an older state after a newer
 * one. Each server has a queue and a pause of its own, so a slow or dead one holds up nobody but itself;
 * between servers the order in which they were asked for counts. Everything ends: an order that could not
 * be sent for wait_ms counts as not answered.
 *
 * Time is passed in. There is no lock: the glue holds one.
 */
#ifndef SCSCF_THIRD_PARTY_ORDERS_H
#define SCSCF_THIRD_PARTY_ORDERS_H

#include "base/keyed_hash.h"
#include "base/state_table.h"
#include "modules/ims_seamless_scscf/core/memory.h"

enum scscf_order_state {
	SCSCF_ORDER_WAITING,
	SCSCF_ORDER_UNDER_WAY,
	SCSCF_ORDER_OVER,
	SCSCF_ORDER_STATES
};
enum scscf_order_event {
	SCSCF_ORDER_EV_SENT,
	SCSCF_ORDER_EV_NEWER,	/* the identity's state has changed once more */
	SCSCF_ORDER_EV_TAKEN,	/* 2xx */
	SCSCF_ORDER_EV_REFUSED, /* 3xx, 4xx, 6xx */
	SCSCF_ORDER_EV_FAILED,	/* no answer, 408, 5xx */
	SCSCF_ORDER_EV_AGAIN,	/* the same, or 423, and it may be tried once more */
	SCSCF_ORDER_EV_LATE,	/* it has waited for too long */
	SCSCF_ORDER_EVENTS
};
enum scscf_order_action {
	SCSCF_ORDER_NOTHING,
	SCSCF_ORDER_REPLACE, /* what it says by what is newer */
	SCSCF_ORDER_HOLD,    /* what is newer behind it */
	SCSCF_ORDER_REQUEUE, /* in front of the server's queue */
	SCSCF_ORDER_END,
	SCSCF_ORDER_ACTIONS
};
extern const struct state_table scscf_order_table;

/* What is sent, in one block of the store. Whoever puts it into an order gives it away. */
struct scscf_order_job {
	size_t size;	     /* of the block */
	struct slice before; /* header lines up to the seconds */
	struct slice after;  /* and behind them */
	struct slice body;
	struct slice uri;	     /* Request-URI; empty: the server's */
	struct slice from, from_tag; /* empty: ours */
	struct slice call_id;	     /* empty: ours, */
	uint32_t cseq;		     /* with our own numbers */
	struct slice impi;	     /* whose registration ends if this fails; empty: nobody's */
	uint64_t until_ms;	     /* how long the identity is registered; 0: it is not */
	uint32_t least_s;	     /* Min-Expires of a 423 */
	bool ends;		     /* it says that the registration is over */
	void *waiter;		     /* of the glue: who waits for the end of it */
};

struct scscf_order_server {
	struct scscf_order_server *next;
	struct slice uri;
	struct scscf_order *first, **last; /* waiting */
	size_t orders;			   /* of it, in whatever state */
	size_t waiting, under_way;
	uint64_t paused_until_ms;
	int last_status; /* of the last answer; 0: none yet, or none came */
	uint64_t sent, taken, refused, failed, again, late;
};

struct scscf_order {
	struct scscf_order *next, *hash_next;
	struct scscf_order_server *server;
	struct slice to;
	struct scscf_order_job *job, *newer;
	enum scscf_order_state state;
	unsigned tries;
	uint64_t serial, since_ms; /* put there */
	uint64_t id;		   /* while it is under way */
};

struct scscf_orders_policy {
	size_t orders_max;    /* at a time */
	size_t under_way_max; /* of one server; the others wait */
	size_t
	    servers_max; /* known at a time; one of which nothing is asked is forgotten for another */
	unsigned tries_max;    /* further ones, after a failure */
	uint32_t pause_ms;     /* of a server after one */
	uint32_t pause_max_ms; /* a longer Retry-After is not waited for */
	uint32_t wait_ms;
};

#define SCSCF_ORDERS_SLOTS 1024 /* under way at a time, of all servers */

struct scscf_orders {
	struct scscf_store *store;
	struct keyed_hash_key key;
	struct scscf_orders_policy policy;
	struct scscf_order **buckets;
	size_t buckets_n, n, servers_n;
	struct scscf_order_server *servers;
	struct scscf_order *slot[SCSCF_ORDERS_SLOTS];
	size_t slot_next;
	uint64_t serial;
};

/* Empty. The store must outlive it. Returns 0, or -1 without memory. */
int scscf_orders_init(struct scscf_orders *o, struct scscf_store *s,
		      const struct keyed_hash_key *key, const struct scscf_orders_policy *policy);
/* Everything goes; nothing may be under way any more. */
void scscf_orders_free(struct scscf_orders *o);

/* n bytes for a job and its texts, zeroed; NULL: no memory. */
struct scscf_order_job *scscf_order_job_new(struct scscf_orders *o, size_t texts);
void scscf_order_job_free(struct scscf_orders *o, struct scscf_order_job *job);

/*
 * Tell this server about this identity. *replaced: a job that will not be sent any more, which is the
 * caller's; NULL: none. Returns 0; -1: too many orders or servers, or no memory, and job is the caller's.
 */
int scscf_orders_put(struct scscf_orders *o, struct slice server, struct slice to,
		     struct scscf_order_job *job, uint64_t now_ms,
		     struct scscf_order_job **replaced);
/* The next that may be sent now, which is under way from then on; NULL: none. */
struct scscf_order *scscf_orders_next(struct scscf_orders *o, uint64_t now_ms);
/* A waiting one that is too old, which is over then; NULL: none. */
struct scscf_order *scscf_orders_late(struct scscf_orders *o, uint64_t now_ms);
/* The one under way with this id, or NULL. */
struct scscf_order *scscf_orders_find(struct scscf_orders *o, uint64_t id);

/* A final answer. */
struct scscf_order_answer {
	int status;		/* 0: none came */
	uint32_t retry_after_s; /* 0: not said */
	uint32_t min_expires_s; /* of a 423 */
};
/*
 * The answer to one under way, and what it is in terms of the machine: TAKEN, REFUSED or FAILED, then it is
 * over; AGAIN, then it waits once more.
 */
enum scscf_order_event scscf_orders_answered(struct scscf_orders *o, struct scscf_order *order,
					     const struct scscf_order_answer *answer,
					     uint64_t now_ms);
/* One that is over: it goes, or what was newer takes its place. Its job is freed. */
void scscf_orders_end(struct scscf_orders *o, struct scscf_order *order, uint64_t now_ms);

#endif
