/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sessions of a leg: kept, given back, and the bodies that they write. */
#include "modules/ims_alg/core/leg_impl.h"

#include <string.h>

void alg_session_begin(struct alg_session *s, const struct alg_leg_with *with)
{
	uint8_t random[18] = {0};

	with->random(random);
	alg_session_init(s, random);
}

void alg_session_copy(struct alg_session *to, const struct alg_session *from)
{
	memcpy(to, from, alg_session_bytes(from));
}

/* Keep a session of the stack, which is wiped. NULL: no memory. */
struct alg_session *alg_leg_keep(const struct alg_memory *memory, struct alg_session *s)
{
	struct alg_session *out = memory->get(alg_session_bytes(s));

	if (out)
		alg_session_copy(out, s);
	alg_media_wipe(&s->media);
	return out;
}

void alg_leg_drop(const struct alg_memory *memory, struct alg_session **s)
{
	if (!*s)
		return;
	alg_media_wipe(&(*s)->media);
	memory->put(*s);
	*s = NULL;
}

/* *to becomes *from, which is empty then. */
void alg_leg_move(const struct alg_memory *memory, struct alg_session **to,
		  struct alg_session **from)
{
	if (to == from)
		return;
	alg_leg_drop(memory, to);
	*to = *from;
	*from = NULL;
}

void alg_leg_settled(struct alg_leg *l, const struct alg_memory *memory)
{
	alg_leg_drop(memory, &l->first);
}

void alg_leg_forget(struct alg_leg *l, const struct alg_memory *memory)
{
	alg_leg_drop(memory, &l->now);
	alg_leg_drop(memory, &l->open);
	alg_leg_drop(memory, &l->tried);
	alg_leg_drop(memory, &l->first);
	for (int i = 0; i < ALG_DIALOGS_MAX; i++)
		alg_leg_drop(memory, &l->fork[i]);
}

void alg_leg_free(struct alg_leg *l, const struct alg_memory *memory)
{
	alg_leg_forget(l, memory);
	alg_leg_drop(memory, &l->last);
}

const struct alg_session *alg_leg_session(const struct alg_leg *l)
{
	return l->now ? l->now : l->tried ? l->tried : l->open;
}

enum alg_side alg_leg_side_of(const struct alg_leg *l, const struct alg_message *m)
{
	return m->from_caller ? l->caller : alg_other_side(l->caller);
}

/* ---- writing ---- */

static struct alg_session *session_of(struct alg_leg *l, const struct alg_leg_work *w)
{
	switch (w->writer) {
	case ALG_BY_NOW:
		return l->now;
	case ALG_BY_OPEN:
		return l->open;
	case ALG_BY_TRIED:
		return l->tried;
	case ALG_BY_FORK:
		return l->fork[w->fork];
	default:
		return NULL;
	}
}

/* Every m-line refused: keys and addresses of its author do not go on. */
static void make_dead(const struct alg_leg *l, const struct alg_leg_with *with,
		      const struct sdp_body *sdp, struct alg_session *s)
{
	const struct alg_session *known = alg_leg_session(l);

	if (!known)
		known = l->last;
	if (known)
		alg_session_copy(s, known);
	else
		alg_session_begin(s, with);
	s->lines = sdp->mlines;
	for (int i = 0; i < s->lines; i++) {
		memset(&s->line[i], 0, sizeof(s->line[i]));
		s->line[i].treat = ALG_TREAT_REFUSED;
		s->line[i].stream = -1;
	}
}

int alg_leg_write(struct alg_leg *l, const struct alg_leg_with *with,
		  const struct alg_leg_work *work, const struct sdp_body *sdp, char *buf,
		  size_t size, size_t *len)
{
	enum alg_side from = alg_leg_side_of(l, &work->m);
	struct alg_session dead, *s = session_of(l, work);
	int rc;

	if (work->todo == ALG_LEG_WRITE)
		return s ? alg_body_write(with->policy, s, from, work->offer, sdp, buf, size, len)
			 : SDP_E_VALUE;
	make_dead(l, with, sdp, &dead);
	rc = alg_body_write(with->policy, &dead, from, work->offer, sdp, buf, size, len);
	alg_media_wipe(&dead.media);
	return rc;
}
