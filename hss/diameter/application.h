/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A Diameter application as one struct: its commands with the rules of their requests and who
 * answers them, and its groups. Cx is one (cx_application.c); another is another struct, which
 * node.c names once. The AVPs are shared by all (avps.h).
 */
#ifndef HSS_DIAMETER_APPLICATION_H
#define HSS_DIAMETER_APPLICATION_H

#include <stddef.h>

#include "hss/diameter/avps.h"

struct dict_object; /* of freeDiameter */
struct incoming;    /* server.h */

/*
 * Answers a request that follows its rules: must lead to exactly one incoming_send(), on this
 * thread or later on another. arg is the application's.
 */
typedef void (*answer_h)(struct incoming *in, void *arg);

struct command {
	uint32_t code;
	const char *name; /* without -Request and -Answer: names are global in freeDiameter */
	const struct rule *rules;     /* of the request; NULL: only we send it */
	answer_h answer;	      /* NULL: only we send it */
	struct dict_object *request;  /* made by dict_load_application() */
	answer_h partner;	      /* where a partner's HSS asks; NULL: that may not */
	unsigned int partner_command; /* which of enum partner_command (hss/config.h) that is */
};

struct group_rules {
	enum avp_id group;
	const struct rule *rules;
};

struct application {
	uint32_t id;
	const char *name;
	unsigned int role; /* of enum peer_role (hss/config.h): which peers may use it */
	struct command *commands;
	size_t n_commands;
	void *arg;		    /* for the handlers */
	struct dict_object *object; /* made by dict_load_application() */
};

/* The Cx/Dx application of TS 29.229 and Sh of TS 29.329; arg is a struct service. */
extern struct application cx_application;
extern struct application sh_application;

/* That of these with the id, or NULL (node.c). */
const struct application *application_find(uint32_t id);

#endif
