/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/core/multipart.h"
#include "unit/unit.h"

#define S     SLICE_LIT
#define SDP   "v=0\r\no=- 1 1 IN IP4 10.20.0.7\r\ns=-\r\nt=0 0\r\n"
#define MIXED "multipart/mixed;boundary=outer1"

static struct alg_sdp_part part;

static enum alg_body find(const char *type, const char *body)
{
	return alg_sdp_find(slice_str(type), SLICE_NULL, SLICE_NULL, slice_str(body), &part);
}

static void expect_sdp(const char *type, const char *body)
{
	ck_assert_msg(find(type, body) == ALG_BODY_SDP, "%s", body);
	ck_assert_msg(slice_eq(part.sdp, S(SDP)), "%.*s", (int)part.sdp.len, part.sdp.p);
}

START_TEST(a_body_of_its_own)
{
	expect_sdp("application/sdp", SDP);
	expect_sdp(" Application/SDP ; charset=utf-8", SDP);
	/* RFC 3261 25.1: SLASH = SWS "/" SWS */
	expect_sdp("application / sdp", SDP);
	expect_sdp("application\t/\r\n sdp;x=y", SDP);
	ck_assert_int_eq(find("application/sdp", ""), ALG_BODY_NONE);
	/* who does not say what it is, and begins as a description does */
	expect_sdp("", SDP);
	ck_assert_int_eq(find("", "hello"), ALG_BODY_NONE);
	ck_assert_int_eq(find("text/plain", SDP), ALG_BODY_NONE);
	ck_assert_int_eq(
	    alg_sdp_find(S("application/sdp"), S("early-session"), SLICE_NULL, S(SDP), &part),
	    ALG_BODY_NONE);
	ck_assert_int_eq(alg_sdp_find(S("application/sdp"), S("session;handling=optional"),
				      S("identity"), S(SDP), &part),
			 ALG_BODY_SDP);
	ck_assert_int_eq(alg_sdp_find(S("application/sdp"), SLICE_NULL, S("gzip"), S(SDP), &part),
			 ALG_BODY_SEALED);
}
END_TEST

START_TEST(one_part_of_several)
{
	expect_sdp(MIXED,
		   "--outer1\r\nContent-Type: application/sdp\r\n\r\n" SDP
		   "\r\n--outer1\r\nContent-Type: message/cpim\r\n\r\nhello\r\n--outer1--\r\n");
	expect_sdp("Multipart/Mixed; boundary=\"outer1\"",
		   "preamble\r\n--outer1  \r\nContent-Type: message/cpim\r\n\r\n--outer\r\n"
		   "\r\n--outer1\r\ncontent-type: application/sdp\r\n\r\n" SDP "\r\n--outer1--");
	/* LF, a folded header, no Content-Type in the first part. */
	ck_assert_int_eq(find(MIXED, "--outer1\n\nhello\n--outer1\nContent-Type:\n"
				     " application/sdp\n\nv=0\n\n--outer1--\n"),
			 ALG_BODY_SDP);
	ck_assert(slice_eq(part.sdp, S("v=0\n")));
	expect_sdp("multipart / mixed;boundary=outer1",
		   "--outer1\r\nContent-Type: application / sdp\r\n\r\n" SDP "\r\n--outer1--");
	/* In an inner multipart. */
	expect_sdp(MIXED, "--outer1\r\nContent-Type: multipart/related;boundary=in\r\n\r\n"
			  "--in\r\nContent-Type: application/sdp\r\n\r\n" SDP "\r\n--in--\r\n"
			  "\r\n--outer1--\r\n");
}
END_TEST

START_TEST(what_cannot_be_changed_is_not)
{
	ck_assert_int_eq(
	    find("multipart/signed;boundary=b",
		 "--b\r\nContent-Type: application/sdp\r\n\r\n" SDP
		 "\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n\r\nx\r\n--b--"),
	    ALG_BODY_SEALED);
	ck_assert_int_eq(find("application/pkcs7-mime", "x"), ALG_BODY_SEALED);
	ck_assert_int_eq(find(MIXED,
			      "--outer1\r\nContent-Type: application/sdp\r\n"
			      "Content-Transfer-Encoding: base64\r\n\r\ndj0wDQo=\r\n--outer1--"),
			 ALG_BODY_SEALED);
	ck_assert_int_eq(find(MIXED, "--outer1\r\nContent-Type: application/sdp\r\n\r\n" SDP
				     "\r\n--outer1\r\nContent-Type: application/sdp\r\n\r\n" SDP
				     "\r\n--outer1--"),
			 ALG_BODY_SEVERAL);
	/* The second one is for early media alone. */
	expect_sdp(MIXED, "--outer1\r\nContent-Type: application/sdp\r\n\r\n" SDP
			  "\r\n--outer1\r\nContent-Type: application/sdp\r\n"
			  "Content-Disposition: early-session\r\n\r\nv=0\r\n\r\n--outer1--");
}
END_TEST

START_TEST(broken_multiparts_are_refused)
{
	/* of two types each reader takes another */
	ck_assert_int_eq(find(MIXED, "--outer1\r\nContent-Type: application/sdp\r\n"
				     "Content-Type: text/plain\r\n\r\n" SDP "\r\n--outer1--"),
			 ALG_BODY_SYNTAX);
	static const char *const bad[][2] = {
	    {"multipart/mixed", "--a\r\n\r\n--a--"},
	    {MIXED, "no delimiter"},
	    {MIXED, "--outer1\r\nContent-Type: application/sdp\r\n\r\n" SDP},
	    {MIXED, "--outer12\r\n\r\n--outer12--"},
	    {"multipart/mixed;boundary="
	     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	     "--"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(find(bad[i][0], bad[i][1]) == ALG_BODY_SYNTAX, "case %zu", i);
}
END_TEST

START_TEST(other_parts_keep_their_bytes)
{
	const char *body =
	    "--outer1\r\nContent-Type: application/sdp\r\nContent-Length: 0\r\n"
	    "X: y\r\n\r\n" SDP
	    "\r\n--outer1\r\nContent-ID: <image@example>\r\n\r\n/9j/4AAQ\r\n--outer1--";
	char buf[1024];
	size_t len;

	ck_assert_int_eq(find(MIXED, body), ALG_BODY_SDP);
	ck_assert_int_eq(alg_sdp_replace(slice_str(body), &part, S("v=0\r\ns=new\r\n"), buf,
					 sizeof(buf) - 1, &len),
			 0);
	buf[len] = '\0';
	ck_assert_str_eq(
	    buf, "--outer1\r\nContent-Type: application/sdp\r\nContent-Length: 12\r\n"
		 "X: y\r\n\r\nv=0\r\ns=new\r\n"
		 "\r\n--outer1\r\nContent-ID: <image@example>\r\n\r\n/9j/4AAQ\r\n--outer1--");
	for (size_t size = 0; size < len; size++)
		ck_assert_int_eq(
		    alg_sdp_replace(slice_str(body), &part, S("v=0\r\ns=new\r\n"), buf, size, &len),
		    -1);
	/* The whole body. */
	ck_assert_int_eq(find("application/sdp", SDP), ALG_BODY_SDP);
	ck_assert_int_eq(alg_sdp_replace(S(SDP), &part, S("v=0\r\n"), buf, sizeof(buf), &len), 0);
	ck_assert(slice_eq(slice_make(buf, len), S("v=0\r\n")));
}
END_TEST

/* The body without what is said of early sessions. */
static const char *without_early(struct slice body)
{
	static char out[2048];
	size_t n = 0;
	const char *at = body.p;

	for (unsigned i = 0; i < part.earlies; i++) {
		memcpy(out + n, at, (size_t)(part.early[i].p - at));
		n += (size_t)(part.early[i].p - at);
		at = part.early[i].p + part.early[i].len;
	}
	memcpy(out + n, at, (size_t)(body.p + body.len - at));
	n += (size_t)(body.p + body.len - at);
	out[n] = '\0';
	return out;
}

#define EARLY                                                                                      \
	"Content-Type: application/sdp\r\nContent-Disposition: "                                   \
	"Early-Session;handling=optional\r\n\r\n" SDP
#define TEXT "Content-Type: text/plain\r\n\r\nhello"
#define MAIN "Content-Type: application/sdp\r\n\r\n" SDP

/* RFC 3959: told apart, so that it can be left out. */
START_TEST(early_sessions_are_told)
{
	const char *body;

	ck_assert_int_eq(
	    alg_sdp_find(S("application/sdp"), S("early-session"), SLICE_NULL, S(SDP), &part),
	    ALG_BODY_NONE);
	ck_assert_uint_eq(part.earlies, 1);
	ck_assert(slice_eq(part.early[0], S(SDP)));
	/* behind the session, and before it */
	body = "--outer1\r\n" MAIN "\r\n--outer1\r\n" EARLY "\r\n--outer1--\r\n";
	expect_sdp(MIXED, body);
	ck_assert_uint_eq(part.earlies, 1);
	ck_assert_str_eq(without_early(slice_str(body)), "--outer1\r\n" MAIN "\r\n--outer1--\r\n");
	body = "--outer1\r\n" EARLY "\r\n--outer1\r\n" EARLY "\r\n--outer1\r\n" MAIN
	       "\r\n--outer1--\r\n";
	expect_sdp(MIXED, body);
	ck_assert_uint_eq(part.earlies, 2);
	ck_assert_str_eq(without_early(slice_str(body)),
			 "\r\n--outer1\r\n" MAIN "\r\n--outer1--\r\n");
	/* without a session */
	body = "--outer1\r\n" TEXT "\r\n--outer1\r\n" EARLY "\r\n--outer1--";
	ck_assert_int_eq(find(MIXED, body), ALG_BODY_NONE);
	ck_assert_str_eq(without_early(slice_str(body)), "--outer1\r\n" TEXT "\r\n--outer1--");
	/* an inner multipart of nothing else goes whole, and so does a body */
	body =
	    "--outer1\r\n" TEXT "\r\n--outer1\r\nContent-Type: multipart/mixed;boundary=in\r\n\r\n"
	    "--in\r\n" EARLY "\r\n--in--\r\n--outer1--";
	ck_assert_int_eq(find(MIXED, body), ALG_BODY_NONE);
	ck_assert_str_eq(without_early(slice_str(body)), "--outer1\r\n" TEXT "\r\n--outer1--");
	body = "--outer1\r\n" EARLY "\r\n--outer1--";
	ck_assert_int_eq(find(MIXED, body), ALG_BODY_NONE);
	ck_assert_uint_eq(part.earlies, 1);
	ck_assert_uint_eq(part.early[0].len, strlen(body));
	/* signed: it cannot be left out */
	ck_assert_int_eq(find("multipart/signed;boundary=outer1",
			      "--outer1\r\n" TEXT "\r\n--outer1\r\n" EARLY "\r\n--outer1--"),
			 ALG_BODY_SEALED);
	ck_assert_int_eq(find(MIXED,
			      "--outer1\r\n" EARLY "\r\n--outer1\r\n" EARLY "\r\n--outer1\r\n" EARLY
			      "\r\n--outer1\r\n" EARLY "\r\n--outer1\r\n" EARLY "\r\n--outer1--"),
			 ALG_BODY_SEVERAL);
}
END_TEST

UNIT_MAIN("ims_alg multipart", a_body_of_its_own, one_part_of_several,
	  what_cannot_be_changed_is_not, early_sessions_are_told, broken_multiparts_are_refused,
	  other_parts_keep_their_bytes)
