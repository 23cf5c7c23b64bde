/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One request over HTTP with its body and its answer, and how it waits for an S-CSCF. */
#ifndef HSS_HTTP_EXCHANGE_H
#define HSS_HTTP_EXCHANGE_H

#include <microhttpd.h>

#include "hss/http/api.h"
#include "http/body.h"
#include "http/deadlines.h"

struct exchange {
	struct api_call call;
	struct MHD_Connection *connection;
	struct deadline *deadline;
	char who[TOKEN_NAME_SIZE];
	char method[12];
	char target[256]; /* for the log */
	struct http_body body;
	bool last;     /* nobody knows where the request ends: the connection is closed */
	size_t passed; /* octets that are not kept, or were given to an import */
	/* under the lock of exchange.c */
	struct exchange *next; /* in the list of those that wait */
	bool waits;	       /* for on_done(), the connection suspended */
	bool pending;	       /* on_done() has not been called yet */
	bool orphan;	       /* the connection has gone before it */
	bool stopped;	       /* resumed because the server stops */
	bool followed;	       /* on_done() has been called */
	char *error;	       /* what it was told, or NULL */
};

struct exchange *exchange_new(struct MHD_Connection *connection);
/* The connection is done with it: frees it, now or when on_done() has come. */
void exchange_end(struct exchange *x);

/* Suspend the connection and begin what the call wants; false: the server stops. */
bool exchange_wait(struct exchange *x);
/* After the connection was resumed: makes the answer. */
void exchange_resumed(struct exchange *x);
/* Resume all that wait, and wait until they are told, a second at most; none may wait any more. */
void exchanges_stop(void);

/* The answer to a body that is too big. */
void exchange_too_big(struct exchange *x);
/* Keep more of the body. Returns 0, or -1: too big (an answer is made), or no memory. */
int exchange_body(struct exchange *x, const char *data, size_t len);
/* Queue the answer. */
enum MHD_Result exchange_answer(struct exchange *x);

#endif
