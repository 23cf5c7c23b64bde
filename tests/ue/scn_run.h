/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files that run a scenario: a line with its variables replaced, waiting, failing. */
#ifndef UE_SCN_RUN_H
#define UE_SCN_RUN_H

#include "ue/scn_parse.h"
#include "ue/ue.h"

enum scn_result {
	SCN_OK = 0,
	SCN_FAILED = -1,  /* exit code 1 */
	SCN_SYNTAX = -2,  /* exit code 2 */
	SCN_MACHINE = -3, /* exit code 3 */
};

/* A line about to run. */
struct scn_args {
	const struct scn_line *line;
	char *w[SCN_WORDS_MAX];
	bool regex[SCN_WORDS_MAX];
	unsigned n;
	bool check_only; /* look at names and words, do nothing */
};

/* Say what went wrong with this line; returns code. ue: whose messages to quote, "" all, NULL none.
 */
int scn_fail(const struct scn_args *a, int code, const char *ue, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Run the event loop for ms, or until done(arg) (looked at after every event, and every poll_ms if
 * not 0). */
bool scn_wait(bool (*done)(void *arg), void *arg, uint64_t ms, uint64_t poll_ms);

/* Take `within T` (or another word and a time) off the end of the line. 1 found, 0 not there,
 * SCN_SYNTAX. */
int scn_take_time(struct scn_args *a, const char *word, uint64_t *ms);
/* The default of `within`, ms. */
uint64_t scn_default_within(void);
/* How many times longer than written what happens "within" a time may take: $patience, or 1. */
uint64_t scn_patience(void);

/* The raw text of words from to (not included) of the line, variables replaced; NULL after
 * scn_fail(). */
char *scn_raw(const struct scn_args *a, unsigned from, unsigned to);

const char *scn_var(struct slice name);
void scn_set_var(struct slice name, const char *value);

/* "A.s1": the UE and the rest. NULL if there is no dot or no such UE. */
struct ue *scn_ue_dot(const char *word, const char **rest);

struct dialog;
struct media_line;
/* "s1" or "s1/2": the session, and its m-line (without "/2" the first). NULL: there is none. */
struct dialog *scn_session(const struct ue *u, const char *word);
struct media_line *scn_media_line(const struct dialog *d, const char *word);
/* Is each of these plans of m-lines defined? If not, *unknown. */
bool scn_plans_known(const char *plans, struct slice *unknown);

/* Commands in the order in which they are tried; each returns an enum scn_result. */
int scn_define(struct scn_args *a);		  /* access, ue: scn_define.c */
int scn_lab(struct scn_args *a, bool *mine);	  /* cut, restore, run, capture: scn_lab.c */
int scn_action(struct ue *u, struct scn_args *a); /* A verb ...: scn_action.c */
int scn_expect(struct scn_args *a);		  /* scn_expect.c */
int scn_define_cms(struct scn_args *a);		  /* cms NAME: scn_config.c */
int scn_define_media(struct scn_args *a);	  /* media NAME: scn_media.c */
/* message, report, floor, sent, and media ... is: scn_media.c */
int scn_expect_stream(struct scn_args *a, uint64_t ms, bool *mine);
int scn_expect_media(struct scn_args *a, uint64_t ms, bool has_time);
int scn_expect_reginfo(struct ue *u, struct scn_args *a, uint64_t ms);
/* Whether this is a verb of UEs, for lines that name a UE not yet known. */
bool scn_is_verb(const char *word);

/* Run a shell command while the loop goes on; its output (may be NULL) is appended. Exit code, 128
 * + signal, or -1. */
int scn_shell(const char *command, struct text *output, uint64_t limit_ms);

/* ERE, newline-aware. 1 match, 0 none, -1 bad expression. */
int scn_match(const char *re, struct slice text);

/* Play or check a program; the process's exit code. */
int scn_play(const struct scn_program *p, bool check_only);
void scn_free_vars(void);

#endif
