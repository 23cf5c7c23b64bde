/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What cmsctl asks. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/log.h"
#include "hss/cms/control.h"
#include "hss/cms/counters.h"
#include "hss/cms/feed.h"
#include "hss/cms/message.h"
#include "hss/cms/users.h"

enum { AT_ONCE = 64, WHY = 256 };

static int64_t now(void)
{
	return time(NULL);
}

static int text(struct slice s, char *out, size_t size)
{
	return slice_copy(s, out, size) || !out[0] ? -1 : 0;
}

static void status(struct cms *cms, struct request *r, const struct words *w)
{
	struct outbuf *out = request_out(r);

	(void)w;
	outbuf_printf(out,
		      "system %s\naway %lld\nhere %lld\npool_inbound %lld\npool_outbound %lld\n",
		      cms->cfg->system, (long long)grants_live(cms, SIDE_PRIMARY),
		      (long long)grants_live(cms, SIDE_PARTNER),
		      (long long)pool_free(cms, "inbound"), (long long)pool_free(cms, "outbound"));
	for (int c = 0; c < CMS_COUNTS; c++)
		outbuf_printf(out, "%s %llu\n", count_name((enum cms_counter)c),
			      (unsigned long long)count_get((enum cms_counter)c));
	outbuf_printf(out, "log_lines_lost %llu\n", (unsigned long long)log_lost());
	control_ok(r);
}

/* The HSS knows, so that no vector comes any more and who was registered is not; or it could not be told. */
static void on_told(void *arg, int64_t unknown)
{
	if (unknown == 0)
		control_ok(arg);
	else
		control_error(
		    arg, "the HSS does not know %lld states of migrations yet; it is told again",
		    (long long)unknown);
}

/* impi=.. impu=.. from word i on; others are left. */
static int names_words(const struct words *w, size_t i, struct names *out)
{
	struct slice v;

	memset(out, 0, sizeof(*out));
	for (; i < w->n; i++) {
		if (word_option(w->w[i], "impi", &v)) {
			if (!identity_is_impi(v) || slice_copy(v, out->impi, NAME_SIZE))
				return -1;
		} else if (word_option(w->w[i], "impu", &v)) {
			if (out->n_impu == NAMES_IMPUS || !identity_is_impu(v) ||
			    slice_copy(v, out->impu[out->n_impu++], NAME_SIZE))
				return -1;
		}
	}
	return out->impi[0] && out->n_impu ? 0 : -1;
}

/* user set MCID impi=.. impu=.. services=a,b [outbound=yes|no] */
static void user_add(struct cms *cms, struct request *r, const struct words *w)
{
	char mc_id[NAME_SIZE], services[SERVICES_SIZE] = "mcptt", why[WHY] = "";
	struct names names;
	int outbound = -1, err = text(w->w[2], mc_id, sizeof(mc_id)) || names_words(w, 3, &names);
	struct slice v;

	for (size_t i = 3; i < w->n && err == 0; i++) {
		if (word_option(w->w[i], "services", &v)) {
			err = slice_copy(v, services, sizeof(services));
			for (char *c = services; err == 0 && *c; c++)
				*c = (char)(*c == ',' ? ' ' : *c);
		} else if (word_option(w->w[i], "outbound", &v)) {
			outbound = slice_eq(v, SLICE_LIT("yes"));
			err = !outbound && !slice_eq(v, SLICE_LIT("no"));
		} else if (!word_option(w->w[i], "impi", &v) && !word_option(w->w[i], "impu", &v)) {
			err = -1;
		}
	}
	if (err)
		control_error(r, "user set MCID impi=user@domain impu=URI [impu=URI] "
				 "[services=mcptt,mcdata] [outbound=yes|no]");
	else if (user_set(cms, mc_id, &names, services, outbound, now(), why, sizeof(why)))
		control_error(r, "%s", why);
	else
		control_ok(r);
}

static void user_del(struct cms *cms, struct request *r, const struct words *w)
{
	char mc_id[NAME_SIZE];

	if (text(w->w[2], mc_id, sizeof(mc_id)) || user_remove(cms, mc_id, now()))
		control_error(r, "there is no such user");
	else
		feed_all(on_told, r);
}

static void agree(struct cms *cms, struct request *r, const struct words *w)
{
	char mc_id[NAME_SIZE], partner[SYSTEM_SIZE], why[WHY] = "a name is too long";

	if (text(w->w[1], mc_id, sizeof(mc_id)) || text(w->w[2], partner, sizeof(partner)) ||
	    agreement_set(cms, mc_id, partner, w->w[0].p[0] == 'a', now(), why, sizeof(why)))
		control_error(r, "%s", why);
	else if (w->w[0].p[0] == 'a')
		control_ok(r);
	else /* what stood on it has ended */
		feed_all(on_told, r);
}

static void admit(struct cms *cms, struct request *r, const struct words *w)
{
	char mc_id[NAME_SIZE], partner[SYSTEM_SIZE], why[WHY] = "a name is too long";

	if (text(w->w[1], partner, sizeof(partner)) || text(w->w[2], mc_id, sizeof(mc_id)) ||
	    admission_set(cms, partner, mc_id, w->w[0].p[0] == 'a', now(), why, sizeof(why)))
		control_error(r, "%s", why);
	else if (w->w[0].p[0] == 'a')
		control_ok(r);
	else /* what stood on it has ended */
		feed_all(on_told, r);
}

static void pool(struct cms *cms, struct request *r, const struct words *w)
{
	char kind[12], why[WHY] = "pool add inbound|outbound impi=user@domain impu=URI [impu=URI]";
	struct names names;

	if (text(w->w[2], kind, sizeof(kind)) || names_words(w, 3, &names) ||
	    pool_add(cms, kind, &names, why, sizeof(why)))
		control_error(r, "%s", why);
	else
		control_ok(r);
}

/* withdraw all | [grant=ID] [user=MCID] [partner=NAME] [bar] */
static void withdraw(struct cms *cms, struct request *r, const struct words *w)
{
	char id[ID_SIZE], mc_id[NAME_SIZE], partner[SYSTEM_SIZE];
	struct selection which = {.both = true};
	bool bar = false, all = false, wrong = w->n < 2;
	struct slice v;
	int n;

	for (size_t i = 1; i < w->n && !wrong; i++) {
		if (word_option(w->w[i], "grant", &v)) {
			wrong = text(v, id, sizeof(id));
			which.id = id;
		} else if (word_option(w->w[i], "user", &v)) {
			wrong = text(v, mc_id, sizeof(mc_id));
			which.mc_id = mc_id;
		} else if (word_option(w->w[i], "partner", &v)) {
			wrong = text(v, partner, sizeof(partner));
			which.partner = partner;
		} else if (slice_eq(w->w[i], SLICE_LIT("bar"))) {
			bar = true;
		} else if (slice_eq(w->w[i], SLICE_LIT("all"))) {
			all = true;
		} else {
			wrong = true;
		}
	}
	/* everything is not ended by forgetting a word */
	if (wrong || all == (which.id || which.mc_id || which.partner) || (bar && which.id)) {
		control_error(
		    r, "withdraw all [bar], or withdraw [grant=ID] [user=MCID] [partner=NAME] "
		       "[bar]; a bar is of a user, a partner or all");
		return;
	}
	n = grants_withdraw(cms, &which, "operator", "withdrawn", false, bar, now());
	if (n < 0) {
		control_error(r, "the store cannot be used");
		return;
	}
	count(COUNT_withdrawn, (uint64_t)n);
	outbuf_printf(request_out(r), "withdrawn %d\n", n);
	feed_all(on_told, r);
}

/* unbar [user=MCID] [partner=NAME] */
static void unbar(struct cms *cms, struct request *r, const struct words *w)
{
	char mc_id[NAME_SIZE] = "*", partner[SYSTEM_SIZE] = "*";
	struct slice v;
	bool wrong = false;

	for (size_t i = 1; i < w->n && !wrong; i++)
		wrong = word_option(w->w[i], "user", &v)      ? text(v, mc_id, sizeof(mc_id))
			: word_option(w->w[i], "partner", &v) ? text(v, partner, sizeof(partner))
							      : true;
	if (wrong || bar_remove(cms, mc_id, partner, now()))
		control_error(
		    r, "there is no such bar; unbar [user=MCID] [partner=NAME] as it was set");
	else
		control_ok(r);
}

static void put_names(struct outbuf *out, const char *what, const struct names *n)
{
	outbuf_printf(out, " %s=%s", what, n->n_impu ? n->impi : "-");
	for (size_t i = 0; i < n->n_impu; i++)
		outbuf_printf(out, ",%s", n->impu[i]);
}

static void put_grant(struct outbuf *out, const struct grant *g)
{
	char expires[24];

	time_write(g->expires, expires);
	outbuf_printf(out, "%lld %s %s %s partner=%s user=%s expires=%s told=%s", (long long)g->seq,
		      g->id, g->side == SIDE_PRIMARY ? "away" : "here", grant_state_word(g->state),
		      g->partner, g->mc_id, expires, g->told ? "yes" : "no");
	put_names(out, "own", &g->own);
	put_names(out, "pair", &g->pair);
	put_names(out, "inbound", &g->inbound);
	outbuf_printf(out, " database=\"%s\"%s%s\n", g->database, g->reason[0] ? " reason=" : "",
		      g->reason);
}

/* bindings [after=N]: in the order of their last change, so that who follows asks for what is behind the last number that he has */
static void bindings(struct cms *cms, struct request *r, const struct words *w)
{
	struct grant *g = calloc(AT_ONCE, sizeof(*g));
	uint64_t after = 0;
	struct slice v;
	int64_t seq;
	int n = 0;

	if (!g || (w->n == 2 &&
		   (!word_option(w->w[1], "after", &v) || slice_u64(v, INT64_MAX, &after)))) {
		free(g);
		control_error(r, "bindings [after=N]");
		return;
	}
	seq = (int64_t)after;
	do {
		n = grants_after(cms, seq, g, AT_ONCE);
		for (int i = 0; i < n; i++)
			put_grant(request_out(r), &g[i]);
		if (n > 0)
			seq = g[n - 1].seq;
	} while (n == AT_ONCE);
	free(g);
	if (n < 0)
		control_error(r, "the store cannot be used");
	else
		control_ok(r);
}

static void binding(struct cms *cms, struct request *r, const struct words *w)
{
	struct grant *g = calloc(PARTNERS_MAX, sizeof(*g));
	char identity[NAME_SIZE];
	int n = g && text(w->w[1], identity, sizeof(identity)) == 0
		    ? bindings_find(cms, identity, g, PARTNERS_MAX)
		    : -1;

	for (int i = 0; i < n; i++)
		put_grant(request_out(r), &g[i]);
	free(g);
	if (n > 0)
		control_ok(r);
	else
		control_error(r, n ? "the store cannot be used" : "no live migration binds it");
}

static void audit(struct cms *cms, struct request *r, const struct words *w)
{
	uint64_t after = 0;
	sqlite3_stmt *q;
	struct slice v;

	if (w->n == 2 && (!word_option(w->w[1], "after", &v) || slice_u64(v, INT64_MAX, &after))) {
		control_error(r, "audit [after=N]");
		return;
	}
	if (store_begin_work(cms->store)) {
		control_error(r, "the store cannot be used");
		return;
	}
	q = store_query(
	    cms->store,
	    "SELECT n, at, event, grant_id, partner, actor, detail FROM audit WHERE n > ? "
	    "ORDER BY n LIMIT 10000",
	    "i", (int64_t)after);
	while (store_row(cms->store, q)) {
		char at[24];

		time_write(sqlite3_column_int64(q, 1), at);
		outbuf_printf(request_out(r), "%lld %s", (long long)sqlite3_column_int64(q, 0), at);
		for (int i = 2; i < 7; i++) {
			const char *s = (const char *)sqlite3_column_text(q, i);

			outbuf_printf(request_out(r), " %s", s && *s ? s : "-");
		}
		outbuf_add(request_out(r), "\n", 1);
	}
	sqlite3_finalize(q);
	store_end_work(cms->store, true);
	control_ok(r);
}

static void verify(struct cms *cms, struct request *r, const struct words *w)
{
	int64_t wrong = 0, lines;

	(void)w;
	if (store_begin_work(cms->store)) {
		control_error(r, "the store cannot be used");
		return;
	}
	lines = audit_verify(cms->store, &wrong);
	store_end_work(cms->store, true);
	if (lines < 0) {
		control_error(r, "line %lld does not follow from the one before it",
			      (long long)wrong);
		return;
	}
	outbuf_printf(request_out(r), "%lld lines, each follows from the one before it\n",
		      (long long)lines);
	control_ok(r);
}

static const struct {
	const char *word, *second;
	size_t min, max; /* words of the whole command */
	void (*run)(struct cms *cms, struct request *r, const struct words *w);
} commands[] = {
    {"status", NULL, 1, 1, status},	{"user", "set", 5, WORDS_MAX, user_add},
    {"user", "remove", 3, 3, user_del}, {"agree", NULL, 3, 3, agree},
    {"disagree", NULL, 3, 3, agree},	{"admit", NULL, 3, 3, admit},
    {"expel", NULL, 3, 3, admit},	{"pool", "add", 5, WORDS_MAX, pool},
    {"withdraw", NULL, 2, 5, withdraw}, {"unbar", NULL, 1, 3, unbar},
    {"bindings", NULL, 1, 2, bindings}, {"binding", NULL, 2, 2, binding},
    {"audit", "verify", 2, 2, verify},	{"audit", NULL, 1, 2, audit},
};

void cms_command(struct cms *cms, struct request *r, const struct words *w)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (w->n < commands[i].min || w->n > commands[i].max ||
		    !slice_eq(w->w[0], slice_str(commands[i].word)) ||
		    (commands[i].second && !slice_eq(w->w[1], slice_str(commands[i].second))))
			continue;
		commands[i].run(cms, r, w);
		return;
	}
	control_error(r, "no such command; see cmsctl --help");
}
