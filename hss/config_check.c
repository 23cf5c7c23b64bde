/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/listen.h"
#include "hss/config.h"

/* Is it reached from this machine only? */
static bool local(const char *where)
{
	struct netaddr a;

	if (strncmp(where, "unix:", 5) == 0)
		return true;
	return listen_address(where, &a) == 0 && netaddr_is_loopback(&a);
}

/* Tokens and keys go over http: it is not opened to others in clear by mistake. */
static int check_http(const struct config *cfg, char *why, size_t size)
{
	struct netaddr a;

	if (!cfg->http[0])
		return 0;
	if (!cfg->http_certificate[0] != !cfg->http_key[0])
		snprintf(why, size, "http_certificate and http_key belong together");
	else if (strncmp(cfg->http, "unix:", 5) != 0 && listen_address(cfg->http, &a))
		snprintf(why, size,
			 "http takes an address and port such as 127.0.0.1:8443, or unix:/PATH");
	else if (!cfg->http_key[0] && !local(cfg->http) && !cfg->http_clear)
		snprintf(why, size,
			 "http %s is for other machines: give it http_certificate and http_key, or "
			 "set http_clear yes if something else protects it",
			 cfg->http);
	else
		return 0;
	return -1;
}

static const char *wrong_peer(const struct config *cfg, const struct config_peer *p)
{
	if (p->tls && !cfg->tls_port)
		return "needs tls_port to come over TLS";
	if (p->partner[0] && !config_partner(cfg, p->partner))
		return "names a partner that has no partner line";
	if (p->partner[0] && (p->roles & ~(unsigned int)PEER_PARTNER))
		return "is a partner's HSS, and nothing else beside that";
	if (p->connect && !p->partner[0])
		return "is connected to only if it is a partner's HSS";
	if (p->connect && !netaddr_known(&p->address))
		return "needs an address to be connected to";
	return NULL;
}

/* A user of one system must not be taken for one of another. */
static const char *wrong_partner(const struct config *cfg, const struct config_partner *p)
{
	const struct config_partner *other = config_partner(cfg, p->name);
	char name[IDENTITY_SIZE + 2];

	if (other != p)
		return "stands there twice";
	for (size_t i = 0; i < p->n_domains; i++) {
		snprintf(name, sizeof(name), "x@%s", p->domain[i]);
		if (config_is_ours(cfg, name))
			return "has a domain that is ours";
	}
	for (size_t i = 0; i < p->n_realms; i++)
		if (config_serves(cfg, slice_str(p->realm[i])))
			return "has a realm that is ours";
	return NULL;
}

static int check_partners(const struct config *cfg, char *why, size_t size)
{
	const char *wrong = NULL, *kind = "peer", *name = "";

	for (size_t i = 0; i < cfg->n_peers && !wrong; i++) {
		name = cfg->peer[i].name;
		wrong = wrong_peer(cfg, &cfg->peer[i]);
	}
	for (size_t i = 0; i < cfg->n_partners && !wrong; i++) {
		kind = "partner";
		name = cfg->partner[i].name;
		wrong = wrong_partner(cfg, &cfg->partner[i]);
	}
	if (wrong)
		snprintf(why, size, "%s %s %s", kind, name, wrong);
	return wrong ? -1 : 0;
}

int config_check(const struct config *cfg, char *why, size_t size)
{
	const char *missing = !cfg->identity[0] ? "identity hss.home1.net"
			      : !cfg->realm[0]	? "realm home1.net"
			      : !cfg->n_listen	? "listen 10.0.0.5"
			      : !cfg->n_peers	? "peer scscf.home1.net"
						: NULL;

	if (missing) {
		snprintf(why, size, "a line is missing, such as: %s", missing);
		return -1;
	}
	if (cfg->port == 0 && cfg->tls_port == 0) {
		snprintf(why, size, "port and tls_port are both 0; set one");
		return -1;
	}
	if (cfg->tls_port && (!cfg->tls_certificate[0] || !cfg->tls_key[0] || !cfg->tls_ca[0])) {
		snprintf(why, size, "tls_port needs tls_certificate, tls_key and tls_ca");
		return -1;
	}
	if (check_partners(cfg, why, size))
		return -1;
	return check_http(cfg, why, size);
}

bool config_may_carry(const struct config *cfg, struct slice host, unsigned int role,
		      struct slice peer, bool relays)
{
	const struct config_peer *p = config_peer(cfg, peer);

	if (slice_eq_nocase(host, peer))
		return true;
	if (!p)
		return false;
	return (p->roles & PEER_RELAY) ||
	       (relays && role == PEER_CX && (p->roles & PEER_CX) && !config_peer(cfg, host));
}
