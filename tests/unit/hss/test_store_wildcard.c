/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wildcards in the store, and the S-CSCF that is replaced. */
#include "unit/hss/store_fixture.h"

#include "hss/subscription/wildcard.h"

#define SERVED "\nifc server=sip:as priority=1 part=unregistered\nend\n"

START_TEST(a_wildcard_stands_for_what_matches_it)
{
	begin();
	ck_assert_int_eq(import("subscription\nprivate pbx@h " KEYS "\npublic sip:main@h set=1\n"
				"public sip:+1212555!.{4}!@h set=1\nend\n"
				"subscription\nprivate chat@h " KEYS
				"\npublic sip:chat-!.*!@h service" SERVED
				"subscription\nprivate room@h " KEYS
				"\npublic sip:chat-room-![0-9]+!@h service" SERVED
				"subscription\nprivate one@h " KEYS "\npublic sip:chat-1@h\npublic "
				"tel:+1213!.*!\nend"),
			 0);
	/* the set of the main number registers, and with it all that match */
	ck_assert_uint_eq(serve(CX_UAR, "pbx@h", "sip:main@h", 0), 12001);
	ck_assert_uint_eq(serve(CX_LIR, "", "sip:+12125551111@h", 0), 15003);
	ck_assert_uint_eq(serve(CX_MAR, "pbx@h", "sip:main@h", 0), 2001);
	ck_assert_str_eq(asked, "");
	ck_assert_uint_eq(serve(CX_SAR, "pbx@h", "sip:main@h", SAT_REGISTRATION), 2001);
	ck_assert_uint_eq(serve(CX_LIR, "", "sip:+12125551111@h", 0), 2001);
	ck_assert_str_eq(ans.server_name, "sip:s");
	ck_assert_str_eq(asked, "sip:+12125551111@h");
	ck_assert_str_eq(found, "sip:+1212555!.{4}!@h");
	ck_assert_uint_eq(serve(CX_LIR, "", "sip:+121255511112@h", 0), 15001);
	ck_assert_uint_eq(serve(CX_LIR, "", "sip:+12125551111@other", 0), 15001);
	ck_assert_uint_eq(serve(CX_UAR, "pbx@h", "sip:+12125551111@h", 0), 12002);
	ck_assert_uint_eq(serve(CX_UAR, "one@h", "sip:+12125551111@h", 0), 15002);
	ck_assert_uint_eq(serve(CX_UAR, "pbx@h", "sip:+1212555!.{4}!@h", 0), 5003);
	ck_assert_uint_eq(serve(CX_MAR, "pbx@h", "sip:+1212555!.{4}!@h", 0), 5003);
	ck_assert_uint_eq(serve(CX_LIR, "", "tel:+12130", 0), 15003);
	ck_assert_str_eq(found, "tel:+1213!.*!");
	/* a service is served without registering; who comes closest counts, a name of its own most */
	ck_assert_uint_eq(serve(CX_LIR, "", "sip:chat-x@h", 0), 12003);
	ck_assert_str_eq(found, "sip:chat-!.*!@h");
	ck_assert_uint_eq(serve(CX_SAR, "", "sip:chat-x@h", SAT_UNREGISTERED_USER), 2001);
	ck_assert_uint_eq(serve(CX_LIR, "", "sip:chat-room-12@h", 0), 12003);
	ck_assert_str_eq(found, "sip:chat-room-![0-9]+!@h");
	ck_assert_uint_eq(serve(CX_LIR, "", "sip:chat-room-x@h", 0), 2001);
	ck_assert_str_eq(found, "sip:chat-!.*!@h");
	ck_assert_uint_eq(serve(CX_LIR, "", "sip:chat-1@h", 0), 15003);
	ck_assert_str_eq(asked, "");
	ck_assert_uint_eq(serve(CX_UAR, "chat@h", "sip:chat-x@h", 0), 5003);
	ck_assert_uint_eq(serve(CX_MAR, "chat@h", "sip:chat-x@h", 0), 5003);
	ck_assert_uint_eq(serve(CX_SAR, "chat@h", "sip:chat-x@h", SAT_REGISTRATION), 5003);
	end();
}
END_TEST

START_TEST(a_wildcard_goes_with_its_subscription)
{
	int64_t id;

	begin();
	ck_assert_int_eq(import("subscription\nprivate one@h " KEYS
				"\npublic sip:a!.*!@h\npublic sip:b!.*!@h\nend"),
			 0);
	ck_assert_uint_eq(serve(CX_LIR, "", "sip:ax@h", 0), 15003);
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_find_public(tx, "sip:bx@h", found, &id), 0);
	ck_assert_int_eq(store_load(tx, id, sub), 0);
	sub->n_impu = 1;
	ck_assert_int_eq(store_put(tx, sub), 0);
	ck_assert_int_eq(store_find_public(tx, "sip:ax@h", found, &id), 0);
	ck_assert_int_eq(store_find_public(tx, "sip:bx@h", found, &id), STORE_ENOTFOUND);
	ck_assert_int_eq(store_remove(tx, id), 0);
	ck_assert_int_eq(store_find_public(tx, "sip:ax@h", found, &id), STORE_ENOTFOUND);
	store_rollback(tx);
	end();
}
END_TEST

/* Each that begins alike is tried, so there are not too many of them; others do not count. */
START_TEST(wildcards_that_begin_alike_are_bounded)
{
	char text[512];

	begin();
	for (int i = 0; i <= WILDCARDS_ALIKE_MAX; i++) {
		snprintf(text, sizeof(text),
			 "subscription\nprivate u%d@h " KEYS
			 "\npublic sip:!%d.*!@h\npublic sip:%d!.*!@h\nend",
			 i, i, i);
		ck_assert_int_eq(import(text), i < WILDCARDS_ALIKE_MAX ? 0 : STORE_EWILDCARDS);
	}
	ck_assert_uint_eq(serve(CX_LIR, "", "sip:63@h", 0), 15003);
	ck_assert_str_eq(found, "sip:63!.*!@h");
	end();
}
END_TEST

START_TEST(the_scscf_that_is_replaced_is_told_when_the_next_serves)
{
	struct service svc = {.store = store};
	struct cx_request req = {.impi = SLICE_LIT("two@h"),
				 .n_impu = 1,
				 .scscf = SLICE_LIT("sip:s2"),
				 .origin_host = SLICE_LIT("s2.h"),
				 .origin_realm = SLICE_LIT("h"),
				 .scheme = SLICE_LIT("Digest-AKAv1-MD5"),
				 .items = 1,
				 .assignment_type = SAT_REGISTRATION};
	struct cx_errand *e = calloc(1, sizeof(*e));
	struct cx_served served;

	begin();
	svc.store = store;
	svc.policy.vectors_max = 1;
	ck_assert_int_eq(import(two), 0);
	ck_assert_uint_eq(serve(CX_SAR, "two@h", "sip:c@h", SAT_REGISTRATION), 2001);
	for (int step = 0; step < 2; step++) {
		ck_assert_int_eq(store_begin(store, false, &tx), 0);
		ck_assert_int_eq(store_due_errand(tx, 0, e), STORE_ENOTFOUND);
		store_rollback(tx);
		strcpy(req.impu[0], "sip:c@h");
		service_answer(&svc, step ? CX_SAR : CX_MAR, &req, &served);
		ck_assert_uint_eq(served.ans.result.code, 2001);
		served_free(&served);
	}
	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_due_errand(tx, 0, e), 0);
	ck_assert_int_eq(e->kind, ERRAND_RTR_REPLACED);
	ck_assert_str_eq(e->host, "s.h");
	ck_assert_str_eq(e->impi, "two@h");
	ck_assert_uint_eq(e->n_impus, 1);
	ck_assert_str_eq(e->impus[0], "sip:c@h");
	store_rollback(tx);
	free(e);
	end();
}
END_TEST

UNIT_MAIN("hss store wildcard", a_wildcard_stands_for_what_matches_it,
	  a_wildcard_goes_with_its_subscription, wildcards_that_begin_alike_are_bounded,
	  the_scscf_that_is_replaced_is_told_when_the_next_serves)
