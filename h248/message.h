/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The decoded H.248.1 message (text encoding, versions 1 to 3): message, transaction, action,
 * command, descriptor. One model serves requests and replies, decoding and building.
 *
 * Memory: every node lives in an arena over memory of the caller; every slice points into the
 * decoded text or into the arena. Nothing is freed one by one: drop the arena and the text
 * together. Lists are singly linked by `next`, in the order of the text. All-zero is "not present"
 * for every optional part.
 *
 * Clause numbers are those of H.248.1 (RFC 3525 prints version 1).
 */
#ifndef H248_MESSAGE_H
#define H248_MESSAGE_H

#include "base/slice.h"
#include "h248/result.h"

/* ---- arena ---- */

struct h248_arena {
	char *base;
	size_t size, used; /* bytes */
	bool overflow;	   /* set once an allocation did not fit; stays set until reset */
};

/* Use `size` bytes at `buf` (any alignment). The caller keeps owning buf. */
void h248_arena_init(struct h248_arena *arena, void *buf, size_t size);
/* Forget everything that was allocated. */
void h248_arena_reset(struct h248_arena *arena);
/* Zeroed memory, aligned for any node; NULL (and overflow set) when it does not fit. */
void *h248_alloc(struct h248_arena *arena, size_t size);
/* A copy of s in the arena; SLICE_NULL (and overflow set) when it does not fit. */
struct slice h248_copy(struct h248_arena *arena, struct slice s);
/* printf into the arena (at most 1023 bytes); SLICE_NULL (and overflow set) when it does not fit.
 */
struct slice h248_printf(struct h248_arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- small parts ---- */

#define H248_VERSION_MAX 3
#define H248_TID_MAX	 64 /* characters of a pathNAME, Annex B.2 */

enum h248_switch { H248_UNSET = 0, H248_OFF, H248_ON };

/* Message identifier of an entity, clause 8.3. */
enum h248_mid_kind {
	H248_MID_NONE = 0,
	H248_MID_IPV4,	 /* [192.0.2.1]:2944 */
	H248_MID_IPV6,	 /* [2001:db8::1]:2944 */
	H248_MID_DOMAIN, /* <mgc.example.net>:2944 */
	H248_MID_DEVICE, /* a pathNAME */
	H248_MID_MTP,	 /* MTP{hex} */
	H248_MID_PORT	 /* a bare port; only in ServiceChangeAddress */
};
struct h248_mid {
	enum h248_mid_kind kind;
	struct slice name; /* without brackets; empty for H248_MID_PORT */
	uint16_t port;	   /* 0 = not given */
};
/* "[192.0.2.1]:2944" and the like into *mid (slices point into text). 0, or -1 and *mid unchanged.
 */
int h248_mid_parse(struct slice text, struct h248_mid *mid);
/* Text form, NUL-terminated. Returns its length, or -1 when it needs more than size - 1 bytes. */
int h248_mid_format(const struct h248_mid *mid, char *buf, size_t size);
/* Same entity: kind, name without case, port. */
bool h248_mid_equal(const struct h248_mid *a, const struct h248_mid *b);

/* Error descriptor, clause 7.1.19. code 0 = no error. text without its quotes, NULL if it was left
 * out. */
struct h248_error {
	uint16_t code;
	struct slice text;
};

/* package/item; either may be "*". A plain NAME parameter has an empty pkg. */
struct h248_name {
	struct slice pkg, item;
};
bool h248_name_is(const struct h248_name *name, const char *pkg, const char *item);

enum h248_relation {
	H248_NO_VALUE = 0, /* the name alone (audits, statistics) */
	H248_EQ,	   /* = v */
	H248_AND,	   /* = [a,b] sublist */
	H248_OR,	   /* = {a,b} alternatives */
	H248_RANGE,	   /* = [a:b]; two values */
	H248_GT,
	H248_LT,
	H248_NEQ /* # v */
};
struct h248_value {
	struct h248_value *next;
	struct slice text; /* without quotes */
	bool quoted;
};
/* A property, an event or signal parameter, a statistic. */
struct h248_parm {
	struct h248_parm *next;
	struct h248_name name;
	enum h248_relation relation;
	struct h248_value value; /* the first; more in value.next */
};
/* First parameter of that name, or NULL. pkg "" for plain NAME parameters. */
const struct h248_parm *h248_parm_find(const struct h248_parm *list, const char *pkg,
				       const char *item);
/* Unsigned value of "= v", decimal or 0x hex. 0, or -1 (other relation, not a number, larger than
 * max). */
int h248_parm_u64(const struct h248_parm *parm, uint64_t max, uint64_t *out);
/* on/off value. 0, or -1 and *out unchanged. */
int h248_parm_bool(const struct h248_parm *parm, bool *out);
/* Is it "= value", in any case of letters? */
bool h248_parm_is(const struct h248_parm *parm, const char *value);

/* A TerminationID; v3 allows lists of them in one command. */
struct h248_tid {
	struct h248_tid *next;
	struct slice id;
};
#define H248_ROOT SLICE_LIT("ROOT")
bool h248_tid_is_root(struct slice id);
/* Has a "*" (ALL) or a "$" (CHOOSE) in it, the domain part included. */
bool h248_tid_has_all(struct slice id);
bool h248_tid_has_choose(struct slice id);
/* Does a concrete id match a pattern with "*" and "$" (clause 6.2.2)? "*" alone matches everything
 * but ROOT; otherwise a wildcard stands for any run of characters up to the next "/" or, as last
 * component, for all. */
bool h248_tid_match(struct slice pattern, struct slice id);

enum h248_mode {
	H248_MODE_NONE = 0,
	H248_SEND_ONLY,
	H248_RECEIVE_ONLY,
	H248_SEND_RECEIVE,
	H248_INACTIVE,
	H248_LOOPBACK
};
enum h248_service_state { H248_STATE_NONE = 0, H248_TEST, H248_OUT_OF_SERVICE, H248_IN_SERVICE };

/* Which optional fields of an item stand in the text without a value: only in audits (v2, v3). */
#define H248_ASK_MODE		0x01u
#define H248_ASK_RESERVED_VALUE 0x02u
#define H248_ASK_RESERVED_GROUP 0x04u
#define H248_ASK_SERVICE_STATES 0x08u
#define H248_ASK_BUFFER		0x10u

/* ---- descriptors ---- */

struct h248_local_control {
	enum h248_mode mode;
	enum h248_relation mode_relation; /* H248_EQ or, as audit selection, H248_GT/LT/NEQ */
	enum h248_switch reserved_value, reserved_group;
	unsigned ask; /* H248_ASK_... */
	struct h248_parm *properties;
};

struct h248_stream {
	struct h248_stream *next;
	bool has_id; /* false: the short form Media{Local{..}}; means stream 1 */
	uint16_t id;
	struct h248_local_control *control;
	bool has_local, has_remote;
	/* Session descriptions; "}" not escaped; blanks around them removed. */
	struct slice local, remote;
	bool has_statistics; /* v3 */
	struct h248_parm *statistics;
};

struct h248_termination_state {
	enum h248_service_state service_state;
	enum h248_relation service_relation;
	enum h248_switch event_buffer; /* Buffer=OFF, or H248_ON for LockStep */
	unsigned ask;
	struct h248_parm *properties;
};

struct h248_media {
	struct h248_stream *streams;
	struct h248_termination_state *state;
};

struct h248_request_id {
	bool present, all; /* all: "*" */
	uint32_t id;
};

struct h248_digit_map {
	struct slice name;  /* may be empty */
	struct slice value; /* text between the braces; validated against the grammar */
	bool has_value;
};

struct h248_signals;
struct h248_events;
struct h248_embed {
	struct h248_signals *signals; /* NULL = none */
	struct h248_events *events;   /* NULL = none */
};

enum h248_notify_behaviour {
	H248_NOTIFY_DEFAULT = 0,
	H248_NOTIFY_IMMEDIATE,
	H248_NOTIFY_NEVER,
	H248_NOTIFY_REGULATED
};

/* A requested event, an observed event, or an entry of an EventBuffer: what does not apply is zero.
 */
struct h248_event {
	struct h248_event *next;
	struct h248_name name;
	struct slice time; /* observed: "yyyymmddThhmmssss"; may be empty */
	bool has_stream;
	uint16_t stream;
	bool keep_active;
	bool reset_events;		      /* v3 */
	enum h248_notify_behaviour behaviour; /* v3 */
	struct h248_embed *regulated;	      /* v3: RegulatedNotify{Embed{..}} */
	struct h248_digit_map *digit_map;
	struct h248_embed *embed;
	struct h248_parm *parms;
};

struct h248_events {
	struct h248_request_id request; /* not present: everything is disabled */
	struct h248_event *list;
};

enum h248_signal_type {
	H248_SIGNAL_DEFAULT = 0,
	H248_SIGNAL_ON_OFF,
	H248_SIGNAL_TIMEOUT,
	H248_SIGNAL_BRIEF
};
enum h248_direction { H248_DIRECTION_NONE = 0, H248_EXTERNAL, H248_INTERNAL, H248_BOTH };
#define H248_NC_TIMEOUT	  0x01u
#define H248_NC_EVENT	  0x02u
#define H248_NC_SIGNALS	  0x04u
#define H248_NC_OTHER	  0x08u
#define H248_NC_ITERATION 0x10u /* v3 */

struct h248_signal {
	struct h248_signal *next;
	bool is_list; /* SignalList=list_id{list}; then only list_id and list are used */
	uint16_t list_id;
	struct h248_signal *list;
	struct h248_name name;
	bool has_stream;
	uint16_t stream;
	enum h248_signal_type type;
	bool has_duration;
	uint16_t duration;	    /* 1/100 s */
	unsigned notify_completion; /* H248_NC_... */
	bool keep_active;
	enum h248_direction direction;	/* v3 */
	struct h248_request_id request; /* v3 */
	bool has_intersignal;
	uint16_t intersignal; /* v3; 1/100 s */
	struct h248_parm *parms;
};
struct h248_signals {
	struct h248_signal *list; /* empty: all signals stop */
};

struct h248_modem {
	struct h248_value *types;
	bool bracketed;
	struct h248_parm *properties;
};
struct h248_mux {
	struct slice type;
	struct h248_tid *terminations;
};
struct h248_package {
	struct h248_package *next;
	struct slice name;
	uint16_t version;
};

enum h248_method {
	H248_METHOD_NONE = 0,
	H248_FAILOVER,
	H248_FORCED,
	H248_GRACEFUL,
	H248_RESTART,
	H248_DISCONNECTED,
	H248_HANDOFF,
	H248_METHOD_EXTENSION
};
struct h248_audit_item;
struct h248_services {
	enum h248_method method;
	struct slice method_extension; /* "X-abc" */
	uint16_t reason;	       /* 0 = none */
	struct slice reason_text;      /* all of it: "901 Cold Boot" */
	bool has_delay;
	uint32_t delay;		 /* seconds */
	struct h248_mid address; /* may be H248_MID_PORT */
	struct h248_mid mgc_to_try;
	struct slice profile; /* name */
	uint8_t profile_version;
	uint8_t version; /* 0 = none */
	struct slice timestamp;
	bool incomplete;	       /* v3 */
	struct h248_audit_item *audit; /* v2 */
	struct h248_parm *extensions;  /* X-...; in name.item */
};

enum h248_descriptor_kind {
	H248_D_MEDIA = 1,
	H248_D_MODEM,
	H248_D_MUX,
	H248_D_EVENTS,
	H248_D_SIGNALS,
	H248_D_DIGIT_MAP,
	H248_D_EVENT_BUFFER,
	H248_D_AUDIT,
	H248_D_OBSERVED_EVENTS,
	H248_D_STATISTICS,
	H248_D_PACKAGES,
	H248_D_SERVICES,
	H248_D_ERROR,
	H248_D_TOKEN, /* a bare descriptor name in an audit reply: u.token says which */
	H248_D_KINDS
};
const char *h248_descriptor_name(enum h248_descriptor_kind kind);

struct h248_descriptor {
	struct h248_descriptor *next;
	enum h248_descriptor_kind kind;
	union {
		struct h248_media media;
		struct h248_modem modem;
		struct h248_mux mux;
		struct h248_events events; /* EVENTS and OBSERVED_EVENTS */
		struct h248_signals signals;
		struct h248_digit_map digit_map;
		struct h248_event *event_buffer;
		struct h248_audit_item *audit; /* empty: Audit{} */
		struct h248_parm *statistics;
		struct h248_package *packages;
		struct h248_services services;
		struct h248_error error;
		enum h248_descriptor_kind token;
	} u;
};

/* What an Audit names: a whole descriptor, or (v2) parts of one. */
struct h248_audit_item {
	struct h248_audit_item *next;
	enum h248_descriptor_kind kind;
	struct h248_descriptor *part; /* NULL: all of it */
};

/* ---- command, action, transaction, message ---- */

enum h248_command_kind {
	H248_ADD = 1,
	H248_MOVE,
	H248_MODIFY,
	H248_SUBTRACT,
	H248_AUDIT_VALUE,
	H248_AUDIT_CAPABILITY,
	H248_NOTIFY,
	H248_SERVICE_CHANGE,
	H248_COMMANDS
};
const char *h248_command_name(enum h248_command_kind kind);

struct h248_command {
	struct h248_command *next;
	enum h248_command_kind kind;
	bool optional;		/* O- */
	bool wildcard_response; /* W- */
	bool context_list;	/* reply AuditValue=Context{t1,t2}: the ids are in tid */
	struct h248_tid tid;
	struct h248_descriptor *descriptors;
	/* Decoded request only: it could not be read. Answer this, do not run it. */
	struct h248_error error;
};

#define H248_CONTEXT_NULL   0u		/* "-" */
#define H248_CONTEXT_CHOOSE 0xfffffffeu /* "$" */
#define H248_CONTEXT_ALL    0xffffffffu /* "*" */

enum h248_topology_direction {
	H248_BOTHWAY = 1,
	H248_ISOLATE,
	H248_ONEWAY,
	H248_ONEWAY_EXTERNAL, /* v3 */
	H248_ONEWAY_BOTH      /* v3 */
};
struct h248_topology {
	struct h248_topology *next;
	struct slice a, b;
	enum h248_topology_direction direction;
	bool has_stream; /* v2 */
	uint16_t stream;
};
struct h248_context_id {
	struct h248_context_id *next;
	uint32_t id;
};
struct h248_context_properties {
	struct h248_topology *topology;
	bool has_priority;
	uint16_t priority;	      /* 0 .. 15 */
	enum h248_switch emergency;   /* H248_OFF: EmergencyOff (v3) */
	enum h248_switch ieps;	      /* v3 */
	struct h248_parm *attributes; /* v3 ContextAttr{pkg/prop=..} */
	struct h248_context_id *list; /* v3 ContextAttr{ContextList={..}} */
};
#define H248_CA_TOPOLOGY  0x01u
#define H248_CA_EMERGENCY 0x02u
#define H248_CA_PRIORITY  0x04u
#define H248_CA_IEPS	  0x08u /* v3 */
struct h248_context_audit {
	unsigned what;				/* H248_CA_... */
	struct h248_parm *attributes;		/* v3, names only */
	struct h248_context_properties *select; /* v3 selection; emergency as EmergencyValue */
	enum h248_relation logic;		/* v3: H248_AND, H248_OR or none */
	bool in_context_attr;			/* v3: written inside ContextAttr{..} */
};

struct h248_action {
	struct h248_action *next;
	uint32_t context;
	struct h248_context_properties *properties;
	struct h248_context_audit *audit;
	struct h248_command *commands;
	/* Reply: the error that ends it. Decoded request: what could not be read behind the
	 * commands; run those, then answer this as the last item of the action reply. */
	struct h248_error error;
};

struct h248_ack_range {
	struct h248_ack_range *next;
	uint32_t first, last;
};

enum h248_transaction_kind { H248_REQUEST = 1, H248_REPLY, H248_PENDING, H248_ACK, H248_SEGMENT };

struct h248_transaction {
	struct h248_transaction *next;
	enum h248_transaction_kind kind;
	uint32_t id;
	bool imm_ack; /* reply: ImmAckRequired */
	bool segmented, segment_end;
	uint16_t segment; /* v3; from 1 */
	struct h248_action *actions;
	struct h248_ack_range *acks;
	/* Reply: a transaction error. Decoded request: what could not be read behind the actions;
	 * run those, then answer this as the last action reply, or alone if there are none. */
	struct h248_error error;
	bool malformed; /* decoded: some part could not be read */
};

struct h248_message {
	bool has_auth; /* interim AH, clause 10.2: read and written, never checked */
	struct slice auth_spi, auth_sequence, auth_data; /* hex digits without 0x */
	uint8_t version;
	struct h248_mid mid;
	struct h248_error error; /* message body is an Error */
	struct h248_transaction *transactions;
	uint8_t needs_version; /* decoded: the lowest version whose grammar holds all of it */
};

/* Equal in meaning: tokens, ids and unquoted values compare without case, session descriptions and
 * quoted values byte by byte; order matters. Walks everything; no allocation. */
bool h248_message_equal(const struct h248_message *a, const struct h248_message *b);
bool h248_actions_equal(const struct h248_action *a, const struct h248_action *b);

/* ---- building ---- */
/*
 * Each appends a zeroed node to its parent's list and returns it. A NULL parent or a full arena
 * gives NULL, and that may be passed on: check arena->overflow once at the end. Slices and strings
 * are not copied: they must live as long as the model (h248_copy() and h248_printf() put them into
 * the arena).
 */
struct h248_transaction *h248_new_transaction(struct h248_arena *, struct h248_message *,
					      enum h248_transaction_kind, uint32_t id);
struct h248_action *h248_new_action(struct h248_arena *, struct h248_action **list,
				    uint32_t context);
struct h248_command *h248_new_command(struct h248_arena *, struct h248_action *,
				      enum h248_command_kind, struct slice tid);
struct h248_descriptor *h248_new_descriptor(struct h248_arena *, struct h248_command *,
					    enum h248_descriptor_kind);
/* Stream=id inside a Media descriptor; id 0 makes the short form without Stream. */
struct h248_stream *h248_new_stream(struct h248_arena *, struct h248_descriptor *media,
				    uint16_t id);
/* The LocalControl of a stream, made when it is not there yet. */
struct h248_local_control *h248_new_control(struct h248_arena *, struct h248_stream *);
/* pkg/item = value; pkg "" for a plain name; SLICE_NULL: the name alone. */
struct h248_parm *h248_new_parm(struct h248_arena *, struct h248_parm **list, const char *pkg,
				const char *item, struct slice value, bool quoted);
/* Into an Events, ObservedEvents (u.events.list) or EventBuffer list. */
struct h248_event *h248_new_event(struct h248_arena *, struct h248_event **list, const char *pkg,
				  const char *item);
struct h248_signal *h248_new_signal(struct h248_arena *, struct h248_signals *, const char *pkg,
				    const char *item);
/* Error descriptor inside a command reply; text NULL = the registered one. */
struct h248_descriptor *h248_new_error(struct h248_arena *, struct h248_command *, unsigned code,
				       const char *text);
struct h248_package *h248_new_package(struct h248_arena *, struct h248_descriptor *,
				      const char *name, uint16_t version);
/* First descriptor of that kind in a command, or NULL. */
const struct h248_descriptor *h248_descriptor_find(const struct h248_command *,
						   enum h248_descriptor_kind);

#endif
