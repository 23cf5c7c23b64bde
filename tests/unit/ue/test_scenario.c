/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ue/scn_parse.h"
#include "unit/unit.h"

struct files {
	const char *main, *other;
};

static char *reader(const char *path, void *arg)
{
	struct files *f = arg;

	if (strcmp(path, "dir/main.scn") == 0)
		return ue_dup(slice_str(f->main));
	if (strcmp(path, "dir/other.scn") == 0 && f->other)
		return ue_dup(slice_str(f->other));
	return NULL;
}

static int parse(const char *text, const char *other, struct scn_program *p, struct scn_error *e)
{
	struct files f = {text, other};

	return scn_parse("dir/main.scn", reader, &f, p, e);
}

START_TEST(words_quotes_comments_and_long_lines)
{
	struct scn_program p;
	struct scn_error e;

	ck_assert_int_eq(parse("# nothing\n\nA call  s1 \\\n  to \"a b\\\"c\\n\" x=\"1 2\" # and "
			       "so on\nsay \"#1\" a#b\n",
			       NULL, &p, &e),
			 0);
	ck_assert_int_eq(p.n, 2);
	ck_assert_int_eq(p.lines[0]->number, 3);
	ck_assert_uint_eq(p.lines[0]->n, 6);
	ck_assert_str_eq(p.lines[0]->w[2].text, "s1");
	ck_assert_str_eq(p.lines[0]->w[4].text, "a b\"c\n");
	ck_assert(p.lines[0]->w[4].quoted);
	ck_assert_str_eq(p.lines[0]->w[5].text, "x=1 2");
	ck_assert_int_eq(p.lines[1]->number, 5);
	ck_assert_str_eq(p.lines[1]->w[1].text, "#1");
	ck_assert_str_eq(p.lines[1]->w[2].text, "a#b");
	scn_program_free(&p);
}
END_TEST

START_TEST(regular_expressions_and_paths)
{
	struct scn_program p;
	struct scn_error e;

	ck_assert_int_eq(parse("expect x ~ /a b\\/c$/ /etc/hosts", NULL, &p, &e), 0);
	ck_assert_uint_eq(p.lines[0]->n, 5);
	ck_assert(p.lines[0]->w[3].regex);
	ck_assert_str_eq(p.lines[0]->w[3].text, "a b/c$");
	ck_assert(!p.lines[0]->w[4].regex);
	ck_assert_str_eq(p.lines[0]->w[4].text, "/etc/hosts");
	scn_program_free(&p);
}
END_TEST

START_TEST(commands_are_left_alone)
{
	struct scn_program p;
	struct scn_error e;

	ck_assert_int_eq(parse("run echo \"it's # \\\n", NULL, &p, &e), 0);
	ck_assert_str_eq(p.lines[0]->raw, "run echo \"it's #");
	scn_program_free(&p);
}
END_TEST

START_TEST(blocks_find_their_ends)
{
	struct scn_program p;
	struct scn_error e;

	ck_assert_int_eq(
	    parse("repeat 3\nif 1 == 1\nsay a\nelse\nsay b\nend\nend\nsay c", NULL, &p, &e), 0);
	ck_assert_int_eq(p.lines[0]->end, 6);
	ck_assert_int_eq(p.lines[1]->alt, 3);
	ck_assert_int_eq(p.lines[1]->end, 5);
	ck_assert_int_eq(p.lines[7]->end, -1);
	scn_program_free(&p);
}
END_TEST

START_TEST(includes_are_relative_and_keep_their_lines)
{
	struct scn_program p;
	struct scn_error e;

	ck_assert_int_eq(parse("include \"other.scn\"\nsay b", "\nsay a", &p, &e), 0);
	ck_assert_int_eq(p.n, 2);
	ck_assert_str_eq(p.lines[0]->file, "dir/other.scn");
	ck_assert_int_eq(p.lines[0]->number, 2);
	scn_program_free(&p);
}
END_TEST

START_TEST(errors_name_file_and_line)
{
	static const struct {
		const char *text, *other, *file;
		int line;
	} bad[] = {
	    {"say a\nsay \"b", NULL, "dir/main.scn", 2},
	    {"end", NULL, "dir/main.scn", 1},
	    {"say\nrepeat 2\nsay", NULL, "dir/main.scn", 2},
	    {"repeat 2\nelse\nend", NULL, "dir/main.scn", 2},
	    {"if 1 == 1\nelse\nelse\nend", NULL, "dir/main.scn", 3},
	    {"say\ninclude nowhere.scn", NULL, "dir/main.scn", 2},
	    {"include other.scn", "say\n\nend", "dir/other.scn", 3},
	    {"include main.scn", NULL, "dir/main.scn", 1},
	    {"include", NULL, "dir/main.scn", 1},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct scn_program p;
		struct scn_error e;

		ck_assert_msg(parse(bad[i].text, bad[i].other, &p, &e) == -1, "%s", bad[i].text);
		ck_assert_str_eq(e.file, bad[i].file);
		ck_assert_int_eq(e.line, bad[i].line);
		ck_assert_int_eq(p.n, 0);
	}
}
END_TEST

static const char *lookup(struct slice name, void *arg)
{
	(void)arg;
	return slice_eq(name, SLICE_LIT("a"))	   ? "1"
	       : slice_eq(name, SLICE_LIT("a_b2")) ? "two"
						   : NULL;
}

START_TEST(variables)
{
	struct text t = {0};
	struct slice unknown;

	ck_assert_int_eq(scn_expand("$a ${a}x $a_b2! $$a $( $1 x$", lookup, NULL, &t, &unknown), 0);
	ck_assert_str_eq(t.p, "1 1x two! $a $( $1 x$");
	text_clear(&t);
	ck_assert_int_eq(scn_expand("$nix", lookup, NULL, &t, &unknown), -1);
	ck_assert(slice_eq(unknown, SLICE_LIT("nix")));
	ck_assert_int_eq(scn_expand("${open", lookup, NULL, &t, &unknown), -1);
	text_free(&t);
}
END_TEST

START_TEST(times_and_numbers)
{
	uint64_t ms;
	int64_t n;

	ck_assert(scn_time("250ms", &ms) == 0 && ms == 250);
	ck_assert(scn_time("3s", &ms) == 0 && ms == 3000);
	ck_assert(scn_time("2m", &ms) == 0 && ms == 120000);
	ck_assert_int_eq(scn_time("3", &ms), -1);
	ck_assert_int_eq(scn_time("s", &ms), -1);
	ck_assert_int_eq(scn_time("1h", &ms), -1);
	ck_assert_int_eq(scn_time("12345678901s", &ms), -1);
	ck_assert(scn_number("-5", &n) == 0 && n == -5);
	ck_assert_int_eq(scn_number("5x", &n), -1);
	ck_assert_int_eq(scn_number("", &n), -1);
	ck_assert_int_eq(scn_number("99999999999999999999", &n), -1);
}
END_TEST

START_TEST(comparisons)
{
	ck_assert_int_eq(scn_compare("10", ">", "9"), 1);
	ck_assert_int_eq(scn_compare("900ms", "<", "1s"), 1);
	ck_assert_int_eq(scn_compare("abc", "==", "abc"), 1);
	ck_assert_int_eq(scn_compare("abc", "!=", "abd"), 1);
	ck_assert_int_eq(scn_compare("2", "<=", "2"), 1);
	ck_assert_int_eq(scn_compare("2", ">=", "3"), 0);
	ck_assert_int_eq(scn_compare("2", "=", "3"), -1);
}
END_TEST

START_TEST(expressions)
{
	char *good[] = {(char *)"7", (char *)"%", (char *)"4", (char *)"*", (char *)"10"};
	char *zero[] = {(char *)"7", (char *)"/", (char *)"0"};
	char *big[] = {(char *)"9223372036854775807", (char *)"+", (char *)"1"};
	int64_t v;

	ck_assert(scn_evaluate(good, 5, &v) == 0 && v == 30);
	ck_assert_int_eq(scn_evaluate(good, 2, &v), -1);
	ck_assert_int_eq(scn_evaluate(zero, 3, &v), -1);
	ck_assert_int_eq(scn_evaluate(big, 3, &v), -1);
}
END_TEST

UNIT_MAIN("ims-ue: scenario language", words_quotes_comments_and_long_lines,
	  regular_expressions_and_paths, commands_are_left_alone, blocks_find_their_ends,
	  includes_are_relative_and_keep_their_lines, errors_name_file_and_line, variables,
	  times_and_numbers, comparisons, expressions)
