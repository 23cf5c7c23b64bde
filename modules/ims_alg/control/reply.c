/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What replies say: errors, statistics, what an order has changed. */
#include <stdio.h>
#include <string.h>

#include "modules/ims_alg/control/control.h"

static unsigned take_error(const struct h248_error *e, char *why, size_t size)
{
	const char *known = h248_error_text(e->code);

	if (!e->code)
		return 0;
	/* A gateway's own text often names the value; it is shown, so only what can be shown. */
	snprintf(why, size, "%.*s", (int)(e->text.len < size ? e->text.len : size - 1),
		 e->text.len ? e->text.p : known);
	for (char *p = why; *p; p++)
		if ((unsigned char)*p < ' ' || (unsigned char)*p > '~')
			*p = '?';
	return e->code;
}

unsigned reply_error(const struct h248_transaction *reply, char *why, size_t size)
{
	unsigned code = take_error(&reply->error, why, size);

	for (const struct h248_action *a = reply->actions; a && !code; a = a->next) {
		for (const struct h248_command *c = a->commands; c && !code; c = c->next) {
			const struct h248_descriptor *d = h248_descriptor_find(c, H248_D_ERROR);

			code = d ? take_error(&d->u.error, why, size) : 0;
		}
		if (!code)
			code = take_error(&a->error, why, size);
	}
	return code;
}

static void add(struct mgc_result *r, enum alg_side side, const struct h248_parm *p)
{
	struct mgc_statistic *s = &r->statistic[r->statistics];
	uint64_t v;
	int n;

	if (r->statistics == MGC_STATISTICS_MAX || h248_parm_u64(p, UINT64_MAX, &v))
		return;
	n = snprintf(s->name, sizeof(s->name), "%.*s/%.*s", (int)p->name.pkg.len, p->name.pkg.p,
		     (int)p->name.item.len, p->name.item.p);
	if (n < 0 || (size_t)n >= sizeof(s->name))
		return;
	s->side = side;
	s->value = v;
	r->statistics++;
}

void reply_statistics(const struct h248_transaction *reply, const struct context *c,
		      struct mgc_result *result)
{
	const struct h248_action *a = reply->actions;

	for (const struct h248_command *cmd = a ? a->commands : NULL; cmd; cmd = cmd->next) {
		const struct h248_descriptor *d = h248_descriptor_find(cmd, H248_D_STATISTICS);
		enum alg_side side = slice_eq_nocase(cmd->tid.id, slice_str(c->now[ALG_CORE].tid))
					 ? ALG_CORE
					 : ALG_ACCESS;

		for (const struct h248_parm *p = d ? d->u.statistics : NULL; p; p = p->next)
			add(result, side, p);
	}
}

static bool is_choice(uint32_t context)
{
	return context == H248_CONTEXT_CHOOSE || context == H248_CONTEXT_ALL ||
	       context == H248_CONTEXT_NULL;
}

static bool has_error(const struct h248_command *c)
{
	return h248_descriptor_find(c, H248_D_ERROR) != NULL;
}

void reply_take_away(struct attempt *a, const struct h248_transaction *reply)
{
	for (const struct h248_action *r = reply->actions; r; r = r->next) {
		if (!a->makes_context || is_choice(r->context) || !r->commands ||
		    has_error(r->commands))
			continue;
		mgc_log(a->mgc, LOG_INFO, "%s: context %u came too late: subtracted",
			a->gateway->cfg.name, r->context);
		gateway_subtract(a->gateway, r->context);
	}
}

static const struct h248_command *next_of(const struct h248_command *c, enum h248_command_kind kind)
{
	return c && c->kind == kind && !has_error(c) ? c : NULL;
}

enum { OUR_OWN = -3 }; /* besides what build_taken() returns */

enum { ACCESSES = sizeof(((struct gateway *)0)->access) / sizeof(struct netaddr) };

static bool gave(const struct gateway *g, const struct netaddr *a)
{
	for (unsigned i = 0; i < g->accesses && i < ACCESSES; i++)
		if (netaddr_ip_eq(&g->access[i], a))
			return true;
	return false;
}

static bool is_a_gateways(const struct mgc *mgc, const struct netaddr *a)
{
	for (unsigned i = 0; netaddr_known(a) && i < mgc->gateways; i++)
		if (gave(&mgc->gateway[i], a))
			return true;
	return false;
}

/* Does a phone give a gateway's address as its own? What is sent there comes back, through this
 * context or another one, and again. The core may: its far end can be in a gateway. */
static bool points_back(struct gateway *g, const struct told *t)
{
	for (unsigned i = 0; i < t->streams; i++) {
		const struct alg_given *given = &t->stream[i].given;

		if (given->given && !gave(g, &given->local))
			g->access[g->accesses++ % ACCESSES] = given->local;
	}
	for (unsigned i = 0; i < t->streams; i++)
		if (is_a_gateways(g->mgc, &t->stream[i].end.remote) ||
		    is_a_gateways(g->mgc, &t->stream[i].end.remote_rtcp))
			return true;
	return false;
}

/* What a step has changed, when its replies are there. Returns the command behind them, or NULL and
 * what happened in *rc: 0 no (more) replies, OUR_OWN, or as build_taken(). */
static const struct h248_command *take_step(struct context *c, struct gateway *g,
					    const struct attempt_step *s,
					    const struct h248_command *reply, int *rc)
{
	static const enum h248_command_kind kinds[] = {
	    [BUILD_ADD] = H248_ADD,	      [BUILD_MODIFY] = H248_MODIFY,
	    [BUILD_RELEASE] = H248_MODIFY,    [BUILD_REPLACE] = H248_ADD,
	    [BUILD_SUBTRACT] = H248_SUBTRACT,
	};
	const struct h248_command *mine = next_of(reply, kinds[s->step]);
	struct told next = {0}, *now = &c->now[s->side];

	*rc = 0;
	if (!mine)
		return NULL;
	*rc = build_taken(s->step, now, &s->to, mine, &next);
	if (!*rc && s->side == ALG_ACCESS && points_back(g, &next)) {
		told_clear(&next);
		*rc = OUR_OWN;
	}
	if ((*rc == -2 || *rc == OUR_OWN) && s->step == BUILD_ADD) {
		/* it is there, and must go again */
		next.there = true;
		if (slice_copy(mine->tid.id, next.tid, sizeof(next.tid)))
			next.there = false;
	} else if (*rc) {
		now->uncertain = true;
		return NULL;
	}
	told_clear(now);
	*now = next;
	if (s->step == BUILD_ADD || s->step == BUILD_REPLACE)
		audit_made(c, s->side);
	if (*rc)
		return NULL;
	if (s->step == BUILD_REPLACE)
		mine = mine->next; /* the Subtract: that it failed is not the call's affair */
	return mine ? mine->next : NULL;
}

int reply_take(struct context *c, const struct attempt *a, const struct h248_transaction *reply,
	       char *why, size_t size)
{
	const struct h248_action *action = reply->actions;
	const struct h248_command *command = action ? action->commands : NULL;
	unsigned code = reply_error(reply, why, size);
	int rc = 0;

	if (command && !c->id && !is_choice(action->context) && next_of(command, H248_ADD))
		context_set_id(c, action->context);
	for (unsigned i = 0; i < a->steps && !rc; i++)
		command = take_step(c, a->gateway, &a->step[i], command, &rc);
	if (!c->now[ALG_ACCESS].there && !c->now[ALG_CORE].there)
		context_set_id(c, 0);
	if (rc && !code) {
		snprintf(why, size, "%s",
			 rc == -1	 ? "no memory"
			 : rc == OUR_OWN ? "the phone's address is the gateway's"
					 : "the reply lacks what was asked for");
		return -1;
	}
	return (int)code;
}
