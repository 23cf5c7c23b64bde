/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMS_VCC_COUNTERS_H
#define IMS_VCC_COUNTERS_H

#include "modules/common/counters.h"

#define VCC_COUNTERS(X)                                                                            \
	X(registers, "third-party REGISTERs answered with 200")                                    \
	X(registers_untrusted,                                                                     \
	  "REGISTERs from others than the trusted S-CSCFs, answered with 403")                     \
	X(registers_bad, "third-party REGISTERs that could not be read, answered with 400")        \
	X(registers_old, "third-party REGISTERs that came too late, answered with 500")            \
	X(registers_full, "third-party REGISTERs for which there was no room, answered with 503")  \
	X(registered, "users who became registered")                                               \
	X(deregistered, "users who are no longer registered")                                      \
	X(doubts, "ends of a registration about which the reg event was asked")                    \
	X(wishes_ignored, "domain preferences that could not be read")                             \
	X(contacts_dropped, "contacts for which there was no place")                               \
	X(identities_dropped, "identities of a set for which there was no place")                  \
	X(selected_ims, "calls for which IMS was chosen first")                                    \
	X(selected_cs, "calls for which CS was chosen first")                                      \
	X(selected_none, "calls for which there was no domain")                                    \
	X(calls_refused, "INVITEs answered with a failure of ours")                                \
	X(calls_not_anchored, "INVITEs of users who are no subscribers, or to a CSRN")             \
	X(moves_asked, "INVITEs to a VDI or VDN")                                                  \
	X(moves_refused, "those answered with a failure of ours")                                  \
	X(subscribes, "SUBSCRIBEs sent")                                                           \
	X(subscribe_failures, "SUBSCRIBEs that failed or got no answer")                           \
	X(notifies, "NOTIFYs answered with 200")                                                   \
	X(notifies_refused, "NOTIFYs answered with another status")
KAM_COUNTERS_DECLARE(vcc, VCC_COUNTERS)

#endif
