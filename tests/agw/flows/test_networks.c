/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Access and core in networks of their own: two hosts with the same address in two namespaces, and the
 * gateway with one address in both, told apart by device alone (interfaces, then VRFs).
 */
#include "unit/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agw/flows/scene.h"

#define OURS   "10.7.0.1"
#define THEIRS "10.7.0.2"

enum { LEFT, RIGHT, NETWORKS };
static pid_t host[NETWORKS];

/* A process that does nothing but have a network namespace. */
static pid_t make_host(void)
{
	int ready[2];
	char c;
	pid_t pid;

	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNET) < 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	ck_assert_int_gt(pid, 0);
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return pid;
}

__attribute__((format(printf, 1, 2))) static bool run(const char *fmt, ...)
{
	char line[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	return system(line) == 0;
}

static void cable(int n)
{
	ck_assert(run("ip link add net%d type veth peer name eth0 netns %d", n, (int)host[n]));
	ck_assert(run("ip addr add " OURS "/24 dev net%d && ip link set net%d up", n, n));
	ck_assert(run("nsenter -t %d -n sh -c 'ip addr add " THEIRS "/24 dev eth0 && ip link set "
		      "eth0 up'",
		      (int)host[n]));
}

static void make_networks(void)
{
	for (int n = 0; n < NETWORKS; n++) {
		host[n] = make_host();
		cable(n);
	}
}

static void drop_networks(void)
{
	for (int n = 0; n < NETWORKS; n++) {
		run("ip link del net%d", n);
		run("ip link del vrf%d 2> /dev/null", n);
		kill(host[n], SIGKILL);
		waitpid(host[n], NULL, 0);
	}
}

/* A socket of that host, bound to its address. */
static int socket_at(int n, int type, uint16_t port)
{
	struct netaddr me = at(THEIRS, port);
	struct timeval patience = {.tv_sec = 20};
	struct sockaddr_storage ss;
	socklen_t size = netaddr_to_sockaddr(&me, &ss);
	int one = 1, home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), there, fd;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)host[n]);
	there = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(setns(there, CLONE_NEWNET), 0);
	fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(setns(home, CLONE_NEWNET), 0);
	close(there);
	close(home);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, size), 0);
	return fd;
}

static void send_to(int fd, int port, const char *word)
{
	struct netaddr us = at(OURS, port);
	struct sockaddr_storage ss;
	socklen_t size = netaddr_to_sockaddr(&us, &ss);

	ck_assert_int_eq(sendto(fd, word, strlen(word), 0, (struct sockaddr *)&ss, size),
			 (int)strlen(word));
}

static void expect(int fd, const char *word)
{
	char got[32] = "";
	ssize_t n = recv(fd, got, sizeof(got) - 1, 0);

	ck_assert_msg(n == (ssize_t)strlen(word) && strcmp(got, word) == 0,
		      "'%s' and not '%s' (%s)", got, word, n < 0 ? strerror(errno) : "");
}

/* One end of a call in the realm of network n; its port. */
static int add(const char *context, int n, const char *media, const char *proto, int port,
	       const char *more, int *id)
{
	const char *r =
	    mgc_do("Context = %s { Add = ip/net%d/$ { Media { Stream = 1 { LocalControl { Mode = "
		   "SendReceive "
		   "}, Local {\nc=IN IP4 $\nm=%s $ %s *\n%s\n}, Remote {\nc=IN IP4 " THEIRS
		   "\nm=%s %d %s *\n} } } } }",
		   context, n, media, proto, more, media, port, proto);
	char line[32];

	ck_assert_msg(!strstr(r, "Error"), "%s", r);
	*id = after(r, "Context = ");
	snprintf(line, sizeof(line), "m=%s ", media);
	return after(r, line);
}

static void datagrams_stay_in_their_network(void)
{
	int fd[NETWORKS], port[NETWORKS], id;
	char context[16];

	for (int n = 0; n < NETWORKS; n++)
		fd[n] = socket_at(n, SOCK_DGRAM, 4000);
	port[LEFT] = add("$", LEFT, "image", "udptl", 4000, "a=x", &id);
	snprintf(context, sizeof(context), "%d", id);
	port[RIGHT] = add(context, RIGHT, "image", "udptl", 4000, "a=x", &id);
	ck_assert_int_ne(port[LEFT], port[RIGHT]);
	/* To the other's port: the address is the same, the network is not. */
	send_to(fd[RIGHT], port[LEFT], "astray");
	send_to(fd[LEFT], port[RIGHT], "astray");
	send_to(fd[LEFT], port[LEFT], "from the left");
	expect(fd[RIGHT], "from the left");
	send_to(fd[RIGHT], port[RIGHT], "from the right");
	expect(fd[LEFT], "from the right");
	rig_ctl_has("dump", "in 1 packets 14 octets, out 1 packets 13");
	rig_ctl_has("dump", "in 1 packets 13 octets, out 1 packets 14");
	mgc_do("Context = %d { Subtract = * }", id);
	close(fd[LEFT]);
	close(fd[RIGHT]);
}

static void connections_stay_in_their_network(void)
{
	int caller = socket_at(LEFT, SOCK_STREAM, 0), called = socket_at(RIGHT, SOCK_STREAM, 5000),
	    far, port, id;
	struct sockaddr_storage ss;
	struct netaddr us;
	socklen_t size;
	char context[16];

	ck_assert_int_eq(listen(called, 1), 0);
	port = add("$", LEFT, "application", "TCP", 9, "a=setup:passive", &id);
	snprintf(context, sizeof(context), "%d", id);
	add(context, RIGHT, "application", "TCP", 5000, "a=setup:active", &id);
	us = at(OURS, port);
	size = netaddr_to_sockaddr(&us, &ss);
	ck_assert_int_eq(connect(caller, (struct sockaddr *)&ss, size), 0);
	far = endpoint_accept(called, 20000);
	ck_assert_int_ge(far, 0);
	ck_assert_int_eq(send(caller, "over", 4, 0), 4);
	expect(far, "over");
	ck_assert_int_eq(send(far, "and back", 8, 0), 8);
	expect(caller, "and back");
	mgc_do("Context = %d { Subtract = * }", id);
	close(caller);
	close(called);
	close(far);
}

static void play(const char *kind)
{
	char realms[300];

	snprintf(realms, sizeof(realms),
		 "[realm net0]\naddress = " OURS "\nports = 40000-40099\ndevice = %s0\n"
		 "[realm net1]\naddress = " OURS "\nports = 40000-40099\ndevice = %s1\n",
		 kind, kind);
	rig_start(realms);
	datagrams_stay_in_their_network();
	connections_stay_in_their_network();
	rig_stop();
}

START_TEST(realms_of_two_interfaces_do_not_mix)
{
	make_networks();
	play("net");
	drop_networks();
}
END_TEST

START_TEST(realms_of_two_vrfs_do_not_mix)
{
	make_networks();
	if (!run("ip link add vrf0 type vrf table 100 2> /dev/null")) {
		drop_networks();
		UNIT_SKIP("this kernel has no VRFs");
	}
	ck_assert(run("ip link add vrf1 type vrf table 101"));
	for (int n = 0; n < NETWORKS; n++)
		ck_assert(run("ip link set vrf%d up && ip link set net%d master vrf%d", n, n, n));
	play("vrf");
	drop_networks();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {realms_of_two_interfaces_do_not_mix,
				      realms_of_two_vrfs_do_not_mix};

	return flows_main("networks", tests, sizeof(tests) / sizeof(tests[0]));
}
