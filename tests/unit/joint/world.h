/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small network in one process: phones, the P-CSCF's model, the S-CSCF's model, and between the
 * two a wire with a delay on which reg-event documents travel as text. Time is driven, chance comes
 * from a seed. home.c is the S-CSCF's side, edge.c the P-CSCF's, wire.c what is under way.
 */
#ifndef JOINT_WORLD_H
#define JOINT_WORLD_H

#include "modules/ims_seamless_pcscf/core/model.h"
#include "modules/ims_seamless_scscf/core/bindings.h"
#include "modules/ims_seamless_scscf/core/register_commit.h"
#include "modules/ims_seamless_scscf/core/sessions.h"
#include "modules/ims_seamless_scscf/core/sets.h"
#include "unit/unit.h"

enum { USERS = 5, SETS = 2, IMPUS = 2, ACCESSES = 3, CALLS = 3, WATCHERS = 64 };

/* An access network of a phone, and the flow set that the P-CSCF has for it. */
struct joint_access {
	char contact[48], path[48];
	uint64_t set_id;  /* 0: none */
	uint64_t asks_by; /* when the edge has asked for what it doubts, at the latest */
	bool lost;	  /* the edge lost its flow set and the home does not know */
};

struct joint_call {
	bool up, outgoing; /* outgoing: our user is the caller */
	bool unseen;	   /* the edge lost its flow set and does not know of it any more */
	char id[24];
	int access; /* where the phone has it */
	uint64_t set_id;
};

struct joint_user {
	char impi[32], impu[SETS][IMPUS][40], instance[32];
	struct joint_access access[ACCESSES];
	struct joint_call call[CALLS];
	uint32_t register_cseq; /* of his last REGISTER; all have one Call-ID */
	bool registering;	/* a REGISTER has no answer yet: a phone has one at a time */
	unsigned under_way;	/* messages on the wire for him */
	bool missed[SETS]; /* a document was lost: he may be seen wrongly until a full one comes */
};

struct joint_watcher {
	bool used;
	int user, set;
	char identity[PCSCF_URI_MAX], call_id[PCSCF_LOCAL_ID_MAX], local_tag[PCSCF_LOCAL_ID_MAX];
	uint32_t version, cseq;
	uint64_t last_due; /* one NOTIFY after the other */
};

struct joint_world {
	uint64_t now, seed, steps, documents, lost, next_set, next_call;
	struct joint_user user[USERS];
	struct joint_watcher watcher[WATCHERS];
	struct scscf_model home;
	struct pcscf_model *edge;
};

extern struct joint_world world;

/* A number below n, from the seed. */
unsigned joint_chance(unsigned n);
/* With JOINT_TRACE=USER: what happens to that user. */
void joint_say(int user, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* user and set that an IMPU belongs to. */
void joint_owner(const char *impu, int *user, int *set);

/* ---- the wire ---- */
enum joint_kind { JOINT_REGISTERED, JOINT_SUBSCRIBE, JOINT_ANSWER, JOINT_NOTIFY, JOINT_BYE };

struct joint_message {
	struct joint_message *next;
	uint64_t due;
	enum joint_kind kind;
	int user;
	int set, access; /* REGISTERED */
	uint32_t register_cseq;
	unsigned sets;			  /* REGISTERED: bit for each set of P-Associated-URI */
	struct pcscf_subscribe subscribe; /* SUBSCRIBE; of ANSWER and NOTIFY the dialog */
	int code;			  /* ANSWER */
	uint32_t cseq;			  /* NOTIFY */
	bool last;			  /* NOTIFY: terminates the subscription */
	bool heals; /* NOTIFY: a full document that was written after one was lost */
	char *body;
	size_t len;
	struct joint_call call; /* BYE */
};

/* Send: it arrives after a delay, but not before `after`. Returns when. Takes m and its body. */
uint64_t joint_send(struct joint_message *m, uint64_t after);
struct joint_message *joint_message(enum joint_kind kind, int user);
/* The next message that is due by now, or NULL; the caller frees it and its body. */
struct joint_message *joint_receive(uint64_t now);
void joint_wire_free(void);

/* ---- the home ---- */
void home_start(void);
void home_stop(void);
enum joint_register { JOINT_MOVE, JOINT_ADD, JOINT_GLOBAL, JOINT_DEREGISTER };
/* A REGISTER of the phone that the S-CSCF accepts or refuses; true: accepted. */
bool home_register(int user, int set, int access, enum joint_register kind);
/* The sets that are bound over an access, a bit for each. */
unsigned home_sets(int user, int access);
void home_subscribed(const struct joint_message *m);
void home_call(struct joint_user *u, struct joint_call *c);
void home_call_moved(struct joint_user *u, struct joint_call *c, int to);
void home_call_ended(struct joint_call *c);
/* The bindings of one set at one contact ran out. */
void home_expired(int user, int set, int access);
void home_advance(void);
/* The connection of an access, or NULL. */
struct scscf_connection *home_connection(int user, int access);

/* ---- the edge ---- */
void edge_start(void);
void edge_stop(void);
/* The flow set for a REGISTER over an access: the one that is there, or a new one. */
void edge_flow_set(struct joint_access *a);
void edge_registered(const struct joint_message *m);
void edge_answered(const struct joint_message *m);
void edge_notified(const struct joint_message *m);
void edge_call(const struct joint_call *c, bool within);
void edge_call_ended(const struct joint_call *c);
void edge_lose(int user, int access);
void edge_tick(void);

#endif
