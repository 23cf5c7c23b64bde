/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one table of packages and their items: names, binary ids, types, where they may stand. An
 * item whose spelling or id could not be confirmed against its Recommendation has `unconfirmed`
 * set; correcting it is a one-line change in packages.c.
 */
#ifndef H248_PACKAGES_H
#define H248_PACKAGES_H

#include "h248/message.h"

enum h248_item_kind {
	H248_PROPERTY = 1,
	H248_EVENT,
	H248_SIGNAL,
	H248_STATISTIC,
	H248_EVENT_PARM,    /* parameter of a requested event */
	H248_OBSERVED_PARM, /* parameter of an observed event */
	H248_SIGNAL_PARM
};
enum h248_value_type {
	H248_T_NONE = 0,
	H248_T_STRING,	/* always quoted in text */
	H248_T_INTEGER, /* decimal or 0x hex, maybe negative */
	H248_T_DOUBLE,
	H248_T_BOOLEAN,	    /* on / off */
	H248_T_ENUMERATION, /* one of `values`, blank-separated */
	H248_T_OCTETS,	    /* hex digits */
	H248_T_HEX8	    /* 8-bit number in two hex digits (ds/dscp) */
};
/* Where a property may stand. */
#define H248_IN_LOCAL_CONTROL	  0x1u
#define H248_IN_TERMINATION_STATE 0x2u
#define H248_IN_CONTEXT		  0x4u
#define H248_READ_ONLY		  0x8u

struct h248_item {
	const char *package;
	enum h248_item_kind kind;
	const char *name;
	const char *of; /* parameters: the event or signal they belong to; else NULL */
	uint16_t id;	/* binary id, 0 = unknown */
	enum h248_value_type type;
	unsigned where;
	const char *values; /* enumeration: "OFF LATCH RELATCH" */
	bool unconfirmed;
};
struct h248_package_info {
	const char *name;
	uint16_t id; /* IANA, binary */
	uint16_t version;
	const char *extends; /* base package or NULL */
};

/* By name without case; NULL = not in the table. Constant time. */
const struct h248_package_info *h248_package_find(struct slice name);
/* Item of a package or of what it extends; `of` only for parameters (else SLICE_NULL). */
const struct h248_item *h248_item_find(struct slice package, enum h248_item_kind kind,
				       struct slice name, struct slice of);
/* The n-th package / item, for listing; NULL behind the last. */
const struct h248_package_info *h248_package_at(size_t n);
const struct h248_item *h248_item_at(size_t n);
/* The n of one that the functions above gave. */
size_t h248_package_place(const struct h248_package_info *package);
size_t h248_item_place(const struct h248_item *item);
/* Does the value fit the item's type? */
bool h248_value_fits(const struct h248_item *item, struct slice value);

#endif
