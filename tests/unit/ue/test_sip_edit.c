/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ue/sip_edit.h"
#include "unit/unit.h"

static const char before[] = "MESSAGE sip:a SIP/2.0\r\nVia: 1\r\nRoute: <a>,\r\n <b>\r\nvia: "
			     "2\r\nContent-Length: 2\r\n\r\nhi";

static void check(enum ue_sip_edit_kind kind, int which, int now, const char *value,
		  const char *wanted)
{
	struct ue_sip_edits l = {0};
	struct text t = {0};

	text_put(&t, slice_str(before));
	ue_sip_edits_add(&l, kind, which, slice_str(value));
	ue_sip_edits_apply(&l, now, &t);
	ck_assert_str_eq(t.p, wanted);
	text_free(&t);
	ue_sip_edits_free(&l);
}

START_TEST(headers_are_added_replaced_and_stripped)
{
	check(UE_SIP_EDIT_ADD, 0, 1, "X: y",
	      "MESSAGE sip:a SIP/2.0\r\nVia: 1\r\nRoute: <a>,\r\n <b>\r\nvia: 2\r\nX: "
	      "y\r\nContent-Length: 2\r\n\r\nhi");
	check(UE_SIP_EDIT_REPLACE, 0, 1, "VIA: 3",
	      "MESSAGE sip:a SIP/2.0\r\nRoute: <a>,\r\n <b>\r\nVIA: 3\r\nContent-Length: "
	      "2\r\n\r\nhi");
	check(UE_SIP_EDIT_STRIP, 0, 1, "route",
	      "MESSAGE sip:a SIP/2.0\r\nVia: 1\r\nvia: 2\r\nContent-Length: 2\r\n\r\nhi");
}
END_TEST

START_TEST(bodies_and_their_length)
{
	check(UE_SIP_EDIT_BODY, 0, 1, "longer",
	      "MESSAGE sip:a SIP/2.0\r\nVia: 1\r\nRoute: <a>,\r\n <b>\r\nvia: 2\r\nContent-Length: "
	      "6\r\n\r\nlonger");
	check(UE_SIP_EDIT_REPLACE, 0, 1, "Content-Length: 99",
	      "MESSAGE sip:a SIP/2.0\r\nVia: 1\r\nRoute: <a>,\r\n <b>\r\nvia: 2\r\nContent-Length: "
	      "99\r\n\r\nhi");
}
END_TEST

START_TEST(only_the_request_that_is_meant)
{
	check(UE_SIP_EDIT_STRIP, 2, 1, "Route", before);
	check(UE_SIP_EDIT_STRIP, 2, 2, "Route",
	      "MESSAGE sip:a SIP/2.0\r\nVia: 1\r\nvia: 2\r\nContent-Length: 2\r\n\r\nhi");
}
END_TEST

START_TEST(json_is_valid_whatever_comes)
{
	struct text t = {0};

	text_json(&t, slice_make("a\"\\\r\n\t\x80\xc3\xa4\xc3", 10));
	ck_assert_str_eq(t.p, "\"a\\\"\\\\\\r\\n\\u0009\\u0080\xc3\xa4\\u00c3\"");
	text_free(&t);
}
END_TEST

UNIT_MAIN("ims-ue: edits and text", headers_are_added_replaced_and_stripped,
	  bodies_and_their_length, only_the_request_that_is_meant, json_is_valid_whatever_comes)
