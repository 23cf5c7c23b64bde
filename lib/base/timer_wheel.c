/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/timer_wheel.h"

#include <string.h>

#define MASK (TIMER_WHEEL_SLOTS - 1)
#define SPAN ((uint64_t)1 << (TIMER_WHEEL_BITS * TIMER_WHEEL_LEVELS))

/*
 * The nodes lie anywhere in memory, and waiting for the next one is nearly all that firing costs:
 * each keeps the address of the one two further on, so that two are on their way at a time. It may
 * have gone since: never followed.
 */
static void link_node(struct wheel_timer **head, struct wheel_timer *t)
{
	t->next = *head;
	t->link = head;
	t->ahead = NULL;
	if (t->next) {
		t->next->link = &t->next;
		t->ahead = t->next->next;
	}
	*head = t;
}

static void unlink_node(struct wheel_timer *t)
{
	*t->link = t->next;
	if (t->next)
		t->next->link = t->link;
	t->next = NULL;
	t->link = NULL;
}

/* The slot of a tick: the lowest level whose span still reaches it from here. */
static struct wheel_timer **slot_for(struct timer_wheel *w, uint64_t due)
{
	uint64_t ahead = due - w->tick;
	int level = 0;

	if (ahead >= SPAN) {
		/* Parked in the top level's farthest slot; the cascade looks at it again. */
		due = w->tick + SPAN - 1;
		ahead = SPAN - 1;
	}
	while (level < TIMER_WHEEL_LEVELS - 1 && ahead >> (TIMER_WHEEL_BITS * (level + 1)))
		level++;
	return &w->slots[level][(due >> (TIMER_WHEEL_BITS * level)) & MASK];
}

void timer_wheel_init(struct timer_wheel *w, uint64_t now_ms, uint32_t tick_ms)
{
	memset(w, 0, sizeof(*w));
	w->origin_ms = now_ms;
	w->tick_ms = tick_ms ? tick_ms : 1;
}

static uint64_t tick_of(const struct timer_wheel *w, uint64_t due_ms)
{
	return due_ms <= w->origin_ms ? 0 : (due_ms - w->origin_ms + w->tick_ms - 1) / w->tick_ms;
}

void timer_wheel_arm(struct timer_wheel *w, struct wheel_timer *t, uint64_t due_ms)
{
	uint64_t due = tick_of(w, due_ms);

	if (t->link)
		unlink_node(t);
	else
		w->armed++;
	t->due_ms = due_ms;
	link_node(slot_for(w, due <= w->tick ? w->tick + 1 : due), t);
}

void timer_wheel_cancel(struct timer_wheel *w, struct wheel_timer *t)
{
	if (!t->link)
		return;
	unlink_node(t);
	w->armed--;
}

/* Spread a slot of a higher level over the levels below it. */
static void cascade(struct timer_wheel *w, int level)
{
	size_t i = (w->tick >> (TIMER_WHEEL_BITS * level)) & MASK;
	struct wheel_timer *t = w->slots[level][i];

	w->slots[level][i] = NULL;
	while (t) {
		struct wheel_timer *next = t->next;

		__builtin_prefetch(t->ahead, 1);
		link_node(slot_for(w, tick_of(w, t->due_ms)), t);
		t = next;
	}
}

static void enter_tick(struct timer_wheel *w)
{
	w->tick++;
	for (int level = 1; level < TIMER_WHEEL_LEVELS; level++) {
		if (w->tick & (((uint64_t)1 << (TIMER_WHEEL_BITS * level)) - 1))
			break;
		cascade(w, level);
	}
}

size_t timer_wheel_advance(struct timer_wheel *w, uint64_t now_ms, size_t max, wheel_timer_h fire,
			   void *arg)
{
	uint64_t target = now_ms <= w->origin_ms ? 0 : (now_ms - w->origin_ms) / w->tick_ms;
	size_t fired = 0;

	for (;;) {
		struct wheel_timer **head = &w->slots[0][w->tick & MASK];

		/* What max left over of the current tick comes first. */
		while (*head) {
			struct wheel_timer *t = *head;

			if (max && fired == max)
				return fired;
			unlink_node(t);
			__builtin_prefetch(t->ahead, 1);
			w->armed--;
			fired++;
			fire(t, arg);
		}
		if (w->tick >= target)
			return fired;
		if (!w->armed) {
			w->tick = target;
			return fired;
		}
		enter_tick(w);
	}
}
