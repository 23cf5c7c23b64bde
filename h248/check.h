/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the grammar lets pass but a receiver must refuse (clauses 6.2, 7.1, 7.2). */
#ifndef H248_CHECK_H
#define H248_CHECK_H

#include "h248/message.h"

#define H248_STREAMS_MAX 256 /* in one termination */

struct h248_check_options {
	/* Names of the packages that the receiver supports, NULL at the end; NULL: all of the table
	 * in packages.c. */
	const char *const *packages;
	bool allow_unknown; /* packages that are not in the table pass unchecked */
};
/*
 * The checks that the grammar does not make, on one command of a request (clauses 6.2, 7.1, 7.2).
 * Returns 0, or the code to answer and the same with a text in *error (static memory, or of the
 * command):
 *   410 ROOT, "$" or "*" where it may not stand      421 command not possible in that context
 *   440 package unknown or not supported             446, 450 to 453 no such parameter, property,
 *   447, 448 descriptor not here, or twice               event, signal, statistic
 *   449 value not of the item's type                 455, 534 property not here, or read-only
 *   456 property or parameter twice                  472 value, descriptor or Method missing
 *   510 more than H248_STREAMS_MAX streams
 * or command->error where the command could not be read. options may be NULL: all packages of the
 * table, no others.
 */
int h248_check_command(const struct h248_command *command, uint32_t context,
		       const struct h248_check_options *options, struct h248_error *error);

#endif
