/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Media descriptors. */
#include "unit/h248/generate_parts.h"

static struct slice sdp(struct generator *g)
{
	if (g->for_megaco)
		return PICK("v=0\nc=IN IP4 $\nm=audio $ RTP/AVP 0\na=ptime:20", "");
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
	s->has_statistics = since(g, 3);
	if (s->has_statistics)
		s->statistics = statistics(g, coin(g));
	s->has_local = coin(g) || (!s->control && !s->has_remote && !s->has_statistics);
	if (s->has_local)
		s->local = sdp(g);
}

void media(struct generator *g, struct h248_media *m)
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
