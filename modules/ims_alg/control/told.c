/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/control/told.h"

#include <stdlib.h>
#include <string.h>

int told_of(const struct alg_media *media, enum alg_side side, struct told *out)
{
	unsigned live = 0;

	for (unsigned i = 0; i < media->streams; i++)
		live += media->stream[i].live && !media->stream[i].later[side];
	if (!media->side_wanted[side] || !live)
		return 0;
	out->stream = calloc(live, sizeof(*out->stream));
	if (!out->stream)
		return -1;
	out->there = true;
	memcpy(out->realm, media->realm[side], sizeof(out->realm));
	out->family = media->family[side];
	out->dscp = media->dscp[side];
	out->move = media->move[side];
	for (unsigned i = 0; i < media->streams; i++) {
		const struct alg_stream *from = &media->stream[i];
		struct told_stream *to = &out->stream[out->streams];

		if (!from->live || from->later[side])
			continue;
		out->streams++;
		to->id = from->id;
		memcpy(to->media, from->media, sizeof(to->media));
		memcpy(to->formats, from->formats, sizeof(to->formats));
		to->end = from->end[side];
		to->given = from->given[side];
	}
	return 0;
}

int told_copy(const struct told *from, struct told *out)
{
	*out = *from;
	out->stream = NULL;
	if (!from->streams)
		return 0;
	out->stream = calloc(from->streams, sizeof(*out->stream));
	if (!out->stream) {
		memset(out, 0, sizeof(*out));
		return -1;
	}
	memcpy(out->stream, from->stream, from->streams * sizeof(*out->stream));
	return 0;
}

void told_clear(struct told *t)
{
	if (t->stream)
		explicit_bzero(t->stream, t->streams * sizeof(*t->stream));
	free(t->stream);
	memset(t, 0, sizeof(*t));
}

struct told_stream *told_stream(const struct told *t, uint16_t id)
{
	for (unsigned i = 0; i < t->streams; i++)
		if (t->stream[i].id == id)
			return &t->stream[i];
	return NULL;
}

bool told_is_tcp(const struct told_stream *s)
{
	return strncmp(s->end.proto, "TCP", 3) == 0;
}

bool told_is_tls(const struct told_stream *s)
{
	return strstr(s->end.proto, "TLS") != NULL;
}

bool told_is_rtp(const struct told_stream *s)
{
	return strstr(s->end.proto, "RTP/") != NULL;
}
