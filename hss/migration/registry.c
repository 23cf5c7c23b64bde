/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/migration/registry.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/keyed_hash.h"

enum { BUCKETS_FIRST = 64, WRITE_AGAIN_S = 60 };

/* One binding, its texts packed behind it: id, partner, own, pair, host, realm, each with its NUL. */
struct entry {
	struct entry *by_id, *by_name; /* the next in the bucket */
	uint64_t id, name;	       /* hashes */
	enum binding_side side;
	int64_t expires, changed;
	/* of who has asked: what was written down, and how often since */
	uint64_t asker;
	int64_t asked;
	uint32_t mars, resyncs;
	char text[];
};

struct registry {
	struct keyed_hash_key key;
	pthread_rwlock_t lock;
	struct entry **ids, **names;
	size_t buckets, n, of_side[2];
};

static uint64_t hash(const struct registry *r, const char *text)
{
	return keyed_hash(&r->key, slice_str(text));
}

/* Of the name by which it is looked up; a blank is in no name. */
static uint64_t name_hash(const struct registry *r, enum binding_side side, const char *partner,
			  struct slice impi)
{
	char text[PARTNER_SIZE + IDENTITY_SIZE + 2];
	int n = snprintf(text, sizeof(text), "%s %.*s", side == BINDING_HERE ? "" : partner,
			 impi.len < IDENTITY_SIZE ? (int)impi.len : IDENTITY_SIZE, impi.p);

	return keyed_hash(&r->key, slice_make(text, (size_t)n));
}

struct registry *registry_new(void)
{
	struct registry *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->buckets = BUCKETS_FIRST;
	r->ids = calloc(r->buckets, sizeof(struct entry *));
	r->names = calloc(r->buckets, sizeof(struct entry *));
	if (pthread_rwlock_init(&r->lock, NULL) || !r->ids || !r->names ||
	    keyed_hash_key_random(&r->key)) {
		registry_free(r);
		return NULL;
	}
	return r;
}

void registry_free(struct registry *r)
{
	if (!r)
		return;
	for (size_t i = 0; r->ids && i < r->buckets; i++)
		while (r->ids[i]) {
			struct entry *e = r->ids[i];

			r->ids[i] = e->by_id;
			free(e);
		}
	free(r->ids);
	free(r->names);
	free(r);
}

static void link_entry(struct registry *r, struct entry *e)
{
	struct entry **id = &r->ids[e->id & (r->buckets - 1)],
		     **name = &r->names[e->name & (r->buckets - 1)];

	e->by_id = *id;
	*id = e;
	e->by_name = *name;
	*name = e;
}

/* Twice as many buckets, if there is memory for them. */
static void grow(struct registry *r)
{
	struct entry **old = r->ids, **old_names = r->names;
	const size_t n = r->buckets;

	r->ids = calloc(2 * n, sizeof(struct entry *));
	r->names = calloc(2 * n, sizeof(struct entry *));
	if (!r->ids || !r->names) {
		free(r->ids);
		free(r->names);
		r->ids = old;
		r->names = old_names;
		return;
	}
	r->buckets = 2 * n;
	for (size_t i = 0; i < n; i++)
		while (old[i]) {
			struct entry *e = old[i];

			old[i] = e->by_id;
			link_entry(r, e);
		}
	free(old);
	free(old_names);
}

/* Out of both tables, or NULL: it is in none. */
static struct entry *take_out(struct registry *r, const char *id)
{
	const uint64_t h = hash(r, id);
	struct entry **p = &r->ids[h & (r->buckets - 1)], *e;

	while ((e = *p) && (e->id != h || strcmp(e->text, id) != 0))
		p = &e->by_id;
	if (!e)
		return NULL;
	*p = e->by_id;
	p = &r->names[e->name & (r->buckets - 1)];
	while (*p != e)
		p = &(*p)->by_name;
	*p = e->by_name;
	r->n--;
	r->of_side[e->side]--;
	return e;
}

static char *add_text(char *at, const char *text)
{
	return stpcpy(at, text) + 1;
}

static struct entry *make(const struct registry *r, const struct binding *b)
{
	char own[NAMES_TEXT], pair[NAMES_TEXT], *at;
	struct entry *e;

	names_write(&b->own, own);
	names_write(&b->pair, pair);
	e = calloc(1, sizeof(*e) + strlen(b->id) + strlen(b->partner) + strlen(own) + strlen(pair) +
			  strlen(b->host) + strlen(b->realm) + 6);
	if (!e)
		return NULL;
	e->side = b->side;
	e->expires = b->expires;
	e->changed = b->changed;
	e->id = hash(r, b->id);
	e->name = name_hash(r, b->side, b->partner,
			    slice_str(b->side == BINDING_HERE ? b->own.impi : b->pair.impi));
	at = add_text(e->text, b->id);
	at = add_text(at, b->partner);
	at = add_text(at, own);
	at = add_text(at, pair);
	at = add_text(at, b->host);
	add_text(at, b->realm);
	return e;
}

int registry_set(struct registry *r, const struct binding *b)
{
	struct entry *e = b->state == BINDING_LIVE ? make(r, b) : NULL, *old;

	pthread_rwlock_wrlock(&r->lock);
	old = take_out(r, b->id);
	if (e && old) {
		e->asker = old->asker;
		e->asked = old->asked;
		e->mars = old->mars;
		e->resyncs = old->resyncs;
	}
	if (e) {
		if (r->n >= r->buckets)
			grow(r);
		link_entry(r, e);
		r->n++;
		r->of_side[e->side]++;
	}
	pthread_rwlock_unlock(&r->lock);
	free(old);
	return b->state == BINDING_LIVE && !e ? -1 : 0;
}

static const char *next_text(const char *text)
{
	return text + strlen(text) + 1;
}

/* It was written by make(), so that it fits. */
static void read_entry(const struct entry *e, struct binding *out)
{
	const char *at = e->text;

	out->side = e->side;
	out->state = BINDING_LIVE;
	out->expires = e->expires;
	out->changed = e->changed;
	out->reason[0] = '\0';
	memset(&out->asker, 0, sizeof(out->asker));
	strcpy(out->id, at);
	at = next_text(at);
	strcpy(out->partner, at);
	at = next_text(at);
	names_read(slice_str(at), &out->own);
	at = next_text(at);
	names_read(slice_str(at), &out->pair);
	at = next_text(at);
	strcpy(out->host, at);
	strcpy(out->realm, next_text(at));
}

/* The first line of own or of pair. */
static struct slice key_of(const struct entry *e)
{
	const char *own = next_text(next_text(e->text));
	struct slice names = slice_str(e->side == BINDING_HERE ? own : next_text(own));

	return slice_cut(&names, '\n');
}

static bool look_up(const struct registry *r, enum binding_side side, const char *partner,
		    struct slice impi, struct binding *out)
{
	const uint64_t h = name_hash(r, side, partner, impi);
	pthread_rwlock_t *lock = (pthread_rwlock_t *)(uintptr_t)&r->lock;
	const struct entry *e;

	pthread_rwlock_rdlock(lock);
	e = r->names[h & (r->buckets - 1)];
	while (e && (e->name != h || e->side != side || !slice_eq(key_of(e), impi) ||
		     (side == BINDING_AWAY && strcmp(next_text(e->text), partner) != 0)))
		e = e->by_name;
	if (e)
		read_entry(e, out);
	pthread_rwlock_unlock(lock);
	return e != NULL;
}

bool registry_here(const struct registry *r, struct slice impi, struct binding *out)
{
	return look_up(r, BINDING_HERE, "", impi, out);
}

bool registry_away(const struct registry *r, const char *partner, struct slice impi,
		   struct binding *out)
{
	return look_up(r, BINDING_AWAY, partner, impi, out);
}

size_t registry_count(const struct registry *r, enum binding_side side)
{
	return r->of_side[side];
}

uint64_t registry_hash(const struct registry *r, struct slice name)
{
	return keyed_hash(&r->key, name);
}

bool registry_asked(struct registry *r, const struct binding *b, struct binding_asker *a,
		    bool resynced)
{
	char text[3 * IDENTITY_SIZE + 3];
	const uint64_t h = hash(r, b->id);
	uint64_t who;
	struct entry *e;
	bool write = false;

	snprintf(text, sizeof(text), "%s\n%s\n%s", a->host, a->realm, a->server);
	who = hash(r, text);
	pthread_rwlock_wrlock(&r->lock);
	e = r->ids[h & (r->buckets - 1)];
	while (e && (e->id != h || strcmp(e->text, b->id) != 0))
		e = e->by_id;
	if (e) {
		e->mars++;
		e->resyncs += resynced;
		write = e->asker != who || a->last - e->asked >= WRITE_AGAIN_S;
		if (write) {
			a->mars = e->mars;
			a->resyncs = e->resyncs;
			e->mars = e->resyncs = 0;
			e->asker = who;
			e->asked = a->last;
		}
	}
	pthread_rwlock_unlock(&r->lock);
	return write;
}
