/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/media/srtp_gone.h"
#include <stdlib.h>
#include "base/keyed_hash.h"

enum { HASHES = 4 };

struct srtp_gone {
	struct keyed_hash_key key;
	unsigned n, next; /* next: the record that makes room when all are taken */
	struct {
		uint32_t ssrc;
		uint64_t index;
	} known[SRTP_GONE_KNOWN];
	uint64_t bits[SRTP_GONE_BITS / 64];
};

/* Strangers choose SSRCs: with a key of our own none of them knows which others he would shut out. */
static uint64_t hash_of(const struct srtp_gone *g, uint32_t ssrc)
{
	return keyed_hash(&g->key, slice_make((const char *)&ssrc, sizeof(ssrc)));
}

static unsigned bit_of(uint64_t hash, unsigned k)
{
	return hash >> 16 * k & (SRTP_GONE_BITS - 1);
}

static struct srtp_gone *gone_new(void)
{
	struct srtp_gone *g = calloc(1, sizeof(*g));

	if (g && keyed_hash_key_random(&g->key) < 0)
		srtp_gone_free(&g);
	return g;
}

int srtp_gone_note(struct srtp_gone **g, uint32_t ssrc, uint64_t index)
{
	unsigned at = 0;
	uint64_t hash;

	if (!*g && !(*g = gone_new()))
		return -1;
	hash = hash_of(*g, ssrc);
	for (unsigned k = 0; k < HASHES; k++)
		(*g)->bits[bit_of(hash, k) / 64] |= 1ull << bit_of(hash, k) % 64;
	while (at < (*g)->n && (*g)->known[at].ssrc != ssrc)
		at++;
	if (at == (*g)->n) {
		if ((*g)->n < SRTP_GONE_KNOWN) {
			(*g)->n++;
		} else {
			at = (*g)->next;
			(*g)->next = (at + 1) % SRTP_GONE_KNOWN;
		}
	}
	(*g)->known[at].ssrc = ssrc;
	(*g)->known[at].index = index;
	return 0;
}

enum srtp_gone_state srtp_gone_find(const struct srtp_gone *g, uint32_t ssrc, uint64_t *index)
{
	uint64_t hash;

	if (!g)
		return SRTP_GONE_NEVER;
	hash = hash_of(g, ssrc);
	for (unsigned k = 0; k < HASHES; k++)
		if (!(g->bits[bit_of(hash, k) / 64] >> bit_of(hash, k) % 64 & 1))
			return SRTP_GONE_NEVER;
	for (unsigned i = 0; i < g->n; i++)
		if (g->known[i].ssrc == ssrc) {
			*index = g->known[i].index;
			return SRTP_GONE_INDEX;
		}
	return SRTP_GONE_PERHAPS;
}

void srtp_gone_free(struct srtp_gone **g)
{
	free(*g);
	*g = NULL;
}
