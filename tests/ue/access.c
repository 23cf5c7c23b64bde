/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ue/access.h"
#include "ue/net.h"
#include "ue/text.h"

struct access *accesses;
static int own_ns = -1;

struct access *access_find(struct slice name)
{
	for (struct access *a = accesses; a; a = a->next)
		if (slice_eq(slice_str(a->name), name))
			return a;
	return NULL;
}

struct access *access_new(struct slice name)
{
	struct access *a = ue_alloc(sizeof(*a)), **at = &accesses;

	a->name = ue_dup(name);
	a->ns_fd = a->encap_fd = -1;
	a->ipsec = true;
	sec_agree_offer_parse(
	    SLICE_LIT("hmac-sha-1-96/aes-cbc hmac-sha-1-96/null hmac-md5-96/aes-cbc "
		      "hmac-md5-96/null"),
	    &a->offer);
	while (*at)
		at = &(*at)->next;
	*at = a;
	return a;
}

int access_open(struct access *a)
{
	char path[512];

	if (!a->netns)
		return 0;
	if (own_ns < 0)
		own_ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "%s%s", strchr(a->netns, '/') ? "" : "/run/netns/", a->netns);
	a->ns_fd = open(path, O_RDONLY | O_CLOEXEC);
	return a->ns_fd < 0 || own_ns < 0 ? -1 : 0;
}

void access_free_all(void)
{
	while (accesses) {
		struct access *a = accesses;

		accesses = a->next;
		if (a->clear)
			port_release(a->clear);
		xfrm_close(a->xfrm);
		loop_stop(&a->alive);
		if (a->encap_fd >= 0)
			close(a->encap_fd);
		if (a->ns_fd >= 0)
			close(a->ns_fd);
		free(a->routes);
		free(a->name);
		free(a->netns);
		free(a->dev);
		free(a->pani);
		free(a);
	}
	if (own_ns >= 0)
		close(own_ns);
	own_ns = -1;
}

static int enter(const struct access *a)
{
	return a->ns_fd < 0 ? 0 : setns(a->ns_fd, CLONE_NEWNET);
}

static void leave(const struct access *a)
{
	int err = errno;

	/* There is no way on in a foreign namespace. */
	if (a->ns_fd >= 0 && setns(own_ns, CLONE_NEWNET) != 0) {
		perror("ims-ue: cannot return to its own network namespace");
		exit(3);
	}
	errno = err;
}

static int setup_socket(const struct access *a, int fd, int type, uint16_t port)
{
	struct netaddr at = a->local;
	struct sockaddr_storage ss;
	socklen_t len;
	int one = 1;

	at.port = port;
	len = netaddr_to_sockaddr(&at, &ss);
	/* TCP: in spite of TIME_WAIT. With UDP it would let two phones of one address share a port.
	 */
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (at.family == 6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	/* Without this a socket of a dead access would go on over another one by the default route.
	 */
	if (a->dev &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, a->dev, (socklen_t)strlen(a->dev)) != 0)
		return -1;
	return bind(fd, (struct sockaddr *)&ss, len);
}

int access_socket(const struct access *a, int type, uint16_t port)
{
	int fd;

	if (enter(a) != 0)
		return -1;
	fd = socket(netaddr_af(&a->local), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && setup_socket(a, fd, type, port) != 0) {
		int err = errno;

		close(fd);
		errno = err;
		fd = -1;
	}
	leave(a);
	return fd;
}

struct xfrm *access_xfrm(struct access *a)
{
	if (!a->xfrm && enter(a) == 0) {
		if (xfrm_open(&a->xfrm) != 0)
			a->xfrm = NULL;
		leave(a);
	}
	return a->xfrm;
}

#define ENCAP_PORT	 4500
#define NAT_KEEPALIVE_MS 20000

static void keep_nat_alive(struct timer *t)
{
	struct access *a = t->owner;
	struct netaddr to = a->pcscf;
	struct sockaddr_storage ss;
	socklen_t len;

	to.port = ENCAP_PORT;
	len = netaddr_to_sockaddr(&to, &ss);
	/* One that is lost is followed by another. */
	(void)!sendto(a->encap_fd, "\xff", 1, MSG_DONTWAIT, (struct sockaddr *)&ss, len);
	loop_start(t, loop_now_ms() + NAT_KEEPALIVE_MS, keep_nat_alive, a);
}

int access_encap(struct access *a)
{
	struct netaddr at = a->local;
	int err;

	if (a->encap_fd >= 0)
		return 0;
	at.port = ENCAP_PORT;
	if (enter(a) != 0)
		return -1;
	a->encap_fd = xfrm_encap_open(&at);
	err = errno;
	leave(a);
	errno = err;
	if (a->encap_fd < 0) {
		a->encap_fd = -1;
		return -1;
	}
	a->alive.owner = a;
	keep_nat_alive(&a->alive);
	return 0;
}

/* Without it the kernel drops IPv6 addresses with the link. Kernels without IPv6 have no such file.
 */
static void keep_ipv6_addresses(const struct access *a)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%.32s/keep_addr_on_down", a->dev);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		if (write(fd, "1", 1) != 1)
			errno = 0;
		close(fd);
	}
}

static int set_link(const struct access *a, bool up)
{
	struct ifreq req = {0};
	int fd, rc = -1;

	if (!a->dev || strlen(a->dev) >= IFNAMSIZ) {
		errno = ENODEV;
		return -1;
	}
	if (enter(a) != 0)
		return -1;
	if (!up)
		keep_ipv6_addresses(a);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	memcpy(req.ifr_name, a->dev, strlen(a->dev));
	if (fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &req) == 0) {
		if (up)
			req.ifr_flags |= IFF_UP;
		else
			req.ifr_flags &= (short)~IFF_UP;
		rc = ioctl(fd, SIOCSIFFLAGS, &req);
	}
	if (fd >= 0)
		close(fd);
	leave(a);
	return rc;
}

bool access_is_down(const struct access *a)
{
	struct ifreq req = {0};
	bool down = false;
	int fd;

	if (a->is_cut)
		return true;
	if (!a->dev || strlen(a->dev) >= IFNAMSIZ || enter(a) != 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	memcpy(req.ifr_name, a->dev, strlen(a->dev));
	if (fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &req) == 0)
		down = !(req.ifr_flags & IFF_UP) || !(req.ifr_flags & IFF_RUNNING);
	if (fd >= 0)
		close(fd);
	leave(a);
	return down;
}

/* "ip [-6] route show table all dev DEV", one command a line that adds each route again. */
static void remember_routes(struct access *a)
{
	struct text all = {0};
	char cmd[512], line[512];
	FILE *p;

	for (int v6 = 0; v6 < 2; v6++) {
		snprintf(cmd, sizeof(cmd), "ip %s%s %s route show table all dev %s 2>/dev/null",
			 a->netns ? "-n " : "", a->netns ? a->netns : "", v6 ? "-6" : "-4", a->dev);
		p = popen(cmd, "re");
		while (p && fgets(line, sizeof(line), p)) {
			struct slice s = slice_trim(slice_str(line));

			if (strstr(line, "proto kernel") || strncmp(line, "local ", 6) == 0 ||
			    strncmp(line, "broadcast ", 10) == 0 ||
			    strncmp(line, "multicast ", 10) == 0 ||
			    strncmp(line, "anycast ", 8) == 0)
				continue;
			char *cut = strstr(line, " linkdown");

			if (cut)
				s.len = (size_t)(cut - line);
			text_add(&all, "%s route replace %.*s dev %s\n", v6 ? "-6" : "-4",
				 (int)s.len, s.p, a->dev);
		}
		if (p)
			pclose(p);
	}
	free(a->routes);
	a->routes = all.p;
}

static void put_routes_back(struct access *a)
{
	struct slice rest = slice_str(a->routes);
	char cmd[768];

	while (rest.len) {
		struct slice line = slice_cut(&rest, '\n');

		if (line.len == 0)
			continue;
		snprintf(cmd, sizeof(cmd), "ip %s%s %.*s 2>/dev/null", a->netns ? "-n " : "",
			 a->netns ? a->netns : "", (int)line.len, line.p);
		if (system(cmd) != 0) /* the kernel may have put it back itself */
			continue;
	}
	free(a->routes);
	a->routes = NULL;
}

int access_cut(struct access *a)
{
	if (!a->dev) {
		errno = ENODEV;
		return -1;
	}
	if (a->is_cut)
		return 0;
	remember_routes(a);
	if (set_link(a, false) != 0)
		return -1;
	a->is_cut = true;
	return 0;
}

int access_restore(struct access *a)
{
	if (set_link(a, true) != 0)
		return -1;
	a->is_cut = false;
	if (a->routes)
		put_routes_back(a);
	return 0;
}
