/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last look at every packet before it leaves: what goes to a UE with SAs must leave from a port
 * and go to a port that its SAs protect, whoever sent it - an answer by tm or sl, a retransmission,
 * a ping of another module, a CANCEL. Over UDP that is port_pc -> port_us for requests and answers
 * alike; over TCP an answer stays on its connection, and if that is gone a new one is opened
 * port_pc -> port_us (TS 33.203 7.1, RFC 3261 18.2.2).
 */
#include "modules/ims_flow/glue.h"

#include "../../core/events.h"

/* Where to, if it is for a UE: *to_port, *from. */
static bool look_up(const struct dest_info *dst, struct flow_ip *local, uint16_t *to_port,
		    uint16_t *from_port)
{
	bool inside = dst->send_sock && port_is_protected(dst->send_sock->port_no);
	struct flow_hit hit = {NULL, 0}, best = {NULL, 0};
	struct ip_addr ip;
	struct flow_ip ue;
	uint16_t port = su_getport(&dst->to);

	su2ip_addr(&ip, (union sockaddr_union *)&dst->to);
	flow_ip_from(&ip, &ue);
	TABLE_LOCK();
	while (flow_table_count(table) && flow_by_addr(table, &ue, port, &hit)) {
		const struct sa_set *sa = &hit.f->sa[hit.link / 2],
				    *old = best.f ? &best.f->sa[best.link / 2] : NULL;

		if (hit.link == FLOW_LINK_PLAIN)
			continue;
		/* An unauthenticated set changes nothing for what leaves the open ports. */
		if (!inside && (!flow_alive(hit.f) || sa->state == SA_TEMPORARY))
			continue;
		if (dst->send_sock && inside) {
			struct flow_ip here;

			flow_ip_from(&dst->send_sock->address, &here);
			if (!flow_ip_eq(&here, &hit.f->local))
				continue;
		}
		if (!old || (sa->state == SA_IN_USE && old->state != SA_IN_USE) ||
		    ((sa->state == SA_IN_USE) == (old->state == SA_IN_USE) &&
		     sa->made_ms > old->made_ms))
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

static int before_send(sr_event_param_t *evp)
{
	struct dest_info *dst = evp->dst;
	struct flow_ip local;
	struct socket_info *si;
	uint16_t to_port, from_port;

	if (!dst || (dst->proto != PROTO_UDP && dst->proto != PROTO_TCP) ||
	    (dst->to.s.sa_family != AF_INET && dst->to.s.sa_family != AF_INET6))
		return 0;
	if (!look_up(dst, &local, &to_port, &from_port))
		return 0;
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
	COUNT(CNT_REDIRECTED);
	dst->send_sock = si;
	dst->send_flags.f |= SND_F_FORCE_SOCKET;
	su_setport(&dst->to, to_port);
	return 0;
}

int outbound_init(void)
{
	if (settings.ipsec == IPSEC_OFF)
		return 0;
	return sr_event_register_cb(SREV_NET_DATA_OUT, before_send);
}
