/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an export has beside subscriptions comes back by an import; on each engine of the store. */
#include "unit/hss/import_fixture.h"

#include "hss/provision/beside.h"

#define ONE                                                                                        \
	"subscription\nprivate one@h " KEYS " msisdn=12125551111\npublic sip:a@h set=1 alias=1\n"  \
	"public sip:b@h set=1 alias=1\npublic sip:c@h\nend\n"
/* <ServiceData>x</ServiceData> */
#define DATA "data PFNlcnZpY2VEYXRhPng8L1NlcnZpY2VEYXRhPg==\n"

/* All that stands beside subscriptions, as an export has it. */
static char *exported(void)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	int64_t ids[8];
	int n;

	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(beside_write_network(tx, f), 0);
	n = store_sh_subs(tx, 0, ids, 8);
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(beside_write_of(tx, ids[i], f), 0);
	store_rollback(tx);
	fclose(f);
	return text;
}

static const char all[] =
    "sh-grant as.h data=0 allow=pull,update,subscribe\nend\n"
    "sh-grant as.h data=11 allow=pull,subscribe\nend\n"
    "sh-grant bs.h data=17 allow=pull\nend\n"
    "slf \"*@far.h\" hss2.h\nend\n"
    "slf \"tel:+1555\" hss3.h\nend\n"
    "sh-data sip:a@h service=\"mm tel\" sequence=4\n\t" DATA "end\n"
    "sh-data sip:c@h service=\"x\" sequence=65535\n\t" DATA "end\n"
    "sh-notify as.h realm=h user=sip:a@h data=0 service=\"mm tel\" expires=4000000000 one-time "
    "sent=\"00ff\"\nend\n"
    "sh-notify as.h realm=h user=sip:c@h data=10 sets=5 impi=\"one@h\"\nend\n"
    "sh-notify as.h realm=h user=sip:c@h data=13 server=\"sip:as\"\nend\n"
    "sh-notify as.h realm=h user=12125551111 data=16\nend\n";

START_TEST(an_export_comes_back_whole)
{
	char *text;
	char *both;

	begin();
	both = malloc(sizeof(ONE) + sizeof(all));
	strcat(strcpy(both, ONE), all);
	ck_assert_str_eq(imported(both, false), "");
	text = exported();
	ck_assert_str_eq(text, all);
	/* again, it is all the same, with replace or without */
	ck_assert_str_eq(imported(text, false), "");
	ck_assert_str_eq(imported(text, true), "");
	free(text);
	text = exported();
	ck_assert_str_eq(text, all);
	free(text);
	free(both);
	end();
}
END_TEST

START_TEST(what_was_not_acknowledged_is_told_again)
{
	struct sh_subscription s[4];
	int64_t due[4];
	char *text;

	begin();
	ck_assert_str_eq(
	    imported(ONE "sh-notify as.h realm=h user=sip:a@h data=11 sent=00ff\nend\n", false),
	    "");
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_due(tx, 0, due, 4), 1); /* it may have changed since the export */
	ck_assert_int_eq(store_subscriptions(tx, 0, 0, s, 4), 1);
	s[0].retry_at = 77;
	ck_assert_int_eq(store_save_subscription(tx, &s[0]), 0);
	ck_assert_int_eq(store_commit(tx), 0);
	text = exported();
	ck_assert_ptr_null(strstr(text, "sent="));
	free(text);
	end();
}
END_TEST

START_TEST(big_data_take_several_lines)
{
	enum { BIG = 60000 };
	struct repository r = {.service = "big", .sequence = 1, .len = BIG}, back;
	char *data = malloc(BIG + 1), *text;
	int64_t id;

	begin();
	ck_assert_str_eq(imported(ONE, false), "");
	memset(data, 'x', BIG);
	memcpy(data, "<ServiceData>", 13);
	memcpy(data + BIG - 14, "</ServiceData>", 15);
	r.data = data;
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_find_impi(tx, SLICE_LIT("one@h"), &id), 0);
	ck_assert_int_eq(store_put_repository(tx, id, "alias:1", &r), 0);
	ck_assert_int_eq(store_commit(tx), 0);
	text = exported();
	/* a user who has them already, but others */
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	r.len = BIG - 1;
	ck_assert_int_eq(store_put_repository(tx, id, "alias:1", &r), 0);
	ck_assert_int_eq(store_commit(tx), 0);
	ck_assert_ptr_nonnull(strstr(imported(text, false), "add the word replace"));
	ck_assert_str_eq(imported(text, true), "");
	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_repository(tx, id, "alias:1", SLICE_LIT("big"), &back), 0);
	store_rollback(tx);
	ck_assert_uint_eq(back.len, BIG);
	ck_assert_int_eq(memcmp(back.data, data, BIG), 0);
	repository_free(&back);
	free(text);
	free(data);
	end();
}
END_TEST

START_TEST(what_is_wrong_is_refused)
{
	static const struct {
		const char *text, *why;
	} wrong[] = {
	    {"sh-data sip:x@h service=s sequence=1\n" DATA "end\n", "nobody has sip:x@h"},
	    {"sh-data sip:a@h sequence=1\n" DATA "end\n", "needs service="},
	    {"sh-data sip:a@h service=s sequence=70000\n" DATA "end\n", "0 to 65535"},
	    {"sh-data sip:a@h service=s sequence=1\nend\n", "no element ServiceData"},
	    {"sh-data sip:a@h service=s sequence=1\ndata !!\nend\n", "no base64"},
	    {"sh-data sip:a@h service=s sequence=1\ndata PHg+\nend\n", "no element ServiceData"},
	    {"sh-data sip:a@h service=s sequence=1\nfrob 1\nend\n", "data BASE64"},
	    {"sh-notify as.h realm=h user=sip:a@h data=11\n" DATA "end\n", "has no data"},
	    {"sh-notify as.h realm=h user=sip:x@h data=11\nend\n", "nobody has sip:x@h"},
	    {"sh-notify as.h realm=h user=99 data=16\nend\n", "nobody has 99"},
	    {"sh-notify as.h user=sip:a@h data=11\nend\n", "needs realm= and user="},
	    {"sh-notify as.h realm=h user=sip:a@h data=14\nend\n", "cannot be subscribed to"},
	    {"sh-notify as.h realm=h user=99 data=11\nend\n", "needs a public identity in user="},
	    {"sh-notify as.h realm=h user=sip:a@h frob=1\nend\n", "unknown option 'frob'"},
	    {"sh-grant as.h data=17 allow=update\nend\n", "not allowed"},
	    {"sh-grant as.h data=17\nend\n", "has the form"},
	    {"slf x\nend\n", "has the form"},
	    {"slf sip:x@h hss.h\n", "has no \"end\""},
	};

	begin();
	ck_assert_str_eq(imported(ONE, false), "");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const char *why = imported(wrong[i].text, false);

		ck_assert_msg(strstr(why, wrong[i].why) != NULL, "%s said '%s', not '%s'",
			      wrong[i].text, why, wrong[i].why);
	}
	ck_assert_str_eq(
	    imported("sh-grant as.h data=17 allow=pull\nend\nslf sip:x@h hss.h\nend\n", false), "");
	ck_assert_ptr_nonnull(strstr(imported("slf sip:x@h hss2.h\nend\n", false), "replace"));
	ck_assert_str_eq(imported("slf sip:x@h hss2.h\nend\n", true), "");
	end();
}
END_TEST

UNIT_MAIN("hss export beside subscriptions", an_export_comes_back_whole,
	  what_was_not_acknowledged_is_told_again, big_data_take_several_lines,
	  what_is_wrong_is_refused)
