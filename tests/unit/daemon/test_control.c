/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/control.h"
#include "unit/unit.h"

static char folder[] = "/tmp/daemon-test-XXXXXX";
static char path[108], why[256];
static struct control_path made;

static void setup(void)
{
	strcpy(folder, "/tmp/daemon-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/control", folder);
	why[0] = '\0';
}

static void teardown(void)
{
	unlink(path);
	rmdir(folder);
}

static bool exists(void)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

START_TEST(the_socket_is_for_its_owner_only_and_goes_with_its_maker)
{
	struct stat st;
	int fd;

	setup();
	umask(0);
	fd = control_open(path, &made, why, sizeof(why));
	ck_assert_msg(fd >= 0, "%s", why);
	ck_assert_int_eq(lstat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	control_remove(&made);
	ck_assert(!exists());
	close(fd);
	teardown();
}
END_TEST

START_TEST(the_socket_of_a_live_daemon_is_never_taken_over)
{
	struct control_path other;
	int fd, second;

	setup();
	fd = control_open(path, &made, why, sizeof(why));
	ck_assert_int_ge(fd, 0);
	second = control_open(path, &other, why, sizeof(why));
	ck_assert_int_eq(second, -1);
	ck_assert_ptr_nonnull(strstr(why, "another daemon serves"));
	/* full, it is as alive */
	for (int i = 0; i < 64; i++) {
		struct sockaddr_un a = {.sun_family = AF_UNIX};
		int c = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

		strcpy(a.sun_path, path);
		if (connect(c, (struct sockaddr *)&a, sizeof(a)) < 0)
			break;
	}
	ck_assert_int_eq(control_open(path, &other, why, sizeof(why)), -1);
	ck_assert(exists());
	control_remove(&made);
	close(fd);
	teardown();
}
END_TEST

START_TEST(what_a_dead_daemon_left_is_replaced)
{
	int fd;

	setup();
	fd = control_open(path, &made, why, sizeof(why));
	close(fd); /* as by kill -9: the file stays */
	ck_assert(exists());
	fd = control_open(path, &made, why, sizeof(why));
	ck_assert_msg(fd >= 0, "%s", why);
	control_remove(&made);
	close(fd);
	teardown();
}
END_TEST

START_TEST(what_is_not_ours_is_never_removed)
{
	struct control_path mine;
	int fd, other;

	setup();
	close(open(path, O_WRONLY | O_CREAT, 0600));
	ck_assert_int_eq(control_open(path, &made, why, sizeof(why)), -1);
	ck_assert_ptr_nonnull(strstr(why, "is no socket and is left alone"));
	ck_assert(exists());
	unlink(path);
	/* the socket that somebody else made in its place stays when we go */
	fd = control_open(path, &mine, why, sizeof(why));
	close(fd);
	unlink(path);
	other = control_open(path, &made, why, sizeof(why));
	ck_assert_int_ge(other, 0);
	if (made.inode != mine.inode) { /* the file system may use the number again */
		control_remove(&mine);
		ck_assert(exists());
	}
	close(other);
	teardown();
}
END_TEST

static void serve(struct request *r, const struct words *w, void *arg)
{
	(void)arg;
	if (slice_eq(w->w[0], SLICE_LIT("big"))) {
		request_out(r)->max = 100;
		for (int i = 0; i < 100; i++)
			outbuf_printf(request_out(r), "line\n");
		control_ok(r);
		return;
	}
	for (size_t i = 0; i < w->n; i++)
		outbuf_printf(request_out(r), "[%.*s]\n", (int)w->w[i].len, w->w[i].p);
	if (slice_eq(w->w[0], SLICE_LIT("fail")))
		control_error(r, "it\nfailed");
	else
		control_ok(r);
}

static struct server *server;
static volatile int stop;

static void *run(void *arg)
{
	struct pollfd fds[SERVER_POLL_MAX];

	while (!stop) {
		size_t n = server_poll(server, fds);

		poll(fds, n, 10);
		server_handle(server, fds, n, 0);
	}
	return arg;
}

START_TEST(words_travel_whole_and_the_result_comes_last)
{
	static const char *const good[] = {"say", "a b", "quote\"back\\slash", ""};
	static const char *const bad[] = {"fail"}, *const big[] = {"big"};
	struct control control = {serve, NULL, {.n = 0}};
	char *text = NULL;
	size_t len = 0;
	pthread_t t;
	FILE *out;

	setup();
	server = control_server(control_open(path, &made, why, sizeof(why)), &control);
	ck_assert_ptr_nonnull(server);
	ck_assert_int_eq(pthread_create(&t, NULL, run, NULL), 0);
	out = open_memstream(&text, &len);
	ck_assert_int_eq(control_ask(path, "x", good, 4, out, why, sizeof(why)), 0);
	fflush(out);
	ck_assert_str_eq(text, "[say]\n[a b]\n[quote\"back\\slash]\n[]\n");
	ck_assert_int_eq(control_ask(path, "x", bad, 1, out, why, sizeof(why)), 1);
	ck_assert_str_eq(why, "it failed");
	ck_assert_int_eq(control_ask(path, "x", big, 1, out, why, sizeof(why)), 1);
	ck_assert_str_eq(why, "the answer is too big");
	stop = 1;
	pthread_join(t, NULL);
	server_free(server);
	control_remove(&made);
	ck_assert_int_eq(control_ask(path, "ims-x", bad, 1, out, why, sizeof(why)), 1);
	ck_assert_ptr_nonnull(strstr(why, "cannot reach ims-x"));
	fclose(out);
	free(text);
	teardown();
}
END_TEST

UNIT_MAIN("daemon: control", the_socket_is_for_its_owner_only_and_goes_with_its_maker,
	  the_socket_of_a_live_daemon_is_never_taken_over, what_a_dead_daemon_left_is_replaced,
	  what_is_not_ours_is_never_removed, words_travel_whole_and_the_result_comes_last)
