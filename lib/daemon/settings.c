/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/settings.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/log.h"

/* Where a parse stands. */
struct parse {
	const struct setting *table;
	section_h section;
	void *config;
	void *into;    /* what the open section fills */
	char kind[32]; /* of the open section */
	struct words words;
	char *why;
	size_t size;
};

static int set_text(struct parse *p, const struct setting *s, struct slice value)
{
	if (slice_copy(value, (char *)p->into + s->offset, s->size) == 0)
		return 0;
	snprintf(p->why, p->size, "%s takes at most %zu octets", s->name, s->size - 1);
	return -1;
}

static int set_number(struct parse *p, const struct setting *s, struct slice value)
{
	char *at = (char *)p->into + s->offset;
	uint64_t n;

	if (slice_u64(value, s->max, &n) || n < s->min) {
		snprintf(p->why, p->size, "%s takes a number from %u to %u", s->name, s->min,
			 s->max);
		return -1;
	}
	if (s->kind == SETTING_PORT)
		*(uint16_t *)(void *)at = (uint16_t)n;
	else
		*(uint32_t *)(void *)at = (uint32_t)n;
	return 0;
}

static int set_flag(struct parse *p, const struct setting *s, struct slice value)
{
	bool *at = (bool *)p->into + s->offset;

	if (slice_eq_nocase(value, SLICE_LIT("yes")) || slice_eq_nocase(value, SLICE_LIT("on"))) {
		*at = true;
		return 0;
	}
	if (slice_eq_nocase(value, SLICE_LIT("no")) || slice_eq_nocase(value, SLICE_LIT("off"))) {
		*at = false;
		return 0;
	}
	snprintf(p->why, p->size, "%s is yes or no", s->name);
	return -1;
}

static int set_level(struct parse *p, const struct setting *s, struct slice value)
{
	int level = log_level_parse(value);

	if (level < 0) {
		snprintf(p->why, p->size, "%s is error, warning, notice, info or debug", s->name);
		return -1;
	}
	*(int *)(void *)((char *)p->into + s->offset) = level;
	return 0;
}

static int set_value(struct parse *p, const struct setting *s)
{
	const struct slice value = p->words.w[1];

	if (s->kind == SETTING_OTHER)
		return s->set(p->into, s, &p->words, p->why, p->size);
	if (p->words.n != 2) {
		snprintf(p->why, p->size, "%s takes one value, such as %s", s->name, s->example);
		return -1;
	}
	switch (s->kind) {
	case SETTING_TEXT:
		return set_text(p, s, value);
	case SETTING_NUMBER:
	case SETTING_PORT:
		return set_number(p, s, value);
	case SETTING_FLAG:
		return set_flag(p, s, value);
	case SETTING_LEVEL:
		return set_level(p, s, value);
	case SETTING_OTHER:
		break;
	}
	return -1;
}

static int begin_section(struct parse *p, struct slice line)
{
	struct slice name = slice_make(line.p + 1, line.len - 2), kind;

	name = slice_trim(name);
	kind = slice_cut(&name, ' ');
	name = slice_trim(name);
	if (!p->section || slice_copy(kind, p->kind, sizeof(p->kind))) {
		snprintf(p->why, p->size, "there is no section [%.*s]",
			 (int)(kind.len < 40 ? kind.len : 40), kind.p);
		return -1;
	}
	p->into = p->section(p->config, kind, name, p->why, p->size);
	return p->into ? 0 : -1;
}

/* "name = value" and "name=value" become "name value". */
static void drop_equals(struct words *w)
{
	struct slice rest = w->w[0], name = slice_cut(&rest, '=');

	if (rest.p && rest.len && w->n < WORDS_MAX) {
		memmove(&w->w[2], &w->w[1], (w->n - 1) * sizeof(w->w[0]));
		w->w[1] = rest;
		w->n++;
	}
	w->w[0] = name;
	if (!rest.p && w->n >= 2 && slice_eq(w->w[1], SLICE_LIT("="))) {
		memmove(&w->w[1], &w->w[2], (w->n - 2) * sizeof(w->w[0]));
		w->n--;
	} else if (!rest.p && w->n >= 2 && w->w[1].len > 1 && w->w[1].p[0] == '=') {
		w->w[1] = slice_make(w->w[1].p + 1, w->w[1].len - 1);
	}
}

static int read_line(struct parse *p, struct slice line)
{
	const struct setting *s = p->table;
	struct slice bare = line;
	int err = words_split(line, &p->words);

	if (err) {
		snprintf(p->why, p->size, "%s", words_strerror(err));
		return -1;
	}
	if (p->words.n == 0)
		return 0;
	if (p->words.w[0].len && p->words.w[0].p[0] == '[') {
		bare = slice_trim(slice_cut(&bare, '#'));
		if (bare.len && bare.p[bare.len - 1] == ']')
			return begin_section(p, bare);
	}
	drop_equals(&p->words);
	while (s->name &&
	       (!slice_eq(slice_str(s->name), p->words.w[0]) || strcmp(s->section, p->kind) != 0))
		s++;
	if (s->name)
		return set_value(p, s);
	snprintf(p->why, p->size, "unknown setting '%.*s'%s%s%s; --help lists them",
		 (int)(p->words.w[0].len < 40 ? p->words.w[0].len : 40), p->words.w[0].p,
		 p->kind[0] ? " in [" : "", p->kind, p->kind[0] ? "]" : "");
	return -1;
}

int settings_parse(struct slice text, const struct setting *table, section_h section, void *config,
		   char *why, size_t size)
{
	struct parse *p = calloc(1, sizeof(*p));
	char reason[256] = "";
	unsigned int line = 0;
	int err = 0;

	if (!p) {
		snprintf(why, size, "no memory");
		return -1;
	}
	p->table = table;
	p->section = section;
	p->config = p->into = config;
	p->why = reason;
	p->size = sizeof(reason);
	while (text.p && err == 0) {
		line++;
		err = read_line(p, slice_cut(&text, '\n'));
	}
	if (err)
		snprintf(why, size, "line %u: %s", line, reason);
	explicit_bzero(p, sizeof(*p));
	free(p);
	return err ? -1 : 0;
}

char *settings_read_file(const char *path, size_t max, size_t *len, char *why, size_t size)
{
	FILE *f = fopen(path, "re");
	char *text;

	if (!f) {
		snprintf(why, size, "cannot read %s: %s; name the file with -c", path,
			 strerror(errno));
		return NULL;
	}
	text = malloc(max + 1);
	*len = text ? fread(text, 1, max + 1, f) : 0;
	if (text && !ferror(f) && *len <= max) {
		fclose(f);
		return text;
	}
	snprintf(why, size, "cannot read %s: %s", path,
		 !text	     ? "no memory"
		 : ferror(f) ? strerror(errno)
			     : "it is too big");
	fclose(f);
	free(text);
	return NULL;
}

void settings_help(const struct setting *table, FILE *out)
{
	const char *section = "";

	for (const struct setting *s = table; s->name; s++) {
		if (strcmp(section, s->section) != 0)
			fprintf(out, "[%s]\n", s->section);
		section = s->section;
		fprintf(out, "  %s %s\n        %s\n", s->name, s->example, s->text);
	}
}
