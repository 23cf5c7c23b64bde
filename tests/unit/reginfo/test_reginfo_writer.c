/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "reginfo/writer.h"

static const struct reginfo_contact plain = {
    .id = {"c1", 2},
    .state = REGINFO_CONTACT_ACTIVE,
    .event = REGINFO_EV_REGISTERED,
    .uri = {"sip:10.1.0.10:5070", 18},
};

static int write_one(const struct reginfo_contact *c, char *buf, size_t size, size_t *len)
{
	struct reginfo_registration r = {SLICE_LIT("sip:a@home1.net"), SLICE_LIT("r1"),
					 REGINFO_REG_ACTIVE, c, 1};
	struct reginfo_doc doc = {.version = 3, .registrations = &r, .registrations_n = 1};

	return reginfo_build(&doc, buf, size, len);
}

START_TEST(a_full_document_reads_as_in_rfc_3680)
{
	struct reginfo_param params[] = {{SLICE_LIT("+sip.instance"), SLICE_LIT("<urn:uuid:1>")},
					 {SLICE_LIT("reg-id"), SLICE_LIT("1")}};
	struct reginfo_contact c = plain;
	struct reginfo_registration r = {SLICE_LIT("sip:a@home1.net"), SLICE_LIT("r1"),
					 REGINFO_REG_ACTIVE, &c, 1};
	struct reginfo_doc doc = {
	    .version = 0, .full = true, .registrations = &r, .registrations_n = 1};
	char buf[2048];
	size_t len = 0;

	c.has_expires = true;
	c.expires = 600;
	c.params = params;
	c.params_n = 2;
	c.pub_gruu = SLICE_LIT("sip:a@home1.net;gr=x");
	c.temp_gruu = SLICE_LIT("sip:t@home1.net;gr");
	c.temp_gruu_first_cseq = 54301;
	ck_assert_int_eq(reginfo_build(&doc, buf, sizeof(buf), &len), 0);
	ck_assert_uint_eq(len, strlen(buf));
	ck_assert_str_eq(
	    buf, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		 "<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" version=\"0\" state=\"full\">\n"
		 " <registration aor=\"sip:a@home1.net\" id=\"r1\" state=\"active\">\n"
		 "  <contact id=\"c1\" state=\"active\" event=\"registered\" expires=\"600\">\n"
		 "   <uri>sip:10.1.0.10:5070</uri>\n"
		 "   <unknown-param name=\"+sip.instance\">&lt;urn:uuid:1&gt;</unknown-param>\n"
		 "   <unknown-param name=\"reg-id\">1</unknown-param>\n"
		 "   <gr:pub-gruu xmlns:gr=\"urn:ietf:params:xml:ns:gruuinfo\""
		 " uri=\"sip:a@home1.net;gr=x\"/>\n"
		 "   <gr:temp-gruu xmlns:gr=\"urn:ietf:params:xml:ns:gruuinfo\""
		 " uri=\"sip:t@home1.net;gr\" first-cseq=\"54301\"/>\n"
		 "  </contact>\n"
		 " </registration>\n"
		 "</reginfo>\n");
}
END_TEST

START_TEST(the_connection_child_says_what_lingers)
{
	struct reginfo_contact c = plain;
	char buf[1024];
	size_t len;

	c.state = REGINFO_CONTACT_TERMINATED;
	c.event = REGINFO_EV_UNREGISTERED;
	c.connection = REGINFO_CONN_INACTIVE;
	c.linger = 30;
	ck_assert_int_eq(write_one(&c, buf, sizeof(buf), &len), 0);
	ck_assert_ptr_nonnull(strstr(buf, "state=\"terminated\" event=\"unregistered\""));
	ck_assert_ptr_nonnull(strstr(
	    buf, "<connection xmlns=\"urn:ims-pack:seamless\" state=\"inactive\" linger=\"30\"/>"));
	c.connection = REGINFO_CONN_TERMINATED;
	ck_assert_int_eq(write_one(&c, buf, sizeof(buf), &len), 0);
	ck_assert_ptr_nonnull(
	    strstr(buf, "<connection xmlns=\"urn:ims-pack:seamless\" state=\"terminated\"/>"));
}
END_TEST

START_TEST(every_value_is_escaped)
{
	struct reginfo_contact c = plain;
	char buf[1024];
	size_t len;

	c.uri = SLICE_LIT("sip:a@h;x=\"&<>'\"\t");
	c.display_name = SLICE_LIT("J\xc3\xbcrgen \xf0\x9f\x98\x80");
	c.callid = SLICE_LIT("\"/><x y=\"\r\n");
	ck_assert_int_eq(write_one(&c, buf, sizeof(buf), &len), 0);
	ck_assert_ptr_nonnull(
	    strstr(buf, "<uri>sip:a@h;x=&quot;&amp;&lt;&gt;&apos;&quot;&#9;</uri>"));
	ck_assert_ptr_nonnull(
	    strstr(buf, "<display-name>J\xc3\xbcrgen \xf0\x9f\x98\x80</display-name>"));
	ck_assert_ptr_nonnull(strstr(buf, "callid=\"&quot;/&gt;&lt;x y=&quot;&#13;&#10;\""));
}
END_TEST

/* What a phone wrote into its Contact must not keep the others from hearing of it. */
START_TEST(octets_that_are_not_xml_text_are_replaced)
{
	static const char *const bad[] = {
	    "a\x01",	"\x7f\xff", "\xc0\xaf",		"\xed\xa0\x80",	       "\xef\xbf\xbf",
	    "\xe2\x82", "\x80",	    "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80"};
	char buf[1024];
	size_t len;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct reginfo_contact c = plain;

		c.uri = slice_str(bad[i]);
		ck_assert_int_eq(write_one(&c, buf, sizeof(buf), &len), 0);
		ck_assert_msg(strstr(buf, "\xef\xbf\xbd</uri>"), "case %zu", i);
	}
}
END_TEST

START_TEST(what_rfc_3680_makes_mandatory_is_demanded)
{
	char buf[1024];
	size_t len;
	struct reginfo_contact c = plain;

	c.id = SLICE_NULL;
	ck_assert_int_eq(write_one(&c, buf, sizeof(buf), &len), REGINFO_E_VALUE);
	c = plain;
	c.uri = SLICE_NULL;
	ck_assert_int_eq(write_one(&c, buf, sizeof(buf), &len), REGINFO_E_VALUE);
	c = plain;
	c.event = REGINFO_EV_EXPIRED;
	ck_assert_int_eq(write_one(&c, buf, sizeof(buf), &len), REGINFO_E_VALUE);
	c = plain;
	c.event = REGINFO_EV_SHORTENED;
	ck_assert_int_eq(write_one(&c, buf, sizeof(buf), &len), REGINFO_E_VALUE);
	c.has_expires = true;
	ck_assert_int_eq(write_one(&c, buf, sizeof(buf), &len), 0);
	c.state = REGINFO_CONTACT_TERMINATED;
	c.event = REGINFO_EV_PROBATION;
	ck_assert_int_eq(write_one(&c, buf, sizeof(buf), &len), REGINFO_E_VALUE);
	c.has_retry_after = true;
	ck_assert_int_eq(write_one(&c, buf, sizeof(buf), &len), 0);
}
END_TEST

START_TEST(every_buffer_size_is_safe)
{
	char buf[1024], *tight;
	size_t need = 0, len;

	ck_assert_int_eq(write_one(&plain, buf, sizeof(buf), &need), 0);
	for (size_t size = 0; size <= need + 1; size++) {
		int want = size > need ? 0 : REGINFO_E_NOSPACE;

		tight = malloc(size ? size
				    : 1); /* exact, so that the sanitizer sees one byte too many */
		ck_assert_msg(write_one(&plain, tight, size, &len) == want, "size %zu", size);
		free(tight);
	}
}
END_TEST

START_TEST(impossible_orders_are_refused)
{
	struct reginfo_writer w;
	char buf[1024];
	size_t len;

	reginfo_begin(&w, buf, sizeof(buf), 0, true);
	ck_assert_int_eq(reginfo_contact_write(&w, &plain), REGINFO_E_ORDER);
	ck_assert_int_eq(reginfo_end(&w, &len), REGINFO_E_ORDER);
	reginfo_begin(&w, buf, sizeof(buf), 0, true);
	ck_assert_int_eq(reginfo_registration_end(&w), REGINFO_E_ORDER);
	reginfo_begin(&w, buf, sizeof(buf), 0, true);
	reginfo_registration_begin(&w, SLICE_LIT("sip:a@b"), SLICE_LIT("r"), REGINFO_REG_INIT);
	ck_assert_int_eq(
	    reginfo_registration_begin(&w, SLICE_LIT("sip:c@b"), SLICE_LIT("s"), REGINFO_REG_INIT),
	    REGINFO_E_ORDER);
	reginfo_begin(&w, buf, sizeof(buf), 0, true);
	reginfo_registration_begin(&w, SLICE_LIT("sip:a@b"), SLICE_LIT("r"), REGINFO_REG_INIT);
	ck_assert_int_eq(reginfo_end(&w, &len), REGINFO_E_ORDER);
	reginfo_begin(&w, buf, sizeof(buf), 0, true);
	ck_assert_int_eq(
	    reginfo_registration_begin(&w, SLICE_NULL, SLICE_LIT("r"), REGINFO_REG_INIT),
	    REGINFO_E_VALUE);
}
END_TEST

START_TEST(words_and_codes_have_names)
{
	enum reginfo_event e = REGINFO_EV_CREATED;
	enum reginfo_connection k = REGINFO_CONN_NONE;

	for (int i = REGINFO_EV_REGISTERED; i <= REGINFO_EV_REJECTED; i++) {
		ck_assert_int_eq(
		    reginfo_event_parse(slice_str(reginfo_event_name((enum reginfo_event)i)), &e),
		    0);
		ck_assert_int_eq((int)e, i);
	}
	ck_assert_int_eq(reginfo_event_parse(SLICE_LIT("Registered"), &e), REGINFO_E_CONTENT);
	ck_assert_int_eq(reginfo_connection_parse(SLICE_LIT("none"), &k), REGINFO_E_CONTENT);
	ck_assert_int_eq(reginfo_connection_parse(SLICE_LIT("inactive"), &k), 0);
	ck_assert_str_eq(reginfo_event_name((enum reginfo_event)99), "?");
	for (int i = REGINFO_E_VALUE; i <= 0; i++)
		ck_assert_str_ne(reginfo_strerror(i), "unknown error");
	ck_assert_str_eq(reginfo_strerror(-99), "unknown error");
}
END_TEST

UNIT_MAIN("reginfo writer", a_full_document_reads_as_in_rfc_3680,
	  the_connection_child_says_what_lingers, every_value_is_escaped,
	  octets_that_are_not_xml_text_are_replaced, what_rfc_3680_makes_mandatory_is_demanded,
	  every_buffer_size_is_safe, impossible_orders_are_refused, words_and_codes_have_names)
