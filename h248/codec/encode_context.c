/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h248/codec/write.h"

static void put_context_id(struct writer *w, uint32_t id)
{
	if (id == H248_CONTEXT_ALL)
		put_char(w, '*');
	else if (id == H248_CONTEXT_NULL)
		put_char(w, '-');
	else
		put_number(w, id);
}

static void encode_topology(struct writer *w, const struct h248_topology *t)
{
	static const enum h248_token directions[] = {T_NONE,   T_BOTHWAY,	  T_ISOLATE,
						     T_ONEWAY, T_ONEWAY_EXTERNAL, T_ONEWAY_BOTH};

	put_token(w, T_TOPOLOGY);
	put_char(w, '{');
	for (; t; t = t->next) {
		put_tid(w, t->a);
		put_char(w, ',');
		put_tid(w, t->b);
		put_char(w, ',');
		if (t->direction < H248_BOTHWAY || t->direction > H248_ONEWAY_BOTH)
			put_fail(w, H248_E_VALUE);
		else
			put_token(w, directions[t->direction]);
		if (t->direction >= H248_ONEWAY_EXTERNAL)
			put_since(w, 3);
		if (t->has_stream) {
			put_since(w, 2);
			put_char(w, ',');
			put_token(w, T_STREAM);
			put_equal(w);
			put_number(w, t->stream);
		}
		if (t->next)
			put_char(w, ',');
	}
	put_char(w, '}');
}

static void put_parms(struct writer *w, const struct h248_parm *list, bool *first)
{
	for (; list; list = list->next) {
		put_comma(w, first);
		put_parm(w, list);
	}
}

static void put_on_off(struct writer *w, enum h248_token token, enum h248_switch value, bool *first)
{
	put_comma(w, first);
	put_since(w, 3);
	put_token(w, token);
	put_equal(w);
	put_slice(w, value == H248_ON ? SLICE_LIT("ON") : SLICE_LIT("OFF"));
}

static void encode_attributes(struct writer *w, const struct h248_context_properties *c,
			      bool *outer)
{
	bool first = true;

	if (!c->attributes && !c->list)
		return;
	put_comma(w, outer);
	put_since(w, 3);
	put_token(w, T_CONTEXT_ATTR);
	put_open(w);
	put_must(w, !c->attributes || !c->list);
	put_parms(w, c->attributes, &first);
	if (c->list) {
		put_comma(w, &first);
		put_token(w, T_CONTEXT_LIST);
		put_equal(w);
		put_char(w, '{');
		for (const struct h248_context_id *id = c->list; id; id = id->next) {
			put_context_id(w, id->id);
			if (id->next)
				put_char(w, ',');
		}
		put_char(w, '}');
	}
	put_close(w);
}

static void encode_priority(struct writer *w, const struct h248_context_properties *c, bool *first)
{
	if (!c->has_priority)
		return;
	put_comma(w, first);
	put_token(w, T_PRIORITY);
	put_equal(w);
	put_number(w, c->priority);
}

static void encode_properties(struct writer *w, const struct h248_context_properties *c,
			      bool *first)
{
	if (c->topology) {
		put_comma(w, first);
		encode_topology(w, c->topology);
	}
	encode_priority(w, c, first);
	if (c->emergency) {
		put_comma(w, first);
		if (c->emergency == H248_OFF)
			put_since(w, 3);
		put_token(w, c->emergency == H248_ON ? T_EMERGENCY : T_EMERGENCY_OFF);
	}
	if (c->ieps)
		put_on_off(w, T_IEPS, c->ieps, first);
	encode_attributes(w, c, first);
}

static void encode_selection(struct writer *w, const struct h248_context_properties *c, bool *first)
{
	put_since(w, 3);
	encode_priority(w, c, first);
	if (c->emergency) {
		put_comma(w, first);
		put_token(w, T_EMERGENCY_VALUE);
		put_equal(w);
		put_token(w, c->emergency == H248_ON ? T_EMERGENCY : T_EMERGENCY_OFF);
	}
	if (c->ieps)
		put_on_off(w, T_IEPS, c->ieps, first);
	encode_attributes(w, c, first);
}

static void encode_audit(struct writer *w, const struct h248_context_audit *a)
{
	static const enum h248_token tokens[] = {T_TOPOLOGY, T_EMERGENCY, T_PRIORITY, T_IEPS};
	bool first = true;

	put_token(w, T_CONTEXT_AUDIT);
	put_open(w);
	if (a->in_context_attr) {
		put_since(w, 3);
		put_token(w, T_CONTEXT_ATTR);
		put_open(w);
	}
	for (unsigned i = 0; i < 4; i++) {
		if (!(a->what & 1u << i))
			continue;
		put_comma(w, &first);
		if (1u << i == H248_CA_IEPS)
			put_since(w, 3);
		put_token(w, tokens[i]);
	}
	if (a->attributes)
		put_since(w, 3);
	put_parms(w, a->attributes, &first);
	if (a->select)
		encode_selection(w, a->select, &first);
	if (a->logic) {
		put_comma(w, &first);
		put_since(w, 3);
		put_token(w, a->logic == H248_AND ? T_AND_LOGIC : T_OR_LOGIC);
	}
	if (first)
		put_fail(w, H248_E_VALUE);
	if (a->in_context_attr)
		put_close(w);
	put_close(w);
}

void encode_context(struct writer *w, const struct h248_action *action, bool *first)
{
	if (action->properties)
		encode_properties(w, action->properties, first);
	if (action->audit) {
		put_comma(w, first);
		encode_audit(w, action->audit);
	}
}
