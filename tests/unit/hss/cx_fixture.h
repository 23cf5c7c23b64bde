/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A subscription, a request and an answer for the Cx procedures. */
#ifndef TESTS_HSS_CX_FIXTURE_H
#define TESTS_HSS_CX_FIXTURE_H

#include "unit/unit.h"
#include "aka/sqn.h"
#include "hss/cx/cx.h"
#include "hss/subscription/registration.h"

static struct subscription *sub;
static struct cx_policy policy;
static struct cx_request req;
static struct cx_answer ans;

#define OURS  SLICE_LIT("sip:scscf.home1.net")
#define OTHER SLICE_LIT("sip:other.home1.net")

static void add_impu(const char *uri, uint32_t set, uint16_t impis)
{
	struct impu *u = &sub->impu[sub->n_impu++];

	*u = (struct impu){.set = set, .impis = impis};
	strcpy(u->uri, uri);
}

/* Two private identities; a, b and c in set 1 (c for the second one only), d in set 2, e in none.
 */
static void begin(void)
{
	sub = subscription_new();
	memset(&req, 0, sizeof(req));
	policy = (struct cx_policy){.vectors_max = 2, .ind = SQN_WHOLE, .keep_server_name = true};
	policy.capabilities.mandatory[policy.capabilities.n_mandatory++] = 7;
	strcpy(sub->impi[0].name, "one@h");
	strcpy(sub->impi[1].name, "two@h");
	sub->impi[0].key.milenage.k[0] = sub->impi[1].key.milenage.k[0] = 1;
	sub->n_impi = 2;
	add_impu("sip:a@h", 1, 3);
	add_impu("sip:b@h", 1, 3);
	add_impu("sip:c@h", 1, 2);
	add_impu("sip:d@h", 2, 1);
	add_impu("sip:e@h", 0, 1);
}

static void end(void)
{
	subscription_free(sub);
}

static void ask(const char *impi, const char *impu)
{
	memset(&req, 0, sizeof(req));
	req.impi = slice_str(impi);
	if (impu)
		strcpy(req.impu[req.n_impu++], impu);
	req.scscf = OURS;
	req.origin_host = SLICE_LIT("scscf.home1.net");
	req.origin_realm = SLICE_LIT("home1.net");
	req.visited = SLICE_LIT("home1.net");
	req.authorization_type = -1;
	req.scheme = SLICE_LIT("Digest-AKAv1-MD5");
	req.items = 1;
}

#define IS(want) (ans.result.code == (want).code && ans.result.experimental == (want).experimental)
#define ck_result(want)                                                                            \
	ck_assert_msg(IS(want), "answers %s%u", ans.result.experimental ? "experimental " : "",    \
		      ans.result.code)

static inline unsigned int sar(const char *impi, const char *impu, uint32_t type)
{
	ask(impi, impu);
	req.assignment_type = type;
	return cx_sar(sub, &policy, &req, &ans);
}

static inline unsigned int registered_by(int impi)
{
	unsigned int mask = 0;

	for (size_t i = 0; i < sub->n_impu; i++)
		if (sub->impu[i].registered & 1u << impi)
			mask |= 1u << i;
	return mask;
}

#endif
