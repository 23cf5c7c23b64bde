/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets that take only ESP, and what other programs do to policies and SAs. */
#include "xfrm/internal.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int xfrm_socket_require(int fd, int family)
{
	struct {
		struct xfrm_userpolicy_info info;
		struct xfrm_user_tmpl tmpl;
	} p;
	bool v4 = family == AF_INET;

	memset(&p, 0, sizeof(p));
	p.info.sel.family = (uint16_t)family;
	p.info.lft.soft_byte_limit = p.info.lft.hard_byte_limit = XFRM_INF;
	p.info.lft.soft_packet_limit = p.info.lft.hard_packet_limit = XFRM_INF;
	p.info.dir = XFRM_POLICY_IN;
	p.info.action = XFRM_POLICY_ALLOW;
	p.info.share = XFRM_SHARE_ANY;
	p.tmpl.id.proto = IPPROTO_ESP;
	p.tmpl.family = (uint16_t)family;
	p.tmpl.mode = XFRM_MODE_TRANSPORT;
	p.tmpl.share = XFRM_SHARE_ANY;
	p.tmpl.aalgos = p.tmpl.ealgos = p.tmpl.calgos = ~0u;
	return setsockopt(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6,
			  v4 ? IP_XFRM_POLICY : IPV6_XFRM_POLICY, &p, sizeof(p)) < 0
		   ? XFRM_E_SYS
		   : XFRM_OK;
}

int xfrm_watch_open(void)
{
	struct sockaddr_nl addr = {.nl_family = AF_NETLINK,
				   .nl_groups =
				       1u << (XFRMNLGRP_POLICY - 1) | 1u << (XFRMNLGRP_SA - 1)};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_XFRM);
	int room = 4 << 20, err;

	if (fd < 0)
		return XFRM_E_SYS;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return XFRM_E_SYS;
}

/* Policies that block are never deleted by whoever set them. */
static bool deletes_block(const struct nlmsghdr *nlh)
{
	struct xfrm_userpolicy_id id;
	const struct nlattr *a;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(id))
		return false;
	memcpy(&id, mnl_nlmsg_get_payload(nlh), sizeof(id));
	for (a = mnl_nlmsg_get_payload_offset(nlh, sizeof(id));
	     mnl_attr_ok(a, (int)((const char *)mnl_nlmsg_get_payload_tail(nlh) - (const char *)a));
	     a = mnl_attr_next(a))
		if (mnl_attr_get_type(a) == XFRMA_POLICY) {
			struct xfrm_userpolicy_info info;

			if (mnl_attr_get_payload_len(a) < sizeof(info))
				return false;
			memcpy(&info, mnl_attr_get_payload(a), sizeof(info));
			return info.action == XFRM_POLICY_BLOCK;
		}
	return false;
}

enum xfrm_watch xfrm_watch_next(int fd)
{
	char buf[8192] __attribute__((aligned(8)));

	for (;;) {
		ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		const struct nlmsghdr *nlh = (const void *)buf;
		int left = (int)n;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == ENOBUFS ? XFRM_WATCH_MISSED : XFRM_WATCH_NOTHING;
		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
			switch (nlh->nlmsg_type) {
			case XFRM_MSG_FLUSHPOLICY:
				return XFRM_WATCH_POLICIES;
			case XFRM_MSG_FLUSHSA:
				return XFRM_WATCH_SAS;
			case XFRM_MSG_DELPOLICY:
				if (deletes_block(nlh))
					return XFRM_WATCH_POLICIES;
				break;
			default:
				break;
			}
	}
}
