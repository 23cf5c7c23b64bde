/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which address a UE behind a NAT may say that it has inside. What is sent there goes to the NAT, so
 * the address must be nobody's whom the P-CSCF reaches otherwise: not its own, not one of the core,
 * not a neighbour (routers are such), and in any case one of nat_networks.
 */
#include "modules/ims_flow/nat.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <unistd.h>

/* What the kernel says of the way to an address. */
struct way {
	uint8_t type;	    /* RTN_UNICAST, RTN_LOCAL ... */
	uint8_t prefix_len; /* of the route; 0: the default one */
	bool gateway;
};

static struct mnl_socket *routes(void)
{
	static struct mnl_socket *nl;
	static pid_t opened_by;

	if (nl && opened_by == getpid())
		return nl;
	nl = mnl_socket_open(NETLINK_ROUTE);
	if (nl && mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		mnl_socket_close(nl);
		nl = NULL;
	}
	opened_by = getpid();
	return nl;
}

static int read_way(const struct nlmsghdr *nlh, struct way *out)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *a;

	if (nlh->nlmsg_type != RTM_NEWROUTE)
		return -1;
	*out = (struct way){.type = rt->rtm_type, .prefix_len = rt->rtm_dst_len};
	mnl_attr_for_each(a, nlh, sizeof(*rt)) switch (mnl_attr_get_type(a))
	{
	case RTA_GATEWAY:
	case RTA_VIA:
	case RTA_MULTIPATH:
		out->gateway = true;
		break;
	default:
		break;
	}
	return 0;
}

/* 0, or -1: there is no way, or the kernel does not say. */
static int ask_way(const struct netaddr *to, struct way *out)
{
	char buf[MNL_SOCKET_BUFFER_SIZE] __attribute__((aligned(8)));
	static uint32_t seq;
	struct mnl_socket *nl = routes();
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *rt;
	ssize_t n;

	nlh->nlmsg_type = RTM_GETROUTE;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	nlh->nlmsg_seq = ++seq;
	rt = mnl_nlmsg_put_extra_header(nlh, sizeof(*rt));
	rt->rtm_family = (uint8_t)netaddr_af(to);
	rt->rtm_dst_len = (uint8_t)(8 * netaddr_len(to));
	rt->rtm_flags = RTM_F_FIB_MATCH;
	mnl_attr_put(nlh, RTA_DST, netaddr_len(to), to->ip);
	if (!nl || mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return -1;
	do {
		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	} while (n > 0 && mnl_nlmsg_ok((void *)buf, (int)n) && nlh->nlmsg_seq != seq);
	return n > 0 && mnl_nlmsg_ok((void *)buf, (int)n) ? read_way(nlh, out) : -1;
}

static bool in_any(const struct netaddr *a, const struct netaddr_net *nets, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (netaddr_net_has(&nets[i], a))
			return true;
	return false;
}

static bool listens_there(const struct netaddr *a)
{
	struct socket_info *lists[] = {udp_listen, tcp_listen};

	for (unsigned l = 0; l < 2; l++)
		for (struct socket_info *si = lists[l]; si; si = si->next) {
			struct netaddr ours = netaddr_of_ip(&si->address);

			if (netaddr_ip_eq(a, &ours))
				return true;
		}
	return false;
}

bool inner_allowed(const struct netaddr *inner, const char **why)
{
	struct way way;

	*why = "it is in none of nat_networks";
	if (!in_any(inner, settings.nat_nets, settings.n_nat))
		return false;
	*why = "it is one of the core's";
	if (in_any(inner, settings.core, settings.n_core))
		return false;
	*why = "it is ours";
	if (listens_there(inner))
		return false;
	*why = "there is no route to it";
	if (ask_way(inner, &way))
		return false;
	*why = "it is ours, or no host's";
	if (way.type != RTN_UNICAST)
		return false;
	*why = "it is a neighbour's, whom no NAT is before";
	return way.gateway || way.prefix_len == 0;
}
