/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events, signals, digit maps. */
#include "unit/h248/generate_parts.h"

void digit_map(struct generator *g, struct h248_digit_map *d)
{
	d->has_value = coin(g);
	if (d->has_value)
		d->value = PICK("(0S|00S|[1-7]xlxx|8lxxxxxxx)", "T:16,S:2,(x.|xx)", "1234");
	if (!d->has_value || coin(g))
		d->name = PICK("dm1", "Plan_7");
}

bool no_signals(const struct generator *g)
{
	return g->version > 1 || !g->for_megaco;
}

struct h248_signal *signal_list(struct generator *g, bool lists, uint32_t least)
{
	struct h248_signal *list = NULL, **tail = &list;

	for (uint32_t n = least + rnd(g, 3); n; n--) {
		struct h248_signal *s = NEW(struct h248_signal);

		if (!s)
			break;
		*tail = s;
		tail = &s->next;
		if (lists && rnd(g, 4) == 0) {
			s->is_list = true;
			s->list_id = (uint16_t)rnd(g, 65536);
			s->list = signal_list(g, false, 1);
			continue;
		}
		s->name.pkg = name(g);
		s->name.item = name(g);
		s->has_stream = coin(g);
		s->stream = s->has_stream ? (uint16_t)rnd(g, 65536) : 0;
		s->type = (enum h248_signal_type)rnd(g, 4);
		s->has_duration = coin(g);
		s->duration = s->has_duration ? (uint16_t)rnd(g, 65536) : 0;
		s->notify_completion = rnd(g, g->version >= 3 && !g->for_megaco ? 32 : 16);
		s->keep_active = coin(g);
		if (since(g, 3))
			s->direction = (enum h248_direction)rnd(g, 4);
		if (since(g, 3))
			s->request = request_id(g);
		s->has_intersignal = since(g, 3);
		s->intersignal = s->has_intersignal ? (uint16_t)rnd(g, 65536) : 0;
		s->parms = parms(g, false, true, 0);
	}
	return list;
}

static struct h248_embed *embed(struct generator *g, bool with_signals, unsigned level)
{
	struct h248_embed *m = NEW(struct h248_embed);

	if (!m)
		return NULL;
	if (with_signals) {
		m->signals = NEW(struct h248_signals);
		if (m->signals)
			m->signals->list = signal_list(g, true, no_signals(g) ? 0 : 1);
	}
	if (!m->signals || (level == 0 && coin(g))) {
		m->events = NEW(struct h248_events);
		if (m->events)
			events(g, m->events, level + 1);
	}
	return m;
}

struct h248_event *event_list(struct generator *g, bool timed, bool requested, unsigned level)
{
	struct h248_event *list = NULL, **tail = &list;

	for (uint32_t n = 1 + rnd(g, 3); n; n--) {
		struct h248_event *e = NEW(struct h248_event);
		bool signals;

		if (!e)
			break;
		*tail = e;
		tail = &e->next;
		e->name.item = rnd(g, 4) ? name(g) : SLICE_LIT("*");
		e->name.pkg = e->name.item.p[0] == '*' && coin(g) ? SLICE_LIT("*") : name(g);
		if (timed && coin(g))
			e->time = SLICE_LIT("20261121T12000000");
		e->has_stream = coin(g);
		e->stream = e->has_stream ? (uint16_t)rnd(g, 65536) : 0;
		e->parms = parms(g, false, true, 0);
		if (!requested)
			continue;
		signals = level == 0 || coin(g);
		if (coin(g) && (signals || level == 0))
			e->embed = embed(g, signals, level);
		e->keep_active = coin(g) && !(e->embed && e->embed->signals);
		if (coin(g)) {
			e->digit_map = NEW(struct h248_digit_map);
			if (e->digit_map)
				digit_map(g, e->digit_map);
			if (e->digit_map && e->digit_map->name.len && e->digit_map->has_value)
				e->digit_map->name = SLICE_NULL;
		}
		e->reset_events = since(g, 3);
		if (since(g, 3))
			e->behaviour = (enum h248_notify_behaviour)rnd(g, 4);
		if (e->behaviour == H248_NOTIFY_REGULATED && coin(g))
			e->regulated = embed(g, true, level);
	}
	return list;
}

void events(struct generator *g, struct h248_events *e, unsigned level)
{
	if (rnd(g, 5) == 0)
		return; /* all off */
	e->request = request_id(g);
	e->list = event_list(g, false, true, level);
}
