/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the HSS knows about a subscription (TS 23.228 4.3.3.4): private identities with their keys,
 * public identities in implicit registration sets, service profiles made of initial filter
 * criteria, the assigned S-CSCF and the state of registration. Plain data: filled by the store or
 * by the import, changed by the procedures.
 */
#ifndef HSS_MODEL_H
#define HSS_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "aka/auth.h"
#include "aka/digest.h"
#include "base/slice.h"

enum {
	IDENTITY_SIZE = 256, /* IMPI, IMPU, S-CSCF name, Diameter identity, with NUL */
	DISPLAY_SIZE = 64,
	TRIGGER_SIZE = 1024, /* iFC trigger as text, see hss/subscription/ifc.h */
	SUB_IMPIS_MAX = 16,  /* bits of impu.impis */
	SUB_IMPUS_MAX = 64,
	SUB_IFCS_MAX = 64,
	SUB_SHARED_MAX = 16, /* shared sets of all profiles together */
	SUB_CAPS_MAX = 16,
	SUB_VISITED_MAX = 16,
	SUB_NUMBER_MAX = 65535, /* implicit set and profile numbers */
	DSAI_TAG_SIZE = 64, /* one tag of Dynamic Service Activation Info, and a list, with NUL */
	DSAI_TAGS_SIZE = 256,
};

enum { MSISDN_SIZE = 16 }; /* E.164 digits, IMSI digits, with NUL */

/*
 * A private identity is authenticated by AKA, or by SIP digest (TS 33.203 annex N), never by
 * whichever is weaker. The key of a digest user is zero, and so is the HA1 of an AKA user empty.
 */
struct impi {
	char name[IDENTITY_SIZE];
	struct aka_key key;
	uint8_t amf[2];
	uint64_t sqn;	   /* SQN_HE: the last number handed out, aka/sqn.h */
	uint64_t sqn_kept; /* what the store has of it: none above was handed out */
	char ha1
	    [AKA_DIGEST_SIZE]; /* SIP digest: of name, realm and password, lower-case hex; "" AKA */
	char realm[IDENTITY_SIZE]; /* SIP digest: for which HA1 was made; "" AKA */
	char msisdn[MSISDN_SIZE];  /* international, without plus; "" none */
	char imsi[MSISDN_SIZE];	   /* "" none, or in the name */
	bool
	    giba; /* may be authenticated by the address of the bearer of imsi, too (TS 33.203 annex T) */
};

struct impu {
	char uri
	    [IDENTITY_SIZE]; /* as identity_stored() makes it (wildcard.h): canonical, or a wildcard */
	char display[DISPLAY_SIZE];
	uint32_t set;	  /* implicit registration set; 0: none, registers alone */
	uint32_t profile; /* service profile */
	uint32_t alias;	  /* alias set: one set of repository data; 0: none */
	bool service;	  /* a Public Service Identity (TS 23.228 5.4.12), not a user's */
	bool inactive;	  /* a service that is switched off: activation.h */
	char masked[DSAI_TAGS_SIZE]; /* tags that are not active for it, separated by ',' */
	bool barred;
	uint16_t impis;	     /* bit i: sub->impi[i] may use it */
	uint16_t registered; /* bit i: registered by sub->impi[i] */
	uint16_t pending;    /* bit i: authentication pending for sub->impi[i] */
	bool unregistered;   /* an S-CSCF serves it unregistered (TS 29.228 "unregistered" state) */
	/* of GIBA (TS 33.203 annex T), bit i: registered by sub->impi[i] with the address of his bearer */
	uint16_t by_address;
	uint16_t address_asked; /* it was asked for, and may be what he is registered with next */
};

enum ifc_part { IFC_BOTH, IFC_REGISTERED, IFC_UNREGISTERED };

struct ifc {
	uint32_t profile;
	uint32_t priority; /* lower is evaluated first */
	char as[IDENTITY_SIZE];
	char trigger[TRIGGER_SIZE]; /* "" matches everything */
	char service_info[IDENTITY_SIZE];
	bool terminate; /* DefaultHandling SESSION_TERMINATED */
	bool include_request;
	bool include_response;
	enum ifc_part part;
	char dsai[DSAI_TAGS_SIZE]; /* tags that it is bound to, separated by ','; "" none */
};

/*
 * A service profile that uses a shared set of criteria (SharedIFCSetID, TS 29.228 B.2). Sets have numbers up to
 * SHARED_SET_MAX, and SUB_IFCS_MAX criteria each.
 */
enum { SHARED_SET_MAX = INT32_MAX };
struct shared_use {
	uint32_t profile, set;
};

/* Features of Feature-List-ID 1 on Cx (TS 29.229 7.1.1), as bits. */
enum cx_feature {
	CX_FEATURE_SIFC = 1,	    /* shared sets of criteria are named, not written out */
	CX_FEATURE_RESTORATION = 4, /* IMSRestorationInd */
};

struct capabilities {
	uint32_t mandatory[SUB_CAPS_MAX], optional[SUB_CAPS_MAX];
	size_t n_mandatory, n_optional;
	char server[IDENTITY_SIZE]; /* a preferred Server-Name, or "" */
};

/* Charging-Information; "" where there is none. */
struct charging {
	char ecf[2][IDENTITY_SIZE]; /* event charging, primary and secondary */
	char ccf[2][IDENTITY_SIZE]; /* charging collection, primary and secondary */
};

struct restoration;

/* About 200 kB: allocate it with subscription_new(), never on the stack. */
struct subscription {
	int64_t id;		   /* of the store; 0: not stored yet */
	uint64_t stamp;		   /* the store's: of what it has in memory; 0: out of its tables */
	char scscf[IDENTITY_SIZE]; /* assigned S-CSCF (Server-Name), or "" */
	char scscf_host[IDENTITY_SIZE]; /* its Diameter identity and realm, for RTR and PPR */
	char scscf_realm[IDENTITY_SIZE];
	uint32_t scscf_features; /* what it has said that it supports: bits of enum cx_feature */
	/* the one before it, which must be told that another has the user; "" */
	char replaced_host[IDENTITY_SIZE];
	char replaced_realm[IDENTITY_SIZE];
	bool reassigning; /* an I-CSCF looks for another S-CSCF: the assigned one does not answer */
	bool has_capabilities; /* else the configured default counts */
	struct capabilities capabilities;
	bool has_charging; /* else the configured default counts */
	struct charging charging;
	char visited[SUB_VISITED_MAX][IDENTITY_SIZE]; /* networks allowed; n_visited 0: all */
	size_t n_visited;
	struct impi impi[SUB_IMPIS_MAX];
	size_t n_impi;
	struct impu impu[SUB_IMPUS_MAX];
	size_t n_impu;
	struct ifc ifc[SUB_IFCS_MAX];
	size_t n_ifc;
	struct shared_use shared[SUB_SHARED_MAX];
	size_t n_shared;
	/* the criteria of those sets, each with the profile that uses it; loaded with the subscription; ours */
	struct ifc *borrowed;
	size_t n_borrowed;
	struct restoration *restorations; /* loaded where a procedure needs them; ours */
};

/* An empty subscription, or NULL without memory. */
struct subscription *subscription_new(void);
/* Wipes the keys and frees; NULL is allowed. */
void subscription_free(struct subscription *sub);
/* Empty it for use again; keys are wiped. */
void subscription_clear(struct subscription *sub);

/* The criteria of its profiles, their own and those of shared sets: how many, and one of them. */
size_t subscription_ifcs(const struct subscription *sub);
const struct ifc *subscription_ifc(const struct subscription *sub, size_t i);
/* No criteria of shared sets are loaded any more. */
void subscription_drop_borrowed(struct subscription *sub);

/* Is this private identity authenticated by SIP digest? */
static inline bool impi_by_digest(const struct impi *impi)
{
	return impi->ha1[0] != '\0';
}

/*
 * Has it no key at all: one of a partner's user (hss/migration/visitor.h), whose primary authenticates him? There is nothing
 * here by which he could be.
 */
bool impi_without_key(const struct impi *impi);

/* Index of an identity, or -1. The IMPU must be canonical. */
int subscription_impi(const struct subscription *sub, struct slice name);
int subscription_impu(const struct subscription *sub, struct slice uri);

/*
 * The form in which public identities are stored and compared (TS 23.003 13.4, RFC 3261 19.1.4):
 * scheme and host in lower case, no port, parameters, headers or password for sip and sips; tel
 * numbers without visual separators and parameters. Returns 0, or -1 if it is no sip, sips or tel
 * URI or too long for out[IDENTITY_SIZE].
 */
int identity_canonical(struct slice uri, char out[IDENTITY_SIZE]);

#endif
