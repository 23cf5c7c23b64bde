/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/send_guard.h"

#include <dlfcn.h>
#include <freeDiameter/freeDiameter-host.h>
#include <freeDiameter/libfdcore.h>

#include "daemon/log.h"
#include "hss/counters.h"

enum { PATIENCE_MS = 200, STEP_MS = 2 }; /* for a peer that does not read */

struct cnxctx;
typedef int (*out_send)(struct msg **msg, struct cnxctx *cnx, struct peer_hdr *peer, int answer);
typedef int (*fifo_post)(struct fifo *queue, void **item);

/* In place of libfdcore's own: see send_guard.h. */
int fd_out_send(struct msg **msg, struct cnxctx *cnx, struct peer_hdr *peer, int answer);
int fd_fifo_post_internal(struct fifo *queue, void **item);

static out_send real;
static fifo_post real_post;
static __thread bool sending; /* fd_out_send() is at work on this thread */
static pthread_mutex_t posting = PTHREAD_MUTEX_INITIALIZER;

int send_guard_start(void)
{
	*(void **)&real = dlsym(RTLD_NEXT, "fd_out_send");
	*(void **)&real_post = dlsym(RTLD_NEXT, "fd_fifo_post_internal");
	return real && real_post ? 0 : ENOSYS;
}

static bool has_room(struct fifo *queue)
{
	int count = 0, limit = 0;

	return fd_fifo_getstats(queue, &count, &limit, NULL, NULL, NULL, NULL, NULL) || !limit ||
	       count < limit;
}

/* Post if there is room, so that it does not wait. Returns EAGAIN if there is none. */
static int post_now(struct fifo *queue, void **item)
{
	int cancel, err = EAGAIN;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel); /* not with the lock held */
	pthread_mutex_lock(&posting);
	if (has_room(queue))
		err = real_post(queue, item);
	pthread_mutex_unlock(&posting);
	pthread_setcancelstate(cancel, NULL);
	return err;
}

int fd_fifo_post_internal(struct fifo *queue, void **item)
{
	const struct timespec step = {0, STEP_MS * 1000000L};
	int err;

	if (!sending)
		return real_post(queue, item);
	err = post_now(queue, item);
	for (int ms = 0; err == EAGAIN && ms < PATIENCE_MS; ms += STEP_MS) {
		nanosleep(&step, NULL);
		err = post_now(queue, item);
	}
	return err;
}

static bool is_answer(struct msg *msg)
{
	struct msg_hdr *hdr;

	return msg && fd_msg_hdr(msg, &hdr) == 0 && !(hdr->msg_flags & CMD_FLAG_REQUEST);
}

static bool connected(struct peer_hdr *peer)
{
	switch (fd_peer_get_state(peer)) {
	case STATE_OPEN:
	case STATE_OPEN_NEW:
	case STATE_REOPEN:
	case STATE_SUSPECT:
	case STATE_CLOSING_GRACE:
		return true;
	}
	return false;
}

static int drop(struct msg **msg, const struct peer_hdr *peer)
{
	log_line(LOG_INFO, "an answer for %s is dropped: it does not read, or has gone",
		 peer ? peer->info.pi_diamid : "a peer");
	counter_add(COUNT_answers_lost, 1);
	fd_msg_free(*msg);
	*msg = NULL;
	return 0;
}

int fd_out_send(struct msg **msg, struct cnxctx *cnx, struct peer_hdr *peer, int answer)
{
	bool ours = msg && is_answer(*msg);
	int err;

	if (ours && !cnx && peer && !connected(peer))
		return drop(msg, peer);
	sending = true;
	err = real(msg, cnx, peer, answer);
	sending = false;
	return err && ours && *msg ? drop(msg, peer) : err;
}
