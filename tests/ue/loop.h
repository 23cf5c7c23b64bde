/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The event loop: descriptors by epoll, timers in one list. Everything in ims-ue runs in it, in one
 * thread. */
#ifndef UE_LOOP_H
#define UE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

/* A descriptor that is watched. Owned by the caller, who must loop_del() it before it goes. */
struct io {
	int fd; /* -1: none */
	void (*ready)(struct io *io, uint32_t epoll_events);
	void *owner;
};

/* A timer, owned by the caller, who must loop_stop() it before it goes. Zero-initialise. */
struct timer {
	bool armed;
	uint64_t at; /* ms, loop clock */
	void (*fire)(struct timer *t);
	void *owner;
	struct timer *next, *prev;
};

/* Start and end of the loop's own resources. Returns 0 or -1 (errno). */
int loop_open(void);
void loop_close(void);

uint64_t loop_now_ms(void); /* monotonic; read anew at each call */
uint64_t wall_now_us(void);

/* Watch io->fd for EPOLL events; change them; stop. Returns 0 or -1 (errno). */
int loop_add(struct io *io, uint32_t events);
int loop_change(struct io *io, uint32_t events);
void loop_del(struct io *io); /* does not close */
void io_close(struct io *io); /* loop_del() and close */

void loop_start(struct timer *t, uint64_t at_ms, void (*fire)(struct timer *t), void *owner);
void loop_stop(struct timer *t);

/* Wait for at most until_ms (loop clock) and serve what happened; returns after the first batch. */
void loop_once(uint64_t until_ms);

#endif
