/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef AGW_CONTROL_SIGNALS_H
#define AGW_CONTROL_SIGNALS_H

#include "agw/control/items.h"

/* The row of a signal; NULL: not implemented. */
const struct signal_item *signal_item_find(const struct h248_name *name);

#endif
