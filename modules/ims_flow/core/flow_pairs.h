/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which SA set the kernel's policies name. A policy is known by addresses and ports alone, so SA
 * sets of one UE, or of several behind one address, may want the same one: the set after a
 * re-authentication that kept port_us, a phone that lost its state and registers anew from the same
 * ports, a stranger who claims a victim's ports. The strongest claim wins (in use, new, old,
 * temporary, with those of a flow set that has ended beside the last; then the younger one), so an
 * unauthenticated REGISTER never takes a policy from a registered UE.
 */
#ifndef IMS_FLOW_FLOW_PAIRS_H
#define IMS_FLOW_FLOW_PAIRS_H

#include "modules/ims_flow/core/flow_life.h"

/* Append an effect for sa set slot of f. */
void flow_fx(struct flow_effects *fx, enum flow_effect_kind kind, const struct flow_set *f,
	     const struct sa_set *sa, uint8_t pair, uint32_t lifetime_s);

/* Let the kernel keep the SAs of sa at least as long as the set says, and a little longer. */
void flow_set_life(const struct flow_set *f, struct sa_set *sa, int64_t now,
		   struct flow_effects *fx);

/* Append something to tell other modules. */
void flow_tell(struct flow_effects *fx, enum flow_notice_kind kind, const struct flow_set *f,
	       uint64_t by, const char *reason);

/* Let the policies of both pairs of f->sa[slot] name whom they should. */
void flow_settle(struct flow_table *t, const struct flow_set *f, unsigned slot,
		 struct flow_effects *fx);

/* The same for all SA sets of f, whose state or whose SA sets' states have changed. */
void flow_settle_all(struct flow_table *t, const struct flow_set *f, struct flow_effects *fx);

/* Take an SA set out: policies go to the next claim or are deleted, then its SAs are deleted. */
void flow_sa_remove(struct flow_table *t, struct flow_set *f, unsigned slot,
		    struct flow_effects *fx);

#endif
