/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signs of life that are not SIP. Over UDP: CRLF, and STUN, which is answered over the same pair of
 * SAs it came by. Over TCP the core answers double CRLF itself (tcp_crlf_ping), and a connection
 * that closes says so.
 */
#include "modules/ims_flow/changes.h"
#include "modules/ims_flow/exports.h"
#include "modules/ims_flow/core/stun.h"

#include "../../core/events.h"
#include "../../core/tcp_conn.h"
#include "../../core/udp_server.h"

static bool note(const struct receive_info *rcv)
{
	struct netaddr ue, here;
	struct flow_set *f;
	int slot;

	ue = netaddr_of_ip(&rcv->src_ip);
	here = netaddr_of_ip(&rcv->dst_ip);
	TABLE_LOCK();
	f = flow_by_received(table, &ue, rcv->src_port, &here, rcv->dst_port, PROTO_UDP, &slot);
	if (f)
		f->seen_ms = flow_now();
	TABLE_UNLOCK();
	if (f)
		COUNT(keepalives);
	return f != NULL;
}

static int datagram(sr_event_param_t *evp)
{
	void **in = evp->data;
	const uint8_t *p = in[0];
	int len = *(int *)in[1];
	struct receive_info *rcv = in[2];
	uint8_t out[STUN_ANSWER_MAX];
	struct dest_info dst;
	struct netaddr from;
	size_t n;

	if (flow_keepalive_is_crlf(p, len)) {
		note(rcv);
		return 0;
	}
	if (len < 20 || p[0] != 0)
		return 0;
	from = netaddr_of_ip(&rcv->src_ip);
	n = flow_stun_answer(p, len, &from, rcv->src_port, out);
	if (!n || !note(rcv))
		return 0; /* somebody else's STUN: another module may serve it */
	init_dest_info(&dst);
	dst.proto = PROTO_UDP;
	dst.to = rcv->src_su;
	dst.send_sock = rcv->bind_address;
	udp_send(&dst, (char *)out, n);
	return -1;
}

/* A connection without IPsec is the flow: when it closes, the flow is dead (RFC 5626 4.5). */
static int tcp_closed(sr_event_param_t *evp)
{
	struct tcp_connection *con = ((tcp_closed_event_info_t *)evp->data)->con;
	struct flow_effects *fx;
	struct netaddr ue, here;
	struct flow_set *f;
	bool ours;
	int slot;

	ue = netaddr_of_ip(&con->rcv.src_ip);
	here = netaddr_of_ip(&con->rcv.dst_ip);
	TABLE_LOCK();
	f = flow_by_received(table, &ue, con->rcv.src_port, &here, con->rcv.dst_port,
			     con->rcv.proto, &slot);
	ours = f && !f->ipsec && f->conn == (uint32_t)con->id && flow_alive(f);
	TABLE_UNLOCK();
	if (!ours)
		return 0;
	fx = changes_begin();
	TABLE_LOCK();
	f = flow_by_received(table, &ue, con->rcv.src_port, &here, con->rcv.dst_port,
			     con->rcv.proto, &slot);
	if (f && !f->ipsec && f->conn == (uint32_t)con->id)
		flow_drop(table, f, FLOW_REASON_CLOSED, &settings.timers, flow_now(), fx);
	TABLE_UNLOCK();
	changes_end(fx);
	return 0;
}

int keepalive_init(void)
{
	return sr_event_register_cb(SREV_NET_DGRAM_IN, datagram) < 0 ||
		       sr_event_register_cb(SREV_TCP_CLOSED, tcp_closed) < 0
		   ? -1
		   : 0;
}
