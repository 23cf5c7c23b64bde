/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_flow/core/stun.h"

#define HEADER 20

static const uint8_t cookie[4] = {0x21, 0x12, 0xa4, 0x42};

bool flow_keepalive_is_crlf(const uint8_t *p, size_t len)
{
	return (len == 2 && memcmp(p, "\r\n", 2) == 0) ||
	       (len == 4 && memcmp(p, "\r\n\r\n", 4) == 0);
}

size_t flow_stun_answer(const uint8_t *p, size_t len, const struct netaddr *from, uint16_t port,
			uint8_t out[STUN_ANSWER_MAX])
{
	size_t body = len >= HEADER ? (size_t)p[2] << 8 | p[3] : 0,
	       addr = from->family == 4 ? 4 : 16;
	uint8_t *a = out + HEADER;

	if (len < HEADER || p[0] != 0x00 || p[1] != 0x01 || body % 4 || body + HEADER != len ||
	    memcmp(p + 4, cookie, 4) != 0)
		return 0;
	memcpy(out, p, HEADER);
	out[0] = 0x01; /* Binding success */
	out[2] = 0;
	out[3] = (uint8_t)(8 + addr);
	a[0] = 0x00; /* XOR-MAPPED-ADDRESS */
	a[1] = 0x20;
	a[2] = 0;
	a[3] = (uint8_t)(4 + addr);
	a[4] = 0;
	a[5] = from->family == 4 ? 1 : 2;
	a[6] = (uint8_t)(port >> 8 ^ cookie[0]);
	a[7] = (uint8_t)((port & 0xff) ^ cookie[1]);
	/* Cookie and transaction id follow one another in the header: the 16 octets an address is
	 * xored with. */
	for (size_t i = 0; i < addr; i++)
		a[8 + i] = from->ip[i] ^ out[4 + i];
	return HEADER + 8 + addr;
}
