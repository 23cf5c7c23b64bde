/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include <stdlib.h>
#include <string.h>
#include "agw/control/config.h"

#define GOOD                                                                                       \
	"[gateway]\nmid = [10.0.0.7]:2944  # ours\nlocal=10.0.0.7:2944\n\n[mgc]\naddress = "       \
	"10.0.0.11\naddress = 10.0.0.12\n"                                                         \
	"[realm core]\nipdc = core.ims\naddress = 10.0.0.7\naddress = fd00::7\nports = "           \
	"20000-20999\ndscp = 46\n"

static char why[300];

static int parse(const char *text, struct config *c)
{
	why[0] = 0;
	return config_parse(slice_str(text), c, why, sizeof(why));
}

START_TEST(defaults_and_values)
{
	struct config c;

	ck_assert_int_eq(parse(GOOD, &c), 0);
	ck_assert_str_eq(c.mid, "[10.0.0.7]:2944");
	ck_assert_str_eq(c.transport, "udp");
	ck_assert_uint_eq(c.n_mgcs, 2);
	ck_assert_uint_eq(c.n_realms, 1);
	ck_assert_uint_eq(c.realms[0].n_addresses, 2);
	ck_assert_uint_eq(c.realms[0].addresses[1].family, 6);
	ck_assert_uint_eq(c.realms[0].port_max, 20999);
	ck_assert_uint_eq(c.realms[0].dscp, 46);
	ck_assert_uint_eq(c.tls_handshake_ms, 30000);
	ck_assert(c.msrp_rewrite && c.io_uring && !c.allow_sha1);
	ck_assert_int_eq(
	    parse("[gateway]\nallow_sha1 = yes\nmsrp_rewrite = off\nworkers = 3\n" GOOD, &c), 0);
	ck_assert(c.allow_sha1 && !c.msrp_rewrite);
	ck_assert_uint_eq(c.workers, 3);
}
END_TEST

START_TEST(mistakes_are_named_with_their_line)
{
	static const struct {
		const char *text;
		unsigned line;
		const char *what;
	} bad[] = {
	    {"[gateway]\nmidd = x\n", 2, "midd"},
	    {"mid = x\n", 1, "mid"},
	    {"[gateway]\n\nworkers = 65\n", 3, "64"},
	    {"[gateway]\ncompact = maybe\n", 2, "compact"},
	    {"[gateway]\nmid\n", 2, "mid"},
	    {"[realm Core]\n", 1, "Core"},
	    {"[realm a]\n[realm a]\n", 2, "a"},
	    {"[realm a]\nports = 80-90\n", 2, "80-90"},
	    {"[realm a]\nports = 3000-2000\n", 2, "3000-2000"},
	    {"[realm a]\naddress = host.example\n", 2, "host.example"},
	    {"[realm a]\ndscp = 64\n", 2, "64"},
	    {"[realm a]\naddress = 224.0.0.7\n", 2, "224.0.0.7"},
	    {"[realm a]\naddress = 255.255.255.255\n", 2, "255.255.255.255"},
	    {"[realm a]\naddress = 0.0.0.0\n", 2, "0.0.0.0"},
	    {"[realm a]\naddress = ff02::1\n", 2, "ff02::1"},
	    {"[realm a]\naddress = ::ffff:10.0.0.7\n", 2, "::ffff:10.0.0.7"},
	    {GOOD "[realm b]\naddress = fe80::1\nports = 2000-2001\n", 0, "device"},
	    {GOOD "[realm b]\nipdc = CORE\naddress = 10.0.0.9\nports = 2000-2001\n", 0, "'CORE'"},
	    {GOOD "[realm b]\nipdc = core.ims\naddress = 10.0.0.9\nports = 2000-2001\n", 0,
	     "realm b: realm core is called"},
	    {GOOD
	     "[realm core_ims]\naddress = 10.0.0.9\nports = 2000-2001\n[realm x]\nipdc = core_ims\n"
	     "address = 10.0.0.9\nports = 3000-3001\n",
	     0, "realm x: realm core_ims"},
	    {"[nothing]\n", 1, "nothing"},
	    {"[gateway]\nmid = x\nlocal = y\n[mgc]\naddress = z\n", 0, "realm"},
	    {"[gateway]\nlocal = y\n", 0, "mid"},
	    {GOOD "[realm b]\nports = 2000-2001\n", 0, "b"},
	    {GOOD "address = 10.0.0.7\n", 14, "address 10.0.0.7 stands twice"},
	    {"[gateway]\ntransport = sheep\n" GOOD, 0, "transport"},
	    {"[gateway]\ncontexts_max = 5\ncontexts_reserved = 5\n" GOOD, 0, "contexts"},
	    {"[gateway]\nversion_min = 3\nversion_max = 2\n" GOOD, 0, "version"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct config c;
		unsigned line = 0;

		ck_assert_msg(parse(bad[i].text, &c) == -1, "%s", bad[i].text);
		if (strncmp(why, "line ", 5) == 0)
			line = (unsigned)strtoul(why + 5, NULL, 10);
		ck_assert_msg(line == bad[i].line, "%s for %s", why, bad[i].text);
		ck_assert_msg(strstr(why, bad[i].what) != NULL, "%s: %s", bad[i].text, why);
	}
}
END_TEST

START_TEST(nothing_overflows)
{
	struct config c;
	static char text[4000];

	strcpy(text, "[gateway]\nmid = ");
	memset(text + strlen(text), 'x', 300);
	strcat(text, "\n");
	ck_assert_int_eq(parse(text, &c), -1);
	strcpy(text, GOOD);
	for (int i = 0; i < 3; i++)
		strcat(text, "address = 10.0.0.8\n");
	ck_assert_int_eq(parse(text, &c), -1);
	strcpy(text, "[mgc]\n");
	for (int i = 0; i < CONFIG_MGCS_MAX + 1; i++)
		strcat(text, "address = 10.0.0.8\n");
	ck_assert_int_eq(parse(text, &c), -1);
}
END_TEST

/* Whose port it is, the pools know (test_pool.c, test_realms.c). */
START_TEST(realms_may_share_an_address_and_a_range)
{
	struct config c;

	ck_assert_int_eq(parse(GOOD "[realm b]\naddress = 10.0.0.7\nports = 20000-20999\n", &c), 0);
	ck_assert_int_eq(parse(GOOD "[realm b]\naddress = 10.0.0.7\nports = 20999-21001\n", &c), 0);
	ck_assert_uint_eq(c.n_realms, 2);
}
END_TEST

START_TEST(what_only_a_start_can_change_is_named)
{
	static struct config now, next;
	char names[200];

	ck_assert_int_eq(parse(GOOD, &now), 0);
	ck_assert_int_eq(parse("[gateway]\nheartbeat_s = 7\n" GOOD, &next), 0);
	ck_assert_uint_eq(config_needs_start(&now, &next, names, sizeof(names)), 0);
	ck_assert_int_eq(parse("[gateway]\nheartbeat_s = 7\nworkers = 3\nallow_sha1 = yes\n" GOOD
			       "[mgc]\naddress = 10.0.0.13\n",
			       &next),
			 0);
	ck_assert_uint_eq(config_needs_start(&now, &next, names, sizeof(names)), 3);
	ck_assert_str_eq(names, "workers, allow_sha1, [mgc] address");
	config_take(&now, &next);
	ck_assert_uint_eq(now.heartbeat_s, 7);
	ck_assert_uint_eq(now.workers, 0);
	ck_assert_uint_eq(now.n_mgcs, 2);
}
END_TEST

UNIT_MAIN("agw config", defaults_and_values, mistakes_are_named_with_their_line, nothing_overflows,
	  realms_may_share_an_address_and_a_range, what_only_a_start_can_change_is_named)
