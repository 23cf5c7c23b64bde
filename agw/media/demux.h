/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a datagram on an RTP port is: by its first octets (RFC 7983 7, RFC 5761 4). */
#ifndef AGW_MEDIA_DEMUX_H
#define AGW_MEDIA_DEMUX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum demux_kind {
	DEMUX_UNKNOWN, /* nothing of these, or too short to be what it claims */
	DEMUX_STUN,
	DEMUX_DTLS,
	DEMUX_RTP,
	DEMUX_RTCP,
};

/* How many first octets tell a TLS ClientHello. */
enum { DEMUX_TLS_LOOK = 6 };

/* Classify len octets. Secured packets have the same headers in clear, so this holds for SRTP too.
 */
enum demux_kind demux_datagram(const uint8_t *p, size_t len);

/* Where the header of an RTP packet that demux took as such ends; 0 if CSRCs or extension do not
 * fit. */
size_t demux_rtp_header(const uint8_t *p, size_t len);

enum { DEMUX_DTLS_RANDOM = 32 };

/* Where the random of a DTLS ClientHello stands, by which one handshake is told from another. NULL
 * if the datagram is none, or is not long enough. */
const uint8_t *demux_dtls_hello_random(const uint8_t *p, size_t len);

/* Is this datagram the first of a DTLS handshake, a ClientHello? */
bool demux_dtls_client_hello(const uint8_t *p, size_t len);

/* Is this the start of a TLS ClientHello record? Needs DEMUX_TLS_LOOK octets. */
bool demux_tls_client_hello(const uint8_t *p, size_t len);

/* Could these first octets of a stream, perhaps fewer than DEMUX_TLS_LOOK, become one? */
bool demux_tls_may_be_client_hello(const uint8_t *p, size_t len);

static inline uint16_t demux_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}
static inline uint32_t demux_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

#endif
