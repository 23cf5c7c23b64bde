/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include <stdlib.h>
#include <string.h>
#include "agw/media/msrp.h"

#define SEND_BODY                                                                                  \
	"MSRP a786hjs2 SEND\r\n"                                                                   \
	"To-Path: msrps://agw.example:30001/kjhd37s2s20w2a;tcp\r\n"                                \
	"From-Path: msrps://10.0.0.1:20001/jshA7weztas;tcp\r\n"                                    \
	"Message-ID: 87652491\r\nByte-Range: 1-25/25\r\nContent-Type: text/plain\r\n\r\n"          \
	"Hey Bob, are you there?\r\n"                                                              \
	"-------a786hjs2$\r\n"
#define OK_REPLY                                                                                   \
	"MSRP a786hjs2 200 OK\r\n"                                                                 \
	"To-Path: msrps://10.0.0.1:20001/jshA7weztas;tcp\r\n"                                      \
	"From-Path: msrps://agw.example:30001/kjhd37s2s20w2a;tcp\r\n"                              \
	"-------a786hjs2$\r\n"

/* Feed in pieces of step octets, the rest kept as the gateway keeps it. NULL if the stream was
 * refused. */
static char *relay(const char *in, const struct msrp_paths *paths, size_t step,
		   struct msrp_relay *r)
{
	size_t len = strlen(in), have = 0, at = 0, done = 0, size = 1 << 20;
	char *buf = malloc(len + 1), *out = calloc(1, size);

	ck_assert(buf && out);
	while (at < len || have) {
		size_t take = len - at < step ? len - at : step, made = 0;
		ssize_t n;

		memcpy(buf + have, in + at, take);
		at += take;
		have += take;
		n = msrp_relay_feed(r, paths, buf, have, out + done, size - done - 1, &made);
		if (n < 0) {
			free(buf);
			free(out);
			return NULL;
		}
		done += made;
		have -= (size_t)n;
		memmove(buf, buf + n, have);
		if (!take && !n)
			break;
	}
	free(buf);
	return out;
}

static const struct msrp_paths core = {
    .rewrite = true,
    .scheme = "msrp",
    .to_path = {"msrp://203.0.113.9:50009/9di4ea;tcp", 35},
    .from_path = {"msrp://198.51.100.2:40002/jshA7weztas;tcp", 41},
};
static const struct msrp_paths untouched = {.rewrite = false};

START_TEST(without_rewriting_every_octet_passes)
{
	for (size_t step = 1; step < 300; step++) {
		struct msrp_relay r = {0};
		char *out = relay(SEND_BODY OK_REPLY SEND_BODY, &untouched, step, &r);

		ck_assert_ptr_nonnull(out);
		ck_assert_str_eq(out, SEND_BODY OK_REPLY SEND_BODY);
		ck_assert_uint_eq(r.messages, 3);
		free(out);
	}
}
END_TEST

START_TEST(paths_from_signalling_replace_both_headers)
{
	for (size_t step = 1; step < 300; step += 7) {
		struct msrp_relay r = {0};
		char *out = relay(SEND_BODY, &core, step, &r);

		ck_assert_str_eq(
		    out,
		    "MSRP a786hjs2 SEND\r\n"
		    "To-Path: msrp://203.0.113.9:50009/9di4ea;tcp\r\n"
		    "From-Path: msrp://198.51.100.2:40002/jshA7weztas;tcp\r\n"
		    "Message-ID: 87652491\r\nByte-Range: 1-25/25\r\nContent-Type: text/plain\r\n"
		    "\r\nHey Bob, are you there?\r\n-------a786hjs2$\r\n");
		free(out);
	}
}
END_TEST

START_TEST(without_paths_scheme_and_address_change_and_the_session_id_stays)
{
	struct msrp_paths p = {.rewrite = true,
			       .scheme = "msrp",
			       .to_authority = SLICE_LIT("[2001:db8::9]:7"),
			       .from_authority = SLICE_LIT("198.51.100.2:40002")};
	struct msrp_relay r = {0};
	char *out = relay(OK_REPLY, &p, 1000, &r);

	ck_assert_str_eq(out, "MSRP a786hjs2 200 OK\r\n"
			      "To-Path: msrp://[2001:db8::9]:7/jshA7weztas;tcp\r\n"
			      "From-Path: msrp://198.51.100.2:40002/kjhd37s2s20w2a;tcp\r\n"
			      "-------a786hjs2$\r\n");
	free(out);
}
END_TEST

START_TEST(a_body_may_look_like_an_end_line)
{
#define TRICKY                                                                                     \
	"MSRP abcd SEND\r\nTo-Path: x\r\nFrom-Path: y\r\nContent-Type: a/b\r\n\r\n"                \
	"\r\n-------abce$\r\n\r\n-------abcd!\r\n-------abcdX\r\n\r\n------\r\n-------abc\r\n"     \
	"\r\n-------abcd+\r\n"
	for (size_t step = 1; step < 120; step++) {
		struct msrp_relay r = {0};
		char *out = relay(TRICKY, &untouched, step, &r);

		ck_assert_str_eq(out, TRICKY);
		ck_assert_uint_eq(r.messages, 1);
		ck_assert(!r.in_body);
		free(out);
	}
}
END_TEST

START_TEST(an_empty_send_and_an_empty_body)
{
	static const char both[] =
	    "MSRP abcd SEND\r\nTo-Path: x\r\nFrom-Path: y\r\n-------abcd$\r\n"
	    "MSRP efgh SEND\r\nTo-Path: x\r\nFrom-Path: y\r\nContent-Type: a/b\r\n\r\n"
	    "\r\n-------efgh#\r\n";
	struct msrp_relay r = {0};
	char *out = relay(both, &untouched, 5, &r);

	ck_assert_str_eq(out, both);
	ck_assert_uint_eq(r.messages, 2);
	free(out);
}
END_TEST

START_TEST(empty_lines_between_messages_end_nothing)
{
	for (size_t step = 1; step < 300; step++) {
		struct msrp_relay r = {0};
		char *out =
		    relay("\r\n" SEND_BODY "\r\n\r\n" OK_REPLY "\r\n", &untouched, step, &r);

		ck_assert_ptr_nonnull(out);
		ck_assert_str_eq(out, SEND_BODY OK_REPLY);
		ck_assert_uint_eq(r.messages, 2);
		free(out);
	}
}
END_TEST

START_TEST(good_messages_before_a_broken_one_are_handed_out)
{
	static const char in[] = SEND_BODY OK_REPLY "nonsense\r\n";
	struct msrp_relay r = {0};
	char out[4096];
	size_t made;
	ssize_t n = msrp_relay_feed(&r, &untouched, in, sizeof(in) - 1, out, sizeof(out), &made);

	ck_assert_int_eq(n, (int)strlen(SEND_BODY OK_REPLY));
	ck_assert_mem_eq(out, in, made);
	ck_assert_uint_eq(made, (size_t)n);
	ck_assert_int_eq(msrp_relay_feed(&r, &untouched, in + n, sizeof(in) - 1 - (size_t)n, out,
					 sizeof(out), &made),
			 -1);
}
END_TEST

START_TEST(what_is_no_msrp_is_refused)
{
	static const char *const bad[] = {
	    "GET / HTTP/1.0\r\n",
	    "MSRP abc SEND\r\n",
	    "MSRP a/bcd SEND\r\n",
	    "MSRP abcd\r\n",
	    "MSRP abcd SEND\nTo-Path: x\r\n",
	    "\n",
	    "\r\nGET / HTTP/1.0\r\n",
	    "MSRP abcdefghijklmnopqrstuvwxyz01234567 SEND\r\n",
	};
	char *long_head = malloc(2 * MSRP_HEAD_MAX);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct msrp_relay r = {0};

		ck_assert_msg(relay(bad[i], &untouched, 1000, &r) == NULL, "%s", bad[i]);
	}
	ck_assert_ptr_nonnull(long_head);
	memset(long_head, 'x', 2 * MSRP_HEAD_MAX);
	memcpy(long_head, "MSRP abcd SEND\r\n", 16);
	long_head[2 * MSRP_HEAD_MAX - 1] = 0;
	for (size_t step = 100; step < 20000; step += 5000) {
		struct msrp_relay r = {0};

		ck_assert_ptr_null(relay(long_head, &untouched, step, &r));
	}
	free(long_head);
}
END_TEST

START_TEST(a_full_buffer_stops_before_the_head)
{
	struct msrp_relay r = {0};
	char out[MSRP_HEAD_MAX + MSRP_GROWTH_MAX];
	static char in[200 * sizeof(OK_REPLY)];
	size_t made, total = 0, at = 0, len;

	for (int i = 0; i < 200; i++)
		strcat(in, OK_REPLY);
	len = strlen(in);
	while (at < len) {
		ssize_t n = msrp_relay_feed(&r, &core, in + at, len - at, out, sizeof(out), &made);

		ck_assert_int_gt(n, 0);
		ck_assert_uint_le(made, sizeof(out));
		at += (size_t)n;
		total += made;
	}
	ck_assert_uint_eq(r.messages, 200);
	ck_assert_uint_eq(total,
			  200 * strlen("MSRP a786hjs2 200 OK\r\n"
				       "To-Path: msrp://203.0.113.9:50009/9di4ea;tcp\r\n"
				       "From-Path: msrp://198.51.100.2:40002/jshA7weztas;tcp\r\n"
				       "-------a786hjs2$\r\n"));
}
END_TEST

UNIT_MAIN("msrp", without_rewriting_every_octet_passes, paths_from_signalling_replace_both_headers,
	  without_paths_scheme_and_address_change_and_the_session_id_stays,
	  a_body_may_look_like_an_end_line, an_empty_send_and_an_empty_body,
	  empty_lines_between_messages_end_nothing,
	  good_messages_before_a_broken_one_are_handed_out, what_is_no_msrp_is_refused,
	  a_full_buffer_stops_before_the_head)
