/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this module counts: group "seamless_scscf". */
#ifndef SEAMLESS_COUNTERS_H
#define SEAMLESS_COUNTERS_H

#include "modules/common/counters.h"

/* name, description */
#define SEAMLESS_COUNTERS(X)                                                                       \
	X(registers, "REGISTERs handled here")                                                     \
	X(adds, "bindings added beside old ones")                                                  \
	X(moves, "REGISTERs that moved an identity")                                               \
	X(globals, "REGISTERs with imsglobreg")                                                    \
	X(deregs, "deregistrations")                                                               \
	X(refused, "REGISTERs refused")                                                            \
	X(unsupported, "requests answered 420")                                                    \
	X(malformed, "requests answered 400")                                                      \
	X(stolen_contact, "attempts to remove or take over a contact of another IMPI")             \
	X(hss_failures, "SARs without a good answer")                                              \
	X(hss_corrected, "SARs that told the HSS what is so after changes had crossed")            \
	X(lingers, "connections that became Inactive")                                             \
	X(linger_ends, "linger timers that fired")                                                 \
	X(sessions, "sessions seen")                                                               \
	X(sessions_moved, "sessions moved to another connection by re-INVITE or UPDATE")           \
	X(sessions_replaced, "sessions moved by INVITE with Replaces")                             \
	X(sessions_released, "sessions released on both sides")                                    \
	X(notifies, "reg-event NOTIFYs sent")                                                      \
	X(watchers_lost, "subscriptions to the reg event ended because a NOTIFY failed")           \
	X(notifies_too_large, "reg-event NOTIFYs shortened or left out: larger than a message")    \
	X(requests_rerouted, "requests sent over the connection that now holds the session")       \
	X(network_deregs, "RTRs of the HSS")                                                       \
	X(profile_changes, "PPRs of the HSS that changed a profile")                               \
	X(other_identity, "REGISTERs whose From or P-Asserted-Identity is not To")                 \
	X(barred, "requests from or to barred identities")                                         \
	X(unknown_callers, "requests of callers who are not registered here")                      \
	X(early_answers, "REGISTERs that came before the vector of their challenge was stored")    \
	X(records_healed, "sets whose usrloc record was lost and fetched again")                   \
	X(targets_next, "further contacts tried after others had failed")                          \
	X(targets_unusable, "contacts left out: not usable, or more than max_branches")            \
	X(unknown_sessions, "re-INVITEs and UPDATEs of sessions that never passed here")           \
	X(third_party_sent, "REGISTERs sent to application servers")                               \
	X(third_party_taken, "of these, answered with 2xx")                                        \
	X(third_party_refused, "of these, answered with 3xx, 4xx or 6xx")                          \
	X(third_party_failed,                                                                      \
	  "application servers not told: no answer, 408 or 5xx, and no try left")                  \
	X(third_party_again, "REGISTERs to application servers tried once more")                   \
	X(third_party_dropped,                                                                     \
	  "REGISTERs to application servers left out: too many wait, or no memory")                \
	X(third_party_ends, "registrations ended because an application server did not answer")    \
	X(unregistered_asked, "profiles of users who are not registered asked for")                \
	X(unregistered_served,                                                                     \
	  "requests whose filter criteria for users who are not registered could be run")          \
	X(watchers_refused, "SUBSCRIBEs to the reg event refused: too many subscriptions")         \
	X(no_memory, "operations that failed for lack of memory or at a bound")

KAM_COUNTERS_DECLARE(seamless, SEAMLESS_COUNTERS)

#endif
