/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS on one side, plain TCP on the other, through ims-agw, nginx (stream) and haproxy in turn: CPU
 * per MB in bulk both ways with 1 and 50 connections, per 1 kB message over 100 connections, per
 * new connection (ECDSA P-256, TLS 1.3, both sides with certificates). The proxy runs on CPU 0,
 * load and far ends on CPU 1.
 */
#include <check.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bench/agw/common.h"
#include "bench/agw/proxies.h"

enum { MESSAGE = 1000 };

enum load { BULK_UP_1, BULK_DOWN_1, BULK_UP_50, BULK_DOWN_50, MESSAGES_100, CONNECTIONS, LOADS };
static const char *const load_names[LOADS] = {"bulk up 1, us/MB",     "bulk down 1, us/MB",
					      "bulk up 50, us/MB",    "bulk down 50, us/MB",
					      "1 kB message 100, us", "connection, us"};
static const int load_conns[LOADS] = {1, 1, 50, 50, 100, 8};

static struct {
	struct proxy_setting setting;
	SSL_CTX *ctx;
	volatile bool stop;
	enum load load;
	_Atomic uint64_t done; /* octets, messages or connections */
} b;

static const char head[] =
    "MSRP abcd1234 SEND\r\nTo-Path: msrps://10.1.0.7:8443/s;tcp\r\n"
    "From-Path: msrps://10.1.0.10:9/t;tcp\r\nContent-Type: text/plain\r\n\r\n";
static const char tail[] = "\r\n-------abcd1234$\r\n";
static char message[MESSAGE];

/* ---- far end: a thread a connection ---- */

static void *backend_conn(void *arg)
{
	int fd = (int)(intptr_t)arg;
	static __thread char buf[65536];
	ssize_t n;

	if (b.load == BULK_DOWN_1 || b.load == BULK_DOWN_50) {
		memset(buf, 'x', sizeof(buf));
		while (!b.stop && send(fd, buf, sizeof(buf), MSG_NOSIGNAL) > 0)
			;
	} else {
		bool echo = b.load == MESSAGES_100 || b.load == CONNECTIONS;

		while ((n = recv(fd, buf, sizeof(buf), 0)) > 0) {
			if (b.load == BULK_UP_1 || b.load == BULK_UP_50)
				b.done += (uint64_t)n;
			if (echo && send(fd, buf, (size_t)n, MSG_NOSIGNAL) < 0)
				break;
		}
	}
	close(fd);
	return NULL;
}

static void *backend_main(void *arg)
{
	int fd = (int)(intptr_t)arg;

	for (;;) {
		int c = accept(fd, NULL, NULL);
		pthread_attr_t attr;
		pthread_t th;

		if (c < 0)
			return NULL;
		pthread_attr_init(&attr);
		pthread_attr_setstacksize(&attr, 262144);
		pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
		if (pthread_create(&th, &attr, backend_conn, (void *)(intptr_t)c) != 0)
			close(c);
		pthread_attr_destroy(&attr);
	}
}

/* ---- load ---- */

static int dial(int i)
{
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(&b.setting.to[i], &ss);
	struct timeval tv = {.tv_sec = 3};
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	/* Else the first octet waits 40 ms for the acknowledgement of the handshake, unless the
	 * proxy has something to say after it: its processor would cool down meanwhile. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (struct sockaddr *)&ss, len) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static SSL *secure(int fd)
{
	SSL *ssl = SSL_new(b.ctx);

	SSL_set_fd(ssl, fd);
	if (SSL_connect(ssl) == 1)
		return ssl;
	SSL_free(ssl);
	return NULL;
}

static void hang_up(int fd, SSL *ssl)
{
	struct linger hard = {.l_onoff = 1};

	SSL_free(ssl);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(fd);
}

static void connections(int i, int step)
{
	for (int at = i; !b.stop; at = at + step < PROXY_PAIRS ? at + step : i) {
		char c = 'x';
		int fd = dial(at);
		SSL *ssl = fd >= 0 ? secure(fd) : NULL;

		if (ssl && SSL_write(ssl, &c, 1) == 1 && SSL_read(ssl, &c, 1) == 1)
			b.done++;
		if (ssl)
			hang_up(fd, ssl);
		else if (fd >= 0)
			close(fd);
	}
}

static void *client_main(void *arg)
{
	int i = (int)(intptr_t)arg;
	static __thread char buf[65536];
	int fd;
	SSL *ssl;

	if (b.load == CONNECTIONS) {
		connections(i, load_conns[CONNECTIONS]);
		return NULL;
	}
	fd = dial(i);
	ssl = fd >= 0 ? secure(fd) : NULL;
	if (!ssl) {
		fprintf(stderr, "connection %d fails: %s\n", i, strerror(errno));
		return NULL;
	}
	memset(buf, 'y', sizeof(buf));
	while (!b.stop) {
		if (b.load == BULK_UP_1 || b.load == BULK_UP_50) {
			if (SSL_write(ssl, buf, 16384) <= 0)
				break;
		} else if (b.load == MESSAGES_100) {
			int got = 0, n = 1;

			if (SSL_write(ssl, message, MESSAGE) != MESSAGE)
				break;
			while (got < MESSAGE - 40 && (n = SSL_read(ssl, buf, sizeof(buf))) > 0)
				got += n; /* rewriting may shorten it */
			if (n <= 0)
				break;
			b.done++;
		} else {
			int n = SSL_read(ssl, buf, sizeof(buf));

			if (n <= 0)
				break;
			b.done += (uint64_t)n;
		}
	}
	hang_up(fd, ssl);
	return NULL;
}

/* CPU microseconds of the proxy per unit. */
static double measure(enum load load, pid_t pid, double seconds)
{
	pthread_t th[PROXY_PAIRS];
	int n = load_conns[load];
	int64_t cpu;
	uint64_t done;
	bool bulk = load <= BULK_DOWN_50;

	b.load = load;
	b.stop = false;
	for (int i = 0; i < n; i++)
		pthread_create(&th[i], NULL, client_main, (void *)(intptr_t)i);
	usleep(400000);
	cpu = bench_cpu_ns(pid) / 1000;
	done = b.done;
	usleep((useconds_t)(seconds * 1e6));
	cpu = bench_cpu_ns(pid) / 1000 - cpu;
	done = b.done - done;
	b.stop = true;
	for (int i = 0; i < n; i++)
		pthread_join(th[i], NULL);
	usleep(300000);
	if (getenv("BENCH_VERBOSE"))
		printf("    %s: %llu done, %lld us\n", load_names[load], (unsigned long long)done,
		       (long long)cpu);
	return done ? (double)cpu / ((double)done / (bulk ? 1048576.0 : 1)) : 0;
}

static void prepare(void)
{
	struct timeval forever = {0};
	struct netaddr me;
	pthread_t th;
	int fd;

	strcpy(b.setting.dir, "/tmp/agw-bench-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(b.setting.dir));
	identity_make(&b.setting.ue);
	proxy_put_certificates(&b.setting);
	memset(message, 'm', sizeof(message));
	memcpy(message, head, sizeof(head) - 1);
	memcpy(message + MESSAGE - (sizeof(tail) - 1), tail, sizeof(tail) - 1);
	b.ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_min_proto_version(b.ctx, TLS1_3_VERSION);
	SSL_CTX_set_ciphersuites(b.ctx, "TLS_AES_128_GCM_SHA256");
	SSL_CTX_use_certificate(b.ctx, b.setting.ue.cert);
	SSL_CTX_use_PrivateKey(b.ctx, b.setting.ue.key);
	SSL_CTX_set_session_cache_mode(b.ctx, SSL_SESS_CACHE_OFF);
	fd = endpoint_bind(PROXY_BACKEND_IP, PROXY_BACKEND_PORT, &me);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof(forever));
	listen(fd, 512);
	pthread_create(&th, NULL, backend_main, (void *)(intptr_t)fd);
}

static void clear_away(void)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", b.setting.dir);
	ck_assert_int_eq(system(cmd), 0);
}

/* bench_tls ROUNDS SECONDS [LOAD [PROXY]]: one load alone, and one proxy, for a profiler. */
static int bench(int argc, char **argv)
{
	static double v[LOADS][PROXIES][BENCH_ROUNDS_MAX];
	int rounds = argc > 1 ? atoi(argv[1]) : 3, only = argc > 3 ? atoi(argv[3]) : -1;
	int only_proxy = argc > 4 ? atoi(argv[4]) : -1;
	double seconds = argc > 2 ? atof(argv[2]) : 1, ratio[BENCH_ROUNDS_MAX];

	if (rounds < 1 || rounds > BENCH_ROUNDS_MAX)
		return 2;
	prepare();
	for (int i = 0; i < rounds; i++)
		for (int k = 0; k < PROXIES; k++) {
			int who = (k + i) % PROXIES;
			pid_t pid;

			if (only_proxy >= 0 && who != only_proxy)
				continue;
			pid = proxies[who].up(&b.setting);
			for (int l = 0; l < LOADS; l++)
				if ((only < 0 || l == only) &&
				    (who != PROXY_AGW_MSRP || l == MESSAGES_100))
					v[l][who][i] = measure((enum load)l, pid, seconds);
			proxies[who].down(pid);
			usleep(300000);
		}
	clear_away();
	printf("TLS <-> TCP, CPU of the proxy, min / median / max of %d rounds; median of the "
	       "ratios in the same round to nginx\n",
	       rounds);
	for (int l = 0; l < LOADS; l++)
		for (int who = 0; who < PROXIES; who++) {
			struct spread s = bench_spread(v[l][who], (size_t)rounds);

			if (s.max <= 0)
				continue;
			for (int i = 0; i < rounds; i++)
				ratio[i] = v[l][PROXY_NGINX][i] > 0
					       ? v[l][who][i] / v[l][PROXY_NGINX][i]
					       : 0;
			printf("  %-22s %-13s %8.1f / %8.1f / %8.1f   ratio %.2f\n", load_names[l],
			       proxies[who].name, s.min, s.median, s.max,
			       bench_spread(ratio, (size_t)rounds).median);
		}
	return 0;
}

int main(int argc, char **argv)
{
	return bench_main(bench, argc, argv);
}
