/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hierarchical timer wheel: arming and cancelling cost a few pointer writes whatever the number
 * of timers. Pure state: the caller passes the time in and holds whatever lock the wheel needs, so
 * the same code serves shared memory, a thread and a test with a driven clock.
 *
 * A timer is a node inside the caller's own object; the wheel never allocates. Resolution is one
 * tick; a timer never fires early and at most one tick late, as far as the caller calls
 * timer_wheel_advance() that often.
 */
#ifndef BASE_TIMER_WHEEL_H
#define BASE_TIMER_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMER_WHEEL_BITS   11
#define TIMER_WHEEL_SLOTS  (1u << TIMER_WHEEL_BITS)
#define TIMER_WHEEL_LEVELS 3

/* 32 bytes on a 64-bit machine. Zeroed memory is a timer that is not armed. */
struct wheel_timer {
	struct wheel_timer *next;
	struct wheel_timer **link; /* what points at this node; NULL when not armed */
	struct wheel_timer *ahead; /* a guess at the one after next, only ever prefetched */
	uint64_t due_ms;
};

struct timer_wheel {
	uint64_t origin_ms;
	uint64_t tick; /* the last tick that was processed */
	uint32_t tick_ms;
	size_t armed;
	struct wheel_timer *slots[TIMER_WHEEL_LEVELS][TIMER_WHEEL_SLOTS];
};

/* Called for each timer that is due, already disarmed: it may be armed again or its object freed.
 */
typedef void (*wheel_timer_h)(struct wheel_timer *t, void *arg);

/* Start an empty wheel at now_ms with a resolution of tick_ms (0 counts as 1). */
void timer_wheel_init(struct timer_wheel *w, uint64_t now_ms, uint32_t tick_ms);

/*
 * Let t fire at due_ms (of the caller's clock). A timer that is armed is moved. A time in the past
 * fires at the next advance. Times beyond 2^32 ticks ahead are looked at again when that many have
 * passed.
 */
void timer_wheel_arm(struct timer_wheel *w, struct wheel_timer *t, uint64_t due_ms);

/* Take t out; nothing happens if it is not armed. */
void timer_wheel_cancel(struct timer_wheel *w, struct wheel_timer *t);

/*
 * Move the wheel to now_ms and call fire for each timer due by then, at most max of them (0: no
 * limit). Returns how many fired; when that is max, call again. A clock that goes back is ignored.
 */
size_t timer_wheel_advance(struct timer_wheel *w, uint64_t now_ms, size_t max, wheel_timer_h fire,
			   void *arg);

/* Armed timers. */
static inline size_t timer_wheel_count(const struct timer_wheel *w)
{
	return w->armed;
}

static inline bool wheel_timer_armed(const struct wheel_timer *t)
{
	return t->link != NULL;
}

#endif
