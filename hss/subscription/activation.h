/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What application servers switch off and on for an identity. The Dynamic Service Activation Info (TS 29.328 7.6.11) is a
 * tag that filter criteria are bound to: a criterion that has tags, none of which is active for the identity, is masked,
 * and no S-CSCF gets it. An identity has the tags of the criteria in its profile; all of an alias set have them alike.
 */
#ifndef HSS_ACTIVATION_H
#define HSS_ACTIVATION_H

#include "hss/subscription/subscription.h"

/*
 * Read a list of tags, separated by ','. Returns 0, or -1: one is empty, longer than DSAI_TAG_SIZE - 1, no printable
 * text without blanks, quotes and commas, or stands twice; or all are too long for out.
 */
int dsai_tags(struct slice list, char out[DSAI_TAGS_SIZE]);
/* Is it fit to be a tag? */
bool dsai_is_tag(struct slice tag);

/* Has the identity at index impu this tag, bound to criteria of that server (empty: of any)? */
bool dsai_exists(const struct subscription *sub, int impu, struct slice tag, struct slice server);
bool dsai_active(const struct subscription *sub, int impu, struct slice tag);
/* Switch it for the identity and its alias set. Returns 0, or -1: no room for one more that is off. */
int dsai_switch(struct subscription *sub, int impu, struct slice tag, bool active);

/* The first tag that is off for the identity at index impu, and that no criterion of its profile has; empty: none. */
struct slice dsai_unbound(const struct subscription *sub, int impu);
/* All of those are on again, for when a criterion has them anew. */
void dsai_forget_unbound(struct subscription *sub);

/* Is a criterion of its profile kept from the S-CSCF of the identity at index impu? */
bool ifc_masked(const struct subscription *sub, int impu, const struct ifc *f);
/* Have these two identities the same profile, with the same criteria masked? */
bool same_service(const struct subscription *sub, int a, int b);

/*
 * Switch a Public Service Identity (PSI Activation State, TS 29.328 7.6.10). One that is off is known to no CSCF (TS
 * 29.228 6.1.2.1, 6.1.4.1); no S-CSCF serves it any more.
 */
void service_switch(struct impu *service, bool active);

#endif
