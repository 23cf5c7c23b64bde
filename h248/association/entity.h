/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internal: an entity and its peers, shared by entity.c, mg.c and mgc.c. */
#ifndef H248_ENTITY_H
#define H248_ENTITY_H

#include "base/keyed_hash.h"
#include "h248/association/association_state.h"

#define PEER_BUCKETS   256u
#define REDIRECTS_MAX  5u
#define RETRY_MIN_MS   1000u /* between two rounds through the list of MGCs */
#define DECODE_MIN     (256u * 1024u)
#define DECODE_MAX     (16u * 1024u * 1024u)
#define ANSWERS_MAX    8u	   /* requests of a stranger's message that are answered */
#define BUILD_MEMORY   4096u	   /* for the few messages that the library itself makes */
#define ITO_REQUEST_ID 2147483646u /* RequestID of the it/ito that the library arms */

/* What the two roles do differently. One table for each, in mg.c and mgc.c. */
struct role {
	/* The peer that a message comes from; NULL: nobody's (counted and answered already). */
	struct h248_peer *(*peer_of)(struct h248_entity *e, const struct h248_addr *from,
				     const struct h248_message *m);
	void (*request)(struct h248_entity *e, struct h248_peer *peer, struct h248_job *job);
	/* A request to the peer was given up. */
	void (*failed)(struct h248_entity *e, struct h248_peer *peer, const char *why);
	void (*link_lost)(struct h248_entity *e, struct h248_peer *peer);
	/* Time has passed, for one peer and for the entity itself; milliseconds until it matters, -1 =
	 * never. */
	void (*peer_tick)(struct h248_entity *e, struct h248_peer *peer);
	void (*tick)(struct h248_entity *e);
	int64_t (*peer_timeout)(const struct h248_entity *e, const struct h248_peer *peer,
				int64_t now_ms);
	int64_t (*timeout)(const struct h248_entity *e, int64_t now_ms);
	/* May this host speak to us where the user does not say? */
	bool (*knows_host)(const struct h248_entity *e, const struct h248_addr *from);
	int (*start)(struct h248_entity *e);
	/* For h248_peer_next(). */
	struct h248_peer *(*peer_next)(const struct h248_entity *e,
				       const struct h248_peer *previous);
};
extern const struct role mg_role, mgc_role;

struct h248_peer {
	struct h248_peer *next, *hash_next;
	struct h248_entity *entity;
	struct h248_channel *channel;
	struct h248_mid mid; /* kind NONE while an MGC has not answered */
	char mid_name[80];
	enum h248_state state;
	uint8_t version;
	bool dead;	/* to be freed when nothing runs any more */
	bool restarted; /* MGC: the registration in progress is a restart */
	int64_t last_heard;
	bool probing;	   /* an audit or it/ito Notify is under way */
	int64_t probed_at; /* MGC: when the last audit was sent */
	unsigned refused;  /* MGC: how often its host refused a message since it was heard last */
	int64_t free_at;   /* MG: an MGC that was left; kept for copies of its requests */
	void *user;
};

struct h248_entity {
	struct h248_entity_config cfg;
	const struct role *role;
	char mid_name[80], profile[68];
	struct h248_addr mgcs[H248_MGCS_MAX];
	struct h248_peer *peers, *bucket[PEER_BUCKETS];
	struct keyed_hash_key hash_key;
	unsigned peer_count;
	struct h248_entity_counters counters;
	void *decode_memory;
	size_t decode_size;
	unsigned depth;
	bool dead;
	int64_t now; /* of the call in progress */

	/* MG, see mg.c */
	struct h248_peer *mgc;	    /* the present one */
	struct h248_peer *next_mgc; /* being registered with, when it is another one */
	enum h248_state state;
	size_t index;  /* in mgcs: the one tried now, or SIZE_MAX */
	size_t failed; /* in mgcs: the one that was lost; not tried again in this round; SIZE_MAX =
			  none */
	struct h248_addr last; /* the MGC of the last association */
	unsigned redirects;
	enum h248_method method; /* of the registration under way */
	uint16_t reason;
	uint8_t header_version;
	bool was_active; /* an association existed: Disconnected and Failover instead of Restart */
	int64_t timer;	 /* end of WAITING or LEAVING; 0 = none */
	uint32_t mit_ms, mit_request;
};

void entity_enter(struct h248_entity *e, int64_t now_ms);
void entity_leave(struct h248_entity *e);
uint32_t entity_random(struct h248_entity *e);
void entity_timestamp(struct h248_entity *e, char text[18]);
struct h248_peer *peer_new(struct h248_entity *e, const struct h248_mid *mid,
			   const struct h248_addr *to);
void peer_set_mid(struct h248_peer *peer, const struct h248_mid *mid);
/* The state itself, and tell the user. */
void peer_set_state(struct h248_peer *peer, enum h248_state state, const char *why);
/* Replies without a channel: nothing is remembered. */
void entity_answer(struct h248_entity *e, const struct h248_addr *to,
		   const struct h248_message *to_message, unsigned code);
bool same_host(const struct h248_addr *a, const struct h248_addr *b);
/* The address that Services names, or -1: a bare port keeps the host. */
int address_of(struct h248_entity *e, const struct h248_mid *mid, const struct h248_addr *from,
	       struct h248_addr *out);
/* The ServiceChange on ROOT of a request that has nothing else in it; NULL otherwise. */
const struct h248_services *root_service_change(const struct h248_transaction *t);
/* Method and Reason are mandatory (7.2.8). */
bool services_complete(const struct h248_services *s);
/* Answer a ServiceChange on ROOT with an error. */
void answer_root_error(struct h248_job *job, unsigned code, const char *text, int64_t now_ms);
/* A request from the library itself: one command on ROOT in the null context. */
int send_services(struct h248_peer *peer, uint32_t context, struct slice tid,
		  const struct h248_services *services, h248_reply_h done, void *user);

/* mg.c: what mg_states says of it becomes the state; peer NULL: there is none. */
void mg_step(struct h248_entity *e, struct h248_peer *peer, enum mg_event event, const char *why);
void mg_set_reason(struct h248_services *services, uint16_t reason, char text[64]);
/* mg_leave.c */
void mg_left(struct h248_entity *e, struct h248_peer *peer, const char *why);

#endif
