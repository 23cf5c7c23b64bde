/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/config.h"

#include <stdlib.h>
#include <syslog.h>

#include "hss/provision/provision.h"
#include "hss/provision/text.h"

enum { CONFIG_FILE_MAX = 1 << 20 };

#define SETTER(name)                                                                               \
	static int name(void *into, const struct setting *s, const struct words *w, char *why,     \
			size_t size)

/* The one value of a setting that takes one. */
static int one_value(const struct setting *s, const struct words *w, char *why, size_t size)
{
	if (w->n == 2)
		return 0;
	snprintf(why, size, "%s takes one value, such as %s %s", s->name, s->name, s->example);
	return -1;
}

/* Text that needs no quotes in freeDiameter's own configuration. */
SETTER(set_path)
{
	char *out = (char *)into + s->offset;

	if (one_value(s, w, why, size) || text_value(w->w[1], s->name, out, s->size, why, size))
		return -1;
	if (strpbrk(out, "\"\\;")) {
		snprintf(why, size, "%s must not contain \", \\ or ;", s->name);
		return -1;
	}
	return 0;
}

/* An URL; a connection string in it may have blanks. */
SETTER(set_store)
{
	struct config *cfg = into;
	size_t n = 0;

	for (size_t i = 1; i < w->n; i++) {
		char word[CONFIG_STORE_SIZE];

		if (text_value(w->w[i], s->name, word, sizeof(word), why, size))
			return -1;
		n += (size_t)snprintf(cfg->store + n, sizeof(cfg->store) - n, "%s%s",
				      i > 1 ? " " : "", word);
		if (n >= sizeof(cfg->store)) {
			snprintf(why, size, "%s is longer than %d octets", s->name,
				 CONFIG_STORE_SIZE - 1);
			return -1;
		}
	}
	if (n)
		return 0;
	snprintf(why, size, "%s takes a value, such as %s %s", s->name, s->name, s->example);
	return -1;
}

static bool diameter_identity(struct slice v)
{
	if (v.len == 0 || v.len >= IDENTITY_SIZE || !memchr(v.p, '.', v.len))
		return false;
	for (size_t i = 0; i < v.len; i++)
		if (!((v.p[i] | 32) >= 'a' && (v.p[i] | 32) <= 'z') &&
		    !(v.p[i] >= '0' && v.p[i] <= '9') && v.p[i] != '-' && v.p[i] != '.')
			return false;
	return true;
}

static void copy_lower(struct slice v, char *out)
{
	for (size_t i = 0; i < v.len; i++)
		out[i] = (char)(v.p[i] >= 'A' && v.p[i] <= 'Z' ? v.p[i] + 32 : v.p[i]);
	out[v.len] = '\0';
}

SETTER(set_fqdn)
{
	if (one_value(s, w, why, size))
		return -1;
	if (!diameter_identity(w->w[1])) {
		snprintf(why, size, "%s takes a full domain name such as %s", s->name, s->example);
		return -1;
	}
	copy_lower(w->w[1], (char *)into + s->offset);
	return 0;
}

SETTER(set_port)
{
	struct config *cfg = into;
	uint64_t n;

	if (one_value(s, w, why, size))
		return -1;
	if (slice_u64(w->w[1], UINT16_MAX, &n)) {
		snprintf(why, size, "%s takes a number from 0 to 65535", s->name);
		return -1;
	}
	cfg->port = (uint16_t)n;
	cfg->port_given = true;
	return 0;
}

SETTER(set_listen)
{
	struct config *cfg = into;
	struct netaddr a;
	char *out;

	if (one_value(s, w, why, size))
		return -1;
	if (cfg->n_listen == CONFIG_LISTEN_MAX) {
		snprintf(why, size, "at most %d %s lines", CONFIG_LISTEN_MAX, s->name);
		return -1;
	}
	out = cfg->listen[cfg->n_listen];
	if (slice_copy(w->w[1], out, CONFIG_ADDRESS_SIZE) || netaddr_parse(w->w[1], &a)) {
		snprintf(why, size, "listen takes an IPv4 or IPv6 address such as %s", s->example);
		return -1;
	}
	if (netaddr_is_loopback(&a)) {
		snprintf(why, size,
			 "listen %s: freeDiameter refuses loopback addresses; add another one to "
			 "lo, e.g. ip addr add 10.9.9.1/32 dev lo",
			 out);
		return -1;
	}
	cfg->n_listen++;
	return 0;
}

/* serves REALM... */
SETTER(set_serves)
{
	struct config *cfg = into;

	if (w->n < 2) {
		snprintf(why, size, "%s takes realms, such as %s", s->name, s->example);
		return -1;
	}
	for (size_t i = 1; i < w->n; i++) {
		if (!diameter_identity(w->w[i])) {
			snprintf(why, size, "%s takes full domain names such as %s", s->name,
				 s->example);
			return -1;
		}
		if (cfg->n_serves == CONFIG_REALMS_MAX) {
			snprintf(why, size, "at most %d realms besides realm", CONFIG_REALMS_MAX);
			return -1;
		}
		copy_lower(w->w[i], cfg->serves[cfg->n_serves++]);
	}
	return 0;
}

/* peer NAME [ADDRESS] [tls] [cx] [sh] [relay] [partner=NAME] [connect[=PORT]] */
SETTER(set_peer)
{
	struct config *cfg = into;
	struct config_peer *p;

	if (cfg->n_peers == CONFIG_PEERS_MAX) {
		snprintf(why, size, "at most %d %s lines", CONFIG_PEERS_MAX, s->name);
		return -1;
	}
	p = &cfg->peer[cfg->n_peers];
	if (w->n < 2 || w->n > 9 || !diameter_identity(w->w[1])) {
		snprintf(
		    why, size,
		    "peer takes a full domain name, perhaps its address, and perhaps the "
		    "words tls, cx, "
		    "sh, relay, partner=NAME and connect, such as peer scscf.home1.net 10.0.0.4");
		return -1;
	}
	memset(p, 0, sizeof(*p));
	copy_lower(w->w[1], p->name);
	for (size_t i = 2; i < w->n; i++) {
		int special = config_peer_word(p, w->w[i], why, size);

		if (special < 0)
			return -1;
		if (special == 0)
			continue;
		if (slice_eq(w->w[i], SLICE_LIT("tls"))) {
			p->tls = true;
		} else if (slice_eq(w->w[i], SLICE_LIT("cx"))) {
			p->roles |= PEER_CX;
		} else if (slice_eq(w->w[i], SLICE_LIT("sh"))) {
			p->roles |= PEER_SH;
		} else if (slice_eq(w->w[i], SLICE_LIT("relay"))) {
			p->roles |= PEER_RELAY;
		} else if (netaddr_known(&p->address) || netaddr_parse(w->w[i], &p->address)) {
			snprintf(why, size, "the address of peer %s is not an IPv4 or IPv6 address",
				 p->name);
			return -1;
		}
	}
	/* who is not said to be an application server, or a partner's HSS, is a CSCF */
	if (!(p->roles & (PEER_SH | PEER_PARTNER)))
		p->roles |= PEER_CX;
	cfg->n_peers++;
	return 0;
}

SETTER(set_capabilities)
{
	struct config *cfg = into;

	(void)s;
	return provision_capabilities(&cfg->capabilities, w, why, size);
}

SETTER(set_charging)
{
	struct config *cfg = into;

	(void)s;
	return provision_charging(&cfg->charging, w, why, size);
}

/* sqn_ind FIRST-LAST */
SETTER(set_ind)
{
	struct config *cfg = into;
	struct slice last;
	uint64_t a, b;

	if (one_value(s, w, why, size))
		return -1;
	last = w->w[1];
	if (slice_u64(slice_cut(&last, '-'), SQN_IND_COUNT - 1, &a) ||
	    slice_u64(last, SQN_IND_COUNT - 1, &b) || a > b) {
		snprintf(why, size, "%s takes a range within 0-%d, such as %s", s->name,
			 SQN_IND_COUNT - 1, s->example);
		return -1;
	}
	cfg->sqn_ind = (struct sqn_range){(unsigned int)a, (unsigned int)b};
	return 0;
}

#define OTHER(name, set, example, text)                                                            \
	{                                                                                          \
		"", name, SETTING_OTHER, 0, 0, 0, 0, set, example, text                            \
	}
#define INTO(member, set, example, text)                                                           \
	{                                                                                          \
		"", #member, SETTING_OTHER, offsetof(struct config, member),                       \
		    sizeof(((struct config *)0)->member), 0, 0, set, example, text                 \
	}
#define NUMBER(member, min, max, example, text)                                                    \
	SETTING_AT_NUMBER(struct config, "", member, min, max, example, text)
#define FLAG(member, example, text) SETTING_AT_FLAG(struct config, "", member, example, text)

const struct setting config_settings[] = {
    INTO(identity, set_fqdn, "hss.home1.net", "Diameter identity of this HSS"),
    INTO(realm, set_fqdn, "home1.net", "Diameter realm of this HSS"),
    OTHER("serves", set_serves, "visited1.net ims.home1.net",
	  "other realms that are served beside realm; several lines add up"),
    OTHER("listen", set_listen, "10.0.0.5", "address to serve on; at least one line; not loopback"),
    OTHER("port", set_port, "3868",
	  "port of clear TCP; 0 closes it, which is the default where tls_port is set"),
    FLAG(sctp, "no", "serve SCTP on the same port as well: yes or no"),
    OTHER("peer", set_peer, "scscf.home1.net 10.0.0.4",
	  "a peer that may connect, the only address it may come from if one is given, and tls if "
	  "it may come over TLS only; sh: it is an application server, and cx beside it: a CSCF, "
	  "too; "
	  "relay: it may pass on requests of other application servers, and those that are for "
	  "others; partner=NAME: it is the HSS of that partner; connect or connect=PORT: this HSS "
	  "connects to it, at its address; at least one line"),
    OTHER(
	"partner", config_set_partner, "home2 realms=home2.net domains=home2.net,out.home2.net",
	"another system, between which and this one users migrate; realms of its HSSs, domains of "
	"its "
	"users' identities; commands=mar,rtr: what its HSSs may ask; rate=50: MARs in a second"),
    INTO(inbound_domain, set_fqdn, "in.home1.net",
	 "domain of the identities that partners' users have here, as in ims-cms.conf"),
    INTO(
	outbound_domain, set_fqdn, "out.home1.net",
	"domain of the identities behind which users are hidden from partners, as in ims-cms.conf"),
    INTO(migration_template, set_path, "visitor@home1.net",
	 "private identity of the subscription whose first profile partners' users get here; "
	 "without "
	 "it "
	 "they have no filter criteria"),
    INTO(migration_server, set_path, "sip:mms.home1.net",
	 "Server-Name in MARs to partners' HSSs; without it sip: and the identity"),
    OTHER("store", set_store, "sqlite:/var/lib/ims-hss/hss.db",
	  "where subscriptions live; or a server, such as postgresql://hss@db.home1.net/hss, or "
	  "postgresql: with a connection string of libpq"),
    INTO(master_key, set_path, "/etc/ims-hss/master.key",
	 "file of the master key under which the keys in the store are sealed, or credential:NAME "
	 "for one "
	 "of systemd; without it they are not sealed"),
    INTO(control, set_path, "/run/ims-hss.sock",
	 "socket for hssctl; its owner may deregister anybody"),
    SETTING_AT_TEXT(struct config, "", metrics, "127.0.0.1:9433",
		    "where Prometheus reads the counters: GET /metrics; without it nowhere"),
    INTO(http, set_path, "127.0.0.1:8443",
	 "where the REST API and the web page are served: an address and port, or unix:/PATH; "
	 "without it nowhere"),
    INTO(http_certificate, set_path, "/etc/ims-hss/http-cert.pem", "certificate of http"),
    INTO(http_key, set_path, "/etc/ims-hss/http-key.pem", "its private key"),
    INTO(http_tokens, set_path, "/etc/ims-hss/tokens", "who may ask there; see hssctl token"),
    FLAG(http_clear, "no", "serve http without TLS for other machines, too: yes or no"),
    OTHER("capabilities", set_capabilities, "mandatory=1 optional=2,3",
	  "Server-Capabilities of subscriptions that have none of their own; also server=sip:name"),
    OTHER("charging", set_charging, "ccf=aaa://ccf.home1.net",
	  "Charging-Information likewise; also ccf2= ecf= ecf2="),
    NUMBER(vectors_max, 1, 8, "1", "most authentication vectors in one answer"),
    OTHER(
	"sqn_ind", set_ind, "0-31",
	"the values of IND that sequence numbers have: less than all where another HSS serves the "
	"same cards"),
    FLAG(keep_server_name, "yes", "keep the S-CSCF when it asks for that at deregistration"),
    FLAG(akav2_password, "no",
	 "give S-CSCFs the password of AKAv2-MD5 (RFC 4169) in the place of XRES: for those that "
	 "take XRES itself for it, as Kamailio's; yes or no"),
    FLAG(giba, "no",
	 "authenticate those whose giba is yes by the address of their access bearer, where the "
	 "S-CSCF asks for that (TS 33.203 annex T): yes or no"),
    FLAG(push_changes, "yes",
	 "tell S-CSCFs of changes to who is registered, by PPR and RTR: yes or no"),
    NUMBER(answer_seconds, 1, 600, "5", "how long RTR, PPR and PNR wait for their answer"),
    NUMBER(watchdog_seconds, 6, 3600, "30",
	   "Tw of RFC 3539: silence after which a peer is asked whether it lives"),
    NUMBER(requests_max, 10, 100000, "2000",
	   "requests under way at a time; what comes beyond is answered DIAMETER_TOO_BUSY"),
    NUMBER(
	memory_mb, 0, 1048576, "512",
	"memory for subscriptions, so that a request need not read them in the store; 0 for none"),
    NUMBER(sh_data_max, 256, 60000, "32768",
	   "octets of repository data that application servers may keep for a user and service"),
    NUMBER(sh_user_data_max, 61440, 1048576, "64000",
	   "octets of User-Data in one message to an application server"),
    NUMBER(sh_services_max, 1, 10000, "64",
	   "Service-Indications under which application servers may keep data with a user"),
    NUMBER(sh_subscriptions_max, 0, 10000000, "100000",
	   "subscriptions of all application servers together"),
    NUMBER(sh_subscriptions_of_as_max, 1, 192, "64",
	   "subscriptions of one application server for a user, of the 192 that all may have for "
	   "him"),
    {"", "tls_port", SETTING_PORT, offsetof(struct config, tls_port), 0, 0, UINT16_MAX, NULL,
     "5658", "port of TLS, 5658 by RFC 6733; needs a certificate; 0 for none"},
    INTO(tls_certificate, set_path, "/etc/ims-hss/cert.pem",
	 "certificate for TLS, in the name of identity"),
    INTO(tls_key, set_path, "/etc/ims-hss/key.pem", "its private key"),
    INTO(tls_ca, set_path, "/etc/ims-hss/ca.pem",
	 "whom to trust; the certificate of a peer must bear its Diameter identity"),
    {"", "log", SETTING_LEVEL, offsetof(struct config, log_level), 0, 0, 0, NULL, "notice",
     "error, warning, notice, info or debug"},
    {0},
};

void config_defaults(struct config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->port = CONFIG_PORT;
	cfg->vectors_max = 1;
	cfg->sqn_ind = SQN_WHOLE;
	cfg->push_changes = true;
	cfg->keep_server_name = true;
	cfg->answer_seconds = 5;
	cfg->watchdog_seconds = 30;
	cfg->requests_max = 2000;
	cfg->memory_mb = 512;
	cfg->sh_data_max = 32768;
	cfg->sh_user_data_max = 64000;
	cfg->sh_services_max = 64;
	cfg->sh_subscriptions_max = 100000;
	cfg->sh_subscriptions_of_as_max = 64;
	cfg->log_level = LOG_NOTICE;
	strcpy(cfg->store, "sqlite:/var/lib/ims-hss/hss.db");
	strcpy(cfg->control, "/run/ims-hss.sock");
	strcpy(cfg->http_tokens, "/etc/ims-hss/tokens");
}

int config_parse(struct slice text, struct config *cfg, char *why, size_t size)
{
	if (settings_parse(text, config_settings, NULL, cfg, why, size))
		return -1;
	/* who asks for TLS does not leave the clear door open without knowing */
	if (cfg->tls_port && !cfg->port_given)
		cfg->port = 0;
	if (!cfg->migration_server[0] && strlen(cfg->identity) + 4 < IDENTITY_SIZE) {
		strcpy(cfg->migration_server, "sip:");
		strcat(cfg->migration_server, cfg->identity);
	}
	return 0;
}

int config_read(const char *path, struct config *cfg, char *why, size_t size)
{
	char reason[PROVISION_WHY_SIZE + 32];
	size_t n;
	char *text = settings_read_file(path, CONFIG_FILE_MAX, &n, why, size);
	int err;

	config_defaults(cfg);
	if (!text)
		return -1;
	err = config_parse(slice_make(text, n), cfg, reason, sizeof(reason));
	free(text);
	if (err == 0)
		err = config_check(cfg, reason, sizeof(reason));
	if (err)
		snprintf(why, size, "%s: %s", path, reason);
	return err;
}

bool config_serves(const struct config *cfg, struct slice realm)
{
	for (size_t i = 0; i < cfg->n_serves; i++)
		if (slice_eq_nocase(slice_str(cfg->serves[i]), realm))
			return true;
	return slice_eq_nocase(slice_str(cfg->realm), realm);
}

const struct config_peer *config_peer(const struct config *cfg, struct slice name)
{
	for (size_t i = 0; i < cfg->n_peers; i++)
		if (slice_eq_nocase(slice_str(cfg->peer[i].name), name))
			return &cfg->peer[i];
	return NULL;
}
