/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grouped AVPs that several messages carry. */
#ifndef HSS_DIAMETER_CX_GROUPS_H
#define HSS_DIAMETER_CX_GROUPS_H

#include "hss/diameter/avp.h"
#include "hss/subscription/subscription.h"

void add_capabilities(struct builder *b, const struct capabilities *c);
void add_charging(struct builder *b, const struct charging *c);

#endif
