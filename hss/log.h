/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines to stderr, with the level in front as systemd reads it ("<5>..."), or in words on a
 * terminal. */
#ifndef HSS_LOG_H
#define HSS_LOG_H

#include <stdarg.h>
#include <syslog.h>

/* Show lines of this syslog level and more urgent ones. */
void log_open(int level);

/* Thread-safe; one line each, control characters are masked. What strangers cause is LOG_INFO. */
__attribute__((format(printf, 2, 3))) void log_line(int level, const char *fmt, ...);
void log_vline(int level, const char *fmt, va_list ap);

#endif
