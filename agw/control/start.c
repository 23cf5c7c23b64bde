/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Start of the gateway, in the order in which things need each other, and its end. */
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <linux/filter.h>
#include <malloc.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include "agw/control/items.h"

enum { REASON_MAX = 600 };

/* ---- H.248 ---- */

static void association_changed(void *user, struct h248_peer *peer, enum h248_state from,
				enum h248_state to, const char *why, int64_t now_ms)
{
	struct gateway *g = user;
	char addr[NETADDR_TEXT_MAX];

	(void)now_ms;
	log_line(to == H248_ACTIVE ? LOG_NOTICE : LOG_INFO, "controller %s: %s -> %s (%s)",
		 peer ? netaddr_text(&h248_peer_address(peer)->at, addr) : "-",
		 h248_state_name(from), h248_state_name(to), why ? why : "");
	strangers_controllers_changed(g);
	if (g->draining && to == H248_IDLE && from == H248_LEAVING)
		g->stop = true;
}

/* 0, or -1 with why and errno. */
static int open_h248(struct gateway *g, char *why, size_t size)
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
	    .device = g->cfg.device,
	    .user = g,
	    .request = gateway_request,
	    .state = association_changed,
	};
	enum h248_transport_kind kind = H248_UDP;
	int rc;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(g->cfg.transport, kinds[i].name) == 0)
			kind = kinds[i].kind;
	for (size_t i = 0; i < g->cfg.n_mgcs; i++) /* they could be read: config_check() */
		if (h248_addr_parse(g->cfg.mgcs[i], H248_PORT_TEXT, &mgcs[i]) < 0)
			return -1;
	if (h248_mid_parse(slice_str(g->cfg.mid), &c.mid) < 0)
		return -1;
	h248_timers_default(&c.timers, kind != H248_UDP);
	c.timers.t_max_ms = g->cfg.t_max_ms;
	rc = h248_open(&c, kind, g->cfg.local, &g->entity, &g->transport);
	if (rc != H248_OK) {
		int saved = errno;

		snprintf(why, size, "local: no %s socket on %s%s%s: %s%s", g->cfg.transport,
			 g->cfg.local, g->cfg.device[0] ? " of device " : "", g->cfg.device,
			 rc == H248_E_SYSTEM ? strerror(saved) : h248_strerror(rc),
			 saved == EPROTONOSUPPORT || saved == ESOCKTNOSUPPORT
			     ? " (the kernel has no SCTP: load its module, or "
			       "set transport = udp)"
			     : "");
		errno = saved;
		return -1;
	}
	return 0;
}

static int start_h248(struct gateway *g)
{
	char why[REASON_MAX] = "H.248 cannot be started";

	if (open_h248(g, why, sizeof(why)) == 0)
		return 0;
	log_line(LOG_ERR, "%s", why);
	return -1;
}

static int start_media(struct gateway *g)
{
	struct media_config c = {
	    .workers = g->cfg.workers,
	    .certificate_file = g->cfg.certificate[0] ? g->cfg.certificate : NULL,
	    .private_key_file = g->cfg.private_key[0] ? g->cfg.private_key : NULL,
	    .tcp_buffer = g->cfg.tcp_buffer,
	    .tls_handshake_ms = g->cfg.tls_handshake_ms,
	    .tls_retry_ms = g->cfg.tls_retry_ms,
	    .tcp_connect_ms = g->cfg.tcp_connect_ms,
	    .tcp_keepalive_s = g->cfg.tcp_keepalive_s,
	    .allow_sha1 = g->cfg.allow_sha1,
	    .srtp_window = g->cfg.srtp_window,
	    .no_io_uring = !g->cfg.io_uring,
	    .legs_max = (size_t)g->cfg.contexts_max * g->cfg.terminations_per_context,
	};
	char why[REASON_MAX] = "";
	int rc = media_new(&c, notify_media_event, g, why, sizeof(why), &g->media);

	if (rc < 0) {
		log_line(LOG_ERR, "%s: %s",
			 rc == MEDIA_ECRYPTO && g->cfg.certificate[0] ? "certificate, private_key"
								      : "media engine",
			 why);
		return -1;
	}
	if (media_io_uring(g->media))
		log_line(
		    LOG_NOTICE,
		    "no io_uring (%s): each datagram is received and sent by a system call of "
		    "its own, which takes more processor time; io_uring = no if that is wanted",
		    strerror(media_io_uring(g->media)));
	g->model.media = g->media;
	g->model.limits = &g->limits;
	rc = realms_update(&g->realms, &g->cfg);
	if (rc < 0)
		log_line(LOG_ERR, "realms: %s", media_strerror(rc));
	realms_try(&g->realms);
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
		log_line(LOG_ERR, "user '%s' does not exist", g->cfg.user);
		return -1;
	}
	if (g->cfg.control_socket[0] && chown(g->cfg.control_socket, pw->pw_uid, pw->pw_gid) < 0)
		log_line(LOG_WARNING, "chown %s: %s", g->cfg.control_socket, strerror(errno));
	if (setgroups(0, NULL) < 0 || setgid(pw->pw_gid) < 0 || setuid(pw->pw_uid) < 0) {
		log_line(LOG_ERR, "cannot become %s: %s", g->cfg.user, strerror(errno));
		return -1;
	}
	return 0;
}

/* The closed gate is a socket filter. Linux has let anybody put one in front of his own TCP socket
 * for ever; newer kernels (seen: 6.18) ask for CAP_NET_ADMIN. Say so at once instead of call by
 * call. */
static void probe_gate(void)
{
	struct sock_filter drop[] = {{BPF_RET | BPF_K, 0, 0, 0}};
	const struct sock_fprog program = {1, drop};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0)
		log_line(LOG_ERR,
			 "no TCP media: this kernel wants CAP_NET_ADMIN for socket filters (%s); "
			 "start unprivileged with that one as ambient capability, without `user`",
			 strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* ---- descriptors ---- */

static size_t open_now(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n > 3 ? n - 3 : 0; /* "." and ".." and the folder's own */
}

/* What may be opened, and whether contexts_max fits into it. */
static void measure_limits(struct gateway *g)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0)
		return;
	limits_set(&g->limits, r.rlim_cur, open_now(), g->cfg.contexts_reserved);
	if (limits_calls(&g->limits) < g->cfg.contexts_max)
		log_line(
		    LOG_WARNING,
		    "contexts_max is %u, but %llu descriptors (LimitNOFILE, ulimit -n) are enough "
		    "for %zu calls that use %d each: what is beyond them is refused with 412 and "
		    "510",
		    g->cfg.contexts_max, (unsigned long long)r.rlim_cur, limits_calls(&g->limits),
		    LIMITS_CALL_DESCRIPTORS);
}

static void raise_descriptor_limit(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
		r.rlim_cur = r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
}

/* ---- all of it ---- */

static int start_tables(struct gateway *g)
{
	root_init(&g->root);
	raise_descriptor_limit();
	if (keyed_hash_key_random(&g->model.hash_key) < 0) {
		log_line(LOG_ERR, "no random numbers: %s", strerror(errno));
		return -1;
	}
	if (items_init() < 0) {
		log_line(LOG_ERR, "an item of ours is not in the package table");
		return -1;
	}
	return 0;
}

/* The folder of traces that everybody has who has none named: its lack hinders one command only. */
static void warn_of_traces(const struct config *c)
{
	if (c->trace_dir[0] && access(c->trace_dir, F_OK) < 0)
		log_line(LOG_WARNING,
			 "trace_dir %s is not there: agwctl trace cannot write until it is made",
			 c->trace_dir);
}

int gateway_start(struct gateway *g)
{
	if (start_tables(g) < 0)
		return -1;
	/* TLS buffers come and go with every burst: do not give their pages back each time. */
	mallopt(M_TRIM_THRESHOLD, 32 << 20);
	mallopt(M_MMAP_THRESHOLD, 4 << 20);
	/* The control socket first: a second gateway ends here, before it has touched anything. */
	if (ctl_open(g) < 0 || start_media(g) < 0 || start_h248(g) < 0 || metrics_start(g) < 0 ||
	    drop_rights(g) < 0)
		return -1;
	measure_limits(g);
	probe_gate();
	warn_of_traces(&g->cfg);
	return 0;
}

/* Is that the port of the gateway that runs already? */
static bool ours(bool served)
{
	return served && errno == EADDRINUSE;
}

int gateway_try(struct gateway *g)
{
	char why[REASON_MAX];
	bool served = false;
	int fd, rc = start_tables(g);

	if (g->cfg.control_socket[0]) {
		ctl_make_folder(g->cfg.control_socket);
		if (control_check(g->cfg.control_socket, &served, why, sizeof(why)) < 0) {
			log_line(LOG_ERR, "control_socket: %s", why);
			rc = -1;
		}
	}
	if (start_media(g) < 0)
		rc = -1;
	if (open_h248(g, why, sizeof(why)) < 0 && !ours(served)) {
		log_line(LOG_ERR, "%s", why);
		rc = -1;
	}
	fd = g->cfg.metrics[0] ? metrics_open(g->cfg.metrics, why, sizeof(why)) : -1;
	if (fd >= 0) {
		close(fd);
	} else if (g->cfg.metrics[0] && !ours(served)) {
		log_line(LOG_ERR, "%s", why);
		rc = -1;
	}
	measure_limits(g);
	probe_gate();
	warn_of_traces(&g->cfg);
	gateway_end(g);
	return rc;
}

void gateway_end(struct gateway *g)
{
	if (g->media)
		gateway_clear(g);
	listings_drop(g);
	h248_entity_free(g->entity);
	h248_transport_close(g->transport);
	media_free(g->media);
	realms_free(&g->realms);
	server_free(g->metrics_server);
	server_free(g->control_server);
	if (g->control_path.path[0])
		control_remove(&g->control_path);
}
