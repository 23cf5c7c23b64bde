/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/core/calls_internal.h"

#include <stdio.h>

/* ---- the table ---- */

struct vcc_calls *vcc_calls_new(const struct vcc_calls_config *cfg, const struct vcc_memory *mem,
				void (*random)(char *out, size_t n),
				const struct keyed_hash_key *key)
{
	uint32_t buckets = 64;
	struct vcc_calls *c;
	size_t size;

	while (buckets < cfg->max * 2)
		buckets *= 2;
	size = sizeof(*c) + ((size_t)VCC_CALLS_MAX + 1 + buckets) * sizeof(void *);
	c = mem->take(size);
	if (!c)
		return NULL;
	memset(c, 0, size);
	c->cfg = *cfg;
	c->mem = *mem;
	c->random = random;
	c->key = *key;
	c->by_number = (struct call **)(c + 1);
	c->bucket = (struct leg **)(c->by_number + VCC_CALLS_MAX + 1);
	c->buckets = buckets;
	c->last = &c->first;
	return c;
}

void vcc_calls_free(struct vcc_calls *c)
{
	struct vcc_order *o;

	c->kept = NULL; /* what is kept stays */
	while (c->all)
		call_end(c, c->all);
	while ((o = c->first) != NULL) {
		c->first = o->next;
		c->mem.give(o);
	}
	c->mem.give(c);
}

struct call *call_new(struct vcc_calls *c)
{
	struct call *call;
	unsigned n;

	if (c->counts.now >= c->cfg.max)
		return NULL;
	call = c->mem.take(sizeof(*call));
	if (!call)
		return NULL;
	memset(call, 0, sizeof(*call));
	do
		n = c->hint = c->hint % c->cfg.max + 1;
	while (c->by_number[n]);
	call->number = n;
	call->id = (uint64_t)(++c->serials & 0xffffff) << 16 | n;
	c->by_number[n] = call;
	call->next = c->all;
	call->link = &c->all;
	if (call->next)
		call->next->link = &call->next;
	c->all = call;
	for (unsigned i = 0; i < LEGS; i++)
		call->leg[i].call = call;
	c->counts.now++;
	return call;
}

void call_end(struct vcc_calls *c, struct call *call)
{
	for (unsigned i = 0; i < LEGS; i++) {
		leg_unlink(&call->leg[i]);
		text_free(c, call->leg[i].theirs);
	}
	text_free(c, call->invite);
	text_free(c, call->invite_body);
	kept_forget(c, call);
	*call->link = call->next;
	if (call->next)
		call->next->link = call->link;
	c->by_number[call->number] = NULL;
	c->counts.now--;
	c->mem.give(call);
}

/* ---- legs ---- */

void leg_link(struct vcc_calls *c, struct leg *leg)
{
	struct leg **b =
	    &c->bucket[keyed_hash(&c->key, slice_str(leg->d.call_id)) & (c->buckets - 1)];

	leg->next = *b;
	leg->link = b;
	if (leg->next)
		leg->next->link = &leg->next;
	*b = leg;
	leg->used = true;
}

void leg_unlink(struct leg *leg)
{
	if (!leg->link)
		return;
	*leg->link = leg->next;
	if (leg->next)
		leg->next->link = leg->link;
	leg->link = NULL;
	leg->used = false;
}

static struct leg *bucket_of(struct vcc_calls *c, struct slice call_id)
{
	return c->bucket[keyed_hash(&c->key, call_id) & (c->buckets - 1)];
}

struct leg *leg_find(struct vcc_calls *c, const struct vcc_message *m)
{
	for (struct leg *l = bucket_of(c, m->call_id); l; l = l->next)
		if (slice_eq(slice_str(l->d.call_id), m->call_id) &&
		    slice_eq(slice_str(l->d.local_tag), m->to_tag) &&
		    slice_eq(slice_str(l->d.remote_tag), m->from_tag))
			return l;
	return NULL;
}

bool vcc_calls_knows(struct vcc_calls *c, const struct vcc_message *m)
{
	return leg_find(c, m) != NULL;
}

static int routes_of(const struct slice *list, size_t n, char *out, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		if (len + list[i].len + 3 > size)
			return -1;
		len += (size_t)snprintf(out + len, size - len, "%s%.*s", i ? ", " : "",
					(int)list[i].len, list[i].p);
	}
	return 0;
}

int leg_incoming(struct vcc_calls *c, struct leg *leg, const struct vcc_message *m,
		 struct vcc_server server)
{
	struct vcc_dialog *d = &leg->d;

	if (slice_copy(m->call_id, d->call_id, sizeof(d->call_id)) ||
	    slice_copy(m->from_tag, d->remote_tag, sizeof(d->remote_tag)) ||
	    slice_copy(m->to_uri, d->local_uri, sizeof(d->local_uri)) ||
	    slice_copy(m->from_uri, d->remote_uri, sizeof(d->remote_uri)) || !m->contact.len ||
	    slice_copy(m->contact, d->target, sizeof(d->target)) ||
	    routes_of(m->recorded, m->recorded_n, d->routes, sizeof(d->routes)))
		return -1;
	c->random(d->local_tag, 16);
	d->local_cseq = 0;
	leg->remote_cseq = leg->invite_cseq = m->cseq;
	leg->server = server;
	leg->asked = true;
	leg->offered = vcc_described_mlines(m->body);
	leg_link(c, leg);
	return leg_keep(c, &leg->theirs, m->body);
}

int leg_keep(struct vcc_calls *c, struct slice *copy, struct slice text)
{
	char *p = text.len ? c->mem.take(text.len) : NULL;

	if (text.len && !p)
		return -1;
	if (p)
		memcpy(p, text.p, text.len);
	text_free(c, *copy);
	*copy = slice_make(p, text.len);
	return 0;
}

/* ---- requests of ours ---- */

struct tx *tx_new(struct call *call, enum tx_use use, unsigned leg)
{
	for (unsigned i = 0; i < VCC_CALL_TX_MAX; i++) {
		struct tx *tx = &call->tx[i];

		if (tx->use)
			continue;
		*tx = (struct tx){.use = (uint8_t)use,
				  .leg = (uint8_t)leg,
				  .serial = ++call->serials & 0xfff,
				  .offered = -1};
		tx->cseq = ++call->leg[leg].d.local_cseq;
		return tx;
	}
	return NULL;
}

/* 40 bits of the call, 12 of the request, 4 of its place, and one that makes it no 0. */
uint64_t tx_token(const struct call *call, const struct tx *tx)
{
	return call->id << 20 | (uint64_t)tx->serial << 8 | (uint64_t)(tx - call->tx) << 1 | 1;
}

struct tx *tx_find(struct vcc_calls *c, uint64_t token, struct call **call)
{
	uint64_t id = token >> 20;
	unsigned place = (unsigned)(token >> 1) & 0xf;

	*call = c->by_number[id & 0xffff];
	if (!*call || (*call)->id != id || place >= VCC_CALL_TX_MAX || !(*call)->tx[place].use ||
	    (*call)->tx[place].serial != ((token >> 8) & 0xfff))
		return NULL;
	return &(*call)->tx[place];
}

bool offer_pending(const struct call *call)
{
	for (unsigned i = 0; i < VCC_CALL_TX_MAX; i++) {
		const struct tx *tx = &call->tx[i];

		if (tx->use == TX_OFFER || tx->use == TX_BACK ||
		    (tx->use == TX_PASS && (tx->offers || strcmp(tx->method, "INVITE") == 0)))
			return true;
	}
	return false;
}

void vcc_calls_sent(struct vcc_calls *c, uint64_t token, struct vcc_server client)
{
	struct call *call;
	struct tx *tx = token ? tx_find(c, token, &call) : NULL;

	if (tx) {
		tx->client = client;
		tx->client_known = true;
	}
}

bool vcc_calls_client(struct vcc_calls *c, uint64_t token, struct vcc_server *client)
{
	struct call *call;
	struct tx *tx = tx_find(c, token, &call);

	if (!tx || !tx->client_known)
		return false;
	*client = tx->client;
	return true;
}

/* ---- looking ---- */

enum vcc_domain vcc_calls_domain(const struct vcc_calls *c, const char *user)
{
	for (const struct call *call = c->all; call; call = call->next)
		if (call->state >= VCC_CALL_UP && call->state < VCC_CALL_ENDED &&
		    strcmp(call->user, user) == 0)
			return call->leg[call->access].domain;
	return VCC_DOMAIN_NONE;
}

bool vcc_calls_look(const struct vcc_calls *c, unsigned *at, struct vcc_call_view *out)
{
	while (*at < VCC_CALLS_MAX) {
		const struct call *call = c->by_number[++*at];

		if (!call)
			continue;
		*out = (struct vcc_call_view){.id = call->id,
					      .state = (enum vcc_call_state)call->state,
					      .domain = call->leg[call->access].domain,
					      .terminating = call->terminating,
					      .moves = call->moves};
		memcpy(out->user, call->user, sizeof(out->user));
		memcpy(out->access, call->leg[call->access].d.call_id, sizeof(out->access));
		memcpy(out->remote, call->leg[call->remote].d.call_id, sizeof(out->remote));
		return true;
	}
	return false;
}

struct vcc_calls_counts vcc_calls_count(const struct vcc_calls *c)
{
	return c->counts;
}
