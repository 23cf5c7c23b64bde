/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stock answers SUBSCRIBEs and sends the full NOTIFY, in which contacts that linger on an Inactive
 * connection do not stand. A new watcher of such a subscriber is told of them a moment later.
 */
#include "modules/ims_seamless_scscf/glue.h"

#define TELL_DELAY_MS 300

static bool any_inactive(void)
{
	struct model *m = seamless_lock();
	bool yes = m->inactive > 0;

	seamless_unlock();
	return yes;
}

static void on_request(struct cell *t, int type, struct tmcb_params *ps)
{
	struct sip_msg *msg = ps->req;
	struct dialog_ids ids;
	struct effects e;
	struct effect *f;

	if (!msg || msg->REQ_METHOD != METHOD_SUBSCRIBE || !any_inactive())
		return;
	if (!slice_eq_nocase(read_header(msg, "Event", NULL), SLICE_LIT("reg")) &&
	    !slice_eq_nocase(read_header(msg, "o", NULL), SLICE_LIT("reg")))
		return;
	if (read_dialog_ids(msg, &ids))
		return;
	effects_init(&e);
	f = effects_add(&e, EFFECT_TELL);
	if (f) {
		f->contact = arena_text(&e.arena, ids.to_uri);
		f->due_ms = seamless_now_ms() + TELL_DELAY_MS;
	}
	effects_later(&e);
}

int subscribe_watch_init(void)
{
	return seamless_tm.register_tmcb(NULL, NULL, TMCB_REQUEST_IN, on_request, NULL, NULL) <= 0
		   ? -1
		   : 0;
}
