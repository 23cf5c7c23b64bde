/* SPDX-License-Identifier: GPL-2.0-or-later */
/* REGISTER with IMS AKA and security agreement (TS 24.229 5.1.1, TS 33.203), right and wrong on
 * purpose. */
#ifndef UE_REGISTRATION_H
#define UE_REGISTRATION_H

#include "ue/conn.h"

#define REGISTER_EXTRA_MAX 16

enum auth_fault { AUTH_RIGHT, AUTH_REPLAY, AUTH_NONE };

/* What the scenario line asked for. Strings are owned by it. */
struct register_options {
	uint32_t expires;
	bool has_expires;
	bool seamless, global, deregister;
	char *extra[REGISTER_EXTRA_MAX]; /* Contact values to add, complete with parameters */
	unsigned extras;
	char *impu;	/* NULL: the connection's */
	char *instance; /* NULL: the UE's; "": none */
	char *contact;	/* NULL: its own */
	char *res;	/* NULL: right; "wrong"; hex */
	char *verify;	/* NULL: right; "": none; else this text */
	char *client;	/* the same for Security-Client */
	enum auth_fault auth;
	bool stale_sqn; /* answer with AUTS although the SQN is fresh */
	bool stop_at_401;
	bool unprotected; /* second REGISTER in clear */
	struct ue_sip_edits edits;
};

void register_options_free(struct register_options *o);

/*
 * Start. The result comes into c->op. o is taken over (emptied). protected: over the connection's
 * current SAs (re-registration). 0, or -1 with errno if nothing could be sent.
 */
int registration_start(struct conn *c, struct register_options *o, bool over_current);

/* Abandon what runs; its memory. */
void registration_free(struct conn *c);

#endif
