/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/flows/look.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agw/flows/steps.h"

const char *metrics_text(void)
{
	static char text[65536];
	size_t len = 0;
	ssize_t n;
	int fd = connect_from(CORE, CORE, 9432, 20000);

	ck_assert_int_ge(fd, 0);
	dprintf(fd, "GET /metrics HTTP/1.0\r\n\r\n");
	while (len < sizeof(text) - 1 && (n = recv(fd, text + len, sizeof(text) - 1 - len, 0)) > 0)
		len += (size_t)n;
	text[len] = 0;
	close(fd);
	return text;
}

long metric(const char *name)
{
	char key[128];
	const char *p;

	snprintf(key, sizeof(key), "\nims_agw_%s ", name);
	p = strstr(metrics_text(), key);
	ck_assert_msg(p != NULL, "no metric %s", name);
	return atol(p + strlen(key));
}

bool metric_reaches(const char *name, long value, int ms)
{
	for (; ms > 0 && metric(name) != value; ms -= 50)
		rig_serve(50);
	return metric(name) == value;
}
