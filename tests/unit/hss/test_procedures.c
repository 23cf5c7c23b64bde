/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Cx decisions alone: what each answers in each state, and what it leaves behind. */
#include "cx_fixture.h"

START_TEST(uar_by_state)
{
	begin();
	ask("one@h", "sip:a@h");
	ck_assert_uint_eq(cx_uar(sub, &policy, &req, &ans), 0);
	ck_result(CX_FIRST_REGISTRATION);
	ck_assert(!ans.give_server_name);
	ck_assert_ptr_eq(ans.capabilities, &policy.capabilities);
	sub->has_capabilities = true;
	sub->capabilities.optional[sub->capabilities.n_optional++] = 1;
	cx_uar(sub, &policy, &req, &ans);
	ck_assert_ptr_eq(ans.capabilities, &sub->capabilities);
	req.authorization_type = UAT_DE_REGISTRATION;
	cx_uar(sub, &policy, &req, &ans);
	ck_result(CX_IDENTITY_NOT_REGISTERED);
	sar("one@h", "sip:a@h", SAT_REGISTRATION);
	ask("one@h", "sip:d@h"); /* another identity of the same subscription */
	cx_uar(sub, &policy, &req, &ans);
	ck_result(CX_SUBSEQUENT_REGISTRATION);
	ck_assert_str_eq(ans.server_name, "sip:scscf.home1.net");
	req.authorization_type = UAT_DE_REGISTRATION;
	cx_uar(sub, &policy, &req, &ans);
	ck_result(CX_IDENTITY_NOT_REGISTERED);
	ask("one@h", "sip:b@h");
	req.authorization_type = UAT_DE_REGISTRATION;
	cx_uar(sub, &policy, &req, &ans);
	ck_result(RESULT_SUCCESS);
	ck_assert(ans.give_server_name);
	req.authorization_type = UAT_REGISTRATION_AND_CAPABILITIES;
	cx_uar(sub, &policy, &req, &ans);
	ck_result(RESULT_SUCCESS);
	ck_assert_ptr_nonnull(ans.capabilities);
	end();
}
END_TEST

START_TEST(identities_must_belong_together)
{
	begin();
	ask("one@h", "sip:c@h");
	cx_uar(sub, &policy, &req, &ans);
	ck_result(CX_IDENTITIES_DONT_MATCH);
	ask("two@h", "sip:c@h");
	cx_uar(sub, &policy, &req, &ans);
	ck_result(CX_FIRST_REGISTRATION);
	ask("two@h", "sip:x@h");
	cx_mar(sub, &policy, &req, &ans);
	ck_result(CX_IDENTITIES_DONT_MATCH);
	cx_lir(NULL, &policy, &req, &ans);
	ck_result(CX_USER_UNKNOWN);
	end();
}
END_TEST

START_TEST(barring_and_roaming)
{
	begin();
	sub->impu[0].barred = true;
	ask("one@h", "sip:a@h"); /* b registers along and is not barred */
	cx_uar(sub, &policy, &req, &ans);
	ck_result(CX_FIRST_REGISTRATION);
	sub->impu[1].barred = true; /* c is not, but is not his */
	cx_uar(sub, &policy, &req, &ans);
	ck_result(RESULT_AUTHORIZATION_REJECTED);
	strcpy(sub->visited[sub->n_visited++], "HOME1.net");
	ask("one@h", "sip:d@h");
	cx_uar(sub, &policy, &req, &ans);
	ck_result(CX_FIRST_REGISTRATION);
	req.visited = SLICE_LIT("far.net");
	cx_uar(sub, &policy, &req, &ans);
	ck_result(CX_ROAMING_NOT_ALLOWED);
	end();
}
END_TEST

START_TEST(an_emergency_registration_is_neither_barred_nor_at_home)
{
	begin();
	sub->impu[0].barred = sub->impu[1].barred = true;
	strcpy(sub->visited[sub->n_visited++], "home1.net");
	ask("one@h", "sip:a@h");
	req.visited = SLICE_LIT("far.net");
	req.emergency = true;
	cx_uar(sub, &policy, &req, &ans);
	ck_result(CX_FIRST_REGISTRATION);
	ask("one@h", "sip:c@h"); /* still nobody else's identity */
	req.emergency = true;
	cx_uar(sub, &policy, &req, &ans);
	ck_assert(!IS(CX_FIRST_REGISTRATION));
	end();
}
END_TEST

START_TEST(registering_takes_the_implicit_set)
{
	begin();
	ck_assert_uint_eq(sar("one@h", "sip:b@h", SAT_REGISTRATION), CHANGED_STATE);
	ck_result(RESULT_SUCCESS);
	ck_assert_uint_eq(registered_by(0), 3); /* a and b, not c: not his */
	ck_assert_uint_eq(registered_by(1), 0);
	ck_assert_uint_eq(ans.profile_impus, 3);
	ck_assert_int_eq(ans.profile_first, 1);
	ck_assert_int_eq(ans.profile_impi, 0);
	ck_assert_str_eq(sub->scscf_host, "scscf.home1.net");
	sar("two@h", "sip:c@h", SAT_REGISTRATION);
	ck_assert_uint_eq(registered_by(1), 7);
	sar("one@h", "sip:e@h", SAT_REGISTRATION); /* in no set: alone */
	ck_assert_uint_eq(ans.profile_impus, 16);
	ck_assert_uint_eq(registered_by(0), 3 | 16);
	req.assignment_type = SAT_RE_REGISTRATION;
	req.data_available = true;
	cx_sar(sub, &policy, &req, &ans);
	ck_result(RESULT_SUCCESS);
	ck_assert_uint_eq(ans.profile_impus, 0);
	req.data_available = false;
	cx_sar(sub, &policy, &req, &ans);
	ck_assert_uint_eq(ans.profile_impus, 16);
	end();
}
END_TEST

START_TEST(another_scscf_takes_nobody_away)
{
	begin();
	sar("one@h", "sip:a@h", SAT_REGISTRATION);
	for (uint32_t type = 0; type <= 11; type++) {
		ask("one@h", "sip:a@h");
		req.scscf = OTHER;
		req.assignment_type = type;
		ck_assert_uint_eq(cx_sar(sub, &policy, &req, &ans), 0);
		ck_assert_uint_ge(ans.result.code, 5000);
		ck_assert_uint_eq(registered_by(0), 3);
		ck_assert_str_eq(sub->scscf, "sip:scscf.home1.net");
	}
	end();
}
END_TEST

START_TEST(the_server_is_kept_as_long_as_anybody_needs_it)
{
	begin();
	sar("one@h", "sip:a@h", SAT_REGISTRATION);
	sar("one@h", "sip:d@h", SAT_REGISTRATION);
	sar("two@h", "sip:a@h", SAT_REGISTRATION);
	sar("one@h", "sip:a@h", SAT_USER_DEREGISTRATION);
	ck_assert_uint_eq(registered_by(0), 8);
	ck_assert_uint_eq(registered_by(1), 7);
	sar("one@h", NULL, SAT_TIMEOUT_DEREGISTRATION);
	ck_assert_uint_eq(registered_by(0), 0);
	ck_assert_str_eq(sub->scscf, "sip:scscf.home1.net");
	sar("two@h", NULL, SAT_ADMINISTRATIVE_DEREGISTRATION);
	ck_assert_str_eq(sub->scscf, "");
	ck_assert_str_eq(sub->scscf_host, "");
	end();
}
END_TEST

START_TEST(server_name_kept_on_request_or_not)
{
	begin();
	sar("one@h", "sip:a@h", SAT_REGISTRATION);
	sar("one@h", "sip:a@h", SAT_USER_DEREGISTRATION_STORE_SERVER_NAME);
	ck_result(RESULT_SUCCESS);
	ck_assert(sub->impu[0].unregistered && sub->impu[1].unregistered &&
		  !sub->impu[3].unregistered);
	ck_assert_uint_eq(registered_by(0), 0);
	ck_assert_str_eq(sub->scscf, "sip:scscf.home1.net");
	sar("one@h", "sip:a@h", SAT_REGISTRATION);
	ck_assert(!sub->impu[0].unregistered);
	policy.keep_server_name = false;
	sar("one@h", "sip:a@h", SAT_TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME);
	ck_result(CX_SERVER_NAME_NOT_STORED);
	ck_assert_str_eq(sub->scscf, "");
	end();
}
END_TEST

START_TEST(several_identities_only_to_deregister)
{
	begin();
	sar("one@h", "sip:a@h", SAT_REGISTRATION);
	sar("one@h", "sip:d@h", SAT_REGISTRATION);
	ask("one@h", "sip:a@h");
	strcpy(req.impu[req.n_impu++], "sip:d@h");
	req.assignment_type = SAT_REGISTRATION;
	cx_sar(sub, &policy, &req, &ans);
	ck_result(RESULT_AVP_TOO_MANY);
	req.assignment_type = SAT_USER_DEREGISTRATION;
	strcpy(req.impu[1], "sip:c@h");
	cx_sar(sub, &policy, &req, &ans);
	ck_result(CX_IDENTITIES_DONT_MATCH);
	ck_assert_uint_eq(registered_by(0), 3 | 8);
	strcpy(req.impu[1], "sip:d@h");
	cx_sar(sub, &policy, &req, &ans);
	ck_result(RESULT_SUCCESS);
	ck_assert_uint_eq(registered_by(0), 0);
	sar("one@h", NULL, SAT_REGISTRATION);
	ck_result(RESULT_MISSING_AVP);
	sar("one@h", "sip:a@h", 12);
	ck_result(CX_IN_ASSIGNMENT_TYPE);
	end();
}
END_TEST

START_TEST(unregistered_services)
{
	begin();
	ask("", "sip:a@h");
	cx_lir(sub, &policy, &req, &ans);
	ck_result(CX_IDENTITY_NOT_REGISTERED);
	req.originating = true;
	cx_lir(sub, &policy, &req, &ans);
	ck_result(CX_UNREGISTERED_SERVICE);
	ck_assert_ptr_nonnull(ans.capabilities);
	sub->ifc[sub->n_ifc++] = (struct ifc){.part = IFC_UNREGISTERED, .profile = 0};
	req.originating = false;
	cx_lir(sub, &policy, &req, &ans);
	ck_result(CX_UNREGISTERED_SERVICE);
	ck_assert_uint_eq(sar("", "sip:a@h", SAT_UNREGISTERED_USER), CHANGED_STATE);
	ck_result(RESULT_SUCCESS);
	ck_assert_uint_eq(ans.profile_impus, 7);
	ck_assert_int_eq(ans.profile_impi, 0);
	ask("", "sip:b@h");
	cx_lir(sub, &policy, &req, &ans);
	ck_result(RESULT_SUCCESS);
	ck_assert_str_eq(ans.server_name, "sip:scscf.home1.net");
	end();
}
END_TEST

START_TEST(authentication_leaves_a_registration_alone)
{
	begin();
	sar("one@h", "sip:a@h", SAT_REGISTRATION);
	ask("one@h", "sip:a@h");
	/* by the S-CSCF that has him: nothing of his state is written again */
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), CHANGED_SQN);
	ck_assert_uint_eq(ans.n_vectors, 1);
	ck_assert_uint_eq(sub->impu[0].pending, 0);
	ck_assert_uint_eq(registered_by(0), 3);
	req.scscf = OTHER; /* which has him from now on */
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), CHANGED_STATE | CHANGED_SQN);
	ck_assert_str_eq(sub->scscf, "sip:other.home1.net");
	ck_assert_uint_eq(registered_by(0), 3);
	req.scscf = OURS;
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), CHANGED_STATE | CHANGED_SQN);
	sar("one@h", "sip:a@h", SAT_AUTHENTICATION_FAILURE);
	ck_result(RESULT_SUCCESS);
	ck_assert_uint_eq(sub->impu[0].pending, 0);
	ck_assert_uint_eq(registered_by(0), 3);
	ck_assert_str_eq(sub->scscf, "sip:scscf.home1.net");
	/* who was never registered leaves no trace */
	sar("one@h", NULL, SAT_USER_DEREGISTRATION);
	ask("one@h", "sip:a@h");
	cx_mar(sub, &policy, &req, &ans);
	ck_assert_str_eq(sub->scscf, "sip:scscf.home1.net");
	sar("one@h", "sip:a@h", SAT_AUTHENTICATION_TIMEOUT);
	ck_assert_str_eq(sub->scscf, "");
	end();
}
END_TEST

/* What an S-CSCF left for a private identity and the set of an identity. */
static void left(const char *impi, int impu)
{
	struct restoration *r = restoration_new("x", 1);

	strcpy(r->impi, impi);
	restoration_owner(&sub->impu[impu], r->owner);
	r->next = sub->restorations;
	sub->restorations = r;
}

static int given(void)
{
	int n = 0;

	for (struct restoration *r = sub->restorations; r; r = r->next)
		n += r->give;
	return n;
}

START_TEST(another_scscf_takes_over_when_the_icscf_asks_for_one)
{
	begin();
	ask("one@h", "sip:a@h");
	req.authorization_type = UAT_REGISTRATION_AND_CAPABILITIES;
	ck_assert_uint_eq(cx_uar(sub, &policy, &req, &ans), 0); /* nobody to replace */
	sar("one@h", "sip:a@h", SAT_REGISTRATION);
	for (int by_lir = 0; by_lir < 2; by_lir++) {
		ask("one@h", "sip:a@h");
		req.authorization_type = UAT_REGISTRATION_AND_CAPABILITIES;
		ck_assert_uint_eq(by_lir ? cx_lir(sub, &policy, &req, &ans)
					 : cx_uar(sub, &policy, &req, &ans),
				  CHANGED_STATE);
		ck_result(RESULT_SUCCESS);
		ck_assert_uint_eq(cx_uar(sub, &policy, &req, &ans), 0); /* it is known */
		ask("one@h", "sip:a@h");
		req.scscf = by_lir ? OURS : OTHER;
		req.assignment_type = by_lir ? SAT_NO_ASSIGNMENT : SAT_REGISTRATION;
		ck_assert_uint_eq(cx_sar(sub, &policy, &req, &ans), CHANGED_STATE);
		ck_result(RESULT_SUCCESS);
		ck_assert(slice_eq(slice_str(sub->scscf), req.scscf));
		ck_assert(!sub->reassigning);
	}
	ask("one@h", "sip:a@h"); /* once only */
	req.scscf = OTHER;
	req.assignment_type = SAT_REGISTRATION;
	cx_sar(sub, &policy, &req, &ans);
	ck_result(CX_IDENTITY_ALREADY_REGISTERED);
	req.assignment_type = SAT_NO_ASSIGNMENT;
	ck_assert_uint_eq(cx_sar(sub, &policy, &req, &ans), 0);
	ck_result(RESULT_UNABLE_TO_COMPLY);
	end();
}
END_TEST

static uint64_t sar_of(const char *host, uint32_t type)
{
	ask("one@h", "sip:a@h");
	req.scscf = slice_str(host);
	req.origin_host = slice_str(host);
	req.assignment_type = type;
	cx_sar(sub, &policy, &req, &ans);
	ck_result(RESULT_SUCCESS);
	return ans.replaced[0];
}

static void mar_of(const char *host)
{
	ask("one@h", "sip:a@h");
	req.scscf = slice_str(host);
	req.origin_host = slice_str(host);
	cx_mar(sub, &policy, &req, &ans);
	ck_result(RESULT_SUCCESS);
}

/* Not when he is authenticated, which anybody may ask for, but when the next S-CSCF has him. */
START_TEST(the_scscf_that_lost_its_user_is_named)
{
	begin();
	ck_assert_uint_eq(sar_of("s1.h", SAT_REGISTRATION), 0);
	ck_assert_uint_eq(sar_of("s1.h", SAT_RE_REGISTRATION), 0);
	mar_of("s2.h");
	ck_assert_str_eq(sub->replaced_host, "s1.h");
	ck_assert_str_eq(ans.replaced_host, "");
	mar_of("s3.h"); /* it never had anybody */
	ck_assert_str_eq(sub->replaced_host, "s1.h");
	ck_assert_uint_eq(sar_of("s3.h", SAT_REGISTRATION), 3);
	ck_assert_str_eq(ans.replaced_host, "s1.h");
	ck_assert_str_eq(ans.replaced_realm, "home1.net");
	ck_assert_str_eq(sub->replaced_host, "");
	ck_assert_uint_eq(sar_of("s3.h", SAT_REGISTRATION), 0);
	mar_of("s4.h");
	mar_of("s3.h"); /* it is back before anything came of it */
	ck_assert_str_eq(sub->replaced_host, "");
	ck_assert_uint_eq(sar_of("s3.h", SAT_RE_REGISTRATION), 0);
	mar_of("s4.h");
	sar_of("s4.h", SAT_USER_DEREGISTRATION); /* nobody is served there */
	ck_assert_str_eq(ans.replaced_host, "");
	end();
}
END_TEST

START_TEST(what_an_scscf_left_is_given_to_the_next)
{
	begin();
	sar("one@h", "sip:a@h", SAT_REGISTRATION);
	ck_assert(!ans.keep_restoration);
	ask("one@h", "sip:a@h");
	req.assignment_type = SAT_RE_REGISTRATION;
	req.data_available = req.has_restoration = true;
	ck_assert_uint_eq(cx_sar(sub, &policy, &req, &ans), CHANGED_STATE);
	ck_assert(ans.keep_restoration);
	left("one@h", 0);
	left("two@h", 0);
	left("one@h", 3); /* of another set */
	/* the S-CSCF has forgotten: its user stays registered */
	sar("", "sip:b@h", SAT_UNREGISTERED_USER);
	ck_result(RESULT_SUCCESS);
	ck_assert_int_eq(given(), 2);
	ck_assert_uint_eq(registered_by(0), 3);
	ck_assert(!sub->impu[0].unregistered);
	sar("", "sip:d@h", SAT_NO_ASSIGNMENT);
	ck_assert_int_eq(given(), 1);
	ck_assert_uint_eq(registered_by(0), 3);
	/* who registers gets that of the others, where the profile goes */
	sar("one@h", "sip:a@h", SAT_REGISTRATION);
	ck_assert_int_eq(given(), 1);
	ck_assert_str_eq(restoration_find(sub, &sub->impu[0], SLICE_LIT("two@h"))->impi, "two@h");
	ck_assert(restoration_find(sub, &sub->impu[1], SLICE_LIT("two@h"))->give);
	end();
}
END_TEST

START_TEST(a_second_contact_does_not_overwrite_what_is_kept)
{
	begin();
	sar("one@h", "sip:a@h", SAT_REGISTRATION);
	left("one@h", 0);
	ask("one@h", "sip:b@h");
	req.assignment_type = SAT_REGISTRATION;
	req.multiple = req.has_restoration = true;
	ck_assert_uint_eq(cx_sar(sub, &policy, &req, &ans), 0);
	ck_result(CX_IN_ASSIGNMENT_TYPE);
	ck_assert(!ans.keep_restoration);
	ck_assert_uint_eq(ans.profile_impus, 3);
	ck_assert_int_eq(given(), 1);
	req.assignment_type = SAT_RE_REGISTRATION; /* now with all */
	ck_assert_uint_eq(cx_sar(sub, &policy, &req, &ans), CHANGED_STATE);
	ck_result(RESULT_SUCCESS);
	ck_assert(ans.keep_restoration);
	req.assignment_type = SAT_REGISTRATION; /* one contact, begun anew */
	req.multiple = false;
	cx_sar(sub, &policy, &req, &ans);
	ck_result(RESULT_SUCCESS);
	ck_assert(ans.keep_restoration);
	end();
}
END_TEST

START_TEST(who_joins_a_registered_set_is_registered)
{
	begin();
	/* Nobody of it is registered: nothing to share. */
	ck_assert_uint_eq(cx_ppr_done(sub, 0, 3), 0);
	impus_register(sub, 1, 0);
	ck_assert_uint_eq(cx_ppr_done(sub, 0, 3), CHANGED_STATE);
	ck_assert_uint_eq(registered_by(0), 3);
	ck_assert_uint_eq(cx_ppr_done(sub, 0, 3), 0);
	end();
}
END_TEST

START_TEST(rtr_names_what_is_registered)
{
	begin();
	ck_assert_uint_eq(cx_rtr_identities(sub, 0, 0), 0);
	sar("one@h", "sip:a@h", SAT_REGISTRATION);
	sar("one@h", "sip:d@h", SAT_REGISTRATION);
	ck_assert_uint_eq(cx_rtr_identities(sub, 0, 0), 3 | 8);
	ck_assert_uint_eq(cx_rtr_identities(sub, 0, IMPU_BIT(1)), 3);
	ck_assert_uint_eq(cx_rtr_identities(sub, 1, 0), 0);
	cx_rtr_done(sub, 0, 3);
	ck_assert_uint_eq(registered_by(0), 8);
	ck_assert_str_eq(sub->scscf, "sip:scscf.home1.net");
	cx_rtr_done(sub, 0, 8);
	ck_assert_str_eq(sub->scscf, "");
	end();
}
END_TEST

UNIT_MAIN("cx procedures", uar_by_state, identities_must_belong_together, barring_and_roaming,
	  an_emergency_registration_is_neither_barred_nor_at_home,
	  registering_takes_the_implicit_set, another_scscf_takes_nobody_away,
	  the_server_is_kept_as_long_as_anybody_needs_it, server_name_kept_on_request_or_not,
	  several_identities_only_to_deregister, unregistered_services,
	  authentication_leaves_a_registration_alone,
	  another_scscf_takes_over_when_the_icscf_asks_for_one,
	  the_scscf_that_lost_its_user_is_named, what_an_scscf_left_is_given_to_the_next,
	  a_second_contact_does_not_overwrite_what_is_kept, rtr_names_what_is_registered,
	  who_joins_a_registered_set_is_registered)
