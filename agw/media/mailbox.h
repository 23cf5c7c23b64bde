/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages from one thread to another without a lock: senders push onto an atomic list, the one
 * reader takes the whole list and turns it round. Order per sender is kept. The reader sleeps on an
 * eventfd that is written only when the box was empty.
 */
#ifndef AGW_MEDIA_MAILBOX_H
#define AGW_MEDIA_MAILBOX_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct mail {
	struct mail *next;
};

struct mailbox {
	_Atomic(struct mail *) head;
	int event_fd;
};

/* Returns 0, or -1 with errno when no eventfd can be had. */
static inline int mailbox_open(struct mailbox *b)
{
	atomic_init(&b->head, NULL);
	b->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return b->event_fd < 0 ? -1 : 0;
}

/* What is still in the box is the caller's to take out first. */
static inline void mailbox_close(struct mailbox *b)
{
	if (b->event_fd >= 0)
		close(b->event_fd);
	b->event_fd = -1;
}

/* Wake the reader without mail. An eventfd write of 1 fails only when the counter is full: then the
 * reader is awake anyway. */
static inline void mailbox_ring(struct mailbox *b)
{
	uint64_t one = 1;

	if (write(b->event_fd, &one, sizeof(one)) < 0)
		return;
}

static inline void mailbox_post(struct mailbox *b, struct mail *m)
{
	struct mail *head = atomic_load_explicit(&b->head, memory_order_relaxed);

	do
		m->next = head;
	while (!atomic_compare_exchange_weak_explicit(&b->head, &head, m, memory_order_release,
						      memory_order_relaxed));
	if (!head)
		mailbox_ring(b);
}

/* All mail, oldest first; NULL if there is none. Clears the eventfd. */
static inline struct mail *mailbox_take(struct mailbox *b)
{
	struct mail *m, *out = NULL;
	uint64_t count;

	if (read(b->event_fd, &count, sizeof(count)) < 0)
		count = 0;
	m = atomic_exchange_explicit(&b->head, NULL, memory_order_acquire);
	while (m) {
		struct mail *next = m->next;

		m->next = out;
		out = m;
		m = next;
	}
	return out;
}

#endif
