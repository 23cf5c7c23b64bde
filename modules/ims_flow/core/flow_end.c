/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ends of flow sets, by command and by the clock. */
#include "modules/ims_flow/core/flow_life.h"
#include "modules/ims_flow/core/flow_pairs.h"

void flow_remove(struct flow_table *t, struct flow_set *f, struct flow_effects *fx)
{
	flow_change(f);
	for (unsigned i = 0; i < FLOW_SA_SETS; i++)
		flow_sa_remove(t, f, i, fx);
	flow_table_free(t, f);
}

/* The SAs must last until the set may go. */
static void stretch(struct flow_set *f, int64_t until, int64_t now, struct flow_effects *fx)
{
	for (int i = 0; i < FLOW_SA_SETS; i++)
		if ((f->sa[i].state == SA_IN_USE || f->sa[i].state == SA_NEW) &&
		    f->sa[i].ends_ms < until) {
			f->sa[i].ends_ms = until;
			flow_set_life(f, &f->sa[i], now, fx);
		}
}

static void close_set(struct flow_table *t, struct flow_set *f, enum flow_event event,
		      const char *reason, const struct flow_timers *tm, int64_t now,
		      struct flow_effects *fx)
{
	struct state_step step = state_step(&flow_set_table, f->state, event);
	bool was_closing = f->state == FLOW_CLOSING;

	if (!step.allowed)
		return;
	flow_change(f);
	f->state = step.next;
	if (step.next == FLOW_CLOSING && !was_closing) {
		f->held_ms = 0;
		f->closes_ms = now + tm->linger_ms;
		stretch(f, f->closes_ms, now, fx);
		flow_settle_all(t, f, fx);
		flow_tell(fx, FLOW_NOTICE_DEAD, f, 0, reason);
	}
	flow_changed(f);
}

void flow_end(struct flow_table *t, struct flow_set *f, const char *reason,
	      const struct flow_timers *tm, int64_t now, struct flow_effects *fx)
{
	close_set(t, f, f->held_ms > now ? FLOW_EVENT_ENDED_HELD : FLOW_EVENT_ENDED, reason, tm,
		  now, fx);
}

void flow_drop(struct flow_table *t, struct flow_set *f, const char *reason,
	       const struct flow_timers *tm, int64_t now, struct flow_effects *fx)
{
	close_set(t, f, FLOW_EVENT_DROPPED, reason, tm, now, fx);
}

void flow_hold(struct flow_table *t, struct flow_set *f, int64_t until_ms,
	       const struct flow_timers *tm, int64_t now, struct flow_effects *fx)
{
	flow_change(f);
	f->held_ms = until_ms;
	if (until_ms > now)
		stretch(f, until_ms + tm->slack_ms, now, fx);
	flow_changed(f);
	if (until_ms <= now && f->state == FLOW_HELD)
		close_set(t, f, FLOW_EVENT_ENDED, "expired", tm, now, fx);
}

static void tick_sas(struct flow_table *t, struct flow_set *f, const struct flow_timers *tm,
		     int64_t now, struct flow_effects *fx)
{
	for (int i = 0; i < FLOW_SA_SETS; i++) {
		struct sa_set *sa = &f->sa[i];

		if (sa->state == SA_NEW && now >= sa->accepted_ms + tm->linger_ms) {
			int64_t seen = f->seen_ms;

			flow_seen(t, f, i, tm, now, fx);
			f->seen_ms = seen;
		}
		if ((sa->state == SA_TEMPORARY || sa->state == SA_OLD) && now >= sa->ends_ms) {
			flow_change(f);
			flow_sa_remove(t, f, (unsigned)i, fx);
			flow_changed(f);
		}
	}
}

static void tick_set(struct flow_table *t, struct flow_set *f, const struct flow_timers *tm,
		     int64_t now, struct flow_effects *fx)
{
	tick_sas(t, f, tm, now, fx);
	switch ((enum flow_state)f->state) {
	case FLOW_PENDING:
	case FLOW_CLOSING:
		if (now >= f->closes_ms)
			flow_remove(t, f, fx);
		break;
	case FLOW_ACTIVE:
		if (now >= f->expires_ms + tm->slack_ms)
			flow_end(t, f, "expired", tm, now, fx);
		else if (f->keepalive_s &&
			 now >= f->seen_ms + f->keepalive_s * 1000ll + tm->silence_ms)
			flow_end(t, f, "silent", tm, now, fx);
		break;
	case FLOW_HELD:
		if (now >= f->held_ms)
			close_set(t, f, FLOW_EVENT_ENDED, "expired", tm, now, fx);
		break;
	default:
		break;
	}
}

bool flow_tick(struct flow_table *t, uint32_t *at, const struct flow_timers *tm, int64_t now,
	       struct flow_effects *fx)
{
	for (; *at < flow_table_max(t); ++*at) {
		struct flow_set *f = flow_at(t, *at);

		if (!flow_has_room(fx))
			return false;
		if (f)
			tick_set(t, f, tm, now, fx);
	}
	*at = 0;
	return true;
}
