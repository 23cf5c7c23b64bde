/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is registered over what, and which sessions run where:
 *
 *     subscriber (IMPI) --+-- implicit sets -- IMPUs
 *                         |        |
 *                         |     bindings (set x connection [x instance, reg-id])
 *                         |        |
 *                         +-- connections (address and Path)
 *                                  |
 *                                  +-- ends of sessions (a session has two ends, and more while it
 *                                      rings; each may be on a connection of ours)
 *
 * The model is pure state over a store. It has no lock of its own: the glue holds one around every
 * call. Time is passed in as now_ms. What the outside must be told of is put into struct
 * scscf_effects; the caller acts on it after it has released its lock.
 *
 * Nothing is ever looked for by an address over all subscribers: first the served user, then his
 * connections. What a stranger can choose (Call-IDs, identities) is hashed with a secret key.
 *
 * This header has the records and how they are found. sets.h, bindings.h, sessions.h and
 * register_plan.h change them.
 */
#ifndef SCSCF_MODEL_H
#define SCSCF_MODEL_H

#include "base/keyed_hash.h"
#include "base/timer_wheel.h"
#include "modules/ims_seamless_scscf/core/connection_state.h"
#include "modules/ims_seamless_scscf/core/effects.h"
#include "modules/ims_seamless_scscf/core/memory.h"

#define SCSCF_SET_IMPUS_MAX	   32 /* IMPUs in one implicit set */
#define SCSCF_IMPI_SETS_MAX	   16 /* implicit sets of one IMPI */
#define SCSCF_IMPI_CONNECTIONS_MAX 16 /* Active and Inactive ones */
#define SCSCF_SET_BINDINGS_MAX	   16 /* bindings of one set over all connections */
#define SCSCF_IMPI_BINDINGS_MAX	   (SCSCF_IMPI_SETS_MAX * SCSCF_SET_BINDINGS_MAX)
#define SCSCF_FORMER_IMPUS_MAX	   64	/* IMPUs of a subscriber that are registered no more */
#define SCSCF_MODEL_TEXT_MAX	   4096 /* bytes of any one text kept: URI, Path, route set */
#define SCSCF_SESSION_RINGING_MAX  16	/* contacts one INVITE rings at */

enum scscf_model_error {
	SCSCF_MODEL_OK = 0,
	SCSCF_MODEL_E_NOMEM = -1,   /* the store is full */
	SCSCF_MODEL_E_LIMIT = -2,   /* one of the bounds above */
	SCSCF_MODEL_E_VALUE = -3,   /* text empty or too long, not a SIP URI */
	SCSCF_MODEL_E_UNKNOWN = -4, /* no such subscriber, set, connection or session */
	SCSCF_MODEL_E_REFUSED = -5  /* a REGISTER that means something else by now is refused */
};

/* Fixed English text; never NULL. */
const char *scscf_model_strerror(int err);

struct scscf_list {
	struct scscf_list *next, *prev;
};

enum scscf_timer_kind { SCSCF_TIMER_SESSION, SCSCF_TIMER_LINGER, SCSCF_TIMER_BINDING };

struct scscf_model_timer {
	struct wheel_timer wheel; /* first: the wheel hands this out */
	enum scscf_timer_kind kind;
};

struct scscf_implicit_set {
	struct scscf_implicit_set *next; /* of the subscriber */
	struct scscf_subscriber *subscriber;
	size_t n;
	struct scscf_set_impu {
		struct slice impu; /* as the HSS wrote it */
		struct slice
		    key; /* its canonical form (identity.h); the same text where it is one */
		bool barred;
		bool told; /* application servers know of the set by this one */
		struct scscf_set_impu *hash_next;
		struct scscf_implicit_set *set;
	} impu[SCSCF_SET_IMPUS_MAX];
	size_t bindings; /* over all connections; 0: it is known for what lingers only */
};

struct scscf_binding {
	struct scscf_binding *next; /* of the connection: in bindings or in lingering */
	struct scscf_implicit_set *set;
	struct scscf_connection *connection;
	uint64_t id;	       /* for good: a refresh and a return during lingering keep it */
	struct slice contact;  /* contact URI */
	struct slice params;   /* Contact header parameters as registered, from the first ';' */
	struct slice instance; /* +sip.instance without quotes, or empty */
	uint32_t reg_id;       /* 0: none */
	uint16_t q_milli;      /* 0 to 1000 */
	bool going;	       /* marked by a call that takes several away at one stroke */
	bool bare_shadow;      /* usrloc has it without params (sizes.h) */
	bool emergency;	       /* its contact is one of an emergency registration (";sos", TS 24.229
				  5.1.6.2): no services, no application server hears of it */
	struct slice call_id;
	uint32_t cseq;
	uint64_t bound_ms; /* last REGISTER */
	uint64_t expires_ms;
	struct scscf_model_timer timer;
};

/* An address alone is no connection: two homes have the same private one. */
struct scscf_way {
	struct slice host; /* of the contact address */
	uint16_t port;	   /* 0 counts as 5060 */
	struct slice path; /* Path vector towards the UE, as one list */
	struct slice
	    received; /* address the P-CSCF saw the REGISTER come from, if the Via of the UE
				  names another; else empty */
};

struct scscf_connection {
	struct scscf_connection *next;	    /* of the subscriber */
	struct scscf_connection *hash_next; /* in by_connection */
	struct scscf_subscriber *subscriber;
	uint64_t id;
	enum scscf_connection_state state;
	bool seamless;	      /* the UE used the option tag: its sessions may linger */
	struct scscf_way way; /* copies */
	struct slice contact; /* last contact URI bound over it */
	struct scscf_binding *bindings;
	struct scscf_binding
	    *lingering;		/* bindings it lost, kept while it is Inactive: watchers are
					    told of them */
	struct scscf_list ends; /* struct scscf_session_end.link */
	size_t sessions;	/* ends in that list */
	uint64_t taken_over_by; /* the connection that took its bindings over, by id; 0: none */
	uint64_t created_ms;
	uint64_t linger_until_ms; /* when Inactive */
	struct scscf_model_timer timer;
};

struct scscf_subscriber {
	struct scscf_subscriber *hash_next;
	struct slice impi;
	struct scscf_implicit_set *sets;
	size_t sets_n;
	struct scscf_connection *connections;
	size_t connections_n;
	unsigned holds; /* a call works on it: not to be freed */
	/* IMPUs that were registered before: their watchers are still told of the rest. */
	struct scscf_former_impu {
		struct scscf_former_impu *next;
		struct slice impu;
	} * former;
	size_t former_n;
};

struct scscf_model_counters {
	uint64_t moved_bindings, global_moves, lingers, linger_ends, released_sessions,
	    moved_sessions, expired_bindings;
	uint64_t chain_steps; /* entries of hash chains looked at: what look-ups cost */
};

struct scscf_model {
	struct scscf_store store;
	struct timer_wheel wheel;
	struct keyed_hash_key key;
	uint32_t hash_size; /* a power of two */
	struct scscf_subscriber **by_impi;
	struct scscf_set_impu **by_impu;
	struct scscf_connection **by_connection; /* id */
	struct scscf_session **by_call;		 /* Call-ID and From tag of the INVITE */
	struct scscf_session **by_session;	 /* id */
	struct scscf_hss_talk **by_talk;	 /* IMPI (hss_talk.h) */
	uint64_t next_id;			 /* of connections, bindings and sessions */
	uint64_t linger_ms;			 /* how long an Inactive connection is kept */
	uint64_t session_max_ms; /* a session nothing was heard of for so long is forgotten */
	size_t sessions_max;
	bool owns_expiry; /* bindings run out here; else usrloc says when */
	size_t subscribers, connections, inactive, bindings, sessions; /* current numbers */
	struct scscf_model_counters counters;
};

/*
 * An empty model in *m. key: secret and random; keeps strangers from choosing what meets in a hash
 * chain. hash_size is rounded up to a power of two. Returns 0 or SCSCF_MODEL_E_NOMEM.
 */
int scscf_model_init(struct scscf_model *m, struct scscf_store store,
		     const struct keyed_hash_key *key, uint32_t hash_size, uint64_t now_ms);
/* Free everything. */
void scscf_model_free(struct scscf_model *m);

/* The subscriber with this private identity, or NULL. */
struct scscf_subscriber *scscf_model_subscriber(struct scscf_model *m, struct slice impi);
/*
 * The set an IMPU belongs to under this IMPI (an IMPU may be shared by several); any IMPI if impi is
 * empty. The IMPU may be written in any form that means the same (identity.h).
 */
struct scscf_implicit_set *scscf_model_set(struct scscf_model *m, struct slice impi,
					   struct slice impu);
/* The connection with this id, or NULL. */
struct scscf_connection *scscf_model_connection_by_id(struct scscf_model *m, uint64_t id);
/* The connection of this subscriber that is this address and way, or NULL. */
struct scscf_connection *scscf_subscriber_connection(struct scscf_subscriber *s,
						     const struct scscf_way *way);
/* Is anything bound for this public identity, under whatever private one? */
bool scscf_model_registered(struct scscf_model *m, struct slice impu);
/* How long it is registered still for services, under whatever private one, s; 0: not any more.
 * Emergency registrations do not count. */
uint32_t scscf_model_registered_for(struct scscf_model *m, struct slice impu, uint64_t now_ms);
/*
 * By which of its identities application servers know that the set of this one is registered (TS 24.229
 * 5.4.1.7), under whatever private one: the first that was named while it is registered. So what
 * they were told by one name is taken back by the same. Empty: by none. It lies in the model.
 */
struct slice scscf_model_told_as(struct scscf_model *m, struct slice impu);
/* They hear of it by this identity from now on, unless they know it by another one already. */
void scscf_model_tell_as(struct scscf_model *m, struct slice impu);
/* Is this contact URI one of an emergency registration? */
bool scscf_is_emergency(struct slice contact);
/* Is anything bound for the set that is no emergency registration? */
bool scscf_set_has_services(const struct scscf_implicit_set *set);
/* Is anything bound for the set of this public identity under this private one (not empty)? */
bool scscf_set_is_bound(struct scscf_model *m, struct slice impi, struct slice impu);

/*
 * Let time pass: linger timers, bindings that run out (with owns_expiry), forgotten sessions. At
 * most max timers (0: all); returns how many fired.
 */
size_t scscf_model_advance(struct scscf_model *m, uint64_t now_ms, size_t max,
			   struct scscf_effects *e);

#endif
