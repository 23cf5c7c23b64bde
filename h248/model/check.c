/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the grammar lets pass but a receiver must refuse: clauses 6.2, 7.1, 7.2. */
#include "h248/check.h"
#include "h248/model/nocase.h"

struct check {
	const struct h248_check_options *options;
	const struct h248_support *mine;  /* what is implemented here; NULL: everything */
	const struct h248_support *other; /* the same of terminations for ROOT, and of ROOT for
					     terminations: their packages are known too */
	struct h248_error *error;
};

static int refuse(struct check *c, unsigned code, const char *text)
{
	c->error->code = (uint16_t)code;
	c->error->text = slice_str(text ? text : h248_error_text(code));
	return (int)code;
}

#define BIT(kind) (1u << (kind))
#define AMM                                                                                        \
	(BIT(H248_D_MEDIA) | BIT(H248_D_MODEM) | BIT(H248_D_MUX) | BIT(H248_D_EVENTS) |            \
	 BIT(H248_D_SIGNALS) | BIT(H248_D_DIGIT_MAP) | BIT(H248_D_EVENT_BUFFER) |                  \
	 BIT(H248_D_AUDIT) | BIT(H248_D_STATISTICS))

/* Which descriptors a request may hold, and which it must. */
static const struct {
	unsigned may, must;
} legal[H248_COMMANDS] = {
    [H248_ADD] = {AMM, 0},
    [H248_MOVE] = {AMM, 0},
    [H248_MODIFY] = {AMM, 0},
    [H248_SUBTRACT] = {BIT(H248_D_AUDIT), 0},
    [H248_AUDIT_VALUE] = {BIT(H248_D_AUDIT), BIT(H248_D_AUDIT)},
    [H248_AUDIT_CAPABILITY] = {BIT(H248_D_AUDIT), BIT(H248_D_AUDIT)},
    [H248_NOTIFY] = {BIT(H248_D_OBSERVED_EVENTS) | BIT(H248_D_ERROR), BIT(H248_D_OBSERVED_EVENTS)},
    [H248_SERVICE_CHANGE] = {BIT(H248_D_SERVICES), BIT(H248_D_SERVICES)},
};

static int check_place(struct check *c, const struct h248_command *command, uint32_t context)
{
	bool amms = command->kind <= H248_SUBTRACT;

	if (context == H248_CONTEXT_CHOOSE && command->kind != H248_ADD &&
	    command->kind != H248_MOVE)
		return refuse(c, 421, "a new context needs Add or Move");
	if (context == H248_CONTEXT_ALL &&
	    (command->kind == H248_ADD || command->kind == H248_MOVE))
		return refuse(c, 421, "Add and Move need one context");
	if (context == H248_CONTEXT_NULL && amms && command->kind != H248_MODIFY)
		return refuse(c, 421, "Add, Move and Subtract do not work on the null context");
	for (const struct h248_tid *t = &command->tid; t; t = t->next) {
		bool choose = h248_tid_has_choose(t->id);

		if (h248_tid_is_root(t->id) && amms && command->kind != H248_MODIFY)
			return refuse(c, 410, "ROOT cannot be in a context");
		if (h248_tid_is_root(t->id) && context != H248_CONTEXT_NULL &&
		    (context != H248_CONTEXT_ALL || command->kind < H248_AUDIT_VALUE))
			return refuse(c, 410, "ROOT is in the null context");
		if (choose && command->kind != H248_ADD)
			return refuse(c, 410, "CHOOSE is only for Add");
		if (command->kind == H248_NOTIFY && (choose || h248_tid_has_all(t->id)))
			return refuse(c, 410, "Notify needs one TerminationID");
	}
	return 0;
}

/* Of an item: no such one in its package, and one that the receiver does not implement. */
static const struct {
	uint16_t unknown, missing;
} codes[] = {
    [H248_PROPERTY] = {450, 445},    [H248_EVENT] = {451, 512},
    [H248_SIGNAL] = {452, 513},	     [H248_STATISTIC] = {453, 501},
    [H248_EVENT_PARM] = {446, 446},  [H248_OBSERVED_PARM] = {446, 446},
    [H248_SIGNAL_PARM] = {446, 446},
};

static int check_package(struct check *c, struct slice name)
{
	const struct h248_package_info *info = h248_package_find(name);

	if (!info)
		return refuse(c, 440, NULL);
	if (c->mine && !h248_support_has_package(c->mine, info) &&
	    !(c->other && h248_support_has_package(c->other, info)))
		return refuse(c, 440, NULL);
	return 0;
}

/* `item` is what the table has under that name, or NULL. */
static int check_item(struct check *c, struct slice package, const struct h248_item *item,
		      enum h248_item_kind kind)
{
	int code;

	if (item && (!c->mine || h248_support_has(c->mine, item)))
		return 0;
	code = check_package(c, package);
	if (code)
		return code;
	return refuse(c, item ? codes[kind].missing : codes[kind].unknown, NULL);
}

/* Unknown packages may be let pass: then nothing is known about their items. */
static bool let_pass(const struct check *c, struct slice package)
{
	return c->options && c->options->allow_unknown && !h248_package_find(package);
}

static bool any(struct slice s)
{
	return s.len == 1 && s.p[0] == '*';
}

static int check_values(struct check *c, const struct h248_item *item, const struct h248_parm *p)
{
	if (p->relation == H248_NO_VALUE)
		return refuse(c, 472, "value missing");
	for (const struct h248_value *v = &p->value; v; v = v->next) {
		if (!(v->text.len == 1 && v->text.p[0] == '$') && !h248_value_fits(item, v->text))
			return refuse(c, 449, NULL);
	}
	return 0;
}

/* Does p's name stand in front of p already? Asked for names of the table only: then the first one
 * that is there twice ends a list of any length soon. */
static bool appeared(const struct h248_parm *list, const struct h248_parm *p)
{
	while (list != p && !(nocase_equal(list->name.item, p->name.item) &&
			      nocase_equal(list->name.pkg, p->name.pkg)))
		list = list->next;
	return list != p;
}

static int check_properties(struct check *c, const struct h248_parm *list, unsigned where)
{
	for (const struct h248_parm *p = list; p; p = p->next) {
		const struct h248_item *item;
		int code;

		if (let_pass(c, p->name.pkg))
			continue;
		item = h248_item_find(p->name.pkg, H248_PROPERTY, p->name.item, SLICE_NULL);
		code = check_item(c, p->name.pkg, item, H248_PROPERTY);
		if (code)
			return code;
		if (appeared(list, p))
			return refuse(c, 456, NULL);
		if (!(item->where & where))
			return refuse(c, 455, NULL);
		if (item->where & H248_READ_ONLY)
			return refuse(c, 534, NULL);
		code = check_values(c, item, p);
		if (code)
			return code;
	}
	return 0;
}

static int check_statistics(struct check *c, const struct h248_parm *list)
{
	for (; list; list = list->next) {
		const struct slice *pkg = &list->name.pkg, *name = &list->name.item;
		int code;

		if (any(*pkg) || let_pass(c, *pkg))
			continue;
		code = any(*name)
			   ? check_package(c, *pkg)
			   : check_item(c, *pkg,
					h248_item_find(*pkg, H248_STATISTIC, *name, SLICE_NULL),
					H248_STATISTIC);
		if (code)
			return code;
	}
	return 0;
}

static int check_media(struct check *c, const struct h248_media *media)
{
	unsigned streams = 0;
	int code;

	for (const struct h248_stream *s = media->streams; s; s = s->next) {
		if (++streams > H248_STREAMS_MAX)
			return refuse(c, 510, "too many streams in one termination");
		for (const struct h248_stream *q = media->streams; q != s; q = q->next) {
			if (q->id == s->id)
				return refuse(c, 448, "Stream appears twice");
		}
		if (s->control) {
			code = check_properties(c, s->control->properties, H248_IN_LOCAL_CONTROL);
			if (code)
				return code;
		}
		code = check_statistics(c, s->statistics);
		if (code)
			return code;
	}
	return media->state
		   ? check_properties(c, media->state->properties, H248_IN_TERMINATION_STATE)
		   : 0;
}

static int check_parms(struct check *c, const struct h248_name *of, const struct h248_parm *list,
		       enum h248_item_kind kind, enum h248_item_kind or_kind)
{
	for (const struct h248_parm *p = list; p; p = p->next) {
		const struct h248_item *item;
		int code;

		if (any(of->item))
			continue;
		item = h248_item_find(of->pkg, kind, p->name.item, of->item);
		if (!item)
			item = h248_item_find(of->pkg, or_kind, p->name.item, of->item);
		code = check_item(c, of->pkg, item, kind);
		if (code)
			return code;
		if (appeared(list, p))
			return refuse(c, 456, "parameter appears twice");
		code = check_values(c, item, p);
		if (code)
			return code;
	}
	return 0;
}

static int check_signals(struct check *c, const struct h248_signal *list)
{
	const struct h248_item *item;
	int code = 0;

	for (; list && !code; list = list->next) {
		if (list->is_list) {
			code = check_signals(c, list->list);
			continue;
		}
		if (let_pass(c, list->name.pkg))
			continue;
		item = h248_item_find(list->name.pkg, H248_SIGNAL, list->name.item, SLICE_NULL);
		code = check_item(c, list->name.pkg, item, H248_SIGNAL);
		if (!code)
			code = check_parms(c, &list->name, list->parms, H248_SIGNAL_PARM,
					   H248_SIGNAL_PARM);
	}
	return code;
}

static int check_events(struct check *c, const struct h248_event *list, enum h248_item_kind kind);

static int check_embed(struct check *c, const struct h248_embed *embed)
{
	int code = 0;

	if (embed && embed->signals)
		code = check_signals(c, embed->signals->list);
	if (!code && embed && embed->events)
		code = check_events(c, embed->events->list, H248_EVENT_PARM);
	return code;
}

static int check_events(struct check *c, const struct h248_event *list, enum h248_item_kind kind)
{
	int code = 0;

	for (; list && !code; list = list->next) {
		code = check_embed(c, list->embed);
		if (!code)
			code = check_embed(c, list->regulated);
		if (code || any(list->name.pkg) || let_pass(c, list->name.pkg))
			continue;
		code = any(list->name.item)
			   ? check_package(c, list->name.pkg)
			   : check_item(c, list->name.pkg,
					h248_item_find(list->name.pkg, H248_EVENT, list->name.item,
						       SLICE_NULL),
					H248_EVENT);
		if (!code)
			code = check_parms(c, &list->name, list->parms, kind, H248_EVENT_PARM);
	}
	return code;
}

static int check_audit(struct check *c, const struct h248_audit_item *list,
		       enum h248_command_kind kind)
{
	unsigned seen = 0;

	for (; list; list = list->next) {
		bool excluded = list->kind == H248_D_DIGIT_MAP || list->kind == H248_D_PACKAGES;

		if (kind == H248_AUDIT_CAPABILITY && excluded)
			return refuse(c, 447, "not in AuditCapability");
		if (!list->part && (seen & BIT(list->kind)))
			return refuse(c, 448, NULL);
		seen |= BIT(list->kind);
	}
	return 0;
}

static int check_services(struct check *c, const struct h248_services *services)
{
	if (!services->method)
		return refuse(c, 472, "ServiceChange without Method");
	if (!services->reason_text.len)
		return refuse(c, 472, "ServiceChange without Reason");
	return 0;
}

static int check_descriptor(struct check *c, const struct h248_descriptor *d,
			    enum h248_command_kind kind)
{
	switch (d->kind) {
	case H248_D_MEDIA:
		return check_media(c, &d->u.media);
	case H248_D_EVENTS:
		return check_events(c, d->u.events.list, H248_EVENT_PARM);
	case H248_D_EVENT_BUFFER:
		return check_events(c, d->u.event_buffer, H248_EVENT_PARM);
	case H248_D_OBSERVED_EVENTS:
		return check_events(c, d->u.events.list, H248_OBSERVED_PARM);
	case H248_D_SIGNALS:
		return check_signals(c, d->u.signals.list);
	case H248_D_STATISTICS:
		return check_statistics(c, d->u.statistics);
	case H248_D_AUDIT:
		return check_audit(c, d->u.audit, kind);
	case H248_D_SERVICES:
		return check_services(c, &d->u.services);
	default:
		return 0;
	}
}

static void choose_support(struct check *c, const struct h248_command *command)
{
	bool root = false;

	for (const struct h248_tid *t = &command->tid; t; t = t->next)
		root |= h248_tid_is_root(t->id);
	if (!c->options)
		return;
	c->mine = root ? c->options->root_items : c->options->items;
	c->other = root ? c->options->items : c->options->root_items;
}

int h248_check_command(const struct h248_command *command, uint32_t context,
		       const struct h248_check_options *options, struct h248_error *error)
{
	struct check c = {.options = options, .error = error};
	unsigned seen = 0;
	int code;

	*error = (struct h248_error){0};
	if (command->error.code) {
		*error = command->error;
		return command->error.code;
	}
	if (command->kind <= 0 || command->kind >= H248_COMMANDS)
		return refuse(&c, 443, NULL);
	choose_support(&c, command);
	code = check_place(&c, command, context);
	for (const struct h248_descriptor *d = command->descriptors; d && !code; d = d->next) {
		if (d->kind == H248_D_TOKEN || !(legal[command->kind].may & BIT(d->kind)))
			return refuse(&c, 447, NULL);
		if (seen & BIT(d->kind))
			return refuse(&c, 448, NULL);
		seen |= BIT(d->kind);
		code = check_descriptor(&c, d, command->kind);
	}
	if (!code && (legal[command->kind].must & ~seen))
		return refuse(&c, 472, "descriptor missing");
	return code;
}
