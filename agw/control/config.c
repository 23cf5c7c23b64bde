/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/control/config.h"
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>

/* ---- [realm NAME] and [mgc] ---- */

static int set_mgc(void *into, const struct setting *s, const struct words *w, char *why,
		   size_t size)
{
	struct config *c = into;

	(void)s;
	if (w->n != 2 || c->n_mgcs == CONFIG_MGCS_MAX ||
	    slice_copy(w->w[1], c->mgcs[c->n_mgcs], CONFIG_TEXT_MAX) < 0) {
		snprintf(why, size,
			 "address takes one IP address with an optional port, up to %d times",
			 CONFIG_MGCS_MAX);
		return -1;
	}
	c->n_mgcs++;
	return 0;
}

static int set_address(void *into, const struct setting *s, const struct words *w, char *why,
		       size_t size)
{
	struct config_realm *r = into;
	struct netaddr a;

	(void)s;
	if (w->n != 2 || netaddr_parse(w->w[1], &a) < 0 || !netaddr_is_unicast(&a)) {
		snprintf(why, size, "address takes an IP address that peers can reach, not '%.*s'",
			 w->n > 1 ? (int)(w->w[1].len < 80 ? w->w[1].len : 80) : 0, w->w[1].p);
		return -1;
	}
	if (r->n_addresses == CONFIG_ADDRESSES_MAX) {
		snprintf(why, size, "a realm has at most %d addresses", CONFIG_ADDRESSES_MAX);
		return -1;
	}
	for (size_t i = 0; i < r->n_addresses; i++)
		if (netaddr_ip_eq(&r->addresses[i], &a)) {
			char ip[NETADDR_TEXT_MAX];

			snprintf(why, size, "address %s stands twice in this realm",
				 netaddr_ip_text(&a, ip));
			return -1;
		}
	r->addresses[r->n_addresses++] = a;
	return 0;
}

/* "20000-29999" */
static int set_ports(void *into, const struct setting *s, const struct words *w, char *why,
		     size_t size)
{
	struct config_realm *r = into;
	struct slice high = w->n > 1 ? w->w[1] : SLICE_NULL, low = slice_cut(&high, '-');
	uint64_t a, b;

	(void)s;
	if (w->n != 2 || slice_u64(low, UINT16_MAX, &a) < 0 ||
	    slice_u64(high, UINT16_MAX, &b) < 0 || a < 1024 || b < a) {
		snprintf(why, size,
			 "ports takes a range such as 20000-39999 within 1024-65535, not '%.*s'",
			 w->n > 1 ? (int)(w->w[1].len < 80 ? w->w[1].len : 80) : 0, w->w[1].p);
		return -1;
	}
	r->port_min = (uint16_t)a;
	r->port_max = (uint16_t)b;
	return 0;
}

static int set_dscp(void *into, const struct setting *s, const struct words *w, char *why,
		    size_t size)
{
	uint64_t v;

	(void)s;
	if (w->n != 2 || slice_u64(w->w[1], 63, &v) < 0) {
		snprintf(why, size, "dscp takes a number from 0 to 63, not '%.*s'",
			 w->n > 1 ? (int)(w->w[1].len < 80 ? w->w[1].len : 80) : 0, w->w[1].p);
		return -1;
	}
	((struct config_realm *)into)->dscp = (uint8_t)v;
	return 0;
}

/* ---- the table ---- */

#define TEXT(member, example, text) SETTING_AT_TEXT(struct config, "gateway", member, example, text)
#define NUMBER(member, min, max, example, text)                                                    \
	SETTING_AT_NUMBER(struct config, "gateway", member, min, max, example, text)
#define FLAG(member, example, text) SETTING_AT_FLAG(struct config, "gateway", member, example, text)
#define REALM_TEXT(member, example, text)                                                          \
	SETTING_AT_TEXT(struct config_realm, "realm", member, example, text)
#define OTHER(section, name, set, example, text)                                                   \
	{                                                                                          \
		section, name, SETTING_OTHER, 0, 0, 0, 0, set, example, text                       \
	}

const struct setting config_settings[] = {
    TEXT(mid, "[10.0.0.7]:2944", "Our message identifier."),
    TEXT(transport, "udp", "udp, sctp or tpkt."),
    TEXT(local, "10.0.0.7:2944", "Address and port that H.248 is bound to."),
    TEXT(device, "eth0", "Interface or VRF that H.248 is bound to."),
    TEXT(profile, "threegpp_iq", "Profile in the registration; \"\" for none."),
    NUMBER(profile_version, 1, 99, "1", "Its version."),
    NUMBER(version_min, 1, 3, "1", "Lowest H.248 version that is agreed to."),
    NUMBER(version_max, 1, 3, "3", "Highest H.248 version that is agreed to."),
    FLAG(compact, "no", "Send short tokens."),
    NUMBER(mwd_ms, 0, 600000, "2000", "Longest random wait before the first registration."),
    NUMBER(stranger_code, 0, 504, "504",
	   "Answer to those who are no controller of ours; 0: silence."),
    NUMBER(t_max_ms, 1000, 29000, "25000", "A request is given up after so long."),
    NUMBER(workers, 0, 64, "0", "Media threads; 0: one a CPU."),
    NUMBER(contexts_max, 1, 1000000, "20000", "Most contexts."),
    NUMBER(contexts_reserved, 0, 1000000, "100", "How many of them only emergency calls get."),
    NUMBER(terminations_per_context, 2, 16, "4", "Most terminations in a context."),
    NUMBER(ports_reserved_percent, 0, 90, "1", "Of each port range, for emergency calls."),
    NUMBER(heartbeat_s, 1, 86400, "300", "hangterm/thb without timerx."),
    NUMBER(overload_percent, 0, 100, "90", "Overloaded from so much in use on; 0: never."),
    TEXT(certificate, "/etc/ims-agw/cert.pem", "PEM file; without it one is made at start."),
    TEXT(private_key, "/etc/ims-agw/key.pem", "PEM file; without it the certificate's."),
    FLAG(certificate_per_session, "no", "A fresh certificate for every termination."),
    FLAG(allow_sha1, "no", "Accept SHA-1 fingerprints."),
    NUMBER(tls_handshake_ms, 100, 600000, "30000", "Limit of a TLS handshake."),
    NUMBER(tls_retry_ms, 0, 600000, "5000",
	   "So long after a failed TLS handshake the peer may try again before EstFail."),
    NUMBER(tcp_connect_ms, 100, 600000, "10000", "Limit of our own TCP connections."),
    NUMBER(tcp_keepalive_s, 1, 86400, "60", "Idle time before keep-alive probes."),
    NUMBER(tcp_buffer, 4096, 1048576, "65536", "Most octets held per direction of a TCP pair."),
    NUMBER(srtp_window, 64, 32767, "128", "SRTP replay window in packets."),
    FLAG(io_uring, "yes", "Receive and send RTP in batches where the kernel has io_uring."),
    FLAG(msrp_rewrite, "yes", "Rewrite MSRP paths unless CEMA is used."),
    {"gateway", "log_level", SETTING_LEVEL, offsetof(struct config, log_level), 0, 0, 0, NULL,
     "info", "error, warning, notice, info or debug."},
    TEXT(user, "ims-agw", "Become this user after start."),
    TEXT(control_socket, "/run/ims-agw/control", "For agwctl; \"\" for none."),
    TEXT(metrics, "127.0.0.1:9432", "Address and port of GET /metrics; \"\" for none."),
    TEXT(trace_dir, CONFIG_TRACE_DIR, "Where agwctl trace writes; \"\" for none."),
    OTHER("mgc", "address", set_mgc, "10.0.0.11:2944", "A controller; the most preferred first."),
    REALM_TEXT(ipdc, "core.ims", "Value of ipdc/realm; without it the realm's name."),
    REALM_TEXT(device, "eth1", "Interface or VRF to bind to."),
    OTHER("realm", "address", set_address, "10.0.0.7", "Up to four."),
    OTHER("realm", "ports", set_ports, "20000-39999", "Ports for media."),
    OTHER("realm", "dscp", set_dscp, "46", "Marking where ds/dscp is not given."),
    {0},
};

/* Of [gateway]: what a running gateway can take over. */
static const char *const reloadable[] = {
    "contexts_max", "contexts_reserved",       "terminations_per_context",
    "heartbeat_s",  "ports_reserved_percent",  "overload_percent",
    "msrp_rewrite", "certificate_per_session", "log_level",
    "trace_dir",
};

/* ---- sections ---- */

static bool name_ok(struct slice s)
{
	if (!s.len || s.len >= 24)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
		      (i && s.p[i] == '_')))
			return false;
	return true;
}

static void *begin_realm(struct config *c, struct slice name, char *why, size_t size)
{
	struct config_realm *r = &c->realms[c->n_realms];
	int len = (int)(name.len < 80 ? name.len : 80);

	if (!name_ok(name)) {
		snprintf(why, size, "a realm's name is a-z, 0-9, _, up to 23, not '%.*s'", len,
			 name.p);
		return NULL;
	}
	for (size_t i = 0; i < c->n_realms; i++)
		if (slice_eq(name, slice_str(c->realms[i].name))) {
			snprintf(why, size, "realm '%.*s' stands there twice", len, name.p);
			return NULL;
		}
	if (c->n_realms == CONFIG_REALMS_MAX) {
		snprintf(why, size, "there are at most %d realms", CONFIG_REALMS_MAX);
		return NULL;
	}
	slice_copy(name, r->name, sizeof(r->name));
	c->n_realms++;
	return r;
}

static void *begin_section(void *config, struct slice kind, struct slice name, char *why,
			   size_t size)
{
	if (slice_eq(kind, SLICE_LIT("realm")))
		return begin_realm(config, name, why, size);
	if (!name.len && (slice_eq(kind, SLICE_LIT("gateway")) || slice_eq(kind, SLICE_LIT("mgc"))))
		return config;
	snprintf(why, size, "there is no section [%.*s]; there are gateway, mgc and realm NAME",
		 (int)(kind.len < 40 ? kind.len : 40), kind.p);
	return NULL;
}

static void set_defaults(struct config *c)
{
	memset(c, 0, sizeof(*c));
	strcpy(c->transport, "udp");
	strcpy(c->profile, "threegpp_iq");
	c->profile_version = 1;
	c->version_min = 1;
	c->version_max = 3;
	c->mwd_ms = 2000;
	c->stranger_code = 504;
	c->t_max_ms = 25000;
	c->contexts_max = 20000;
	c->contexts_reserved = 100;
	c->terminations_per_context = 4;
	c->ports_reserved_percent = 1;
	c->heartbeat_s = 300;
	c->overload_percent = 90;
	c->tls_handshake_ms = 30000;
	c->tls_retry_ms = 5000;
	c->tcp_connect_ms = 10000;
	c->tcp_keepalive_s = 60;
	c->tcp_buffer = 65536;
	c->srtp_window = 128;
	c->io_uring = true;
	c->msrp_rewrite = true;
	c->log_level = LOG_INFO;
	strcpy(c->control_socket, "/run/ims-agw/control");
	strcpy(c->trace_dir, CONFIG_TRACE_DIR);
}

/* ---- the whole ---- */

/* What a controller calls it by: ipdc/realm, and the middle of a TerminationID. */
static bool is_called(const struct config_realm *r, const char *name)
{
	return name[0] && (strcasecmp(r->name, name) == 0 || strcasecmp(r->ipdc, name) == 0);
}

static int check_realms(const struct config *c, char *why, size_t size)
{
	for (size_t i = 0; i < c->n_realms; i++) {
		const struct config_realm *r = &c->realms[i];

		if (!r->n_addresses || !r->port_min) {
			snprintf(why, size, "realm %s needs address and ports", r->name);
			return -1;
		}
		for (size_t k = 0; k < i; k++) {
			const struct config_realm *o = &c->realms[k];

			if (!is_called(o, r->ipdc) && !is_called(r, o->ipdc))
				continue;
			snprintf(why, size,
				 "realm %s: realm %s is called '%s' too; give one of them another "
				 "ipdc",
				 r->name, o->name, is_called(o, r->ipdc) ? r->ipdc : o->ipdc);
			return -1;
		}
		for (size_t k = 0; k < r->n_addresses; k++)
			if (r->addresses[k].family == 6 && !r->device[0] &&
			    netaddr_is_link_local(&r->addresses[k])) {
				snprintf(why, size,
					 "realm %s: an fe80:: address needs device beside it",
					 r->name);
				return -1;
			}
	}
	return 0;
}

static int check_whole(const struct config *c, char *why, size_t size)
{
	const char *missing = !c->mid[0]     ? "[gateway] needs mid, our message identifier"
			      : !c->local[0] ? "[gateway] needs local, the address of H.248"
			      : !c->n_mgcs   ? "[mgc] needs address, a controller"
			      : !c->n_realms ? "the file needs a section [realm NAME]"
					     : NULL;

	if (!missing && strcmp(c->transport, "udp") != 0 && strcmp(c->transport, "sctp") != 0 &&
	    strcmp(c->transport, "tpkt") != 0)
		missing = "transport is udp, sctp or tpkt";
	if (!missing && c->version_min > c->version_max)
		missing = "version_min is above version_max";
	if (!missing && c->contexts_reserved >= c->contexts_max)
		missing = "contexts_reserved leaves nothing of contexts_max for ordinary calls";
	if (missing) {
		snprintf(why, size, "%s", missing);
		return -1;
	}
	return check_realms(c, why, size);
}

int config_parse(struct slice text, struct config *c, char *why, size_t size)
{
	set_defaults(c);
	if (settings_parse(text, config_settings, begin_section, c, why, size) < 0)
		return -1;
	return check_whole(c, why, size);
}

/* ---- reload ---- */

static bool is_reloadable(const char *name)
{
	for (size_t i = 0; i < sizeof(reloadable) / sizeof(reloadable[0]); i++)
		if (strcmp(name, reloadable[i]) == 0)
			return true;
	return false;
}

static size_t setting_size(const struct setting *s)
{
	switch (s->kind) {
	case SETTING_TEXT:
		return s->size;
	case SETTING_FLAG:
		return sizeof(bool);
	case SETTING_LEVEL:
		return sizeof(int);
	default:
		return sizeof(uint32_t);
	}
}

static bool differs(const struct setting *s, const struct config *a, const struct config *b)
{
	const char *x = (const char *)a + s->offset, *y = (const char *)b + s->offset;

	return s->kind == SETTING_TEXT ? strcmp(x, y) != 0 : memcmp(x, y, setting_size(s)) != 0;
}

static bool mgcs_differ(const struct config *a, const struct config *b)
{
	if (a->n_mgcs != b->n_mgcs)
		return true;
	for (size_t i = 0; i < a->n_mgcs; i++)
		if (strcmp(a->mgcs[i], b->mgcs[i]) != 0)
			return true;
	return false;
}

unsigned config_needs_start(const struct config *now, const struct config *next, char *names,
			    size_t size)
{
	unsigned n = 0;

	names[0] = 0;
	for (const struct setting *s = config_settings; s->name; s++) {
		bool mgc = s->kind == SETTING_OTHER && strcmp(s->section, "mgc") == 0;
		bool gateway = strcmp(s->section, "gateway") == 0 && !is_reloadable(s->name);
		size_t used = strlen(names);

		if (!(mgc && mgcs_differ(now, next)) && !(gateway && differs(s, now, next)))
			continue;
		snprintf(names + used, size - used, "%s%s", n ? ", " : "",
			 mgc ? "[mgc] address" : s->name);
		n++;
	}
	return n;
}

void config_take(struct config *now, const struct config *next)
{
	for (const struct setting *s = config_settings; s->name; s++)
		if (strcmp(s->section, "gateway") == 0 && is_reloadable(s->name))
			memcpy((char *)now + s->offset, (const char *)next + s->offset,
			       setting_size(s));
	now->n_realms = next->n_realms;
	memcpy(now->realms, next->realms, sizeof(now->realms));
}
