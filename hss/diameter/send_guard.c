/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/send_guard.h"

#include <dlfcn.h>
#include <freeDiameter/freeDiameter-host.h>
#include <freeDiameter/libfdcore.h>

#include "daemon/log.h"
#include "hss/config.h"
#include "hss/counters.h"
#include "hss/diameter/admission.h"
#include "hss/diameter/server.h"

enum {
	PATIENCE_MS = 200, /* for a peer that does not read */
	STEP_MS = 2,
	FOUND_MS = 10,	  /* a routing thread that has found a peer sends to it by then */
	UNREAD_MAX = 256, /* messages of a connection that its peer's thread has not looked at */
	WAKE_MS = 1200,	  /* a routing thread has seen by then that it shall end */
};

struct cnxctx;
struct sr_list;
typedef int (*out_send)(struct msg **msg, struct cnxctx *cnx, struct peer_hdr *peer, int routed);
typedef int (*fifo_post)(struct fifo *queue, void **item, int beyond);
typedef int (*peer_state)(struct peer_hdr *peer);
typedef int (*out_stop)(struct peer_hdr *peer);
typedef int (*peer_free)(struct peer_hdr **peer);
typedef int (*rtdisp)(void);
typedef int (*sr_store)(struct sr_list *list, struct msg **req, uint32_t *hop, uint32_t restore);
typedef int (*psm_change)(struct peer_hdr *peer, int state);
typedef int (*cnx_send)(struct cnxctx *cnx, unsigned char *octets, size_t len);

/* In place of libfdcore's own: see send_guard.h. */
int fd_out_send(struct msg **msg, struct cnxctx *cnx, struct peer_hdr *peer, int routed);
int fd_fifo_post_internal(struct fifo *queue, void **item, int beyond);
int fd_out_stop(struct peer_hdr *peer);
int fd_peer_free(struct peer_hdr **peer);
int fd_psm_change_state(struct peer_hdr *peer, int state);
int fd_rtdisp_fini(void);
int fd_p_sr_store(struct sr_list *list, struct msg **req, uint32_t *hop, uint32_t restore);
int fd_cnx_send(struct cnxctx *cnx, unsigned char *octets, size_t len);

static out_send real;
static fifo_post real_post;
static peer_state real_state;
static out_stop real_stop;
static peer_free real_free;
static psm_change real_change;
static rtdisp real_fini;
static sr_store real_store;
static cnx_send real_cnx_send;
static struct fifo **incoming, **local; /* libfdcore's queues of messages that have come */

static __thread bool receiving;		    /* this thread reads from a connection */
static __thread bool sending;		    /* fd_out_send() is at work on this thread */
static __thread struct peer_hdr *routed_to; /* and this is no thread of that peer */
static pthread_mutex_t posting = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t peers_used = PTHREAD_RWLOCK_INITIALIZER;
/* Held for reading by a thread whose request can be answered already, but that still looks at it. */
static pthread_rwlock_t requests_read = PTHREAD_RWLOCK_INITIALIZER;
static __thread bool reading; /* this thread holds it */
static __thread int reading_cancel;

int send_guard_start(void)
{
	*(void **)&real = dlsym(RTLD_NEXT, "fd_out_send");
	*(void **)&real_post = dlsym(RTLD_NEXT, "fd_fifo_post_internal");
	*(void **)&real_state = dlsym(RTLD_NEXT, "fd_peer_get_state");
	*(void **)&real_stop = dlsym(RTLD_NEXT, "fd_out_stop");
	*(void **)&real_free = dlsym(RTLD_NEXT, "fd_peer_free");
	*(void **)&real_change = dlsym(RTLD_NEXT, "fd_psm_change_state");
	*(void **)&real_fini = dlsym(RTLD_NEXT, "fd_rtdisp_fini");
	*(void **)&real_store = dlsym(RTLD_NEXT, "fd_p_sr_store");
	*(void **)&real_cnx_send = dlsym(RTLD_NEXT, "fd_cnx_send");
	*(void **)&incoming = dlsym(RTLD_NEXT, "fd_g_incoming");
	*(void **)&local = dlsym(RTLD_NEXT, "fd_g_local");
	return real && real_post && real_state && real_stop && real_free && real_change &&
		       real_fini && real_store && real_cnx_send && incoming && local
		   ? 0
		   : ENOSYS;
}

static void nap(int ms)
{
	const struct timespec time = {ms / 1000, ms % 1000 * 1000000L};

	nanosleep(&time, NULL);
}

static bool has_room(struct fifo *queue)
{
	int count = 0, limit = 0;

	return fd_fifo_getstats(queue, &count, &limit, NULL, NULL, NULL, NULL, NULL) || !limit ||
	       count < limit;
}

/*
 * Post if there is room, so that it does not wait. Returns EAGAIN if there is none, ENOTCONN if the
 * peer has no thread any more that sends what is queued.
 */
static int post_now(struct fifo *queue, void **item)
{
	int err = EAGAIN;

	pthread_mutex_lock(&posting);
	if (routed_to && real_state(routed_to) != STATE_OPEN)
		err = ENOTCONN;
	else if (has_room(queue))
		err = real_post(queue, item, 1);
	pthread_mutex_unlock(&posting);
	return err;
}

/* Queues for which somebody has waited in vain, and how many messages had left them by then. */
static struct {
	struct fifo *queue;
	long long taken;
} stuck[CONFIG_PEERS_MAX];
static size_t next_stuck;

static long long taken_from(struct fifo *queue)
{
	long long taken = 0;

	fd_fifo_getstats(queue, NULL, NULL, NULL, &taken, NULL, NULL, NULL);
	return taken;
}

/* Has nothing left the queue since it was waited for? set: remember that it was. */
static bool is_stuck(struct fifo *queue, bool set)
{
	long long taken = taken_from(queue);
	size_t at = CONFIG_PEERS_MAX;
	bool same;

	pthread_mutex_lock(&posting);
	for (size_t i = 0; i < CONFIG_PEERS_MAX; i++)
		if (stuck[i].queue == queue)
			at = i;
	same = at < CONFIG_PEERS_MAX && stuck[at].taken == taken;
	if (set && at == CONFIG_PEERS_MAX)
		at = next_stuck++ % CONFIG_PEERS_MAX;
	if (set) {
		stuck[at].queue = queue;
		stuck[at].taken = taken;
	}
	pthread_mutex_unlock(&posting);
	return same;
}

/* One that does not read is waited for once, not for each of its answers: others wait behind it. */
static int post_soon(struct fifo *queue, void **item)
{
	int err = post_now(queue, item);

	if (err != EAGAIN || is_stuck(queue, false))
		return err;
	for (int ms = 0; err == EAGAIN && ms < PATIENCE_MS; ms += STEP_MS) {
		nap(STEP_MS);
		err = post_now(queue, item);
	}
	if (err == EAGAIN)
		is_stuck(queue, true);
	return err;
}

void send_guard_receiving(void)
{
	receiving = true;
}

/* The queue from a connection to the thread of its peer has no limit of its own. */
static void wait_for_reader(struct fifo *queue)
{
	int count = 0;

	while (fd_fifo_getstats(queue, &count, NULL, NULL, NULL, NULL, NULL, NULL) == 0 &&
	       count >= UNREAD_MAX)
		nap(STEP_MS);
}

/* The thread of a peer hands on what has come. */
static int post_incoming(void **item, int beyond)
{
	switch (admission_of((struct msg *)*item)) {
	case ADMITTED: /* they have a bound of their own: the thread of a peer never waits */
		return real_post(*incoming, item, 1);
	case ADMITTED_LOCALLY:
		return real_post(*local, item, 1);
	case ADMISSION_BUSY:
		server_refuse((struct msg *)*item, RESULT_TOO_BUSY);
		break;
	case ADMISSION_OTHER_REALM:
		server_refuse((struct msg *)*item, RESULT_REALM_NOT_SERVED);
		break;
	case ADMISSION_NOT_ASKED:
		return real_post(*incoming, item, beyond);
	}
	*item = NULL;
	return 0;
}

int fd_fifo_post_internal(struct fifo *queue, void **item, int beyond)
{
	int cancel, err;

	if (incoming && queue == *incoming && queue)
		return post_incoming(item, beyond);
	if (receiving)
		wait_for_reader(queue);
	if (!sending)
		return real_post(queue, item, beyond);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel); /* not with the lock held */
	err = post_soon(queue, item);
	pthread_setcancelstate(cancel, NULL);
	return err;
}

/*
 * libfdcore asks this to choose between the queue of the peer and its connection. Only threads of
 * the peer may touch the connection; post_now() looks whether the queue still is the right one.
 */
int fd_peer_get_state(struct peer_hdr *peer)
{
	return peer && peer == routed_to ? STATE_OPEN : real_state(peer);
}

/* The peer has left STATE_OPEN, and libfdcore is about to empty its queue. */
int fd_out_stop(struct peer_hdr *peer)
{
	int cancel;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	pthread_mutex_lock(&posting); /* who has seen it open has posted by now */
	pthread_mutex_unlock(&posting);
	pthread_setcancelstate(cancel, NULL);
	return real_stop(peer);
}

/*
 * A connection after one that broke would be in STATE_REOPEN until three watchdogs have been answered
 * (RFC 3539 3.4.1). libfdcore takes requests in it, and throws their answers away.
 */
int fd_psm_change_state(struct peer_hdr *peer, int state)
{
	return real_change(peer, state == STATE_REOPEN ? STATE_OPEN : state);
}

/* The peer is in no list any more, so nobody finds it; but who has found it may be sending. */
int fd_peer_free(struct peer_hdr **peer)
{
	int cancel, err;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	nap(FOUND_MS);
	pthread_rwlock_wrlock(&peers_used);
	err = real_free(peer);
	pthread_rwlock_unlock(&peers_used);
	pthread_setcancelstate(cancel, NULL);
	return err;
}

/*
 * It deletes the queues of the routing threads, and aborts if those that wait there have not left 20
 * milliseconds later, which a busy machine cannot promise. They wait for a second at most, and know
 * that they shall end.
 */
int fd_rtdisp_fini(void)
{
	nap(WAKE_MS);
	return real_fini();
}

/* This thread does not look at its request any more. */
static void request_read(void)
{
	if (!reading)
		return;
	reading = false;
	pthread_rwlock_unlock(&requests_read);
	pthread_setcancelstate(reading_cancel, NULL);
}

/*
 * From here on an answer, or the end of its time, takes the request away and frees it on another
 * thread; but libfdcore still hands it to the hooks, before it sends the octets that it has made of
 * it. Who frees requests waits until that is over.
 */
int fd_p_sr_store(struct sr_list *list, struct msg **req, uint32_t *hop, uint32_t restore)
{
	int err;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &reading_cancel);
	pthread_rwlock_rdlock(&requests_read);
	reading = true;
	err = real_store(list, req, hop, restore);
	if (err)
		request_read();
	return err;
}

int fd_cnx_send(struct cnxctx *cnx, unsigned char *octets, size_t len)
{
	request_read();
	return real_cnx_send(cnx, octets, len);
}

void send_guard_free(struct msg *msg)
{
	pthread_rwlock_wrlock(&requests_read);
	pthread_rwlock_unlock(&requests_read);
	fd_msg_free(msg);
}

static bool is_answer(struct msg *msg)
{
	struct msg_hdr *hdr;

	return msg && fd_msg_hdr(msg, &hdr) == 0 && !(hdr->msg_flags & CMD_FLAG_REQUEST);
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

/* Into the queue of the peer, which is not freed meanwhile, or nowhere. */
static int send_to(struct msg **msg, struct peer_hdr *peer)
{
	bool answer = is_answer(*msg);
	int err = ENOTCONN;

	if (peer && real_state(peer) == STATE_OPEN) {
		sending = true;
		routed_to = peer;
		err = real(msg, NULL, peer, 1);
		routed_to = NULL;
		sending = false;
	}
	return err && answer && *msg ? drop(msg, peer) : err;
}

/* From a routing thread. */
static int send_routed(struct msg **msg, struct peer_hdr *peer)
{
	int cancel, err;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	pthread_rwlock_rdlock(&peers_used);
	err = send_to(msg, peer);
	pthread_rwlock_unlock(&peers_used);
	pthread_setcancelstate(cancel, NULL);
	return err;
}

/* Who asked, under the lock; *peer is NULL if he has gone. An answer has the hop-by-hop identifier of its request. */
static int find_asker(struct msg *answer, struct peer_hdr **peer)
{
	struct msg_hdr *asked, *hdr;
	struct msg *request = NULL;
	DiamId_t id = NULL;
	size_t len = 0;
	int err = fd_msg_answ_getq(answer, &request);

	if (err == 0)
		err = fd_msg_source_get(request, &id, &len);
	if (err == 0)
		err = fd_msg_hdr(request, &asked) || fd_msg_hdr(answer, &hdr) || !id ? EINVAL : 0;
	if (err == 0)
		hdr->msg_hbhid = asked->msg_hbhid;
	return err ? err : fd_peer_getbyid(id, len, 0, peer);
}

int send_guard_answer(struct msg **msg)
{
	struct peer_hdr *peer = NULL;
	int cancel, err;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	pthread_rwlock_rdlock(&peers_used);
	err = find_asker(*msg, &peer);
	if (err == 0)
		err = send_to(msg, peer);
	pthread_rwlock_unlock(&peers_used);
	pthread_setcancelstate(cancel, NULL);
	return err;
}

int fd_out_send(struct msg **msg, struct cnxctx *cnx, struct peer_hdr *peer, int routed)
{
	int err;

	if (routed && !cnx && peer && msg && *msg)
		return send_routed(msg, peer);
	sending = true;
	err = real(msg, cnx, peer, routed);
	sending = false;
	return err && msg && *msg && is_answer(*msg) ? drop(msg, peer) : err;
}
