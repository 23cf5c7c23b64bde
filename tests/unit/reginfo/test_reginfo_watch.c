/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "reginfo/watch.h"

#include <stdio.h>

START_TEST(versions_decide_as_in_rfc_3680_5_2)
{
	struct reginfo_watch w = {0};

	ck_assert_int_eq(reginfo_watch_judge(&w, 5, true), REGINFO_APPLY);
	ck_assert_int_eq(reginfo_watch_judge(&w, 6, false), REGINFO_APPLY);
	ck_assert_int_eq(reginfo_watch_judge(&w, 6, false), REGINFO_DISCARD);
	ck_assert_int_eq(reginfo_watch_judge(&w, 4, true), REGINFO_DISCARD);
	ck_assert_int_eq(reginfo_watch_judge(&w, 8, false), REGINFO_APPLY_AND_REFRESH);
	ck_assert_uint_eq(w.version, 8);
	ck_assert_int_eq(reginfo_watch_judge(&w, 7, false), REGINFO_DISCARD);
	ck_assert_int_eq(reginfo_watch_judge(&w, 20, true), REGINFO_APPLY);
	ck_assert_uint_eq(w.version, 20);
}
END_TEST

START_TEST(a_first_partial_document_asks_for_the_whole)
{
	struct reginfo_watch w = {0};

	ck_assert_int_eq(reginfo_watch_judge(&w, 0, false), REGINFO_APPLY_AND_REFRESH);
	ck_assert_int_eq(reginfo_watch_judge(&w, 1, true), REGINFO_APPLY);
}
END_TEST

static struct reginfo_contact contact(const char *id, const char *uri,
				      enum reginfo_contact_state state)
{
	return (struct reginfo_contact){.id = slice_str(id),
					.uri = slice_str(uri),
					.state = state,
					.event = state == REGINFO_CONTACT_ACTIVE
						     ? REGINFO_EV_REGISTERED
						     : REGINFO_EV_UNREGISTERED};
}

START_TEST(partial_replaces_rows_and_full_replaces_all)
{
	struct reginfo_param param = {SLICE_LIT("reg-id"), SLICE_LIT("1")};
	struct reginfo_contact one[] = {contact("1", "sip:one", REGINFO_CONTACT_ACTIVE),
					contact("2", "sip:two", REGINFO_CONTACT_ACTIVE)};
	struct reginfo_contact moved[] = {contact("1", "sip:one", REGINFO_CONTACT_TERMINATED),
					  contact("3", "sip:three", REGINFO_CONTACT_ACTIVE)};
	struct reginfo_registration regs[] = {
	    {SLICE_LIT("sip:a@h"), SLICE_LIT("a"), REGINFO_REG_ACTIVE, one, 2},
	    {SLICE_LIT("sip:b@h"), SLICE_LIT("b"), REGINFO_REG_ACTIVE, one, 1}};
	struct reginfo_registration change = {SLICE_LIT("sip:a@h"), SLICE_LIT("a"),
					      REGINFO_REG_ACTIVE, moved, 2};
	struct reginfo_doc full = {
	    .version = 0, .full = true, .registrations = regs, .registrations_n = 2};
	struct reginfo_doc partial = {.version = 1, .registrations = &change, .registrations_n = 1};
	struct reginfo_doc last = {
	    .version = 2, .full = true, .registrations = &change, .registrations_n = 1};
	struct reginfo_table *t = reginfo_table_new();
	const struct reginfo_registration *a;
	struct reginfo_watch w = {0};
	enum reginfo_verdict v;

	one[1].params = &param;
	one[1].params_n = 1;
	ck_assert_ptr_null(reginfo_table_aor(t, SLICE_LIT("sip:a@h")));
	ck_assert_int_eq(reginfo_table_merge(t, &w, &full, &v), 0);
	ck_assert_int_eq(reginfo_table_merge(t, &w, &partial, &v), 0);
	ck_assert_int_eq(v, REGINFO_APPLY);
	ck_assert_uint_eq(reginfo_table_view(t)->registrations_n, 2);
	a = reginfo_table_aor(t, SLICE_LIT("sip:a@h"));
	ck_assert_uint_eq(a->contacts_n, 3);
	ck_assert_int_eq(reginfo_registration_contact(a, SLICE_LIT("sip:one"))->state,
			 REGINFO_CONTACT_TERMINATED);
	ck_assert(slice_eq(
	    reginfo_contact_param(reginfo_registration_contact(a, SLICE_LIT("sip:two")), "reg-id"),
	    SLICE_LIT("1")));
	ck_assert_uint_eq(reginfo_table_aor(t, SLICE_LIT("sip:b@h"))->contacts_n, 1);
	ck_assert_int_eq(reginfo_table_merge(t, &w, &partial, &v), 0);
	ck_assert_int_eq(v, REGINFO_DISCARD);
	ck_assert_int_eq(reginfo_table_merge(t, &w, &last, &v), 0);
	ck_assert_uint_eq(reginfo_table_view(t)->registrations_n, 1);
	ck_assert_uint_eq(reginfo_table_aor(t, SLICE_LIT("sip:a@h"))->contacts_n, 2);
	ck_assert_ptr_null(reginfo_registration_contact(reginfo_table_aor(t, SLICE_LIT("sip:a@h")),
							SLICE_LIT("sip:two")));
	reginfo_table_free(t);
}
END_TEST

START_TEST(a_contact_that_came_back_with_another_id_is_active)
{
	struct reginfo_contact rows[] = {contact("1", "sip:one", REGINFO_CONTACT_TERMINATED),
					 contact("2", "sip:one", REGINFO_CONTACT_ACTIVE),
					 contact("3", "sip:two", REGINFO_CONTACT_TERMINATED)};
	struct reginfo_registration r = {SLICE_LIT("sip:a@h"), SLICE_LIT("a"), REGINFO_REG_ACTIVE,
					 rows, 3};

	ck_assert_ptr_eq(reginfo_registration_contact(&r, SLICE_LIT("sip:one")), &rows[1]);
	ck_assert_ptr_eq(reginfo_registration_contact(&r, SLICE_LIT("sip:two")), &rows[2]);
	ck_assert_ptr_null(reginfo_registration_contact(&r, SLICE_LIT("sip:three")));
}
END_TEST

START_TEST(a_table_never_grows_past_its_bound)
{
	struct reginfo_contact c = contact("", "sip:x", REGINFO_CONTACT_ACTIVE);
	struct reginfo_registration r = {SLICE_LIT("sip:a@h"), SLICE_LIT("a"), REGINFO_REG_ACTIVE,
					 &c, 1};
	struct reginfo_doc doc = {.registrations = &r, .registrations_n = 1};
	struct reginfo_table *t = reginfo_table_new();
	struct reginfo_watch w = {0};
	enum reginfo_verdict v = REGINFO_APPLY;
	int err = 0;
	char id[16];

	for (uint32_t i = 0; i < 1100 && !err; i++) {
		snprintf(id, sizeof(id), "%u", i);
		c.id = slice_str(id);
		doc.version = i;
		err = reginfo_table_merge(t, &w, &doc, &v);
	}
	ck_assert_int_eq(err, REGINFO_E_TOO_BIG);
	ck_assert_uint_eq(w.version, 1023);
	ck_assert_uint_eq(reginfo_table_view(t)->registrations[0].contacts_n, 1024);
	reginfo_table_free(t);
}
END_TEST

UNIT_MAIN("reginfo watch", versions_decide_as_in_rfc_3680_5_2,
	  a_first_partial_document_asks_for_the_whole, partial_replaces_rows_and_full_replaces_all,
	  a_contact_that_came_back_with_another_id_is_active, a_table_never_grows_past_its_bound)
