/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dm.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void put32(uint8_t *p, uint32_t v)
{
	v = htonl(v);
	memcpy(p, &v, 4);
}

static uint32_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return ntohl(v);
}

void dm_begin(struct dm *m, uint8_t flags, uint32_t command, uint32_t application, uint32_t hop,
	      uint32_t end)
{
	memset(m->octets, 0, 20);
	put32(m->octets, 1u << 24);
	put32(m->octets + 4, (uint32_t)flags << 24 | command);
	put32(m->octets + 8, application);
	put32(m->octets + 12, hop);
	put32(m->octets + 16, end);
	m->len = 20;
}

size_t dm_open(struct dm *m, uint32_t code, uint32_t vendor)
{
	size_t at = m->len;

	put32(m->octets + at, code);
	put32(m->octets + at + 4, (uint32_t)(vendor ? 0xc0 : 0x40) << 24);
	m->len += 8;
	if (vendor) {
		put32(m->octets + m->len, vendor);
		m->len += 4;
	}
	return at;
}

void dm_close(struct dm *m, size_t at)
{
	uint32_t word = get32(m->octets + at + 4) & 0xff000000;

	put32(m->octets + at + 4, word | (uint32_t)(m->len - at));
	while (m->len % 4)
		m->octets[m->len++] = 0;
}

void dm_add(struct dm *m, uint32_t code, uint32_t vendor, bool mandatory, const void *data,
	    size_t len)
{
	size_t at = dm_open(m, code, vendor);

	if (!mandatory)
		m->octets[at + 4] &= (uint8_t)~0x40;
	memcpy(m->octets + m->len, data, len);
	m->len += len;
	dm_close(m, at);
}

void dm_text(struct dm *m, uint32_t code, uint32_t vendor, const char *text)
{
	dm_add(m, code, vendor, true, text, strlen(text));
}

void dm_u32(struct dm *m, uint32_t code, uint32_t vendor, uint32_t value)
{
	uint8_t v[4];

	put32(v, value);
	dm_add(m, code, vendor, true, v, 4);
}

void dm_end(struct dm *m)
{
	put32(m->octets, 1u << 24 | (uint32_t)m->len);
}

uint32_t dm_command(const struct dm *m)
{
	return get32(m->octets + 4) & 0xffffff;
}

uint8_t dm_flags(const struct dm *m)
{
	return m->octets[4];
}

uint32_t dm_hop(const struct dm *m)
{
	return get32(m->octets + 12);
}

uint32_t dm_endtoend(const struct dm *m)
{
	return get32(m->octets + 16);
}

struct dm_list dm_avps(const struct dm *m)
{
	return (struct dm_list){m->octets + 20, m->len - 20};
}

struct dm_list dm_group(const struct dm_avp *avp)
{
	return (struct dm_list){avp->data, avp->len};
}

bool dm_next(struct dm_list *list, struct dm_avp *out)
{
	size_t len, head, padded;

	if (list->len < 8)
		return false;
	out->code = get32(list->p);
	out->flags = list->p[4];
	len = get32(list->p + 4) & 0xffffff;
	head = out->flags & 0x80 ? 12 : 8;
	padded = (len + 3) & ~(size_t)3;
	if (len < head || len > list->len)
		return false;
	out->vendor = head == 12 ? get32(list->p + 8) : 0;
	out->data = list->p + head;
	out->len = len - head;
	if (padded > list->len)
		padded = list->len;
	list->p += padded;
	list->len -= padded;
	return true;
}

bool dm_find(struct dm_list list, uint32_t code, uint32_t vendor, size_t nth, struct dm_avp *out)
{
	while (dm_next(&list, out))
		if (out->code == code && out->vendor == vendor && nth-- == 0)
			return true;
	return false;
}

size_t dm_count(struct dm_list list, uint32_t code, uint32_t vendor)
{
	struct dm_avp avp;
	size_t n = 0;

	while (dm_next(&list, &avp))
		n += avp.code == code && avp.vendor == vendor;
	return n;
}

uint32_t dm_value(const struct dm_avp *avp)
{
	return avp->len == 4 ? get32(avp->data) : UINT32_MAX;
}

bool dm_is(const struct dm_avp *avp, const char *text)
{
	return avp->len == strlen(text) && memcmp(avp->data, text, avp->len) == 0;
}

int64_t dm_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int dm_connect(const char *local, const char *remote, uint16_t port)
{
	struct sockaddr_in from = {.sin_family = AF_INET},
			   to = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && inet_pton(AF_INET, local, &from.sin_addr) == 1 &&
	    inet_pton(AF_INET, remote, &to.sin_addr) == 1 &&
	    bind(fd, (struct sockaddr *)&from, sizeof(from)) == 0 &&
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

bool dm_send(int fd, const struct dm *m)
{
	return send(fd, m->octets, m->len, MSG_NOSIGNAL) == (ssize_t)m->len;
}

int dm_receive(int fd, struct dm *m, int ms)
{
	size_t want = 4;

	m->len = 0;
	while (m->len < want) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t n;

		if (poll(&p, 1, ms) != 1)
			return 0;
		n = recv(fd, m->octets + m->len, want - m->len, 0);
		if (n <= 0)
			return -1;
		m->len += (size_t)n;
		if (m->len == 4) {
			want = get32(m->octets) & 0xffffff;
			if (want < 20 || want > DM_MAX)
				return -1;
		}
	}
	return 1;
}
