/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The octets of a pair of stream legs. What one peer sends is read only while nothing waits to be
 * written to the other, so that at most one chunk per direction is held and TCP's window does the
 * rest.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "agw/media/worker.h"

enum { STREAM_ROUNDS = 4 /* chunks pumped for one leg before the others have their turn */ };

/* ---- towards a peer ---- */

/* Our end of this direction: after the last octet, close_notify and FIN. */
static int finish_sending(struct stream_conn *c)
{
	int rc = c->ssl ? tls_end(c) : 0;

	if (rc < 0)
		return -1;
	/* Behind a close_notify that waits, the FIN follows with the rest of the connection: a TLS
	 * peer takes close_notify as the end. */
	if (rc == 0)
		shutdown(c->fd, SHUT_WR);
	c->eof_sent = true;
	return rc;
}

int stream_flush(struct stream_conn *c)
{
	int rc = conn_send(c, NULL, 0);

	if (rc == 0 && c->eof_out && !c->eof_sent)
		rc = finish_sending(c);
	return rc;
}

/* As conn_send(). */
static int give(struct media_leg *to, const char *p, size_t n)
{
	struct stream_conn *c = to->s.conn;

	if (!n)
		return 0;
	STAT_ADD(to->stats.octets_out, n);
	STAT_ADD(to->stats.packets_out, 1);
	activity_note_out(to, to->worker->now_ms);
	if (to->trace)
		trace_stream(to, false, p, n);
	return c->ssl ? tls_write(c, p, n) : conn_send(c, p, n);
}

/* ---- from a peer ---- */

/* >0 octets, 0 end, -1 nothing now, -2 lost. */
static ssize_t receive(struct stream_conn *c, char *buf, size_t size)
{
	ssize_t n;

	if (c->ssl)
		return tls_read(c, buf, size);
	do
		n = recv(c->fd, buf, size, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return n;
	return errno == EAGAIN ? -1 : -2;
}

static enum stream_framing framing_between(const struct media_leg *from, const struct media_leg *to)
{
	if (media_proto_has_msrp(from->proto) && media_proto_has_msrp(to->proto) &&
	    to->cfg.msrp_rewrite)
		return FRAMING_MSRP;
	return media_proto_has_bfcp(from->proto) ? FRAMING_BFCP : FRAMING_NONE;
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

enum { TO_LOST = -1, BROKEN = -2 }; /* instead of conn_send()'s results */

/* MSRP: whole heads go through the rewriter; what is incomplete waits with the connection. */
static int give_msrp(struct media_leg *from, struct media_leg *to, const char *p, size_t n)
{
	struct worker *w = from->worker;
	struct stream_conn *c = from->s.conn;
	struct msrp_paths paths = paths_towards(to);
	int rc = 0;

	while (n && rc == 0) {
		uint64_t before = c->msrp.messages;
		size_t made = 0;
		ssize_t took = msrp_relay_feed(&c->msrp, &paths, p, n, w->rewritten,
					       sizeof(w->rewritten), &made);

		if (took < 0)
			return BROKEN;
		if (!took)
			break;
		p += took;
		n -= (size_t)took;
		STAT_ADD(from->stats.messages_in, c->msrp.messages - before);
		rc = give(to, w->rewritten, made);
	}
	if (n && rc >= 0 && pending_add(&c->in, p, n) < 0) {
		errno = ENOMEM;
		return TO_LOST;
	}
	return rc;
}

/* Hand on what was read. 0 all went out, 1 some waits, TO_LOST, BROKEN. */
static int pass(struct media_leg *from, struct media_leg *to, const char *p, size_t n)
{
	struct stream_conn *c = from->s.conn;

	if (from->trace)
		trace_stream(from, true, p, n);
	if (c->framing == FRAMING_UNKNOWN)
		c->framing = framing_between(from, to);
	if (c->framing == FRAMING_MSRP)
		return give_msrp(from, to, p, n);
	if (c->framing == FRAMING_BFCP) {
		uint64_t messages = 0;

		if (bfcp_framer_feed(&c->bfcp, (const uint8_t *)p, n, &messages) < 0)
			return BROKEN;
		STAT_ADD(from->stats.messages_in, messages);
	}
	return give(to, p, n);
}

static enum pump_result end_of_input(struct media_leg *from, struct media_leg *to)
{
	from->s.conn->eof_in = true;
	to->s.conn->eof_out = true;
	if (from->s.conn->in.len) { /* half a message */
		STAT_ADD(from->stats.malformed, 1);
		pending_clear(&from->s.conn->in);
	}
	return stream_flush(to->s.conn) < 0 ? PUMP_TO_LOST : PUMP_WAITS;
}

/* Is there certainly nothing more to read, after n octets of at most limit? Asking costs a system
 * call. */
static bool drained(const struct stream_conn *c, size_t n, size_t limit)
{
	if (!c->ssl)
		return n < limit;
	return !SSL_has_pending(c->ssl) && !c->tls_more && n < STREAM_CHUNK / 4;
}

/* One chunk. PUMP_AGAIN: go on. */
static enum pump_result pump_chunk(struct media_leg *from, struct media_leg *to, size_t limit)
{
	struct worker *w = from->worker;
	struct stream_conn *c = from->s.conn;
	size_t kept = c->in.len;
	ssize_t n = 0;

	/* Rewriting can make what is kept grow: that is worked off before more is read. */
	if (kept <= STREAM_CHUNK) {
		n = receive(c, w->in + kept, limit);
		if (n == 0)
			return end_of_input(from, to);
		if (n < 0)
			return n == -1 ? PUMP_WAITS : PUMP_FROM_LOST;
	}
	if (kept) {
		memcpy(w->in, c->in.p, kept);
		pending_clear(&c->in);
	}
	STAT_ADD(from->stats.octets_in, n);
	STAT_ADD(from->stats.packets_in, 1);
	activity_note_in(from, w->now_ms);
	switch (pass(from, to, w->in, kept + (size_t)n)) {
	case TO_LOST:
		return PUMP_TO_LOST;
	case BROKEN:
		STAT_ADD(from->stats.malformed, 1);
		return PUMP_BROKEN;
	default:
		return drained(c, (size_t)n, limit) ? PUMP_WAITS : PUMP_AGAIN;
	}
}

static bool ended(const struct stream_conn *a, const struct stream_conn *b)
{
	return a->eof_sent && b->eof_sent && !a->out.len && !b->out.len;
}

enum pump_result stream_pump(struct media_leg *from, int *error)
{
	struct media_leg *to = from->partner;
	size_t limit = from->media->cfg.tcp_buffer;
	enum pump_result rc = PUMP_WAITS;

	if (limit > STREAM_CHUNK)
		limit = STREAM_CHUNK;
	for (int round = 0; conn_may_read(from); round++) {
		if (round == STREAM_ROUNDS)
			return PUMP_AGAIN;
		errno = 0;
		rc = pump_chunk(from, to, limit);
		*error = errno ? errno : ECONNRESET;
		if (rc != PUMP_AGAIN)
			break;
		rc = PUMP_WAITS;
	}
	if (rc == PUMP_WAITS && to && from->s.conn && to->s.conn && ended(from->s.conn, to->s.conn))
		return PUMP_ENDED;
	return rc;
}
