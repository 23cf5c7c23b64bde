/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages with places for identities (folder golden), written out as each side has them. */
#ifndef MIGRATION_GOLDEN_H
#define MIGRATION_GOLDEN_H

#include "rig.h"

enum golden_side { GOLDEN_HOME, GOLDEN_WIRE, GOLDEN_PARTNER, GOLDEN_SIDES };

/* The bindings of the golden messages at both borders. */
void golden_borders(struct rig_border *home, struct rig_border *partner);

/* A template as it is on one side, lines ended by CRLF. */
void golden_write(struct slice template, enum golden_side side, struct rig_text *out);

/* For each golden message in the order of their names. Returns how many. */
unsigned golden_each(void (*f)(const char *name, struct slice template, void *arg), void *arg);

#endif
