/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control flow, variables, waiting. */
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ue/conn.h"
#include "ue/dialog.h"
#include "ue/scn_run.h"

struct var {
	char *name, *value;
	struct var *next;
};

static struct var *vars;
static const struct scn_program *prog;
static bool checking;

const char *scn_var(struct slice name)
{
	for (struct var *v = vars; v; v = v->next)
		if (slice_eq(slice_str(v->name), name))
			return v->value;
	return NULL;
}

void scn_set_var(struct slice name, const char *value)
{
	struct var *v;

	for (v = vars; v; v = v->next)
		if (slice_eq(slice_str(v->name), name)) {
			ue_set(&v->value, slice_str(value));
			return;
		}
	v = ue_alloc(sizeof(*v));
	v->name = ue_dup(name);
	v->value = ue_dup(slice_str(value));
	v->next = vars;
	vars = v;
}

void scn_free_vars(void)
{
	while (vars) {
		struct var *v = vars;

		vars = v->next;
		free(v->name);
		free(v->value);
		free(v);
	}
}

static const char *lookup(struct slice name, void *arg)
{
	const char *v = scn_var(name);

	(void)arg;
	/* A check knows no values that come about at run time: any will do. */
	return !v && checking ? "1" : v;
}

int scn_fail(const struct scn_args *a, int code, const char *ue, const char *fmt, ...)
{
	char text[1024];
	struct text recent = {0};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	elog_flush();
	fprintf(stderr, "%s:%d: %s\n  in: %s\n", a->line->file, a->line->number, text,
		a->line->raw);
	if (ue && !checking) {
		elog_recent(&recent, ue, 12);
		fprintf(stderr, "  last messages%s%s:\n%s", ue[0] ? " of " : "", ue,
			recent.p ? recent.p : "");
		text_free(&recent);
	}
	elog_event("fail", "file", a->line->file, "line", elog_num(a->line->number), "text", text,
		   NULL);
	return code;
}

bool scn_wait(bool (*done)(void *arg), void *arg, uint64_t ms, uint64_t poll_ms)
{
	uint64_t end = loop_now_ms() + ms;

	for (;;) {
		uint64_t now, until = end;

		if (done && done(arg))
			return true;
		now = loop_now_ms();
		if (now >= end)
			return false;
		if (poll_ms && now + poll_ms < until)
			until = now + poll_ms;
		loop_once(until);
		net_reap();
	}
}

uint64_t scn_patience(void)
{
	const char *v = scn_var(SLICE_LIT("patience"));
	uint64_t n;

	return v && slice_u64(slice_str(v), 100, &n) == 0 && n > 0 ? n : 1;
}

uint64_t scn_default_within(void)
{
	const char *v = scn_var(SLICE_LIT("within"));
	uint64_t ms;

	return (v && scn_time(v, &ms) == 0 ? ms : 10000) * scn_patience();
}

int scn_take_time(struct scn_args *a, const char *word, uint64_t *ms)
{
	if (a->n < 2 || strcmp(a->w[a->n - 2], word) != 0)
		return 0;
	if (scn_time(a->w[a->n - 1], ms) != 0)
		return scn_fail(a, SCN_SYNTAX, NULL, "'%s' is no time (250ms, 3s, 2m)",
				a->w[a->n - 1]);
	if (strcmp(word, "within") == 0)
		*ms *= scn_patience();
	a->n -= 2;
	return 1;
}

char *scn_raw(const struct scn_args *a, unsigned from, unsigned to)
{
	const struct scn_line *l = a->line;
	struct text t = {0};
	struct slice unknown = SLICE_NULL;
	size_t start = l->w[from].start, end = to < l->n ? l->w[to - 1].end : strlen(l->raw);
	char *part = ue_dup(slice_make(l->raw + start, end - start));
	int rc = scn_expand(part, lookup, NULL, &t, &unknown);

	if (rc != 0) {
		scn_fail(a, SCN_SYNTAX, NULL, "variable '%.*s' is not set", (int)unknown.len,
			 unknown.p);
		text_free(&t);
	}
	free(part);
	return t.p;
}

struct ue *scn_ue_dot(const char *word, const char **rest)
{
	const char *dot = strchr(word, '.');

	if (!dot)
		return NULL;
	*rest = dot + 1;
	return ue_find(slice_make(word, (size_t)(dot - word)));
}

int scn_match(const char *re, struct slice text)
{
	char *copy = ue_dup(text);
	regex_t rx;
	int rc;

	if (regcomp(&rx, re, REG_EXTENDED | REG_NOSUB | REG_NEWLINE) != 0) {
		free(copy);
		return -1;
	}
	rc = regexec(&rx, copy, 0, NULL, 0) == 0;
	regfree(&rx);
	free(copy);
	return rc;
}

static int run_block(int from, int to);

static struct scn_line *find_proc(const char *name, int *at)
{
	for (int i = 0; i < prog->n; i++) {
		struct scn_line *l = prog->lines[i];

		if (strcmp(l->w[0].text, "proc") == 0 && l->n >= 2 &&
		    strcmp(l->w[1].text, name) == 0) {
			*at = i;
			return l;
		}
	}
	return NULL;
}

static int run_do(struct scn_args *a)
{
	static int depth;
	char *saved[SCN_WORDS_MAX] = {0};
	struct scn_line *p;
	int at = 0, rc;

	if (a->n < 2 || !(p = find_proc(a->w[1], &at)))
		return scn_fail(a, SCN_SYNTAX, NULL, "no proc '%s'", a->n < 2 ? "" : a->w[1]);
	if (p->n != a->n)
		return scn_fail(a, SCN_SYNTAX, NULL, "proc %s takes %u values, not %u", a->w[1],
				p->n - 2, a->n - 2);
	if (a->check_only)
		return SCN_OK;
	if (depth == SCN_DEPTH_MAX)
		return scn_fail(a, SCN_SYNTAX, NULL, "procs call each other too deep");
	for (unsigned i = 2; i < p->n; i++) {
		const char *old = scn_var(slice_str(p->w[i].text));

		saved[i] = old ? ue_dup(slice_str(old)) : NULL;
		scn_set_var(slice_str(p->w[i].text), a->w[i]);
	}
	depth++;
	rc = run_block(at + 1, p->end);
	depth--;
	for (unsigned i = 2; i < p->n; i++) {
		if (saved[i])
			scn_set_var(slice_str(p->w[i].text), saved[i]);
		free(saved[i]);
	}
	return rc;
}

static int run_repeat(struct scn_args *a, int at)
{
	int64_t times = 0;
	char number[24];
	int rc = SCN_OK;
	bool named = a->n == 4 && strcmp(a->w[2], "as") == 0;

	if ((a->n != 2 && !named) || scn_number(a->w[1], &times) != 0)
		return scn_fail(a, SCN_SYNTAX, NULL, "repeat N [as NAME]");
	if (a->check_only)
		return run_block(at + 1, a->line->end);
	for (int64_t i = 1; i <= times && rc == SCN_OK; i++) {
		if (named) {
			snprintf(number, sizeof(number), "%lld", (long long)i);
			scn_set_var(slice_str(a->w[3]), number);
		}
		rc = run_block(at + 1, a->line->end);
	}
	return rc;
}

static int run_for(struct scn_args *a, int at)
{
	int rc = SCN_OK;

	if (a->n < 3 || strcmp(a->w[2], "in") != 0)
		return scn_fail(a, SCN_SYNTAX, NULL, "for NAME in VALUE...");
	for (unsigned i = 3; i < a->n && rc == SCN_OK; i++) {
		scn_set_var(slice_str(a->w[1]), a->w[i]);
		rc = run_block(at + 1, a->line->end);
	}
	return rc;
}

static int run_if(struct scn_args *a, int at)
{
	int yes = a->n == 4 ? scn_compare(a->w[1], a->w[2], a->w[3]) : -1, alt = a->line->alt;
	int rc = SCN_OK;

	if (yes < 0)
		return scn_fail(a, SCN_SYNTAX, NULL, "if VALUE == VALUE (or !=, <, >, <=, >=)");
	if (yes || a->check_only)
		rc = run_block(at + 1, alt >= 0 ? alt : a->line->end);
	if (rc == SCN_OK && alt >= 0 && (!yes || a->check_only))
		rc = run_block(alt + 1, a->line->end);
	return rc;
}

static int run_set(struct scn_args *a)
{
	bool let = strcmp(a->w[0], "let") == 0;
	int64_t v;
	char number[24];

	if (a->n < 3 || (!let && a->n != 3))
		return scn_fail(a, SCN_SYNTAX, NULL, "%s NAME VALUE", a->w[0]);
	if (let) {
		if (scn_evaluate(a->w + 2, a->n - 2, &v) != 0)
			return a->check_only
				   ? SCN_OK
				   : scn_fail(a, SCN_SYNTAX, NULL, "this is no integer expression");
		snprintf(number, sizeof(number), "%lld", (long long)v);
		scn_set_var(slice_str(a->w[1]), number);
	} else if (strcmp(a->w[0], "set") == 0 || !scn_var(slice_str(a->w[1]))) {
		scn_set_var(slice_str(a->w[1]), a->w[2]);
	}
	return SCN_OK;
}

static int run_say(struct scn_args *a)
{
	char *text = a->n > 1 ? scn_raw(a, 1, a->line->n) : ue_dup(SLICE_NULL);

	if (!text)
		return SCN_SYNTAX;
	if (strcmp(a->w[0], "fail") == 0) {
		int rc = a->check_only ? SCN_OK : scn_fail(a, SCN_FAILED, NULL, "%s", text);

		free(text);
		return rc;
	}
	if (!a->check_only) {
		elog_line("--", "%s", text);
		elog_event("note", "text", text, NULL);
		elog_flush();
	}
	free(text);
	return SCN_OK;
}

/* All m-lines of a session, or with "/M" that one. */
static int reset_media(struct scn_args *a, const struct ue *u, const char *session)
{
	struct dialog *d = scn_session(u, session);
	struct media_line *only = strchr(session, '/') ? scn_media_line(d, session) : NULL;

	if (!d || !d->media || (strchr(session, '/') && !only))
		return scn_fail(a, SCN_FAILED, NULL, "%s has no media", a->w[2]);
	for (unsigned i = 0; i < d->media->lines; i++) {
		struct media_line *l = d->media->line[i];

		if (l->kind && (!only || l == only))
			l->kind->reset(l);
	}
	return SCN_OK;
}

static void report_line(const struct media_line *l)
{
	struct media_figures f;
	char name[96];

	if (!l->kind)
		return;
	l->kind->figures(l, &f);
	elog_line(
	    media_line_name(l, name),
	    "%s: sent %llu, received %llu, lost %llu, reordered %llu, repeated %llu, wrong %llu, "
	    "refused %llu, faults %llu, longest gap %llu ms",
	    l->kind->name, (unsigned long long)f.sent, (unsigned long long)f.received,
	    (unsigned long long)f.lost, (unsigned long long)f.reordered,
	    (unsigned long long)f.repeated, (unsigned long long)f.wrong,
	    (unsigned long long)f.refused, (unsigned long long)f.faults,
	    (unsigned long long)f.max_gap_us / 1000);
}

static int run_reset(struct scn_args *a)
{
	struct access *acc;
	struct ue *u;
	const char *rest;

	if (a->n == 3 && strcmp(a->w[1], "inbox") == 0 && (u = ue_find(slice_str(a->w[2])))) {
		ue_inbox_clear(u);
		return SCN_OK;
	}
	if (a->n == 3 && strcmp(a->w[1], "clear") == 0 && (acc = access_find(slice_str(a->w[2])))) {
		acc->clear_count = 0;
		acc->challenged = true;
		return SCN_OK;
	}
	if (a->n == 3 && strcmp(a->w[1], "media") == 0 && (u = scn_ue_dot(a->w[2], &rest))) {
		if (a->check_only)
			return SCN_OK;
		return reset_media(a, u, rest);
	}
	return scn_fail(a, SCN_SYNTAX, NULL,
			"reset inbox UE, reset media UE.SESSION or reset clear ACCESS");
}

static int run_report(struct scn_args *a)
{
	const char *rest = "";
	struct ue *u =
	    a->n == 3 && strcmp(a->w[1], "media") == 0 ? scn_ue_dot(a->w[2], &rest) : NULL;
	struct dialog *d;

	if (!u)
		return scn_fail(a, SCN_SYNTAX, NULL, "report media UE.SESSION");
	d = a->check_only ? NULL : scn_session(u, rest);
	for (unsigned i = 0; d && d->media && i < d->media->lines; i++)
		report_line(d->media->line[i]);
	return SCN_OK;
}

static int run_wait(struct scn_args *a)
{
	uint64_t ms;

	if (a->n != 2 || scn_time(a->w[1], &ms) != 0)
		return scn_fail(a, SCN_SYNTAX, NULL, "wait TIME");
	if (!a->check_only)
		scn_wait(NULL, NULL, ms, 0);
	return SCN_OK;
}

static int run_quiet(struct scn_args *a)
{
	if (a->n != 2 || (strcmp(a->w[1], "on") != 0 && strcmp(a->w[1], "off") != 0))
		return scn_fail(a, SCN_SYNTAX, NULL, "quiet on or quiet off");
	if (!a->check_only)
		elog_quiet(strcmp(a->w[1], "on") == 0);
	return SCN_OK;
}

static const struct {
	const char *word;
	int (*run)(struct scn_args *a);
} commands[] = {
    {"set", run_set},	  {"default", run_set},	       {"let", run_set},
    {"say", run_say},	  {"fail", run_say},	       {"wait", run_wait},
    {"reset", run_reset}, {"report", run_report},      {"quiet", run_quiet},
    {"do", run_do},	  {"expect", scn_expect},      {"access", scn_define},
    {"ue", scn_define},	  {"media", scn_define_media}, {"cms", scn_define_cms},
};

static int run_words(struct scn_args *a)
{
	struct ue *u;
	bool mine = false;
	int rc;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(a->w[0], commands[i].word) == 0)
			return commands[i].run(a);
	rc = scn_lab(a, &mine);
	if (mine)
		return rc;
	u = ue_find(slice_str(a->w[0]));
	if (u)
		return scn_action(u, a);
	if (a->n > 1 && scn_is_verb(a->w[1]))
		return a->check_only && strchr(a->line->w[0].text, '$')
			   ? SCN_OK
			   : scn_fail(a, SCN_SYNTAX, NULL, "no UE is called '%s'", a->w[0]);
	return scn_fail(a, SCN_SYNTAX, NULL, "'%s' is neither an action nor a UE", a->w[0]);
}

/* Replace the variables of a line. Empty words that were not quoted vanish. */
static int expand_line(const struct scn_line *l, struct scn_args *a)
{
	struct slice unknown = SLICE_NULL;

	for (unsigned i = 0; i < l->n; i++) {
		struct text t = {0};

		/* Names after set and the like are names, whatever they look like. */
		if (scn_expand(l->w[i].text, lookup, NULL, &t, &unknown) != 0) {
			text_free(&t);
			return scn_fail(a, SCN_SYNTAX, NULL, "variable '%.*s' is not set",
					(int)unknown.len, unknown.p);
		}
		if (t.len == 0 && !l->w[i].quoted && !l->w[i].regex) {
			text_free(&t);
			continue;
		}
		a->regex[a->n] = l->w[i].regex;
		a->w[a->n++] = t.p;
	}
	return SCN_OK;
}

static void args_free(struct scn_args *a)
{
	for (unsigned i = 0; i < SCN_WORDS_MAX; i++)
		free(a->w[i]);
}

static int run_line(int at, int *next)
{
	const struct scn_line *l = prog->lines[at];
	struct scn_args a = {.line = l, .check_only = checking};
	int rc;

	*next = l->end >= 0 ? l->end + 1 : at + 1;
	if (strcmp(l->w[0].text, "proc") == 0)
		return checking ? run_block(at + 1, l->end) : SCN_OK;
	rc = expand_line(l, &a);
	if (rc != SCN_OK || a.n == 0)
		;
	else if (l->end >= 0 && strcmp(a.w[0], "repeat") == 0)
		rc = run_repeat(&a, at);
	else if (l->end >= 0 && strcmp(a.w[0], "for") == 0)
		rc = run_for(&a, at);
	else if (l->end >= 0 && strcmp(a.w[0], "if") == 0)
		rc = run_if(&a, at);
	else
		rc = run_words(&a);
	args_free(&a);
	return rc;
}

static int run_block(int from, int to)
{
	int rc = SCN_OK, worst = SCN_OK;

	for (int i = from; i < to;) {
		rc = run_line(i, &i);
		if (rc != SCN_OK) {
			worst = rc;
			/* A check goes on, to name all errors at once. */
			if (!checking)
				return rc;
		}
		net_reap();
	}
	return worst;
}

/* What the scenario wants to be looked at while everything still stands: set on_failure "COMMAND".
 */
static void on_failure(void)
{
	const char *command = scn_var(SLICE_LIT("on_failure"));
	struct text out = {0};

	if (!command || checking)
		return;
	scn_shell(command, &out, 20000);
	fprintf(stderr, "  on_failure `%s`:\n%s\n", command, out.p ? out.p : "");
	text_free(&out);
}

int scn_play(const struct scn_program *p, bool check_only)
{
	int rc;

	prog = p;
	checking = check_only;
	rc = run_block(0, p->n);
	if (rc == SCN_FAILED)
		on_failure();
	return rc == SCN_OK ? 0 : -rc;
}
