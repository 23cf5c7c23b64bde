/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparing two lists by what they mean. */
#include "sec_agree/sec_agree.h"

#include "base/hmac_sha256.h"

#include <strings.h>

bool sec_agree_is_ipsec(const struct sec_agree_mech *m)
{
	return slice_eq_nocase(m->name, SLICE_LIT("ipsec-3gpp"));
}

bool sec_agree_has_ipsec(const struct sec_agree_list *list)
{
	for (unsigned i = 0; i < list->n; i++)
		if (sec_agree_is_ipsec(&list->mechs[i]))
			return true;
	return false;
}

/* What a parameter of ipsec-3gpp that is left out means (TS 33.203 annex H). p NULL: nothing. */
static struct slice default_of(const struct sec_agree_mech *m, struct slice name)
{
	if (!sec_agree_is_ipsec(m))
		return SLICE_NULL;
	if (slice_eq_nocase(name, SLICE_LIT("prot")))
		return SLICE_LIT("esp");
	if (slice_eq_nocase(name, SLICE_LIT("mod")))
		return SLICE_LIT("trans");
	if (slice_eq_nocase(name, SLICE_LIT("ealg")))
		return SLICE_LIT("null");
	return SLICE_NULL;
}

/* Values that both are numbers are equal as numbers: some phones drop or add leading zeros. */
static bool same_value(struct slice a, struct slice b)
{
	uint64_t x, y;

	if ((a.p == NULL) != (b.p == NULL))
		return false;
	if (slice_u64(a, UINT64_MAX, &x) == 0 && slice_u64(b, UINT64_MAX, &y) == 0)
		return x == y;
	return slice_eq_nocase(a, b);
}

/* "1", "1.0" and "1.000" are the same preference. */
static struct slice short_q(struct slice q)
{
	while (q.len > 1 && memchr(q.p, '.', q.len) &&
	       (q.p[q.len - 1] == '0' || q.p[q.len - 1] == '.'))
		q.len--;
	return q;
}

static bool is_q(struct slice name)
{
	return slice_eq_nocase(name, SLICE_LIT("q"));
}

static bool same_param(const struct sec_agree_param *a, struct slice b)
{
	if (is_q(a->name))
		return slice_eq(short_q(a->value), short_q(b));
	return same_value(a->value, b);
}

/* Whether a parameter says only what holds without it. */
static bool is_default(const struct sec_agree_mech *m, const struct sec_agree_param *p)
{
	struct slice d = default_of(m, p->name);

	return d.p && same_value(p->value, d);
}

/*
 * Whether every parameter of a has its equal in b. One that is left out has its default; q, which
 * only says the order that the list has anyway, may be left out.
 */
static bool covered(const struct sec_agree_mech *a, const struct sec_agree_mech *b)
{
	bool used[SEC_AGREE_PARAMS_MAX] = {false};

	for (unsigned i = 0; i < a->nparams; i++) {
		const struct sec_agree_param *p = &a->params[i];
		unsigned j;

		for (j = 0; j < b->nparams; j++)
			if (!used[j] && slice_eq_nocase(p->name, b->params[j].name))
				break;
		if (j == b->nparams) {
			if (!is_q(p->name) && !is_default(a, p))
				return false;
			continue;
		}
		used[j] = true;
		if (!same_param(p, b->params[j].value))
			return false;
	}
	return true;
}

static bool same_mech(const struct sec_agree_mech *a, const struct sec_agree_mech *b)
{
	return slice_eq_nocase(a->name, b->name) && covered(a, b) && covered(b, a);
}

bool sec_agree_equal(const struct sec_agree_list *a, const struct sec_agree_list *b,
		     bool ipsec_only)
{
	unsigned i = 0, j = 0;

	for (;;) {
		while (ipsec_only && i < a->n && !sec_agree_is_ipsec(&a->mechs[i]))
			i++;
		while (ipsec_only && j < b->n && !sec_agree_is_ipsec(&b->mechs[j]))
			j++;
		if (i >= a->n || j >= b->n)
			return i >= a->n && j >= b->n;
		if (!same_mech(&a->mechs[i++], &b->mechs[j++]))
			return false;
	}
}

/* A text without case, with its length before it, so that two texts never look like another two. */
static void add_text(struct sha256 *s, struct slice t)
{
	uint8_t len[2] = {(uint8_t)(t.len >> 8), (uint8_t)t.len};

	sha256_update(s, len, sizeof(len));
	for (size_t i = 0; i < t.len; i++) {
		char c = t.p[i] >= 'A' && t.p[i] <= 'Z' ? (char)(t.p[i] | 0x20) : t.p[i];

		sha256_update(s, &c, 1);
	}
}

static void add_param(struct sha256 *s, const struct sec_agree_param *p)
{
	uint8_t there = p->value.p != NULL;
	struct slice v = p->value;
	uint64_t number;

	if (slice_u64(v, UINT64_MAX, &number) == 0)
		while (v.len > 1 && *v.p == '0')
			v = slice_make(v.p + 1, v.len - 1);
	add_text(s, p->name);
	sha256_update(s, &there, 1);
	add_text(s, v);
}

/* By name without case, then by place. */
static bool comes_before(const struct sec_agree_param *a, const struct sec_agree_param *b)
{
	size_t n = a->name.len < b->name.len ? a->name.len : b->name.len;
	int rc = n ? strncasecmp(a->name.p, b->name.p, n) : 0;

	if (rc)
		return rc < 0;
	return a->name.len != b->name.len ? a->name.len < b->name.len : a < b;
}

static void add_mech(struct sha256 *s, const struct sec_agree_mech *m)
{
	const struct sec_agree_param *last = NULL;

	add_text(s, m->name);
	for (;;) {
		const struct sec_agree_param *next = NULL;

		for (unsigned i = 0; i < m->nparams; i++) {
			const struct sec_agree_param *p = &m->params[i];

			if ((!last || comes_before(last, p)) && (!next || comes_before(p, next)))
				next = p;
		}
		if (!next)
			return;
		last = next;
		if (!is_q(next->name) && !is_default(m, next))
			add_param(s, next);
	}
}

void sec_agree_digest(const struct sec_agree_list *list, uint8_t out[SEC_AGREE_DIGEST_LEN])
{
	uint8_t whole[SHA256_LEN];
	struct sha256 s;

	sha256_init(&s);
	for (unsigned i = 0; i < list->n; i++) {
		uint8_t n = (uint8_t)i;

		sha256_update(&s, &n, 1);
		add_mech(&s, &list->mechs[i]);
	}
	sha256_final(&s, whole);
	memcpy(out, whole, SEC_AGREE_DIGEST_LEN);
}
