/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The connections of a stream leg: listening behind the gate, connecting when the other leg's peer
 * has come (seed 003 step 11), starting TLS, and taking a pair down. The bytes are stream_pump.c's.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include "agw/media/demux.h"
#include "agw/media/leg.h"

enum { MASK_NOT_REGISTERED = 0xffffffffu };

static void advance(struct media_leg *leg);

static bool move(struct media_leg *leg, enum conn_event e)
{
	int next = conn_state_next(leg->s.state, e);

	if (next < 0)
		return false;
	leg->s.state = (enum conn_state)next;
	atomic_store_explicit(&leg->state_name, conn_state_name(leg->s.state),
			      memory_order_relaxed);
	return true;
}

static bool has_connection(const struct media_leg *leg)
{
	return leg->s.state >= CONN_OPEN && leg->s.state <= CONN_READY;
}

/* ---- the gate ---- */

static void gate_update(struct media_leg *leg)
{
	/* It stays as it is while a connection lasts: a second one from the peer is refused after
	 * accept(), which costs less than two filters per connection. */
	bool listen = leg->configured && leg->s.state != CONN_FAILED;
	struct gate want = listen ? gate_of_listener(&leg->cfg) : gate_shut();
	struct sock_filter prog[GATE_PROGRAM_MAX];
	struct sock_fprog fp;

	if (gate_eq(&want, &leg->s.gate))
		return;
	fp =
	    (struct sock_fprog){(unsigned short)gate_program(&want, leg->local.family, prog), prog};
	if (setsockopt(leg->s.listen_fd, SOL_SOCKET, SO_ATTACH_FILTER, &fp, sizeof(fp)) == 0)
		leg->s.gate = want;
}

/* ---- epoll ---- */

static bool may_read(const struct media_leg *leg)
{
	const struct media_leg *to = leg->partner;

	return to && leg->s.state == CONN_READY && to->s.state == CONN_READY && !leg->s.eof_in &&
	       !to->s.out.len && leg->cfg.mode & MEDIA_RECVONLY && to->cfg.mode & MEDIA_SENDONLY;
}

static uint32_t wanted_mask(const struct media_leg *leg)
{
	uint32_t mask = leg->s.out.len ? EPOLLOUT : 0;

	switch (leg->s.state) {
	case CONN_CONNECTING:
		return EPOLLOUT;
	case CONN_OPEN: /* TLS with no role yet: the peer's first record may settle it */
	case CONN_HANDSHAKE:
		return mask | EPOLLIN;
	case CONN_READY:
		return mask | (may_read(leg) ? EPOLLIN : 0);
	default:
		return mask;
	}
}

void stream_leg_rearm(struct media_leg *leg)
{
	uint32_t mask = wanted_mask(leg);
	struct epoll_event ev = {.events = mask, .data.ptr = &leg->s.source};

	if (leg->s.fd < 0 || mask == leg->s.epoll_mask)
		return;
	epoll_ctl(leg->worker->epoll_fd,
		  leg->s.epoll_mask == MASK_NOT_REGISTERED ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
		  leg->s.fd, &ev);
	leg->s.epoll_mask = mask;
}

/* The peer is gone but what it sent last cannot be passed on yet: stop being told about it. */
static void unregister(struct media_leg *leg)
{
	if (leg->s.epoll_mask == MASK_NOT_REGISTERED)
		return;
	epoll_ctl(leg->worker->epoll_fd, EPOLL_CTL_DEL, leg->s.fd, NULL);
	leg->s.epoll_mask = MASK_NOT_REGISTERED;
}

/* ---- closing ---- */

static void pending_clear(struct pending *p)
{
	if (p->p)
		explicit_bzero(p->p, p->len);
	free(p->p);
	*p = (struct pending){0};
}

/* Give the socket back. With reset the peer learns that something went wrong. */
static void drop_connection(struct media_leg *leg, bool reset)
{
	if (leg->s.fd >= 0) {
		if (reset) {
			struct linger hard = {.l_onoff = 1};

			setsockopt(leg->s.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
		} else {
			char waste[4096];

			/* Unread octets would turn the close into a reset, which may overtake an
			 * alert. */
			shutdown(leg->s.fd, SHUT_WR);
			for (int i = 0;
			     i < 16 && recv(leg->s.fd, waste, sizeof(waste), MSG_DONTWAIT) > 0; i++)
				;
		}
		close(leg->s.fd);
	}
	leg->s.fd = -1;
	leg->s.epoll_mask = MASK_NOT_REGISTERED;
	if (leg->s.ssl)
		tls_free(&leg->s.ssl);
	pending_clear(&leg->s.out);
	pending_clear(&leg->s.in);
	leg->s.eof_in = leg->s.eof_out = leg->s.eof_sent = false;
	leg->s.we_connected = leg->s.tls_more = false;
	leg->s.deadline_ms = 0;
	leg->s.msrp.in_body = false;
	leg->s.msrp.scanned = 0;
	memset(&leg->s.bfcp, 0, sizeof(leg->s.bfcp));
}

/* End a TLS connection politely, then close. */
static void close_politely(struct media_leg *leg)
{
	if (leg->s.ssl && leg->s.state == CONN_READY && !leg->s.eof_sent) {
		tls_end(leg);
		stream_flush(leg);
	}
	drop_connection(leg, false);
}

void stream_leg_lost(struct media_leg *leg, int error)
{
	struct media_leg *other = leg->partner;
	bool connecting = leg->s.state == CONN_CONNECTING;
	bool handshake = leg->s.state == CONN_HANDSHAKE || leg->s.state == CONN_HELD;

	drop_connection(leg, true);
	move(leg, CONN_EV_CLOSE);
	if (handshake)
		STAT_ADD(leg->stats.tls_failed, 1);
	worker_report(leg, connecting ? MEDIA_EV_TCP_FAILED : MEDIA_EV_TCP_LOST, error,
		      MEDIA_TLS_CAUSE_NONE, &leg->s.peer);
	if (other && other->s.state != CONN_IDLE && other->s.state != CONN_FAILED) {
		drop_connection(other, true);
		move(other, CONN_EV_CLOSE);
		gate_update(other);
	}
	gate_update(leg);
}

void stream_leg_ended(struct media_leg *leg)
{
	struct media_leg *other = leg->partner;

	drop_connection(leg, false);
	move(leg, CONN_EV_CLOSE);
	worker_report(leg, MEDIA_EV_TCP_CLOSED, 0, MEDIA_TLS_CAUSE_NONE, &leg->s.peer);
	if (other && other->s.state != CONN_FAILED) {
		drop_connection(other, false);
		move(other, CONN_EV_CLOSE);
		worker_report(other, MEDIA_EV_TCP_CLOSED, 0, MEDIA_TLS_CAUSE_NONE, &other->s.peer);
		gate_update(other);
	}
	gate_update(leg);
}

void stream_leg_fail(struct media_leg *leg, enum media_event_type type, int error,
		     enum media_tls_cause cause)
{
	struct media_leg *other = leg->partner;

	if (type == MEDIA_EV_TLS_FAILED)
		STAT_ADD(leg->stats.tls_failed, 1);
	drop_connection(leg, false);
	move(leg, CONN_EV_FAIL);
	if (other) {
		drop_connection(other, true);
		move(other, CONN_EV_FAIL);
		gate_update(other);
	}
	gate_update(leg);
	worker_report(leg, type, error, cause, &leg->s.peer);
}

/* ---- coming up ---- */

static void set_options(struct media_leg *leg)
{
	int one = 1, idle = (int)leg->media->cfg.tcp_keepalive_s, interval = 10, probes = 3;
	int tos = leg->cfg.dscp << 2, fd = leg->s.fd;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
	setsockopt(fd, leg->local.family == 4 ? IPPROTO_IP : IPPROTO_IPV6,
		   leg->local.family == 4 ? IP_TOS : IPV6_TCLASS, &tos, sizeof(tos));
}

static void build_authorities(struct media_leg *leg)
{
	const struct netaddr *to = leg->cfg.remote.port ? &leg->cfg.remote : &leg->s.peer;

	netaddr_text(to, leg->s.to_authority);
	netaddr_text(&leg->local, leg->s.from_authority);
}

static void connection_up(struct media_leg *leg)
{
	move(leg, CONN_EV_UP);
	STAT_ADD(leg->stats.connects, 1);
	STAT_SET(leg->stats.last_in_ms, leg->worker->now_ms);
	leg->s.msrp.messages = 0;
	build_authorities(leg);
	leg->s.deadline_ms = 0;
	if (media_proto_has_tls(leg->proto))
		leg->s.deadline_ms = leg->worker->now_ms + leg->media->cfg.tls_handshake_ms;
	gate_update(leg);
	worker_report(leg, MEDIA_EV_TCP_UP, 0, MEDIA_TLS_CAUSE_NONE, &leg->s.peer);
	stream_leg_rearm(leg);
	advance(leg);
}

/* Both sides can pass data now? Let it run. */
void stream_leg_ready(struct media_leg *leg)
{
	bool tls = leg->s.ssl != NULL;

	if (!move(leg, CONN_EV_PASS))
		return;
	leg->s.deadline_ms = 0;
	if (tls) {
		int one = 1;

		/* In TLS 1.3 a server has nothing more to say: the peer's first octets would wait
		 * for our delayed acknowledgement where it does not set TCP_NODELAY. */
		setsockopt(leg->s.fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
		worker_report(leg, MEDIA_EV_TLS_UP, 0, MEDIA_TLS_CAUSE_NONE, &leg->s.peer);
	}
	stream_leg_rearm(leg);
	if (!leg->partner)
		return;
	stream_leg_rearm(leg->partner);
	if (leg->partner->s.state == CONN_READY) {
		stream_pump(leg->partner);
		if (leg->s.state == CONN_READY)
			stream_pump(leg); /* records may have come with the end of the handshake */
	}
}

static void start_connect(struct media_leg *leg)
{
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(&leg->cfg.remote, &ss);
	int rc;

	leg->s.establish_done = true;
	leg->s.peer = leg->cfg.remote;
	leg->s.fd = pool_bind_again(leg->pool, leg->local.port);
	if (leg->s.fd < 0) {
		move(leg, CONN_EV_CONNECT);
		stream_leg_lost(leg, errno);
		return;
	}
	set_options(leg);
	leg->s.we_connected = true;
	leg->s.epoll_mask = MASK_NOT_REGISTERED;
	leg->s.deadline_ms = leg->worker->now_ms + leg->media->cfg.tcp_connect_ms;
	move(leg, CONN_EV_CONNECT);
	gate_update(leg);
	rc = connect(leg->s.fd, (struct sockaddr *)&ss, len);
	if (rc < 0 && errno != EINPROGRESS)
		stream_leg_lost(leg, errno);
	else
		stream_leg_rearm(leg);
}

/* Is it this leg's turn to send a SYN? */
static bool should_connect(const struct media_leg *leg)
{
	const struct media_leg *other = leg->partner;
	const struct media_leg_config *c = &leg->cfg;

	if (leg->s.state != CONN_IDLE || !leg->configured || c->mode == MEDIA_INACTIVE ||
	    c->remote.family != leg->local.family || !c->remote.port)
		return false;
	if (c->setup != MEDIA_SETUP_ACTIVE && c->setup != MEDIA_SETUP_ACTPASS)
		return false;
	if (c->tcp_establish && !leg->s.establish_done)
		return true;
	if (!other)
		return false;
	if (has_connection(other)) /* the SYN of one side's peer triggers ours to the other's */
		return c->setup == MEDIA_SETUP_ACTIVE || !other->s.we_connected;
	/* Nobody will come to either side: open both. */
	return c->setup == MEDIA_SETUP_ACTIVE && other->cfg.setup == MEDIA_SETUP_ACTIVE &&
	       other->s.state <= CONN_CONNECTING && other->cfg.remote.port &&
	       !leg->s.establish_done;
}

static void start_tls(struct media_leg *leg, bool client)
{
	uint8_t first[6];
	ssize_t n = recv(leg->s.fd, first, sizeof(first), MSG_PEEK | MSG_DONTWAIT);

	/* RFC 8856 contradicts itself on who is client: a ClientHello that is here settles it. */
	if (client && n == (ssize_t)sizeof(first) && demux_tls_client_hello(first, sizeof(first)))
		client = false;
	move(leg, CONN_EV_TLS_BEGIN);
	if (tls_begin(leg, client) < 0) {
		stream_leg_fail(leg, MEDIA_EV_TLS_FAILED, 0, MEDIA_TLS_CAUSE_HANDSHAKE);
		return;
	}
	stream_leg_rearm(leg);
	stream_leg_event(leg, EPOLLIN);
}

static void choose_tls_role(struct media_leg *leg)
{
	const struct media_leg_config *c = &leg->cfg;

	if (c->tls_role == MEDIA_TLS_CLIENT)
		start_tls(leg, true);
	else if (c->tls_role == MEDIA_TLS_SERVER)
		start_tls(leg, false);
	else if (c->setup == MEDIA_SETUP_ACTIVE)
		start_tls(leg, true);
	else if (c->setup == MEDIA_SETUP_PASSIVE || !leg->s.we_connected)
		start_tls(leg, false);
	/* else: we opened it before signalling said whose turn TLS is: wait for that, or for the
	 * peer */
}

static void advance(struct media_leg *leg)
{
	gate_update(leg);
	if (should_connect(leg))
		start_connect(leg);
	if (leg->s.state == CONN_OPEN) {
		if (!media_proto_has_tls(leg->proto))
			stream_leg_ready(leg);
		else
			choose_tls_role(leg);
	}
	if (leg->partner && should_connect(leg->partner))
		start_connect(leg->partner);
}

/* ---- what the worker calls ---- */

void stream_leg_attach(struct media_leg *leg)
{
	leg->s.listen_source = (struct source){SOURCE_LISTEN, leg};
	leg->s.source = (struct source){SOURCE_CONN, leg};
	leg->s.epoll_mask = MASK_NOT_REGISTERED;
	worker_watch(leg->worker, leg->s.listen_fd, EPOLLIN, &leg->s.listen_source);
}

void stream_leg_detach(struct media_leg *leg)
{
	if (leg->s.fd >= 0) {
		close_politely(leg);
		move(leg, CONN_EV_CLOSE);
	}
	epoll_ctl(leg->worker->epoll_fd, EPOLL_CTL_DEL, leg->s.listen_fd, NULL);
}

void stream_leg_close(struct media_leg *leg)
{
	close_politely(leg);
	close(leg->s.listen_fd);
	leg->s.listen_fd = -1;
}

void stream_leg_linked(struct media_leg *leg)
{
	advance(leg);
	stream_leg_rearm(leg);
}

void stream_leg_unlinked(struct media_leg *leg)
{
	if (leg->s.fd >= 0) {
		close_politely(leg);
		move(leg, CONN_EV_CLOSE);
		gate_update(leg);
	}
}

static bool peers_differ(const struct media_leg_config *a, const struct media_leg_config *b)
{
	return !netaddr_eq(&a->remote, &b->remote) || a->setup != b->setup ||
	       a->fingerprint_given != b->fingerprint_given ||
	       memcmp(&a->fingerprints, &b->fingerprints, sizeof(a->fingerprints)) != 0;
}

void stream_leg_configure(struct media_leg *leg, const struct media_leg_config *before)
{
	const struct media_leg_config *c = &leg->cfg;
	struct gate now = gate_make(&c->filter, &c->remote);

	leg->configured = true;
	if (peers_differ(c, before)) {
		leg->s.establish_done = false;
		if (leg->s.state == CONN_FAILED) {
			move(leg, CONN_EV_RECONFIGURE);
			if (leg->partner && leg->partner->s.state == CONN_FAILED)
				move(leg->partner, CONN_EV_RECONFIGURE);
		}
	}
	if (c->tcp_establish && !before->tcp_establish)
		leg->s.establish_done = false;
	/* Somebody came in while the gate was wider than it is now. */
	if (has_connection(leg) && !leg->s.we_connected && !gate_allows(&now, &leg->s.peer)) {
		STAT_ADD(leg->stats.filtered, 1);
		stream_leg_lost(leg, ECONNABORTED);
	}
	if (leg->s.fd >= 0 && c->dscp != before->dscp)
		set_options(leg);
	build_authorities(leg);
	if (leg->s.state == CONN_HELD && c->fingerprint_given && move(leg, CONN_EV_RESUME)) {
		stream_leg_rearm(leg);
		stream_leg_event(leg, EPOLLIN);
	}
	advance(leg);
	if (leg->s.state == CONN_READY && leg->partner) {
		stream_leg_rearm(leg->partner);
		stream_leg_rearm(leg);
		stream_pump(leg->partner);
		if (leg->s.state == CONN_READY)
			stream_pump(leg);
	}
}

void stream_leg_acceptable(struct media_leg *leg)
{
	for (int i = 0; i < 8; i++) {
		struct sockaddr_storage ss;
		socklen_t len = sizeof(ss);
		struct gate now = gate_make(&leg->cfg.filter, &leg->cfg.remote);
		int fd = accept4(leg->s.listen_fd, (struct sockaddr *)&ss, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);
		int unused = 0;
		struct netaddr peer;

		if (fd < 0)
			return;
		netaddr_from_sockaddr(&ss, &peer);
		/* The gate may have closed after this handshake was done in the kernel. */
		if (leg->s.state != CONN_IDLE || !gate_allows(&now, &peer)) {
			struct linger hard = {.l_onoff = 1};

			setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
			close(fd);
			STAT_ADD(leg->stats.refused, 1);
			continue;
		}
		setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused));
		leg->s.fd = fd;
		leg->s.peer = peer;
		leg->s.we_connected = false;
		leg->s.epoll_mask = MASK_NOT_REGISTERED;
		set_options(leg);
		connection_up(leg);
	}
}

static void finish_connect(struct media_leg *leg)
{
	int err = 0;
	socklen_t len = sizeof(err);

	if (getsockopt(leg->s.fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		err = errno;
	if (err)
		stream_leg_lost(leg, err);
	else
		connection_up(leg);
}

void stream_leg_event(struct media_leg *leg, uint32_t events)
{
	struct media_leg *to = leg->partner;

	switch (leg->s.state) {
	case CONN_CONNECTING:
		finish_connect(leg);
		return;
	case CONN_OPEN:
		if (events & (EPOLLERR | EPOLLHUP)) {
			stream_leg_lost(leg, ECONNRESET);
		} else if (media_proto_has_tls(leg->proto)) {
			uint8_t first[6];
			ssize_t n = recv(leg->s.fd, first, sizeof(first), MSG_PEEK | MSG_DONTWAIT);

			if (n == 0)
				stream_leg_lost(leg, ECONNRESET);
			else if (n > 0)
				start_tls(leg, false);
		}
		return;
	case CONN_HANDSHAKE:
		if (leg->s.out.len && stream_flush(leg) < 0) {
			stream_leg_lost(leg, errno);
			return;
		}
		tls_handshake(leg);
		if (leg->s.state == CONN_HANDSHAKE && leg->s.wrote_flight &&
		    !leg->cfg.fingerprint_given)
			move(leg, CONN_EV_HOLD);
		stream_leg_rearm(leg);
		return;
	case CONN_HELD:
		if (events & (EPOLLERR | EPOLLHUP))
			stream_leg_lost(leg, ECONNRESET);
		else if (leg->s.out.len && stream_flush(leg) < 0)
			stream_leg_lost(leg, errno);
		else
			stream_leg_rearm(leg);
		return;
	case CONN_READY:
		break;
	default:
		return;
	}
	if (events & EPOLLERR) {
		int err = 0;
		socklen_t len = sizeof(err);

		getsockopt(leg->s.fd, SOL_SOCKET, SO_ERROR, &err, &len);
		stream_leg_lost(leg, err ? err : ECONNRESET);
		return;
	}
	if (events & EPOLLOUT && to) {
		if (stream_flush(leg) < 0) {
			stream_leg_lost(leg, errno);
			return;
		}
		stream_leg_rearm(leg);
		stream_leg_rearm(to);
		stream_pump(to);
		if (leg->s.state != CONN_READY)
			return;
	}
	if (may_read(leg))
		stream_pump(leg);
	else if (events & EPOLLHUP)
		to ? unregister(leg) : stream_leg_lost(leg, ECONNRESET);
}

void stream_leg_sweep(struct media_leg *leg)
{
	if (!leg->s.deadline_ms || leg->worker->now_ms < leg->s.deadline_ms)
		return;
	leg->s.deadline_ms = 0;
	if (leg->s.state == CONN_CONNECTING)
		stream_leg_lost(leg, ETIMEDOUT);
	else if (leg->s.state >= CONN_OPEN && leg->s.state <= CONN_HELD)
		stream_leg_fail(leg, MEDIA_EV_TLS_FAILED, ETIMEDOUT, MEDIA_TLS_CAUSE_TIMEOUT);
}
