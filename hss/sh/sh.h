/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Sh procedures of TS 29.328 6.1 as decisions over a subscription and what the store knows beside it:
 * no Diameter, no store, no XML. Slices in a request point into the message and live as long as it does.
 */
#ifndef HSS_SH_H
#define HSS_SH_H

#include "hss/cx/cx.h"
#include "hss/sh/subscription.h"
#include "hss/subscription/repository.h"

/* Experimental results of TS 29.329 6.2. */
#define SH_USER_DATA_NOT_AVAILABLE  ((struct result){4100, true})
#define SH_PRIOR_UPDATE_IN_PROGRESS ((struct result){4101, true})
#define SH_USER_DATA_NOT_RECOGNIZED ((struct result){5100, true})
#define SH_OPERATION_NOT_ALLOWED    ((struct result){5101, true})
#define SH_CANNOT_BE_READ	    ((struct result){5102, true})
#define SH_CANNOT_BE_MODIFIED	    ((struct result){5103, true})
#define SH_CANNOT_BE_NOTIFIED	    ((struct result){5104, true})
#define SH_TRANSPARENT_OUT_OF_SYNC  ((struct result){5105, true})
#define SH_SUBS_DATA_ABSENT	    ((struct result){5106, true})
#define SH_DSAI_NOT_AVAILABLE	    ((struct result){5108, true})
#define SH_NO_SUBSCRIPTION_TO_DATA  5107
#define RESULT_RESOURCES_EXCEEDED   ((struct result){5006, false})

/* Data-Reference, TS 29.329 6.3.4. */
enum sh_reference {
	SH_REPOSITORY_DATA = 0,
	SH_PUBLIC_IDENTITY = 10,
	SH_USER_STATE = 11,
	SH_SCSCF_NAME = 12,
	SH_FILTER_CRITERIA = 13,
	SH_LOCATION = 14,
	SH_CS_PS_STATE = 15,
	SH_CHARGING = 16,
	SH_MSISDN = 17,
	SH_PSI_ACTIVATION = 18,
	SH_DSAI = 19,
	SH_IMSI = 32,
	SH_PRIVATE_IDENTITY = 33,
	SH_REFERENCES = 36, /* all that the standard assigns are below */
};

/* What an application server may do with a Data-Reference (TS 29.328 6.2). */
enum sh_operation { SH_PULL = 1, SH_UPDATE = 2, SH_SUBSCRIBE = 4 };

/* What table 7.6.1 of TS 29.328 and this HSS allow with a Data-Reference at all; 0: it has no such
 * data. */
unsigned int sh_operations(uint32_t reference);

/* May a user be named by his MSISDN for it? */
bool sh_by_number(uint32_t reference);

/* Identity-Set, TS 29.329 6.3.10; bits of struct sh_request.sets and sh_view.sets. */
enum sh_identity_set { SH_ALL, SH_REGISTERED, SH_IMPLICIT, SH_ALIAS, SH_IDENTITY_SETS };

enum { SH_SERVICES_MAX = 16, SH_TAGS_MAX = 16, SH_MSISDN_SIZE = MSISDN_SIZE };

/* Features, TS 29.329 7.1.1; bits of the first list. */
enum sh_feature {
	SH_FEATURE_NOTIF_EFF = 1,
	SH_FEATURE_UPDATE_EFF = 2,	   /* repository data of several services in one update */
	SH_FEATURE_UPDATE_EFF_ENHANCE = 4, /* and of several Data-References */
};

struct sh_request {
	char as[IDENTITY_SIZE]; /* Origin-Host in lower case, as grants have it; "" too long */
	struct slice as_realm;	/* Origin-Realm */
	bool speaks_for_itself; /* as is the peer that sent it, or that peer may speak for others */
	char identity
	    [IDENTITY_SIZE]; /* Public-Identity, canonical; "" absent, or no identity at all */
	char msisdn[SH_MSISDN_SIZE]; /* digits; "" absent */
	bool has_identity, has_msisdn;
	struct slice impi;	  /* User-Name; empty where it was absent */
	struct slice server_name; /* empty where it was absent */
	uint32_t features;	  /* that the AS supports; of enum sh_feature and others */
	uint64_t references;	  /* Data-References, bits */
	unsigned int sets;	  /* Identity-Sets, bits; 0: none named */
	struct slice service[SH_SERVICES_MAX]; /* Service-Indications */
	size_t n_service;
	bool unsubscribe, send_data, one_time; /* SNR */
	bool has_expiry;
	uint32_t expiry;	       /* SNR: Expiry-Time, seconds since 1900 */
	struct slice user_data;	       /* PUR: a Sh-Data document */
	struct slice tag[SH_TAGS_MAX]; /* DSAI-Tags */
	size_t n_tag;
	bool has_domain;
	uint32_t domain; /* Requested-Domain: 0 CS, 1 PS */
};

/* Which AVP an answer with MISSING_AVP quotes. */
enum sh_missing {
	SH_MISSING_NOTHING,
	SH_MISSING_IDENTITY,
	SH_MISSING_SERVICE,
	SH_MISSING_SERVER_NAME,
	SH_MISSING_DSAI_TAG,
	SH_MISSING_DOMAIN,
};

/* Bounds that the operator sets. */
struct sh_policy {
	uint32_t data_max;		  /* octets of one ServiceData */
	uint32_t user_data_max;		  /* octets of the User-Data of one message */
	uint32_t services_max;		  /* Service-Indications with data of one user */
	uint32_t subscriptions_max;	  /* of all application servers */
	uint32_t subscriptions_of_as_max; /* of one for a user */
};

/* What the store knows about a request. */
struct sh_known {
	const struct subscription *sub;	     /* NULL: nobody has the identity */
	unsigned int allowed[SH_REFERENCES]; /* operations granted to the AS, by Data-Reference */
	const struct charging *charging; /* the operator's, for subscriptions without their own */
	/* those of req->service, in its order; data NULL where there is none */
	struct repository repository[SH_SERVICES_MAX];
	uint64_t services; /* Service-Indications with data of the user; PUR */
};

/* What a Sh-Data document is to hold. All pointers are borrowed. */
struct sh_view {
	const struct subscription *sub;
	int impu; /* index; -1: the user was named by his MSISDN */
	int impi; /* index; -1: none named */
	uint64_t references;
	unsigned int sets;
	struct slice server_name; /* whose filter criteria */
	const struct charging *charging;
	const struct repository *repository;
	size_t n_repository;
	uint32_t domain;
	const struct slice *tag; /* of DSAIs, which the identity has */
	size_t n_tag;
	bool hide_pending; /* no subscriber hears of authentication pending (6.1.4.1) */
};

/*
 * Sh-Pull (TS 29.328 6.1.1.1). Returns the result; for SUCCESS *view says what to give, with
 * view->references 0 where there is nothing, unless the AS supports Notif-Eff. For MISSING_AVP *missing says which.
 */
struct result sh_pull(const struct sh_request *req, const struct sh_known *known,
		      struct sh_view *view, enum sh_missing *missing);

/* Values of the schema (TS 29.328 annex D): the two count in opposite ways. */
enum { SH_PSI_INACTIVE = 0, SH_PSI_ACTIVE = 1, SH_DSAI_ACTIVE = 0, SH_DSAI_INACTIVE = 1 };

struct sh_dsai {
	char tag[DSAI_TAG_SIZE];
	bool active;
};

/* What an application server sends to be kept: repository data of services that differ, and what it switches. */
struct sh_document {
	struct repository repository[SH_SERVICES_MAX];
	size_t n_repository;
	struct sh_dsai dsai[SH_TAGS_MAX]; /* of tags that differ */
	size_t n_dsai;
	bool has_activation, active; /* PSI Activation State */
	bool too_many;		     /* there was more than there is room for */
};

/* The Data-References (bits) of what is in it. */
uint64_t sh_document_references(const struct sh_document *document);

/* What Sh-Update does to repository data. */
enum sh_change { SH_NO_CHANGE, SH_PUT, SH_REMOVE };

struct sh_update {
	enum sh_change change[SH_SERVICES_MAX]; /* of each in the document */
	int failed; /* the one in the document that cannot be kept, where there are several; -1 */
	int failed_reference; /* likewise the Data-Reference, where there are several; -1 */
};

/*
 * Sh-Update (TS 29.328 6.1.2.1): all of document or nothing. Its services are those in req->service, whose data as they
 * are stand in known->repository. document: NULL where it could not be read. Other data than those of the Data-References
 * are SH_USER_DATA_NOT_RECOGNIZED, and so are several services without SH_FEATURE_UPDATE_EFF. More data than policy allows,
 * in octets or in services, are CX_TOO_MUCH_DATA. For SUCCESS *out says which data to keep; what is switched stands in the
 * document. view and missing as sh_pull().
 */
struct result sh_update(const struct sh_request *req, const struct sh_known *known,
			const struct sh_document *document, const struct sh_policy *policy,
			struct sh_update *out, struct sh_view *view, enum sh_missing *missing);

/*
 * Sh-Subs-Notif (TS 29.328 6.1.3.1). For SUCCESS sh_subscriptions_of() says which subscriptions begin or
 * end, if sh_subscriptions_fit(), and *view what to give of the data; otherwise as sh_pull().
 */
struct result sh_subscribe(const struct sh_request *req, const struct sh_known *known,
			   struct sh_view *view, enum sh_missing *missing);

/* How many subscriptions there are. A user is all that is provisioned together. */
struct sh_counts {
	uint64_t of_as;	  /* of one application server for a user */
	uint64_t of_user; /* of all for him */
	uint64_t all;
};

/*
 * May a request that has changed the numbers so do that? RESULT_RESOURCES_EXCEEDED if it makes more than
 * policy and SH_SUBSCRIPTIONS_MAX allow; what is there already can always be renewed.
 */
struct result sh_subscriptions_fit(const struct sh_counts *before, const struct sh_counts *after,
				   const struct sh_policy *policy);

/* One for each Data-Reference, Service-Indication, DSAI-Tag and Identity-Set. Returns how many. */
enum { SH_SUBSCRIBE_MAX = SH_SERVICES_MAX + SH_TAGS_MAX + SH_IDENTITY_SETS + SH_REFERENCES };
size_t sh_subscriptions_of(const struct sh_request *req, const struct sh_view *view,
			   struct sh_subscription out[SH_SUBSCRIBE_MAX]);

/* From the Time of RFC 6733 4.3.1 to seconds since 1970. */
int64_t sh_unix_time(uint32_t ntp);

/* The state of registration of a public identity as Sh tells it (TS 29.328 7.6.3). */
enum sh_user_state {
	SH_NOT_REGISTERED,
	SH_STATE_REGISTERED,
	SH_REGISTERED_UNREG_SERVICES,
	SH_AUTHENTICATION_PENDING
};
enum sh_user_state sh_user_state(const struct impu *impu);

/* The public identities (bits) that an Identity-Set means: barred ones are in none (7.6.2). */
uint64_t sh_identities(const struct sh_view *view, enum sh_identity_set set);

/* Is a filter criterion of the profile, and for the application server, that are asked for, and not masked? */
bool sh_criterion_meant(const struct sh_view *view, const struct ifc *f);

/* The IMSI of a private identity: provisioned, or part of its name (TS 23.003 13.3); "" if neither. */
void sh_imsi(const struct impi *impi, char out[MSISDN_SIZE]);

#endif
