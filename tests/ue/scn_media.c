/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines about media: how an m-line is done, what a phone sends in it, what is expected of it. */
#include <stdio.h>
#include <stdlib.h>

#include "ue/media_bfcp.h"
#include "ue/media_msrp.h"
#include "ue/media_stream.h"
#include "ue/scn_action.h"

/* ---- media NAME KIND [OPTION]... ---- */

int scn_define_media(struct scn_args *a)
{
	struct media_plan *p;

	if (a->n < 3)
		return scn_fail(a, SCN_SYNTAX, NULL,
				"media NAME rtp|srtp|msrp|msrps|bfcp|bfcps ...");
	if (media_plan_find(slice_str(a->w[1])))
		return a->check_only
			   ? SCN_OK
			   : scn_fail(a, SCN_SYNTAX, NULL, "media '%s' is there already", a->w[1]);
	p = media_plan_new(slice_str(a->w[1]));
	for (unsigned i = 2; i < a->n; i++)
		if (media_plan_option(p, a->w[i]) != 0 &&
		    !(a->check_only && strchr(a->line->raw, '$')))
			return scn_fail(a, SCN_SYNTAX, NULL, "media: bad option '%s'", a->w[i]);
	return SCN_OK;
}

bool scn_plans_known(const char *plans, struct slice *unknown)
{
	struct slice rest = slice_str(plans);

	while (rest.len) {
		*unknown = slice_trim(slice_cut(&rest, ','));
		if (!media_plan_find(*unknown))
			return false;
	}
	return true;
}

/* ---- UE.SESSION[/M] ---- */

struct media_line *scn_media_line(const struct dialog *d, const char *session)
{
	const char *slash = strchr(session, '/');

	return d && d->media ? media_find(d->media, slice_str(slash ? slash + 1 : NULL)) : NULL;
}

struct dialog *scn_session(const struct ue *u, const char *word)
{
	struct slice rest = slice_str(word);

	return u ? dialog_find(u, slice_cut(&rest, '/')) : NULL;
}

/* The m-line that a word of an expectation means, and its session; NULL: there is none. */
static struct media_line *line_of(const char *word, struct dialog **d)
{
	const char *rest = "";
	struct ue *u = scn_ue_dot(word, &rest);

	*d = scn_session(u, rest);
	return scn_media_line(*d, rest);
}

/* ---- what a phone sends ---- */

bool option_send(struct action *x, const char *w)
{
	const char *eq = strchr(w, '=');
	uint64_t n = 0;

	if (strcmp(w, "success") == 0)
		return x->send.success = true;
	if (eq && strncmp(w, "type=", 5) == 0)
		x->send.type = eq + 1;
	else if (eq && strncmp(w, "failure=", 8) == 0)
		x->send.failure = eq + 1;
	else if (eq && slice_u64(slice_str(eq + 1), INT64_MAX, &n) == 0 &&
		 strncmp(w, "chunk=", 6) == 0)
		x->send.chunk = n;
	else if (eq && slice_u64(slice_str(eq + 1), INT64_MAX, &n) == 0 &&
		 strncmp(w, "rate=", 5) == 0)
		x->send.rate = n;
	else
		return false;
	return true;
}

int do_send(struct action *x)
{
	struct op *op = &x->dialog->media_op;
	bool file = strcmp(x->a->w[1], "send-file") == 0;
	int rc = file ? msrp_send_file(x->mline, &x->send, op)
		      : msrp_send(x->mline, slice_str(x->text), &x->send, op);

	x->op = op;
	return rc == 0 ? SCN_OK
		       : scn_fail(x->a, SCN_FAILED, x->ue->name, "%s: %s", x->a->w[2],
				  file ? "this m-line has no file to send"
				       : "this m-line does not send messages");
}

int do_floor(struct action *x)
{
	x->op = &x->dialog->media_op;
	return bfcp_do(x->mline, x->a->w[3], x->op) == 0
		   ? SCN_OK
		   : scn_fail(x->a, SCN_FAILED, x->ue->name,
			      "%s cannot '%s': no connection, not its part, or nothing was asked",
			      x->a->w[2], x->a->w[3]);
}

int do_disconnect(struct action *x)
{
	return stream_disconnect(x->mline) == 0
		   ? SCN_OK
		   : scn_fail(x->a, SCN_FAILED, x->ue->name, "%s has no connection", x->a->w[2]);
}

/* ---- what is expected ---- */

struct media_wait {
	const struct scn_args *a;
	struct dialog *d;
	struct media_line *line;
	bool bad_re;
	char now[128];
};

static bool message_fits(const struct msrp_message *m, void *arg)
{
	struct media_wait *w = arg;
	const struct scn_args *a = w->a;
	char size[24];
	int rc;

	if (strcmp(a->w[3], "~") == 0) {
		rc = m->whole ? scn_match(a->w[4], text_slice(&m->data)) : 0;
		w->bad_re = w->bad_re || rc < 0;
		return rc > 0;
	}
	snprintf(size, sizeof(size), "%llu", (unsigned long long)m->size);
	snprintf(w->now, sizeof(w->now), "%zu of %s octets, %llu wrong%s", m->data.len, size,
		 (unsigned long long)m->wrong, m->compared ? "" : ", nothing to compare with");
	return m->whole && m->compared && !m->wrong &&
	       (a->n == 4 || scn_compare(size, a->w[5], a->w[6]) == 1);
}

static bool message_came(void *arg)
{
	struct media_wait *w = arg;
	struct msrp_message *m = w->d->media ? msrp_find(w->line, message_fits, w) : NULL;

	if (m)
		m->taken = true;
	return m || w->bad_re;
}

static bool report_came(void *arg)
{
	struct media_wait *w = arg;

	snprintf(w->now, sizeof(w->now), "%d", w->d->media ? msrp_last_report(w->line) : 0);
	return strcmp(w->now, w->a->w[3]) == 0;
}

static bool floor_is(void *arg)
{
	struct media_wait *w = arg;

	snprintf(w->now, sizeof(w->now), "%s",
		 w->d->media ? ue_bfcp_status_name(bfcp_floor(w->line)) : "over");
	return strcmp(w->now, w->a->w[3]) == 0;
}

/* "CODE", "4xx", "any" */
static bool sent_is(void *arg)
{
	struct media_wait *w = arg;
	const struct op *op = &w->d->media_op;
	const char *want = w->a->w[3];

	snprintf(w->now, sizeof(w->now), "%d %s", op->code, op->text);
	return op->code && (strcmp(want, "any") == 0 || strncmp(w->now, want, 3) == 0 ||
			    (strcmp(want + 1, "xx") == 0 && want[0] == w->now[0]));
}

static bool media_is(void *arg)
{
	struct media_wait *w = arg;

	snprintf(w->now, sizeof(w->now), "%s",
		 !w->d->media	    ? "over"
		 : w->line->refused ? "port0"
				    : w->line->kind->state(w->line));
	return strcmp(w->now, w->a->w[4]) == 0;
}

static int await(struct scn_args *a, bool (*is)(void *), uint64_t ms)
{
	struct media_wait w = {.a = a};
	bool session_only = is == sent_is;

	if (a->check_only)
		return SCN_OK;
	w.line = line_of(a->w[2], &w.d);
	if (!w.d || (!session_only && !w.line))
		return scn_fail(a, SCN_FAILED, "", "there is no %s '%s'",
				w.d ? "m-line" : "session", a->w[2]);
	if (scn_wait(is, &w, ms, 0))
		return w.bad_re ? scn_fail(a, SCN_SYNTAX, NULL, "bad regular expression") : SCN_OK;
	return scn_fail(a, SCN_FAILED, w.d->ue->name, "%s of %s: it is %s", a->w[1], a->w[2],
			w.now[0] ? w.now : "not there");
}

int scn_expect_stream(struct scn_args *a, uint64_t ms, bool *mine)
{
	const char *what = a->w[1];

	*mine = true;
	if (strcmp(what, "message") == 0) {
		bool match = a->n == 5 && strcmp(a->w[3], "~") == 0;
		bool whole = (a->n == 4 || (a->n == 7 && strcmp(a->w[4], "size") == 0 &&
					    scn_compare("1", a->w[5], "1") >= 0)) &&
			     strcmp(a->w[3], "whole") == 0;

		return match || whole ? await(a, message_came, ms)
				      : scn_fail(a, SCN_SYNTAX, NULL,
						 "expect message UE.SESSION[/M] ~ /RE/, ... whole "
						 "[size == N]");
	}
	if (strcmp(what, "report") == 0 && a->n == 4)
		return await(a, report_came, ms);
	if (strcmp(what, "floor") == 0 && a->n == 4)
		return await(a, floor_is, ms);
	if (strcmp(what, "sent") == 0 && a->n == 4)
		return await(a, sent_is, ms);
	if (strcmp(what, "media") == 0 && a->n == 5 && strcmp(a->w[3], "is") == 0)
		return await(a, media_is, ms);
	*mine = false;
	return SCN_OK;
}
