/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "ue/scn_parse.h"

struct parser {
	scn_reader read;
	void *arg;
	struct scn_program *prog;
	struct scn_error *err;
	int depth;
};

static int fail(struct parser *p, const char *file, int line, const char *text)
{
	snprintf(p->err->file, sizeof(p->err->file), "%s", file);
	p->err->line = line;
	snprintf(p->err->text, sizeof(p->err->text), "%s", text);
	return -1;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static char unescape(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	}
	return c;
}

/* End of "/.../" that starts at i: the slash before a blank or the end; 0 if there is none. */
static size_t regex_end(const char *s, size_t i)
{
	for (size_t k = i + 1; s[k]; k++) {
		if (s[k] == '\\' && s[k + 1])
			k++;
		else if (s[k] == '/' && (s[k + 1] == '\0' || blank(s[k + 1])))
			return k;
	}
	return 0;
}

static void read_regex(const char *s, size_t from, size_t to, struct text *t)
{
	for (size_t k = from; k < to; k++) {
		if (s[k] == '\\' && s[k + 1] == '/')
			continue;
		text_char(t, s[k]);
	}
}

/* One word at *i. 0, or -1: a quote is not closed. */
static int read_word(const char *s, size_t *i, struct scn_word *w)
{
	struct text t = {0};
	bool quoted = false;
	size_t k = *i, end;

	*w = (struct scn_word){.start = k};
	text_put(&t, SLICE_NULL);
	end = s[k] == '/' ? regex_end(s, k) : 0;
	if (end) {
		read_regex(s, k + 1, end, &t);
		w->regex = true;
		k = end + 1;
	} else {
		for (; s[k] && (quoted || !blank(s[k])); k++) {
			if (s[k] == '"') {
				quoted = !quoted;
				w->quoted = true;
			} else if (quoted && s[k] == '\\' && s[k + 1]) {
				text_char(&t, unescape(s[++k]));
			} else {
				text_char(&t, s[k]);
			}
		}
	}
	w->end = k;
	w->text = t.p;
	*i = k;
	return quoted ? -1 : 0;
}

static void line_free(struct scn_line *l)
{
	while (l->n)
		free(l->w[--l->n].text);
	free(l->raw);
	free(l);
}

/* Lines whose rest is a shell command: no comments, no quotes of ours in it. */
static bool takes_command(const char *s)
{
	return strncmp(s, "run ", 4) == 0 || strncmp(s, "capture ", 8) == 0;
}

/* Cut the comment off: a '#' at the start of a word, outside quotes. */
static void cut_comment(char *s)
{
	bool quoted = false;

	for (size_t i = 0; s[i]; i++) {
		if (quoted && s[i] == '\\' && s[i + 1])
			i++;
		else if (s[i] == '"')
			quoted = !quoted;
		else if (s[i] == '#' && !quoted && (i == 0 || blank(s[i - 1]))) {
			s[i] = '\0';
			return;
		}
	}
}

static int split_words(struct parser *p, struct scn_line *l)
{
	bool command = takes_command(l->raw);

	for (size_t i = 0; l->raw[i];) {
		int err;

		if (blank(l->raw[i])) {
			i++;
			continue;
		}
		if (l->n == SCN_WORDS_MAX)
			return command ? 0 : fail(p, l->file, l->number, "more than 64 words");
		err = read_word(l->raw, &i, &l->w[l->n++]);
		if (err && !command)
			return fail(p, l->file, l->number, "a quote is not closed");
	}
	return 0;
}

static int parse_file(struct parser *p, const char *path);

/* A path relative to the file that names it. */
static char *relative(const char *base, const char *path)
{
	const char *slash = strrchr(base, '/');
	struct text t = {0};

	if (path[0] != '/' && slash)
		text_put(&t, slice_make(base, (size_t)(slash - base) + 1));
	text_put(&t, slice_str(path));
	return t.p;
}

static int add_line(struct parser *p, const char *file, int number, char *raw)
{
	struct scn_program *g = p->prog;
	struct scn_line *l = ue_alloc(sizeof(*l));
	int rc;

	l->file = file;
	l->number = number;
	l->raw = raw;
	l->alt = l->end = -1;
	rc = split_words(p, l);
	if (rc == 0 && l->n && !l->w[0].quoted && strcmp(l->w[0].text, "include") == 0) {
		if (l->n != 2) {
			rc = fail(p, file, number, "include wants one file name");
		} else {
			char *path = relative(file, l->w[1].text);

			rc = parse_file(p, path);
			if (rc != 0 && p->err->line == 0)
				fail(p, file, number, "the included file cannot be read");
			free(path);
		}
		line_free(l);
		return rc;
	}
	if (rc == 0 && g->n == SCN_LINES_MAX)
		rc = fail(p, file, number, "more than 20000 lines");
	if (rc != 0 || l->n == 0) {
		line_free(l);
		return rc;
	}
	if ((g->n & (g->n - 1)) == 0) {
		size_t cap = g->n ? (size_t)g->n * 2 : 1;
		struct scn_line **grown = realloc(g->lines, cap * sizeof(*grown));

		if (!grown)
			exit(3);
		g->lines = grown;
	}
	g->lines[g->n++] = l;
	return 0;
}

static int parse_text(struct parser *p, const char *file, const char *text)
{
	struct slice rest = slice_str(text);
	struct text logical = {0};
	int number = 0, first = 0, rc = 0;

	while (rc == 0 && (rest.len || logical.len)) {
		struct slice line = slice_cut(&rest, '\n');
		bool more;

		number++;
		if (line.len && line.p[line.len - 1] == '\r')
			line.len--;
		more = line.len && line.p[line.len - 1] == '\\' && rest.len;
		if (line.len && line.p[line.len - 1] == '\\')
			line.len--;
		if (memchr(line.p ? line.p : "", '\0', line.len)) {
			rc = fail(p, file, number, "a NUL byte");
			break;
		}
		if (logical.len == 0)
			first = number;
		text_put(&logical, line);
		if (more) {
			text_char(&logical, ' ');
			continue;
		}
		char *raw = ue_dup(slice_trim(text_slice(&logical)));

		text_clear(&logical);
		if (!takes_command(raw))
			cut_comment(raw);
		rc = add_line(p, file, first, raw);
	}
	text_free(&logical);
	return rc;
}

static int parse_file(struct parser *p, const char *path)
{
	struct scn_program *g = p->prog;
	char *text;
	int rc;

	p->err->line = 0;
	if (p->depth >= SCN_INCLUDE_MAX || g->files_n == 256)
		return fail(p, path, 1, "too many files included");
	text = p->read(path, p->arg);
	if (!text) {
		snprintf(p->err->file, sizeof(p->err->file), "%s", path);
		snprintf(p->err->text, sizeof(p->err->text), "cannot be read");
		return -1;
	}
	g->files[g->files_n] = ue_dup(slice_str(path));
	p->depth++;
	rc = parse_text(p, g->files[g->files_n++], text);
	p->depth--;
	free(text);
	return rc;
}

static bool word_is(const struct scn_line *l, const char *s)
{
	return !l->w[0].quoted && strcmp(l->w[0].text, s) == 0;
}

/* Find the partners of repeat, for, if and proc. */
static int match_blocks(struct parser *p)
{
	struct scn_program *g = p->prog;
	int stack[SCN_DEPTH_MAX], n = 0;

	for (int i = 0; i < g->n; i++) {
		struct scn_line *l = g->lines[i];

		if (word_is(l, "repeat") || word_is(l, "for") || word_is(l, "if") ||
		    word_is(l, "proc")) {
			if (n == SCN_DEPTH_MAX)
				return fail(p, l->file, l->number, "blocks nested too deep");
			stack[n++] = i;
		} else if (word_is(l, "else")) {
			if (n == 0 || !word_is(g->lines[stack[n - 1]], "if") ||
			    g->lines[stack[n - 1]]->alt >= 0)
				return fail(p, l->file, l->number, "else without if");
			g->lines[stack[n - 1]]->alt = i;
		} else if (word_is(l, "end")) {
			if (n == 0)
				return fail(p, l->file, l->number, "end without a block");
			g->lines[stack[--n]]->end = i;
		}
	}
	if (n)
		return fail(p, g->lines[stack[n - 1]]->file, g->lines[stack[n - 1]]->number,
			    "this block has no end");
	return 0;
}

int scn_parse(const char *path, scn_reader read, void *arg, struct scn_program *out,
	      struct scn_error *err)
{
	struct parser p = {.read = read, .arg = arg, .prog = out, .err = err};
	int rc;

	*out = (struct scn_program){0};
	*err = (struct scn_error){0};
	rc = parse_file(&p, path);
	if (rc == 0)
		rc = match_blocks(&p);
	if (rc != 0)
		scn_program_free(out);
	return rc;
}

void scn_program_free(struct scn_program *p)
{
	while (p->n)
		line_free(p->lines[--p->n]);
	free(p->lines);
	while (p->files_n)
		free(p->files[--p->files_n]);
	*p = (struct scn_program){0};
}
