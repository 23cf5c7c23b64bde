/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both roles share: configuration, peers, the way of a message in. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "h248/association/entity.h"
#include "h248/transport.h"

/* ---- life ---- */

int h248_entity_new(const struct h248_entity_config *cfg, struct h248_entity **out)
{
	static const struct h248_timers none;
	struct h248_entity *e;

	if ((!cfg->send && !cfg->transport) || cfg->mid.kind == H248_MID_NONE ||
	    cfg->mid.name.len >= sizeof(e->mid_name) || cfg->mgc_count > H248_MGCS_MAX ||
	    (cfg->role == H248_ROLE_MG && cfg->mgc_count == 0) ||
	    cfg->version_max > H248_VERSION_MAX ||
	    (cfg->profile && strlen(cfg->profile) >= sizeof(e->profile)))
		return H248_E_ARGUMENT;
	e = calloc(1, sizeof(*e));
	if (!e)
		return H248_E_MEMORY;
	e->decode_size = DECODE_MIN;
	e->decode_memory = malloc(e->decode_size);
	if (!e->decode_memory || keyed_hash_key_random(&e->hash_key) < 0) {
		int rc = e->decode_memory ? H248_E_SYSTEM : H248_E_MEMORY;

		free(e->decode_memory);
		free(e);
		return rc;
	}
	e->cfg = *cfg;
	e->role = cfg->role == H248_ROLE_MG ? &mg_role : &mgc_role;
	memcpy(e->mid_name, cfg->mid.name.p, cfg->mid.name.len);
	e->cfg.mid.name.p = e->mid_name;
	if (cfg->profile)
		e->cfg.profile = strcpy(e->profile, cfg->profile);
	if (cfg->mgc_count)
		memcpy(e->mgcs, cfg->mgcs, cfg->mgc_count * sizeof(e->mgcs[0]));
	e->cfg.mgcs = e->mgcs;
	e->cfg.device = NULL; /* the transport has it */
	if (!e->cfg.version_min)
		e->cfg.version_min = 1;
	if (!e->cfg.version_max)
		e->cfg.version_max = H248_VERSION_MAX;
	if (!e->cfg.first_reason)
		e->cfg.first_reason = 901;
	if (!e->cfg.max_peers)
		e->cfg.max_peers = 1024;
	if (!memcmp(&cfg->timers, &none, sizeof(none)))
		h248_timers_default(&e->cfg.timers, false);
	e->header_version = e->cfg.first_version ? e->cfg.first_version : e->cfg.version_max;
	*out = e;
	return H248_OK;
}

static void unhash(struct h248_peer *peer);

static void peer_free(struct h248_peer *peer)
{
	struct h248_entity *e = peer->entity;

	unhash(peer);
	h248_channel_free(peer->channel);
	e->peer_count--;
	free(peer);
}

static void sweep(struct h248_entity *e, bool all)
{
	struct h248_peer **link = &e->peers;

	while (*link) {
		struct h248_peer *peer = *link;

		if (!peer->dead && !all) {
			link = &peer->next;
			continue;
		}
		*link = peer->next;
		if (e->mgc == peer)
			e->mgc = NULL;
		if (e->next_mgc == peer)
			e->next_mgc = NULL;
		peer_free(peer);
	}
}

void entity_enter(struct h248_entity *e, int64_t now_ms)
{
	e->depth++;
	e->now = now_ms;
}

void entity_leave(struct h248_entity *e)
{
	if (e->depth > 1) {
		e->depth--;
		return;
	}
	sweep(e, e->dead); /* handlers of cancelled requests may still call in */
	e->depth = 0;
	if (e->dead) {
		free(e->decode_memory);
		free(e);
	}
}

void h248_entity_free(struct h248_entity *e)
{
	if (!e || e->dead)
		return;
	entity_enter(e, e->now);
	e->dead = true;
	entity_leave(e);
}

uint32_t entity_random(struct h248_entity *e)
{
	uint32_t v;

	if (e->cfg.random)
		return e->cfg.random(e->cfg.user);
	return getrandom(&v, sizeof(v), 0) == sizeof(v) ? v : (uint32_t)e->now * 2654435761u;
}

void entity_timestamp(struct h248_entity *e, char text[18])
{
	struct timespec ts;
	struct tm tm;

	if (e->cfg.timestamp) {
		e->cfg.timestamp(e->cfg.user, text);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	strftime(text, 18, "%Y%m%dT%H%M%S", &tm);
	snprintf(text + 15, 3, "%02u", (unsigned)(ts.tv_nsec / 10000000) % 100u);
}

/* ---- peers ---- */

/* Strangers choose their mIds: without the key they cannot make ones that meet. Case does not count. */
static unsigned bucket_of(const struct h248_entity *e, const struct h248_mid *mid)
{
	char text[sizeof(((struct h248_peer *)0)->mid_name) + 3];
	size_t n = 0;

	text[n++] = (char)mid->kind;
	text[n++] = (char)(mid->port >> 8);
	text[n++] = (char)mid->port;
	for (size_t i = 0; i < mid->name.len && n < sizeof(text); i++)
		text[n++] = (char)(mid->name.p[i] | 0x20);
	return (unsigned)(keyed_hash(&e->hash_key, slice_make(text, n)) % PEER_BUCKETS);
}

static void unhash(struct h248_peer *peer)
{
	struct h248_peer **link = &peer->entity->bucket[bucket_of(peer->entity, &peer->mid)];

	while (*link && *link != peer)
		link = &(*link)->hash_next;
	if (*link)
		*link = peer->hash_next;
}

void peer_set_mid(struct h248_peer *peer, const struct h248_mid *mid)
{
	struct h248_peer **head;

	unhash(peer);
	peer->mid = *mid;
	peer->mid.name = SLICE_NULL;
	if (mid->name.len && mid->name.len < sizeof(peer->mid_name)) {
		memcpy(peer->mid_name, mid->name.p, mid->name.len);
		peer->mid.name = slice_make(peer->mid_name, mid->name.len);
	}
	head = &peer->entity->bucket[bucket_of(peer->entity, &peer->mid)];
	peer->hash_next = *head;
	*head = peer;
}

static void entity_send(struct h248_entity *e, const struct h248_addr *to, const char *bytes,
			size_t len)
{
	if (e->cfg.send)
		e->cfg.send(e->cfg.user, to, bytes, len);
	else
		h248_transport_send(e->cfg.transport, to, bytes,
				    len); /* a loss; its counters tell */
}

static void on_send(void *user, const struct h248_addr *to, const char *bytes, size_t len)
{
	struct h248_peer *peer = user;

	entity_send(peer->entity, to, bytes, len);
}

static uint32_t on_random(void *user)
{
	return entity_random(((struct h248_peer *)user)->entity);
}

static void on_failed(void *user, int64_t now_ms)
{
	struct h248_peer *peer = user;

	(void)now_ms;
	if (!peer->dead)
		peer->entity->role->failed(peer->entity, peer, "no answer within T-MAX");
}

static void on_request(void *user, struct h248_job *job, int64_t now_ms)
{
	struct h248_peer *peer = user;

	(void)now_ms;
	peer->entity->role->request(peer->entity, peer, job);
}

struct h248_peer *peer_new(struct h248_entity *e, const struct h248_mid *mid,
			   const struct h248_addr *to)
{
	struct h248_peer *peer = calloc(1, sizeof(*peer));
	struct h248_channel_ops ops = {on_send, on_request, on_failed, on_random, peer};

	if (!peer)
		return NULL;
	peer->entity = e;
	if (h248_channel_new(&e->cfg.mid, &e->cfg.timers, &ops, &peer->channel)) {
		free(peer);
		return NULL;
	}
	h248_channel_set_address(peer->channel, to);
	h248_channel_set_style(peer->channel, e->cfg.style);
	h248_channel_set_version(peer->channel, e->header_version);
	peer->last_heard = e->now;
	peer->refused = 0;
	peer->next = e->peers;
	e->peers = peer;
	e->peer_count++;
	peer_set_mid(peer, mid);
	return peer;
}

void peer_set_state(struct h248_peer *peer, enum h248_state state, const char *why)
{
	struct h248_entity *e = peer->entity;
	enum h248_state from = peer->state;

	peer->state = state;
	if (from != state && e->cfg.state && !e->dead)
		e->cfg.state(e->cfg.user, peer, from, state, why, e->now);
}

const struct h248_entity_counters *h248_entity_counters(const struct h248_entity *e)
{
	return &e->counters;
}

/* ---- what the library says by itself ---- */

int send_services(struct h248_peer *peer, uint32_t context, struct slice tid,
		  const struct h248_services *services, h248_reply_h done, void *user)
{
	char memory[BUILD_MEMORY];
	struct h248_arena arena;
	struct h248_action *actions = NULL;
	struct h248_descriptor *d;

	h248_arena_init(&arena, memory, sizeof(memory));
	d = h248_new_descriptor(&arena,
				h248_new_command(&arena, h248_new_action(&arena, &actions, context),
						 H248_SERVICE_CHANGE, tid),
				H248_D_SERVICES);
	if (!d)
		return H248_E_MEMORY;
	d->u.services = *services;
	return h248_channel_request(peer->channel, actions, done, user, peer->entity->now, NULL);
}

static uint8_t answer_version(const struct h248_entity *e, uint8_t theirs)
{
	return theirs >= 1 && theirs <= e->cfg.version_max ? theirs : e->cfg.version_max;
}

/* Each request of a message gets the same error; without requests the message as a whole does. One
 * short message at most goes out for one that came in: what does not fit is not answered. */
void entity_answer(struct h248_entity *e, const struct h248_addr *to,
		   const struct h248_message *to_message, unsigned code)
{
	struct h248_message m = {.version = answer_version(e, to_message ? to_message->version : 0),
				 .mid = e->cfg.mid};
	struct h248_error error = {(uint16_t)code, slice_str(h248_error_text(code))};
	struct h248_transaction replies[ANSWERS_MAX] = {0}, **tail = &m.transactions;
	char out[1024];
	size_t len, n = 0;

	for (const struct h248_transaction *t = to_message ? to_message->transactions : NULL;
	     t && n < ANSWERS_MAX; t = t->next) {
		if (t->kind != H248_REQUEST)
			continue;
		replies[n] =
		    (struct h248_transaction){.kind = H248_REPLY, .id = t->id, .error = error};
		*tail = &replies[n];
		tail = &replies[n++].next;
	}
	if (!to_message)
		m.error = error;
	else if (n == 0)
		return;
	if (h248_encode(&m, e->cfg.style, out, sizeof(out), &len) == H248_OK)
		entity_send(e, to, out, len);
}

/* ---- input ---- */

bool same_host(const struct h248_addr *a, const struct h248_addr *b)
{
	return netaddr_ip_eq(&a->at, &b->at);
}

int address_of(struct h248_entity *e, const struct h248_mid *mid, const struct h248_addr *from,
	       struct h248_addr *out)
{
	if (mid->kind == H248_MID_PORT) {
		*out = *from;
		out->link = 0;
		out->at.port = mid->port;
		return 0;
	}
	if (e->cfg.resolve && e->cfg.resolve(e->cfg.user, mid, out) == 0)
		return 0;
	return h248_addr_of_mid(mid, out);
}

const struct h248_services *root_service_change(const struct h248_transaction *t)
{
	const struct h248_action *a = t->actions;
	const struct h248_command *c = a ? a->commands : NULL;
	const struct h248_descriptor *d;

	if (!a || a->next || a->context != H248_CONTEXT_NULL || !c || c->next ||
	    c->kind != H248_SERVICE_CHANGE || c->tid.next || !h248_tid_is_root(c->tid.id) ||
	    c->error.code || t->malformed)
		return NULL;
	d = h248_descriptor_find(c, H248_D_SERVICES);
	return d ? &d->u.services : NULL;
}

bool services_complete(const struct h248_services *s)
{
	return s->method != H248_METHOD_NONE && s->reason_text.len;
}

void answer_root_error(struct h248_job *job, unsigned code, const char *text, int64_t now_ms)
{
	struct h248_arena *arena = h248_job_arena(job);
	struct h248_action *actions = NULL;

	h248_new_error(arena,
		       h248_new_command(arena, h248_new_action(arena, &actions, H248_CONTEXT_NULL),
					H248_SERVICE_CHANGE, H248_ROOT),
		       code, text);
	h248_job_reply(job, actions, now_ms);
}

/* Decode; a message that needs more memory than there is gets more, up to a bound. */
static int decode(struct h248_entity *e, struct slice text, struct h248_arena *arena,
		  struct h248_message **m, struct h248_decode_error *error)
{
	for (;;) {
		size_t size = e->decode_size * 4;
		void *memory;
		int rc;

		h248_arena_init(arena, e->decode_memory, e->decode_size);
		rc = h248_decode(text, NULL, arena, m, error);
		if (rc != H248_E_MEMORY || size > DECODE_MAX)
			return rc;
		memory = malloc(size);
		if (!memory)
			return rc;
		explicit_bzero(e->decode_memory, e->decode_size);
		free(e->decode_memory);
		e->decode_memory = memory;
		e->decode_size = size;
	}
}

static bool allowed(struct h248_entity *e, const struct h248_addr *from, const struct h248_mid *mid)
{
	if (e->cfg.allow)
		return e->cfg.allow(e->cfg.user, from, mid);
	return e->role->knows_host(e, from);
}

static void take_message(struct h248_entity *e, const struct h248_addr *from, struct slice text,
			 struct h248_arena *arena)
{
	struct h248_decode_error error;
	struct h248_message *m;
	struct h248_peer *peer;
	struct h248_mid mid;
	uint8_t version;
	int rc;

	if (h248_decode_head(text, &version, &mid) || !allowed(e, from, &mid)) {
		e->counters.strangers++;
		if (e->cfg.stranger_code && h248_decode_asks(text))
			entity_answer(e, from, NULL, e->cfg.stranger_code);
		return;
	}
	rc = decode(e, text, arena, &m, &error);
	if (rc) {
		e->counters.unreadable++;
		if (h248_decode_asks(text)) /* an error is never answered with an error */
			entity_answer(e, from, NULL, error.code ? error.code : 400);
		return;
	}
	if (m->error.code) {
		e->counters.unreadable++; /* nothing is ever answered to an error */
		return;
	}
	peer = e->role->peer_of(e, from, m);
	if (!peer)
		return;
	peer->last_heard = e->now;
	peer->refused = 0;
	h248_channel_receive(peer->channel, from, text, m, e->now);
}

static void receive(struct h248_entity *e, const struct h248_addr *from, struct slice text)
{
	struct h248_arena arena = {0};

	take_message(e, from, text, &arena);
	if (arena.base) /* keys may be in it */
		explicit_bzero(arena.base, arena.used);
}

void h248_entity_receive(struct h248_entity *e, const struct h248_addr *from, struct slice text,
			 int64_t now_ms)
{
	if (e->dead || e->depth)
		return;
	entity_enter(e, now_ms);
	receive(e, from, text);
	entity_leave(e);
}

static struct h248_peer *peer_at(const struct h248_entity *e, const struct h248_addr *at)
{
	for (struct h248_peer *p = e->peers; p; p = p->next) {
		const struct h248_addr *to = h248_channel_address(p->channel);

		if (!p->dead && h248_addr_equal(to, at) &&
		    !(to->link && at->link && to->link != at->link))
			return p;
	}
	return NULL;
}

void h248_entity_link_lost(struct h248_entity *e, const struct h248_addr *from, int64_t now_ms)
{
	struct h248_peer *peer;

	if (e->dead)
		return;
	entity_enter(e, now_ms);
	peer = peer_at(e, from);
	if (peer)
		e->role->link_lost(e, peer);
	entity_leave(e);
}

void h248_entity_refused(struct h248_entity *e, const struct h248_addr *to, int64_t now_ms)
{
	struct h248_peer *peer;

	if (e->dead)
		return;
	entity_enter(e, now_ms);
	peer = peer_at(e, to);
	if (peer)
		peer->refused++;
	entity_leave(e);
}

bool h248_entity_release(struct h248_entity *e, bool (*reached)(void *user, uint64_t mark),
			 void *user, int64_t now_ms)
{
	bool waiting = false;

	if (e->dead || e->depth)
		return false;
	entity_enter(e, now_ms);
	for (struct h248_peer *p = e->peers; p; p = p->next)
		if (!p->dead)
			waiting |= h248_channel_release(p->channel, reached, user, now_ms);
	entity_leave(e);
	return waiting;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return b >= 0 && (a < 0 || b < a) ? b : a;
}

int64_t h248_entity_timeout(const struct h248_entity *e, int64_t now_ms)
{
	int64_t wait = e->role->timeout(e, now_ms);

	for (const struct h248_peer *p = e->peers; p; p = p->next) {
		wait = sooner(wait, h248_channel_timeout(p->channel, now_ms));
		wait = sooner(wait, e->role->peer_timeout(e, p, now_ms));
	}
	return wait;
}

void h248_entity_tick(struct h248_entity *e, int64_t now_ms)
{
	if (e->dead || e->depth)
		return;
	entity_enter(e, now_ms);
	for (struct h248_peer *p = e->peers; p && !e->dead; p = p->next) {
		if (p->dead)
			continue;
		h248_channel_tick(p->channel, now_ms);
		if (!p->dead)
			e->role->peer_tick(e, p);
	}
	if (!e->dead)
		e->role->tick(e);
	entity_leave(e);
}

int h248_entity_start(struct h248_entity *e, int64_t now_ms)
{
	int rc;

	entity_enter(e, now_ms);
	rc = e->role->start(e);
	entity_leave(e);
	return rc;
}
