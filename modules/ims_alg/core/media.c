/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/core/media.h"

#include <string.h>

const char *alg_side_name(enum alg_side s)
{
	return s == ALG_ACCESS ? "access" : s == ALG_CORE ? "core" : "?";
}

size_t alg_media_bytes(const struct alg_media *m)
{
	unsigned n = m->streams < ALG_STREAMS_MAX ? m->streams : ALG_STREAMS_MAX;

	return offsetof(struct alg_media, stream) + n * sizeof(m->stream[0]);
}

bool alg_media_live(const struct alg_media *m)
{
	for (unsigned i = 0; i < m->streams; i++)
		if (m->stream[i].live)
			return true;
	return false;
}

bool alg_media_replaced(const struct alg_media *a, const struct alg_media *b, enum alg_side side)
{
	return a->family[side] != b->family[side] || a->move[side] != b->move[side] ||
	       strcmp(a->realm[side], b->realm[side]) != 0;
}

/* Octets between the members may differ. */
bool alg_media_same(const struct alg_media *a, const struct alg_media *b)
{
	if (a->streams != b->streams || a->streams > ALG_STREAMS_MAX ||
	    memcmp(a, b, offsetof(struct alg_media, stream)) != 0)
		return false;
	for (unsigned i = 0; i < a->streams; i++)
		if (memcmp(&a->stream[i], &b->stream[i], offsetof(struct alg_stream, given)) != 0)
			return false;
	return true;
}

void alg_media_wipe(struct alg_media *m)
{
	for (unsigned i = 0; i < m->streams && i < ALG_STREAMS_MAX; i++)
		for (int side = 0; side < ALG_SIDES; side++) {
			sdes_key_wipe(&m->stream[i].end[side].remote_key);
			sdes_key_wipe(&m->stream[i].given[side].key);
		}
}
