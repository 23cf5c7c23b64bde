/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a user may ask of a peer. */
#include <stdlib.h>

#include "h248/association/entity.h"

struct h248_peer *h248_peer_next(const struct h248_entity *e, const struct h248_peer *previous)
{
	return e->role->peer_next(e, previous);
}

enum h248_state h248_peer_state(const struct h248_peer *peer)
{
	return peer->state;
}

const struct h248_mid *h248_peer_mid(const struct h248_peer *peer)
{
	return &peer->mid;
}

const struct h248_addr *h248_peer_address(const struct h248_peer *peer)
{
	return h248_channel_address(peer->channel);
}

uint8_t h248_peer_version(const struct h248_peer *peer)
{
	return peer->version;
}

struct h248_channel *h248_peer_channel(const struct h248_peer *peer)
{
	return peer->channel;
}

struct h248_entity *h248_peer_entity(const struct h248_peer *peer)
{
	return peer->entity;
}

void *h248_peer_user(const struct h248_peer *peer)
{
	return peer->user;
}

void h248_peer_set_user(struct h248_peer *peer, void *user)
{
	peer->user = user;
}

void h248_peer_drop(struct h248_peer *peer)
{
	struct h248_entity *e = peer->entity;

	entity_enter(e, e->now);
	peer->dead = true;
	entity_leave(e);
}

int h248_request(struct h248_peer *peer, const struct h248_action *actions, h248_reply_h done,
		 void *user, int64_t now_ms, uint32_t *id)
{
	if (peer->dead || peer->entity->dead ||
	    (peer->state != H248_ACTIVE && peer->state != H248_LEAVING))
		return H248_E_STATE;
	return h248_channel_request(peer->channel, actions, done, user, now_ms, id);
}

/* A node has at most 200 bytes and takes at least two characters ("E,"). */
#define TEXT_FACTOR 128

int h248_request_text(struct h248_peer *peer, const char *text, h248_reply_h done, void *user,
		      int64_t now_ms)
{
	struct slice s = slice_str(text);
	size_t size = s.len * TEXT_FACTOR + 1024;
	struct h248_arena arena;
	struct h248_action *actions;
	void *memory;
	int rc;

	if (s.len > H248_TEXT_MAX)
		return H248_E_SIZE;
	memory = malloc(size);
	if (!memory)
		return H248_E_MEMORY;
	h248_arena_init(&arena, memory, size);
	rc = h248_decode_actions(s, &arena, &actions, NULL);
	if (rc == H248_OK)
		rc = h248_request(peer, actions, done, user, now_ms, NULL);
	free(memory);
	return rc;
}
