/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS on one side, plain TCP on the other, through ims-agw, nginx (stream) and haproxy in turn: CPU
 * per MB in bulk both ways with 1 and 50 connections, per 1 kB message over 100 connections, per
 * new connection (ECDSA P-256, TLS 1.3, both sides with certificates). The proxy runs on CPU 0,
 * load and far ends on CPU 1.
 */
#include <check.h>
#include <errno.h>
#include <openssl/pem.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "agw/rig.h"
#include "unit/agw/endpoint.h"

enum { PAIRS = 100, BACKEND_PORT = 7000, PROXY_PORT = 8443, MESSAGE = 1000 };
enum who { AGW, AGW_MSRP, NGINX, HAPROXY, WHO };
static const char *const names[WHO] = {"ims-agw", "ims-agw MSRP", "nginx", "haproxy"};

enum load { BULK_UP_1, BULK_DOWN_1, BULK_UP_50, BULK_DOWN_50, MESSAGES_100, CONNECTIONS, LOADS };
static const char *const load_names[LOADS] = {"bulk up 1, us/MB",     "bulk down 1, us/MB",
					      "bulk up 50, us/MB",    "bulk down 50, us/MB",
					      "1 kB message 100, us", "connection, us"};
static const int load_conns[LOADS] = {1, 1, 50, 50, 100, 8};

static struct {
	struct identity ue;
	SSL_CTX *ctx;
	struct netaddr to[PAIRS]; /* where connection i goes */
	volatile bool stop;
	enum load load;
	_Atomic uint64_t done; /* octets, messages or connections */
	char dir[64];
} b;

static const char head[] =
    "MSRP abcd1234 SEND\r\nTo-Path: msrps://10.1.0.7:8443/s;tcp\r\n"
    "From-Path: msrps://10.1.0.10:9/t;tcp\r\nContent-Type: text/plain\r\n\r\n";
static const char tail[] = "\r\n-------abcd1234$\r\n";
static char message[MESSAGE];

static int64_t cpu_us(const pid_t *pids, int n)
{
	int64_t sum = 0;

	for (int i = 0; i < n; i++) {
		clockid_t clock;
		struct timespec ts;

		if (clock_getcpuclockid(pids[i], &clock) == 0 && clock_gettime(clock, &ts) == 0)
			sum += (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
	}
	return sum;
}

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
	socklen_t len = netaddr_to_sockaddr(&b.to[i], &ss);
	struct timeval tv = {.tv_sec = 3};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
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
	for (int at = i; !b.stop; at = at + step < PAIRS ? at + step : i) {
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
static double measure(enum load load, const pid_t *pids, int n_pids, double seconds)
{
	pthread_t th[PAIRS];
	int n = load_conns[load];
	int64_t cpu;
	uint64_t done;
	bool bulk = load <= BULK_DOWN_50;

	b.load = load;
	b.stop = false;
	for (int i = 0; i < n; i++)
		pthread_create(&th[i], NULL, client_main, (void *)(intptr_t)i);
	usleep(400000);
	cpu = cpu_us(pids, n_pids);
	done = b.done;
	usleep((useconds_t)(seconds * 1e6));
	cpu = cpu_us(pids, n_pids) - cpu;
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

/* ---- the proxies ---- */

static void agw_up(bool msrp)
{
	const char *tls = msrp ? "TCP/TLS/MSRP" : "TCP/TLS", *tcp = msrp ? "TCP/MSRP" : "TCP";

	rig_gateway_cpu(0);
	rig_start("workers = 1\nlog_level = 4\n"); /* the peers log nothing either */
	for (int i = 0; i < PAIRS; i++) {
		const char *r =
		    mgc_do("Context = $ { Add = ip/access/$ { Media { Stream = 1 { LocalControl { "
			   "Mode = SendReceive }, "
			   "Local {\nc=IN IP4 $\nm=message $ %s *\na=setup:passive\n}, Remote "
			   "{\nc=IN IP4 10.1.0.10\n"
			   "m=message 9 %s *\na=setup:active\na=fingerprint:%s\n} } } } }",
			   tls, tls, b.ue.line);
		int context = after(r, "Context = ");

		netaddr_parse(SLICE_LIT("10.1.0.7"), &b.to[i]);
		b.to[i].port = (uint16_t)after(r, "m=message ");
		mgc_do("Context = %d { Add = ip/core/$ { Media { Stream = 1 { LocalControl { Mode "
		       "= SendReceive }, Local {\n"
		       "c=IN IP4 $\nm=message $ %s *\na=setup:active\n}, Remote {\nc=IN IP4 "
		       "10.0.0.9\nm=message %d %s *\n"
		       "a=setup:passive\n} } } } }",
		       context, tcp, BACKEND_PORT, tcp);
	}
}

static pid_t spawn(const char *const argv[])
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		rig_pin(1);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	sleep(1);
	return pid;
}

static void put_file(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", b.dir, name);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void put_certificate(void)
{
	char path[128];
	struct identity id;
	FILE *f;

	identity_make(&id);
	snprintf(path, sizeof(path), "%s/cert.pem", b.dir);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	PEM_write_X509(f, id.cert);
	PEM_write_PrivateKey(f, id.key, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	identity_clear(&id);
	snprintf(path, sizeof(path), "%s/ue.pem", b.dir);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	PEM_write_X509(f, b.ue.cert);
	fclose(f);
}

static int nginx_up(pid_t pids[2])
{
	char text[1200], path[128];
	const char *argv[] = {"nginx", "-c", path, "-p", b.dir, NULL};

	snprintf(path, sizeof(path), "%s/nginx.conf", b.dir);
	snprintf(text, sizeof(text),
		 "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\nworker_processes "
		 "1;\nmaster_process off;\ndaemon off;\n"
		 "pid %s/nginx.pid;\nerror_log %s/nginx.log;\nevents { worker_connections 1024; "
		 "}\nstream {\n server {\n"
		 "  listen 10.0.0.10:%d ssl;\n  ssl_certificate %s/cert.pem;\n  "
		 "ssl_certificate_key %s/cert.pem;\n"
		 "  ssl_protocols TLSv1.3;\n  ssl_session_cache off;\n  ssl_session_tickets off;\n"
		 "  ssl_verify_client optional_no_ca;\n  tcp_nodelay on;\n  proxy_pass "
		 "10.0.0.9:%d;\n }\n}\n",
		 b.dir, b.dir, PROXY_PORT, b.dir, b.dir, BACKEND_PORT);
	put_file("nginx.conf", text);
	pids[0] = spawn(argv);
	return 1;
}

static int haproxy_up(pid_t pids[2])
{
	char text[1200], path[128];
	const char *argv[] = {"haproxy", "-db", "-f", path, NULL};

	snprintf(path, sizeof(path), "%s/haproxy.cfg", b.dir);
	snprintf(text, sizeof(text),
		 "global\n nbthread 1\n maxconn 1000\n tune.ssl.cachesize 0\n "
		 "ssl-default-bind-options ssl-min-ver TLSv1.3 no-tls-tickets\n"
		 "defaults\n mode tcp\n timeout connect 5s\n timeout client 60s\n timeout server "
		 "60s\nfrontend f\n"
		 " bind 10.0.0.10:%d ssl crt %s/cert.pem verify optional ca-file %s/ue.pem "
		 "ca-ignore-err all crt-ignore-err all\n"
		 " default_backend b\nbackend b\n server s 10.0.0.9:%d\n",
		 PROXY_PORT, b.dir, b.dir, BACKEND_PORT);
	put_file("haproxy.cfg", text);
	pids[0] = spawn(argv);
	return 1;
}

static int by_value(const void *x, const void *y)
{
	double p = *(const double *)x, q = *(const double *)y;

	return p < q ? -1 : p > q;
}

static int bench(int argc, char **argv)
{
	static double v[LOADS][WHO][16], ratio[16];
	int rounds = argc > 1 ? atoi(argv[1]) : 3, fd;
	double seconds = argc > 2 ? atof(argv[2]) : 1;
	struct netaddr me;
	pthread_t th;

	if (rounds > 16)
		return 2;
	setenv("AGW_NO_CAPTURE", "1", 1);
	signal(SIGPIPE, SIG_IGN);
	rig_namespace();
	rig_pin(2);
	strcpy(b.dir, "/tmp/agw-bench-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(b.dir));
	identity_make(&b.ue);
	put_certificate();
	memset(message, 'm', sizeof(message));
	memcpy(message, head, sizeof(head) - 1);
	memcpy(message + MESSAGE - (sizeof(tail) - 1), tail, sizeof(tail) - 1);
	b.ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_min_proto_version(b.ctx, TLS1_3_VERSION);
	SSL_CTX_set_ciphersuites(b.ctx, "TLS_AES_128_GCM_SHA256");
	SSL_CTX_use_certificate(b.ctx, b.ue.cert);
	SSL_CTX_use_PrivateKey(b.ctx, b.ue.key);
	SSL_CTX_set_session_cache_mode(b.ctx, SSL_SESS_CACHE_OFF);
	fd = endpoint_bind("10.0.0.9", BACKEND_PORT, &me);
	{
		struct timeval forever = {0};

		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof(forever));
	}
	listen(fd, 512);
	pthread_create(&th, NULL, backend_main, (void *)(intptr_t)fd);
	for (int i = 0; i < rounds; i++)
		for (int k = 0; k < WHO; k++) {
			enum who who = (enum who)((k + i) % WHO);
			pid_t pids[2];
			int n = 1;

			for (int p = 0; p < PAIRS; p++)
				b.to[p] = (struct netaddr){
				    .family = 4, .port = PROXY_PORT, .ip = {10, 0, 0, 10}};
			if (who == AGW || who == AGW_MSRP) {
				agw_up(who == AGW_MSRP);
				pids[0] = rig_pid();
			} else {
				n = who == NGINX ? nginx_up(pids) : haproxy_up(pids);
			}
			for (int l = 0; l < LOADS; l++)
				if (who != AGW_MSRP || l == MESSAGES_100)
					v[l][who][i] = measure((enum load)l, pids, n, seconds);
			if (who == AGW || who == AGW_MSRP) {
				mgc_do("Context = * { W-Subtract = * { Audit { } } }");
				rig_stop();
			} else {
				kill(pids[0], SIGKILL);
				waitpid(pids[0], NULL, 0);
			}
			usleep(300000);
		}
	printf("TLS <-> TCP, CPU of the proxy, min / median / max of %d rounds; ratio of medians "
	       "in the same round to nginx\n",
	       rounds);
	for (int l = 0; l < LOADS; l++)
		for (int who = 0; who < WHO; who++) {
			double *x = v[l][who];

			if (who == AGW_MSRP && l != MESSAGES_100)
				continue;
			for (int i = 0; i < rounds; i++)
				ratio[i] = v[l][NGINX][i] > 0 ? x[i] / v[l][NGINX][i] : 0;
			qsort(ratio, (size_t)rounds, sizeof(double), by_value);
			{
				double sorted[16];

				memcpy(sorted, x, sizeof(sorted));
				qsort(sorted, (size_t)rounds, sizeof(double), by_value);
				printf("  %-22s %-13s %8.1f / %8.1f / %8.1f   ratio %.2f\n",
				       load_names[l], names[who], sorted[0], sorted[rounds / 2],
				       sorted[rounds - 1], ratio[rounds / 2]);
			}
		}
	return 0;
}

static struct {
	int argc;
	char **argv;
} args;

START_TEST(the_bench)
{
	ck_assert_int_eq(bench(args.argc, args.argv), 0);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("bench");
	TCase *tc = tcase_create("bench");
	SRunner *runner = srunner_create(suite);
	int failed;

	args.argc = argc;
	args.argv = argv;
	tcase_set_timeout(tc, 0);
	tcase_add_test(tc, the_bench);
	suite_add_tcase(suite, tc);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_MINIMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
