/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "h248/record.h"

static FILE *sent;
static char start[16];
static unsigned right, wrong;

void record_open(enum h248_style style, uint8_t version)
{
	const char *name = getenv("H248_SENT");

	sent = name ? fopen(name, "w") : NULL;
	snprintf(start, sizeof(start), "%s/%u ", style == H248_PRETTY ? "MEGACO" : "!", version);
}

void record_sent(const char *bytes, size_t len)
{
	if (!sent)
		return;
	for (size_t i = 0; i < len; i++) {
		if (i % 16 == 0)
			fprintf(sent, "\n%06zx", i);
		fprintf(sent, " %02x", (unsigned char)bytes[i]);
	}
	fputc('\n', sent);
	fflush(sent);
}

void record_received(struct slice text)
{
	size_t n = strlen(start);

	if (text.len > n && !memcmp(text.p, start, n))
		right++;
	else
		wrong++;
}

bool record_received_right(void)
{
	return right > 0 && wrong == 0;
}
