/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/media/demux.h"

enum { RTP_FIXED = 12, RTCP_MIN = 8, STUN_HEADER = 20, DTLS_RECORD = 13 };
static const uint32_t stun_cookie = 0x2112a442; /* RFC 5389 6 */

size_t demux_rtp_header(const uint8_t *p, size_t len)
{
	size_t n = RTP_FIXED + 4 * (size_t)(p[0] & 15);

	if (len < n)
		return 0;
	if (p[0] & 0x10) {
		if (len < n + 4)
			return 0;
		n += 4 + 4 * (size_t)demux_u16(p + n + 2);
	}
	return n <= len ? n : 0;
}

enum demux_kind demux_datagram(const uint8_t *p, size_t len)
{
	if (len < 2)
		return DEMUX_UNKNOWN;
	if (p[0] <= 3)
		return len >= STUN_HEADER && demux_u32(p + 4) == stun_cookie &&
			       (size_t)demux_u16(p + 2) + STUN_HEADER == len
			   ? DEMUX_STUN
			   : DEMUX_UNKNOWN;
	if (p[0] >= 20 && p[0] <= 63)
		return len >= DTLS_RECORD && p[1] == 0xfe ? DEMUX_DTLS : DEMUX_UNKNOWN;
	if (p[0] >> 6 != 2)
		return DEMUX_UNKNOWN;
	/* RTCP packet types 192..223; an RTP payload type of 64..95 is never used beside RTCP (RFC
	 * 5761 4). */
	if (p[1] >= 192 && p[1] <= 223)
		return len >= RTCP_MIN ? DEMUX_RTCP : DEMUX_UNKNOWN;
	return len >= RTP_FIXED && demux_rtp_header(p, len) ? DEMUX_RTP : DEMUX_UNKNOWN;
}

bool demux_dtls_client_hello(const uint8_t *p, size_t len)
{
	return len > DTLS_RECORD && p[0] == 22 && p[1] == 0xfe && p[DTLS_RECORD] == 1;
}

const uint8_t *demux_dtls_hello_random(const uint8_t *p, size_t len)
{
	enum { AT = DTLS_RECORD + 12 + 2 }; /* handshake header (RFC 6347 4.2.2), version */

	return demux_dtls_client_hello(p, len) && len >= AT + DEMUX_DTLS_RANDOM ? p + AT : NULL;
}

bool demux_tls_client_hello(const uint8_t *p, size_t len)
{
	return len >= 6 && p[0] == 22 && p[1] == 3 && p[5] == 1;
}

bool demux_tls_may_be_client_hello(const uint8_t *p, size_t len)
{
	return (len < 1 || p[0] == 22) && (len < 2 || p[1] == 3) && (len < 6 || p[5] == 1);
}
