/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h248/address.h"

static int set(struct h248_addr *addr, struct slice text, uint16_t port)
{
	struct netaddr at;

	if (netaddr_parse_port(text, port, &at) < 0)
		return -1;
	*addr = (struct h248_addr){.at = at};
	return 0;
}

int h248_addr_parse(const char *text, uint16_t default_port, struct h248_addr *addr)
{
	return set(addr, slice_str(text), default_port);
}

int h248_addr_of_mid(const struct h248_mid *mid, struct h248_addr *addr)
{
	struct h248_addr a;

	if (mid->kind != H248_MID_IPV4 && mid->kind != H248_MID_IPV6)
		return -1;
	if (netaddr_parse(mid->name, &a.at) < 0)
		return -1;
	a.at.port = mid->port ? mid->port : H248_PORT_TEXT;
	a.link = 0;
	*addr = a;
	return 0;
}

bool h248_addr_equal(const struct h248_addr *a, const struct h248_addr *b)
{
	return netaddr_eq(&a->at, &b->at);
}
