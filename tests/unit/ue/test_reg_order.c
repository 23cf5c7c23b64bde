/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "reginfo/parser.h"
#include "ue/reg_order.h"
#include "unit/unit.h"

#define AOR "sip:a@h"

static struct reg_order order;

static void begin(void)
{
	order = (struct reg_order){.table = reginfo_table_new()};
}

static void end(void)
{
	reg_order_free(&order);
	reginfo_table_free(order.table);
}

/* A document about one contact. */
static enum reginfo_verdict take(unsigned version, bool full, const char *contact,
				 const char *state)
{
	enum reginfo_verdict v;
	struct reginfo_doc doc;
	char body[600];

	snprintf(body, sizeof(body),
		 "<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" version=\"%u\" state=\"%s\">"
		 "<registration aor=\"" AOR "\" id=\"r\" state=\"active\">"
		 "<contact id=\"%s\" state=\"%s\" event=\"registered\"><uri>sip:%s</uri></contact>"
		 "</registration></reginfo>",
		 version, full ? "full" : "partial", contact, state, contact);
	ck_assert_int_eq(reginfo_parse(slice_str(body), &doc), 0);
	ck_assert_int_eq(reg_order_take(&order, &doc, slice_str(body), &v), 0);
	reginfo_free(&doc);
	return v;
}

static void knows(const char *wanted)
{
	const struct reginfo_registration *r = reginfo_table_aor(order.table, slice_str(AOR));
	char text[200] = "";

	for (size_t i = 0; r && i < r->contacts_n; i++) {
		const struct reginfo_contact *c = &r->contacts[i];

		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%.*s%s ",
			 (int)c->id.len, c->id.p, c->state == REGINFO_CONTACT_ACTIVE ? "+" : "-");
	}
	ck_assert_str_eq(text, wanted);
}

START_TEST(in_order_nothing_is_kept)
{
	begin();
	ck_assert_int_eq(take(2, true, "c1", "active"), REGINFO_APPLY);
	ck_assert_int_eq(take(3, false, "c2", "active"), REGINFO_APPLY);
	ck_assert_int_eq(take(3, false, "c2", "terminated"), REGINFO_DISCARD);
	knows("c1+ c2+ ");
	ck_assert_uint_eq(order.n, 0);
	end();
}
END_TEST

START_TEST(a_partial_document_before_its_full_one)
{
	begin();
	ck_assert_int_eq(take(3, false, "c1", "terminated"), REGINFO_APPLY_AND_REFRESH);
	ck_assert_int_eq(take(2, true, "c2", "active"), REGINFO_APPLY);
	knows("c2+ c1- ");
	ck_assert_int_eq(take(2, true, "c2", "active"), REGINFO_DISCARD);
	ck_assert_int_eq(take(4, false, "c2", "terminated"), REGINFO_APPLY);
	knows("c1- c2- ");
	end();
}
END_TEST

START_TEST(an_older_row_does_not_win_by_coming_later)
{
	begin();
	take(2, true, "c1", "active");
	ck_assert_int_eq(take(4, false, "c1", "terminated"), REGINFO_APPLY_AND_REFRESH);
	ck_assert_int_eq(take(3, false, "c1", "active"), REGINFO_APPLY);
	knows("c1- ");
	/* Before what was missing: nothing new. */
	ck_assert_int_eq(take(1, true, "c9", "active"), REGINFO_DISCARD);
	knows("c1- ");
	end();
}
END_TEST

START_TEST(several_are_missing_and_come_in_any_order)
{
	begin();
	take(2, true, "c1", "active");
	take(6, false, "c6", "active");
	take(4, false, "c4", "active");
	take(5, false, "c4", "terminated");
	take(3, false, "c4", "active");
	knows("c1+ c4- c6+ ");
	/* A new full document ends it. */
	ck_assert_int_eq(take(9, true, "c9", "active"), REGINFO_APPLY);
	ck_assert_uint_eq(order.n, 0);
	ck_assert_int_eq(take(8, false, "c1", "active"), REGINFO_DISCARD);
	knows("c9+ ");
	end();
}
END_TEST

START_TEST(the_memory_of_it_is_bounded)
{
	begin();
	take(2, true, "c1", "active");
	for (unsigned v = 4; v < 4 + REG_ORDER_MAX + 1; v++)
		take(v, false, "c2", "active");
	ck_assert_uint_eq(order.n, 0);
	ck_assert_int_eq(take(3, false, "c1", "terminated"), REGINFO_DISCARD);
	end();
}
END_TEST

UNIT_MAIN("order of reg-event documents", in_order_nothing_is_kept,
	  a_partial_document_before_its_full_one, an_older_row_does_not_win_by_coming_later,
	  several_are_missing_and_come_in_any_order, the_memory_of_it_is_bounded)
