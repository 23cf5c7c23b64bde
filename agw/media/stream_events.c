/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a worker's round brings a stream leg: somebody at the door, octets, time, configuration. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "agw/media/worker.h"

/* ---- somebody at the door ---- */

static void listen_on(struct leg_timer *t)
{
	struct media_leg *leg =
	    (struct media_leg *)(void *)((char *)t - offsetof(struct media_leg, s.accept_timer));

	source_watch(leg->worker, leg->s.listen_fd, EPOLLIN, &leg->s.listen_source);
}

/* Without a descriptor or memory nobody can be taken in: epoll would tell so without end. Who waits
 * at the door keeps his place until it is tried again. */
static void pause_accept(struct media_leg *leg)
{
	STAT_ADD(leg->stats.accept_failed, 1);
	source_watch(leg->worker, leg->s.listen_fd, 0, &leg->s.listen_source);
	leg_timer_arm(leg->worker, &leg->s.accept_timer, leg->worker->now_ms + ACCEPT_PAUSE_MS,
		      listen_on);
}

/* The gate may have closed after this handshake was done in the kernel, and a leg has one peer. */
static bool may_come_in(const struct media_leg *leg, const struct netaddr *peer)
{
	struct gate now = gate_make(&leg->cfg.filter, &leg->cfg.remote);

	return !leg->s.conn && gate_allows(&now, peer);
}

/*
 * Plain TCP shows nobody who its peer is, but somebody from elsewhere must not keep out who comes
 * from the address that signalling named. What has passed meanwhile cannot be taken back: then the
 * partner's connection goes, too.
 */
static void give_way(struct media_leg *leg, const struct netaddr *peer)
{
	struct stream_conn *c = leg->s.conn, *far = leg->partner ? leg->partner->s.conn : NULL;

	if (!c || c->we_connected || c->ssl || media_proto_has_tls(leg->proto) ||
	    newcomers_expected(leg, &c->peer) || !newcomers_expected(leg, peer))
		return;
	STAT_ADD(leg->stats.strangers, 1);
	if (c->framing != FRAMING_UNKNOWN || (far && far->framing != FRAMING_UNKNOWN))
		stream_leg_lost(leg, ECONNABORTED);
	else
		conn_drop(c, true);
}

static void refuse(struct stream_conn *c)
{
	STAT_ADD(c->source.leg->stats.refused, 1);
	conn_drop(c, true);
}

static void take_in(struct media_leg *leg, int fd, const struct netaddr *peer)
{
	struct stream_conn *c = conn_new(leg, fd, peer, false), *evicted = NULL;
	int unused = 0;

	if (!c)
		return;
	setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused));
	give_way(leg, peer);
	if (!may_come_in(leg, peer)) {
		refuse(c);
		return;
	}
	if (!media_proto_has_tls(leg->proto))
		leg->s.conn = c;
	else if (!newcomers_take(c, &evicted))
		refuse(c);
	if (evicted)
		refuse(evicted);
	if (!c->source.leg)
		return;
	conn_set_options(c);
	stream_leg_up(c);
}

void stream_leg_acceptable(struct media_leg *leg)
{
	for (int i = 0; i < 8; i++) {
		struct sockaddr_storage ss;
		socklen_t len = sizeof(ss);
		struct netaddr peer;
		int fd = accept4(leg->s.listen_fd, (struct sockaddr *)&ss, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 &&
		    (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM))
			pause_accept(leg);
		if (fd < 0)
			return;
		netaddr_from_sockaddr(&ss, &peer);
		take_in(leg, fd, &peer);
	}
}

/* ---- sockets ---- */

static int socket_error(const struct stream_conn *c)
{
	int err = 0;
	socklen_t len = sizeof(err);

	return getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0 ? errno : err;
}

static void finish_connect(struct stream_conn *c)
{
	int err = socket_error(c);

	if (err)
		stream_leg_lost(c->source.leg, err);
	else
		stream_leg_up(c);
}

static void data_event(struct stream_conn *c, uint32_t events)
{
	struct media_leg *leg = c->source.leg;

	if (events & EPOLLERR) {
		int err = socket_error(c);

		stream_leg_lost(leg, err ? err : ECONNRESET);
		return;
	}
	if (events & EPOLLOUT && leg->partner) {
		if (stream_flush(c) < 0) {
			stream_leg_lost(leg, errno);
			return;
		}
		stream_leg_pump(leg->partner);
		if (leg->s.conn != c)
			return;
	}
	if (conn_may_read(leg))
		stream_leg_pump(leg);
	else if (events & EPOLLHUP && leg->partner)
		conn_unwatch(c);
	else if (events & EPOLLHUP)
		stream_leg_lost(leg, ECONNRESET);
}

void stream_conn_event(struct stream_conn *c, uint32_t events)
{
	if (!c->source.leg)
		return;
	if (c->state == CONN_READY)
		data_event(c, events);
	else if (c->state == CONN_CONNECTING)
		finish_connect(c);
	else
		stream_leg_progress(c, events);
}

void stream_leg_again(struct media_leg *leg)
{
	if (leg->s.conn && leg->s.conn->state == CONN_READY)
		stream_leg_pump(leg);
}

/* ---- what control asks for ---- */

void stream_leg_attach(struct media_leg *leg)
{
	leg->s.listen_source = (struct source){SOURCE_LISTEN, leg};
	source_watch(leg->worker, leg->s.listen_fd, EPOLLIN, &leg->s.listen_source);
}

static void drop_politely(struct media_leg *leg)
{
	if (leg->s.conn)
		conn_drop_politely(leg->s.conn);
	while (leg->s.newcomers)
		conn_drop(leg->s.newcomers, true);
	stream_leg_name(leg);
}

void stream_leg_detach(struct media_leg *leg)
{
	drop_politely(leg);
	leg_timer_cancel(leg->worker, &leg->s.accept_timer);
	source_forget(leg->worker, leg->s.listen_fd);
}

void stream_leg_close(struct media_leg *leg)
{
	stream_leg_detach(leg);
	close(leg->s.listen_fd);
	leg->s.listen_fd = -1;
}

void stream_leg_linked(struct media_leg *leg)
{
	stream_leg_advance(leg);
	if (leg->s.conn && leg->s.conn->state == CONN_READY)
		stream_leg_pump(leg);
}

void stream_leg_unlinked(struct media_leg *leg)
{
	drop_politely(leg);
	stream_leg_gate(leg);
}

static bool peers_differ(const struct media_leg_config *a, const struct media_leg_config *b)
{
	return !netaddr_eq(&a->remote, &b->remote) || a->setup != b->setup ||
	       a->fingerprint_given != b->fingerprint_given ||
	       memcmp(&a->fingerprints, &b->fingerprints, sizeof(a->fingerprints)) != 0;
}

/* Somebody came in while the gate was wider than it is now. */
static void send_away(struct media_leg *leg)
{
	struct gate now = gate_make(&leg->cfg.filter, &leg->cfg.remote);
	struct stream_conn *next, *c = leg->s.conn;

	for (struct stream_conn *n = leg->s.newcomers; n; n = next) {
		next = n->next;
		if (gate_allows(&now, &n->peer))
			continue;
		STAT_ADD(leg->stats.filtered, 1);
		conn_drop(n, true);
	}
	if (c && c->state != CONN_CONNECTING && !c->we_connected && !gate_allows(&now, &c->peer)) {
		STAT_ADD(leg->stats.filtered, 1);
		stream_leg_lost(leg, ECONNABORTED);
	}
}

/* Did signalling name one peer before, and names another now? A certificate is one, too (RFC 8122 6.2). */
static bool another_peer(const struct media_leg *leg, const struct media_leg_config *before)
{
	const struct media_leg_config *now = &leg->cfg;

	if (now->fingerprint_given && before->fingerprint_given &&
	    memcmp(&now->fingerprints, &before->fingerprints, sizeof(now->fingerprints)) != 0)
		return true;
	if (!netaddr_known(&now->remote) || !netaddr_known(&before->remote))
		return false;
	/* The port of one who connects to us means nothing (RFC 4145 4.1). */
	return leg->s.conn->we_connected ? !netaddr_eq(&now->remote, &before->remote)
					 : !netaddr_ip_eq(&now->remote, &before->remote);
}

/*
 * The peer is reached elsewhere: its old connection, which may be dead without a word, makes room for
 * the new one. What has passed may end in half a message, so that the partner's connection cannot go
 * on with it either; without that it waits for the new peer.
 */
static void leave_old_peer(struct media_leg *leg, const struct media_leg_config *before)
{
	struct stream_conn *c = leg->s.conn, *far = leg->partner ? leg->partner->s.conn : NULL;
	bool passed =
	    c && (c->framing != FRAMING_UNKNOWN || (far && far->framing != FRAMING_UNKNOWN));

	if (!c || !another_peer(leg, before))
		return;
	conn_drop_politely(c);
	if (passed && leg->partner)
		drop_politely(leg->partner);
}

/* The fingerprint or the role has come that a handshake waited for. One that gets through drops the
 * others. */
static void resume(struct media_leg *leg)
{
	struct stream_conn *next, *c = leg->s.conn;

	if (c && c->state >= CONN_OPEN && c->state < CONN_READY)
		stream_leg_progress(c, 0);
	for (struct stream_conn *n = leg->s.newcomers; n && n->newcomer; n = next) {
		next = n->next;
		stream_leg_progress(n, 0);
	}
}

void stream_leg_configure(struct media_leg *leg, const struct media_leg_config *before)
{
	leg->configured = true;
	if (peers_differ(&leg->cfg, before)) {
		leg->s.establish_done = false;
		leg->s.given_up = false;
		verdict_clear(leg);
	}
	if (leg->cfg.tcp_establish && !before->tcp_establish)
		leg->s.establish_done = false;
	leave_old_peer(leg, before);
	send_away(leg);
	if (leg->s.conn && leg->cfg.dscp != before->dscp)
		conn_set_options(leg->s.conn);
	stream_leg_authorities(leg);
	resume(leg);
	stream_leg_advance(leg);
	stream_leg_name(leg);
	if (leg->partner)
		stream_leg_gate(leg->partner);
	if (leg->partner && leg->partner->s.conn && leg->partner->s.conn->state == CONN_READY)
		stream_leg_pump(leg->partner);
	if (leg->s.conn && leg->s.conn->state == CONN_READY)
		stream_leg_pump(leg);
}
