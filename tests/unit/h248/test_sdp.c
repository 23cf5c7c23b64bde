/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h248/codec.h"
#include "h248/sdp.h"
#include "h248/transport/tpkt.h"
#include "unit/unit.h"

static char memory[1 << 16], out[4096];
static struct h248_arena arena;

static struct h248_sdp *parse(const char *text)
{
	struct h248_sdp *sdp = NULL;

	h248_arena_init(&arena, memory, sizeof(memory));
	ck_assert_msg(h248_sdp_parse(slice_str(text), &arena, &sdp) == H248_OK, "%s", text);
	return sdp;
}

START_TEST(a_request_with_wildcards_is_understood)
{
	struct h248_sdp *s = parse("v=0\r\nc=IN IP4 $\r\nm=message $ TCP/TLS/MSRP "
				   "*\r\na=setup:actpass\r\na=fingerprint:$\r\n");
	const struct h248_sdp_line *pos = NULL;
	struct h248_sdp_attribute a;

	ck_assert(slice_eq(s->address, SLICE_LIT("$")));
	ck_assert(slice_eq(s->port, SLICE_LIT("$")));
	ck_assert(slice_eq(s->proto, SLICE_LIT("TCP/TLS/MSRP")));
	ck_assert(slice_eq(s->formats, SLICE_LIT("*")));
	ck_assert(h248_sdp_has_choose(s));
	ck_assert(h248_sdp_attribute_next(s, "SETUP", &pos, &a));
	ck_assert(slice_eq(a.value, SLICE_LIT("actpass")));
	ck_assert(!h248_sdp_attribute_next(s, "setup", &pos, &a));
}
END_TEST

START_TEST(all_three_ways_to_ask_for_a_fingerprint_are_seen)
{
	ck_assert(h248_sdp_has_choose(parse("a=fingerprint:$")));
	ck_assert(h248_sdp_has_choose(parse("a=fingerprint:SHA-256 $")));
	ck_assert(h248_sdp_has_choose(parse("a=fingerprint:$ $")));
	ck_assert(!h248_sdp_has_choose(parse("a=fingerprint:SHA-256 4A$")));
	ck_assert(!h248_sdp_has_choose(parse("c=IN IP4 10.0.0.1\nm=audio 4000 RTP/AVP 0")));
}
END_TEST

START_TEST(alternatives_are_blocks)
{
	struct h248_sdp *s =
	    parse("m=audio 4000/2 RTP/AVP 0 8\nb=AS:30\nv=0\nc=IN IP6 2001:db8::1\nm=- 9 TCP -\n");

	ck_assert_uint_eq(s->port_number, 4000);
	ck_assert_uint_eq(s->port_count, 2);
	ck_assert(!s->version.p);
	ck_assert_int_eq(s->lines->type, 'b');
	ck_assert_ptr_nonnull(s->next);
	ck_assert(slice_eq(s->next->address_type, SLICE_LIT("IP6")));
	ck_assert(slice_eq(s->next->media, SLICE_LIT("-")));
	ck_assert_ptr_null(s->next->next);
	ck_assert_ptr_null(parse(""));
	ck_assert_ptr_null(parse("\r\n\n\r"));
}
END_TEST

START_TEST(what_is_written_is_full_and_reads_the_same)
{
	struct h248_sdp *s =
	    parse("c=IN IP4 10.0.0.254\rm=message 30001 TCP/MSRP *\ra=setup:passive");
	size_t len;

	h248_sdp_add_attribute(&arena, s, "fingerprint", SLICE_LIT("SHA-256 4A:AD"));
	h248_sdp_add_attribute(&arena, s, "recvonly", SLICE_NULL);
	ck_assert_int_eq(h248_sdp_write(s, true, out, sizeof(out), &len), H248_OK);
	out[len] = 0;
	ck_assert_str_eq(
	    out, "v=0\r\no=- 0 0 IN IP4 10.0.0.254\r\ns=-\r\nc=IN IP4 10.0.0.254\r\nt=0 0\r\n"
		 "m=message 30001 TCP/MSRP *\r\na=setup:passive\r\na=fingerprint:SHA-256 "
		 "4A:AD\r\na=recvonly\r\n");
	for (size_t size = 0; size < len; size++) {
		size_t n;

		ck_assert_int_eq(h248_sdp_write(s, true, memory + 32768, size, &n), H248_E_SPACE);
	}
	ck_assert_int_eq(h248_sdp_write(s, false, out, sizeof(out), &len), H248_OK);
	out[len] = 0;
	ck_assert_str_eq(out,
			 "c=IN IP4 10.0.0.254\r\nm=message 30001 TCP/MSRP *\r\na=setup:passive\r\n"
			 "a=fingerprint:SHA-256 4A:AD\r\na=recvonly\r\n");
	s->media = SLICE_LIT("a\nb");
	ck_assert_int_eq(h248_sdp_write(s, false, out, sizeof(out), &len), H248_E_VALUE);
}
END_TEST

START_TEST(bad_lines_are_refused)
{
	const char *const bad[] = {"x",
				   "m=audio",
				   "m=audio x RTP/AVP 0",
				   "m=audio 65536 RTP/AVP 0",
				   "c=IN IP5 1",
				   "c=ATM IP4 1",
				   "c=IN IP4",
				   "A=b",
				   " v=0",
				   "v 0",
				   "m=a 1 b\nm=a 1 b",
				   "c=IN IP4 1\nc=IN IP4 2",
				   "m=a 1/0 b"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct h248_sdp *sdp;

		h248_arena_init(&arena, memory, sizeof(memory));
		ck_assert_msg(h248_sdp_parse(slice_str(bad[i]), &arena, &sdp) == H248_E_SYNTAX,
			      "%s", bad[i]);
	}
}
END_TEST

START_TEST(blocks_lines_and_memory_are_bounded)
{
	struct h248_sdp *sdp;
	char text[2048] = "";

	for (int i = 0; i < H248_SDP_BLOCKS_MAX + 1; i++)
		strcat(text, "v=0\n");
	h248_arena_init(&arena, memory, sizeof(memory));
	ck_assert_int_eq(h248_sdp_parse(slice_str(text), &arena, &sdp), H248_E_SIZE);
	text[0] = 0;
	for (int i = 0; i < H248_SDP_LINES_MAX + 1; i++)
		strcat(text, "a=b\n");
	ck_assert_int_eq(h248_sdp_parse(slice_str(text), &arena, &sdp), H248_E_SIZE);
	h248_arena_init(&arena, memory, 64);
	ck_assert_int_eq(h248_sdp_parse(SLICE_LIT("a=b"), &arena, &sdp), H248_E_MEMORY);
}
END_TEST

START_TEST(tpkt_frames_are_cut_from_a_stream)
{
	static const char stream[] = "\3\0\0\6ab\3\0\0\4\3\0\0\7xyz";
	struct slice payload;
	unsigned char header[4];

	ck_assert_int_eq(h248_tpkt_next(slice_make(stream, 17), &payload), 6);
	ck_assert(slice_eq(payload, SLICE_LIT("ab")));
	ck_assert_int_eq(h248_tpkt_next(slice_make(stream + 6, 11), &payload), 4);
	ck_assert_uint_eq(payload.len, 0);
	for (size_t n = 0; n < 7; n++)
		ck_assert_int_eq(h248_tpkt_next(slice_make(stream + 10, n), &payload), 0);
	ck_assert_int_eq(h248_tpkt_next(slice_make(stream + 10, 7), &payload), 7);
	ck_assert_int_eq(h248_tpkt_next(SLICE_LIT("GET "), &payload), -1);
	ck_assert_int_eq(h248_tpkt_next(slice_make("\3\0\0\3", 4), &payload), -1);
	ck_assert_int_eq(h248_tpkt_header(65531, header), 0);
	ck_assert_uint_eq(header[2], 0xff);
	ck_assert_int_eq(h248_tpkt_header(65532, header), -1);
}
END_TEST

UNIT_MAIN("h248 sdp", a_request_with_wildcards_is_understood,
	  all_three_ways_to_ask_for_a_fingerprint_are_seen, alternatives_are_blocks,
	  what_is_written_is_full_and_reads_the_same, bad_lines_are_refused,
	  blocks_lines_and_memory_are_bounded, tpkt_frames_are_cut_from_a_stream)
