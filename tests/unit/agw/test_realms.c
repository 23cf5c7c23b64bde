/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which address and port a stream gets, and which it cannot have. */
#include "control_rig.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "unit/unit.h"

enum { FIRST = 24000, PORTS = 64 };

#define SHARED "address = 127.0.0.3\nports = 24000-24063\n"
#define LOCAL  "M{ST=1{O{MO=SR},L{v=0\nc=IN IP4 $\nm=%s $ %s\n}}}"

static bool seen[PORTS];

static void setup(void)
{
	control_start("ports_reserved_percent = 0\n[realm left]\n" SHARED "[realm right]\n" SHARED);
	memset(seen, 0, sizeof(seen));
}

/* A context with one termination; its port, 0 = refused. */
static unsigned add(const char *realm, const char *media, const char *proto)
{
	char what[200];
	const char *r, *at;
	unsigned port;

	snprintf(what, sizeof(what), LOCAL, media, proto);
	r = control_do("C=${A=ip/%s/${%s}}", realm, what);
	if (control_code(r)) {
		ck_assert_msg(control_code(r) == 510, "%s", r);
		return 0;
	}
	at = strstr(r, "m=");
	ck_assert_msg(at != NULL, "%s", r);
	port = (unsigned)strtoul(strchr(at, ' '), NULL, 10);
	ck_assert_msg(port >= FIRST && port < FIRST + PORTS, "%s", r);
	return port;
}

/* The ports come back when the worker has closed the sockets. */
static void subtract_all(void)
{
	uint64_t mark;

	control_do("C=*{S=*}");
	mark = media_mark(control.media);
	UNIT_SOON(media_reached(control.media, mark),
		  (media_dispatch(control.media), usleep(1000)));
}

START_TEST(realms_that_share_a_range_never_give_one_port_twice)
{
	unsigned n = 0, refused = 0;

	setup();
	for (unsigned i = 0; refused < 2; i++) {
		unsigned port = add(i & 1 ? "left" : "right", i & 2 ? "application" : "audio",
				    i & 2 ? "TCP *" : "RTP/AVP 0");

		refused = port ? 0 : refused + 1;
		if (!port)
			continue;
		ck_assert_msg(!seen[port - FIRST], "%u twice", port);
		seen[port - FIRST] = true;
		n++;
	}
	ck_assert_uint_eq(n, PORTS);
	subtract_all();
	ck_assert_uint_ne(add("left", "audio", "RTP/AVP 0"), 0);
	control_stop();
}
END_TEST

#define ONE_OF_TWO "M{ST=1{O{MO=SR},L{v=0\nc=IN IP4 127.0.0.5\nm=audio $ RTP/AVP 0\n}}}"

START_TEST(an_address_that_is_asked_for_is_the_one_that_is_given)
{
	control_start("[realm two]\naddress = 127.0.0.4\naddress = 127.0.0.5\nports = "
		      "24000-24063\n");
	for (int i = 0; i < 8; i++) {
		const char *r = control_do("C=${A=ip/two/${" ONE_OF_TWO "}}");

		ck_assert_msg(strstr(r, "c=IN IP4 127.0.0.5") != NULL, "%s", r);
	}
	control_stop();
}
END_TEST

/* A command that cannot be so is refused, and nothing has changed. */
START_TEST(what_the_leg_cannot_be_is_refused_and_not_acknowledged)
{
	static const struct {
		const char *what; /* in Stream 1 */
		unsigned code;
	} tries[] = {
	    {"L{v=0\nc=IN IP4 9.9.9.9\nm=audio $ RTP/AVP 0\n}", 449},
	    {"L{v=0\nc=IN IP4 0.0.0.0\nm=audio $ RTP/AVP 0\n}", 449},
	    {"L{v=0\nc=IN IP6 $\nm=audio $ RTP/AVP 0\n}", 449},
	    {"L{v=0\nc=IN IP4 $\nm=audio 5 RTP/AVP 0\n}", 449},
	    {"R{v=0\nc=IN IP6 ::1\nm=audio 4000 RTP/AVP 0\n}", 449},
	    {"R{v=0\nc=IN IP4 127.0.0.9\nm=audio 4000 RTP/AVP 0\na=rtcp:4001 IN IP6 ::1\n}", 449},
	    {"R{v=0\nc=IN IP4 224.0.0.9\nm=audio 4000 RTP/AVP 0\n}", 449},
	    {"R{v=0\nc=IN IP4 255.255.255.255\nm=audio 4000 RTP/AVP 0\n}", 449},
	    {"R{v=0\nc=IN IP4 127.0.0.9\nm=audio 4000 RTP/AVP 0\na=rtcp:4001 IN IP4 232.1.1.1\n}",
	     449},
	    {"L{},R{v=0\nc=IN IP4 127.0.0.9\nm=audio 4000 RTP/AVP 0\n}", 449},
	    {"L{v=0\nc=IN IP4 $\nm=audio $ RTP/AVP 0\n}", 0},
	    {"L{v=0\nc=IN IP4 127.0.0.1\nm=audio $ RTP/AVP 8\n}", 0},
	    {"R{v=0\nc=IN IP4 0.0.0.0\nm=audio 4000 RTP/AVP 0\n}", 0},
	    {"R{v=0\nc=IN IP4 127.0.0.9\nm=audio 4000 RTP/AVP 0\n}", 0},
	};
	char core[H248_TID_MAX], access[H248_TID_MAX];
	uint32_t id;

	control_start(NULL);
	id = control_call(core, access);
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		static char before[4096];
		const char *r;

		snprintf(before, sizeof(before), "%s", control_do("C=%u{AV=%s{AT{M}}}", id, core));
		r = control_do("C=%u{MF=%s{M{ST=1{%s}}}}", id, core, tries[i].what);
		ck_assert_msg(control_code(r) == tries[i].code, "%s: %s", tries[i].what, r);
		if (tries[i].code)
			ck_assert_str_eq(control_do("C=%u{AV=%s{AT{M}}}", id, core), before);
	}
	control_stop();
}
END_TEST

/* It would send for ever. */
START_TEST(a_leg_is_not_its_own_peer)
{
	char core[H248_TID_MAX], access[H248_TID_MAX], what[128];
	uint32_t id;
	unsigned port;
	const char *m;

	control_start(NULL);
	id = control_call(core, access);
	m = strstr(control_do("C=%u{AV=%s{AT{M}}}", id, core), "m=audio ");
	ck_assert_ptr_nonnull(m);
	port = (unsigned)strtoul(m + 8, NULL, 10);
	for (unsigned other = 0; other <= 10; other += 10) {
		snprintf(what, sizeof(what), "v=0\nc=IN IP4 127.0.0.1\nm=audio %u RTP/AVP 0\n",
			 port + other);
		ck_assert_uint_eq(
		    control_code(control_do("C=%u{MF=%s{M{ST=1{R{%s}}}}}", id, core, what)),
		    other ? 0u : 449u);
	}
	control_stop();
}
END_TEST

#define LONG "a_folder_with_a_name_of_more_than_half_of_what_a_socket_may_have"

/* What -t and a reload say yes to can be started. */
START_TEST(a_configuration_that_cannot_start_is_not_ok)
{
	static const struct {
		const char *mid, *local, *mgc, *more, *what;
	} tries[] = {
	    {"<agw.test>", "127.0.0.1:2944", "127.0.0.1", "", NULL},
	    {"<agw.test>", "127.0.0.1", "[127.0.0.1]:2944", "metrics = 9432", NULL},
	    {"127.0.0.1", "127.0.0.1", "127.0.0.1", "", "mid"},
	    {"<agw.test>", "somewhere", "127.0.0.1", "", "local"},
	    {"<agw.test>", "127.0.0.1:99999", "127.0.0.1", "", "local"},
	    {"<agw.test>", "127.0.0.1", "mgc.example.net", "", "[mgc] address"},
	    {"<agw.test>", "127.0.0.1", "127.0.0.1:0", "", "[mgc] address"},
	    {"<agw.test>", "127.0.0.1", "0.0.0.0", "", "[mgc] address"},
	    {"<agw.test>", "127.0.0.1", "127.0.0.1", "metrics = here", "metrics"},
	    {"<agw.test>", "127.0.0.1", "127.0.0.1", "private_key = /k", "certificate"},
	    {"<agw.test>", "127.0.0.1", "127.0.0.1", "user = no-such-user", "no-such-user"},
	    {"<agw.test>", "224.0.0.1", "127.0.0.1", "", "local"},
	    {"<agw.test>", "127.0.0.1", "224.0.0.1", "", "[mgc] address"},
	    {"<agw.test>", "127.0.0.1", "::1", "", "one is IPv4, the other IPv6"},
	    {"<agw.test>", "[::]:2944", "127.0.0.1", "", NULL},
	    {"<agw.test>", "127.0.0.1", "127.0.0.1", "trace_dir = /no/such/folder", "trace_dir"},
	    {"<agw.test>", "127.0.0.1", "127.0.0.1", "trace_dir = /etc/passwd", "Not a directory"},
	    {"<agw.test>", "127.0.0.1", "127.0.0.1", "trace_dir = \"\"", NULL},
	    {"<agw.test>", "127.0.0.1", "127.0.0.1", "control_socket = /" LONG "/" LONG,
	     "control_socket"},
	};

	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		static struct config c;
		char text[600], why[300] = "";
		int rc;

		snprintf(text, sizeof(text),
			 "[gateway]\nmid = %s\nlocal = %s\n%s\n[mgc]\naddress = %s\n"
			 "[realm core]\naddress = 127.0.0.1\nports = 21000-21099\n",
			 tries[i].mid, tries[i].local, tries[i].more, tries[i].mgc);
		ck_assert_int_eq(config_parse(slice_str(text), &c, why, sizeof(why)), 0);
		rc = config_check(&c, why, sizeof(why));
		ck_assert_msg(rc == (tries[i].what ? -1 : 0), "%s: %s", text, why);
		ck_assert_msg(!tries[i].what || strstr(why, tries[i].what), "%s: %s", text, why);
	}
}
END_TEST

START_TEST(an_address_that_is_not_there_is_told_from_one_that_is)
{
	static const char *const addresses[] = {"127.0.0.1", "192.0.2.77"};

	for (int i = 0; i < 2; i++) {
		struct media_pool *p;
		struct netaddr a;

		ck_assert_int_eq(netaddr_parse(slice_str(addresses[i]), &a), 0);
		ck_assert_int_eq(media_pool_new(&a, FIRST, FIRST + 1, NULL, &p), MEDIA_OK);
		ck_assert_int_eq(media_pool_try(p), i ? MEDIA_ESYSTEM : MEDIA_OK);
		media_pool_free(p);
	}
}
END_TEST

UNIT_MAIN("realms", realms_that_share_a_range_never_give_one_port_twice,
	  an_address_that_is_asked_for_is_the_one_that_is_given,
	  what_the_leg_cannot_be_is_refused_and_not_acknowledged, a_leg_is_not_its_own_peer,
	  a_configuration_that_cannot_start_is_not_ok,
	  an_address_that_is_not_there_is_told_from_one_that_is)
