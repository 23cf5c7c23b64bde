/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reg event (RFC 3680): SUBSCRIBE, and what the NOTIFYs say. */
#ifndef UE_REG_EVENT_H
#define UE_REG_EVENT_H

#include "ue/conn.h"

/* Subscribe to aor over c, replacing an earlier subscription on c. Result in c->op. 0 or -1
 * (errno). */
int reg_subscribe(struct conn *c, struct slice aor, uint32_t expires,
		  const struct ue_sip_edits *edits);
/* The same dialog with Expires 0. */
int reg_unsubscribe(struct conn *c, const struct ue_sip_edits *edits);
/* The subscription of this UE that a NOTIFY belongs to, or NULL. */
struct conn *reg_event_match(const struct ue *u, const struct ue_sip_msg *m);
/* Take a NOTIFY in; returns the code to answer with. */
int reg_event_notify(struct conn *c, const struct ue_sip_msg *m);
void reg_sub_free(struct conn *c);

/*
 * What the UE knows of an AOR by the newest documents of all its subscriptions; NULL: nothing. A
 * contact of it by URI.
 */
const struct reginfo_registration *reg_event_aor(const struct ue *u, struct slice aor);

#endif
