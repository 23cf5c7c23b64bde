/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/core/report.h"
#include "unit/unit.h"

#define HEAD                                                                                       \
	"REGISTER sip:vcc.home1.net SIP/2.0\r\n"                                                   \
	"Via: SIP/2.0/UDP scscf.home1.net;branch=z9hG4bK1\r\n"                                     \
	"From: <sip:scscf.home1.net>;tag=1\r\nTo: <sip:a@home1.net>\r\nCall-ID: c\r\nCSeq: 3 "     \
	"REGISTER\r\n"
#define CONTACT "Contact: <sip:scscf.home1.net:5060>\r\n"
#define END	"Content-Length: 0\r\n\r\n"

static struct vcc_report r;

static int read_text(const char *text)
{
	return vcc_report_read(slice_str(text), &r);
}

static void is(struct slice has, const char *wants)
{
	ck_assert_msg(slice_eq(has, slice_str(wants)), "'%.*s' is not '%s'", (int)has.len, has.p,
		      wants);
}

START_TEST(header_fields_of_the_standard_form)
{
	ck_assert_int_eq(read_text(HEAD CONTACT
				   "Expires: 600\r\nP-Access-Network-Info: "
				   "IEEE-802.11;network-provided, 3GPP-GERAN;x=1\r\n"
				   "P-Visited-Network-ID: \"v net\"\r\nP-Charging-Vector: "
				   "icid-value=\"i\";orig-ioi=o\r\n" END),
			 0);
	is(r.identity, "sip:a@home1.net");
	is(r.scscf, "sip:scscf.home1.net:5060");
	is(r.contact, "sip:scscf.home1.net:5060");
	is(r.access, "3GPP-GERAN;x=1");
	is(vcc_access_type(r.access), "3GPP-GERAN");
	is(r.visited, "v net");
	is(r.icid, "i");
	is(r.orig_ioi, "o");
	ck_assert_uint_eq(r.expires, 600);
	ck_assert_uint_eq(r.cseq, 3);
	ck_assert(!r.phone_headers && !r.has_request && !r.has_response);
}
END_TEST

START_TEST(an_expiry_in_the_contact_alone_is_the_form_of_the_contribution)
{
	ck_assert_int_eq(read_text(HEAD "m: <sip:ue>;expires=600000\r\nAuthorization: Digest "
					"realm=\"r\", username=\"me@home1.net\"\r\n" END),
			 0);
	ck_assert(r.phone_headers);
	ck_assert_uint_eq(r.expires, 600000);
	is(r.scscf, "sip:vcc.home1.net");
	is(r.private_identity, "me@home1.net");
	ck_assert_uint_eq(r.asked.n, 1);
}
END_TEST

START_TEST(what_is_missing_is_an_error)
{
	ck_assert_int_eq(read_text(HEAD CONTACT END), VCC_REPORT_E_EXPIRES);
	ck_assert_int_eq(read_text(HEAD CONTACT "Expires: x\r\n" END), VCC_REPORT_E_EXPIRES);
	ck_assert_int_eq(read_text("REGISTER sip:a SIP/2.0\r\n\r\n"), VCC_REPORT_E_SYNTAX);
	ck_assert_int_eq(read_text("INVITE sip:a SIP/2.0\r\n\r\n"), VCC_REPORT_E_SYNTAX);
	ck_assert_int_eq(read_text(""), VCC_REPORT_E_SYNTAX);
	ck_assert_int_eq(read_text(HEAD "To: <sip:b@home1.net>\r\nExpires: 1\r\n" END),
			 VCC_REPORT_E_SYNTAX);
	ck_assert_int_eq(
	    read_text("REGISTER sip:a SIP/2.0\r\nFrom: <sip:s>;tag=1\r\nTo: <http://x>\r\n"
		      "Call-ID: c\r\nCSeq: 1 REGISTER\r\nExpires: 1\r\n\r\n"),
	    VCC_REPORT_E_IDENTITY);
}
END_TEST

#define PART(type, text) "--b\r\nContent-Type: " type "\r\n\r\n" text "\r\n"
#define REQUEST                                                                                    \
	"REGISTER sip:home1.net SIP/2.0\r\nTo: <sip:a@home1.net>\r\nContact: "                     \
	"<sip:ue:1>;expires=9;"                                                                    \
	"+sip.instance=\"<urn:i>\";reg-id=2, <sip:ue:2>;expires=0\r\nExpires: 7\r\n\r\n"
#define RESPONSE                                                                                   \
	"SIP/2.0 200 OK\r\nContact: <sip:ue:1>;expires=8\r\nP-Associated-URI: <sip:a@home1.net>, " \
	"<tel:+1>\r\n\r\n"
#define INFO                                                                                       \
	"<ims-3gpp version=\"1\"><service-info>domain-preference: "                                \
	"terminating=cs-only</service-info></ims-3gpp>"

START_TEST(copies_are_told_apart_by_their_first_line)
{
	static const char *const both[] = {
	    HEAD CONTACT "Expires: 9\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n" PART(
		"message/sip", REQUEST) PART("message/sip", RESPONSE)
		PART("application/3gpp-ims+xml", INFO) "--b--\r\n",
	    HEAD CONTACT "Expires: 9\r\nc: multipart/mixed; boundary=\"b\"\r\n\r\n" PART(
		"application/3gpp-ims+xml", INFO) PART("message/sipfrag", RESPONSE)
		PART("message/sip", REQUEST) "--b--"};

	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(read_text(both[i]), 0);
		ck_assert(r.has_request && r.has_response && r.has_default);
		ck_assert_uint_eq(r.asked.n, 2);
		ck_assert_uint_eq(r.asked.contact[0].reg_id, 2);
		ck_assert_uint_eq(r.asked_expires, 7);
		ck_assert_uint_eq(r.granted.n, 1);
		ck_assert_uint_eq(r.associated_n, 2);
		is(r.associated[1], "tel:+1");
		ck_assert_int_eq(r.by_default.terminating, VCC_WISH_CS_ONLY);
	}
}
END_TEST

START_TEST(a_body_that_cannot_be_read_is_an_error)
{
#define BODY(type, text) HEAD CONTACT "Expires: 9\r\nContent-Type: " type "\r\n\r\n" text
	ck_assert_int_eq(read_text(BODY("multipart/mixed", "x")), VCC_REPORT_E_BODY);
	ck_assert_int_eq(read_text(BODY("multipart/mixed;boundary=b", "--b\r\n\r\nx")),
			 VCC_REPORT_E_BODY);
	ck_assert_int_eq(read_text(BODY("message/sip", "SIP/2.0 404 No\r\n\r\n")),
			 VCC_REPORT_E_BODY);
	ck_assert_int_eq(read_text(BODY("application/3gpp-ims+xml", "<a/>")), VCC_REPORT_E_BODY);
	ck_assert_int_eq(
	    read_text(BODY("multipart/mixed;boundary=b",
			   PART("message/sip", REQUEST) PART("message/sip", REQUEST) "--b--")),
	    VCC_REPORT_E_BODY);
	ck_assert_int_eq(read_text(BODY("application/other", "whatever")), 0);
}
END_TEST

START_TEST(a_wish_in_the_phones_body_does_not_touch_the_registration)
{
	ck_assert_int_eq(
	    read_text(
		BODY("message/sip",
		     "REGISTER sip:h SIP/2.0\r\nContact: <sip:ue>\r\nContent-Type: " VCC_WISH_MIME
		     "\r\n\r\n<domain-preference xmlns=\"" VCC_WISH_NS
		     "\"><terminating>ims-only</terminating></domain-preference>")),
	    0);
	ck_assert(r.has_wishes && r.wishes.terminating == VCC_WISH_IMS_ONLY && !r.wish_error);
	ck_assert_int_eq(
	    read_text(
		BODY("message/sip",
		     "REGISTER sip:h SIP/2.0\r\nContact: <sip:ue>\r\nContent-Type: " VCC_WISH_MIME
		     "\r\n\r\n<a>")),
	    0);
	ck_assert(!r.has_wishes && r.wish_error == VCC_WISH_E_SYNTAX);
	ck_assert_int_eq(
	    read_text(BODY("message/sip",
			   "REGISTER sip:h SIP/2.0\r\nContact: "
			   "<sip:ue>;+u.x.domain-preference=\"cs-preferred\"\r\n\r\n")),
	    0);
	ck_assert(r.has_wishes && r.wishes.terminating == VCC_WISH_CS_PREFERRED);
}
END_TEST

UNIT_MAIN("ims_vcc reports", header_fields_of_the_standard_form,
	  an_expiry_in_the_contact_alone_is_the_form_of_the_contribution,
	  what_is_missing_is_an_error, copies_are_told_apart_by_their_first_line,
	  a_body_that_cannot_be_read_is_an_error,
	  a_wish_in_the_phones_body_does_not_touch_the_registration)
