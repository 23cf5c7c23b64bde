/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RPCs alg.calls and alg.call; docs/modules/ims_alg.md. */
#include "modules/ims_alg/calls.h"

#include <string.h>

enum { PAGE_MAX = 500, PAGE = 50 };

/* What is shown of a call, copied under its lock. */
struct shown {
	uint64_t id, born_ms;
	char call_id[128], caller_tag[64], gateway[MGC_GATEWAY_NAME_MAX], phone[NETADDR_TEXT_MAX];
	uint8_t state, caller;
	bool busy;
	unsigned queued, streams;
};

struct page {
	unsigned skip, n, max;
	struct shown row[PAGE_MAX];
};

static unsigned live_streams(const struct alg_entry *e)
{
	const struct alg_session *s = e->busy ? NULL : alg_leg_session(&e->leg);
	unsigned n = 0;

	for (unsigned i = 0; s && i < s->media.streams; i++)
		n += s->media.stream[i].live;
	return n;
}

static void show(const struct alg_entry *e, struct shown *out)
{
	out->id = e->id;
	out->born_ms = e->born_ms;
	snprintf(out->call_id, sizeof(out->call_id), "%s", e->call_id);
	snprintf(out->caller_tag, sizeof(out->caller_tag), "%s", e->caller_tag);
	memcpy(out->gateway, e->gateway, sizeof(out->gateway));
	netaddr_text(&e->phone, out->phone);
	out->state = e->leg.call.state;
	out->caller = (uint8_t)e->leg.caller;
	out->busy = e->busy;
	out->queued = e->queued;
	out->streams = live_streams(e);
}

static int add_to_page(const struct alg_entry *e, void *arg)
{
	struct page *p = arg;

	if (p->skip) {
		p->skip--;
		return 0;
	}
	if (p->n == p->max)
		return 1;
	show(e, &p->row[p->n++]);
	return 0;
}

static void print_shown(rpc_t *rpc, void *row, const struct shown *s)
{
	rpc->struct_add(row, "ssssssddddd", "id", kam_id_text(s->id).text, "call_id", s->call_id,
			"caller_tag", s->caller_tag, "state", state_name(&alg_call_table, s->state),
			"phone", s->phone, "gateway", s->gateway, "from_phone",
			s->caller == ALG_ACCESS, "streams", (int)s->streams, "seconds",
			(int)((kam_now_ms() - s->born_ms) / 1000), "busy", s->busy, "queued",
			(int)s->queued);
}

static void rpc_calls(rpc_t *rpc, void *ctx)
{
	static struct page p;
	int skip = 0, max = PAGE;
	void *row;

	rpc->scan(ctx, "*dd", &skip, &max);
	if (skip < 0 || max < 0 || max > PAGE_MAX) {
		rpc->fault(ctx, 400, "Begin and number: at most 500 at a time");
		return;
	}
	p.skip = (unsigned)skip;
	p.max = (unsigned)max;
	p.n = 0;
	if (max)
		alg_calls_each(add_to_page, &p);
	if (rpc->add(ctx, "{", &row) < 0)
		return;
	rpc->struct_add(row, "ddd", "total", (int)alg_calls_count(), "first", skip, "waiting",
			kam_waits());
	for (unsigned i = 0; i < p.n; i++) {
		if (rpc->add(ctx, "{", &row) < 0)
			return;
		print_shown(rpc, row, &p.row[i]);
	}
}

/* ---- one call ---- */

struct told {
	struct shown shown;
	unsigned lines;
	struct alg_line_of_story line[ALG_STORY_MAX];
	char end_text[96];
	int end_code;
	bool bye_due[ALG_PARTIES];
};

static void copy_story(struct alg_entry *e, void *arg)
{
	struct told *t = arg;
	unsigned n = e->story_n, first = n > ALG_STORY_MAX ? n - ALG_STORY_MAX : 0;

	show(e, &t->shown);
	for (t->lines = 0; first + t->lines < n; t->lines++)
		t->line[t->lines] = e->story[(first + t->lines) % ALG_STORY_MAX];
	t->end_code = e->end_code;
	for (int i = 0; i < ALG_PARTIES; i++)
		t->bye_due[i] = e->party[i].bye_due;
	memcpy(t->end_text, e->end_text, sizeof(t->end_text));
}

static const char *method_name(unsigned m)
{
	static const char *const names[] = {"INVITE", "ACK", "PRACK", "UPDATE", "BYE", "CANCEL"};

	return m < sizeof(names) / sizeof(names[0]) ? names[m] : "-";
}

static void print_line(rpc_t *rpc, void *ctx, const struct alg_line_of_story *l)
{
	const char *event =
	    l->is_event ? alg_call_table.event_names[l->event] : "nothing that counts";
	char what[32] = "the gateway or the clock";

	if (l->code)
		snprintf(what, sizeof(what), "%u %s", l->code, method_name(l->method));
	else if (l->is_event && l->event != ALG_EV_LOST && l->event != ALG_EV_EXPIRED)
		snprintf(what, sizeof(what), "%s", method_name(l->method));
	rpc->rpl_printf(ctx, "%u.%03u %s %s: %s, %s, %s%s; %s", l->after_ms / 1000,
			l->after_ms % 1000, l->from_caller ? ">" : "<", what, event,
			alg_call_action_name((enum alg_call_action)l->action),
			alg_leg_todo_name((enum alg_leg_todo)l->todo), l->failed ? " (failed)" : "",
			state_name(&alg_call_table, l->state));
}

static void rpc_call(rpc_t *rpc, void *ctx)
{
	static struct told t;
	uint64_t id;
	void *row;
	str text;

	if (rpc->scan(ctx, "S", &text) < 1)
		return;
	if (!kam_id_parse(slice_of(text), &id) || !alg_calls_look(id, copy_story, &t)) {
		rpc->fault(ctx, 404, "No such call");
		return;
	}
	if (rpc->add(ctx, "{", &row) < 0)
		return;
	print_shown(rpc, row, &t.shown);
	for (unsigned i = 0; i < t.lines; i++)
		print_line(rpc, ctx, &t.line[i]);
	if (t.end_code)
		rpc->rpl_printf(ctx, "ended: %d %s", t.end_code, t.end_text);
	/* It goes to the other one. */
	if (t.bye_due[ALG_CALLEE])
		rpc->rpl_printf(ctx, "BYE to the caller is not answered yet");
	if (t.bye_due[ALG_CALLER])
		rpc->rpl_printf(ctx, "BYE to the callee is not answered yet");
}

static const char *calls_doc[] = {"Calls: begin (0), number (50)", 0};
static const char *call_doc[] = {"One call's story: its id", 0};

rpc_export_t alg_rpc_calls[] = {
    {"alg.calls", rpc_calls, calls_doc, RET_ARRAY},
    {"alg.call", rpc_call, call_doc, RET_ARRAY},
    {0, 0, 0, 0},
};
