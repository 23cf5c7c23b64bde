/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "scenarios.h"

static struct dm request, answer;

/* Is the connection closed by the other side within a second or two? What comes before is of no
 * interest. */
static bool closed_soon(int fd)
{
	for (int i = 0; i < 20; i++) {
		int rc = dm_receive(fd, &answer, 1000);

		if (rc < 0)
			return true;
	}
	return false;
}

/* A CER may come before freeDiameter has seen the end of the connection before; peers try again. */
static bool reopen(struct peer *p, const char *host)
{
	for (int i = 0; i < 400; i++) {
		const struct timespec pause = {0, 50000000};

		if (peer_open(p, host, "10.9.9.2") == 2001) {
			p->patience_ms = 200; /* what is broken need not be answered */
			return true;
		}
		peer_close(p);
		nanosleep(&pause, NULL);
	}
	return false;
}

/* On a slow machine what came before may still be under way: then it is asked again a little later. */
static bool too_busy(void)
{
	struct dm_avp code;

	return dm_find(dm_avps(&answer), 268, 0, 0, &code) && dm_value(&code) == 3004;
}

static void still_serves(struct peer *icscf)
{
	const struct timespec pause = {0, 50000000};
	int patience = icscf->patience_ms;
	bool came = false;

	icscf->patience_ms = 0; /* the usual */
	for (int i = 0; i < 100; i++) {
		make_lir(icscf, &request, "sip:nobody@home1.net");
		came = request_send(icscf, &request, &answer);
		if (!came || !too_busy())
			break;
		nanosleep(&pause, NULL);
	}
	CHECK(came);
	CHECK_ANSWER(icscf, &request, &answer, 5001, true);
	icscf->patience_ms = patience;
}

static void wrong_peers(void)
{
	struct peer p;

	CHECK(peer_open(&p, "evil.home1.net", "10.9.9.2") == 3010); /* UNKNOWN_PEER */
	make_uar(&p, &request, USER1, PUBLIC1);
	dm_end(&request);
	dm_send(p.fd, &request);
	CHECK(closed_soon(p.fd));
	peer_close(&p);
	/* a name that is allowed, from an address that is not */
	CHECK(peer_open(&p, "pinned.home1.net", "10.9.9.2") == 3010);
	CHECK(closed_soon(p.fd));
	peer_close(&p);
	CHECK(peer_open(&p, "pinned.home1.net", "10.9.9.3") == 2001);
	peer_close(&p);
}

/* Requests before the capabilities exchange get nothing. */
static void without_capabilities(void)
{
	struct peer p = {dm_connect("10.9.9.2", "10.9.9.1", 3868), "scscf.home1.net", 1, 0, CX};

	CHECK(p.fd >= 0);
	make_mar(&p, &request, USER1, PUBLIC1, "Digest-AKAv1-MD5", 1, NULL);
	dm_end(&request);
	dm_send(p.fd, &request);
	CHECK(closed_soon(p.fd));
	peer_close(&p);
}

static void garbage(void)
{
	static const char *const lines[] = {"GET / HTTP/1.0\r\n\r\n", "\x01\xff\xff\xff garbage",
					    "\x01\x00\x00\x04"};
	static const size_t lengths[] = {18, 12, 4};

	for (size_t i = 0; i < 3; i++) {
		int fd = dm_connect("10.9.9.2", "10.9.9.1", 3868);

		CHECK(fd >= 0);
		send(fd, lines[i], lengths[i], MSG_NOSIGNAL);
		shutdown(fd, SHUT_WR);
		CHECK_MSG(closed_soon(fd), "garbage %zu keeps the connection", i);
		peer_close(&(struct peer){.fd = fd});
	}
}

/* Who asks and goes at once: what could not be delivered holds keys, and must not be in the log
 * (check-diameter looks). */
static void undelivered(void)
{
	struct peer p;

	for (int i = 0; i < 5; i++) {
		CHECK(reopen(&p, "hostile.home1.net"));
		for (int j = 0; j < 20; j++) {
			make_mar(&p, &request, "user2_private@home1.net",
				 "sip:user2_public1@home1.net", "Digest-AKAv1-MD5", 3, NULL);
			dm_end(&request);
			dm_send(p.fd, &request);
		}
		peer_close(&p);
	}
}

/* Requests before and behind a DPR, as they lie in one segment; true if they could be sent. */
static bool send_around_good_bye(struct peer *p)
{
	enum { REQUESTS = 40 };
	static uint8_t all[REQUESTS * 1024];
	size_t len = 0;

	for (int i = 0; i < REQUESTS; i++) {
		if (i == REQUESTS / 4) {
			dm_begin(&request, 0x80, CMD_DP, 0, p->next, p->next);
			dm_text(&request, 264, 0, p->host);
			dm_text(&request, 296, 0, "home1.net");
			dm_u32(&request, 273, 0, 0);
		} else if (i % 2) {
			make_lir(p, &request, PUBLIC1);
		} else { /* refused while it is routed */
			request_begin(p, &request, 311);
		}
		p->next++;
		dm_end(&request);
		if (len + request.len > sizeof(all))
			return false;
		memcpy(all + len, request.octets, request.len);
		len += request.len;
	}
	return send(p->fd, all, len, MSG_NOSIGNAL) == (ssize_t)len;
}

/*
 * libfdcore ends the connection of a peer that has said good-bye while its threads for routing have
 * answers for it. They must keep their hands off that connection.
 */
static void good_bye_before_the_answers_harms_nobody(struct peer *icscf)
{
	enum { TIMES = 400 };
	static const struct linger reset = {1, 0};
	struct peer p;

	for (int i = 0; i < TIMES; i++) {
		const struct timespec pause = {0, i % 20 * 100000L};

		if (!CHECK(reopen(&p, "hostile.home1.net")))
			return;
		CHECK(send_around_good_bye(&p));
		nanosleep(&pause, NULL);
		if (i % 2)
			setsockopt(p.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		peer_close(&p);
	}
	still_serves(icscf);
}

/* Send m as often as it goes without reading an answer, 20000 times at most. */
static void flood(int fd, const struct dm *m)
{
	size_t at = 0;
	int sent = 0;

	for (int quiet = 0; quiet < 50 && sent < 20000;) {
		const struct timespec pause = {0, 10000000};
		ssize_t n = send(fd, m->octets + at, m->len - at, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0) {
			quiet = 0;
			at = (at + (size_t)n) % m->len;
			sent += at == 0;
		} else {
			quiet++;
			nanosleep(&pause, NULL);
		}
	}
}

/* Milliseconds that a hundred requests and their answers take. */
static long long hundred_ms(struct peer *icscf)
{
	struct timespec begin, end;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < 100; i++)
		still_serves(icscf);
	clock_gettime(CLOCK_MONOTONIC, &end);
	return (end.tv_sec - begin.tv_sec) * 1000LL + (end.tv_nsec - begin.tv_nsec) / 1000000;
}

/* A peer that asks all the time and does not read keeps nobody else waiting. What it takes of memory
 * main() looks at. */
static void who_does_not_read_keeps_nobody_waiting(struct peer *icscf)
{
	static struct dm big;
	static const char state[3000];
	long long before = hundred_ms(icscf), after;
	struct peer p;
	size_t at;

	if (!CHECK(reopen(&p, "hostile.home1.net")))
		return;
	make_lir(&p, &big, PUBLIC1);
	at = dm_open(&big, 284, 0); /* Proxy-Info, which comes back */
	dm_text(&big, 280, 0, "proxy.home1.net");
	dm_add(&big, 33, 0, true, state, sizeof(state));
	dm_close(&big, at);
	dm_end(&big);
	flood(p.fd, &big);
	after = hundred_ms(icscf);
	CHECK_MSG(after < 3000 + 10 * before, "100 requests of another took %lld ms, %lld before",
		  after, before);
	peer_close(&p);
}

/* Lengths that lie inside a message of a peer that is known. */
static void lying_lengths(void)
{
	static const uint8_t lies[] = {0, 7, 9, 0xff};
	struct peer p;

	for (size_t i = 0; i < sizeof(lies); i++) {
		CHECK(reopen(&p, "hostile.home1.net"));
		make_uar(&p, &request, USER1, PUBLIC1);
		request.octets[20 + 7] = lies[i]; /* the length of Session-Id */
		CHECK_MSG(!request_send(&p, &request, &answer) || !(dm_flags(&answer) & 0x80),
			  "lie %zu", i);
		peer_close(&p);
	}
	CHECK(reopen(&p, "hostile.home1.net"));
	make_uar(&p, &request, USER1, PUBLIC1);
	for (size_t i = 20; i < request.len; i += 7) { /* one octet at a time */
		uint8_t was = request.octets[i];

		request.octets[i] ^= 0x55;
		if (!request_send(&p, &request, &answer)) {
			peer_close(&p);
			CHECK_MSG(reopen(&p, "hostile.home1.net"),
				  "does not come back after octet %zu", i);
		}
		request.octets[i] = was;
	}
	peer_close(&p);
}

void play_hostile(struct peer *icscf)
{
	wrong_peers();
	still_serves(icscf);
	without_capabilities();
	garbage();
	still_serves(icscf);
	lying_lengths();
	undelivered();
	still_serves(icscf);
	good_bye_before_the_answers_harms_nobody(icscf);
	who_does_not_read_keeps_nobody_waiting(icscf);
}
