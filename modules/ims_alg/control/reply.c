/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What replies say: errors, statistics. */
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
