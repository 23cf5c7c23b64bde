/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/core/wish.h"
#include "unit/unit.h"

#define HEAD                                                                                       \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?><domain-preference xmlns=\"" VCC_WISH_NS "\""
#define DOC(attributes, inside) HEAD attributes ">" inside "</domain-preference>"

static struct vcc_wishes read_good(const char *text)
{
	struct vcc_wishes w;

	ck_assert_int_eq(vcc_wishes_xml(slice_str(text), &w), 0);
	return w;
}

static void refused(const char *text, int err)
{
	struct vcc_wishes w, before;

	memset(&w, 0x55, sizeof(w));
	before = w;
	ck_assert_msg(vcc_wishes_xml(slice_str(text), &w) == err, "%s", text);
	ck_assert(memcmp(&w, &before, sizeof(w)) == 0);
}

START_TEST(the_document_of_the_page)
{
	struct vcc_wishes w = read_good(DOC(
	    " version=\"7\"",
	    "<terminating> ims-preferred </terminating>"
	    "<originating>cs-only</originating>"
	    "<access type=\"wlan\">ims-only</access><access type=\"3GPP-GERAN\">cs-only</access>"
	    "<x:more xmlns:x=\"urn:x\"><x:a/></x:more>"));

	ck_assert_int_eq(w.terminating, VCC_WISH_IMS_PREFERRED);
	ck_assert_int_eq(w.originating, VCC_WISH_CS_ONLY);
	ck_assert(w.has_version && w.version == 7);
	ck_assert_uint_eq(w.accesses, 2);
	ck_assert_int_eq(vcc_wishes_terminating(&w, SLICE_LIT("IEEE-802.11a")), VCC_WISH_IMS_ONLY);
	ck_assert_int_eq(vcc_wishes_terminating(&w, SLICE_LIT("3gpp-geran")), VCC_WISH_CS_ONLY);
	ck_assert_int_eq(vcc_wishes_terminating(&w, SLICE_LIT("3GPP-UTRAN-TDD")),
			 VCC_WISH_IMS_PREFERRED);
	ck_assert_int_eq(vcc_wishes_terminating(&w, SLICE_NULL), VCC_WISH_IMS_PREFERRED);
}
END_TEST

START_TEST(each_word_has_its_value)
{
	static const char *const words[VCC_WISHES] = {"default", "cs-preferred", "ims-preferred",
						      "cs-only", "ims-only"};
	enum vcc_wish w;

	for (unsigned i = 0; i < VCC_WISHES; i++) {
		ck_assert_int_eq(vcc_wish_parse(slice_str(words[i]), &w), 0);
		ck_assert_uint_eq(w, i);
		ck_assert_str_eq(vcc_wish_name((enum vcc_wish)i), words[i]);
	}
	ck_assert_int_eq(vcc_wish_parse(SLICE_LIT("CS-ONLY"), &w), -1);
	ck_assert_int_eq(vcc_wish_parse(SLICE_NULL, &w), -1);
	ck_assert_str_eq(vcc_wish_name((enum vcc_wish)99), "?");
}
END_TEST

START_TEST(what_cannot_be_used_is_refused_whole)
{
	char big[VCC_WISH_BYTES_MAX + 2];

	refused("", VCC_WISH_E_SYNTAX);
	refused("<domain-preference", VCC_WISH_E_SYNTAX);
	refused("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", VCC_WISH_E_SYNTAX);
	refused("<domain-preference/>", VCC_WISH_E_CONTENT);
	refused(DOC("", "<terminating>never</terminating>"), VCC_WISH_E_CONTENT);
	refused(DOC("", "<terminating>cs-only</terminating><terminating>ims-only</terminating>"),
		VCC_WISH_E_CONTENT);
	refused(DOC("", "<terminating>cs-only</terminating><access>ims-only</access>"),
		VCC_WISH_E_CONTENT);
	refused(DOC(" version=\"-1\"", ""), VCC_WISH_E_CONTENT);
	refused(DOC("", "<a><a><a><a><a><a><a><a/></a></a></a></a></a></a></a>"),
		VCC_WISH_E_TOO_BIG);
	memset(big, ' ', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	refused(big, VCC_WISH_E_TOO_BIG);
}
END_TEST

START_TEST(too_many_accesses_are_refused)
{
	char text[VCC_WISH_BYTES_MAX] = HEAD ">";

	for (int i = 0; i <= VCC_WISH_ACCESSES; i++)
		strcat(text, "<access type=\"x\">cs-only</access>");
	strcat(text, "</domain-preference>");
	refused(text, VCC_WISH_E_TOO_BIG);
}
END_TEST

START_TEST(service_information_has_a_line_for_it)
{
	struct vcc_wishes w;
	char text[64];

	ck_assert_int_eq(
	    vcc_wishes_service_info(
		SLICE_LIT(
		    "other: x\n domain-preference: terminating=cs-only; precedence=user; new=1"),
		&w),
	    1);
	ck_assert(w.has_terminating && w.terminating == VCC_WISH_CS_ONLY);
	ck_assert_int_eq(w.precedence, VCC_PRECEDENCE_USER);
	ck_assert_int_eq(vcc_wishes_service_info(SLICE_LIT("a=1&b<2"), &w), 0);
	ck_assert_int_eq(vcc_wishes_service_info(SLICE_LIT("domain-preference: terminating=x"), &w),
			 VCC_WISH_E_CONTENT);
	ck_assert_int_eq(
	    vcc_service_info(
		SLICE_LIT("<ims-3gpp "
			  "version=\"1\"><service-info>a=1&amp;b&lt;2</service-info></ims-3gpp>"),
		text, sizeof(text)),
	    0);
	ck_assert_str_eq(text, "a=1&b<2");
	ck_assert_int_eq(vcc_service_info(SLICE_LIT("<ims-3gpp/>"), text, sizeof(text)),
			 VCC_WISH_E_CONTENT);
	ck_assert_int_eq(
	    vcc_service_info(
		SLICE_LIT("<ims-3gpp><service-info>0123456789</service-info></ims-3gpp>"), text, 8),
	    VCC_WISH_E_TOO_BIG);
}
END_TEST

UNIT_MAIN("ims_vcc wishes", the_document_of_the_page, each_word_has_its_value,
	  what_cannot_be_used_is_refused_whole, too_many_accesses_are_refused,
	  service_information_has_a_line_for_it)
