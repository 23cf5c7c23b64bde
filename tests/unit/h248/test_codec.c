/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The codec from the outside: what is read is what was meant, and what is written is read as the
 * same. */
#include <dirent.h>
#include <stdio.h>

#include "h248/codec.h"
#include "unit/h248/generate.h"
#include "unit/unit.h"

static char memory[2][1 << 20], text[1 << 17], out[1 << 17];

static struct h248_message *decode(int which, struct slice s)
{
	struct h248_arena arena;
	struct h248_decode_error error;
	struct h248_message *m;
	int rc;

	h248_arena_init(&arena, memory[which], sizeof(memory[which]));
	rc = h248_decode(s, NULL, &arena, &m, &error);
	ck_assert_msg(rc == H248_OK && error.code == 0, "%d, code %u at %zu (%.30s): %s\n%.*s", rc,
		      error.code, error.offset, s.p + error.offset, error.what ? error.what : "",
		      (int)s.len, s.p);
	return m;
}

static void same_after_encoding(const struct h248_message *m, const char *what)
{
	for (int style = H248_PRETTY; style <= H248_COMPACT; style++) {
		size_t len = 0;
		int rc = h248_encode(m, (enum h248_style)style, out, sizeof(out), &len);

		ck_assert_msg(rc == H248_OK, "%s: encode: %s", what, h248_strerror(rc));
		ck_assert_msg(h248_message_equal(m, decode(1, slice_make(out, len))),
			      "%s: style %d\n%.*s", what, style, (int)len, out);
	}
}

static struct slice read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t n;

	ck_assert_msg(f != NULL, "%s", path);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	return slice_make(text, n);
}

START_TEST(every_example_survives_both_encodings)
{
	const char *dir = "tests/unit/h248/messages";
	DIR *d = opendir(dir);
	struct dirent *e;
	int n = 0;

	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d))) {
		char path[512];

		if (!strstr(e->d_name, ".txt"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		same_after_encoding(decode(0, read_file(path)), e->d_name);
		n++;
	}
	closedir(d);
	ck_assert_int_eq(n, 31);
}
END_TEST

START_TEST(generated_messages_survive_both_encodings)
{
	struct generator g = {0};

	for (uint64_t seed = 1; seed <= 6000; seed++) {
		struct h248_arena arena;
		struct h248_message *m;
		char what[64];

		h248_arena_init(&arena, memory[0], sizeof(memory[0]));
		m = generate_message(&g, seed, (uint8_t)(1 + seed % 3), &arena);
		ck_assert_ptr_nonnull(m);
		snprintf(what, sizeof(what), "seed %llu", (unsigned long long)seed);
		same_after_encoding(m, what);
	}
}
END_TEST

/* Equality must not be blind: a changed byte of the text changes the model, or the text is not read
 * at all. */
START_TEST(equality_sees_a_changed_model)
{
	struct slice s = read_file("tests/unit/h248/messages/57_sdes.txt");
	const char *const changes[][2] = {
	    {"1401", "1402"},
	    {"Emergency", "Topology{a,b,BW}"},
	    {"= 15", "= 14"},
	    {"access/$", "access/1"},
	    {"Inactive", "SO"},
	    {"2E", "2F"},
	    {"\"access.ims\"", "ims"},
	    {"IP4 $", "IP4 %"},
	    {"LATCH", "OFF"},
	    {"2401", "2402"},
	    {"BOTH", "IN"},
	    {"dt = 30", "dt > 30"},
	};

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		char *at;
		size_t n = strlen(changes[i][0]), len;

		text[s.len] = 0;
		at = strstr(text, changes[i][0]);
		ck_assert_ptr_nonnull(at);
		len = (size_t)snprintf(out, sizeof(out), "%.*s%s%s", (int)(at - text), text,
				       changes[i][1], at + n);
		ck_assert_msg(!h248_message_equal(decode(0, s), decode(1, slice_make(out, len))),
			      "%s", changes[i][0]);
	}
}
END_TEST

START_TEST(long_and_short_tokens_mean_the_same)
{
	ck_assert(
	    h248_message_equal(decode(0, SLICE_LIT("MEGACO/1 "
						   "[192.0.2.1]\nTransaction=1{Context=1{Modify=t{"
						   "Media{LocalControl{Mode=ReceiveOnly}},"
						   "Signals{},Events}}}")),
			       decode(1, SLICE_LIT("!/1 [192.0.2.1] t = 1 { c = 1 { mf = T { m { o "
						   "{ mo = rc } } , sg , e } } }"))));
}
END_TEST

START_TEST(blanks_and_comments_stand_anywhere_between_tokens)
{
	ck_assert(h248_message_equal(
	    decode(0, SLICE_LIT("!/1 <a.b> T=1{C=-{SC=ROOT{SV{MT=RS,RE=\"901\"}}}}")),
	    decode(1, SLICE_LIT(" ; hello {\r\n!/1 ; {\n<a.b>;}\rT ; =\n = 1 {; \" \n C = - {\t "
				"SC=ROOT{SV{\r\n MT=RS;\n"
				",RE=\"901\" } } } } ; end\n"))));
}
END_TEST

START_TEST(session_descriptions_end_at_the_first_bare_brace)
{
	struct h248_message *m =
	    decode(0, SLICE_LIT("!/1 a T=1{C=1{A=$\n{M{L{ \r\n v=0\na=x:{\\}\"{ \n},R{}}}}}"));
	struct h248_stream *s = m->transactions->actions->commands->descriptors->u.media.streams;

	ck_assert(slice_eq(s->local, SLICE_LIT("v=0\na=x:{}\"{")));
	ck_assert(s->has_remote && s->remote.len == 0);
	same_after_encoding(m, "escaped");
}
END_TEST

START_TEST(the_model_says_what_the_text_said)
{
	struct h248_message *m = decode(0, read_file("tests/unit/h248/messages/57_sdes.txt"));
	struct h248_transaction *t = m->transactions;
	struct h248_action *a = t->actions;
	struct h248_command *c = a->commands;
	struct h248_stream *s = c->descriptors->u.media.streams;
	uint64_t n;
	bool on;

	ck_assert_uint_eq(m->version, 3);
	ck_assert_uint_eq(m->needs_version, 3); /* IEPSCall */
	ck_assert_int_eq(m->mid.kind, H248_MID_IPV4);
	ck_assert_uint_eq(m->mid.port, 2944);
	ck_assert_int_eq(t->kind, H248_REQUEST);
	ck_assert_uint_eq(t->id, 1401);
	ck_assert_uint_eq(a->context, H248_CONTEXT_CHOOSE);
	ck_assert_int_eq(a->properties->emergency, H248_ON);
	ck_assert_int_eq(a->properties->ieps, H248_ON);
	ck_assert_uint_eq(a->properties->priority, 15);
	ck_assert_int_eq(c->kind, H248_ADD);
	ck_assert(slice_eq(c->tid.id, SLICE_LIT("ip/access/$")));
	ck_assert_int_eq(s->control->mode, H248_INACTIVE);
	ck_assert_int_eq(
	    h248_parm_u64(h248_parm_find(s->control->properties, "tman", "sdr"), 1000000, &n), 0);
	ck_assert_uint_eq(n, 8000);
	ck_assert_int_eq(
	    h248_parm_bool(h248_parm_find(s->control->properties, "RTCPH", "rsb"), &on), 0);
	ck_assert(on);
	ck_assert(h248_parm_find(s->control->properties, "ipdc", "realm")->value.quoted);
	ck_assert_int_eq(c->descriptors->next->kind, H248_D_SIGNALS);
	ck_assert(h248_name_is(&c->descriptors->next->u.signals.list->name, "ipnapt", "latch"));
	ck_assert_uint_eq(c->descriptors->next->next->u.events.request.id, 2401);
	ck_assert_ptr_null(c->next);
}
END_TEST

START_TEST(terminations_match_wildcards_by_component)
{
	ck_assert(h248_tid_match(SLICE_LIT("*"), SLICE_LIT("ip/core/7")));
	ck_assert(!h248_tid_match(SLICE_LIT("*"), H248_ROOT));
	ck_assert(h248_tid_match(SLICE_LIT("root"), H248_ROOT));
	ck_assert(h248_tid_match(SLICE_LIT("ip/*"), SLICE_LIT("ip/core/7")));
	ck_assert(h248_tid_match(SLICE_LIT("IP/core/*"), SLICE_LIT("ip/core/7")));
	ck_assert(h248_tid_match(SLICE_LIT("ip/*/7"), SLICE_LIT("ip/core/7")));
	ck_assert(!h248_tid_match(SLICE_LIT("ip/*/7"), SLICE_LIT("ip/core/8")));
	ck_assert(!h248_tid_match(SLICE_LIT("ip/core/*"), SLICE_LIT("ip/core")));
	ck_assert(h248_tid_match(SLICE_LIT("ip/c*/1$"), SLICE_LIT("ip/core/17")));
	ck_assert(!h248_tid_match(SLICE_LIT("ip/core/1"), SLICE_LIT("ip/core/17")));
	ck_assert(!h248_tid_match(SLICE_LIT("ip/core"), SLICE_LIT("ip/core/7")));
}
END_TEST

START_TEST(mids_are_read_and_written)
{
	const char *const good[] = {"[192.0.2.1]:2944", "[2001:db8::1]", "<mgc.example.net>:1",
				    "a/b@c-d.e",	"MTP{00ff}",	 "<a_b.example>"};
	const char *const bad[] = {
	    "",		"[192.0.2.256]", "[192.0.2]",	    "[1:2:3]",	 "<>",	"<_b>",	   "1a/b",
	    "[1.2.3.4", "[1.2.3.4]:x",	 "[1.2.3.4]:65536", "MTP{xx00}", "a b", "MTP{123}"};
	char buf[80];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct h248_mid mid;

		ck_assert_msg(h248_mid_parse(slice_str(good[i]), &mid) == 0, "%s", good[i]);
		ck_assert_int_eq(h248_mid_format(&mid, buf, sizeof(buf)), (int)strlen(good[i]));
		ck_assert_str_eq(buf, good[i]);
		ck_assert_int_eq(h248_mid_format(&mid, buf, strlen(good[i])), -1);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct h248_mid mid = {H248_MID_PORT, SLICE_NULL, 7};

		ck_assert_msg(h248_mid_parse(slice_str(bad[i]), &mid) == -1 && mid.port == 7, "%s",
			      bad[i]);
	}
}
END_TEST

START_TEST(actions_alone_are_written_as_they_are_read)
{
	static const char in[] = "C=1{MF=t{M{ST=1{O{MO=SR,gm/saf=ON}}}},S=u},C=${A=ip/$}";
	static char nodes[16384], again[256];
	struct h248_arena arena;
	struct h248_action *actions = NULL;
	size_t len;

	h248_arena_init(&arena, nodes, sizeof(nodes));
	ck_assert_int_eq(h248_decode_actions(slice_str(in), &arena, &actions, NULL), H248_OK);
	ck_assert_int_eq(
	    h248_encode_actions(actions, H248_REQUEST, 3, H248_COMPACT, again, sizeof(again), &len),
	    H248_OK);
	ck_assert_msg(slice_eq(slice_make(again, len), slice_str(in)), "%.*s", (int)len, again);
	ck_assert_int_eq(
	    h248_encode_actions(actions, H248_REQUEST, 3, H248_COMPACT, again, len - 1, &len),
	    H248_E_SPACE);
	ck_assert_int_eq(
	    h248_encode_actions(actions, H248_PENDING, 3, H248_COMPACT, again, sizeof(again), &len),
	    H248_E_ARGUMENT);
	actions->commands->wildcard_response = true; /* not in a reply */
	ck_assert_int_eq(
	    h248_encode_actions(actions, H248_REPLY, 3, H248_COMPACT, again, sizeof(again), &len),
	    H248_E_VALUE);
}
END_TEST

START_TEST(later_versions_are_not_sent_to_earlier_peers)
{
	struct h248_message *m = decode(0, read_file("tests/unit/h248/messages/57_sdes.txt"));
	size_t len;

	m->version = 2;
	ck_assert_int_eq(h248_encode(m, H248_COMPACT, out, sizeof(out), &len), H248_E_VERSION);
	m->transactions->actions->properties->ieps = H248_UNSET;
	ck_assert_int_eq(h248_encode(m, H248_COMPACT, out, sizeof(out), &len), H248_OK);
	m->version = 4;
	ck_assert_int_eq(h248_encode(m, H248_COMPACT, out, sizeof(out), &len), H248_E_VERSION);
}
END_TEST

START_TEST(no_signals_are_written_as_the_version_has_it)
{
	struct h248_message *m = decode(0, SLICE_LIT("!/1 a T=1{C=1{MF=t{SG{}}}}"));
	size_t len;

	for (uint8_t version = 1; version <= 3; version++) {
		m->version = version;
		ck_assert_int_eq(h248_encode(m, H248_COMPACT, out, sizeof(out), &len), H248_OK);
		out[len] = 0;
		ck_assert_msg(strstr(out, version == 1 ? "{SG{}}" : "{SG}") != NULL, "%s", out);
	}
}
END_TEST

START_TEST(every_output_size_is_respected)
{
	struct h248_message *m = decode(0, read_file("tests/unit/h248/messages/57_sdes.txt"));
	size_t full = 0;

	ck_assert_int_eq(h248_encode(m, H248_PRETTY, out, sizeof(out), &full), H248_OK);
	for (size_t size = 0; size < full; size++) {
		size_t len = 77;
		char *exact =
		    malloc(size ? size : 1); /* the sanitizer sees the first byte too many */

		ck_assert_int_eq(h248_encode(m, H248_PRETTY, exact, size, &len), H248_E_SPACE);
		ck_assert_uint_eq(len, 77);
		free(exact);
	}
}
END_TEST

START_TEST(every_arena_size_is_respected)
{
	struct slice s = read_file("tests/unit/h248/messages/57_sdes.txt");
	int rc = H248_E_MEMORY;

	for (size_t size = 0; rc == H248_E_MEMORY; size += 8) {
		char *exact = malloc(size ? size : 1);
		struct h248_arena arena;
		struct h248_message *m;

		ck_assert_uint_lt(size, 1 << 16);
		h248_arena_init(&arena, exact, size);
		rc = h248_decode(s, NULL, &arena, &m, NULL);
		ck_assert(rc == H248_OK ? m != NULL : m == NULL);
		free(exact);
	}
	ck_assert_int_eq(rc, H248_OK);
}
END_TEST

START_TEST(what_the_grammar_cannot_say_is_not_written)
{
	static const struct {
		const char *value;
		bool quoted;
	} bad[] = {{"a\"b", true}, {"a\nb", true}, {"a b", false}, {"", false}, {"a{", false}};
	struct h248_arena arena;
	size_t len;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct h248_message m = {.version = 1, .mid = {H248_MID_DEVICE, SLICE_LIT("a"), 0}};
		struct h248_descriptor *d;

		h248_arena_init(&arena, memory[0], sizeof(memory[0]));
		d = h248_new_descriptor(
		    &arena,
		    h248_new_command(
			&arena,
			h248_new_action(
			    &arena, &h248_new_transaction(&arena, &m, H248_REQUEST, 1)->actions, 1),
			H248_ADD, SLICE_LIT("t")),
		    H248_D_MEDIA);
		h248_new_parm(&arena,
			      &h248_new_control(&arena, h248_new_stream(&arena, d, 1))->properties,
			      "p", "i", slice_str(bad[i].value), bad[i].quoted);
		ck_assert_int_eq(h248_encode(&m, H248_COMPACT, out, sizeof(out), &len),
				 H248_E_VALUE);
	}
}
END_TEST

/* The decoder is liberal; what it took beyond the grammar is not passed on to others. */
START_TEST(what_is_read_beyond_the_grammar_is_not_written)
{
	static const char *const texts[] = {
	    "!/3 a SM=1/2/& K{1}",
	    "!/2 a P=1{C=-{SC=ROOT{SV{MT=RS,RE=\"901\"}}}}",
	    "!/2 a P=1{C=1{O-S=t}}",
	    "!/2 a P=1{C=1{S=t{AT{}}}}",
	    "!/2 a T=1{C=1{MF=t{OE=1{a/b}}}}",
	    "!/2 a T=1{C=1{N=t{M{L{a}}}}}",
	    "!/2 a T=1{C=-{SC=ROOT{SV{V=2}}}}",
	    "!/3 a T=1{C=1{CT{a/b=1,CLT={1}},MF=t}}",
	    "!/2 a T=1{C=1{MF=t{EB{20261121T12000000:a/b}}}}",
	    "!/2 a P=1{C=1{S=t{SA{a/b>1}}}}",
	    "!/2 a T=1{C=1{AV=t{AT{SA{a/b,a/c}}}}}",
	    "!/2 a T=1{C=1{AV=t{AT{M{TS{SI,BF}}}}}}",
	    "!/2 a T=1{C=1{AV=t{AT{M{ST=1{O{MO},L{a}}}}}}}",
	    "!/2 a T=1{C=1{AV=t{AT{SG{a/b{x=1}}}}}}",
	    "!/2 a P=1{C=1{S=t{ER=430{\"\xc3\xa9\"}}}}",
	};
	size_t len;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(h248_encode(decode(0, slice_str(texts[i])), H248_COMPACT, out,
					  sizeof(out), &len) == H248_E_VALUE,
			      "%s", texts[i]);
}
END_TEST

START_TEST(building_into_a_full_arena_gives_null_and_says_so)
{
	struct h248_arena arena;
	struct h248_action *actions = NULL;
	char small[64];

	h248_arena_init(&arena, small, sizeof(small));
	ck_assert_ptr_null(h248_new_stream(
	    &arena,
	    h248_new_descriptor(&arena,
				h248_new_command(&arena, h248_new_action(&arena, &actions, 1),
						 H248_ADD, SLICE_LIT("t")),
				H248_D_MEDIA),
	    1));
	ck_assert(arena.overflow);
}
END_TEST

UNIT_MAIN("h248 codec", every_example_survives_both_encodings,
	  generated_messages_survive_both_encodings, equality_sees_a_changed_model,
	  long_and_short_tokens_mean_the_same, blanks_and_comments_stand_anywhere_between_tokens,
	  session_descriptions_end_at_the_first_bare_brace, the_model_says_what_the_text_said,
	  terminations_match_wildcards_by_component, mids_are_read_and_written,
	  actions_alone_are_written_as_they_are_read, later_versions_are_not_sent_to_earlier_peers,
	  no_signals_are_written_as_the_version_has_it, every_output_size_is_respected,
	  every_arena_size_is_respected, what_the_grammar_cannot_say_is_not_written,
	  what_is_read_beyond_the_grammar_is_not_written,
	  building_into_a_full_arena_gives_null_and_says_so)
