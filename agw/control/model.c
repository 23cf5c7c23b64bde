/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/control/model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Ids are given out one after the other. */
static size_t context_bucket(uint32_t id)
{
	return id % MODEL_BUCKETS;
}

/* TerminationIDs compare without case (B.2), so they hash without it. */
static size_t termination_bucket(const struct model *m, struct slice id)
{
	char text[H248_TID_MAX];
	size_t n = 0;

	for (; n < id.len && n < sizeof(text); n++)
		text[n] = (char)(id.p[n] >= 'A' && id.p[n] <= 'Z' ? id.p[n] + 32 : id.p[n]);
	return (size_t)(keyed_hash(&m->hash_key, slice_make(text, n)) % MODEL_BUCKETS);
}

struct context *context_find(const struct model *m, uint32_t id)
{
	struct context *c = m->contexts[context_bucket(id)];

	while (c && c->id != id)
		c = c->next_in_bucket;
	return c;
}

struct context *context_new(struct model *m)
{
	struct context *c = calloc(1, sizeof(*c));
	struct context **bucket;

	if (!c)
		return NULL;
	do
		m->next_context++;
	while (m->next_context == H248_CONTEXT_NULL || m->next_context >= H248_CONTEXT_CHOOSE ||
	       context_find(m, m->next_context));
	c->id = m->next_context;
	bucket = &m->contexts[context_bucket(c->id)];
	c->next_in_bucket = *bucket;
	*bucket = c;
	m->n_contexts++;
	return c;
}

void context_free(struct model *m, struct context *c)
{
	struct context **p = &m->contexts[context_bucket(c->id)];

	while (*p != c)
		p = &(*p)->next_in_bucket;
	*p = c->next_in_bucket;
	m->n_contexts--;
	m->n_emergency -= c->emergency;
	free(c);
}

struct termination *termination_find(const struct model *m, struct slice id)
{
	struct termination *t = m->terminations[termination_bucket(m, id)];

	while (t && !slice_eq_nocase(slice_str(t->id), id))
		t = t->next_in_bucket;
	return t;
}

static void enter(struct termination *t, struct context *c)
{
	struct termination **p = &c->terminations;

	while (*p)
		p = &(*p)->next_in_context;
	*p = t;
	t->next_in_context = NULL;
	t->context = c;
	c->n_terminations++;
}

static void leave(struct termination *t)
{
	struct context *c = t->context;
	struct termination **p = &c->terminations;

	while (*p != t)
		p = &(*p)->next_in_context;
	*p = t->next_in_context;
	c->n_terminations--;
	t->context = NULL;
}

struct termination *termination_new(struct model *m, struct context *c, struct realm *realm,
				    struct slice label)
{
	struct termination *t = calloc(1, sizeof(*t));
	struct termination **bucket;

	if (!t)
		return NULL;
	do
		snprintf(t->id, sizeof(t->id), "ip/%.*s/%llu", (int)label.len, label.p,
			 (unsigned long long)++m->next_number);
	while (termination_find(m, slice_str(t->id)));
	t->realm = realm;
	realm->terminations++;
	t->serial = ++m->next_serial;
	bucket = &m->terminations[termination_bucket(m, slice_str(t->id))];
	t->next_in_bucket = *bucket;
	*bucket = t;
	m->n_terminations++;
	enter(t, c);
	return t;
}

static void part(struct stream *s)
{
	if (!s->partner)
		return;
	media_unlink(s->leg);
	s->partner->partner = NULL;
	s->partner = NULL;
}

void termination_free(struct model *m, struct termination *t)
{
	struct termination **p = &m->terminations[termination_bucket(m, slice_str(t->id))];
	struct context *c = t->context;

	while (t->streams)
		stream_free(m, t, t->streams);
	t->realm->terminations--;
	while (*p != t)
		p = &(*p)->next_in_bucket;
	*p = t->next_in_bucket;
	m->n_terminations--;
	leave(t);
	free(t);
	context_relink(c);
}

void termination_move(struct termination *t, struct context *to)
{
	struct context *from = t->context;

	for (struct stream *s = t->streams; s; s = s->next)
		part(s);
	leave(t);
	enter(t, to);
	context_relink(from);
	context_relink(to);
}

struct stream *stream_find(const struct termination *t, uint16_t id)
{
	struct stream *s = t->streams;

	while (s && s->id != id)
		s = s->next;
	return s;
}

struct stream *stream_new(struct termination *t, uint16_t id)
{
	struct stream *s = calloc(1, sizeof(*s)), **p = &t->streams;

	if (!s)
		return NULL;
	s->id = id;
	s->termination = t;
	s->control.mode = H248_INACTIVE;
	while (*p)
		p = &(*p)->next;
	*p = s;
	return s;
}

void stream_free(struct model *m, struct termination *t, struct stream *s)
{
	struct stream **p = &t->streams;

	while (*p != s)
		p = &(*p)->next;
	*p = s->next;
	part(s);
	if (s->leg) {
		if (media_proto_is_rtp(s->proto)) {
			struct media_leg_stats st;

			media_leg_stats(s->leg, &st);
			quality_note(&t->realm->quality, &st);
		}
		media_leg_close(s->leg);
		m->limits->used -= s->descriptors;
	}
	if (s->local)
		explicit_bzero(s->local, strlen(s->local)); /* a=crypto */
	if (s->remote)
		explicit_bzero(s->remote, strlen(s->remote));
	free(s->local);
	free(s->remote);
	explicit_bzero(s, sizeof(*s));
	free(s);
}

/* ---- which stream relays to which ---- */

/* "ip/core/2:5" in its two parts; stream 0: none given. */
static bool linkage_parse(struct slice value, struct slice *tid, uint16_t *stream)
{
	struct slice rest = value;
	uint64_t n = 0;

	*tid = slice_cut(&rest, ':');
	if (rest.p && (slice_u64(rest, UINT16_MAX, &n) < 0 || !n))
		return false;
	*stream = (uint16_t)n;
	return tid->len > 0 && tid->len < H248_TID_MAX;
}

bool linkage_is_valid(struct slice value)
{
	struct slice tid;
	uint16_t stream;

	return linkage_parse(value, &tid, &stream);
}

static bool linkage_is_none(const struct stream *s)
{
	return slice_eq_nocase(slice_str(s->control.linkage), SLICE_LIT("none"));
}

static struct stream *named_by(const struct context *c, const struct stream *s)
{
	struct slice tid;
	uint16_t id;

	if (!s->control.linkage[0] || linkage_is_none(s) ||
	    !linkage_parse(slice_str(s->control.linkage), &tid, &id))
		return NULL;
	for (struct termination *t = c->terminations; t; t = t->next_in_context)
		if (t != s->termination && slice_eq_nocase(slice_str(t->id), tid)) {
			struct stream *o = stream_find(t, id ? id : s->id);

			return o && o->leg ? o : NULL;
		}
	return NULL;
}

static struct stream *who_names(const struct context *c, const struct stream *s)
{
	for (struct termination *t = c->terminations; t; t = t->next_in_context)
		for (struct stream *o = t->streams; o; o = o->next)
			if (o->leg && named_by(c, o) == s)
				return o;
	return NULL;
}

/* The other one of the first two with this id that no linkage speaks of. */
static struct stream *same_id(const struct context *c, const struct stream *s)
{
	struct stream *pair[2] = {NULL, NULL};
	size_t n = 0;

	for (struct termination *t = c->terminations; t && n < 2; t = t->next_in_context) {
		struct stream *o = stream_find(t, s->id);

		if (o && o->leg && !o->control.linkage[0] && !who_names(c, o))
			pair[n++] = o;
	}
	return n < 2 ? NULL : pair[0] == s ? pair[1] : pair[1] == s ? pair[0] : NULL;
}

static struct stream *wanted(const struct context *c, const struct stream *s)
{
	if (!s->leg || c->isolated)
		return NULL;
	if (s->control.linkage[0])
		return named_by(c, s);
	return who_names(c, s) ? who_names(c, s) : same_id(c, s);
}

/* Only if both want it: a stream that two others name goes with the first. */
static struct stream *partner_of(const struct context *c, const struct stream *s)
{
	struct stream *o = wanted(c, s);

	return o && wanted(c, o) == s ? o : NULL;
}

void context_relink(struct context *c)
{
	for (struct termination *t = c->terminations; t; t = t->next_in_context)
		for (struct stream *s = t->streams; s; s = s->next)
			if (s->partner != partner_of(c, s))
				part(s);
	for (struct termination *t = c->terminations; t; t = t->next_in_context)
		for (struct stream *s = t->streams; s; s = s->next) {
			struct stream *o = s->partner ? NULL : partner_of(c, s);

			if (o && media_link(s->leg, o->leg) == MEDIA_OK) {
				s->partner = o;
				o->partner = s;
			}
		}
}

void model_each_context(struct model *m, void (*f)(struct context *, void *), void *arg)
{
	for (size_t i = 0; i < MODEL_BUCKETS; i++)
		for (struct context *c = m->contexts[i], *next; c; c = next) {
			next = c->next_in_bucket;
			f(c, arg);
		}
}

void model_each_termination(struct model *m, void (*f)(struct termination *, void *), void *arg)
{
	for (size_t i = 0; i < MODEL_BUCKETS; i++)
		for (struct termination *t = m->terminations[i], *next; t; t = next) {
			next = t->next_in_bucket;
			f(t, arg);
		}
}
