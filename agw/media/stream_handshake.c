/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection from TCP's being up to data: who is TLS client, the handshake, and the wait for the
 * peer's fingerprint. A server begins when something like a ClientHello has come: whoever says
 * nothing, or something else, costs a descriptor and no TLS.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include "agw/media/demux.h"
#include "agw/media/worker.h"

enum tls_side { SIDE_OPEN, SIDE_CLIENT, SIDE_SERVER };

static enum tls_side our_side(const struct stream_conn *c)
{
	const struct media_leg_config *cfg = &c->source.leg->cfg;

	if (cfg->tls_role == MEDIA_TLS_CLIENT)
		return SIDE_CLIENT;
	if (cfg->tls_role == MEDIA_TLS_SERVER)
		return SIDE_SERVER;
	if (cfg->setup == MEDIA_SETUP_ACTIVE)
		return SIDE_CLIENT;
	if (cfg->setup == MEDIA_SETUP_PASSIVE || !c->we_connected)
		return SIDE_SERVER;
	/* We opened it before signalling said whose turn TLS is: wait for that, or for the peer. */
	return SIDE_OPEN;
}

static enum handshake_result over(struct handshake_end *end, enum media_tls_cause cause, int error)
{
	*end = (struct handshake_end){cause, error};
	return HANDSHAKE_OVER;
}

static enum handshake_result begin(struct stream_conn *c, bool client, struct handshake_end *end)
{
	conn_move(c, CONN_EV_TLS_BEGIN);
	if (tls_begin(c, client) < 0)
		return over(end, MEDIA_TLS_CAUSE_HANDSHAKE, ENOMEM);
	return HANDSHAKE_READY; /* to go on */
}

/* TCP is up: see what the peer has said, and whose turn it is. */
static enum handshake_result from_open(struct stream_conn *c, struct handshake_end *end)
{
	enum tls_side side = our_side(c);
	uint8_t first[DEMUX_TLS_LOOK];
	ssize_t n = recv(c->fd, first, sizeof(first), MSG_PEEK | MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		return over(end, MEDIA_TLS_CAUSE_LOST, n ? errno : 0);
	/* RFC 8856 contradicts itself on who is client: a ClientHello that is here settles it. */
	if (n == (ssize_t)sizeof(first) && demux_tls_client_hello(first, sizeof(first)))
		return begin(c, false, end);
	if (side == SIDE_CLIENT)
		return begin(c, true, end);
	if (n > 0 && !demux_tls_may_be_client_hello(first, (size_t)n))
		return over(end, MEDIA_TLS_CAUSE_HANDSHAKE, EPROTO);
	return HANDSHAKE_WAITS;
}

static enum handshake_result go_on(struct stream_conn *c, struct handshake_end *end)
{
	enum media_tls_cause cause = MEDIA_TLS_CAUSE_HANDSHAKE;

	switch (tls_handshake(c, &cause)) {
	case TLS_DONE:
		conn_move(c, CONN_EV_PASS);
		return HANDSHAKE_READY;
	case TLS_WAITS:
		if (c->wrote_flight && !c->source.leg->cfg.fingerprint_given)
			conn_move(c, CONN_EV_HOLD);
		return HANDSHAKE_WAITS;
	case TLS_LOST:
		return over(end, cause, errno);
	default:
		return over(end, cause, 0);
	}
}

enum handshake_result handshake_step(struct stream_conn *c, uint32_t events,
				     struct handshake_end *end)
{
	const struct media_leg *leg = c->source.leg;
	enum handshake_result rc;

	if (c->state == CONN_OPEN && !media_proto_has_tls(leg->proto)) {
		conn_move(c, CONN_EV_PASS);
		return HANDSHAKE_READY;
	}
	if (c->state == CONN_OPEN) {
		rc = from_open(c, end);
		if (rc != HANDSHAKE_READY)
			return rc;
	}
	if (c->state == CONN_HELD && leg->cfg.fingerprint_given)
		conn_move(c, CONN_EV_RESUME);
	if (conn_send(c, NULL, 0) < 0) /* of our flight */
		return over(end, MEDIA_TLS_CAUSE_LOST, errno);
	if (c->state == CONN_HELD)
		return events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)
			   ? over(end, MEDIA_TLS_CAUSE_LOST, 0)
			   : HANDSHAKE_WAITS;
	return go_on(c, end);
}
