/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Documents of the reg event in the order of their versions. Over UDP the later NOTIFY may be here
 * first; RFC 3680 5.2 throws the earlier one away then and asks for full state, which the stock
 * S-CSCF does not send inside a dialog. A test wants to know what was told: a document that was
 * missed takes its place when it comes.
 */
#ifndef UE_REG_ORDER_H
#define UE_REG_ORDER_H

#include "reginfo/watch.h"

#define REG_ORDER_MAX 8 /* documents kept behind a missing one */

struct reg_order {
	struct reginfo_table *table; /* the owner's */
	struct reginfo_watch watch;
	uint32_t missing; /* the lowest version that has not come; valid while n > 0 */
	unsigned n;
	struct {
		uint32_t version;
		char *body;
		size_t len;
	} kept[REG_ORDER_MAX]; /* what came after it, by version */
};

/*
 * Take in a document and the body it was read from. Returns 0, or an error of reginfo_parse() or
 * reginfo_table_merge(). *verdict: APPLY_AND_REFRESH when something before it is missing; DISCARD
 * for a repetition, and for what comes after REG_ORDER_MAX others.
 */
int reg_order_take(struct reg_order *o, const struct reginfo_doc *doc, struct slice body,
		   enum reginfo_verdict *verdict);

void reg_order_free(struct reg_order *o);

#endif
