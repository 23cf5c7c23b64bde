/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grouped AVPs that several messages carry. */
#ifndef HSS_DIAMETER_CX_GROUPS_H
#define HSS_DIAMETER_CX_GROUPS_H

#include "hss/diameter/avp.h"
#include "hss/subscription/subscription.h"

void add_capabilities(struct builder *b, const struct capabilities *c);
void add_charging(struct builder *b, const struct charging *c);
/* Supported-Features (TS 29.229 6.3.29) with these of enum cx_feature; in requests with the M bit. */
void add_features(struct builder *b, uint32_t features, bool request);
/*
 * A received Supported-Features (TS 29.229 6.3.29): those of the first list of 3GPP, which is the application's, are added to *features, and
 * with the M bit to *wanted; *others_wanted: with it features of another list are demanded.
 */
void decode_features(struct avp *group, bool mandatory, uint32_t *features, uint32_t *wanted,
		     bool *others_wanted);

#endif
