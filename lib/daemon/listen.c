/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/listen.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int listen_address(const char *where, struct netaddr *a)
{
	uint64_t port;

	if (slice_u64(slice_str(where), UINT16_MAX, &port) == 0)
		*a = netaddr_make("\x7f\0\0\1", 4, (uint16_t)port);
	else if (netaddr_parse_port(slice_str(where), 0, a))
		return -1;
	return a->port ? 0 : -1;
}

int listen_open(const char *setting, const char *where, char *why, size_t size)
{
	struct sockaddr_storage ss;
	struct netaddr a;
	socklen_t len;
	int fd, one = 1;

	if (listen_address(where, &a)) {
		snprintf(why, size, "%s '%s' is not an address and port such as 127.0.0.1:9432",
			 setting, where);
		return -1;
	}
	len = netaddr_to_sockaddr(&a, &ss);
	fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
	    bind(fd, (struct sockaddr *)&ss, len) == 0 && listen(fd, 16) == 0)
		return fd;
	snprintf(why, size, "cannot serve %s on %s: %s; mend %s", setting, where, strerror(errno),
		 setting);
	if (fd >= 0)
		close(fd);
	return -1;
}
