/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/core/policy.h"
#include "base/words.h"

void alg_policy_init(struct alg_policy *p)
{
	memset(p, 0, sizeof(*p));
	p->hash = FINGERPRINT_SHA256;
	p->suite = SDES_AES_CM_128_HMAC_SHA1_80;
	for (unsigned s = SDES_NONE + 1; s < SDES_SUITES; s++)
		p->suites |= 1u << s;
	p->family[ALG_CORE] = 4;
	p->dscp[ALG_ACCESS] = p->dscp[ALG_CORE] = ALG_DSCP_NONE;
}

bool alg_policy_carries(const struct alg_policy *p)
{
	for (int k = 0; k < ALG_KINDS; k++)
		if (p->when[k] == ALG_WHEN_ALWAYS)
			return true;
	return p->plain == ALG_PLAIN_RELAY;
}

/* The place of a word in a list of n, or -1. */
static int word_of(struct slice text, const char *const *words, int n)
{
	for (int i = 0; i < n; i++)
		if (slice_eq_nocase(text, slice_str(words[i])))
			return i;
	return -1;
}

#define PARSE(function, type, count, ...)                                                          \
	int function(struct slice text, type *out)                                                 \
	{                                                                                          \
		static const char *const words[count] = {__VA_ARGS__};                             \
		int i = word_of(text, words, count);                                               \
                                                                                                   \
		if (i < 0)                                                                         \
			return -1;                                                                 \
		*out = (type)i;                                                                    \
		return 0;                                                                          \
	}

PARSE(alg_when_parse, enum alg_when, ALG_WHENS, "announced", "always", "never")
PARSE(alg_plain_parse, enum alg_plain, ALG_PLAINS, "relay", "alone")
PARSE(alg_filter_parse, enum alg_filter, ALG_FILTERS, "off", "address", "port")
PARSE(alg_roles_parse, enum alg_roles, ALG_ROLES_COUNT, "phone", "follow")
PARSE(alg_refuse_parse, enum alg_refuse, ALG_REFUSES, "line", "offer")
PARSE(alg_stranger_parse, enum alg_stranger, ALG_STRANGERS, "refuse", "take")
PARSE(alg_unserved_parse, enum alg_unserved, ALG_UNSERVEDS, "alone", "refuse")
PARSE(alg_origin_parse, enum alg_origin_mode, ALG_ORIGINS, "own", "keep")

int alg_suites_parse(struct slice text, uint32_t *out)
{
	uint32_t suites = 0;
	struct slice word;

	while (slice_next_word(&text, &word)) {
		unsigned s = SDES_NONE + 1;

		while (s < SDES_SUITES &&
		       !slice_eq_nocase(word, slice_str(sdes_suite_name((enum sdes_suite)s))))
			s++;
		if (s == SDES_SUITES)
			return -1;
		suites |= 1u << s;
	}
	if (!suites)
		return -1;
	*out = suites;
	return 0;
}
