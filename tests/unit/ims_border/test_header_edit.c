/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "modules/ims_border/core/header_edit.h"

/* What becomes of a body: its new text, "(same)" or "(gone)". */
static const char *edited(enum border_action action, const char *body, const char *privacy_body)
{
	static char buf[256];
	struct border_privacy privacy = {false, false};
	size_t len;

	border_privacy_add(&privacy, slice_str(privacy_body));
	switch (border_edit(action, slice_str(body), &privacy, buf, sizeof(buf) - 1, &len)) {
	case BORDER_KEEP:
		return "(same)";
	case BORDER_DROP:
		return "(gone)";
	case BORDER_REPLACE:
		buf[len] = '\0';
		return buf;
	}
	return "?";
}

struct edit_case {
	const char *body, *want;
};

static void check_cases(enum border_action action, const struct edit_case *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *got = edited(action, c[i].body, "");

		ck_assert_msg(strcmp(got, c[i].want) == 0, "%s: '%s' became '%s', not '%s'",
			      border_action_name(action), c[i].body, got, c[i].want);
	}
}
#define CHECK_CASES(action, cases) check_cases(action, cases, sizeof(cases) / sizeof((cases)[0]))

START_TEST(a_phone_cannot_speak_for_the_access_network)
{
	static const struct edit_case cases[] = {
	    {"3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=1", "(same)"},
	    {"3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=1;network-provided", "(gone)"},
	    {"3GPP-E-UTRAN-FDD; Network-Provided ;x=y", "(gone)"},
	    {"IEEE-802.11;i-wlan-node-id=1, 3GPP-NR;np", "IEEE-802.11;i-wlan-node-id=1"},
	    {"3GPP-NR;network-provided=\"\", IEEE-802.11", "IEEE-802.11"},
	    {"3GPP-NR;x=\",;network-provided\"", "(same)"},
	    {"3GPP-NR;x=\"open", "(gone)"},
	    {"network-provided", "(gone)"},
	    {"3GPP-NR network-provided", "(gone)"},
	    {"3GPP-NR;x=<;network-provided;y=>", "(gone)"},
	};

	CHECK_CASES(BORDER_NO_NETWORK, cases);
}
END_TEST

START_TEST(option_tags_of_the_hop_are_cut_and_an_empty_list_goes)
{
	static const struct edit_case cases[] = {
	    {"sec-agree", "(gone)"},
	    {"100rel", "(same)"},
	    {"100rel, SEC-AGREE ,timer", "100rel, timer"},
	    {"mediasec,sec-agree", "(gone)"},
	    {"sec-agree2", "(same)"},
	    {",,", "(same)"},
	};

	CHECK_CASES(BORDER_NO_SEC_AGREE, cases);
}
END_TEST

START_TEST(parts_of_other_headers_are_cut)
{
	static const struct edit_case media[] = {
	    {"supported", "(same)"}, {"sendrecv", "(gone)"}, {"supported, sendonly", "supported"}};
	static const struct edit_case location[] = {
	    {"<cid:a@b>;loc-src=x;inserted-by=y", "<cid:a@b>;inserted-by=y"},
	    {"<sip:a@b;loc-src=c>", "(same)"},
	    {"<https://a/;,b>;x, <cid:c@d>;LOC-SRC=e", "<https://a/;,b>;x, <cid:c@d>"},
	    {"<cid:a@b;loc-src=x", "(gone)"}};
	static const struct edit_case priority[] = {
	    {"urgent", "(same)"}, {"PSAP-callback", "(gone)"}, {"emergency", "(same)"}};

	CHECK_CASES(BORDER_SUPPORTED_ONLY, media);
	CHECK_CASES(BORDER_NO_LOC_SRC, location);
	CHECK_CASES(BORDER_NO_PSAP, priority);
}
END_TEST

START_TEST(keys_and_our_own_word_never_pass_in_any_writing)
{
	static const struct edit_case keys[] = {
	    {"Digest realm=\"h\",nonce=\"n\"", "(same)"},
	    {"Digest realm=\"h\",ck=\"00\",ik=\"11\",nonce=\"n\"",
	     "Digest realm=\"h\", nonce=\"n\""},
	    {"Digest CK = \"00\", realm=\"h\"", "Digest realm=\"h\""},
	    {"Digest realm=\"h\",ck=\"00\", Digest realm=\"i\", ik=\"1\"",
	     "Digest realm=\"h\", Digest realm=\"i\""},
	    {"Digest realm=\"h\" nonce=\"n\" ck=\"00\"", "(gone)"},
	    {"Digest realm=\"h\";ck=\"00\"", "(gone)"},
	    {"Digest realm=\"h,ck=\"00\"", "(gone)"},
	    {"Digest realm=\"a ck=1\"", "(same)"},
	};
	static const struct edit_case integrity[] = {
	    {"Digest username=\"a\", integrity-protected=\"yes\", uri=\"b\"",
	     "Digest username=\"a\", uri=\"b\""},
	    {"Digest username=\"a\" integrity-protected=yes", "(gone)"},
	    {"Digest username=\"integrity-protected=yes\"", "(same)"},
	};

	CHECK_CASES(BORDER_NO_KEYS, keys);
	CHECK_CASES(BORDER_NO_INTEGRITY, integrity);
}
END_TEST

START_TEST(privacy_decides_what_a_phone_sees)
{
	ck_assert_str_eq(edited(BORDER_NOT_WITH_ID, "<sip:a@b>", ""), "(same)");
	ck_assert_str_eq(edited(BORDER_NOT_WITH_ID, "<sip:a@b>", "none"), "(same)");
	ck_assert_str_eq(edited(BORDER_NOT_WITH_ID, "<sip:a@b>", "header;ID;critical"), "(gone)");
	ck_assert_str_eq(edited(BORDER_NOT_WITH_ID, "<sip:a@b>", "user, id"), "(gone)");
	ck_assert_str_eq(edited(BORDER_NOT_WITH_HISTORY, "<sip:a@b>;index=1", ""), "(same)");
	ck_assert_str_eq(edited(BORDER_NOT_WITH_HISTORY, "<sip:a@b>;index=1", "history"), "(gone)");
	ck_assert_str_eq(edited(BORDER_NOT_WITH_HISTORY,
				"<sip:a@b?Privacy=history>;index=1, <sip:c@d>;index=1.1", ""),
			 "<sip:c@d>;index=1.1");
}
END_TEST

START_TEST(an_entry_asks_for_privacy_however_it_is_escaped)
{
	static const struct edit_case cases[] = {
	    {"<sip:a@b?Privacy=none%3Bhistory>;index=1", "(gone)"},
	    {"<sip:a@b?Reason=SIP%3Bcause%3D302&privacy=id%3bsession>;index=1", "(gone)"},
	    {"<sip:a@b?Priv%61cy=hist%6Fry>;index=1, <sip:c@d>;index=1.1", "<sip:c@d>;index=1.1"},
	    {"<sip:a@b?Privacy%3Dheader>;index=1", "(gone)"},
	    {"<sip:history@b?Privacy=none&Subject=history>;index=1", "(same)"},
	    {"<sip:a@b?Privacy=hist%6>;index=1", "(same)"},
	    {"<sip:a@b?Privacy=%", "(gone)"},
	};

	CHECK_CASES(BORDER_NOT_WITH_HISTORY, cases);
}
END_TEST

START_TEST(what_does_not_fit_is_cut)
{
	struct border_privacy none = {false, false};
	char small[8];
	size_t len;

	ck_assert_int_eq(border_edit(BORDER_NO_SEC_AGREE, SLICE_LIT("sec-agree, longer-than-that"),
				     &none, small, sizeof(small), &len),
			 BORDER_DROP);
}
END_TEST

UNIT_MAIN("border headers", a_phone_cannot_speak_for_the_access_network,
	  option_tags_of_the_hop_are_cut_and_an_empty_list_goes, parts_of_other_headers_are_cut,
	  keys_and_our_own_word_never_pass_in_any_writing, privacy_decides_what_a_phone_sees,
	  an_entry_asks_for_privacy_however_it_is_escaped, what_does_not_fit_is_cut)
