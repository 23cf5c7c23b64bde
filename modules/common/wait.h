/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suspending a transaction, asking somebody, and going on when all have answered. No worker waits.
 *
 * A struct kam_wait lies in shared memory, in what its module keeps for the request. Everybody who
 * may still touch that counts: the asker, and each question that is out. Whoever takes the last
 * count away (kam_wait_done() returns true to exactly one caller) owns it: he answers, goes on and
 * frees it.
 *
 *   if (kam_wait_begin(msg, &p->wait)) refuse; free p;
 *   for each question: kam_wait_expect(); send it with p; if it cannot be sent, kam_wait_done();
 *   if (kam_wait_done(&p->wait)) finish(p);         all have answered already, or nobody was asked
 *   and in each answer: note it in p; if (kam_wait_done(&p->wait)) finish(p);
 *   finish(p): kam_wait_reply() or not; kam_wait_continue(); free p.
 */
#ifndef KAM_WAIT_H
#define KAM_WAIT_H

#include <stdbool.h>

#include "../../core/atomic_ops.h"
#include "../../core/parser/msg_parser.h"

#include "modules/common/text.h"

struct action;
struct cell;
struct tmcb_params;

struct kam_wait {
	unsigned tindex, tlabel; /* the transaction, as tm knows it */
	atomic_t out;		 /* the asker and his questions */
};

/* In mod_init: at most max transactions of this module wait at a time. 0, or -1 (logged). */
int kam_wait_init(unsigned max);

/*
 * Make a transaction for msg if it has none. 0; 1: msg is a retransmission, tm has seen to it; -1:
 * it cannot be made. *index and *label name it to kam_wait_reply() and others.
 */
int kam_transaction(sip_msg_t *msg, unsigned *index, unsigned *label);

/*
 * Suspend the transaction of msg, which must exist. 0, or -1: too many wait, it is being cancelled,
 * or memory is short.
 */
int kam_wait_begin(sip_msg_t *msg, struct kam_wait *w);
void kam_wait_expect(struct kam_wait *w);
bool kam_wait_done(struct kam_wait *w);

/* Is there a route of this name? In KEMI it is a function, of which nobody knows before it is called:
 * true. For a module's start. */
bool kam_wait_route_is_there(const char *route);

/*
 * In the worker that suspended it, by the owner: do not wait after all; the worker goes on with the
 * request as if it had not been suspended, and must answer it.
 */
void kam_wait_cancel(struct kam_wait *w);
/*
 * By the owner: answer. headers: whole lines, or empty. 0; -1: the transaction has gone (it was
 * answered because it took too long), or memory is short.
 */
int kam_wait_reply(const struct kam_wait *w, int status, const char *reason, struct slice headers);
/*
 * The same for a transaction by its name (kam_transaction()), with a body and a To tag (both may be empty), and for 1xx, too: it
 * need not be suspended. Not under a lock of tm's.
 */
int kam_transaction_reply(unsigned index, unsigned label, int status, const char *reason,
			  struct slice headers, struct slice body, struct slice to_tag);
/* CANCEL what this transaction has sent. 0; -1: it has gone. */
int kam_transaction_cancel(unsigned index, unsigned label);
/* By the owner, before that: f is called when tm has built the answer, ps->send_buf. 0; -1: as above. */
int kam_wait_watch_reply(const struct kam_wait *w,
			 void (*f)(struct cell *t, int type, struct tmcb_params *ps));
/* By the owner: run this route, or nothing if it is NULL. The transaction waits no longer. */
void kam_wait_continue(struct kam_wait *w, struct action *route);
/* The same with a route by its name, of the cfg or of a KEMI script. */
void kam_wait_continue_at(struct kam_wait *w, const char *route);
/* Set an AVP with a number for that route. */
void kam_wait_set_avp(const struct kam_wait *w, const char *name, int value);

/* How many wait now, in all processes. */
int kam_waits(void);

#endif
