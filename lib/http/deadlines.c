/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http/deadlines.h"

#include <sys/socket.h>

struct deadline *deadline_new(struct deadlines *of, int fd, int64_t now_ms)
{
	struct deadline *d = NULL;

	pthread_mutex_lock(&of->lock);
	for (size_t i = 0; i < HTTP_CONNECTIONS_MAX && !d; i++)
		if (i >= of->used || of->table[i].fd == -1) {
			d = &of->table[i];
			of->used = i >= of->used ? i + 1 : of->used;
			*d = (struct deadline){of, fd, now_ms};
		}
	pthread_mutex_unlock(&of->lock);
	return d;
}

void deadline_free(struct deadline *d)
{
	if (!d)
		return;
	pthread_mutex_lock(&d->of->lock);
	d->fd = -1;
	pthread_mutex_unlock(&d->of->lock);
}

void deadline_again(struct deadline *d, int64_t now_ms)
{
	if (!d)
		return;
	pthread_mutex_lock(&d->of->lock);
	d->since_ms = now_ms;
	pthread_mutex_unlock(&d->of->lock);
}

void deadline_hold(struct deadline *d)
{
	deadline_again(d, -1);
}

unsigned int deadlines_check(struct deadlines *of, int64_t now_ms)
{
	unsigned int n = 0;

	pthread_mutex_lock(&of->lock);
	for (size_t i = 0; i < of->used; i++) {
		struct deadline *d = &of->table[i];

		if (d->fd >= 0 && d->since_ms >= 0 && now_ms - d->since_ms >= HTTP_REQUEST_MS) {
			/* its owner closes it, and calls deadline_free() before */
			shutdown(d->fd, SHUT_RDWR);
			d->fd = -2;
			n++;
		}
	}
	pthread_mutex_unlock(&of->lock);
	return n;
}
