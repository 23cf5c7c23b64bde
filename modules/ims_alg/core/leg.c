/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/core/exchange.h"
#include "modules/ims_alg/core/leg_impl.h"

#include <string.h>

const char *alg_leg_todo_name(enum alg_leg_todo t)
{
	static const char *const names[ALG_LEG_TODOS] = {"pass", "write",  "dead", "wait",
							 "drop", "refuse", "glare"};

	return (unsigned)t < ALG_LEG_TODOS ? names[t] : "?";
}

/* ---- the end ---- */

static void release(struct alg_leg *l, const struct alg_leg_with *with, struct alg_leg_work *w)
{
	struct alg_session **last = l->now ? &l->now : l->tried ? &l->tried : &l->open;

	if (*last) {
		alg_leg_move(with->memory, &l->last, last);
		alg_media_wipe(&l->last->media);
	}
	alg_leg_forget(l, with->memory);
	w->release = l->placed;
	l->placed = l->tried_placed = false;
}

/* The gateway shall have what is in force, or nothing if nothing is. */
static void restore(struct alg_leg *l, struct alg_leg_work *w)
{
	l->tried_placed = false;
	if (!l->placed)
		return;
	if (l->now && alg_session_anchored(l->now)) {
		w->restore = true;
		return;
	}
	w->release = true;
	l->placed = false;
}

/* What the table says when something failed. A description that came with it goes on without media. */
static void give_up(struct alg_leg *l, const struct alg_leg_with *with, struct alg_leg_work *w)
{
	bool request = w->m.code == 0;

	w->todo = w->m.sdp ? ALG_LEG_DEAD : ALG_LEG_PASS;
	switch (w->step.action) {
	case ALG_DO_REFUSE:
		w->refuse_call = l->broken = true;
		/* Of PRACK and UPDATE somebody waits for the answer, and nobody says it again. */
		if (request)
			w->todo = ALG_LEG_REFUSE;
		else if (w->m.method == ALG_INVITE)
			w->todo = ALG_LEG_DROP;
		release(l, with, w);
		break;
	case ALG_DO_HANG_UP:
		w->hang_up = l->broken = true;
		release(l, with, w);
		break;
	case ALG_DO_RELEASE:
		release(l, with, w);
		break;
	default:
		break;
	}
}

/* The message was taken for good, and is not: what it means instead. */
static void is_bad(struct alg_leg *l, const struct alg_leg_with *with, struct alg_leg_work *w)
{
	alg_leg_drop(with->memory, &w->next);
	if (w->step.action == ALG_DO_RESERVE) {
		/* A request is answered, and the answer tells the table. */
		if (!w->m.code) {
			w->todo = ALG_LEG_REFUSE;
			return;
		}
		w->step = alg_call_event(&l->call, ALG_EV_LOST);
	} else {
		l->call = w->before;
		w->step = alg_call_bad(&l->call, &w->m);
	}
	give_up(l, with, w);
}

/* ---- offers ---- */

static void begin_session(const struct alg_leg *l, const struct alg_leg_with *with,
			  struct alg_session *s)
{
	if (l->now)
		alg_session_copy(s, l->now);
	else
		alg_session_begin(s, with);
}

/* No gateway is needed, or it has answered. */
static void offer_is_placed(struct alg_leg *l, const struct alg_leg_with *with,
			    struct alg_leg_work *w)
{
	alg_leg_move(with->memory, &l->open, &w->next);
	w->writer = ALG_BY_OPEN;
	w->todo = ALG_LEG_WRITE;
}

static void take_offer(struct alg_leg *l, const struct alg_leg_with *with,
		       const struct sdp_body *sdp, struct alg_leg_work *w)
{
	struct alg_session s;
	struct alg_media ask;
	bool needs;
	int verdict;

	begin_session(l, with, &s);
	verdict =
	    alg_offer_read(with->policy, with->ue, &s, alg_leg_side_of(l, &w->m), sdp, &w->trouble);
	if (verdict == ALG_REFUSE) {
		alg_media_wipe(&s.media);
		is_bad(l, with, w);
		return;
	}
	needs = verdict == ALG_OK &&
		alg_media_reserve(l->now ? &l->now->media : &(struct alg_media){.streams = 0},
				  &s.media, &ask);
	if (needs)
		alg_media_wipe(&ask);
	w->next = alg_leg_keep(with->memory, &s);
	if (!w->next) {
		w->failed = true;
		is_bad(l, with, w);
		return;
	}
	if (needs) {
		w->todo = ALG_LEG_WAIT;
		l->placed = true;
		return;
	}
	offer_is_placed(l, with, w);
	if (verdict == ALG_PASS)
		w->todo = ALG_LEG_PASS;
}

/* ---- answers ---- */

/* The offer that a message answers. That of the INVITE has gone from `open` when it was answered. */
static const struct alg_session *offer_for(const struct alg_leg *l, const struct alg_message *m)
{
	if (m->initial && m->method == ALG_INVITE && l->first)
		return l->first;
	return l->open ? l->open : l->first;
}

static bool is_invites_offer(const struct alg_leg_work *w)
{
	return w->before.offer_method == ALG_INVITE && !w->before.offer_in_answer && w->m.initial;
}

static void answer_is_placed(struct alg_leg *l, const struct alg_leg_with *with,
			     struct alg_leg_work *w)
{
	w->todo = ALG_LEG_WRITE;
	if (w->step.action == ALG_DO_TRY) {
		alg_leg_move(with->memory, &l->tried, &w->next);
		w->writer = ALG_BY_TRIED;
		return;
	}
	alg_leg_move(with->memory, &l->now, &w->next);
	w->writer = ALG_BY_NOW;
	alg_leg_drop(with->memory, &l->tried);
	l->tried_placed = false;
	if (is_invites_offer(w) && l->open && !l->first)
		alg_leg_move(with->memory, &l->first, &l->open);
	else
		alg_leg_drop(with->memory, &l->open);
}

/* The 2xx that says what the 183 said. */
static bool is_there(const struct alg_leg *l, const struct alg_session *s)
{
	return l->tried && l->tried_placed && alg_media_same(&l->tried->media, &s->media);
}

static void take_answer(struct alg_leg *l, const struct alg_leg_with *with,
			const struct sdp_body *sdp, struct alg_leg_work *w)
{
	const struct alg_session *offered = offer_for(l, &w->m);
	struct alg_session s;
	bool live, known;
	int verdict;

	if (!offered) {
		w->todo = ALG_LEG_DEAD;
		return;
	}
	alg_session_copy(&s, offered);
	verdict = alg_answer_read(with->policy, with->ue, &s, sdp, &w->trouble);
	if (verdict == ALG_BAD_ANSWER) {
		alg_media_wipe(&s.media);
		is_bad(l, with, w);
		return;
	}
	live = alg_session_anchored(&s);
	w->next = alg_leg_keep(with->memory, &s);
	if (!w->next) {
		w->failed = true;
		is_bad(l, with, w);
		return;
	}
	known = live && verdict != ALG_SAME && is_there(l, w->next);
	if (live && verdict != ALG_SAME && !known) {
		w->todo = ALG_LEG_WAIT;
		l->placed = true;
		return;
	}
	if (known)
		alg_media_take(&w->next->media, &l->tried->media);
	l->tried_placed = known;
	answer_is_placed(l, with, w);
	if (!live)
		restore(l, w); /* what was reserved is given back */
	if (verdict == ALG_PASS)
		w->todo = ALG_LEG_PASS;
}

/* An answer of a fork that is not in force: judged, and written, but the gateway is not told. */
static void take_waiting_answer(struct alg_leg *l, const struct alg_leg_with *with,
				const struct sdp_body *sdp, struct alg_leg_work *w)
{
	/* What is open beside an agreement is a later offer, not the one that forks answer. */
	const struct alg_session *offered = l->first ? l->first : l->now ? NULL : l->open;
	struct alg_session s, *kept;
	int verdict;

	w->todo = ALG_LEG_DEAD;
	if (!offered)
		return;
	alg_session_copy(&s, offered);
	verdict = alg_answer_read(with->policy, with->ue, &s, sdp, &w->trouble);
	kept = verdict == ALG_BAD_ANSWER ? NULL : alg_leg_keep(with->memory, &s);
	if (!kept) {
		alg_media_wipe(&s.media);
		return;
	}
	w->fork = (uint8_t)w->step.dialog;
	alg_leg_drop(with->memory, &l->fork[w->fork]);
	l->fork[w->fork] = kept;
	w->writer = ALG_BY_FORK;
	w->todo = verdict == ALG_PASS ? ALG_LEG_PASS : ALG_LEG_WRITE;
}

/* ---- offers of forks: INVITE without one ---- */

/* The same lines at the same places of the gateway, with another far end. False: it needs more than there is, or cannot be
 * had. */
static bool offer_beside(struct alg_leg *l, const struct alg_leg_with *with,
			 const struct sdp_body *sdp, struct alg_leg_work *w)
{
	const struct alg_session *first = alg_leg_session(l);
	struct alg_session s;
	struct alg_media ask;
	bool bad;

	if (!first)
		return false;
	alg_session_copy(&s, first);
	/* It is no later offer of the same dialog: it may have fewer lines. */
	while (s.lines > sdp->mlines)
		alg_drop_stream(&s, &s.line[--s.lines]);
	bad = alg_offer_read(with->policy, with->ue, &s, alg_leg_side_of(l, &w->m), sdp,
			     &w->trouble) == ALG_REFUSE;
	if (!bad && alg_media_reserve(&first->media, &s.media, &ask)) {
		alg_media_wipe(&ask);
		bad = true;
	}
	if (bad)
		alg_media_wipe(&s.media);
	else
		l->fork[w->fork] = alg_leg_keep(with->memory, &s);
	return l->fork[w->fork] != NULL;
}

static bool answer_beside(struct alg_leg *l, const struct alg_leg_with *with,
			  const struct sdp_body *sdp, struct alg_leg_work *w)
{
	struct alg_session s, *kept;

	alg_session_copy(&s, l->fork[w->fork]);
	if (alg_answer_read(with->policy, with->ue, &s, sdp, &w->trouble) == ALG_BAD_ANSWER) {
		alg_media_wipe(&s.media);
		return false;
	}
	kept = alg_leg_keep(with->memory, &s);
	if (!kept)
		return false;
	alg_leg_drop(with->memory, &l->fork[w->fork]);
	l->fork[w->fork] = kept;
	return true;
}

/* The gateway is told when a 2xx takes it. */
static void take_beside(struct alg_leg *l, const struct alg_leg_with *with,
			const struct sdp_body *sdp, struct alg_leg_work *w)
{
	bool good;

	w->fork = (uint8_t)w->step.dialog;
	w->writer = ALG_BY_FORK;
	if (w->offer)
		good = l->fork[w->fork] || offer_beside(l, with, sdp, w);
	else
		good = l->fork[w->fork] && answer_beside(l, with, sdp, w);
	w->todo = good ? ALG_LEG_WRITE : ALG_LEG_DEAD;
}

/* ---- what changes nothing ---- */

static bool is_of_waiting_fork(const struct alg_leg *l, const struct alg_leg_work *w)
{
	return w->m.code && w->m.initial && w->m.method == ALG_INVITE && w->step.dialog >= 0 &&
	       l->call.in_force && l->call.in_force != w->step.dialog + 1 && !w->offer;
}

static bool is_success(const struct alg_message *m)
{
	return m->method == ALG_INVITE && m->code >= 200 && m->code < 300;
}

/* A message again, or one that only shows what is known: the same body as before. */
static void repeat(struct alg_leg *l, const struct alg_leg_with *with, const struct sdp_body *sdp,
		   struct alg_leg_work *w)
{
	/* A 2xx that was faster than our refusal. */
	if (l->call.state == ALG_CALL_ENDED && l->broken && is_success(&w->m))
		w->hang_up = true;
	/* An offer that crosses a BYE has keys, too. */
	if (!sdp || l->call.state == ALG_CALL_ENDED) {
		w->todo = sdp ? ALG_LEG_DEAD : ALG_LEG_PASS;
		return;
	}
	if (is_of_waiting_fork(l, w)) {
		take_waiting_answer(l, with, sdp, w);
		return;
	}
	w->writer = w->offer && l->open ? ALG_BY_OPEN
		    : l->now		? ALG_BY_NOW
		    : l->tried		? ALG_BY_TRIED
					: ALG_BY_NONE;
	w->todo = w->writer ? ALG_LEG_WRITE : ALG_LEG_DEAD;
}

static void commit(struct alg_leg *l, const struct alg_leg_with *with)
{
	if (!l->tried)
		return;
	alg_leg_move(with->memory, &l->now, &l->tried);
	alg_leg_drop(with->memory, &l->open);
	l->tried_placed = false;
}

static void switch_to(struct alg_leg *l, const struct alg_leg_with *with, int dialog,
		      struct alg_leg_work *w)
{
	int was = w->before.in_force - 1;

	/* A 2xx whose own offer or answer could not be used went on without media. */
	if (!l->fork[dialog] && w->m.code) {
		l->call.state = ALG_CALL_ENDED;
		w->hang_up = l->broken = true;
		release(l, with, w);
	}
	if (!l->fork[dialog])
		return;
	/* By a 2xx: that of the other dialog may still come. */
	if (w->m.code && was >= 0 && was != dialog)
		alg_leg_move(with->memory, &l->fork[was], &l->now);
	if (w->m.code)
		alg_leg_drop(with->memory, &l->open);
	alg_leg_move(with->memory, &l->now, &l->fork[dialog]);
	restore(l, w);
}

/* ---- the table's word ---- */

static void act(struct alg_leg *l, const struct alg_leg_with *with, const struct sdp_body *sdp,
		struct alg_leg_work *w)
{
	if (w->step.beside) {
		take_beside(l, with, sdp, w);
		return;
	}
	switch (w->step.action) {
	case ALG_DO_RESERVE:
		take_offer(l, with, sdp, w);
		return;
	case ALG_DO_TRY:
	case ALG_DO_CONFIGURE:
		take_answer(l, with, sdp, w);
		return;
	case ALG_DO_GLARE:
		w->todo = ALG_LEG_GLARE;
		return;
	case ALG_DO_COMMIT:
		commit(l, with);
		break;
	case ALG_DO_ROLLBACK:
		alg_leg_drop(with->memory, &l->open);
		restore(l, w);
		break;
	case ALG_DO_SWITCH:
		switch_to(l, with, w->step.dialog, w);
		break;
	case ALG_DO_RELEASE:
	case ALG_DO_REFUSE:
	case ALG_DO_HANG_UP:
		give_up(l, with, w);
		return;
	default:
		break;
	}
	repeat(l, with, sdp, w);
}

void alg_leg_message(struct alg_leg *l, const struct alg_leg_with *with,
		     const struct alg_message *m, const struct sdp_body *sdp,
		     struct alg_leg_work *work)
{
	memset(work, 0, sizeof(*work));
	work->m = *m;
	work->before = l->call;
	work->trouble.line = -1;
	work->step = alg_call_message(&l->call, m);
	work->offer = work->step.is_event && work->step.is_offer;
	act(l, with, sdp, work);
}

void alg_leg_event(struct alg_leg *l, const struct alg_leg_with *with, enum alg_call_event e,
		   struct alg_leg_work *work)
{
	memset(work, 0, sizeof(*work));
	work->before = l->call;
	work->trouble.line = -1;
	work->failed = true;
	work->step = alg_call_event(&l->call, e);
	if (work->step.action == ALG_DO_ROLLBACK) {
		alg_leg_drop(with->memory, &l->open);
		restore(l, work);
		return;
	}
	give_up(l, with, work);
	work->todo = ALG_LEG_PASS;
}

void alg_leg_want(const struct alg_leg *l, const struct alg_leg_work *work, struct alg_media *out)
{
	static const struct alg_media none;

	if (work->step.action == ALG_DO_RESERVE)
		(void)alg_media_reserve(l->now ? &l->now->media : &none, &work->next->media, out);
	else
		memcpy(out, &work->next->media, alg_media_bytes(&work->next->media));
}

void alg_leg_done(struct alg_leg *l, const struct alg_leg_with *with, const struct alg_media *given,
		  struct alg_leg_work *work)
{
	l->tried_placed = given && work->step.action == ALG_DO_TRY;
	if (!given) {
		work->failed = true;
		is_bad(l, with, work);
		return;
	}
	alg_media_take(&work->next->media, given);
	if (work->step.action == ALG_DO_RESERVE)
		offer_is_placed(l, with, work);
	else
		answer_is_placed(l, with, work);
}
