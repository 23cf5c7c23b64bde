/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cms/times.h"

#include <string.h>
#include <time.h>

void time_write(int64_t at, char out[24])
{
	const time_t t = (time_t)at;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, 24, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

int time_read(const char *text, int64_t *out)
{
	struct tm tm = {0};
	char back[24];
	const char *end;

	if (!text || strlen(text) != 20)
		return -1;
	end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (!end || *end)
		return -1;
	*out = timegm(&tm);
	time_write(*out, back); /* what timegm() had to mend is no such time */
	return strcmp(back, text) == 0 ? 0 : -1;
}
