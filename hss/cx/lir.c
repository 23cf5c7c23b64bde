/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Location query, TS 29.228 6.1.4. */
#include "hss/cx/identity.h"
#include "hss/subscription/registration.h"

unsigned int cx_lir(struct subscription *sub, const struct cx_policy *policy,
		    const struct cx_request *req, struct cx_answer *ans)
{
	const struct impu *impu;
	int i, impi;

	cx_answer_clear(ans);
	if (!cx_identities(sub, req, ans, &impi, &i))
		return 0;
	if (i < 0) {
		ans->result = RESULT_MISSING_AVP;
		return 0;
	}
	impu = &sub->impu[i];
	if (impu->inactive) {
		ans->result = CX_USER_UNKNOWN;
		return 0;
	}
	if (req->authorization_type == UAT_REGISTRATION_AND_CAPABILITIES) {
		ans->result = RESULT_SUCCESS;
		cx_give_capabilities(sub, policy, ans);
		return cx_reassign(sub);
	}
	if (sub->scscf[0] && (impu_registered(impu) || impu->unregistered)) {
		ans->result = RESULT_SUCCESS;
		cx_give_server_name(sub, ans);
		return 0;
	}
	if (!req->originating && !impu_has_unregistered_services(sub, impu)) {
		ans->result = CX_IDENTITY_NOT_REGISTERED;
		return 0;
	}
	if (sub->scscf[0]) { /* another identity of the subscription has one */
		ans->result = RESULT_SUCCESS;
		cx_give_server_name(sub, ans);
		return 0;
	}
	ans->result = CX_UNREGISTERED_SERVICE;
	cx_give_capabilities(sub, policy, ans);
	return 0;
}
