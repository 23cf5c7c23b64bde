/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A queue in shared memory: any process puts something at its end, any takes the first away. What
 * waits has its link as first member, so that putting it there cannot fail for want of memory. A
 * bounded queue counts places: who must know that there is one before he has something to put takes
 * it first. The queue's lock is the last one taken: nothing is called under it but kam_queue_pop_if()'s
 * question.
 */
#ifndef KAM_QUEUE_H
#define KAM_QUEUE_H

#include <stdbool.h>

struct kam_link {
	struct kam_link *next;
};

struct kam_queue;

/* An empty queue, for the life of Kamailio; max: places, 0: any number. NULL: no memory (logged). */
struct kam_queue *kam_queue_new(unsigned max);

/* Put l behind all that waits. Its owner is who takes it. False: full; l stays the caller's. */
bool kam_queue_push(struct kam_queue *q, struct kam_link *l);

/* The same in two steps: take a place (false: full), then put something there, or give it back. */
bool kam_queue_take_place(struct kam_queue *q);
void kam_queue_give_place(struct kam_queue *q);
void kam_queue_put(struct kam_queue *q, struct kam_link *l);

/* The first, which is the caller's then; NULL: none waits. */
struct kam_link *kam_queue_pop(struct kam_queue *q);

/* The first, if wanted() says so of it; NULL: none, or it is not. */
struct kam_link *kam_queue_pop_if(struct kam_queue *q,
				  bool (*wanted)(const struct kam_link *l, void *arg), void *arg);

/* All that waits, the first first, by their links; the queue is empty then. */
struct kam_link *kam_queue_take_all(struct kam_queue *q);

#endif
