/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names, bindings, what ims-cms says of them, partners. */
#include "rig.h"

#include "modules/ims_migration/core/feed.h"
#include "modules/ims_migration/core/partner.h"

static struct rig_border b;

static const char *to(enum migration_side side, enum migration_how how, const char *user,
		      const char *host)
{
	static char text[512];
	static struct migration_hit hit;
	const struct migration_query q = {
	    .side = side, .how = how, .user = slice_str(user), .host = slice_str(host)};

	if (!migration_find(b.table, &q, RIG_NOW, &hit))
		return "";
	snprintf(text, sizeof(text), "%.*s@%.*s%s", hit.user_len, hit.user, hit.host_len, hit.host,
		 hit.ended ? " over" : "");
	return text;
}

START_TEST(names_are_read)
{
	static const char *const good[] = {"a@b",
					   "sip:a@b.c",
					   "SIP:A-b_c.d~e+f@H-1.net",
					   "tel:+1",
					   "tel:+123456789012345",
					   "sip:+49@x"},
				 *const bad[] = {"",
						 "a",
						 "@b",
						 "a@",
						 "sip:",
						 "sip:b",
						 "sips:a@b",
						 "sip:a@b:5060",
						 "sip:a@b;x",
						 "sip:a%41@b",
						 "sip:a=b@c",
						 "sip:*21@c",
						 "sip:-a@b",
						 "sip:+a@b",
						 "sip:a@-b",
						 "sip:a@b..c",
						 "sip:a@b.",
						 "tel:",
						 "tel:+",
						 "tel:1",
						 "tel:+1234567890123456",
						 "tel:+1-2",
						 "a@b@c",
						 "a b@c",
						 "a@b c"};
	struct migration_name n;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(migration_name_parse(slice_str(good[i]), &n) == 0, "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(migration_name_parse(slice_str(bad[i]), &n) == -1, "%s", bad[i]);
}
END_TEST

START_TEST(bound_ended_forgotten)
{
	static const char *const names[] = {"p@h",	"mp@o",	    "sip:a@h", "sip:ma@o",
					    "tel:+491", "sip:mt@o", NULL},
				 *const again[] = {"p@h", "np@o", "sip:a@h", "sip:na@o", NULL};

	rig_border_init(&b);
	ck_assert_int_eq(rig_bind(&b, "1", names), 0);
	ck_assert_str_eq(to(MIGRATION_INSIDE, MIGRATION_URI_FIRST, "a", "H"), "ma@o");
	ck_assert_str_eq(to(MIGRATION_WIRE, MIGRATION_NAI_FIRST, "mp", "o"), "p@h");
	ck_assert_str_eq(to(MIGRATION_INSIDE, MIGRATION_NUMBER, "+491", ""), "mt@o");
	ck_assert_str_eq(to(MIGRATION_WIRE, MIGRATION_URI_FIRST, "mt", "o"), "+491@h");
	ck_assert_str_eq(to(MIGRATION_INSIDE, MIGRATION_USER, "a", ""), "ma@o");
	ck_assert_str_eq(to(MIGRATION_INSIDE, MIGRATION_USER, "+491", ""), "mt@o");
	ck_assert_str_eq(to(MIGRATION_INSIDE, MIGRATION_URI_FIRST, "A", "h"), "");
	ck_assert_str_eq(to(MIGRATION_WIRE, MIGRATION_URI_FIRST, "a", "h"), "");
	/* The same is no change. */
	ck_assert_uint_eq(migration_changes(b.table), 1);
	ck_assert_int_eq(rig_bind(&b, "1", names), 0);
	ck_assert_uint_eq(migration_changes(b.table), 1);
	/* He migrates again while the last one is ending. */
	ck_assert_int_eq(rig_bind(&b, "2", again), MIGRATION_E_TAKEN);
	ck_assert_int_eq(migration_end(b.table, SLICE_LIT("1"), MIGRATION_BY_FEED, RIG_NOW),
			 MIGRATION_E_SOURCE);
	ck_assert_int_eq(migration_end(b.table, SLICE_LIT("1"), MIGRATION_BY_HAND, RIG_NOW), 0);
	ck_assert_str_eq(to(MIGRATION_INSIDE, MIGRATION_URI_FIRST, "a", "h"), "ma@o over");
	ck_assert_int_eq(rig_bind(&b, "2", again), 0);
	ck_assert_str_eq(to(MIGRATION_INSIDE, MIGRATION_URI_FIRST, "a", "h"), "na@o");
	ck_assert_str_eq(to(MIGRATION_INSIDE, MIGRATION_USER, "a", ""), "na@o");
	ck_assert_str_eq(to(MIGRATION_WIRE, MIGRATION_URI_FIRST, "ma", "o"), "a@h over");
	ck_assert_int_eq(rig_bind(&b, "1", names), 0); /* no longer life: it stays over */
	ck_assert_str_eq(to(MIGRATION_WIRE, MIGRATION_URI_FIRST, "ma", "o"), "a@h over");
	ck_assert_uint_eq(migration_expire(b.table, RIG_NOW + 59), 0);
	ck_assert_uint_eq(migration_expire(b.table, RIG_NOW + 60), 1);
	ck_assert_str_eq(to(MIGRATION_WIRE, MIGRATION_URI_FIRST, "ma", "o"), "");
	ck_assert_str_eq(to(MIGRATION_INSIDE, MIGRATION_URI_FIRST, "a", "h"), "na@o");
	ck_assert_uint_eq(migration_expire(b.table, RIG_NOW + 3600), 1);
	ck_assert(migration_get(b.table, SLICE_LIT("2"))->ended == RIG_NOW + 3600);
	ck_assert_uint_eq(migration_expire(b.table, RIG_NOW + 3660), 1);
	ck_assert_uint_eq(migration_table_count(b.table), 0);
	ck_assert_int_eq(migration_end(b.table, SLICE_LIT("2"), MIGRATION_BY_HAND, RIG_NOW),
			 MIGRATION_E_ABSENT);
	rig_border_free(&b);
}
END_TEST

START_TEST(what_cannot_be_bound)
{
	static const char *const names[] = {"p@h", "mp@o", "sip:a@h", "sip:ma@o", NULL};
	static const char *const twice[] = {"x@h", "sip:x1@o", "x@h", "sip:x2@o", NULL},
				 *const same_wire[] = {"x@h", "x@o", "y@h", "x@o", NULL},
				 *const inside_out[] = {"x@h", "y@h", "y@h", "x@o", NULL},
				 *const cross[] = {"z@h", "z@o", "sip:ma@o", "sip:z@o", NULL},
				 *const itself[] = {"z@h", "z@h", NULL};
	char id[8];

	rig_border_init(&b);
	ck_assert_int_eq(rig_bind(&b, "1", names), 0);
	ck_assert_int_eq(rig_bind(&b, "2", twice), MIGRATION_E_TAKEN);
	ck_assert_int_eq(rig_bind(&b, "2", same_wire), MIGRATION_E_TAKEN);
	ck_assert_int_eq(rig_bind(&b, "2", inside_out), MIGRATION_E_TAKEN);
	ck_assert_int_eq(rig_bind(&b, "2", cross), MIGRATION_E_TAKEN);
	ck_assert_int_eq(rig_bind(&b, "2", itself), MIGRATION_E_TAKEN);
	ck_assert_int_eq(rig_bind(&b, "", names), MIGRATION_E_NAME);
	ck_assert_int_eq(rig_bind(&b, "1234567890123456789012345678901234567890", names),
			 MIGRATION_E_NAME);
	for (int i = 1; i < 100; i++) {
		char inside[32], wire[32];
		const char *const one[] = {inside, wire, NULL};

		snprintf(id, sizeof(id), "i%d", i);
		snprintf(inside, sizeof(inside), "sip:u%d@h", i);
		snprintf(wire, sizeof(wire), "sip:w%d@o", i);
		ck_assert_int_eq(rig_bind(&b, id, one), 0);
	}
	ck_assert_int_eq(
	    rig_bind(&b, "101", (const char *const[]){"sip:full@h", "sip:full@o", NULL}),
	    MIGRATION_E_FULL);
	ck_assert_str_eq(to(MIGRATION_WIRE, MIGRATION_URI_FIRST, "w57", "o"), "u57@h");
	rig_border_free(&b);
}
END_TEST

START_TEST(what_ims_cms_says)
{
	static const char away
	    [] = "7 g_1 away active partner=p1 user=sip:a@mc expires=2026-12-01T12:00:00Z told=no "
		 "own=a_p@h,sip:a@h,tel:+491 pair=m1@o,sip:m2@o,sip:m3@o "
		 "inbound=i1@i,sip:i2@i,sip:i3@i database=\"hss h r\"",
	here[] =
	    "8 g_2 here withdrawn partner=p2 user=sip:a@mc expires=2026-12-01T12:00:00Z told=no "
	    "own=- pair=m1@o,sip:m2@o inbound=i1@i,sip:i2@i database=\"own=x pair=y\" reason=x",
	plain[] = "9 g_3 away active partner=p1 user=u expires=2026-12-01T12:00:00Z told=no "
		  "own=a@h,sip:a@h pair=a@h,sip:a@h inbound=- database=\"\"";
	static const char *const bad[] = {
	    "",
	    "x",
	    "7 g_1 away",
	    "x g_1 away active partner=p expires=2026-12-01T12:00:00Z",
	    "7 g_1 left active partner=p expires=2026-12-01T12:00:00Z",
	    "7 g_1 away active expires=2026-12-01T12:00:00Z",
	    "7 g_1 away active partner=p expires=2026-13-01T12:00:00Z",
	    "7 g away active partner=p expires=2026-12-01T12:00:00Z own=a=b@h,sip:a@h "
	    "pair=m@o,sip:n@o",
	    "7 g away active partner=p expires=2026-12-01T12:00:00Z own=a@h,sip:a@h "
	    "pair=m@o,sip:n@o,sip:q@o",
	    "7 g away active partner=p expires=2026-12-01T12:00:00Z own=sip:a@h pair=sip:m@o"};
	struct migration_fed f;

	ck_assert_int_eq(migration_feed_line(slice_str(away), &f), 0);
	ck_assert(f.seq == 7 && f.lives && f.binding.n == 3 &&
		  slice_eq(f.partner, SLICE_LIT("p1")) && f.binding.expires == 1796126400);
	ck_assert(f.binding.pair[2].inside.kind == MIGRATION_TEL &&
		  slice_eq(f.binding.pair[1].wire.user, SLICE_LIT("m2")));
	ck_assert_int_eq(migration_feed_line(slice_str(here), &f), 0);
	ck_assert(!f.lives && f.binding.n == 2 &&
		  slice_eq(f.binding.pair[0].inside.user, SLICE_LIT("i1")) &&
		  slice_eq(f.binding.pair[0].wire.user, SLICE_LIT("m1")));
	ck_assert_int_eq(migration_feed_line(slice_str(plain), &f), 0);
	ck_assert(f.lives && f.binding.n == 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(migration_feed_line(slice_str(bad[i]), &f) == -1, "%s", bad[i]);
}
END_TEST

START_TEST(partners_have_their_places)
{
	static struct migration_partners p;
	struct netaddr a;

	ck_assert_int_eq(
	    migration_partner_add(&p, SLICE_LIT("p1 192.0.2.0/28 2001:db8::1  ibcf.p1.net")), 0);
	ck_assert_int_eq(migration_partner_add(&p, SLICE_LIT("p2 192.0.2.16")), 0);
	ck_assert_int_eq(migration_partner_add(&p, SLICE_LIT("p1 192.0.2.99")), -1);
	ck_assert_int_eq(migration_partner_add(&p, SLICE_LIT("p3 192.0.2.7")), -1);
	ck_assert_int_eq(migration_partner_add(&p, SLICE_LIT("p3 192.0.0.0/8")), -1);
	ck_assert_int_eq(migration_partner_add(&p, SLICE_LIT("p3 IBCF.p1.net")), -1);
	ck_assert_int_eq(migration_partner_add(&p, SLICE_LIT("p3")), -1);
	ck_assert_int_eq(migration_partner_add(&p, SLICE_LIT("p3 no_host")), -1);
	ck_assert_int_eq(netaddr_parse(SLICE_LIT("192.0.2.16"), &a), 0);
	ck_assert_int_eq(migration_partner_at(&p, &a), 1);
	ck_assert_int_eq(migration_partner_of_host(&p, SLICE_LIT("[2001:db8::1]")), 0);
	ck_assert_int_eq(migration_partner_of_host(&p, SLICE_LIT("ibcf.P1.net")), 0);
	ck_assert_int_eq(migration_partner_of_host(&p, SLICE_LIT("192.0.2.17")), -1);
	ck_assert_int_eq(migration_partner_named(&p, SLICE_LIT("p2")), 1);
}
END_TEST

UNIT_MAIN("ims_migration: bindings", names_are_read, bound_ended_forgotten, what_cannot_be_bound,
	  what_ims_cms_says, partners_have_their_places)
