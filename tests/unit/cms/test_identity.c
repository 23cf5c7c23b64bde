/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identities: drawn, checked, written; and configurations that are refused. */
#include "unit/unit.h"

#include "hss/cms/config.h"

enum { MANY = 200000 };

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

START_TEST(drawn_ones_are_unlike)
{
	static char drawn[MANY][DRAWN_SIZE], *order[MANY];
	static unsigned int counts[26][32];
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	int wrong = 0;

	/* an assertion of libcheck costs more than all that is done between two */
	for (int i = 0; i < MANY; i++) {
		order[i] = drawn[i];
		wrong += identity_draw(drawn[i]) || drawn[i][0] != 'm' || strlen(drawn[i]) != 27;
		for (int k = 0; k < 26; k++) {
			const char *at = strchr(alphabet, drawn[i][k + 1]);

			wrong += !at;
			counts[k][at ? at - alphabet : 0]++;
		}
	}
	qsort(order, MANY, sizeof(order[0]), compare);
	for (int i = 1; i < MANY; i++)
		wrong += strcmp(order[i - 1], order[i]) == 0;
	ck_assert_int_eq(wrong, 0);
	/* chi square of each place with 31 degrees of freedom: 81 is passed once in 10^6 */
	for (int k = 0; k < 26; k++) {
		double chi = 0, want = MANY / 32.0;

		for (int c = 0; c < 32; c++)
			chi += (counts[k][c] - want) * (counts[k][c] - want) / want;
		ck_assert_msg(chi < 81, "place %d: %f", k, chi);
	}
}
END_TEST

START_TEST(what_is_an_identity)
{
	static const char *const impis[] = {"a@b.c", "m234.x-y_z@in.partner1.net"};
	static const char *const wrong[] = {"",	     "a",	"@b",	  "a@",	    "a@b..c",
					    "a!x@b", "a b@c",	"a%41@b", "a@b@c",  "a@b;x",
					    "a@-b",  "a\"@b.c", "a@b.c/", "a\n@b.c"};
	char more[300];

	for (size_t i = 0; i < 2; i++)
		ck_assert(identity_is_impi(slice_str(impis[i])));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(more, sizeof(more), "sip:%s", wrong[i]);
		ck_assert_msg(!identity_is_impi(slice_str(wrong[i])), "%s", wrong[i]);
		ck_assert_msg(!identity_is_impu(slice_str(more)), "%s", more);
	}
	memset(more, 'a', sizeof(more) - 1);
	more[255] = '\0';
	memcpy(more + 100, "@", 1);
	ck_assert(identity_is_impi(slice_str(more)));
	more[255] = 'a';
	more[256] = '\0';
	ck_assert(!identity_is_impi(slice_str(more)));
	ck_assert(identity_is_impu(SLICE_LIT("tel:+15551")));
	ck_assert(!identity_is_impu(SLICE_LIT("tel:15551")));
	ck_assert(!identity_is_impu(SLICE_LIT("tel:+1234567890123456")));
	ck_assert(identity_in_domain(SLICE_LIT("sip:a@x.Home1.net"), SLICE_LIT("home1.net")));
	ck_assert(!identity_in_domain(SLICE_LIT("sip:a@xhome1.net"), SLICE_LIT("home1.net")));
	ck_assert(!identity_in_domain(SLICE_LIT("tel:+1"), SLICE_LIT("home1.net")));
	ck_assert(!identity_in_domain(SLICE_LIT("a@b"), SLICE_NULL));
}
END_TEST

START_TEST(written_and_read)
{
	struct names n = {.n_impu = 4}, back;
	char text[NAMES_TEXT], again[NAMES_TEXT];

	ck_assert_int_eq(names_draw(&n, "in.partner1.net"), 0);
	names_write(&n, text);
	ck_assert_int_eq(names_read(slice_str(text), &back), 0);
	names_write(&back, again);
	ck_assert_str_eq(text, again);
	ck_assert_str_ne(n.impu[0] + 4, n.impi);
	ck_assert_int_eq(names_read(SLICE_LIT("a@b"), &back), -1);
	ck_assert_int_eq(names_read(SLICE_LIT("a@b\nmailto:x"), &back), -1);
	ck_assert_int_eq(names_read(SLICE_LIT("a@b\nsip:a@b\n"), &back), -1);
}
END_TEST

#define HOME                                                                                       \
	"system home1\ndomains home1.net\npeers 127.0.0.1:1\ncertificate c\nkey k\n"               \
	"inbound_domain in.home1.net\nue_config u\npcscf p\n"

START_TEST(configurations)
{
	static const struct {
		const char *text, *says;
	} wrong[] = {
	    {"domains a.b\npeers 1\n", "system primary1"},
	    {"system UPPER\ndomains a.b\npeers 1\n", "small letters"},
	    {"system a\npeers 1\n", "domains home1.net"},
	    {"system a\ndomains a.b\n", "neither csc4 nor peers"},
	    {"system a\ndomains a.b\ncsc4 1\n", "csc4_certificate"},
	    {"system a\ndomains a.b\ncsc4 1\ncsc4_certificate c\ncsc4_key k\n", "token_key"},
	    {HOME "[partner b]\n", "partner b needs ca and san"},
	    {HOME "[partner home1]\nca c\nsan s\n", "is this system itself"},
	    {HOME "[partner b]\nca c\nsan s\naccept all\n", "needs domains and databases"},
	    {HOME "[partner b]\nca c\nsan s\ndomains home1.net\n", "a domain that is ours"},
	    {HOME "[partner b]\nca c\nsan s\n[partner d]\nca c\nsan s\n", "the same ca and san"},
	    {HOME "[partner b]\nca c\nsan s\n[partner b]\n", "stands there twice"},
	    {HOME "[partner b]\nca c\nsan s\nurl http://x\n", "url takes"},
	    {HOME "[partner b]\nca c\nsan s\nurl https://x/y\n", "url takes"},
	    {HOME "[partner b]\nca c\nsan s\nurl https://x\n", "needs services"},
	    {HOME "[partner b]\nservices a a\n", "services takes"},
	    {HOME "[friend b]\n", "only sections [partner NAME]"},
	    {HOME "identities some\n", "identities takes"},
	};
	static struct cms_config cfg;
	char why[512];

	ck_assert_msg(cms_config_parse(SLICE_LIT(HOME), &cfg, why, sizeof(why)) == 0, "%s", why);
	ck_assert_str_eq(cfg.realm, "in.home1.net");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_msg(cms_config_parse(slice_str(wrong[i].text), &cfg, why, sizeof(why)) ==
				  -1,
			      "%s", wrong[i].text);
		ck_assert_msg(strstr(why, wrong[i].says) != NULL, "%s: %s", wrong[i].text, why);
	}
}
END_TEST

UNIT_MAIN_WITHIN(60, "cms/identity", drawn_ones_are_unlike, what_is_an_identity, written_and_read,
		 configurations)
