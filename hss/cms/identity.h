/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIP identities of migration: drawn at random (TR 23.781 6.2.1 steps 5 and 10), and those of others checked. */
#ifndef HSS_CMS_IDENTITY_H
#define HSS_CMS_IDENTITY_H

#include "base/slice.h"

enum {
	NAME_SIZE = 256,  /* an identity, or a domain, with NUL */
	NAMES_IMPUS = 4,  /* public identities beside one private one */
	DRAWN_SIZE = 28,  /* "m" and 26 characters, with NUL */
	NAMES_TEXT = 2048 /* of names_write(), with NUL */
};

/* A private identity and its public ones. */
struct names {
	char impi[NAME_SIZE];		   /* NAI, TS 23.003 13.3 */
	char impu[NAMES_IMPUS][NAME_SIZE]; /* sip: or tel: URI, TS 23.003 13.4 */
	size_t n_impu;			   /* 1 at least where there are any */
};

/* "m" and 26 characters of base32 (RFC 4648 6, lower case): 130 random bits. Returns 0, or -1 without random
 * numbers. */
int identity_draw(char out[DRAWN_SIZE]);

/* As many public identities as out->n_impu says, and a private one, each drawn by itself, all in domain. Returns 0, or
 * -1 without random numbers or where the domain is too long. */
int names_draw(struct names *out, const char *domain);

/* user@host, and sip:user@host or tel:+digits, of the characters that need no escape, and without the '!' of a decorated
 * name (RFC 4282 2.7). */
bool identity_is_impi(struct slice s);
bool identity_is_impu(struct slice s);
/* A domain name of letters, digits, '-' and '.'. */
bool identity_is_domain(struct slice s);
/* Is the host of the identity the domain, or below it? A tel: URI is in none. */
bool identity_in_domain(struct slice identity, struct slice domain);

/* All in one text, a line each, the private one first. out has NAMES_TEXT octets. */
void names_write(const struct names *n, char out[NAMES_TEXT]);
/* The reverse. Returns 0, or -1: it is no such text. */
int names_read(struct slice text, struct names *out);

#endif
