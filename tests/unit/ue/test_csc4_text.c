/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bodies of CSC-4 as the phone writes and reads them. */
#include <stdlib.h>

#include "ue/csc4_text.h"
#include "unit/unit.h"

#define SHA "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" /* of "abc" */
#define SIP(more)                                                                                  \
	"\"sip\":{\"privateIdentity\":\"m1@in.p.net\",\"publicIdentities\":[\"sip:m2@in.p.net\"]," \
	"\"homeDomain\":\"in.p.net\",\"realm\":\"p.net\",\"registrarUri\":\"sip:in.p.net\","       \
	"\"pcscf\":[\"pcscf.p.net:5060\"],\"authentication\":\"IMS-AKA\"" more "}"
#define DOCUMENT "\"initialUeConfig\":{\"href\":\"/xcap-root/x.xml\",\"sha256\":\"" SHA "\"}"
#define GOOD                                                                                       \
	"{\"id\":\"pc_1\",\"partnerSystemId\":\"p\",\"chosenBy\":\"location\"," SIP(               \
	    "") "," DOCUMENT "}"

static int reads(const char *body, const char **why)
{
	struct ue_system *s = ue_system_new(SLICE_LIT("p"));
	struct csc4_given given;
	int rc = csc4_read_connection(slice_str(body), s, &given, why);

	if (rc)
		ck_assert_ptr_null(s->impi);
	csc4_given_free(&given);
	ue_system_free(s);
	return rc;
}

START_TEST(a_wish_is_json)
{
	struct csc4_wish all = {"sip:a@mc", "urn:uuid:1", "mcptt,mcdata", "00102/0001", "p\"1"};
	struct csc4_wish few = {"sip:a@mc", "urn:uuid:1", "mcptt", NULL, NULL};
	struct text t = {0};

	csc4_write_wish(&all, &t);
	ck_assert_str_eq(t.p, "{\"mcServiceId\":\"sip:a@mc\",\"ueInstanceId\":\"urn:uuid:1\","
			      "\"partnerSystemId\":\"p\\\"1\",\"services\":[\"mcptt\",\"mcdata\"],"
			      "\"location\":{\"plmn\":\"00102\",\"tac\":\"0001\"}}");
	text_clear(&t);
	csc4_write_wish(&few, &t);
	ck_assert_str_eq(t.p, "{\"mcServiceId\":\"sip:a@mc\",\"ueInstanceId\":\"urn:uuid:1\","
			      "\"services\":[\"mcptt\"],\"location\":{}}");
	text_free(&t);
}
END_TEST

START_TEST(an_answer_gives_identities_and_names_a_document)
{
	struct ue_system *s = ue_system_new(SLICE_LIT("p"));
	struct csc4_given given;
	const char *why = "";

	ck_assert_int_eq(csc4_read_connection(SLICE_LIT(GOOD), s, &given, &why), 0);
	ck_assert_str_eq(s->impi, "m1@in.p.net");
	ck_assert_uint_eq(s->impus, 1);
	ck_assert_str_eq(s->impu[0], "sip:m2@in.p.net");
	ck_assert_str_eq(s->domain, "in.p.net");
	ck_assert_str_eq(s->realm, "p.net");
	ck_assert_str_eq(s->pcscf, "pcscf.p.net:5060");
	ck_assert_str_eq(s->id, "pc_1");
	ck_assert_str_eq(given.chosen_by, "location");
	ck_assert_str_eq(given.href, "/xcap-root/x.xml");
	ck_assert(csc4_is_document(&given, SLICE_LIT("abc")));
	ck_assert(!csc4_is_document(&given, SLICE_LIT("abd")));
	ck_assert(!csc4_is_document(&given, SLICE_NULL));
	csc4_given_free(&given);
	ue_system_free(s);
}
END_TEST

START_TEST(what_is_no_answer_changes_nothing)
{
	static const char *const bad[] = {
	    "",
	    "[]",
	    "{",
	    "{}",
	    "{\"id\":\"pc/../1\"," SIP("") "," DOCUMENT "}",
	    "{\"id\":\"pc_1\"," SIP("") "}",
	    "{\"id\":\"pc_1\"," DOCUMENT "}",
	    "{\"id\":\"pc_1\",\"id\":\"pc_2\"," SIP("") "," DOCUMENT "}",
	    "{\"id\":\"pc_1\"," SIP(",\"realm\":\"x\"") "," DOCUMENT "}",
	    "{\"id\":\"pc_1\"," SIP("") ",\"initialUeConfig\":{\"href\":\"https://else.net/x\","
					"\"sha256\":\"" SHA "\"}}",
	    "{\"id\":\"pc_1\"," SIP("") ",\"initialUeConfig\":{\"href\":\"//else.net/x\","
					"\"sha256\":\"" SHA "\"}}",
	    "{\"id\":\"pc_1\"," SIP("") ",\"initialUeConfig\":{\"href\":\"/x\",\"sha256\":\"12\"}}",
	};
	const char *why = "";

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(reads(bad[i], &why) == -1, "%s", bad[i]);
		ck_assert(why && *why);
	}
}
END_TEST

/* Each member with something in it that SIP must not have, and each left out. */
START_TEST(no_octet_of_it_ends_a_header)
{
	static const char *const members[] = {
	    "m1@in.p.net",	"sip:m2@in.p.net", "in.p.net\",\"realm",    "p.net\",\"registrar",
	    "pcscf.p.net:5060", "IMS-AKA",	   "sip:in.p.net\",\"pcscf"};
	static const char *const wrong[] = {"a b", "a\\r\\nX: y", "a\\\"b", "<a>", "a\\u0000b", ""};
	const char *why = "";

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		for (size_t k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++) {
			const char *at = strstr(GOOD, members[i]);
			const size_t n = strcspn(members[i], "\"");
			struct text t = {0};

			ck_assert_ptr_nonnull(at);
			text_add(&t, "%.*s%s%s", (int)(at - GOOD), GOOD, wrong[k], at + n);
			ck_assert_msg(reads(t.p, &why) == -1, "%s", t.p);
			text_free(&t);
		}
}
END_TEST

START_TEST(problems_are_told)
{
	struct text t = {0};

	text_put(&t, SLICE_NULL);
	csc4_read_problem(
	    SLICE_LIT("{\"type\":\"urn:ims-cms:problem:no-partner\",\"detail\":\"x\"}"), &t);
	ck_assert_str_eq(t.p, "no-partner: x");
	text_clear(&t);
	csc4_read_problem(SLICE_LIT("<html>"), &t);
	csc4_read_problem(SLICE_LIT("[1]"), &t);
	csc4_read_problem(SLICE_LIT("{\"detail\":7}"), &t);
	ck_assert_uint_eq(t.len, 0);
	text_free(&t);
}
END_TEST

UNIT_MAIN("ue csc4 text", a_wish_is_json, an_answer_gives_identities_and_names_a_document,
	  what_is_no_answer_changes_nothing, no_octet_of_it_ends_a_header, problems_are_told)
