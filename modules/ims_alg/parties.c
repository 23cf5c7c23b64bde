/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ends of a call that cannot go on are told. */
#include "modules/ims_alg/calls.h"

#include <string.h>

#include "../../core/forward.h"
#include "../../core/mem/shm_mem.h"
#include "modules/ims_alg/core/bye.h"
#include "modules/ims_alg/core/raw.h"
#include "sip/uri.h"

enum { ROUTES_MAX = 4096, BYE_MAX = 8192 };

static void keep(char **to, struct slice text)
{
	char *copy;

	if (*to && slice_eq(slice_str(*to), text))
		return;
	copy = shm_malloc(text.len + 1);
	if (!copy) {
		SHM_MEM_ERROR;
		return;
	}
	memcpy(copy, text.p, text.len);
	copy[text.len] = '\0';
	if (*to)
		shm_free(*to);
	*to = copy;
}

void alg_parties_free(struct alg_entry *e)
{
	for (int i = 0; i < ALG_PARTIES; i++) {
		char **text[] = {&e->party[i].routes, &e->party[i].target, &e->party[i].address};

		for (unsigned j = 0; j < sizeof(text) / sizeof(text[0]); j++)
			if (*text[j])
				shm_free(*text[j]);
	}
}

struct heard {
	const sip_msg_t *msg;
	const struct alg_message *m;
};

static void note_heard(struct alg_entry *e, void *arg)
{
	const struct heard *h = arg;
	struct alg_party *p = &e->party[h->m->from_caller ? ALG_CALLER : ALG_CALLEE];

	/* A request tells best where requests of this end come from. */
	if (!p->heard || h->m->code == 0)
		p->rcv = h->msg->rcv;
	p->heard = true;
	if (h->m->code == 0 && h->m->cseq > p->cseq)
		p->cseq = h->m->cseq;
}

void alg_party_heard(struct alg_entry *e, const sip_msg_t *msg, const struct alg_message *m)
{
	struct heard h = {msg, m};

	(void)alg_calls_look(e->id, note_heard, &h);
}

/* An entry of this call's leg. The same P-CSCF may serve both ends: what it put in for the other one is
 * no entry of ours here, or the BYE would go to the phone that is to be its sender. */
static bool is_ours(struct slice uri, void *arg)
{
	const flow_id_t *leg = arg;
	struct sip_uri_parts u;
	flow_id_t id = 0;
	str host;
	int rc;

	if (sip_uri_parse(uri, &u))
		return false;
	if (u.user.len) {
		rc = alg_flow.by_token(u.user.p, (int)u.user.len, &id);
		if (rc == FLOW_API_OK || rc == FLOW_API_GONE)
			return !*leg || id == *leg;
	}
	host = str_of(u.host);
	return check_self(&host, u.port, 0) > 0;
}

static void note_flow(struct alg_entry *e, void *arg)
{
	*(flow_id_t *)arg = e->flow;
}

struct sent {
	unsigned party;
	bool dialog;
	struct slice routes, target, from, to;
};

static void note_sent(struct alg_entry *e, void *arg)
{
	const struct sent *s = arg;
	struct alg_party *p = &e->party[s->party];

	e->changed = true;
	if (s->target.p)
		keep(&p->target, s->target);
	/* The route set of a dialog stays as it began (RFC 3261 12.2). */
	if (s->routes.len && !p->routes)
		keep(&p->routes, s->routes);
	keep(&e->party[ALG_CALLER].address, s->from);
	keep(&e->party[ALG_CALLEE].address, s->to);
}

/* Requests of the other direction have From and To the other way round. */
static bool is_of_caller(const struct alg_entry *e, struct slice from)
{
	struct slice tag = slice_str(e->caller_tag);

	return tag.len && from.len >= tag.len && memmem(from.p, from.len, tag.p, tag.len);
}

static void turn_if_needed(struct alg_entry *e, void *arg)
{
	struct sent *s = arg;
	struct slice from = s->from;

	if (is_of_caller(e, from))
		return;
	s->from = s->to;
	s->to = from;
}

void alg_party_sent(uint64_t call, unsigned party, struct slice text, bool request)
{
	static char routes[ROUTES_MAX];
	struct sent s = {.party = party};
	flow_id_t leg = 0;
	size_t len;

	if (!alg_calls_look(call, note_flow, &leg) ||
	    alg_bye_routes(text, request, is_ours, &leg, routes, sizeof(routes), &len))
		return;
	s.routes = slice_make(routes, len);
	s.target = alg_bye_target(text);
	s.from = alg_raw_header(text, "From", "f");
	s.to = alg_raw_header(text, "To", "t");
	if (!s.from.p || !s.to.p || !alg_calls_look(call, turn_if_needed, &s))
		return;
	(void)alg_calls_look(call, note_sent, &s);
}

/* ---- BYE ---- */

struct farewell {
	unsigned from;
	bool due, ok;
	struct receive_info rcv;
	char text[BYE_MAX];
	size_t len;
};

/* What this process is just saying; call 0: nothing. */
static struct {
	uint64_t call;
	bool watched; /* tm will tell what becomes of it */
} saying;

void alg_bye_watch(sip_msg_t *msg, const struct alg_note *note)
{
	struct alg_note bye = *note;

	if (!saying.call || saying.call != note->call)
		return;
	bye.bye = true;
	saying.watched = alg_watch(msg, NULL, &bye) == 0;
}

static void note_over(struct alg_entry *e, void *arg)
{
	struct alg_party *p = &e->party[*(unsigned *)arg];

	e->changed |= p->bye_due;
	p->bye_due = false;
}

void alg_bye_over(uint64_t call, unsigned party)
{
	(void)alg_calls_look(call, note_over, &party);
}

/* BYE as this end would say it. */
static void print_bye(struct alg_entry *e, void *arg)
{
	struct farewell *f = arg;
	const struct alg_party *p = &e->party[f->from],
			       *other = &e->party[ALG_PARTIES - 1 - f->from];
	char via[128], reason[160];
	struct alg_bye b = {.call_id = slice_str(e->call_id), .cseq = p->cseq + 1};

	f->due = p->bye_due;
	f->ok = false;
	if (!p->heard || !p->rcv.bind_address || !p->target || !p->address || !other->address)
		return;
	/* Over an SA nobody speaks with another address in his Via than its own (flow_check()). */
	f->rcv = p->rcv;
	snprintf(via, sizeof(via), "SIP/2.0/UDP %s;branch=z9hG4bKalg%s%u",
		 su2a(&f->rcv.src_su, sizeof(f->rcv.src_su)), kam_id_text(e->id).text, f->from);
	snprintf(reason, sizeof(reason), "SIP;cause=%d;text=\"%s\"", e->end_code, e->end_text);
	b.target = slice_str(p->target);
	b.routes = slice_str(p->routes ? p->routes : "");
	b.from = slice_str(p->address);
	b.to = slice_str(other->address);
	b.via = slice_str(via);
	b.reason = slice_str(reason);
	f->ok = alg_bye_print(&b, f->text, sizeof(f->text), &f->len) == 0;
}

/* It is handed to tm, or waits in its call's queue. What never came so far is given up. */
static void say_bye(uint64_t call, const struct farewell *f)
{
	counter_inc(alg_counters.byes);
	saying.call = call;
	saying.watched = false;
	(void)kam_receive(f->text, (unsigned)f->len, &f->rcv);
	saying.call = 0;
	if (!saying.watched)
		alg_bye_over(call, f->from);
}

void alg_hang_up(uint64_t call)
{
	static struct farewell f;

	for (f.from = 0; f.from < ALG_PARTIES; f.from++) {
		if (!alg_calls_look(call, print_bye, &f))
			return;
		if (f.due && f.ok) {
			say_bye(call, &f);
		} else if (f.due) {
			LM_INFO("call %s: too little is known of it to say BYE for its %s\n",
				kam_id_text(call).text, f.from == ALG_CALLER ? "caller" : "callee");
			alg_bye_over(call, f.from);
		}
	}
}

/* ---- the INVITE is answered ---- */

struct refusal {
	struct kam_wait invite;
	bool live;
	int code;
	char text[96];
};

static void note_refusal(struct alg_entry *e, void *arg)
{
	struct refusal *r = arg;

	r->invite = e->invite;
	r->live = e->invite_live;
	r->code = e->end_code;
	memcpy(r->text, e->end_text, sizeof(r->text));
}

void alg_refuse_call(uint64_t call)
{
	char headers[256];
	struct refusal r;

	if (!alg_calls_look(call, note_refusal, &r) || !r.live)
		return;
	alg_refusal_headers(r.code, r.text, headers, sizeof(headers));
	(void)kam_wait_reply(&r.invite, r.code, alg_refusal_phrase(r.code), slice_str(headers));
}
