/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nanoseconds of CPU for one body on its way through the IMS-ALG: reading the description, deciding
 * for each m-line, and writing it for the other side. Beside it, what reading alone costs.
 */
#include "sec_agree/mediasec.h"
#include "modules/ims_alg/core/session.h"
#include "unit/ims_alg/gateway.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define TARGET 5000.0
#define ROUNDS 9
#define BODIES 20000

#define HEAD "v=0\no=- 3891234567 3891234567 IN IP4 10.20.0.7\ns=-\nc=IN IP4 10.20.0.7\nt=0 0\n"
#define AUDIO(proto, crypto)                                                                       \
	"m=audio 42010 " proto " 96 97 0\nb=AS:49\nb=RS:0\nb=RR:2000\n"                            \
	"a=rtpmap:96 AMR-WB/16000\na=fmtp:96 octet-align=0;mode-change-capability=2\n"             \
	"a=rtpmap:97 telephone-event/16000\na=fmtp:97 0-15\n" crypto                               \
	"a=ptime:20\na=maxptime:240\na=curr:qos local none\na=curr:qos remote none\n"              \
	"a=des:qos mandatory local sendrecv\na=des:qos optional remote sendrecv\na=sendrecv\n"
#define CHAT(proto, scheme, security)                                                              \
	"m=message 42020 " proto " *\na=accept-types:message/cpim\n"                               \
	"a=accept-wrapped-types:text/plain message/imdn+xml\na=setup:active\n" security            \
	"a=path:" scheme "://10.20.0.7:42020/k7Qw2z;tcp\na=sendrecv\na=max-size:524288\n"

static const struct {
	const char *name, *text;
	enum alg_side from;
} bodies[] = {
    {"voice and chat from a phone, both secured",
     HEAD AUDIO("RTP/SAVP", "a=3ge2ae:requested\n"
			    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@UEKEY\n")
	 CHAT("TCP/TLS/MSRP", "msrps", "a=3ge2ae:requested\na=fingerprint:SHA-256 @UE256\n"),
     ALG_ACCESS},
    {"voice and chat to a phone, both to be secured",
     HEAD AUDIO("RTP/AVP", "") CHAT("TCP/MSRP", "msrp", ""), ALG_CORE},
    {"voice alone, relayed", HEAD AUDIO("RTP/AVP", ""), ALG_ACCESS},
};

static struct alg_policy policy;
static struct alg_session empty, now;
static char text[8192], out[8192];
static struct sdp_body body;

static double cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

/* What the gateway gives, once; the bench measures what comes before and after. */
static struct alg_media given;

static int through(const struct alg_ue *ue, enum alg_side from, size_t n)
{
	struct alg_trouble t;
	size_t len;

	memcpy(&now, &empty, alg_session_bytes(&empty));
	if (sdp_body_parse(slice_make(text, n), NULL, 0, &body) ||
	    alg_offer_read(&policy, ue, &now, from, &body, &t) != ALG_OK)
		return -1;
	if (!given.streams) {
		gateway_give(&now.media);
		given = now.media;
	}
	alg_media_take(&now.media, &given);
	return alg_body_write(&policy, &now, from, true, &body, out, sizeof(out), &len);
}

int main(void)
{
	static const uint8_t random[18] = "bench";
	const struct alg_ue ue = {
	    .mechs = MEDIASEC_SDES | MEDIASEC_MSRP, .protected_hop = true, .family = 4};
	int rc = 0;

	alg_policy_init(&policy);
	alg_session_init(&empty, random);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		size_t n = gateway_expand(bodies[i].text, strlen(bodies[i].text), false, text,
					  sizeof(text));
		double best = 1e9, reading = 1e9;

		given.streams = 0;
		for (int round = 0; round < ROUNDS; round++) {
			double t0 = cpu_ns(), t1;

			for (int k = 0; k < BODIES; k++)
				if (through(&ue, bodies[i].from, n))
					return 1;
			t1 = cpu_ns();
			best = (t1 - t0) / BODIES < best ? (t1 - t0) / BODIES : best;
			t0 = cpu_ns();
			for (int k = 0; k < BODIES; k++)
				(void)sdp_body_parse(slice_make(text, n), NULL, 0, &body);
			t1 = cpu_ns();
			reading = (t1 - t0) / BODIES < reading ? (t1 - t0) / BODIES : reading;
		}
		printf("%-48s %5zu octets  %6.0f ns a body, %5.0f of it to read the description\n",
		       bodies[i].name, n, best, reading);
		rc |= best > TARGET;
	}
	printf("%s: at most %.0f ns\n", rc ? "missed" : "held", TARGET);
	return rc;
}
