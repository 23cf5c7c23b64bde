/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A partner's user as a subscription of ours: his inbound identities alone, one implicit set, the service profile of a template,
 * and no key, as that is his primary's. So UAR, LIR, SAR, RTR and PPR are served as for anybody.
 */
#ifndef HSS_MIGRATION_VISITOR_H
#define HSS_MIGRATION_VISITOR_H

#include "hss/migration/binding.h"
#include "hss/subscription/subscription.h"

/* Fill out (empty) with the visitor of b; template: whose first public identity's profile, capabilities, charging and networks he
 * has, or NULL: none. */
void visitor_make(const struct binding *b, const struct subscription *template,
		  struct subscription *out);

#endif
