/* SPDX-License-Identifier: GPL-2.0-or-later */
/* User registration status query, TS 29.228 6.1.1. */
#include "hss/cx/identity.h"
#include "hss/subscription/registration.h"

static bool roaming_allowed(const struct subscription *sub, struct slice visited)
{
	for (size_t i = 0; i < sub->n_visited; i++)
		if (slice_eq_nocase(slice_str(sub->visited[i]), visited))
			return true;
	return sub->n_visited == 0;
}

static void registration(const struct subscription *sub, const struct cx_policy *policy,
			 struct cx_answer *ans)
{
	/*
	 * An S-CSCF is kept for the subscription as long as any identity needs one, so a name that
	 * is stored answers for this identity too, registered or not.
	 */
	if (sub->scscf[0]) {
		ans->result = CX_SUBSEQUENT_REGISTRATION;
		cx_give_server_name(sub, ans);
		return;
	}
	ans->result = CX_FIRST_REGISTRATION;
	cx_give_capabilities(sub, policy, ans);
}

static void deregistration(const struct subscription *sub, int impu, struct cx_answer *ans)
{
	if (!sub->scscf[0] || (!impu_registered(&sub->impu[impu]) &&
			       !sub->impu[impu].unregistered && !sub->impu[impu].pending)) {
		ans->result = CX_IDENTITY_NOT_REGISTERED;
		return;
	}
	ans->result = RESULT_SUCCESS;
	cx_give_server_name(sub, ans);
}

unsigned int cx_uar(struct subscription *sub, const struct cx_policy *policy,
		    const struct cx_request *req, struct cx_answer *ans)
{
	int impi, impu;

	cx_answer_clear(ans);
	if (!cx_identities(sub, req, ans, &impi, &impu))
		return 0;
	if (impi < 0 || impu < 0) {
		ans->result = RESULT_MISSING_AVP;
		return 0;
	}
	if (!cx_may_register(&sub->impu[impu], req)) {
		ans->result = RESULT_AUTHORIZATION_REJECTED;
		return 0;
	}
	/* Who calls for help may register wherever he is, barred or not (TS 29.228 6.1.1.1). */
	if (!req->emergency && cx_barred(sub, impi, impu)) {
		ans->result = RESULT_AUTHORIZATION_REJECTED;
		return 0;
	}
	if (req->authorization_type == UAT_DE_REGISTRATION) {
		deregistration(sub, impu, ans);
		return 0;
	}
	if (!req->emergency && !roaming_allowed(sub, req->visited)) {
		ans->result = CX_ROAMING_NOT_ALLOWED;
		return 0;
	}
	if (req->authorization_type == UAT_REGISTRATION_AND_CAPABILITIES) {
		ans->result = RESULT_SUCCESS;
		cx_give_capabilities(sub, policy, ans);
		return cx_reassign(sub);
	}
	registration(sub, policy, ans);
	return 0;
}
