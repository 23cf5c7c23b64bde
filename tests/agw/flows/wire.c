/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/flows/wire.h"
#include <arpa/inet.h>
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "agw/rig.h"

enum { FRAME_MAX = 65536 + 64, ETHERNET = 14, UDP_HEADER = 8 };

struct datagram {
	int64_t us;
	uint32_t from, to;
	char text[FRAME_MAX + 1];
};

static FILE *capture_open(void)
{
	const char *path = getenv("AGW_PCAP");
	FILE *f;

	ck_assert_msg(path != NULL, "AGW_PCAP must name the capture file");
	capture_settle();
	f = fopen(path, "re");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fseek(f, 24, SEEK_SET), 0);
	return f;
}

/* The next IPv4 UDP datagram. */
static bool next_datagram(FILE *f, struct datagram *d)
{
	static uint8_t frame[FRAME_MAX];
	uint32_t h[4];

	while (fread(h, sizeof(h), 1, f) == 1 && h[2] <= sizeof(frame) &&
	       fread(frame, 1, h[2], f) == h[2]) {
		const uint8_t *ip = frame + ETHERNET;
		size_t ihl = (size_t)(ip[0] & 15) * 4, head = ETHERNET + ihl + UDP_HEADER, len;

		if (h[2] < 60 - 18 || ip[0] >> 4 != 4 || ip[9] != 17 || h[2] < head)
			continue;
		d->us = (int64_t)h[0] * 1000000 + h[1];
		memcpy(&d->from, ip + 12, 4);
		memcpy(&d->to, ip + 16, 4);
		len = h[2] - head;
		for (size_t i = 0; i < len; i++) /* a NUL must not hide what follows */
			d->text[i] = frame[head + i] ? (char)frame[head + i] : '?';
		d->text[len] = 0;
		return true;
	}
	return false;
}

static struct datagram one;

int64_t wire_find(int64_t after_us, const char *from, const char *word, const char *more)
{
	uint32_t ip = inet_addr(from);
	FILE *f = capture_open();
	int64_t found = -1;

	while (found < 0 && next_datagram(f, &one))
		if (one.us >= after_us && one.from == ip && strstr(one.text, word) &&
		    (!more || strstr(one.text, more)))
			found = one.us;
	fclose(f);
	return found;
}

unsigned wire_count(int64_t after_us, const char *from, const char *to, const char *word)
{
	uint32_t a = inet_addr(from), b = inet_addr(to);
	FILE *f = capture_open();
	unsigned n = 0;

	while (next_datagram(f, &one))
		n += one.us >= after_us && one.from == a && one.to == b &&
		     (!word || strstr(one.text, word));
	fclose(f);
	return n;
}

int64_t wire_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}
