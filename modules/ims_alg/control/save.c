/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call's context as one record, for a restart of the controller on the same machine. */
#include <stdlib.h>
#include <string.h>

#include "modules/ims_alg/control/control.h"

/* In the byte order and layout of the program that wrote it; another's is refused. */
enum { MAGIC = 0x32474c41, LAYOUT = sizeof(struct told_stream) };

struct record_side {
	char tid[H248_TID_MAX + 1], realm[ALG_REALM_MAX];
	uint8_t there, family, dscp, move, streams;
};

struct record {
	uint32_t magic, layout;
	uint64_t call;
	char gateway[MGC_GATEWAY_NAME_MAX];
	uint32_t id, request;
	struct record_side side[ALG_SIDES];
	/* The streams of one side, then those of the other. */
};

static const struct told *at_rest(const struct context *c, int side)
{
	/* An order in work is not known after a restart: what was before it is. */
	return c->state == CONTEXT_IDLE ? &c->now[side] : &c->before[side];
}

/* Its end is under way, or ordered. */
static bool ends(const struct context *c)
{
	for (const struct order *o = c->orders; o; o = o->next)
		if (o->release)
			return true;
	return c->state == CONTEXT_ENDING;
}

size_t mgc_context_save(const struct mgc *mgc, uint64_t call, void *buf, size_t size)
{
	const struct context *c = context_find((struct mgc *)mgc, call);
	struct record r = {.magic = MAGIC, .layout = LAYOUT, .call = call};
	size_t need = sizeof(r);
	char *to = buf;

	if (!c || !c->id || !c->gateway || c->fresh || ends(c))
		return 0;
	memcpy(r.gateway, c->gateway->cfg.name, sizeof(r.gateway));
	r.id = c->id;
	r.request = c->request;
	for (int side = 0; side < ALG_SIDES; side++) {
		const struct told *t = at_rest(c, side);

		memcpy(r.side[side].tid, t->tid, sizeof(t->tid));
		memcpy(r.side[side].realm, t->realm, sizeof(t->realm));
		r.side[side].there = t->there;
		r.side[side].family = t->family;
		r.side[side].dscp = t->dscp;
		r.side[side].move = t->move;
		r.side[side].streams = (uint8_t)t->streams;
		need += t->streams * sizeof(struct told_stream);
	}
	if (!buf || size < need)
		return need;
	memcpy(to, &r, sizeof(r));
	to += sizeof(r);
	for (int side = 0; side < ALG_SIDES; side++) {
		const struct told *t = at_rest(c, side);

		if (t->streams)
			memcpy(to, t->stream, t->streams * sizeof(*t->stream));
		to += t->streams * sizeof(*t->stream);
	}
	return need;
}

static struct gateway *by_name(struct mgc *mgc, const char *name)
{
	for (unsigned i = 0; i < mgc->gateways; i++)
		if (strcmp(mgc->gateway[i].cfg.name, name) == 0)
			return &mgc->gateway[i];
	return NULL;
}

static bool terminated(const char *text, size_t size)
{
	return memchr(text, 0, size) != NULL;
}

static bool is_sound(const struct record *r, size_t size)
{
	size_t need = sizeof(*r);

	if (r->magic != MAGIC || r->layout != LAYOUT || !r->id || r->id >= H248_CONTEXT_CHOOSE ||
	    !terminated(r->gateway, sizeof(r->gateway)))
		return false;
	for (int side = 0; side < ALG_SIDES; side++) {
		const struct record_side *s = &r->side[side];

		need += s->streams * sizeof(struct told_stream);
		if (s->streams > ALG_STREAMS_MAX || !terminated(s->tid, sizeof(s->tid)) ||
		    !terminated(s->realm, sizeof(s->realm)) ||
		    (s->there && (!s->tid[0] || !s->streams)))
			return false;
	}
	return need == size;
}

static bool stream_is_sound(const struct told_stream *s)
{
	return terminated(s->media, sizeof(s->media)) &&
	       terminated(s->formats, sizeof(s->formats)) &&
	       terminated(s->end.proto, sizeof(s->end.proto)) &&
	       terminated(s->end.path, sizeof(s->end.path)) &&
	       terminated(s->end.remote_path, sizeof(s->end.remote_path)) &&
	       s->end.fingerprints.n <= FINGERPRINT_SET_MAX;
}

static int load_side(const struct record_side *s, const char *streams, struct told *out)
{
	memcpy(out->tid, s->tid, sizeof(out->tid));
	memcpy(out->realm, s->realm, sizeof(out->realm));
	out->there = s->there;
	out->family = s->family;
	out->dscp = s->dscp;
	out->move = s->move;
	if (!s->streams)
		return 0;
	out->stream = calloc(s->streams, sizeof(*out->stream));
	if (!out->stream)
		return -1;
	out->streams = s->streams;
	memcpy(out->stream, streams, s->streams * sizeof(*out->stream));
	for (unsigned i = 0; i < out->streams; i++)
		if (!stream_is_sound(&out->stream[i]))
			return -1;
	return 0;
}

int mgc_context_load(struct mgc *mgc, const void *record, size_t size, uint64_t *call)
{
	const char *from = record;
	struct record r;
	struct gateway *g;
	struct context *c;
	int rc = 0;

	if (size < sizeof(r))
		return -1;
	memcpy(&r, record, sizeof(r));
	from += sizeof(r);
	if (!is_sound(&r, size))
		return -1;
	g = by_name(mgc, r.gateway);
	if (!g || context_find(mgc, r.call) || context_find_id(g, r.id))
		return -1;
	c = context_new(mgc, r.call);
	if (!c)
		return -1;
	c->fresh = false;
	c->request = r.request;
	for (int side = 0; side < ALG_SIDES && !rc; side++) {
		rc = load_side(&r.side[side], from, &c->now[side]);
		from += r.side[side].streams * sizeof(struct told_stream);
	}
	if (rc) {
		context_free(mgc, c);
		return -1;
	}
	context_place(c, g);
	context_set_id(c, r.id);
	*call = r.call;
	return 0;
}
