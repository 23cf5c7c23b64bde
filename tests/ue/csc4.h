/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration management client (CSC-4, TR 23.781 6.2.1 steps 1 and 13): a phone asks its configuration management server
 * where it may go and gets identities, domain and P-CSCF of a partner system, which stand beside those of its card from then on.
 */
#ifndef UE_CSC4_H
#define UE_CSC4_H

#include "ue/access.h"
#include "ue/csc4_text.h"

/* A configuration management server, as the scenario calls it. */
struct cms {
	char *name, *url, *ca; /* https://HOST[:PORT]; file with its authority's certificate */
	struct cms *next;
};

extern struct cms *cms_all;

struct cms *cms_find(struct slice name);
struct cms *cms_new(struct slice name);
/* At the end of the program. */
void csc4_free_all(void);

/*
 * Ask the server; the answer's status comes into u->config_op. With 200 or 201 and the document that it names the system is in u's
 * list under that name (an earlier one of that name is not found any more); else 606 with the reason (local), or 408 (local) where
 * nobody answered. token: the access token itself. What u asked before is given up. Returns 0, or -1: it cannot begin.
 */
int csc4_ask(struct ue *u, const struct cms *server, struct access *over, struct slice name,
	     const char *token, const struct csc4_wish *wish);

/* GET (look) or DELETE (give back) what the server has of the system, with the token it was got with. As above; nothing of the system
 * changes. */
int csc4_look(struct ue *u, struct ue_system *system, struct access *over, bool give_back);

/* Nothing more is awaited; what runs is given up. */
void csc4_drop(struct ue *u);

#endif
