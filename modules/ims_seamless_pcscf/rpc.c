/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RPCs seamless_pcscf.list, show, subscriptions, stats; docs/modules/ims_seamless_pcscf.md. */
#include "seamless.h"

#include "../../core/mem/mem.h"

#define PAGE 200 /* rows of one answer at most */

/* Rows are copied under the lock and printed after it. */
struct connection_page {
	struct pcscf_connection_view *rows;
	size_t n, skip;
};

struct subscription_page {
	struct pcscf_subscription_view *rows;
	size_t n, skip;
};

static bool take_connection(const struct pcscf_connection_view *view, void *arg)
{
	struct connection_page *page = arg;

	if (page->skip > 0) {
		page->skip--;
		return true;
	}
	page->rows[page->n++] = *view;
	return page->n < PAGE;
}

static bool take_subscription(const struct pcscf_subscription_view *view, void *arg)
{
	struct subscription_page *page = arg;

	if (page->skip > 0) {
		page->skip--;
		return true;
	}
	page->rows[page->n++] = *view;
	return page->n < PAGE;
}

static size_t skip_of(rpc_t *rpc, void *ctx)
{
	int skip = 0;

	return rpc->scan(ctx, "*d", &skip) == 1 && skip > 0 ? (size_t)skip : 0;
}

static void add_connection(rpc_t *rpc, void *ctx, const struct pcscf_connection_view *v)
{
	int64_t left = v->deadline_ms > 0 ? v->deadline_ms - seamless_now_ms() : 0;
	struct kam_id set = kam_id_text(v->set_id);
	void *row;

	if (rpc->add(ctx, "{", &row) < 0)
		return;
	rpc->struct_add(row, "ssssdddd", "set", set.text, "state",
			state_name(&pcscf_connection_table, v->state), "impu", v->identity,
			"contact", v->contact, "sessions", (int)v->sessions, "bindings",
			(int)v->bindings, "seamless", (int)v->seamless, "ends_in_ms",
			(int)(left > 0 ? left : 0));
}

static void rpc_list(rpc_t *rpc, void *ctx)
{
	struct connection_page page = {.skip = skip_of(rpc, ctx)};

	page.rows = pkg_malloc(PAGE * sizeof(*page.rows));
	if (!page.rows) {
		rpc->fault(ctx, 500, "No memory");
		return;
	}
	pcscf_each_connection(seamless_lock(), take_connection, &page);
	seamless_unlock();
	for (size_t i = 0; i < page.n; i++)
		add_connection(rpc, ctx, &page.rows[i]);
	pkg_free(page.rows);
}

static void rpc_show(rpc_t *rpc, void *ctx)
{
	struct pcscf_connection_view view;
	uint64_t id;
	str text;
	int err;

	if (rpc->scan(ctx, "S", &text) < 1 || !kam_id_parse(slice_of(text), &id)) {
		rpc->fault(ctx, 400, "Set id expected: 16 hex digits");
		return;
	}
	err = pcscf_look(seamless_lock(), id, &view);
	seamless_unlock();
	if (err)
		rpc->fault(ctx, 404, "No such set");
	else
		add_connection(rpc, ctx, &view);
}

static void rpc_subscriptions(rpc_t *rpc, void *ctx)
{
	struct subscription_page page = {.skip = skip_of(rpc, ctx)};

	page.rows = pkg_malloc(PAGE * sizeof(*page.rows));
	if (!page.rows) {
		rpc->fault(ctx, 500, "No memory");
		return;
	}
	pcscf_each_subscription(seamless_lock(), take_subscription, &page);
	seamless_unlock();
	for (size_t i = 0; i < page.n; i++) {
		const struct pcscf_subscription_view *v = &page.rows[i];
		int64_t left = v->expires_ms > 0 ? (v->expires_ms - seamless_now_ms()) / 1000 : 0;
		void *row;

		if (rpc->add(ctx, "{", &row) < 0)
			break;
		rpc->struct_add(row, "sssdddd", "impu", v->identity, "state",
				state_name(&pcscf_subscription_table, v->state), "call_id",
				v->call_id, "bindings", (int)v->bindings, "failures",
				(int)v->failures, "version", v->version_seen ? (int)v->version : -1,
				"expires_in_s", (int)(left > 0 ? left : 0));
	}
	pkg_free(page.rows);
}

static void rpc_stats(rpc_t *rpc, void *ctx)
{
	struct pcscf_counts n;
	void *row;

	pcscf_count(seamless_lock(), &n);
	seamless_unlock();
	if (rpc->add(ctx, "{", &row) < 0)
		return;
	rpc->struct_add(row, "dddd", "connections", (int)n.connections, "inactive", (int)n.inactive,
			"sessions", (int)n.sessions, "subscriptions", (int)n.subscriptions);
}

static const char *doc_list[] = {
    "Connections: seamless_pcscf.list [SKIP], 200 rows at most, newest first", 0};
static const char *doc_show[] = {"One connection: seamless_pcscf.show SET-ID", 0};
static const char *doc_subscriptions[] = {
    "Subscriptions to the reg event: seamless_pcscf.subscriptions [SKIP]", 0};
static const char *doc_stats[] = {"How many connections, sessions and subscriptions there are now",
				  0};

rpc_export_t seamless_rpc[] = {
    {"seamless_pcscf.list", rpc_list, doc_list, RET_ARRAY},
    {"seamless_pcscf.show", rpc_show, doc_show, 0},
    {"seamless_pcscf.subscriptions", rpc_subscriptions, doc_subscriptions, RET_ARRAY},
    {"seamless_pcscf.stats", rpc_stats, doc_stats, 0},
    {0, 0, 0, 0},
};

rpc_export_t seamless_old_rpc[] = {
    {"seamless.list", rpc_list, doc_list, RET_ARRAY},
    {"seamless.show", rpc_show, doc_show, 0},
    {"seamless.watches", rpc_subscriptions, doc_subscriptions, RET_ARRAY},
    {"seamless.stats", rpc_stats, doc_stats, 0},
    {0, 0, 0, 0},
};
