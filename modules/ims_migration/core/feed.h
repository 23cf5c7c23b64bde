/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ims-cms says of its bindings (docs/cms.md, "cmsctl bindings"). Pure; any octets may be given. */
#ifndef IMS_MIGRATION_FEED_H
#define IMS_MIGRATION_FEED_H

#include "modules/ims_migration/core/table.h"

struct migration_fed {
	uint64_t seq;	      /* of the last change of this binding */
	struct slice partner; /* the other system */
	bool lives;	      /* it swaps; else it is over, or has not begun */
	/* id, expires, names; without partner. n is 0 where nothing has to be swapped: the partner was told our own names, or none yet. */
	struct migration_binding binding;
};

/*
 * Take a line of "cmsctl bindings" apart, without its end: "SEQ ID away|here STATE partner=P user=.. expires=T own=IMPI,IMPU..
 * pair=.. inbound=.. ..". Of our users away: own inside, pair on the wire; of partners' users here: inbound inside, pair on the wire.
 * The slices point into the line. Returns 0, or -1: it is no such line, or has identities that cannot be swapped.
 */
int migration_feed_line(struct slice line, struct migration_fed *out);

/* "2026-12-01T12:00:00Z" in seconds since the epoch. Returns 0 or -1. */
int migration_time_parse(struct slice text, int64_t *out);

#endif
