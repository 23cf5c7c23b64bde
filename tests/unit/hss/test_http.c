/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The REST API's readers: targets, tokens, and JSON into the lines of the provisioning format. */
#include "unit/unit.h"

#include "aka/codec.h"
#include "hss/http/json.h"
#include "hss/http/tag.h"
#include "hss/http/token.h"

START_TEST(token_files)
{
	static struct tokens t;
	char secret[TOKEN_SIZE], text[256], hex[65], why[256];
	uint8_t hash[32];

	ck_assert_int_eq(token_make(secret, hash), 0);
	hex_encode(hash, 32, hex);
	snprintf(text, sizeof(text), "# who may\n\nlab provision %s # a comment\n", hex);
	ck_assert_int_eq(tokens_parse(slice_str(text), &t, why, sizeof(why)), 0);
	ck_assert_uint_eq(t.n, 1);
	ck_assert_ptr_eq(tokens_find(&t, slice_str(secret)), &t.token[0]);
	ck_assert_int_eq(t.token[0].role, ROLE_PROVISION);
	ck_assert_ptr_null(tokens_find(&t, slice_str(hex)));
	ck_assert_ptr_null(tokens_find(&t, slice_make(secret, TOKEN_SIZE - 2)));
	ck_assert_ptr_null(tokens_find(&t, SLICE_NULL));
	snprintf(text, sizeof(text), "lab provision %s\nlab none %s\n", hex, hex);
	ck_assert_int_eq(tokens_parse(slice_str(text), &t, why, sizeof(why)), -1);
	ck_assert_ptr_nonnull(strstr(why, "line 2: a role is"));
	ck_assert_uint_eq(t.n, 0); /* one that is wrong: none counts */
	ck_assert_int_eq(tokens_parse(SLICE_LIT("lab read 12"), &t, why, sizeof(why)), -1);
	ck_assert_int_eq(tokens_parse(SLICE_LIT("lab read"), &t, why, sizeof(why)), -1);
}
END_TEST

static struct subscription *sub;
static char why[512];

static int read_into(const char *text)
{
	json_t *j = json_read(text, strlen(text), why, sizeof(why));
	int err = -1;

	subscription_clear(sub);
	why[0] = '\0';
	if (j)
		err = json_subscription(sub, j, why, sizeof(why));
	json_decref(j);
	return err;
}

#define KEY                                                                                        \
	"\"k\":\"465b5ce8b199b49faa5f0a2ee238a6bc\",\"opc\":\"cd63cb71954a9f4e48a5994e37a02baf\""

START_TEST(json_in_and_out)
{
	json_t *out;
	char *text;

	sub = subscription_new();
	ck_assert_msg(
	    read_into("{\"private\":[{\"identity\":\"a@h\"," KEY "},{\"identity\":\"b@h\"," KEY
		      "}],\"public\":[{\"identity\":\"SIP:a@H\",\"set\":1,\"barred\":true,"
		      "\"display\":\"<b> \\u00fc\",\"for\":[\"b@h\"]}],"
		      "\"ifc\":[{\"priority\":3,\"server\":\"sip:as\",\"part\":\"both\","
		      "\"trigger\":\"all header:X=\\\"a b\\\"\"}],"
		      "\"capabilities\":{\"mandatory\":[1,2],\"optional\":[]},"
		      "\"charging\":{\"ccf\":\"aaa://c\",\"ccf2\":\"\"},"
		      "\"visited\":[\"h.net\"]}") == 0,
	    "%s", why);
	ck_assert_uint_eq(sub->n_impi, 2);
	ck_assert_str_eq(sub->impu[0].uri, "sip:a@h");
	ck_assert_int_eq(sub->impu[0].impis, 2);
	ck_assert_str_eq(sub->ifc[0].trigger, "all header:X=\"a b\"");
	ck_assert_uint_eq(sub->capabilities.n_mandatory, 2);
	ck_assert_str_eq(sub->charging.ccf[0], "aaa://c");
	out = json_of_subscription(sub);
	text = json_dumps(out, JSON_COMPACT);
	ck_assert_ptr_nonnull(text);
	ck_assert_ptr_null(strstr(text, "465b"));
	ck_assert_ptr_null(strstr(text, "cd63"));
	ck_assert_ptr_nonnull(strstr(text, "\"display\":\"<b> \xc3\xbc\""));
	free(text);
	json_decref(out);
	out = json_summary(sub);
	ck_assert_ptr_nonnull(out);
	json_decref(out);
	subscription_free(sub);
}
END_TEST

START_TEST(json_refusals)
{
	static const char *const bad[] = {
	    "",
	    "{",
	    "[1",
	    "{\"a\":1,\"a\":1}",
	    "\"\\u0000\"",
	    "nul",
	    "{\"x\":1}",
	    "{\"private\":{}}",
	    "{\"private\":[1]}",
	    "{\"private\":[{}]}",
	    "{\"private\":[{\"identity\":1}]}",
	    "{\"private\":[{\"identity\":\"a@h\",\"k\":1}]}",
	    "{\"private\":[{\"identity\":\"a,b\"," KEY "}]}",
	    "{\"private\":[{\"identity\":\"a@h\"," KEY ",\"frob\":1}]}",
	    "{\"public\":[{\"identity\":\"sip:a@h\",\"set\":-1}]}",
	    "{\"public\":[{\"identity\":\"sip:a@h\",\"set\":1.5}]}",
	    "{\"public\":[{\"identity\":\"sip:a@h\",\"barred\":1}]}",
	    "{\"public\":[{\"identity\":\"sip:a@h\",\"for\":[\"a,b\"]}]}",
	    "{\"public\":[{\"identity\":\"sip:a@h\",\"display\":\"a\\nb\"}]}",
	    "{\"visited\":\"h\"}",
	    "{\"visited\":[1]}",
	    "{\"capabilities\":[]}",
	    "{\"charging\":{\"ccf\":\"x\"}}"};

	sub = subscription_new();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(read_into(bad[i]) == -1, "%s", bad[i]);
	/* what may be a key is not repeated */
	ck_assert_int_eq(read_into("{\"private\":[{\"identity\":\"a@h\",\"k465b5ce8\":\"x\"}]}"),
			 -1);
	ck_assert_ptr_null(strstr(why, "465b"));
	subscription_free(sub);
}
END_TEST

START_TEST(lists_of_tags)
{
	static const struct {
		const char *list;
		bool strong, weak;
	} lists[] = {{"\"a\"", true, true},
		     {"W/\"a\"", false, true},
		     {"\"b\", \"a\"", true, true},
		     {"\"b\",,\t W/\"a\" ,\"c\"", false, true},
		     {"*", true, true},
		     {"\"b,\"a\"", false, false},
		     {"\"ab\"", false, false},
		     {"\"\"", false, false},
		     {"\"", false, false},
		     {"a", false, false},
		     {"W/", false, false},
		     {"", false, false}};
	char list[TAG_LIST_SIZE] = "", tag[2][TAG_SIZE], long_list[TAG_LIST_SIZE];

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		ck_assert_msg(tag_is_listed(lists[i].list, "\"a\"", false) == lists[i].strong, "%s",
			      lists[i].list);
		ck_assert_msg(tag_is_listed(lists[i].list, "\"a\"", true) == lists[i].weak, "%s",
			      lists[i].list);
	}
	ck_assert(!tag_is_listed("\"\"", "", true));
	ck_assert(tag_list_add(list, "\"a\"") && tag_list_add(list, "\"b\""));
	ck_assert_str_eq(list, "\"a\",\"b\"");
	memset(long_list, ' ', sizeof(long_list) - 1);
	long_list[sizeof(long_list) - 1] = '\0';
	ck_assert(!tag_list_add(list, long_list));
	ck_assert(!tag_is_listed(list, "\"a\"", true));
	/* of what is changed and changed back it is the same */
	sub = subscription_new();
	tag_of(sub, tag[0]);
	sub->impi[sub->n_impi++].sqn = 1;
	tag_of(sub, tag[1]);
	ck_assert_str_ne(tag[0], tag[1]);
	sub->n_impi = 0;
	tag_of(sub, tag[1]);
	ck_assert_str_eq(tag[0], tag[1]);
	ck_assert_uint_eq(strlen(tag[0]), TAG_SIZE - 1);
	subscription_free(sub);
}
END_TEST

UNIT_MAIN("hss/http", lists_of_tags, token_files, json_in_and_out, json_refusals)
