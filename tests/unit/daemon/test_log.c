/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "daemon/log.h"
#include "unit/unit.h"

static int reader;

/* stderr is a pipe from now on. */
static void catch_stderr(void)
{
	int p[2];

	ck_assert_int_eq(pipe(p), 0);
	dup2(p[1], STDERR_FILENO);
	close(p[1]);
	reader = p[0];
	fcntl(reader, F_SETFL, O_NONBLOCK);
	log_open(LOG_INFO);
}

static const char *caught(void)
{
	static char text[1 << 18];
	ssize_t n = read(reader, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

START_TEST(lines_bear_their_level_and_no_control_characters)
{
	catch_stderr();
	log_line(LOG_NOTICE, "a %d\nb\033[31mc\177", 1);
	ck_assert_str_eq(caught(), "<5>a 1 b [31mc \n");
	log_line(LOG_DEBUG, "not shown");
	ck_assert_str_eq(caught(), "");
}
END_TEST

START_TEST(a_reader_that_does_not_read_holds_nobody_up)
{
	const char *text;

	catch_stderr();
	for (int i = 0; i < 10000; i++)
		log_line(LOG_INFO, "line %d", i); /* would block for ever */
	ck_assert_uint_gt(log_lost(), 1000);
	caught();
	log_line(LOG_INFO, "last");
	text = caught();
	ck_assert_int_eq(strncmp(text, "<4>", 3), 0);
	ck_assert_ptr_nonnull(strstr(text, " lines of this log were lost\n<6>last\n"));
}
END_TEST

START_TEST(levels_have_names_and_numbers)
{
	ck_assert_int_eq(log_level_parse(SLICE_LIT("error")), LOG_ERR);
	ck_assert_int_eq(log_level_parse(SLICE_LIT("debug")), LOG_DEBUG);
	ck_assert_int_eq(log_level_parse(SLICE_LIT("6")), LOG_INFO);
	ck_assert_int_eq(log_level_parse(SLICE_LIT("2")), -1);
	ck_assert_int_eq(log_level_parse(SLICE_LIT("")), -1);
	ck_assert_int_eq(log_level_parse(SLICE_LIT("loud")), -1);
}
END_TEST

UNIT_MAIN("daemon: log", lines_bear_their_level_and_no_control_characters,
	  a_reader_that_does_not_read_holds_nobody_up, levels_have_names_and_numbers)
