/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The transactions between two entities (clause 8, Annex D.1): at-most-once execution with a cache
 * of sent replies, retransmission from the measured round trip, Pending, ImmAck, the three-way
 * handshake, duplicates, any order of delivery, and (version 3) segmented replies. A channel is all
 * of that for one remote mId.
 *
 * No clock, no socket, no thread: time comes in as now_ms (monotonic milliseconds), bytes go out
 * through ops->send. Most users want association.h, which owns the channels.
 */
#ifndef H248_TRANSACTION_H
#define H248_TRANSACTION_H

#include "h248/address.h"
#include "h248/codec.h"

struct h248_timers {
	uint32_t initial_rtt_ms;  /* average delay before anything was measured; 200 (D.1.5) */
	uint32_t interval_max_ms; /* longest single interval; 4000 (D.1.3) */
	/* give a request up after this; 25000, must be below long_timer_ms (D.1.5) */
	uint32_t t_max_ms;
	uint32_t long_timer_ms;	    /* LONG-TIMER: keep replies and ids; 30000 (D.1.1) */
	uint32_t pending_repeat_ms; /* repetition interval once a Pending came; 5000 */
	uint32_t provisional_ms; /* send Pending by ourselves when a job runs longer; 0 = only on a
				    repetition */
	/* Pendings for one request before it is ended with 506; 0 = no limit */
	uint32_t pending_limit;
	uint32_t segment_timer_ms; /* repeat an unacknowledged segment / give up waiting for a
				      missing one; 3000 */
	bool reliable; /* SCTP, TCP: requests are not repeated, replies not cached longer than
			  needed */
	uint32_t max_outstanding; /* own requests without reply; 4096 */
	uint32_t max_running;	  /* jobs of the peer; 1024. Above: 511 temporarily busy */
	/* Answered transaction ids, each kept for LONG-TIMER; 262144. Above: 511. So the rate that
	 * can be kept up is max_remembered / LONG-TIMER, 8,700 a second; each takes about 170
	 * bytes. */
	uint32_t max_remembered;
	size_t max_reply_bytes; /* memory for cached replies; 16 MiB. Above: 511 */
	size_t max_pdu; /* UDP: longest message we send; longer replies are segmented if version 3
			   was agreed, else 533. 0 = no limit */
};
/* The defaults named above; max_pdu 1400 unless reliable. */
void h248_timers_default(struct h248_timers *timers, bool reliable);

struct h248_counters {
	uint64_t messages_in, messages_out, bytes_in, bytes_out;
	uint64_t requests_in, requests_out, replies_in, replies_out;
	uint64_t retransmissions;  /* own requests sent again */
	uint64_t duplicates;	   /* requests of the peer that came again */
	uint64_t replies_repeated; /* answered from the cache */
	uint64_t discarded;	   /* copies of acknowledged requests */
	uint64_t pendings_in, pendings_out, acks_in, acks_out;
	uint64_t segments_in, segments_out;
	uint64_t timeouts;  /* own requests given up */
	uint64_t malformed; /* messages or transactions that could not be read */
	uint64_t unmatched; /* replies and Pendings to nothing */
	uint64_t refused;   /* requests over a limit */
};

struct h248_channel;
struct h248_job;

enum h248_outcome {
	H248_REPLIED = 0,  /* reply is set; it may still be an error */
	H248_TIMED_OUT,	   /* T-MAX passed: the peer counts as failed (D.1.5) */
	H248_CANCELLED,	   /* channel or association ended */
	H248_REPLY_INVALID /* the reply could not be read (segments missing: 459) */
};
/* The end of a request; called exactly once for each, never from inside h248_channel_request().
 * `reply` (NULL unless H248_REPLIED) is valid only during the call. */
typedef void (*h248_reply_h)(void *user, enum h248_outcome outcome,
			     const struct h248_transaction *reply);

struct h248_channel_ops {
	/* Hand one message to the transport. A failure is like a lost packet. */
	void (*send)(void *user, const struct h248_addr *to, const char *bytes, size_t len);
	/* A new request of the peer: answer it now with h248_job_reply() or take it with
	 * h248_job_hold(). A job neither answered nor held when this returns is answered with 500.
	 */
	void (*request)(void *user, struct h248_job *job, int64_t now_ms);
	/* A request was given up after T-MAX. Called before that request's h248_reply_h. May be
	 * NULL. */
	void (*failed)(void *user, int64_t now_ms);
	/* Uniform 32 random bits. */
	uint32_t (*random)(void *user);
	void *user;
};

/* mid and timers are copied, ops too. H248_OK, H248_E_MEMORY or H248_E_ARGUMENT. */
int h248_channel_new(const struct h248_mid *own_mid, const struct h248_timers *timers,
		     const struct h248_channel_ops *ops, struct h248_channel **out);
/* Cancels requests (their h248_reply_h is called) and forgets jobs; held jobs become invalid. */
void h248_channel_free(struct h248_channel *channel);
/* Where new requests go; replies always go to the source of the request. */
void h248_channel_set_address(struct h248_channel *channel, const struct h248_addr *to);
const struct h248_addr *h248_channel_address(const struct h248_channel *channel);
/* Header version and tokens of what we send. Defaults: 1, H248_PRETTY. */
void h248_channel_set_version(struct h248_channel *channel, uint8_t version);
void h248_channel_set_style(struct h248_channel *channel, enum h248_style style);

/*
 * Send a transaction request. The actions are encoded at once and need not live on. *id (may be
 * NULL) gets the transaction id. H248_E_STATE when too many are outstanding, or an error of
 * h248_encode().
 */
int h248_channel_request(struct h248_channel *channel, const struct h248_action *actions,
			 h248_reply_h done, void *user, int64_t now_ms, uint32_t *id);
/* Give up all requests: their h248_reply_h is called with outcome. */
void h248_channel_cancel(struct h248_channel *channel, enum h248_outcome outcome);
/* Repeat everything outstanding to the present address now (MGC fail-over, D.1.5). */
void h248_channel_repeat(struct h248_channel *channel, int64_t now_ms);
/* Forget sent replies and received acknowledgements (the peer restarted, D.1.2.2). */
void h248_channel_forget(struct h248_channel *channel);

/*
 * For a h248_reply_h, before it does anything else: how often the request that ends was sent again. An error that
 * answers a repetition does not tell that the first copy has done nothing.
 */
unsigned h248_channel_repeats(const struct h248_channel *channel);

/* A message of this peer, decoded from text, that came from `from`. */
void h248_channel_receive(struct h248_channel *channel, const struct h248_addr *from,
			  struct slice text, const struct h248_message *message, int64_t now_ms);
/* Milliseconds until h248_channel_tick() has something to do; 0 = now; -1 = nothing planned. */
int64_t h248_channel_timeout(const struct h248_channel *channel, int64_t now_ms);
void h248_channel_tick(struct h248_channel *channel, int64_t now_ms);

const struct h248_counters *h248_channel_counters(const struct h248_channel *channel);
/* Smoothed round trip and its deviation, ms. */
void h248_channel_rtt(const struct h248_channel *channel, uint32_t *average_ms,
		      uint32_t *deviation_ms);
/* Requests waiting for a reply; jobs running; answered ids remembered. */
void h248_channel_load(const struct h248_channel *channel, unsigned *outstanding, unsigned *running,
		       unsigned *remembered);

/* ---- a request of the peer ---- */

/* Valid until the request handler returns, or if held until the reply. */
const struct h248_transaction *h248_job_request(const struct h248_job *job);
struct h248_channel *h248_job_channel(const struct h248_job *job);
const struct h248_addr *h248_job_from(const struct h248_job *job);
/* Where the reply may be built, 64 KiB; gone when the job ends. Never NULL, but look at its
 * `overflow` before replying: then 510 is due. */
struct h248_arena *h248_job_arena(struct h248_job *job);
/*
 * The arena was too small for a reply: get one that is sixteen times as large, at most 64 MiB, and
 * empty. What was built is gone, so only what has not changed anything may be built again. H248_OK or
 * H248_E_MEMORY.
 */
int h248_job_arena_grow(struct h248_job *job);
/* Keep the job beyond the handler (the request is copied). H248_OK or H248_E_MEMORY. */
int h248_job_hold(struct h248_job *job);
void *h248_job_user(const struct h248_job *job);
void h248_job_set_user(struct h248_job *job, void *user);
/*
 * Answer with action replies, or with a transaction error when actions is NULL. The job ends and
 * must not be touched again. When the actions cannot be encoded, or are larger than max_pdu and
 * segmentation was not agreed, the peer gets 500 or 533 and the error is returned.
 */
int h248_job_reply(struct h248_job *job, const struct h248_action *actions, int64_t now_ms);
int h248_job_reply_error(struct h248_job *job, unsigned code, const char *text, int64_t now_ms);
/*
 * Answer with action replies later, when what they say has taken effect. The reply is encoded now,
 * so that nothing it points to need live on, and the job must not be touched again. It is sent by
 * h248_channel_release() once `mark` is reached; until then the peer's repetitions get Pending.
 * Errors as h248_job_reply(); an error reply waits too.
 */
int h248_job_reply_later(struct h248_job *job, const struct h248_action *actions, uint64_t mark);
/*
 * Send the answers that wait and whose marks are reached, in the order of h248_job_reply_later();
 * the first that is not reached ends it. Returns whether any still wait.
 */
bool h248_channel_release(struct h248_channel *channel, bool (*reached)(void *user, uint64_t mark),
			  void *user, int64_t now_ms);

#endif
