/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters, group "flow": kamcmd cnt.grp_get_all flow, and xhttp_prom by itself. */
#ifndef IMS_FLOW_COUNTERS_H
#define IMS_FLOW_COUNTERS_H

#include "modules/common/counters.h"

/* clang-format off */
#define FLOW_COUNTERS(X) \
	X(registers, "REGISTERs seen by flow_register()") \
	X(challenges, "401 answers seen") \
	X(activated, "flow sets registered for the first time") \
	X(refreshed, "flow sets registered again") \
	X(refused, "REGISTERs over a flow set that ended without success") \
	X(ended, "flow sets ended: expired, de-registered, silent, closed, dropped, failed") \
	X(replaced, "flow sets replaced by an initial registration") \
	X(sa_added, "SAs added to the kernel") \
	X(sa_deleted, "SAs deleted from the kernel") \
	X(kernel_errors, "requests that the kernel refused") \
	X(policies_lost, "times that another program deleted policies of ours")               \
	X(sas_lost, "flow sets whose SAs another program deleted")               \
	X(spi_collisions, "SA sets tried again because an SPI was taken") \
	X(adopted, "flow sets taken over with their SAs at start") \
	X(orphans, "SAs and policies of no flow set deleted at start") \
	X(routed, "requests sent to a UE by flow_route()") \
	X(token_gone, "430: the flow set of a token has ended") \
	X(token_forged, "403: a flow token that is not ours") \
	X(no_flow, "430: a flow set without a usable flow") \
	X(redirected, "packets moved to the protected ports on their way out") \
	X(discarded, "packets for UEs that are gone, not sent") \
	X(denied_identity, "403: identity not registered over the flow") \
	X(denied_via, "403: Via of another address") \
	X(denied_contact, "403: a Contact of another address, or one that cannot be read") \
	X(denied_impi, "403: REGISTER of another private identity over an SA") \
	X(denied_route, "403: not to the home network: past the Service-Route, or to another UE") \
	X(unknown_sa, "messages on a protected port that belong to no SA set, dropped") \
	X(mappings, "NAT ports of UEs learned or learned anew") \
	X(foreign_nat, "authentic ESP in UDP from another NAT than the UE registered through") \
	X(keepalives, "CRLF and STUN keep-alives over flows of ours") \
	X(verify_differs, "494: Security-Verify is not the Security-Server sent") \
	X(client_differs, "494: Security-Client is not that of the first REGISTER")             \
	X(denied_inner, "403: REGISTER through a NAT with an inner address that no UE has")               \
	X(no_mechanism, "494: no security mechanism in common") \
	X(bad_header, "400: header that cannot be read") \
	X(keys_missing, "401 answers without ck and ik for a UE that wants IPsec") \
	X(digest_refused, "403: a challenge that is not AKA's, and digest is 0") \
	X(bad_challenge, "answers with a challenge that cannot be read: it was taken out")             \
	X(unreadable, "answers to REGISTERs with a header that cannot be read: the phone got a 500")             \
	X(late_challenge, "challenges that came when their REGISTER was answered: dropped")             \
	X(identities_left_out, "200 answers with more identities than a flow set holds")               \
	X(table_full, "registrations without a flow set: max_sets reached or set gone") \
	X(port_taken, "registrations refused: another registered UE has the same address and port_uc") \
	X(forged_answer, "answers to REGISTERs that did not come from where the REGISTER went")
/* clang-format on */

KAM_COUNTERS_DECLARE(flow, FLOW_COUNTERS)

#define COUNT(name)	 counter_inc(flow_counters.name)
#define COUNT_N(name, n) counter_add(flow_counters.name, n)

#endif
