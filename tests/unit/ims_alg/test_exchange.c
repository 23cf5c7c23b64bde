/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lies between the bodies: what the gateway is asked for while an offer is open, what it gives,
 * what Rx is told. */
#include "sec_agree/mediasec.h"
#include "unit/ims_alg/gateway.h"
#include "unit/unit.h"

#define HEAD(ip) "v=0\no=- 1 1 IN IP4 " ip "\ns=-\nc=IN IP4 " ip "\nt=0 0\n"
#define CHAT(port, ip)                                                                             \
	"m=message " port " TCP/TLS/MSRP *\na=3ge2ae:requested\na=setup:actpass\n"                 \
	"a=fingerprint:SHA-256 @UE256\na=path:msrps://" ip ":" port "/k7;tcp\n"
#define VOICE(port) "m=audio " port " RTP/AVP 0\n"
#define FAR                                                                                        \
	HEAD("203.0.113.9")                                                                        \
	"m=message 50009 TCP/MSRP *\na=setup:active\n"                                             \
	"a=path:msrp://203.0.113.9:50009/f1;tcp\n"

static struct alg_policy policy;
static struct alg_ue ue;
static struct alg_session now, next;
static struct alg_media ask;
static struct sdp_body body;
static struct alg_trouble trouble;
static char text[8192], out[8192];
static size_t len;

static void read_body(const char *lines)
{
	size_t n = gateway_expand(lines, strlen(lines), false, text, sizeof(text));

	ck_assert_int_eq(sdp_body_parse(slice_make(text, n), NULL, 0, &body), 0);
}

static int offer(enum alg_side from, const char *lines)
{
	read_body(lines);
	next = now;
	return alg_offer_read(&policy, &ue, &next, from, &body, &trouble);
}

static int answer(const char *lines)
{
	read_body(lines);
	return alg_answer_read(&policy, &ue, &next, &body, &trouble);
}

static int write_it(enum alg_side from, bool is_offer)
{
	return alg_body_write(&policy, &next, from, is_offer, &body, out, sizeof(out), &len);
}

static void begin(void)
{
	static const uint8_t random[18] = "token for tls-ids";

	alg_policy_init(&policy);
	ue = (struct alg_ue){.mechs = MEDIASEC_MSRP, .protected_hop = true, .family = 4};
	alg_session_init(&now, random);
}

/* A chat that is up. */
static void chat(void)
{
	begin();
	ck_assert_int_eq(offer(ALG_ACCESS, HEAD("10.20.0.7") CHAT("42020", "10.20.0.7")), ALG_OK);
	ck_assert(alg_media_reserve(&now.media, &next.media, &ask));
	gateway_give(&ask);
	alg_media_take(&next.media, &ask);
	ck_assert_int_eq(answer(FAR), ALG_OK);
	gateway_give(&next.media);
	ck_assert_int_eq(write_it(ALG_CORE, false), 0);
	now = next;
}

START_TEST(nothing_is_written_before_the_gateway_gave_all)
{
	begin();
	ck_assert_int_eq(offer(ALG_CORE,
			       HEAD("203.0.113.9") "m=message 50009 TCP/MSRP *\n"
						   "a=setup:active\n"
						   "a=path:msrp://203.0.113.9:50009/f1;tcp\n"),
			 ALG_OK);
	ck_assert_int_eq(write_it(ALG_CORE, true), SDP_E_VALUE);
	gateway_give(&next.media);
	next.media.stream[0].given[ALG_ACCESS].has_fingerprint = false;
	ck_assert_int_eq(write_it(ALG_CORE, true), SDP_E_VALUE);
	next.media.stream[0].given[ALG_ACCESS].has_fingerprint = true;
	ck_assert_int_eq(write_it(ALG_CORE, true), 0);
	for (size_t size = 0, all = len; size < all; size++)
		ck_assert_int_eq(
		    alg_body_write(&policy, &next, ALG_CORE, true, &body, out, size, &len),
		    SDP_E_SPACE);
}
END_TEST

START_TEST(what_is_in_force_stays_until_the_answer)
{
	const struct alg_stream *s = ask.stream;

	/* A new address alone: of RTP the gateway hears with the answer. */
	begin();
	ck_assert_int_eq(offer(ALG_ACCESS, HEAD("10.20.0.7") VOICE("42030")), ALG_OK);
	gateway_give(&next.media);
	now = next;
	ck_assert_int_eq(offer(ALG_ACCESS, HEAD("10.99.0.7") VOICE("42030")), ALG_OK);
	ck_assert(!alg_media_reserve(&now.media, &next.media, &ask));
	/* Over TCP the core gets another connection, too. The access side comes with the answer. */
	chat();
	ck_assert_int_eq(offer(ALG_ACCESS, HEAD("10.99.0.7") CHAT("42021", "10.99.0.7")), ALG_OK);
	ck_assert(alg_media_reserve(&now.media, &next.media, &ask));
	ck_assert_uint_eq(ask.streams, 2);
	ck_assert(s[0].live && !s[0].later[ALG_ACCESS] && !s[0].later[ALG_CORE]);
	ck_assert(s[1].live && s[1].later[ALG_ACCESS] && !s[1].later[ALG_CORE]);
	/* Another m-line: it is asked for, and the old one stays as it is. */
	ck_assert_int_eq(
	    offer(ALG_ACCESS, HEAD("10.99.0.7") CHAT("42021", "10.99.0.7") VOICE("42030")), ALG_OK);
	ck_assert(alg_media_reserve(&now.media, &next.media, &ask));
	ck_assert_uint_eq(ask.streams, 3);
	ck_assert(
	    netaddr_eq(&s[0].end[ALG_ACCESS].remote, &now.media.stream[0].end[ALG_ACCESS].remote));
	ck_assert_str_eq(s[2].media, "audio");
	/* TCP in place of TLS is another stream: both are there until the answer. */
	ck_assert_int_eq(offer(ALG_ACCESS,
			       HEAD("10.99.0.7") "m=message 42021 TCP/MSRP *\n"
						 "a=setup:active\n"
						 "a=path:msrp://10.99.0.7:42021/k8;tcp\n"),
			 ALG_OK);
	ck_assert(alg_media_reserve(&now.media, &next.media, &ask));
	ck_assert(ask.stream[0].live && ask.stream[1].live);
	ck_assert_uint_ne(ask.stream[0].id, ask.stream[1].id);
	ck_assert_uint_eq(next.media.streams, 1);
	ck_assert_uint_eq(next.media.stream[0].id, ask.stream[1].id);
}
END_TEST

/* More new streams than there is room for beside the old ones: the old ones make room. */
START_TEST(a_full_call_can_still_change)
{
	static char lines[4096];

	begin();
	strcpy(lines, HEAD("10.20.0.7"));
	for (int i = 0; i < ALG_STREAMS_MAX; i++)
		sprintf(lines + strlen(lines), "m=audio %d RTP/AVP 0\n", 42000 + 2 * i);
	ck_assert_int_eq(offer(ALG_ACCESS, lines), ALG_OK);
	gateway_give(&next.media);
	now = next;
	for (char *p = lines; (p = strstr(p, "m=audio")) != NULL;)
		memcpy(p, "m=video", 7);
	ck_assert_int_eq(offer(ALG_ACCESS, lines), ALG_OK);
	ck_assert(alg_media_reserve(&now.media, &next.media, &ask));
	ck_assert_uint_eq(ask.streams, ALG_STREAMS_MAX);
	ck_assert_str_eq(ask.stream[0].media, "video");
}
END_TEST

/* The phone comes over another access network: its termination is made anew, and what the old one
 * gave is not written to anybody. */
START_TEST(another_access_forgets_what_the_old_one_gave)
{
	static const char far[] = HEAD("203.0.113.9") VOICE("50010");

	for (int realm = 0; realm < 2; realm++) {
		begin();
		ck_assert_int_eq(offer(ALG_ACCESS, HEAD("10.20.0.7") VOICE("42010")), ALG_OK);
		gateway_give(&next.media);
		ck_assert_int_eq(write_it(ALG_ACCESS, true), 0);
		ck_assert_int_eq(answer(far), ALG_OK);
		now = next;
		if (realm)
			strcpy(policy.realm[ALG_ACCESS], "wifi");
		ck_assert_int_eq(offer(ALG_ACCESS, HEAD("10.99.0.7") VOICE("42010")), ALG_OK);
		ck_assert(alg_media_replaced(&now.media, &next.media, ALG_ACCESS));
		ck_assert(!alg_media_replaced(&now.media, &next.media, ALG_CORE));
		ck_assert_str_eq(next.media.realm[ALG_ACCESS], realm ? "wifi" : "");
		ck_assert(!next.media.stream[0].given[ALG_ACCESS].given);
		ck_assert(next.media.stream[0].given[ALG_CORE].given);
		alg_media_take(&next.media, &now.media);
		ck_assert(!next.media.stream[0].given[ALG_ACCESS].given);
		/* The core sees the body that it had. */
		ck_assert_int_eq(write_it(ALG_ACCESS, true), 0);
		ck_assert_ptr_nonnull(strstr(out, "o=- 1 1 "));
		ck_assert_int_eq(answer(far), ALG_OK);
		ck_assert_int_eq(write_it(ALG_CORE, false), SDP_E_VALUE);
		gateway_give(&next.media);
		ck_assert_int_eq(write_it(ALG_CORE, false), 0);
	}
	/* An offer of the core does not move the phone. */
	now = next;
	policy.realm[ALG_ACCESS][0] = '\0';
	ck_assert_int_ge(offer(ALG_CORE, far), 0);
	ck_assert_str_eq(next.media.realm[ALG_ACCESS], "wifi");
	ck_assert(!alg_media_replaced(&now.media, &next.media, ALG_ACCESS));
}
END_TEST

START_TEST(rx_is_told_the_phones_side)
{
	struct alg_flow f;
	char a[NETADDR_TEXT_MAX];

	chat();
	ck_assert_int_eq(alg_session_flow(&now, 0, &f), 0);
	ck_assert(f.anchored);
	ck_assert_int_eq(f.kind, ALG_KIND_MSRP);
	ck_assert_uint_eq(f.protocol, 6);
	ck_assert_str_eq(netaddr_text(&f.ue, a), "10.20.0.7:0"); /* it connects: any port */
	ck_assert_str_eq(netaddr_text(&f.gateway, a), "10.0.0.254:30002");
	ck_assert_int_eq(alg_session_flow(&now, 1, &f), -1);
	ck_assert_int_eq(alg_session_flow(&now, -1, &f), -1);
	begin();
	ck_assert_int_eq(offer(ALG_ACCESS, HEAD("10.20.0.7") "m=audio 42010 RTP/AVP 0\n"
							     "m=application 5 DCCP/X 0\n"),
			 ALG_OK);
	ck_assert_int_eq(alg_session_flow(&next, 0, &f), 0);
	ck_assert_uint_eq(f.protocol, 17);
	ck_assert_str_eq(netaddr_text(&f.ue, a), "10.20.0.7:42010");
	ck_assert_int_eq(alg_session_flow(&next, 1, &f), 0);
	ck_assert(!f.anchored && f.protocol == 0);
}
END_TEST

START_TEST(a_copy_needs_no_more_than_it_says)
{
	static struct alg_session copy;

	chat();
	memset(&copy, 0x5a, sizeof(copy));
	memcpy(&copy, &now, alg_session_bytes(&now));
	next = copy;
	ck_assert_uint_lt(alg_session_bytes(&now), sizeof(now) / 2);
	read_body(FAR);
	ck_assert_int_eq(
	    alg_body_write(&policy, &next, ALG_CORE, false, &body, out, sizeof(out), &len), 0);
	next.media.stream[0].end[ALG_ACCESS].remote_key.suite = SDES_AES_CM_128_HMAC_SHA1_80;
	next.media.stream[0].given[ALG_ACCESS].key.suite = SDES_AES_CM_128_HMAC_SHA1_80;
	alg_media_wipe(&next.media);
	ck_assert_int_eq(next.media.stream[0].end[ALG_ACCESS].remote_key.suite, SDES_NONE);
	ck_assert_int_eq(next.media.stream[0].given[ALG_ACCESS].key.suite, SDES_NONE);
}
END_TEST

UNIT_MAIN("ims_alg exchange", nothing_is_written_before_the_gateway_gave_all,
	  what_is_in_force_stays_until_the_answer, a_full_call_can_still_change,
	  another_access_forgets_what_the_old_one_gave, rx_is_told_the_phones_side,
	  a_copy_needs_no_more_than_it_says)
