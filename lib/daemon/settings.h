/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration files: one syntax for every daemon. A line is "name value" or "name = value", cut
 * into words as words.h says: "..." keeps blanks together, # begins a comment. "[kind]" or
 * "[kind NAME]" begins a section. A daemon describes its settings in one table, from which lines
 * are read, mistakes explained and --help printed.
 */
#ifndef DAEMON_SETTINGS_H
#define DAEMON_SETTINGS_H

#include <stdio.h>

#include "daemon/words.h"

struct setting;

/*
 * A setting of its own kind. w->w[0] is its name, then the values (the '=' is gone). Returns 0, or
 * -1 with a sentence in why.
 */
typedef int (*setting_h)(void *into, const struct setting *s, const struct words *w, char *why,
			 size_t size);

enum setting_kind {
	SETTING_TEXT,	/* char[size]: printable UTF-8 */
	SETTING_NUMBER, /* uint32_t from min to max */
	SETTING_PORT,	/* uint16_t from min to max */
	SETTING_FLAG,	/* bool: yes, on, no, off */
	SETTING_LEVEL,	/* int: log level of syslog, by name or number */
	SETTING_OTHER,	/* set() */
};

struct setting {
	const char *section; /* "" stands before every section */
	const char *name;
	enum setting_kind kind;
	size_t offset, size; /* in what the section fills; size of a SETTING_TEXT */
	uint32_t min, max;
	setting_h set;
	const char *example, *text; /* for --help: a value and one sentence */
};

/* Rows of a table over the type cfg, whose last row is {0}. */
#define SETTING_AT_TEXT(cfg, section, member, example, text)                                       \
	{                                                                                          \
		section, #member, SETTING_TEXT, offsetof(cfg, member), sizeof(((cfg *)0)->member), \
		    0, 0, NULL, example, text                                                      \
	}
#define SETTING_AT_NUMBER(cfg, section, member, min, max, example, text)                           \
	{                                                                                          \
		section, #member, SETTING_NUMBER, offsetof(cfg, member), 0, min, max, NULL,        \
		    example, text                                                                  \
	}
#define SETTING_AT_FLAG(cfg, section, member, example, text)                                       \
	{                                                                                          \
		section, #member, SETTING_FLAG, offsetof(cfg, member), 0, 0, 0, NULL, example,     \
		    text                                                                           \
	}

/*
 * A section begins: kind and name as written, name empty where there is none. Returns what its
 * settings fill, which may be the configuration itself or a new element of it, or NULL with a
 * sentence in why. Without a handler there are no sections.
 */
typedef void *(*section_h)(void *config, struct slice kind, struct slice name, char *why,
			   size_t size);

/*
 * Read text into config. Returns 0, or -1 with "line N: what is wrong and how to mend it" in why;
 * config is then half filled and of no use.
 */
int settings_parse(struct slice text, const struct setting *table, section_h section, void *config,
		   char *why, size_t size);

/*
 * Read a whole file of at most max octets. Returns malloc'ed text of *len octets (the caller's), or
 * NULL with "cannot read PATH: ..." in why.
 */
char *settings_read_file(const char *path, size_t max, size_t *len, char *why, size_t size);

/* For --help: every setting with its example and its sentence, section by section. */
void settings_help(const struct setting *table, FILE *out);

#endif
