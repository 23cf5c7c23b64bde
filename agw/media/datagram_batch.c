/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Datagrams between sockets and the relay: taken, relayed and sent in batches. */
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "agw/media/worker.h"

enum { SKIPS_MAX = 32 /* batches left out of one socket at once */ };

/*
 * sendto() and recvfrom() without libc's: those are places where a thread may be cancelled, and two
 * locked instructions round each call prepare for it. Nobody cancels a worker.
 */
static ssize_t send_one(const struct datagram_end *end, const void *p, size_t len)
{
	return syscall(SYS_sendto, end->fd, p, len, MSG_DONTWAIT,
		       end->connected ? NULL : &end->dest_sa, end->connected ? 0 : end->dest_len);
}

static ssize_t receive_one(int fd, void *p, struct sockaddr_storage *from)
{
	socklen_t len = sizeof(*from);

	return syscall(SYS_recvfrom, fd, p, DATAGRAM_MAX, MSG_DONTWAIT | MSG_TRUNC, from,
		       from ? &len : NULL);
}

/* Send what one batch left for one socket. An error that an ICMP message left on a connected socket
 * is reported on the next send, which has nothing to do with it: try once more. tries: how often it
 * has been tried. */
static void flush_batch(struct media_leg *to, struct datagram_end *end, struct mmsghdr *msgs,
			unsigned n, unsigned tries)
{
	unsigned sent = 0;

	while (sent < n && tries < 2) {
		int k;

		if (n - sent == 1) {
			const struct msghdr *h = &msgs[sent].msg_hdr;

			k = send_one(end, h->msg_iov->iov_base, h->msg_iov->iov_len) < 0 ? -1 : 1;
		} else {
			k = sendmmsg(end->fd, msgs + sent, n - sent, MSG_DONTWAIT);
		}
		if (k > 0)
			sent += (unsigned)k;
		else if (errno != EINTR)
			tries++;
	}
	if (sent < n)
		STAT_ADD(to->stats.send_failed, n - sent);
}

/*
 * The usual case: one packet. Asking for more costs a failing receive. The packets of one round are
 * received, relayed and sent together: each of the three by one system call where there is
 * io_uring, with its code at hand after the first, and when the memory they need has had time to
 * come.
 */
static void take_one(struct media_leg *leg, struct datagram_end *end)
{
	struct worker *w = leg->worker;

	if (w->n_taken == DATAGRAM_ROUND)
		datagram_relay_taken(w);
	leg_prefetch_in(leg);
	w->taken[w->n_taken++] =
	    (struct taken){.leg = leg, .end = end, .stranger = !end->connected};
}

/* Below so many a system call for each costs less. */
enum { TOGETHER = 3 };

static void receive_taken(struct worker *w)
{
	bool together = w->uring.open && w->n_taken >= TOGETHER;

	for (unsigned i = 0; i < w->n_taken; i++) {
		const struct taken *t = &w->taken[i];

		if (t->leg->partner)
			leg_prefetch_out(t->leg->partner);
		if (!together) {
			w->results[i] = (int)receive_one(t->end->fd, w->slots[i].data,
							 t->stranger ? &w->rx_from[i] : NULL);
		} else if (t->stranger) {
			w->rx[i].msg_hdr.msg_namelen = sizeof(w->rx_from[i]);
			uring_receive_from(&w->uring, t->end->fd, &w->rx[i].msg_hdr, i);
		} else {
			uring_receive(&w->uring, t->end->fd, w->slots[i].data, DATAGRAM_MAX, i);
		}
	}
	if (together)
		uring_run(&w->uring, w->results);
}

/* Both are looked at before anything is asked for: they would have to wait behind it. */
static void prefetch_crypto(const struct taken *t)
{
	const struct srtp_session *rx = &t->leg->d.srtp.rx;
	const struct srtp_session *tx = t->leg->partner ? &t->leg->partner->d.srtp.tx : rx;
	bool opens = rx->handle != NULL, closes = tx->handle != NULL && tx != rx;

	if (opens)
		srtp_session_prefetch(rx);
	if (closes)
		srtp_session_prefetch(tx);
}

/* What is received may latch, so each source is looked at after the packets before it. */
static void relay_received(struct worker *w)
{
	prefetch_crypto(&w->taken[0]);
	for (unsigned i = 0; i < w->n_taken; i++) {
		struct taken *t = &w->taken[i];

		if (i + 1 < w->n_taken)
			prefetch_crypto(t + 1);
		t->out = NULL;
		if (w->results[i] > DATAGRAM_MAX) {
			STAT_ADD(t->leg->stats.malformed, 1);
		} else if (w->results[i] >= 0) { /* else nothing, or an ICMP error read by this */
			t->len = (size_t)w->results[i];
			t->out = datagram_relay(t->leg, t->end, w->slots[i].data, &t->len,
						t->stranger ? &w->rx_from[i] : NULL);
		}
	}
}

/* Hand what is to be sent to the kernel together; results says how each fared. */
static void send_together(struct worker *w)
{
	for (unsigned i = 0; i < w->n_taken; i++) {
		const struct taken *t = &w->taken[i];

		if (!t->out)
			continue;
		if (t->out->connected) {
			uring_send(&w->uring, t->out->fd, w->slots[i].data, t->len, i);
			continue;
		}
		w->tx_iov[0][i] = (struct iovec){w->slots[i].data, t->len};
		w->tx[0][i].msg_hdr.msg_name = &t->out->dest_sa;
		w->tx[0][i].msg_hdr.msg_namelen = t->out->dest_len;
		uring_send_to(&w->uring, t->out->fd, &w->tx[0][i].msg_hdr, i);
	}
	uring_run(&w->uring, w->results);
}

static void send_relayed(struct worker *w)
{
	bool together = w->uring.open && w->n_taken >= TOGETHER;

	if (together)
		send_together(w);
	for (unsigned i = 0; i < w->n_taken; i++) {
		struct taken *t = &w->taken[i];

		if (!t->out || (together && w->results[i] >= 0))
			continue;
		w->tx_iov[0][0] = (struct iovec){w->slots[i].data, t->len};
		flush_batch(t->leg->partner, t->out, w->tx[0], 1, together ? 1 : 0);
	}
}

void datagram_relay_taken(struct worker *w)
{
	if (!w->n_taken)
		return;
	receive_taken(w);
	relay_received(w);
	send_relayed(w);
	w->n_taken = 0;
}

void datagram_batch_init(struct worker *w)
{
	for (int i = 0; i < DATAGRAM_ROUND; i++) {
		w->rx_iov[i].iov_base = w->slots[i].data;
		w->rx_iov[i].iov_len = DATAGRAM_MAX;
		w->rx[i].msg_hdr = (struct msghdr){
		    .msg_iov = &w->rx_iov[i], .msg_iovlen = 1, .msg_name = &w->rx_from[i]};
		w->tx[0][i].msg_hdr = (struct msghdr){.msg_iov = &w->tx_iov[0][i], .msg_iovlen = 1};
		w->tx[1][i].msg_hdr = (struct msghdr){.msg_iov = &w->tx_iov[1][i], .msg_iovlen = 1};
	}
}

static int take_batch(struct worker *w, int fd)
{
	for (int i = 0; i < DATAGRAM_BATCH; i++)
		w->rx[i].msg_hdr.msg_namelen = sizeof(w->rx_from[i]);
	return recvmmsg(fd, w->rx, DATAGRAM_BATCH, MSG_DONTWAIT, NULL);
}

/*
 * With more work than the worker can do, the sockets' queues would fill, and all that passes would
 * be seconds old, for long after the overload too. Old RTP is worth nothing: a full batch makes
 * room for what came after it, the oldest first, which is cheap. Returns where the oldest stands
 * now.
 */
static unsigned skip_to_newest(struct media_leg *leg, struct datagram_end *end)
{
	for (int i = 0; i < SKIPS_MAX; i++) {
		int newer = take_batch(leg->worker, end->fd);

		if (newer <= 0)
			break;
		STAT_ADD(leg->stats.overrun, newer);
		if (newer < DATAGRAM_BATCH)
			return (unsigned)newer;
	}
	return 0;
}

void datagram_leg_readable(struct media_leg *leg, struct datagram_end *end)
{
	struct worker *w = leg->worker;
	struct media_leg *to = leg->partner;
	struct datagram_end *way[2] = {NULL, NULL};
	unsigned count[2] = {0, 0}, first = 0;
	int n;

	if ((end->vetted || !end->connected) && !w->behind) {
		take_one(leg, end);
		return;
	}
	datagram_relay_taken(w); /* it has the slots */
	n = take_batch(w, end->fd);
	if (n < 0)
		return;
	if (n == DATAGRAM_BATCH && w->behind && end != &leg->d.rtcp &&
	    media_proto_is_rtp(leg->proto))
		first = skip_to_newest(leg, end);
	if (n < DATAGRAM_BATCH)
		end->vetted =
		    true; /* seen to the end: from now on the kernel lets only the peer in */
	for (unsigned k = 0; k < (unsigned)n; k++) {
		unsigned i = (first + k) % DATAGRAM_BATCH;
		size_t len = w->rx[i].msg_len;
		struct datagram_end *out;
		unsigned side;

		if (w->rx[i].msg_hdr.msg_flags & MSG_TRUNC) {
			STAT_ADD(leg->stats.malformed, 1);
			w->rx[i].msg_hdr.msg_flags = 0;
			continue;
		}
		out = datagram_relay(leg, end, w->slots[i].data, &len, &w->rx_from[i]);
		if (!out)
			continue;
		side = out == &to->d.rtcp;
		way[side] = out;
		w->tx_iov[side][count[side]] = (struct iovec){w->slots[i].data, len};
		w->tx[side][count[side]].msg_hdr.msg_name = out->connected ? NULL : &out->dest_sa;
		w->tx[side][count[side]].msg_hdr.msg_namelen = out->connected ? 0 : out->dest_len;
		count[side]++;
	}
	if (count[0])
		flush_batch(to, way[0], w->tx[0], count[0], 0);
	if (count[1])
		flush_batch(to, way[1], w->tx[1], count[1], 0);
}
