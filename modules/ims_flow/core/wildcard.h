/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wildcarded public identities (TS 23.003 13.4A, 13.5): "sip:sales!.*!@home1.net" stands for every
 * identity that matches the regular expression between the exclamation marks in its place. Pure.
 *
 * Of extended regular expressions those are understood that identities need: octets, ".", "[...]",
 * "[^...]", "\d", and the repetitions "*", "+", "?", "{n}", "{n,}", "{n,m}". Another one matches nothing.
 */
#ifndef IMS_FLOW_WILDCARD_H
#define IMS_FLOW_WILDCARD_H

#include "base/slice.h"

#define WILDCARD_MAX 255 /* octets of a wildcarded identity, and of one that is compared with it */

/* Is this a wildcarded identity? */
bool flow_is_wildcard(struct slice identity);

/*
 * Does uri, as a phone wrote it, fall in the range of the wildcarded identity? Then *matched is the
 * part of it that may be asserted: scheme, user and host, visible characters only.
 */
bool flow_wildcard_matches(struct slice wildcard, struct slice uri, struct slice *matched);

#endif
