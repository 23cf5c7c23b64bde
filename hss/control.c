/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/control.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "hss/counters.h"
#include "hss/diameter/anchor.h"
#include "hss/diameter/node.h"
#include "daemon/log.h"
#include "hss/cx/push.h"
#include "daemon/words.h"

enum { CLIENT_SECONDS = 2 };

static struct {
	const struct config *cfg;
	struct service *svc;
	pthread_t thread;
	int fd, stop_fd;
	time_t started;
} control;

static void status(FILE *out)
{
	struct store_totals t;
	bool totals = store_begin(control.svc->store, false) == 0;

	if (totals) {
		totals = store_totals(control.svc->store, &t) == 0;
		store_rollback(control.svc->store);
	}
	fprintf(out, "identity %s\nrealm %s\nuptime_seconds %lld\n", control.cfg->identity,
		control.cfg->realm, (long long)(time(NULL) - control.started));
	node_write_peers(out);
	if (totals)
		fprintf(out,
			"subscriptions %llu\nprivate_identities %llu\npublic_identities %llu\n"
			"registered %llu\nunregistered_served %llu\n",
			(unsigned long long)t.subscriptions, (unsigned long long)t.impis,
			(unsigned long long)t.impus, (unsigned long long)t.registered,
			(unsigned long long)t.unregistered);
	for (int c = 0; c < COUNTERS; c++)
		fprintf(out, "%s %llu\n", counter_name((enum counter)c),
			(unsigned long long)counter_get((enum counter)c));
}

static int parse_reason(struct slice v, enum deregistration_reason *out)
{
	static const char *const words[] = {"permanent-termination", "new-server-assigned",
					    "server-change", "remove-scscf"};

	for (int i = 0; i < 4; i++)
		if (slice_eq(v, slice_str(words[i]))) {
			*out = (enum deregistration_reason)i;
			return 0;
		}
	return -1;
}

static int deregister(const struct words *w, FILE *out, char *why, size_t size)
{
	enum deregistration_reason reason = DEREG_PERMANENT_TERMINATION;
	struct slice impus[SUB_IMPUS_MAX], v;
	char info[128] = "";
	size_t n = 0;
	bool force = false;

	for (size_t i = 2; i < w->n; i++) {
		if (slice_eq(w->w[i], SLICE_LIT("force"))) {
			force = true;
		} else if (word_option(w->w[i], "info", &v)) {
			slice_copy(
			    slice_make(v.p, v.len < sizeof(info) - 1 ? v.len : sizeof(info) - 1),
			    info, sizeof(info));
		} else if (word_option(w->w[i], "reason", &v)) {
			if (parse_reason(v, &reason)) {
				snprintf(why, size,
					 "reason is permanent-termination, new-server-assigned, "
					 "server-change or"
					 " remove-scscf");
				return -1;
			}
		} else if (n < SUB_IMPUS_MAX) {
			impus[n++] = w->w[i];
		}
	}
	return push_deregister(control.svc, w->w[1], impus, n, reason, info, force,
			       control.cfg->answer_seconds, out, why, size);
}

static void serve_line(struct slice line, FILE *out)
{
	struct words *w = malloc(sizeof(*w));
	char why[512] = "no such command";
	int err = -1;

	if (!w || words_split(line, w))
		snprintf(why, sizeof(why), "malformed command");
	else if (w->n == 1 && slice_eq(w->w[0], SLICE_LIT("status")))
		status(out), err = 0;
	else if (w->n >= 2 && slice_eq(w->w[0], SLICE_LIT("deregister")))
		err = deregister(w, out, why, sizeof(why));
	else if (w->n == 2 && slice_eq(w->w[0], SLICE_LIT("push")))
		err = push_profile(control.svc, w->w[1], control.cfg->answer_seconds, out, why,
				   sizeof(why));
	if (err)
		fprintf(out, "error %s\n", why);
	else
		fprintf(out, "ok\n");
	free(w);
}

static void serve_client(int fd)
{
	const struct timeval limit = {.tv_sec = CLIENT_SECONDS};
	char line[WORDS_LINE_MAX] = "";
	size_t n = 0;
	FILE *out;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	while (n < sizeof(line) && !memchr(line, '\n', n)) {
		ssize_t got = recv(fd, line + n, sizeof(line) - n, 0);

		if (got <= 0)
			break;
		n += (size_t)got;
	}
	out = fdopen(fd, "w");
	if (!out) {
		close(fd);
		return;
	}
	if (memchr(line, '\n', n)) {
		struct slice rest = slice_make(line, n);

		serve_line(slice_cut(&rest, '\n'), out);
	}
	fclose(out);
}

static void *run(void *arg)
{
	struct pollfd fds[2] = {{.fd = control.fd, .events = POLLIN},
				{.fd = control.stop_fd, .events = POLLIN}};

	time_t renewed = time(NULL);

	(void)arg;
	for (;;) {
		int client;

		int rc = poll(fds, 2, ANCHOR_RENEW_SECONDS * 1000);

		if (rc < 0 && errno != EINTR)
			return NULL;
		if (rc <= 0 || time(NULL) - renewed >= ANCHOR_RENEW_SECONDS) {
			anchor_renew();
			renewed = time(NULL);
		}
		if (rc <= 0)
			continue;
		if (fds[1].revents)
			return NULL;
		client = fds[0].revents ? accept4(control.fd, NULL, NULL, SOCK_CLOEXEC) : -1;
		if (client >= 0)
			serve_client(client);
	}
}

/* A socket file that nobody answers on was left by a process that died. */
static bool somebody_answers(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool yes = fd >= 0 && connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) == 0;

	if (fd >= 0)
		close(fd);
	return yes;
}

int control_open(const char *path, char *why, size_t size)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;
	mode_t mask;

	if (fd < 0 || slice_copy(slice_str(path), addr.sun_path, sizeof(addr.sun_path)))
		goto fail;
	if (somebody_answers(&addr)) {
		snprintf(why, size,
			 "another ims-hss serves %s; stop it, or set control to another path",
			 path);
		close(fd);
		return -1;
	}
	unlink(path);
	mask = umask(0077);
	rc = bind(fd, (const struct sockaddr *)&addr, sizeof(addr));
	umask(mask);
	if (rc == 0 && listen(fd, 16) == 0)
		return fd;
fail:
	snprintf(why, size,
		 "cannot make the control socket %s: %s; set control to a path that can be written",
		 path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

int control_start(int fd, const struct config *cfg, struct service *svc)
{
	control.fd = fd;
	control.cfg = cfg;
	control.svc = svc;
	control.started = time(NULL);
	control.stop_fd = eventfd(0, EFD_CLOEXEC);
	if (control.stop_fd < 0)
		return errno;
	return pthread_create(&control.thread, NULL, run, NULL);
}

void control_stop(void)
{
	eventfd_write(control.stop_fd, 1);
	pthread_join(control.thread, NULL);
	close(control.stop_fd);
	close(control.fd);
	unlink(control.cfg->control);
}
