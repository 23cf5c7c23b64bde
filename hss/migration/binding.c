/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/migration/binding.h"

#include <strings.h>

const char *binding_side_word(enum binding_side side)
{
	return side == BINDING_HERE ? "here" : "away";
}

const char *binding_state_word(enum binding_state state)
{
	static const char *const words[] = {
	    [BINDING_LIVE] = "live", [BINDING_ENDING] = "ending", [BINDING_OVER] = "over"};

	return words[state];
}

bool binding_serves(const struct binding *b, int64_t now)
{
	return b->state == BINDING_LIVE && now < b->expires;
}

static int find(const struct names *n, const char *impu)
{
	for (size_t i = 0; i < n->n_impu; i++)
		if (strcmp(n->impu[i], impu) == 0)
			return (int)i;
	return -1;
}

int binding_own(const struct binding *b, const char *impu)
{
	return find(&b->own, impu);
}

int binding_pair(const struct binding *b, const char *impu)
{
	return find(&b->pair, impu);
}

static bool names_same(const struct names *a, const struct names *b)
{
	if (strcmp(a->impi, b->impi) != 0 || a->n_impu != b->n_impu)
		return false;
	for (size_t i = 0; i < a->n_impu; i++)
		if (strcmp(a->impu[i], b->impu[i]) != 0)
			return false;
	return true;
}

bool binding_same(const struct binding *a, const struct binding *b)
{
	return a->side == b->side && strcmp(a->partner, b->partner) == 0 &&
	       strcasecmp(a->host, b->host) == 0 && strcasecmp(a->realm, b->realm) == 0 &&
	       names_same(&a->own, &b->own) && names_same(&a->pair, &b->pair);
}

/* All of them fit, by a function that judges one. */
static bool each(const struct names *n, bool (*fits)(const void *, const char *), const void *arg)
{
	bool ok = fits(arg, n->impi);

	for (size_t i = 0; i < n->n_impu; i++)
		ok = ok && fits(arg, n->impu[i]);
	return ok;
}

static bool in_domain(const void *domain, const char *identity)
{
	return identity_in_domain(slice_str(identity), slice_str(domain));
}

static bool of_partner(const void *partner, const char *identity)
{
	return config_partner_has(partner, identity);
}

/* The name of somebody else's user, and no way back to us. */
static bool foreign(const void *cfg, const char *identity)
{
	return !config_is_ours(cfg, identity);
}

/* Canonical, so that it is found as it is asked for; and without an escape or '!', which identity.c says. */
static bool well_formed(const struct names *n)
{
	char canonical[IDENTITY_SIZE];

	if (!identity_is_impi(slice_str(n->impi)) || n->n_impu == 0)
		return false;
	for (size_t i = 0; i < n->n_impu; i++)
		if (!identity_is_impu(slice_str(n->impu[i])) ||
		    identity_canonical(slice_str(n->impu[i]), canonical) ||
		    strcmp(canonical, n->impu[i]) != 0 || find(n, n->impu[i]) != (int)i)
			return false;
	return true;
}

static const char *unfit_here(const struct binding *b, const struct config *cfg,
			      const struct config_partner *partner)
{
	const struct config_peer *hss = config_peer(cfg, slice_str(b->host));

	if (!each(&b->own, in_domain, cfg->inbound_domain))
		return "an inbound identity is not in inbound_domain";
	if (!each(&b->pair, foreign, cfg))
		return "the primary's identities are in a domain of ours";
	if (!each(&b->pair, of_partner, partner))
		return "the primary's identities are in no domain of the partner's line";
	if (!hss || strcmp(hss->partner, b->partner) != 0)
		return "the primary's HSS or SLF has no peer line with partner= and this partner";
	if (!config_partner_realm(partner, slice_str(b->realm)))
		return "the realm of the primary's HSS is not in the partner's line";
	return NULL;
}

static const char *unfit_away(const struct binding *b, const struct config *cfg)
{
	if (names_same(&b->own, &b->pair))
		return NULL;
	if (!each(&b->pair, in_domain, cfg->outbound_domain))
		return "an outbound identity is not in outbound_domain";
	return NULL;
}

const char *binding_unfit(const struct binding *b, const struct config *cfg, int64_t now)
{
	const struct config_partner *partner = config_partner(cfg, b->partner);

	if (!partner)
		return "the partner has no partner line in ims-hss.conf";
	if (!b->id[0])
		return "it has no identifier";
	if (!well_formed(&b->own) || !well_formed(&b->pair))
		return "an identity is malformed, decorated, or there twice";
	if (b->own.n_impu != b->pair.n_impu)
		return "there are not as many public identities on both sides";
	if (b->expires <= now)
		return "it is over already";
	return b->side == BINDING_HERE ? unfit_here(b, cfg, partner) : unfit_away(b, cfg);
}
