/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media inactivity (adid/ipstop): one report when the limit is passed, one when packets are back.
 * The timer stands where the limit would be reached if nothing came; packets do not move it, and
 * when it fires too early for what has passed since, it is set again. A silent leg costs nothing.
 */
#include <stddef.h>
#include "agw/media/worker.h"

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* What has been silent for too long; *due_ms becomes when the rest may be. 0 = never. */
static uint8_t silent(const struct media_leg *leg, int64_t *due_ms)
{
	int64_t now = leg->worker->now_ms;
	int64_t in = later(leg->stats.last_in_ms, leg->watch_since_ms) + leg->cfg.inactive_in_ms;
	int64_t out = later(leg->last_out_ms, leg->watch_since_ms) + leg->cfg.inactive_out_ms;
	uint8_t what = 0;

	*due_ms = 0;
	if (leg->cfg.inactive_in_ms && now >= in)
		what |= SILENT_IN;
	else if (leg->cfg.inactive_in_ms)
		*due_ms = in;
	if (leg->cfg.inactive_out_ms && now >= out)
		what |= SILENT_OUT;
	else if (leg->cfg.inactive_out_ms && (!*due_ms || out < *due_ms))
		*due_ms = out;
	return what;
}

static void look(struct leg_timer *t)
{
	struct media_leg *leg =
	    (struct media_leg *)(void *)((char *)t - offsetof(struct media_leg, silence));
	int64_t due_ms;
	uint8_t what = silent(leg, &due_ms);

	if (what & ~leg->inactive_told)
		report_event(leg, MEDIA_EV_INACTIVE, what, MEDIA_TLS_CAUSE_NONE, NULL);
	else if (leg->inactive_told && !what)
		report_event(leg, MEDIA_EV_RESUMED, 0, MEDIA_TLS_CAUSE_NONE, NULL);
	leg->inactive_told = what;
	if (due_ms)
		leg_timer_arm(leg->worker, &leg->silence, due_ms, look);
}

void activity_watch(struct media_leg *leg, bool anew)
{
	leg_timer_cancel(leg->worker, &leg->silence);
	if (!leg->cfg.inactive_in_ms && !leg->cfg.inactive_out_ms) {
		leg->inactive_told = 0;
		return;
	}
	if (anew) {
		leg->watch_since_ms = leg->worker->now_ms;
		leg->inactive_told = 0;
	}
	look(&leg->silence);
}

void activity_seen(struct media_leg *leg)
{
	look(&leg->silence);
}
