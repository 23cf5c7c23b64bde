/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of one subscription that are no line of the format: what is taken away, and what joins. With
 * provision_line() these are all the changes that hssctl and the REST API make. Each returns 0, or -1
 * with a sentence in why, and sub is then unchanged.
 */
#ifndef HSS_EDIT_H
#define HSS_EDIT_H

#include "hss/provision/provision.h"

/* Apply a "private" line. An identity that is new may use every public identity of the subscription. */
int provision_private(struct subscription *sub, const struct words *words, char *why, size_t size);

/* The index of a public identity in any of its forms, or -1 with why. */
int provision_public(const struct subscription *sub, struct slice uri, char *why, size_t size);

/* Take a public identity away; one that is registered stays. */
int provision_remove_public(struct subscription *sub, struct slice uri, char *why, size_t size);

int provision_bar(struct subscription *sub, struct slice uri, bool barred, char *why, size_t size);

/* Take a filter criterion away. */
int provision_remove_ifc(struct subscription *sub, uint64_t profile, uint64_t priority, char *why,
			 size_t size);

/* Take all criteria out of a shared set; -1: it has none, for there is no such set. */
int provision_empty_set(struct subscription *criteria, char *why, size_t size);

/* A profile does not use a shared set any more. */
int provision_unshare(struct subscription *sub, uint64_t profile, uint64_t set, char *why,
		      size_t size);

#endif
