/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internal: a heap of deadlines, the next one first. A timer is embedded in what it times. */
#ifndef H248_TIMER_H
#define H248_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct h248_timer {
	int64_t at;    /* ms */
	uint32_t pos;  /* 1-based place in the heap; 0 = not running */
	uint32_t kind; /* the owner's */
};
struct h248_timer_heap {
	struct h248_timer **slot; /* slot[0] unused */
	uint32_t count, size;
};

/* Room for one more timer than are running. 0, or -1 without memory. */
int timer_reserve(struct h248_timer_heap *heap);
/* Start or move a timer; never fails after timer_reserve(). */
void timer_set(struct h248_timer_heap *heap, struct h248_timer *timer, int64_t at);
void timer_stop(struct h248_timer_heap *heap, struct h248_timer *timer);
/* The next one due at now, taken out; NULL if none is. */
struct h248_timer *timer_due(struct h248_timer_heap *heap, int64_t now_ms);
/* Milliseconds to the next; 0 = due; -1 = none. */
int64_t timer_wait(const struct h248_timer_heap *heap, int64_t now_ms);
void timer_heap_free(struct h248_timer_heap *heap);

#endif
