/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HSS_DIAMETER_COMMON_RULES_H
#define HSS_DIAMETER_COMMON_RULES_H

/* What every request has (TS 29.229 6.1, TS 29.329 6.1, RFC 6733 3.2). */
#define COMMON_RULES                                                                               \
	{AVP_SESSION_ID, 1, 1}, {AVP_VENDOR_SPECIFIC_APPLICATION_ID, 1, 1},                        \
	    {AVP_AUTH_SESSION_STATE, 1, 1}, {AVP_ORIGIN_HOST, 1, 1}, {AVP_ORIGIN_REALM, 1, 1},     \
	    {AVP_DESTINATION_HOST, 0, 1},                                                          \
	{                                                                                          \
		AVP_DESTINATION_REALM, 1, 1                                                        \
	}

#endif
