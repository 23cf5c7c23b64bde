/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the configuration has about partner systems. */
#include "hss/cms/identity.h"
#include "hss/config.h"

enum { RATE_DEFAULT = 50, RATE_MAX = 1000000 };

/* Names separated by ','. Returns 0, or -1. */
static int add_names(struct slice list, char out[CONFIG_PARTNER_NAMES][IDENTITY_SIZE], size_t *n)
{
	while (list.p) {
		struct slice name = slice_cut(&list, ',');

		if (*n == CONFIG_PARTNER_NAMES || !identity_is_domain(name) ||
		    slice_copy(name, out[*n], IDENTITY_SIZE))
			return -1;
		for (char *c = out[*n]; *c; c++)
			*c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
		(*n)++;
	}
	return 0;
}

static int add_commands(struct slice list, unsigned int *out)
{
	*out = 0;
	while (list.p) {
		struct slice word = slice_cut(&list, ',');
		unsigned int bit = slice_eq(word, SLICE_LIT("mar"))   ? PARTNER_MAR
				   : slice_eq(word, SLICE_LIT("rtr")) ? PARTNER_RTR
								      : 0;

		if (!bit)
			return -1;
		*out |= bit;
	}
	return 0;
}

static int set_name(struct slice name, char out[PARTNER_SIZE])
{
	for (size_t i = 0; i < name.len; i++)
		if (!(name.p[i] >= 'a' && name.p[i] <= 'z') &&
		    !(name.p[i] >= '0' && name.p[i] <= '9') && name.p[i] != '-')
			return -1;
	return name.len == 0 || slice_copy(name, out, PARTNER_SIZE) ? -1 : 0;
}

int config_set_partner(void *into, const struct setting *s, const struct words *w, char *why,
		       size_t size)
{
	struct config *cfg = into;
	struct config_partner *p = &cfg->partner[cfg->n_partners];
	struct slice v;
	uint64_t n;
	int err = w->n < 2 || cfg->n_partners == CONFIG_PARTNERS_MAX;

	if (err == 0) {
		memset(p, 0, sizeof(*p));
		p->commands = PARTNER_MAR | PARTNER_RTR;
		p->rate = RATE_DEFAULT;
		err = set_name(w->w[1], p->name);
	}
	for (size_t i = 2; i < w->n && err == 0; i++) {
		if (word_option(w->w[i], "realms", &v)) {
			err = add_names(v, p->realm, &p->n_realms);
		} else if (word_option(w->w[i], "domains", &v)) {
			err = add_names(v, p->domain, &p->n_domains);
		} else if (word_option(w->w[i], "commands", &v)) {
			err = add_commands(v, &p->commands);
		} else if (word_option(w->w[i], "rate", &v)) {
			err = slice_u64(v, RATE_MAX, &n);
			p->rate = (uint32_t)n;
		} else {
			err = -1;
		}
	}
	if (err || !p->n_realms) {
		snprintf(why, size,
			 "partner takes the name of a system (small letters, digits and '-') and "
			 "realms=, "
			 "and perhaps domains=, commands=mar,rtr and rate=, such as %s %s; at most "
			 "%d lines",
			 s->name, s->example, CONFIG_PARTNERS_MAX);
		return -1;
	}
	cfg->n_partners++;
	return 0;
}

int config_peer_word(struct config_peer *p, struct slice word, char *why, size_t size)
{
	struct slice v;
	uint64_t port = CONFIG_PORT;

	if (word_option(word, "partner", &v)) {
		p->roles |= PEER_PARTNER;
		if (set_name(v, p->partner) == 0)
			return 0;
		snprintf(why, size, "partner= of peer %s is the name of a partner line", p->name);
		return -1;
	}
	if (!slice_eq(word, SLICE_LIT("connect"))) {
		if (!word_option(word, "connect", &v))
			return 1;
		if (slice_u64(v, UINT16_MAX, &port) || port == 0) {
			snprintf(why, size, "connect= of peer %s is a port", p->name);
			return -1;
		}
	}
	p->connect = (uint16_t)port;
	return 0;
}

const struct config_partner *config_partner(const struct config *cfg, const char *name)
{
	for (size_t i = 0; i < cfg->n_partners; i++)
		if (strcmp(cfg->partner[i].name, name) == 0)
			return &cfg->partner[i];
	return NULL;
}

bool config_partner_has(const struct config_partner *p, const char *identity)
{
	if (strncmp(identity, "tel:", 4) == 0)
		return true;
	for (size_t i = 0; i < p->n_domains; i++)
		if (identity_in_domain(slice_str(identity), slice_str(p->domain[i])))
			return true;
	return false;
}

bool config_partner_realm(const struct config_partner *p, struct slice realm)
{
	for (size_t i = 0; i < p->n_realms; i++)
		if (slice_eq_nocase(slice_str(p->realm[i]), realm))
			return true;
	return false;
}

bool config_is_ours(const struct config *cfg, const char *identity)
{
	const struct slice name = slice_str(identity);

	for (size_t i = 0; i < cfg->n_serves; i++)
		if (identity_in_domain(name, slice_str(cfg->serves[i])))
			return true;
	return identity_in_domain(name, slice_str(cfg->realm)) ||
	       identity_in_domain(name, slice_str(cfg->inbound_domain)) ||
	       identity_in_domain(name, slice_str(cfg->outbound_domain));
}
