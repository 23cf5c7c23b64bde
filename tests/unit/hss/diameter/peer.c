/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "peer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

unsigned int passed, failed;
const char *hss_address = "10.9.9.1";

bool check_at(bool ok, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	if (ok) {
		passed++;
		return true;
	}
	failed++;
	printf("FAILED %s:%d: ", file, line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	return false;
}

static void add_origin(const struct peer *p, struct dm *m)
{
	dm_text(m, 264, 0, p->host);
	dm_text(m, 296, 0, "home1.net");
}

static void add_application(const struct peer *p, struct dm *m)
{
	size_t at = dm_open(m, 260, 0);

	dm_u32(m, 266, 0, TGPP);
	dm_u32(m, 258, 0, p->application);
	dm_close(m, at);
}

static uint32_t open_as(struct peer *p, uint32_t application, const char *host, const char *local,
			uint32_t code)
{
	static struct dm m, answer;
	static const uint8_t address[6] = {0, 1, 10, 9, 9, 2};
	struct dm_avp avp;

	*p = (struct peer){dm_connect(local, hss_address, 3868), host, 0x1000, 0, application};
	if (p->fd < 0)
		return 0;
	dm_begin(&m, 0x80, CMD_CE, 0, p->next, p->next);
	p->next++;
	dm_text(&m, 264, 0, p->host);
	if (code != 296)
		dm_text(&m, 296, 0, "home1.net");
	if (code != 257)
		dm_add(&m, 257, 0, true, address, sizeof(address));
	dm_u32(&m, 266, 0, TGPP);
	dm_add(&m, 269, 0, false, "test peer", 9);
	dm_u32(&m, 265, 0, TGPP);
	add_application(p, &m);
	dm_end(&m);
	if (!dm_send(p->fd, &m) || dm_receive(p->fd, &answer, PATIENCE_MS) != 1 ||
	    dm_command(&answer) != CMD_CE)
		return 0;
	return dm_find(dm_avps(&answer), 268, 0, 0, &avp) ? dm_value(&avp) : 0;
}

uint32_t peer_open_without(struct peer *p, const char *host, const char *local, uint32_t code)
{
	return open_as(p, CX, host, local, code);
}

uint32_t peer_open_sh(struct peer *p, const char *host, const char *local)
{
	return open_as(p, SH, host, local, 0);
}

uint32_t peer_open(struct peer *p, const char *host, const char *local)
{
	return peer_open_without(p, host, local, 0);
}

void peer_close(struct peer *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

void request_begin(struct peer *p, struct dm *m, uint32_t command)
{
	char session[64];

	snprintf(session, sizeof(session), "%s;%u;1", p->host, p->next);
	dm_begin(m, 0xc0, command, p->application, p->next, p->next);
	p->next++;
	dm_text(m, 263, 0, session);
	add_application(p, m);
	dm_u32(m, 277, 0, 1);
	add_origin(p, m);
	dm_text(m, 283, 0, "home1.net");
}

static void answer_watchdog(struct peer *p, const struct dm *request)
{
	static struct dm m;

	dm_begin(&m, dm_flags(request) & 0x7f, dm_command(request), 0, dm_hop(request),
		 dm_endtoend(request));
	dm_u32(&m, 268, 0, 2001);
	add_origin(p, &m);
	dm_end(&m);
	dm_send(p->fd, &m);
}

/* The next message but watchdogs, which are answered on the way and put off nothing. Returns as dm_receive(). */
static int receive_until(struct peer *p, struct dm *m, int64_t end)
{
	for (;;) {
		int64_t left = end - dm_now_ms();
		int rc = dm_receive(p->fd, m, left > 0 ? (int)left : 0);

		if (rc != 1 || !(dm_flags(m) & 0x80) || dm_command(m) != CMD_DW)
			return rc;
		answer_watchdog(p, m);
	}
}

bool request_send(struct peer *p, struct dm *m, struct dm *answer)
{
	int64_t end = dm_now_ms() + (p->patience_ms ? p->patience_ms : PATIENCE_MS);

	dm_end(m);
	if (!dm_send(p->fd, m))
		return false;
	do {
		if (receive_until(p, answer, end) != 1)
			return false;
	} while (!(dm_flags(answer) & 0x80) && dm_hop(answer) != dm_hop(m));
	return true;
}

bool request_wait(struct peer *p, struct dm *m, uint32_t command, int ms)
{
	return receive_until(p, m, dm_now_ms() + ms) == 1 && dm_flags(m) & 0x80 &&
	       dm_command(m) == command;
}

void request_answer(struct peer *p, const struct dm *request, uint32_t result)
{
	static struct dm m;
	struct dm_avp session;

	dm_begin(&m, dm_flags(request) & 0x7f, dm_command(request),
		 dm_command(request) >= 300 ? p->application : 0, dm_hop(request),
		 dm_endtoend(request));
	if (dm_find(dm_avps(request), 263, 0, 0, &session)) {
		dm_add(&m, 263, 0, true, session.data, session.len);
		add_application(p, &m);
		dm_u32(&m, 277, 0, 1);
	}
	dm_u32(&m, 268, 0, result);
	add_origin(p, &m);
	dm_end(&m);
	dm_send(p->fd, &m);
}

/* Those of 3GPP that answers have without M (TS 29.229 table 6.3.1, 7.2.1). */
static bool without_m(uint32_t code)
{
	return code == 647 || (code >= 628 && code <= 630);
}

/* TS 29.229 table 6.3.1: V and M on all the others that we send. */
static void check_flags(struct dm_list list, const char *file, int line)
{
	struct dm_avp avp;

	while (dm_next(&list, &avp)) {
		uint8_t want = avp.vendor == TGPP ? (without_m(avp.code) ? 0x80 : 0xc0) : 0x40;

		if (avp.code == 281) /* Error-Message */
			want = 0;
		check_at(avp.flags == want, file, line,
			 "AVP %u of vendor %u has flags %02x, not %02x", avp.code, avp.vendor,
			 avp.flags, want);
		if (avp.code == 260 || avp.code == 297 || avp.code == 603 || avp.code == 612 ||
		    avp.code == 615 || avp.code == 618 || avp.code == 628 || avp.code == 632 ||
		    avp.code == 647)
			check_flags(dm_group(&avp), file, line);
	}
	check_at(list.len == 0, file, line, "%zu octets after the last AVP", list.len);
}

static void check_result(struct dm_list avps, uint32_t code, bool experimental, const char *file,
			 int line)
{
	size_t plain = dm_count(avps, 268, 0), special = dm_count(avps, 297, 0);
	struct dm_avp avp = {0}, inner = {0};

	check_at(plain + special == 1, file, line, "%zu Result-Code and %zu Experimental-Result",
		 plain, special);
	if (plain)
		dm_find(avps, 268, 0, 0, &avp);
	if (!check_at(experimental ? special : plain, file, line,
		      "the result is not in the right AVP (Result-Code %u)",
		      plain ? dm_value(&avp) : 0))
		return;
	if (!experimental) {
		check_at(dm_value(&avp) == code, file, line, "Result-Code %u, not %u",
			 dm_value(&avp), code);
		return;
	}
	dm_find(avps, 297, 0, 0, &avp);
	check_at(dm_find(dm_group(&avp), 266, 0, 0, &inner) && dm_value(&inner) == TGPP, file, line,
		 "Experimental-Result without Vendor-Id 10415");
	check_at(dm_find(dm_group(&avp), 298, 0, 0, &inner) && dm_value(&inner) == code, file, line,
		 "Experimental-Result-Code %u, not %u", dm_value(&inner), code);
}

void check_answer(const struct peer *p, const struct dm *request, const struct dm *answer,
		  uint32_t code, bool experimental, const char *file, int line)
{
	struct dm_list avps = dm_avps(answer), rest = avps;
	struct dm_avp avp, session, inner;

	(void)p;
	check_at(dm_flags(answer) == (code / 1000 == 3 ? 0x60 : 0x40), file, line, "flags %02x",
		 dm_flags(answer));
	check_at(dm_command(answer) == dm_command(request), file, line, "command %u",
		 dm_command(answer));
	check_at(dm_hop(answer) == dm_hop(request) && dm_endtoend(answer) == dm_endtoend(request),
		 file, line, "identifiers differ");
	check_at(dm_next(&rest, &avp) && avp.code == 263, file, line, "Session-Id is not first");
	check_at(dm_find(dm_avps(request), 263, 0, 0, &session) && session.len == avp.len &&
		     memcmp(session.data, avp.data, avp.len) == 0,
		 file, line, "Session-Id is another one");
	check_at(dm_find(avps, 264, 0, 0, &avp) && dm_is(&avp, "hss.home1.net"), file, line,
		 "Origin-Host");
	check_at(dm_find(avps, 296, 0, 0, &avp) && dm_is(&avp, "home1.net"), file, line,
		 "Origin-Realm");
	check_at(dm_count(avps, 293, 0) + dm_count(avps, 283, 0) == 0, file, line,
		 "a Destination in an answer");
	check_result(avps, code, experimental, file, line);
	check_flags(avps, file, line);
	check_at(dm_find(avps, 277, 0, 0, &avp) && dm_value(&avp) == 1, file, line,
		 "Auth-Session-State");
	check_at(dm_find(avps, 260, 0, 0, &avp) && dm_find(dm_group(&avp), 258, 0, 0, &inner) &&
		     dm_value(&inner) == CX && dm_find(dm_group(&avp), 266, 0, 0, &inner) &&
		     dm_value(&inner) == TGPP,
		 file, line, "Vendor-Specific-Application-Id");
}
