/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "reginfo/parser.h"
#include "reginfo/writer.h"

#define HEAD "<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" version=\"1\" state=\"partial\">"
#define REG  "<registration aor=\"sip:a@h\" id=\"r\" state=\"active\">"
#define TAIL "</registration></reginfo>"

static int parse(const char *text)
{
	struct reginfo_doc doc = {0};
	int err = reginfo_parse(slice_str(text), &doc);

	reginfo_free(&doc);
	return err;
}

START_TEST(the_example_of_rfc_3680_is_understood)
{
	static const char text[] =
	    "<?xml version=\"1.0\"?>\n"
	    "<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\"\n"
	    "    xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" version=\"0\" "
	    "state=\"partial\">\n"
	    "  <registration aor=\"sip:joe@example.com\" id=\"a7\" state=\"active\">\n"
	    "    <contact id=\"76\" state=\"active\" event=\"registered\" "
	    "duration-registered=\"7322\"\n"
	    "             q=\"0.8\">\n"
	    "      <uri>sip:joe@pc887.example.com</uri>\n"
	    "    </contact>\n"
	    "    <contact id=\"77\" state=\"terminated\" event=\"expired\" "
	    "duration-registered=\"3600\""
	    " q=\"0.5\">\n"
	    "      <uri>sip:joe@university.edu</uri>\n"
	    "    </contact>\n"
	    "  </registration>\n"
	    "</reginfo>\n";
	struct reginfo_doc doc = {0};
	const struct reginfo_contact *c;

	ck_assert_int_eq(reginfo_parse(slice_str(text), &doc), 0);
	ck_assert_uint_eq(doc.version, 0);
	ck_assert(!doc.full);
	ck_assert_uint_eq(doc.registrations_n, 1);
	ck_assert(slice_eq(doc.registrations[0].aor, SLICE_LIT("sip:joe@example.com")));
	ck_assert(slice_eq(doc.registrations[0].id, SLICE_LIT("a7")));
	ck_assert_uint_eq(doc.registrations[0].contacts_n, 2);
	c = doc.registrations[0].contacts;
	ck_assert(slice_eq(c[0].uri, SLICE_LIT("sip:joe@pc887.example.com")));
	ck_assert(c[0].has_duration && c[0].duration == 7322 && !c[0].has_expires);
	ck_assert(slice_eq(c[0].q, SLICE_LIT("0.8")));
	ck_assert_int_eq(c[1].state, REGINFO_CONTACT_TERMINATED);
	ck_assert_int_eq(c[1].event, REGINFO_EV_EXPIRED);
	ck_assert_int_eq(c[1].connection, REGINFO_CONN_NONE);
	reginfo_free(&doc);
	ck_assert_ptr_null(doc.memory);
}
END_TEST

START_TEST(what_is_written_is_read_again)
{
	struct reginfo_param params[] = {{SLICE_LIT("+sip.instance"), SLICE_LIT("<urn:uuid:&\"1>")},
					 {SLICE_LIT("audio"), SLICE_LIT("")}};
	struct reginfo_contact in[2] = {{.id = SLICE_LIT("c'1"),
					 .state = REGINFO_CONTACT_ACTIVE,
					 .event = REGINFO_EV_CREATED,
					 .uri = SLICE_LIT("sip:x@[fd00::1]:5070;a=\"<&>\""),
					 .display_name = SLICE_LIT("A & B"),
					 .callid = SLICE_LIT("c@h"),
					 .q = SLICE_LIT("1.0"),
					 .has_cseq = true,
					 .cseq = 4294967295u,
					 .has_expires = true,
					 .expires = 0,
					 .params = params,
					 .params_n = 2,
					 .pub_gruu = SLICE_LIT("sip:a@h;gr=&"),
					 .temp_gruu = SLICE_LIT("sip:t@h;gr"),
					 .temp_gruu_first_cseq = 9},
					{.id = SLICE_LIT("c2"),
					 .state = REGINFO_CONTACT_TERMINATED,
					 .event = REGINFO_EV_UNREGISTERED,
					 .uri = SLICE_LIT("sip:y@h"),
					 .connection = REGINFO_CONN_INACTIVE,
					 .linger = 32}};
	struct reginfo_registration regs[2] = {
	    {SLICE_LIT("sip:a@h"), SLICE_LIT("1"), REGINFO_REG_ACTIVE, in, 2},
	    {SLICE_LIT("tel:+1"), SLICE_LIT("2"), REGINFO_REG_TERMINATED, in + 1, 1}};
	struct reginfo_doc doc = {
	    .version = 4294967295u, .full = true, .registrations = regs, .registrations_n = 2};
	struct reginfo_doc back = {0};
	char one[4096], two[4096];
	size_t one_len, two_len;

	ck_assert_int_eq(reginfo_build(&doc, one, sizeof(one), &one_len), 0);
	ck_assert_int_eq(reginfo_parse(slice_make(one, one_len), &back), 0);
	ck_assert(
	    slice_eq(reginfo_contact_param(&back.registrations[0].contacts[0], "+SIP.Instance"),
		     params[0].value));
	ck_assert_ptr_nonnull(reginfo_contact_param(&back.registrations[0].contacts[0], "audio").p);
	ck_assert_ptr_null(reginfo_contact_param(&back.registrations[0].contacts[0], "video").p);
	ck_assert_uint_eq(back.registrations[1].contacts[0].linger, 32);
	ck_assert_int_eq(reginfo_build(&back, two, sizeof(two), &two_len), 0);
	ck_assert_str_eq(one, two);
	reginfo_free(&back);
}
END_TEST

START_TEST(foreign_elements_and_prefixes_do_not_disturb)
{
	static const char text[] =
	    "<r:reginfo xmlns:r=\"urn:ietf:params:xml:ns:reginfo\" xmlns:z=\"urn:z\" version=\"7\""
	    " state=\"full\" z:state=\"odd\"><z:registration/><r:future/>"
	    "<r:registration aor=\"sip:a@h\" id=\"r\" state=\"init\"><z:contact id=\"q\"/>"
	    "<r:contact id=\"c\" state=\"active\" event=\"refreshed\"><z:uri>no</z:uri>"
	    "<r:uri> sip:x@h\n</r:uri><connection state=\"inactive\"/></r:contact>"
	    "</r:registration></r:reginfo>";
	struct reginfo_doc doc = {0};

	ck_assert_int_eq(reginfo_parse(slice_str(text), &doc), 0);
	ck_assert(doc.full);
	ck_assert_uint_eq(doc.registrations_n, 1);
	ck_assert_uint_eq(doc.registrations[0].contacts_n, 1);
	ck_assert(slice_eq(doc.registrations[0].contacts[0].uri, SLICE_LIT("sip:x@h")));
	/* A connection child outside our namespace is somebody else's. */
	ck_assert_int_eq(doc.registrations[0].contacts[0].connection, REGINFO_CONN_NONE);
	reginfo_free(&doc);
}
END_TEST

START_TEST(declarations_and_other_encodings_are_refused)
{
	static const char utf16[] = "\xff\xfe<\0r\0/\0>\0";

	ck_assert_int_eq(parse("<!DOCTYPE r [<!ENTITY a \"aaaa\">]><r>&a;</r>"), REGINFO_E_SYNTAX);
	ck_assert_int_eq(
	    parse("<!DOCTYPE reginfo SYSTEM \"file:///etc/passwd\">" HEAD "</reginfo>"),
	    REGINFO_E_SYNTAX);
	ck_assert_int_eq(parse(HEAD REG "&undefined;" TAIL), REGINFO_E_SYNTAX);
	ck_assert_int_eq(parse(""), REGINFO_E_SYNTAX);
	ck_assert_int_eq(parse(HEAD), REGINFO_E_SYNTAX);
	ck_assert_int_eq(parse(HEAD REG "\xff" TAIL), REGINFO_E_SYNTAX);
	ck_assert_int_eq(reginfo_parse(slice_make(utf16, sizeof(utf16)), &(struct reginfo_doc){0}),
			 REGINFO_E_SYNTAX);
	/* UTF-7 could hide a declaration from a search for its bytes; UTF-8 is what is read
	 * whatever is said. */
	ck_assert_int_eq(
	    parse("<?xml version=\"1.0\" encoding=\"UTF-7\"?>+ADwAIQ-DOCTYPE r>" HEAD "</reginfo>"),
	    REGINFO_E_SYNTAX);
}
END_TEST

START_TEST(what_rfc_3680_makes_mandatory_is_demanded)
{
	static const char *const bad[] = {
	    "<other/>",
	    "<reginfo version=\"1\" state=\"full\"/>",
	    "<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" state=\"full\"/>",
	    "<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" version=\"-1\" state=\"full\"/>",
	    "<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" version=\"4294967296\" "
	    "state=\"full\"/>",
	    "<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" version=\"1\" state=\"half\"/>",
	    "<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" version=\"1\"/>",
	    HEAD "<registration id=\"r\" state=\"active\">" TAIL,
	    HEAD "<registration aor=\"\" id=\"r\" state=\"active\">" TAIL,
	    HEAD "<registration aor=\"sip:a@h\" id=\"r\" state=\"gone\">" TAIL,
	    HEAD REG "<contact id=\"c\" state=\"active\" event=\"registered\"/>" TAIL,
	    HEAD REG "<contact id=\"c\" state=\"active\"><uri>sip:x</uri></contact>" TAIL,
	    HEAD REG
	    "<contact id=\"c\" state=\"on\" event=\"registered\"><uri>sip:x</uri></contact>" TAIL,
	    HEAD REG "<contact id=\"c\" state=\"active\" event=\"registered\" expires=\"x\">"
		     "<uri>sip:x</uri></contact>" TAIL,
	    HEAD REG "<contact id=\"c\" state=\"active\" event=\"registered\"><uri>sip:x</uri>"
		     "<connection xmlns=\"urn:ims-pack:seamless\" state=\"none\"/></contact>" TAIL,
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(parse(bad[i]) == REGINFO_E_CONTENT, "case %zu: %s", i, bad[i]);
}
END_TEST

/* prefix, then n times item, then suffix. */
static char *repeated(const char *prefix, const char *item, size_t n, const char *suffix)
{
	size_t size = strlen(prefix) + n * strlen(item) + strlen(suffix) + 1;
	char *text = malloc(size), *p = stpcpy(text, prefix);

	while (n--)
		p = stpcpy(p, item);
	strcpy(p, suffix);
	return text;
}

START_TEST(size_depth_and_rows_are_bounded)
{
	static const char row[] =
	    "<contact id=\"c\" state=\"active\" event=\"created\"><uri>s</uri></contact>";
	char *text = repeated(HEAD REG, row, REGINFO_MAX_CONTACTS, TAIL);

	ck_assert_int_eq(parse(text), 0);
	free(text);
	text = repeated(HEAD REG, row, REGINFO_MAX_CONTACTS + 1, TAIL);
	ck_assert_int_eq(parse(text), REGINFO_E_TOO_BIG);
	free(text);
	text = repeated(HEAD, "          ", REGINFO_MAX_BYTES / 10, "</reginfo>");
	ck_assert_int_eq(parse(text), REGINFO_E_TOO_BIG);
	free(text);
	text = repeated(HEAD, REG "</registration>", REGINFO_MAX_REGISTRATIONS + 1, "</reginfo>");
	ck_assert_int_eq(parse(text), REGINFO_E_TOO_BIG);
	free(text);
	ck_assert_int_eq(
	    parse(HEAD "<a><a><a><a><a><a><a><a><a><a><a><a><a><a>x</a></a></a></a></a></a></a>"
		       "</a></a></a></a></a></a></a></reginfo>"),
	    0);
	ck_assert_int_eq(
	    parse(HEAD "<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>x</a></a></a></a></a></a></a>"
		       "</a></a></a></a></a></a></a></a></reginfo>"),
	    REGINFO_E_TOO_BIG);
}
END_TEST

UNIT_MAIN("reginfo parser", the_example_of_rfc_3680_is_understood, what_is_written_is_read_again,
	  foreign_elements_and_prefixes_do_not_disturb,
	  declarations_and_other_encodings_are_refused, what_rfc_3680_makes_mandatory_is_demanded,
	  size_depth_and_rows_are_bounded)
