/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Audits, services; commands with their descriptors. */
#include "unit/h248/generate_parts.h"

/* Of a signal the stream and (version 3) the request may be named. */
static struct h248_signal *audited_signal(struct generator *g)
{
	struct h248_signal *s = NEW(struct h248_signal);

	if (!s)
		return NULL;
	if (rnd(g, 3) == 0) {
		s->is_list = true;
		s->list_id = (uint16_t)rnd(g, 65536);
		if (g->version >= 3 && coin(g))
			return s;
		s->list = NEW(struct h248_signal);
		if (s->list)
			s->list->name = (struct h248_name){name(g), name(g)};
		return s;
	}
	s->name = (struct h248_name){name(g), name(g)};
	s->has_stream = since(g, 3);
	s->stream = s->has_stream ? 2 : 0;
	if (since(g, 3))
		s->request = request_id(g);
	return s;
}

static struct h248_audit_item *audit(struct generator *g)
{
	static const enum h248_descriptor_kind whole[] = {
	    H248_D_MUX,		 H248_D_MODEM,		 H248_D_MEDIA,	  H248_D_DIGIT_MAP,
	    H248_D_STATISTICS,	 H248_D_OBSERVED_EVENTS, H248_D_PACKAGES, H248_D_SIGNALS,
	    H248_D_EVENT_BUFFER, H248_D_EVENTS};
	struct h248_audit_item *list = NULL, **tail = &list;
	bool parts = false;

	for (uint32_t n = rnd(g, 4); n; n--) {
		struct h248_audit_item *item = NEW(struct h248_audit_item);
		struct h248_descriptor *part;

		if (!item)
			break;
		*tail = item;
		tail = &item->next;
		item->kind = whole[rnd(g, 10)];
		parts = (parts && g->for_megaco) || since(g, 2);
		if (!parts)
			continue;
		part = NEW(struct h248_descriptor);
		if (!part)
			break;
		switch (rnd(g, 6)) {
		case 0:
			part->kind = H248_D_MEDIA;
			part->u.media.streams = NEW(struct h248_stream);
			if (part->u.media.streams) {
				struct h248_stream *s = part->u.media.streams;

				s->has_id = coin(g);
				s->id = s->has_id ? 7 : 0;
				s->control = NEW(struct h248_local_control);
				if (s->control) {
					s->control->ask = 1 + rnd(g, 7);
					s->control->properties = parms(g, true, false, 0);
				}
			}
			break;
		case 1:
			part->kind = H248_D_EVENTS;
			if (g->version < 3 || coin(g))
				part->u.events.request = request_id(g);
			part->u.events.list = NEW(struct h248_event);
			if (part->u.events.list)
				part->u.events.list->name = (struct h248_name){name(g), name(g)};
			break;
		case 2:
			part->kind = H248_D_STATISTICS;
			part->u.statistics = statistics(g, false);
			if (part->u.statistics)
				part->u.statistics->next = NULL;
			break;
		case 3:
			part->kind = H248_D_PACKAGES;
			h248_new_package(g->arena, part, "gm", 2);
			break;
		case 4:
			part->kind = H248_D_DIGIT_MAP;
			part->u.digit_map.name = SLICE_LIT("dm9");
			break;
		default:
			part->kind = H248_D_SIGNALS;
			part->u.signals.list = audited_signal(g);
			break;
		}
		item->kind = part->kind;
		item->part = part;
	}
	return list;
}

/* What request and reply may both hold. */
static void common_services(struct generator *g, struct h248_services *s)
{
	if (coin(g)) {
		do
			s->address = mid(g);
		while (g->for_megaco && s->address.kind == H248_MID_DEVICE);
	} else if (coin(g))
		s->address = (struct h248_mid){H248_MID_PORT, SLICE_NULL, 2944};
	else
		s->mgc_to_try = mid(g);
	if (coin(g)) {
		s->profile = SLICE_LIT("threegpp_iq");
		s->profile_version = (uint8_t)(1 + rnd(g, 99));
	}
	s->version = (uint8_t)rnd(g, 4);
	if (coin(g))
		s->timestamp = SLICE_LIT("20261121T13300000");
}

static void services(struct generator *g, struct h248_services *s)
{
	common_services(g, s);
	s->method = (enum h248_method)(1 + rnd(g, g->for_megaco ? 6 : 7));
	if (s->method == H248_METHOD_EXTENSION)
		s->method_extension = SLICE_LIT("X-abc12");
	s->reason = 901;
	s->reason_text = coin(g) ? SLICE_LIT("901 Cold Boot") : SLICE_LIT("901");
	s->has_delay = coin(g);
	s->delay = s->has_delay ? rnd(g, 1u << 31) : 0;
	s->incomplete = since(g, 3);
	if (g->version >= 2)
		s->audit = audit(g);
	if (coin(g)) {
		s->extensions = NEW(struct h248_parm);
		if (s->extensions) {
			s->extensions->name.item = SLICE_LIT("X+q1");
			relation(g, s->extensions);
		}
	}
}

static void descriptor(struct generator *g, struct h248_command *c, enum h248_descriptor_kind kind,
		       bool reply)
{
	struct h248_descriptor *d = h248_new_descriptor(g->arena, c, kind);
	struct h248_value **types;

	if (!d)
		return;
	switch (kind) {
	case H248_D_MEDIA:
		media(g, &d->u.media);
		break;
	case H248_D_MODEM:
		d->u.modem.bracketed = coin(g);
		types = &d->u.modem.types;
		for (uint32_t n = d->u.modem.bracketed ? 1 + rnd(g, 3) : 1; n; n--) {
			*types = NEW(struct h248_value);
			if (!*types)
				return;
			(*types)->text = PICK("V18", "V22b", "SN", "X-abc");
			types = &(*types)->next;
		}
		d->u.modem.properties = parms(g, true, true, 0);
		break;
	case H248_D_MUX:
		d->u.mux.type = PICK("H221", "V76", "X-mux");
		d->u.mux.terminations = NEW(struct h248_tid);
		if (d->u.mux.terminations)
			d->u.mux.terminations->id = SLICE_LIT("t/1");
		break;
	case H248_D_EVENTS:
		events(g, &d->u.events, 0);
		break;
	case H248_D_SIGNALS:
		d->u.signals.list = signal_list(g, true, no_signals(g) ? 0 : 1);
		break;
	case H248_D_DIGIT_MAP:
		digit_map(g, &d->u.digit_map);
		break;
	case H248_D_EVENT_BUFFER:
		if (coin(g))
			d->u.event_buffer = event_list(g, false, false, 0);
		break;
	case H248_D_AUDIT:
		d->u.audit = audit(g);
		break;
	case H248_D_OBSERVED_EVENTS:
		d->u.events.request = request_id(g);
		d->u.events.list = event_list(g, true, false, 0);
		break;
	case H248_D_STATISTICS:
		d->u.statistics = statistics(g, coin(g));
		break;
	case H248_D_PACKAGES:
		h248_new_package(g->arena, d, "g", 2);
		h248_new_package(g->arena, d, "tcpbcc",
				 (uint16_t)rnd(g, g->for_megaco ? 100 : 65536));
		break;
	case H248_D_SERVICES:
		if (reply)
			common_services(g, &d->u.services);
		else
			services(g, &d->u.services);
		break;
	case H248_D_ERROR:
		error(g, &d->u.error);
		break;
	default:
		d->u.token = coin(g) ? H248_D_MEDIA : H248_D_PACKAGES;
		break;
	}
}

void command(struct generator *g, struct h248_action *a, bool reply)
{
	/* the last of a request's only in version 3 */
	static const enum h248_descriptor_kind request_kinds[] = {
	    H248_D_MEDIA,     H248_D_MODEM,	   H248_D_MUX,	 H248_D_EVENTS,	   H248_D_SIGNALS,
	    H248_D_DIGIT_MAP, H248_D_EVENT_BUFFER, H248_D_AUDIT, H248_D_STATISTICS};
	static const enum h248_descriptor_kind reply_kinds[] = {
	    H248_D_MEDIA,      H248_D_MODEM,	 H248_D_MUX,	      H248_D_EVENTS,
	    H248_D_SIGNALS,    H248_D_DIGIT_MAP, H248_D_EVENT_BUFFER, H248_D_OBSERVED_EVENTS,
	    H248_D_STATISTICS, H248_D_PACKAGES,	 H248_D_ERROR,	      H248_D_TOKEN};
	enum h248_command_kind kind = (enum h248_command_kind)(1 + rnd(g, 8));
	struct h248_command *c = h248_new_command(g->arena, a, kind, tid(g));

	if (!c)
		return;
	if (!reply) {
		c->optional = coin(g);
		c->wildcard_response = coin(g);
	}
	if (since(g, 3) && rnd(g, 3) == 0) {
		c->tid.next = NEW(struct h248_tid);
		if (c->tid.next)
			c->tid.next->id = tid(g);
	}
	if (reply && slice_eq_nocase(c->tid.id, SLICE_LIT("c")))
		c->tid.id = SLICE_LIT("d"); /* "Context" there means the list of terminations */
	if (reply && kind >= H248_AUDIT_VALUE && kind <= H248_AUDIT_CAPABILITY && coin(g)) {
		c->context_list = true;
		c->tid.next = NULL;
		return;
	}
	switch (kind) {
	case H248_NOTIFY:
		descriptor(g, c, reply ? H248_D_ERROR : H248_D_OBSERVED_EVENTS, reply);
		return;
	case H248_SERVICE_CHANGE:
		descriptor(g, c, reply && coin(g) ? H248_D_ERROR : H248_D_SERVICES, reply);
		return;
	case H248_SUBTRACT:
	case H248_AUDIT_VALUE:
	case H248_AUDIT_CAPABILITY:
		if (!reply) {
			descriptor(g, c, H248_D_AUDIT, false);
			return;
		}
		break;
	default:
		break;
	}
	/* each at most once, from a random place on */
	for (uint32_t i = 0, n = rnd(g, 4), at = rnd(g, 12); i < n; i++) {
		if (reply)
			descriptor(g, c, reply_kinds[(at + 5 * i) % 12], true);
		else
			descriptor(g, c, request_kinds[(at + 5 * i) % (g->version >= 3 ? 9 : 8)],
				   false);
	}
}
