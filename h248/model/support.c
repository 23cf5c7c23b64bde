/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of items, by their places in the package table. */
#include "h248/support.h"

static void set(uint64_t *bits, size_t n)
{
	bits[n / 64] |= (uint64_t)1 << (n % 64);
}

static bool is_set(const uint64_t *bits, size_t n)
{
	return bits[n / 64] >> (n % 64) & 1;
}

int h248_support_add(struct h248_support *support, const char *package, enum h248_item_kind kind,
		     const char *name, const char *of)
{
	const struct h248_item *item =
	    h248_item_find(slice_str(package), kind, slice_str(name), slice_str(of));

	if (!item)
		return H248_E_ARGUMENT;
	set(support->items, h248_item_place(item));
	set(support->packages, h248_package_place(h248_package_find(slice_str(item->package))));
	set(support->packages, h248_package_place(h248_package_find(slice_str(package))));
	return H248_OK;
}

bool h248_support_has(const struct h248_support *support, const struct h248_item *item)
{
	return is_set(support->items, h248_item_place(item));
}

bool h248_support_has_package(const struct h248_support *support,
			      const struct h248_package_info *package)
{
	return is_set(support->packages, h248_package_place(package));
}
