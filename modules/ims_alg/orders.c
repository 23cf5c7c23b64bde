/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Orders on their way from who works on a call to the controller, and back. */
#include "modules/ims_alg/store.h"

#include <stdlib.h>
#include <string.h>

#include "../../core/mem/shm_mem.h"

static struct kam_queue *queue;

int alg_orders_init(void)
{
	queue = kam_queue_new(0);
	return queue ? 0 : -1;
}

static struct alg_order *order_new(uint64_t call, size_t room)
{
	struct alg_order *o = shm_malloc(offsetof(struct alg_order, media) + room);

	if (!o) {
		SHM_MEM_ERROR;
		return NULL;
	}
	memset(o, 0, offsetof(struct alg_order, media));
	o->call = call;
	o->room = room;
	return o;
}

struct alg_order *alg_order_new(uint64_t call, const struct alg_media *want)
{
	struct alg_order *o = order_new(call, alg_media_bytes(want));

	if (o)
		memcpy(&o->media, want, o->room);
	return o;
}

struct alg_order *alg_order_release_new(uint64_t call)
{
	struct alg_order *o = order_new(call, 0);

	if (o)
		o->release = true;
	return o;
}

void alg_order_free(struct alg_order *o)
{
	if (!o)
		return;
	if (o->room)
		alg_media_wipe(&o->media);
	shm_free(o);
}

void alg_order_post(struct alg_order *o)
{
	(void)kam_queue_push(queue, &o->link);
	alg_process_wake();
}

static struct alg_order *pop(void)
{
	return (struct alg_order *)kam_queue_pop(queue);
}

static void end(struct alg_order *o)
{
	if (!o->held) {
		alg_order_free(o);
		return;
	}
	o->held->order = o;
	alg_held_go_on(o->held);
}

/* ---- over a restart ---- */

enum { UNSAVED_MAX = 4096, CONTEXT_MAX = 65536 };
/* Of the controller's process: calls whose context has changed. */
static uint64_t unsaved[UNSAVED_MAX];
static unsigned unsaved_n;

static void save(const struct mgc *mgc, uint64_t call)
{
	static char buf[CONTEXT_MAX];
	size_t n = mgc_context_save(mgc, call, buf, sizeof(buf));

	if (n && n <= sizeof(buf))
		alg_store_write(ALG_STORE_CONTEXT, call, buf, n);
	explicit_bzero(buf, n < sizeof(buf) ? n : sizeof(buf));
}

void alg_orders_save(const struct mgc *mgc)
{
	while (unsaved_n)
		save(mgc, unsaved[--unsaved_n]);
}

static void has_changed(uint64_t call)
{
	if (alg_store_on() && unsaved_n < UNSAVED_MAX)
		unsaved[unsaved_n++] = call;
}

static int load(uint64_t call, const void *data, size_t size, void *mgc)
{
	const struct alg_entry *e = alg_calls_mine(call);
	uint64_t whose;

	/* What belongs to no call that lives is left to the audit. */
	if (!e || e->ended_ms || mgc_context_load(mgc, data, size, &whose))
		return -1;
	return whose == call ? 0 : -1;
}

static int add_id(const struct alg_entry *e, void *arg)
{
	uint64_t **at = arg;

	/* Those that begin just now have none yet, those that have ended none any more. */
	if (e->stored && !e->ended_ms)
		*(*at)++ = e->id;
	return 0;
}

/* Calls whose context is not known any more have no media. */
static void tell_the_lost(const struct mgc *mgc)
{
	unsigned n = alg_calls_count();
	uint64_t *ids = calloc(n + 1, sizeof(*ids)), *end = ids;

	if (!ids)
		return;
	alg_calls_each(add_id, &end);
	for (uint64_t *id = ids; id < end; id++)
		if (!mgc_context_save(mgc, *id, NULL, 0))
			alg_tell(*id, ALG_HELD_EVENT, NULL, ALG_EV_LOST);
	free(ids);
}

void alg_orders_load(struct mgc *mgc)
{
	if (!alg_store_on())
		return;
	alg_store_each(ALG_STORE_CONTEXT, load, mgc);
	tell_the_lost(mgc);
}

/* ---- answers ---- */

static void on_done(void *user, const struct mgc_result *r)
{
	struct alg_order *o = user;
	bool given = r->code == MGC_OK && r->media && alg_media_bytes(r->media) <= o->room;

	o->code = r->code == MGC_OK && !given ? MGC_FAILED : r->code;
	snprintf(o->text, sizeof(o->text), "%s", r->text[0] ? r->text : mgc_code_name(o->code));
	memcpy(o->gateway, r->gateway, sizeof(o->gateway));
	if (given) {
		memcpy(&o->media, r->media, alg_media_bytes(r->media));
		has_changed(o->call);
	}
	if (o->code != MGC_OK)
		LM_INFO("call %s: the gateway could not: %s (%s)\n", kam_id_text(o->call).text,
			o->text, mgc_code_name(o->code));
	end(o);
}

void alg_orders_take(struct mgc *mgc, int64_t now_ms)
{
	struct alg_order *o;

	while ((o = pop())) {
		if (o->release) {
			if (mgc_release(mgc, o->call, NULL, NULL, now_ms))
				LM_ERR("no memory to release a context: its gateway asks for it "
				       "when hang_s has passed\n");
			alg_store_remove(ALG_STORE_CONTEXT, o->call);
			alg_order_free(o);
		} else if (mgc_apply(mgc, o->call, &o->media, on_done, o, now_ms)) {
			o->code = MGC_FAILED;
			end(o);
		}
	}
}
