/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/store/memory.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/keyed_hash.h"
#include "hss/store/image.h"

enum { BUCKETS_LEAST = 4096 };

/* A name in its bucket. */
struct node {
	struct node *next;
	uint32_t hash;
	uint32_t at; /* in the profile */
	uint8_t kind, len, index;
};

struct entry {
	int64_t id;
	uint64_t stamp;	     /* of what is in it: another one after each change */
	uint64_t generation; /* another than the memory's: it is worth nothing */
	uint8_t *state;
	uint32_t profile_len, state_len, state_room;
	bool held;
	uint8_t n_nodes;
	struct node
	    node[]; /* the id, the private, the public identities; behind them the profile */
};

struct memory {
	pthread_mutex_t lock; /* of all */
	struct keyed_hash_key key;
	struct node **bucket;
	size_t n_buckets, n_nodes, hand; /* where the next is looked for that gives way */
	size_t octets, room;
	struct memory_figures figures;
	uint64_t generation, stamp;
	struct db_mark mark;
	int64_t others;
};

static uint8_t *profile_of(struct entry *e)
{
	return (uint8_t *)&e->node[e->n_nodes];
}

static struct entry *entry_of(struct node *n)
{
	return (struct entry *)((char *)(n - n->index) - offsetof(struct entry, node));
}

static struct slice id_name(const int64_t *id)
{
	return slice_make((const char *)id, sizeof(*id));
}

static struct slice name_of(struct node *n)
{
	struct entry *e = entry_of(n);

	return n->kind == MEMORY_ID ? id_name(&e->id)
				    : slice_make((const char *)profile_of(e) + n->at, n->len);
}

static uint32_t hash_of(const struct memory *m, enum memory_name kind, struct slice name)
{
	return (uint32_t)keyed_hash(&m->key, name) + (uint32_t)kind;
}

static struct node **bucket_of(const struct memory *m, uint32_t hash)
{
	return &m->bucket[hash & (m->n_buckets - 1)];
}

static size_t octets_of(const struct entry *e)
{
	return sizeof(*e) + e->n_nodes * sizeof(e->node[0]) + e->profile_len + e->state_room;
}

/* Also one that is worth nothing, if that is all there is. */
static struct entry *find_any(const struct memory *m, enum memory_name kind, struct slice name)
{
	uint32_t hash = hash_of(m, kind, name);
	struct entry *found = NULL;

	for (struct node *n = *bucket_of(m, hash); n; n = n->next)
		if (n->hash == hash && n->kind == kind && slice_eq(name_of(n), name)) {
			found = entry_of(n);
			if (found->generation == m->generation)
				break;
		}
	return found;
}

static struct entry *find(const struct memory *m, enum memory_name kind, struct slice name)
{
	struct entry *e = find_any(m, kind, name);

	return e && e->generation == m->generation ? e : NULL;
}

static struct entry *find_id(const struct memory *m, int64_t id)
{
	return find(m, MEMORY_ID, id_name(&id));
}

static void destroy(struct entry *e)
{
	explicit_bzero(profile_of(e), e->profile_len);
	free(e->state);
	free(e);
}

static void remove_entry(struct memory *m, struct entry *e)
{
	for (size_t i = 0; i < e->n_nodes; i++) {
		struct node **at = bucket_of(m, e->node[i].hash);

		while (*at != &e->node[i])
			at = &(*at)->next;
		*at = e->node[i].next;
	}
	m->n_nodes -= e->n_nodes;
	m->octets -= octets_of(e);
	m->figures.subscriptions -= e->generation == m->generation;
	destroy(e);
}

/* Twice as many buckets, if it can be: names are found anyway. */
static void grow(struct memory *m)
{
	struct node **old = m->bucket;
	size_t n = m->n_buckets;
	struct node **bucket = calloc(n * 2, sizeof(*bucket));

	if (!bucket)
		return;
	m->octets += n * sizeof(*bucket);
	m->bucket = bucket;
	m->n_buckets = n * 2;
	for (size_t i = 0; i < n; i++)
		for (struct node *next, *p = old[i]; p; p = next) {
			struct node **at = bucket_of(m, p->hash);

			next = p->next;
			p->next = *at;
			*at = p;
		}
	free(old);
}

static void add_entry(struct memory *m, struct entry *e)
{
	for (size_t i = 0; i < e->n_nodes; i++) {
		struct node *n = &e->node[i], **at;

		n->index = (uint8_t)i;
		n->hash = hash_of(m, n->kind, name_of(n));
		at = bucket_of(m, n->hash);
		n->next = *at;
		*at = n;
	}
	m->n_nodes += e->n_nodes;
	m->octets += octets_of(e);
	m->figures.subscriptions++;
	if (m->n_nodes > m->n_buckets)
		grow(m);
}

/* Let others go until n octets have room. Whose turn it is has nothing to do with use: the hand goes round. */
static bool make_room(struct memory *m, size_t n)
{
	for (size_t looked = 0; m->octets + n > m->room && looked < m->n_buckets; looked++) {
		struct node *p;

		m->hand = (m->hand + 1) & (m->n_buckets - 1);
		p = m->bucket[m->hand];
		while (p) {
			struct entry *e = entry_of(p);

			p = p->next;
			if (e->held && e->generation == m->generation)
				continue;
			remove_entry(m, e);
			p = m->bucket[m->hand];
		}
	}
	return m->octets + n <= m->room;
}

struct memory *memory_new(size_t octets)
{
	struct memory *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->room = octets;
	m->n_buckets = BUCKETS_LEAST;
	m->bucket = calloc(m->n_buckets, sizeof(*m->bucket));
	if (!m->bucket || keyed_hash_key_random(&m->key)) {
		free(m->bucket);
		free(m);
		return NULL;
	}
	pthread_mutex_init(&m->lock, NULL);
	return m;
}

void memory_free(struct memory *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->n_buckets; i++)
		while (m->bucket[i])
			remove_entry(m, entry_of(m->bucket[i]));
	pthread_mutex_destroy(&m->lock);
	free(m->bucket);
	free(m);
}

int memory_find(struct memory *m, enum memory_name kind, struct slice name, int64_t *id)
{
	struct entry *e;

	pthread_mutex_lock(&m->lock);
	e = find(m, kind, name);
	if (e)
		*id = e->id;
	pthread_mutex_unlock(&m->lock);
	return e ? 0 : STORE_ENOTFOUND;
}

static int read_entry(struct store *store, struct entry *e, unsigned int parts,
		      struct subscription *sub)
{
	struct slice profile = slice_make((const char *)profile_of(e), e->profile_len);
	struct slice state = slice_make((const char *)e->state, e->state_len);

	if (image_read(store, profile, state, parts, sub))
		return STORE_ENOTFOUND;
	sub->id = e->id;
	sub->stamp = e->stamp;
	return 0;
}

int memory_read(struct memory *m, struct store *store, enum memory_name kind, struct slice name,
		unsigned int parts, const struct db_mark *now, bool hold, struct subscription *sub)
{
	struct entry *e = NULL;
	int err = STORE_ENOTFOUND;

	pthread_mutex_lock(&m->lock);
	if (!now || memcmp(now, &m->mark, sizeof(*now)) == 0)
		e = find(m, kind, name);
	if (e && !(now && e->held))
		err = read_entry(store, e, parts, sub);
	if (err == 0 && hold)
		e->held = true;
	pthread_mutex_unlock(&m->lock);
	return err;
}

bool memory_hold(struct memory *m, const struct subscription *sub)
{
	struct entry *e;
	bool same;

	pthread_mutex_lock(&m->lock);
	e = find_id(m, sub->id);
	same = e && !e->held && e->stamp == sub->stamp;
	if (same)
		e->held = true;
	pthread_mutex_unlock(&m->lock);
	return same;
}

/* Of one that is not held from now on. Without memory for it the entry goes. */
static void set_state(struct memory *m, struct entry *e, struct slice state)
{
	if (state.len > e->state_room) {
		uint8_t *room = realloc(e->state, state.len);

		if (!room) {
			remove_entry(m, e);
			return;
		}
		e->state = room;
		m->octets += state.len - e->state_room;
		e->state_room = (uint32_t)state.len;
		e->held = true; /* others make room */
		make_room(m, 0);
		e->held = false;
	}
	memcpy(e->state, state.p, state.len);
	e->state_len = (uint32_t)state.len;
	e->stamp = ++m->stamp;
}

bool memory_change(struct memory *m, const struct subscription *sub, const struct db_mark *now)
{
	uint8_t state[IMAGE_STATE_MAX];
	size_t n = image_of_state(sub, state, sizeof(state));
	struct entry *e = NULL;

	pthread_mutex_lock(&m->lock);
	if (memcmp(now, &m->mark, sizeof(*now)) == 0)
		e = find_id(m, sub->id);
	if (e && (e->held || e->stamp != sub->stamp))
		e = NULL;
	if (e)
		set_state(m, e, slice_make((const char *)state, n));
	pthread_mutex_unlock(&m->lock);
	return e != NULL;
}

void memory_release(struct memory *m, int64_t id, struct slice state)
{
	struct entry *e;

	pthread_mutex_lock(&m->lock);
	e = find_id(m, id);
	if (e) {
		e->held = false;
		if (state.len)
			set_state(m, e, state);
	}
	pthread_mutex_unlock(&m->lock);
}

static void set_names(struct entry *e, const struct subscription *sub, const uint8_t *profile,
		      const struct slice *names)
{
	e->node[0].kind = MEMORY_ID;
	for (size_t i = 1; i < e->n_nodes; i++) {
		struct node *n = &e->node[i];

		n->kind = i <= sub->n_impi ? MEMORY_IMPI : MEMORY_IMPU;
		n->at = (uint32_t)((const uint8_t *)names[i - 1].p - profile);
		n->len = (uint8_t)names[i - 1].len;
	}
}

static struct entry *entry_new(struct store *store, const struct subscription *sub,
			       uint8_t *profile)
{
	struct slice names[IMAGE_NAMES_MAX];
	uint8_t state[IMAGE_STATE_MAX];
	size_t n = image_of_profile(store, sub, profile, IMAGE_PROFILE_MAX, names);
	size_t n_state = image_of_state(sub, state, sizeof(state));
	size_t n_nodes = 1 + sub->n_impi + sub->n_impu;
	struct entry *e =
	    n && n_state ? malloc(sizeof(*e) + n_nodes * sizeof(e->node[0]) + n) : NULL;

	if (!e)
		return NULL;
	*e = (struct entry){.id = sub->id,
			    .profile_len = (uint32_t)n,
			    .state_len = (uint32_t)n_state,
			    .state_room = (uint32_t)n_state,
			    .n_nodes = (uint8_t)n_nodes,
			    .state = malloc(n_state)};
	set_names(e, sub, profile, names);
	memcpy(profile_of(e), profile, n);
	explicit_bzero(profile, n);
	if (!e->state) {
		destroy(e);
		return NULL;
	}
	memcpy(e->state, state, n_state);
	return e;
}

bool memory_put(struct memory *m, struct store *store, const struct subscription *sub, bool oust,
		bool hold)
{
	uint8_t *profile = malloc(IMAGE_PROFILE_MAX);
	struct entry *e = profile ? entry_new(store, sub, profile) : NULL, *before;

	free(profile);
	if (!e)
		return false;
	pthread_mutex_lock(&m->lock);
	before = find_any(m, MEMORY_ID, id_name(&sub->id));
	if (before)
		remove_entry(m, before);
	if (oust ? !make_room(m, octets_of(e)) : m->octets + octets_of(e) > m->room) {
		destroy(e);
		e = NULL;
	} else {
		e->stamp = ++m->stamp;
		e->generation = m->generation;
		e->held = hold;
		add_entry(m, e);
	}
	pthread_mutex_unlock(&m->lock);
	return e != NULL;
}

void memory_forget(struct memory *m, int64_t id)
{
	struct entry *e;

	pthread_mutex_lock(&m->lock);
	e = find_id(m, id);
	if (e)
		remove_entry(m, e);
	pthread_mutex_unlock(&m->lock);
}

/* Under the lock. What is in the buckets gives way by and by. */
static void forget_all(struct memory *m)
{
	m->generation++;
	m->figures.subscriptions = 0;
	m->figures.forgotten++;
}

void memory_forget_all(struct memory *m)
{
	pthread_mutex_lock(&m->lock);
	forget_all(m);
	pthread_mutex_unlock(&m->lock);
}

void memory_at(struct memory *m, const struct db_mark *mark, int64_t others)
{
	pthread_mutex_lock(&m->lock);
	if (others != m->others)
		forget_all(m);
	m->others = others;
	m->mark = *mark;
	pthread_mutex_unlock(&m->lock);
}

void memory_move(struct memory *m, const struct db_mark *mark)
{
	pthread_mutex_lock(&m->lock);
	m->mark = *mark;
	pthread_mutex_unlock(&m->lock);
}

bool memory_is_at(struct memory *m, const struct db_mark *mark)
{
	bool is;

	pthread_mutex_lock(&m->lock);
	is = memcmp(mark, &m->mark, sizeof(*mark)) == 0;
	pthread_mutex_unlock(&m->lock);
	return is;
}

void memory_count(struct memory *m, struct memory_figures *out)
{
	pthread_mutex_lock(&m->lock);
	*out = m->figures;
	out->octets = m->octets;
	pthread_mutex_unlock(&m->lock);
}
