/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The user profile that SAA and PPR carry in User-Data (TS 29.228 annex B, E), written with
 * libxml2. */
#ifndef HSS_PROFILE_XML_H
#define HSS_PROFILE_XML_H

#include "hss/subscription/subscription.h"

/*
 * Profile of the public identities in impus (bit i: sub->impu[i]) for one private identity.
 * Identities stand in the order of the subscription, the one at index first in front of all of its
 * service profile: S-CSCFs take the first unbarred one as the default identity and P-Associated-URI
 * keeps the order. first < 0: nobody in front. asked: the identity that was asked for where that at first is a wildcard
 * which it matches, else NULL. Shared sets of criteria stand there by their numbers if sub->scscf_features says so. Returns a NUL-terminated string of *len bytes to be
 * freed with free(), or NULL without memory.
 */
char *profile_xml(const struct subscription *sub, const char *impi, uint64_t impus, int first,
		  const char *asked, size_t *len);

/*
 * Can the whole profile be written for every private identity? What cannot is not to be stored.
 * Returns 0, or -1 with a sentence in why.
 */
int profile_check(const struct subscription *sub, char *why, size_t size);

#endif
