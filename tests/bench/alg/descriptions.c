/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/alg/descriptions.h"

#include "bench/alg/ends.h"

static void line(struct writing *w, const char *kind, unsigned port, bool phone, const char *key,
		 const char *formats, const char *attributes)
{
	write_text(w, "m=%s %u RTP/%s %s\r\n%s", kind, port, phone ? "SAVP" : "AVP", formats,
		   attributes);
	if (phone)
		write_text(w, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:%s\r\n", key);
	write_text(w, "a=sendrecv\r\n");
}

static void description(struct writing *w, bool phone, unsigned media, unsigned port)
{
	const char *ip = phone ? PHONE_IP : CORE_IP;

	write_text(w, "v=0\r\no=- 3891234567 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n", ip,
		   ip);
	line(w, "audio", port, phone, "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz", "96 97 0",
	     "b=AS:49\r\na=rtpmap:96 AMR-WB/16000\r\na=fmtp:96 "
	     "octet-align=0;mode-change-capability=2\r\n"
	     "a=rtpmap:97 telephone-event/16000\r\na=fmtp:97 "
	     "0-15\r\na=ptime:20\r\na=maxptime:240\r\n");
	if (media > 1)
		line(w, "video", port + 2, phone, "NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj", "99",
		     "b=AS:384\r\na=rtpmap:99 H264/90000\r\na=fmtp:99 profile-level-id=42e00c\r\n");
}

void description_offer(struct writing *w, bool phone, unsigned media)
{
	description(w, phone, media, 40000);
}

void description_answer(struct writing *w, bool phone, unsigned media)
{
	description(w, phone, media, 50000);
}

static unsigned count(struct slice body, const char *what)
{
	size_t n = strlen(what);
	unsigned found = 0;

	for (const char *at = body.p; (at = memmem(at, body.len - (size_t)(at - body.p), what, n));
	     at += n)
		found++;
	return found;
}

bool description_is_right(struct slice body, bool to_phone, unsigned media)
{
	unsigned keys = count(body, "\na=crypto:");
	const char *gateway = to_phone ? "c=IN IP4 10.1.0." : "c=IN IP4 10.0.0.";

	return body.len && count(body, "\nm=") == media && !count(body, " " PHONE_IP "\r") &&
	       !count(body, " " CORE_IP "\r") && count(body, gateway) >= 1 &&
	       (to_phone ? keys >= media : !keys) &&
	       count(body, "RTP/SAVP ") == (to_phone ? media : 0);
}
