/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ims-cms.conf in the syntax of daemon/settings.h; cms_settings names and explains every setting. */
#ifndef HSS_CMS_CONFIG_H
#define HSS_CMS_CONFIG_H

#include "daemon/settings.h"
#include "hss/cms/identity.h"

enum {
	PARTNERS_MAX = 32,
	PARTNER_LIST = 16, /* of domains, names, places */
	SYSTEM_SIZE = 33,  /* the name of a system, with NUL */
	SERVICES_SIZE = 64,
	PATH_SIZE = 256,
	TOKEN_KEYS_MAX = 4,
};

typedef char name_list[PARTNER_LIST][NAME_SIZE];

/* Whose users may come here. */
enum accept { ACCEPT_NONE, ACCEPT_LISTED, ACCEPT_ALL };

struct partner {
	char name[SYSTEM_SIZE]; /* its system's identifier */
	char url[NAME_SIZE]; /* https://HOST[:PORT] of its CMS-CMS door, or "": we do not ask it */
	char ca[PATH_SIZE];  /* PEM of the authority of its certificates */
	name_list san;	     /* what its certificates are called: DNS names or URIs */
	size_t n_san;
	name_list domain; /* of its users' identities, all kinds */
	size_t n_domain;
	name_list database; /* Diameter identities of its HSS or SLF */
	size_t n_database;
	name_list place; /* where it serves: PLMN or PLMN/TAC */
	size_t n_place;
	char services[SERVICES_SIZE]; /* "mcptt mcvideo" */
	bool outbound;		      /* our users' identities are hidden from it */
	enum accept accept;
	uint32_t live_max, hour_max; /* of its users here */
};

struct cms_config {
	char system[SYSTEM_SIZE];
	name_list domain; /* of our own users' identities */
	size_t n_domain;
	char inbound_domain[NAME_SIZE], outbound_domain[NAME_SIZE];
	bool pool;			       /* identities come from the pool, not drawn */
	char outbound_services[SERVICES_SIZE]; /* for these identities are hidden in any case */
	/* what a UE is told of our SIP core */
	char home_domain[NAME_SIZE], realm[NAME_SIZE];
	name_list pcscf;
	size_t n_pcscf;
	char database_kind[8], database_host[NAME_SIZE], database_realm[NAME_SIZE];
	/* our own ims-hss, which is told of all bindings: https://HOST[:PORT], authority of its certificate, file with a token; ""
	 * none is */
	char hss[NAME_SIZE], hss_ca[PATH_SIZE], hss_token[PATH_SIZE];
	char ue_config[PATH_SIZE]; /* the initial UE configuration's master document */
	char store[PATH_SIZE];
	char control[108], metrics[64];
	char csc4[108], csc4_certificate[PATH_SIZE], csc4_key[PATH_SIZE];
	char token_key[TOKEN_KEYS_MAX][PATH_SIZE];
	size_t n_token_keys;
	char token_issuer[NAME_SIZE], token_audience[NAME_SIZE], token_scope[NAME_SIZE];
	char peers[64], certificate[PATH_SIZE], key[PATH_SIZE]; /* CMS-CMS */
	uint32_t lifetime_hours, lifetime_seconds, keep_days, user_per_day, answer_seconds;
	struct partner partner[PARTNERS_MAX];
	size_t n_partners;
	int log_level;
};

extern const struct setting cms_settings[];

/* How long a migration lasts at most, in seconds. */
int64_t cms_config_lifetime(const struct cms_config *cfg);

/* Defaults, then the text, then a check that it is complete. Returns 0, or -1 with why. Files that it names are not
 * read. */
int cms_config_parse(struct slice text, struct cms_config *cfg, char *why, size_t size);
/* The same of a file. */
int cms_config_read(const char *path, struct cms_config *cfg, char *why, size_t size);

/* The partner of this name, or NULL. */
const struct partner *cms_partner(const struct cms_config *cfg, const char *name);
/* Is the identity in one of the domains? A tel: URI is in each. */
bool domain_list_has(const name_list list, size_t n, const char *identity);
bool name_list_has(const name_list list, size_t n, const char *name);
/* "mcptt mcvideo": words of small letters and digits, none twice; and whether all has each of some. */
bool services_valid(const char *services);
bool services_within(const char *some, const char *all);

#endif
