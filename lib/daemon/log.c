/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/log.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_SIZE = 1024, LINE_SIZE = TEXT_SIZE + 64 }; /* less than PIPE_BUF */

static atomic_int shown = LOG_NOTICE;
static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;
static uint64_t lost, lost_told;

void log_open(int level)
{
	atomic_store(&shown, level);
}

bool log_shows(int level)
{
	return level <= atomic_load(&shown);
}

uint64_t log_lost(void)
{
	uint64_t n;

	pthread_mutex_lock(&writing);
	n = lost;
	pthread_mutex_unlock(&writing);
	return n;
}

/*
 * A pipe that says POLLOUT has room for PIPE_BUF octets, and nobody else of this process writes
 * meanwhile, so the write does not block. O_NONBLOCK would be set for all who share stderr.
 */
static int put(const char *line, int len)
{
	struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};

	if (len <= 0 || poll(&fd, 1, 0) != 1 || !(fd.revents & POLLOUT))
		return -1;
	return write(STDERR_FILENO, line, (size_t)len) < 0 ? -1 : 0;
}

static int put_line(int level, const char *text)
{
	static const char *const words[] = {"EMERG",   "ALERT",	 "CRIT", "ERROR",
					    "WARNING", "NOTICE", "INFO", "DEBUG"};
	char line[LINE_SIZE];

	if (isatty(STDERR_FILENO))
		return put(line, snprintf(line, sizeof(line), "%-7s %s\n", words[level & 7], text));
	return put(line, snprintf(line, sizeof(line), "<%d>%s\n", level & 7, text));
}

void log_vline(int level, const char *fmt, va_list ap)
{
	char text[TEXT_SIZE], told[64];
	int cancel;

	if (!log_shows(level))
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	/* libfdcore cancels its threads, and writing is where that would happen, with the lock held */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	pthread_mutex_lock(&writing);
	if (lost != lost_told) {
		snprintf(told, sizeof(told), "%llu lines of this log were lost",
			 (unsigned long long)(lost - lost_told));
		if (put_line(LOG_WARNING, told) == 0)
			lost_told = lost;
	}
	if (put_line(level, text))
		lost++;
	pthread_mutex_unlock(&writing);
	pthread_setcancelstate(cancel, NULL);
}

void log_line(int level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vline(level, fmt, ap);
	va_end(ap);
}

int log_level_parse(struct slice word)
{
	static const char *const names[] = {"error", "warning", "notice", "info", "debug"};

	for (int i = 0; i < 5; i++)
		if (slice_eq(word, slice_str(names[i])) ||
		    (word.len == 1 && word.p[0] == '0' + LOG_ERR + i))
			return LOG_ERR + i;
	return -1;
}
