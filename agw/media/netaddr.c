/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/media/netaddr.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

int netaddr_parse(struct slice text, struct netaddr *out)
{
	char buf[INET6_ADDRSTRLEN];
	struct netaddr a = {0};

	if (slice_copy(text, buf, sizeof(buf)) < 0 || memchr(buf, 0, text.len))
		return -1;
	if (inet_pton(AF_INET, buf, a.ip) == 1)
		a.family = 4;
	else if (inet_pton(AF_INET6, buf, a.ip) == 1)
		a.family = 6;
	else
		return -1;
	*out = a;
	return 0;
}

const char *netaddr_ip_text(const struct netaddr *a, char buf[NETADDR_TEXT_MAX])
{
	if (!a->family ||
	    !inet_ntop(a->family == 4 ? AF_INET : AF_INET6, a->ip, buf, NETADDR_TEXT_MAX))
		strcpy(buf, "-");
	return buf;
}

const char *netaddr_text(const struct netaddr *a, char buf[NETADDR_TEXT_MAX])
{
	char ip[NETADDR_TEXT_MAX];

	netaddr_ip_text(a, ip);
	if (!a->family)
		strcpy(buf, "-");
	else
		snprintf(buf, NETADDR_TEXT_MAX, a->family == 6 ? "[%.50s]:%u" : "%.50s:%u", ip,
			 a->port);
	return buf;
}

bool netaddr_ip_eq(const struct netaddr *a, const struct netaddr *b)
{
	return a->family == b->family && memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

bool netaddr_eq(const struct netaddr *a, const struct netaddr *b)
{
	return a->port == b->port && netaddr_ip_eq(a, b);
}

bool netaddr_prefix_eq(const struct netaddr *a, const struct netaddr *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (a->family != b->family || !a->family || bits > (a->family == 4 ? 32u : 128u))
		return false;
	if (memcmp(a->ip, b->ip, whole) != 0)
		return false;
	return !rest || (a->ip[whole] ^ b->ip[whole]) >> (8 - rest) == 0;
}

socklen_t netaddr_to_sockaddr(const struct netaddr *a, struct sockaddr_storage *ss)
{
	memset(ss, 0, sizeof(*ss));
	if (a->family == 6) {
		struct sockaddr_in6 *s6 = (struct sockaddr_in6 *)ss;

		s6->sin6_family = AF_INET6;
		s6->sin6_port = htons(a->port);
		memcpy(&s6->sin6_addr, a->ip, 16);
		return sizeof(*s6);
	}
	struct sockaddr_in *s4 = (struct sockaddr_in *)ss;

	s4->sin_family = AF_INET;
	s4->sin_port = htons(a->port);
	memcpy(&s4->sin_addr, a->ip, 4);
	return sizeof(*s4);
}

void netaddr_from_sockaddr(const struct sockaddr_storage *ss, struct netaddr *out)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	memset(out, 0, sizeof(*out));
	if (ss->ss_family == AF_INET) {
		const struct sockaddr_in *s4 = (const struct sockaddr_in *)ss;

		out->family = 4;
		out->port = ntohs(s4->sin_port);
		memcpy(out->ip, &s4->sin_addr, 4);
	} else if (ss->ss_family == AF_INET6) {
		const struct sockaddr_in6 *s6 = (const struct sockaddr_in6 *)ss;

		out->port = ntohs(s6->sin6_port);
		if (memcmp(&s6->sin6_addr, mapped, sizeof(mapped)) == 0) {
			out->family = 4;
			memcpy(out->ip, s6->sin6_addr.s6_addr + 12, 4);
		} else {
			out->family = 6;
			memcpy(out->ip, &s6->sin6_addr, 16);
		}
	}
}
