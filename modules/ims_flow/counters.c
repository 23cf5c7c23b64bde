/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters, group "flow": kamcmd cnt.grp_get_all flow, and xhttp_prom by itself. */
#include "modules/ims_flow/glue.h"

counter_handle_t flow_counters[CNT_COUNT];

#define DEF(c, name, text)                                                                         \
	{                                                                                          \
		&flow_counters[c], name, 0, 0, 0, text                                             \
	}

static counter_def_t defs[] = {
    DEF(CNT_REGISTERS, "registers", "REGISTERs seen by flow_register()"),
    DEF(CNT_CHALLENGES, "challenges", "401 answers seen"),
    DEF(CNT_ACTIVATED, "activated", "flow sets registered for the first time"),
    DEF(CNT_REFRESHED, "refreshed", "flow sets registered again"),
    DEF(CNT_REFUSED, "refused", "REGISTERs over a flow set that ended without success"),
    DEF(CNT_ENDED, "ended",
	"flow sets ended: expired, de-registered, silent, closed, dropped, failed"),
    DEF(CNT_REPLACED, "replaced", "flow sets replaced by an initial registration"),
    DEF(CNT_SA_ADDED, "sa_added", "SAs added to the kernel"),
    DEF(CNT_SA_DELETED, "sa_deleted", "SAs deleted from the kernel"),
    DEF(CNT_KERNEL_ERRORS, "kernel_errors", "requests that the kernel refused"),
    DEF(CNT_SPI_COLLISIONS, "spi_collisions", "SA sets tried again because an SPI was taken"),
    DEF(CNT_ADOPTED, "adopted", "flow sets taken over with their SAs at start"),
    DEF(CNT_ORPHANS, "orphans", "SAs and policies of no flow set deleted at start"),
    DEF(CNT_ROUTED, "routed", "requests sent to a UE by flow_route()"),
    DEF(CNT_TOKEN_GONE, "token_gone", "430: the flow set of a token has ended"),
    DEF(CNT_TOKEN_FORGED, "token_forged", "403: a flow token that is not ours"),
    DEF(CNT_NO_FLOW, "no_flow", "430: a flow set without a usable flow"),
    DEF(CNT_REDIRECTED, "redirected", "packets moved to the protected ports on their way out"),
    DEF(CNT_DISCARDED, "discarded", "packets for UEs that are gone, not sent"),
    DEF(CNT_DENIED_IDENTITY, "denied_identity", "403: identity not registered over the flow"),
    DEF(CNT_DENIED_VIA, "denied_via", "403: Via of another address or port"),
    DEF(CNT_DENIED_CONTACT, "denied_contact", "403: Contact of another address or port"),
    DEF(CNT_DENIED_IMPI, "denied_impi", "403: REGISTER of another private identity over an SA"),
    DEF(CNT_DENIED_ROUTE, "denied_route",
	"403: not to the home network: past the Service-Route, or to another UE"),
    DEF(CNT_UNKNOWN_SA, "unknown_sa",
	"messages on a protected port that belong to no SA set, dropped"),
    DEF(CNT_MAPPINGS, "mappings", "NAT ports of UEs learned or learned anew"),
    DEF(CNT_FOREIGN_NAT, "foreign_nat",
	"authentic ESP in UDP from another NAT than the UE registered through"),
    DEF(CNT_KEEPALIVES, "keepalives", "CRLF and STUN keep-alives over flows of ours"),
    DEF(CNT_VERIFY_DIFFERS, "verify_differs",
	"494: Security-Verify is not the Security-Server sent"),
    DEF(CNT_NO_MECHANISM, "no_mechanism", "494: no security mechanism in common"),
    DEF(CNT_BAD_HEADER, "bad_header", "400: header that cannot be read"),
    DEF(CNT_KEYS_MISSING, "keys_missing",
	"401 answers without ck and ik for a UE that wants IPsec"),
    DEF(CNT_TABLE_FULL, "table_full",
	"registrations without a flow set: max_sets reached or set gone"),
    DEF(CNT_PORT_TAKEN, "port_taken",
	"registrations refused: another registered UE has the same address and port_uc"),
    DEF(CNT_FORGED_ANSWER, "forged_answer",
	"answers to REGISTERs that did not come from where the REGISTER went"),
    {0, 0, 0, 0, 0, 0}};

int counters_register(void)
{
	return counter_register_array("flow", defs) < 0 ? -1 : 0;
}
