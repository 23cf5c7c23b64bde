/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The subscription locator function (TS 23.228 5.8, TS 29.228 6.5, TS 29.328 6.5): who asks for a user of another
 * subscriber base is told which one. Entries are private or public identities, or "*@DOMAIN" for all of a
 * domain.
 */
#ifndef HSS_CX_REDIRECT_H
#define HSS_CX_REDIRECT_H

#include "hss/subscription/subscription.h"

/*
 * The key under which an entry is kept: a public identity in canonical form, a private one as it is,
 * "*@DOMAIN" in lower case. Returns 0, or -1 if it is none of these or too long.
 */
int redirect_key(struct slice identity, char out[IDENTITY_SIZE]);

/* The entry for the whole domain of an identity (a key). Returns 0, or -1 if it has none. */
int redirect_domain(const char *key, char out[IDENTITY_SIZE]);

#endif
