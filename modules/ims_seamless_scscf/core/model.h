/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is registered over what, and which sessions run where:
 *
 *     subscriber (IMPI) -- implicit sets -- IMPUs
 *          |                    |
 *          +-- connections -- bindings (set x connection [x instance, reg-id])
 *                   |
 *                   +-- ends of sessions (a session has two ends; each may be on a connection of
 * ours)
 *
 * Pure state over a store: no lock of its own (the glue holds one around every call), time is
 * passed in as now_ms. What the outside must be told of is put into struct scscf_effects; the caller acts
 * on it after releasing its lock.
 */
#ifndef SEAMLESS_MODEL_H
#define SEAMLESS_MODEL_H

#include "base/timer_wheel.h"
#include "modules/ims_seamless_scscf/core/connection_state.h"
#include "modules/ims_seamless_scscf/core/memory.h"

#define SCSCF_SET_IMPUS_MAX	   32 /* IMPUs in one implicit set */
#define SCSCF_IMPI_SETS_MAX	   16 /* implicit sets of one IMPI */
#define SCSCF_IMPI_CONNECTIONS_MAX 16
#define SCSCF_SET_BINDINGS_MAX	   16	/* bindings of one set over all connections */
#define SCSCF_FORMER_IMPUS_MAX	   64	/* IMPUs of a subscriber that are registered no more */
#define SCSCF_MODEL_TEXT_MAX	   4096 /* bytes of any one text kept: URI, Path, route set */

enum scscf_model_error {
	SCSCF_MODEL_OK = 0,
	SCSCF_MODEL_E_NOMEM = -1,  /* the store is full */
	SCSCF_MODEL_E_LIMIT = -2,  /* one of the bounds above */
	SCSCF_MODEL_E_VALUE = -3,  /* text empty or too long, not a SIP URI */
	SCSCF_MODEL_E_UNKNOWN = -4 /* no such subscriber, set, connection or session */
};

const char *scscf_model_strerror(int err);

struct scscf_list {
	struct scscf_list *next, *prev;
};

struct scscf_model_timer {
	struct wheel_timer wheel; /* first: the wheel hands this out */
	bool of_session;	  /* else of a connection */
};

struct scscf_implicit_set {
	struct scscf_implicit_set *next;
	struct scscf_subscriber *subscriber;
	size_t n;
	struct scscf_set_impu {
		struct slice impu;
		bool barred;
		struct scscf_set_impu *hash_next;
		struct scscf_implicit_set *set;
	} impu[SCSCF_SET_IMPUS_MAX];
	size_t bindings; /* over all connections */
};

struct scscf_binding {
	struct scscf_binding *next;
	struct scscf_implicit_set *set;
	struct slice contact;  /* contact URI */
	struct slice params;   /* Contact header parameters as registered, from the first ';' */
	struct slice instance; /* +sip.instance without quotes, or empty */
	uint32_t reg_id;       /* 0: none */
	struct slice call_id;
	uint32_t cseq;
	uint64_t expires_ms;
	uint64_t usrloc_id; /* how stock NOTIFYs name the contact; 0 unknown */
};

struct scscf_connection {
	struct scscf_connection *next;	    /* of the subscriber */
	struct scscf_connection *hash_next; /* same hash of the host */
	struct scscf_subscriber *subscriber;
	uint64_t id;
	enum scscf_connection_state state;
	bool seamless;	      /* the UE used the option tag: its sessions may linger */
	struct slice host;    /* of the contact address */
	uint16_t port;	      /* 0 counts as 5060 */
	struct slice contact; /* last contact URI bound over it */
	struct slice path;    /* Path vector towards the UE, as one list */
	struct scscf_binding *bindings;
	struct scscf_binding
	    *ghosts;		/* bindings it lost, kept while it is Inactive, for the NOTIFYs */
	struct scscf_list ends; /* struct session_end.link */
	size_t sessions;
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
	unsigned pins; /* an operation is on its way: not to be swept */
	struct scscf_former_impu {
		struct scscf_former_impu *next;
		struct slice impu;
	} * former; /* IMPUs that were registered before: their watchers are still told of the rest
		     */
	size_t former_n;
};

struct scscf_model_counters {
	uint64_t moved_bindings, global_moves, lingers, linger_ends, released_sessions,
	    moved_sessions;
};

struct scscf_model {
	struct scscf_store store;
	struct timer_wheel wheel;
	uint32_t hash_size; /* a power of two */
	struct scscf_subscriber **by_impi;
	struct scscf_set_impu **by_impu;
	struct scscf_connection **by_host;
	struct scscf_session **by_call;
	uint64_t next_id;
	uint64_t linger_ms;	 /* how long an Inactive connection is kept */
	uint64_t session_max_ms; /* a session nothing was heard of for so long is forgotten */
	size_t sessions_max;
	size_t subscribers, connections, inactive, bindings, sessions; /* current numbers */
	struct scscf_model_counters counters;
};

/* ---- what a call wants done outside the lock ---- */

enum scscf_effect_kind {
	SCSCF_EFFECT_CONTACT,	      /* a row of a reg-event NOTIFY */
	SCSCF_EFFECT_LINGER_START,    /* a connection became Inactive */
	SCSCF_EFFECT_LINGER_END,      /* the linger timer of a connection fired */
	SCSCF_EFFECT_CONNECTION_GONE, /* a connection was removed */
	SCSCF_EFFECT_RELEASE,	      /* a session must be released on both sides */
	SCSCF_EFFECT_VERIFY, /* stock may have changed a subscriber's bindings without telling: look */
	SCSCF_EFFECT_TELL, /* stock's full document for the AOR contact went to the subscription call_id:
			tell of lingering contacts, of which it knows nothing */
	SCSCF_EFFECT_SUBSCRIBER_GONE /* nothing is registered and nothing lingers any more: who watches
				  impus gets his last NOTIFY (TS 24.229 5.4.2.1.2) */
};

enum scscf_contact_event {
	SCSCF_CONTACT_REGISTERED,
	SCSCF_CONTACT_REFRESHED,
	SCSCF_CONTACT_EXPIRED,
	SCSCF_CONTACT_UNREGISTERED,
	SCSCF_CONTACT_DEACTIVATED, /* by the network; register again at once */
	SCSCF_CONTACT_REJECTED	   /* by the network, for good */
};

/* One side of a session to be released: everything for a BYE that looks as if the other side had
 * sent it. The callee's goes all the way, so that application servers in between see it. */
struct scscf_release_leg {
	struct slice from, from_tag, to, to_tag; /* URIs and tags of the BYE */
	struct slice target;			 /* Request-URI */
	struct slice route;			 /* route set from here on, or empty */
	uint32_t cseq;				 /* of the BYE */
};

struct scscf_effect {
	struct scscf_effect *next;
	enum scscf_effect_kind kind;
	struct slice impi;
	uint64_t connection_id;
	/* SCSCF_EFFECT_CONTACT */
	struct slice only_call_id; /* not empty: for the watcher with this subscription only */
	struct slice *impus;	   /* the AORs this row stands under */
	size_t impus_n;
	bool aor_active; /* the set has bindings left */
	bool contact_active;
	enum scscf_contact_event event;
	struct slice contact, params, call_id;
	uint32_t cseq, expires_s;
	uint64_t usrloc_id;
	bool connection_inactive, connection_terminated; /* the <connection> child */
	uint32_t linger_s;
	/* EFFECT_LINGER_* , SCSCF_EFFECT_CONNECTION_GONE */
	size_t sessions;
	/* SCSCF_EFFECT_RELEASE */
	struct slice session_call_id;
	struct scscf_release_leg leg[2];
};

struct scscf_effects {
	struct scscf_arena arena;
	struct scscf_effect *first, **last;
};

void scscf_effects_init(struct scscf_effects *e);
void scscf_effects_free(struct scscf_effects *e);
/* A new effect at the end of the list, or NULL (then arena.failed is set). */
struct scscf_effect *scscf_effects_add(struct scscf_effects *e, enum scscf_effect_kind kind);

struct scscf_notify_event;

/* Effects in one block of the store, for another process to act on. */
struct scscf_packed_effects {
	struct scscf_packed_effects *next;
	struct scscf_effect *first;
	size_t size;
	/* the acting process's: who is still to be told, and until when that may be put off */
	struct scscf_notify_event *told;
	uint64_t wait_until_ms;
	uint64_t pad_; /* keeps what follows aligned to 16 bytes */
};

/* A copy of all effects, or NULL when the store is full. */
struct scscf_packed_effects *scscf_effects_pack(struct scscf_store *s,
						const struct scscf_effects *e);
void scscf_packed_effects_free(struct scscf_store *s, struct scscf_packed_effects *p);

/* ---- the model ---- */

/* An empty model in *m. hash_size is rounded up to a power of two. Returns 0 or SCSCF_MODEL_E_NOMEM. */
int scscf_model_init(struct scscf_model *m, struct scscf_store store, uint32_t hash_size,
		     uint64_t now_ms);
/* Free everything. */
void scscf_model_free(struct scscf_model *m);

struct scscf_subscriber *scscf_model_subscriber(struct scscf_model *m, struct slice impi);
/* The set an IMPU belongs to under this IMPI (an IMPU may be shared by several); any IMPI if impi
 * is empty. */
struct scscf_implicit_set *scscf_model_set(struct scscf_model *m, struct slice impi,
					   struct slice impu);
struct scscf_connection *scscf_model_connection_by_id(struct scscf_model *m, uint64_t id);
/* The connection of this subscriber with this contact address, or NULL. */
struct scscf_connection *scscf_subscriber_connection(struct scscf_subscriber *s, struct slice host,
						     uint16_t port);
/*
 * The connection a contact URI belongs to: same host and port, else the only one with that host.
 * With an IMPI only that subscriber's are looked at; without, the match must be the only one of all
 * subscribers.
 */
struct scscf_connection *scscf_model_connection_by_contact(struct scscf_model *m, struct slice impi,
							   struct slice contact_uri);
/* Is this contact URI bound for a subscriber other than impi? */
bool scscf_model_contact_of_other(struct scscf_model *m, struct slice impi,
				  struct slice contact_uri);

/*
 * Make sure that the subscriber has a set with exactly these IMPUs (a set that shares one of them
 * is changed to them). Returns 0 and *out, or MODEL_E_*.
 */
int scscf_model_learn_set(struct scscf_model *m, struct slice impi, const struct slice *impus,
			  const bool *barred, size_t n, struct scscf_implicit_set **out);

/*
 * The HSS has changed a set: make it exactly these IMPUs. Adds rows for what it is now, and for the
 * IMPUs that left it, if the members changed. Returns 0, SCSCF_MODEL_E_UNKNOWN if the subscriber has no
 * set with one of them, SCSCF_MODEL_E_LIMIT or SCSCF_MODEL_E_NOMEM (then IMPUs may be missing).
 */
int scscf_model_change_set(struct scscf_model *m, struct slice impi, const struct slice *impus,
			   const bool *barred, size_t n, uint64_t now_ms, struct scscf_effects *e);

struct scscf_binding_info {
	struct slice contact; /* URI */
	struct slice params;
	struct slice instance;
	uint32_t reg_id;
	struct slice path;
	struct slice call_id;
	uint32_t cseq;
	uint32_t expires_s;
	uint64_t usrloc_id; /* 0: leave as it is */
	bool seamless;
};

/*
 * Bind set over the connection with the contact's address (made if it is not there): a new binding
 * or a refresh of the one with the same set, connection, instance and reg-id. Adds an
 * SCSCF_EFFECT_CONTACT (e may be NULL: then not). Returns 0 or MODEL_E_*; after an error a set without
 * bindings is gone, do not use it any more.
 */
int scscf_model_bind(struct scscf_model *m, struct scscf_implicit_set *set,
		     const struct scscf_binding_info *info, uint64_t now_ms,
		     struct scscf_effects *e, struct scscf_binding **out);

struct scscf_unbind {
	struct scscf_implicit_set *set;
	struct slice contact; /* URI; empty: all of the set */
};

/*
 * Take the bindings named by list away, all of one subscriber and all at one stroke, so that a
 * connection that loses several at once becomes Inactive once and every row says so; without
 * sessions it goes. event tells the NOTIFY why. quiet: no row unless a connection becomes Inactive,
 * because stock sends the NOTIFY. Returns how many were taken; a set goes with its last binding.
 * Texts in list must not lie in the model.
 */
size_t scscf_model_unbind_list(struct scscf_model *m, struct scscf_subscriber *s,
			       const struct scscf_unbind *list, size_t n,
			       enum scscf_contact_event event, bool quiet, uint64_t now_ms,
			       struct scscf_effects *e);

/* The same for one set and one contact. */
size_t scscf_model_unbind(struct scscf_model *m, struct scscf_implicit_set *set,
			  struct slice contact, enum scscf_contact_event event, bool quiet,
			  uint64_t now_ms, struct scscf_effects *e);

/*
 * Like scscf_model_unbind(), for a contact that stock removed because its user or the network
 * deregistered it: nothing lingers, the sessions of a connection that loses its last binding are
 * released.
 */
size_t scscf_model_unbind_final(struct scscf_model *m, struct scscf_implicit_set *set,
				struct slice contact, uint64_t now_ms, struct scscf_effects *e);

/*
 * Forget a set with all its bindings, because stock removed its records (the network deregistered
 * it): nothing lingers, sessions of connections that lose their last binding are released. Quiet as
 * above.
 */
void scscf_model_forget_set(struct scscf_model *m, struct scscf_implicit_set *set, uint64_t now_ms,
			    struct scscf_effects *e);

/*
 * The network takes these IMPUs' sets of a subscriber away (all if n is 0): their bindings end with
 * event, and with them what lingers for no other set; sessions on connections that go are released.
 * Returns how many sets were bound or lingering.
 */
size_t scscf_model_deregister(struct scscf_model *m, struct slice impi, const struct slice *impus,
			      size_t n, enum scscf_contact_event event, uint64_t now_ms,
			      struct scscf_effects *e);

/* Remove a connection now: its bindings are deactivated, its sessions released. */
void scscf_model_drop_connection(struct scscf_model *m, struct scscf_connection *c, uint64_t now_ms,
				 struct scscf_effects *e);

/*
 * Put a row into e for every contact that lingers on an Inactive connection of the subscriber with
 * this IMPU, for the watcher with this subscription: stock's full NOTIFYs do not know of them.
 */
void scscf_model_tell_lingering(struct scscf_model *m, struct slice impu, struct slice call_id,
				uint64_t now_ms, struct scscf_effects *e);

/* A session arrived on or left a connection (called by sessions.c only). */
void scscf_connection_session_added(struct scscf_model *m, struct scscf_connection *c);
void scscf_connection_session_removed(struct scscf_model *m, struct scscf_connection *c,
				      struct scscf_effects *e);

/* Let time pass: linger timers and forgotten sessions. At most max timers (0: all); returns how
 * many fired. */
size_t scscf_model_advance(struct scscf_model *m, uint64_t now_ms, size_t max,
			   struct scscf_effects *e);

#endif
