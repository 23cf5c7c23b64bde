/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/media/verdict.h"
#include <stddef.h>
#include "agw/media/worker.h"

static void tell(struct media_leg *leg)
{
	struct verdict *v = &leg->verdict;

	v->due_ms = 0;
	report_event(leg, MEDIA_EV_TLS_FAILED, v->error, v->cause, &v->peer);
}

static void wait_is_over(struct leg_timer *t)
{
	tell((struct media_leg *)(void *)((char *)t - offsetof(struct media_leg, verdict.timer)));
}

bool verdict_is_open(const struct media_leg *leg)
{
	return leg->verdict.due_ms != 0;
}

void verdict_failed(struct media_leg *leg, enum media_tls_cause cause, int error,
		    const struct netaddr *peer)
{
	struct verdict *v = &leg->verdict;
	uint32_t wait_ms = leg->media->cfg.tls_retry_ms;

	v->cause = cause;
	v->error = error;
	v->peer = *peer;
	if (!wait_ms) {
		tell(leg);
		return;
	}
	report_event(leg, MEDIA_EV_TLS_RETRY, error, cause, peer);
	if (verdict_is_open(leg))
		return;
	v->due_ms = leg->worker->now_ms + wait_ms;
	verdict_rearm(leg);
}

void verdict_final(struct media_leg *leg, enum media_tls_cause cause, int error,
		   const struct netaddr *peer)
{
	verdict_clear(leg);
	report_event(leg, MEDIA_EV_TLS_FAILED, error, cause, peer);
}

void verdict_clear(struct media_leg *leg)
{
	leg_timer_cancel(leg->worker, &leg->verdict.timer);
	leg->verdict.due_ms = 0;
}

void verdict_pause(struct media_leg *leg)
{
	leg_timer_cancel(leg->worker, &leg->verdict.timer);
}

void verdict_rearm(struct media_leg *leg)
{
	if (verdict_is_open(leg))
		leg_timer_arm(leg->worker, &leg->verdict.timer, leg->verdict.due_ms, wait_is_over);
}
