/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filter criteria: which REGISTER an application server is told of. */
#include "modules/ims_seamless_scscf/core/criteria.h"
#include "unit/unit.h"

#define S(text) SLICE_LIT(text)

static const struct scscf_asked request = {
    .method = S("REGISTER"),
    .uri = S("sip:home1.net"),
    .headers = S("v: SIP/2.0/UDP 10.0.0.1\r\n"
		 "m: <sip:a@10.1.0.10>;+g.3gpp.smsip\r\n"
		 "P-Access-Network-Info: 3GPP-UTRAN-TDD;\r\n"
		 "  utran-cell-id-3gpp=234151D0FCE11\r\n"
		 "Content-Type: application/sdp\r\n\r\n"),
    .body = S("v=0\r\nm=audio 1 RTP/AVP 0\r\n"),
    .registration = SCSCF_REGISTRATION_RE,
};

static bool one(struct scscf_trigger t)
{
	return scscf_criteria_match(&t, 1, true, &request);
}

#define METHOD(m, kinds)                                                                           \
	((struct scscf_trigger){                                                                   \
	    .kind = SCSCF_TRIGGER_METHOD, .content = S(m), .registrations = (kinds)})
#define HEADER(n, c)                                                                               \
	((struct scscf_trigger){.kind = SCSCF_TRIGGER_HEADER, .name = S(n), .content = S(c)})

START_TEST(kinds_of_registration)
{
	ck_assert(one(METHOD("REGISTER", 0)));
	ck_assert(one(METHOD("REGISTER", SCSCF_REGISTRATION_RE)));
	ck_assert(one(METHOD("REGISTER", SCSCF_REGISTRATION_RE | SCSCF_REGISTRATION_DE)));
	ck_assert(!one(METHOD("REGISTER", SCSCF_REGISTRATION_INITIAL)));
	ck_assert(!one(METHOD("REGISTER", SCSCF_REGISTRATION_DE)));
	ck_assert(!one(METHOD("INVITE", 0)));
	/* The beginning of a method is none. */
	ck_assert(!one(METHOD("REG", 0)));
}
END_TEST

START_TEST(header_fields)
{
	ck_assert(one(HEADER("Contact", "")));
	ck_assert(one(HEADER("contact", "smsip")));
	ck_assert(one(HEADER("P-Access-Network-Info", "utran-cell-id-3gpp=234")));
	ck_assert(one(HEADER("P-Access-.*", "^3gpp")));
	ck_assert(!one(HEADER("Access-Network-Info", "")));
	ck_assert(!one(HEADER("P-Access-Network-Info", "IEEE")));
	ck_assert(!one(HEADER("Event", "")));
	/* What is no pattern is never met, even where it is negated only by what the HSS meant. */
	ck_assert(!one(HEADER("Contact", "(")));
}
END_TEST

START_TEST(other_triggers)
{
	ck_assert(one((struct scscf_trigger){.kind = SCSCF_TRIGGER_URI, .content = S("HOME1")}));
	ck_assert(!one((struct scscf_trigger){.kind = SCSCF_TRIGGER_URI, .content = S("^tel:")}));
	ck_assert(one((struct scscf_trigger){.kind = SCSCF_TRIGGER_CASE,
					     .session_case = SCSCF_CASE_ORIGINATING}));
	ck_assert(!one((struct scscf_trigger){.kind = SCSCF_TRIGGER_CASE, .session_case = 2}));
	ck_assert(one((struct scscf_trigger){
	    .kind = SCSCF_TRIGGER_SDP, .name = S("m"), .content = S("audio")}));
	ck_assert(!one((struct scscf_trigger){
	    .kind = SCSCF_TRIGGER_SDP, .name = S("m"), .content = S("video")}));
	ck_assert(one((struct scscf_trigger){
	    .kind = SCSCF_TRIGGER_SDP, .name = S("m"), .content = S("video"), .negated = true}));
	/* A kind that nobody knows is not met, negated or not. */
	ck_assert(!one((struct scscf_trigger){.kind = SCSCF_TRIGGER_UNKNOWN}));
	ck_assert(!one((struct scscf_trigger){.kind = SCSCF_TRIGGER_UNKNOWN, .negated = true}));
}
END_TEST

static struct scscf_trigger in_group(int group, bool met)
{
	struct scscf_trigger t = METHOD("REGISTER", 0);

	t.group = group;
	t.negated = !met;
	return t;
}

/* Two groups of two, all sixteen ways, in both forms, against what the forms say. */
START_TEST(normal_forms)
{
	for (unsigned bits = 0; bits < 16; bits++) {
		bool a = bits & 1, b = bits & 2, c = bits & 4, d = bits & 8;
		const struct scscf_trigger t[] = {in_group(0, a), in_group(0, b), in_group(5, c),
						  in_group(5, d)};

		ck_assert_int_eq(scscf_criteria_match(t, 4, true, &request), (a || b) && (c || d));
		ck_assert_int_eq(scscf_criteria_match(t, 4, false, &request), (a && b) || (c && d));
	}
	ck_assert(scscf_criteria_match(NULL, 0, true, &request));
	ck_assert(scscf_criteria_match(NULL, 0, false, &request));
}
END_TEST

START_TEST(without_a_request)
{
	static const struct scscf_asked ended = {.method = S("REGISTER"),
						 .registration = SCSCF_REGISTRATION_DE};
	struct scscf_trigger t = METHOD("REGISTER", SCSCF_REGISTRATION_DE);

	ck_assert(scscf_criteria_match(&t, 1, true, &ended));
	t = HEADER("Contact", "");
	ck_assert(!scscf_criteria_match(&t, 1, true, &ended));
}
END_TEST

UNIT_MAIN("filter criteria", kinds_of_registration, header_fields, other_triggers, normal_forms,
	  without_a_request)
