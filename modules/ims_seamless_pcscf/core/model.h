/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the P-CSCF knows about IMS connections, the sessions on them, and its subscriptions to the
 * reg event. Pure state: memory comes from the allocator given, time (ms that never go back) with each
 * call, and what has to be done outside (hold or drop a flow set, send a SUBSCRIBE) is queued and
 * fetched with pcscf_next_todo(). The caller serialises all calls on one struct pcscf_model; nothing here
 * blocks, sends or logs.
 *
 * Objects: a connection is one flow set, named by its id. A subscription is ours to the reg event, named by the
 * public identity subscribed to. A binding says that the identity of a subscription is registered over a
 * connection. A session is one dialog of the UE behind a connection, named by Call-ID and both
 * tags.
 */
#ifndef PCSCF_MODEL_H
#define PCSCF_MODEL_H

#include "base/keyed_hash.h"
#include "base/slice.h"
#include "base/timer_wheel.h"
#include "reginfo/reginfo.h"
#include "reginfo/watch.h"
#include "connection_state.h"
#include "subscription_state.h"

#define PCSCF_URI_MAX	   256 /* identities, contacts, next hops */
#define PCSCF_TARGET_MAX   512
#define PCSCF_ROUTES_MAX   2048
#define PCSCF_TAG_MAX	   128
#define PCSCF_CALL_ID_MAX  256
#define PCSCF_LOCAL_ID_MAX 40 /* Call-IDs and tags that we make */
#define PCSCF_BINDINGS_MAX 16 /* identities over one connection */

enum pcscf_error {
	PCSCF_OK = 0,
	PCSCF_E_NOMEM = -1,   /* no memory */
	PCSCF_E_LIMIT = -2,   /* a bound of struct pcscf_config or above is reached */
	PCSCF_E_UNKNOWN = -3, /* no such connection, session or dialog */
	PCSCF_E_VALUE = -4,   /* a string is empty or too long */
	PCSCF_E_ORDER = -5    /* CSeq did not rise */
};

/* Fixed English text; never NULL. */
const char *pcscf_strerror(int err);

struct pcscf_config {
	int64_t linger_grace_ms; /* held longer than the S-CSCF's linger by this */
	int64_t linger_max_ms;	 /* longest linger believed */
	int64_t settle_ms; /* a full document that lacks a binding younger than this is asked for
			      again */
	int64_t full_ms;   /* how long full state that was asked for may take */
	int64_t drain_ms;  /* between the end of a connection and the drop of its SAs */
	int64_t early_session_ms;    /* a session that is not answered is forgotten after this */
	int64_t replaced_session_ms; /* ... one replaced by another (Replaces), not ended by BYE */
	uint32_t subscribe_s;	     /* Expires of our SUBSCRIBE */
	int64_t answer_ms; /* a SUBSCRIBE without any answer counts as failed after this */
	int64_t retry_ms;  /* first pause after a failure; doubles */
	int64_t retry_max_ms;
	unsigned int retries; /* attempts in a row before giving up */
	size_t connections_max, subscriptions_max, sessions_max;
};

/* Sensible values for every field. */
void pcscf_config_defaults(struct pcscf_config *c);

struct pcscf_memory {
	void *(*alloc)(size_t size);
	void (*release)(void *p);
};

/* Makes the local half of a dialog id: n bytes of unguessable text from [0-9a-f] plus NUL into out.
 */
typedef void (*pcscf_random_h)(char *out, size_t n);

struct pcscf_counts {
	size_t connections, inactive, sessions, subscriptions;
	/* Events that must not happen in the state they came in: faults of ours. */
	uint64_t forbidden;
	uint64_t session_steps; /* sessions looked at in all look-ups so far: what they cost */
};

struct pcscf_model;

/* A new empty state that starts at now_ms, or NULL. cfg, mem and key are copied; key is secret and
 * random (keyed_hash_key_random()). */
struct pcscf_model *pcscf_model_new(const struct pcscf_config *cfg, const struct pcscf_memory *mem,
				    pcscf_random_h rnd, const struct keyed_hash_key *key,
				    int64_t now_ms);
void pcscf_model_free(struct pcscf_model *model);
void pcscf_count(const struct pcscf_model *model, struct pcscf_counts *out);

/* ---- registrations ---- */

/*
 * A REGISTER for identity over flow set set_id got its 200: bind them, subscribe unless that is
 * done. Once for each implicit set that the 200 names (pcscf_associated_set_next()), so that the
 * connection lives as long as any of them is registered over it; To's last. contact is the UE's Contact URI (empty: keep the known one), next_hop where to send
 * SUBSCRIBEs (empty: by the identity's own domain), flags of PCSCF_REG_*. Returns 0, PCSCF_E_NOMEM,
 * LIMIT or VALUE.
 */
#define PCSCF_REG_SEAMLESS 1u /* the REGISTER had the option tag */
/* Not a REGISTER: the set was found again at start, and sessions on it are unknown. */
#define PCSCF_REG_ADOPTED 2u
int pcscf_registered(struct pcscf_model *model, uint64_t set_id, struct slice identity,
		     struct slice contact, struct slice next_hop, unsigned int flags,
		     int64_t now_ms);

/*
 * Which REGISTER that was: a row of the reg event that names an older one of the same Call-ID was
 * written before, and does not end the binding. After pcscf_registered(). 0 or PCSCF_E_UNKNOWN.
 */
int pcscf_registered_by(struct pcscf_model *model, uint64_t set_id, struct slice identity,
			struct slice call_id, uint32_t cseq);

/*
 * A set found again at start was held for lingering sessions: its bindings are over, it lives until
 * until_ms unless the S-CSCF says otherwise. After pcscf_registered(). 0 or PCSCF_E_UNKNOWN.
 */
int pcscf_found_held(struct pcscf_model *model, uint64_t set_id, int64_t until_ms, int64_t now_ms);

/* ims_flow ended the set: forget connection and sessions. 0 or PCSCF_E_UNKNOWN. */
int pcscf_set_gone(struct pcscf_model *model, uint64_t set_id, int64_t now_ms);

/* ims_flow put set new_id in the place of old_id: bindings and sessions move over. 0, UNKNOWN,
 * NOMEM or LIMIT. */
int pcscf_set_replaced(struct pcscf_model *model, uint64_t old_id, uint64_t new_id, int64_t now_ms);

/* ---- subscription ---- */

/* The dialog-making parts of an answer to our SUBSCRIBE. Slices may be empty where the answer lacks
 * them. */
struct pcscf_answer {
	int code;
	uint32_t expires; /* s, of a 2xx */
	uint32_t min_expires;
	struct slice remote_tag, contact;
	struct slice routes; /* Record-Route in the order of our route set */
};

/* Final answer, or local timeout (408), to the SUBSCRIBE request_id. Answers to older requests are
 * ignored. */
void pcscf_subscribe_answered(struct pcscf_model *model, uint64_t request_id,
			      const struct pcscf_answer *a, int64_t now_ms);

/* What identifies a NOTIFY (its To tag is ours) and what it brings. */
struct pcscf_notify {
	struct slice call_id, local_tag, remote_tag;
	struct slice contact, routes; /* used when the NOTIFY makes the dialog; routes in the order
					 of our route set */
	uint32_t cseq;
	bool terminated;	       /* Subscription-State: terminated */
	struct slice reason;	       /* its reason parameter */
	uint32_t retry_after;	       /* s; 0 unknown */
	uint32_t expires;	       /* s; 0 unknown */
	const struct reginfo_doc *doc; /* NULL: no body */
};

/*
 * Apply a NOTIFY. PCSCF_E_UNKNOWN: not one of our dialogs (answer 481), PCSCF_E_ORDER: old CSeq
 * (answer 500), 0: answer 200; *verdict says what was done with the document (REGINFO_DISCARD
 * without one).
 */
int pcscf_notified(struct pcscf_model *model, const struct pcscf_notify *n,
		   enum reginfo_verdict *verdict, int64_t now_ms);

/* Is this one of our subscription dialogs? A cheap look before a body is parsed. */
bool pcscf_knows_dialog(const struct pcscf_model *model, struct slice call_id,
			struct slice local_tag);

/* ---- sessions ---- */

/* A request or answer of a dialog that passes over a connection; tags are those of the message. */
struct pcscf_message {
	uint64_t set_id;
	bool from_ue; /* the request came from the UE of that set */
	struct slice call_id;
	struct slice from_tag, to_tag; /* to_tag empty: initial request */
	struct slice replaces_call_id; /* Replaces of an initial INVITE, empty: none */
	struct slice replaces_to_tag, replaces_from_tag;
};

/* An INVITE passes: a session begins, early. Re-INVITEs change nothing yet. 0, NOMEM, LIMIT,
 * UNKNOWN set, VALUE. */
int pcscf_invite(struct pcscf_model *model, const struct pcscf_message *m, int64_t now_ms);

/*
 * The final answer to an INVITE, re-INVITE or UPDATE passed (to_tag from the answer). 2xx: the
 * session is there and belongs to this connection, whatever it was on before; one named by Replaces
 * ends soon. Otherwise: an initial INVITE's session is gone, and so is any session answered with
 * 408 or 481. 0 or an error as above.
 */
int pcscf_invite_answered(struct pcscf_model *model, const struct pcscf_message *m, int code,
			  int64_t now_ms);

/*
 * May a request inside a dialog, from the UE of m->set_id, go on although it carries nothing that
 * proves the dialog? Yes if it is of a session that has moved to this connection; and a re-INVITE or
 * UPDATE (refreshes) over an active connection that was registered with the option tag, because a
 * session moves by that (C1-062198 2.2). The S-CSCF, which knows the session or
 * not, then judges it.
 */
bool pcscf_may_be_in_dialog(struct pcscf_model *model, const struct pcscf_message *m,
			    bool refreshes);

/* The final answer to a BYE (or its timeout) passed: the session is gone. 0 or PCSCF_E_UNKNOWN. */
int pcscf_bye_answered(struct pcscf_model *model, const struct pcscf_message *m, int64_t now_ms);

/* ---- time and work ---- */

/* Let timers run; call about every second. */
void pcscf_tick(struct pcscf_model *model, int64_t now_ms);

enum pcscf_todo_kind {
	PCSCF_TODO_NONE,
	PCSCF_TODO_HOLD,    /* hold set_id until until_ms */
	PCSCF_TODO_RELEASE, /* release set_id */
	PCSCF_TODO_DROP, /* drop set_id: its connection is over; identity, contact, cause say which
			   and why */
	PCSCF_TODO_SUBSCRIBE, /* send subscribe */
};

/* Why a connection ended, as words for logs and the event route. */
#define PCSCF_CAUSE_LINGER_OVER	  "linger-over"
#define PCSCF_CAUSE_SESSIONS_GONE "sessions-gone"
#define PCSCF_CAUSE_TERMINATED	  "terminated"

/* A SUBSCRIBE to send: new dialog when remote_tag is empty. All strings NUL-terminated. */
struct pcscf_subscribe {
	uint64_t request_id; /* for pcscf_subscribe_answered() */
	uint32_t cseq;	     /* CSeq of this request */
	uint32_t expires;
	char identity[PCSCF_URI_MAX];
	char call_id[PCSCF_LOCAL_ID_MAX];
	char local_tag[PCSCF_LOCAL_ID_MAX];
	char remote_tag[PCSCF_TAG_MAX];
	char target[PCSCF_TARGET_MAX]; /* Request-URI in a dialog */
	char routes[PCSCF_ROUTES_MAX]; /* route set, comma-separated */
	char next_hop[PCSCF_URI_MAX];  /* of a new dialog; may be empty */
};

struct pcscf_todo {
	enum pcscf_todo_kind kind;
	uint64_t set_id;
	int64_t until_ms;
	char identity[PCSCF_URI_MAX];
	char contact[PCSCF_URI_MAX];
	const char *cause;
	struct pcscf_subscribe subscribe;
};

/* Fetch the next thing to do outside; false when there is none. */
bool pcscf_next_todo(struct pcscf_model *model, struct pcscf_todo *out);

/* Anything to do? Cheap, may be asked without the lock as a hint. */
bool pcscf_has_todo(const struct pcscf_model *model);

/* ---- looking ---- */

struct pcscf_connection_view {
	uint64_t set_id;
	enum pcscf_connection_state state;
	bool seamless;
	unsigned int sessions;
	int64_t deadline_ms; /* 0: none */
	unsigned int bindings;
	char contact[PCSCF_URI_MAX];
	char identity[PCSCF_URI_MAX]; /* of the first binding */
};

struct pcscf_subscription_view {
	uint64_t id;
	enum pcscf_subscription_state state;
	unsigned int bindings, failures;
	bool version_seen;
	uint32_t version;
	int64_t expires_ms;
	char identity[PCSCF_URI_MAX];
	char call_id[PCSCF_LOCAL_ID_MAX];
};

bool pcscf_connection_known(const struct pcscf_model *model, uint64_t set_id);

/* One connection. 0 or PCSCF_E_UNKNOWN. */
int pcscf_look(const struct pcscf_model *model, uint64_t set_id, struct pcscf_connection_view *out);

/* Walk over all, newest first; h returns false to stop. h must not call back into model. */
typedef bool (*pcscf_connection_h)(const struct pcscf_connection_view *view, void *arg);
typedef bool (*pcscf_subscription_h)(const struct pcscf_subscription_view *view, void *arg);
void pcscf_each_connection(const struct pcscf_model *model, pcscf_connection_h h, void *arg);
void pcscf_each_subscription(const struct pcscf_model *model, pcscf_subscription_h h, void *arg);

#endif
