/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BFCP message boundaries on a byte stream (RFC 8855 5.1): a common header of 12 octets whose third
 * and fourth give the payload's length in 4-octet words. The bytes themselves pass unchanged.
 */
#ifndef AGW_MEDIA_BFCP_H
#define AGW_MEDIA_BFCP_H

#include <stddef.h>
#include <stdint.h>

struct bfcp_framer {
	uint32_t payload_left; /* octets of the current payload still to come */
	uint8_t header_have;   /* octets of a header that arrived in pieces */
	uint8_t header[12];
};

/*
 * Follow len more octets. Adds the number of messages that became complete to *messages. Returns 0,
 * or -1 when this is no BFCP over TCP: version other than 1 (RFC 8855 5.1) or primitive 0. The F bit
 * means nothing over a reliable transport and is not looked at (the same clause).
 */
int bfcp_framer_feed(struct bfcp_framer *f, const uint8_t *p, size_t len, uint64_t *messages);

#endif
