/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/rig.h"
#include "agw/nobody.h"
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "h248/codec.h"
#include "h248/run.h"

/* How long to wait for what must come, however busy the machine is. */
enum { PATIENCE_MS = 30000, NOTIFIES_MAX = 256, TEXT_MAX = 65536 };

static struct {
	char dir[64], conf[96], ctl[96], more[1024];
	pid_t pid;
	struct h248_entity *mgc;
	struct h248_transport *transport;
	int registrations;
	char registration[64];
	unsigned notify_code;
	int cpu; /* + 1; 0 = any */
	bool unprivileged;
	int capability;
	struct {
		char *text;
		bool taken;
	} notify[NOTIFIES_MAX];
	size_t n_notify;
	unsigned long notifies;
	bool replied;
	char reply[TEXT_MAX];
} rig;

/* ---- the controller ---- */

static void encode_request(const struct h248_transaction *t, char *out, size_t size)
{
	struct h248_transaction one = *t;
	struct h248_message m = {.version = 3, .transactions = &one};
	size_t len = 0;

	one.next = NULL;
	h248_mid_parse(SLICE_LIT("[10.0.0.7]:2944"), &m.mid);
	if (h248_encode(&m, H248_PRETTY, out, size - 1, &len) != H248_OK)
		len = 0;
	out[len] = 0;
}

static void on_request(void *user, struct h248_peer *peer, struct h248_job *job, int64_t now_ms)
{
	const struct h248_transaction *t = h248_job_request(job);
	struct h248_arena *a = h248_job_arena(job);
	struct h248_action *list = NULL;

	(void)user;
	(void)peer;
	rig.notifies++;
	if (rig.n_notify < NOTIFIES_MAX) {
		char *text = malloc(TEXT_MAX);

		encode_request(t, text, TEXT_MAX);
		rig.notify[rig.n_notify++].text = text;
	}
	for (const struct h248_action *in = t->actions; in; in = in->next) {
		struct h248_action *out = h248_new_action(a, &list, in->context);

		for (const struct h248_command *c = in->commands; c; c = c->next) {
			struct h248_command *r = h248_new_command(a, out, c->kind, c->tid.id);

			if (rig.notify_code)
				h248_new_error(a, r, rig.notify_code, NULL);
		}
	}
	h248_job_reply(job, list, now_ms);
}

static unsigned on_registration(void *user, struct h248_peer *peer, const struct h248_services *in,
				struct h248_services *out)
{
	static const char *const methods[] = {"?",	 "Failover",	 "Forced", "Graceful",
					      "Restart", "Disconnected", "HandOff"};

	(void)user;
	(void)peer;
	(void)out;
	rig.registrations++;
	snprintf(rig.registration, sizeof(rig.registration), "%s %u",
		 in->method < 7 ? methods[in->method] : "?", in->reason);
	return 0;
}

void rig_mgc_start(void)
{
	struct h248_entity_config c = {.role = H248_ROLE_MGC,
				       .profile = "threegpp_iq",
				       .profile_version = 1,
				       .request = on_request,
				       .registration = on_registration};

	ck_assert_int_eq(h248_mid_parse(SLICE_LIT("[10.0.0.11]:2944"), &c.mid), 0);
	ck_assert_int_eq(h248_open(&c, H248_UDP, "10.0.0.11:2944", &rig.mgc, &rig.transport), 0);
	h248_entity_start(rig.mgc, h248_now_ms());
}

void rig_mgc_stop(void)
{
	h248_entity_free(rig.mgc);
	h248_transport_close(rig.transport);
	rig.mgc = NULL;
	rig.transport = NULL;
}

struct h248_peer *rig_peer(void)
{
	return h248_peer_next(rig.mgc, NULL);
}

void rig_run(int wait_ms)
{
	h248_run(rig.mgc, rig.transport, wait_ms);
}

void rig_serve(int ms)
{
	int64_t end = h248_now_ms() + ms;

	for (int64_t left = ms; left > 0; left = end - h248_now_ms()) {
		if (rig.mgc)
			h248_run(rig.mgc, rig.transport, left < 10 ? (int)left : 10);
		else
			usleep(10000);
	}
}

struct question {
	mgc_reply_h *done;
	void *user;
};

static void on_reply(void *user, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	struct question q = *(struct question *)user;

	free(user);
	if (outcome == H248_REPLIED)
		encode_request(reply, rig.reply, sizeof(rig.reply));
	else
		strcpy(rig.reply, "no reply");
	q.done(rig.reply, q.user);
}

static void ask(mgc_reply_h *done, void *user, const char *fmt, va_list ap)
{
	static char body[TEXT_MAX], text[TEXT_MAX + 100], memory[4 * TEXT_MAX];
	struct question *q = malloc(sizeof(*q));
	struct h248_decode_error err;
	struct h248_message *m;
	struct h248_arena a;
	struct h248_peer *mg = h248_peer_next(rig.mgc, NULL);
	int rc;

	ck_assert_ptr_nonnull(q);
	*q = (struct question){done, user};
	vsnprintf(body, sizeof(body), fmt, ap);
	snprintf(text, sizeof(text), "MEGACO/3 [10.0.0.11]:2944\nTransaction = 1 { %s }", body);
	h248_arena_init(&a, memory, sizeof(memory));
	rc = h248_decode(slice_str(text), NULL, &a, &m, &err);
	ck_assert_msg(rc == H248_OK && !m->transactions->malformed, "%s\nin %s", err.what, text);
	ck_assert_ptr_nonnull(mg);
	ck_assert_int_eq(
	    h248_request(mg, m->transactions->actions, on_reply, q, h248_now_ms(), NULL), H248_OK);
}

void mgc_ask(mgc_reply_h *done, void *user, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	ask(done, user, fmt, ap);
	va_end(ap);
}

static void note_reply(const char *reply, void *user)
{
	(void)reply;
	(void)user;
	rig.replied = true;
}

const char *mgc_do(const char *fmt, ...)
{
	va_list ap;

	rig.replied = false;
	va_start(ap, fmt);
	ask(note_reply, NULL, fmt, ap);
	va_end(ap);
	for (int64_t end = h248_now_ms() + PATIENCE_MS; !rig.replied && h248_now_ms() < end;)
		h248_run(rig.mgc, rig.transport, 50);
	ck_assert_msg(rig.replied, "no reply to %s", fmt);
	return rig.reply;
}

unsigned long mgc_notifies(void)
{
	return rig.notifies;
}

const char *mgc_notified(int ms, const char *word, const char *more)
{
	for (int64_t end = h248_now_ms() + ms;;) {
		for (size_t i = 0; i < rig.n_notify; i++)
			if (!rig.notify[i].taken && strstr(rig.notify[i].text, word) &&
			    (!more || strstr(rig.notify[i].text, more))) {
				rig.notify[i].taken = true;
				return rig.notify[i].text;
			}
		if (h248_now_ms() >= end)
			return NULL;
		rig_serve(10);
	}
}

int mgc_registrations(void)
{
	return rig.registrations;
}

void mgc_registered(int times)
{
	for (int64_t end = h248_now_ms() + PATIENCE_MS; rig.registrations < times; rig_serve(10))
		ck_assert_msg(h248_now_ms() < end, "%d registrations", rig.registrations);
	rig_ctl_has("status", "association active");
}

void rig_gateway_cpu(int cpu)
{
	rig.cpu = cpu + 1;
}

const char *mgc_last_registration(void)
{
	return rig.registration;
}

void mgc_answer_notify_with(unsigned code)
{
	rig.notify_code = code;
}

int after(const char *text, const char *words)
{
	const char *p = strstr(text, words);

	return p ? atoi(p + strlen(words)) : -1;
}

void termination_of(const char *reply, char out[64])
{
	const char *p = strstr(reply, "Add = ");

	ck_assert_msg(p && sscanf(p + 6, "%63[^ {\r\n,}]", out) == 1, "no termination in %s",
		      reply);
}

void fingerprint_of(const char *reply, char out[200])
{
	const char *p = strstr(reply, "a=fingerprint:");

	ck_assert_msg(p && sscanf(p + 14, "%199[^\r\n]", out) == 1, "no fingerprint in %s", reply);
}

const struct packet *packet_wait(size_t mark, const char *from, int from_port, const char *to,
				 int to_port, int flags, unsigned n)
{
	for (int64_t end = h248_now_ms() + PATIENCE_MS;; rig_serve(10)) {
		const struct packet *k = packet_find(mark, from, from_port, to, to_port, flags, n);

		if (k)
			return k;
		ck_assert_msg(h248_now_ms() < end, "no packet from %s to %s", from ? from : "any",
			      to ? to : "any");
	}
}

/* ---- the gateway ---- */

void rig_pin(int cpu)
{
	cpu_set_t set;

	if (cpu <= 0)
		return;
	CPU_ZERO(&set);
	CPU_SET(cpu - 1, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

int rig_gateway_unprivileged(void)
{
	rig.capability = nobody_needs();
	rig.unprivileged = true;
	return rig.capability;
}

void rig_gateway_start(void)
{
	const char *bin = getenv("IMS_AGW");
	int before = rig.registrations;

	ck_assert_msg(bin, "IMS_AGW must name the program");
	rig.pid = fork();
	ck_assert_int_ge(rig.pid, 0);
	if (rig.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		rig_pin(rig.cpu);
		if (rig.unprivileged)
			nobody_become(rig.capability);
		execl(bin, bin, "-c", rig.conf, (char *)NULL);
		perror(bin);
		_exit(127);
	}
	for (int i = 0; i < PATIENCE_MS / 10 && rig.registrations == before && rig.mgc; i++) {
		rig_serve(10);
		ck_assert_msg(waitpid(rig.pid, NULL, WNOHANG) == 0, "the gateway has ended");
	}
	ck_assert_msg(!rig.mgc || rig.registrations > before, "the gateway does not register");
	if (rig.mgc)
		rig_ctl_has("status", "association active");
}

void rig_gateway_kill(void)
{
	kill(rig.pid, SIGKILL);
	waitpid(rig.pid, NULL, 0);
	rig.pid = 0;
}

void rig_cleanup(void)
{
	if (rig.pid)
		rig_gateway_kill();
}

void rig_start(const char *more)
{
	FILE *f;

	int cpu = rig.cpu, capability = rig.capability;
	bool unprivileged = rig.unprivileged;

	if (rig.pid) /* a test that failed left its gateway */
		rig_gateway_kill();
	if (rig.mgc)
		rig_mgc_stop();
	memset(&rig, 0, sizeof(rig));
	rig.cpu = cpu;
	rig.unprivileged = unprivileged;
	rig.capability = capability;
	strcpy(rig.dir, "/tmp/ims-agw-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(rig.dir));
	snprintf(rig.conf, sizeof(rig.conf), "%s/agw.conf", rig.dir);
	snprintf(rig.ctl, sizeof(rig.ctl), "%s/ctl", rig.dir);
	f = fopen(rig.conf, "we");
	ck_assert_ptr_nonnull(f);
	fprintf(f,
		"[gateway]\nmid = [10.0.0.7]:2944\nlocal = 10.0.0.7:2944\nmwd_ms = 0\nworkers = 2\n"
		"control_socket = %s\ntrace_dir = %s\nt_max_ms = 25000\n"
		"tls_retry_ms = 100\n%s\n[mgc]\naddress = "
		"10.0.0.11:2944\n"
		"[realm core]\nipdc = core.ims\naddress = 10.0.0.7\naddress = fd00::7\nports = "
		"20000-20999\n"
		"[realm access]\nipdc = access.ims\naddress = 10.1.0.7\naddress = fd00:1::7\nports "
		"= 30000-30999\n",
		rig.ctl, rig.dir, more ? more : "");
	fclose(f);
	if (rig.unprivileged)
		ck_assert_int_eq(chown(rig.dir, NOBODY, NOBODY), 0);
	rig_mgc_start();
	rig_gateway_start();
}

int rig_gateway_ends(void)
{
	int status = 0;

	for (int i = 0; waitpid(rig.pid, &status, WNOHANG) == 0; i++) {
		ck_assert_msg(i < PATIENCE_MS / 10, "the gateway does not end");
		rig_serve(10);
	}
	rig.pid = 0;
	ck_assert_msg(WIFEXITED(status), "the gateway ended with %#x", status);
	return WEXITSTATUS(status);
}

void rig_stop(void)
{
	char cmd[128];

	if (rig.pid) {
		kill(rig.pid, SIGTERM);
		ck_assert_int_eq(rig_gateway_ends(), 0);
	}
	rig_mgc_stop();
	for (size_t i = 0; i < rig.n_notify; i++)
		free(rig.notify[i].text);
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", rig.dir);
	ck_assert_int_eq(system(cmd), 0);
	rig.unprivileged = false;
}

const char *rig_dir(void)
{
	return rig.dir;
}

int rig_pid(void)
{
	return rig.pid;
}

const char *rig_ctl(const char *command)
{
	static char out[TEXT_MAX];
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	size_t len = 0;
	ssize_t n;

	strcpy(a.sun_path, rig.ctl);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	dprintf(fd, "%s\n", command);
	while (len < sizeof(out) - 1 && (n = read(fd, out + len, sizeof(out) - 1 - len)) > 0)
		len += (size_t)n;
	out[len] = 0;
	close(fd);
	return out;
}

static const char *ctl_wait(const char *command, const char *words, bool there)
{
	const char *answer;

	for (int64_t end = h248_now_ms() + PATIENCE_MS;; rig_serve(10)) {
		answer = rig_ctl(command);
		if ((strstr(answer, words) != NULL) == there)
			return answer;
		ck_assert_msg(h248_now_ms() < end, "%s '%s' in: %s", there ? "never" : "always",
			      words, answer);
	}
}

const char *rig_ctl_has(const char *command, const char *words)
{
	return ctl_wait(command, words, true);
}

const char *rig_ctl_lost(const char *command, const char *words)
{
	return ctl_wait(command, words, false);
}

void rig_settle(void)
{
	rig_ctl_lost("dump", " settling");
}

long rig_memory_kb(const char *what)
{
	char path[64], line[128];
	size_t len = strlen(what);
	long kb = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", rig.pid);
	f = fopen(path, "re");
	ck_assert_ptr_nonnull(f);
	while (kb < 0 && fgets(line, sizeof(line), f))
		if (strncmp(line, what, len) == 0 && line[len] == ':')
			kb = strtol(line + len + 1, NULL, 10);
	fclose(f);
	return kb;
}

long rig_descriptors(void)
{
	char path[64];
	DIR *d;
	long n = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", rig.pid);
	d = opendir(path);
	ck_assert_ptr_nonnull(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}
