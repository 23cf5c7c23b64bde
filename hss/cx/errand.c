/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cx/errand.h"

#include <stdlib.h>

#include "hss/cx/profile_xml.h"
#include "hss/subscription/registration.h"

/* A private identity before and after the change; to < 0: it is gone. */
struct pair {
	const struct subscription *before, *after;
	int from, to;
};

static bool registered_by(const struct subscription *sub, int impu, int impi)
{
	return impu >= 0 && impi >= 0 && (sub->impu[impu].registered & 1u << impi);
}

/* Does the identity at i (before) remain registered? */
static bool remains(const struct pair *p, size_t i)
{
	return p->to >= 0 &&
	       registered_by(p->after,
			     subscription_impu(p->after, slice_str(p->before->impu[i].uri)), p->to);
}

/* Is any of the implicit set still there? Then the S-CSCF learns of the others by the profile. */
static bool set_remains(const struct pair *p, size_t i)
{
	uint64_t set = implicit_set(p->before, (int)i, p->from);

	for (size_t k = 0; k < p->before->n_impu; k++)
		if ((set & IMPU_BIT(k)) && remains(p, k))
			return true;
	return false;
}

/* A service that an S-CSCF served has been switched off (TS 29.328 6.1.2.1): it was given in this private identity's name. */
static bool switched_off(const struct pair *p, size_t i)
{
	const struct impu *was = &p->before->impu[i];
	int is = p->after ? subscription_impu(p->after, slice_str(was->uri)) : -1;

	return was->service && was->unregistered && is >= 0 && p->after->impu[is].inactive &&
	       was->impis >> p->from & 1u && !(was->impis & ((1u << p->from) - 1));
}

static void find_withdrawn(const struct pair *p, struct cx_errand *e)
{
	for (size_t i = 0; i < p->before->n_impu; i++)
		if ((registered_by(p->before, (int)i, p->from) && !set_remains(p, i)) ||
		    switched_off(p, i))
			strcpy(e->impus[e->n_impus++], p->before->impu[i].uri);
}

static bool same_charging(const struct subscription *a, const struct subscription *b)
{
	return a->has_charging == b->has_charging &&
	       (!a->has_charging || memcmp(&a->charging, &b->charging, sizeof(a->charging)) == 0);
}

/* 1: the profile of the set is another than it was, 0: it is the same, -1: no memory. */
static int set_differs(const struct pair *p, int i, int k)
{
	const char *name = p->before->impi[p->from].name;
	size_t len;
	char *was =
	    profile_xml(p->before, name, implicit_set(p->before, i, p->from), -1, NULL, &len);
	char *is = profile_xml(p->after, name, implicit_set(p->after, k, p->to), -1, NULL, &len);
	int rc = was && is ? strcmp(was, is) != 0 : -1;

	free(was);
	free(is);
	return rc;
}

/* The same for all that is registered. */
static int differs(const struct pair *p)
{
	uint64_t seen = 0;

	for (int k = 0; k < (int)p->after->n_impu; k++) {
		int i = subscription_impu(p->before, slice_str(p->after->impu[k].uri)), rc;

		if ((seen & IMPU_BIT(k)) || !registered_by(p->after, k, p->to) ||
		    !registered_by(p->before, i, p->from))
			continue;
		seen |= implicit_set(p->after, k, p->to);
		rc = same_charging(p->before, p->after) ? set_differs(p, i, k) : 1;
		if (rc)
			return rc;
	}
	return 0;
}

static int tell(const struct pair *p, struct cx_errand *e, cx_errand_h each, void *arg)
{
	int rc = 0, changed;

	memset(e, 0, sizeof(*e));
	strcpy(e->impi, p->before->impi[p->from].name);
	strcpy(e->host, p->before->scscf_host);
	strcpy(e->realm, p->before->scscf_realm);
	find_withdrawn(p, e);
	e->kind = ERRAND_RTR;
	if (e->n_impus && e->host[0])
		rc = each(e, arg);
	if (rc || p->to < 0)
		return rc;
	changed = differs(p);
	e->kind = ERRAND_PPR;
	e->n_impus = 0;
	e->host[0] = e->realm[0] = '\0';
	return changed > 0 ? each(e, arg) : changed;
}

int cx_errands(const struct subscription *before, const struct subscription *after,
	       cx_errand_h each, void *arg)
{
	struct cx_errand *e = calloc(1, sizeof(*e));
	int rc = e ? 0 : -1;

	for (int i = 0; i < (int)before->n_impi && rc == 0; i++) {
		struct pair p = {before, after, i, -1};

		if (after)
			p.to = subscription_impi(after, slice_str(before->impi[i].name));
		rc = tell(&p, e, each, arg);
	}
	free(e);
	return rc;
}
