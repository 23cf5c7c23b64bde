/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of single texts and messages at one border: spellings, forms, and all that is refused. */
#include "golden.h"

#define A_WIRE "maaaaaaaaaaaaaaaaaaaaaaaaaa@out.home1.net"
#define A_USER "maaaaaaaaaaaaaaaaaaaaaaaaaa"
#define T_WIRE "mccccccccccccccccccccccccccc@out.home1.net"
#define T_USER "mccccccccccccccccccccccccccc"

static struct rig_border home, partner;
static struct migration_edits edits;
static struct rig_text message, made, back;

static void setup_home(void)
{
	golden_borders(&home, &partner);
}

/* A text through a border; what it becomes, or the name of the verdict in brackets. */
static const char *part(enum migration_direction d, const char *text)
{
	static char out[4][4096];
	static int turn;
	char *to = out[turn++ % 4];
	struct migration_result r;
	size_t len;

	migration_swap_part(&home.view, &home.policy, d, slice_str(text), &edits, &r);
	if (r.verdict != MIGRATION_OK) {
		snprintf(to, sizeof(out[0]), "[%s]", migration_verdict_name(r.verdict));
		return to;
	}
	ck_assert_int_eq(
	    migration_edits_apply(&edits, slice_str(text), to, sizeof(out[0]) - 1, &len), 0);
	to[len] = '\0';
	return to;
}

/* Out it is that, and in again this. */
static void crosses(const char *text, const char *wire, const char *again)
{
	ck_assert_str_eq(part(MIGRATION_OUT, text), wire);
	ck_assert_str_eq(part(MIGRATION_IN, wire), again);
}

static void is_same(const char *text)
{
	ck_assert_str_eq(part(MIGRATION_OUT, text), text);
	ck_assert_str_eq(part(MIGRATION_IN, text), text);
}

START_TEST(every_spelling_of_a_name_is_found)
{
	setup_home();
	crosses("<sip:%61lice@home1.net>", "<sip:" A_WIRE ">", "<sip:alice@home1.net>");
	crosses("<sip:%61%6C%69%63%65@home1.net>", "<sip:" A_WIRE ">", "<sip:alice@home1.net>");
	crosses("<SIP:alice@HOME1.Net>", "<SIP:" A_WIRE ">", "<SIP:alice@home1.net>");
	crosses("<sips:alice@home1.net.:5061;lr>", "<sips:" A_WIRE ".:5061;lr>",
		"<sips:alice@home1.net.:5061;lr>");
	crosses("sip:alice:secret@home1.net", "sip:" A_USER ":secret@out.home1.net",
		"sip:alice:secret@home1.net");
	crosses("sip:alice;x=y@home1.net", "sip:" A_USER ";x=y@out.home1.net",
		"sip:alice;x=y@home1.net");
	crosses("\"a\\lice@home1.net\"", "\"" A_WIRE "\"", "\"alice@home1.net\"");
	crosses("x?From=sip%3aalice%40home1%2Enet&y", "x?From=sip%3a" A_USER "%40out.home1.net&y",
		"x?From=sip%3aalice%40home1.net&y");
	crosses("--alice@home1.net--", "--" A_WIRE "--", "--alice@home1.net--");
	/* Users have case, hosts have none (RFC 3261 19.1.4). */
	is_same("<sip:ALICE@home1.net>");
	is_same("<sip:malice@home1.net>, <sip:alice@home1.network>, <sip:alice@x.home1.net>");
	is_same("<sip:home1.net;lr>, sip:%zz@h, sip:@home1.net, @home1.net, alice@, %");
	is_same("alice, sip:alice, alice @home1.net");
}
END_TEST

START_TEST(names_without_a_scheme_are_private_ones_first)
{
	static const char *const names[] = {"bob@home1.net", "mnai@out.home1.net",
					    "sip:bob@home1.net", "sip:muri@out.home1.net", NULL};

	setup_home();
	ck_assert_int_eq(rig_bind(&home, "bob", names), 0);
	crosses("username=\"bob@home1.net\"", "username=\"mnai@out.home1.net\"",
		"username=\"bob@home1.net\"");
	crosses("<sip:bob@home1.net>", "<sip:muri@out.home1.net>", "<sip:bob@home1.net>");
	crosses("pres:bob@home1.net", "pres:muri@out.home1.net", "pres:bob@home1.net");
	/* The user part alone is that of the public one. */
	crosses("<sip:bob@10.0.0.5>", "<sip:muri@10.0.0.5>", "<sip:bob@10.0.0.5>");
	crosses("<sip:mnai@10.0.0.5>", "<sip:%6d%6e%61%69@10.0.0.5>", "<sip:mnai@10.0.0.5>");
}
END_TEST

START_TEST(numbers_have_two_forms)
{
	setup_home();
	crosses("<tel:+4930123456>", "<sip:" T_WIRE ">", "<tel:+4930123456>");
	crosses("<tel:+49(30)123-456;ext=7>", "<sip:" T_WIRE ";ext=7>", "<tel:+4930123456;ext=7>");
	crosses("<sip:+4930123456@home1.net;user=phone>", "<sip:" T_WIRE ";user=phone>",
		"<sip:+4930123456@home1.net;user=phone>");
	crosses("<sip:+4930123456@home1.net;lr;USER=Phone>", "<sip:" T_WIRE ";lr;USER=Phone>",
		"<sip:+4930123456@home1.net;lr;USER=Phone>");
	crosses("<sip:+4930123456@home1.net:5060>", "<sip:" T_WIRE ":5060>",
		"<sip:+4930123456@home1.net:5060>");
	crosses("<sips:+4930123456@home1.net>", "<sips:" T_WIRE ">",
		"<sips:+4930123456@home1.net>");
	crosses("<sip:+4930123456;phone-context=x@home1.net>",
		"<sip:" T_USER ";phone-context=x@out.home1.net>",
		"<sip:+4930123456;phone-context=x@home1.net>");
	crosses("<sip:+4930123456@other.example;user=phone>",
		"<sip:" T_USER "@other.example;user=phone>",
		"<sip:+4930123456@other.example;user=phone>");
	/* It would come back as a tel: URI. */
	crosses("<sip:+4930123456@home1.net>", "<sip:" T_WIRE ";user=phone>",
		"<sip:+4930123456@home1.net;user=phone>");
	crosses("x%3Csip%3A%2B4930123456%40home1.net%3E",
		"x%3Csip%3A" T_USER "%40out.home1.net%3Buser%3Dphone%3E",
		"x%3Csip%3A+4930123456%40home1.net%3Buser%3Dphone%3E");
	is_same("<tel:+49301234567>, <tel:+493012345>, <tel:030123456>, tel:+");
}
END_TEST

START_TEST(a_sip_name_may_have_a_number_on_the_wire)
{
	static const char *const names[] = {"b@home1.net", "b@out.home1.net", "sip:bob@home1.net",
					    "tel:+88123", NULL},
				 *const more[] = {
				     "c@home1.net", "c@out.home1.net", "tel:+491",
				     "tel:+881",    "sip:c@home1.net", "sip:mc@out.home1.net",
				     NULL};

	setup_home();
	ck_assert_int_eq(rig_bind(&home, "bob", names), 0);
	ck_assert_int_eq(rig_bind(&home, "c", more), 0);
	crosses("<sip:bob@home1.net>", "<tel:+88123>", "<sip:bob@home1.net>");
	/* Its SIP form needs a domain, and there is none. */
	ck_assert_str_eq(part(MIGRATION_OUT, "<sip:bob@home1.net:5070>"), "[unmapped]");
	crosses("<sip:bob@10.0.0.5>", "<sip:+88123@10.0.0.5>", "<sip:bob@10.0.0.5>");
	is_same("<sip:bob@other.example>, <sip:+88123@other.example>");
	crosses("<sip:+491@other.example>", "<sip:+881@other.example>", "<sip:+491@other.example>");
	crosses("<tel:+491>", "<tel:+881>", "<tel:+491>");
	crosses("<sip:+491@home1.net;user=phone>", "<sip:+881@out.home1.net;user=phone>",
		"<sip:+491@home1.net;user=phone>");
}
END_TEST

START_TEST(user_parts_stand_alone_at_addresses)
{
	setup_home();
	crosses("<sip:alice@10.0.0.5:5060;ob>", "<sip:" A_USER "@10.0.0.5:5060;ob>",
		"<sip:alice@10.0.0.5:5060;ob>");
	crosses("<sip:alice@[2001:db8::5]>", "<sip:" A_USER "@[2001:db8::5]>",
		"<sip:alice@[2001:db8::5]>");
	crosses("<sip:alice@x1y2.invalid>", "<sip:" A_USER "@x1y2.invalid>",
		"<sip:alice@x1y2.invalid>");
	crosses("\"alice\" <sip:alice@10.0.0.5>", "\"" A_USER "\" <sip:" A_USER "@10.0.0.5>",
		"\"alice\" <sip:alice@10.0.0.5>");
	/* At a host of somebody else it is somebody else. */
	is_same("\"alice\" <sip:alice@partner1.net>");
	is_same("<sip:alice@pcscf1.home1.net>");
	home.policy.hosts = (struct migration_list){1, {SLICE_LIT("pcscf1.home1.net")}};
	crosses("<sip:alice@PCSCF1.home1.net>", "<sip:" A_USER "@PCSCF1.home1.net>",
		"<sip:alice@PCSCF1.home1.net>");
}
END_TEST

START_TEST(the_partners_own_alice_keeps_her_contact)
{
	const char *inside;

	setup_home();
	inside = part(MIGRATION_IN, "<sip:alice@10.9.9.9>");
	ck_assert_str_eq(inside, "<sip:%61%6c%69%63%65@10.9.9.9>");
	ck_assert_str_eq(part(MIGRATION_OUT, inside), "<sip:alice@10.9.9.9>");
	/* And so does a name of the wire that stands inside. */
	crosses("<sip:" A_USER "@10.0.0.9>",
		"<sip:%6d%61%61%61%61%61%61%61%61%61%61%61%61%61%61%61%61%61%61%61%61%61%61%61%61%"
		"61%61@"
		"10.0.0.9>",
		"<sip:" A_USER "@10.0.0.9>");
	/* A mark that is none of ours cannot be told from one. */
	ck_assert_str_eq(part(MIGRATION_IN, "<sip:%61%6c%69%63%65@10.9.9.9>"), "[ambiguous]");
	/* Other escapes are no mark. */
	crosses("<sip:%61lice@10.0.0.5>", "<sip:" A_USER "@10.0.0.5>", "<sip:alice@10.0.0.5>");
}
END_TEST

START_TEST(a_partner_may_not_name_what_he_was_not_told)
{
	setup_home();
	ck_assert_str_eq(part(MIGRATION_IN, "<sip:alice@home1.net>"), "[foreign]");
	ck_assert_str_eq(part(MIGRATION_IN, "<tel:+49-30-123456>"), "[foreign]");
	ck_assert_str_eq(part(MIGRATION_IN, "<sip:+4930123456@evil.example;user=phone>"),
			 "[foreign]");
	ck_assert_str_eq(part(MIGRATION_IN, "\"%61lice@home1.net\" <sip:x@y>"), "[foreign]");
	/* Nor guess what stands for what: "alice" beside her name on the wire. */
	ck_assert_str_eq(part(MIGRATION_IN, "\"alice\" <sip:" A_WIRE ">"), "[ambiguous]");
	home.policy.hide = false;
	ck_assert_str_eq(part(MIGRATION_IN, "<sip:alice@home1.net>"), "<sip:alice@home1.net>");
}
END_TEST

START_TEST(nobody_in_a_domain_of_identities)
{
	setup_home();
	ck_assert_str_eq(part(MIGRATION_IN, "<sip:mzz@out.home1.net>"), "[unknown]");
	ck_assert_str_eq(part(MIGRATION_IN, "<sip:mzz@x.OUT.home1.net>"), "[unknown]");
	ck_assert_str_eq(part(MIGRATION_OUT, "<sip:mzz@out.home1.net>"), "[unknown]");
	is_same("<sip:out.home1.net;lr>");
}
END_TEST

START_TEST(what_may_not_cross_is_refused)
{
	static const char *const names[] = {"d@home1.net", "md@out.home1.net", "sip:dora@home1.net",
					    "", NULL};

	setup_home();
	ck_assert_int_eq(rig_bind(&home, "dora", names), 0);
	ck_assert_str_eq(part(MIGRATION_OUT, "<sip:dora@home1.net>"), "[unmapped]");
	ck_assert_str_eq(part(MIGRATION_OUT, "<sip:dora@10.0.0.5>"), "[unmapped]");
}
END_TEST

/* A request with these headers and this body through the border of home. */
static enum migration_verdict request(enum migration_direction d, const char *heads,
				      const char *type, const char *body)
{
	message.len = (size_t)snprintf(message.text, sizeof(message.text),
				       "MESSAGE sip:bob@partner1.net SIP/2.0\r\nFrom: "
				       "<sip:x@y>;tag=1\r\n%s%s%s%sContent-Length: "
				       "%zu\r\n\r\n%s",
				       heads, *type ? "Content-Type: " : "", type,
				       *type ? "\r\n" : "", strlen(body), body);
	return rig_swap(&home, d, rig_slice(&message), &made);
}

START_TEST(bodies_that_nobody_can_read_do_not_pass)
{
	static const struct {
		const char *heads, *type, *body;
		enum migration_verdict hidden, shown;
	} cases[] = {
	    {"", "application/pkcs7-mime", "x", MIGRATION_OPAQUE, MIGRATION_OK},
	    {"", "multipart/encrypted;boundary=b", "--b\r\n\r\nx\r\n--b--\r\n", MIGRATION_OPAQUE,
	     MIGRATION_OK},
	    {"", "application/vnd.3gpp.sms", "x", MIGRATION_OPAQUE, MIGRATION_OK},
	    {"", "application/octet-stream", "x", MIGRATION_OPAQUE, MIGRATION_OK},
	    {"", "", "x", MIGRATION_OPAQUE, MIGRATION_OK},
	    {"Content-Encoding: gzip\r\n", "text/plain", "x", MIGRATION_OPAQUE, MIGRATION_OK},
	    {"Content-Transfer-Encoding: base64\r\n", "text/plain", "eA==", MIGRATION_OPAQUE,
	     MIGRATION_OK},
	    {"Content-Transfer-Encoding: 8bit\r\n", "text/plain", "x", MIGRATION_OK, MIGRATION_OK},
	    {"", "application/pidf+xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", MIGRATION_OPAQUE,
	     MIGRATION_OK},
	    {"", "application/pidf+xml", "<?xml version='1.0' encoding='UTF-16'?><a/>",
	     MIGRATION_OPAQUE, MIGRATION_OK},
	    {"", "application/pidf+xml", "<?xml version='1.0' encoding = \"utf-8\"?><a/>",
	     MIGRATION_OK, MIGRATION_OK},
	    {"", "application/pidf+xml", "\xff\xfe<", MIGRATION_OPAQUE, MIGRATION_OK},
	    {"", "application/json", "{\"a\": \"\\u0061lice\"}", MIGRATION_OPAQUE, MIGRATION_OK},
	    {"", "multipart/mixed", "x", MIGRATION_MALFORMED, MIGRATION_OK},
	    {"", "multipart/mixed;boundary=b", "x", MIGRATION_MALFORMED, MIGRATION_OK},
	    {"", "multipart/signed;boundary=b", "--b\r\n\r\nsip:alice@home1.net\r\n--b--\r\n",
	     MIGRATION_SEALED, MIGRATION_SEALED},
	    {"", "application/vnd.3gpp.mcptt-signed+xml", "<a>sip:alice@home1.net</a>",
	     MIGRATION_SEALED, MIGRATION_SEALED},
	    {"", "application/pkcs7-mime", "sip:alice@home1.net", MIGRATION_OPAQUE,
	     MIGRATION_SEALED},
	};

	setup_home();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		home.policy.hide = true;
		ck_assert_msg(request(MIGRATION_OUT, cases[i].heads, cases[i].type,
				      cases[i].body) == cases[i].hidden,
			      "%zu with hide", i);
		home.policy.hide = false;
		ck_assert_msg(request(MIGRATION_OUT, cases[i].heads, cases[i].type,
				      cases[i].body) == cases[i].shown,
			      "%zu without", i);
	}
	home.policy.hide = true;
	home.policy.opaque = (struct migration_list){1, {SLICE_LIT("application/vnd.3gpp.sms")}};
	ck_assert_int_eq(request(MIGRATION_OUT, "", "application/vnd.3gpp.SMS", "x"), MIGRATION_OK);
}
END_TEST

START_TEST(text_in_utf_16_does_not_pass)
{
	static const char text[] = "MESSAGE sip:x SIP/2.0\r\nTo: <sip:b@c>\r\nc: "
				   "text/plain;charset=utf-16\r\n\r\na\0l\0i\0c\0e\0@\0h\0";

	setup_home();
	ck_assert_int_eq(rig_swap(&home, MIGRATION_OUT, slice_make(text, sizeof(text) - 1), &made),
			 MIGRATION_OPAQUE);
}
END_TEST

START_TEST(credentials_that_are_computed_stay_or_are_refused)
{
	static const char
	    empty[] = "Authorization: Digest username=\"alice_private@home1.net\", response=\"\", "
		      "x=\"response=\"\r\n",
	    full[] =
		"Authorization: Digest username=\"alice_private@home1.net\", Response = \"00\"\r\n",
	    other[] = "Authorization: Digest username=\"dave@home1.net\",response=\"00\"\r\n";

	setup_home();
	ck_assert_int_eq(request(MIGRATION_OUT, empty, "", ""), MIGRATION_OK);
	ck_assert(
	    rig_has(rig_slice(&made), "username=\"mbbbbbbbbbbbbbbbbbbbbbbbbbb@out.home1.net\""));
	ck_assert_int_eq(request(MIGRATION_OUT, full, "", ""), MIGRATION_DIGEST);
	ck_assert_int_eq(request(MIGRATION_OUT, other, "", ""), MIGRATION_OK);
	ck_assert_uint_eq(made.len, message.len);
	home.policy.swap_digest = true;
	ck_assert_int_eq(request(MIGRATION_OUT, full, "", ""), MIGRATION_OK);
	ck_assert(!rig_has(rig_slice(&made), "alice_private"));
}
END_TEST

START_TEST(signatures_over_other_names_are_cut)
{
	setup_home();
	ck_assert_int_eq(
	    request(MIGRATION_OUT,
		    "Identity: eyJ\r\n .x;info=<http://h>\r\ny: z\r\nTo: <sip:alice@home1.net>\r\n",
		    "", ""),
	    MIGRATION_OK);
	ck_assert(!rig_has(rig_slice(&made), "eyJ") && !rig_has(rig_slice(&made), "y: z"));
	ck_assert_int_eq(
	    request(MIGRATION_OUT, "Identity: eyJ\r\nTo: <sip:dave@home1.net>\r\n", "", ""),
	    MIGRATION_OK);
	ck_assert(rig_has(rig_slice(&made), "eyJ"));
}
END_TEST

START_TEST(call_ids_stay_where_they_are_to_stay)
{
	setup_home();
	home.policy.keep_call_id = true;
	ck_assert_int_eq(
	    request(MIGRATION_OUT,
		    "Call-ID: alice@home1.net\r\nReplaces: alice@home1.net;to-tag=1;from-tag=2\r\n",
		    "", ""),
	    MIGRATION_OK);
	ck_assert(
	    rig_has(rig_slice(&made), "Call-ID: alice@home1.net\r\nReplaces: alice@home1.net;"));
}
END_TEST

START_TEST(what_is_over_begins_nothing)
{
	setup_home();
	ck_assert_int_eq(migration_end(home.table, SLICE_LIT("alice"), MIGRATION_BY_HAND, RIG_NOW),
			 0);
	ck_assert_int_eq(request(MIGRATION_OUT, "To: <sip:alice@home1.net>\r\n", "", ""),
			 MIGRATION_OVER);
	ck_assert_int_eq(request(MIGRATION_OUT, "t: <sip:alice@home1.net>;tag=2\r\n", "", ""),
			 MIGRATION_OK);
	ck_assert(rig_has(rig_slice(&made), A_WIRE));
	ck_assert_int_eq(request(MIGRATION_IN, "To: <sip:" A_WIRE ">\r\n", "", ""), MIGRATION_OVER);
}
END_TEST

START_TEST(the_last_look_finds_what_is_left)
{
	static const char *const left[] = {"sip:alice@home1.net",
					   "X:%61lice%40HOME1.net",
					   "sip%25253Aalice%252540home1.net",
					   "a\\lice@home1.net",
					   "&#97;lice&#x40;home1.net",
					   "--alice@home1.net.",
					   "sip:alice;a=b:c@home1.net",
					   "(+49 30 123456)",
					   "+49-30.123(4)56",
					   "alice_private@home1.net"};
	static const char *const right[] = {"sip:malice@home1.net",
					    "alice@home1.network",
					    "alice",
					    "+49 30 1234567",
					    "+49301",
					    "@",
					    "+",
					    "%",
					    "&#",
					    ""};
	char room[256];

	setup_home();
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		ck_assert_msg(migration_left(&home.view, slice_str(left[i]), room), "%s", left[i]);
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++)
		ck_assert_msg(!migration_left(&home.view, slice_str(right[i]), room), "%s",
			      right[i]);
}
END_TEST

START_TEST(an_answer_that_cannot_cross_is_empty)
{
	static const char answer[] =
	    "SIP/2.0 200 OK of alice@home1.net\r\nVia: SIP/2.0/UDP h;branch=1\r\nv: SIP/2.0/UDP "
	    "i\r\n"
	    "From: <sip:b@partner1.net>;tag=1\r\nTo: \"alice\"\r\n "
	    "<sip:alice@home1.net>;tag=2\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n"
	    "Server: alice\r\nContent-Type: x/y\r\n\r\nalice@home1.net";
	size_t len;

	setup_home();
	ck_assert_int_eq(migration_empty_answer(&home.view, &home.policy, MIGRATION_OUT,
						slice_str(answer), "Why", &edits, made.text,
						sizeof(made.text), &len),
			 0);
	made.text[len] = '\0';
	ck_assert_str_eq(made.text,
			 "SIP/2.0 500 Why\r\nVia: SIP/2.0/UDP h;branch=1\r\nv: SIP/2.0/UDP "
			 "i\r\nFrom: <sip:b@partner1.net>;tag=1\r\nTo: \"" A_USER
			 "\"\r\n <sip:" A_WIRE ">;tag=2\r\n"
			 "Call-ID: c\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n");
	ck_assert_int_eq(migration_empty_answer(&home.view, &home.policy, MIGRATION_OUT,
						slice_str("INVITE sip:a SIP/2.0\r\n\r\n"), "Why",
						&edits, made.text, sizeof(made.text), &len),
			 -1);
	ck_assert_int_eq(migration_empty_answer(&home.view, &home.policy, MIGRATION_OUT,
						slice_str(answer), "Why", &edits, made.text, 60,
						&len),
			 -1);
}
END_TEST

START_TEST(length_and_what_stands_behind_it)
{
	setup_home();
	message.len = (size_t)snprintf(message.text, sizeof(message.text),
				       "MESSAGE sip:x SIP/2.0\r\nTo: <sip:b@c>\r\nc: "
				       "text/plain\r\nl: 3\r\n\r\nabcsip:alice@home1.net");
	ck_assert_int_eq(rig_swap(&home, MIGRATION_OUT, rig_slice(&message), &made), MIGRATION_OK);
	ck_assert(rig_has(rig_slice(&made), "l: 3\r\n\r\nabcsip:" A_WIRE));
	message.len = (size_t)snprintf(
	    message.text, sizeof(message.text),
	    "MESSAGE sip:x SIP/2.0\r\nTo: <sip:b@c>\r\nc: text/plain\r\nl: 30\r\n\r\nabc");
	ck_assert_int_eq(rig_swap(&home, MIGRATION_OUT, rig_slice(&message), &made),
			 MIGRATION_MALFORMED);
	ck_assert_int_eq(rig_swap(&home, MIGRATION_OUT, SLICE_LIT("x"), &made),
			 MIGRATION_MALFORMED);
}
END_TEST

START_TEST(many_names_and_deep_bodies_have_an_end)
{
	static char text[200 * 1024];
	size_t n = 0;

	setup_home();
	while (n < 64 * 1024)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "<e uri=\"sip:alice@home1.net\"/>");
	ck_assert_int_eq(request(MIGRATION_OUT, "", "application/resource-lists+xml", text),
			 MIGRATION_TOO_MUCH);
	text[30 * 1024] = '\0';
	ck_assert_int_eq(request(MIGRATION_OUT, "", "application/resource-lists+xml", text),
			 MIGRATION_OK);
	ck_assert_int_eq(rig_swap(&home, MIGRATION_IN, rig_slice(&made), &back), MIGRATION_OK);
	ck_assert(back.len == message.len && !memcmp(back.text, message.text, back.len));
	for (n = 0; n < 64 * 1024;)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "sip:");
	ck_assert_int_eq(request(MIGRATION_OUT, "", "text/plain", text), MIGRATION_OK);
	for (n = 0; n < 6 * 45;)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "INFO sip:x SIP/2.0\r\nc: message/sip\r\n\r\n");
	ck_assert_int_eq(request(MIGRATION_OUT, "", "message/sip", text), MIGRATION_OPAQUE);
}
END_TEST

/* The shapes of RFC 4475 that concern start lines, headers and bodies, with names of nobody: not an octet changes. */
START_TEST(torture_messages_pass_unharmed)
{
	static const char *const torture[] = {
	    /* 3.1.1.1: folded, blanks everywhere, odd parameters */
	    "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\nTO :\r\n "
	    "sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n"
	    "from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = "
	    "98asjd8\r\nMaX-fOrWaRdS: 0068\r\n"
	    "Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\ns "
	    ":\r\nNewFangledHeader:   newfangled value\r\n continued newfangled value\r\n"
	    "UnknownHeaderWithUnusualValue: ;;,,;;,;\r\nContent-Length: 0\r\n\r\n",
	    /* 3.1.1.2: a method of all token characters, quotes in a display name */
	    "!interesting-Method0123456789_*+`.%indeed'~ "
	    "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/"
	    ";;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0\r\n"
	    "To: \"BEL:\\\x07 NUL:\\x DEL:\\\x7f\" "
	    "<sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>\r\nFrom: token1~` "
	    "token2'+_ token3*%!.- "
	    "<sip:mundane@example.com>;fromParam''~+*_!.-%=\"\xd1\x80\";tag=_token~1'+`*%!-.\r\n"
	    "Content-Length: 0\r\n\r\n",
	    /* 3.1.1.3, 3.1.1.4, 3.1.1.5: escapes, of a NUL too, and percents that are none */
	    "INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0\r\nTo: "
	    "sip:%75se%72@example.com\r\nFrom: <sip:I%20have%20spaces@example.net>;tag=1\r\n\r\n",
	    "REGISTER sip:example.com SIP/2.0\r\nTo: sip:null-%00-null@example.com\r\nContact: "
	    "<sip:%00@host5.example.com>\r\n\r\n",
	    "RE%47IST%45R sip:registrar.example.com SIP/2.0\r\nTo: \"%Z%45\" "
	    "<sip:resource@example.com>\r\n\r\n",
	    /* 3.1.1.6, 3.1.1.9, 3.1.1.10 */
	    "OPTIONS sip:user@example.com SIP/2.0\r\nFrom: "
	    "caller<sip:caller@example.com>;tag=323\r\n\r\n",
	    "OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0\r\nTo: "
	    "sip:j_user@example.com\r\n\r\n",
	    "OPTIONS sip:user@example.com SIP/2.0\r\nVia: SIP/2.0/UDP "
	    "t1.example.com;branch=1\r\nVia: SIP/2.0/UNKNOWN t5.example.com;branch=2\r\n\r\n",
	    /* 3.1.1.12, 3.1.1.13: reason phrases */
	    "SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe\r\nFrom: "
	    "sip:caller@example.com;tag=323\r\n\r\n",
	    "SIP/2.0 100 \r\nFrom: <sip:u@example.com>;tag=1\r\n\r\n",
	    /* 3.1.2.1: separators without anything between them */
	    "INVITE sip:user@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.15;;,;,,\r\nContact: "
	    "\"Joe\" <sip:joe@example.org>;;;;\r\n\r\n",
	    /* 3.1.2.6 to 3.1.2.12: blanks and brackets in the start line, a quote that does not end */
	    "INVITE <sip:user@example.com> SIP/2.0\r\nTo: sip:user@example.com\r\n\r\n",
	    "INVITE  sip:user@example.com;lr  SIP/2.0  \r\nTo: \"Mr. J. User "
	    "<sip:j.user@example.com>\r\n\r\n",
	    "INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0\r\nTo: \"Watson, "
	    "Thomas\" < t.watson@example.org >\r\n\r\n",
	    /* 3.3.8, 3.3.15: everything twice, nothing that is known */
	    "INVITE sip:user@example.com SIP/2.0\r\nFrom: sip:a@example.com\r\nFrom: "
	    "sip:b@example.com\r\nTo: x\r\nTo: \r\n:\r\n: x\r\nno colon\r\n\r\n"};

	setup_home();
	for (size_t i = 0; i < sizeof(torture) / sizeof(torture[0]); i++)
		for (int d = MIGRATION_OUT; d <= MIGRATION_IN; d++) {
			struct slice text = slice_str(torture[i]);
			enum migration_verdict v = rig_swap(&home, d, text, &made);

			ck_assert_msg(v == MIGRATION_OK, "%zu: %s", i, migration_verdict_name(v));
			ck_assert_msg(slice_eq(rig_slice(&made), text), "%zu: %.*s", i,
				      (int)made.len, made.text);
		}
}
END_TEST

/* A request with seven identities: what it costs. */
START_TEST(a_message_costs_microseconds)
{
	enum { ROUNDS = 2000 };
	struct timespec from, to;
	double us;

	setup_home();
	ck_assert_int_eq(
	    request(MIGRATION_OUT,
		    "To: <sip:bob@partner1.net>\r\nContact: "
		    "<sip:alice@10.0.0.5>\r\nP-Asserted-Identity: <sip:alice@home1.net>, "
		    "<tel:+4930123456>\r\n"
		    "Accept-Contact: "
		    "*;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\"\r\nRecord-"
		    "Route: <sip:a.home1.net;lr>, <sip:b.home1.net;lr>\r\n",
		    "application/sdp",
		    "v=0\r\no=alice 1 1 IN IP4 10.0.0.5\r\ns=-\r\nc=IN IP4 10.0.0.5\r\nt=0 "
		    "0\r\nm=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 "
		    "PCMA/8000\r\na=fmtp:101 0-15\r\n"),
	    MIGRATION_OK);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (int i = 0; i < ROUNDS; i++) {
		static char room[RIG_ROOM];

		ck_assert_int_eq(rig_swap(&home, MIGRATION_OUT, rig_slice(&message), &made),
				 MIGRATION_OK);
		ck_assert(!migration_left(&home.view, rig_slice(&made), room));
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	us = ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / 1e3 /
	     ROUNDS;
	printf("%zu octets: %.1f us a message, the last look included\n", message.len, us);
	ck_assert_double_lt(us, 1000); /* on any machine, under any sanitizer */
}
END_TEST

UNIT_MAIN("ims_migration: swap", every_spelling_of_a_name_is_found,
	  names_without_a_scheme_are_private_ones_first, numbers_have_two_forms,
	  a_sip_name_may_have_a_number_on_the_wire, user_parts_stand_alone_at_addresses,
	  the_partners_own_alice_keeps_her_contact, a_partner_may_not_name_what_he_was_not_told,
	  nobody_in_a_domain_of_identities, what_may_not_cross_is_refused,
	  bodies_that_nobody_can_read_do_not_pass, text_in_utf_16_does_not_pass,
	  credentials_that_are_computed_stay_or_are_refused, signatures_over_other_names_are_cut,
	  call_ids_stay_where_they_are_to_stay, what_is_over_begins_nothing,
	  the_last_look_finds_what_is_left, an_answer_that_cannot_cross_is_empty,
	  length_and_what_stands_behind_it, many_names_and_deep_bodies_have_an_end,
	  torture_messages_pass_unharmed, a_message_costs_microseconds)
