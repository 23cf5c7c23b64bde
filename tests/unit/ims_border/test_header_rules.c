/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of the code, and that of docs/modules/border.md, which must say the same. */
#include "unit/unit.h"
#include "modules/ims_border/core/header_rules.h"
#include "modules/ims_border/core/record_routes.h"

#include <stdio.h>

static struct border_table table;

static enum border_action action(const char *name, enum border_way way)
{
	return border_table_action(&table, slice_str(name), way);
}

START_TEST(names_have_no_case_and_unknown_headers_pass)
{
	border_table_init(&table);
	ck_assert_int_eq(action("p-asserted-IDENTITY", BORDER_UE_REQUEST), BORDER_OURS);
	ck_assert_int_eq(action("P-Served-User", BORDER_CORE_REQUEST), BORDER_CUT);
	ck_assert_int_eq(action("X-Anything", BORDER_UE_REQUEST), BORDER_PASS);
	ck_assert_int_eq(action("", BORDER_UE_REQUEST), BORDER_PASS);
	ck_assert_int_eq(
	    action("A-Name-That-Is-Longer-Than-Any-That-Is-Known-Here", BORDER_UE_REQUEST),
	    BORDER_PASS);
	for (size_t i = 0; i < border_rules_n; i++)
		for (int w = 0; w < BORDER_WAYS; w++)
			ck_assert_int_eq(action(border_rules[i].name, (enum border_way)w),
					 border_rules[i].action[w]);
}
END_TEST

START_TEST(an_operator_may_change_a_cell_but_not_those_that_keep_keys)
{
	border_table_init(&table);
	ck_assert_int_eq(border_table_rule(&table, SLICE_LIT("Resource-Priority ue-request pass")),
			 0);
	ck_assert_int_eq(action("Resource-Priority", BORDER_UE_REQUEST), BORDER_PASS);
	ck_assert_int_eq(action("Resource-Priority", BORDER_UE_ANSWER), BORDER_CUT);
	ck_assert_int_eq(border_table_rule(&table, SLICE_LIT("X-Mine  all  cut")), 0);
	ck_assert_int_eq(action("x-mine", BORDER_CORE_ANSWER), BORDER_CUT);
	ck_assert_int_eq(border_table_rule(&table, SLICE_LIT("WWW-Authenticate core-answer pass")),
			 -1);
	ck_assert_int_eq(border_table_rule(&table, SLICE_LIT("Require register cut")), -1);
	ck_assert_int_eq(border_table_rule(&table, SLICE_LIT("Record-Route all pass")), -1);
	ck_assert_int_eq(border_table_rule(&table, SLICE_LIT("X-Mine nowhere cut")), -1);
	ck_assert_int_eq(border_table_rule(&table, SLICE_LIT("X-Mine all edit")), -1);
	ck_assert_int_eq(border_table_rule(&table, SLICE_LIT("X-Mine all cut more")), -1);
	ck_assert_int_eq(border_table_rule(&table, SLICE_LIT("")), -1);
}
END_TEST

/* The cells of a line "| `Name` | cell | ... |". False: another line. */
static bool read_row(char *line, char *cell[BORDER_WAYS + 1])
{
	int n = 0;

	if (strncmp(line, "| `", 3) != 0)
		return false;
	for (char *at = strtok(line, "|"); at && n <= BORDER_WAYS; at = strtok(NULL, "|")) {
		while (*at == ' ' || *at == '`')
			at++;
		for (size_t len = strlen(at); len && strchr(" `\n", at[len - 1]); len--)
			at[len - 1] = '\0';
		cell[n++] = at;
	}
	return n == BORDER_WAYS + 1;
}

START_TEST(the_table_in_the_documentation_is_the_table_in_the_code)
{
	FILE *f = fopen("docs/modules/border.md", "r");
	char line[1024], *cell[BORDER_WAYS + 1];
	size_t rows = 0;

	ck_assert_ptr_nonnull(f);
	border_table_init(&table);
	while (fgets(line, sizeof(line), f)) {
		if (!read_row(line, cell))
			continue;
		ck_assert_msg(rows < border_rules_n &&
				  strcmp(cell[0], border_rules[rows].name) == 0,
			      "row %zu is of %s", rows, cell[0]);
		for (int w = 0; w < BORDER_WAYS; w++)
			ck_assert_msg(
			    strcmp(cell[w + 1],
				   border_action_name(action(cell[0], (enum border_way)w))) == 0,
			    "%s %s: %s", cell[0], border_way_name((enum border_way)w), cell[w + 1]);
		rows++;
	}
	fclose(f);
	ck_assert_uint_eq(rows, border_rules_n);
}
END_TEST

START_TEST(record_routes_of_a_message_are_found_and_compared)
{
	struct slice text =
	    SLICE_LIT("INVITE sip:a@b SIP/2.0\r\nVia: x\r\nRecord-Route: <sip:c>,\r\n"
		      " <sip:d>\r\nrecord-route : <sip:e>\r\n\r\nRecord-Route: <sip:f>");
	struct slice body, a[2] = {SLICE_LIT("sip:c;lr"), SLICE_LIT("sip:x@d:5060")},
			   b[2] = {SLICE_LIT("sip:C"), SLICE_LIT("sip:x@d")};

	ck_assert_int_eq(border_raw_header_next(&text, "Record-Route", &body), 1);
	ck_assert(slice_eq(body, SLICE_LIT("<sip:c>,\r\n <sip:d>")));
	ck_assert_int_eq(border_raw_header_next(&text, "Record-Route", &body), 1);
	ck_assert(slice_eq(body, SLICE_LIT("<sip:e>")));
	ck_assert_int_eq(border_raw_header_next(&text, "Record-Route", &body), 0);
	ck_assert(border_same_places(a, 2, b, 2));
	ck_assert(!border_same_places(a, 2, b, 1));
	b[1] = SLICE_LIT("sip:y@d");
	ck_assert(!border_same_places(a, 2, b, 2));
}
END_TEST

UNIT_MAIN("border table", names_have_no_case_and_unknown_headers_pass,
	  an_operator_may_change_a_cell_but_not_those_that_keep_keys,
	  the_table_in_the_documentation_is_the_table_in_the_code,
	  record_routes_of_a_message_are_found_and_compared)
