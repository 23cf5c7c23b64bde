/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/h248/generate.h"

static uint32_t rnd(struct generator *g, uint32_t n)
{
	g->state ^= g->state << 13;
	g->state ^= g->state >> 7;
	g->state ^= g->state << 17;
	return (uint32_t)(g->state >> 33) % n;
}

static bool coin(struct generator *g)
{
	return rnd(g, 2);
}

static bool v(struct generator *g, uint8_t version)
{
	return g->version >= version && coin(g);
}

#define NEW(type) ((type *)h248_alloc(g->arena, sizeof(type)))

static struct slice pick(struct generator *g, const char *const *list, uint32_t n)
{
	return slice_str(list[rnd(g, n)]);
}
#define PICK(...)                                                                                  \
	pick(g, (const char *const[]){__VA_ARGS__},                                                \
	     (uint32_t)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)))

static struct slice name(struct generator *g)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	uint32_t n = 1 + rnd(g, 12);
	char *p;

	/* names that are also tokens must survive too, where the grammar can tell them apart */
	if (rnd(g, 4) == 0)
		return PICK("gm", "hangterm", "Add", "c", "Media", "x", "e", "Stream2", "sg");
	p = h248_alloc(g->arena, n);
	for (uint32_t i = 0; p && i < n; i++)
		p[i] = letters[rnd(g, i ? 63 : 52)];
	return p ? slice_make(p, n) : SLICE_LIT("full");
}

/* A parameter name that no token of events and signals can be taken for. */
static struct slice parm_name(struct generator *g)
{
	return PICK("napt", "timerx", "dt", "dir", "Type", "Generalcause", "zz9", "p_1");
}

static struct slice tid(struct generator *g)
{
	return PICK("ip/access/1", "ip/core/$", "*", "$", "ROOT", "A4444", "ip/*/12",
		    "t@a-b.example", "*x/y_z", "x", "c");
}

static struct slice safe(struct generator *g)
{
	static const char letters[] = "abcXYZ0189+-&!_/'?@^`~*$\\()%|.";
	uint32_t n = 1 + rnd(g, 10);
	char *p = h248_alloc(g->arena, n);

	for (uint32_t i = 0; p && i < n; i++)
		p[i] = letters[rnd(g, sizeof(letters) - 1)];
	return p ? slice_make(p, n) : SLICE_LIT("full");
}

static struct slice quoted(struct generator *g)
{
	return PICK("", "a", "core.ims", "with blank", "{[,=;:#<>]}", "2001:db8::1", "\t",
		    "\xc3\xa9", "v=0 }");
}

static void value(struct generator *g, struct h248_value *out)
{
	out->quoted = coin(g);
	out->text = out->quoted ? quoted(g) : safe(g);
}

static void relation(struct generator *g, struct h248_parm *p)
{
	struct h248_value **tail = &p->value.next;
	uint32_t more = 0;

	p->relation = (enum h248_relation)(H248_EQ + rnd(g, 7));
	value(g, &p->value);
	if (p->relation == H248_RANGE)
		more = 1;
	else if (p->relation == H248_AND || p->relation == H248_OR)
		more = rnd(g, 3);
	while (more--) {
		*tail = NEW(struct h248_value);
		if (!*tail)
			return;
		value(g, *tail);
		tail = &(*tail)->next;
	}
}

static struct h248_parm *parms(struct generator *g, bool packaged, bool values, uint32_t least)
{
	struct h248_parm *list = NULL, **tail = &list;

	for (uint32_t n = least + rnd(g, 3); n; n--) {
		struct h248_parm *p = NEW(struct h248_parm);

		if (!p)
			break;
		if (packaged)
			p->name.pkg = name(g);
		p->name.item = packaged ? name(g) : parm_name(g);
		if (values)
			relation(g, p);
		*tail = p;
		tail = &p->next;
	}
	return list;
}

static struct slice sdp(struct generator *g)
{
	return PICK("v=0\nc=IN IP4 $\nm=message $ TCP/MSRP *\na=setup:actpass",
		    "v=0\r\nm=audio 4000 RTP/AVP 0\r\na=x:{}", "a=odd:}}\\}{", "",
		    "v=0\nm=- $ TCP *\n\nv=0\nm=- $ UDP *", "a=quote:\" ; not a comment");
}

static struct h248_local_control *control(struct generator *g)
{
	struct h248_local_control *c = NEW(struct h248_local_control);

	if (!c)
		return NULL;
	c->properties = parms(g, true, true, 0);
	c->mode = (enum h248_mode)(rnd(g, 5) + (c->properties ? 0u : 1u));
	c->mode_relation = c->mode ? H248_EQ : H248_NO_VALUE;
	c->reserved_value = (enum h248_switch)rnd(g, 3);
	c->reserved_group = (enum h248_switch)rnd(g, 3);
	return c;
}

static void stream(struct generator *g, struct h248_stream *s)
{
	if (coin(g))
		s->control = control(g);
	s->has_remote = coin(g);
	if (s->has_remote)
		s->remote = sdp(g);
	s->has_statistics = v(g, 3);
	if (s->has_statistics)
		s->statistics = parms(g, true, coin(g), 1);
	s->has_local = coin(g) || (!s->control && !s->has_remote && !s->has_statistics);
	if (s->has_local)
		s->local = sdp(g);
}

static void media(struct generator *g, struct h248_media *m)
{
	struct h248_stream **tail = &m->streams;
	uint32_t n = rnd(g, 3);

	if (n == 0 || coin(g)) {
		m->state = NEW(struct h248_termination_state);
		if (m->state) {
			m->state->service_state = (enum h248_service_state)(1 + rnd(g, 3));
			m->state->service_relation = H248_EQ;
			m->state->event_buffer = (enum h248_switch)rnd(g, 3);
			m->state->properties = parms(g, true, true, 0);
		}
	}
	for (uint32_t i = 0; i < n; i++) {
		*tail = NEW(struct h248_stream);
		if (!*tail)
			return;
		(*tail)->has_id = n > 1 || coin(g);
		(*tail)->id = (*tail)->has_id ? (uint16_t)(i + 1) : 0;
		stream(g, *tail);
		tail = &(*tail)->next;
	}
}

static void digit_map(struct generator *g, struct h248_digit_map *d)
{
	d->has_value = coin(g);
	if (d->has_value)
		d->value = PICK("(0S|00S|[1-7]xlxx|8lxxxxxxx)", "T:16,S:2,(x.|xx)", "1234");
	if (!d->has_value || coin(g))
		d->name = PICK("dm1", "Plan_7");
}

static struct h248_request_id request_id(struct generator *g)
{
	struct h248_request_id id = {.present = true, .all = rnd(g, 8) == 0};

	id.id = id.all ? 0 : rnd(g, 1u << 30);
	return id;
}

static struct h248_signal *signal_list(struct generator *g, bool lists, uint32_t least)
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
		s->notify_completion = rnd(g, g->version >= 3 ? 32 : 16);
		s->keep_active = coin(g);
		if (v(g, 3))
			s->direction = (enum h248_direction)rnd(g, 4);
		if (v(g, 3))
			s->request = request_id(g);
		s->has_intersignal = v(g, 3);
		s->intersignal = s->has_intersignal ? (uint16_t)rnd(g, 65536) : 0;
		s->parms = parms(g, false, true, 0);
	}
	return list;
}

static void events(struct generator *g, struct h248_events *e, unsigned level);

static struct h248_embed *embed(struct generator *g, bool with_signals, unsigned level)
{
	struct h248_embed *m = NEW(struct h248_embed);

	if (!m)
		return NULL;
	if (with_signals) {
		m->signals = NEW(struct h248_signals);
		if (m->signals)
			m->signals->list = signal_list(g, true, 0);
	}
	if (!m->signals || (level == 0 && coin(g))) {
		m->events = NEW(struct h248_events);
		if (m->events)
			events(g, m->events, level + 1);
	}
	return m;
}

static struct h248_event *event_list(struct generator *g, bool timed, bool requested,
				     unsigned level)
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
		e->reset_events = v(g, 3);
		if (v(g, 3))
			e->behaviour = (enum h248_notify_behaviour)rnd(g, 4);
		if (e->behaviour == H248_NOTIFY_REGULATED && coin(g))
			e->regulated = embed(g, true, level);
	}
	return list;
}

static void events(struct generator *g, struct h248_events *e, unsigned level)
{
	if (rnd(g, 5) == 0)
		return; /* all off */
	e->request = request_id(g);
	e->list = event_list(g, false, true, level);
}

static struct h248_audit_item *audit(struct generator *g)
{
	static const enum h248_descriptor_kind whole[] = {
	    H248_D_MUX,		 H248_D_MODEM,		 H248_D_MEDIA,	  H248_D_DIGIT_MAP,
	    H248_D_STATISTICS,	 H248_D_OBSERVED_EVENTS, H248_D_PACKAGES, H248_D_SIGNALS,
	    H248_D_EVENT_BUFFER, H248_D_EVENTS};
	struct h248_audit_item *list = NULL, **tail = &list;

	for (uint32_t n = rnd(g, 4); n; n--) {
		struct h248_audit_item *item = NEW(struct h248_audit_item);
		struct h248_descriptor *part;

		if (!item)
			break;
		*tail = item;
		tail = &item->next;
		item->kind = whole[rnd(g, 10)];
		if (!v(g, 2))
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
			if (coin(g))
				part->u.events.request = request_id(g);
			part->u.events.list = NEW(struct h248_event);
			if (part->u.events.list)
				part->u.events.list->name = (struct h248_name){name(g), name(g)};
			break;
		case 2:
			part->kind = H248_D_STATISTICS;
			part->u.statistics = parms(g, true, false, 1);
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
			part->u.signals.list = signal_list(g, true, 1);
			break;
		}
		item->kind = part->kind;
		item->part = part;
	}
	return list;
}

static struct h248_mid mid(struct generator *g)
{
	static const struct h248_mid all[] = {
	    {H248_MID_IPV4, {"192.0.2.20", 10}, 2944},
	    {H248_MID_IPV4, {"192.0.2.20", 10}, 0},
	    {H248_MID_IPV6, {"2001:db8::20", 12}, 55555},
	    {H248_MID_DOMAIN, {"mg-1.example.net", 16}, 2944},
	    {H248_MID_DEVICE, {"gateway/1@example.net", 21}, 0},
	    {H248_MID_MTP, {"00ab12", 6}, 0},
	};

	return all[rnd(g, 6)];
}

static void services(struct generator *g, struct h248_services *s)
{
	s->method = (enum h248_method)(1 + rnd(g, 7));
	if (s->method == H248_METHOD_EXTENSION)
		s->method_extension = SLICE_LIT("X-abc12");
	s->reason = 901;
	s->reason_text = coin(g) ? SLICE_LIT("901 Cold Boot") : SLICE_LIT("901");
	s->has_delay = coin(g);
	s->delay = s->has_delay ? rnd(g, 1u << 31) : 0;
	if (coin(g))
		s->address = mid(g);
	else if (coin(g))
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
	s->incomplete = v(g, 3);
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

static void error(struct generator *g, struct h248_error *e)
{
	e->code = (uint16_t)(400 + rnd(g, 200));
	if (coin(g))
		e->text = coin(g) ? quoted(g) : slice_str(h248_error_text(e->code));
}

static void descriptor(struct generator *g, struct h248_command *c, enum h248_descriptor_kind kind)
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
		d->u.signals.list = signal_list(g, true, 0);
		break;
	case H248_D_DIGIT_MAP:
		digit_map(g, &d->u.digit_map);
		break;
	case H248_D_EVENT_BUFFER:
		if (coin(g))
			d->u.event_buffer = event_list(g, true, false, 0);
		break;
	case H248_D_AUDIT:
		d->u.audit = audit(g);
		break;
	case H248_D_OBSERVED_EVENTS:
		d->u.events.request = request_id(g);
		d->u.events.list = event_list(g, true, false, 0);
		break;
	case H248_D_STATISTICS:
		d->u.statistics = parms(g, true, coin(g), 1);
		break;
	case H248_D_PACKAGES:
		h248_new_package(g->arena, d, "g", 2);
		h248_new_package(g->arena, d, "tcpbcc", (uint16_t)rnd(g, 65536));
		break;
	case H248_D_SERVICES:
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

static void command(struct generator *g, struct h248_action *a, bool reply)
{
	static const enum h248_descriptor_kind request_kinds[] = {
	    H248_D_MEDIA,     H248_D_MODEM,	   H248_D_MUX,	 H248_D_EVENTS,	   H248_D_SIGNALS,
	    H248_D_DIGIT_MAP, H248_D_EVENT_BUFFER, H248_D_AUDIT, H248_D_STATISTICS};
	enum h248_command_kind kind = (enum h248_command_kind)(1 + rnd(g, 8));
	struct h248_command *c = h248_new_command(g->arena, a, kind, tid(g));

	if (!c)
		return;
	if (!reply) {
		c->optional = coin(g);
		c->wildcard_response = coin(g);
	}
	if (v(g, 3) && rnd(g, 3) == 0) {
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
		descriptor(g, c, reply ? H248_D_ERROR : H248_D_OBSERVED_EVENTS);
		return;
	case H248_SERVICE_CHANGE:
		descriptor(g, c, H248_D_SERVICES);
		return;
	case H248_SUBTRACT:
	case H248_AUDIT_VALUE:
	case H248_AUDIT_CAPABILITY:
		if (!reply) {
			descriptor(g, c, H248_D_AUDIT);
			return;
		}
		break;
	default:
		break;
	}
	for (uint32_t n = rnd(g, 4); n; n--) {
		if (reply)
			descriptor(g, c, (enum h248_descriptor_kind)(1 + rnd(g, H248_D_KINDS - 1)));
		else
			descriptor(g, c, request_kinds[rnd(g, g->version >= 3 ? 9 : 8)]);
	}
}

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
			c->topology->has_stream = v(g, 2);
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
		if (coin(g)) {
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
	if (!reply && coin(g)) {
		a->audit = NEW(struct h248_context_audit);
		if (a->audit) {
			a->audit->what = 1 + rnd(g, g->version >= 3 ? 15 : 7);
			if (g->version >= 3) {
				a->audit->attributes = parms(g, true, false, 0);
				a->audit->in_context_attr = coin(g);
				a->audit->logic =
				    (enum h248_relation)(coin(g) ? 0 : H248_AND + rnd(g, 2));
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

static void transaction(struct generator *g, struct h248_message *m)
{
	static const enum h248_transaction_kind kinds[] = {H248_REQUEST, H248_REQUEST, H248_REPLY,
							   H248_REPLY,	 H248_PENDING, H248_ACK,
							   H248_SEGMENT};
	enum h248_transaction_kind kind = kinds[rnd(g, g->version >= 3 ? 7 : 6)];
	struct h248_transaction *t =
	    h248_new_transaction(g->arena, m, kind, kind == H248_ACK ? 0 : 1 + rnd(g, 1u << 30));

	if (!t)
		return;
	if (kind == H248_ACK) {
		t->acks = NEW(struct h248_ack_range);
		if (t->acks) {
			t->acks->first = rnd(g, 1u << 30);
			t->acks->last = t->acks->first + rnd(g, 3);
		}
		return;
	}
	if (kind == H248_SEGMENT || (kind == H248_REPLY && v(g, 3))) {
		t->segmented = true;
		t->segment = (uint16_t)(1 + rnd(g, 100));
		t->segment_end = coin(g);
	}
	if (kind == H248_REPLY) {
		t->imm_ack = coin(g);
		if (rnd(g, 5) == 0) {
			error(g, &t->error);
			return;
		}
	}
	if (kind == H248_REQUEST || kind == H248_REPLY) {
		for (uint32_t n = 1 + rnd(g, 2); n; n--)
			action(g, &t->actions, kind == H248_REPLY);
	}
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
	for (uint32_t n = 1 + rnd(g, 3); n; n--)
		transaction(g, m);
	return arena->overflow ? NULL : m;
}
