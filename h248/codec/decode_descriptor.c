/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One descriptor of a command, by its name. */
#include "h248/codec/scan.h"

enum h248_descriptor_kind descriptor_of_token(enum h248_token token)
{
	switch (token) {
	case T_MEDIA:
		return H248_D_MEDIA;
	case T_MODEM:
		return H248_D_MODEM;
	case T_MUX:
		return H248_D_MUX;
	case T_EVENTS:
		return H248_D_EVENTS;
	case T_SIGNALS:
		return H248_D_SIGNALS;
	case T_DIGIT_MAP:
		return H248_D_DIGIT_MAP;
	case T_EVENT_BUFFER:
		return H248_D_EVENT_BUFFER;
	case T_AUDIT:
		return H248_D_AUDIT;
	case T_OBSERVED_EVENTS:
		return H248_D_OBSERVED_EVENTS;
	case T_STATISTICS:
		return H248_D_STATISTICS;
	case T_PACKAGES:
		return H248_D_PACKAGES;
	case T_SERVICES:
		return H248_D_SERVICES;
	case T_ERROR:
		return H248_D_ERROR;
	default:
		return (enum h248_descriptor_kind)0;
	}
}

int decode_tids(struct scanner *s, struct h248_tid *first, char open, char close)
{
	struct h248_tid *last = first;

	if (scan_expect(s, open) || scan_tid(s, &first->id))
		return -1;
	while (scan_accept(s, ',')) {
		last->next = scan_new(s, sizeof(*last->next));
		if (!last->next || scan_tid(s, &last->next->id))
			return -1;
		last = last->next;
	}
	return scan_expect(s, close);
}

static int decode_modem(struct scanner *s, struct h248_modem *modem)
{
	struct h248_value **tail = &modem->types;
	char end = 0;

	if (scan_accept(s, '['))
		end = ']';
	else if (scan_expect(s, '='))
		return -1;
	modem->bracketed = end != 0;
	do {
		*tail = scan_new(s, sizeof(**tail));
		if (!*tail || scan_value(s, *tail))
			return -1;
		tail = &(*tail)->next;
	} while (end && scan_accept(s, ','));
	if (end && scan_expect(s, end))
		return -1;
	return scan_peek(s, '{') ? decode_properties(s, &modem->properties) : 0;
}

static int decode_mux(struct scanner *s, struct h248_mux *mux)
{
	if (scan_expect(s, '='))
		return -1;
	mux->type = scan_word(s);
	if (!mux->type.len)
		return scan_fail(s, 0, "multiplex type expected");
	mux->terminations = scan_new(s, sizeof(*mux->terminations));
	return mux->terminations ? decode_tids(s, mux->terminations, '{', '}') : -1;
}

int decode_descriptor_body(struct scanner *s, struct h248_descriptor *d)
{
	switch (d->kind) {
	case H248_D_MEDIA:
		return decode_media(s, &d->u.media);
	case H248_D_MODEM:
		return decode_modem(s, &d->u.modem);
	case H248_D_MUX:
		return decode_mux(s, &d->u.mux);
	case H248_D_EVENTS:
		return decode_events(s, &d->u.events, 0);
	case H248_D_SIGNALS:
		return decode_signals(s, &d->u.signals);
	case H248_D_DIGIT_MAP:
		return decode_digit_map(s, &d->u.digit_map);
	case H248_D_EVENT_BUFFER:
		return decode_event_buffer(s, &d->u.event_buffer);
	case H248_D_AUDIT:
		return decode_audit(s, &d->u.audit);
	case H248_D_OBSERVED_EVENTS:
		return decode_observed(s, &d->u.events);
	case H248_D_STATISTICS:
		return decode_statistics(s, &d->u.statistics);
	case H248_D_PACKAGES:
		return decode_packages(s, &d->u.packages);
	case H248_D_SERVICES:
		return decode_services(s, &d->u.services);
	case H248_D_ERROR:
		return scan_error(s, &d->u.error);
	default:
		return scan_fail(s, 444, "unknown descriptor");
	}
}

/* In audit replies the bare name of some descriptors stands for "empty". */
static bool may_be_bare(enum h248_descriptor_kind kind)
{
	return kind == H248_D_MEDIA || kind == H248_D_MODEM || kind == H248_D_MUX ||
	       kind == H248_D_DIGIT_MAP || kind == H248_D_STATISTICS ||
	       kind == H248_D_OBSERVED_EVENTS || kind == H248_D_PACKAGES;
}

int decode_descriptor(struct scanner *s, struct h248_descriptor **out)
{
	struct h248_descriptor *d = scan_new(s, sizeof(*d));
	enum h248_descriptor_kind kind = descriptor_of_token(scan_token(s));

	if (!d)
		return -1;
	if (!kind)
		return scan_fail(s, 444, "unknown descriptor");
	*out = d;
	d->kind = kind;
	if (s->in_reply && may_be_bare(kind) && !scan_peek(s, '{') && !scan_peek(s, '=') &&
	    !scan_peek(s, '[')) {
		d->kind = H248_D_TOKEN;
		d->u.token = kind;
		return 0;
	}
	if (kind == H248_D_STATISTICS && !s->in_reply && scan_since(s, 3))
		return -1;
	return decode_descriptor_body(s, d);
}
