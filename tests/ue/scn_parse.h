/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scenario files into lines of words and blocks (docs/ims-ue.md, "Lines"). Pure: files are read
 * through a callback, so that tests and the fuzzer can give text. Variables are not replaced here
 * but by scn_expand(), when a line runs.
 */
#ifndef UE_SCN_PARSE_H
#define UE_SCN_PARSE_H

#include "ue/text.h"

#define SCN_WORDS_MAX	64
#define SCN_LINES_MAX	20000
#define SCN_INCLUDE_MAX 8
#define SCN_DEPTH_MAX	32

struct scn_word {
	char *text;	   /* quotes and escapes resolved, variables not */
	bool regex;	   /* was written as /.../ */
	bool quoted;	   /* some of it was in quotes */
	size_t start, end; /* in scn_line.raw */
};

struct scn_line {
	const char *file; /* owned by the program */
	int number;
	char *raw; /* the logical line, without comment */
	struct scn_word w[SCN_WORDS_MAX];
	unsigned n;
	int alt; /* if: its else, or -1 */
	int end; /* of a block: its `end`; others -1 */
};

struct scn_program {
	struct scn_line **lines;
	int n;
	char *files[256];
	int files_n;
};

struct scn_error {
	char file[256];
	int line;
	char text[256];
};

/* Give the contents of a file as ue_alloc()ed text, or NULL. */
typedef char *(*scn_reader)(const char *path, void *arg);

/* Returns 0, or -1 with *err filled and nothing to free. */
int scn_parse(const char *path, scn_reader read, void *arg, struct scn_program *out,
	      struct scn_error *err);
void scn_program_free(struct scn_program *p);

/* The value of a variable, NULL: unknown. */
typedef const char *(*scn_lookup)(struct slice name, void *arg);

/* Append text with $name and ${name} replaced. 0, or -1 with *unknown (may be NULL) the missing
 * name. */
int scn_expand(const char *text, scn_lookup lookup, void *arg, struct text *out,
	       struct slice *unknown);

/* "250ms", "3s", "2m" in ms. 0 or -1. */
int scn_time(const char *s, uint64_t *ms);

/* Whole decimal number, may be negative. 0 or -1. */
int scn_number(const char *s, int64_t *out);

/* a OP b with OP one of == != < > <= >=; as numbers if both are. 1 true, 0 false, -1 no such
 * comparison. */
int scn_compare(const char *a, const char *op, const char *b);

/* Integer expression of words: N (+|-|*|/|%) N ..., left to right. 0 or -1 (syntax, overflow,
 * division by 0). */
int scn_evaluate(char *const *words, unsigned n, int64_t *out);

#endif
