/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration documents and the JSON bodies of both interfaces. Access tokens: tests/unit/cms/daemons/strangers.py. */
#include "unit/unit.h"

#include "daemon/settings.h"
#include "hss/cms/document.h"
#include "hss/cms/message.h"

static char why[256];

static struct slice master(void)
{
	size_t n;
	char *text =
	    settings_read_file("hss/cms/initial-ue-config.xml", DOCUMENT_MAX, &n, why, sizeof(why));

	ck_assert_msg(text != NULL, "%s", why);
	return slice_make(text, n);
}

START_TEST(documents_are_made)
{
	struct slice m = master();
	size_t n, again;
	char *a = document_make(m, "sip:u&1", "urn:uuid:<1>", &n), *b;
	char *c = document_make(m, "sip:u&1", "urn:uuid:<1>", &again);

	ck_assert_ptr_nonnull(a);
	ck_assert_int_eq(document_check(slice_make(a, n), why, sizeof(why)), 0);
	ck_assert_ptr_nonnull(memmem(a, n, "<Instance-ID-URN>urn:uuid:&lt;1&gt;<", 36));
	ck_assert_ptr_nonnull(memmem(a, n, "XUI-URI=\"sip:u&amp;1\"", 21));
	ck_assert(n == again && memcmp(a, c, n) == 0);
	/* in the place of one that is there */
	b = document_make(slice_make(a, n), "sip:u", "urn:uuid:2", &again);
	ck_assert_ptr_nonnull(memmem(b, again, "urn:uuid:2", 10));
	ck_assert_ptr_null(memmem(b, again, "&lt;1", 5));
	free(a);
	free(b);
	free(c);
	free((void *)(uintptr_t)m.p);
}
END_TEST

#define NS   "xmlns=\"urn:3gpp:mcptt:mcpttUEinitConfig:1.0\""
#define OPEN "<mcptt-UE-initial-configuration " NS " domain=\"d\">"
#define END  "</mcptt-UE-initial-configuration>"
#define GOOD OPEN "<on-network><HPLMN PLMN=\"00101\"/><App-Server-Info/><unknown/></on-network>" END

START_TEST(documents_that_are_none)
{
	static const struct {
		const char *text, *says;
	} wrong[] = {
	    {"", "no XML"},
	    {"<a", "no XML"},
	    {"<!DOCTYPE a><a/>", "no XML"},
	    {"<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>", "no XML"},
	    {"<a/>", "its root is not"},
	    {"<mcptt-UE-initial-configuration domain=\"d\"/>", "its root is not"},
	    {"<mcptt-UE-initial-configuration " NS "/>", "no attribute domain"},
	    {OPEN END, "no on-network"},
	    {OPEN "<on-network/>" END, "no HPLMN"},
	    {OPEN "<on-network><HPLMN/></on-network>" END, "no HPLMN"},
	    {OPEN "<on-network><HPLMN PLMN=\"1\"/></on-network>" END, "no App-Server-Info"},
	};
	static char big[DOCUMENT_MAX + 1];
	size_t n;

	ck_assert_int_eq(document_check(SLICE_LIT(GOOD), why, sizeof(why)), 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_int_eq(document_check(slice_str(wrong[i].text), why, sizeof(why)), -1);
		ck_assert_msg(strstr(why, wrong[i].says) != NULL, "%s: %s", wrong[i].text, why);
		ck_assert_ptr_null(document_make(slice_str(wrong[i].text), "x", "y", &n));
	}
	memset(big, ' ', sizeof(big));
	memcpy(big, GOOD, sizeof(GOOD) - 1);
	ck_assert_int_eq(document_check(slice_make(big, sizeof(big)), why, sizeof(why)), -1);
	ck_assert_int_eq(document_check(slice_make(big, sizeof(big) - 1), why, sizeof(why)), 0);
}
END_TEST

START_TEST(times)
{
	static const char *const wrong[] = {"",
					    "2026-12-01 06:30:00Z",
					    "2026-12-01T06:30:00",
					    "2026-12-01T06:30:00z",
					    "2026-02-29T06:30:00Z",
					    "2026-13-01T06:30:00Z",
					    "2026-12-01T24:30:00Z",
					    " 026-12-01T06:30:00Z"};
	char text[24];
	int64_t t;

	ck_assert_int_eq(time_read("2026-12-01T06:30:00Z", &t), 0);
	ck_assert_int_eq(t, 1796106600);
	time_write(t, text);
	ck_assert_str_eq(text, "2026-12-01T06:30:00Z");
	ck_assert_int_eq(time_read(NULL, &t), -1);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(time_read(wrong[i], &t) == -1, "%s", wrong[i]);
}
END_TEST

static struct grant a_grant(void)
{
	struct grant g = {.id = "g1",
			  .partner = "partner1",
			  .mc_id = "sip:a@mc.home1.net",
			  .ue = "urn:uuid:1",
			  .services = "mcptt mcdata",
			  .chosen = "location",
			  .message = "m1",
			  .own = {"a@home1.net", {"sip:a@home1.net"}, 1},
			  .pair = {"o@out.home1.net", {"sip:o@out.home1.net", "tel:+1"}, 2},
			  .inbound = {"i@in.partner1.net", {"sip:i@in.partner1.net"}, 1},
			  .state = GRANT_ACTIVE,
			  .created = 1796106600,
			  .expires = 1796106700};

	return g;
}

static struct slice dump(json_t *j)
{
	char *text = json_dumps(j, JSON_COMPACT);

	ck_assert_ptr_nonnull(text);
	json_decref(j);
	return slice_str(text);
}

START_TEST(written_as_they_are_read)
{
	static struct cms_config cfg = {.system = "home1",
					.database_kind = "hss",
					.database_host = "hss.home1.net",
					.database_realm = "home1.net",
					.home_domain = "in.partner1.net",
					.realm = "partner1.net",
					.pcscf = {"pcscf.partner1.net:5060"},
					.n_pcscf = 1};
	struct grant g = a_grant();
	struct access_request req;
	struct access_answer answer;
	struct event event;
	char sha[65];
	struct slice s = dump(write_access_request(&cfg, &g, 1796106600));

	ck_assert_msg(read_access_request(s, &req, why) == 0, "%s", why);
	ck_assert_str_eq(req.message, "m1");
	ck_assert_str_eq(req.services, "mcptt mcdata");
	ck_assert_str_eq(req.pair.impu[1], "tel:+1");
	ck_assert_int_eq(req.issued, 1796106600);
	ck_assert_int_eq(req.expires, 1796106700);
	/* nothing of what is hidden crosses */
	ck_assert_ptr_null(memmem(s.p, s.len, "a@home1.net", 11));
	free((void *)(uintptr_t)s.p);
	s = dump(write_access_answer(&cfg, &g, "abc"));
	ck_assert_msg(read_access_answer(s, &answer, sha, why) == 0, "%s", why);
	ck_assert_str_eq(answer.inbound.impi, "i@in.partner1.net");
	ck_assert_str_eq(sha, "abc");
	free((void *)(uintptr_t)s.p);
	strcpy(g.connection, answer.connection);
	s = dump(write_connection(&g, "/x", "abc"));
	ck_assert_ptr_nonnull(strstr(s.p, "\"realm\":\"partner1.net\""));
	ck_assert_ptr_nonnull(strstr(s.p, "\"registrarUri\":\"sip:in.partner1.net\""));
	free((void *)(uintptr_t)s.p);
	g.state = GRANT_EXPIRED;
	s = dump(write_event(&g, 0));
	ck_assert_int_eq(read_event(s, &event, why), 0);
	ck_assert_str_eq(event.reason, "partner-expired");
	free((void *)(uintptr_t)s.p);
}
END_TEST

#define UE "\"mcServiceId\":\"sip:a@b.c\",\"ueInstanceId\":\"u\",\"services\":[\"mcptt\"]"

START_TEST(bodies_of_ues)
{
	static const char *const wrong[] = {
	    "",
	    "[]",
	    "{",
	    "{}",
	    "{" UE ",\"mcServiceId\":\"sip:a@b.c\"}",
	    "{" UE ",\"mustKnow\":1}",
	    "{" UE ",\"location\":{\"plmn\":\"1\"}}",
	    "{" UE ",\"location\":{\"plmn\":123456}}",
	    "{" UE ",\"location\":{\"plmn\":\"00101\",\"tac\":\"xyzw\"}}",
	    "{" UE ",\"partnerSystemId\":\"\"}",
	    "{\"mcServiceId\":\"tel:+1\",\"ueInstanceId\":\"u\",\"services\":[\"mcptt\"]}",
	    "{\"mcServiceId\":\"sip:a@b.c\",\"ueInstanceId\":\"a/b\",\"services\":[\"mcptt\"]}",
	    "{\"mcServiceId\":\"sip:a@b.c\",\"ueInstanceId\":\"u\",\"services\":[]}",
	    "{\"mcServiceId\":\"sip:a@b.c\",\"ueInstanceId\":\"u\",\"services\":[1]}",
	    "{\"mcServiceId\":\"sip:a@b.c\",\"ueInstanceId\":\"u\",\"services\":[\"a\",\"a\"]}",
	    "{\"mcServiceId\":\"sip:a@b.c\",\"ueInstanceId\":\"u\",\"services\":[\"a "
	    "b\"],\"x\":\"\\u0000\"}",
	};
	struct ue_request r;

	ck_assert_msg(read_ue_request(SLICE_LIT("{" UE ",\"unknown\":{\"a\":[1]},\"location\":"
						"{\"plmn\":\"00101\",\"tac\":\"00ff\"}}"),
				      &r, why) == 0,
		      "%s", why);
	ck_assert_str_eq(r.plmn, "00101");
	ck_assert_str_eq(r.tac, "00ff");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(read_ue_request(slice_str(wrong[i]), &r, why) == -1, "%s", wrong[i]);
}
END_TEST

UNIT_MAIN("cms/text", documents_are_made, documents_that_are_none, times, written_as_they_are_read,
	  bodies_of_ues)
