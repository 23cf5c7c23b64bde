/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the grammar lets pass but a receiver must refuse (clauses 6.2, 7.1, 7.2). */
#ifndef H248_CHECK_H
#define H248_CHECK_H

#include "h248/message.h"
#include "h248/support.h"

#define H248_STREAMS_MAX 256 /* in one termination */

/* What the receiver implements, on terminations and on ROOT. Both NULL: all of the table. */
struct h248_check_options {
	const struct h248_support *items;
	const struct h248_support *root_items;
	bool allow_unknown; /* packages that are not in the table pass unchecked */
};
/*
 * The checks that the grammar does not make, on one command of a request (clauses 6.2, 7.1, 7.2).
 * Returns 0, or the code to answer and the same with a text in *error (static memory, or of the
 * command):
 *   410 ROOT, "$" or "*" where it may not stand      421 command not possible in that context
 *   440 package unknown, or nothing of it implemented
 *   450 to 453, 446 no such property, event, signal, statistic, parameter in the package
 *   445, 512, 513, 501, 446 the same, known but not implemented by the receiver
 *   447, 448 descriptor not here, or twice           449 value not of the item's type
 *   455, 534 property not here, or read-only         456 property or parameter twice
 *   472 value, descriptor or Method missing          510 more than H248_STREAMS_MAX streams
 * or command->error where the command could not be read. options may be NULL: all packages of the
 * table, no others.
 */
int h248_check_command(const struct h248_command *command, uint32_t context,
		       const struct h248_check_options *options, struct h248_error *error);

#endif
