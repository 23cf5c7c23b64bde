/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The insides of struct edge, shared by edge.c, edge_watch.c and edge_session.c and by nothing
 * else. */
#ifndef EDGE_STATE_H
#define EDGE_STATE_H

#include "edge.h"

struct connection;
struct watch;

enum edge_timer_kind { TIMER_CONNECTION, TIMER_WATCH, TIMER_SESSION };

/* One wheel serves three kinds of objects; the kind says in which the node lies. */
struct edge_timer {
	struct wheel_timer node;
	enum edge_timer_kind kind;
};

/* In two lists: of its connection and of its watch. */
struct binding {
	struct connection *connection;
	struct watch *watch;
	struct binding *next_of_connection, *next_of_watch;
	bool ended;   /* the reg event said terminated */
	bool lingers; /* ... and that sessions linger */
	int64_t linger_until_ms;
	int64_t bound_ms; /* last 200 to a REGISTER for it */
};

struct session {
	struct session *next_in_bucket;
	struct session *next_of_connection, **link_of_connection;
	struct connection *connection;
	struct edge_timer timer;
	bool confirmed;
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
	enum connection_state state;
	bool seamless;
	bool adopted; /* known from before a restart: its sessions were not all counted */
	struct edge_timer timer;
	int64_t deadline_ms;
	struct binding *bindings;
	unsigned int bindings_n;
	struct session *sessions;
	unsigned int sessions_n;
	const char *cause;
	char contact[EDGE_URI_MAX];
	char identity[EDGE_URI_MAX]; /* last bound, for what is said after all bindings are gone */
};

enum watch_todo { WATCH_TODO_NOTHING, WATCH_TODO_SUBSCRIBE, WATCH_TODO_UNSUBSCRIBE };

struct watch {
	struct watch *next_by_identity, *next_by_call_id, *next_by_id;
	struct watch *next, **link; /* all watches */
	struct watch *next_todo;
	bool queued;
	enum watch_todo todo;
	uint64_t id;
	enum watch_state state;
	struct edge_timer timer;
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
	char identity[EDGE_URI_MAX];
	char next_hop[EDGE_URI_MAX];
	char call_id[EDGE_LOCAL_ID_MAX];
	char local_tag[EDGE_LOCAL_ID_MAX];
	char remote_tag[EDGE_TAG_MAX];
};

struct edge {
	struct edge_config cfg;
	struct edge_memory mem;
	edge_random_h random;
	struct timer_wheel wheel;
	int64_t now_ms; /* of the call under way, for timer handlers */
	uint64_t next_watch_id;
	struct edge_counts count;
	struct connection *connections, *todo_connections;
	struct watch *watches, *todo_watches;
	struct connection *by_set[EDGE_BUCKETS];
	struct watch *by_identity[EDGE_BUCKETS];
	struct watch *by_call_id[EDGE_BUCKETS];
	struct watch *by_id[EDGE_BUCKETS];
	struct session *by_session[EDGE_BUCKETS];
};

#define CONTAINER(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* Copy into a fixed field; false if it does not fit. */
bool edge_copy(char *field, size_t size, struct slice s);
#define EDGE_COPY(field, s) edge_copy(field, sizeof(field), s)

/* edge.c */
void edge_arm(struct edge *e, struct edge_timer *t, enum edge_timer_kind kind, int64_t due_ms);
void edge_disarm(struct edge *e, struct edge_timer *t);
void *edge_alloc(struct edge *e, size_t size); /* zeroed, or NULL */
char *edge_strdup(struct edge *e, struct slice s);
void edge_binding_reviewed(struct edge *e, struct connection *c);
struct connection *edge_connection(const struct edge *e, uint64_t set_id);
void edge_connection_event(struct edge *e, struct connection *c, enum connection_event ev);
void edge_unbind(struct edge *e, struct binding *b);

/* edge_watch.c */
struct watch *edge_watch_by_identity(const struct edge *e, struct slice identity);
int edge_watch_new(struct edge *e, struct slice identity, struct slice next_hop,
		   struct watch **out);
void edge_watch_event(struct edge *e, struct watch *w, enum watch_event ev);
void edge_watch_free(struct edge *e, struct watch *w);
void edge_watch_fill_todo(struct edge *e, struct watch *w, struct edge_subscribe *out);

/* edge_session.c */
void edge_session_free(struct edge *e, struct session *s);
void edge_session_move(struct edge *e, struct session *s, struct connection *to);

/* What happens when the timer of an object fires. */
void edge_session_timer(struct edge *e, struct session *s);
void edge_watch_timer(struct edge *e, struct watch *w);

#endif
