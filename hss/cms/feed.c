/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cms/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/log.h"
#include "hss/cms/client.h"
#include "hss/cms/counters.h"
#include "hss/cms/message.h"

enum { AT_ONCE = 32, AGAIN_S = 3600, COMPARE_FAILED_S = 30 };
#define MIGRATIONS "/api/v1/migrations"

/* Who waits until all is told; the thread of feed_tick() alone knows them. */
struct waiter {
	struct waiter *next;
	int64_t until;
	feed_all_h done;
	void *arg;
};

static struct {
	struct cms *cms;
	struct waiter *waiter;
	int64_t again;		 /* when all that lives is told once more */
	_Atomic int64_t compare; /* when the HSS's list is read next; INT64_MAX while it is */
} feed;

void feed_start(struct cms *cms)
{
	feed.cms = cms;
	feed.again = 0;
	feed.compare = 0;
}

static bool on(void)
{
	return feed.cms->cfg->hss[0] != '\0';
}

/* ---- one grant ---- */

struct feeding {
	char id[ID_SIZE];
	int64_t seq;
	bool lives;
	feed_done_h done;
	void *arg;
};

static void end(struct feeding *f, bool known)
{
	grant_fed(feed.cms, f->id, f->seq, known, time(NULL));
	count(known ? COUNT_fed : COUNT_feed_failed, 1);
	if (f->done)
		f->done(f->arg, known);
	free(f);
}

/* What is over there and lives here cannot be: it is told so, and does not come again. */
static void end_here(const char *id)
{
	const struct selection it = {.id = id, .both = true};

	if (grants_withdraw(feed.cms, &it, "hss", "ended in the HSS", false, false, time(NULL)) > 0)
		count(COUNT_withdrawn, 1);
}

static void on_answer(void *arg, const struct client_answer *a)
{
	struct feeding *f = arg;
	const bool known = a->status == 200 || a->status == 201 || (!f->lives && a->status == 204);

	if (!known && a->status)
		log_line(LOG_NOTICE, "migration %s: the HSS is not told yet, it answers %u: %.*s",
			 f->id, a->status, (int)(a->body.len < 300 ? a->body.len : 300),
			 a->body.p ? a->body.p : "");
	else if (!known)
		log_line(LOG_NOTICE, "migration %s: the HSS is not told yet: %s", f->id, a->why);
	if (f->lives && a->status == 410)
		end_here(f->id);
	end(f, known);
}

static json_t *json_names(const struct names *n)
{
	json_t *publics = json_array();

	for (size_t i = 0; i < n->n_impu; i++)
		json_array_append_new(publics, json_string(n->impu[i]));
	return json_pack("{s:s, s:o}", "private", n->impi, "public", publics);
}

/* As it is stored: "hss|slf HOST REALM". */
static json_t *json_database(const char *database)
{
	struct slice rest = slice_str(database), host;

	slice_cut(&rest, ' ');
	host = slice_cut(&rest, ' ');
	return json_pack("{s:s%, s:s%}", "host", host.p, host.len, "realm", rest.p, rest.len);
}

static char *write_body(const struct grant *g)
{
	const bool here = g->side == SIDE_PARTNER;
	char expires[24], *text;
	json_t *j;

	time_write(g->expires, expires);
	j = json_pack("{s:s, s:s, s:s, s:o, s:o}", "side", here ? "here" : "away", "partner",
		      g->partner, "expires", expires, "own",
		      json_names(here ? &g->inbound : &g->own), "pair", json_names(&g->pair));
	if (here)
		json_object_set_new(j, "database", json_database(g->database));
	text = j ? json_dumps(j, JSON_COMPACT) : NULL;
	json_decref(j);
	return text;
}

void feed_grant(const struct grant *g, feed_done_h done, void *arg)
{
	struct feeding *f = calloc(1, sizeof(*f));
	char path[sizeof(MIGRATIONS) + ID_SIZE + 1], *body = NULL;
	int err = -1;

	if (!on() || !f) {
		free(f);
		if (done)
			done(arg, !on());
		return;
	}
	strcpy(f->id, g->id);
	f->seq = g->seq;
	f->lives = g->state == GRANT_ACTIVE;
	f->done = done;
	f->arg = arg;
	snprintf(path, sizeof(path), MIGRATIONS "/%s", g->id);
	if (f->lives) {
		body = write_body(g);
		if (body)
			err = client_ask_hss("PUT", path, body, on_answer, f);
		free(body);
	} else {
		err = client_ask_hss("DELETE", path, NULL, on_answer, f);
	}
	if (err)
		end(f, false);
}

/* ---- a handler that waits for it ---- */

struct waiting {
	struct call *call;
	void (*finish)(struct call *call);
};

static void on_fed(void *arg, bool known)
{
	struct waiting *w = arg;
	struct call *call = w->call;

	if (known) {
		w->finish(call);
	} else {
		count(COUNT_not_fed, 1);
		call->retry_after = 2;
		call_problem(call, 503, "upstream-unavailable", "the HSS cannot be told now");
	}
	free(w);
	call->done(call);
}

void feed_then(struct call *call, void (*finish)(struct call *call))
{
	struct waiting *w = malloc(sizeof(*w));
	struct grant g;
	enum cms_result r = w ? grant_by_id(feed.cms, call->grant, &g) : CMS_BROKEN;

	if (r) {
		free(w);
		call_refused(call, r, 0);
		call->done(call);
		return;
	}
	*w = (struct waiting){call, finish};
	if (g.fed)
		on_fed(w, true);
	else
		feed_grant(&g, on_fed, w);
}

static void answer_grant(struct call *call)
{
	struct grant g;
	enum cms_result r = grant_by_id(feed.cms, call->grant, &g);

	if (r == CMS_OK && g.state != GRANT_ACTIVE)
		r = CMS_GONE;
	if (r)
		call_refused(call, r, 0);
	else
		call->answer(call, call->made ? 201 : 200, &g);
}

void feed_then_grant(struct call *call, call_grant_h answer)
{
	call->answer = answer;
	feed_then(call, answer_grant);
}

/* ---- what is in the HSS and not here ---- */

/* Is one that the HSS has live of no use any more? */
static bool is_lost(const char *id)
{
	struct grant g;

	return grant_by_id(feed.cms, id, &g) == CMS_UNKNOWN;
}

static void on_dropped(void *arg, const struct client_answer *a)
{
	(void)arg;
	(void)a; /* it is found again at the next comparison */
}

static void drop(const char *id)
{
	char path[sizeof(MIGRATIONS) + ID_SIZE + 1];

	snprintf(path, sizeof(path), MIGRATIONS "/%s", id);
	log_line(LOG_WARNING, "migration %s is in the HSS and not here: it is ended there", id);
	client_ask_hss("DELETE", path, NULL, on_dropped, NULL);
}

static void ask_page(const char *target);

static void on_page(void *arg, const struct client_answer *a)
{
	json_t *j =
	    a->status == 200 ? json_loadb(a->body.p ? a->body.p : "", a->body.len, 0, NULL) : NULL;
	const json_t *rows = json_object_get(j, "migrations");
	const char *next = json_string_value(json_object_get(j, "next"));

	(void)arg;
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		const char *id = json_string_value(json_object_get(row, "id")),
			   *state = json_string_value(json_object_get(row, "state"));

		if (id && state && strlen(id) < ID_SIZE && strcmp(state, "live") == 0 &&
		    is_lost(id))
			drop(id);
	}
	if (next && strncmp(next, MIGRATIONS "?", sizeof(MIGRATIONS)) == 0)
		ask_page(next);
	else
		feed.compare = time(NULL) + (rows ? AGAIN_S : COMPARE_FAILED_S);
	json_decref(j);
}

static void ask_page(const char *target)
{
	if (client_ask_hss("GET", target, NULL, on_page, NULL))
		feed.compare = time(NULL) + COMPARE_FAILED_S;
}

/* ---- who waits for all ---- */

void feed_all(feed_all_h done, void *arg)
{
	struct waiter *w = on() ? malloc(sizeof(*w)) : NULL;

	if (!w) {
		done(arg, on() ? grants_unfed_count(feed.cms) : 0);
		return;
	}
	*w = (struct waiter){feed.waiter, time(NULL) + FEED_WAIT_S, done, arg};
	feed.waiter = w;
}

bool feed_waited(void)
{
	return feed.waiter != NULL;
}

static void tell_waiters(int64_t now)
{
	int64_t unknown = feed.waiter ? grants_unfed_count(feed.cms) : 0;
	struct waiter **p = &feed.waiter, *w;

	while ((w = *p)) {
		if (unknown != 0 && now < w->until) {
			p = &w->next;
			continue;
		}
		*p = w->next;
		w->done(w->arg, unknown);
		free(w);
	}
}

/* ---- now and then ---- */

void feed_tick(int64_t now)
{
	struct grant *g;
	int n;

	if (!on())
		return;
	if (now >= feed.again && grants_feed_again(feed.cms) >= 0)
		feed.again = now + AGAIN_S;
	if (now >= feed.compare) {
		feed.compare = INT64_MAX;
		ask_page(MIGRATIONS);
	}
	g = calloc(AT_ONCE, sizeof(*g));
	n = g ? grants_unfed(feed.cms, now, g, AT_ONCE) : 0;
	for (int i = 0; i < n; i++) {
		/* the next turn leaves it alone meanwhile */
		grant_fed(feed.cms, g[i].id, g[i].seq, false, now);
		feed_grant(&g[i], NULL, NULL);
	}
	free(g);
	tell_waiters(now);
}
