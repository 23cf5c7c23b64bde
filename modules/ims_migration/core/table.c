/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_migration/core/table.h"

/* A name in one of the chains: by its whole text, or by its user alone. */
struct node {
	struct node *next;
	uint64_t hash;
	struct row *row;
	uint8_t pair, side, how; /* MIGRATION_URI_FIRST (any whole name), MIGRATION_USER */
};

struct row {
	struct migration_binding b;
	unsigned place; /* in t->rows */
	struct row *next_id;
	uint64_t id_hash;
	struct node nodes[4 * MIGRATION_NAMES_MAX];
	unsigned n_nodes;
	char text[];
};

struct migration_table {
	struct migration_memory memory;
	struct keyed_hash_key key;
	unsigned max, count, buckets;
	int64_t linger;
	uint64_t changes;
	struct row **rows; /* [max] */
	struct row **ids;  /* [buckets] */
	struct node **names;
};

const char *migration_strerror(int err)
{
	switch (err) {
	case MIGRATION_DONE:
		return "no error";
	case MIGRATION_E_NAME:
		return "an identity is not user@host, sip:user@host or tel:+digits, or there are "
		       "too many or none";
	case MIGRATION_E_TAKEN:
		return "an identity is bound already, by another binding or twice in this one";
	case MIGRATION_E_SOURCE:
		return "the id belongs to a binding of another source or partner";
	case MIGRATION_E_FULL:
		return "there are as many bindings as max_bindings allows";
	case MIGRATION_E_MEMORY:
		return "no memory";
	case MIGRATION_E_ABSENT:
		return "there is no such binding";
	default:
		return "unknown error";
	}
}

struct migration_table *migration_table_new(const struct migration_memory *memory,
					    const struct keyed_hash_key *key, unsigned max,
					    int64_t linger)
{
	struct migration_table *t = memory->get(sizeof(*t));

	if (!t)
		return NULL;
	*t = (struct migration_table){
	    .memory = *memory, .key = *key, .max = max, .buckets = 64, .linger = linger};
	while (t->buckets < 4 * max && t->buckets < 1u << 20)
		t->buckets *= 2;
	t->rows = memory->get(max * sizeof(struct row *));
	t->ids = memory->get(t->buckets * sizeof(struct row *));
	t->names = memory->get(t->buckets * sizeof(struct node *));
	if (!t->rows || !t->ids || !t->names) {
		migration_table_free(t);
		return NULL;
	}
	memset(t->ids, 0, t->buckets * sizeof(struct row *));
	memset(t->names, 0, t->buckets * sizeof(struct node *));
	return t;
}

void migration_table_free(struct migration_table *t)
{
	void (*put)(void *) = t->memory.put;

	for (unsigned i = 0; i < t->count; i++)
		put(t->rows[i]);
	if (t->rows)
		put(t->rows);
	if (t->ids)
		put(t->ids);
	if (t->names)
		put(t->names);
	put(t);
}

/* Hosts are compared without case; users are not. */
static uint64_t hash_name(const struct migration_table *t, unsigned partner, int side, int how,
			  const struct migration_name *n)
{
	char key[4 + MIGRATION_USER_MAX + 1 + MIGRATION_HOST_MAX];
	bool whole = how != MIGRATION_USER && n->kind != MIGRATION_TEL;
	size_t len = 4;

	key[0] = (char)side;
	key[1] = (char)(how == MIGRATION_USER ? 9 : n->kind);
	key[2] = (char)(partner & 0xff);
	key[3] = (char)(partner >> 8 & 0xff);
	memcpy(key + len, n->user.p, n->user.len);
	len += n->user.len;
	if (whole) {
		key[len++] = '@';
		for (size_t i = 0; i < n->host.len; i++) {
			char c = n->host.p[i];

			key[len++] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
		}
	}
	return keyed_hash(&t->key, slice_make(key, len));
}

static const struct migration_name *name_of(const struct node *node)
{
	const struct migration_pair *p = &node->row->b.pair[node->pair];

	return node->side == MIGRATION_INSIDE ? &p->inside : &p->wire;
}

static bool same(const struct migration_name *a, const struct migration_name *b, int how)
{
	if (!slice_eq(a->user, b->user))
		return false;
	if (how == MIGRATION_USER)
		return true;
	return a->kind == b->kind &&
	       (a->kind == MIGRATION_TEL || slice_eq_nocase(a->host, b->host));
}

/* Which of two that fit: what lives goes before what is over. A user alone may be that of several names: then a public
 * identity goes first, and the first of them. */
static bool is_better(const struct node *a, const struct node *b, int how)
{
	bool nai_a = name_of(a)->kind == MIGRATION_NAI, nai_b = name_of(b)->kind == MIGRATION_NAI;

	if (!a->row->b.ended != !b->row->b.ended)
		return !a->row->b.ended;
	if (how != MIGRATION_USER)
		return false;
	return nai_a != nai_b ? nai_b : a->row == b->row && a->pair < b->pair;
}

static const struct node *look(const struct migration_table *t, unsigned partner, int side, int how,
			       const struct migration_name *n)
{
	uint64_t hash = hash_name(t, partner, side, how, n);
	const struct node *best = NULL;

	for (const struct node *at = t->names[hash & (t->buckets - 1)]; at; at = at->next)
		if (at->hash == hash && at->side == side && at->how == how &&
		    at->row->b.partner == partner && same(name_of(at), n, how) &&
		    (!best || is_better(at, best, how)))
			best = at;
	return best;
}

static struct row *row_of(const struct migration_table *t, struct slice id)
{
	uint64_t hash = keyed_hash(&t->key, id);
	struct row *r = t->ids[hash & (t->buckets - 1)];

	while (r && !(r->id_hash == hash && slice_eq(r->b.id, id)))
		r = r->next_id;
	return r;
}

static void add_node(struct migration_table *t, struct row *r, unsigned pair, int side, int how)
{
	const struct migration_pair *p = &r->b.pair[pair];
	const struct migration_name *n = side == MIGRATION_INSIDE ? &p->inside : &p->wire;
	struct node *node = &r->nodes[r->n_nodes];

	if (!n->user.len)
		return;
	*node = (struct node){.hash = hash_name(t, r->b.partner, side, how, n),
			      .row = r,
			      .pair = (uint8_t)pair,
			      .side = (uint8_t)side,
			      .how = (uint8_t)how};
	node->next = t->names[node->hash & (t->buckets - 1)];
	t->names[node->hash & (t->buckets - 1)] = node;
	r->n_nodes++;
}

static void link_row(struct migration_table *t, struct row *r)
{
	r->n_nodes = 0;
	for (unsigned i = 0; i < r->b.n; i++)
		for (int side = MIGRATION_INSIDE; side <= MIGRATION_WIRE; side++) {
			add_node(t, r, i, side, MIGRATION_URI_FIRST);
			add_node(t, r, i, side, MIGRATION_USER);
		}
	r->id_hash = keyed_hash(&t->key, r->b.id);
	r->next_id = t->ids[r->id_hash & (t->buckets - 1)];
	t->ids[r->id_hash & (t->buckets - 1)] = r;
	r->place = t->count;
	t->rows[t->count++] = r;
	t->changes++;
}

static void unlink_row(struct migration_table *t, struct row *r)
{
	struct row **id = &t->ids[r->id_hash & (t->buckets - 1)];

	for (unsigned i = 0; i < r->n_nodes; i++) {
		struct node **at = &t->names[r->nodes[i].hash & (t->buckets - 1)];

		while (*at != &r->nodes[i])
			at = &(*at)->next;
		*at = (*at)->next;
	}
	while (*id != r)
		id = &(*id)->next_id;
	*id = r->next_id;
	t->rows[r->place] = t->rows[--t->count];
	t->rows[r->place]->place = r->place;
	t->changes++;
}

static struct slice keep(char **room, struct slice s)
{
	struct slice kept = slice_make(*room, s.len);

	if (s.len)
		memcpy(*room, s.p, s.len);
	*room += s.len;
	return kept;
}

static void keep_name(char **room, struct migration_name *n)
{
	n->user = keep(room, n->user);
	n->host = keep(room, n->host);
}

static bool is_name(const struct migration_name *n)
{
	return n->user.len > 0 && n->user.len <= MIGRATION_USER_MAX &&
	       n->host.len <= MIGRATION_HOST_MAX &&
	       (n->kind == MIGRATION_TEL ? migration_is_number(n->user) : n->host.len > 0);
}

static int check(const struct migration_binding *b)
{
	if (b->id.len == 0 || b->id.len > MIGRATION_ID_MAX || b->n == 0 ||
	    b->n > MIGRATION_NAMES_MAX || b->partner > 0xffff)
		return MIGRATION_E_NAME;
	for (unsigned i = 0; i < b->n; i++) {
		const struct migration_pair *p = &b->pair[i];

		if (!is_name(&p->inside) || (p->wire.user.len && !is_name(&p->wire)))
			return MIGRATION_E_NAME;
		for (unsigned k = 0; k < i; k++)
			if (same(&b->pair[k].inside, &p->inside, MIGRATION_URI_FIRST) ||
			    (p->wire.user.len &&
			     same(&b->pair[k].wire, &p->wire, MIGRATION_URI_FIRST)))
				return MIGRATION_E_TAKEN;
	}
	return MIGRATION_DONE;
}

/* Has another binding with this partner one of the names? On the same side one that is over may: its user has migrated
 * again. A name inside on the wire would swap there and back again. */
static bool taken(const struct migration_table *t, const struct migration_binding *b,
		  const struct row *own)
{
	for (unsigned i = 0; i < b->n; i++) {
		const struct migration_name *n[2] = {&b->pair[i].inside, &b->pair[i].wire};

		for (int k = 0; k < 4; k++) {
			int side = k / 2, of = k & 1;
			const struct node *at =
			    n[of]->user.len ? look(t, b->partner, side, MIGRATION_URI_FIRST, n[of])
					    : NULL;

			if (at && at->row != own &&
			    (side != of || (!b->ended && !at->row->b.ended)))
				return true;
		}
		for (unsigned k = 0; k < b->n; k++)
			if (same(&b->pair[k].inside, n[1], MIGRATION_URI_FIRST))
				return true;
	}
	return false;
}

static size_t text_of(const struct migration_binding *b)
{
	size_t size = b->id.len;

	for (unsigned i = 0; i < b->n; i++)
		size += b->pair[i].inside.user.len + b->pair[i].inside.host.len +
			b->pair[i].wire.user.len + b->pair[i].wire.host.len;
	return size;
}

/* The domain of the first sip: name of a side is where its numbers are written as SIP URIs. */
static void give_domains(struct migration_binding *b)
{
	struct slice inside = SLICE_NULL, wire = SLICE_NULL;

	for (unsigned i = b->n; i-- > 0;) {
		if (b->pair[i].inside.kind == MIGRATION_SIP)
			inside = b->pair[i].inside.host;
		if (b->pair[i].wire.kind == MIGRATION_SIP)
			wire = b->pair[i].wire.host;
	}
	for (unsigned i = 0; i < b->n; i++) {
		if (b->pair[i].inside.kind == MIGRATION_TEL)
			b->pair[i].inside.host = inside;
		if (b->pair[i].wire.kind == MIGRATION_TEL)
			b->pair[i].wire.host = wire;
	}
}

static bool equal(const struct migration_binding *a, const struct migration_binding *b)
{
	if (a->n != b->n || a->expires != b->expires || a->ended != b->ended)
		return false;
	for (unsigned i = 0; i < a->n; i++)
		if (!same(&a->pair[i].inside, &b->pair[i].inside, MIGRATION_URI_FIRST) ||
		    !same(&a->pair[i].wire, &b->pair[i].wire, MIGRATION_URI_FIRST))
			return false;
	return true;
}

int migration_restore(struct migration_table *t, const struct migration_binding *b)
{
	struct migration_binding copy = *b;
	struct row *old, *r;
	char *room;
	int rc = check(b);

	if (rc)
		return rc;
	give_domains(&copy);
	old = row_of(t, b->id);
	if (old && (old->b.source != b->source || old->b.partner != b->partner))
		return MIGRATION_E_SOURCE;
	if (old && equal(&old->b, b))
		return MIGRATION_DONE;
	if (taken(t, b, old))
		return MIGRATION_E_TAKEN;
	if (!old && t->count == t->max)
		return MIGRATION_E_FULL;
	r = t->memory.get(sizeof(*r) + text_of(&copy));
	if (!r)
		return MIGRATION_E_MEMORY;
	room = r->text;
	r->b = copy;
	r->b.id = keep(&room, copy.id);
	for (unsigned i = 0; i < r->b.n; i++) {
		keep_name(&room, &r->b.pair[i].inside);
		keep_name(&room, &r->b.pair[i].wire);
	}
	if (old) {
		unlink_row(t, old);
		t->memory.put(old);
	}
	link_row(t, r);
	return MIGRATION_DONE;
}

int migration_bind(struct migration_table *t, const struct migration_binding *b, int64_t now)
{
	const struct row *old = row_of(t, b->id);
	struct migration_binding live = *b;

	live.ended = 0;
	/* What is over stays so, unless it is given a longer life. */
	if (old && old->b.ended && b->expires <= old->b.expires)
		live.ended = old->b.ended;
	else if (b->expires <= now)
		live.ended = now;
	return migration_restore(t, &live);
}

int migration_end(struct migration_table *t, struct slice id, enum migration_source source,
		  int64_t now)
{
	struct row *r = row_of(t, id);

	if (!r)
		return MIGRATION_E_ABSENT;
	if (r->b.source != source)
		return MIGRATION_E_SOURCE;
	if (!r->b.ended) {
		r->b.ended = now;
		t->changes++;
	}
	return MIGRATION_DONE;
}

unsigned migration_expire(struct migration_table *t, int64_t now)
{
	unsigned n = 0;

	for (unsigned i = t->count; i-- > 0;) {
		struct row *r = t->rows[i];

		if (!r->b.ended && r->b.expires <= now) {
			r->b.ended = r->b.expires;
			t->changes++;
			n++;
		}
		if (r->b.ended && now - r->b.ended >= t->linger) {
			unlink_row(t, r);
			t->memory.put(r);
			n++;
		}
	}
	return n;
}

const struct migration_binding *migration_get(const struct migration_table *t, struct slice id)
{
	const struct row *r = row_of(t, id);

	return r ? &r->b : NULL;
}

const struct migration_binding *migration_at(const struct migration_table *t, unsigned n)
{
	return n < t->count ? &t->rows[n]->b : NULL;
}

unsigned migration_table_count(const struct migration_table *t)
{
	return t->count;
}

uint64_t migration_changes(const struct migration_table *t)
{
	return t->changes;
}

static void copy_to(char *to, uint16_t *len, struct slice s)
{
	*len = (uint16_t)s.len;
	if (s.len)
		memcpy(to, s.p, s.len);
}

static const struct node *find_node(const struct migration_table *t,
				    const struct migration_query *q)
{
	const struct migration_name uri = {MIGRATION_SIP, q->user, q->host},
				    nai = {MIGRATION_NAI, q->user, q->host},
				    tel = {MIGRATION_TEL, q->user, SLICE_NULL};
	const struct node *at;

	if (q->how == MIGRATION_NUMBER)
		return look(t, q->partner, q->side, MIGRATION_URI_FIRST, &tel);
	if (q->how == MIGRATION_USER)
		return look(t, q->partner, q->side, MIGRATION_USER, &uri);
	at = look(t, q->partner, q->side, MIGRATION_URI_FIRST,
		  q->how == MIGRATION_URI_FIRST ? &uri : &nai);
	return at ? at
		  : look(t, q->partner, q->side, MIGRATION_URI_FIRST,
			 q->how == MIGRATION_URI_FIRST ? &nai : &uri);
}

bool migration_find(const struct migration_table *t, const struct migration_query *q, int64_t now,
		    struct migration_hit *hit)
{
	const struct migration_name *from, *to;
	const struct node *at;

	if (q->user.len == 0 || q->user.len > MIGRATION_USER_MAX ||
	    q->host.len > MIGRATION_HOST_MAX)
		return false;
	at = find_node(t, q);
	if (!at)
		return false;
	from = name_of(at);
	to = at->side == MIGRATION_INSIDE ? &at->row->b.pair[at->pair].wire
					  : &at->row->b.pair[at->pair].inside;
	hit->from = from->kind;
	hit->kind = to->kind;
	hit->unmapped = to->user.len == 0;
	hit->ended = at->row->b.ended || at->row->b.expires <= now;
	copy_to(hit->user, &hit->user_len, to->user);
	copy_to(hit->host, &hit->host_len, to->host);
	copy_to(hit->from_host, &hit->from_host_len, from->host);
	return true;
}
