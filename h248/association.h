/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control associations (clauses 7.2.8, 11): one entity, media gateway (MG) or controller (MGC),
 * with its peers. An MG registers with the first MGC of its list that accepts it, negotiates
 * version and profile, answers hand-off, comes back with Disconnected, fails over to the next, and
 * waits a random time after a restart. An MGC accepts, redirects or refuses MGs, watches them and
 * notices when they are gone.
 *
 * Single-threaded, no clock and no socket: see transport.h for sockets and run.h for a loop. Times are
 * monotonic milliseconds.
 */
#ifndef H248_ASSOCIATION_H
#define H248_ASSOCIATION_H

#include "h248/transaction.h"

enum h248_role { H248_ROLE_MG, H248_ROLE_MGC };

enum h248_state {
	H248_IDLE,	  /* not started, or left */
	H248_WAITING,	  /* MG: restart avalanche delay */
	H248_REGISTERING, /* MG: ServiceChange sent (Restart, Disconnected, HandOff or Failover) */
	H248_ACTIVE,	  /* associated */
	H248_LEAVING,	  /* MG: Graceful sent; transactions go on until the delay is over */
	H248_LOST	  /* MGC: the MG does not answer; it may come back with Disconnected */
};
const char *h248_state_name(enum h248_state state);

struct h248_entity;
struct h248_transport;
struct h248_peer; /* an MG of an MGC, or the MGC of an MG */

struct h248_entity_config {
	enum h248_role role;
	struct h248_mid mid;
	uint8_t version_min, version_max; /* 0 = 1 and 3 */
	uint8_t first_version; /* MG: header version of the first ServiceChange; 0 = version_max */
	const char *profile;   /* NULL = none */
	uint8_t profile_version;
	enum h248_style style;
	struct h248_timers timers; /* all zero: h248_timers_default(.., false) */

	/* MG */
	const struct h248_addr *mgcs; /* in falling order of preference; copied */
	size_t mgc_count;	      /* at most H248_MGCS_MAX */
	uint32_t mwd_ms;	      /* maximum waiting delay, 11.5 / 9.2; 0 = none */
	uint16_t first_reason;	      /* 901 cold boot (default) or 902 warm boot */

	/* MGC */
	uint32_t audit_ms; /* silence after which ROOT is audited; 0 = never */
	/* Silence that is the MG's loss, the second half of it at least after that audit was sent;
	 * 0 = only a request that is not answered for T-MAX is. */
	uint32_t silence_ms;
	uint32_t inactivity_ms; /* arm it/ito with this on every MG that registers; 0 = do not */
	uint32_t max_peers;	/* 0 = 1024 */

	/* Both */
	unsigned stranger_code; /* answer to those not allowed: 402, 504, or 0 = silence */

	/* Where messages go: `send`, or this transport when send is NULL. */
	struct h248_transport *transport;
	/* Of h248_open() alone: interface or VRF that its transport is bound to; NULL or "" = none. */
	const char *device;

	/* All handlers get `user`. */
	void *user;
	void (*send)(void *user, const struct h248_addr *to, const char *bytes, size_t len);
	/* Any request that is not an affair of the association itself. See
	 * h248_channel_ops.request. NULL: 501. */
	void (*request)(void *user, struct h248_peer *peer, struct h248_job *job, int64_t now_ms);
	/* The state changed. `why` is short English. peer is NULL while an MG waits without any.
	 * May be NULL. */
	void (*state)(void *user, struct h248_peer *peer, enum h248_state from, enum h248_state to,
		      const char *why, int64_t now_ms);
	/*
	 * MGC: an MG (re-)registers: request->method tells how. Return 0 to accept, or an error
	 * code (e.g. 502). reply->mgc_to_try / address / profile may be set (their text must stay
	 * until the library has sent the reply, just after this returns). One that is refused or
	 * sent elsewhere and was never accepted before is forgotten: keep no pointer to the peer.
	 * NULL: accept all that the profile and version allow.
	 */
	unsigned (*registration)(void *user, struct h248_peer *peer,
				 const struct h248_services *request, struct h248_services *reply);
	/* MGC and MG: may this address speak for that entity? NULL: an MG accepts the hosts of its
	 * MGCs only, an MGC everybody, also in another's name: then the network below must know who
	 * is who. */
	bool (*allow)(void *user, const struct h248_addr *from, const struct h248_mid *mid);
	/* The address of an mId that is a name, for MgcIdToTry and ServiceChangeAddress. 0 or -1.
	 * May be NULL. */
	int (*resolve)(void *user, const struct h248_mid *mid, struct h248_addr *addr);
	/* Uniform random bits; NULL: getrandom(2). */
	uint32_t (*random)(void *user);
	/* "yyyymmddThhmmssss" of now, NUL-terminated; NULL: the system's clock, UTC. */
	void (*timestamp)(void *user, char text[18]);
};
#define H248_MGCS_MAX 16

/* config is copied, with its strings. H248_OK, H248_E_ARGUMENT, H248_E_MEMORY, H248_E_SYSTEM. */
int h248_entity_new(const struct h248_entity_config *config, struct h248_entity **out);
/* Cancels everything; outstanding h248_reply_h are called with H248_CANCELLED. */
void h248_entity_free(struct h248_entity *entity);
/* MG: begin to register (after the avalanche delay). MGC: nothing to do but allowed. */
int h248_entity_start(struct h248_entity *entity, int64_t now_ms);
/* MG in H248_WAITING: first local activity ends the delay (11.5). */
void h248_mg_activity(struct h248_entity *entity, int64_t now_ms);

/* A message from the transport. Anything may be in it; strangers cost a counter. */
void h248_entity_receive(struct h248_entity *entity, const struct h248_addr *from,
			 struct slice text, int64_t now_ms);
/* A connection broke (SCTP, TCP): the peers behind it are treated as failed at once. */
void h248_entity_link_lost(struct h248_entity *entity, const struct h248_addr *from,
			   int64_t now_ms);
/* UDP: that host says that nobody listens there. Anybody could have said so: an MGC asks the MG whether
 * it lives, and gives it a quarter of silence_ms in the place of the half. */
void h248_entity_refused(struct h248_entity *entity, const struct h248_addr *to, int64_t now_ms);
/* h248_channel_release() for the channels of all peers. */
bool h248_entity_release(struct h248_entity *entity, bool (*reached)(void *user, uint64_t mark),
			 void *user, int64_t now_ms);
/* Milliseconds until h248_entity_tick() is due; 0 = now; -1 = never. */
int64_t h248_entity_timeout(const struct h248_entity *entity, int64_t now_ms);
void h248_entity_tick(struct h248_entity *entity, int64_t now_ms);

struct h248_entity_counters {
	uint64_t strangers;	/* messages of those not allowed */
	uint64_t unreadable;	/* messages that could not be decoded */
	uint64_t registrations; /* accepted */
	uint64_t refused;	/* registrations refused */
	uint64_t lost;		/* associations lost */
	uint64_t handoffs, failovers;
};
const struct h248_entity_counters *h248_entity_counters(const struct h248_entity *entity);

/* ---- peers ---- */

/* All peers; pass NULL to begin. An MG has at most one: the MGC it is or was last associated with.
 */
struct h248_peer *h248_peer_next(const struct h248_entity *entity,
				 const struct h248_peer *previous);
enum h248_state h248_peer_state(const struct h248_peer *peer);
const struct h248_mid *h248_peer_mid(const struct h248_peer *peer);
const struct h248_addr *h248_peer_address(const struct h248_peer *peer);
uint8_t h248_peer_version(const struct h248_peer *peer); /* agreed; 0 before */
struct h248_channel *h248_peer_channel(const struct h248_peer *peer);
struct h248_entity *h248_peer_entity(const struct h248_peer *peer);
void *h248_peer_user(const struct h248_peer *peer);
void h248_peer_set_user(struct h248_peer *peer, void *user);
/* MGC: forget an MG. */
void h248_peer_drop(struct h248_peer *peer);

/* A request to the peer. H248_E_STATE when there is no association; else as h248_channel_request().
 */
int h248_request(struct h248_peer *peer, const struct h248_action *actions, h248_reply_h done,
		 void *user, int64_t now_ms, uint32_t *id);

/*
 * The same with the actions as text, the way they stand in a transaction ("Context=1{Subtract=*}",
 * long or short tokens). Also the errors of h248_decode_actions().
 */
int h248_request_text(struct h248_peer *peer, const char *actions, h248_reply_h done, void *user,
		      int64_t now_ms);

/* ---- MG ---- */

enum h248_state h248_mg_state(const struct h248_entity *entity);
/* ServiceChange on terminations ("ip/access/1", "ip/access/" and "*") in a context. done may be
 * NULL. */
int h248_mg_service_change(struct h248_entity *entity, uint32_t context, struct slice tid,
			   enum h248_method method, uint16_t reason, uint32_t delay_s,
			   h248_reply_h done, void *user, int64_t now_ms);
/* Leave with ROOT Graceful (delay 0 = no deadline: call again with H248_FORCED) or Forced, reason
 * 908. */
int h248_mg_leave(struct h248_entity *entity, enum h248_method method, uint32_t delay_s,
		  int64_t now_ms);
/* Stay after all: 918 cancel graceful. */
int h248_mg_stay(struct h248_entity *entity, int64_t now_ms);
/* The MGC armed it/ito on ROOT: when it is silent for mit_ms, Notify and, without answer,
 * Disconnected. 0 = off. */
void h248_mg_set_inactivity(struct h248_entity *entity, uint32_t mit_ms, uint32_t request_id,
			    int64_t now_ms);

/* ---- MGC ---- */

/* Tell an MG to go to another MGC (903, MgcIdToTry). */
int h248_mgc_handoff(struct h248_peer *peer, const struct h248_mid *to, int64_t now_ms);
/*
 * After a restart of the MGC, or when an MG is lost: tell it to register anew, with `us` (11.5 has the
 * MG find out by itself, which takes until something of it is not answered). It is a peer in
 * H248_LOST until it has. One that was not associated with us refuses, and nothing comes of it.
 * H248_OK; H248_E_STATE: it is associated, has left, or there is no place; an error of h248_encode().
 */
int h248_mgc_reclaim(struct h248_entity *entity, const struct h248_mid *mid,
		     const struct h248_addr *at, const struct h248_mid *us, int64_t now_ms);

#endif
