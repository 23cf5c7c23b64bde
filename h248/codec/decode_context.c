/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Context properties and ContextAudit, clauses 6.1.1 and 7.1.18. */
#include "h248/codec/scan.h"

static int decode_topology(struct scanner *s, struct h248_topology **list)
{
	struct h248_topology *t = NULL;

	if (*list)
		return scan_fail(s, 0, "Topology given twice");
	if (scan_expect(s, '{'))
		return -1;
	do {
		const char *p = s->p;

		if (t && scan_token(s) == T_STREAM && scan_accept(s, '=')) {
			if (t->has_stream || scan_since(s, 2))
				return scan_fail(s, 0, "Stream given twice");
			t->has_stream = true;
			if (scan_u16(s, &t->stream))
				return -1;
			continue;
		}
		s->p = p;
		t = scan_new(s, sizeof(*t));
		if (!t || scan_tid(s, &t->a) || scan_expect(s, ',') || scan_tid(s, &t->b) ||
		    scan_expect(s, ','))
			return -1;
		switch (scan_token(s)) {
		case T_BOTHWAY:
			t->direction = H248_BOTHWAY;
			break;
		case T_ISOLATE:
			t->direction = H248_ISOLATE;
			break;
		case T_ONEWAY:
			t->direction = H248_ONEWAY;
			break;
		case T_ONEWAY_EXTERNAL:
			t->direction = H248_ONEWAY_EXTERNAL;
			break;
		case T_ONEWAY_BOTH:
			t->direction = H248_ONEWAY_BOTH;
			break;
		default:
			return scan_fail(s, 0, "topology direction expected");
		}
		if (t->direction >= H248_ONEWAY_EXTERNAL && scan_since(s, 3))
			return -1;
		*list = t;
		list = &t->next;
	} while (scan_accept(s, ','));
	return scan_expect(s, '}');
}

static int decode_context_list(struct scanner *s, struct h248_context_id **list)
{
	if (*list)
		return scan_fail(s, 0, "ContextList given twice");
	if (scan_expect(s, '=') || scan_expect(s, '{'))
		return -1;
	do {
		struct h248_context_id *id = scan_new(s, sizeof(*id));
		struct slice word = scan_word(s);
		uint64_t v = 0;

		if (!id)
			return -1;
		if (word.len == 1 && word.p[0] == '*')
			v = H248_CONTEXT_ALL;
		else if (word.len == 1 && word.p[0] == '-')
			v = H248_CONTEXT_NULL;
		else if (scan_number(s, word, H248_CONTEXT_CHOOSE - 1, &v))
			return -1;
		id->id = (uint32_t)v;
		*list = id;
		list = &id->next;
	} while (scan_accept(s, ','));
	return scan_expect(s, '}');
}

/* pkg/item=value; in an audit pkg/item alone. */
static int decode_attribute(struct scanner *s, struct slice word, struct h248_parm ***tail)
{
	struct h248_parm *parm = scan_new(s, sizeof(*parm));

	if (!parm || scan_name(s, word, true, &parm->name) || scan_relation(s, parm, false))
		return -1;
	**tail = parm;
	*tail = &parm->next;
	return 0;
}

/* ContextAttr{..}: properties, or the list of contexts. */
static int decode_attributes(struct scanner *s, struct h248_context_properties *c)
{
	struct h248_parm **tail = &c->attributes;

	if (*tail)
		return scan_fail(s, 0, "ContextAttr given twice");
	if (scan_since(s, 3) || scan_expect(s, '{'))
		return -1;
	do {
		struct slice word = scan_word(s);

		if (h248_token_find(word) == T_CONTEXT_LIST) {
			if (decode_context_list(s, &c->list))
				return -1;
		} else if (decode_attribute(s, word, &tail)) {
			return -1;
		}
	} while (scan_accept(s, ','));
	return scan_expect(s, '}');
}

static int decode_priority(struct scanner *s, struct h248_context_properties *c)
{
	if (c->has_priority)
		return scan_fail(s, 0, "Priority given twice");
	c->has_priority = true;
	return scan_u16(s, &c->priority);
}

static int decode_emergency_value(struct scanner *s, enum h248_switch *out)
{
	switch (scan_token(s)) {
	case T_EMERGENCY:
		*out = H248_ON;
		return 0;
	case T_EMERGENCY_OFF:
		*out = H248_OFF;
		return 0;
	default:
		return scan_fail(s, 0, "Emergency or EmergencyOff expected");
	}
}

static int ask(struct scanner *s, struct h248_context_audit *audit, unsigned what)
{
	if (audit->what & what)
		return scan_fail(s, 0, "audited twice");
	audit->what |= what;
	return 0;
}

/* The selection of a ContextAudit, made when first needed. */
static struct h248_context_properties *selection(struct scanner *s,
						 struct h248_context_audit *audit)
{
	if (scan_since(s, 3))
		return NULL;
	if (!audit->select)
		audit->select = scan_new(s, sizeof(*audit->select));
	return audit->select;
}

static int decode_audit_items(struct scanner *s, struct h248_context_audit *audit,
			      struct h248_parm ***tail);

/* Does ContextAttr{..} select contexts (values, ContextList), or does it frame what is asked for?
 */
static bool is_selection(struct scanner *s)
{
	const char *p = s->p;
	struct slice word;
	bool yes;

	if (!scan_accept(s, '{'))
		return false;
	word = scan_word(s);
	yes = h248_token_find(word) == T_CONTEXT_LIST;
	if (word.len && memchr(word.p, '/', word.len))
		yes = scan_peek(s, '=') || scan_peek(s, '<') || scan_peek(s, '>') ||
		      scan_peek(s, '#');
	s->p = p;
	return yes;
}

static int decode_context_attr_audit(struct scanner *s, struct h248_context_audit *audit,
				     struct h248_parm ***tail)
{
	struct h248_context_properties *c;

	if (audit->in_context_attr || is_selection(s)) {
		c = selection(s, audit);
		return c ? decode_attributes(s, c) : -1;
	}
	audit->in_context_attr = true;
	return scan_since(s, 3) ? -1 : decode_audit_items(s, audit, tail);
}

static int decode_audit_property(struct scanner *s, struct h248_context_audit *audit,
				 struct h248_parm ***tail)
{
	struct slice word = scan_word(s);
	enum h248_token token = h248_token_find(word);
	struct h248_context_properties *c;

	switch (token) {
	case T_TOPOLOGY:
		return ask(s, audit, H248_CA_TOPOLOGY);
	case T_EMERGENCY:
		return ask(s, audit, H248_CA_EMERGENCY);
	case T_PRIORITY:
		if (!scan_accept(s, '='))
			return ask(s, audit, H248_CA_PRIORITY);
		c = selection(s, audit);
		return c ? decode_priority(s, c) : -1;
	case T_IEPS:
		if (!scan_accept(s, '='))
			return scan_since(s, 3) ? -1 : ask(s, audit, H248_CA_IEPS);
		c = selection(s, audit);
		return c ? scan_on_off(s, &c->ieps) : -1;
	case T_EMERGENCY_VALUE:
		c = selection(s, audit);
		if (!c || scan_expect(s, '='))
			return -1;
		return decode_emergency_value(s, &c->emergency);
	case T_AND_LOGIC:
		audit->logic = H248_AND;
		return scan_since(s, 3);
	case T_OR_LOGIC:
		audit->logic = H248_OR;
		return scan_since(s, 3);
	case T_CONTEXT_ATTR:
		return decode_context_attr_audit(s, audit, tail);
	case T_CONTEXT_LIST:
		c = selection(s, audit);
		return c ? decode_context_list(s, &c->list) : -1;
	default:
		return scan_since(s, 3) ? -1 : decode_attribute(s, word, tail);
	}
}

static int decode_audit_items(struct scanner *s, struct h248_context_audit *audit,
			      struct h248_parm ***tail)
{
	if (scan_expect(s, '{'))
		return -1;
	do {
		if (decode_audit_property(s, audit, tail))
			return -1;
	} while (scan_accept(s, ','));
	return scan_expect(s, '}');
}

/* 1 = it was a context property or ContextAudit, and is read; 0 = another token; -1 = error. */
int decode_context_item(struct scanner *s, enum h248_token token, struct h248_action *action)
{
	struct h248_context_properties *c;
	struct h248_parm **names;
	int rc;

	switch (token) {
	case T_TOPOLOGY:
	case T_PRIORITY:
	case T_EMERGENCY:
	case T_EMERGENCY_OFF:
	case T_IEPS:
	case T_CONTEXT_ATTR:
		break;
	case T_CONTEXT_AUDIT:
		if (action->audit)
			return scan_fail(s, 422, "ContextAudit given twice");
		action->audit = scan_new(s, sizeof(*action->audit));
		if (!action->audit)
			return -1;
		names = &action->audit->attributes;
		return decode_audit_items(s, action->audit, &names) ? -1 : 1;
	default:
		return 0;
	}
	if (!action->properties)
		action->properties = scan_new(s, sizeof(*action->properties));
	c = action->properties;
	if (!c)
		return -1;
	switch (token) {
	case T_TOPOLOGY:
		rc = decode_topology(s, &c->topology);
		break;
	case T_PRIORITY:
		rc = scan_expect(s, '=') ? -1 : decode_priority(s, c);
		break;
	case T_EMERGENCY:
		c->emergency = H248_ON;
		rc = 0;
		break;
	case T_EMERGENCY_OFF:
		c->emergency = H248_OFF;
		rc = scan_since(s, 3);
		break;
	case T_IEPS:
		rc = scan_since(s, 3) || scan_expect(s, '=') ? -1 : scan_on_off(s, &c->ieps);
		break;
	default:
		rc = decode_attributes(s, c);
		break;
	}
	return rc ? -1 : 1;
}
