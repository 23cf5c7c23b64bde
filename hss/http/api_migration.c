/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bindings of migrated users, which the configuration management server makes and ends. */
#include <stdio.h>
#include <stdlib.h>

#include "hss/cms/times.h"
#include "hss/http/api.h"
#include "hss/provision/change.h"
#include "hss/subscription/wildcard.h"

enum {
	PAGE = 50,	/* so that ims-cms, which reads them, gets 64 kB at most */
	SEEN_MAX = 1000 /* of which one identity is looked for, in one request */
};

/* ---- out ---- */

static json_t *json_names(const struct names *n)
{
	json_t *publics = json_array();

	for (size_t i = 0; i < n->n_impu; i++)
		json_array_append_new(publics, json_string(n->impu[i]));
	return json_pack("{s:s, s:o}", "private", n->impi, "public", publics);
}

static json_t *json_time(int64_t at)
{
	char text[24];

	if (!at)
		return json_null();
	time_write(at, text);
	return json_string(text);
}

/* registered: is he registered here? NULL: that is not said. */
static json_t *json_binding(const struct binding *b, const bool *registered)
{
	const struct binding_asker *a = &b->asker;
	json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "id", b->id, "side",
			      binding_side_word(b->side), "partner", b->partner, "state",
			      binding_state_word(b->state), "expires", json_time(b->expires),
			      "changed", json_time(b->changed));

	if (registered)
		json_object_set_new(j, "registered", json_boolean(*registered));
	if (b->reason[0])
		json_object_set_new(j, "reason", json_string(b->reason));
	if (b->own.n_impu) {
		json_object_set_new(j, "own", json_names(&b->own));
		json_object_set_new(j, "pair", json_names(&b->pair));
	}
	if (b->host[0])
		json_object_set_new(j, "database",
				    json_pack("{s:s, s:s}", "host", b->host, "realm", b->realm));
	if (a->first)
		json_object_set_new(
		    j, "asked",
		    json_pack("{s:s, s:s, s:o, s:o, s:I, s:I}", "host", a->host, "server",
			      a->server, "first", json_time(a->first), "last", json_time(a->last),
			      "vectors", (json_int_t)a->mars, "resyncs", (json_int_t)a->resyncs));
	return j;
}

/* ---- in ---- */

static int text_member(const json_t *of, const char *name, char *out, size_t size)
{
	const char *s = json_string_value(json_object_get(of, name));

	return s && s[0] ? slice_copy(slice_str(s), out, size) : -1;
}

/* {"private": ..., "public": [...]}, and nothing else. */
static int names_member(const json_t *of, const char *name, struct names *out)
{
	const json_t *j = json_object_get(of, name), *publics = json_object_get(j, "public");
	size_t n = json_array_size(publics);

	memset(out, 0, sizeof(*out));
	if (json_object_size(j) != 2 || n == 0 || n > NAMES_IMPUS ||
	    text_member(j, "private", out->impi, sizeof(out->impi)))
		return -1;
	for (size_t i = 0; i < n; i++) {
		const char *s = json_string_value(json_array_get(publics, i));

		if (!s || slice_copy(slice_str(s), out->impu[i], sizeof(out->impu[i])))
			return -1;
	}
	out->n_impu = n;
	return 0;
}

static int read_binding(const struct api_call *call, struct binding *b)
{
	const json_t *j = call->body, *database = json_object_get(j, "database");
	const char *side = json_string_value(json_object_get(j, "side"));
	size_t members = 5;

	memset(b, 0, sizeof(*b));
	if (!side || (strcmp(side, "here") != 0 && strcmp(side, "away") != 0))
		return -1;
	b->side = side[0] == 'h' ? BINDING_HERE : BINDING_AWAY;
	if (b->side == BINDING_HERE) {
		members++;
		if (json_object_size(database) != 2 ||
		    text_member(database, "host", b->host, sizeof(b->host)) ||
		    text_member(database, "realm", b->realm, sizeof(b->realm)))
			return -1;
	}
	return json_object_size(j) == members &&
		       slice_copy(slice_str(call->path.seg[3]), b->id, sizeof(b->id)) == 0 &&
		       text_member(j, "partner", b->partner, sizeof(b->partner)) == 0 &&
		       time_read(json_string_value(json_object_get(j, "expires")), &b->expires) ==
			   0 &&
		       names_member(j, "own", &b->own) == 0 &&
		       names_member(j, "pair", &b->pair) == 0
		   ? 0
		   : -1;
}

static int64_t seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec;
}

/* ---- the operations ---- */

/* Add it to rows. Who is bound is ours here: his own identities, or inbound ones. */
static int add_row(struct transaction *tx, const struct binding *b, struct subscription *sub,
		   json_t *rows)
{
	bool registered = false;
	int64_t id;
	int impi, at, err;

	/* of what is over others may have the identities by now */
	if (b->state == BINDING_OVER)
		return json_array_append_new(rows, json_binding(b, NULL)) ? STORE_EIO : 0;
	err = store_find_impi(tx, slice_str(b->own.impi), &id);
	if (err == 0)
		err = store_load_parts(tx, id, 0, sub);
	if (err && err != STORE_ENOTFOUND)
		return err;
	impi = err ? -1 : subscription_impi(sub, slice_str(b->own.impi));
	for (size_t i = 0; impi >= 0 && i < b->own.n_impu; i++) {
		at = subscription_impu(sub, slice_str(b->own.impu[i]));
		registered |= at >= 0 && sub->impu[at].registered & 1u << impi;
	}
	return json_array_append_new(rows, json_binding(b, &registered)) ? STORE_EIO : 0;
}

static void refused(struct api_call *call, int err, const char *why)
{
	if (err == MIGRATION_CONFLICT)
		answer_problem(call, 409, why, "end the other one first");
	else if (err == MIGRATION_OVER)
		answer_problem(call, 410, why, "a migration that is over does not live again");
	else if (err == STORE_ENOTFOUND)
		answer_problem(call, 404, "there is no such migration",
			       "see GET /api/v1/migrations for those that there are");
	else
		answer_refused(call, err, why);
}

/* What GET /api/v1/migrations asks for, and what it gets. */
struct listing {
	struct migration_list list;
	const char *identity; /* private; NULL: anybody's */
	char impu[IDENTITY_SIZE];
	char after[PATH_SEGMENT_SIZE]; /* behind what was seen */
	bool more;
	json_t *rows;
	struct binding b[PAGE];
};

static bool has(const struct names *n, const struct listing *l)
{
	bool found = strcmp(n->impi, l->identity) == 0;

	for (size_t i = 0; i < n->n_impu; i++)
		found |= strcmp(n->impu[i], l->impu) == 0;
	return found;
}

/* The next piece of the store's. */
static int list_piece(struct transaction *tx, struct listing *l, struct subscription *sub)
{
	int n = store_migrations(tx, &l->list, l->b, PAGE), err = 0, i;

	for (i = 0; i < n && err == 0 && json_array_size(l->rows) < PAGE; i++) {
		const struct binding *b = &l->b[i];

		strcpy(l->after, b->id);
		if (!l->identity || has(&b->own, l) || has(&b->pair, l))
			err = add_row(tx, b, sub, l->rows);
	}
	l->more = n == PAGE || i < n;
	return n < 0 ? n : err;
}

static int list_all(struct store *store, struct listing *l)
{
	struct subscription *sub = subscription_new();
	struct transaction *tx;
	int err = sub ? store_begin(store, false, &tx) : STORE_EIO;

	if (err == 0) {
		l->more = true;
		for (int seen = 0;
		     err == 0 && l->more && seen < SEEN_MAX && json_array_size(l->rows) < PAGE;
		     seen += PAGE)
			err = list_piece(tx, l, sub);
		store_rollback(tx);
	}
	subscription_free(sub);
	return err;
}

/* The address of the page behind: an id has letters and digits only, the others have not. */
static json_t *next_page(const struct listing *l)
{
	char partner[3 * PARTNER_SIZE], identity[3 * IDENTITY_SIZE];

	if (!l->more)
		return NULL;
	put_encoded(l->list.partner ? l->list.partner : "", partner, sizeof(partner));
	put_encoded(l->identity ? l->identity : "", identity, sizeof(identity));
	return json_sprintf("/api/v1/migrations?after=%s%s%s%s%s%s", l->after,
			    l->list.over ? "" : "&over=false", partner[0] ? "&partner=" : "",
			    partner, identity[0] ? "&identity=" : "", identity);
}

void api_migrations(struct api_call *call)
{
	const char *after = query_get(&call->query, "after"),
		   *over = query_get(&call->query, "over");
	struct listing *l = calloc(1, sizeof(*l));
	int err = STORE_EIO;

	if (over && strcmp(over, "true") != 0 && strcmp(over, "false") != 0) {
		free(l);
		answer_problem(call, 400, "over is true or false", "mend it and ask again");
		return;
	}
	if (l && (l->rows = json_array())) {
		strcpy(l->after, after ? after : "");
		l->list.after = l->after;
		l->list.partner = query_get(&call->query, "partner");
		l->list.over = !over || strcmp(over, "true") == 0;
		l->identity = query_get(&call->query, "identity");
		if (!l->identity || identity_stored(slice_str(l->identity), l->impu))
			strcpy(l->impu, "");
		err = list_all(call->daemon->svc->store, l);
	}
	if (err)
		answer_refused(call, err, store_strerror(err));
	else
		answer_json(call, 200,
			    json_pack("{s:O, s:o?}", "migrations", l->rows, "next", next_page(l)));
	json_decref(l ? l->rows : NULL);
	free(l);
}

void api_migration(struct api_call *call)
{
	struct subscription *sub = subscription_new();
	json_t *rows = json_array();
	struct transaction *tx;
	struct binding b;
	int err = sub && rows ? store_begin(call->daemon->svc->store, false, &tx) : STORE_EIO;

	if (err == 0) {
		err = store_migration(tx, call->path.seg[3], &b);
		if (err == 0)
			err = add_row(tx, &b, sub, rows);
		store_rollback(tx);
	}
	if (err)
		refused(call, err, store_strerror(err));
	else
		answer_json(call, 200, json_incref(json_array_get(rows, 0)));
	json_decref(rows);
	subscription_free(sub);
}

/* What stands in addresses and lines of text without an escape. */
static bool good_id(const char *id)
{
	for (const char *c = id; *c; c++)
		if (!(*c >= 'a' && *c <= 'z') && !(*c >= 'A' && *c <= 'Z') &&
		    !(*c >= '0' && *c <= '9') && *c != '-' && *c != '_')
			return false;
	return id[0] && strlen(id) < BINDING_ID_SIZE;
}

void api_migration_put(struct api_call *call)
{
	char why[API_WHY_SIZE];
	struct binding b;
	bool made = false;
	int err;

	if (!good_id(call->path.seg[3]) || read_binding(call, &b)) {
		answer_problem(
		    call, 422,
		    "it has side (here or away), partner, expires, own and pair (each with private "
		    "and public), and database (host, realm) where side is here; its id is up to "
		    "39 "
		    "letters, digits, - and _",
		    "mend it and ask again");
		return;
	}
	err = migration_put(call->daemon->svc->migration, &b, "rest", seconds_now(), &made, why,
			    sizeof(why));
	if (err) {
		refused(call, err, why);
		return;
	}
	if (made)
		service_changed(call->daemon->svc);
	answer_json(call, made ? 201 : 200, json_binding(&b, NULL));
}

void api_migration_end(struct api_call *call)
{
	if (good_id(call->path.seg[3]))
		call->follow = FOLLOW_END;
	else
		refused(call, STORE_ENOTFOUND, "");
}

/* One partner's, or all; not without a word about which. */
void api_migrations_end(struct api_call *call)
{
	const char *partner = query_get(&call->query, "partner");
	const char *all = query_get(&call->query, "all");

	if (partner ? partner[0] && !all : all && strcmp(all, "true") == 0)
		call->follow = FOLLOW_END;
	else
		answer_problem(call, 400, "it is not said which are to be ended",
			       "ask with ?partner=NAME or ?all=true");
}

static void on_ended(void *arg, const struct leave_outcome *o)
{
	struct api_call *call = arg;

	call->ended = *o;
	call->ended_done(call->ended_arg, o->error);
}

void api_migration_follow(struct api_call *call, push_done_h done, void *arg)
{
	const struct migration_selection which = {.id =
						      call->path.n == 4 ? call->path.seg[3] : NULL,
						  .partner = query_get(&call->query, "partner")};

	call->ended_done = done;
	call->ended_arg = arg;
	call->daemon->end_migration(&which, "rest", "withdrawn", on_ended, call);
}

void api_migration_followed(struct api_call *call, const char *error)
{
	const struct leave_outcome *o = &call->ended;

	if (!error) {
		answer_json(call, 200,
			    json_pack("{s:i, s:i, s:i}", "ended", (int)o->ended, "gone",
				      (int)o->left, "not_confirmed", (int)o->unconfirmed));
		return;
	}
	call->answer.retry_after = 2;
	answer_problem(call, 503, error, "ask again: what is not done yet is tried again, too");
}
