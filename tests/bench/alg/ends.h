/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sockets of phones and core, what their messages have in common, and their registrations. */
#ifndef BENCH_ALG_ENDS_H
#define BENCH_ALG_ENDS_H

#include "bench/alg/calls.h"

#define PHONE_IP "10.1.0.10"
#define CORE_IP	 "10.0.0.4"
enum { PHONE_PORT = 6000 };

/* A Via of this end, named after the call and what. */
void ends_via(struct writing *w, const struct call *c, bool phone, const char *what);
/* Call-ID, CSeq, Contact, Max-Forwards of a request. */
void ends_rest(struct writing *w, const struct call *c, bool phone, const char *cseq);
/* An answer's head; tag: what the To gets, NULL: it has one. */
void ends_answer(struct writing *w, const struct message *m, const struct call *c, bool phone,
		 const char *status, const char *tag);

/* Send c->last from the end that c->last_by_phone names. */
void ends_send(struct side *s, struct call *c);
/* Of the first n calls: send again what nothing came back to. Which one was given up; NULL: none. */
struct call *ends_again(struct side *s, unsigned n);

/* Read what has come, or wait a moment for it. */
void ends_wait(struct side *s, void (*take)(struct side *s, struct slice text));

/* All phones that are not registered yet say REGISTER. */
void ends_register(struct side *s);
bool ends_registered(const struct side *s);
/* True: m was a REGISTER, which is answered, or its answer. */
bool ends_registration(struct side *s, const struct message *m);

#endif
