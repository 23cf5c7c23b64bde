/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log of a daemon: lines to stderr, with the level in front as systemd reads it ("<5>..."), or
 * in words on a terminal. Safe from every thread, also from
 * one that is cancelled meanwhile. A reader that does not read stderr never holds
 * the daemon up: what finds no room is counted, and the next line that finds some says how many
 * were lost.
 */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

#include <stdarg.h>
#include <stdint.h>
#include <syslog.h>

#include "base/slice.h"

/* Show lines of this syslog level (LOG_ERR .. LOG_DEBUG) and more urgent ones. Before the first call
 * it is LOG_NOTICE. May be called again, from any thread. */
void log_open(int level);

/* Would a line of this level be shown? For those whose text costs much to make. */
bool log_shows(int level);

/* One line, without newline, at most 1,000 octets; control characters become blanks. What strangers
 * cause is LOG_INFO. */
__attribute__((format(printf, 2, 3))) void log_line(int level, const char *fmt, ...);
void log_vline(int level, const char *fmt, va_list ap);

/* Lines lost so far because stderr had no room. */
uint64_t log_lost(void);

/* "error", "warning", "notice", "info", "debug" or a number 3 to 7 as a level; -1 if it is none. */
int log_level_parse(struct slice word);

#endif
