/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which items of the package table (packages.h) a receiver implements: one bit an item. A package
 * is implemented when one of its items is. What a receiver has not declared here is refused by
 * h248_check_command(), so an item that is only in the table is never accepted in silence.
 */
#ifndef H248_SUPPORT_H
#define H248_SUPPORT_H

#include "h248/packages.h"

#define H248_SUPPORT_ITEMS    256 /* at least as many as the tables of packages.c have */
#define H248_SUPPORT_PACKAGES 64

/* All zero: nothing is implemented. */
struct h248_support {
	uint64_t items[H248_SUPPORT_ITEMS / 64];
	uint64_t packages[H248_SUPPORT_PACKAGES / 64];
};

/*
 * Declare an item. `of` is the event or signal that a parameter belongs to, else NULL. An item that
 * the package inherits (gm/rsb is rtcph's) declares both packages. H248_OK, or H248_E_ARGUMENT: the
 * table has no such item; nothing is changed.
 */
int h248_support_add(struct h248_support *support, const char *package, enum h248_item_kind kind,
		     const char *name, const char *of);
/* An item of the table, by the pointer that h248_item_find() or h248_item_at() gave. */
bool h248_support_has(const struct h248_support *support, const struct h248_item *item);
/* Is any item of that package declared? */
bool h248_support_has_package(const struct h248_support *support,
			      const struct h248_package_info *package);

#endif
