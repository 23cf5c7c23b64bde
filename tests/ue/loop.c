/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "ue/loop.h"

#define BATCH 32

static int ep = -1;
static struct epoll_event batch[BATCH];
static int batch_n;
static struct timer timers = {.next = &timers, .prev = &timers}; /* sorted by at */

int loop_open(void)
{
	ep = epoll_create1(EPOLL_CLOEXEC);
	return ep < 0 ? -1 : 0;
}

void loop_close(void)
{
	if (ep >= 0)
		close(ep);
	ep = -1;
}

uint64_t loop_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

uint64_t wall_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

int loop_add(struct io *io, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.ptr = io};

	return epoll_ctl(ep, EPOLL_CTL_ADD, io->fd, &ev);
}

int loop_change(struct io *io, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.ptr = io};

	return epoll_ctl(ep, EPOLL_CTL_MOD, io->fd, &ev);
}

void loop_del(struct io *io)
{
	if (io->fd < 0)
		return;
	epoll_ctl(ep, EPOLL_CTL_DEL, io->fd, NULL);
	/* What the present batch still holds for it is void. */
	for (int i = 0; i < batch_n; i++)
		if (batch[i].data.ptr == io)
			batch[i].data.ptr = NULL;
}

void io_close(struct io *io)
{
	if (io->fd < 0)
		return;
	loop_del(io);
	close(io->fd);
	io->fd = -1;
}

void loop_start(struct timer *t, uint64_t at_ms, void (*fire)(struct timer *t), void *owner)
{
	struct timer *after;

	loop_stop(t);
	after = timers.prev;
	t->armed = true;
	t->at = at_ms;
	t->fire = fire;
	t->owner = owner;
	/* New timers are mostly the latest: look from the end. */
	while (after != &timers && after->at > at_ms)
		after = after->prev;
	t->prev = after;
	t->next = after->next;
	after->next->prev = t;
	after->next = t;
}

void loop_stop(struct timer *t)
{
	if (!t->armed)
		return;
	t->prev->next = t->next;
	t->next->prev = t->prev;
	t->armed = false;
}

static void run_timers(void)
{
	uint64_t now = loop_now_ms();

	while (timers.next != &timers && timers.next->at <= now) {
		struct timer *t = timers.next;

		loop_stop(t);
		t->fire(t);
	}
}

void loop_once(uint64_t until_ms)
{
	uint64_t now = loop_now_ms(), wake = until_ms;
	int wait;

	if (timers.next != &timers && timers.next->at < wake)
		wake = timers.next->at;
	wait = wake <= now ? 0 : wake - now > 60000 ? 60000 : (int)(wake - now);
	batch_n = epoll_wait(ep, batch, BATCH, wait);
	if (batch_n < 0)
		batch_n = 0;
	for (int i = 0; i < batch_n; i++) {
		struct io *io = batch[i].data.ptr;

		if (io)
			io->ready(io, batch[i].events);
	}
	batch_n = 0;
	run_timers();
}
