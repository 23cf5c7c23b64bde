/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What somebody who has not answered a challenge can make: pending flow sets, with four SAs each,
 * in any user's name and from any address. They are bounded per private identity and give way to
 * others, and take nothing from a registered UE.
 */
#ifndef IMS_FLOW_FLOW_PENDING_H
#define IMS_FLOW_FLOW_PENDING_H

#include "modules/ims_flow/core/flow_life.h"

/* Challenged at a time in one name (TS 33.203 7.2 bounds the SAs of an IMPI): a user's phones and
 * their connections. */
#define FLOW_PENDING_MAX 8

/*
 * Before a pending set is made for a: the same UE's earlier attempt from the same ports goes, for
 * its challenge is worth nothing any more, and, where FLOW_PENDING_MAX are pending, the oldest.
 */
void flow_pending_limit(struct flow_table *t, const struct flow_attempt *a,
			struct flow_effects *fx);

/*
 * Before a REGISTER goes on that would make a set: whether there is a place for it, so that the
 * home network registers nobody whom we cannot serve. FLOW_LIFE_OK, FLOW_LIFE_FULL (all places are
 * taken by registered sets), or FLOW_LIFE_MANY (per_impi sets of this subscriber are registered or
 * held already, and the 200 to this REGISTER would end none of them).
 */
int flow_may_begin(struct flow_table *t, const struct flow_attempt *a, unsigned per_impi);

/*
 * The table is full: end a pending set, about the oldest. A bounded search; false: none was found,
 * so nearly all are registered.
 */
bool flow_pending_evict(struct flow_table *t, struct flow_effects *fx);

/*
 * The kernel has an SPI that the UE of a offers. Ends the sets of its IMPI and address that have it
 * and are of no use: a phone may ask again with the SPIs of an earlier attempt. A registered one
 * stays, whoever asks.
 */
void flow_pending_remove_same_spi(struct flow_table *t, const struct flow_attempt *a,
				  struct flow_effects *fx);

/*
 * Two UEs with one address. What comes over an SA is known by its ports alone, so one port_uc
 * belongs to one private identity at a time (TS 33.203 7.2): else the keys that a subscriber was
 * challenged with would open another one's flow.
 */
/* Whether a registered UE with another IMPI sends from the address and port_uc of a. */
bool flow_port_taken(struct flow_table *t, const struct flow_attempt *a);
/* Others that were challenged for that port_uc give way to a. */
void flow_same_port_drop(struct flow_table *t, const struct flow_attempt *a,
			 struct flow_effects *fx);
/*
 * The UE of f has answered its challenge from its address: a set of another IMPI that is reached at
 * the same port_us is not there any more. Its policy names the SAs of f now, so it ends at once.
 */
void flow_same_port_end(struct flow_table *t, const struct flow_set *f, unsigned slot,
			struct flow_effects *fx);

/*
 * Which SAs of a->sa (bits of sa_set.missing) would have the name of an SA that a registered set of
 * the same UE has: a phone that has lost its state offers the same SPIs again.
 */
uint8_t flow_spis_in_use(struct flow_table *t, const struct flow_attempt *a);

/* Whether a set has SAs with a UE's SPI of sa. */
bool flow_has_ue_spi(const struct flow_set *f, const struct sa_set *sa);

#endif
