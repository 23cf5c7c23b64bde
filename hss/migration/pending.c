/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/migration/pending.h"

#include <string.h>

void pending_init(struct pending *p, unsigned int most, unsigned int most_of_one)
{
	memset(p, 0, sizeof(*p));
	pthread_mutex_init(&p->lock, NULL);
	p->most = most < PENDING_MAX ? most : PENDING_MAX;
	p->most_of_one = most_of_one;
	for (unsigned int i = 0; i < PENDING_MAX; i++) {
		p->slot[i].next_free = i + 1;
		p->slot[i].number = i; /* the slot is what is left of it over PENDING_MAX */
	}
}

uintptr_t pending_add(struct pending *p, unsigned int system, int64_t until_ms, void *item)
{
	struct pending_slot *s;
	uintptr_t number = 0;

	pthread_mutex_lock(&p->lock);
	if (p->n < p->most && p->of[system] < p->most_of_one) {
		s = &p->slot[p->free_first];
		p->free_first = s->next_free;
		s->number += PENDING_MAX;
		s->item = item;
		s->until_ms = until_ms;
		s->system = system;
		p->n++;
		p->of[system]++;
		number = s->number;
	}
	pthread_mutex_unlock(&p->lock);
	return number;
}

/* Under the lock. */
static void *take(struct pending *p, unsigned int i)
{
	struct pending_slot *s = &p->slot[i];
	void *item = s->item;

	s->item = NULL;
	s->next_free = p->free_first;
	p->free_first = i;
	p->n--;
	p->of[s->system]--;
	return item;
}

void *pending_take(struct pending *p, uintptr_t number)
{
	const unsigned int i = (unsigned int)(number % PENDING_MAX);
	void *item = NULL;

	pthread_mutex_lock(&p->lock);
	if (p->slot[i].item && p->slot[i].number == number)
		item = take(p, i);
	pthread_mutex_unlock(&p->lock);
	return item;
}

void *pending_late(struct pending *p, int64_t now_ms)
{
	void *item = NULL;

	pthread_mutex_lock(&p->lock);
	for (unsigned int i = 0; p->n && i < PENDING_MAX && !item; i++)
		if (p->slot[i].item && p->slot[i].until_ms <= now_ms)
			item = take(p, i);
	pthread_mutex_unlock(&p->lock);
	return item;
}

unsigned int pending_count(struct pending *p)
{
	unsigned int n;

	pthread_mutex_lock(&p->lock);
	n = p->n;
	pthread_mutex_unlock(&p->lock);
	return n;
}
