/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Short calls of every sort, good ones and bad ones. Each must leave nothing behind. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "agw/rig.h"
#include "agw/soak/call.h"
#include "unit/agw/endpoint.h"

#define ADD(realm, more, sdp)                                                                      \
	"Add = ip/" realm "/$ { Media { Stream = 1 { LocalControl { Mode = SendReceive" more       \
	" }, Local {\n" sdp "\n} } }, Events = 1 { g/cause, hangterm/thb, tcpbcc/BNCChange, "      \
	"tlsbsc/BNCChange } }"
#define RTP ADD("core", "", "c=IN IP4 $\nm=audio $ RTP/AVP 8")
#define SHA                                                                                        \
	"SHA-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:"      \
	"99:AA:BB:CC:DD:EE:FF"

static const struct sort {
	const char *add;
	unsigned error;	    /* that the second Add meets; the first stays */
	const char *modify; /* after it, or NULL */
	int hold_ms;	    /* between that and the Subtract */
	bool connect;	    /* somebody comes over TCP, says something silly and stays */
} sorts[] = {
    {RTP ", " ADD("access", "", "c=IN IP6 $\nm=audio $ RTP/AVP 8"), 0, NULL, 0, false},
    {ADD("access", ", rtcph/rsb = ON",
	 "c=IN IP4 $\nm=audio $ RTP/SAVP 8\na=crypto:1 AEAD_AES_128_GCM inline:$") ", " RTP,
     0,
     "Modify = ip/access/* { Media { Stream = 1 { Remote {\nc=IN IP4 10.1.0.10\nm=audio 4000 "
     "RTP/SAVP 8\na=crypto:1 AEAD_AES_128_GCM "
     "inline:AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCw==\n} } } }",
     200, false},
    {ADD("access", ", gm/saf = ON, gm/spf = ON",
	 "c=IN IP4 $\nm=message $ TCP/TLS/MSRP *\na=setup:passive\na=fingerprint:$") ", " ADD("cor"
											      "e",
											      "",
											      "c="
											      "IN "
											      "IP4 "
											      "$\nm"
											      "=mes"
											      "sage"
											      " $ "
											      "TCP/"
											      "MSRP"
											      " *"
											      "\na="
											      "setu"
											      "p:"
											      "acti"
											      "ve"),
     0, NULL, 1000, false},
    {ADD("access", "",
	 "c=IN IP4 $\nm=message $ TCP/TLS *\na=setup:passive\na=fingerprint:$") ", " ADD("core", "",
											 "c=IN IP4 "
											 "$\nm="
											 "message "
											 "$ TCP *"),
     0, NULL, 1000, true},
    {RTP ", " ADD("core", "", "c=IN IP4 $\nm=audio $ NO/SUCH 8"), 515, NULL, 0, false},
    {ADD("access", "",
	 "c=IN IP6 $\nm=audio $ UDP/TLS/RTP/SAVP 8\na=rtcp-mux\na=setup:passive\na=fingerprint:$"),
     0,
     "Modify = ip/access/* { Media { Stream = 1 { Remote {\nc=IN IP6 fd00:1::10\nm=audio 4000 "
     "UDP/TLS/RTP/SAVP 8\na=rtcp-mux\na=setup:active\na=fingerprint:" SHA
     "\n} } }, Events = 2 { adid/ipstop { dt = 1 } } }",
     1500, false},
    {RTP ", " RTP, 0, "Subtract = ip/core/*", 0, false},
};

struct churn {
	const struct sort *sort;
	int context, port, fd;
	enum { ADDING, MODIFYING, HOLDING, LEAVING, GONE } state;
	int64_t until_ms;
};

static void answered(const char *reply, void *user)
{
	struct churn *c = user;
	int error = after(reply, "Error = ");

	if (strcmp(reply, "no reply") == 0 ||
	    (c->state == ADDING ? error > 0 && (unsigned)error != c->sort->error : error > 0))
		live_failed("a short call: %s", reply);
	if (c->state == ADDING) {
		const char *m = strstr(reply, "m=");

		c->context = after(reply, "Context = ");
		if (m)
			sscanf(m, "m=%*s %d", &c->port);
	}
	if (c->context <= 0 || c->state == LEAVING) {
		c->state = GONE;
	} else if (c->state == ADDING && c->sort->modify) {
		c->state = MODIFYING;
		mgc_ask(answered, c, "Context = %d { %s }", c->context, c->sort->modify);
	} else {
		c->state =
		    strstr(c->sort->modify ? c->sort->modify : "", "Subtract") ? GONE : HOLDING;
	}
}

struct churn *churn_new(unsigned n)
{
	struct churn *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	c->fd = -1;
	c->sort = &sorts[n % (sizeof(sorts) / sizeof(sorts[0]))];
	mgc_ask(answered, c, "Context = $ { %s }", c->sort->add);
	return c;
}

static void come_and_stay(struct churn *c)
{
	struct netaddr me, to;
	struct sockaddr_storage ss;
	socklen_t len;

	netaddr_parse(SLICE_LIT(ACCESS), &to);
	to.port = (uint16_t)c->port;
	len = netaddr_to_sockaddr(&to, &ss);
	c->fd = endpoint_bind(UE, 0, &me);
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	if (connect(c->fd, (struct sockaddr *)&ss, len) < 0 && errno != EINPROGRESS)
		live_failed("a short call's connection: %m");
}

void churn_tick(struct churn *c, int64_t now_ms)
{
	if (c->state != HOLDING)
		return;
	if (!c->until_ms) {
		c->until_ms = now_ms + c->sort->hold_ms;
		if (c->sort->connect)
			come_and_stay(c);
	}
	if (c->fd >= 0 && now_ms + c->sort->hold_ms / 2 > c->until_ms)
		(void)!send(c->fd, "GET / HTTP/1.0\r\n\r\n", 18, MSG_NOSIGNAL);
	if (now_ms >= c->until_ms) {
		c->state = LEAVING;
		mgc_ask(answered, c, "Context = %d { Subtract = * }", c->context);
	}
}

bool churn_over(const struct churn *c)
{
	return c->state == GONE;
}

void churn_free(struct churn *c)
{
	if (c->fd >= 0)
		close(c->fd);
	free(c);
}
