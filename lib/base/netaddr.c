/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/netaddr.h"

#include <arpa/inet.h>
#include <stdio.h>

struct netaddr netaddr_make(const void *ip, size_t len, uint16_t port)
{
	struct netaddr a = {0};

	if (len != 4 && len != 16)
		return a;
	a.family = len == 4 ? 4 : 6;
	a.port = port;
	memcpy(a.ip, ip, len);
	return a;
}

int netaddr_parse(struct slice text, struct netaddr *out)
{
	char buf[INET6_ADDRSTRLEN];
	struct netaddr a = {0};

	if (slice_copy(text, buf, sizeof(buf)) < 0)
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

int netaddr_parse_host(struct slice text, struct netaddr *out)
{
	struct netaddr a;
	bool brackets = text.len >= 2 && text.p[0] == '[' && text.p[text.len - 1] == ']';

	if (brackets)
		text = slice_make(text.p + 1, text.len - 2);
	if (netaddr_parse(text, &a) < 0 || (brackets && a.family != 6))
		return -1;
	*out = a;
	return 0;
}

/* Where the port begins: behind the brackets, or behind the only colon. Else at the end. */
static size_t host_len(struct slice text)
{
	const char *end = text.p + text.len;
	const char *colon = text.len ? memchr(text.p, ':', text.len) : NULL;

	if (text.len && text.p[0] == '[') {
		const char *close = memchr(text.p, ']', text.len);

		return close ? (size_t)(close - text.p) + 1 : text.len;
	}
	if (!colon || memchr(colon + 1, ':', (size_t)(end - colon - 1)))
		return text.len;
	return (size_t)(colon - text.p);
}

int netaddr_parse_port(struct slice text, uint16_t port, struct netaddr *out)
{
	size_t n = host_len(text);
	uint64_t number = port;
	struct netaddr a;

	if (netaddr_parse_host(slice_make(text.p, n), &a) < 0)
		return -1;
	if (n < text.len &&
	    (text.p[n] != ':' ||
	     slice_u64(slice_make(text.p + n + 1, text.len - n - 1), UINT16_MAX, &number) < 0))
		return -1;
	a.port = (uint16_t)number;
	*out = a;
	return 0;
}

const char *netaddr_ip_text(const struct netaddr *a, char buf[NETADDR_TEXT_MAX])
{
	if (!a->family || !inet_ntop(netaddr_af(a), a->ip, buf, NETADDR_TEXT_MAX))
		memcpy(buf, "-", 2);
	return buf;
}

const char *netaddr_host_text(const struct netaddr *a, char buf[NETADDR_TEXT_MAX])
{
	char ip[NETADDR_TEXT_MAX];

	snprintf(buf, NETADDR_TEXT_MAX, a->family == 6 ? "[%.50s]" : "%.50s",
		 netaddr_ip_text(a, ip));
	return buf;
}

const char *netaddr_text(const struct netaddr *a, char buf[NETADDR_TEXT_MAX])
{
	char host[NETADDR_TEXT_MAX];

	netaddr_host_text(a, host);
	if (a->family)
		snprintf(buf, NETADDR_TEXT_MAX, "%.54s:%u", host, a->port);
	else
		memcpy(buf, "-", 2);
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

	if (a->family != b->family || !a->family || bits > netaddr_len(a) * 8)
		return false;
	if (memcmp(a->ip, b->ip, whole) != 0)
		return false;
	return !rest || (a->ip[whole] ^ b->ip[whole]) >> (8 - rest) == 0;
}

bool netaddr_is_any(const struct netaddr *a)
{
	static const uint8_t zero[16];

	return a->family && memcmp(a->ip, zero, sizeof(zero)) == 0;
}

bool netaddr_is_unicast(const struct netaddr *a)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	if (!a->family || netaddr_is_any(a))
		return false;
	if (a->family == 4) /* multicast, and what is reserved up to the broadcast address */
		return a->ip[0] != 0 && a->ip[0] < 224;
	return a->ip[0] != 0xff && memcmp(a->ip, mapped, sizeof(mapped)) != 0;
}

bool netaddr_is_loopback(const struct netaddr *a)
{
	static const uint8_t one[16] = {[15] = 1};

	return a->family == 6 ? memcmp(a->ip, one, sizeof(one)) == 0
			      : a->family == 4 && a->ip[0] == 127;
}

bool netaddr_is_link_local(const struct netaddr *a)
{
	return a->family == 6 ? a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80
			      : a->family == 4 && a->ip[0] == 169 && a->ip[1] == 254;
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

		*out = netaddr_make(&s4->sin_addr, 4, ntohs(s4->sin_port));
	} else if (ss->ss_family == AF_INET6) {
		const struct sockaddr_in6 *s6 = (const struct sockaddr_in6 *)ss;
		const uint8_t *ip = s6->sin6_addr.s6_addr;
		uint16_t port = ntohs(s6->sin6_port);

		*out = memcmp(ip, mapped, sizeof(mapped)) == 0 ? netaddr_make(ip + 12, 4, port)
							       : netaddr_make(ip, 16, port);
	}
}

int netaddr_net_parse(struct slice text, struct netaddr_net *out)
{
	struct slice ip = slice_cut(&text, '/');
	struct netaddr_net n = {0};
	uint64_t bits;

	if (netaddr_parse(ip, &n.base) < 0)
		return -1;
	bits = netaddr_len(&n.base) * 8;
	if (text.p && slice_u64(text, bits, &bits) < 0)
		return -1;
	n.bits = (uint8_t)bits;
	*out = n;
	return 0;
}
