/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last look at every packet before it leaves: what goes to a UE with SAs must leave from a port
 * and go to a port that its SAs protect, whoever sent it - an answer by tm or sl, a retransmission,
 * a ping of another module, a CANCEL. Over UDP that is port_pc -> port_us for requests and answers
 * alike; over TCP an answer stays on its connection, and if that is gone a new one is opened
 * port_pc -> port_us (TS 33.203 7.1, RFC 3261 18.2.2).
 */
#include "modules/ims_flow/exports.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sip/header.h"

#include "../../core/events.h"

/*
 * Where packets for phones that are gone end: a socket of ours that nobody reads. The kernel would
 * refuse them, for no SA is left, and the core would log each as an error, although a phone that is
 * switched off in the middle of a transaction is all it takes.
 */
static struct socket_info sink;
static union sockaddr_union sink_addr;

/* Better to send over when several sets share the port: what has not ended, what is in use, what is
 * younger. */
static bool better(const struct flow_hit *a, const struct flow_hit *b)
{
	const struct sa_set *x = &a->f->sa[a->link / 2], *y = &b->f->sa[b->link / 2];
	int m = 2 * (a->f->state != FLOW_CLOSING) + (x->state == SA_IN_USE);
	int n = 2 * (b->f->state != FLOW_CLOSING) + (y->state == SA_IN_USE);

	return m != n ? m > n : x->made_ms > y->made_ms;
}

/* Where to, if it is for a UE: *to_port, *from. inside: it leaves a protected port as it is; answer: it is one, not to a REGISTER. */
static bool look_up(const struct dest_info *dst, bool inside, bool answer, struct netaddr *local,
		    uint16_t *to_port, uint16_t *from_port)
{
	struct flow_hit hit = {NULL, 0}, best = {NULL, 0};
	struct ip_addr ip;
	struct netaddr ue;
	uint16_t port = su_getport(&dst->to);

	su2ip_addr(&ip, (union sockaddr_union *)&dst->to);
	ue = netaddr_of_ip(&ip);
	TABLE_LOCK();
	while (flow_table_count(table) && flow_by_addr(table, &ue, port, &hit)) {
		const struct sa_set *sa = &hit.f->sa[hit.link / 2];

		if (hit.link == FLOW_LINK_PLAIN)
			continue;
		/* What leaves the open ports is changed by nobody's claim: neither by a set that
		 * is not authenticated, nor by an address that its UE only says it has. */
		if (!inside && ((!flow_alive(hit.f) && !answer) || sa->state == SA_TEMPORARY ||
				netaddr_known(&sa->outer)))
			continue;
		if (dst->send_sock && inside) {
			struct netaddr here;

			here = netaddr_of_ip(&dst->send_sock->address);
			if (!netaddr_ip_eq(&here, &hit.f->local))
				continue;
		}
		if (!best.f || better(&hit, &best))
			best = hit;
	}
	if (best.f) {
		*local = best.f->local;
		*to_port = best.f->sa[best.link / 2].port_us;
		*from_port = best.f->sa[best.link / 2].port_pc;
	}
	TABLE_UNLOCK();
	return best.f != NULL;
}

static bool is_answer(const str *text)
{
	return text->len > 8 && memcmp(text->s, "SIP/2.0 ", 8) == 0;
}

/* Of a message's text, which others have read: what its CSeq names. */
static bool concerns_register(const str *text)
{
	struct slice rest = slice_of(*text), name, value;

	while (sip_header_next(&rest, &name, &value))
		if (slice_eq_nocase(name, SLICE_LIT("CSeq")))
			return slice_eq(sip_cseq_method(value), SLICE_LIT("REGISTER"));
	return false;
}

static int before_send(sr_event_param_t *evp)
{
	struct dest_info *dst = evp->dst;
	struct netaddr local;
	struct socket_info *si;
	uint16_t to_port, from_port;
	bool inside, answer;

	if (!dst || (dst->proto != PROTO_UDP && dst->proto != PROTO_TCP) ||
	    (dst->to.s.sa_family != AF_INET && dst->to.s.sa_family != AF_INET6))
		return 0;
	inside = dst->send_sock && port_is_protected(dst->send_sock->port_no);
	answer = is_answer(evp->data);
	/* It goes the way its request came: in clear, to a phone that lost its SAs, say. Nothing but a REGISTER
	 * comes in clear from a phone with SAs, so that any other answer is one whose transaction has gone, and
	 * which Kamailio sends by its Via from the first socket it finds. */
	if (!inside && answer && concerns_register(evp->data))
		return 0;
	if (!look_up(dst, inside, answer, &local, &to_port, &from_port)) {
		if (dst->proto == PROTO_UDP && inside) {
			COUNT(discarded);
			dst->send_sock = &sink;
			dst->to = sink_addr;
		}
		return 0;
	}
	if (dst->send_sock && dst->send_sock->port_no == from_port &&
	    su_getport(&dst->to) == to_port &&
	    (dst->proto == PROTO_UDP || (dst->send_flags.f & SND_F_FORCE_SOCKET)))
		return 0;
	si = local_socket(&local, from_port, dst->proto);
	if (!si) {
		LM_ERR(
		    "no listen socket for port %u and protocol %d: add it to the configuration\n",
		    from_port, dst->proto);
		return 0;
	}
	COUNT(redirected);
	dst->send_sock = si;
	dst->send_flags.f |= SND_F_FORCE_SOCKET;
	su_setport(&dst->to, to_port);
	return 0;
}

static int sink_open(void)
{
	struct sockaddr_in *sin = &sink_addr.sin;
	socklen_t len = sizeof(*sin);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), small = 1;

	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)) < 0 ||
	    bind(fd, &sink_addr.s, len) < 0 || getsockname(fd, &sink_addr.s, &len) < 0) {
		LM_ERR("no socket on the loopback address: %s\n", strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	/* With the names of another one: tm makes the Via of a CANCEL from what its INVITE had. */
	sink = *udp_listen;
	sink.socket = fd;
	return 0;
}

int outbound_init(void)
{
	if (settings.ipsec == IPSEC_OFF)
		return 0;
	if (udp_listen && sink_open())
		return -1;
	return sr_event_register_cb(SREV_NET_DATA_OUT, before_send);
}
