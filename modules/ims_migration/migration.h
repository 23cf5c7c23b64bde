/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the module share: parameters, counters, the table in shared memory. */
#ifndef IMS_MIGRATION_H
#define IMS_MIGRATION_H

#include "../../core/parser/msg_parser.h"
#include "../../core/pvar.h"
#include "../../core/rpc.h"

#include "modules/common/counters.h"
#include "modules/common/text.h"
#include "modules/ims_migration/core/partner.h"
#include "modules/ims_migration/core/swap.h"

#define MIGRATION_COUNTERS(X)                                                                      \
	X(out, "messages sent to a partner")                                                       \
	X(in, "messages that came from a partner")                                                 \
	X(swapped, "messages in which identities were replaced")                                   \
	X(names, "identities replaced")                                                            \
	X(others, "identities of the other side that stood there already")                         \
	X(signatures, "Identity headers cut, since what they sign was replaced")                   \
	X(opaque_passed, "bodies that passed without being read")                                  \
	X(refused, "messages refused, for any of the reasons below")                               \
	X(foreign, "an identity of the inside came from a partner")                                \
	X(unknown, "an identity in a domain of identities that is of nobody")                      \
	X(over, "the migration is over, and the request would begin something")                    \
	X(unmapped, "nothing may stand for an identity on the other side")                         \
	X(left, "an identity of the inside would have been left: leaks that were stopped")         \
	X(opaque, "a body that nobody can read")                                                   \
	X(sealed, "a signed body that would have to be changed")                                   \
	X(digest, "credentials that were computed with an identity")                               \
	X(ambiguous, "the way back would not give the same")                                       \
	X(malformed, "a message that cannot be read")                                              \
	X(too_much, "more identities than there is room for")                                      \
	X(not_ready, "messages refused because the bindings are not known yet")                    \
	X(no_memory, "messages refused for want of memory")                                        \
	X(emptied, "answers that cannot cross, which became a 500 with nothing in it")             \
	X(dropped, "messages to a partner that were not sent, since they cannot cross")            \
	X(bound, "bindings made or changed")                                                       \
	X(ended, "bindings that are over")                                                         \
	X(feed_refused, "bindings of ims-cms that cannot be swapped")                              \
	X(feed_failed, "times that ims-cms could not be asked")
KAM_COUNTERS_DECLARE(migration, MIGRATION_COUNTERS)

struct migration_params {
	int hide, keep_call_id, swap_digest;
	int max_bindings;
	int linger; /* seconds */
	str feed;   /* control socket of ims-cms */
	int feed_seconds, feed_full_seconds;
	str state_file;
};
extern struct migration_params migration_params;
extern struct migration_policy migration_policy;
extern struct migration_partners migration_partners;

/* ---- shared.c: the table; each call takes the lock itself ---- */
int migration_shared_init(void);
void migration_shared_destroy(void);
/* The view of a partner's bindings, for the swap. */
struct migration_view migration_view(unsigned partner);
int migration_shared_bind(const struct migration_binding *b);
int migration_shared_end(struct slice id, enum migration_source source);
/* End what is past its time; how many bindings were changed. */
unsigned migration_shared_expire(void);
/* A copy of the n-th binding with its texts in room; false behind the last. */
enum {
	MIGRATION_COPY_ROOM =
	    64 + MIGRATION_NAMES_MAX * 2 * (MIGRATION_USER_MAX + MIGRATION_HOST_MAX)
};
bool migration_shared_at(unsigned n, struct migration_binding *copy,
			 char room[MIGRATION_COPY_ROOM]);
unsigned migration_shared_count(void);
/* Are the bindings known? Always, without a feed; with one, once all of it was read. */
bool migration_ready(void);
void migration_set_ready(void);
int64_t migration_now(void);

/* ---- store.c: bindings of operators, kept over restarts ---- */
/* Write them; 0, or -1 with a sentence in why. Nothing to do without state_file. */
int migration_store_save(char *why, size_t size);
int migration_store_load(void);
/* "sip:user@host"; a NAI without scheme. Returns buf. */
enum { MIGRATION_NAME_TEXT = MIGRATION_USER_MAX + MIGRATION_HOST_MAX + 8 };
const char *migration_name_text(const struct migration_name *n, char buf[MIGRATION_NAME_TEXT]);

/* ---- functions.c ---- */
int ki_migration_swap(sip_msg_t *msg);
int ki_migration_swap_in(sip_msg_t *msg);
int ki_migration_swap_out(sip_msg_t *msg);
int ki_migration_swap_out_to(sip_msg_t *msg, str *partner);
int ki_migration_from_partner(sip_msg_t *msg);
/* Count what was found, and why it was refused. */
void migration_count(const struct migration_result *r);
/* Answer a request that is refused; an ACK gets none. own_words: it comes from a partner, and is told nothing but what he wrote. */
void migration_refuse(sip_msg_t *msg, enum migration_verdict v, bool own_words);
/* The partner from whom a message came, or -1. */
int migration_partner_from(const receive_info_t *rcv);
/* Where changes and whole texts are made, one message at a time. */
enum { MIGRATION_TEXT_ROOM = 160 * 1024 };
extern struct migration_edits migration_edits;
extern char migration_room[2][MIGRATION_TEXT_ROOM];
/* Judge text, with the last look where it goes to the wire; swapped, it stands in migration_room[0] then, *len octets. */
void migration_judge(const struct migration_view *view, enum migration_direction d,
		     struct slice text, struct migration_result *r, size_t *len);

/* ---- received.c: what comes from a partner, before any script ---- */
int migration_received_init(void);
/* ---- sent.c: what is sent to a partner, whoever made it ---- */
int migration_sent_init(void);
/* While a request of a partner is refused. */
extern bool migration_own_words;

/* ---- feed.c: the module's process ---- */
int migration_feed_init(void);
int migration_feed_fork(void);

extern rpc_export_t migration_rpc[];
extern pv_export_t migration_pvs[];
/* pv.c: what the last call of a function in this message has found. */
void migration_pv_set(const sip_msg_t *msg, int partner, enum migration_direction d,
		      const struct migration_result *r);

#endif
