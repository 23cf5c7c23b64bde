/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Cx procedures of TS 29.228 6.1 to 6.4 as decisions over a subscription: no Diameter, no
 * store. Requests and answers are plain values; slices in a request point into the message and live
 * as long as it does.
 */
#ifndef HSS_CX_H
#define HSS_CX_H

#include "aka/auth.h"
#include "aka/sqn.h"
#include "hss/subscription/bearer.h"
#include "hss/subscription/restoration.h"
#include "hss/subscription/subscription.h"

/* Result-Code and Experimental-Result-Code share numbers; the sign of the domain is kept apart. */
struct result {
	uint32_t code;
	bool experimental; /* Experimental-Result of vendor 10415 (TS 29.229 6.2) */
};

#define RESULT_SUCCESS		       ((struct result){2001, false})
#define RESULT_UNABLE_TO_COMPLY	       ((struct result){5012, false})
#define RESULT_AVP_UNSUPPORTED	       ((struct result){5001, false})
#define RESULT_AUTHORIZATION_REJECTED  ((struct result){5003, false})
#define RESULT_INVALID_AVP_VALUE       ((struct result){5004, false})
#define RESULT_MISSING_AVP	       ((struct result){5005, false})
#define RESULT_AVP_TOO_MANY	       ((struct result){5009, false})
#define RESULT_REALM_NOT_SERVED	       ((struct result){3003, false})
#define RESULT_TOO_BUSY		       ((struct result){3004, false})
#define RESULT_REDIRECT		       ((struct result){3006, false})
#define CX_FIRST_REGISTRATION	       ((struct result){2001, true})
#define CX_SUBSEQUENT_REGISTRATION     ((struct result){2002, true})
#define CX_UNREGISTERED_SERVICE	       ((struct result){2003, true})
#define CX_SERVER_NAME_NOT_STORED      ((struct result){2004, true})
#define CX_USER_UNKNOWN		       ((struct result){5001, true})
#define CX_IDENTITIES_DONT_MATCH       ((struct result){5002, true})
#define CX_IDENTITY_NOT_REGISTERED     ((struct result){5003, true})
#define CX_ROAMING_NOT_ALLOWED	       ((struct result){5004, true})
#define CX_IDENTITY_ALREADY_REGISTERED ((struct result){5005, true})
#define CX_AUTH_SCHEME_NOT_SUPPORTED   ((struct result){5006, true})
#define CX_IN_ASSIGNMENT_TYPE	       ((struct result){5007, true})
#define CX_TOO_MUCH_DATA	       ((struct result){5008, true})
#define CX_FEATURE_UNSUPPORTED	       ((struct result){5011, true})
#define CX_NODE_FEATURE_UNSUPPORTED    ((struct result){5012, true}) /* no serving node does it */

enum user_authorization {
	UAT_REGISTRATION = 0,
	UAT_DE_REGISTRATION = 1,
	UAT_REGISTRATION_AND_CAPABILITIES = 2,
};

enum server_assignment {
	SAT_NO_ASSIGNMENT = 0,
	SAT_REGISTRATION = 1,
	SAT_RE_REGISTRATION = 2,
	SAT_UNREGISTERED_USER = 3,
	SAT_TIMEOUT_DEREGISTRATION = 4,
	SAT_USER_DEREGISTRATION = 5,
	SAT_TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME = 6,
	SAT_USER_DEREGISTRATION_STORE_SERVER_NAME = 7,
	SAT_ADMINISTRATIVE_DEREGISTRATION = 8,
	SAT_AUTHENTICATION_FAILURE = 9,
	SAT_AUTHENTICATION_TIMEOUT = 10,
	SAT_DEREGISTRATION_TOO_MUCH_DATA = 11,
};

enum deregistration_reason {
	DEREG_PERMANENT_TERMINATION = 0,
	DEREG_NEW_SERVER_ASSIGNED = 1,
	DEREG_SERVER_CHANGE = 2,
	DEREG_REMOVE_SCSCF = 3,
};

/* The features that this HSS has for SAR / for UAR and LIR; none for MAR. */
enum {
	CX_FEATURES_SAR = CX_FEATURE_SIFC | CX_FEATURE_RESTORATION,
	CX_FEATURES_ASK = CX_FEATURE_RESTORATION
};

/* Reasons of a deregistration as users write them. Returns 0, or -1: another word. */
#define DEREGISTRATION_REASONS                                                                     \
	"permanent-termination, new-server-assigned, server-change or remove-scscf"
int deregistration_reason_parse(struct slice word, enum deregistration_reason *out);

/* What of a subscription a procedure changed and the store must keep. */
enum cx_changed {
	CHANGED_STATE = 1, /* S-CSCF, registration and pending bits */
	CHANGED_SQN = 2,
	CHANGED_NUMBERS =
	    4, /* numbers were handed out that had been set aside: of interest to memory alone */
	CHANGED_BEARER = 8, /* the address of the bearer was given for the first time */
};

/* Settings of the operator that decide answers. */
struct cx_policy {
	struct capabilities capabilities; /* for subscriptions without their own */
	struct charging charging;
	unsigned int vectors_max; /* per MAA */
	struct sqn_range ind;	  /* of sequence numbers */
	unsigned int
	    sqn_step; /* how many of those to set aside at a time; 0 or 1: each is stored */
	bool keep_server_name; /* on the STORE_SERVER_NAME deregistrations */
	bool akav2_password;   /* of AKAv2-MD5 S-CSCFs get the password in the place of XRES */
	bool giba;	       /* who may be is authenticated by the address of his bearer */
};

/* Shared by every request; scscf is Server-Name (SAR, MAR). */
struct cx_request {
	struct slice impi;			 /* User-Name; empty where it was absent */
	char impu[SUB_IMPUS_MAX][IDENTITY_SIZE]; /* Public-Identity, canonical */
	uint8_t restoration_octets[RESTORATION_MAX];
	size_t n_impu;
	struct slice scscf;
	struct slice origin_host, origin_realm;
	struct slice visited;	  /* UAR */
	int authorization_type;	  /* UAR, LIR: enum user_authorization, -1 where absent */
	bool emergency;		  /* UAR: for emergency calls (UAR-Flags, bit 0) */
	bool originating;	  /* LIR */
	uint32_t features;	  /* that who asks supports: bits of enum cx_feature */
	uint32_t assignment_type; /* SAR */
	bool data_available;	  /* SAR: User-Data-Already-Available */
	bool multiple;		  /* SAR: Multiple-Registration-Indication */
	bool pcscf_failed;	  /* SAR: P-CSCF-Restoration-Indication (SAR-Flags, bit 0) */
	/* set by the service: the first Public-Identity where a wildcard stands in impu[0] for it; "" */
	char asked[IDENTITY_SIZE];
	bool has_restoration; /* SAR: SCSCF-Restoration-Info; empty if it was too long to be kept */
	struct slice restoration;
	struct slice scheme; /* MAR */
	uint32_t items;	     /* MAR: SIP-Number-Auth-Items */
	struct slice resync; /* MAR: RAND || AUTS, or empty */
	/* MAR, set by the service where the scheme is CX_GIBA: what is known; until 0: nothing, or it is dead */
	struct bearer bearer;
};

enum { CX_VECTORS_MAX = 8 };

/* How the user is authenticated (SIP-Authentication-Scheme, TS 29.229 6.3.9). */
enum cx_scheme { CX_AKAV1_MD5, CX_AKAV2_MD5, CX_AKAV2_SHA_256, CX_SIP_DIGEST, CX_GIBA };

/* As the AVP has it. */
const char *cx_scheme_name(enum cx_scheme scheme);
/* Is the user to be authenticated by the address of his bearer? */
bool cx_asks_address(struct slice scheme);

struct cx_answer {
	struct result result;
	bool give_server_name; /* sub->scscf, as it was when the procedure ended: server_name */
	char server_name[IDENTITY_SIZE];
	char redirect[IDENTITY_SIZE]; /* the HSS that has the user, for RESULT_REDIRECT */
	const struct capabilities *capabilities; /* Server-Capabilities, or NULL */
	const struct charging *charging;	 /* Charging-Information, or NULL */
	enum cx_scheme scheme;			 /* MAR: what the two below are for */
	const struct impi *digest;		 /* MAR: whose realm and HA1 to give, or NULL */
	const struct bearer *bearer;		 /* MAR: whose address to give, or NULL */
	bool bearer_missing;			 /* MAR: refused because none is known */
	struct aka_vector vector[CX_VECTORS_MAX];
	char password[CX_VECTORS_MAX][AKA_V2_PASSWORD_SIZE]; /* in the place of XRES; "" XRES */
	size_t n_vectors;
	/* SAA: profile of these public identities (bits), for that private identity */
	uint64_t profile_impus;
	int profile_first;
	int profile_impi;      /* index in sub->impi; -1 unknown */
	bool keep_restoration; /* SAR: that of the request, for profile's first identity */
	/* SAR: the S-CSCF that is replaced, and what each private identity had registered there */
	char replaced_host[IDENTITY_SIZE], replaced_realm[IDENTITY_SIZE];
	uint64_t replaced[SUB_IMPIS_MAX];
	bool resynced; /* MAR: an AUTS was good and set the counter */
	bool resync_failed;
};

/*
 * Each procedure answers req about sub (NULL: nobody has the identity). Sets *ans completely,
 * changes sub as the answer requires and returns the bits of enum cx_changed. No bits are set if
 * the result is an error. Wipe the vectors of ans when done.
 */
unsigned int cx_uar(struct subscription *sub, const struct cx_policy *policy,
		    const struct cx_request *req, struct cx_answer *ans);
unsigned int cx_lir(struct subscription *sub, const struct cx_policy *policy,
		    const struct cx_request *req, struct cx_answer *ans);
unsigned int cx_mar(struct subscription *sub, const struct cx_policy *policy,
		    const struct cx_request *req, struct cx_answer *ans);
/*
 * RFC 4169 2.1: of a vector for AKAv2-MD5 the password, for S-CSCFs that take what they get for it; "" where policy or scheme do
 * not want that. false: it cannot be computed.
 */
bool cx_make_password(const struct cx_policy *policy, enum cx_scheme scheme,
		      const struct aka_vector *v, char out[AKA_V2_PASSWORD_SIZE]);

/*
 * MAR of a partner's HSS for a user of ours who is there (TR 23.781 6.2.1 step 19), req with his own identities: one vector of
 * AKA and no digest, and nothing of his registration at home is touched. The numbers are those of his home's MARs, in
 * one row, so that IND steps over both: the card takes them in whatever order they are used.
 */
unsigned int cx_mar_away(struct subscription *sub, const struct cx_policy *policy,
			 const struct cx_request *req, struct cx_answer *ans);
/* sub->restorations must be loaded; those to give are marked. */
unsigned int cx_sar(struct subscription *sub, const struct cx_policy *policy,
		    const struct cx_request *req, struct cx_answer *ans);

/*
 * The HSS deregisters by RTR (TS 29.228 6.1.3). The public identities to name in the RTR: those in
 * impus and their implicit sets that impi (index) has registered; impus 0 means all. Stock S-CSCFs
 * need them named.
 */
uint64_t cx_rtr_identities(const struct subscription *sub, int impi, uint64_t impus);
/* The S-CSCF confirmed: these are not registered any more for impi. Returns bits of enum
 * cx_changed. */
unsigned int cx_rtr_done(struct subscription *sub, int impi, uint64_t impus);

/*
 * PPR: the S-CSCF has taken the profile of these identities, one implicit set, in. They share one
 * registration state (TS 23.228 5.2.1a): those that joined a registered set are registered too.
 * Returns what changed.
 */
unsigned int cx_ppr_done(struct subscription *sub, int impi, uint64_t impus);

#endif
