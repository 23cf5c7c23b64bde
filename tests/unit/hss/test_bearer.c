/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses of access bearers: which are taken, whose they are, how long, and what becomes of who is registered by one.
 * With HSS_TEST_BASE, on that base of PostgreSQL.
 */
#include "store_fixture.h"

#include "hss/provision/bearer.h"

enum { NOW = 1000 };

static char why[256], list[512];
static struct bearer got;
static int64_t now = NOW;

static const char phones[] =
    "subscription\nprivate one@h " KEYS " imsi=001010000000001 giba=yes\npublic sip:a@h set=1\n"
    "public sip:b@h set=1\nend\n"
    "subscription\nprivate two@h " KEYS " imsi=001010000000002 giba=yes\npublic sip:c@h\nend\n"
    "subscription\nprivate not@h " KEYS " imsi=001010000000003\npublic sip:d@h\nend";

#define ONE   "001010000000001"
#define TWO   "001010000000002"
#define THREE "001010000000003"

static int set(const char *imsi, const char *address, uint64_t seconds)
{
	return provision_bearer_set(store, slice_str(imsi), slice_str(address), seconds, now, &got,
				    why, sizeof(why));
}

static void put(const struct bearer *b, void *arg)
{
	char text[BEARER_TEXT_SIZE];

	(void)arg;
	sprintf(list + strlen(list), "%s %s%s;", b->imsi + 12, bearer_text(b, text),
		b->used ? " used" : "");
}

/* Those that live. */
static void known(const char *want)
{
	list[0] = '\0';
	ck_assert_int_ge(provision_bearers(store, "", now, 9, put, NULL), 0);
	ck_assert_str_eq(list, want);
}

/* A MAR with GIBA, at the time that it is. */
static uint32_t asks(const char *impi, const char *impu, bool on)
{
	struct service svc = {.store = store, .policy = {.vectors_max = 1, .giba = on}};
	struct cx_request req = {.impi = slice_str(impi),
				 .n_impu = 1,
				 .scscf = SLICE_LIT("sip:s"),
				 .origin_host = SLICE_LIT("s.h"),
				 .origin_realm = SLICE_LIT("h"),
				 .authorization_type = -1,
				 .scheme = SLICE_LIT("Early-IMS-Security")};
	struct cx_served served;
	uint32_t code;

	strcpy(req.impu[0], impu);
	service_answer(&svc, CX_MAR, &req, &served);
	code = served.ans.result.code + (served.ans.result.experimental ? 10000 : 0);
	got.until = 0;
	if (served.ans.bearer)
		got = *served.ans.bearer;
	served_free(&served);
	return code;
}

START_TEST(addresses_that_a_host_can_have)
{
	static const struct {
		const char *text, *is, *network;
	} good[] = {{"10.45.0.2", "10.45.0.2", "10.45.0.2"},
		    {"10.45.0.2/32", "10.45.0.2", "10.45.0.2"},
		    {"2001:DB8:1:2::/64", "2001:db8:1:2::/64", "2001:db8:1:2::/64"},
		    {"2001:db8:1:2::5", "2001:db8:1:2::5", "2001:db8:1:2::/64"}};
	static const char *const bad[] = {"",
					  "ue.h",
					  "10.45.0.0/24",
					  "10.45.0.2:5060",
					  "0.0.0.0",
					  "127.0.0.1",
					  "::1",
					  "224.0.0.1",
					  "255.255.255.255",
					  "169.254.0.1",
					  "fe80::1",
					  "ff02::1",
					  "::",
					  "::/64",
					  "2001:db8:1:2::5/64",
					  "::ffff:10.45.0.2",
					  "2001:db8::/48",
					  "10.45.0.2/64",
					  "[2001:db8:1:2::5]"};
	char text[BEARER_TEXT_SIZE];
	struct bearer b;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_int_eq(bearer_parse(slice_str(good[i].text), &b), 0);
		ck_assert_str_eq(bearer_text(&b, text), good[i].is);
		ck_assert_str_eq(bearer_network(&b, text), good[i].network);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(bearer_parse(slice_str(bad[i]), &b) == -1, "%s", bad[i]);
	ck_assert_int_eq(bearer_imsi(SLICE_LIT("0010"), text), -1);
	ck_assert_int_eq(bearer_imsi(SLICE_LIT("0010100000000010"), text), -1);
	ck_assert_int_eq(bearer_imsi(SLICE_LIT("00101000000000a"), text), -1);
	ck_assert_int_eq(bearer_imsi(SLICE_LIT(ONE), text), 0);
}
END_TEST

START_TEST(an_address_is_one_imsis_and_an_imsi_has_one)
{
	begin();
	ck_assert_int_eq(import(phones), 0);
	ck_assert_int_eq(set(ONE, "10.45.0.2", 3600), 0);
	ck_assert_int_eq(got.until, NOW + 3600);
	ck_assert_int_eq(set(TWO, "10.45.0.3", 3600), 0);
	known("001 10.45.0.2;002 10.45.0.3;");
	/* a new address, and then that of the other one, who has lost it */
	ck_assert_int_eq(set(ONE, "10.45.0.4", 3600), 0);
	known("001 10.45.0.4;002 10.45.0.3;");
	ck_assert_int_eq(set(TWO, "10.45.0.4", 3600), 0);
	known("002 10.45.0.4;");
	/* of IPv6 the prefix is what counts */
	ck_assert_int_eq(set(ONE, "2001:db8:1:2::5", 3600), 0);
	known("001 2001:db8:1:2::5;002 10.45.0.4;");
	ck_assert_int_eq(set(TWO, "2001:db8:1:2::6", 3600), 0);
	known("002 2001:db8:1:2::6;");
	ck_assert_int_eq(set(ONE, "2001:db8:1:2::/64", 3600), 0);
	known("001 2001:db8:1:2::/64;");
	ck_assert_int_eq(provision_bearer_remove(store, SLICE_LIT(ONE), now, why, sizeof(why)), 0);
	known("");
	ck_assert_int_eq(provision_bearer_remove(store, SLICE_LIT(ONE), now, why, sizeof(why)),
			 STORE_ENOTFOUND);
	ck_assert_str_eq(why, "no address is known of the IMSI " ONE);
	end();
}
END_TEST

START_TEST(only_for_who_may_and_with_bounds)
{
	begin();
	ck_assert_int_eq(import(phones), 0);
	ck_assert_int_eq(set(THREE, "10.45.0.2", 3600), STORE_ENOTFOUND);
	ck_assert_str_eq(why, "no private identity that has giba=yes has the IMSI " THREE);
	ck_assert_int_eq(set("999990000000009", "10.45.0.2", 3600), STORE_ENOTFOUND);
	/* that of a phone that registers with its card, or of nobody's: it is not the one's any more who had it before */
	ck_assert_int_eq(set(ONE, "10.45.0.2", 3600), 0);
	ck_assert_int_eq(set(THREE, "10.45.0.2", 3600), STORE_ENOTFOUND);
	known("");
	ck_assert_int_eq(set(ONE, "2001:db8:1:2::5", 3600), 0);
	ck_assert_int_eq(set("999990000000009", "2001:db8:1:2::/64", 3600), STORE_ENOTFOUND);
	known("");
	ck_assert_int_eq(set(ONE, "10.45.0.0/24", 3600), PROVISION_REFUSED);
	ck_assert_int_eq(set("x", "10.45.0.2", 3600), PROVISION_REFUSED);
	ck_assert_int_eq(set(ONE, "10.45.0.2", BEARER_SECONDS_MIN - 1), PROVISION_REFUSED);
	ck_assert_int_eq(set(ONE, "10.45.0.2", BEARER_SECONDS_MAX + 1), PROVISION_REFUSED);
	known("");
	/* two with one IMSI: nobody could say whose the bearer is */
	ck_assert_int_eq(import("subscription\nprivate x@h " KEYS " imsi=" ONE " giba=yes\nend"),
			 STORE_EEXIST);
	ck_assert_int_eq(import("subscription\nprivate x@h " KEYS " imsi=" ONE "\nend"), 0);
	end();
}
END_TEST

START_TEST(it_is_given_where_all_allow_it)
{
	begin();
	now = time(NULL);
	ck_assert_int_eq(import(phones), 0);
	ck_assert_uint_eq(asks("one@h", "sip:a@h", true), 5012);
	ck_assert_int_eq(set(ONE, "10.45.0.2", 3600), 0);
	ck_assert_uint_eq(asks("one@h", "sip:a@h", false), 15006);
	ck_assert_uint_eq(asks("two@h", "sip:c@h", true), 5012);
	ck_assert_uint_eq(asks("not@h", "sip:d@h", true), 15006);
	known("001 10.45.0.2;");
	ck_assert_uint_eq(asks("one@h", "sip:a@h", true), 2001);
	ck_assert_str_eq(got.imsi, ONE);
	known("001 10.45.0.2 used;");
	/* a dead one is none, whether it was swept or not */
	now -= 3600;
	ck_assert_int_eq(set(ONE, "10.45.0.2", 3000), 0);
	ck_assert_uint_eq(asks("one@h", "sip:a@h", true), 5012);
	now = NOW;
	end();
}
END_TEST

/* How many errands there are, and what the next one says. */
static void told(const char *impi, size_t impus)
{
	struct cx_errand *e = calloc(1, sizeof(*e));

	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_due_errand(tx, INT64_MAX, e), impi ? 0 : STORE_ENOTFOUND);
	if (impi) {
		ck_assert_int_eq(e->kind, ERRAND_RTR);
		ck_assert_str_eq(e->impi, impi);
		ck_assert_uint_eq(e->n_impus, impus);
		ck_assert_str_eq(e->host, "s.h");
		ck_assert_int_eq(store_end_errand(tx, e->id), 0);
	}
	ck_assert_int_eq(store_commit(tx), 0);
	free(e);
}

static void is_registered(const char *impu, bool want)
{
	int64_t id;

	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_find_impu(tx, slice_str(impu), &id), 0);
	ck_assert_int_eq(store_load(tx, id, sub), 0);
	store_rollback(tx);
	ck_assert_int_eq(sub->impu[0].registered != 0, want);
}

START_TEST(who_is_registered_by_it_goes_with_it)
{
	begin();
	now = time(NULL);
	ck_assert_int_eq(import(phones), 0);
	ck_assert_int_eq(set(ONE, "10.45.0.2", 3600), 0);
	ck_assert_uint_eq(asks("one@h", "sip:a@h", true), 2001);
	ck_assert_uint_eq(serve(CX_SAR, "one@h", "sip:a@h", SAT_REGISTRATION), 2001);
	/* told again, and for longer: nothing happens */
	ck_assert_int_eq(set(ONE, "10.45.0.2", 7200), 0);
	is_registered("sip:a@h", true);
	told(NULL, 0);
	/* another has the address now */
	ck_assert_int_eq(set(TWO, "10.45.0.2", 3600), 0);
	is_registered("sip:a@h", false);
	told("one@h", 2);
	told(NULL, 0);
	/* the same by time */
	ck_assert_uint_eq(asks("two@h", "sip:c@h", true), 2001);
	ck_assert_uint_eq(serve(CX_SAR, "two@h", "sip:c@h", SAT_REGISTRATION), 2001);
	ck_assert_int_eq(provision_bearers_sweep(store, now), 0);
	is_registered("sip:c@h", true);
	ck_assert_int_eq(provision_bearers_sweep(store, now + 3600), 1);
	is_registered("sip:c@h", false);
	told("two@h", 1);
	known("");
	/* but who has registered with his card stays */
	ck_assert_int_eq(set(ONE, "10.45.0.2", 3600), 0);
	ck_assert_uint_eq(serve(CX_MAR, "one@h", "sip:a@h", 0), 2001);
	ck_assert_uint_eq(serve(CX_SAR, "one@h", "sip:a@h", SAT_REGISTRATION), 2001);
	ck_assert_int_eq(provision_bearer_remove(store, SLICE_LIT(ONE), now, why, sizeof(why)), 0);
	is_registered("sip:a@h", true);
	told(NULL, 0);
	now = NOW;
	end();
}
END_TEST

static int remove_bearer(const char *imsi)
{
	return provision_bearer_remove(store, slice_str(imsi), now, why, sizeof(why));
}

static int set_words(struct subscription *of, void *arg, char *text, size_t size)
{
	struct words w;

	ck_assert_int_eq(words_split(slice_str(arg), &w), 0);
	return provision_line(of, &w, text, size);
}

/* hssctl key set */
static void key_set(const char *line)
{
	ck_assert_int_eq(provision_change(store, "one@h", set_words, (void *)(uintptr_t)line, sub,
					  why, sizeof(why)),
			 0);
}

/* Nobody is served, and nobody is to be told. */
static void nobody_left(void)
{
	is_registered("sip:a@h", false);
	ck_assert_uint_eq(sub->impu[0].pending, 0);
	ck_assert_str_eq(sub->scscf, "");
	told(NULL, 0);
}

START_TEST(what_a_mar_allowed_ends_with_the_bearer)
{
	begin();
	now = time(NULL);
	ck_assert_int_eq(import(phones), 0);
	/* without any MAR */
	ck_assert_int_eq(set(ONE, "10.45.0.2", 3600), 0);
	ck_assert_uint_eq(serve(CX_SAR, "one@h", "sip:a@h", SAT_REGISTRATION), 5012);
	/* between MAR and SAR the address becomes another's */
	ck_assert_uint_eq(asks("one@h", "sip:a@h", true), 2001);
	ck_assert_int_eq(set(TWO, "10.45.0.2", 3600), 0);
	nobody_left();
	ck_assert_uint_eq(serve(CX_SAR, "one@h", "sip:a@h", SAT_REGISTRATION), 5012);
	ck_assert_uint_eq(serve(CX_SAR, "one@h", "sip:b@h", SAT_RE_REGISTRATION), 5012);
	nobody_left();
	/* or he may not be authenticated by it any more */
	ck_assert_int_eq(set(ONE, "10.45.0.3", 3600), 0);
	ck_assert_uint_eq(asks("one@h", "sip:a@h", true), 2001);
	key_set("private one@h giba=no");
	known("002 10.45.0.2;");
	nobody_left();
	ck_assert_uint_eq(serve(CX_SAR, "one@h", "sip:a@h", SAT_REGISTRATION), 5012);
	/* with his card he can come */
	ck_assert_uint_eq(serve(CX_MAR, "one@h", "sip:a@h", 0), 2001);
	ck_assert_uint_eq(serve(CX_SAR, "one@h", "sip:a@h", SAT_REGISTRATION), 2001);
	is_registered("sip:a@h", true);
	now = NOW;
	end();
}
END_TEST

START_TEST(a_card_that_was_asked_for_an_address_stays_registered)
{
	begin();
	now = time(NULL);
	ck_assert_int_eq(import(phones), 0);
	ck_assert_uint_eq(serve(CX_MAR, "one@h", "sip:a@h", 0), 2001);
	ck_assert_uint_eq(serve(CX_SAR, "one@h", "sip:a@h", SAT_REGISTRATION), 2001);
	ck_assert_int_eq(set(ONE, "10.45.0.2", 3600), 0);
	ck_assert_uint_eq(asks("one@h", "sip:a@h", true), 2001);
	ck_assert_int_eq(remove_bearer(ONE), 0);
	is_registered("sip:a@h", true);
	told(NULL, 0);
	/* the SAR that was to follow is not answered by what the card had proved */
	ck_assert_uint_eq(serve(CX_SAR, "one@h", "sip:a@h", SAT_RE_REGISTRATION), 5012);
	ck_assert_uint_eq(serve(CX_MAR, "one@h", "sip:a@h", 0), 2001);
	ck_assert_uint_eq(serve(CX_SAR, "one@h", "sip:a@h", SAT_RE_REGISTRATION), 2001);
	/* an authentication that failed leaves nothing */
	ck_assert_int_eq(set(ONE, "10.45.0.2", 3600), 0);
	ck_assert_uint_eq(asks("one@h", "sip:a@h", true), 2001);
	ck_assert_uint_eq(serve(CX_SAR, "one@h", "sip:a@h", SAT_AUTHENTICATION_FAILURE), 2001);
	ck_assert_uint_eq(serve(CX_SAR, "one@h", "sip:a@h", SAT_RE_REGISTRATION), 2001);
	ck_assert_int_eq(remove_bearer(ONE), 0);
	is_registered("sip:a@h", true);
	told(NULL, 0);
	/* but a stranger's MAR for the card does not hide what the address has brought */
	ck_assert_int_eq(set(ONE, "10.45.0.2", 3600), 0);
	ck_assert_uint_eq(asks("one@h", "sip:a@h", true), 2001);
	ck_assert_uint_eq(serve(CX_MAR, "one@h", "sip:b@h", 0), 2001);
	ck_assert_uint_eq(serve(CX_SAR, "one@h", "sip:a@h", SAT_RE_REGISTRATION), 2001);
	ck_assert_uint_eq(serve(CX_MAR, "one@h", "sip:b@h", 0), 2001);
	ck_assert_uint_eq(serve(CX_SAR, "one@h", "sip:b@h", SAT_RE_REGISTRATION), 2001);
	ck_assert_int_eq(remove_bearer(ONE), 0);
	told("one@h", 2);
	is_registered("sip:a@h", false);
	now = NOW;
	end();
}
END_TEST

START_TEST(who_may_not_any_more_is_deregistered)
{
	static const char *const lines[] = {"private one@h giba=no",
					    "private one@h imsi=001010000000009"};

	begin();
	now = time(NULL);
	ck_assert_int_eq(import(phones), 0);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(set(ONE, "10.45.0.2", 3600), 0);
		ck_assert_uint_eq(asks("one@h", "sip:a@h", true), 2001);
		ck_assert_uint_eq(serve(CX_SAR, "one@h", "sip:a@h", SAT_REGISTRATION), 2001);
		/* another change leaves him alone */
		key_set("private one@h msisdn=491701234567");
		is_registered("sip:a@h", true);
		known("001 10.45.0.2 used;");
		key_set(lines[i]);
		ck_assert_uint_eq(sub->impu[0].registered, 0);
		known("");
		told("one@h", 2);
		nobody_left();
		/* and does not count again */
		key_set("private one@h giba=yes imsi=" ONE);
		ck_assert_uint_eq(asks("one@h", "sip:a@h", true), 5012);
	}
	now = NOW;
	end();
}
END_TEST

UNIT_MAIN("hss bearer", addresses_that_a_host_can_have, an_address_is_one_imsis_and_an_imsi_has_one,
	  only_for_who_may_and_with_bounds, it_is_given_where_all_allow_it,
	  who_is_registered_by_it_goes_with_it, what_a_mar_allowed_ends_with_the_bearer,
	  a_card_that_was_asked_for_an_address_stays_registered,
	  who_may_not_any_more_is_deregistered)
