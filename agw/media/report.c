/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/media/report.h"
#include <stdlib.h>
#include <time.h>
#include "agw/media/worker.h"

static void queue(struct worker *w, struct report *r)
{
	if (!w->reports)
		w->reports_due_ms = w->now_ms + REPORT_MS;
	r->mail.next = NULL;
	*w->reports_end = r;
	w->reports_end = (struct report **)(void *)&r->mail.next;
}

void report_event(struct media_leg *leg, enum media_event_type type, int error,
		  enum media_tls_cause cause, const struct netaddr *addr)
{
	struct report *r = calloc(1, sizeof(*r));

	if (!r)
		return;
	r->event = (struct media_event){.type = type, .leg = leg, .error = error, .cause = cause};
	if (addr)
		r->event.addr = *addr;
	queue(leg->worker, r);
}

void report_closed(struct worker *w, struct media_leg *leg)
{
	struct report *r;

	while (!(r = calloc(1, sizeof(*r))))
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	r->closed = true;
	r->event.leg = leg;
	queue(w, r);
}

void report_send(struct worker *w)
{
	struct report *r = w->reports;

	w->reports = NULL;
	w->reports_end = &w->reports;
	while (r) {
		struct report *next = (struct report *)r->mail.next;

		mailbox_post(&w->media->box, &r->mail);
		r = next;
	}
}
