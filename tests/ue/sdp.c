/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ue/sdp.h"

#include <stdio.h>

#include "sdp/body.h"

int ue_sdp_read(struct slice body, struct ue_audio *out)
{
	struct sdp_body b;
	struct sdp_connection c;

	if (sdp_body_parse(body, NULL, 0, &b) != SDP_OK)
		return -1;
	for (int m = 0; m < b.mlines; m++) {
		struct sdp_mline line = sdp_body_mline(&b, m);

		if (!slice_eq(line.media, SLICE_LIT("audio")))
			continue;
		if (!sdp_body_connection(&b, m, &c) || !netaddr_known(&c.ip))
			return -1;
		out->at = c.ip;
		out->at.port = line.port_number;
		out->direction = sdp_body_direction(&b, m);
		return 0;
	}
	return -1;
}

int ue_sdp_write(const struct ue_audio *a, uint32_t session, uint32_t version, char *buf,
		 size_t size)
{
	char ip[NETADDR_TEXT_MAX];
	const char *type = a->at.family == 6 ? "IP6" : "IP4";
	int n;

	netaddr_ip_text(&a->at, ip);
	n = snprintf(buf, size,
		     "v=0\r\no=- %u %u IN %s %s\r\ns=-\r\nc=IN %s %s\r\nt=0 0\r\n"
		     "m=audio %u RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=ptime:20\r\na=%s\r\n",
		     session, version, type, ip, type, ip, a->at.port,
		     sdp_direction_name(a->direction));
	return n < 0 || (size_t)n >= size ? -1 : n;
}
