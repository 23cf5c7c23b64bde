/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two octets of settings, an offer, and behind a line "%%" an answer. Whatever they say: what is
 * written can be read, has the same m-lines and the same unknown lines, comes out the same when it
 * is written again, and shows no key and no certificate of the secured side to the other.
 */
#include "modules/ims_alg/core/attr.h"
#include "modules/ims_alg/core/session.h"
#include "unit/ims_alg/gateway.h"

#include <stdlib.h>

static struct alg_policy policy;
static struct alg_ue ue;
static struct alg_session now, next;
static struct sdp_body came, went;
static char first[1 << 17], second[1 << 17];

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void set(uint8_t a, uint8_t b)
{
	alg_policy_init(&policy);
	for (int k = 0; k < ALG_KINDS; k++)
		policy.when[k] = (enum alg_when)((a & 3) % ALG_WHENS);
	policy.plain = (enum alg_plain)(a >> 2 & 1);
	policy.roles = (enum alg_roles)(a >> 3 & 1);
	policy.refuse = (enum alg_refuse)(a >> 4 & 1);
	policy.agnostic = a >> 5 & 1;
	policy.delayed = a >> 6 & 1;
	policy.allow_sha1 = a >> 7 & 1;
	policy.origin = (enum alg_origin_mode)(b & 1);
	policy.dtls = b >> 1 & 1;
	policy.path_mismatch = b >> 2 & 1;
	ue = (struct alg_ue){
	    .mechs = b >> 3 & 15, .protected_hop = b >> 7 & 1, .nat = b & 1, .family = 4};
}

static bool untouched(const struct sdp_line *l)
{
	return l->type && !strchr("ockm", l->type) &&
	       (l->type != 'a' || !alg_attr_of(sdp_attr_split(l->value).name));
}

static void same_unknown_lines(void)
{
	int j = 0;

	for (int i = 0; i < came.lines; i++) {
		if (!untouched(&came.line[i]))
			continue;
		while (j < went.lines && !untouched(&went.line[j]))
			j++;
		must(j < went.lines && slice_eq(came.line[i].value, went.line[j].value));
		j++;
	}
}

/* Nothing of a secured line's keys may stand on the core's side. */
static void hides(const struct alg_session *s, enum alg_side to)
{
	struct slice v;

	for (int m = 0; m < s->lines && to == ALG_CORE; m++) {
		if (s->line[m].treat != ALG_TREAT_SECURE)
			continue;
		must(!sdp_body_attr(&went, m, SLICE_LIT("crypto"), &v));
		must(!sdp_body_attr(&went, m, SLICE_LIT("fingerprint"), &v));
		must(!sdp_body_attr(&went, m, SLICE_LIT("3ge2ae"), &v));
	}
}

static void write_it(struct alg_session *s, enum alg_side from, bool offer)
{
	size_t n, again;

	gateway_give(&s->media);
	must(alg_body_write(&policy, s, from, offer, &came, first, sizeof(first), &n) == 0);
	must(sdp_body_parse(slice_make(first, n), NULL, 0, &went) == 0);
	must(went.mlines == came.mlines);
	same_unknown_lines();
	hides(s, alg_other_side(from));
	must(alg_body_write(&policy, s, from, offer, &came, second, sizeof(second), &again) == 0);
	must(slice_eq(slice_make(first, n), slice_make(second, again)));
	(void)alg_body_write(&policy, s, from, offer, &came, second, n / 2, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t random[18];
	struct alg_trouble t;
	struct slice text, answer = SLICE_NULL;
	const char *cut;
	enum alg_side from;
	int rc;

	if (size < 2 || size > sizeof(first) / 4)
		return 0;
	set(data[0], data[1]);
	from = data[0] & 4 ? ALG_CORE : ALG_ACCESS;
	text = slice_make((const char *)data + 2, size - 2);
	cut = memmem(text.p, text.len, "%%\n", 3);
	if (cut) {
		answer = slice_make(cut + 3, text.len - (size_t)(cut + 3 - text.p));
		text.len = (size_t)(cut - text.p);
	}
	if (sdp_body_parse(text, NULL, 0, &came))
		return 0;
	alg_session_init(&now, random);
	rc = alg_offer_read(&policy, &ue, &now, from, &came, &t);
	must(rc != ALG_REFUSE || t.problem);
	if (rc < 0 || rc == ALG_PASS)
		return 0;
	write_it(&now, from, true);
	if (!answer.p || sdp_body_parse(answer, NULL, 0, &came))
		return 0;
	memcpy(&next, &now, alg_session_bytes(&now));
	rc = alg_answer_read(&policy, &ue, &next, &came, &t);
	must(rc != ALG_BAD_ANSWER || t.problem);
	if (rc >= 0 && rc != ALG_PASS)
		write_it(&next, alg_other_side(from), false);
	/* The same body as an offer of the other side, in the call that is there. */
	if (rc >= 0 &&
	    alg_offer_read(&policy, &ue, &next, alg_other_side(from), &came, &t) == ALG_OK)
		write_it(&next, alg_other_side(from), true);
	return 0;
}
