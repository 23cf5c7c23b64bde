/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stream leg: listening behind the gate, connecting when the other leg's peer has come (TR 29.828
 * 5.2.1, step 11), and what the end of a connection means for the pair.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include "agw/media/worker.h"

void stream_leg_name(struct media_leg *leg)
{
	enum conn_state s = leg->s.conn ? leg->s.conn->state : CONN_IDLE;
	const char *name;

	for (const struct stream_conn *c = leg->s.newcomers; c; c = c->next)
		s = c->state > s ? c->state : s;
	name = s == CONN_IDLE && leg->s.given_up ? "failed" : state_name(&conn_state_table, s);
	atomic_store_explicit(&leg->state_name, name, memory_order_relaxed);
}

/* ---- the gate ---- */

/* Is there somebody to relay to, or may there be? */
static bool partner_hopeless(const struct media_leg *leg)
{
	const struct media_leg *other = leg->partner;

	return other && other->s.given_up && other->cfg.setup == MEDIA_SETUP_ACTIVE;
}

void stream_leg_gate(struct media_leg *leg)
{
	/* It stays as it is while a connection lasts: a second one from the peer is refused after
	 * accept(), which costs less than two filters per connection. */
	bool listen = leg->configured && !partner_hopeless(leg);
	struct gate want = listen ? gate_of_listener(&leg->cfg) : gate_shut();

	if (!gate_eq(&want, &leg->s.gate) &&
	    gate_attach(&want, leg->local.family, leg->s.listen_fd) == 0)
		leg->s.gate = want;
}

/* ---- the end of a connection ---- */

static void drop_all(struct media_leg *leg, bool reset)
{
	if (leg->s.conn)
		conn_drop(leg->s.conn, reset);
	while (leg->s.newcomers)
		conn_drop(leg->s.newcomers, reset);
}

static void settle(struct media_leg *leg)
{
	stream_leg_gate(leg);
	stream_leg_name(leg);
	if (leg->partner) {
		stream_leg_gate(leg->partner);
		stream_leg_name(leg->partner);
	}
}

void stream_leg_lost(struct media_leg *leg, int error)
{
	struct stream_conn *c = leg->s.conn;
	struct netaddr peer = c->peer;
	bool connecting = c->state == CONN_CONNECTING;

	conn_drop(c, true);
	report_event(leg, connecting ? MEDIA_EV_TCP_FAILED : MEDIA_EV_TCP_LOST, error,
		     MEDIA_TLS_CAUSE_NONE, &peer);
	if (leg->partner)
		drop_all(leg->partner, true);
	settle(leg);
}

/* Both directions have ended: close both in good order. */
static void both_ended(struct media_leg *leg)
{
	struct media_leg *pair[2] = {leg, leg->partner};

	for (int i = 0; i < 2; i++) {
		struct netaddr peer = pair[i]->s.conn->peer;

		conn_drop(pair[i]->s.conn, false);
		report_event(pair[i], MEDIA_EV_TCP_CLOSED, 0, MEDIA_TLS_CAUSE_NONE, &peer);
	}
	settle(leg);
}

/* The peer does not keep to MSRP or BFCP. What it sent before has arrived, or still will. */
static void broken(struct media_leg *leg)
{
	struct netaddr peer = leg->s.conn->peer;

	conn_drop_politely(leg->s.conn);
	if (leg->partner && leg->partner->s.conn)
		conn_drop_politely(leg->partner->s.conn);
	report_event(leg, MEDIA_EV_PROTOCOL, 0, MEDIA_TLS_CAUSE_NONE, &peer);
	settle(leg);
}

/* TLS failed on a connection that we had made, with the address that signalling gave. */
static void ours_failed(struct media_leg *leg, struct handshake_end end)
{
	struct netaddr peer = leg->s.conn->peer;

	conn_drop(leg->s.conn, false);
	leg->s.given_up = end.cause != MEDIA_TLS_CAUSE_LOST;
	if (leg->partner)
		drop_all(leg->partner, true);
	settle(leg);
	verdict_final(leg, end.cause, end.error, &peer);
}

/* At most so many reports of newcomers at once, and one a second on average. */
enum { TELLS_BURST = 8, TELL_MS = 1000 };

static bool may_tell(struct media_leg *leg)
{
	int64_t now = leg->worker->now_ms;

	if (leg->s.tell_after_ms < now)
		leg->s.tell_after_ms = now;
	if (leg->s.tell_after_ms - now >= TELLS_BURST * TELL_MS)
		return false;
	leg->s.tell_after_ms += TELL_MS;
	return true;
}

/* A newcomer is not the peer, or not this time: the leg listens on, and so does its partner. */
static void newcomer_failed(struct stream_conn *c, struct handshake_end end)
{
	struct media_leg *leg = c->source.leg;
	struct netaddr peer = c->peer;
	bool expected = newcomers_expected(leg, &peer);

	conn_drop(c, false);
	stream_leg_name(leg);
	if (!expected)
		STAT_ADD(leg->stats.strangers, 1);
	if (!may_tell(leg))
		return;
	if (expected)
		verdict_failed(leg, end.cause, end.error, &peer);
	else
		report_event(leg, MEDIA_EV_STRANGER, end.error, end.cause, &peer);
}

void stream_leg_not_up(struct stream_conn *c, struct handshake_end end)
{
	STAT_ADD(c->source.leg->stats.tls_failed, 1);
	if (c->newcomer)
		newcomer_failed(c, end);
	else
		ours_failed(c->source.leg, end);
}

/* ---- data ---- */

static void pump_later(struct media_leg *leg)
{
	if (leg->s.again)
		return;
	leg->s.again = true;
	leg->s.again_next = leg->worker->again;
	leg->worker->again = leg;
}

static void rearm(struct media_leg *leg)
{
	if (leg && leg->s.conn && conn_rearm(leg->s.conn) < 0)
		stream_leg_lost(leg, errno);
}

void stream_leg_pump(struct media_leg *leg)
{
	int error = 0;

	switch (stream_pump(leg, &error)) {
	case PUMP_FROM_LOST:
		stream_leg_lost(leg, error);
		return;
	case PUMP_TO_LOST:
		stream_leg_lost(leg->partner, error);
		return;
	case PUMP_BROKEN:
		broken(leg);
		return;
	case PUMP_ENDED:
		both_ended(leg);
		return;
	case PUMP_AGAIN:
		pump_later(leg);
		break;
	case PUMP_WAITS:
		break;
	}
	rearm(leg);
	rearm(leg->partner);
}

/* ---- coming up ---- */

void stream_leg_authorities(struct media_leg *leg)
{
	const struct netaddr *to = &leg->cfg.remote;

	if (!to->port && leg->s.conn)
		to = &leg->s.conn->peer;
	netaddr_text(to, leg->s.to_authority);
	netaddr_text(&leg->local, leg->s.from_authority);
}

/* The others have come for nothing: the leg has its connection. */
static void become_the_connection(struct stream_conn *c)
{
	struct media_leg *leg = c->source.leg;

	if (c->newcomer) {
		if (leg->s.conn) /* our own attempt */
			conn_drop(leg->s.conn, true);
		newcomers_remove(c);
		leg->s.conn = c;
	}
	while (leg->s.newcomers) {
		STAT_ADD(leg->stats.refused, 1);
		conn_drop(leg->s.newcomers, true);
	}
}

static void tell_up(struct stream_conn *c)
{
	if (!c->told)
		report_event(c->source.leg, MEDIA_EV_TCP_UP, 0, MEDIA_TLS_CAUSE_NONE, &c->peer);
	c->told = true;
}

/* c may pass data. If its partner can too, let it run. */
static void ready(struct stream_conn *c)
{
	struct media_leg *leg = c->source.leg;

	become_the_connection(c);
	verdict_clear(leg);
	stream_leg_authorities(leg);
	leg_timer_cancel(leg->worker, &c->timer);
	STAT_SET(leg->stats.last_in_ms, leg->worker->now_ms);
	tell_up(c);
	if (c->ssl) {
		int one = 1;

		/* In TLS 1.3 a server has nothing more to say: the peer's first octets would wait
		 * for our delayed acknowledgement where it does not set TCP_NODELAY. */
		setsockopt(c->fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
		report_event(leg, MEDIA_EV_TLS_UP, 0, MEDIA_TLS_CAUSE_NONE, &c->peer);
	}
	stream_leg_name(leg);
	rearm(leg);
	if (leg->partner && leg->partner->s.conn)
		stream_leg_pump(leg->partner);
	if (leg->s.conn)
		stream_leg_pump(leg); /* records may have come with the end of the handshake */
}

void stream_leg_progress(struct stream_conn *c, uint32_t events)
{
	struct media_leg *leg = c->source.leg;
	struct handshake_end end = {MEDIA_TLS_CAUSE_NONE, 0};

	switch (handshake_step(c, events, &end)) {
	case HANDSHAKE_READY:
		ready(c);
		return;
	case HANDSHAKE_OVER:
		stream_leg_not_up(c, end);
		return;
	case HANDSHAKE_WAITS:
		if (conn_rearm(c) < 0)
			stream_leg_not_up(c, (struct handshake_end){MEDIA_TLS_CAUSE_LOST, errno});
		else
			stream_leg_name(leg);
		return;
	}
}

static void limit_passed(struct leg_timer *t)
{
	struct stream_conn *c =
	    (struct stream_conn *)(void *)((char *)t - offsetof(struct stream_conn, timer));

	if (c->state == CONN_CONNECTING)
		stream_leg_lost(c->source.leg, ETIMEDOUT);
	else
		stream_leg_not_up(c, (struct handshake_end){MEDIA_TLS_CAUSE_TIMEOUT, ETIMEDOUT});
}

static void limit(struct stream_conn *c, uint32_t ms)
{
	struct worker *w = c->source.leg->worker;

	leg_timer_arm(w, &c->timer, w->now_ms + ms, limit_passed);
}

void stream_leg_up(struct stream_conn *c)
{
	struct media_leg *leg = c->source.leg;

	conn_move(c, CONN_EV_UP);
	STAT_ADD(leg->stats.connects, 1);
	leg_timer_cancel(leg->worker, &c->timer);
	if (media_proto_has_tls(leg->proto))
		limit(c, leg->media->cfg.tls_handshake_ms);
	if (!c->newcomer || (newcomers_expected(leg, &c->peer) && may_tell(leg)))
		tell_up(c);
	stream_leg_progress(c, 0);
	stream_leg_advance(leg);
}

static void start_connect(struct media_leg *leg)
{
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(&leg->cfg.remote, &ss);
	int fd = pool_bind_again(leg->pool, leg->local.port);
	struct stream_conn *c;

	leg->s.establish_done = true;
	c = fd < 0 ? NULL : conn_new(leg, fd, &leg->cfg.remote, true);
	if (!c) {
		report_event(leg, MEDIA_EV_TCP_FAILED, errno, MEDIA_TLS_CAUSE_NONE,
			     &leg->cfg.remote);
		if (leg->partner)
			drop_all(leg->partner, true);
		settle(leg);
		return;
	}
	leg->s.conn = c;
	conn_move(c, CONN_EV_CONNECT);
	conn_set_options(c);
	limit(c, leg->media->cfg.tcp_connect_ms);
	stream_leg_name(leg);
	if ((connect(fd, (struct sockaddr *)&ss, len) < 0 && errno != EINPROGRESS) ||
	    conn_rearm(c) < 0)
		stream_leg_lost(leg, errno);
}

/* Has somebody come to this leg, or we to him? */
static bool has_connection(const struct media_leg *leg)
{
	return leg->s.newcomers || (leg->s.conn && leg->s.conn->state >= CONN_OPEN);
}

/* Is it this leg's turn to send a SYN? */
static bool should_connect(const struct media_leg *leg)
{
	const struct media_leg *other = leg->partner;
	const struct media_leg_config *c = &leg->cfg;

	if (leg->s.conn || newcomers_one_expected(leg) || leg->s.given_up || !leg->configured ||
	    c->mode == MEDIA_INACTIVE || c->remote.family != leg->local.family || !c->remote.port)
		return false;
	if (c->setup != MEDIA_SETUP_ACTIVE && c->setup != MEDIA_SETUP_ACTPASS)
		return false;
	if (c->tcp_establish && !leg->s.establish_done)
		return true;
	if (!other)
		return false;
	if (has_connection(other)) /* the SYN of one side's peer triggers ours to the other's */
		return c->setup == MEDIA_SETUP_ACTIVE ||
		       !(other->s.conn && other->s.conn->we_connected);
	/* Nobody will come to either side: open both. */
	return c->setup == MEDIA_SETUP_ACTIVE && other->cfg.setup == MEDIA_SETUP_ACTIVE &&
	       other->cfg.remote.port && !leg->s.establish_done;
}

void stream_leg_advance(struct media_leg *leg)
{
	stream_leg_gate(leg);
	if (should_connect(leg))
		start_connect(leg);
	if (leg->partner && should_connect(leg->partner))
		start_connect(leg->partner);
}
