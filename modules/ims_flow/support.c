/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small translations between Kamailio's types and ours: addresses and sockets. */
#include "modules/ims_flow/glue.h"

#include <arpa/inet.h>

#include "../../core/globals.h"
#include "../../core/resolve.h"

void flow_ip_from(const struct ip_addr *in, struct flow_ip *out)
{
	memset(out, 0, sizeof(*out));
	out->af = in->af == AF_INET ? 4 : 6;
	memcpy(out->a, in->u.addr, in->af == AF_INET ? 4 : 16);
}

void flow_ip_to(const struct flow_ip *in, struct ip_addr *out)
{
	memset(out, 0, sizeof(*out));
	out->af = in->af == 4 ? AF_INET : AF_INET6;
	out->len = in->af == 4 ? 4 : 16;
	memcpy(out->u.addr, in->a, out->len);
}

int flow_ip_text(const struct flow_ip *in, char *buf, int size, bool brackets)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(in->af == 4 ? AF_INET : AF_INET6, in->a, text, sizeof(text));
	return snprintf(buf, size, brackets && in->af == 6 ? "[%s]" : "%s", text);
}

struct socket_info *local_socket(const struct flow_ip *local, uint16_t port, int proto)
{
	struct ip_addr ip;

	flow_ip_to(local, &ip);
	return find_si(&ip, port, proto);
}

bool flow_ip_of_uri(struct sip_uri *uri, struct flow_ip *ip)
{
	struct ip_addr *a = str2ip(&uri->host);

	if (!a)
		a = str2ip6(&uri->host);
	if (!a)
		return false;
	flow_ip_from(a, ip);
	return true;
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
	struct flow_ip ue, local;

	flow_ip_from(&msg->rcv.src_ip, &ue);
	flow_ip_from(&msg->rcv.dst_ip, &local);
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
				    .udp_enc_tun = sa->outer.af != 0};

	return sec_agree_build(&v, true, buf, size, NULL);
}
