/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose turn it is in a call, what waits, and what time brings about. */
#include "modules/ims_alg/store.h"
#include "modules/ims_alg/table.h"

enum { HANG_UP_MS = 4000 };

struct alg_entry *alg_calls_enter(uint64_t id, bool *busy)
{
	unsigned at = alg_bucket_of_id(id);
	struct alg_entry *e;

	alg_bucket_lock(at);
	e = alg_entry_by_id(id);
	*busy = e && e->busy;
	if (e && !*busy)
		e->busy = true;
	else
		e = NULL;
	alg_bucket_unlock(at);
	return e;
}

struct alg_entry *alg_calls_mine(uint64_t id)
{
	unsigned at = alg_bucket_of_id(id);
	struct alg_entry *e;

	alg_bucket_lock(at);
	e = alg_entry_by_id(id);
	alg_bucket_unlock(at);
	return e;
}

/* What tm tells is no message, and takes no message's room. */
static bool is_message(const struct alg_held *h)
{
	return h->kind != ALG_HELD_NOTE && h->kind != ALG_HELD_EVENT;
}

bool alg_calls_has_room(uint64_t id, bool matters)
{
	unsigned at = alg_bucket_of_id(id), room = matters ? 2 * ALG_QUEUE_MAX : ALG_QUEUE_MAX;
	struct alg_entry *e;
	bool has;

	alg_bucket_lock(at);
	e = alg_entry_by_id(id);
	has = !e || e->queued < room;
	alg_bucket_unlock(at);
	return has;
}

int alg_calls_queue(uint64_t id, struct alg_held *h)
{
	unsigned at = alg_bucket_of_id(id);
	struct alg_entry *e;
	int rc = -1;

	h->next = NULL;
	alg_bucket_lock(at);
	e = alg_entry_by_id(id);
	if (e && !e->busy) {
		e->busy = true;
		rc = 1;
	} else if (e) {
		*e->queue_end = h;
		e->queue_end = &h->next;
		e->queued += is_message(h);
		rc = 0;
	}
	alg_bucket_unlock(at);
	return rc;
}

static struct alg_held *next_in_queue(struct alg_entry *e)
{
	struct alg_held *h = e->queue;

	if (!h)
		return NULL;
	e->queue = h->next;
	if (!e->queue)
		e->queue_end = &e->queue;
	e->queued -= is_message(h);
	return h;
}

/* The INVITE's transaction has gone. Without a final answer that was seen, it failed. */
static void settle(struct alg_entry *e)
{
	struct alg_held h = {.kind = ALG_HELD_NOTE};

	alg_leg_settled(&e->leg, &alg_shm);
	h.note = (struct alg_message){
	    .method = ALG_INVITE, .code = 500, .initial = true, .cseq = e->invite_cseq};
	if (e->leg.call.state == ALG_CALL_UP || e->leg.call.state == ALG_CALL_ENDED ||
	    e->leg.call.state >= ALG_CALL_REOFFERED)
		if (e->leg.call.state != ALG_CALL_CANCELLED)
			return;
	if (e->leg.call.state != ALG_CALL_UNANSWERED)
		alg_take_note(e, &h);
}

bool alg_calls_byes_due(const struct alg_entry *e)
{
	return e->party[ALG_CALLER].bye_due || e->party[ALG_CALLEE].bye_due;
}

static void hang_up_if_due(struct alg_entry *e)
{
	if (e->hang_up != ALG_HANG_UP_NOW)
		return;
	e->hang_up = ALG_HANG_UP_DONE;
	if (alg_task_for(e->id, alg_hang_up))
		e->hang_up = ALG_HANG_UP_NOW; /* at the next tick */
}

/* What has to be known after a restart: calls whose media are in force, and the BYEs of those that ended. */
static void store(struct alg_entry *e)
{
	bool lives = e->leg.call.state != ALG_CALL_ENDED;
	bool matters = lives ? e->leg.call.state == ALG_CALL_UP && e->leg.now && e->leg.placed
			     : alg_calls_byes_due(e);

	if (matters && e->changed) {
		e->changed = false;
		e->stored = alg_store_on();
		alg_call_save(e);
	} else if (!lives && !matters) {
		e->changed = false;
		if (e->stored)
			alg_store_remove(ALG_STORE_CALL, e->id);
		e->stored = false;
	}
}

void alg_calls_leave(struct alg_entry *e)
{
	unsigned at = alg_bucket_of_id(e->id);
	struct alg_held *h;
	bool settled;

	for (;;) {
		if (e->leg.call.state == ALG_CALL_ENDED && !e->ended_ms)
			e->ended_ms = kam_now_ms();
		store(e); /* before any end is told */
		hang_up_if_due(e);
		alg_bucket_lock(at);
		settled = e->settled;
		e->settled = false;
		h = settled ? NULL : next_in_queue(e);
		if (!h && !settled)
			e->busy = false;
		alg_bucket_unlock(at);
		if (settled)
			settle(e);
		else if (!h)
			return;
		else if (h->kind == ALG_HELD_NOTE || h->kind == ALG_HELD_EVENT) {
			alg_take_note(e, h);
			alg_held_free(h);
		} else {
			alg_held_go_on(h); /* the call is his now */
			return;
		}
	}
}

void alg_calls_store(uint64_t id)
{
	bool busy;
	struct alg_entry *e = alg_calls_enter(id, &busy);

	if (e)
		alg_calls_leave(e);
}

/* ---- time ---- */

static bool is_over(const struct alg_entry *e, uint64_t now_ms)
{
	return e->ended_ms && !e->invite_live && !e->queue && !e->changed &&
	       !alg_calls_byes_due(e) &&
	       (e->hang_up == ALG_HANG_UP_NOT || e->hang_up == ALG_HANG_UP_DONE) &&
	       now_ms >= e->ended_ms + (uint64_t)alg_settings.linger_ms;
}

/* Is there something that no message brings about? Takes the call then. */
static bool is_due(struct alg_entry *e, uint64_t now_ms, bool *expired)
{
	*expired = !e->ended_ms && now_ms >= e->heard_ms + (uint64_t)alg_settings.call_s * 1000;
	if (e->busy)
		return false;
	if (e->hang_up == ALG_HANG_UP_AFTER_ACK && now_ms >= e->hang_up_ms + HANG_UP_MS)
		e->hang_up = ALG_HANG_UP_NOW;
	e->busy =
	    *expired || e->settled || e->hang_up == ALG_HANG_UP_NOW || (e->ended_ms && e->changed);
	return e->busy;
}

/* One call of the bucket that is over or due; NULL: none is left. */
static struct alg_entry *next_due(unsigned at, uint64_t now_ms, bool *over, bool *expired)
{
	struct alg_entry **link, *e;

	alg_bucket_lock(at);
	for (link = alg_bucket(at); (e = *link); link = &e->next) {
		*over = !e->busy && is_over(e, now_ms);
		if (*over)
			*link = e->next;
		if (*over || is_due(e, now_ms, expired))
			break;
	}
	alg_bucket_unlock(at);
	return e;
}

static void expire(struct alg_entry *e)
{
	struct alg_held h = {.kind = ALG_HELD_EVENT, .event = ALG_EV_EXPIRED};

	e->heard_ms = kam_now_ms();
	alg_note_end(e, 408, "nothing was heard of the call");
	alg_take_note(e, &h);
}

void alg_calls_tick(uint64_t now_ms)
{
	for (unsigned at = 0; at < ALG_BUCKETS; at++) {
		struct alg_entry *e;
		bool over, expired;

		if (!*alg_bucket(at))
			continue;
		/* As many as there were: what is due again waits for the next tick. */
		for (unsigned n = alg_calls_count(); n-- > 0;) {
			e = next_due(at, now_ms, &over, &expired);
			if (!e)
				break;
			if (over) {
				alg_entry_free(e);
				continue;
			}
			if (expired)
				expire(e);
			alg_calls_leave(e);
		}
	}
}
