/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A change that is told to watchers: made by notify.c, written and sent by notify_send.c. */
#ifndef SEAMLESS_NOTIFY_H
#define SEAMLESS_NOTIFY_H

#include "modules/ims_seamless_scscf/core/notify_document.h"
#include "modules/ims_seamless_scscf/core/notify_queue.h"
#include "modules/ims_seamless_scscf/glue.h"

#define NOTIFY_AORS_MAX (SCSCF_IMPI_SETS_MAX * SCSCF_SET_IMPUS_MAX + SCSCF_FORMER_IMPUS_MAX)

struct notify_watcher {
	struct slice aor; /* presentity */
	struct slice uri, contact, call_id, local_tag, remote_tag, route, socket;
	bool all;		       /* sees all sets of the user */
	bool told;		       /* has been told, or is gone */
	struct scscf_notify_turn turn; /* until then */
};

/* One subscriber's share of a list of effects; private memory. */
struct scscf_notify_event {
	struct scscf_notify_event *next;
	struct scscf_arena arena;
	struct slice impi, only_call_id;
	const struct scscf_effect *first;
	bool final; /* nothing of this subscriber is left: subscriptions end */
	struct notify_watcher *watchers;
	size_t watchers_n, watchers_size;
	size_t aors_n;
	struct scscf_told_aor aors[NOTIFY_AORS_MAX]; /* last: not cleared beyond aors_n */
};

/*
 * Tell one watcher: one NOTIFY, several where one document would be too large. Returns false, with
 * may_wait, if one from before has not been answered yet.
 */
bool notify_send(const struct scscf_notify_event *ev, const struct notify_watcher *w,
		 bool may_wait);

#endif
