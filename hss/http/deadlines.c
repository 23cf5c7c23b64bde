/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/http/deadlines.h"

#include <pthread.h>
#include <stddef.h>
#include <sys/socket.h>

#include "hss/counters.h"

struct deadline {
	int fd;		  /* -1: free; -2: shut down */
	int64_t since_ms; /* -1: it waits for us */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct deadline table[HTTP_CONNECTIONS_MAX];
static size_t used; /* of the table, all free behind */

struct deadline *deadline_new(int fd, int64_t now_ms)
{
	struct deadline *d = NULL;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < HTTP_CONNECTIONS_MAX && !d; i++)
		if (i >= used || table[i].fd == -1) {
			d = &table[i];
			used = i >= used ? i + 1 : used;
			*d = (struct deadline){fd, now_ms};
		}
	pthread_mutex_unlock(&lock);
	return d;
}

void deadline_free(struct deadline *d)
{
	if (!d)
		return;
	pthread_mutex_lock(&lock);
	d->fd = -1;
	pthread_mutex_unlock(&lock);
}

void deadline_again(struct deadline *d, int64_t now_ms)
{
	if (!d)
		return;
	pthread_mutex_lock(&lock);
	d->since_ms = now_ms;
	pthread_mutex_unlock(&lock);
}

void deadline_hold(struct deadline *d)
{
	deadline_again(d, -1);
}

void deadlines_check(int64_t now_ms)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < used; i++)
		if (table[i].fd >= 0 && table[i].since_ms >= 0 &&
		    now_ms - table[i].since_ms >= HTTP_REQUEST_MS) {
			/* its owner closes it, and calls deadline_free() before */
			shutdown(table[i].fd, SHUT_RDWR);
			table[i].fd = -2;
			counter_add(COUNT_http_cut, 1);
		}
	pthread_mutex_unlock(&lock);
}
