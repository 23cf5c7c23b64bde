/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/core/users.h"

#include "sip/uri.h"

#include <stdio.h>

enum { LAYOUT = 1 };

struct vcc_users {
	char mark[8];
	uint32_t layout, record, max, buckets;
	struct kept_clock noted;
	struct keyed_hash_key key;
	uint32_t count, free; /* free: first free record; in vcc_user.busy the next */
	uint32_t fresh;	      /* records from this number on were never used */
	struct vcc_user user[];
	/* then uint32_t bucket[buckets]: 1 + place of an identity */
};

static uint32_t buckets_for(uint32_t max)
{
	uint32_t n = 64;

	while (n < max * 2)
		n *= 2;
	return n;
}

static uint32_t *bucket_of(struct vcc_users *t, struct slice uri)
{
	uint32_t *buckets = (uint32_t *)&t->user[t->max];

	return &buckets[keyed_hash(&t->key, uri) & (t->buckets - 1)];
}

size_t vcc_users_bytes(uint32_t max)
{
	return sizeof(struct vcc_users) + (size_t)max * sizeof(struct vcc_user) +
	       (size_t)buckets_for(max) * sizeof(uint32_t);
}

const char *vcc_cs_name(enum vcc_cs_state s)
{
	static const char *const names[VCC_CS_STATES] = {"unknown", "attached", "detached"};

	return (unsigned)s < VCC_CS_STATES ? names[s] : "?";
}

int vcc_cs_parse(struct slice word, enum vcc_cs_state *out)
{
	for (unsigned i = 0; i < VCC_CS_STATES; i++)
		if (slice_eq(word, slice_str(vcc_cs_name((enum vcc_cs_state)i)))) {
			*out = (enum vcc_cs_state)i;
			return 0;
		}
	return -1;
}

const char *vcc_wish_source_name(enum vcc_wish_source s)
{
	static const char *const names[] = {"-", "service-info", "rpc", "phone"};

	return (unsigned)s < 4 ? names[s] : "?";
}

/* ---- identities ---- */

static char small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static int tel_text(struct slice number, char out[VCC_IDENTITY_MAX])
{
	size_t n = 4;

	memcpy(out, "tel:", 4);
	for (size_t i = 0; i < number.len && number.p[i] != ';'; i++) {
		if (strchr("-.()", number.p[i]) && number.p[i])
			continue;
		if (n == VCC_IDENTITY_MAX - 1 || (unsigned char)number.p[i] <= ' ')
			return -1;
		out[n++] = small(number.p[i]);
	}
	out[n] = '\0';
	return n > 4 ? 0 : -1;
}

int vcc_identity_text(struct slice uri, char out[VCC_IDENTITY_MAX])
{
	struct sip_uri_parts u;
	size_t at;
	int n;

	if (uri.len > 4 && slice_eq_nocase(slice_make(uri.p, 4), SLICE_LIT("tel:")))
		return tel_text(slice_make(uri.p + 4, uri.len - 4), out);
	if (sip_uri_parse(uri, &u) || memchr(uri.p, 0, uri.len))
		return -1;
	n = snprintf(out, VCC_IDENTITY_MAX, "%.*s:%.*s%s", (int)u.scheme.len, u.scheme.p,
		     (int)u.user.len, u.user.p, u.user.len ? "@" : "");
	if (n < 0 || n >= VCC_IDENTITY_MAX)
		return -1;
	at = (size_t)n;
	n = u.port && u.port != 5060
		? snprintf(out + at, VCC_IDENTITY_MAX - at, "%.*s:%u", (int)u.host.len, u.host.p,
			   u.port)
		: snprintf(out + at, VCC_IDENTITY_MAX - at, "%.*s", (int)u.host.len, u.host.p);
	if (n < 0 || at + (size_t)n >= VCC_IDENTITY_MAX)
		return -1;
	for (size_t i = 0; i < u.scheme.len; i++)
		out[i] = small(out[i]);
	for (; out[at]; at++)
		out[at] = small(out[at]);
	return 0;
}

/* Places are numbered over all records. */
static struct vcc_identity *place(struct vcc_users *t, uint32_t n)
{
	return &t->user[n / VCC_IDENTITIES_MAX].identity[n % VCC_IDENTITIES_MAX];
}

static uint32_t number_of(const struct vcc_user *u, const struct vcc_identity *i)
{
	return (u->number - 1) * VCC_IDENTITIES_MAX + (uint32_t)(i - u->identity);
}

static void link_in(struct vcc_users *t, const struct vcc_user *u, struct vcc_identity *i)
{
	uint32_t *bucket = bucket_of(t, slice_str(i->uri));

	i->next = *bucket;
	*bucket = number_of(u, i) + 1;
}

static void link_out(struct vcc_users *t, const struct vcc_user *u, struct vcc_identity *i)
{
	uint32_t *at = bucket_of(t, slice_str(i->uri)), wanted = number_of(u, i) + 1;

	while (*at && *at != wanted)
		at = &place(t, *at - 1)->next;
	if (*at)
		*at = i->next;
}

static struct vcc_identity *look(struct vcc_users *t, const char *text, struct vcc_user **owner)
{
	for (uint32_t n = *bucket_of(t, slice_str(text)); n; n = place(t, n - 1)->next)
		if (strcmp(place(t, n - 1)->uri, text) == 0) {
			*owner = &t->user[(n - 1) / VCC_IDENTITIES_MAX];
			return place(t, n - 1);
		}
	return NULL;
}

struct vcc_user *vcc_users_find(struct vcc_store *s, struct slice uri)
{
	char text[VCC_IDENTITY_MAX];
	struct vcc_user *owner;

	if (vcc_identity_text(uri, text) || !look(s->users, text, &owner))
		return NULL;
	return owner;
}

static void give_up(struct vcc_store *s, struct vcc_user *u, struct vcc_identity *i)
{
	vcc_user_begin(u);
	link_out(s->users, u, i);
	memset(i, 0, sizeof(*i));
	for (unsigned k = 0; k < VCC_IDENTITIES_MAX; k++)
		if (u->identity[k].uri[0]) {
			vcc_user_end(u);
			return;
		}
	vcc_users_free(s, u);
}

struct vcc_identity *vcc_user_identity(struct vcc_store *s, struct vcc_user *u, struct slice uri)
{
	struct vcc_identity *had, *mine = NULL, was = {.uri = ""};
	char text[VCC_IDENTITY_MAX];
	struct vcc_user *owner;

	if (vcc_identity_text(uri, text))
		return NULL;
	had = look(s->users, text, &owner);
	if (had && owner == u)
		return had;
	for (unsigned i = 0; i < VCC_IDENTITIES_MAX && !mine; i++)
		if (!u->identity[i].uri[0])
			mine = &u->identity[i];
	if (!mine) {
		s->identities_dropped++;
		return NULL;
	}
	if (had) {
		was = *had;
		give_up(s, owner, had);
	}
	*mine = was;
	memcpy(mine->uri, text, sizeof(text));
	link_in(s->users, u, mine);
	return mine;
}

/* ---- records ---- */

uint32_t vcc_users_count(const struct vcc_store *s)
{
	return s->users->count;
}

uint32_t vcc_users_max(const struct vcc_store *s)
{
	return s->users->max;
}

void vcc_user_begin(struct vcc_user *u)
{
	__atomic_store_n(&u->busy, 1, __ATOMIC_SEQ_CST);
}

void vcc_user_end(struct vcc_user *u)
{
	__atomic_store_n(&u->busy, 0, __ATOMIC_SEQ_CST);
}

static void put_free(struct vcc_users *t, struct vcc_user *u, uint32_t number)
{
	u->id = 0;
	u->number = number;
	u->busy = t->free;
	t->free = number;
}

void vcc_users_free(struct vcc_store *s, struct vcc_user *u)
{
	uint32_t number = u->number;

	for (unsigned i = 0; i < VCC_IDENTITIES_MAX; i++)
		if (u->identity[i].uri[0])
			link_out(s->users, u, &u->identity[i]);
	timer_wheel_cancel(&s->wheel, &s->timers[number - 1]);
	put_free(s->users, u, number);
	s->users->count--;
}

struct vcc_user *vcc_users_by_id(struct vcc_store *s, uint64_t id)
{
	/* The place stands in the low half. */
	uint32_t number = (uint32_t)id;

	if (!number || number >= s->users->fresh || s->users->user[number - 1].id != id)
		return NULL;
	return &s->users->user[number - 1];
}

struct vcc_user *vcc_users_next(struct vcc_store *s, uint32_t *at)
{
	while (*at + 1 < s->users->fresh) {
		struct vcc_user *u = &s->users->user[(*at)++];

		if (u->id)
			return u;
	}
	return NULL;
}

/* When there is no room: who is not registered and was heard of longest ago. */
static struct vcc_user *oldest_gone(struct vcc_users *t)
{
	struct vcc_user *found = NULL;

	for (uint32_t i = 0; i + 1 < t->fresh; i++) {
		struct vcc_user *u = &t->user[i];

		if (u->id && u->state == VCC_REG_GONE && (!found || u->heard_ms < found->heard_ms))
			found = u;
	}
	return found;
}

struct vcc_user *vcc_users_new(struct vcc_store *s, uint64_t id)
{
	struct vcc_users *t = s->users;
	struct vcc_user *u;
	uint32_t number;

	if (!t->free && t->fresh > t->max) {
		u = oldest_gone(t);
		if (!u)
			return NULL;
		vcc_users_free(s, u);
	}
	number = t->free ? t->free : t->fresh++;
	u = &t->user[number - 1];
	if (t->free)
		t->free = u->busy;
	memset(u, 0, sizeof(*u));
	u->number = number;
	u->busy = 1;
	u->id = (id << 32) | number;
	/* What is still under way for who had the record before is not taken for his. */
	u->watch.serial = (uint32_t)(id * 2654435761u);
	t->count++;
	return u;
}

/* ---- memory ---- */

static void move(int64_t *ms, int64_t by)
{
	if (*ms && __builtin_add_overflow(*ms, by, ms))
		*ms = 1;
	if (*ms < 0)
		*ms = 1;
}

static void move_all(struct vcc_user *u, int64_t by)
{
	move(&u->wish_ms, by);
	move(&u->heard_ms, by);
	move(&u->doubt_ms, by);
	move(&u->forget_ms, by);
	move(&u->watch.due_ms, by);
	for (unsigned i = 0; i < VCC_IDENTITIES_MAX; i++)
		move(&u->identity[i].told_ms, by);
	for (unsigned i = 0; i < VCC_CONTACTS_MAX; i++)
		move(&u->contact[i].expires_ms, by);
}

static bool ends(const char *text, size_t size)
{
	return memchr(text, 0, size) != NULL;
}

/* What a file says is not trusted further than it can be checked: no text without an end, no number out of range. */
static bool is_whole(const struct vcc_user *u)
{
	bool good = !u->busy && (uint32_t)u->id && u->state > VCC_REG_FREE &&
		    u->state < VCC_REG_STATES && u->cs < VCC_CS_STATES &&
		    u->wish_source <= VCC_FROM_PHONE && u->watch.state < VCC_WATCH_STATES &&
		    u->wishes.accesses <= VCC_WISH_ACCESSES &&
		    u->by_default.accesses <= VCC_WISH_ACCESSES;

#define CHECK(text) good = good && ends(text, sizeof(text))
	CHECK(u->private_identity);
	CHECK(u->scscf);
	CHECK(u->access);
	CHECK(u->visited);
	CHECK(u->icid);
	CHECK(u->orig_ioi);
	CHECK(u->charging_functions);
	CHECK(u->watch.call_id);
	CHECK(u->watch.local_tag);
	CHECK(u->watch.remote_tag);
	CHECK(u->watch.target);
	CHECK(u->watch.routes);
	for (unsigned i = 0; i < VCC_IDENTITIES_MAX; i++)
		CHECK(u->identity[i].uri);
	for (unsigned i = 0; i < VCC_CONTACTS_MAX; i++) {
		CHECK(u->contact[i].uri);
		CHECK(u->contact[i].instance);
		CHECK(u->contact[i].tags);
		CHECK(u->contact[i].access);
		CHECK(u->contact[i].visited);
		CHECK(u->contact[i].id);
	}
	for (unsigned i = 0; i < VCC_WISH_ACCESSES; i++) {
		CHECK(u->wishes.access[i].type);
		CHECK(u->by_default.access[i].type);
	}
#undef CHECK
	return good;
}

/* Only what vcc_identity_text() would write can be found again; what another record has, too, is its. */
static bool take_identities(struct vcc_users *t, struct vcc_user *u)
{
	bool any = false;

	for (unsigned i = 0; i < VCC_IDENTITIES_MAX; i++) {
		struct vcc_identity *row = &u->identity[i];
		char text[VCC_IDENTITY_MAX];
		struct vcc_user *owner;

		row->next = 0;
		if (!row->uri[0])
			continue;
		if (vcc_identity_text(slice_str(row->uri), text) || strcmp(text, row->uri) != 0 ||
		    look(t, row->uri, &owner)) {
			memset(row, 0, sizeof(*row));
			continue;
		}
		link_in(t, u, row);
		any = true;
	}
	return any;
}

static void keep(struct vcc_store *s, int64_t by, uint32_t *torn)
{
	struct vcc_users *t = s->users;

	for (uint32_t n = t->fresh - 1; n; n--) {
		struct vcc_user *u = &t->user[n - 1];
		bool used = u->id != 0;

		if (!used || u->number != n || (uint32_t)u->id != n || !is_whole(u) ||
		    !take_identities(t, u)) {
			*torn += used;
			put_free(t, u, n);
			continue;
		}
		move_all(u, by);
		t->count++;
		/* All is looked at again in a moment. */
		timer_wheel_arm(&s->wheel, &s->timers[n - 1], 0);
	}
}

int vcc_users_attach(struct vcc_store *s, void *memory, size_t bytes, uint32_t max,
		     struct wheel_timer *timers, const struct keyed_hash_key *key,
		     const struct kept_clock *clock, uint32_t *torn)
{
	struct vcc_users *t = memory;
	int64_t by = 0;
	bool found;

	*torn = 0;
	if (!max || max > 1u << 24 || bytes < vcc_users_bytes(max))
		return VCC_ATTACH_TOO_SMALL;
	*s = (struct vcc_store){.users = t, .timers = timers};
	timer_wheel_init(&s->wheel, (uint64_t)clock->now_ms, 100);
	found = memcmp(t->mark, VCC_USERS_MARK, sizeof(t->mark)) == 0 && t->layout == LAYOUT &&
		t->record == sizeof(struct vcc_user) && t->max == max && t->fresh >= 1 &&
		t->fresh <= max + 1;
	if (found)
		by = kept_clock_moved(&t->noted, clock);
	memcpy(t->mark, VCC_USERS_MARK, sizeof(t->mark));
	t->layout = LAYOUT;
	t->record = sizeof(struct vcc_user);
	t->max = max;
	t->buckets = buckets_for(max);
	t->noted = *clock;
	t->key = *key;
	t->count = t->free = 0;
	memset(&t->user[max], 0, (size_t)t->buckets * sizeof(uint32_t));
	if (found)
		keep(s, by, torn);
	else
		t->fresh = 1;
	return found ? VCC_ATTACH_FOUND : VCC_ATTACH_NEW;
}

void vcc_users_note_time(struct vcc_store *s, const struct kept_clock *clock)
{
	s->users->noted = *clock;
}

const char *vcc_user_name(const struct vcc_user *u)
{
	for (unsigned i = 0; i < VCC_IDENTITIES_MAX; i++)
		if (u->identity[i].uri[0])
			return u->identity[i].uri;
	return "";
}
