/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internal: the inside of a channel, shared by transaction.c, request.c, job.c and segment.c. */
#ifndef H248_CHANNEL_H
#define H248_CHANNEL_H

#include "h248/transaction/incoming_state.h"
#include "h248/transaction/timer.h"
#include "h248/transaction.h"

#define MESSAGE_MAX	65000u		       /* longest message we write */
#define INTERVAL_MIN_MS 50u		       /* shortest repetition interval */
#define ACK_RANGES_MAX	32u		       /* acknowledgements waiting for a ride */
#define SEGMENTS_MAX	16384u		       /* of one reply */
#define SEGMENT_WINDOW	32u		       /* of one reply that are sent and not acknowledged */
#define REASSEMBLY_MAX	(16u * 1024u * 1024u)  /* bytes of one reply in segments */
#define REASSEMBLY_ALL	(32u * 1024u * 1024u)  /* and of all that are not complete */
#define DELIVER_MAX	(256u * 1024u * 1024u) /* memory for reading one of them */
#define JOB_ARENA	(64u * 1024u)
#define JOB_ARENA_MAX	(64u * 1024u * 1024u)

struct by_id {
	struct by_id *next;
	uint32_t id;
};
struct id_table {
	struct by_id **bucket;
	uint32_t buckets, count; /* buckets: power of two */
};
struct by_id *id_find(const struct id_table *table, uint32_t id);
int id_insert(struct id_table *table, struct by_id *node); /* 0, or -1 without memory */
void id_remove(struct id_table *table, struct by_id *node);
/* Any node, for emptying; NULL when empty. *at (0 at first) is where the last one was: the next is
 * looked for from there on. */
struct by_id *id_any(const struct id_table *table, uint32_t *at);
void id_table_free(struct id_table *table);

struct bytes {
	char *p;
	size_t len;
};

/* What a timer times. */
enum { TIMER_REQUEST, TIMER_PROVISIONAL, TIMER_REPLY };

/* A request of ours that waits for its reply. */
struct request {
	struct by_id node; /* first */
	struct h248_timer timer;
	struct bytes message;
	h248_reply_h done;
	void *user;
	int64_t first_sent; /* T-MAX counts from here */
	int64_t last_sent;
	uint32_t average8; /* this request's share of the back-off, ms * 8 */
	unsigned repeats, pendings;
	struct bytes *segments; /* segment_slots of them, or NULL */
	unsigned segment_slots, segment_count;
	unsigned segment_last; /* number of the one with END, 0 = unknown */
	size_t segment_bytes;
};

/* A request of the peer, clause D.1.1. */
struct incoming {
	struct by_id node; /* first */
	/* provisional Pending, or repetition of a reply that wants an acknowledgement */
	struct h248_timer timer;
	enum incoming_state state;
	struct incoming *older, *newer; /* answered ones in the order of their expiry */
	int64_t expires, first_sent;
	struct h248_addr from;
	struct bytes *reply; /* segments, or &whole */
	struct bytes whole;
	/* sent: of reply_count; open: not yet acknowledged, when segmented. At most SEGMENT_WINDOW are
	 * sent and open. */
	unsigned reply_count, reply_sent, reply_open;
	bool wants_ack, pending_sent;
	unsigned pendings, repeats;
	uint32_t average8;
	struct h248_job *job;
};

struct h248_job {
	struct h248_channel *channel;
	struct incoming *incoming; /* NULL once something else answered (506) */
	const struct h248_transaction *request;
	struct h248_addr from;
	struct h248_job *next, **link; /* all jobs of the channel */
	void *memory;		       /* held: text and model */
	size_t memory_size;
	void *arena_memory;
	struct h248_arena arena;
	void *user;
	bool held;
	/* Answered, and the answer waits for its mark: in channel->later. */
	bool later;
	uint64_t mark;
	struct h248_job *later_next;
	/* what a hold needs */
	struct slice text;
	unsigned index; /* which transaction of the message */
	uint32_t id;
};

struct h248_channel {
	struct h248_channel_ops ops;
	struct h248_timers timers;
	struct h248_mid mid;
	char mid_name[80];
	struct h248_addr to;
	uint8_t version;
	enum h248_style style;
	uint32_t next_id;
	uint32_t average8, deviation8; /* round trip, ms * 8 */
	struct id_table requests, incoming;
	struct h248_timer_heap heap;
	struct incoming *oldest, *newest; /* answered */
	size_t reply_bytes;
	size_t segment_bytes; /* of replies that are not complete, and their slots */
	struct h248_job *jobs;
	struct h248_job *later, **later_tail; /* in the order of their answers */
	unsigned running;
	void *scratch; /* JOB_ARENA bytes for the reply of a job that is not held */
	struct h248_ack_range acks[ACK_RANGES_MAX]; /* next unused */
	unsigned ack_count;
	struct h248_counters counters;
	unsigned ended_repeats; /* of the request whose h248_reply_h is called */
	unsigned depth;		/* calls from outside in progress */
	bool dead;		/* free when depth is 0 */
	size_t out_used;	/* to be wiped when the call from outside is over */
	char out[MESSAGE_MAX];
};

/* transaction.c */
void channel_enter(struct h248_channel *channel);
void channel_leave(struct h248_channel *channel);
/* Encode into channel->out, with waiting acknowledgements in front when ride is set. */
int channel_encode(struct h248_channel *channel, struct h248_transaction *t, bool ride,
		   size_t *len);
void channel_send(struct h248_channel *channel, const struct h248_addr *to, const char *bytes,
		  size_t len);
int channel_send_simple(struct h248_channel *channel, const struct h248_addr *to,
			struct h248_transaction *t);
uint32_t channel_interval(struct h248_channel *channel, uint32_t average8, unsigned repeats);
int bytes_copy(struct bytes *out, const char *p, size_t len);
/* Messages carry keys (a=crypto): they are wiped before their memory goes back. */
void bytes_free(struct bytes *bytes);
/* request.c */
void request_timer(struct h248_channel *channel, struct request *r, int64_t now_ms);
void request_finish(struct h248_channel *channel, struct request *r, enum h248_outcome outcome,
		    const struct h248_transaction *reply);
void request_reply(struct h248_channel *channel, const struct h248_addr *from, struct slice text,
		   const struct h248_transaction *reply, int64_t now_ms);
void request_pending(struct h248_channel *channel, uint32_t id, int64_t now_ms);
void requests_free(struct h248_channel *channel, enum h248_outcome outcome);
/* job.c */
void incoming_request(struct h248_channel *channel, const struct h248_addr *from, struct slice text,
		      const struct h248_message *message, const struct h248_transaction *t,
		      unsigned index, int64_t now_ms);
void incoming_timer(struct h248_channel *channel, struct incoming *in, int64_t now_ms);
/* *budget: ids that may still be looked at for this message; reduced. */
void incoming_acks(struct h248_channel *channel, const struct h248_ack_range *acks,
		   uint64_t *budget);
void incoming_segment_ack(struct h248_channel *channel, const struct h248_transaction *t,
			  int64_t now_ms);
void incoming_expire(struct h248_channel *channel, int64_t now_ms);
void incoming_free_all(struct h248_channel *channel);
void incoming_drop(struct h248_channel *channel, struct incoming *in);
/* segment.c */
int segment_reply(struct h248_channel *channel, const struct h248_transaction *t,
		  struct bytes **parts, unsigned *count);
/* 1 = complete and delivered; 0 = more to come; -1 = cannot be used. */
int segment_receive(struct h248_channel *channel, struct request *r, struct slice text,
		    const struct h248_transaction *reply);
void segments_drop(struct h248_channel *channel, struct request *r);
/* Move what waits for replies to another channel, and repeat it there (hand-off, clause 11.5). */
void channel_move_requests(struct h248_channel *from, struct h248_channel *to, int64_t now_ms);

#endif
