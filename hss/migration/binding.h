/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What binds the identities of a migrated user (TR 23.781 6.2.1 steps 5 and 10), as this HSS has it. Plain data.
 *
 *   here: a partner's user who is with us. own is the inbound identities, which we gave him; pair is what his own system,
 *         the primary, knows him by; host and realm are its HSS or SLF.
 *   away: a user of ours who may be at a partner. own is his own identities; pair is what the partner knows him by: the same,
 *         or outbound identities that hide him.
 *
 * The n-th public identity of own is the n-th of pair.
 */
#ifndef HSS_MIGRATION_BINDING_H
#define HSS_MIGRATION_BINDING_H

#include "hss/cms/identity.h"
#include "hss/config.h"

enum { BINDING_ID_SIZE = 40, BINDING_REASON_SIZE = 64 };

/* Numbers of the store. */
enum binding_side { BINDING_AWAY, BINDING_HERE };
/* Only what is live is served; what ends has its registration to be ended yet. */
enum binding_state { BINDING_LIVE, BINDING_ENDING, BINDING_OVER };

/* Who has fetched vectors with it: the HSS of the partner (away), for whom it keeps a record of its own. */
struct binding_asker {
	char host[IDENTITY_SIZE], realm[IDENTITY_SIZE], server[IDENTITY_SIZE]; /* "": nobody yet */
	int64_t first, last; /* seconds since the epoch; last is kept to the minute */
	int64_t mars, resyncs;
};

struct binding {
	char id[BINDING_ID_SIZE]; /* of the configuration management server's grant */
	enum binding_side side;
	char partner[PARTNER_SIZE];
	struct names own, pair;
	char host[IDENTITY_SIZE], realm[IDENTITY_SIZE]; /* here: the primary's HSS or SLF */
	int64_t expires,
	    changed; /* seconds since the epoch; changed: since when it is in its state */
	enum binding_state state;
	char reason[BINDING_REASON_SIZE]; /* why it is not live any more */
	struct binding_asker asker;
};

/* "here" or "away"; "live", "ending" or "over". */
const char *binding_side_word(enum binding_side side);
const char *binding_state_word(enum binding_state state);

/* Does it serve at that time? */
bool binding_serves(const struct binding *b, int64_t now);

/* Which of the public identities of own / of pair is this (canonical)? -1: none. */
int binding_own(const struct binding *b, const char *impu);
int binding_pair(const struct binding *b, const char *impu);

/* Do both say the same, times and state apart? */
bool binding_same(const struct binding *a, const struct binding *b);

/*
 * May it be bound here? That the partner is known, that each identity is in a domain of whose it is, and none decorated (RFC
 * 4282 2.7), that the primary of who is here is not we (a circle), nor a third system (a chain), and that the primary's HSS
 * is one of the partner's that we know. NULL, or a sentence that says what is not.
 */
const char *binding_unfit(const struct binding *b, const struct config *cfg, int64_t now);

#endif
