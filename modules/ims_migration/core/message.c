/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A SIP message: start line, headers, body. */
#include "modules/ims_migration/core/work.h"

#include <stdio.h>

#include "sip/chars.h"
#include "sip/header.h"
#include "sip/name_addr.h"

enum { CUTS_MAX = 8 };

/* Headers that are true of the text as it was: cut where it was changed. */
struct cuts {
	unsigned n;
	struct slice line[CUTS_MAX];
	bool identity[CUTS_MAX];
};

static bool is_one_of(struct slice name, const char *const *names)
{
	for (; *names; names++)
		if (slice_eq_nocase(name, slice_str(*names)))
			return true;
	return false;
}

/* Credentials: does "response" have a value? That was computed with username, realm and uri (RFC 2617 3.2.2.1). */
static bool has_response(struct slice value)
{
	size_t i = 0;

	while (i < value.len) {
		size_t start = i, quoted;
		struct slice word, rest;

		if (value.p[i] == '"') {
			quoted = sip_quoted_len(sip_drop(value, i));
			if (!quoted)
				return true; /* who knows */
			i += quoted;
			continue;
		}
		while (i < value.len && sip_is_token_char(value.p[i]))
			i++;
		word = slice_make(value.p + start, i - start);
		i += i == start;
		if (!slice_eq_nocase(word, SLICE_LIT("response")))
			continue;
		rest = sip_skip_blanks(sip_drop(value, i));
		if (!rest.len || *rest.p != '=')
			continue;
		rest = sip_skip_blanks(sip_drop(rest, 1));
		return !(rest.len >= 2 && rest.p[0] == '"' && rest.p[1] == '"');
	}
	return false;
}

static void credentials_swap(struct migration_work *w, struct slice value)
{
	unsigned before = w->e->n;

	scan_text(w, value, MIGRATION_TEXT_QUOTING);
	if (w->e->n > before && !w->policy->swap_digest && has_response(value))
		work_refuse(w, MIGRATION_DIGEST);
}

static void note(struct cuts *cuts, struct migration_work *w, struct slice line, bool identity)
{
	if (cuts->n == CUTS_MAX) {
		work_refuse(w, MIGRATION_TOO_MUCH);
		return;
	}
	cuts->line[cuts->n] = line;
	cuts->identity[cuts->n++] = identity;
}

static void header_swap(struct migration_work *w, struct slice name, struct slice value,
			struct slice line, struct head *head, struct cuts *cuts)
{
	static const char *const of_call_id[] = {
	    "Call-ID", "i", "Replaces", "In-Reply-To", "Join", "Target-Dialog", NULL};
	static const char *const credentials[] = {"Authorization", "Proxy-Authorization", NULL};
	static const char *const identity[] = {"Identity", "y", "Identity-Info", "n", NULL};
	uint64_t length;

	if (w->policy->keep_call_id && is_one_of(name, of_call_id))
		return;
	if (is_one_of(name, credentials)) {
		credentials_swap(w, value);
		return;
	}
	if (is_one_of(name, identity)) {
		note(cuts, w, line, true);
		return;
	}
	if (slice_eq_nocase(name, SLICE_LIT("Content-MD5")))
		note(cuts, w, line, false);
	else if (slice_eq_nocase(name, SLICE_LIT("Content-Type")) ||
		 slice_eq_nocase(name, SLICE_LIT("c")))
		head->type = value;
	else if (slice_eq_nocase(name, SLICE_LIT("Content-Encoding")) ||
		 slice_eq_nocase(name, SLICE_LIT("e")))
		head->encoding = value;
	else if (slice_eq_nocase(name, SLICE_LIT("Content-Transfer-Encoding")))
		head->transfer = value;
	else if ((slice_eq_nocase(name, SLICE_LIT("Content-Length")) ||
		  slice_eq_nocase(name, SLICE_LIT("l"))) &&
		 slice_u64(value, UINT32_MAX, &length) == 0) {
		head->length_at = work_at(w, value.p);
		head->length_len = value.len;
	}
	scan_text(w, value, MIGRATION_TEXT_QUOTING);
}

static void walk_headers(struct migration_work *w, struct slice text, struct head *out,
			 struct cuts *cuts)
{
	struct slice rest = text, name, value;
	const char *start = rest.p;

	*out = (struct head){0};
	cuts->n = 0;
	while (sip_header_next(&rest, &name, &value)) {
		struct slice line = slice_make(start, (size_t)(rest.p - start));

		if (value.p)
			header_swap(w, name, value, line, out, cuts);
		else
			scan_text(w, name, MIGRATION_TEXT_QUOTING);
		start = rest.p;
	}
	out->body = rest;
}

void headers_swap(struct migration_work *w, struct slice text, struct head *out)
{
	struct cuts cuts;

	walk_headers(w, text, out, &cuts);
}

void length_swap(struct migration_work *w, const struct head *h, unsigned first)
{
	long growth = migration_edits_growth(w->e, first, work_at(w, h->body.p), h->body.len);
	char text[24];
	uint64_t length;
	int n;

	if (!growth || !h->length_len ||
	    slice_u64(slice_make(w->all.p + h->length_at, h->length_len), UINT32_MAX, &length))
		return;
	n = snprintf(text, sizeof(text), "%lld", (long long)length + growth);
	migration_edits_add(w->e, h->length_at, h->length_len, slice_make(text, (size_t)n));
}

/* The text up to the end of its first line. */
static struct slice first_line(struct slice text)
{
	const char *end = text.len ? memchr(text.p, '\n', text.len) : NULL;

	return slice_make(text.p, end ? (size_t)(end - text.p) + 1 : text.len);
}

/* Does a request begin something? What is in a dialog has a To tag; CANCEL and ACK belong to what has begun. */
static bool begins(struct slice text)
{
	struct slice line = first_line(text), rest = sip_drop(text, line.len), name, value, tag;
	struct sip_name_addr to;

	if (line.len > 8 && slice_eq_nocase(slice_make(line.p, 8), SLICE_LIT("SIP/2.0 ")))
		return false;
	if (!memcmp(line.p, "ACK ", line.len < 4 ? line.len : 4) ||
	    !memcmp(line.p, "CANCEL ", line.len < 7 ? line.len : 7))
		return false;
	while (sip_header_next(&rest, &name, &value))
		if (value.p && (slice_eq_nocase(name, SLICE_LIT("To")) ||
				slice_eq_nocase(name, SLICE_LIT("t"))))
			return sip_name_addr_parse(value, &to) ||
			       sip_param_get(to.params, SLICE_LIT("tag"), &tag) != 1;
	return true;
}

/* The body as Content-Length has it; what stands behind it is no part of it (RFC 3261 18.3). */
static void limit_body(struct migration_work *w, struct head *h)
{
	struct slice behind;
	uint64_t length;

	if (!h->length_len ||
	    slice_u64(slice_make(w->all.p + h->length_at, h->length_len), UINT32_MAX, &length))
		return;
	if (length > h->body.len) {
		work_refuse(w, MIGRATION_MALFORMED);
		return;
	}
	behind = sip_drop(h->body, (size_t)length);
	h->body.len = (size_t)length;
	scan_text(w, behind, MIGRATION_TEXT_QUOTING);
}

void message_swap(struct migration_work *w, struct slice text, unsigned depth, bool top)
{
	struct slice line = first_line(text);
	unsigned first = w->e->n, before_body;
	struct cuts cuts;
	struct head h;

	if (top) {
		w->begins = begins(text);
		w->r->start_line = line.len;
	}
	scan_text(w, line, MIGRATION_TEXT_QUOTING);
	walk_headers(w, sip_drop(text, line.len), &h, &cuts);
	if (top)
		w->r->length_at = h.length_len ? h.length_at : 0;
	limit_body(w, &h);
	before_body = w->e->n;
	body_swap(w, &h, depth);
	if (top)
		w->r->body = w->e->n > before_body;
	if (w->e->n > before_body)
		length_swap(w, &h, before_body);
	for (unsigned i = 0; i < cuts.n && w->e->n > first; i++) {
		migration_edits_add(w->e, work_at(w, cuts.line[i].p), cuts.line[i].len, SLICE_NULL);
		w->r->signatures += cuts.identity[i];
	}
}

static void finish(struct migration_work *w)
{
	if (migration_edits_sort(w->e))
		work_refuse(w, MIGRATION_TOO_MUCH);
}

static void begin(struct migration_edits *e, struct migration_result *r)
{
	memset(r, 0, sizeof(*r));
	migration_edits_clear(e);
}

void migration_swap(const struct migration_view *view, const struct migration_policy *policy,
		    enum migration_direction direction, struct slice message,
		    struct migration_edits *e, struct migration_result *r)
{
	struct migration_work w = {
	    .view = view, .policy = policy, .direction = direction, .all = message, .e = e, .r = r};

	begin(e, r);
	if (message.len < 16 || message.len > UINT32_MAX / 2) {
		work_refuse(&w, MIGRATION_MALFORMED);
		return;
	}
	message_swap(&w, message, 0, true);
	finish(&w);
}

void migration_swap_part(const struct migration_view *view, const struct migration_policy *policy,
			 enum migration_direction direction, struct slice part,
			 struct migration_edits *e, struct migration_result *r)
{
	struct migration_work w = {
	    .view = view, .policy = policy, .direction = direction, .all = part, .e = e, .r = r};

	begin(e, r);
	scan_text(&w, part, MIGRATION_TEXT_QUOTING);
	finish(&w);
}

const char *migration_verdict_name(enum migration_verdict v)
{
	static const char *const names[MIGRATION_VERDICTS] = {
	    "ok",     "foreign", "unknown", "over",	 "unmapped",  "left",
	    "opaque", "sealed",	 "digest",  "ambiguous", "malformed", "too_much",
	};

	return (unsigned)v < MIGRATION_VERDICTS ? names[v] : "?";
}

int migration_verdict_status(enum migration_verdict v, const char **reason)
{
	static const struct {
		int status;
		const char *reason;
	} of[MIGRATION_VERDICTS] = {
	    [MIGRATION_OK] = {200, "OK"},
	    [MIGRATION_FOREIGN] = {403, "Identity Is Not Valid At This Border"},
	    [MIGRATION_UNKNOWN] = {404, "Identity Of Nobody"},
	    [MIGRATION_OVER] = {404, "Migration Is Over"},
	    [MIGRATION_UNMAPPED] = {403, "Identity Cannot Cross This Border"},
	    [MIGRATION_LEFT] = {403, "Identity Cannot Be Replaced"},
	    [MIGRATION_OPAQUE] = {488, "Body Cannot Be Read At This Border"},
	    [MIGRATION_SEALED] = {488, "Signed Body Has An Identity"},
	    [MIGRATION_DIGEST] = {403, "Credentials Have An Identity"},
	    [MIGRATION_AMBIGUOUS] = {400, "Identity Cannot Be Replaced Reversibly"},
	    [MIGRATION_MALFORMED] = {400, "Message Cannot Be Read At This Border"},
	    [MIGRATION_TOO_MUCH] = {513, "Too Many Identities"},
	};

	if ((unsigned)v >= MIGRATION_VERDICTS)
		v = MIGRATION_MALFORMED;
	*reason = of[v].reason;
	return of[v].status;
}
