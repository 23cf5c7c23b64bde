/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calls of this P-CSCF, in shared memory, and who works on them.
 *
 * A call is worked on by one owner at a time: the process that found it at rest, then the order that
 * the gateway is asked with, then the process that goes on with the message. What else comes for the
 * call meanwhile waits in its queue. The owner alone touches `leg`, and nothing waits for him under a
 * lock. Locks: tm's of a transaction, then that of a call's bucket, then that of the order queue or
 * the task queue; never the other way round.
 */
#ifndef IMS_ALG_CALLS_H
#define IMS_ALG_CALLS_H

#include "base/keyed_hash.h"
#include "modules/ims_alg/core/leg.h"
#include "modules/ims_alg/glue.h"
#include "modules/ims_alg/tasks.h"
#include "modules/common/hold.h"
#include "modules/common/ids.h"
#include "modules/common/wait.h"
#include "modules/ims_flow/api.h"

extern const struct alg_memory alg_shm; /* shm_malloc(), shm_free() */

/* ---- messages that wait ---- */

enum alg_held_kind {
	ALG_HELD_REQUEST, /* its transaction is suspended */
	ALG_HELD_TEXT,	  /* an answer, or an ACK: to be received again */
	ALG_HELD_NOTE,	  /* no message: what tm told (note) */
	ALG_HELD_EVENT	  /* no message: event */
};

struct alg_held {
	struct alg_task task;
	struct alg_held *next; /* in the queue of its call */
	enum alg_held_kind kind;
	uint64_t call;
	bool done;	/* the leg has decided: work. Else it is still to be asked */
	bool used;	/* alg_manage() has had it */
	bool passed_on; /* and the call belongs to somebody else now */
	bool request_from_caller;
	bool initial; /* see struct alg_message */
	struct alg_leg_work work;
	struct alg_order *order; /* answered by the gateway */
	struct alg_message note;
	enum alg_call_event event;
	int end_code;	      /* with an event: why; 0: as the leg says */
	const char *end_text; /* of the program's own texts */
	struct kam_wait wait;
	struct kam_held_text text; /* the last member */
};

/* ---- calls ---- */

/* What is needed to say BYE in the name of one end. Texts in shared memory, with NUL, or NULL. */
struct alg_party {
	bool heard;
	struct receive_info rcv; /* of its last message */
	uint32_t cseq;
	char *routes, *target, *address;
	bool bye_due; /* BYE in its name is to be said, and is neither answered nor given up */
};
enum { ALG_CALLER = 0, ALG_CALLEE, ALG_PARTIES };

/* One line of a call's story. */
struct alg_line_of_story {
	uint32_t after_ms; /* the call's begin */
	uint16_t code;
	uint8_t method, event, action, todo, state;
	bool from_caller, is_event, failed;
};
enum { ALG_STORY_MAX = 24, ALG_QUEUE_MAX = 16, ALG_FLOWS_MAX = 8 };

/* When BYE is said to both. DONE: the task that says it is on its way. */
enum alg_hang_up { ALG_HANG_UP_NOT = 0, ALG_HANG_UP_AFTER_ACK, ALG_HANG_UP_NOW, ALG_HANG_UP_DONE };

struct alg_entry {
	struct alg_entry *next;
	uint64_t id;
	char *call_id, *caller_tag; /* with NUL, in this block */
	uint64_t branch;	    /* digest of the INVITE's topmost Via branch */
	struct alg_leg leg;
	struct alg_ue ue;
	uint64_t user; /* whose call it is, as alg_phone_match() tells it; does not change */
	flow_id_t flow;
	struct netaddr phone;
	uint32_t invite_cseq;
	struct kam_wait invite; /* names the INVITE's transaction */
	bool invite_live;
	/* Under the bucket's lock. */
	bool busy;
	struct alg_held *queue, **queue_end;
	unsigned queued;
	bool stored, changed; /* has a file; what is to be in it is no longer so */
	bool settled;	      /* the INVITE's transaction has gone, the leg is to be told */
	/* The owner's, too. */
	uint64_t born_ms, heard_ms, ended_ms;
	enum alg_hang_up hang_up;
	uint64_t hang_up_ms;
	int end_code; /* of the INVITE's refusal, or of the Reason of BYE */
	char end_text[96], gateway[MGC_GATEWAY_NAME_MAX];
	struct alg_order *end_order; /* kept, so that a release cannot fail */
	struct alg_party party[ALG_PARTIES];
	unsigned lines; /* m-lines, as others may read them: under the bucket's lock */
	struct alg_flow line[ALG_FLOWS_MAX];
	unsigned story_n;
	struct alg_line_of_story story[ALG_STORY_MAX];
};

int alg_calls_init(void);

/* A digest of a tag or branch; 0 for an empty one. */
uint64_t alg_digest(struct slice text);

/* A message, as far as the table is concerned. */
struct alg_match {
	struct slice call_id, from_tag, to_tag;
	uint64_t branch; /* of an INVITE without a To tag */
	uint64_t user;	 /* the subscriber whose phone has part in it; 0: not known, any */
	enum alg_side from;
};

/*
 * Find by message: 1 and the call's *id; 0: none, *id is 0; -1: the call is another subscriber's. Whoever
 * was told Call-ID and tags (RFC 3891) knows them, and is not its phone. *from_caller as in struct
 * alg_message, for a request.
 */
int alg_calls_find(const struct alg_match *m, uint64_t *id, bool *from_caller);

/* A new call, whose owner the caller is. NULL: there are max_calls, or no memory (both counted). */
struct alg_entry *alg_calls_new(const struct alg_match *m);

/* Before the fork: a call of the run before, at rest. NULL: it does not belong here, or no memory. */
struct alg_entry *alg_calls_restore(const struct alg_match *m, uint64_t id);

/* Become the owner. NULL: it is gone, or *busy: somebody has it. */
struct alg_entry *alg_calls_enter(uint64_t id, bool *busy);

/* The owner's way to his call. */
struct alg_entry *alg_calls_mine(uint64_t id);

/*
 * May one more message wait for its turn? matters: there is room for twice as many. Ask before
 * the message is held: a held one cannot be refused any more. Messages that ask at the same moment may all be told yes.
 */
bool alg_calls_has_room(uint64_t id, bool matters);

/* Put h behind what waits for the call. 0; 1: nobody has the call, and the caller is its owner now; -1: gone. */
int alg_calls_queue(uint64_t id, struct alg_held *h);

/* Is BYE in the name of an end still neither answered nor given up? By the owner, or under the bucket's lock. */
bool alg_calls_byes_due(const struct alg_entry *e);

/* The owner has done his work: what waits goes on, or the call is at rest. */
void alg_calls_leave(struct alg_entry *e);

/* Call f with the call under its bucket's lock; it must not wait. False: there is no such call. */
bool alg_calls_look(uint64_t id, void (*f)(struct alg_entry *e, void *arg), void *arg);

/* The INVITE's transaction has gone. Cannot fail; what follows is done at the next tick. */
void alg_calls_settled(uint64_t id);

/* In a worker: its file is as it is to be, unless somebody works on the call, who sees to that himself. */
void alg_calls_store(uint64_t id);

/* In one process, a few times each second. */
void alg_calls_tick(uint64_t now_ms);

/* Call f with each call under its bucket's lock; it must not wait. Not 0 ends the walk. */
void alg_calls_each(int (*f)(const struct alg_entry *e, void *arg), void *arg);
unsigned alg_calls_count(void);

/* ---- engine.c: what is done with a message, by the owner ---- */

void alg_with(const struct alg_entry *e, struct alg_leg_with *with);
/* What the leg said besides: release, restore, refuse, hang up. */
void alg_after(struct alg_entry *e, const struct alg_leg_work *w);
/* Why it ends, for headers: text without what would end a quoted string. */
void alg_note_end(struct alg_entry *e, int code, const char *text);
/* What waited without a message. */
void alg_take_note(struct alg_entry *e, const struct alg_held *h);
/* Note where the media go now, for others. */
void alg_note_flows(struct alg_entry *e);
void alg_tell_story(struct alg_entry *e, const struct alg_leg_work *w);
/* Let e be told. From any process, with no lock held. */
void alg_tell(uint64_t call, enum alg_held_kind kind, const struct alg_message *note,
	      enum alg_call_event event);
/* The same: its media cannot go on, because of text, a text of the program's own. */
void alg_tell_lost(uint64_t call, int code, const char *text);

/* ---- held.c ---- */

/* Keep msg. NULL: no memory, or too many wait. Its transaction is suspended afterwards. */
struct alg_held *alg_hold(sip_msg_t *msg, uint64_t call);
/* Go on with it, in a worker. */
void alg_held_go_on(struct alg_held *h);
/* For alg_manage(): what is gone on with just now; NULL: msg has just come. */
struct alg_held *alg_held_current(void);
void alg_held_free(struct alg_held *h);

/* ---- orders.c ---- */

struct alg_order {
	struct kam_link link; /* the first member */
	bool release;
	uint64_t call;
	struct alg_held *held; /* who waits; NULL: nobody */
	enum mgc_code code;
	char text[96], gateway[MGC_GATEWAY_NAME_MAX];
	size_t room;
	struct alg_media media; /* asked for, then given; the last member, of room octets */
};
int alg_orders_init(void);
struct alg_order *alg_order_new(uint64_t call, const struct alg_media *want);
struct alg_order *alg_order_release_new(uint64_t call);
void alg_order_free(struct alg_order *o);
/* Give it to the controller, whose it is then. It never waits. */
void alg_order_post(struct alg_order *o);
/* In the controller's process. */
void alg_orders_take(struct mgc *mgc, int64_t now_ms);
/* There, now and then: the contexts that have changed are written to state_dir. */
void alg_orders_save(const struct mgc *mgc);
/* There, before mgc_start(): the contexts of the run before. Calls without theirs are told. */
void alg_orders_load(struct mgc *mgc);

/* ---- watch.c ---- */

struct alg_note {
	uint64_t call;
	bool from_caller; /* the request */
	bool initial;
	bool bye; /* of alg_hang_up() */
};
/* See what becomes of a request's transaction, which is made if need be. 0; 1: a retransmission; -1. */
int alg_watch(sip_msg_t *msg, struct alg_entry *e, const struct alg_note *note);
/* The note of the current transaction. 0, or -1. */
int alg_note_load(struct alg_note *n);
int alg_watch_init(void);

/* ---- parties.c ---- */

/* By the owner: a message of this end came. */
void alg_party_heard(struct alg_entry *e, const sip_msg_t *msg, const struct alg_message *m);
/* This text was sent to an end: it has its route set, its target, and what it is called. */
void alg_party_sent(uint64_t call, unsigned party, struct slice text, bool request);
void alg_parties_free(struct alg_entry *e);
/* In a worker: BYE to both ends, each as if the other had said it; not for those whose BYE is over. */
void alg_hang_up(uint64_t call);
/* Of a BYE that comes: if it is such a one of note's call, see what becomes of it. */
void alg_bye_watch(sip_msg_t *msg, const struct alg_note *note);
/* The BYE in the name of this end was answered, or is given up: it is not said again after a restart. From any
 * process, with no bucket's lock held. The file is put right at the next tick. */
void alg_bye_over(uint64_t call, unsigned party);
/* In a worker: answer the INVITE in the place of its callee. */
void alg_refuse_call(uint64_t call);

/* ---- phone.c ---- */

extern struct ims_flow_api alg_flow;
/* Which phone has part in a message: *flow, the side its request came from, whose it is. False: none that is known. */
bool alg_phone_match(sip_msg_t *msg, struct alg_match *m, flow_id_t *flow);
/* Who the call's phone is, from its flow. */
void alg_phone_read(sip_msg_t *msg, flow_id_t flow, struct alg_entry *e);
/* In mod_init: calls of a flow that has ended are released, without a word to anybody. 0, or -1 (logged). */
int alg_phone_init(void);

#endif
