/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h248/codec/scan.h"
#include "h248/codec/write.h"

/* Opens the braces before the first item, a comma before all others. */
static void item(struct writer *w, bool *first)
{
	if (*first)
		put_open(w);
	put_comma(w, first);
}

static void put_stream(struct writer *w, bool has, uint16_t id, bool *first)
{
	if (!has)
		return;
	item(w, first);
	put_token(w, T_STREAM);
	put_equal(w);
	put_number(w, id);
}

void encode_digit_map(struct writer *w, const struct h248_digit_map *map)
{
	if (!map->name.len && !map->has_value)
		put_fail(w, H248_E_VALUE);
	put_equal(w);
	if (map->name.len) {
		if (!scan_is_name(map->name))
			put_fail(w, H248_E_VALUE);
		put_slice(w, map->name);
	}
	if (map->has_value) {
		if (!map->value.len || memchr(map->value.p, '}', map->value.len))
			put_fail(w, H248_E_VALUE);
		put_char(w, '{');
		put_slice(w, map->value);
		put_char(w, '}');
	}
}

static void encode_embed(struct writer *w, const struct h248_embed *embed)
{
	bool first = true;

	put_token(w, T_EMBED);
	if (!embed->signals && !embed->events)
		put_fail(w, H248_E_VALUE);
	if (embed->signals) {
		item(w, &first);
		put_token(w, T_SIGNALS);
		encode_signals(w, embed->signals);
	}
	if (embed->events) {
		item(w, &first);
		put_token(w, T_EVENTS);
		encode_events(w, embed->events, false);
	}
	put_close(w);
}

static void encode_behaviour(struct writer *w, const struct h248_event *e, bool *first)
{
	static const enum h248_token tokens[] = {T_NONE, T_NOTIFY_IMMEDIATE, T_NEVER_NOTIFY,
						 T_NOTIFY_REGULATED};

	if (!e->behaviour)
		return;
	put_since(w, 3);
	item(w, first);
	put_token(w, tokens[e->behaviour]);
	if (e->regulated) {
		put_open(w);
		encode_embed(w, e->regulated);
		put_close(w);
	}
}

/* requestedEvent, observedEvent, eventSpec */
enum list_kind { REQUESTED, OBSERVED, BUFFERED };

static void encode_event(struct writer *w, const struct h248_event *e, enum list_kind kind)
{
	bool first = true;

	put_must(w, kind == REQUESTED || !(e->keep_active || e->behaviour || e->reset_events ||
					   e->digit_map || e->embed));
	if (w->in_audit)
		put_must(w, kind == BUFFERED ? e->has_stream + (e->parms != NULL) <= 1 &&
						   !(e->parms && e->parms->next)
					     : !e->has_stream && !e->parms);
	if (e->time.len) {
		put_must(w, kind == OBSERVED && scan_is_timestamp(e->time));
		put_slice(w, e->time);
		put_char(w, ':');
	}
	put_name(w, &e->name);
	put_stream(w, e->has_stream, e->stream, &first);
	if (e->keep_active) {
		item(w, &first);
		put_token(w, T_KEEP_ACTIVE);
	}
	encode_behaviour(w, e, &first);
	if (e->reset_events) {
		put_since(w, 3);
		item(w, &first);
		put_token(w, T_RESET_EVENTS);
	}
	if (e->digit_map) {
		item(w, &first);
		put_token(w, T_DIGIT_MAP);
		encode_digit_map(w, e->digit_map);
	}
	if (e->embed) {
		item(w, &first);
		encode_embed(w, e->embed);
	}
	for (const struct h248_parm *p = e->parms; p; p = p->next) {
		item(w, &first);
		put_parm(w, p);
	}
	if (!first)
		put_close(w);
}

static void encode_list(struct writer *w, const struct h248_event *list, enum list_kind kind)
{
	bool first = true;

	put_must(w, list && (!w->in_audit || !list->next));
	put_open(w);
	for (const struct h248_event *e = list; e; e = e->next) {
		put_comma(w, &first);
		encode_event(w, e, kind);
	}
	put_close(w);
}

void encode_event_buffer(struct writer *w, const struct h248_event *list)
{
	encode_list(w, list, BUFFERED);
}

void encode_events(struct writer *w, const struct h248_events *events, bool observed)
{
	if (!events->request.present) {
		if (observed || (events->list && !w->in_audit))
			put_fail(w, H248_E_VALUE);
		if (events->list) {
			put_since(w, 3); /* version 2 audits events by their RequestID */
			encode_list(w, events->list, REQUESTED);
		}
		return;
	}
	put_equal(w);
	put_request_id(w, &events->request);
	encode_list(w, events->list, observed ? OBSERVED : REQUESTED);
}

static void encode_completion(struct writer *w, unsigned reasons)
{
	static const enum h248_token tokens[] = {T_TIMEOUT, T_INT_BY_EVENT, T_INT_BY_SIGNALS,
						 T_OTHER_REASON, T_ITERATION};
	char between = '{';

	put_token(w, T_NOTIFY_COMPLETION);
	put_equal(w);
	for (unsigned i = 0; i < 5; i++) {
		if (!(reasons & 1u << i))
			continue;
		if (1u << i == H248_NC_ITERATION)
			put_since(w, 3);
		put_char(w, between);
		put_token(w, tokens[i]);
		between = ',';
	}
	put_char(w, '}');
}

static void put_valued(struct writer *w, enum h248_token token, uint32_t value, bool *first)
{
	item(w, first);
	put_token(w, token);
	put_equal(w);
	put_number(w, value);
}

static void encode_signal(struct writer *w, const struct h248_signal *s)
{
	static const enum h248_token types[] = {T_NONE, T_ON_OFF, T_TIMEOUT, T_BRIEF};
	static const enum h248_token directions[] = {T_NONE, T_EXTERNAL, T_INTERNAL, T_BOTH};
	bool first = true;

	if (s->name.item.len == 1 && s->name.item.p[0] == '*')
		put_fail(w, H248_E_VALUE); /* clause 7.1.11 */
	if (w->in_audit)
		put_must(w, !s->type && !s->has_duration && !s->notify_completion &&
				!s->keep_active && !s->direction && !s->has_intersignal &&
				!s->parms);
	put_name(w, &s->name);
	if (w->in_audit && s->has_stream)
		put_since(w, 3);
	put_stream(w, s->has_stream, s->stream, &first);
	if (s->type) {
		item(w, &first);
		put_token(w, T_SIGNAL_TYPE);
		put_equal(w);
		put_token(w, types[s->type]);
	}
	if (s->has_duration)
		put_valued(w, T_DURATION, s->duration, &first);
	if (s->notify_completion) {
		item(w, &first);
		encode_completion(w, s->notify_completion);
	}
	if (s->keep_active) {
		item(w, &first);
		put_token(w, T_KEEP_ACTIVE);
	}
	if (s->direction) {
		put_since(w, 3);
		item(w, &first);
		put_token(w, T_DIRECTION);
		put_equal(w);
		put_token(w, directions[s->direction]);
	}
	if (s->request.present) {
		put_since(w, 3);
		item(w, &first);
		put_token(w, T_REQUEST_ID);
		put_equal(w);
		put_request_id(w, &s->request);
	}
	if (s->has_intersignal) {
		put_since(w, 3);
		put_valued(w, T_INTERSIGNAL, s->intersignal, &first);
	}
	for (const struct h248_parm *p = s->parms; p; p = p->next) {
		item(w, &first);
		put_parm(w, p);
	}
	if (!first)
		put_close(w);
}

static void encode_signal_list(struct writer *w, const struct h248_signal *s)
{
	bool first = true;

	put_token(w, T_SIGNAL_LIST);
	put_equal(w);
	put_number(w, s->list_id);
	if (!s->list && w->in_audit) {
		put_since(w, 3);
		return;
	}
	put_must(w, s->list && (!w->in_audit || !s->list->next));
	for (const struct h248_signal *m = s->list; m; m = m->next) {
		item(w, &first);
		encode_signal(w, m);
	}
	put_close(w);
}

void encode_signals(struct writer *w, const struct h248_signals *signals)
{
	bool first = true;

	/* "No signals": version 1 wants empty braces, the later grammars none at all. */
	if (!signals->list) {
		if (w->version == 1 || w->in_audit)
			put_slice(w, SLICE_LIT("{}"));
		return;
	}
	put_must(w, !w->in_audit || !signals->list->next);
	put_open(w);
	for (const struct h248_signal *s = signals->list; s; s = s->next) {
		put_comma(w, &first);
		if (s->is_list)
			encode_signal_list(w, s);
		else
			encode_signal(w, s);
	}
	put_close(w);
}
