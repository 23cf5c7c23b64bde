/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the lines of the provisioning format share; for hss/provision/ only. */
#ifndef HSS_PROVISION_LINE_H
#define HSS_PROVISION_LINE_H

#include "daemon/words.h"
#include "hss/subscription/subscription.h"

/* Where the reason of a refusal is written. */
struct why {
	char *text;
	size_t size;
};

/* Write the reason. Returns -1. */
__attribute__((format(printf, 2, 3))) int line_fail(const struct why *why, const char *fmt, ...);

/* A number up to max. Returns 0, or -1 with why. */
int line_number(struct slice v, const char *name, uint64_t max, uint32_t *out,
		const struct why *why);

/* The name before a '=' for a message; "..." for what may be a key, which is never shown. */
struct slice line_word_name(struct slice word);

/* Refuse a word that no option of that kind of line has. Returns -1. */
int line_unknown(struct slice word, const char *line, const struct why *why);

/* Fit to be written without quotes. */
bool line_bare_word(const char *s);

/* private.c: the private line, as provision_line(). */
int line_private(struct subscription *sub, const struct words *w, const struct why *why);
/* shared_line.c: the shared line, as provision_line(). */
int line_shared(struct subscription *sub, const struct words *w, const struct why *why);

#endif
