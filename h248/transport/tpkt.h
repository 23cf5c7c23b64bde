/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TPKT framing (RFC 1006 section 6; H.248.1 Annex D.2): 03 00 length16, the length counting these
 * four octets. */
#ifndef H248_TPKT_H
#define H248_TPKT_H

#include "base/slice.h"

#define H248_TPKT_HEADER 4u
#define H248_TPKT_MAX	 65535u /* with its header */

/*
 * The first packet in the bytes received so far. Returns how many bytes it takes and sets *payload;
 * 0 when more bytes are needed; -1 when this is not TPKT (the connection cannot be used any more).
 */
int h248_tpkt_next(struct slice bytes, struct slice *payload);
/* The header of a packet with that payload. 0, or -1 when it is too long. */
int h248_tpkt_header(size_t payload, unsigned char header[H248_TPKT_HEADER]);

#endif
