/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>

#include "hss/provision/provision.h"
#include "hss/provision/text.h"

enum { CONFIG_FILE_MAX = 1 << 20 };

#define SETTER(name)                                                                               \
	static int name(struct config *cfg, const struct config_setting *s, struct slice value,    \
			char *why, size_t size)

/* Text of at most limit - 1 bytes that needs no quotes in freeDiameter's own configuration. */
SETTER(set_text)
{
	char *out = (char *)cfg + s->offset;

	if (text_value(value, s->name, out, s->limit, why, size))
		return -1;
	if (strpbrk(out, "\"\\;")) {
		snprintf(why, size, "%s must not contain \", \\ or ;", s->name);
		return -1;
	}
	return 0;
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
	if (!diameter_identity(value)) {
		snprintf(why, size, "%s takes a full domain name such as %s", s->name, s->example);
		return -1;
	}
	copy_lower(value, (char *)cfg + s->offset);
	return 0;
}

static bool is_address(const char *text)
{
	uint8_t buf[16];

	return inet_pton(AF_INET, text, buf) == 1 || inet_pton(AF_INET6, text, buf) == 1;
}

SETTER(set_listen)
{
	char *out;

	if (cfg->n_listen == CONFIG_LISTEN_MAX) {
		snprintf(why, size, "at most %d %s lines", CONFIG_LISTEN_MAX, s->name);
		return -1;
	}
	out = cfg->listen[cfg->n_listen];
	if (slice_copy(value, out, CONFIG_ADDRESS_SIZE) || !is_address(out)) {
		snprintf(why, size, "listen takes an IPv4 or IPv6 address such as %s", s->example);
		return -1;
	}
	if (strncmp(out, "127.", 4) == 0 || strcmp(out, "::1") == 0) {
		snprintf(why, size,
			 "listen %s: freeDiameter refuses loopback addresses; add another one to "
			 "lo, e.g."
			 " ip addr add 10.9.9.1/32 dev lo",
			 out);
		return -1;
	}
	cfg->n_listen++;
	return 0;
}

SETTER(set_number)
{
	uint64_t n;

	if (slice_u64(value, s->limit, &n)) {
		snprintf(why, size, "%s takes a number from 0 to %zu", s->name, s->limit);
		return -1;
	}
	if (s->limit == UINT16_MAX)
		*(uint16_t *)((char *)cfg + s->offset) = (uint16_t)n;
	else
		*(unsigned int *)((char *)cfg + s->offset) = (unsigned int)n;
	return 0;
}

SETTER(set_flag)
{
	bool *out = (bool *)((char *)cfg + s->offset);

	if (slice_eq(value, SLICE_LIT("yes")) || slice_eq(value, SLICE_LIT("no"))) {
		*out = value.len == 3;
		return 0;
	}
	snprintf(why, size, "%s is yes or no", s->name);
	return -1;
}

SETTER(set_log_level)
{
	static const char *const levels[] = {"error", "warning", "notice", "info", "debug"};

	(void)s;
	for (int i = 0; i < 5; i++)
		if (slice_eq(value, slice_str(levels[i]))) {
			cfg->log_level = 3 + i;
			return 0;
		}
	snprintf(why, size, "log is error, warning, notice, info or debug");
	return -1;
}

#define AT(member) offsetof(struct config, member)

/* peer, capabilities and charging take several words: set is NULL and config_parse() does them
 * itself. */
const struct config_setting config_settings[] = {
    {"identity", "hss.home1.net", "Diameter identity of this HSS", set_fqdn, AT(identity), 0},
    {"realm", "home1.net", "Diameter realm of this HSS", set_fqdn, AT(realm), 0},
    {"listen", "10.0.0.5", "address to serve on; at least one line; not loopback", set_listen, 0,
     0},
    {"port", "3868", "port of clear TCP", set_number, AT(port), UINT16_MAX},
    {"sctp", "no", "serve SCTP on the same port as well: yes or no", set_flag, AT(sctp), 0},
    {"peer", "scscf.home1.net 10.0.0.4",
     "a peer that may connect, and the only address it may come from if one is given; at least one "
     "line",
     NULL, 0, 0},
    {"store", "sqlite:/var/lib/ims-hss/hss.db", "where subscriptions live", set_text, AT(store),
     IDENTITY_SIZE},
    {"control", "/run/ims-hss.sock", "socket for hssctl; its owner may deregister anybody",
     set_text, AT(control), CONFIG_PATH_SIZE},
    {"capabilities", "mandatory=1 optional=2,3",
     "Server-Capabilities of subscriptions that have none of their own; also server=sip:name", NULL,
     0, 0},
    {"charging", "ccf=aaa://ccf.home1.net",
     "Charging-Information likewise; also ccf2= ecf= ecf2=", NULL, 0, 0},
    {"vectors_max", "1", "most authentication vectors in one answer", set_number, AT(vectors_max),
     8},
    {"keep_server_name", "yes", "keep the S-CSCF when it asks for that at deregistration", set_flag,
     AT(keep_server_name), 0},
    {"answer_seconds", "5", "how long RTR and PPR wait for their answer", set_number,
     AT(answer_seconds), 600},
    {"watchdog_seconds", "30",
     "Tw, silence after which a peer is asked whether it lives; at least 6", set_number,
     AT(watchdog_seconds), 3600},
    {"tls_port", "5658", "port of TLS, 5658 by RFC 6733; needs a certificate; 0 for none",
     set_number, AT(tls_port), UINT16_MAX},
    {"tls_certificate", "/etc/ims-hss/cert.pem", "certificate for TLS, in the name of identity",
     set_text, AT(tls_certificate), IDENTITY_SIZE},
    {"tls_key", "/etc/ims-hss/key.pem", "its private key", set_text, AT(tls_key), IDENTITY_SIZE},
    {"tls_ca", "/etc/ims-hss/ca.pem", "whom to trust", set_text, AT(tls_ca), IDENTITY_SIZE},
    {"log", "notice", "error, warning, notice, info or debug", set_log_level, 0, 0},
    {NULL, NULL, NULL, NULL, 0, 0},
};

void config_defaults(struct config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->port = 3868;
	cfg->vectors_max = 1;
	cfg->keep_server_name = true;
	cfg->answer_seconds = 5;
	cfg->watchdog_seconds = 30;
	cfg->log_level = 5;
	strcpy(cfg->store, "sqlite:/var/lib/ims-hss/hss.db");
	strcpy(cfg->control, "/run/ims-hss.sock");
}

static int add_peer(struct config *cfg, const struct words *w, char *why, size_t size)
{
	struct config_peer *p;

	if (cfg->n_peers == CONFIG_PEERS_MAX) {
		snprintf(why, size, "at most %d peer lines", CONFIG_PEERS_MAX);
		return -1;
	}
	p = &cfg->peer[cfg->n_peers];
	if (w->n < 2 || w->n > 3 || !diameter_identity(w->w[1])) {
		snprintf(why, size,
			 "peer takes a full domain name and perhaps its address, such as"
			 " peer scscf.home1.net 10.0.0.4");
		return -1;
	}
	copy_lower(w->w[1], p->name);
	p->address[0] = '\0';
	if (w->n == 3 &&
	    (slice_copy(w->w[2], p->address, sizeof(p->address)) || !is_address(p->address))) {
		snprintf(why, size, "the address of peer %s is not an IPv4 or IPv6 address",
			 p->name);
		return -1;
	}
	cfg->n_peers++;
	return 0;
}

static int set_line(struct config *cfg, struct words *w, char *why, size_t size)
{
	const struct config_setting *s = config_settings;

	if (w->n >= 2 && slice_eq(w->w[1], SLICE_LIT("="))) {
		memmove(&w->w[1], &w->w[2], (w->n - 2) * sizeof(w->w[0]));
		w->n--;
	}
	while (s->name && !slice_eq(slice_str(s->name), w->w[0]))
		s++;
	if (!s->name) {
		snprintf(why, size, "unknown setting '%.*s'; ims-hss --help lists them",
			 (int)(w->w[0].len > 40 ? 40 : w->w[0].len), w->w[0].p);
		return -1;
	}
	if (!s->set && strcmp(s->name, "peer") == 0)
		return add_peer(cfg, w, why, size);
	if (!s->set && strcmp(s->name, "capabilities") == 0)
		return provision_capabilities(&cfg->capabilities, w, why, size);
	if (!s->set)
		return provision_charging(&cfg->charging, w, why, size);
	if (w->n != 2) {
		snprintf(why, size, "%s takes one value, such as %s %s", s->name, s->name,
			 s->example);
		return -1;
	}
	return s->set(cfg, s, w->w[1], why, size);
}

int config_parse(struct slice text, struct config *cfg, char *why, size_t size)
{
	struct words *w = malloc(sizeof(*w));
	char reason[PROVISION_WHY_SIZE];
	unsigned int line = 0;
	int err = 0;

	if (!w) {
		snprintf(why, size, "no memory");
		return -1;
	}
	while (text.p && err == 0) {
		line++;
		err = words_split(slice_cut(&text, '\n'), w);
		if (err)
			snprintf(reason, sizeof(reason), "%s", words_strerror(err));
		else if (w->n)
			err = set_line(cfg, w, reason, sizeof(reason));
		if (err)
			snprintf(why, size, "line %u: %s", line, reason);
	}
	free(w);
	return err ? -1 : 0;
}

static int check_complete(const struct config *cfg, char *why, size_t size)
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
	if (cfg->watchdog_seconds < 6) {
		snprintf(why, size, "watchdog_seconds is below 6, the least that RFC 3539 allows");
		return -1;
	}
	if (cfg->answer_seconds == 0 || cfg->vectors_max == 0) {
		snprintf(why, size, "answer_seconds and vectors_max must be at least 1");
		return -1;
	}
	if (cfg->tls_port && (!cfg->tls_certificate[0] || !cfg->tls_key[0] || !cfg->tls_ca[0])) {
		snprintf(why, size, "tls_port needs tls_certificate, tls_key and tls_ca");
		return -1;
	}
	return 0;
}

int config_read(const char *path, struct config *cfg, char *why, size_t size)
{
	FILE *f = fopen(path, "re");
	char reason[PROVISION_WHY_SIZE + 32];
	char *text;
	size_t n;
	int err;

	config_defaults(cfg);
	if (!f) {
		snprintf(why, size, "cannot read %s: %s; name the file with -c", path,
			 strerror(errno));
		return -1;
	}
	text = malloc(CONFIG_FILE_MAX);
	n = text ? fread(text, 1, CONFIG_FILE_MAX, f) : 0;
	fclose(f);
	if (!text || n == CONFIG_FILE_MAX) {
		snprintf(why, size, "%s is too big", path);
		free(text);
		return -1;
	}
	err = config_parse(slice_make(text, n), cfg, reason, sizeof(reason));
	free(text);
	if (err == 0)
		err = check_complete(cfg, reason, sizeof(reason));
	if (err)
		snprintf(why, size, "%s: %s", path, reason);
	return err;
}
