/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/log.h"

#include <stdio.h>
#include <unistd.h>

static int shown = LOG_NOTICE;
static int terminal;

void log_open(int level)
{
	shown = level;
	terminal = isatty(STDERR_FILENO);
}

void log_vline(int level, const char *fmt, va_list ap)
{
	static const char *const words[] = {"EMERG",   "ALERT",	 "CRIT", "ERROR",
					    "WARNING", "NOTICE", "INFO", "DEBUG"};
	char text[1024], line[1100];
	int n;

	if (level > shown)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	if (terminal)
		n = snprintf(line, sizeof(line), "%-7s %s\n", words[level & 7], text);
	else
		n = snprintf(line, sizeof(line), "<%d>%s\n", level & 7, text);
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return; /* nowhere left to say so */
}

void log_line(int level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vline(level, fmt, ap);
	va_end(ap);
}
