/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From "what it is" and "what it shall be" of a termination to the next H.248 command (TS 29.334,
 * TR 29.828 5.2.1), and from the command's reply back. Pure: no clock, no socket, no memory but the
 * arena.
 *
 * A descriptor that is sent replaces the one before it (H.248.1 7.1.7), so LocalControl, Local and
 * Remote are written whole, each only where something in it changed.
 */
#ifndef IMS_ALG_BUILD_H
#define IMS_ALG_BUILD_H

#include "modules/ims_alg/control/names.h"
#include "modules/ims_alg/control/told.h"

enum build_step {
	BUILD_NOTHING, /* it is as it shall be */
	BUILD_ADD,
	BUILD_MODIFY,
	BUILD_RELEASE, /* a Modify that gives streams back whose proto changes */
	BUILD_REPLACE, /* an Add of the new termination and a Subtract of the old one */
	BUILD_SUBTRACT,
};

struct build_settings {
	const struct mgc_names *names;
	uint32_t hang_s, stop_s; /* hangterm/thb, adid/ipstop; 0: not armed */
};

/*
 * What of *want one command can make of *now, so that its reply has no more than so many octets in
 * session descriptions: a reply is cut into segments between commands only (H.248.1 8.2), and over UDP
 * there is no room for more. room 0: no limit. *out (zero before): a copy of *want where that fits;
 * else one with streams as they are now, or without those that are not there yet. 0, or -1: no memory.
 */
int build_part(const struct told *now, const struct told *want, size_t room, struct told *out);

/* The next step from *now to *want. */
enum build_step build_next(const struct told *now, const struct told *want);

/*
 * Append the command (or, for REPLACE, both) of that step to the action. request: the RequestID of
 * its events. 0, or -1: something that cannot stand in a session description; a full arena shows in
 * arena->overflow.
 */
int build_step(struct h248_arena *arena, struct h248_action *action, enum alg_side side,
	       enum build_step step, const struct told *now, const struct told *want,
	       uint32_t request, const struct build_settings *settings);

/*
 * What *now becomes when the step has been answered with success: *out (zero before) gets a copy of
 * what was wanted, with what the replies gave. reply is the Add's or Modify's; NULL for SUBTRACT.
 * 0; -1: no memory; -2: the gateway left out something that it was to choose.
 */
int build_taken(enum build_step step, const struct told *now, const struct told *want,
		const struct h248_command *reply, struct told *out);

#endif
