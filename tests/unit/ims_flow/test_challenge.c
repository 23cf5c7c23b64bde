/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "modules/ims_flow/core/challenge.h"

#define CK "00112233445566778899aabbccddeeff"
#define IK "FF112233445566778899aabbccddee00"

/* The body with all cuts made. */
static void cut_out(const char *body, const struct slice *cut, unsigned n, char *out)
{
	const char *p = body;

	*out = '\0';
	for (unsigned i = 0; i < n; i++) {
		ck_assert_msg(cut[i].p >= p, "cuts overlap or are out of order");
		strncat(out, p, (size_t)(cut[i].p - p));
		p = cut[i].p + cut[i].len;
	}
	strcat(out, p);
}

START_TEST(what_is_akas_and_what_is_not)
{
	static const struct {
		const char *body;
		bool aka, other;
	} cases[] = {
	    {"Digest realm=\"h\", nonce=\"x\", algorithm=AKAv1-MD5", true, false},
	    {"Digest realm=\"h\", algorithm=\"akav2-md5\"", true, false},
	    {"Digest realm=\"h\", ck=\"00000000000000000000000000000000\"", true, false},
	    {"Digest realm=\"h\", nonce=\"x\"", false, false},
	    {"Digest realm=\"h\", algorithm=MD5", false, true},
	    {"Digest realm=\"h\", algorithm=AKAv", false, true},
	    {"Digest algorithm=AKAv1-MD5, Digest realm=\"h\", algorithm=SHA-256", true, true},
	};
	struct challenge c;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(flow_challenge_read(slice_str(cases[i].body), &c), 0);
		ck_assert_msg(c.aka == cases[i].aka && c.other == cases[i].other, "%s",
			      cases[i].body);
	}
}
END_TEST

START_TEST(keys_are_read_and_cut_wherever_they_stand)
{
	static const struct {
		const char *body, *left;
	} cases[] = {
	    {"Digest realm=\"h\", ck=\"" CK "\", ik=\"" IK "\", nonce=\"a,b\"",
	     "Digest realm=\"h\", nonce=\"a,b\""},
	    {"Digest realm=\"h\",nonce=\"x\",ik=\"" IK "\",ck=\"" CK "\"",
	     "Digest realm=\"h\",nonce=\"x\""},
	    {"Digest ck=\"" CK "\", ik=\"" IK "\", realm=\"h\"", "Digest  realm=\"h\""},
	    {"Digest ck=\"" CK "\",realm=\"h\" , ik=" IK, "Digest realm=\"h\" "},
	    /* A second challenge in the same header. */
	    {"Digest realm=\"h\",ck=\"" CK "\",ik=\"" IK "\", Digest realm=\"h\",algorithm=MD5",
	     "Digest realm=\"h\", Digest realm=\"h\",algorithm=MD5"},
	    {"Digest realm=\"h\", Digest ck=" CK ", ik=" IK ", nonce=\"x\"",
	     "Digest realm=\"h\", Digest  nonce=\"x\""},
	    {"DIGEST\trealm=\"say \\\"ck=\\\"\",CK=" CK ",\r\n IK=" IK " ,qop=auth",
	     "DIGEST\trealm=\"say \\\"ck=\\\"\" ,qop=auth"},
	};
	uint8_t ck[16], ik[16];
	char left[256];

	slice_hex(SLICE_LIT(CK), ck, 16);
	slice_hex(SLICE_LIT(IK), ik, 16);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct challenge c;

		ck_assert_msg(flow_challenge_read(slice_str(cases[i].body), &c) == 0, "case %zu",
			      i);
		ck_assert(c.has_ck && c.has_ik);
		ck_assert_mem_eq(c.ck, ck, 16);
		ck_assert_mem_eq(c.ik, ik, 16);
		cut_out(cases[i].body, c.cut, c.n_cut, left);
		ck_assert_str_eq(left, cases[i].left);
	}
}
END_TEST

START_TEST(a_challenge_without_keys_is_no_error)
{
	struct challenge c;

	ck_assert_int_eq(
	    flow_challenge_read(SLICE_LIT("Digest realm=\"h\", nonce=\"x\", algorithm=MD5"), &c),
	    0);
	ck_assert(!c.has_ck && !c.has_ik && c.n_cut == 0);
}
END_TEST

START_TEST(broken_ones_are_refused_and_leave_no_key)
{
	static const char *const bad[] = {
	    "",
	    "Basic realm=\"h\"",
	    "Digest",
	    "Digest realm",
	    "Digest realm=\"h",
	    "Digest a=\"b\" c=\"d\"",
	    "Digest ck=\"" CK "\"",
	    "Digest realm=\"h\", Digest ck=" CK ", Digest realm=\"i\"",
	    "Digest ck=\"" CK "\", ck=\"" CK "\"",
	    "Digest ck=\"0011\"",
	    "Digest ik=\"" CK "00\"",
	    "Digest ck=\"" CK "\", ik=\"zz112233445566778899aabbccddeeff\"",
	    "Digest ck=\"" CK "\", =x=\"y",
	    "Digest algorithm=AKAv1-MD5;ck=\"" CK "\"",
	    "Digest realm=\"h\" ck=\"" CK "\"",
	    "Digest realm=\"h\",opaque,ck=\"" CK "\"",
	    "Digest realm=\"h\",ck=\"" CK "\", Digest ck=\"" CK "\"",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct challenge c;

		ck_assert_msg(flow_challenge_read(slice_str(bad[i]), &c) == -1, "'%s' was taken",
			      bad[i]);
		for (size_t k = 0; k < 16; k++)
			ck_assert_uint_eq(c.ck[k] | c.ik[k], 0);
		ck_assert_msg(flow_challenge_may_hold_keys(slice_str(bad[i])) ==
				  (strstr(bad[i], "ck=") || strstr(bad[i], "ik=")),
			      "'%s'", bad[i]);
	}
}
END_TEST

START_TEST(what_cannot_be_read_is_searched_for_keys_in_any_spelling)
{
	static const char *const may[] = {"Digest x;CK = 00", "ck", "a=b\"iK\t=\"00",
					  "Digest x,ik:00"};
	static const char *const harmless[] = {"", "Basic realm=\"h\"", "trick=1", "Digest ckx=1",
					       "Bearer kick"};

	for (size_t i = 0; i < sizeof(may) / sizeof(may[0]); i++)
		ck_assert_msg(flow_challenge_may_hold_keys(slice_str(may[i])), "'%s'", may[i]);
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		ck_assert_msg(!flow_challenge_may_hold_keys(slice_str(harmless[i])), "'%s'",
			      harmless[i]);
}
END_TEST

START_TEST(what_the_ue_says_of_integrity_is_found)
{
	static const struct {
		const char *body, *left;
		int rc;
	} cases[] = {
	    {"Digest username=\"a\", integrity-protected=\"yes\", uri=\"sip:h\"",
	     "Digest username=\"a\", uri=\"sip:h\"", 0},
	    {"Digest username=\"a\"", "Digest username=\"a\"", 0},
	    {"Digest Integrity-Protected=yes,username=\"a\"", "Digest username=\"a\"", 0},
	    {"Digest integrity-protected=a, integrity-protected=b", NULL, -1},
	    {"Digest username=a, response=\"\", auts=\"x\"",
	     "Digest username=a, response=\"\", auts=\"x\"", 0},
	    {"Digest username=a, username=b", NULL, -1},
	    {"nonsense", NULL, -1},
	};
	char left[256];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice cut, username;

		ck_assert_msg(flow_authorization_read(slice_str(cases[i].body), &cut, &username) ==
				  cases[i].rc,
			      "case %zu", i);
		if (cases[i].rc)
			continue;
		ck_assert(slice_eq(username, SLICE_LIT("a")));
		cut_out(cases[i].body, &cut, cut.len ? 1 : 0, left);
		ck_assert_str_eq(left, cases[i].left);
	}
}
END_TEST

UNIT_MAIN("flow challenge", what_is_akas_and_what_is_not, keys_are_read_and_cut_wherever_they_stand,
	  what_cannot_be_read_is_searched_for_keys_in_any_spelling,
	  a_challenge_without_keys_is_no_error, broken_ones_are_refused_and_leave_no_key,
	  what_the_ue_says_of_integrity_is_found)
