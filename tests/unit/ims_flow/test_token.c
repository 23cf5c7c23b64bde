/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "modules/ims_flow/core/flow_token.h"

#define KEY_A "aa000000000000000000000000000000000000000000000000000000000000aa"
#define KEY_B "bb000000000000000000000000000000000000000000000000000000000000bb"

static struct flow_token_keys a, b, both;

static void set_up(void)
{
	ck_assert_int_eq(flow_token_keys_parse(SLICE_LIT("1 " KEY_A "\n"), &a, NULL), 0);
	ck_assert_int_eq(flow_token_keys_parse(SLICE_LIT("2 " KEY_B), &b, NULL), 0);
	ck_assert_int_eq(flow_token_keys_parse(
			     SLICE_LIT("# new one first\n2 " KEY_B " # since May\n\n1 " KEY_A "\n"),
			     &both, NULL),
			 0);
}

START_TEST(a_token_names_its_set_on_every_node_with_the_key)
{
	static const uint64_t ids[] = {1, 0x0123456789abcdef, UINT64_MAX};
	char token[FLOW_TOKEN_LEN + 1];
	uint64_t id;

	set_up();
	for (size_t i = 0; i < 3; i++) {
		flow_token_encode(&a, ids[i], token);
		ck_assert_uint_eq(strlen(token), FLOW_TOKEN_LEN);
		for (const char *p = token; *p; p++)
			ck_assert_msg(
			    strchr(
				"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.",
				*p),
			    "'%c' is not allowed in a user part without escape", *p);
		ck_assert_int_eq(flow_token_decode(&both, slice_str(token), &id), FLOW_TOKEN_OK);
		ck_assert_uint_eq(id, ids[i]);
	}
}
END_TEST

START_TEST(rotation_keeps_old_tokens_until_the_key_goes)
{
	char token[FLOW_TOKEN_LEN + 1];
	uint64_t id = 5;

	set_up();
	flow_token_encode(&a, 7, token);
	ck_assert_int_eq(flow_token_decode(&both, slice_str(token), &id), FLOW_TOKEN_OK);
	ck_assert_int_eq(flow_token_decode(&b, slice_str(token), &id), FLOW_TOKEN_FORGED);
	flow_token_encode(&both, 7, token);
	ck_assert_int_eq(flow_token_decode(&b, slice_str(token), &id), FLOW_TOKEN_OK);
	ck_assert_int_eq(flow_token_decode(&a, slice_str(token), &id), FLOW_TOKEN_FORGED);
}
END_TEST

START_TEST(every_changed_or_cut_token_is_forged)
{
	char token[FLOW_TOKEN_LEN + 1], t[FLOW_TOKEN_LEN + 2];
	uint64_t id = 42;

	set_up();
	flow_token_encode(&a, 0x1122334455667788, token);
	for (size_t i = 6; i < FLOW_TOKEN_LEN; i++) {
		strcpy(t, token);
		t[i] = t[i] == 'A' ? 'B' : 'A';
		ck_assert_msg(flow_token_decode(&a, slice_str(t), &id) == FLOW_TOKEN_FORGED,
			      "octet %zu", i);
	}
	for (size_t n = 6; n < FLOW_TOKEN_LEN; n++)
		ck_assert_int_eq(flow_token_decode(&a, slice_make(token, n), &id),
				 FLOW_TOKEN_FORGED);
	strcpy(t, token);
	strcat(t, "A");
	ck_assert_int_eq(flow_token_decode(&a, slice_str(t), &id), FLOW_TOKEN_FORGED);
	strcpy(t, token);
	t[8] = '%';
	ck_assert_int_eq(flow_token_decode(&a, slice_str(t), &id), FLOW_TOKEN_FORGED);
	ck_assert_uint_eq(id, 42);
}
END_TEST

START_TEST(other_peoples_user_parts_are_left_alone)
{
	static const char *const others[] = {"",	   "alice",	      "flow",	"flow1",
					     "flow2.AAAA", "AWlvb2Zvby5iYXI", "Flow1.x"};
	uint64_t id;

	set_up();
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ck_assert_msg(flow_token_decode(&a, slice_str(others[i]), &id) ==
				  FLOW_TOKEN_FOREIGN,
			      "%s", others[i]);
}
END_TEST

START_TEST(a_bad_key_file_is_refused_with_its_line)
{
	static const struct {
		const char *text;
		unsigned line;
	} bad[] = {
	    {"", 0},	   {"# nothing\n\n", 0}, {"1 " KEY_A "\n1 " KEY_B, 2}, {"\n256 " KEY_A, 2},
	    {"1 aabb", 1}, {"1" KEY_A, 1},	 {"1 " KEY_A "cc", 1},	       {"x " KEY_A, 1}};
	struct flow_token_keys k;
	unsigned line;

	set_up();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		line = 99;
		k = a;
		ck_assert_int_eq(flow_token_keys_parse(slice_str(bad[i].text), &k, &line), -1);
		ck_assert_uint_eq(line, bad[i].line);
		ck_assert_uint_eq(k.n, 1);
	}
}
END_TEST

UNIT_MAIN("flow token", a_token_names_its_set_on_every_node_with_the_key,
	  rotation_keeps_old_tokens_until_the_key_goes, every_changed_or_cut_token_is_forged,
	  other_peoples_user_parts_are_left_alone, a_bad_key_file_is_refused_with_its_line)
