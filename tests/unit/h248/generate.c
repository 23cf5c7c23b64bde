/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Contexts, transactions, the message. */
#include "unit/h248/generate_parts.h"

static struct h248_context_properties *properties(struct generator *g, bool select)
{
	struct h248_context_properties *c = NEW(struct h248_context_properties);

	if (!c)
		return NULL;
	if (!select && coin(g)) {
		c->topology = NEW(struct h248_topology);
		if (c->topology) {
			c->topology->a = tid(g);
			c->topology->b = tid(g);
			c->topology->direction =
			    (enum h248_topology_direction)(1 + rnd(g, g->version >= 3 ? 5 : 3));
			c->topology->has_stream = since(g, 2);
			c->topology->stream = c->topology->has_stream ? 3 : 0;
		}
	}
	c->has_priority = true;
	c->priority = (uint16_t)rnd(g, 16);
	c->emergency = (enum h248_switch)(coin(g)	    ? H248_ON
					  : g->version >= 3 ? H248_OFF
							    : H248_UNSET);
	if (g->version >= 3) {
		c->ieps = (enum h248_switch)rnd(g, 3);
		if (coin(g))
			c->attributes = parms(g, true, true, 1);
		else if (coin(g)) {
			c->list = NEW(struct h248_context_id);
			if (c->list)
				c->list->id = rnd(g, 1000);
		}
	}
	return c;
}

static void action(struct generator *g, struct h248_action **list, bool reply)
{
	static const uint32_t special[] = {H248_CONTEXT_NULL, H248_CONTEXT_CHOOSE,
					   H248_CONTEXT_ALL};
	struct h248_action *a = h248_new_action(
	    g->arena, list, coin(g) ? special[rnd(g, reply ? 1 : 3)] : 1 + rnd(g, 1u << 30));

	if (!a)
		return;
	if (coin(g))
		a->properties = properties(g, false);
	if (!reply && coin(g) && (!g->for_megaco || g->version > 1)) {
		a->audit = NEW(struct h248_context_audit);
		if (a->audit) {
			a->audit->what = 1 + rnd(g, g->version >= 3 ? 15 : 7);
			if (g->version >= 3) {
				a->audit->attributes = parms(g, true, false, 0);
				a->audit->in_context_attr = coin(g);
				a->audit->logic =
				    (enum h248_relation)(coin(g)	 ? 0
							 : g->for_megaco ? H248_OR
									 : H248_AND + rnd(g, 2));
				if (coin(g))
					a->audit->select = properties(g, true);
			}
		}
	}
	for (uint32_t n = rnd(g, 3) + 1; n; n--)
		command(g, a, reply);
	if (reply && coin(g))
		error(g, &a->error);
}

static enum h248_transaction_kind transaction(struct generator *g, struct h248_message *m)
{
	static const enum h248_transaction_kind kinds[] = {H248_REQUEST, H248_REQUEST, H248_REPLY,
							   H248_REPLY,	 H248_PENDING, H248_ACK,
							   H248_SEGMENT};
	enum h248_transaction_kind kind = kinds[rnd(g, g->version >= 3 ? 7 : 6)];
	struct h248_transaction *t =
	    h248_new_transaction(g->arena, m, kind, kind == H248_ACK ? 0 : 1 + rnd(g, 1u << 30));

	if (!t)
		return kind;
	if (kind == H248_ACK) {
		t->acks = NEW(struct h248_ack_range);
		if (t->acks) {
			t->acks->first = rnd(g, 1u << 30);
			t->acks->last = t->acks->first + rnd(g, 3);
		}
		return kind;
	}
	if (kind == H248_SEGMENT || (kind == H248_REPLY && since(g, 3))) {
		t->segmented = true;
		t->segment = (uint16_t)(1 + rnd(g, 100));
		t->segment_end = coin(g);
	}
	if (kind == H248_REPLY) {
		t->imm_ack = coin(g);
		if (rnd(g, 5) == 0) {
			error(g, &t->error);
			return kind;
		}
	}
	if (kind == H248_REQUEST || kind == H248_REPLY) {
		for (uint32_t n = 1 + rnd(g, 2); n; n--)
			action(g, &t->actions, kind == H248_REPLY);
	}
	return kind;
}

struct h248_message *generate_message(struct generator *g, uint64_t seed, uint8_t version,
				      struct h248_arena *arena)
{
	struct h248_message *m = h248_alloc(arena, sizeof(*m));

	if (!m)
		return NULL;
	g->state = seed * 0x9e3779b97f4a7c15ull + 1;
	g->arena = arena;
	g->version = version;
	for (int i = 0; i < 8; i++)
		rnd(g, 2);
	m->version = version;
	m->mid = mid(g);
	m->has_auth = rnd(g, 8) == 0;
	if (m->has_auth) {
		m->auth_spi = SLICE_LIT("0123abcd");
		m->auth_sequence = SLICE_LIT("00000001");
		m->auth_data = SLICE_LIT("0123456789abcdef01234567");
	}
	if (rnd(g, 12) == 0) {
		error(g, &m->error);
		return m;
	}
	/* nothing can stand behind a Segment */
	for (uint32_t n = 1 + rnd(g, 3); n; n--) {
		if (transaction(g, m) == H248_SEGMENT)
			break;
	}
	return arena->overflow ? NULL : m;
}
