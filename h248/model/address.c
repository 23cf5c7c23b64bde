/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h248/address.h"

/* An IPv4 address may stand in brackets, too, as it does in an mId. */
int h248_addr_parse(const char *text, uint16_t default_port, struct h248_addr *addr)
{
	struct slice rest = slice_str(text), host;
	uint64_t port = default_port;
	struct netaddr at;

	if (rest.len && rest.p[0] == '[' && !memchr(rest.p, ':', strcspn(text, "]"))) {
		rest = slice_make(rest.p + 1, rest.len - 1);
		host = slice_cut(&rest, ']');
		if (!rest.p || netaddr_parse(host, &at) < 0 ||
		    (rest.len &&
		     (rest.p[0] != ':' ||
		      slice_u64(slice_make(rest.p + 1, rest.len - 1), UINT16_MAX, &port) < 0)))
			return -1;
		at.port = (uint16_t)port;
	} else if (netaddr_parse_port(rest, default_port, &at) < 0) {
		return -1;
	}
	*addr = (struct h248_addr){.at = at};
	return 0;
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
