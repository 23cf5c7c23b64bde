/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Contexts, terminations and streams as H.248 knows them, and the tables that find them. Owns its
 * structs and the legs behind the streams.
 */
#ifndef AGW_CONTROL_MODEL_H
#define AGW_CONTROL_MODEL_H

#include "agw/control/limits.h"
#include "agw/control/realm.h"
#include "agw/media/media.h"
#include "base/keyed_hash.h"
#include "h248/message.h"

/* A TerminationID, a colon and a StreamID. */
enum { LINKAGE_MAX = H248_TID_MAX + 6 };

enum { MODEL_STREAMS_MAX = 16, MODEL_EVENTS_MAX = 16, MODEL_BUCKETS = 16384 };

struct context;
struct termination;

/* LocalControl as it is in force. */
struct stream_control {
	enum h248_mode mode; /* H248_INACTIVE by default (7.1.7) */
	bool reserved_value, reserved_group;
	bool has_dscp, rsb, police;
	uint8_t dscp;
	uint64_t police_rate, police_burst;
	struct media_filter filter;
	char filter_mask[NETADDR_TEXT_MAX]; /* gm/sam as given */
	char linkage[LINKAGE_MAX];	    /* seplink/linkage as given; "" = by stream id */
};

/* What the choices of a leg depend on, of a session description in force: read once, when it comes.
 * Addresses, keys, fingerprints and paths go into the leg's configuration at the same time. */
struct sdp_facts {
	bool given, rtcp_mux, msrp_cema;
	bool is_message; /* m=message */
	enum media_setup setup;
};

struct stream {
	struct stream *next;
	struct termination *termination;
	uint16_t id;
	struct media_leg *leg;	/* NULL until Local reserved something */
	struct stream *partner; /* that it relays to, or NULL */
	enum media_proto proto;
	struct stream_control control;
	char *local, *remote; /* session descriptions in force, CRLF lines; NULL = none */
	struct sdp_facts local_facts, remote_facts;
	struct media_leg_config config;
	bool tls_client; /* establish-TLS signal was given */
	uint32_t latch_serial;
	enum media_latch latch;
	int64_t opened_ms;
	uint8_t descriptors; /* that its leg may use, in model->limits */
	bool statistics;     /* the MGC has asked for them on the stream (version 3) */
};

/* The events that the gateway implements on terminations: a row of event_items[] each. */
enum event_kind {
	EVENT_CAUSE,	  /* g/cause */
	EVENT_HEARTBEAT,  /* hangterm/thb */
	EVENT_IPSTOP,	  /* adid/ipstop */
	EVENT_TCP_CHANGE, /* tcpbcc/BNCChange */
	EVENT_TLS_CHANGE, /* tlsbsc/BNCChange */
	EVENT_KINDS
};

/* One entry of the Events descriptor in force. */
struct armed_event {
	enum event_kind kind;
	bool has_stream, keep_active;
	uint16_t stream;
	uint32_t seconds;  /* hangterm timerx, adid dt */
	uint8_t direction; /* adid: bit 0 in, bit 1 out */
};

struct termination {
	struct termination *next_in_context, *next_in_bucket;
	char id[H248_TID_MAX];
	struct context *context; /* NULL: the null context */
	struct realm *realm;
	struct stream *streams;
	bool events_given;
	uint32_t request_id;
	size_t n_events;
	struct armed_event events[MODEL_EVENTS_MAX];
	int64_t heartbeat_due_ms; /* 0 = off */
	bool notify_running;	  /* one outstanding Notify at a time (RFC 3525 9.1) */
	bool out_of_service;
	bool silenced;	 /* out of service at once: passes nothing until it is back */
	uint64_t serial; /* tells a late answer that its termination is gone */
};

struct context {
	struct context *next_in_bucket;
	uint32_t id;
	struct termination *terminations;
	unsigned n_terminations;
	bool emergency, ieps, isolated;
	uint8_t priority;
};

struct model {
	struct media *media;
	struct limits *limits; /* of the gateway */
	struct keyed_hash_key hash_key;
	struct context *contexts[MODEL_BUCKETS];
	struct termination *terminations[MODEL_BUCKETS];
	size_t n_contexts, n_terminations, n_emergency;
	uint32_t next_context;
	uint64_t next_number, next_serial;
};

struct context *context_find(const struct model *m, uint32_t id);
/* A new empty context with a free id, or NULL without memory. */
struct context *context_new(struct model *m);
/* Only an empty one. */
void context_free(struct model *m, struct context *c);

struct termination *termination_find(const struct model *m, struct slice id);
/* "ip/<label>/<n>" in c. label is what the MGC asked for. NULL without memory. */
struct termination *termination_new(struct model *m, struct context *c, struct realm *realm,
				    struct slice label);
/* Closes its legs. The context stays, even if it is empty now. */
void termination_free(struct model *m, struct termination *t);
void termination_move(struct termination *t, struct context *to);

struct stream *stream_find(const struct termination *t, uint16_t id);
struct stream *stream_new(struct termination *t, uint16_t id);
void stream_free(struct model *m, struct termination *t, struct stream *s);

/*
 * Link the streams of a context that belong together and take apart those that do not: a stream
 * with the one that its linkage names, else with the one that names it, else the first two
 * terminations that have a stream of this id; further ones wait. What seplink/linkage may be:
 * "ip/core/2" (the stream of the same id there), "ip/core/2:5" (that stream), "none".
 */
void context_relink(struct context *c);
bool linkage_is_valid(struct slice value);

/* Walk all; the one in hand may be freed by the callback. */
void model_each_context(struct model *m, void (*f)(struct context *, void *), void *arg);
void model_each_termination(struct model *m, void (*f)(struct termination *, void *), void *arg);

#endif
