/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Realms that share an address and a range of ports, as in the plainest configuration. */
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
	for (int i = 0; i < 2000 && !media_reached(control.media, mark); i++)
		usleep(1000);
	media_dispatch(control.media);
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

UNIT_MAIN("realms", realms_that_share_a_range_never_give_one_port_twice)
