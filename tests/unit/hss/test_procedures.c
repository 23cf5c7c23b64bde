/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Cx decisions alone: what each answers in each state, and what it leaves behind. */
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

static unsigned int sar(const char *impi, const char *impu, uint32_t type)
{
	ask(impi, impu);
	req.assignment_type = type;
	return cx_sar(sub, &policy, &req, &ans);
}

static unsigned int registered_by(int impi)
{
	unsigned int mask = 0;

	for (size_t i = 0; i < sub->n_impu; i++)
		if (sub->impu[i].registered & 1u << impi)
			mask |= 1u << i;
	return mask;
}

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

START_TEST(vectors_have_rising_numbers)
{
	struct aka_answer a;
	uint64_t before = 0;

	begin();
	ask("one@h", "sip:a@h");
	req.items = 50;
	cx_mar(sub, &policy, &req, &ans);
	ck_assert_uint_eq(ans.n_vectors, 2); /* vectors_max */
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(
		    aka_autn_check(&sub->impi[0].key, ans.vector[i].rand, ans.vector[i].autn, &a),
		    0);
		ck_assert_uint_gt(a.sqn, before);
		before = a.sqn;
	}
	ck_assert_uint_eq(sub->impi[0].sqn, before);
	ck_assert_uint_eq(sub->impi[1].sqn, 0);
	ck_assert_mem_ne(ans.vector[0].rand, ans.vector[1].rand, 16);
	sub->impi[0].sqn = SQN_MAX; /* used up: no vector, nothing changed */
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_result(RESULT_UNABLE_TO_COMPLY);
	ck_assert_uint_eq(ans.n_vectors, 0);
	ck_assert_uint_eq(sub->impi[0].sqn, SQN_MAX);
	end();
}
END_TEST

START_TEST(resynchronisation)
{
	uint8_t token[30] = {1, 2, 3};

	begin();
	ask("one@h", "sip:a@h");
	ck_assert_int_eq(aka_auts_make(&sub->impi[0].key, token, sqn_make(900, 5), token + 16), 0);
	req.resync = slice_make((char *)token, 30);
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), CHANGED_STATE | CHANGED_SQN);
	ck_assert(ans.resynced);
	ck_assert_uint_eq(sub->impi[0].sqn, sqn_make(901, 6));
	token[29] ^= 1;
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_result(RESULT_UNABLE_TO_COMPLY);
	ck_assert(ans.resync_failed);
	ck_assert_uint_eq(sub->impi[0].sqn, sqn_make(901, 6));
	req.resync.len = 29;
	cx_mar(sub, &policy, &req, &ans);
	ck_result(RESULT_INVALID_AVP_VALUE);
	req.resync = SLICE_NULL;
	req.scheme = SLICE_LIT("Digest-MD5");
	cx_mar(sub, &policy, &req, &ans);
	ck_result(CX_AUTH_SCHEME_NOT_SUPPORTED);
	end();
}
END_TEST

START_TEST(a_partner_gets_a_vector_and_nothing_of_the_registration_changes)
{
	uint8_t token[30] = {1, 2, 3};

	begin();
	sar("one@h", "sip:a@h", SAT_REGISTRATION);
	ask("one@h", "sip:a@h");
	req.scscf = SLICE_LIT("sip:mms.partner.net");
	req.origin_host = SLICE_LIT("hss.partner.net");
	req.origin_realm = SLICE_LIT("partner.net");
	req.items = 5;
	ck_assert_uint_eq(cx_mar_away(sub, &policy, &req, &ans), CHANGED_SQN);
	ck_result(RESULT_SUCCESS);
	ck_assert_uint_eq(ans.n_vectors, 1); /* whatever is asked for */
	ck_assert_str_eq(sub->scscf, "sip:scscf.home1.net");
	ck_assert_str_eq(sub->scscf_host, "scscf.home1.net");
	ck_assert_uint_eq(sub->impu[0].registered, 1);
	ck_assert_uint_eq(sub->impu[0].pending, 0);
	ck_assert_int_eq(aka_auts_make(&sub->impi[0].key, token, sqn_make(900, 5), token + 16), 0);
	req.resync = slice_make((char *)token, 30);
	ck_assert_uint_eq(cx_mar_away(sub, &policy, &req, &ans), CHANGED_SQN);
	ck_assert(ans.resynced);
	token[29] ^= 1;
	ck_assert_uint_eq(cx_mar_away(sub, &policy, &req, &ans), 0);
	ck_assert(ans.resync_failed);
	ck_assert_uint_eq(sub->impi[0].sqn, sqn_make(901, 6));
	req.resync = SLICE_NULL;
	sub->impu[0].barred = sub->impu[1].barred = true;
	ck_assert_uint_eq(cx_mar_away(sub, &policy, &req, &ans), 0);
	ck_result(RESULT_AUTHORIZATION_REJECTED);
	sub->impu[1].barred = false;
	strcpy(sub->impi[0].ha1, "939e7578ed9e3c518a452acee763bce9");
	req.scheme = SLICE_LIT("unknown");
	ck_assert_uint_eq(cx_mar_away(sub, &policy, &req, &ans), 0);
	ck_result(CX_AUTH_SCHEME_NOT_SUPPORTED);
	end();
}
END_TEST

START_TEST(who_has_no_key_gets_no_vector)
{
	begin();
	sub->impi[0].key.milenage.k[0] = 0;
	ask("one@h", "sip:a@h");
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_result(CX_USER_UNKNOWN);
	ck_assert_uint_eq(ans.n_vectors, 0);
	end();
}
END_TEST

START_TEST(a_card_of_tuak_gets_its_vectors_and_gets_in_step)
{
	struct slice k = SLICE_LIT("K of 256 bits, which TUAK allows");
	struct aka_key *key;
	struct aka_answer a;
	uint8_t token[30] = {1, 2, 3};

	begin();
	key = &sub->impi[0].key;
	*key = (struct aka_key){.algorithm = AKA_TUAK, .res_len = 16, .tuak = {.iterations = 1}};
	ck_assert_int_eq(aka_key_derive(key, k, k), 0);
	ask("one@h", "sip:a@h");
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), CHANGED_STATE | CHANGED_SQN);
	ck_assert_int_eq(aka_autn_check(key, ans.vector[0].rand, ans.vector[0].autn, &a), 0);
	ck_assert_uint_eq(ans.vector[0].xres_len, 16);
	ck_assert_mem_eq(a.res, ans.vector[0].xres, 16);
	ck_assert_int_eq(aka_auts_make(key, token, sqn_make(900, 5), token + 16), 0);
	req.resync = slice_make((char *)token, 30);
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), CHANGED_SQN);
	ck_assert(ans.resynced);
	ck_assert_uint_eq(sub->impi[0].sqn, sqn_make(901, 6));
	ask("two@h", "sip:a@h"); /* the other card has Milenage: this AUTS is not its own */
	req.resync = slice_make((char *)token, 30);
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_assert(ans.resync_failed);
	end();
}
END_TEST

START_TEST(a_digest_user_gets_his_hash_and_nobody_gets_the_weaker_scheme)
{
	uint8_t token[30] = {0};

	begin();
	strcpy(sub->impi[0].ha1, "939e7578ed9e3c518a452acee763bce9");
	strcpy(sub->impi[0].realm, "h");
	ask("one@h", "sip:a@h");
	for (int i = 0; i < 2; i++) {
		req.scheme = i ? SLICE_LIT("unknown") : SLICE_LIT("SIP Digest");
		ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), i ? 0 : CHANGED_STATE);
		ck_result(RESULT_SUCCESS);
		ck_assert_int_eq(ans.scheme, CX_SIP_DIGEST);
		ck_assert_ptr_eq(ans.digest, &sub->impi[0]);
		ck_assert_uint_eq(ans.n_vectors, 0);
	}
	ck_assert_uint_eq(sub->impu[0].pending, 1);
	ck_assert_uint_eq(sub->impi[0].sqn, 0);
	req.scheme = SLICE_LIT("Digest-AKAv1-MD5"); /* his key would be all zero */
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_result(CX_AUTH_SCHEME_NOT_SUPPORTED);
	ck_assert_ptr_null(ans.digest);
	ck_assert_uint_eq(ans.n_vectors, 0);
	req.scheme = SLICE_LIT("SIP Digest");
	req.resync = slice_make((char *)token, 30);
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_result(RESULT_INVALID_AVP_VALUE);
	ask("two@h", "sip:a@h"); /* who has a card */
	req.scheme = SLICE_LIT("SIP Digest");
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_result(CX_AUTH_SCHEME_NOT_SUPPORTED);
	req.scheme = SLICE_LIT("Unknown");
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), CHANGED_STATE | CHANGED_SQN);
	ck_assert_int_eq(ans.scheme, CX_AKAV1_MD5);
	ck_assert_ptr_null(ans.digest);
	end();
}
END_TEST

/* The address of his bearer is the weakest of all: it counts where everybody has said yes, and for no other scheme. */
START_TEST(nobody_is_authenticated_by_his_address_who_need_not_be)
{
	static const char *const others[] = {"Unknown", "Digest-AKAv1-MD5", "Digest-AKAv2-MD5",
					     "GIBA", "Early-IMS-Security2"};
	uint8_t token[30] = {0};
	struct impi *one;

	begin();
	one = &sub->impi[0];
	for (unsigned int may = 0; may < 4; may++) {
		ask("one@h", "sip:a@h");
		req.scheme = SLICE_LIT("Early-IMS-Security");
		req.bearer.until = 1;
		policy.giba = may & 1;
		one->giba = may & 2;
		ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans),
				  may == 3 ? CHANGED_STATE | CHANGED_BEARER : 0);
		ck_result(may == 3 ? RESULT_SUCCESS : CX_AUTH_SCHEME_NOT_SUPPORTED);
		ck_assert(ans.bearer == (may == 3 ? &req.bearer : NULL));
		ck_assert_uint_eq(ans.n_vectors, 0);
	}
	ck_assert_uint_eq(one->sqn, 0);
	ck_assert_uint_eq(sub->impu[0].pending, 1);
	req.bearer.used = true;
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_result(RESULT_SUCCESS);
	req.resync = slice_make((char *)token, 30);
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_result(RESULT_INVALID_AVP_VALUE);
	ck_assert_ptr_null(ans.bearer);
	ask("one@h", "sip:a@h");
	req.scheme = SLICE_LIT("early-ims-security");
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_result(RESULT_UNABLE_TO_COMPLY);
	ck_assert(ans.bearer_missing);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		ask("one@h", "sip:a@h");
		req.scheme = slice_str(others[i]);
		req.bearer.until = 1;
		cx_mar(sub, &policy, &req, &ans);
		ck_assert_ptr_null(ans.bearer);
		ck_assert_uint_eq(ans.n_vectors, i < 3);
	}
	end();
}
END_TEST

/* For S-CSCFs that take what they get for the password. */
START_TEST(akav2_may_have_its_password_in_the_place_of_xres)
{
	char want[AKA_V2_PASSWORD_SIZE];
	const struct aka_vector *v = &ans.vector[1];

	begin();
	policy.akav2_password = true;
	ask("one@h", "sip:a@h");
	req.items = 2;
	req.scheme = SLICE_LIT("Digest-AKAv2-MD5");
	cx_mar(sub, &policy, &req, &ans);
	ck_result(RESULT_SUCCESS);
	ck_assert_uint_eq(ans.n_vectors, 2);
	ck_assert_int_eq(aka_digest_v2_password(slice_make((const char *)v->xres, v->xres_len),
						v->ik, v->ck, want),
			 0);
	ck_assert_str_eq(ans.password[1], want);
	ck_assert_str_ne(ans.password[0], want);
	req.scheme = SLICE_LIT("Digest-AKAv2-SHA-256");
	cx_mar(sub, &policy, &req, &ans);
	ck_assert_str_eq(ans.password[0], "");
	req.scheme = SLICE_LIT("Digest-AKAv1-MD5");
	cx_mar(sub, &policy, &req, &ans);
	ck_assert_str_eq(ans.password[0], "");
	end();
}
END_TEST

START_TEST(akav2_is_given_where_it_is_asked_for)
{
	static const enum cx_scheme want[] = {CX_AKAV1_MD5, CX_AKAV2_MD5, CX_AKAV2_SHA_256};
	struct aka_answer a;

	begin();
	policy.ind = (struct sqn_range){20, 21};
	for (size_t i = 0; i < 3; i++) {
		ask("one@h", "sip:a@h");
		req.scheme = slice_str(cx_scheme_name(want[i]));
		ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans),
				  i ? CHANGED_SQN : CHANGED_STATE | CHANGED_SQN);
		ck_assert_int_eq(ans.scheme, want[i]);
		ck_assert_uint_eq(ans.n_vectors, 1);
		ck_assert_int_eq(
		    aka_autn_check(&sub->impi[0].key, ans.vector[0].rand, ans.vector[0].autn, &a),
		    0);
		ck_assert_uint_eq(a.res_len, 8);
		ck_assert_mem_eq(a.res, ans.vector[0].xres, a.res_len);
		ck_assert_uint_eq(a.sqn, sqn_make(i + 1, 20 + (unsigned int)i % 2));
	}
	req.scheme = SLICE_LIT("Digest-AKAv3-MD5");
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_result(CX_AUTH_SCHEME_NOT_SUPPORTED);
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
	  authentication_leaves_a_registration_alone, vectors_have_rising_numbers,
	  resynchronisation, a_card_of_tuak_gets_its_vectors_and_gets_in_step,
	  a_partner_gets_a_vector_and_nothing_of_the_registration_changes,
	  who_has_no_key_gets_no_vector, another_scscf_takes_over_when_the_icscf_asks_for_one,
	  the_scscf_that_lost_its_user_is_named, what_an_scscf_left_is_given_to_the_next,
	  a_second_contact_does_not_overwrite_what_is_kept, akav2_is_given_where_it_is_asked_for,
	  akav2_may_have_its_password_in_the_place_of_xres,
	  nobody_is_authenticated_by_his_address_who_need_not_be,
	  a_digest_user_gets_his_hash_and_nobody_gets_the_weaker_scheme,
	  rtr_names_what_is_registered, who_joins_a_registered_set_is_registered)
