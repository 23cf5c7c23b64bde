/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a phone says to its configuration management server (docs/cms.md, "CSC-4"), and what it is told. No socket. */
#ifndef UE_CSC4_TEXT_H
#define UE_CSC4_TEXT_H

#include "ue/ue.h"

/* A wish for a connection to a partner system. NULL where the scenario says nothing. */
struct csc4_wish {
	const char *mc_id, *instance;
	const char *services; /* with commas */
	const char *place;    /* PLMN or PLMN/TAC */
	const char *partner;  /* its identifier */
};

/* The body of POST /csc-4/v1/partner-connections. */
void csc4_write_wish(const struct csc4_wish *w, struct text *out);

/* What an answer has beside the identities. To be freed with csc4_given_free(). */
struct csc4_given {
	char *partner, *chosen_by, *expires;
	char *href;	 /* of the initial UE configuration: a path */
	char sha256[65]; /* of it, small hex digits */
};

/*
 * Read the answer into the system (impi, impu, domain, realm, pcscf, id; what they had is freed) and *given. Returns 0, or -1 with
 * *why where something is missing or is not what it should be; the system is then as it was.
 */
int csc4_read_connection(struct slice body, struct ue_system *system, struct csc4_given *given,
			 const char **why);
void csc4_given_free(struct csc4_given *given);

/* "type: detail" of an application/problem+json into out; nothing where it is none. */
void csc4_read_problem(struct slice body, struct text *out);

/* Are these octets the ones that were named? */
bool csc4_is_document(const struct csc4_given *given, struct slice document);

#endif
