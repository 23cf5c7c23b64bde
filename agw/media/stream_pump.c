/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes of a pair of stream legs. What one peer sends is read only while nothing waits to be
 * written to the other, so that at most one chunk per direction is held and TCP's window does the
 * rest.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "agw/media/leg.h"

/* What may wait for a peer at most: one chunk of the other side's, and answers of TLS itself. */
enum { OWN_ANSWERS_MAX = 8 * STREAM_CHUNK };

/* Put octets behind what is waiting. Returns 0 or -1 without memory. */
static int pending_add(struct pending *q, const char *p, size_t n)
{
	if (q->at) {
		memmove(q->p, q->p + q->at, q->len - q->at);
		q->len -= q->at;
		q->at = 0;
	}
	if (q->size - q->len < n) {
		char *grown = realloc(q->p, q->len + n);

		if (!grown)
			return -1;
		q->p = grown;
		q->size = q->len + n;
	}
	memcpy(q->p + q->len, p, n);
	q->len += n;
	return 0;
}

static void pending_free(struct pending *q)
{
	free(q->p);
	*q = (struct pending){0};
}

/* Send octets to the leg's peer; what the socket does not take waits. 0 all sent, 1 some wait, -1
 * lost. */
static int send_or_wait(struct media_leg *leg, const char *p, size_t n)
{
	while (leg->s.out.len) {
		struct pending *q = &leg->s.out;
		ssize_t k =
		    send(leg->s.fd, q->p + q->at, q->len - q->at, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0 && errno != EAGAIN)
			return -1;
		if (k > 0)
			q->at += (size_t)k;
		if (q->at == q->len)
			pending_free(q);
		else
			break;
	}
	while (n && !leg->s.out.len) {
		ssize_t k = send(leg->s.fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0 && errno != EAGAIN)
			return -1;
		if (k > 0) {
			p += k;
			n -= (size_t)k;
		}
		if (n)
			break;
	}
	if (n && pending_add(&leg->s.out, p, n) < 0) {
		errno = ENOMEM;
		return -1;
	}
	return leg->s.out.len != 0;
}

/* Our end of this direction: after the last octet, close_notify and FIN. */
static int finish_sending(struct media_leg *leg)
{
	struct worker *w = leg->worker;

	if (leg->s.ssl) {
		tls_end(leg);
		if (send_or_wait(leg, w->wire, w->wire_len) < 0)
			return -1;
		w->wire_len = 0;
		/* The FIN follows with the rest of the connection: a TLS peer takes close_notify as
		 * the end. */
		if (!leg->s.out.len)
			shutdown(leg->s.fd, SHUT_WR);
	} else {
		shutdown(leg->s.fd, SHUT_WR);
	}
	leg->s.eof_sent = true;
	return 0;
}

int stream_flush(struct media_leg *leg)
{
	struct worker *w = leg->worker;
	int rc = send_or_wait(leg, w->wire, w->wire_len);

	w->wire_len = 0;
	if (rc == 0 && leg->s.eof_out && !leg->s.eof_sent)
		rc = finish_sending(leg);
	return rc;
}

/* Read from the leg's peer. >0 octets, 0 end, -1 nothing now, -2 lost. */
static ssize_t receive(struct media_leg *leg, char *buf, size_t size)
{
	ssize_t n;

	if (leg->s.ssl)
		return tls_read(leg, buf, size);
	do
		n = recv(leg->s.fd, buf, size, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return n;
	return errno == EAGAIN ? -1 : -2;
}

static int give(struct media_leg *to, const char *p, size_t n)
{
	struct worker *w = to->worker;
	int rc;

	if (!n)
		return 0;
	STAT_ADD(to->stats.octets_out, n);
	STAT_ADD(to->stats.packets_out, 1);
	to->last_out_ms = w->now_ms;
	if (to->trace)
		trace_stream(to, false, p, n);
	if (!to->s.ssl)
		return send_or_wait(to, p, n);
	if (tls_write(to, p, n) < 0) {
		w->wire_len = 0;
		errno = EPROTO;
		return -1;
	}
	rc = send_or_wait(to, w->wire, w->wire_len);
	w->wire_len = 0;
	return rc;
}

static struct msrp_paths paths_towards(const struct media_leg *to)
{
	return (struct msrp_paths){
	    .rewrite = to->cfg.msrp_rewrite,
	    .scheme = media_proto_has_tls(to->proto) ? "msrps" : "msrp",
	    .to_path = slice_str(to->cfg.msrp_remote_path),
	    .from_path = slice_str(to->cfg.msrp_local_path),
	    .to_authority = slice_str(to->s.to_authority),
	    .from_authority = slice_str(to->s.from_authority),
	};
}

/* MSRP: whole heads go through the rewriter, what is incomplete waits in from->s.in. */
static int give_msrp(struct media_leg *from, struct media_leg *to, char *p, size_t n)
{
	struct worker *w = from->worker;
	struct msrp_paths paths = paths_towards(to);
	uint64_t before = from->s.msrp.messages;
	int rc = 0;

	while (n && rc == 0) {
		size_t made = 0;
		ssize_t took = msrp_relay_feed(&from->s.msrp, &paths, p, n, w->rewritten,
					       sizeof(w->rewritten), &made);

		if (took < 0)
			return -2;
		if (!took)
			break;
		p += took;
		n -= (size_t)took;
		STAT_ADD(from->stats.messages_in, from->s.msrp.messages - before);
		before = from->s.msrp.messages;
		rc = give(to, w->rewritten, made);
	}
	if (n && rc >= 0 && pending_add(&from->s.in, p, n) < 0) {
		errno = ENOMEM;
		return -1;
	}
	return rc;
}

/* Hand on what was read. 0 all went out, 1 some waits, -1 the partner is lost, -2 from broke its
 * protocol. */
static int pass(struct media_leg *from, struct media_leg *to, char *p, size_t n)
{
	if (from->trace)
		trace_stream(from, true, p, n);
	if (media_proto_has_msrp(from->proto) && media_proto_has_msrp(to->proto))
		return give_msrp(from, to, p, n);
	if (media_proto_has_bfcp(from->proto)) {
		uint64_t messages = 0;

		if (bfcp_framer_feed(&from->s.bfcp, (const uint8_t *)p, n, &messages) < 0)
			return -2;
		STAT_ADD(from->stats.messages_in, messages);
	}
	return give(to, p, n);
}

static void pump_later(struct media_leg *leg)
{
	if (leg->s.again)
		return;
	leg->s.again = true;
	leg->s.again_next = leg->worker->again;
	leg->worker->again = leg;
}

static void end_of_input(struct media_leg *from, struct media_leg *to)
{
	from->s.eof_in = true;
	to->s.eof_out = true;
	if (from->s.in.len) { /* half a message */
		STAT_ADD(from->stats.malformed, 1);
		pending_free(&from->s.in);
	}
	if (stream_flush(to) < 0)
		stream_leg_lost(to, errno);
}

void stream_pump(struct media_leg *from)
{
	struct media_leg *to = from->partner;
	struct worker *w = from->worker;
	size_t limit = from->media->cfg.tcp_buffer;

	if (limit > STREAM_CHUNK)
		limit = STREAM_CHUNK;
	for (int round = 0;; round++) {
		size_t kept = from->s.in.len;
		ssize_t n;
		int rc;

		if (!to || from->s.state != CONN_READY || to->s.state != CONN_READY ||
		    from->s.eof_in || to->s.out.len || !(from->cfg.mode & MEDIA_RECVONLY) ||
		    !(to->cfg.mode & MEDIA_SENDONLY))
			break;
		if (round == STREAM_ROUNDS) {
			pump_later(from);
			break;
		}
		if (kept >
		    STREAM_CHUNK) { /* rewriting made it grow: work it off before reading on */
			n = 0;
		} else {
			n = receive(from, w->in + kept, limit);
			if (from->s.ssl && w->wire_len && stream_flush(from) < 0)
				n = -2; /* an answer that TLS itself had to give */
			if (from->s.out.len > OWN_ANSWERS_MAX) {
				errno =
				    EPROTO; /* has TLS answer without end and reads none of it */
				n = -2;
			}
		}
		if (n == -1)
			break;
		if (n == -2) {
			stream_leg_lost(from, errno ? errno : ECONNRESET);
			return;
		}
		if (n == 0 && kept <= STREAM_CHUNK) {
			end_of_input(from, to);
			break;
		}
		if (kept) {
			memcpy(w->in, from->s.in.p, kept);
			pending_free(&from->s.in);
		}
		STAT_ADD(from->stats.octets_in, n);
		STAT_ADD(from->stats.packets_in, 1);
		STAT_SET(from->stats.last_in_ms, w->now_ms);
		rc = pass(from, to, w->in, kept + (size_t)n);
		if (rc == -1) {
			stream_leg_lost(to, errno);
			return;
		}
		if (rc == -2) {
			STAT_ADD(from->stats.malformed, 1);
			stream_leg_fail(from, MEDIA_EV_PROTOCOL, 0, MEDIA_TLS_CAUSE_NONE);
			return;
		}
		/* A short read from plain TCP means that the socket is empty: no need to ask again.
		 */
		if (!from->s.ssl && (size_t)n < limit)
			break;
		if (from->s.ssl && !SSL_has_pending(from->s.ssl) && !from->s.tls_more &&
		    (size_t)n < STREAM_CHUNK / 4)
			break;
	}
	if (!to)
		return;
	if (from->s.eof_sent && to->s.eof_sent && !from->s.out.len && !to->s.out.len) {
		stream_leg_ended(from);
		return;
	}
	stream_leg_rearm(from);
	stream_leg_rearm(to);
}
