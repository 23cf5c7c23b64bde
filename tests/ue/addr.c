/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <stdio.h>

#include "ue/access.h"

int addr_parse(struct slice text, uint16_t port, union ue_addr *out)
{
	struct slice host = text, rest = SLICE_NULL;
	union ue_addr a = {0};
	uint64_t n = port;
	char buf[64];

	if (text.len && text.p[0] == '[') {
		rest = slice_make(text.p + 1, text.len - 1);
		host = slice_cut(&rest, ']');
		if (!rest.p || (rest.len && rest.p[0] != ':'))
			return -1;
		if (rest.len && slice_u64(slice_make(rest.p + 1, rest.len - 1), 65535, &n) != 0)
			return -1;
	} else if (text.len && memchr(text.p, '.', text.len)) {
		rest = text;
		host = slice_cut(&rest, ':');
		if (rest.p && slice_u64(rest, 65535, &n) != 0)
			return -1;
	}
	if (slice_copy(host, buf, sizeof(buf)) != 0)
		return -1;
	if (inet_pton(AF_INET, buf, &a.v4.sin_addr) == 1)
		a.v4.sin_family = AF_INET;
	else if (inet_pton(AF_INET6, buf, &a.v6.sin6_addr) == 1)
		a.v6.sin6_family = AF_INET6;
	else
		return -1;
	addr_set_port(&a, (uint16_t)n);
	*out = a;
	return 0;
}

uint16_t addr_port(const union ue_addr *a)
{
	return ntohs(a->sa.sa_family == AF_INET6 ? a->v6.sin6_port : a->v4.sin_port);
}

void addr_set_port(union ue_addr *a, uint16_t port)
{
	if (a->sa.sa_family == AF_INET6)
		a->v6.sin6_port = htons(port);
	else
		a->v4.sin_port = htons(port);
}

socklen_t addr_len(const union ue_addr *a)
{
	return a->sa.sa_family == AF_INET6 ? sizeof(a->v6) : sizeof(a->v4);
}

bool addr_same_host(const union ue_addr *a, const union ue_addr *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	return a->sa.sa_family == AF_INET6
		   ? memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof(a->v6.sin6_addr)) == 0
		   : a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
}

const char *addr_host(const union ue_addr *a, char buf[64])
{
	if (!inet_ntop(a->sa.sa_family,
		       a->sa.sa_family == AF_INET6 ? (const void *)&a->v6.sin6_addr
						   : &a->v4.sin_addr,
		       buf, 64))
		memcpy(buf, "?", 2);
	return buf;
}

const char *addr_uri_host(const union ue_addr *a, char buf[64])
{
	char host[64];

	snprintf(buf, 64, a->sa.sa_family == AF_INET6 ? "[%.50s]" : "%.50s", addr_host(a, host));
	return buf;
}

const char *addr_text(const union ue_addr *a, char buf[64])
{
	char host[64];

	snprintf(buf, 64, "%.54s:%u", addr_uri_host(a, host), addr_port(a));
	return buf;
}
