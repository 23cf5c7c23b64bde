/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The AVPs that this HSS knows, whichever application carries them, and rules made of them. Pure. */
#ifndef HSS_DIAMETER_AVPS_H
#define HSS_DIAMETER_AVPS_H

#include <stdbool.h>
#include <stdint.h>

enum { VENDOR_3GPP = 10415 };

enum avp_type { AVP_OCTETSTRING, AVP_UNSIGNED32, AVP_GROUPED };

/* Of the base protocol (RFC 6733 4.5), as far as we name them: identifier, code, type */
#define BASE_AVPS(X)                                                                               \
	X(USER_NAME, 1, OCTETSTRING)                                                               \
	X(AUTH_APPLICATION_ID, 258, UNSIGNED32)                                                    \
	X(VENDOR_SPECIFIC_APPLICATION_ID, 260, GROUPED)                                            \
	X(SESSION_ID, 263, OCTETSTRING)                                                            \
	X(ORIGIN_HOST, 264, OCTETSTRING)                                                           \
	X(VENDOR_ID, 266, UNSIGNED32)                                                              \
	X(RESULT_CODE, 268, UNSIGNED32)                                                            \
	X(AUTH_SESSION_STATE, 277, UNSIGNED32)                                                     \
	X(FAILED_AVP, 279, GROUPED)                                                                \
	X(DESTINATION_REALM, 283, OCTETSTRING)                                                     \
	X(DESTINATION_HOST, 293, OCTETSTRING)                                                      \
	X(REDIRECT_HOST_USAGE, 261, UNSIGNED32)                                                    \
	X(REDIRECT_HOST, 292, OCTETSTRING)                                                         \
	X(ORIGIN_REALM, 296, OCTETSTRING)                                                          \
	X(EXPERIMENTAL_RESULT, 297, GROUPED)                                                       \
	X(EXPERIMENTAL_RESULT_CODE, 298, UNSIGNED32)

/* Of 3GPP (TS 29.229 6.3, TS 29.329 6.3; a Time has the shape of an Unsigned32): identifier, code, M bit, type, name */
#define TGPP_AVPS(X)                                                                               \
	X(VISITED_NETWORK_IDENTIFIER, 600, 1, OCTETSTRING, "Visited-Network-Identifier")           \
	X(PUBLIC_IDENTITY, 601, 1, OCTETSTRING, "Public-Identity")                                 \
	X(SERVER_NAME, 602, 1, OCTETSTRING, "Server-Name")                                         \
	X(SERVER_CAPABILITIES, 603, 1, GROUPED, "Server-Capabilities")                             \
	X(MANDATORY_CAPABILITY, 604, 1, UNSIGNED32, "Mandatory-Capability")                        \
	X(OPTIONAL_CAPABILITY, 605, 1, UNSIGNED32, "Optional-Capability")                          \
	X(USER_DATA, 606, 1, OCTETSTRING, "User-Data")                                             \
	X(SIP_NUMBER_AUTH_ITEMS, 607, 1, UNSIGNED32, "SIP-Number-Auth-Items")                      \
	X(SIP_AUTHENTICATION_SCHEME, 608, 1, OCTETSTRING, "SIP-Authentication-Scheme")             \
	X(SIP_AUTHENTICATE, 609, 1, OCTETSTRING, "SIP-Authenticate")                               \
	X(SIP_AUTHORIZATION, 610, 1, OCTETSTRING, "SIP-Authorization")                             \
	X(SIP_AUTHENTICATION_CONTEXT, 611, 1, OCTETSTRING, "SIP-Authentication-Context")           \
	X(SIP_AUTH_DATA_ITEM, 612, 1, GROUPED, "SIP-Auth-Data-Item")                               \
	X(SIP_ITEM_NUMBER, 613, 1, UNSIGNED32, "SIP-Item-Number")                                  \
	X(SERVER_ASSIGNMENT_TYPE, 614, 1, UNSIGNED32, "Server-Assignment-Type")                    \
	X(DEREGISTRATION_REASON, 615, 1, GROUPED, "Deregistration-Reason")                         \
	X(REASON_CODE, 616, 1, UNSIGNED32, "Reason-Code")                                          \
	X(REASON_INFO, 617, 1, OCTETSTRING, "Reason-Info")                                         \
	X(CHARGING_INFORMATION, 618, 1, GROUPED, "Charging-Information")                           \
	X(PRIMARY_ECF, 619, 1, OCTETSTRING, "Primary-Event-Charging-Function-Name")                \
	X(SECONDARY_ECF, 620, 1, OCTETSTRING, "Secondary-Event-Charging-Function-Name")            \
	X(PRIMARY_CCF, 621, 1, OCTETSTRING, "Primary-Charging-Collection-Function-Name")           \
	X(SECONDARY_CCF, 622, 1, OCTETSTRING, "Secondary-Charging-Collection-Function-Name")       \
	X(USER_AUTHORIZATION_TYPE, 623, 1, UNSIGNED32, "User-Authorization-Type")                  \
	X(USER_DATA_ALREADY_AVAILABLE, 624, 1, UNSIGNED32, "User-Data-Already-Available")          \
	X(CONFIDENTIALITY_KEY, 625, 1, OCTETSTRING, "Confidentiality-Key")                         \
	X(INTEGRITY_KEY, 626, 1, OCTETSTRING, "Integrity-Key")                                     \
	X(SUPPORTED_FEATURES, 628, 0, GROUPED, "Supported-Features")                               \
	X(FEATURE_LIST_ID, 629, 0, UNSIGNED32, "Feature-List-ID")                                  \
	X(FEATURE_LIST, 630, 0, UNSIGNED32, "Feature-List")                                        \
	X(ASSOCIATED_IDENTITIES, 632, 1, GROUPED, "Associated-Identities")                         \
	X(ORIGINATING_REQUEST, 633, 1, UNSIGNED32, "Originating-Request")                          \
	X(WILDCARDED_PUBLIC_IDENTITY, 634, 0, OCTETSTRING, "Wildcarded-Public-Identity")           \
	X(SIP_DIGEST_AUTHENTICATE, 635, 0, GROUPED, "SIP-Digest-Authenticate")                     \
	X(WILDCARDED_IMPU, 636, 0, OCTETSTRING, "Wildcarded-IMPU")                                 \
	X(UAR_FLAGS, 637, 0, UNSIGNED32, "UAR-Flags")                                              \
	X(LOOSE_ROUTE_INDICATION, 638, 0, UNSIGNED32, "Loose-Route-Indication")                    \
	X(SCSCF_RESTORATION_INFO, 639, 0, GROUPED, "SCSCF-Restoration-Info")                       \
	X(PATH, 640, 0, OCTETSTRING, "Path")                                                       \
	X(CONTACT, 641, 0, OCTETSTRING, "Contact")                                                 \
	X(SUBSCRIPTION_INFO, 642, 0, GROUPED, "Subscription-Info")                                 \
	X(CALL_ID_SIP_HEADER, 643, 0, OCTETSTRING, "Call-ID-SIP-Header")                           \
	X(FROM_SIP_HEADER, 644, 0, OCTETSTRING, "From-SIP-Header")                                 \
	X(TO_SIP_HEADER, 645, 0, OCTETSTRING, "To-SIP-Header")                                     \
	X(RECORD_ROUTE, 646, 0, OCTETSTRING, "Record-Route")                                       \
	X(ASSOCIATED_REGISTERED_IDENTITIES, 647, 0, GROUPED, "Associated-Registered-Identities")   \
	X(MULTIPLE_REGISTRATION_INDICATION, 648, 0, UNSIGNED32,                                    \
	  "Multiple-Registration-Indication")                                                      \
	X(RESTORATION_INFO, 649, 0, GROUPED, "Restoration-Info")                                   \
	X(SESSION_PRIORITY, 650, 0, UNSIGNED32, "Session-Priority")                                \
	X(IDENTITY_WITH_EMERGENCY_REGISTRATION, 651, 0, GROUPED,                                   \
	  "Identity-with-Emergency-Registration")                                                  \
	X(PRIVILEDGED_SENDER_INDICATION, 652, 0, UNSIGNED32, "Priviledged-Sender-Indication")      \
	X(LIA_FLAGS, 653, 0, UNSIGNED32, "LIA-Flags")                                              \
	X(INITIAL_CSEQ, 654, 0, UNSIGNED32, "Initial-CSeq-Sequence-Number")                        \
	X(SAR_FLAGS, 655, 0, UNSIGNED32, "SAR-Flags")                                              \
	X(RTR_FLAGS, 659, 0, UNSIGNED32, "RTR-Flags")                                              \
	X(PCSCF_SUBSCRIPTION_INFO, 660, 0, GROUPED, "P-CSCF-Subscription-Info")                    \
	X(REGISTRATION_TIME_OUT, 661, 0, UNSIGNED32, "Registration-Time-Out")                      \
	X(USER_IDENTITY, 700, 1, GROUPED, "User-Identity")                                         \
	X(MSISDN, 701, 1, OCTETSTRING, "MSISDN")                                                   \
	X(SH_USER_DATA, 702, 1, OCTETSTRING, "Sh-User-Data")                                       \
	X(DATA_REFERENCE, 703, 1, UNSIGNED32, "Data-Reference")                                    \
	X(SERVICE_INDICATION, 704, 1, OCTETSTRING, "Service-Indication")                           \
	X(SUBS_REQ_TYPE, 705, 1, UNSIGNED32, "Subs-Req-Type")                                      \
	X(REQUESTED_DOMAIN, 706, 1, UNSIGNED32, "Requested-Domain")                                \
	X(CURRENT_LOCATION, 707, 1, UNSIGNED32, "Current-Location")                                \
	X(IDENTITY_SET, 708, 0, UNSIGNED32, "Identity-Set")                                        \
	X(EXPIRY_TIME, 709, 0, UNSIGNED32, "Expiry-Time")                                          \
	X(SEND_DATA_INDICATION, 710, 0, UNSIGNED32, "Send-Data-Indication")                        \
	X(DSAI_TAG, 711, 1, OCTETSTRING, "DSAI-Tag")                                               \
	X(ONE_TIME_NOTIFICATION, 712, 0, UNSIGNED32, "One-Time-Notification")                      \
	X(REQUESTED_NODES, 713, 0, UNSIGNED32, "Requested-Nodes")                                  \
	X(SERVING_NODE_INDICATION, 714, 0, UNSIGNED32, "Serving-Node-Indication")                  \
	X(REPOSITORY_DATA_ID, 715, 0, GROUPED, "Repository-Data-ID")                               \
	X(SEQUENCE_NUMBER, 716, 0, UNSIGNED32, "Sequence-Number")                                  \
	X(PRE_PAGING_SUPPORTED, 717, 0, UNSIGNED32, "Pre-paging-Supported")                        \
	X(LOCAL_TIME_ZONE_INDICATION, 718, 0, UNSIGNED32, "Local-Time-Zone-Indication")            \
	X(UDR_FLAGS, 719, 0, UNSIGNED32, "UDR-Flags")                                              \
	X(CALL_REFERENCE_INFO, 720, 0, GROUPED, "Call-Reference-Info")                             \
	X(CALL_REFERENCE_NUMBER, 721, 0, OCTETSTRING, "Call-Reference-Number")                     \
	X(AS_NUMBER, 722, 0, OCTETSTRING, "AS-Number")

/* Of RFC 4740 9.5 and RFC 7155 4.4.10.5, which TS 29.229 takes over; not of the base protocol: identifier, code, type,
 * name */
#define IETF_AVPS(X)                                                                               \
	X(FRAMED_IP_ADDRESS, 8, OCTETSTRING, "Framed-IP-Address")                                  \
	X(FRAMED_INTERFACE_ID, 96, OCTETSTRING, "Framed-Interface-Id")                             \
	X(FRAMED_IPV6_PREFIX, 97, OCTETSTRING, "Framed-IPv6-Prefix")                               \
	X(DIGEST_REALM, 104, OCTETSTRING, "Digest-Realm")                                          \
	X(DIGEST_QOP, 110, OCTETSTRING, "Digest-QoP")                                              \
	X(DIGEST_ALGORITHM, 111, OCTETSTRING, "Digest-Algorithm")                                  \
	X(DIGEST_HA1, 121, OCTETSTRING, "Digest-HA1")

enum avp_id {
#define X(id, code, type) AVP_##id,
	BASE_AVPS(X)
#undef X
#define X(id, code, type, name) AVP_##id,
	    IETF_AVPS(X)
#undef X
#define X(id, code, m, type, name) AVP_##id,
		TGPP_AVPS(X)
#undef X
		    AVPS
};

struct avp_definition {
	uint32_t code, vendor;
	bool m;
	enum avp_type type;
	const char *name; /* NULL: of the base protocol, which freeDiameter has already */
};
extern const struct avp_definition avp_definitions[AVPS];

/* The identifier of an AVP, or -1 if it is none of these. */
int avp_find(uint32_t vendor, uint32_t code);

/* Which AVP in which message or group, how often: min, max (-1: any number). A list ends with AVPS. */
struct rule {
	enum avp_id avp;
	int min, max;
};

#endif
