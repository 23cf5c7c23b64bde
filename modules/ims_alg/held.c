/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages that wait: for the gateway, or for the message before them. */
#include "modules/ims_alg/calls.h"

#include <string.h>

#include "../../core/mem/shm_mem.h"

static struct alg_held *current; /* in this process */

struct alg_held *alg_held_current(void)
{
	return current && !current->used ? current : NULL;
}

static bool has_transaction(const sip_msg_t *msg)
{
	return msg->first_line.type == SIP_REQUEST && msg->REQ_METHOD != METHOD_ACK;
}

struct alg_held *alg_hold(sip_msg_t *msg, uint64_t call)
{
	bool suspends = has_transaction(msg);
	size_t size = offsetof(struct alg_held, text) +
		      (suspends ? sizeof(struct kam_held_text) : kam_hold_size(msg));
	struct alg_held *h = shm_malloc(size);

	if (!h) {
		SHM_MEM_ERROR;
		return NULL;
	}
	memset(h, 0, sizeof(*h));
	h->call = call;
	h->kind = suspends ? ALG_HELD_REQUEST : ALG_HELD_TEXT;
	if (!suspends) {
		kam_hold_copy(msg, &h->text);
		return h;
	}
	/* BYE has no transaction until it must wait. */
	if (kam_transaction(msg, &h->wait.tindex, &h->wait.tlabel) == 0 &&
	    kam_wait_begin(msg, &h->wait) == 0)
		return h;
	shm_free(h);
	return NULL;
}

void alg_held_free(struct alg_held *h)
{
	if (h->work.next) {
		alg_media_wipe(&h->work.next->media);
		shm_free(h->work.next);
	}
	alg_order_free(h->order);
	shm_free(h);
}

/* The gateway has answered. */
static void take_order(struct alg_entry *e, struct alg_held *h)
{
	struct alg_order *o = h->order;
	struct alg_leg_with with;
	bool ok = o->code == MGC_OK;

	alg_with(e, &with);
	if (ok) {
		memcpy(e->gateway, o->gateway, sizeof(e->gateway));
	} else {
		alg_note_end(e, o->code == MGC_REFUSED || o->code == MGC_FAILED ? 500 : 503,
			     o->text);
		counter_inc(alg_counters.gateway_refused);
	}
	alg_leg_done(&e->leg, &with, ok ? &o->media : NULL, &h->work);
	alg_tell_story(e, &h->work);
	alg_after(e, &h->work);
	h->done = true;
}

static void go_on(struct alg_task *t)
{
	struct alg_held *h = (struct alg_held *)((char *)t - offsetof(struct alg_held, task));
	struct alg_entry *e = alg_calls_mine(h->call);

	if (h->order && e)
		take_order(e, h);
	current = h;
	if (h->kind == ALG_HELD_REQUEST)
		kam_wait_continue_at(&h->wait, alg_settings.continue_route);
	else
		(void)kam_receive(h->text.text, h->text.len, &h->text.rcv);
	current = NULL;
	if (!h->used)
		LM_INFO("call %s: %s has gone while it waited\n", kam_id_text(h->call).text,
			h->kind == ALG_HELD_REQUEST ? "a request" : "an answer or ACK");
	if (e && !h->passed_on)
		alg_calls_leave(e);
	alg_held_free(h);
}

void alg_held_go_on(struct alg_held *h)
{
	h->task.run = go_on;
	alg_task_push(&h->task);
}
