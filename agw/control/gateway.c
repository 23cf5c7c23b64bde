/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Start, main loop, reload and end of the gateway. */
#include "agw/control/items.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <malloc.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <syslog.h>
#include <unistd.h>

enum { CONFIG_FILE_MAX = 256 * 1024 };

/* journald and consoles both read "<priority>text" lines. */
void gateway_log(const struct gateway *g, int level, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (g->cfg.mid[0] && level > (int)g->cfg.log_level)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(stderr, "<%d>%s\n", level, text);
}

int gateway_load(struct gateway *g, struct config *out)
{
	struct config_error err;
	char *text = malloc(CONFIG_FILE_MAX);
	FILE *f = fopen(g->config_path, "re");
	size_t n;
	int rc;

	if (!f || !text) {
		gateway_log(g, LOG_ERR, "%s: %s", g->config_path, strerror(errno));
		if (f)
			fclose(f);
		free(text);
		return -1;
	}
	n = fread(text, 1, CONFIG_FILE_MAX, f);
	fclose(f);
	rc = n == CONFIG_FILE_MAX ? -1 : config_parse(slice_make(text, n), out, &err);
	if (n == CONFIG_FILE_MAX)
		gateway_log(g, LOG_ERR, "%s: longer than %d octets", g->config_path,
			    CONFIG_FILE_MAX);
	else if (rc < 0)
		gateway_log(g, LOG_ERR, "%s:%u: %s", g->config_path, err.line, err.what);
	free(text);
	return rc;
}

/* ---- H.248 ---- */

static void association_changed(void *user, struct h248_peer *peer, enum h248_state from,
				enum h248_state to, const char *why, int64_t now_ms)
{
	struct gateway *g = user;
	char addr[NETADDR_TEXT_MAX];

	(void)now_ms;
	gateway_log(g, to == H248_ACTIVE ? LOG_NOTICE : LOG_INFO, "controller %s: %s -> %s (%s)",
		    peer ? netaddr_text(&h248_peer_address(peer)->at, addr) : "-",
		    h248_state_name(from), h248_state_name(to), why ? why : "");
	if (g->draining && to == H248_IDLE && from == H248_LEAVING)
		g->stop = true;
}

static int start_h248(struct gateway *g)
{
	static const struct {
		const char *name;
		enum h248_transport_kind kind;
	} kinds[] = {{"udp", H248_UDP}, {"sctp", H248_SCTP}, {"tpkt", H248_TPKT}};
	struct h248_addr mgcs[CONFIG_MGCS_MAX];
	struct h248_entity_config c = {
	    .role = H248_ROLE_MG,
	    .version_min = (uint8_t)g->cfg.version_min,
	    .version_max = (uint8_t)g->cfg.version_max,
	    .profile = g->cfg.profile[0] ? g->cfg.profile : NULL,
	    .profile_version = (uint8_t)g->cfg.profile_version,
	    .style = g->cfg.compact ? H248_COMPACT : H248_PRETTY,
	    .mgcs = mgcs,
	    .mgc_count = g->cfg.n_mgcs,
	    .mwd_ms = g->cfg.mwd_ms,
	    .stranger_code = g->cfg.stranger_code,
	    .user = g,
	    .request = gateway_request,
	    .state = association_changed,
	};
	enum h248_transport_kind kind = H248_UDP;
	int rc;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(g->cfg.transport, kinds[i].name) == 0)
			kind = kinds[i].kind;
	for (size_t i = 0; i < g->cfg.n_mgcs; i++)
		if (h248_addr_parse(g->cfg.mgcs[i], H248_PORT_TEXT, &mgcs[i]) < 0) {
			gateway_log(g, LOG_ERR,
				    "[mgc] address '%s' is not an IP address with optional port",
				    g->cfg.mgcs[i]);
			return -1;
		}
	if (h248_mid_parse(slice_str(g->cfg.mid), &c.mid) < 0) {
		gateway_log(g, LOG_ERR, "mid '%s' is not a message identifier", g->cfg.mid);
		return -1;
	}
	h248_timers_default(&c.timers, kind != H248_UDP);
	c.timers.t_max_ms = g->cfg.t_max_ms;
	rc = h248_open(&c, kind, g->cfg.local, &g->entity, &g->transport);
	if (rc != H248_OK) {
		gateway_log(g, LOG_ERR, "H.248 on %s %s: %s%s%s", g->cfg.transport, g->cfg.local,
			    h248_strerror(rc), rc == H248_E_SYSTEM ? ": " : "",
			    rc == H248_E_SYSTEM ? strerror(errno) : "");
		return -1;
	}
	return 0;
}

static int start_media(struct gateway *g)
{
	struct media_config c = {
	    .workers = g->cfg.workers,
	    .certificate_file = g->cfg.certificate[0] ? g->cfg.certificate : NULL,
	    .private_key_file = g->cfg.private_key[0] ? g->cfg.private_key : NULL,
	    .tcp_buffer = g->cfg.tcp_buffer,
	    .tls_handshake_ms = g->cfg.tls_handshake_ms,
	    .tcp_connect_ms = g->cfg.tcp_connect_ms,
	    .tcp_keepalive_s = g->cfg.tcp_keepalive_s,
	    .allow_sha1 = g->cfg.allow_sha1,
	    .srtp_window = g->cfg.srtp_window,
	    .legs_max = (size_t)g->cfg.contexts_max * g->cfg.terminations_per_context,
	};
	int rc = media_new(&c, notify_media_event, g, &g->media);

	if (rc < 0) {
		gateway_log(g, LOG_ERR, "media engine: %s (certificate %s)", media_strerror(rc),
			    g->cfg.certificate[0] ? g->cfg.certificate : "made at start");
		return -1;
	}
	g->model.media = g->media;
	rc = realms_update(&g->realms, &g->cfg);
	if (rc < 0)
		gateway_log(g, LOG_ERR, "realms: %s", media_strerror(rc));
	return rc;
}

/* ---- rights ---- */

/* Root is needed to read the key and to make the socket's directory, for nothing after. */
static int drop_rights(struct gateway *g)
{
	struct passwd *pw;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* no core file with keys in it */
	if (!g->cfg.user[0] || geteuid() != 0)
		return 0;
	pw = getpwnam(g->cfg.user);
	if (!pw) {
		gateway_log(g, LOG_ERR, "user '%s' does not exist", g->cfg.user);
		return -1;
	}
	if (g->cfg.control_socket[0] && chown(g->cfg.control_socket, pw->pw_uid, pw->pw_gid) < 0)
		gateway_log(g, LOG_WARNING, "chown %s: %s", g->cfg.control_socket, strerror(errno));
	if (setgroups(0, NULL) < 0 || setgid(pw->pw_gid) < 0 || setuid(pw->pw_uid) < 0) {
		gateway_log(g, LOG_ERR, "cannot become %s: %s", g->cfg.user, strerror(errno));
		return -1;
	}
	return 0;
}

/* The closed gate is a socket filter. Linux has let anybody put one in front of his own TCP socket
 * for ever; newer kernels (seen: 6.18) ask for CAP_NET_ADMIN. Say so at once instead of call by
 * call. */
static void probe_gate(const struct gateway *g)
{
	struct sock_filter drop[] = {{BPF_RET | BPF_K, 0, 0, 0}};
	const struct sock_fprog program = {1, drop};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0)
		gateway_log(
		    g, LOG_ERR,
		    "no TCP media: this kernel wants CAP_NET_ADMIN for socket filters (%s); "
		    "start unprivileged with that one as ambient capability, without `user`",
		    strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void raise_descriptor_limit(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
		r.rlim_cur = r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
}

/* ---- overload ---- */

static int64_t micros(const struct timeval *tv)
{
	return (int64_t)tv->tv_sec * 1000000 + tv->tv_usec;
}

void gateway_measure(struct gateway *g)
{
	struct overload *o = &g->overload;
	struct rusage used;

	o->use.contexts = overload_percent(g->model.n_contexts,
					   g->cfg.contexts_max > g->cfg.contexts_reserved
					       ? g->cfg.contexts_max - g->cfg.contexts_reserved
					       : 0);
	o->use.ports = 0;
	for (const struct realm *r = g->realms.list; r; r = r->next)
		for (size_t i = 0; i < r->cfg.n_addresses && !r->retired; i++) {
			unsigned now = overload_percent(media_pool_in_use(r->pools[i]),
							media_pool_size(r->pools[i]));

			o->use.ports = now > o->use.ports ? now : o->use.ports;
		}
	if (getrusage(RUSAGE_SELF, &used) == 0)
		overload_cpu(o, h248_now_ms() * 1000,
			     micros(&used.ru_utime) + micros(&used.ru_stime),
			     g->cfg.workers ? g->cfg.workers : (unsigned)get_nprocs());
	if (overload_decide(o, g->cfg.overload_percent))
		gateway_log(g, o->on ? LOG_WARNING : LOG_NOTICE,
			    "%s: contexts %u %%, ports %u %%, processors %u %%",
			    o->on ? "overloaded" : "not overloaded any more", o->use.contexts,
			    o->use.ports, o->use.cpu);
}

/* ---- reload ---- */

static void reload(struct gateway *g)
{
	struct config *next = malloc(sizeof(*next));

	if (!next || gateway_load(g, next) < 0) {
		gateway_log(g, LOG_ERR, "reload: the configuration in force stays");
		free(next);
		return;
	}
	if (realms_update(&g->realms, next) < 0) {
		gateway_log(g, LOG_ERR, "reload: realms not changed for want of memory");
	} else {
		/* What the association and the engine were started with needs a restart. */
		g->cfg.contexts_max = next->contexts_max;
		g->cfg.contexts_reserved = next->contexts_reserved;
		g->cfg.terminations_per_context = next->terminations_per_context;
		g->cfg.ports_reserved_percent = next->ports_reserved_percent;
		g->cfg.heartbeat_s = next->heartbeat_s;
		g->cfg.overload_percent = next->overload_percent;
		g->cfg.certificate_per_session = next->certificate_per_session;
		g->cfg.msrp_rewrite = next->msrp_rewrite;
		g->cfg.log_level = next->log_level;
		strcpy(g->cfg.trace_dir, next->trace_dir);
		g->cfg.n_realms = next->n_realms;
		memcpy(g->cfg.realms, next->realms, sizeof(g->cfg.realms));
		notify_realms_changed(g, h248_now_ms());
		gateway_log(g, LOG_NOTICE, "reload: done; calls in progress keep their ports");
	}
	free(next);
}

/* ---- the loop ---- */

static void once_a_second(struct gateway *g, int64_t now)
{
	gateway_measure(g);
	notify_second(g, now);
	realms_reap(&g->realms);
	for (int i = 0; i < CTL_CLIENTS_MAX;
	     i++) /* clients that do nothing do not keep the place */
		if (g->ctl[i].fd >= 0 && now - g->ctl[i].since_ms > 10000)
			client_close(&g->ctl[i]);
	for (int i = 0; i < METRICS_CLIENTS_MAX; i++)
		if (g->metrics[i].fd >= 0 && now - g->metrics[i].since_ms > 10000)
			client_close(&g->metrics[i]);
	if (g->draining && !g->model.n_contexts)
		g->stop = true;
}

static void take_signals(struct gateway *g, int fd)
{
	struct signalfd_siginfo si;

	while (read(fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGHUP) {
			reload(g);
		} else if (si.ssi_signo == SIGUSR1) {
			ctl_command(g, "drain", NULL);
		} else {
			gateway_log(g, LOG_NOTICE, "stopping on signal %u", si.ssi_signo);
			g->stop = true;
		}
	}
}

static void loop(struct gateway *g, int signal_fd)
{
	while (!g->stop) {
		struct pollfd p[5 + CTL_CLIENTS_MAX + METRICS_CLIENTS_MAX];
		struct client *who[5 + CTL_CLIENTS_MAX + METRICS_CLIENTS_MAX] = {NULL};
		int64_t now = h248_now_ms(), wait = h248_entity_timeout(g->entity, now);
		nfds_t n = 5;

		p[0] = (struct pollfd){h248_transport_fd(g->transport), POLLIN, 0};
		p[1] = (struct pollfd){media_event_fd(g->media), POLLIN, 0};
		p[2] = (struct pollfd){signal_fd, POLLIN, 0};
		p[3] = (struct pollfd){g->ctl_fd, POLLIN, 0};
		p[4] = (struct pollfd){g->metrics_fd, POLLIN, 0};
		for (int i = 0; i < CTL_CLIENTS_MAX + METRICS_CLIENTS_MAX; i++) {
			struct client *c =
			    i < CTL_CLIENTS_MAX ? &g->ctl[i] : &g->metrics[i - CTL_CLIENTS_MAX];

			if (c->fd < 0)
				continue;
			who[n] = c;
			p[n++] = (struct pollfd){c->fd, (short)(c->out_len ? POLLOUT : POLLIN), 0};
		}
		if (wait < 0 || wait > g->next_second_ms - now)
			wait = g->next_second_ms > now ? g->next_second_ms - now : 0;
		if (poll(p, n, (int)wait) < 0 && errno != EINTR)
			break;
		now = h248_now_ms();
		if (p[0].revents)
			h248_transport_ready(g->transport, now);
		if (p[1].revents)
			media_dispatch(g->media);
		if (p[2].revents)
			take_signals(g, signal_fd);
		if (p[3].revents & POLLIN)
			client_accept(g->ctl_fd, g->ctl, CTL_CLIENTS_MAX);
		if (p[4].revents & POLLIN)
			client_accept(g->metrics_fd, g->metrics, METRICS_CLIENTS_MAX);
		for (nfds_t i = 5; i < n; i++)
			if (p[i].revents)
				client_ready(g, who[i], p[i].revents,
					     who[i] >= g->metrics &&
						 who[i] < g->metrics + METRICS_CLIENTS_MAX);
		h248_entity_tick(g->entity, now);
		if (now >= g->next_second_ms) {
			g->next_second_ms = now + 1000;
			once_a_second(g, now);
		}
	}
}

/* Tell the controller, best effort: the answer may come while we wait a moment for it. */
static void say_goodbye(struct gateway *g)
{
	int64_t until = h248_now_ms() + 500;

	if (h248_mg_state(g->entity) != H248_ACTIVE ||
	    h248_mg_leave(g->entity, H248_FORCED, 0, h248_now_ms()) != H248_OK)
		return;
	while (h248_now_ms() < until && h248_mg_state(g->entity) != H248_IDLE)
		if (h248_run(g->entity, g->transport, 50) < 0 && errno != EINTR)
			return;
}

int gateway_run(struct gateway *g)
{
	sigset_t set;
	int signal_fd, rc = -1;

	g->ctl_fd = g->metrics_fd = -1;
	for (int i = 0; i < CTL_CLIENTS_MAX; i++)
		g->ctl[i].fd = -1;
	for (int i = 0; i < METRICS_CLIENTS_MAX; i++)
		g->metrics[i].fd = -1;
	root_init(&g->root);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	raise_descriptor_limit();
	if (items_init() < 0) {
		gateway_log(g, LOG_ERR, "an item of ours is not in the package table");
		return -1;
	}
	/* TLS buffers come and go with every burst: do not give their pages back each time. */
	mallopt(M_TRIM_THRESHOLD, 32 << 20);
	mallopt(M_MMAP_THRESHOLD, 4 << 20);
	if (signal_fd < 0 || start_media(g) < 0 || start_h248(g) < 0 || ctl_open(g) < 0 ||
	    metrics_open(g) < 0 || drop_rights(g) < 0)
		goto out;
	probe_gate(g);
	g->next_second_ms = h248_now_ms() + 1000;
	h248_entity_start(g->entity, h248_now_ms());
	gateway_log(g, LOG_NOTICE, "ims-agw %s: up on %s %s", g->cfg.mid, g->cfg.transport,
		    g->cfg.local);
	loop(g, signal_fd);
	say_goodbye(g);
	rc = 0;
out:
	if (g->media)
		gateway_clear(g);
	h248_entity_free(g->entity);
	h248_transport_close(g->transport);
	media_free(g->media);
	realms_free(&g->realms);
	for (int i = 0; i < CTL_CLIENTS_MAX; i++)
		client_close(&g->ctl[i]);
	for (int i = 0; i < METRICS_CLIENTS_MAX; i++)
		client_close(&g->metrics[i]);
	if (g->ctl_fd >= 0) {
		close(g->ctl_fd);
		unlink(g->cfg.control_socket);
	}
	if (g->metrics_fd >= 0)
		close(g->metrics_fd);
	if (signal_fd >= 0)
		close(signal_fd);
	return rc;
}
