/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "h248/transaction/timer.h"

int timer_reserve(struct h248_timer_heap *heap)
{
	uint32_t size = heap->size ? heap->size * 2 : 16;
	struct h248_timer **slot;

	if (heap->count + 2 <= heap->size)
		return 0;
	slot = realloc(heap->slot, size * sizeof(slot[0]));
	if (!slot)
		return -1;
	heap->slot = slot;
	heap->size = size;
	return 0;
}

static void place(struct h248_timer_heap *heap, uint32_t pos, struct h248_timer *timer)
{
	heap->slot[pos] = timer;
	timer->pos = pos;
}

static void sift(struct h248_timer_heap *heap, struct h248_timer *timer, uint32_t pos)
{
	while (pos > 1 && timer->at < heap->slot[pos / 2]->at) {
		place(heap, pos, heap->slot[pos / 2]);
		pos /= 2;
	}
	for (uint32_t child; (child = pos * 2) <= heap->count; pos = child) {
		if (child < heap->count && heap->slot[child + 1]->at < heap->slot[child]->at)
			child++;
		if (timer->at <= heap->slot[child]->at)
			break;
		place(heap, pos, heap->slot[child]);
	}
	place(heap, pos, timer);
}

void timer_set(struct h248_timer_heap *heap, struct h248_timer *timer, int64_t at)
{
	timer->at = at;
	if (!timer->pos)
		timer->pos = ++heap->count;
	heap->slot[timer->pos] = timer;
	sift(heap, timer, timer->pos);
}

void timer_stop(struct h248_timer_heap *heap, struct h248_timer *timer)
{
	uint32_t pos = timer->pos;
	struct h248_timer *last;

	if (!pos)
		return;
	timer->pos = 0;
	last = heap->slot[heap->count--];
	if (last != timer)
		sift(heap, last, pos);
}

struct h248_timer *timer_due(struct h248_timer_heap *heap, int64_t now_ms)
{
	struct h248_timer *timer = heap->count ? heap->slot[1] : NULL;

	if (!timer || timer->at > now_ms)
		return NULL;
	timer_stop(heap, timer);
	return timer;
}

int64_t timer_wait(const struct h248_timer_heap *heap, int64_t now_ms)
{
	if (!heap->count)
		return -1;
	return heap->slot[1]->at > now_ms ? heap->slot[1]->at - now_ms : 0;
}

void timer_heap_free(struct h248_timer_heap *heap)
{
	free(heap->slot);
	*heap = (struct h248_timer_heap){0};
}
