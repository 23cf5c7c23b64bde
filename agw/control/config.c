/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/control/config.h"
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum setting_type { TEXT, NUMBER, SWITCH };

struct setting {
	const char *name;
	enum setting_type type;
	size_t offset, size; /* size: of a TEXT */
	uint32_t min, max;   /* of a NUMBER */
};

#define T(field)                                                                                   \
	{                                                                                          \
#field, TEXT, offsetof(struct config, field), sizeof(((struct config *)0)->field), \
		    0, 0                                                                           \
	}
#define N(field, low, top)                                                                         \
	{                                                                                          \
#field, NUMBER, offsetof(struct config, field), 0, low, top                        \
	}
#define S(field)                                                                                   \
	{                                                                                          \
#field, SWITCH, offsetof(struct config, field), 0, 0, 0                            \
	}

static const struct setting gateway_settings[] = {
    T(mid),
    T(transport),
    T(local),
    T(profile),
    N(profile_version, 1, 99),
    N(version_min, 1, 3),
    N(version_max, 1, 3),
    S(compact),
    N(mwd_ms, 0, 600000),
    N(stranger_code, 0, 504),
    N(t_max_ms, 1000, 29000),
    N(workers, 0, 64),
    N(contexts_max, 1, 1000000),
    N(contexts_reserved, 0, 1000000),
    N(terminations_per_context, 2, 16),
    N(ports_reserved_percent, 0, 90),
    N(heartbeat_s, 1, 86400),
    N(overload_percent, 0, 100),
    T(certificate),
    T(private_key),
    S(certificate_per_session),
    S(allow_sha1),
    N(tls_handshake_ms, 100, 600000),
    N(tcp_connect_ms, 100, 600000),
    N(tcp_keepalive_s, 1, 86400),
    N(tcp_buffer, 4096, 1048576),
    N(srtp_window, 64, 32767),
    S(msrp_rewrite),
    N(log_level, 0, 7),
    T(user),
    T(control_socket),
    T(metrics),
    T(trace_dir),
};

static int fail(struct config_error *err, unsigned line, const char *what, struct slice about)
{
	err->line = line;
	snprintf(err->what, sizeof(err->what), "%s: '%.*s'", what,
		 (int)(about.len < 80 ? about.len : 80), about.p);
	return -1;
}

static int set_switch(struct slice value, bool *out)
{
	if (slice_eq_nocase(value, SLICE_LIT("yes")) || slice_eq_nocase(value, SLICE_LIT("on")))
		*out = true;
	else if (slice_eq_nocase(value, SLICE_LIT("no")) ||
		 slice_eq_nocase(value, SLICE_LIT("off")))
		*out = false;
	else
		return -1;
	return 0;
}

static int set_gateway(struct config *c, struct slice key, struct slice value, unsigned line,
		       struct config_error *err)
{
	for (size_t i = 0; i < sizeof(gateway_settings) / sizeof(gateway_settings[0]); i++) {
		const struct setting *s = &gateway_settings[i];
		char *at = (char *)c + s->offset;
		uint64_t v;

		if (!slice_eq(key, slice_str(s->name)))
			continue;
		switch (s->type) {
		case TEXT:
			return slice_copy(value, at, s->size) == 0
				   ? 0
				   : fail(err, line, "value too long", key);
		case NUMBER:
			if (slice_u64(value, s->max, &v) < 0 || v < s->min)
				return fail(err, line, "not a number in its range", value);
			*(uint32_t *)(void *)at = (uint32_t)v;
			return 0;
		case SWITCH:
			return set_switch(value, (bool *)at) == 0
				   ? 0
				   : fail(err, line, "neither yes nor no", value);
		}
	}
	return fail(err, line, "unknown setting in [gateway]", key);
}

/* "20000-29999" */
static int set_ports(struct config_realm *r, struct slice value)
{
	struct slice low = slice_cut(&value, '-');
	uint64_t a, b;

	if (slice_u64(slice_trim(low), 65535, &a) < 0 ||
	    slice_u64(slice_trim(value), 65535, &b) < 0 || a < 1024 || b < a)
		return -1;
	r->port_min = (uint16_t)a;
	r->port_max = (uint16_t)b;
	return 0;
}

static int set_realm(struct config_realm *r, struct slice key, struct slice value, unsigned line,
		     struct config_error *err)
{
	uint64_t v;

	if (slice_eq(key, SLICE_LIT("ipdc")))
		return slice_copy(value, r->ipdc, sizeof(r->ipdc)) == 0
			   ? 0
			   : fail(err, line, "too long", key);
	if (slice_eq(key, SLICE_LIT("device")))
		return slice_copy(value, r->device, sizeof(r->device)) == 0
			   ? 0
			   : fail(err, line, "too long", key);
	if (slice_eq(key, SLICE_LIT("ports")))
		return set_ports(r, value) == 0
			   ? 0
			   : fail(err, line, "not a port range (1024-65535)", value);
	if (slice_eq(key, SLICE_LIT("dscp"))) {
		if (slice_u64(value, 63, &v) < 0)
			return fail(err, line, "not a DSCP (0-63)", value);
		r->dscp = (uint8_t)v;
		return 0;
	}
	if (slice_eq(key, SLICE_LIT("address"))) {
		if (r->n_addresses == CONFIG_ADDRESSES_MAX)
			return fail(err, line, "too many addresses", value);
		if (netaddr_parse(value, &r->addresses[r->n_addresses]) < 0)
			return fail(err, line, "not an IP address", value);
		r->n_addresses++;
		return 0;
	}
	return fail(err, line, "unknown setting in [realm]", key);
}

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
	c->tcp_connect_ms = 10000;
	c->tcp_keepalive_s = 60;
	c->tcp_buffer = 65536;
	c->srtp_window = 128;
	c->msrp_rewrite = true;
	c->log_level = 6;
	strcpy(c->control_socket, "/run/ims-agw/control");
	strcpy(c->trace_dir, "/var/log/ims-agw");
}

static int check_whole(const struct config *c, struct config_error *err)
{
	if (!c->mid[0])
		return fail(err, 0, "[gateway] needs", SLICE_LIT("mid"));
	if (!c->local[0])
		return fail(err, 0, "[gateway] needs", SLICE_LIT("local"));
	if (strcmp(c->transport, "udp") != 0 && strcmp(c->transport, "sctp") != 0 &&
	    strcmp(c->transport, "tpkt") != 0)
		return fail(err, 0, "transport is udp, sctp or tpkt", slice_str(c->transport));
	if (!c->n_mgcs)
		return fail(err, 0, "[mgc] needs", SLICE_LIT("address"));
	if (c->version_min > c->version_max)
		return fail(err, 0, "version_min above", SLICE_LIT("version_max"));
	if (c->contexts_reserved >= c->contexts_max)
		return fail(err, 0, "contexts_reserved leaves nothing of",
			    SLICE_LIT("contexts_max"));
	if (!c->n_realms)
		return fail(err, 0, "the file needs a", SLICE_LIT("[realm NAME]"));
	for (size_t i = 0; i < c->n_realms; i++)
		if (!c->realms[i].n_addresses || !c->realms[i].port_min)
			return fail(err, 0, "a realm needs address and ports",
				    slice_str(c->realms[i].name));
	return 0;
}

int config_parse(struct slice text, struct config *c, struct config_error *err)
{
	enum { NONE, GATEWAY, MGC, REALM } section = NONE;
	unsigned line = 0;

	set_defaults(c);
	while (text.len) {
		struct slice all = slice_cut(&text, '\n'), key, value;

		line++;
		key = slice_trim(slice_cut(&all, '#'));
		if (!key.len)
			continue;
		if (key.p[0] == '[') {
			if (slice_eq(key, SLICE_LIT("[gateway]"))) {
				section = GATEWAY;
			} else if (slice_eq(key, SLICE_LIT("[mgc]"))) {
				section = MGC;
			} else if (key.len > 8 && memcmp(key.p, "[realm ", 7) == 0 &&
				   key.p[key.len - 1] == ']') {
				struct slice name = slice_trim(slice_make(key.p + 7, key.len - 8));

				if (!name_ok(name))
					return fail(err, line, "realm name: a-z, 0-9, _, up to 23",
						    name);
				if (c->n_realms == CONFIG_REALMS_MAX)
					return fail(err, line, "too many realms", name);
				for (size_t i = 0; i < c->n_realms; i++)
					if (slice_eq(name, slice_str(c->realms[i].name)))
						return fail(err, line, "realm twice", name);
				slice_copy(name, c->realms[c->n_realms].name, CONFIG_NAME_MAX);
				c->n_realms++;
				section = REALM;
			} else {
				return fail(err, line, "unknown section", key);
			}
			continue;
		}
		value = key;
		key = slice_trim(slice_cut(&value, '='));
		if (!value.p)
			return fail(err, line, "no '=' in", key);
		value = slice_trim(value);
		if (section == GATEWAY) {
			if (set_gateway(c, key, value, line, err) < 0)
				return -1;
		} else if (section == REALM) {
			if (set_realm(&c->realms[c->n_realms - 1], key, value, line, err) < 0)
				return -1;
		} else if (section == MGC && slice_eq(key, SLICE_LIT("address"))) {
			if (c->n_mgcs == CONFIG_MGCS_MAX ||
			    slice_copy(value, c->mgcs[c->n_mgcs], CONFIG_TEXT_MAX) < 0)
				return fail(err, line, "too many or too long", value);
			c->n_mgcs++;
		} else {
			return fail(err, line, "unknown setting here", key);
		}
	}
	return check_whole(c, err);
}
