/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ue/msrp_msg.h"
#include "unit/unit.h"

/* What a reader told, as text: "H<method or code> B<octets> E<flag>", or "!why". */
static void read_all(struct ue_msrp_reader *r, struct slice octets, struct text *out)
{
	struct ue_msrp_head h;
	struct slice body;
	const char *why;
	char flag;

	ue_msrp_feed(r, octets);
	for (;;) {
		switch (ue_msrp_next(r, &h, &body, &flag, &why)) {
		case UE_MSRP_MORE:
			return;
		case UE_MSRP_HEAD:
			if (h.request)
				text_add(out, "H%.*s ", (int)h.method.len, h.method.p);
			else
				text_add(out, "H%d ", h.code);
			break;
		case UE_MSRP_BODY:
			text_put(out, body);
			break;
		case UE_MSRP_END:
			text_add(out, " E%c ", flag);
			break;
		case UE_MSRP_BAD:
			text_add(out, "!%s", why);
			return;
		}
	}
}

#define PATHS "To-Path: msrp://h:1/b;tcp\r\nFrom-Path: msrp://h:2/a;tcp\r\n"

static const char stream[] =
    "MSRP aaaa SEND\r\n" PATHS "Message-ID: m1\r\nByte-Range: 1-5/9\r\nContent-Type: t/p\r\n\r\n"
    "12345\r\n-------aaaa+\r\n"
    "MSRP aaaa 200 OK\r\n" PATHS "-------aaaa$\r\n"
    "\r\n"
    "MSRP bbbb SEND\r\n" PATHS "Message-ID: m1\r\nByte-Range: 6-9/9\r\nContent-Type: t/p\r\n\r\n"
    "\r\n-------bbbc$\r\n-------bbbb\r\n-------bbbb$\r\n"
    "MSRP cccc SEND\r\n" PATHS "Message-ID: m2\r\n-------cccc$\r\n"
    "MSRP dddd REPORT\r\n" PATHS "Message-ID: m1\r\nByte-Range: 1-9/9\r\nStatus: 000 200 OK\r\n"
    "-------dddd$\r\n"
    "MSRP eeee SEND\r\n" PATHS "Message-ID: m3\r\nContent-Type: t/p\r\n\r\n\r\n-------eeee#\r\n";

static const char told[] = "HSEND 12345 E+ H200  E$ HSEND \r\n-------bbbc$\r\n-------bbbb E$ "
			   "HSEND  E$ HREPORT  E$ HSEND  E# ";

START_TEST(a_stream_is_read_however_it_is_cut)
{
	for (size_t cut = 0; cut < sizeof(stream); cut++) {
		struct ue_msrp_reader r = {0};
		struct text out = {0};

		read_all(&r, slice_make(stream, cut), &out);
		read_all(&r, slice_make(stream + cut, sizeof(stream) - 1 - cut), &out);
		ck_assert_msg(slice_eq(text_slice(&out), slice_str(told)), "cut at %zu: %s", cut,
			      out.p);
		text_free(&out);
		ue_msrp_reader_free(&r);
	}
}
END_TEST

START_TEST(an_octet_at_a_time)
{
	struct ue_msrp_reader r = {0};
	struct text out = {0};

	for (size_t i = 0; i < sizeof(stream) - 1; i++)
		read_all(&r, slice_make(stream + i, 1), &out);
	ck_assert_str_eq(out.p, told);
	text_free(&out);
	ue_msrp_reader_free(&r);
}
END_TEST

START_TEST(heads_are_read_whole)
{
	struct ue_msrp_reader r = {0};
	struct ue_msrp_head h;
	struct slice body;
	const char *why;
	char flag;

	ue_msrp_feed(&r,
		     SLICE_LIT("MSRP a.-+%= SEND\r\nTo-Path: msrps://[fd00::1]:7/x;tcp\r\n"
			       "From-Path: msrp://h:2/a;tcp msrp://h:3/b;tcp\r\nMessage-ID: id\r\n"
			       "Success-Report: yes\r\nFailure-Report: partial\r\n"
			       "byte-range: 3-*/*\r\nX: y\r\nContent-Type: a/b;c=d\r\n\r\nq"));
	ck_assert_int_eq(ue_msrp_next(&r, &h, &body, &flag, &why), UE_MSRP_HEAD);
	ck_assert(h.request && h.has_body && h.has_range && h.start == 3 && h.open_end &&
		  h.open_total);
	ck_assert(slice_eq(h.tid, SLICE_LIT("a.-+%=")) && slice_eq(h.success, SLICE_LIT("yes")));
	ck_assert(slice_eq(h.failure, SLICE_LIT("partial")));
	ck_assert(slice_eq(h.type, SLICE_LIT("a/b;c=d")));
	ue_msrp_reader_free(&r);
}
END_TEST

START_TEST(what_is_no_msrp_says_why)
{
	static const char *const bad[] = {
	    "HTTP/1.1 200 OK\r\n\r\n",
	    "MSRP abc SEND\r\n\r\n",
	    "MSRP abcd\r\n\r\n",
	    "MSRP abcd send\r\n" PATHS "Message-ID: x\r\n-------abcd$\r\n",
	    "MSRP abcd SEND\n" PATHS "\r\n",
	    "MSRP abcd SEND\r\nMessage-ID: x\r\n-------abcd$\r\n",
	    "MSRP abcd SEND\r\n" PATHS "-------abcd$\r\n",
	    "MSRP abcd SEND\r\n" PATHS "Message-ID: x\r\n\r\nbody without type\r\n-------abcd$\r\n",
	    "MSRP abcd SEND\r\n" PATHS "Message-ID: x\r\nMessage-ID: y\r\n-------abcd$\r\n",
	    "MSRP abcd SEND\r\n" PATHS "Message-ID: x\r\nByte-Range: 5-3/9\r\n-------abcd$\r\n",
	    "MSRP abcd SEND\r\n" PATHS "Message-ID: x\r\nByte-Range: 0-3/9\r\n-------abcd$\r\n",
	    "MSRP abcd SEND\r\n" PATHS "Message-ID: x\r\nByte-Range: 1-9/5\r\n-------abcd$\r\n",
	    "MSRP abcd SEND\r\nFrom-Path: msrp://h:2/a;tcp\r\nTo-Path: msrp://h:1/b;tcp\r\n"
	    "Message-ID: x\r\n-------abcd$\r\n",
	    "MSRP abcd SEND\r\nno colon\r\n-------abcd$\r\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ue_msrp_reader r = {0};
		struct text out = {0};

		read_all(&r, slice_str(bad[i]), &out);
		ck_assert_msg(out.p && out.p[0] == '!', "%s", bad[i]);
		text_free(&out);
		ue_msrp_reader_free(&r);
	}
}
END_TEST

START_TEST(a_head_without_end_is_given_up)
{
	struct ue_msrp_reader r = {0};
	struct text out = {0};

	read_all(&r, SLICE_LIT("MSRP abcd SEND\r\n"), &out);
	for (int i = 0; i < 3000 && !out.p; i++)
		read_all(&r, SLICE_LIT("X-Y: zzzzzz\r\n"), &out);
	ck_assert_str_eq(out.p, "!a head without end");
	text_free(&out);
	ue_msrp_reader_free(&r);
}
END_TEST

START_TEST(paths_are_compared_as_the_rfc_says)
{
	static const struct {
		const char *a, *b;
		bool same;
	} t[] = {
	    {"msrp://h:1/x;tcp", "MSRP://H:1/x;TCP", true},
	    {"msrp://h:1/x;tcp", "msrp://h:1/X;tcp", false},
	    {"msrp://h:1/x;tcp", "msrps://h:1/x;tcp", false},
	    {"msrp://h:1/x;tcp", "msrp://h:2/x;tcp", false},
	    {"msrp://me@h:1/x;tcp", "msrp://h:1/x;tcp", true},
	    {"msrp://[fd00::1]:1/x;tcp", "msrp://[fd00:0::1]:1/x;tcp", true},
	    {"msrp://h:1/x;tcp msrp://g:1/y;tcp", "msrp://h:1/x;tcp", false},
	    {"msrp://h:1/x;tcp msrp://g:1/y;tcp", "msrp://h:1/x;tcp msrp://g:1/y;tcp", true},
	    {"msrp://h/x;tcp", "msrp://h/x;tcp", false}, /* without a port it is none */
	    {"msrp://h:1/;tcp", "msrp://h:1/;tcp", false},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		ck_assert_msg(ue_msrp_path_eq(slice_str(t[i].a), slice_str(t[i].b)) == t[i].same,
			      "%s, %s", t[i].a, t[i].b);
}
END_TEST

START_TEST(what_is_written_is_read)
{
	struct ue_msrp_range range = {1, 4, 4}, empty = {1, 0, 0};
	struct ue_msrp_reader r = {0};
	struct text t = {0}, out = {0};

	ue_msrp_write_send(&t, "t123", "msrp://h:1/b;tcp", "msrp://h:2/a;tcp", "id", &range);
	text_put(&t, SLICE_LIT("Content-Type: a/b\r\n\r\nfour\r\n"));
	ue_msrp_write_end(&t, "t123", '$');
	ue_msrp_write_send(&t, "t124", "msrp://h:1/b;tcp", "msrp://h:2/a;tcp", "id", &empty);
	ue_msrp_write_end(&t, "t124", '$');
	ue_msrp_write_response(&t, SLICE_LIT("t125"), 481, SLICE_LIT("msrp://h:1/b;tcp"),
			       "msrp://h:2/a;tcp");
	ue_msrp_write_report(&t, "t126", SLICE_LIT("msrp://h:1/b;tcp"), "msrp://h:2/a;tcp",
			     SLICE_LIT("id"), 4, 200);
	ck_assert_ptr_nonnull(strstr(t.p, "Byte-Range: 1-4/4\r\n"));
	ck_assert_ptr_nonnull(strstr(t.p, "Byte-Range: 1-0/0\r\n"));
	read_all(&r, text_slice(&t), &out);
	ck_assert_str_eq(out.p, "HSEND four E$ HSEND  E$ H481  E$ HREPORT  E$ ");
	text_free(&t);
	text_free(&out);
	ue_msrp_reader_free(&r);
}
END_TEST

UNIT_MAIN("ims-ue: MSRP messages", a_stream_is_read_however_it_is_cut, an_octet_at_a_time,
	  heads_are_read_whole, what_is_no_msrp_says_why, a_head_without_end_is_given_up,
	  paths_are_compared_as_the_rfc_says, what_is_written_is_read)
