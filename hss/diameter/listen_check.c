/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/listen_check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t make_address(const char *text, uint16_t port, union address *out)
{
	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, text, &out->in.sin_addr) == 1) {
		out->in.sin_family = AF_INET;
		out->in.sin_port = htons(port);
		return sizeof(out->in);
	}
	inet_pton(AF_INET6, text, &out->in6.sin6_addr);
	out->in6.sin6_family = AF_INET6;
	out->in6.sin6_port = htons(port);
	return sizeof(out->in6);
}

static int check_one(const char *text, uint16_t port, char *why, size_t size)
{
	union address address;
	socklen_t len = make_address(text, port, &address);
	int fd = socket(address.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	int ok = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
		 bind(fd, &address.sa, len) == 0 && listen(fd, 1) == 0;

	if (!ok)
		snprintf(why, size, "cannot listen on %s port %u: %s; %s", text, port,
			 strerror(errno),
			 errno == EADDRNOTAVAIL ? "give this machine the address, or mend listen"
			 : errno == EADDRINUSE	? "stop what listens there, or mend port"
						: "mend listen or port");
	if (fd >= 0)
		close(fd);
	return ok ? 0 : -1;
}

int listen_check(const struct config *cfg, char *why, size_t size)
{
	int fd;

	for (size_t i = 0; i < cfg->n_listen; i++)
		if ((cfg->port && check_one(cfg->listen[i], cfg->port, why, size)) ||
		    (cfg->tls_port && check_one(cfg->listen[i], cfg->tls_port, why, size)))
			return -1;
	if (!cfg->sctp)
		return 0;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP);
	if (fd < 0) {
		snprintf(why, size,
			 "this kernel has no SCTP; load its module sctp, or set sctp to no");
		return -1;
	}
	close(fd);
	return 0;
}
