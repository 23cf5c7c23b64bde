/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of each header at the border between phones and the core (TS 24.229 4.4, 5.2; RFC
 * 3325, RFC 7315). One row a header, one cell a way. A header without a row is passed (RFC 3261
 * 16.6). docs/modules/border.md has the same table with its sources; a test compares the two.
 */
#ifndef IMS_BORDER_HEADER_RULES_H
#define IMS_BORDER_HEADER_RULES_H

#include "base/slice.h"

/* Which way a message goes, and what it is. REGISTER stands apart. */
enum border_way {
	BORDER_UE_REQUEST,	 /* a request of a phone */
	BORDER_UE_ANSWER,	 /* an answer of a phone */
	BORDER_CORE_REQUEST,	 /* a request to a phone */
	BORDER_CORE_ANSWER,	 /* an answer to a phone */
	BORDER_REGISTER,	 /* a REGISTER of a phone */
	BORDER_REGISTER_REFUSED, /* an answer to it that is no 2xx, 401 among them */
	BORDER_REGISTER_OK,	 /* a 2xx to it */
	BORDER_WAYS
};

enum border_action {
	BORDER_PASS = 0,
	BORDER_CUT,
	BORDER_OURS,	/* cut; what the core needs is written anew */
	BORDER_FLOW,	/* ims_flow sees to it: flow_register(), flow_register_reply() */
	BORDER_AS_SENT, /* Record-Route of an answer: what the request had, else that is put in */
	BORDER_NO_NETWORK,	 /* values with network-provided (or np) are cut */
	BORDER_SUPPORTED_ONLY,	 /* P-Early-Media: all but "supported" is cut */
	BORDER_NO_LOC_SRC,	 /* the parameter loc-src is cut */
	BORDER_NO_PSAP,		 /* Priority: psap-callback is cut */
	BORDER_NO_SEC_AGREE,	 /* option tags sec-agree and mediasec are cut */
	BORDER_NO_INTEGRITY,	 /* the parameter integrity-protected is cut */
	BORDER_NO_KEYS,		 /* the parameters ck and ik are cut; all if they cannot be found */
	BORDER_NOT_WITH_ID,	 /* cut if the message's Privacy has "id" */
	BORDER_NOT_WITH_HISTORY, /* cut if it has "history"; else only entries that ask for it */
	BORDER_ACTIONS
};

struct border_rule {
	const char *name;
	uint8_t action[BORDER_WAYS]; /* enum border_action */
};

/* The rows in the order of the table, and how many there are. */
extern const struct border_rule border_rules[];
extern const size_t border_rules_n;

/* A table that can be changed at start (an operator's own rules). */
#define BORDER_RULES_MAX 96
#define BORDER_NAME_MAX	 40 /* octets of a header's name, NUL included */
struct border_table {
	struct {
		char name[BORDER_NAME_MAX];
		uint8_t len;
		uint8_t next; /* row with a name of the same length, + 1; 0: none */
		uint8_t action[BORDER_WAYS];
	} row[BORDER_RULES_MAX];
	size_t n;
	uint8_t by_len[BORDER_NAME_MAX]; /* first row with a name of this length, + 1 */
};

/* The table as it is written here. */
void border_table_init(struct border_table *t);
/*
 * One rule of an operator, "HEADER WAY ACTION": WAY is a name of border_way_name() or "all", ACTION
 * is "pass" or "cut". 0, or -1: malformed, too many, or a cell that may not be opened, because it
 * keeps keys or the security agreement (BORDER_FLOW, BORDER_AS_SENT, BORDER_NO_KEYS).
 */
int border_table_rule(struct border_table *t, struct slice text);
/* What becomes of a header of this name (compared without case). */
enum border_action border_table_action(const struct border_table *t, struct slice name,
				       enum border_way way);

/* Words of the documentation and of rules: "ue-request", "no network value". Never NULL. */
const char *border_way_name(enum border_way w);
const char *border_action_name(enum border_action a);

#endif
