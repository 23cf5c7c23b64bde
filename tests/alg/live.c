/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alg/live.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "h248/run.h"

struct mgc *mgc;
struct mgc_config live_config;
unsigned live_events[MGC_EVENTS];
char live_text[MGC_EVENTS][96];

static struct {
	char dir[64];
	pid_t pid[LIVE_GATEWAYS];
	unsigned gateways;
} live;

int64_t live_now(void)
{
	return h248_now_ms();
}

void live_namespace(void)
{
	if (unshare(CLONE_NEWNET) ||
	    system("ip link set lo up && for i in 7 8 9 11; do ip addr add 10.0.0.$i/24 dev lo; "
		   "done && "
		   "for i in 7 8 10; do ip addr add 10.1.0.$i/24 dev lo; done")) {
		perror("a network namespace of our own (root)");
		exit(EXIT_FAILURE);
	}
}

/* ---- gateways ---- */

void live_gateway(unsigned n)
{
	const char *bin = getenv("IMS_AGW");
	char conf[96];

	ck_assert_msg(bin, "IMS_AGW must name the program");
	snprintf(conf, sizeof(conf), "%s/agw%u.conf", live.dir, n);
	live.pid[n] = fork();
	ck_assert_int_ge(live.pid[n], 0);
	if (live.pid[n] == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl(bin, bin, "-c", conf, (char *)NULL);
		_exit(127);
	}
}

static void configure(unsigned n, unsigned ports, const char *more)
{
	char path[96];
	FILE *f;

	snprintf(path, sizeof(path), "%s/agw%u.conf", live.dir, n);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	fprintf(f,
		"[gateway]\nmid = [10.0.0.%u]:2944\nlocal = 10.0.0.%u:2944\nmwd_ms = 0\n"
		"workers = 1\nlog_level = error\nports_reserved_percent = 0\ncontrol_socket = "
		"%s/ctl%u\ntrace_dir = %s\n%s"
		"[mgc]\naddress = 10.0.0.11:2944\n"
		"[realm core]\nipdc = core.ims\naddress = 10.0.0.%u\nports = 20000-%u\n"
		"[realm access]\nipdc = access.ims\naddress = 10.1.0.%u\nports = 30000-%u\n",
		7 + n, 7 + n, live.dir, n, live.dir, more, 7 + n, 20000 + ports - 1, 7 + n,
		30000 + ports - 1);
	fclose(f);
}

void live_kill(unsigned n, int signal)
{
	kill(live.pid[n], signal);
	if (signal != SIGKILL)
		return;
	waitpid(live.pid[n], NULL, 0);
	live.pid[n] = 0;
}

const char *live_ctl(unsigned n, const char *command)
{
	static char out[65536];
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	size_t len = 0;
	ssize_t got;

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/ctl%u", live.dir, n);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0) {
		dprintf(fd, "%s\n", command);
		while (len < sizeof(out) - 1 &&
		       (got = read(fd, out + len, sizeof(out) - 1 - len)) > 0)
			len += (size_t)got;
	}
	out[len] = 0;
	close(fd);
	return out;
}

int live_contexts(unsigned n)
{
	const char *status = live_ctl(n, "status"), *at = strstr(status, "contexts ");

	return at ? atoi(at + strlen("contexts ")) : -1;
}

/* ---- the controller ---- */

static void on_event(void *user, const struct mgc_event *e)
{
	(void)user;
	live_events[e->type]++;
	snprintf(live_text[e->type], sizeof(live_text[0]), "%s", e->text);
}

static void on_log(void *user, int level, const char *line)
{
	(void)user;
	(void)level;
	if (getenv("ALG_TEST_LOG"))
		fprintf(stderr, "%s\n", line);
}

void live_controller(void)
{
	struct netaddr here;
	struct mgc_config config = live_config;

	config.event = on_event;
	config.log = on_log;
	ck_assert_int_eq(netaddr_parse_port(SLICE_LIT("10.0.0.11:2944"), 0, &here), 0);
	ck_assert_int_eq(mgc_new(&config, &mgc), 0);
	ck_assert_int_eq(mgc_listen(mgc, H248_UDP, &here), 0);
	for (unsigned i = 0; i < live.gateways; i++) {
		struct mgc_gateway_config g;
		enum h248_transport_kind kind;
		const char *why;
		char text[96];

		snprintf(text, sizeof(text),
			 "name=agw%u address=10.0.0.%u realms=core.ims,access.ims", i, 7 + i);
		ck_assert_int_eq(mgc_gateway_parse(slice_str(text), &g, &kind, &why), 0);
		ck_assert_int_eq(mgc_gateway_add(mgc, &g), (int)i);
	}
}

void live_controller_end(void)
{
	mgc_free(mgc);
	mgc = NULL;
}

void live_serve(int ms)
{
	int64_t end = live_now() + ms;

	for (int64_t left = ms; left > 0; left = end - live_now()) {
		int64_t wait = mgc ? mgc_timeout(mgc, live_now()) : -1;
		struct pollfd p = {.fd = mgc ? mgc_fd(mgc, 0) : -1, .events = POLLIN};

		if (poll(&p, 1, (int)(wait < 0 || wait > left ? left : wait)) > 0)
			mgc_ready(mgc, 0, live_now());
		if (mgc)
			mgc_tick(mgc, live_now());
	}
}

struct mgc_gateway_view live_view(unsigned n)
{
	struct mgc_gateway_view v;

	mgc_gateway_view(mgc, n, &v);
	return v;
}

void live_start(unsigned n, unsigned ports, const char *more)
{
	strcpy(live.dir, "/tmp/ims-alg-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(live.dir));
	memset(live_events, 0, sizeof(live_events));
	live.gateways = n;
	live_controller();
	for (unsigned i = 0; i < n; i++) {
		configure(i, ports, more);
		live_gateway(i);
	}
	mgc_start(mgc, live_now());
	for (unsigned i = 0; i < n; i++)
		LIVE_UNTIL(live_view(i).state == MGC_UP);
}

void live_stop(void)
{
	char cmd[96];

	for (unsigned i = 0; i < live.gateways; i++)
		if (live.pid[i]) {
			kill(live.pid[i], SIGCONT);
			kill(live.pid[i], SIGTERM);
			waitpid(live.pid[i], NULL, 0);
			live.pid[i] = 0;
		}
	live_controller_end();
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", live.dir);
	ck_assert_int_eq(system(cmd), 0);
}

/* ---- orders ---- */

struct waiting {
	bool done;
	struct mgc_result result;
	struct alg_media *media;
};

static void on_done(void *user, const struct mgc_result *r)
{
	struct waiting *w = user;

	w->done = true;
	w->result = *r;
	if (r->media && w->media)
		memcpy(w->media, r->media, alg_media_bytes(r->media));
}

struct mgc_result live_apply(uint64_t call, struct alg_media *media)
{
	struct waiting w = {.media = media};

	ck_assert_int_eq(mgc_apply(mgc, call, media, on_done, &w, live_now()), 0);
	LIVE_UNTIL(w.done);
	return w.result;
}

struct mgc_result live_release(uint64_t call)
{
	struct waiting w = {0};

	ck_assert_int_eq(mgc_release(mgc, call, on_done, &w, live_now()), 0);
	LIVE_UNTIL(w.done);
	return w.result;
}
