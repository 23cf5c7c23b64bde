/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UEs behind a NAT (TS 33.203 annex M): ESP in UDP, tunnel mode. SIP inside is as without a NAT,
 * for the UE's own address is inside the tunnel. Which port the NAT gave to the UE's port 4500 is
 * learned from the first authentic packet, and again whenever the NAT changes its mind.
 */
#include "modules/ims_flow/changes.h"
#include "modules/ims_flow/kernel.h"
#include "modules/ims_flow/nat.h"
#include "modules/ims_flow/core/kernel_map.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "../../core/pt.h"
#include "modules/common/process.h"
#include "xfrm/xfrm.h"

static int mappings = -1; /* shared by all processes */

static bool already(const struct netaddr *ips, unsigned n, const struct netaddr *ip)
{
	for (unsigned i = 0; i < n; i++)
		if (netaddr_ip_eq(&ips[i], ip))
			return true;
	return false;
}

/* One socket per address that serves UEs; the kernel does the rest, so that nobody reads them. */
static int open_sockets(void)
{
	struct socket_info *lists[2] = {udp_listen, tcp_listen};
	struct netaddr done[64];
	unsigned n = 0;

	for (int l = 0; l < 2; l++)
		for (struct socket_info *si = lists[l]; si; si = si->next) {
			struct netaddr ip;
			struct netaddr at;

			ip = netaddr_of_ip(&si->address);
			if (si->port_no != settings.port_ps || already(done, n, &ip))
				continue;
			at = flow_map_addr(&ip, ENCAP_PORT);
			if (n == 64 || xfrm_encap_open(&at) < 0) {
				LM_ERR("UDP port %d of %.*s for ESP in UDP: %s\n", ENCAP_PORT,
				       si->address_str.len, si->address_str.s, strerror(errno));
				return -1;
			}
			done[n++] = ip;
		}
	return 0;
}

int nat_init(void)
{
	if (!settings.nat || !ipsec_is_ours())
		return 0;
	mappings = xfrm_mapping_open();
	if (mappings < 0) {
		LM_ERR("no netlink socket for NAT mappings: %s\n", strerror(errno));
		return -1;
	}
	return open_sockets();
}

void nat_learn(void)
{
	struct flow_effects *fx;
	struct xfrm_mapping m;

	if (mappings < 0)
		return;
	fx = changes_begin();
	while (flow_has_room(fx) && xfrm_mapping_next(mappings, &m) == 1) {
		struct netaddr ue, outer = flow_map_ip(&m.src);
		uint16_t port;
		bool known = false;

		if (kernel_inner(&m.dst, m.spi, &ue, &port) == 0) {
			TABLE_LOCK();
			known = flow_mapped(table, &ue, port, m.spi, &outer, m.src.port, fx);
			TABLE_UNLOCK();
		}
		counter_inc(known ? flow_counters.mappings : flow_counters.foreign_nat);
	}
	changes_end(fx);
}

void nat_learn_before(sip_msg_t *msg)
{
	struct flow_set *f;
	int slot;
	bool behind;

	if (mappings < 0)
		return;
	TABLE_LOCK();
	f = set_of_received(msg, &slot);
	behind = f && slot >= 0 && f->sa[slot].outer.family;
	TABLE_UNLOCK();
	if (behind)
		nat_learn();
}

int nat_found(sip_msg_t *msg, struct netaddr *inner)
{
	char text[NETADDR_TEXT_MAX];
	struct netaddr source;
	const char *why;

	if (mappings < 0 || netaddr_parse_host(slice_of(msg->via1->host), inner))
		return 0;
	source = netaddr_of_ip(&msg->rcv.src_ip);
	if (inner->family != source.family || netaddr_ip_eq(inner, &source))
		return 0;
	if (inner_allowed(inner, &why))
		return 1;
	LM_INFO("a UE behind a NAT says that its address inside is %s: %s\n",
		netaddr_ip_text(inner, text), why);
	return -1;
}

/* For what no worker sees: a TCP handshake is answered by the kernel alone. */
static void ready(int fd, short revents, void *arg)
{
	nat_learn();
}

int nat_watch(struct kam_process *p)
{
	return mappings < 0 ? 0 : kam_process_watch(p, mappings, POLLIN, ready, NULL);
}
