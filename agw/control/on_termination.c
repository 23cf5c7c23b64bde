/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands on terminations: Add, Modify, Move, Subtract, the audits, ServiceChange (H.248.1 7.2).
 */
#include <stdio.h>
#include <string.h>
#include "agw/control/events.h"
#include "agw/control/local_control.h"
#include "agw/control/run.h"
#include "agw/control/stream_sdp.h"

/* ---- Add ---- */

/* "ip/<label>/$", "ip/$/$", "$": the label names the realm unless ipdc/realm does. */
static struct slice label_of(struct slice tid)
{
	struct slice rest = tid, first = slice_cut(&rest, '/'), label;

	if (!slice_eq_nocase(first, SLICE_LIT("ip")) || !rest.p)
		return SLICE_NULL;
	label = slice_cut(&rest, '/');
	return slice_eq(label, SLICE_LIT("$")) ? SLICE_NULL : label;
}

static struct slice asked_realm(const struct h248_command *cmd)
{
	const struct h248_descriptor *d = h248_descriptor_find(cmd, H248_D_MEDIA);

	for (const struct h248_stream *s = d ? d->u.media.streams : NULL; s; s = s->next) {
		struct slice realm = local_control_realm(s->control);

		if (realm.p)
			return realm;
	}
	return SLICE_NULL;
}

/* With "ip/" before and "/<number>" behind it, the id is a pathNAME. */
enum { LABEL_MAX = H248_TID_MAX - sizeof("ip//18446744073709551615") };

static bool label_is_name(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z') &&
		    !(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '_')
			return false;
	return s.len && s.len <= LABEL_MAX;
}

/* The Audit descriptor of Add, Move and Modify: what it names goes into the reply too. */
static void put_asked(const struct run *r, const struct termination *t, struct h248_command *reply)
{
	bool given;
	const struct h248_audit_item *items = run_audit(r, &given);

	audit_termination(r->g, t, items, r->a, reply);
}

bool run_add(struct run *r, struct slice tid)
{
	struct gateway *g = r->g;
	struct slice label = label_of(tid), asked = asked_realm(r->cmd);
	struct realm *realm = asked.len	  ? realm_find(&g->realms, asked)
			      : label.len ? realm_find(&g->realms, label)
					  : NULL;
	struct termination *t;
	struct h248_command *reply, **tail;
	const char *why = NULL;
	unsigned code;

	if (!h248_tid_has_choose(tid))
		return run_fail(r, tid,
				h248_tid_has_all(tid)		   ? 431
				: termination_find(&g->model, tid) ? 433
								   : 430,
				NULL);
	if (r->context->n_terminations >= g->cfg.terminations_per_context)
		return run_fail(r, tid, 434, NULL);
	if (!asked.len && !label.len)
		return run_fail(r, tid, 472, "ipdc/realm");
	if (!realm) { /* with the value, as the profile wants it */
		struct slice v = asked.len ? asked : label, copy;
		char text[96];

		snprintf(text, sizeof(text), "no realm %.*s", (int)v.len, v.p);
		copy = h248_copy(r->a, slice_make(text, strlen(text) + 1));
		return run_fail(r, tid, 449, copy.p ? copy.p : "no such realm");
	}
	if (!label.len)
		label = slice_str(realm->cfg.name);
	if (!label_is_name(label))
		return run_fail(r, tid, 432, "the middle of the id is letters, digits and _");
	t = termination_new(&g->model, r->context, realm, label);
	if (!t)
		return run_fail(r, tid, 510, NULL);
	tail = &r->out->commands;
	while (*tail)
		tail = &(*tail)->next;
	reply = run_reply(r, h248_copy(r->a, slice_str(t->id)));
	g->touched |= h248_descriptor_find(r->cmd, H248_D_MEDIA) != NULL;
	code = reply ? descriptors_apply(g, t, r->cmd, r->a, reply, &why, r->now_ms) : 500;
	if (code) {
		*tail = NULL; /* the half-made answer */
		termination_free(&g->model, t);
		return run_fail(r, tid, code, why);
	}
	put_asked(r, t, reply);
	return true;
}

/* ---- commands on what is there ---- */

static bool modify(struct run *r, struct termination *t)
{
	struct h248_command *reply, **tail = &r->out->commands;
	const char *why = NULL;
	unsigned code;

	while (*tail)
		tail = &(*tail)->next;
	reply = run_reply(r, h248_copy(r->a, slice_str(t->id)));
	code = reply ? descriptors_apply(r->g, t, r->cmd, r->a, reply, &why, r->now_ms) : 500;
	if (!code) {
		put_asked(r, t, reply);
		return true;
	}
	*tail = NULL;
	return run_fail(r, slice_str(t->id), code, why);
}

static bool move(struct run *r, struct termination *t)
{
	struct context *from = t->context;

	if (t->context == r->context)
		return run_fail(r, slice_str(t->id), 433, NULL);
	if (r->context->n_terminations >= r->g->cfg.terminations_per_context)
		return run_fail(r, slice_str(t->id), 434, NULL);
	termination_move(t, r->context);
	if (!modify(r, t)) {
		termination_move(t, from);
		return false;
	}
	if (!from->n_terminations)
		context_free(&r->g->model, from);
	return true;
}

static bool subtract(struct run *r, struct termination *t)
{
	bool given;
	const struct h248_audit_item *items = run_audit(r, &given);
	struct h248_command *reply =
	    r->cmd->wildcard_response ? NULL : run_reply(r, h248_copy(r->a, slice_str(t->id)));

	if (reply && !given) {
		audit_streams_statistics(t, r->a, reply, r->now_ms);
		audit_statistics(t, r->a, reply, r->now_ms);
	} else if (reply) {
		audit_termination(r->g, t, items, r->a, reply);
	}
	termination_free(&r->g->model, t);
	return true;
}

static bool audit(struct run *r, struct termination *t)
{
	bool given;
	const struct h248_audit_item *items = run_audit(r, &given);
	struct h248_command *reply = run_reply(r, h248_copy(r->a, slice_str(t->id)));

	if (reply && r->cmd->kind == H248_AUDIT_CAPABILITY)
		audit_capability(items, r->a, reply);
	else if (reply)
		audit_termination(r->g, t, items, r->a, reply);
	return true;
}

static void silence(struct gateway *g, struct termination *t, bool on)
{
	t->silenced = on;
	for (struct stream *s = t->streams; s; s = s->next)
		if (s->leg) {
			stream_finish_config(s, g->cfg.msrp_rewrite);
			media_leg_configure(s->leg, &s->config);
		}
}

/* The MGC takes terminations out of or back into service (7.2.8). */
static bool service_change(struct run *r, struct termination *t)
{
	const struct h248_descriptor *d = h248_descriptor_find(r->cmd, H248_D_SERVICES);

	switch (d->u.services.method) {
	case H248_FORCED:
		silence(r->g, t, true);
		t->out_of_service = true;
		break;
	case H248_GRACEFUL:
		t->out_of_service = true;
		break;
	case H248_RESTART:
		silence(r->g, t, false);
		t->out_of_service = false;
		break;
	default:
		return run_fail(r, slice_str(t->id), 501, "ServiceChangeMethod");
	}
	run_reply(r, h248_copy(r->a, slice_str(t->id)));
	return true;
}

bool run_on_termination(struct run *r, struct termination *t)
{
	if (t->heartbeat_due_ms) /* the MGC knows of it */
		events_heartbeat_again(t, r->now_ms);
	if (r->cmd->kind != H248_AUDIT_VALUE && r->cmd->kind != H248_AUDIT_CAPABILITY)
		r->g->touched |= t->streams || h248_descriptor_find(r->cmd, H248_D_MEDIA);
	switch (r->cmd->kind) {
	case H248_MODIFY:
		return modify(r, t);
	case H248_MOVE:
		return move(r, t);
	case H248_SUBTRACT:
		return subtract(r, t);
	case H248_AUDIT_VALUE:
	case H248_AUDIT_CAPABILITY:
		return audit(r, t);
	case H248_SERVICE_CHANGE:
		return service_change(r, t);
	default:
		return run_fail(r, slice_str(t->id), 443, NULL);
	}
}
