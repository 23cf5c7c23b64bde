/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "modules/ims_border/core/ticket.h"

#define ICID "0123456789abcdef0123456789abcdef"

static struct hmac_sha256_key key;
static const uint8_t nonce[BORDER_TICKET_NONCE] = {1, 2, 3, 4, 5, 6, 7, 8};
static char ticket[BORDER_TICKET_MAX];

static struct border_dialog dialog(void)
{
	struct border_dialog d = {.impi = SLICE_LIT("alice@home1.net"),
				  .call_id = SLICE_LIT("a84b4c76e66710"),
				  .far_tag = SLICE_LIT("314159"),
				  .route = {SLICE_LIT("sip:mo@scscf.home1.net:6060;lr;did=1"),
					    SLICE_LIT("sip:10.0.0.9;lr")},
				  .routes_n = 2,
				  .target = SLICE_LIT("sip:bob@192.0.2.4:5060")};

	return d;
}

static void make(void)
{
	const struct border_dialog d = dialog();

	hmac_sha256_key(&key, "secret", 6);
	ck_assert_int_eq(border_ticket_make(&key, &d, ICID, nonce, ticket), 0);
}

static int open_it(const struct border_dialog *d, struct slice text)
{
	char icid[BORDER_ICID_MAX] = "";
	int rc = border_ticket_open(&key, d, text, icid);

	if (rc == 0)
		ck_assert_str_eq(icid, ICID);
	return rc;
}

START_TEST(the_dialog_s_own_ticket_opens_and_has_its_icid)
{
	struct border_dialog d = dialog();

	make();
	ck_assert_ptr_null(strstr(ticket, "0123456789abcdef"));
	ck_assert_int_eq(open_it(&d, slice_str(ticket)), 0);
	/* Phones reorder parameters, write other case, leave the default port out. */
	d.route[0] = SLICE_LIT("sip:mo@SCSCF.home1.net:6060;did=1;lr");
	d.route[1] = SLICE_LIT("sip:10.0.0.9:5060;lr");
	d.target = SLICE_LIT("sip:other@192.0.2.5");
	ck_assert_int_eq(open_it(&d, slice_str(ticket)), 0);
}
END_TEST

START_TEST(a_ticket_is_of_no_other_dialog_user_or_route)
{
	struct border_dialog d;

	make();
	d = dialog(), d.impi = SLICE_LIT("mallory@home1.net");
	ck_assert_int_eq(open_it(&d, slice_str(ticket)), -1);
	d = dialog(), d.call_id = SLICE_LIT("another");
	ck_assert_int_eq(open_it(&d, slice_str(ticket)), -1);
	d = dialog(), d.far_tag = SLICE_LIT("made-up");
	ck_assert_int_eq(open_it(&d, slice_str(ticket)), -1);
	d = dialog(), d.route[0] = SLICE_LIT("sip:mo@evil.example:6060;lr");
	ck_assert_int_eq(open_it(&d, slice_str(ticket)), -1);
	d = dialog(), d.route[0] = SLICE_LIT("sip:term@scscf.home1.net:6060;lr");
	ck_assert_int_eq(open_it(&d, slice_str(ticket)), -1);
	d = dialog(), d.route[1] = SLICE_LIT("sip:10.0.0.9:7777;lr");
	ck_assert_int_eq(open_it(&d, slice_str(ticket)), -1);
	d = dialog(), d.route[0] = SLICE_LIT("sip:mo@scscf.home1.net:6060;lr;maddr=10.0.0.9");
	ck_assert_int_eq(open_it(&d, slice_str(ticket)), -1);
	d = dialog(), d.route[1] = SLICE_LIT("sip:10.0.0.9:7777;lr;MAddr");
	ck_assert_int_eq(open_it(&d, slice_str(ticket)), -1);
	d = dialog(), d.routes_n = 1;
	ck_assert_int_eq(open_it(&d, slice_str(ticket)), -1);
	d = dialog(), d.routes_n = 0;
	ck_assert_int_eq(open_it(&d, slice_str(ticket)), -1);
	/* Two texts that are one when put together are still two. */
	d = dialog(), d.call_id = SLICE_LIT("a84b4c76e6671"), d.far_tag = SLICE_LIT("0314159");
	ck_assert_int_eq(open_it(&d, slice_str(ticket)), -1);
}
END_TEST

START_TEST(without_routes_the_target_is_the_route)
{
	struct border_dialog d = dialog();

	make();
	d.routes_n = 0;
	ck_assert_int_eq(border_ticket_make(&key, &d, ICID, nonce, ticket), 0);
	ck_assert_int_eq(open_it(&d, slice_str(ticket)), 0);
	d.target = SLICE_LIT("sip:bob@192.0.2.4:7777");
	ck_assert_int_eq(open_it(&d, slice_str(ticket)), -1);
}
END_TEST

START_TEST(no_changed_or_cut_ticket_opens)
{
	const struct border_dialog d = dialog();
	char changed[BORDER_TICKET_MAX];

	make();
	for (size_t i = 0; ticket[i]; i++) {
		memcpy(changed, ticket, sizeof(changed));
		changed[i] = changed[i] == 'A' ? 'B' : 'A';
		ck_assert_int_eq(open_it(&d, slice_str(changed)), -1);
		ck_assert_int_eq(open_it(&d, slice_make(ticket, i)), -1);
	}
	hmac_sha256_key(&key, "another secret", 14);
	ck_assert_int_eq(open_it(&d, slice_str(ticket)), -1);
}
END_TEST

START_TEST(bounds_and_unreadable_places)
{
	struct border_dialog d = dialog();
	char longest[BORDER_ICID_MAX], back[BORDER_ICID_MAX];

	make();
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_int_eq(border_ticket_make(&key, &d, longest, nonce, ticket), 0);
	ck_assert_int_eq(border_ticket_open(&key, &d, slice_str(ticket), back), 0);
	ck_assert_str_eq(back, longest);
	ck_assert_int_eq(border_ticket_make(&key, &d, "", nonce, ticket), -1);
	d.route[1] = SLICE_LIT("tel:+1");
	ck_assert_int_eq(border_ticket_make(&key, &d, ICID, nonce, ticket), -1);
}
END_TEST

START_TEST(charging_vectors_are_read_and_written)
{
	const struct border_charging c = {"abc", SLICE_LIT("pcscf1.home1.net"), SLICE_LIT("v.net"),
					  SLICE_NULL};
	char icid[BORDER_ICID_MAX], line[128];

	ck_assert_int_eq(border_icid_read(SLICE_LIT("icid-value=ab12;orig-ioi=x"), icid), 0);
	ck_assert_str_eq(icid, "ab12");
	ck_assert_int_eq(border_icid_read(SLICE_LIT("orig-ioi=x ; ICID-Value = \"q;r\""), icid), 0);
	ck_assert_str_eq(icid, "q;r");
	ck_assert_int_eq(border_icid_read(SLICE_LIT("orig-ioi=x"), icid), -1);
	ck_assert_int_eq(border_icid_read(SLICE_LIT("icid-value="), icid), -1);
	ck_assert_int_eq(border_icid_read(SLICE_LIT("icid-value=\"a\r\n X: y\""), icid), -1);
	ck_assert_int_gt(border_charging_write(&c, line, sizeof(line)), 0);
	ck_assert_str_eq(line,
			 "P-Charging-Vector: icid-value=abc;icid-generated-at=pcscf1.home1.net;"
			 "orig-ioi=v.net\r\n");
	ck_assert_int_eq(border_charging_write(&c, line, 40), -1);
}
END_TEST

UNIT_MAIN("border dialogs", the_dialog_s_own_ticket_opens_and_has_its_icid,
	  a_ticket_is_of_no_other_dialog_user_or_route, without_routes_the_target_is_the_route,
	  no_changed_or_cut_ticket_opens, bounds_and_unreadable_places,
	  charging_vectors_are_read_and_written)
