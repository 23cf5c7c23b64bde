/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What session descriptions and LocalControl mean for a leg. */
#include "unit/unit.h"
#include <string.h>
#include "agw/control/local_control.h"
#include "agw/control/stream_sdp.h"

#define FP                                                                                         \
	"a=fingerprint:SHA-256 "                                                                   \
	"4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:4A:AD:B9:B1:3F:82:18:3B:54:"  \
	"02:12:DF\r\n"

static char memory[65536];
static struct realm realm;
static struct termination t;

static const struct h248_sdp *parse(struct h248_arena *a, const char *text)
{
	struct h248_sdp *list = NULL;

	ck_assert_int_eq(h248_sdp_parse(slice_str(text), a, &list), H248_OK);
	return list;
}

static unsigned make(enum media_proto proto, const char *local, const char *remote,
		     const struct stream_control *control, bool tls_client,
		     struct media_leg_config *c)
{
	static const struct stream_control open = {.mode = H248_SEND_RECEIVE};
	struct stream s = {.id = 1, .proto = proto, .termination = &t, .tls_client = tls_client};
	struct h248_arena a;
	const char *why = NULL;
	unsigned code = 0;

	h248_arena_init(&a, memory, sizeof(memory));
	t.realm = &realm;
	s.control = control ? *control : open;
	if (local)
		code = stream_take_local(&s, parse(&a, local), &why);
	if (remote && !code)
		code = stream_take_remote(&s, parse(&a, remote), &why);
	stream_finish_config(&s, true);
	*c = s.config;
	return code;
}

#define LOCAL(proto, more) "v=0\r\nc=IN IP4 10.0.0.7\r\nm=message 20000 " proto " *\r\n" more
#define REMOTE(port, proto, more)                                                                  \
	"v=0\r\nc=IN IP4 10.0.0.9\r\nm=message " port " " proto " *\r\n" more

START_TEST(setup_is_ours_or_the_opposite_of_the_peers)
{
	static const struct {
		const char *ours, *peers;
		enum media_setup want;
	} rows[] = {
	    {"a=setup:active\r\n", "a=setup:active\r\n", MEDIA_SETUP_ACTIVE},
	    {"a=setup:passive\r\n", "", MEDIA_SETUP_PASSIVE},
	    {"a=setup:actpass\r\n", "a=setup:active\r\n", MEDIA_SETUP_PASSIVE},
	    {"a=setup:actpass\r\n", "a=setup:passive\r\n", MEDIA_SETUP_ACTIVE},
	    {"a=setup:actpass\r\n", "a=setup:actpass\r\n", MEDIA_SETUP_ACTPASS},
	    {"", "a=setup:passive\r\n", MEDIA_SETUP_ACTIVE},
	    {"", "a=setup:holdconn\r\n", MEDIA_SETUP_HOLDCONN},
	    {"", "", MEDIA_SETUP_ACTPASS},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct media_leg_config c;
		char local[200] = LOCAL("TCP", ""), remote[200] = REMOTE("50009", "TCP", "");

		strcat(local, rows[i].ours);
		strcat(remote, rows[i].peers);
		ck_assert_uint_eq(make(MEDIA_TCP, local, remote, NULL, false, &c), 0);
		ck_assert_msg(c.setup == rows[i].want, "row %zu: %d", i, c.setup);
	}
}
END_TEST

START_TEST(the_port_of_an_active_peer_means_nothing)
{
	struct stream_control control = {.mode = H248_SEND_RECEIVE,
					 .filter = {.address_on = true, .port_on = true}};
	struct media_leg_config c;

	ck_assert_uint_eq(make(MEDIA_TCP, LOCAL("TCP", ""),
			       REMOTE("50009", "TCP", "a=setup:active\r\n"), &control, false, &c),
			  0);
	ck_assert_uint_eq(c.remote.port, 0);
	ck_assert(c.filter.address_on && !c.filter.port_on);
	ck_assert_uint_eq(make(MEDIA_TCP, LOCAL("TCP", ""),
			       REMOTE("50009", "TCP", "a=setup:passive\r\n"), &control, false, &c),
			  0);
	ck_assert_uint_eq(c.remote.port, 50009);
	ck_assert(c.filter.port_on);
	ck_assert_uint_eq(make(MEDIA_TCP, LOCAL("TCP", ""), NULL, &control, false, &c), 0);
	ck_assert(c.filter.port_on && c.filter.address_on &&
		  !netaddr_known(&c.remote)); /* the closed gate */
}
END_TEST

START_TEST(who_is_tls_client)
{
	struct media_leg_config c;
	const char *bfcp =
	    "v=0\r\nc=IN IP4 10.0.0.7\r\nm=application 20000 TCP/TLS *\r\na=setup:active\r\n";

	ck_assert_uint_eq(make(MEDIA_TCP_TLS_MSRP, LOCAL("TCP/TLS/MSRP", "a=setup:active\r\n"),
			       NULL, NULL, false, &c),
			  0);
	ck_assert_int_eq(c.tls_role, MEDIA_TLS_BY_SETUP);
	ck_assert_uint_eq(make(MEDIA_TCP_TLS, bfcp, NULL, NULL, false, &c), 0);
	ck_assert_int_eq(c.tls_role, MEDIA_TLS_SERVER);
	ck_assert_uint_eq(make(MEDIA_TCP_TLS, bfcp, NULL, NULL, true, &c), 0);
	ck_assert_int_eq(c.tls_role, MEDIA_TLS_CLIENT);
}
END_TEST

START_TEST(fingerprints_come_from_remote_only)
{
	struct media_leg_config c;

	ck_assert_uint_eq(make(MEDIA_TCP_TLS, LOCAL("TCP/TLS", FP), NULL, NULL, false, &c), 0);
	ck_assert(!c.fingerprint_given);
	ck_assert_uint_eq(
	    make(MEDIA_TCP_TLS, LOCAL("TCP/TLS", ""), REMOTE("9", "TCP/TLS", FP), NULL, false, &c),
	    0);
	ck_assert(c.fingerprint_given && c.fingerprints.n == 1);
	ck_assert_uint_eq(make(MEDIA_TCP_TLS, NULL,
			       REMOTE("9", "TCP/TLS", "a=fingerprint:SHA-256 xx\r\n"), NULL, false,
			       &c),
			  449);
}
END_TEST

START_TEST(msrp_paths_are_left_alone_with_cema)
{
	struct media_leg_config c;

	ck_assert_uint_eq(
	    make(MEDIA_TCP_MSRP, LOCAL("TCP/MSRP", "a=path:msrp://10.0.0.7:20000/a;tcp\r\n"),
		 REMOTE("9", "TCP/MSRP", "a=path:msrp://10.0.0.9:9/b;tcp\r\n"), NULL, false, &c),
	    0);
	ck_assert(c.msrp_rewrite);
	ck_assert_str_eq(c.msrp_local_path, "msrp://10.0.0.7:20000/a;tcp");
	ck_assert_str_eq(c.msrp_remote_path, "msrp://10.0.0.9:9/b;tcp");
	ck_assert_uint_eq(make(MEDIA_TCP_MSRP, LOCAL("TCP/MSRP", ""),
			       REMOTE("9", "TCP/MSRP", "a=msrp-cema\r\n"), NULL, false, &c),
			  0);
	ck_assert(!c.msrp_rewrite);
}
END_TEST

START_TEST(sdes_keys_and_rtcp)
{
#define KEY "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"
	struct media_leg_config c;

	ck_assert_uint_eq(
	    make(MEDIA_SRTP,
		 LOCAL("RTP/SAVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_32 " KEY "a=rtcp-mux\r\n"),
		 REMOTE("4000", "RTP/SAVP",
			"a=crypto:1 F8_128_HMAC_SHA1_80 " KEY
			"a=crypto:2 AES_CM_128_HMAC_SHA1_32 " KEY
			"a=rtcp:4010 IN IP4 10.0.0.10\r\n"),
		 NULL, false, &c),
	    0);
	ck_assert_int_eq(c.srtp_tx.suite, SDES_AES_CM_128_HMAC_SHA1_32);
	ck_assert_uint_eq(c.srtp_rx.tag, 2);
	ck_assert(!c.rtcp_mux); /* both must want it */
	ck_assert_uint_eq(c.remote_rtcp.port, 4010);
	ck_assert_uint_eq(c.remote_rtcp.ip[3], 10);
	ck_assert_uint_eq(
	    make(MEDIA_SRTP, LOCAL("RTP/SAVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AA\r\n"),
		 NULL, NULL, false, &c),
	    449);
	ck_assert_uint_eq(make(MEDIA_RTP, LOCAL("RTP/AVP", ""),
			       "v=0\r\nc=IN IP4 host\r\nm=audio 1 RTP/AVP 0\r\n", NULL, false, &c),
			  449);
}
END_TEST

static struct h248_parm parm(const char *pkg, const char *item, const char *value)
{
	return (struct h248_parm){.name = {slice_str(pkg), slice_str(item)},
				  .relation = H248_EQ,
				  .value = {.text = slice_str(value)}};
}

START_TEST(local_control_replaces_and_defaults)
{
	struct h248_parm saf = parm("gm", "saf", "ON"), sam = parm("gm", "sam", "10.1.0.0/16"),
			 spr = parm("gm", "spr", "5000-5009"), pol = parm("tman", "pol", "ON"),
			 sdr = parm("tman", "sdr", "8000"), bad = parm("gm", "sam", "10.1.0.0/33");
	struct h248_local_control lc = {.mode = H248_SEND_ONLY, .properties = &saf};
	struct stream_control c = {.rsb = true};
	const char *why;

	saf.next = &sam;
	sam.next = &spr;
	spr.next = &pol;
	pol.next = &sdr;
	ck_assert_uint_eq(local_control_parse(&lc, &c, &why), 0);
	ck_assert(!c.rsb); /* what is left out goes back to its default */
	ck_assert(c.filter.address_on && c.filter.prefix_bits == 16 && c.filter.port_max == 5009);
	ck_assert_uint_eq(c.police_rate, 8000);
	ck_assert_uint_eq(c.police_burst, 8000);
	lc = (struct h248_local_control){.mode = H248_MODE_NONE};
	ck_assert_uint_eq(local_control_parse(&lc, &c, &why), 0);
	ck_assert_int_eq(c.mode, H248_INACTIVE);
	lc.properties = &bad;
	ck_assert_uint_eq(local_control_parse(&lc, &c, &why), 449);
	lc = (struct h248_local_control){.mode = H248_LOOPBACK};
	ck_assert_uint_eq(local_control_parse(&lc, &c, &why), 517);
}
END_TEST

UNIT_MAIN("stream sdp", setup_is_ours_or_the_opposite_of_the_peers,
	  the_port_of_an_active_peer_means_nothing, who_is_tls_client,
	  fingerprints_come_from_remote_only, msrp_paths_are_left_alone_with_cema,
	  sdes_keys_and_rtcp, local_control_replaces_and_defaults)
