/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_flow/core/flow_table.h"

#define MAGIC  0x494d53464c4f5731ull /* IMSFLOW1 */
#define LAYOUT 5u

struct flow_table {
	uint64_t magic;
	uint32_t layout, record;
	uint32_t max, count;
	uint32_t buckets; /* a power of two */
	uint32_t free;	  /* chain of free records by link_id; 0 ends it */
	uint32_t high;	  /* records from here on were never used: their pages are not touched */
	uint32_t pad;
	struct keyed_hash_key key;
	uint32_t hand; /* of flow_under_hand() */
	uint32_t pad2;
	struct kept_clock noted; /* a moment of the run that wrote the records */
};

/* Behind the header: three arrays of chain heads, then the records. Record i is named i + 1 in a
 * chain. */
static uint32_t *heads(const struct flow_table *t, unsigned which)
{
	return (uint32_t *)(t + 1) + (size_t)which * t->buckets;
}

static struct flow_set *records(const struct flow_table *t)
{
	return (struct flow_set *)(heads(t, 3));
}

static uint32_t name_of(const struct flow_table *t, const struct flow_set *f)
{
	return (uint32_t)(f - records(t)) + 1;
}

static uint32_t buckets_for(uint32_t max)
{
	uint32_t n = 64;

	while (n < max && n < 1u << 24)
		n *= 2;
	return n;
}

size_t flow_table_bytes(uint32_t max_sets)
{
	return sizeof(struct flow_table) + 3 * sizeof(uint32_t) * (size_t)buckets_for(max_sets) +
	       sizeof(struct flow_set) * (size_t)max_sets;
}

static uint32_t *head_of(const struct flow_table *t, unsigned which, const void *p, size_t len)
{
	uint64_t h = keyed_hash(&t->key, slice_make(p, len));

	return heads(t, which) + (h & (t->buckets - 1));
}

static uint32_t *id_head(const struct flow_table *t, uint64_t id)
{
	return head_of(t, 0, &id, sizeof(id));
}

static uint32_t *impi_head(const struct flow_table *t, struct slice impi)
{
	return head_of(t, 1, impi.p, impi.len);
}

static uint32_t *addr_head(const struct flow_table *t, const struct netaddr *ip, uint16_t port)
{
	struct netaddr a = *ip;

	a.port = port;
	return head_of(t, 2, &a, sizeof(a));
}

static uint16_t port_of(const struct flow_set *f, unsigned link)
{
	if (link == FLOW_LINK_PLAIN)
		return f->ue_port;
	return link % 2 ? f->sa[link / 2].port_us : f->sa[link / 2].port_uc;
}

void flow_link_addr(struct flow_table *t, struct flow_set *f, unsigned link)
{
	uint32_t *head = addr_head(t, &f->ue, port_of(f, link));

	f->link_addr[link] = *head;
	*head = name_of(t, f) * 8 + link;
}

void flow_unlink_addr(struct flow_table *t, struct flow_set *f, unsigned link)
{
	uint32_t *p = addr_head(t, &f->ue, port_of(f, link)), me = name_of(t, f) * 8 + link;

	while (*p && *p != me)
		p = &records(t)[*p / 8 - 1].link_addr[*p % 8];
	if (*p == me) {
		*p = f->link_addr[link];
		f->link_addr[link] = 0;
	}
}

void flow_link_impi(struct flow_table *t, struct flow_set *f)
{
	uint32_t *head = impi_head(t, slice_str(f->impi));

	f->link_impi = *head;
	*head = name_of(t, f);
}

static void unlink_impi(struct flow_table *t, struct flow_set *f)
{
	uint32_t *p = impi_head(t, slice_str(f->impi)), me = name_of(t, f);

	while (*p && *p != me)
		p = &records(t)[*p - 1].link_impi;
	if (*p)
		*p = f->link_impi;
}

static void link_all(struct flow_table *t, struct flow_set *f)
{
	uint32_t *head = id_head(t, f->id);

	f->link_id = *head;
	*head = name_of(t, f);
	flow_link_impi(t, f);
	for (unsigned i = 0; i < FLOW_SA_SETS; i++)
		if (f->sa[i].state != SA_FREE) {
			flow_link_addr(t, f, 2 * i);
			flow_link_addr(t, f, 2 * i + 1);
		}
	if (!f->ipsec)
		flow_link_addr(t, f, FLOW_LINK_PLAIN);
	t->count++;
}

static bool terminated(const char *s, size_t size)
{
	return memchr(s, '\0', size) != NULL;
}

/* Whether a record of an earlier run can be used: it was not being changed, and what it holds is in
 * range. */
static bool whole(const struct flow_set *f)
{
	if (f->version % 2 || f->state >= FLOW_STATES || !f->id ||
	    (f->ue.family != 4 && f->ue.family != 6) || !terminated(f->impi, sizeof(f->impi)) ||
	    !terminated(f->instance, sizeof(f->instance)) ||
	    !terminated(f->contact, sizeof(f->contact)) ||
	    !terminated(f->impus, sizeof(f->impus)) || !terminated(f->aors, sizeof(f->aors)) ||
	    !terminated(f->service_route, sizeof(f->service_route)))
		return false;
	for (unsigned i = 0; i < FLOW_SA_SETS; i++)
		if (f->sa[i].state >= SA_STATES)
			return false;
	return true;
}

static int64_t moved(int64_t when, int64_t by)
{
	int64_t to;

	/* 0 says that there is no such moment. */
	return when && !__builtin_add_overflow(when, by, &to) ? to : when;
}

/* The clock of another run of the machine began elsewhere. */
static void move_times(struct flow_set *f, int64_t by)
{
	int64_t *const times[] = {&f->made_ms, &f->expires_ms, &f->held_ms, &f->seen_ms,
				  &f->closes_ms};

	for (unsigned i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		*times[i] = moved(*times[i], by);
	f->ended_by = 0; /* numbers of an earlier run */
	for (unsigned i = 0; i < FLOW_SA_SETS; i++) {
		f->sa[i].made_ms = moved(f->sa[i].made_ms, by);
		f->sa[i].accepted_ms = moved(f->sa[i].accepted_ms, by);
		f->sa[i].ends_ms = moved(f->sa[i].ends_ms, by);
	}
}

void flow_table_note_time(struct flow_table *t, const struct kept_clock *clock)
{
	t->noted = *clock;
}

int flow_table_attach(void *memory, size_t bytes, uint32_t max_sets,
		      const struct keyed_hash_key *key, const struct kept_clock *clock,
		      struct flow_table **out, uint32_t *torn)
{
	struct flow_table *t = memory;
	int64_t by;
	bool found;

	if (bytes < flow_table_bytes(max_sets) || max_sets == 0 || max_sets > 1u << 24)
		return FLOW_TABLE_TOO_SMALL;
	found = t->magic == MAGIC && t->layout == LAYOUT && t->record == sizeof(struct flow_set) &&
		t->max == max_sets;
	if (!found)
		memset(memory, 0, sizeof(*t));
	by = found ? kept_clock_moved(&t->noted, clock) : 0;
	t->noted = *clock;
	t->layout = LAYOUT;
	t->record = sizeof(struct flow_set);
	t->max = max_sets;
	t->buckets = buckets_for(max_sets);
	t->key = *key;
	t->count = t->free = 0;
	*torn = 0;
	memset(heads(t, 0), 0, 3 * sizeof(uint32_t) * t->buckets);
	if (t->high > max_sets)
		t->high = 0;
	for (uint32_t i = t->high; i-- > 0;) {
		struct flow_set *f = &records(t)[i];

		if (f->state != FLOW_FREE && whole(f)) {
			move_times(f, by);
			link_all(t, f);
			continue;
		}
		if (f->state != FLOW_FREE || f->version % 2)
			++*torn;
		memset(f, 0, sizeof(*f));
		f->link_id = t->free;
		t->free = i + 1;
	}
	t->magic = MAGIC;
	*out = t;
	return found ? FLOW_TABLE_FOUND : FLOW_TABLE_NEW;
}

void flow_table_mark(char head[FLOW_TABLE_MARK_LEN])
{
	const uint64_t magic = MAGIC;

	memcpy(head, &magic, sizeof(magic));
}

bool flow_table_is_marked(const char head[FLOW_TABLE_MARK_LEN])
{
	const uint64_t magic = MAGIC;

	return memcmp(head, &magic, sizeof(magic)) == 0;
}

uint32_t flow_table_count(const struct flow_table *t)
{
	return t->count;
}

uint32_t flow_table_max(const struct flow_table *t)
{
	return t->max;
}

struct flow_set *flow_table_new(struct flow_table *t, uint64_t id)
{
	struct flow_set *f;
	uint32_t *head = id_head(t, id);

	if (t->free) {
		f = &records(t)[t->free - 1];
		t->free = f->link_id;
	} else if (t->high < t->max) {
		f = &records(t)[t->high++];
	} else {
		return NULL;
	}
	memset(f, 0, sizeof(*f));
	f->version = 1;
	f->id = id;
	f->link_id = *head;
	*head = name_of(t, f);
	t->count++;
	return f;
}

void flow_table_free(struct flow_table *t, struct flow_set *f)
{
	uint32_t *p = id_head(t, f->id), me = name_of(t, f);

	while (*p && *p != me)
		p = &records(t)[*p - 1].link_id;
	if (*p)
		*p = f->link_id;
	unlink_impi(t, f);
	for (unsigned i = 0; i < FLOW_SA_SETS; i++)
		if (f->sa[i].state != SA_FREE) {
			flow_unlink_addr(t, f, 2 * i);
			flow_unlink_addr(t, f, 2 * i + 1);
		}
	if (!f->ipsec)
		flow_unlink_addr(t, f, FLOW_LINK_PLAIN);
	memset(f, 0, sizeof(*f));
	f->link_id = t->free;
	t->free = me;
	t->count--;
}

struct flow_set *flow_by_id(struct flow_table *t, uint64_t id)
{
	for (uint32_t n = *id_head(t, id); n; n = records(t)[n - 1].link_id)
		if (records(t)[n - 1].id == id)
			return &records(t)[n - 1];
	return NULL;
}

struct flow_set *flow_at(struct flow_table *t, uint32_t i)
{
	return i < t->high && records(t)[i].state != FLOW_FREE ? &records(t)[i] : NULL;
}

struct flow_set *flow_under_hand(struct flow_table *t)
{
	if (t->hand >= t->high)
		t->hand = 0;
	return flow_at(t, t->hand++);
}

uint32_t flow_place(const struct flow_table *t, const struct flow_set *f)
{
	return name_of(t, f) - 1;
}

struct flow_set *flow_by_impi(struct flow_table *t, struct slice impi, struct flow_set *prev)
{
	for (uint32_t n = prev ? prev->link_impi : *impi_head(t, impi); n;
	     n = records(t)[n - 1].link_impi)
		if (slice_eq(slice_str(records(t)[n - 1].impi), impi))
			return &records(t)[n - 1];
	return NULL;
}

bool flow_by_addr(struct flow_table *t, const struct netaddr *ue, uint16_t port,
		  struct flow_hit *hit)
{
	uint32_t n = hit->f ? hit->f->link_addr[hit->link] : *addr_head(t, ue, port);

	for (; n; n = records(t)[n / 8 - 1].link_addr[n % 8]) {
		struct flow_set *f = &records(t)[n / 8 - 1];

		if (netaddr_ip_eq(&f->ue, ue) && port_of(f, n % 8) == port) {
			hit->f = f;
			hit->link = n % 8;
			return true;
		}
	}
	return false;
}

void flow_change(struct flow_set *f)
{
	f->version |= 1;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

void flow_changed(struct flow_set *f)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	f->version = (f->version | 1) + 1;
}
