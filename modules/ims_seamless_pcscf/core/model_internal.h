/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The insides of struct pcscf_model, shared by the files of the model and by nothing
 * else. */
#ifndef PCSCF_MODEL_INTERNAL_H
#define PCSCF_MODEL_INTERNAL_H

#include "base/keyed_hash.h"
#include "model.h"

struct connection;
struct subscription;

enum pcscf_timer_kind { TIMER_CONNECTION, TIMER_SUBSCRIPTION, TIMER_SESSION };

/* One wheel serves three kinds of objects; the kind says in which the node lies. */
struct pcscf_timer {
	struct wheel_timer node;
	enum pcscf_timer_kind kind;
};

/* A REGISTER that a row of the reg event named. */
struct row_register {
	uint64_t call; /* keyed hash of its Call-ID; 0: not known */
	uint32_t cseq;
};

/* In two lists: of its connection and of its subscription. */
struct binding {
	struct connection *connection;
	struct subscription *subscription;
	struct binding *next_of_connection, *next_of_subscription;
	bool ended;   /* the reg event said terminated */
	bool lingers; /* ... and that sessions linger */
	int64_t linger_until_ms;
	int64_t bound_ms;	/* last 200 to a REGISTER for it */
	uint64_t register_call; /* keyed hash of that REGISTER's Call-ID; 0: not known */
	uint32_t register_cseq;
	int64_t ended_ms;		/* when a document said that it is over */
	struct row_register linger_row; /* named by the row that said that it lingers */
	struct row_register over_row;	/* ... that said that the connection is over */
	int64_t over_ms;		/* when over_row came */
};

struct session {
	struct session *next_in_bucket;
	struct session *next_of_connection, **link_of_connection;
	struct connection *connection;
	struct pcscf_timer timer;
	bool confirmed;
	bool moved;    /* accepted over its connection by a request inside the dialog */
	char *call_id; /* the three strings lie behind the struct */
	char *own_tag, *peer_tag;
};

enum connection_todo { TODO_NOTHING, TODO_HOLD, TODO_RELEASE, TODO_DROP };

struct connection {
	struct connection *next_in_bucket;
	struct connection *next, **link; /* all connections */
	struct connection *next_todo;
	bool queued;
	enum connection_todo todo;
	uint64_t set_id;
	enum pcscf_connection_state state;
	bool seamless;
	bool adopted; /* known from before a restart: its sessions were not all counted */
	struct pcscf_timer timer;
	int64_t deadline_ms;
	struct binding *bindings;
	unsigned int bindings_n;
	struct session *sessions;
	unsigned int sessions_n;
	const char *cause;
	char contact[PCSCF_URI_MAX];
	char identity[PCSCF_URI_MAX]; /* last bound, for what is said after all bindings are gone */
};

enum subscription_todo {
	SUBSCRIPTION_TODO_NOTHING,
	SUBSCRIPTION_TODO_SUBSCRIBE,
	SUBSCRIPTION_TODO_UNSUBSCRIBE
};

struct subscription {
	struct subscription *next_by_identity, *next_by_call_id, *next_by_id;
	struct subscription *next, **link; /* all subscriptions */
	struct subscription *next_todo;
	bool queued;
	enum subscription_todo todo;
	uint64_t id;
	enum pcscf_subscription_state state;
	struct pcscf_timer timer;
	struct binding *bindings;
	unsigned int bindings_n;
	unsigned int failures;
	int64_t expires_ms; /* end of the subscription */
	int64_t later_ms;   /* pause the notifier asked for; 0 none */
	int64_t recheck_ms; /* ask for full state then; 0 not */
	bool rechecks;	    /* the timer was armed for that */
	bool full_asked;    /* full state was asked for and has not come */
	uint16_t attempts;  /* SUBSCRIBEs sent, in whatever dialog */
	uint32_t cseq;	    /* of our last SUBSCRIBE */
	uint32_t remote_cseq;
	bool remote_cseq_seen;
	uint32_t expires_s; /* what we ask for */
	struct reginfo_watch version;
	char *target, *routes; /* separately allocated, NULL until the dialog exists */
	char identity[PCSCF_URI_MAX];
	char next_hop[PCSCF_URI_MAX];
	char call_id[PCSCF_LOCAL_ID_MAX];
	char local_tag[PCSCF_LOCAL_ID_MAX];
	char remote_tag[PCSCF_TAG_MAX];
};

struct pcscf_model {
	struct pcscf_config cfg;
	struct pcscf_memory mem;
	pcscf_random_h random;
	struct timer_wheel wheel;
	int64_t now_ms; /* of the call under way, for timer handlers */
	uint64_t next_subscription_id;
	struct pcscf_counts count;
	struct connection *connections, *todo_connections;
	struct subscription *subscriptions, *todo_subscriptions;
	/* Hash tables: as many buckets as there may be objects, rounded up to a power of two. Texts
	 * are hashed with a secret key, for strangers choose Call-IDs, tags and identities. */
	struct keyed_hash_key key;
	size_t connection_buckets, subscription_buckets, session_buckets;
	struct connection **by_set;
	struct subscription **by_identity, **by_call_id, **by_id;
	struct session **by_session;
};

#define CONTAINER(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* Copy into a fixed field; false if it does not fit. */
bool pcscf_copy(char *field, size_t size, struct slice s);
#define PCSCF_COPY(field, s) pcscf_copy(field, sizeof(field), s)

/* model.c */
void pcscf_arm(struct pcscf_model *model, struct pcscf_timer *t, enum pcscf_timer_kind kind,
	       int64_t due_ms);
void pcscf_disarm(struct pcscf_model *model, struct pcscf_timer *t);
void *pcscf_alloc(struct pcscf_model *model, size_t size); /* zeroed, or NULL */
char *pcscf_strdup(struct pcscf_model *model, struct slice s);
void pcscf_binding_reviewed(struct pcscf_model *model, struct connection *c);
struct connection *pcscf_connection(const struct pcscf_model *model, uint64_t set_id);
void pcscf_connection_event(struct pcscf_model *model, struct connection *c,
			    enum pcscf_connection_event ev);
void pcscf_unbind(struct pcscf_model *model, struct binding *b);

/* subscription.c */
struct subscription *pcscf_subscription_by_identity(const struct pcscf_model *model,
						    struct slice identity);
int pcscf_subscription_new(struct pcscf_model *model, struct slice identity, struct slice next_hop,
			   struct subscription **out);
void pcscf_subscription_event(struct pcscf_model *model, struct subscription *w,
			      enum pcscf_subscription_event ev);
void pcscf_subscription_free(struct pcscf_model *model, struct subscription *w);
struct subscription *pcscf_subscription_by_call_id(const struct pcscf_model *model,
						   struct slice call_id);
/* The dialog's other half, from whichever came first: the 2xx or the NOTIFY. False: it is another
 * one, or cannot be kept. */
bool pcscf_learn_dialog(struct pcscf_model *model, struct subscription *w, struct slice remote_tag,
			struct slice contact, struct slice routes);
/* Wait for the time of the next SUBSCRIBE. */
void pcscf_arm_refresh(struct pcscf_model *model, struct subscription *w);
/* Something was missed: ask for full state. */
void pcscf_full_wanted(struct pcscf_model *model, struct subscription *w);
void pcscf_subscription_fill_todo(struct pcscf_model *model, struct subscription *w,
				  struct pcscf_subscribe *out);

/* sessions.c */
void pcscf_session_free(struct pcscf_model *model, struct session *s);
void pcscf_session_move(struct pcscf_model *model, struct session *s, struct connection *to);

/* What happens when the timer of an object fires. */
void pcscf_session_timer(struct pcscf_model *model, struct session *s);
void pcscf_subscription_timer(struct pcscf_model *model, struct subscription *w);

#endif
