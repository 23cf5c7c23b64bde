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
 * passed in as now_ms. What the outside must be told of is put into struct effects; the caller acts
 * on it after releasing its lock.
 */
#ifndef SEAMLESS_MODEL_H
#define SEAMLESS_MODEL_H

#include "base/timer_wheel.h"
#include "modules/ims_seamless_scscf/core/connection_state.h"
#include "modules/ims_seamless_scscf/core/memory.h"

#define SET_IMPUS_MAX	     32 /* IMPUs in one implicit set */
#define IMPI_SETS_MAX	     16 /* implicit sets of one IMPI */
#define IMPI_CONNECTIONS_MAX 16
#define SET_BINDINGS_MAX     16	  /* bindings of one set over all connections */
#define FORMER_IMPUS_MAX     64	  /* IMPUs of a subscriber that are registered no more */
#define MODEL_TEXT_MAX	     4096 /* bytes of any one text kept: URI, Path, route set */

enum model_error {
	MODEL_OK = 0,
	MODEL_E_NOMEM = -1,  /* the store is full */
	MODEL_E_LIMIT = -2,  /* one of the bounds above */
	MODEL_E_VALUE = -3,  /* text empty or too long, not a SIP URI */
	MODEL_E_UNKNOWN = -4 /* no such subscriber, set, connection or session */
};

const char *model_strerror(int err);

struct list {
	struct list *next, *prev;
};

struct model_timer {
	struct wheel_timer wheel; /* first: the wheel hands this out */
	bool of_session;	  /* else of a connection */
};

struct implicit_set {
	struct implicit_set *next;
	struct subscriber *subscriber;
	size_t n;
	struct set_impu {
		struct slice impu;
		bool barred;
		struct set_impu *hash_next;
		struct implicit_set *set;
	} impu[SET_IMPUS_MAX];
	size_t bindings; /* over all connections */
};

struct binding {
	struct binding *next;
	struct implicit_set *set;
	struct slice contact;  /* contact URI */
	struct slice params;   /* Contact header parameters as registered, from the first ';' */
	struct slice instance; /* +sip.instance without quotes, or empty */
	uint32_t reg_id;       /* 0: none */
	struct slice call_id;
	uint32_t cseq;
	uint64_t expires_ms;
	uint64_t usrloc_id; /* how stock NOTIFYs name the contact; 0 unknown */
};

struct connection {
	struct connection *next;      /* of the subscriber */
	struct connection *hash_next; /* same hash of the host */
	struct subscriber *subscriber;
	uint64_t id;
	enum connection_state state;
	bool seamless;	      /* the UE used the option tag: its sessions may linger */
	struct slice host;    /* of the contact address */
	uint16_t port;	      /* 0 counts as 5060 */
	struct slice contact; /* last contact URI bound over it */
	struct slice path;    /* Path vector towards the UE, as one list */
	struct binding *bindings;
	struct binding *ghosts; /* bindings it lost, kept while it is Inactive, for the NOTIFYs */
	struct list ends;	/* struct session_end.link */
	size_t sessions;
	uint64_t created_ms;
	uint64_t linger_until_ms; /* when Inactive */
	struct model_timer timer;
};

struct subscriber {
	struct subscriber *hash_next;
	struct slice impi;
	struct implicit_set *sets;
	size_t sets_n;
	struct connection *connections;
	size_t connections_n;
	unsigned pins; /* an operation is on its way: not to be swept */
	struct former_impu {
		struct former_impu *next;
		struct slice impu;
	} * former; /* IMPUs that were registered before: their watchers are still told of the rest
		     */
	size_t former_n;
};

struct model_counters {
	uint64_t moved_bindings, global_moves, lingers, linger_ends, released_sessions,
	    moved_sessions;
};

struct model {
	struct store store;
	struct timer_wheel wheel;
	uint32_t hash_size; /* a power of two */
	struct subscriber **by_impi;
	struct set_impu **by_impu;
	struct connection **by_host;
	struct session **by_call;
	uint64_t next_id;
	uint64_t linger_ms;	 /* how long an Inactive connection is kept */
	uint64_t session_max_ms; /* a session nothing was heard of for so long is forgotten */
	size_t sessions_max;
	size_t subscribers, connections, inactive, bindings, sessions; /* current numbers */
	struct model_counters counters;
};

/* ---- what a call wants done outside the lock ---- */

enum effect_kind {
	EFFECT_CONTACT,		/* a row of a reg-event NOTIFY */
	EFFECT_LINGER_START,	/* a connection became Inactive */
	EFFECT_LINGER_END,	/* the linger timer of a connection fired */
	EFFECT_CONNECTION_GONE, /* a connection was removed */
	EFFECT_RELEASE,		/* a session must be released on both sides */
	EFFECT_VERIFY, /* stock may have changed a subscriber's bindings without telling: look */
	EFFECT_TELL, /* stock's full document for the AOR contact went to the subscription call_id:
			tell of lingering contacts, of which it knows nothing */
	EFFECT_SUBSCRIBER_GONE /* nothing is registered and nothing lingers any more: who watches
				  impus gets his last NOTIFY (TS 24.229 5.4.2.1.2) */
};

enum contact_event {
	CONTACT_REGISTERED,
	CONTACT_REFRESHED,
	CONTACT_EXPIRED,
	CONTACT_UNREGISTERED,
	CONTACT_DEACTIVATED, /* by the network; register again at once */
	CONTACT_REJECTED     /* by the network, for good */
};

/* One side of a session to be released: everything for a BYE that looks as if the other side had
 * sent it. The callee's goes all the way, so that application servers in between see it. */
struct release_leg {
	struct slice from, from_tag, to, to_tag; /* URIs and tags of the BYE */
	struct slice target;			 /* Request-URI */
	struct slice route;			 /* route set from here on, or empty */
	uint32_t cseq;				 /* of the BYE */
};

struct effect {
	struct effect *next;
	enum effect_kind kind;
	struct slice impi;
	uint64_t connection_id;
	/* EFFECT_CONTACT */
	struct slice only_call_id; /* not empty: for the watcher with this subscription only */
	struct slice *impus;	   /* the AORs this row stands under */
	size_t impus_n;
	bool aor_active; /* the set has bindings left */
	bool contact_active;
	enum contact_event event;
	struct slice contact, params, call_id;
	uint32_t cseq, expires_s;
	uint64_t usrloc_id;
	bool connection_inactive, connection_terminated; /* the <connection> child */
	uint32_t linger_s;
	/* EFFECT_LINGER_* , EFFECT_CONNECTION_GONE */
	size_t sessions;
	/* EFFECT_RELEASE */
	struct slice session_call_id;
	struct release_leg leg[2];
};

struct effects {
	struct arena arena;
	struct effect *first, **last;
};

void effects_init(struct effects *e);
void effects_free(struct effects *e);
/* A new effect at the end of the list, or NULL (then arena.failed is set). */
struct effect *effects_add(struct effects *e, enum effect_kind kind);

struct notify_event;

/* Effects in one block of the store, for another process to act on. */
struct packed_effects {
	struct packed_effects *next;
	struct effect *first;
	size_t size;
	/* the acting process's: who is still to be told, and until when that may be put off */
	struct notify_event *told;
	uint64_t wait_until_ms;
	uint64_t pad_; /* keeps what follows aligned to 16 bytes */
};

/* A copy of all effects, or NULL when the store is full. */
struct packed_effects *effects_pack(struct store *s, const struct effects *e);
void packed_effects_free(struct store *s, struct packed_effects *p);

/* ---- the model ---- */

/* An empty model in *m. hash_size is rounded up to a power of two. Returns 0 or MODEL_E_NOMEM. */
int model_init(struct model *m, struct store store, uint32_t hash_size, uint64_t now_ms);
/* Free everything. */
void model_free(struct model *m);

struct subscriber *model_subscriber(struct model *m, struct slice impi);
/* The set an IMPU belongs to under this IMPI (an IMPU may be shared by several); any IMPI if impi
 * is empty. */
struct implicit_set *model_set(struct model *m, struct slice impi, struct slice impu);
struct connection *model_connection_by_id(struct model *m, uint64_t id);
/* The connection of this subscriber with this contact address, or NULL. */
struct connection *subscriber_connection(struct subscriber *s, struct slice host, uint16_t port);
/*
 * The connection a contact URI belongs to: same host and port, else the only one with that host.
 * With an IMPI only that subscriber's are looked at; without, the match must be the only one of all
 * subscribers.
 */
struct connection *model_connection_by_contact(struct model *m, struct slice impi,
					       struct slice contact_uri);
/* Is this contact URI bound for a subscriber other than impi? */
bool model_contact_of_other(struct model *m, struct slice impi, struct slice contact_uri);

/*
 * Make sure that the subscriber has a set with exactly these IMPUs (a set that shares one of them
 * is changed to them). Returns 0 and *out, or MODEL_E_*.
 */
int model_learn_set(struct model *m, struct slice impi, const struct slice *impus,
		    const bool *barred, size_t n, struct implicit_set **out);

/*
 * The HSS has changed a set: make it exactly these IMPUs. Adds rows for what it is now, and for the
 * IMPUs that left it, if the members changed. Returns 0, MODEL_E_UNKNOWN if the subscriber has no
 * set with one of them, MODEL_E_LIMIT or MODEL_E_NOMEM (then IMPUs may be missing).
 */
int model_change_set(struct model *m, struct slice impi, const struct slice *impus,
		     const bool *barred, size_t n, uint64_t now_ms, struct effects *e);

struct binding_info {
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
 * EFFECT_CONTACT (e may be NULL: then not). Returns 0 or MODEL_E_*; after an error a set without
 * bindings is gone, do not use it any more.
 */
int model_bind(struct model *m, struct implicit_set *set, const struct binding_info *info,
	       uint64_t now_ms, struct effects *e, struct binding **out);

struct unbind {
	struct implicit_set *set;
	struct slice contact; /* URI; empty: all of the set */
};

/*
 * Take the bindings named by list away, all of one subscriber and all at one stroke, so that a
 * connection that loses several at once becomes Inactive once and every row says so; without
 * sessions it goes. event tells the NOTIFY why. quiet: no row unless a connection becomes Inactive,
 * because stock sends the NOTIFY. Returns how many were taken; a set goes with its last binding.
 * Texts in list must not lie in the model.
 */
size_t model_unbind_list(struct model *m, struct subscriber *s, const struct unbind *list, size_t n,
			 enum contact_event event, bool quiet, uint64_t now_ms, struct effects *e);

/* The same for one set and one contact. */
size_t model_unbind(struct model *m, struct implicit_set *set, struct slice contact,
		    enum contact_event event, bool quiet, uint64_t now_ms, struct effects *e);

/*
 * Like model_unbind(), for a contact that stock removed because its user or the network
 * deregistered it: nothing lingers, the sessions of a connection that loses its last binding are
 * released.
 */
size_t model_unbind_final(struct model *m, struct implicit_set *set, struct slice contact,
			  uint64_t now_ms, struct effects *e);

/*
 * Forget a set with all its bindings, because stock removed its records (the network deregistered
 * it): nothing lingers, sessions of connections that lose their last binding are released. Quiet as
 * above.
 */
void model_forget_set(struct model *m, struct implicit_set *set, uint64_t now_ms,
		      struct effects *e);

/*
 * The network takes these IMPUs' sets of a subscriber away (all if n is 0): their bindings end with
 * event, and with them what lingers for no other set; sessions on connections that go are released.
 * Returns how many sets were bound or lingering.
 */
size_t model_deregister(struct model *m, struct slice impi, const struct slice *impus, size_t n,
			enum contact_event event, uint64_t now_ms, struct effects *e);

/* Remove a connection now: its bindings are deactivated, its sessions released. */
void model_drop_connection(struct model *m, struct connection *c, uint64_t now_ms,
			   struct effects *e);

/*
 * Put a row into e for every contact that lingers on an Inactive connection of the subscriber with
 * this IMPU, for the watcher with this subscription: stock's full NOTIFYs do not know of them.
 */
void model_tell_lingering(struct model *m, struct slice impu, struct slice call_id, uint64_t now_ms,
			  struct effects *e);

/* A session arrived on or left a connection (called by sessions.c only). */
void connection_session_added(struct model *m, struct connection *c);
void connection_session_removed(struct model *m, struct connection *c, struct effects *e);

/* Let time pass: linger timers and forgotten sessions. At most max timers (0: all); returns how
 * many fired. */
size_t model_advance(struct model *m, uint64_t now_ms, size_t max, struct effects *e);

#endif
