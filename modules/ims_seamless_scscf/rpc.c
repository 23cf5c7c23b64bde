/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seamless_scscf.list, show, drop, stats. Replies are built from a copy taken under the lock: no RPC
 * function is called while it is held.
 */
#include "modules/ims_seamless_scscf/glue.h"
#include "../../core/rpc.h"
#include "../../core/rpc_lookup.h"

#define LIST_MAX     1000
#define PAGE_DEFAULT 500

struct line {
	struct line *next;
	struct slice impi, contact, path, text;
	const char *state;
	uint64_t id;
	unsigned bindings, sessions, linger_s;
};

struct lines {
	struct scscf_arena arena;
	struct line *first, **last;
	size_t n;
	bool cut;
};

static struct line *add_line(struct lines *l)
{
	struct line *one = l->n < LIST_MAX ? scscf_arena_alloc(&l->arena, sizeof(*one)) : NULL;

	l->cut = l->cut || l->n >= LIST_MAX;
	if (!one)
		return NULL;
	*l->last = one;
	l->last = &one->next;
	l->n++;
	return one;
}

static void add_connection(struct lines *l, const struct scscf_connection *c, uint64_t now)
{
	struct line *one = add_line(l);

	if (!one)
		return;
	one->impi = scscf_arena_text(&l->arena, c->subscriber->impi);
	one->contact = scscf_arena_text(&l->arena, c->contact);
	one->path = scscf_arena_text(&l->arena, c->way.path);
	one->state = scscf_connection_state_name(c->state);
	one->id = c->id;
	for (const struct scscf_binding *b = c->bindings; b; b = b->next)
		one->bindings++;
	one->sessions = (unsigned)c->sessions;
	if (c->state == SCSCF_CONNECTION_INACTIVE && c->linger_until_ms > now)
		one->linger_s = (unsigned)((c->linger_until_ms - now + 999) / 1000);
}

static void lines_init(struct lines *l)
{
	memset(l, 0, sizeof(*l));
	l->last = &l->first;
}

static void reply_connections(rpc_t *rpc, void *ctx, const struct lines *l)
{
	for (const struct line *c = l->first; c; c = c->next) {
		str impi = str_of(c->impi), contact = str_of(c->contact), path = str_of(c->path);
		void *h;

		if (rpc->add(ctx, "{", &h) < 0)
			return;
		rpc->struct_add(h, "sSsSSddd", "id", kam_id_text(c->id).text, "impi", &impi,
				"state", c->state, "contact", &contact, "path", &path, "bindings",
				(int)c->bindings, "sessions", (int)c->sessions, "linger",
				(int)c->linger_s);
	}
}

struct page {
	struct lines lines;
	uint64_t now;
};

static void add_to_page(const struct scscf_connection *c, void *arg)
{
	struct page *p = arg;

	add_connection(&p->lines, c, p->now);
}

/*
 * seamless_scscf.list [FROM [MAX]]: a page of connections, from the beginning or where the one
 * before ended; "next" is what to ask with for the one after it.
 */
static void rpc_list(rpc_t *rpc, void *ctx)
{
	int from = 0, max = PAGE_DEFAULT;
	struct page p = {.now = kam_now_ms()};
	struct scscf_model *m;
	uint32_t next;
	void *h;

	(void)rpc->scan(ctx, "*dd", &from, &max);
	if (from < 0 || max < 1 || max > LIST_MAX) {
		rpc->fault(ctx, 400, "FROM as the page before said, MAX from 1 to 1000");
		return;
	}
	lines_init(&p.lines);
	m = seamless_lock();
	next = scscf_list_connections(m, (uint32_t)from, (size_t)max, add_to_page, &p);
	seamless_unlock();
	reply_connections(rpc, ctx, &p.lines);
	if (next && rpc->add(ctx, "{", &h) >= 0)
		rpc->struct_add(h, "d", "next", (int)next);
	scscf_arena_free(&p.lines.arena);
}

static void show_bindings(struct lines *l, const struct scscf_connection *c)
{
	for (const struct scscf_binding *b = c->bindings; b; b = b->next) {
		for (size_t i = 0; i < b->set->n; i++) {
			struct line *one = add_line(l);

			if (!one)
				return;
			one->id = c->id;
			one->state = "binding";
			one->text = scscf_arena_text(&l->arena, b->set->impu[i].impu);
			one->contact = scscf_arena_text(&l->arena, b->contact);
			one->path = scscf_arena_text(&l->arena, b->instance);
		}
	}
}

static void show_sessions(struct lines *l, const struct scscf_connection *c)
{
	for (struct scscf_list *at = c->ends.next; at != &c->ends; at = at->next) {
		const struct scscf_session_end *end =
		    (const struct scscf_session_end *)(const void *)at;
		struct line *one = add_line(l);

		if (!one)
			return;
		one->id = c->id;
		one->state = scscf_session_state_name(end->session->state);
		one->text = scscf_arena_text(&l->arena, end->session->call_id);
		one->contact = scscf_arena_text(&l->arena, end->contact);
	}
}

/* seamless_scscf.show IMPI: connections, what is bound over them, which sessions run on them. */
static void rpc_show(rpc_t *rpc, void *ctx)
{
	uint64_t now = kam_now_ms();
	struct scscf_subscriber *s;
	struct lines c, d;
	struct scscf_model *m;
	str impi;

	if (rpc->scan(ctx, "S", &impi) < 1) {
		rpc->fault(ctx, 400, "Private identity wanted");
		return;
	}
	lines_init(&c);
	lines_init(&d);
	m = seamless_lock();
	s = scscf_model_subscriber(m, slice_of(impi));
	for (struct scscf_connection *one = s ? s->connections : NULL; one; one = one->next) {
		add_connection(&c, one, now);
		show_bindings(&d, one);
		show_sessions(&d, one);
	}
	seamless_unlock();
	if (!c.first) {
		rpc->fault(ctx, 404, "No Connection");
	} else {
		reply_connections(rpc, ctx, &c);
		for (const struct line *one = d.first; one; one = one->next) {
			str text = str_of(one->text), contact = str_of(one->contact),
			    instance = str_of(one->path);
			void *h;

			if (rpc->add(ctx, "{", &h) < 0)
				break;
			if (!strcmp(one->state, "binding"))
				rpc->struct_add(h, "sSSS", "connection", kam_id_text(one->id).text,
						"impu", &text, "contact", &contact, "instance",
						&instance);
			else
				rpc->struct_add(h, "sSsS", "connection", kam_id_text(one->id).text,
						"session", &text, "state", one->state, "contact",
						&contact);
		}
	}
	scscf_arena_free(&c.arena);
	scscf_arena_free(&d.arena);
}

/* seamless_scscf.drop ID: its bindings are deactivated, its sessions released, now. */
static void rpc_drop(rpc_t *rpc, void *ctx)
{
	struct scscf_connection *c;
	struct scscf_effects e;
	struct scscf_model *m;
	uint64_t id;
	str text;

	if (rpc->scan(ctx, "S", &text) < 1 || !kam_id_parse(slice_of(text), &id)) {
		rpc->fault(ctx, 400, "Connection id wanted, as list and show print it");
		return;
	}
	scscf_effects_init(&e);
	m = seamless_lock();
	c = scscf_model_connection_by_id(m, id);
	if (c)
		scscf_model_drop_connection(m, c, kam_now_ms(), &e);
	seamless_unlock();
	if (!c)
		rpc->fault(ctx, 404, "No Such Connection");
	else
		rpc->add(ctx, "s", "dropped");
	effects_later(&e);
}

static void rpc_stats(rpc_t *rpc, void *ctx)
{
	struct scscf_model *m = seamless_lock();
	int subscribers = (int)m->subscribers, connections = (int)m->connections,
	    inactive = (int)m->inactive, bindings = (int)m->bindings, sessions = (int)m->sessions,
	    memory = (int)m->store.used, timers = (int)timer_wheel_count(&m->wheel);
	void *h;

	seamless_unlock();
	if (rpc->add(ctx, "{", &h) < 0)
		return;
	rpc->struct_add(h, "dddddddd", "subscribers", subscribers, "connections", connections,
			"inactive", inactive, "bindings", bindings, "sessions", sessions, "timers",
			timers, "memory", memory, "linger_seconds", seamless_cfg_linger_seconds());
}

static const char *list_doc[] = {
    "All connections: id, IMPI, state, contact, Path, bindings, sessions, linger", 0};
static const char *show_doc[] = {"Connections, bindings and sessions of one private identity", 0};
static const char *drop_doc[] = {"Remove a connection: bindings deactivated, sessions released", 0};
static const char *stats_doc[] = {"Current numbers and memory of the model", 0};

rpc_export_t seamless_rpc[] = {{"seamless_scscf.list", rpc_list, list_doc, RET_ARRAY},
			       {"seamless_scscf.show", rpc_show, show_doc, RET_ARRAY},
			       {"seamless_scscf.drop", rpc_drop, drop_doc, 0},
			       {"seamless_scscf.stats", rpc_stats, stats_doc, 0},
			       {0, 0, 0, 0}};

rpc_export_t seamless_old_rpc[] = {{"seamless.list", rpc_list, list_doc, RET_ARRAY},
				   {"seamless.show", rpc_show, show_doc, RET_ARRAY},
				   {"seamless.drop", rpc_drop, drop_doc, 0},
				   {"seamless.stats", rpc_stats, stats_doc, 0},
				   {0, 0, 0, 0}};
