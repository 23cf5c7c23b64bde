/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events, ObservedEvents, EventBuffer and DigitMap descriptors,
 * clauses 7.1.9, 7.1.10, 7.1.14, 7.1.17. */
#include "h248/codec/scan.h"

/* Depth of embedding: events in events once, clause 7.1.9. */
#define EMBEDDED 1u

static bool digit_map_text(struct slice text)
{
	static const char allowed[] = "0123456789abcdefghijkxlsztABCDEFGHIJKXLSZT.|()[]-:, \t\r\n";

	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == 0 || !memchr(allowed, text.p[i], sizeof(allowed) - 1))
			return false;
	}
	return text.len > 0;
}

static int digit_map_value(struct scanner *s, struct h248_digit_map *map)
{
	const char *close = memchr(s->p, '}', (size_t)(s->end - s->p));

	if (!close)
		return scan_fail(s, 0, "digit map without end");
	map->value = slice_trim(slice_make(s->p, (size_t)(close - s->p)));
	map->has_value = true;
	if (!digit_map_text(map->value))
		return scan_fail(s, 0, "bad digit map");
	s->p = close + 1;
	scan_blanks(s);
	return 0;
}

/* Behind "DigitMap": = name, = {value}, = name{value}. */
int decode_digit_map(struct scanner *s, struct h248_digit_map *map)
{
	if (scan_expect(s, '='))
		return -1;
	if (scan_accept(s, '{'))
		return digit_map_value(s, map);
	map->name = scan_word(s);
	if (!scan_is_name(map->name))
		return scan_fail(s, 0, "bad digit map name");
	if (scan_accept(s, '{'))
		return digit_map_value(s, map);
	return 0;
}

static int decode_embed(struct scanner *s, struct h248_embed **out, unsigned level)
{
	struct h248_embed *embed = *out ? NULL : scan_new(s, sizeof(*embed));

	if (!embed)
		return scan_fail(s, 0, "Embed given twice");
	*out = embed;
	if (scan_expect(s, '{'))
		return -1;
	do {
		enum h248_token token = scan_token(s);

		if (token == T_SIGNALS && !embed->signals) {
			embed->signals = scan_new(s, sizeof(*embed->signals));
			if (!embed->signals || decode_signals(s, embed->signals))
				return -1;
		} else if (token == T_EVENTS && !embed->events && level < EMBEDDED) {
			embed->events = scan_new(s, sizeof(*embed->events));
			if (!embed->events || decode_events(s, embed->events, level + 1))
				return -1;
		} else {
			return scan_fail(s, 0, "Embed holds Signals and one level of Events");
		}
	} while (scan_accept(s, ','));
	return scan_expect(s, '}');
}

static int decode_behaviour(struct scanner *s, struct h248_event *event,
			    enum h248_notify_behaviour behaviour, unsigned level)
{
	if (event->behaviour)
		return scan_fail(s, 0, "notify behaviour given twice");
	event->behaviour = behaviour;
	if (scan_since(s, 3))
		return -1;
	if (behaviour != H248_NOTIFY_REGULATED || !scan_accept(s, '{'))
		return 0;
	if (scan_token(s) != T_EMBED)
		return scan_fail(s, 0, "Embed expected");
	if (decode_embed(s, &event->regulated, level))
		return -1;
	return scan_expect(s, '}');
}

/* A parameter name=value; in an audit or an EventBuffer audit the name alone. */
static int decode_other(struct scanner *s, struct slice word, struct h248_parm ***tail)
{
	struct h248_parm *parm;

	if (!scan_is_name(word))
		return scan_fail(s, 0, "parameter name expected");
	parm = scan_new(s, sizeof(*parm));
	if (!parm)
		return -1;
	parm->name.item = word;
	if (scan_relation(s, parm, !s->in_audit))
		return -1;
	**tail = parm;
	*tail = &parm->next;
	return 0;
}

static int decode_stream_id(struct scanner *s, bool *has, uint16_t *id)
{
	if (*has)
		return scan_fail(s, 0, "Stream given twice");
	*has = true;
	if (scan_expect(s, '='))
		return -1;
	return scan_u16(s, id);
}

static int decode_event_parms(struct scanner *s, struct h248_event *event, bool requested,
			      unsigned level)
{
	struct h248_parm **tail = &event->parms;

	do {
		struct slice word = scan_word(s);
		enum h248_token token = h248_token_find(word);
		bool valued = scan_peek(s, '=');
		int rc;

		if (token == T_STREAM && valued) {
			rc = decode_stream_id(s, &event->has_stream, &event->stream);
		} else if (requested && token == T_DIGIT_MAP && valued) {
			if (event->digit_map)
				return scan_fail(s, 0, "DigitMap given twice");
			event->digit_map = scan_new(s, sizeof(*event->digit_map));
			if (!event->digit_map)
				return -1;
			rc = decode_digit_map(s, event->digit_map);
		} else if (requested && !valued && token == T_KEEP_ACTIVE) {
			if (event->keep_active)
				return scan_fail(s, 0, "KeepActive given twice");
			event->keep_active = true;
			rc = 0;
		} else if (requested && !valued && token == T_EMBED) {
			rc = decode_embed(s, &event->embed, level);
		} else if (requested && !valued && token == T_NOTIFY_IMMEDIATE) {
			rc = decode_behaviour(s, event, H248_NOTIFY_IMMEDIATE, level);
		} else if (requested && !valued && token == T_NEVER_NOTIFY) {
			rc = decode_behaviour(s, event, H248_NOTIFY_NEVER, level);
		} else if (requested && !valued && token == T_NOTIFY_REGULATED) {
			rc = decode_behaviour(s, event, H248_NOTIFY_REGULATED, level);
		} else if (requested && !valued && token == T_RESET_EVENTS) {
			event->reset_events = true;
			rc = scan_since(s, 3);
		} else {
			rc = decode_other(s, word, &tail);
		}
		if (rc)
			return -1;
	} while (scan_accept(s, ','));
	if (event->keep_active && event->embed && event->embed->signals)
		return scan_fail(s, 0, "KeepActive together with embedded Signals");
	return scan_expect(s, '}');
}

static int decode_event(struct scanner *s, bool timed, bool requested, unsigned level,
			struct h248_event **out)
{
	struct h248_event *event = scan_new(s, sizeof(*event));
	struct slice word;

	if (!event)
		return -1;
	word = scan_word_or_item(s, &event->name);
	*out = event;
	if (timed && scan_is_timestamp(word)) {
		event->time = word;
		if (!scan_accept(s, ':'))
			return scan_fail(s, 0, "colon behind a time stamp expected");
		word = scan_word(s);
	}
	if (!event->name.pkg.len && scan_name(s, word, true, &event->name))
		return -1;
	if (!scan_accept(s, '{'))
		return 0;
	return decode_event_parms(s, event, requested, level);
}

static int decode_list(struct scanner *s, bool timed, bool requested, unsigned level,
		       struct h248_event **list)
{
	if (scan_expect(s, '{'))
		return -1;
	do {
		if (decode_event(s, timed, requested, level, list))
			return -1;
		list = &(*list)->next;
	} while (scan_accept(s, ','));
	return scan_expect(s, '}');
}

int decode_events(struct scanner *s, struct h248_events *events, unsigned level)
{
	if (scan_accept(s, '=')) {
		if (scan_request_id(s, &events->request))
			return -1;
	} else if (!s->in_audit || !scan_peek(s, '{')) {
		return 0;
	}
	return decode_list(s, false, !s->in_audit, level, &events->list);
}

int decode_observed(struct scanner *s, struct h248_events *events)
{
	if (scan_expect(s, '=') || scan_request_id(s, &events->request))
		return -1;
	return decode_list(s, true, false, 0, &events->list);
}

int decode_event_buffer(struct scanner *s, struct h248_event **list)
{
	if (!scan_peek(s, '{'))
		return 0;
	return decode_list(s, true, false, 0, list);
}
