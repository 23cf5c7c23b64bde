/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ESP in UDP: the socket through which the kernel receives it, and news of senders behind a NAT. */
#include "xfrm/internal.h"

#include <errno.h>
#include <linux/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int close_failed(int fd)
{
	int err = errno;

	if (fd >= 0)
		close(fd);
	errno = err;
	return XFRM_E_SYS;
}

int xfrm_mapping_open(void)
{
	struct sockaddr_nl addr = {.nl_family = AF_NETLINK,
				   .nl_groups = 1u << (XFRMNLGRP_MAPPING - 1)};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_XFRM);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return close_failed(fd);
	return fd;
}

int xfrm_mapping_next(int fd, struct xfrm_mapping *out)
{
	char buf[1024] __attribute__((aligned(8)));

	for (;;) {
		ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

		if (n < 0 && (errno == EINTR || errno == ENOBUFS))
			continue; /* some were lost: the next packet brings another */
		if (n < 0)
			return errno == EAGAIN ? 0 : XFRM_E_SYS;
		if (mnl_nlmsg_ok((void *)buf, (int)n) &&
		    xfrm_msg_read_mapping((void *)buf, out) == XFRM_OK)
			return 1;
	}
}

int xfrm_encap_open(const struct netaddr *local)
{
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(local, &ss);
	int fd = socket(netaddr_af(local), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int encap = UDP_ENCAP_ESPINUDP, small = 1, on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)) < 0 ||
	    (local->family == 6 &&
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0) ||
	    setsockopt(fd, IPPROTO_UDP, UDP_ENCAP, &encap, sizeof(encap)) < 0 ||
	    bind(fd, (struct sockaddr *)&ss, len) < 0)
		return close_failed(fd);
	return fd;
}
