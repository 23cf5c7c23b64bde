/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that are up, in memory that may be a file and outlive the process: a record for each, at the place of its number. What a record
 * has not is what is under way: a move that was not finished is as if it had not been asked for. No lock, no clock.
 */
#ifndef IMS_VCC_KEPT_H
#define IMS_VCC_KEPT_H

#include "modules/ims_vcc/core/calls.h"

/* How such memory begins. */
#define VCC_KEPT_MARK "IMSVCCC1"

/* Octets for so many calls. */
size_t vcc_kept_bytes(unsigned max);

/*
 * From now on c keeps its calls there, and those that it finds are up again, for as many as c may have; in memory of another layout or
 * size all is given up. bytes: at least vcc_kept_bytes() of c's bound; it begins with the mark and is zeros behind it, or what an earlier
 * process left. c must have no calls yet. How many were found.
 */
unsigned vcc_kept_attach(struct vcc_calls *c, void *memory);

#endif
