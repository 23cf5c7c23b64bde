/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/subscription/bearer.h"

#include <stdio.h>

int bearer_parse(struct slice text, struct bearer *b)
{
	struct netaddr_net net;
	bool prefix;

	if (netaddr_net_parse(text, &net))
		return -1;
	prefix = net.base.family == 6 && net.bits == BEARER_PREFIX_BITS;
	if (net.bits != 8 * netaddr_len(&net.base) && !prefix)
		return -1;
	/* of a prefix alone the interface identifier must be missing, not lost */
	for (size_t i = BEARER_PREFIX_BITS / 8; i < 16 && prefix; i++)
		if (net.base.ip[i])
			return -1;
	if (!netaddr_is_unicast(&net.base) || netaddr_is_loopback(&net.base) ||
	    netaddr_is_link_local(&net.base))
		return -1;
	b->address = net.base;
	b->whole = net.base.family == 6 && !prefix;
	return 0;
}

const char *bearer_text(const struct bearer *b, char buf[BEARER_TEXT_SIZE])
{
	char ip[NETADDR_TEXT_MAX];

	snprintf(buf, BEARER_TEXT_SIZE, "%s%s", netaddr_ip_text(&b->address, ip),
		 b->address.family == 6 && !b->whole ? "/64" : "");
	return buf;
}

const char *bearer_network(const struct bearer *b, char buf[BEARER_TEXT_SIZE])
{
	struct bearer network = *b;

	network.whole = false;
	if (b->address.family == 6)
		memset(network.address.ip + BEARER_PREFIX_BITS / 8, 0, BEARER_PREFIX_BITS / 8);
	return bearer_text(&network, buf);
}

int bearer_imsi(struct slice text, char out[MSISDN_SIZE])
{
	if (text.len < 5 || text.len >= MSISDN_SIZE)
		return -1;
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return -1;
	return slice_copy(text, out, MSISDN_SIZE);
}
