/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many calls share one worker, and with it the worker's buffers: no octet of one call reaches
 * another, whatever becomes of the first. AGW_CROWD_SEED and AGW_CROWD_SECONDS play the random
 * crowd again, or for longer.
 */
#include "unit/unit.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "unit/agw/stream_rig.h"

static void reset(int fd)
{
	struct linger hard = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(fd);
}

static int try_dial(const char *from, const struct netaddr *to)
{
	struct netaddr me;
	int fd = endpoint_bind(from, 0, &me);

	if (endpoint_connect(fd, to, 4000))
		return fd;
	close(fd);
	return -1;
}

struct pair {
	struct media_leg *a, *c;
	struct netaddr to_a, to_c;
};

static void pair_make(struct pair *p)
{
	struct media_leg_config ca = {.setup = MEDIA_SETUP_PASSIVE}, cc = ca;

	netaddr_parse(SLICE_LIT("127.0.1.9"), &ca.remote);
	expect_fingerprint(&ca, t.ue.line);
	tls_pair(MEDIA_TCP_TLS, MEDIA_TCP, &ca, &cc, &p->a, &p->c);
	p->to_a = local(p->a);
	p->to_c = local(p->c);
}

/* ---- a peer that is gone when its end is to be told ---- */

static bool is_stopped(pid_t pid)
{
	char path[64], text[512] = "";
	const char *end;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (f) {
		text[fread(text, 1, sizeof(text) - 1, f)] = 0;
		fclose(f);
	}
	end = strrchr(text, ')');
	return end && end[1] == ' ' && end[2] == 'T';
}

/* While this process stands still, the far end ends and the UE resets: the worker finds both at
 * once, wants to tell the UE the end in TLS, and cannot send it. */
static void end_and_reset_at_once(int far, int ue)
{
	pid_t parent = getpid(), child = fork();

	if (child == 0) {
		kill(parent, SIGSTOP);
		while (!is_stopped(parent))
			usleep(1000);
		close(far);
		reset(ue);
		usleep(20000);
		kill(parent, SIGCONT);
		_exit(0);
	}
	close(far);
	close(ue);
	waitpid(child, NULL, 0);
}

START_TEST(an_end_that_could_not_be_told_stays_with_its_call)
{
	enum { ROUNDS = 5 };

	setup_workers(1);
	for (int round = 0; round < ROUNDS; round++) {
		struct pair one, two;
		int far, ue, far2, ue2;
		char buf[4];
		SSL *ssl, *ssl2;

		pair_make(&one);
		pair_make(&two);
		far = try_dial("127.0.2.9", &one.to_c);
		ue = try_dial("127.0.1.9", &one.to_a);
		far2 = try_dial("127.0.2.9", &two.to_c);
		ue2 = try_dial("127.0.1.9", &two.to_a);
		ssl = endpoint_tls(ue, true, &t.ue, TLS1_3_VERSION, NULL);
		ssl2 = endpoint_tls(ue2, true, &t.ue, TLS1_3_VERSION, NULL);
		ck_assert(ssl && ssl2);
		ck_assert_int_eq(SSL_write(ssl, "one", 3), 3);
		ck_assert(endpoint_read(far, NULL, buf, 3));
		end_and_reset_at_once(far, ue);
		ck_assert(wait_for(MEDIA_EV_TCP_LOST, round + 1));
		/* The other call of this worker is as it was. */
		ck_assert_int_eq(send(far2, "two", 3, 0), 3);
		ck_assert(endpoint_read(ue2, ssl2, buf, 3));
		ck_assert_mem_eq(buf, "two", 3);
		endpoint_tls_free(ssl);
		endpoint_tls_free(ssl2);
		close(far2);
		close(ue2);
		media_leg_close(one.a);
		media_leg_close(one.c);
		media_leg_close(two.a);
		media_leg_close(two.c);
	}
	teardown();
}
END_TEST

/* ---- a crowd that comes, speaks and goes at random ---- */

enum { CALLERS = 24 };

struct caller {
	pthread_t thread;
	struct pair p;
	unsigned seed;
	atomic_int calls;
	bool wrong;
	char what[100];
};

static _Atomic bool crowd_over;

static unsigned draw(struct caller *k, unsigned below)
{
	k->seed = k->seed * 1664525u + 1013904223u;
	return (k->seed >> 8) % below;
}

static void fill(char *p, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1103515245u + 12345u;
		p[i] = (char)(seed >> 16);
	}
}

static bool fault(struct caller *k, const char *what)
{
	int error = errno;

	k->wrong = true;
	snprintf(k->what, sizeof(k->what), "call %d: %s (%s)", k->calls, what, strerror(error));
	return false;
}

/* Up or down, whole and unchanged. */
static bool one_way(struct caller *k, int far, int ue, SSL *ssl, bool up)
{
	static __thread char out[40000], in[40000];
	size_t n = 1 + draw(k, draw(k, 4) ? 2000 : sizeof(out) - 1);
	ssize_t sent;

	fill(out, n, k->seed);
	sent = up ? SSL_write(ssl, out, (int)n) : send(far, out, n, MSG_NOSIGNAL);
	if (sent != (ssize_t)n)
		return fault(k, "not sent");
	if (!endpoint_read(up ? far : ue, up ? NULL : ssl, in, n))
		return fault(k, up ? "not all came up" : "not all came down");
	return memcmp(in, out, n) == 0 || fault(k, "other octets than were sent");
}

/* One of the ways in which calls end. */
static void hang_up(struct caller *k, int far, int ue, SSL *ssl)
{
	switch (draw(k, 6)) {
	case 0:
		SSL_shutdown(ssl);
		endpoint_end(far, NULL);
		break;
	case 1:
		shutdown(far, SHUT_WR);
		endpoint_end(ue, ssl);
		break;
	case 2: /* both at once */
		shutdown(far, SHUT_WR);
		SSL_shutdown(ssl);
		break;
	case 3:
		close(dup(far));
		reset(ue);
		close(far);
		return;
	case 4:
		shutdown(far, SHUT_WR);
		reset(ue);
		close(far);
		return;
	default: /* with something under way */
		(void)!send(far, "last words", 10, MSG_NOSIGNAL);
		reset(far);
		close(ue);
		return;
	}
	close(far);
	close(ue);
}

/*
 * The call before may not have ended at the gateway yet: its legs refuse a second connection, or
 * take what an attempt that was given up has still sent. Only when the word of this attempt comes
 * through has the call begun.
 */
static bool call_once(struct caller *k)
{
	unsigned word = draw(k, 1u << 24), heard = 0;
	int far = try_dial("127.0.2.9", &k->p.to_c), ue = -1, n = 1 + (int)draw(k, 6);
	SSL *ssl = NULL;

	if (far >= 0)
		ue = try_dial("127.0.1.9", &k->p.to_a);
	if (ue >= 0)
		ssl = endpoint_tls(ue, true, &t.ue, draw(k, 2) ? TLS1_3_VERSION : TLS1_2_VERSION,
				   NULL);
	if (!ssl || SSL_write(ssl, &word, sizeof(word)) != sizeof(word) ||
	    !endpoint_read(far, NULL, (char *)&heard, sizeof(heard)) || heard != word) {
		endpoint_tls_free(ssl);
		if (ue >= 0)
			reset(ue);
		if (far >= 0)
			reset(far);
		usleep(2000);
		return true;
	}
	k->calls++;
	while (n-- && one_way(k, far, ue, ssl, draw(k, 2)))
		;
	if (k->wrong) {
		close(far);
		close(ue);
	} else {
		hang_up(k, far, ue, ssl);
	}
	endpoint_tls_free(ssl);
	return !k->wrong;
}

static void *caller_main(void *arg)
{
	struct caller *k = arg;

	while (!atomic_load(&crowd_over) && call_once(k))
		;
	return NULL;
}

/* ---- strangers among them ---- */

enum { STRANGERS = 3, HELLO_MAX = 2048 };

static struct caller callers[CALLERS];
static struct identity wrong;
static char hello[HELLO_MAX];
static int hello_len;

static void make_hello(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(ctx);
	BIO *to = BIO_new(BIO_s_mem());

	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), to);
	SSL_set_connect_state(ssl);
	SSL_do_handshake(ssl);
	hello_len = BIO_read(to, hello, sizeof(hello));
	ck_assert_int_gt(hello_len, 100);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
}

/* A ClientHello with some octets changed and perhaps cut off, or octets of no meaning at all. */
static size_t something(struct caller *k, char buf[HELLO_MAX])
{
	size_t n = (size_t)hello_len;

	if (!draw(k, 4)) {
		n = 1 + draw(k, HELLO_MAX);
		fill(buf, n, k->seed);
		return n;
	}
	memcpy(buf, hello, n);
	for (unsigned i = draw(k, 6); i; i--)
		buf[draw(k, draw(k, 2) ? 50 : (unsigned)n)] = (char)draw(k, 256);
	return draw(k, 3) ? n : 1 + draw(k, (unsigned)n);
}

static void *stranger_main(void *arg)
{
	struct caller *k = arg;

	while (!atomic_load(&crowd_over)) {
		int fd = try_dial("127.0.1.8", &callers[draw(k, CALLERS)].p.to_a);
		char buf[HELLO_MAX];

		if (fd < 0)
			continue;
		k->calls++;
		if (!draw(k, 8)) {
			endpoint_tls_free(endpoint_tls(fd, true, &wrong, TLS1_3_VERSION, NULL));
		} else {
			for (unsigned i = draw(k, 4); i; i--)
				(void)!send(fd, buf, something(k, buf),
					    MSG_NOSIGNAL | MSG_DONTWAIT);
			usleep(draw(k, 20000));
		}
		if (draw(k, 2))
			close(fd);
		else
			reset(fd);
	}
	return NULL;
}

static void crowd(int strangers)
{
	static struct caller others[STRANGERS];
	const char *seconds = getenv("AGW_CROWD_SECONDS"), *seed = getenv("AGW_CROWD_SEED");
	unsigned first = seed ? (unsigned)strtoul(seed, NULL, 10) : (unsigned)time(NULL);
	int calls = 0, visits = 0;

	signal(SIGPIPE, SIG_IGN);
	setup_workers(1);
	identity_make(&wrong);
	make_hello();
	printf("  seed %u\n", first);
	fflush(stdout);
	for (int i = 0; i < CALLERS; i++) {
		callers[i].seed = first + (unsigned)i * 7919;
		pair_make(&callers[i].p);
	}
	for (int i = 0; i < CALLERS; i++)
		ck_assert_int_eq(pthread_create(&callers[i].thread, NULL, caller_main, &callers[i]),
				 0);
	for (int i = 0; i < strangers; i++) {
		others[i].seed = first + (unsigned)i * 104729;
		ck_assert_int_eq(pthread_create(&others[i].thread, NULL, stranger_main, &others[i]),
				 0);
	}
	serve(seconds ? atoi(seconds) * 1000 : 2000);
	for (int i = 0; i < CALLERS; i++)
		UNIT_SOON(atomic_load(&callers[i].calls) || callers[i].wrong, serve(10));
	atomic_store(&crowd_over, true);
	for (int i = 0; i < CALLERS; i++) {
		pthread_join(callers[i].thread, NULL);
		ck_assert_msg(!callers[i].wrong, "seed %u, caller %d, %s", first, i,
			      callers[i].what);
		ck_assert_msg(callers[i].calls > 0, "seed %u: caller %d had no call", first, i);
		calls += callers[i].calls;
	}
	for (int i = 0; i < strangers; i++) {
		pthread_join(others[i].thread, NULL);
		visits += others[i].calls;
	}
	printf("  %d calls, %d visits of strangers\n", calls, visits);
	identity_clear(&wrong);
	teardown();
}

START_TEST(a_crowd_of_tls_clients_gets_its_own_octets_and_no_others)
{
	crowd(0);
}
END_TEST

START_TEST(strangers_in_the_crowd_change_nothing)
{
	crowd(STRANGERS);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {an_end_that_could_not_be_told_stays_with_its_call,
				      a_crowd_of_tls_clients_gets_its_own_octets_and_no_others,
				      strangers_in_the_crowd_change_nothing};
	const char *seconds = getenv("AGW_CROWD_SECONDS");

	return unit_run("media streams: a crowd", tests, sizeof(tests) / sizeof(tests[0]),
			seconds ? atoi(seconds) + 60 : 60);
}
