/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reversing the roles reverses the change. What a phone offers goes to the core and comes back as an
 * offer to a phone, through a gateway that gives, on the access side, the address, certificate and
 * key of the first phone: it reads as the first phone wrote it, but for the order of lines and for
 * "applied" in place of "requested".
 */
#include "sec_agree/mediasec.h"
#include "unit/ims_alg/gateway.h"
#include "unit/unit.h"

#define HEAD  "v=0\no=- 1 1 IN IP4 10.20.0.7\ns=-\nc=IN IP4 10.20.0.7\nt=0 0\n"
#define HEAD6 "v=0\no=- 1 1 IN IP6 2001:db8::7\ns=-\nc=IN IP6 2001:db8::7\nt=0 0\n"

static const char *const offers[] = {
    HEAD
    "m=message 42020 TCP/TLS/MSRP *\na=accept-types:*\na=setup:actpass\n"
    "a=path:msrps://10.20.0.7:42020/k7;tcp\na=fingerprint:SHA-256 @UE256\na=3ge2ae:requested\n",
    HEAD "m=message 42020 TCP/TLS/MSRP *\ni=x\na=3ge2ae:requested\na=setup:active\n"
	 "a=path:msrps://10.20.0.7:42020/k7;tcp\na=fingerprint:SHA-256 @UE256\na=sendonly\n",
    HEAD "m=message 42020 TCP/MSRP *\na=setup:actpass\na=path:msrp://10.20.0.7:42020/k7;tcp\n",
    HEAD "m=application 42040 TCP/TLS/BFCP *\na=floorctrl:c-only\na=setup:actpass\n"
	 "a=connection:new\na=fingerprint:SHA-256 @UE256\n"
	 "a=tls-id:dG9rZW4gZm9yIHRscy1pZHMA0001\na=3ge2ae:requested\n",
    HEAD "b=AS:49\nm=audio 42010 RTP/SAVP 96 0\nb=AS:49\na=rtpmap:96 AMR-WB/16000\n"
	 "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@UEKEY\na=3ge2ae:requested\na=rtcp-mux\n",
    HEAD "m=video 42010 RTP/SAVPF 96\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@UEKEY\n"
	 "a=3ge2ae:requested\na=rtcp-fb:96 nack\n",
    HEAD "m=audio 42010 UDP/TLS/RTP/SAVP 0\na=rtcp-mux\na=setup:actpass\n"
	 "a=fingerprint:SHA-256 @UE256\na=tls-id:dG9rZW4gZm9yIHRscy1pZHMA0001\n"
	 "a=3ge2ae:requested\n",
    HEAD "m=audio 42010 RTP/AVP 0 8\na=recvonly\nm=image 42012 udptl t38\na=T38FaxVersion:0\n",
    HEAD6 "m=message 42020 TCP/TLS/MSRP *\na=setup:actpass\n"
	  "a=path:msrps://[2001:db8::7]:42020/k7;tcp\na=fingerprint:SHA-256 @UE256\n"
	  "a=3ge2ae:requested\n",
    HEAD
    "m=audio 42010 RTP/SAVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@UEKEY\n"
    "a=3ge2ae:requested\nm=message 42020 TCP/TLS/MSRP *\na=3ge2ae:requested\na=setup:actpass\n"
    "a=path:msrps://10.20.0.7:42020/k7;tcp\na=fingerprint:SHA-256 @UE256\nm=video 0 RTP/AVP 34\n",
};

enum { SIZE = 8192 };

static const uint8_t random_octets[18] = "token for tls-ids";
static struct alg_policy policy;
static struct sdp_body body;
static uint32_t mechs; /* what the phones announced */

/* What the phone that offered had. */
static struct alg_media phone;

static void read_body(const char *text, size_t len)
{
	ck_assert_int_eq(sdp_body_parse(slice_make(text, len), NULL, 0, &body), 0);
}

static size_t pass(enum alg_side from, const char *in, size_t len, char *out)
{
	struct alg_ue ue = {
	    .mechs = mechs, .protected_hop = true, .family = phone.family[ALG_ACCESS]};
	static struct alg_session s;
	struct alg_trouble t;
	size_t written;

	alg_session_init(&s, random_octets);
	read_body(in, len);
	ck_assert_int_eq(alg_offer_read(&policy, &ue, &s, from, &body, &t), ALG_OK);
	gateway_give(&s.media);
	if (from == ALG_ACCESS)
		phone = s.media;
	for (unsigned i = 0; i < s.media.streams && from == ALG_CORE; i++) {
		const struct alg_end *e = &phone.stream[i].end[ALG_ACCESS];
		struct alg_given *g = &s.media.stream[i].given[ALG_ACCESS];

		g->local = e->remote;
		g->key = e->remote_key;
		if (e->fingerprints.n)
			g->fingerprint = e->fingerprints.items[0];
	}
	ck_assert_int_eq(alg_body_write(&policy, &s, from, true, &body, out, SIZE, &written), 0);
	return written;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines of each level in the order of their bytes, so that two bodies can be compared. */
static void sort_lines(char *text, char *out)
{
	char *lines[128];
	size_t n = 0, from = 0;

	for (char *l = strtok(text, "\r\n"); l; l = strtok(NULL, "\r\n"))
		lines[n++] = l;
	out[0] = '\0';
	for (size_t i = 1; i <= n; i++) {
		if (i < n && lines[i][0] != 'm')
			continue;
		qsort(lines + from, i - from, sizeof(lines[0]), by_text);
		from = i;
	}
	for (size_t i = 0; i < n; i++)
		sprintf(out + strlen(out), "%s\n", lines[i]);
}

START_TEST(a_phones_offer_comes_back_as_it_was)
{
	static char in[SIZE], there[SIZE], back[SIZE], a[SIZE], b[SIZE];

	alg_policy_init(&policy);
	policy.roles = ALG_ROLES_FOLLOW;
	for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
		size_t len = gateway_expand(offers[i], strlen(offers[i]), false, in, sizeof(in));
		char *requested;

		mechs = 0;
		if (strstr(in, "requested"))
			mechs = strstr(in, "UDP/TLS")
				    ? MEDIASEC_DTLS
				    : MEDIASEC_SDES | MEDIASEC_MSRP | MEDIASEC_BFCP;
		memset(&phone, 0, sizeof(phone));
		len = pass(ALG_ACCESS, in, len, there);
		ck_assert_msg(
		    !memmem(there, len, "10.20.0.7", 9) && !memmem(there, len, "2001:db8::7", 11) &&
			!memmem(there, len, "3ge2ae", 6) && !memmem(there, len, "inline", 6) &&
			!memmem(there, len, "fingerprint", 11),
		    "case %zu: %.*s", i, (int)len, there);
		len = pass(ALG_CORE, there, len, back);
		back[len] = '\0';
		while ((requested = strstr(in, ":requested")) != NULL) {
			memcpy(requested, ":applied", 8);
			memmove(requested + 8, requested + 10, strlen(requested + 10) + 1);
		}
		sort_lines(in, a);
		sort_lines(back, b);
		ck_assert_msg(strcmp(a, b) == 0, "case %zu:\n%s\nnot\n%s", i, b, a);
	}
}
END_TEST

UNIT_MAIN("ims_alg reverse", a_phones_offer_comes_back_as_it_was)
