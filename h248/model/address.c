/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <stdio.h>

#include "h248/address.h"

static int set_host(struct h248_addr *addr, struct slice host, uint16_t port)
{
	struct h248_addr a = {0};
	char text[INET6_ADDRSTRLEN];

	if (slice_copy(host, text, sizeof(text)))
		return -1;
	if (inet_pton(AF_INET, text, &a.u.in.sin_addr) == 1) {
		a.u.in.sin_family = AF_INET;
		a.u.in.sin_port = htons(port);
	} else if (inet_pton(AF_INET6, text, &a.u.in6.sin6_addr) == 1) {
		a.u.in6.sin6_family = AF_INET6;
		a.u.in6.sin6_port = htons(port);
	} else {
		return -1;
	}
	*addr = a;
	return 0;
}

int h248_addr_parse(const char *text, uint16_t default_port, struct h248_addr *addr)
{
	struct slice rest = slice_str(text), host;
	uint64_t port = default_port;

	if (rest.len && rest.p[0] == '[') {
		rest.p++;
		rest.len--;
		host = slice_cut(&rest, ']');
		if (!rest.p || (rest.len && rest.p[0] != ':'))
			return -1;
		if (rest.len) {
			rest.p++;
			rest.len--;
			if (slice_u64(rest, UINT16_MAX, &port))
				return -1;
		}
	} else if (rest.len && memchr(rest.p, '.', rest.len) && !strstr(text, "::")) {
		host = slice_cut(&rest, ':');
		if (rest.p && slice_u64(rest, UINT16_MAX, &port))
			return -1;
	} else {
		host = rest;
	}
	return set_host(addr, host, (uint16_t)port);
}

const char *h248_addr_format(const struct h248_addr *addr, char *buf, size_t size)
{
	char host[INET6_ADDRSTRLEN] = "?";

	if (addr->u.sa.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &addr->u.in6.sin6_addr, host, sizeof(host));
		snprintf(buf, size, "[%s]:%u", host, ntohs(addr->u.in6.sin6_port));
	} else {
		inet_ntop(AF_INET, &addr->u.in.sin_addr, host, sizeof(host));
		snprintf(buf, size, "%s:%u", host, ntohs(addr->u.in.sin_port));
	}
	return buf;
}

int h248_addr_of_mid(const struct h248_mid *mid, struct h248_addr *addr)
{
	if (mid->kind != H248_MID_IPV4 && mid->kind != H248_MID_IPV6)
		return -1;
	return set_host(addr, mid->name, mid->port ? mid->port : H248_PORT_TEXT);
}

bool h248_addr_equal(const struct h248_addr *a, const struct h248_addr *b)
{
	if (a->u.sa.sa_family != b->u.sa.sa_family)
		return false;
	if (a->u.sa.sa_family == AF_INET6)
		return a->u.in6.sin6_port == b->u.in6.sin6_port &&
		       memcmp(&a->u.in6.sin6_addr, &b->u.in6.sin6_addr,
			      sizeof(a->u.in6.sin6_addr)) == 0;
	return a->u.in.sin_port == b->u.in.sin_port &&
	       a->u.in.sin_addr.s_addr == b->u.in.sin_addr.s_addr;
}

socklen_t h248_addr_len(const struct h248_addr *addr)
{
	return addr->u.sa.sa_family == AF_INET6 ? sizeof(addr->u.in6) : sizeof(addr->u.in);
}
