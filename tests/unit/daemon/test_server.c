/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/metrics.h"
#include "unit/unit.h"

/* A server on an abstract socket, and clients of it in the same thread. */
static struct sockaddr_un where = {.sun_family = AF_UNIX};
static struct server *server;
static struct request *later; /* the last one that was not answered at once */
static int64_t now;

static void echo(struct request *r, struct slice question, void *arg)
{
	(void)arg;
	if (slice_eq(question, SLICE_LIT("later"))) {
		later = r;
		return;
	}
	if (slice_eq(question, SLICE_LIT("much")))
		for (int i = 0; i < 100000; i++)
			outbuf_printf(request_out(r), "line %d\n", i);
	outbuf_printf(request_out(r), "<%.*s>", (int)question.len, question.p);
	request_done(r);
}

static void start(enum server_kind kind, request_h handler, void *arg)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(where.sun_path + 1, sizeof(where.sun_path) - 1, "daemon-test-%d", (int)getpid());
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&where, sizeof(where)), 0);
	ck_assert_int_eq(listen(fd, 64), 0);
	server = server_new(fd, kind, handler, arg);
	ck_assert_ptr_nonnull(server);
}

/* Let the server do all that can be done now. */
static void run(void)
{
	struct pollfd fds[SERVER_POLL_MAX];
	size_t n;

	do {
		n = server_poll(server, fds);
		poll(fds, n, 0);
		server_handle(server, fds, n, now);
		n = server_poll(server, fds);
	} while (poll(fds, n, 0) > 0);
}

static int client(const char *question)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	ck_assert_int_eq(connect(fd, (struct sockaddr *)&where, sizeof(where)), 0);
	ck_assert_int_eq(write(fd, question, strlen(question)), strlen(question));
	run();
	return fd;
}

/* What came, until the server closed. -1: it did not close. */
static ssize_t all(int fd, char *out, size_t size)
{
	size_t len = 0;
	ssize_t n;

	for (;;) {
		run();
		n = read(fd, out + len, size - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	out[len] = '\0';
	close(fd);
	return n < 0 ? -1 : (ssize_t)len;
}

static char text[2 << 20];

START_TEST(a_line_is_answered)
{
	start(SERVER_LINE, echo, NULL);
	ck_assert_int_ge(all(client("hello world\n"), text, sizeof(text)), 0);
	ck_assert_str_eq(text, "<hello world>");
	server_free(server);
}
END_TEST

START_TEST(a_late_answer_holds_nobody_up)
{
	int slow;

	start(SERVER_LINE, echo, NULL);
	slow = client("later\n");
	ck_assert_int_ge(all(client("quick\n"), text, sizeof(text)), 0);
	ck_assert_str_eq(text, "<quick>");
	outbuf_printf(request_out(later), "at last");
	request_done(later);
	ck_assert_int_ge(all(slow, text, sizeof(text)), 0);
	ck_assert_str_eq(text, "at last");
	server_free(server);
}
END_TEST

static void *answer_elsewhere(void *arg)
{
	outbuf_printf(request_out(arg), "from a thread");
	request_done(arg);
	return NULL;
}

START_TEST(an_answer_may_come_from_another_thread_and_after_the_client_or_the_server)
{
	pthread_t t;
	int fd;

	start(SERVER_LINE, echo, NULL);
	fd = client("later\n");
	ck_assert_int_eq(pthread_create(&t, NULL, answer_elsewhere, later), 0);
	pthread_join(t, NULL);
	ck_assert_int_ge(all(fd, text, sizeof(text)), 0);
	ck_assert_str_eq(text, "from a thread");

	fd = client("later\n");
	close(fd); /* the client goes away */
	run();
	request_done(later);
	run();

	fd = client("later\n");
	server_free(server); /* the server goes away */
	request_done(later);
	close(fd);
}
END_TEST

START_TEST(who_does_not_read_is_closed_and_holds_nobody_up)
{
	int stalled;

	start(SERVER_LINE, echo, NULL);
	now = 1000;
	stalled = client("much\n");
	ck_assert_int_ge(all(client("quick\n"), text, sizeof(text)), 0);
	ck_assert_str_eq(text, "<quick>");
	now += SERVER_READ_MS;
	run();
	ck_assert(!server_busy(server));
	close(stalled);
	/* one that reads gets it whole */
	ck_assert_int_ge(all(client("much\n"), text, sizeof(text)), 0);
	ck_assert_ptr_nonnull(strstr(text, "line 99999\n<much>"));
	server_free(server);
}
END_TEST

START_TEST(silent_clients_lock_nobody_out)
{
	int silent[40];

	start(SERVER_LINE, echo, NULL);
	now = 1000;
	for (int i = 0; i < 40; i++)
		silent[i] = client("x");
	ck_assert_int_ge(all(client("quick\n"), text, sizeof(text)), 0);
	ck_assert_str_eq(text, "<quick>");
	ck_assert(server_busy(server));
	now += SERVER_ASK_MS;
	run();
	ck_assert(!server_busy(server));
	for (int i = 0; i < 40; i++)
		close(silent[i]);
	server_free(server);
}
END_TEST

START_TEST(a_question_without_end_is_cut_off)
{
	static char endless[SERVER_QUESTION_MAX + 1];

	memset(endless, 'x', sizeof(endless) - 1);
	start(SERVER_LINE, echo, NULL);
	ck_assert_int_eq(all(client(endless), text, sizeof(text)), 0);
	server_free(server);
}
END_TEST

static void put_metrics(struct outbuf *out, void *arg)
{
	metric(out, "ims_test_total", METRIC_COUNTER, "what is tested", *(uint64_t *)arg);
	metric_family(out, "ims_peers", METRIC_GAUGE, "peers");
	metric_series(out, "ims_peers", "peer", "a\"b\\c\n", 1);
}

START_TEST(metrics_are_what_prometheus_reads)
{
	uint64_t value = 7;
	struct metrics m = {put_metrics, &value};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(where.sun_path + 1, sizeof(where.sun_path) - 1, "daemon-test-%d", (int)getpid());
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&where, sizeof(where)), 0);
	ck_assert_int_eq(listen(fd, 64), 0);
	server = metrics_server(fd, &m);
	ck_assert_int_ge(
	    all(client("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"), text, sizeof(text)), 0);
	ck_assert_str_eq(strstr(text, "\r\n\r\n") + 4,
			 "# HELP ims_test_total what is tested\n# TYPE ims_test_total counter\n"
			 "ims_test_total 7\n# HELP ims_peers peers\n# TYPE ims_peers gauge\n"
			 "ims_peers{peer=\"a\\\"b\\\\c\\n\"} 1\n");
	ck_assert_int_ge(all(client("GET / HTTP/1.1\r\n\r\n"), text, sizeof(text)), 0);
	ck_assert_int_eq(strncmp(text, "HTTP/1.0 404 ", 13), 0);
	server_free(server);
}
END_TEST

UNIT_MAIN("daemon: server", a_line_is_answered, a_late_answer_holds_nobody_up,
	  an_answer_may_come_from_another_thread_and_after_the_client_or_the_server,
	  who_does_not_read_is_closed_and_holds_nobody_up, silent_clients_lock_nobody_out,
	  a_question_without_end_is_cut_off, metrics_are_what_prometheus_reads)
