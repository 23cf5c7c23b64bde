/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cx/identity.h"

#include "hss/subscription/registration.h"
#include "hss/subscription/wildcard.h"

void cx_answer_clear(struct cx_answer *ans)
{
	memset(ans, 0, sizeof(*ans));
	ans->result = RESULT_UNABLE_TO_COMPLY;
	ans->profile_first = ans->profile_impi = -1;
}

bool cx_identities(const struct subscription *sub, const struct cx_request *req,
		   struct cx_answer *ans, int *impi, int *impu)
{
	if (!sub) {
		ans->result = CX_USER_UNKNOWN;
		return false;
	}
	*impi = req->impi.len ? subscription_impi(sub, req->impi) : -1;
	*impu = req->n_impu ? subscription_impu(sub, slice_str(req->impu[0])) : -1;
	/* both were found somewhere, but not in one subscription: the service looks that up */
	if ((req->impi.len && *impi < 0) || (req->n_impu && *impu < 0) ||
	    (*impi >= 0 && *impu >= 0 && !(sub->impu[*impu].impis & 1u << *impi))) {
		ans->result = CX_IDENTITIES_DONT_MATCH;
		return false;
	}
	return true;
}

bool cx_may_register(const struct impu *impu, const struct cx_request *req)
{
	return !impu->service && (req->asked[0] || !wildcard_is(slice_str(impu->uri)));
}

bool cx_barred(const struct subscription *sub, int impi, int impu)
{
	uint64_t set;

	if (!sub->impu[impu].barred)
		return false;
	set = implicit_set(sub, impu, impi);
	for (size_t i = 0; i < sub->n_impu; i++)
		if ((set & IMPU_BIT(i)) && !sub->impu[i].barred)
			return false;
	return true;
}

void cx_give_server_name(const struct subscription *sub, struct cx_answer *ans)
{
	ans->give_server_name = sub->scscf[0] != '\0';
	strcpy(ans->server_name, sub->scscf);
}

void cx_give_capabilities(const struct subscription *sub, const struct cx_policy *policy,
			  struct cx_answer *ans)
{
	const struct capabilities *c =
	    sub->has_capabilities ? &sub->capabilities : &policy->capabilities;

	if (c->n_mandatory || c->n_optional || c->server[0])
		ans->capabilities = c;
}

unsigned int cx_reassign(struct subscription *sub)
{
	if (!sub->scscf[0] || sub->reassigning)
		return 0;
	sub->reassigning = true;
	return CHANGED_STATE;
}
