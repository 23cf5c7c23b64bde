/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/control/model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static size_t context_bucket(uint32_t id)
{
	return (id * 2654435761u >> 8) % MODEL_BUCKETS;
}

/* TerminationIDs compare without case (B.2), so they hash without it. */
static size_t termination_bucket(struct slice id)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < id.len; i++)
		h = (h ^ (uint32_t)(id.p[i] >= 'A' && id.p[i] <= 'Z' ? id.p[i] + 32 : id.p[i])) *
		    16777619u;
	return h % MODEL_BUCKETS;
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
	struct termination *t = m->terminations[termination_bucket(id)];

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
	t->serial = ++m->next_serial;
	bucket = &m->terminations[termination_bucket(slice_str(t->id))];
	t->next_in_bucket = *bucket;
	*bucket = t;
	m->n_terminations++;
	enter(t, c);
	return t;
}

void termination_free(struct model *m, struct termination *t)
{
	struct termination **p = &m->terminations[termination_bucket(slice_str(t->id))];
	struct context *c = t->context;

	while (t->streams)
		stream_free(t, t->streams);
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
		if (s->leg) {
			media_unlink(s->leg);
			s->linked = false;
		}
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

void stream_free(struct termination *t, struct stream *s)
{
	struct stream **p = &t->streams;

	while (*p != s)
		p = &(*p)->next;
	*p = s->next;
	if (s->leg)
		media_leg_close(s->leg);
	if (s->local)
		explicit_bzero(s->local, strlen(s->local)); /* a=crypto */
	if (s->remote)
		explicit_bzero(s->remote, strlen(s->remote));
	free(s->local);
	free(s->remote);
	explicit_bzero(s, sizeof(*s));
	free(s);
}

/* The first two terminations that have this stream make the pair; a third waits until one has gone.
 */
void context_relink(struct context *c)
{
	for (struct termination *t = c->terminations; t; t = t->next_in_context)
		for (struct stream *s = t->streams; s; s = s->next) {
			struct stream *pair[2] = {NULL, NULL};
			size_t n = 0;

			for (struct termination *u = c->terminations; u && n < 2;
			     u = u->next_in_context) {
				struct stream *o = stream_find(u, s->id);

				if (o && o->leg)
					pair[n++] = o;
			}
			if (pair[0] != s)
				continue;
			if (n < 2 || c->isolated) {
				if (s->linked) {
					media_unlink(s->leg);
					s->linked = false;
					if (n == 2)
						pair[1]->linked = false;
				}
			} else if (!pair[0]->linked || !pair[1]->linked) {
				media_unlink(pair[0]->leg);
				media_unlink(pair[1]->leg);
				pair[0]->linked = pair[1]->linked =
				    media_link(pair[0]->leg, pair[1]->leg) == MEDIA_OK;
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
