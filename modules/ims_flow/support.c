/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small translations between Kamailio's types and ours: addresses and sockets. */
#include "modules/ims_flow/glue.h"

#include "../../core/globals.h"

struct socket_info *local_socket(const struct netaddr *local, uint16_t port, int proto)
{
	struct ip_addr ip = {.af = netaddr_af(local), .len = netaddr_len(local)};

	memcpy(ip.u.addr, local->ip, ip.len);
	return find_si(&ip, port, proto);
}

bool ipsec_is_ours(void)
{
	return settings.ipsec == IPSEC_OFFERED || settings.ipsec == IPSEC_REQUIRED;
}

bool port_is_protected(uint16_t port)
{
	return ipsec_is_ours() && (port == settings.port_ps || port == settings.port_pc);
}

struct flow_set *set_of_received(struct sip_msg *msg, int *slot)
{
	struct netaddr ue = netaddr_of_ip(&msg->rcv.src_ip);
	struct netaddr local = netaddr_of_ip(&msg->rcv.dst_ip);

	return flow_by_received(table, &ue, msg->rcv.src_port, &local, msg->rcv.dst_port,
				msg->rcv.proto, slot);
}

/* Nothing for the core may leave from a protected port, and without mhomed the core would send it
 * from where the message came in. */
void leave_by_open_port(sip_msg_t *msg)
{
	struct socket_info *in = msg->rcv.bind_address, *si;

	if (mhomed || msg->force_send_socket || !in || !port_is_protected(in->port_no))
		return;
	for (si = in->proto == PROTO_UDP ? udp_listen : tcp_listen; si; si = si->next)
		if (ip_addr_cmp(&si->address, &in->address) && !port_is_protected(si->port_no)) {
			set_force_socket(msg, si);
			return;
		}
}

int security_server(const struct sa_set *sa, char *buf, size_t size)
{
	struct sec_agree_ipsec v = {.alg = sa->alg,
				    .ealg = sa->ealg,
				    .spi_c = sa->spi_pc,
				    .spi_s = sa->spi_ps,
				    .port_c = sa->port_pc,
				    .port_s = sa->port_ps,
				    .q = 500,
				    .udp_enc_tun = sa->outer.family != 0};

	size_t len = 0;
	int rc = sec_agree_build(&v, true, buf, size, &len);

	if (rc || !sa->media_sent)
		return rc;
	if (size - len < 3)
		return SEC_AGREE_E_SPACE;
	memcpy(buf + len, ", ", 2);
	return mediasec_build(sa->media_sent, buf + len + 2, size - len - 2, NULL);
}
