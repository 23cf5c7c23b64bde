/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wildcarded public identities, of users and of services (TS 23.003 13.4B, 13.5): a SIP or tel URI with an extended
 * regular expression between its first and its last '!', such as sip:chat-!.*!@home1.net. It stands for every
 * identity that the expression completes, and is nobody's name on the wire but in profiles and Wildcarded-... AVPs.
 *
 * Patterns come from whoever provisions, and identities from anybody, so what a pattern may cost is bounded: its
 * length, no back-reference, one repetition by number at most, of a single character and up to
 * WILDCARD_REPEAT_MAX. The worst pattern takes a millisecond.
 */
#ifndef HSS_WILDCARD_H
#define HSS_WILDCARD_H

#include "hss/subscription/subscription.h"

enum {
	WILDCARD_PATTERN_MAX = 64, /* characters between the '!' */
	WILDCARD_REPEAT_MAX = 32,
	WILDCARDS_ALIKE_MAX = 64, /* with one key: more are refused, as each is tried */
};

/* Has it the form of one: two '!' at least? */
bool wildcard_is(struct slice uri);

/*
 * Judge one. What is around the pattern must be as identity_canonical() would have it. Returns 0, or -1 with a few
 * words in *why (static text).
 */
int wildcard_check(struct slice uri, const char **why);

/* Does an identity (canonical) match? A wildcard that wildcard_check() refuses matches nothing. */
bool wildcard_matches(const char *wildcard, const char *identity);

/*
 * By which a wildcard is found, in a table with an index on both: its host ("" for tel) and what stands in front of
 * the pattern. Both are pieces of a name; cut to fit, they never are.
 */
void wildcard_key(const char *wildcard, char host[IDENTITY_SIZE], char prefix[IDENTITY_SIZE]);
/* The host under which those that an identity may match are found. */
void wildcard_host(const char *identity, char host[IDENTITY_SIZE]);

/*
 * The form in which public identities are provisioned and kept: that of identity_canonical(), or a wildcard that is
 * good. Returns 0, or -1.
 */
int identity_stored(struct slice uri, char out[IDENTITY_SIZE]);

#endif
