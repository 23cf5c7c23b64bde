/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests that come in: each is handed to its command's handler, and answered when that is done. */
#ifndef HSS_DIAMETER_SERVER_H
#define HSS_DIAMETER_SERVER_H

#include "hss/config.h"
#include "hss/cx/cx.h"
#include "hss/diameter/application.h"
#include "hss/diameter/avp.h"

/*
 * A request under way. It is the handler's until incoming_send() or incoming_drop(); what points
 * into msg lives as long.
 */
struct incoming {
	struct msg *msg;
	const struct application *app;
	const struct command *command;
	bool later; /* it is answered from a thread that may wait for a peer, and is no handler's */
};

/* What peers are here for stands in this configuration; nothing is answered before it is set. */
void server_set_config(const struct config *cfg);

/* The line of the peer that the request came from, or NULL. */
const struct config_peer *incoming_peer(const struct incoming *in);

/* This thread is one of libfdcore's that dispatch: from now on, or not any more, it may wait for the peer that it answers. */
void server_dispatching(bool is);

/* Is that Origin-Host the peer that the request came from, or may that peer pass requests on? */
bool incoming_speaks_for(const struct incoming *in, struct slice origin_host);

/* Register the handlers of an application with freeDiameter. Returns 0 or an errno value. */
int server_start(struct application *app);

/* Answer a request of one of the applications so before anybody looks at what it asks; takes it over. */
void server_refuse(struct msg *msg, struct result result);

/*
 * Begin the answer: result, application and origin. The request stays alive behind it, and with it
 * all slices into it. Add what else it has to the builder, then incoming_send().
 */
struct builder incoming_answer(struct incoming *in, struct result result);
/* Send what incoming_answer() began, or, if the builder failed, UNABLE_TO_COMPLY. Frees in. */
void incoming_send(struct incoming *in, struct builder *b);

#endif
