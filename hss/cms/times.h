/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times in JSON bodies: RFC 3339 in UTC. */
#ifndef HSS_CMS_TIMES_H
#define HSS_CMS_TIMES_H

#include <stdint.h>

/* "2026-12-01T06:30:00Z", and back. Reading returns 0, or -1: not that form, or no such time. */
void time_write(int64_t at, char out[24]);
int time_read(const char *text, int64_t *out);

#endif
