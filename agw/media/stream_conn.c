/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One TCP connection: its socket, what epoll tells of it, and its end. */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "agw/media/worker.h"

enum { MASK_NOT_WATCHED = 0xffffffffu };

struct stream_conn *conn_new(struct media_leg *leg, int fd, const struct netaddr *peer,
			     bool we_connected)
{
	struct stream_conn *c = calloc(1, sizeof(*c));

	if (!c) {
		close(fd);
		return NULL;
	}
	c->source = (struct source){SOURCE_CONN, leg};
	c->fd = fd;
	c->peer = *peer;
	c->we_connected = we_connected;
	c->epoll_mask = MASK_NOT_WATCHED;
	c->since_ms = leg->worker->now_ms;
	return c;
}

bool conn_move(struct stream_conn *c, enum conn_event e)
{
	struct state_step step = state_step(&conn_state_table, c->state, e);

	c->state = (enum conn_state)step.next;
	return step.allowed;
}

void conn_unwatch(struct stream_conn *c)
{
	if (c->epoll_mask == MASK_NOT_WATCHED)
		return;
	source_forget(c->source.leg->worker, c->fd);
	c->epoll_mask = MASK_NOT_WATCHED;
}

static void close_with_reset(int fd)
{
	struct linger hard = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(fd);
}

/* Unread octets would turn the close into a reset, which may overtake what was sent last. */
static void close_in_order(int fd)
{
	char waste[4096];

	shutdown(fd, SHUT_WR);
	for (int i = 0; i < 16 && recv(fd, waste, sizeof(waste), MSG_DONTWAIT) > 0; i++)
		;
	close(fd);
}

void conn_drop(struct stream_conn *c, bool reset)
{
	struct media_leg *leg = c->source.leg;
	struct worker *w = leg->worker;

	leg_timer_cancel(w, &c->timer);
	conn_unwatch(c); /* close() does not, where another process shares the socket */
	if (reset)
		close_with_reset(c->fd);
	else
		close_in_order(c->fd);
	c->fd = -1;
	if (c->ssl)
		tls_free(&c->ssl);
	pending_clear(&c->out);
	pending_clear(&c->in);
	conn_move(c, CONN_EV_CLOSE);
	if (c->newcomer)
		newcomers_remove(c);
	else if (leg->s.conn == c)
		leg->s.conn = NULL;
	/* epoll may have told of it in this round already. */
	c->source.leg = NULL;
	c->next = w->dropped;
	w->dropped = c;
}

void conn_drop_politely(struct stream_conn *c)
{
	if (c->ssl && c->state == CONN_READY && !c->eof_sent)
		tls_end(c);
	conn_drop(c, false);
}

void conn_free_dropped(struct worker *w)
{
	while (w->dropped) {
		struct stream_conn *c = w->dropped;

		w->dropped = c->next;
		free(c);
	}
}

void conn_set_options(struct stream_conn *c)
{
	const struct media_leg *leg = c->source.leg;
	int one = 1, idle = (int)leg->media->cfg.tcp_keepalive_s, interval = 10, probes = 3;
	int tos = leg->cfg.dscp << 2, fd = c->fd;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
	setsockopt(fd, leg->local.family == 4 ? IPPROTO_IP : IPPROTO_IPV6,
		   leg->local.family == 4 ? IP_TOS : IPV6_TCLASS, &tos, sizeof(tos));
}

bool conn_may_read(const struct media_leg *leg)
{
	const struct media_leg *to = leg->partner;
	const struct stream_conn *c = leg->s.conn, *out = to ? to->s.conn : NULL;

	return c && out && c->state == CONN_READY && out->state == CONN_READY && !c->eof_in &&
	       !out->out.len && leg->cfg.mode & MEDIA_RECVONLY && to->cfg.mode & MEDIA_SENDONLY;
}

static uint32_t wanted_mask(const struct stream_conn *c)
{
	uint32_t out = c->out.len ? EPOLLOUT : 0;

	switch (c->state) {
	case CONN_CONNECTING:
		return EPOLLOUT;
	case CONN_OPEN: /* looked at without being read: told once for each arrival */
		return EPOLLIN | EPOLLRDHUP | EPOLLET;
	case CONN_HANDSHAKE:
		return out | EPOLLIN;
	case CONN_HELD:
		return out | EPOLLRDHUP;
	case CONN_READY:
		return out | (conn_may_read(c->source.leg) ? EPOLLIN : 0);
	default:
		return out;
	}
}

int conn_rearm(struct stream_conn *c)
{
	uint32_t mask = wanted_mask(c);

	if (mask == c->epoll_mask)
		return 0;
	if (source_watch(c->source.leg->worker, c->fd, mask, &c->source) < 0)
		return -1;
	c->epoll_mask = mask;
	return 0;
}
