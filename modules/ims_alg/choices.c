/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The choices of core/policy.h as parameters, and what differs between access networks. */
#include "modules/ims_alg/glue.h"

#include "base/words.h"

enum { NETWORKS_MAX = 16 };

struct alg_policy alg_choices;
struct alg_switches alg_switches = {.family_core = 4, .dscp_access = -1, .dscp_core = -1};

/* What holds for the phones of one access network. */
static struct network {
	struct netaddr_net net;
	char realm[ALG_REALM_MAX];
	bool has_sha1, allow_sha1;
} networks[NETWORKS_MAX];
static unsigned networks_n;

static struct alg_policy *choices(void)
{
	static bool begun;

	if (!begun)
		alg_policy_init(&alg_choices);
	begun = true;
	return &alg_choices;
}

static int refused(const char *name, void *value, const char *what)
{
	LM_ERR("modparam %s '%s' is not %s\n", name, (char *)value, what);
	return -1;
}

/* "always", or "msrp=always" for one kind. */
int alg_choice_when(modparam_t type, void *value)
{
	struct slice text = slice_str(value), kind = slice_cut(&text, '=');
	enum alg_when when;
	bool any = false;

	if (alg_when_parse(text.p ? text : kind, &when))
		return refused("when", value, "[msrp=|bfcp=|rtp=]announced, always or never");
	for (int k = ALG_KIND_MSRP; k <= ALG_KIND_RTP; k++) {
		if (text.p && !slice_eq(kind, slice_str(alg_kind_name((enum alg_kind)k))))
			continue;
		choices()->when[k] = when;
		any = true;
	}
	return any ? 0 : refused("when", value, "[msrp=|bfcp=|rtp=]announced, always or never");
}

#define CHOICE(name, parse, member, what)                                                          \
	int alg_choice_##name(modparam_t type, void *value)                                        \
	{                                                                                          \
		return parse(slice_str(value), &choices()->member) ? refused(#name, value, what)   \
								   : 0;                            \
	}
CHOICE(plain, alg_plain_parse, plain, "relay or alone")
CHOICE(filter_access, alg_filter_parse, filter[ALG_ACCESS], "off, address or port")
CHOICE(filter_core, alg_filter_parse, filter[ALG_CORE], "off, address or port")
CHOICE(roles, alg_roles_parse, roles, "phone or follow")
CHOICE(refuse, alg_refuse_parse, refuse, "line or offer")
CHOICE(stranger, alg_stranger_parse, stranger, "refuse or take")
CHOICE(unserved, alg_unserved_parse, unserved, "alone or refuse")
CHOICE(origin, alg_origin_parse, origin, "own or keep")
CHOICE(suites, alg_suites_parse, suites, "a list of crypto suites")
CHOICE(hash, fingerprint_hash_parse, hash, "a hash such as sha-256")

int alg_choice_suite(modparam_t type, void *value)
{
	uint32_t bits;

	if (alg_suites_parse(slice_str(value), &bits) || bits & (bits - 1))
		return refused("suite", value, "one crypto suite");
	for (choices()->suite = SDES_NONE; !(bits >> choices()->suite & 1);)
		choices()->suite++;
	return 0;
}

static int realm(const char *name, void *value, enum alg_side side)
{
	return slice_copy(slice_str(value), choices()->realm[side], ALG_REALM_MAX)
		   ? refused(name, value, "at most 31 characters")
		   : 0;
}

int alg_choice_realm_access(modparam_t type, void *value)
{
	return realm("realm_access", value, ALG_ACCESS);
}

int alg_choice_realm_core(modparam_t type, void *value)
{
	return realm("realm_core", value, ALG_CORE);
}

/* "10.1.0.0/16 realm=access1.ims sha1=yes" */
int alg_choice_access(modparam_t type, void *value)
{
	static const char what[] = "NETWORK/BITS [realm=NAME] [sha1=yes|no], at most 16 of them";
	struct network *n = &networks[networks_n];
	struct slice text = slice_str(value), word;

	if (networks_n == NETWORKS_MAX || !slice_next_word(&text, &word) ||
	    netaddr_net_parse(word, &n->net))
		return refused("access", value, what);
	while (slice_next_word(&text, &word)) {
		struct slice key = slice_cut(&word, '=');
		bool yes = word.p && slice_eq(word, SLICE_LIT("yes"));

		if (slice_eq(key, SLICE_LIT("realm")) && word.len &&
		    slice_copy(word, n->realm, sizeof(n->realm)) == 0)
			continue;
		if (!slice_eq(key, SLICE_LIT("sha1")) || !word.p ||
		    (!yes && !slice_eq(word, SLICE_LIT("no"))))
			return refused("access", value, what);
		n->has_sha1 = true;
		n->allow_sha1 = yes;
	}
	networks_n++;
	return 0;
}

void alg_policy_of(const struct netaddr *phone, struct alg_policy *out)
{
	*out = alg_choices;
	for (unsigned i = 0; i < networks_n; i++) {
		if (!netaddr_net_has(&networks[i].net, phone))
			continue;
		if (networks[i].realm[0])
			memcpy(out->realm[ALG_ACCESS], networks[i].realm, ALG_REALM_MAX);
		if (networks[i].has_sha1)
			out->allow_sha1 = networks[i].allow_sha1;
		return;
	}
}

static int dscp(const char *name, int value, uint8_t *out)
{
	if (value < -1 || value > 63) {
		LM_ERR("modparam %s is %d: 0 to 63, or -1 for the gateway's\n", name, value);
		return -1;
	}
	*out = value < 0 ? ALG_DSCP_NONE : (uint8_t)value;
	return 0;
}

int alg_choices_check(void)
{
	const struct alg_switches *s = &alg_switches;
	struct alg_policy *p = choices();

	p->agnostic = s->agnostic;
	p->delayed = s->delayed;
	p->merged = s->merged;
	p->late_access = s->late_access;
	p->skip_active = s->skip_active;
	p->allow_sha1 = s->allow_sha1;
	p->any_signalling = s->any_signalling;
	p->path_mismatch = s->path_mismatch;
	p->dtls = s->dtls;
	p->dtls_mux = s->dtls_mux;
	if (s->family_core != 4 && s->family_core != 6) {
		LM_ERR("modparam family_core is %d: 4 or 6\n", s->family_core);
		return -1;
	}
	p->family[ALG_CORE] = (uint8_t)s->family_core;
	if (p->any_signalling)
		LM_WARN("any_signalling: keys and fingerprints are taken over unprotected "
			"signalling; for laboratories only\n");
	return dscp("dscp_access", s->dscp_access, &p->dscp[ALG_ACCESS]) ||
		       dscp("dscp_core", s->dscp_core, &p->dscp[ALG_CORE])
		   ? -1
		   : 0;
}
