/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cms/config.h"

#include <stdlib.h>
#include <syslog.h>

enum { CONFIG_MAX = 1 << 20 };

#define SETTER(name)                                                                               \
	static int name(void *into, const struct setting *s, const struct words *w, char *why,     \
			size_t size)

static int wrong(const struct setting *s, char *why, size_t size)
{
	snprintf(why, size, "%s takes what --help says, such as: %s %s", s->name, s->name,
		 s->example);
	return -1;
}

/* Names added to a list; its number stands behind it. */
SETTER(add_names)
{
	char(*list)[NAME_SIZE] = (void *)((char *)into + s->offset);
	size_t *n = (size_t *)(void *)((char *)into + s->size);

	if (w->n < 2)
		return wrong(s, why, size);
	for (size_t i = 1; i < w->n; i++)
		if (*n == PARTNER_LIST || !w->w[i].len ||
		    slice_copy(w->w[i], list[(*n)++], NAME_SIZE))
			return wrong(s, why, size);
	return 0;
}

SETTER(set_domain)
{
	if (w->n != 2 || !identity_is_domain(w->w[1]) ||
	    slice_copy(w->w[1], (char *)into + s->offset, NAME_SIZE))
		return wrong(s, why, size);
	return 0;
}

SETTER(set_services)
{
	char *out = (char *)into + s->offset;
	size_t used = 0;

	for (size_t i = 1; i < w->n && used < SERVICES_SIZE; i++)
		used += (size_t)snprintf(out + used, SERVICES_SIZE - used, "%s%.*s",
					 i > 1 ? " " : "", (int)w->w[i].len, w->w[i].p);
	return w->n > 1 && used < SERVICES_SIZE && services_valid(out) ? 0 : wrong(s, why, size);
}

SETTER(set_identities)
{
	struct cms_config *cfg = into;

	cfg->pool = w->n == 2 && slice_eq(w->w[1], SLICE_LIT("pool"));
	if (!cfg->pool && (w->n != 2 || !slice_eq(w->w[1], SLICE_LIT("random"))))
		return wrong(s, why, size);
	return 0;
}

SETTER(set_database)
{
	struct cms_config *cfg = into;

	if (w->n != 4 ||
	    (!slice_eq(w->w[1], SLICE_LIT("hss")) && !slice_eq(w->w[1], SLICE_LIT("slf"))) ||
	    !identity_is_domain(w->w[2]) || !identity_is_domain(w->w[3]) ||
	    slice_copy(w->w[1], cfg->database_kind, sizeof(cfg->database_kind)) ||
	    slice_copy(w->w[2], cfg->database_host, NAME_SIZE) ||
	    slice_copy(w->w[3], cfg->database_realm, NAME_SIZE))
		return wrong(s, why, size);
	return 0;
}

SETTER(set_token_key)
{
	struct cms_config *cfg = into;

	if (w->n != 2 || cfg->n_token_keys == TOKEN_KEYS_MAX ||
	    slice_copy(w->w[1], cfg->token_key[cfg->n_token_keys++], PATH_SIZE))
		return wrong(s, why, size);
	return 0;
}

SETTER(set_accept)
{
	static const char *const words[] = {
	    [ACCEPT_NONE] = "none", [ACCEPT_LISTED] = "listed", [ACCEPT_ALL] = "all"};
	struct partner *p = into;

	for (int i = ACCEPT_NONE; i <= ACCEPT_ALL; i++)
		if (w->n == 2 && slice_eq(w->w[1], slice_str(words[i]))) {
			p->accept = (enum accept)i;
			return 0;
		}
	return wrong(s, why, size);
}

/* https://HOST[:PORT], no path: what is asked there is ours to say. */
SETTER(set_url)
{
	char *url = (char *)into + s->offset;
	struct slice rest, host;
	uint64_t port;

	if (w->n != 2 || slice_copy(w->w[1], url, s->size) || strncmp(url, "https://", 8) != 0)
		return wrong(s, why, size);
	rest = slice_str(url + 8);
	host = slice_cut(&rest, ':');
	if (!identity_is_domain(host) || (rest.p && slice_u64(rest, UINT16_MAX, &port)))
		return wrong(s, why, size);
	return 0;
}

#define AT(cfg, member) offsetof(struct cfg, member), sizeof(((struct cfg *)0)->member)
#define OWN(section, cfg, member, set, example, text)                                              \
	{                                                                                          \
		section, #member, SETTING_OTHER, AT(cfg, member), 0, 0, set, example, text         \
	}
#define LIST(section, cfg, name, member, example, text)                                            \
	{                                                                                          \
		section, name, SETTING_OTHER, offsetof(struct cfg, member),                        \
		    offsetof(struct cfg, n_##member), 0, 0, add_names, example, text               \
	}
#define TEXT(member, example, text) SETTING_AT_TEXT(struct cms_config, "", member, example, text)
#define NUMBER(member, min, max, example, text)                                                    \
	SETTING_AT_NUMBER(struct cms_config, "", member, min, max, example, text)
#define P "partner"

const struct setting cms_settings[] = {
    TEXT(system, "primary1", "the identifier of this system, by which partners know it"),
    LIST("", cms_config, "domains", domain, "home1.net",
	 "domains of our own users' identities, MC service IDs too; several lines add up"),
    OWN("", cms_config, inbound_domain, set_domain, "in.home1.net",
	"domain of the identities that partners' users get here; used for nothing else"),
    OWN("", cms_config, outbound_domain, set_domain, "out.home1.net",
	"domain of the identities behind which our users are hidden from partners"),
    {"", "identities", SETTING_OTHER, 0, 0, 0, 0, set_identities, "random",
     "random: drawn when they are needed; pool: those of cmsctl pool add"},
    OWN("", cms_config, outbound_services, set_services, "mcptt",
	"services for which users' identities are hidden whatever the partner's section says"),
    OWN("", cms_config, home_domain, set_domain, "in.home1.net",
	"home domain that partners' UEs use for our SIP core; inbound_domain without it"),
    OWN("", cms_config, realm, set_domain, "home1.net",
	"realm in the challenges of our S-CSCF; home_domain without it"),
    LIST("", cms_config, "pcscf", pcscf, "pcscf.home1.net:5060",
	 "our P-CSCFs as partners' UEs are told them"),
    {"", "sip_database", SETTING_OTHER, 0, 0, 0, 0, set_database, "hss hss.home1.net home1.net",
     "our HSS, or slf and its name: Diameter identity and realm that partners are told"},
    OWN("", cms_config, hss, set_url, "https://localhost:8443",
	"REST API of our own ims-hss, which is told of each binding before anybody is answered; "
	"without it no HSS learns of them"),
    TEXT(hss_ca, "/etc/ims-cms/hss-ca.pem", "authority of its certificate (PEM)"),
    TEXT(hss_token, "/etc/ims-cms/hss-token",
	 "file with a token of it: hssctl token add cms migration"),
    TEXT(ue_config, "/etc/ims-cms/initial-ue-config.xml",
	 "master document of the initial UE configuration (TS 24.484 7.2) of this system"),
    TEXT(store, "/var/lib/ims-cms/cms.db", "SQLite file of users, migrations and the audit trail"),
    TEXT(control, "/run/ims-cms.sock", "socket for cmsctl"),
    TEXT(metrics, "127.0.0.1:9435",
	 "where Prometheus reads the counters: GET /metrics; without it nowhere"),
    TEXT(csc4, "0.0.0.0:8443", "where UEs ask (CSC-4); without it no UE may ask"),
    TEXT(csc4_certificate, "/etc/ims-cms/csc4-cert.pem", "certificate of csc4"),
    TEXT(csc4_key, "/etc/ims-cms/csc4-key.pem", "its private key"),
    {"", "token_key", SETTING_OTHER, 0, 0, 0, 0, set_token_key, "/etc/ims-cms/idms.pem",
     "public key (PEM) of the identity management server whose access tokens UEs bring; several "
     "lines: "
     "each of them may sign"},
    TEXT(token_issuer, "https://idms.home1.net", "iss of these tokens"),
    TEXT(token_audience, "cms.home1.net", "aud of these tokens; without it any"),
    TEXT(token_scope, "3gpp:mc:ptt_config_management_service", "a word of their scope"),
    TEXT(peers, "0.0.0.0:8444", "where partners' configuration management servers ask"),
    TEXT(certificate, "/etc/ims-cms/cert.pem", "certificate towards partners, on both sides"),
    TEXT(key, "/etc/ims-cms/key.pem", "its private key"),
    NUMBER(lifetime_hours, 1, 8760, "168", "how long a migration lasts at most"),
    NUMBER(lifetime_seconds, 0, 3600, "0",
	   "the same where an hour is too long, as in tests; 0: lifetime_hours counts"),
    NUMBER(keep_days, 1, 3650, "90",
	   "how long what is over is kept; until then its identities are never drawn again"),
    NUMBER(user_per_day, 1, 1000, "20", "migrations that one user may begin in a day"),
    NUMBER(answer_seconds, 1, 60, "5", "how long a partner's answer is waited for"),
    {"", "log", SETTING_LEVEL, offsetof(struct cms_config, log_level), 0, 0, 0, NULL, "notice",
     "error, warning, notice, info or debug"},
    OWN(P, partner, url, set_url, "https://cms.partner1.net:8444",
	"its CMS-CMS door; without it our users do not go there"),
    SETTING_AT_TEXT(struct partner, P, ca, "/etc/ims-cms/partner1-ca.pem",
		    "authority of its certificates (PEM); another partner's should be another one"),
    LIST(P, partner, "san", san, "cms.partner1.net",
	 "DNS name or URI in the subjectAltName of its client certificate"),
    LIST(P, partner, "domains", domain, "partner1.net", "domains of its users' identities"),
    LIST(P, partner, "databases", database, "hss.partner1.net",
	 "Diameter identities of its HSS and SLF"),
    LIST(P, partner, "places", place, "00102 00103/0001",
	 "where it serves: PLMN, or PLMN/TAC; what names a TAC is chosen first"),
    OWN(P, partner, services, set_services, "mcptt mcvideo",
	"services that its system has for ours"),
    SETTING_AT_FLAG(struct partner, P, outbound, "yes",
		    "hide our users' identities from it: yes or no"),
    {P, "accept", SETTING_OTHER, 0, 0, 0, 0, set_accept, "listed",
     "which of its users may come here: none, listed (cmsctl admit) or all"},
    SETTING_AT_NUMBER(struct partner, P, live_max, 0, 10000000, "1000", "its users here at a time"),
    SETTING_AT_NUMBER(struct partner, P, hour_max, 0, 10000000, "500",
		      "identities that it may be given in an hour"),
    {0},
};

static void set_defaults(struct cms_config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->lifetime_hours = 168;
	cfg->keep_days = 90;
	cfg->user_per_day = 20;
	cfg->answer_seconds = 5;
	cfg->log_level = LOG_NOTICE;
	strcpy(cfg->store, "/var/lib/ims-cms/cms.db");
	strcpy(cfg->control, "/run/ims-cms.sock");
	strcpy(cfg->token_scope, "3gpp:mc:ptt_config_management_service");
}

static bool is_system(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= '0' && s.p[i] <= '9') &&
		    s.p[i] != '-')
			return false;
	return s.len > 0 && s.len < SYSTEM_SIZE;
}

static void *begin_section(void *config, struct slice kind, struct slice name, char *why,
			   size_t size)
{
	struct cms_config *cfg = config;
	struct partner *p = &cfg->partner[cfg->n_partners];

	if (!slice_eq(kind, SLICE_LIT("partner")))
		snprintf(why, size, "there are only sections [partner NAME]");
	else if (!is_system(name))
		snprintf(why, size, "a partner's name has small letters, digits and '-'");
	else if (cfg->n_partners == PARTNERS_MAX)
		snprintf(why, size, "at most %d partners", PARTNERS_MAX);
	else {
		memset(p, 0, sizeof(*p));
		slice_copy(name, p->name, sizeof(p->name));
		if (cms_partner(cfg, p->name)) {
			snprintf(why, size, "partner %s stands there twice", p->name);
			return NULL;
		}
		p->outbound = true;
		p->live_max = 1000;
		p->hour_max = 500;
		cfg->n_partners++;
		return p;
	}
	return NULL;
}

static const char *wrong_partner(const struct cms_config *cfg, const struct partner *p)
{
	if (strcmp(p->name, cfg->system) == 0)
		return "is this system itself";
	if (!p->ca[0] || !p->n_san)
		return "needs ca and san, or nobody could say that he is it";
	if (p->accept != ACCEPT_NONE && (!p->n_domain || !p->n_database))
		return "needs domains and databases where its users are accepted";
	if (p->url[0] && !p->services[0])
		return "needs services where our users go there";
	/* a user of one system must not be taken for one of another */
	for (size_t i = 0; i < p->n_domain; i++)
		for (size_t k = 0; k < cfg->n_domain; k++)
			if (strcasecmp(p->domain[i], cfg->domain[k]) == 0)
				return "has a domain that is ours";
	return NULL;
}

static int check_partners(const struct cms_config *cfg, char *why, size_t size)
{
	bool comes = false;

	for (size_t i = 0; i < cfg->n_partners; i++) {
		const struct partner *p = &cfg->partner[i];
		const char *text = wrong_partner(cfg, p);

		if (text) {
			snprintf(why, size, "partner %s %s", p->name, text);
			return -1;
		}
		comes |= p->accept != ACCEPT_NONE;
		for (size_t a = 0; a < i; a++)
			for (size_t b = 0; b < p->n_san; b++)
				if (strcmp(cfg->partner[a].ca, p->ca) == 0 &&
				    name_list_has(cfg->partner[a].san, cfg->partner[a].n_san,
						  p->san[b])) {
					snprintf(why, size,
						 "partners %s and %s have the same ca and san",
						 cfg->partner[a].name, p->name);
					return -1;
				}
	}
	if (comes && (!cfg->inbound_domain[0] || !cfg->ue_config[0] || !cfg->n_pcscf)) {
		snprintf(why, size,
			 "inbound_domain, ue_config and pcscf are missing: partners' users come");
		return -1;
	}
	return 0;
}

static const char *missing(const struct cms_config *cfg)
{
	if (!is_system(slice_str(cfg->system)))
		return "a line is missing, or not of small letters, digits and '-': system "
		       "primary1";
	if (!cfg->n_domain)
		return "a line is missing, such as: domains home1.net";
	if (!cfg->csc4[0] && !cfg->peers[0])
		return "neither csc4 nor peers is served";
	if (cfg->csc4[0] && (!cfg->csc4_certificate[0] || !cfg->csc4_key[0]))
		return "csc4 needs csc4_certificate and csc4_key";
	if (cfg->csc4[0] && (!cfg->n_token_keys || !cfg->token_issuer[0]))
		return "csc4 needs token_key and token_issuer";
	if (cfg->csc4[0] && (!cfg->outbound_domain[0] || !cfg->database_kind[0]))
		return "csc4 needs outbound_domain and sip_database";
	if (cfg->hss[0] && (!cfg->hss_ca[0] || !cfg->hss_token[0]))
		return "hss needs hss_ca and hss_token";
	if (cfg->n_partners && (!cfg->certificate[0] || !cfg->key[0] || !cfg->peers[0]))
		return "partners need peers, certificate and key";
	return NULL;
}

int cms_config_parse(struct slice text, struct cms_config *cfg, char *why, size_t size)
{
	const char *lacks;

	set_defaults(cfg);
	if (settings_parse(text, cms_settings, begin_section, cfg, why, size))
		return -1;
	if (!cfg->home_domain[0])
		strcpy(cfg->home_domain, cfg->inbound_domain);
	if (!cfg->realm[0])
		strcpy(cfg->realm, cfg->home_domain);
	lacks = missing(cfg);
	if (!lacks)
		return check_partners(cfg, why, size);
	snprintf(why, size, "%s", lacks);
	return -1;
}

int cms_config_read(const char *path, struct cms_config *cfg, char *why, size_t size)
{
	char reason[512];
	size_t n;
	char *text = settings_read_file(path, CONFIG_MAX, &n, why, size);
	int err;

	if (!text)
		return -1;
	err = cms_config_parse(slice_make(text, n), cfg, reason, sizeof(reason));
	free(text);
	if (err)
		snprintf(why, size, "%s: %s", path, reason);
	return err;
}

const struct partner *cms_partner(const struct cms_config *cfg, const char *name)
{
	for (size_t i = 0; i < cfg->n_partners; i++)
		if (strcmp(cfg->partner[i].name, name) == 0)
			return &cfg->partner[i];
	return NULL;
}

bool domain_list_has(const name_list list, size_t n, const char *identity)
{
	if (strncmp(identity, "tel:", 4) == 0)
		return true;
	for (size_t i = 0; i < n; i++)
		if (identity_in_domain(slice_str(identity), slice_str(list[i])))
			return true;
	return false;
}

bool name_list_has(const name_list list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(list[i], name) == 0)
			return true;
	return false;
}

static size_t times_in(struct slice word, const char *list)
{
	struct slice rest = slice_str(list);
	size_t n = 0;

	while (rest.p)
		n += slice_eq(slice_cut(&rest, ' '), word);
	return n;
}

bool services_valid(const char *services)
{
	struct slice rest = slice_str(services);

	while (rest.p) {
		struct slice w = slice_cut(&rest, ' ');

		if (w.len == 0 || w.len > 16 || times_in(w, services) != 1)
			return false;
		for (size_t i = 0; i < w.len; i++)
			if (!(w.p[i] >= 'a' && w.p[i] <= 'z') && !(w.p[i] >= '0' && w.p[i] <= '9'))
				return false;
	}
	return true;
}

bool services_within(const char *some, const char *all)
{
	struct slice rest = slice_str(some);

	while (rest.p)
		if (times_in(slice_cut(&rest, ' '), all) == 0)
			return false;
	return true;
}

int64_t cms_config_lifetime(const struct cms_config *cfg)
{
	return cfg->lifetime_seconds ? cfg->lifetime_seconds : (int64_t)cfg->lifetime_hours * 3600;
}
