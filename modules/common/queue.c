/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/common/queue.h"

#include "../../core/locking.h"
#include "../../core/mem/shm_mem.h"

struct kam_queue {
	gen_lock_t lock;
	struct kam_link *first, **last;
	unsigned taken, max; /* places; max 0: any number */
};

struct kam_queue *kam_queue_new(unsigned max)
{
	struct kam_queue *q = shm_malloc(sizeof(*q));

	if (!q || !lock_init(&q->lock)) {
		SHM_MEM_ERROR;
		return NULL;
	}
	q->first = NULL;
	q->last = &q->first;
	q->taken = 0;
	q->max = max;
	return q;
}

static bool take(struct kam_queue *q)
{
	if (q->max && q->taken >= q->max)
		return false;
	q->taken++;
	return true;
}

static void append(struct kam_queue *q, struct kam_link *l)
{
	l->next = NULL;
	*q->last = l;
	q->last = &l->next;
}

bool kam_queue_push(struct kam_queue *q, struct kam_link *l)
{
	bool room;

	lock_get(&q->lock);
	room = take(q);
	if (room)
		append(q, l);
	lock_release(&q->lock);
	return room;
}

bool kam_queue_take_place(struct kam_queue *q)
{
	bool room;

	lock_get(&q->lock);
	room = take(q);
	lock_release(&q->lock);
	return room;
}

void kam_queue_give_place(struct kam_queue *q)
{
	lock_get(&q->lock);
	q->taken--;
	lock_release(&q->lock);
}

void kam_queue_put(struct kam_queue *q, struct kam_link *l)
{
	lock_get(&q->lock);
	append(q, l);
	lock_release(&q->lock);
}

struct kam_link *kam_queue_pop_if(struct kam_queue *q,
				  bool (*wanted)(const struct kam_link *l, void *arg), void *arg)
{
	struct kam_link *l;

	lock_get(&q->lock);
	l = q->first;
	if (l && wanted && !wanted(l, arg))
		l = NULL;
	if (l) {
		q->first = l->next;
		if (!q->first)
			q->last = &q->first;
		q->taken--;
	}
	lock_release(&q->lock);
	return l;
}

struct kam_link *kam_queue_pop(struct kam_queue *q)
{
	return kam_queue_pop_if(q, NULL, NULL);
}

/* Places that were taken and not yet filled stay taken. */
struct kam_link *kam_queue_take_all(struct kam_queue *q)
{
	struct kam_link *all;

	lock_get(&q->lock);
	all = q->first;
	for (const struct kam_link *l = all; l; l = l->next)
		q->taken--;
	q->first = NULL;
	q->last = &q->first;
	lock_release(&q->lock);
	return all;
}
