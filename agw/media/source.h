/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What wakes a worker: a descriptor that epoll tells of, or a timer. Private to agw/media. */
#ifndef AGW_MEDIA_SOURCE_H
#define AGW_MEDIA_SOURCE_H

#include <stdint.h>
#include "base/timer_wheel.h"

struct media_leg;
struct worker;

enum source_kind { SOURCE_MAILBOX, SOURCE_RTP, SOURCE_RTCP, SOURCE_LISTEN, SOURCE_CONN };

/* What an epoll event points at; the first member of the object it belongs to, or that object's
 * own. */
struct source {
	enum source_kind kind;
	struct media_leg *leg; /* NULL: a connection that was dropped earlier in this round */
};

/* Tell of fd from now on, or with another mask than before. 0, or -1 with errno. */
int source_watch(struct worker *w, int fd, uint32_t mask, struct source *s);
void source_forget(struct worker *w, int fd);

/* A timer of a worker's wheel and what it calls. */
struct leg_timer {
	struct wheel_timer wheel; /* first */
	void (*fire)(struct leg_timer *t);
};

/* Let t call fire at due_ms (media_now_ms()), or not at all. A timer that runs is moved. */
void leg_timer_arm(struct worker *w, struct leg_timer *t, int64_t due_ms,
		   void (*fire)(struct leg_timer *t));
void leg_timer_cancel(struct worker *w, struct leg_timer *t);

#endif
