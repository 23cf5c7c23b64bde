/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h248/transport/tpkt.h"

int h248_tpkt_next(struct slice bytes, struct slice *payload)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	size_t len;

	if (bytes.len < 1)
		return 0;
	if (p[0] != 3)
		return -1;
	if (bytes.len < H248_TPKT_HEADER)
		return 0;
	len = (size_t)p[2] << 8 | p[3];
	if (len < H248_TPKT_HEADER)
		return -1;
	if (bytes.len < len)
		return 0;
	*payload = slice_make(bytes.p + H248_TPKT_HEADER, len - H248_TPKT_HEADER);
	return (int)len;
}

int h248_tpkt_header(size_t payload, unsigned char header[H248_TPKT_HEADER])
{
	size_t len = payload + H248_TPKT_HEADER;

	if (len > H248_TPKT_MAX)
		return -1;
	header[0] = 3;
	header[1] = 0;
	header[2] = (unsigned char)(len >> 8);
	header[3] = (unsigned char)len;
	return 0;
}
