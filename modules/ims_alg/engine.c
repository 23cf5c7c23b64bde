/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the owner of a call does with what its leg says. */
#include "modules/ims_alg/calls.h"

#include <string.h>
#include <sys/random.h>

#include "../../core/mem/shm_mem.h"

static void random_octets(uint8_t out[18])
{
	if (getrandom(out, 18, 0) != 18)
		memset(out, 0, 18);
}

void alg_with(const struct alg_entry *e, struct alg_leg_with *with)
{
	static struct alg_policy policy;

	alg_policy_of(&e->phone, &policy);
	with->policy = &policy;
	with->ue = &e->ue;
	with->memory = &alg_shm;
	with->random = random_octets;
}

void alg_tell_story(struct alg_entry *e, const struct alg_leg_work *w)
{
	struct alg_line_of_story *l = &e->story[e->story_n++ % ALG_STORY_MAX];

	e->changed |= w->step.action >= ALG_DO_TRY;
	*l = (struct alg_line_of_story){
	    .after_ms = (uint32_t)(kam_now_ms() - e->born_ms),
	    .code = w->m.code,
	    .method = (uint8_t)w->m.method,
	    .event = (uint8_t)w->step.event,
	    .is_event = w->step.is_event,
	    .action = (uint8_t)w->step.action,
	    .todo = (uint8_t)w->todo,
	    .state = e->leg.call.state,
	    .from_caller = w->m.from_caller,
	    .failed = w->failed,
	};
}

static void copy_flows(struct alg_entry *e, void *arg)
{
	const struct alg_session *s = arg;

	e->lines = 0;
	while (s && e->lines < ALG_FLOWS_MAX &&
	       alg_session_flow(s, (int)e->lines, &e->line[e->lines]) == 0)
		e->lines++;
}

void alg_note_flows(struct alg_entry *e)
{
	const struct alg_session *s = e->leg.open ? e->leg.open : alg_leg_session(&e->leg);

	(void)alg_calls_look(e->id, copy_flows, (void *)s);
}

static void release(struct alg_entry *e)
{
	struct alg_order *o = alg_order_release_new(e->id);

	if (!o) {
		o = e->end_order;
		e->end_order = NULL;
	}
	if (o)
		alg_order_post(o);
	e->gateway[0] = '\0';
}

static void restore(struct alg_entry *e)
{
	struct alg_order *o = alg_order_new(e->id, &e->leg.now->media);

	if (o)
		alg_order_post(o);
}

void alg_note_end(struct alg_entry *e, int code, const char *text)
{
	size_t n = 0;

	e->end_code = code;
	for (; *text && n + 1 < sizeof(e->end_text); text++)
		if (*text >= ' ' && *text != '"' && *text != '\\' && *text != 0x7f)
			e->end_text[n++] = *text;
	e->end_text[n] = '\0';
}

static void note_reason(struct alg_entry *e, const struct alg_leg_work *w)
{
	if (w->trouble.problem)
		alg_note_end(e, 488, alg_problem_text(w->trouble.problem));
	else if (w->step.event == ALG_EV_FAILED)
		alg_note_end(e, w->m.code, "the caller was told that the call failed");
	else if (!e->end_code)
		alg_note_end(e, w->failed ? 503 : 488,
			     w->failed ? "media gateway lost" : "no answer to the offer");
}

/* The answer that cannot be used goes on without media, and so does a 2xx behind a failure, if its caller
 * still takes it; its ACK comes before the BYE. */
static bool awaits_ack(const struct alg_leg_work *w)
{
	bool success = w->m.method == ALG_INVITE && w->m.code >= 200 && w->m.code < 300;

	return success || w->step.event == ALG_EV_FAILED;
}

void alg_after(struct alg_entry *e, const struct alg_leg_work *w)
{
	if (w->restore)
		restore(e);
	if (w->release)
		release(e);
	if (w->refuse_call || w->hang_up)
		note_reason(e, w);
	if (w->refuse_call) {
		counter_inc(alg_counters.calls_broken);
		(void)alg_task_for(e->id, alg_refuse_call);
	}
	if (!w->hang_up || e->hang_up != ALG_HANG_UP_NOT)
		return;
	counter_inc(alg_counters.calls_broken);
	e->hang_up = awaits_ack(w) ? ALG_HANG_UP_AFTER_ACK : ALG_HANG_UP_NOW;
	e->hang_up_ms = kam_now_ms();
	for (int i = 0; i < ALG_PARTIES; i++)
		e->party[i].bye_due = true;
	e->changed = true;
}

void alg_take_note(struct alg_entry *e, const struct alg_held *h)
{
	struct alg_leg_with with;
	struct alg_leg_work w;

	if (h->end_code && e->leg.call.state != ALG_CALL_ENDED)
		alg_note_end(e, h->end_code, h->end_text);
	alg_with(e, &with);
	if (h->kind == ALG_HELD_NOTE)
		alg_leg_message(&e->leg, &with, &h->note, NULL, &w);
	else
		alg_leg_event(&e->leg, &with, h->event, &w);
	alg_tell_story(e, &w);
	alg_after(e, &w);
}

static void tell(uint64_t call, struct alg_held here)
{
	struct alg_held *h;
	struct alg_entry *e;
	bool busy;
	int rc;

	e = alg_calls_enter(call, &busy);
	if (e) {
		alg_take_note(e, &here);
		alg_calls_leave(e);
		return;
	}
	h = busy ? shm_malloc(sizeof(*h)) : NULL;
	if (!h) {
		if (busy)
			SHM_MEM_ERROR;
		return;
	}
	*h = here;
	rc = alg_calls_queue(call, h);
	if (rc == 0)
		return;
	e = rc > 0 ? alg_calls_mine(call) : NULL;
	if (e) {
		alg_take_note(e, h);
		alg_calls_leave(e);
	}
	shm_free(h);
}

void alg_tell(uint64_t call, enum alg_held_kind kind, const struct alg_message *note,
	      enum alg_call_event event)
{
	struct alg_held h = {.kind = kind, .event = event};

	if (note)
		h.note = *note;
	tell(call, h);
}

void alg_tell_lost(uint64_t call, int code, const char *text)
{
	struct alg_held h = {
	    .kind = ALG_HELD_EVENT, .event = ALG_EV_LOST, .end_code = code, .end_text = text};

	tell(call, h);
}
