/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/node.h"

#include <dirent.h>
#include <gnutls/x509.h>
#include <limits.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "hss/counters.h"
#include "hss/diameter/admission.h"
#include "hss/diameter/connect.h"
#include "hss/diameter/destination.h"
#include "hss/diameter/dict.h"
#include "hss/diameter/gate.h"
#include "hss/diameter/listen_check.h"
#include "hss/diameter/send_guard.h"
#include "hss/diameter/server.h"
#include "hss/diameter/session.h"
#include "hss/diameter/takeover.h"
#include "daemon/log.h"
#include "hss/sh/notify.h"

static struct application *const applications[] = {&cx_application, &sh_application};
enum { N_APPLICATIONS = sizeof(applications) / sizeof(applications[0]) };

const struct application *application_find(uint32_t id)
{
	for (size_t i = 0; i < N_APPLICATIONS; i++)
		if (applications[i]->id == id)
			return applications[i];
	return NULL;
}

enum { GOODBYE_S = 1 }; /* how long peers have for their answers to DPR when this ends */

static const struct config *config;
static struct wire_dict wire;
static pthread_t watcher;
static bool failed;	      /* the framework has ended by itself */
static char first_error[512]; /* what freeDiameter said first while it started */
static _Atomic enum { STARTING, RUNNING, STOPPING } phase;

/*
 * Strangers make freeDiameter log errors, so once it runs those are INFO (its own failures are
 * FATAL). It dumps whole messages, keys included, when one cannot be delivered or parsed; those
 * lines begin with a blank, and never get out.
 */
static void on_log(int level, const char *fmt, va_list ap)
{
	char text[1024];

	/* several of these a message */
	if (level < FD_LOG_ERROR && !log_shows(LOG_DEBUG))
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	if (text[0] == ' ' || text[0] == '\t' || strchr(text, '\n'))
		return;
	if (phase == STARTING && level >= FD_LOG_ERROR && !first_error[0])
		memcpy(first_error, text, sizeof(first_error) - 1);
	if (level < FD_LOG_ERROR ||
	    phase != RUNNING) /* what ends the start is told by node_start() */
		level = LOG_DEBUG;
	else if (level < FD_LOG_FATAL ||
		 strncmp(text, "TODO", 4) == 0) /* a remark left in its rule check */
		level = LOG_INFO;
	else
		level = LOG_ERR;
	log_line(level, "%s", text);
}

/*
 * Does the connection come from there? Only the endpoint at which it is counts, not what the CER
 * says.
 */
static bool comes_from(const struct peer_info *info, const struct netaddr *allowed)
{
	for (struct fd_list *li = info->pi_endpoints.next; li != &info->pi_endpoints;
	     li = li->next) {
		const struct fd_endpoint *ep = (const struct fd_endpoint *)li;
		struct netaddr is;

		netaddr_from_sockaddr(&ep->ss, &is);
		if ((ep->flags & EP_FL_LL) && netaddr_ip_eq(&is, allowed))
			return true;
	}
	return false;
}

/* RFC 6733 13.1, 5.3: the certificate must be the peer's, not just anybody's that the CA knows. */
static bool certificate_names(const struct peer_info *info)
{
	gnutls_x509_crt_t crt;
	bool ok;

	if (gnutls_x509_crt_init(&crt))
		return false;
	ok = gnutls_x509_crt_import(crt, &info->runtime.pir_cert_list[0], GNUTLS_X509_FMT_DER) ==
		 0 &&
	     gnutls_x509_crt_check_hostname2(crt, info->pi_diamid,
					     GNUTLS_VERIFY_DO_NOT_ALLOW_WILDCARDS) != 0;
	gnutls_x509_crt_deinit(crt);
	return ok;
}

/* Why the peer may not come, or NULL. Only peers that are named may, only from where and how it
 * says. */
static const char *refusal(const struct peer_info *info)
{
	const struct config_peer *p = config_peer(config, slice_str(info->pi_diamid));
	bool tls = info->runtime.pir_cert_list_size > 0;

	if (!p)
		return "it has no peer line in the configuration";
	if (netaddr_known(&p->address) && !comes_from(info, &p->address))
		return "it does not come from the address of its peer line";
	if (p->tls && !tls)
		return "it does not come over TLS, as its peer line demands";
	if (tls && !certificate_names(info))
		return "its certificate does not bear its name";
	return NULL;
}

/*
 * Called for every incoming connection, on the thread that runs its peer; twice by freeDiameter 1.5,
 * so it changes nothing that it looks at.
 */
static int on_peer(struct peer_info *info, int *auth, int (**cb2)(struct peer_info *))
{
	const char *why = refusal(info);

	(void)cb2;
	*auth = why ? -1 : 1;
	if (why) {
		log_line(LOG_INFO, "peer %s refused: %s", info->pi_diamid, why);
		counter_add(COUNT_peers_refused, 1);
	} else {
		info->config.pic_flags.sec = PI_SEC_NONE; /* clear TCP; TLS has its own port */
		/* there is a watchdog, and a peer line for each. The thread that ends who is silent for an hour is waked at
		 * every message of the peer that was silent longest, which is the one peer where there is one. */
		info->config.pic_flags.exp = PI_EXP_NONE;
	}
	return 0;
}

/* A peer that comes again has the addresses of its connections before: not counted next time. */
static void forget_endpoints(struct peer_hdr *peer)
{
	struct fd_list *list = &peer->info.pi_endpoints;

	for (struct fd_list *li = list->next; li != list; li = li->next)
		((struct fd_endpoint *)li)->flags &= ~(uint32_t)EP_FL_LL;
}

static void on_data(const struct fd_cnx_rcvdata *data)
{
	const char *why;

	switch (wire_check(&wire, data->buffer, data->length, &why)) {
	case WIRE_GOOD:
		return;
	case WIRE_MENDED:
		counter_add(COUNT_mended, 1);
		break;
	case WIRE_REFUSED:
	case WIRE_BROKEN: /* freeDiameter finds that, too */
		counter_add(COUNT_malformed, 1);
		break;
	}
	log_line(LOG_INFO, "a message has %s", why ? why : "something wrong");
}

/* Registered for all there is: freeDiameter writes out each message where a hook has no function. */
static void on_hook(enum fd_hook_type type, struct msg *msg, struct peer_hdr *peer, void *other,
		    struct fd_hook_permsgdata *pmd, void *regdata)
{
	(void)pmd;
	(void)regdata;
	switch (type) {
	case HOOK_DATA_RECEIVED:
		send_guard_receiving();
		on_data(other);
		break;
	case HOOK_MESSAGE_SENDING:
		session_sending(msg);
		break;
	case HOOK_MESSAGE_RECEIVED:
		if (peer)
			break;
		gate_proved(other);
		connect_first_message(msg);
		takeover_first_message(msg, other);
		break;
	case HOOK_PEER_CONNECT_SUCCESS:
		log_line(LOG_NOTICE, "peer %s connected", peer ? peer->info.pi_diamid : "?");
		takeover_connected(peer);
		if (peer) {
			forget_endpoints(peer);
			notify_peer_came(peer->info.pi_diamid);
		}
		break;
	case HOOK_PEER_CONNECT_FAILED:
		log_line(LOG_INFO, "peer %s: %s", peer ? peer->info.pi_diamid : "unknown",
			 other ? (const char *)other : "connection failed");
		takeover_ended(peer);
		if (peer)
			forget_endpoints(peer);
		break;
	case HOOK_MESSAGE_ROUTING_ERROR:
	case HOOK_MESSAGE_DROPPED:
		log_line(LOG_INFO, "a message is not delivered: %s",
			 other ? (const char *)other : "?");
		break;
	default:
		break;
	}
}

/* freeDiameter's own configuration, from ours; it is never on disk. Returns a file descriptor or
 * -1. */
static int write_framework_config(const struct config *cfg)
{
	int fd = memfd_create("freeDiameter.conf", MFD_CLOEXEC);
	int keep = fd >= 0 ? dup(fd) : -1;
	FILE *f = keep >= 0 ? fdopen(keep, "w") : NULL;

	if (!f) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	fprintf(f, "Identity = \"%s\";\nRealm = \"%s\";\n", cfg->identity, cfg->realm);
	fprintf(f, "Port = %u;\nSecPort = %u;\nNoRelay;\n", cfg->port, cfg->tls_port);
	fprintf(f, "TwTimer = %u;\nTcTimer = 30;\nThreadsPerServer = %d;\n", cfg->watchdog_seconds,
		GATE_THREADS);
	if (!cfg->sctp)
		fprintf(f, "No_SCTP;\n");
	for (size_t i = 0; i < cfg->n_listen; i++)
		fprintf(f, "ListenOn = \"%s\";\n", cfg->listen[i]);
	if (cfg->tls_port)
		fprintf(f, "TLS_Cred = \"%s\", \"%s\";\nTLS_CA = \"%s\";\n", cfg->tls_certificate,
			cfg->tls_key, cfg->tls_ca);
	fclose(f);
	return fd;
}

static int configure(const struct config *cfg)
{
	static char path[64]; /* freeDiameter keeps the pointer */
	int fd = write_framework_config(cfg), err;

	if (fd < 0)
		return errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	err = fd_core_parseconf(path);
	close(fd);
	return err;
}

static int start_applications(void)
{
	int err = 0;

	for (size_t i = 0; i < N_APPLICATIONS && err == 0; i++)
		err = server_start(applications[i]);
	for (size_t i = 0; i < N_APPLICATIONS && err == 0; i++)
		err = fd_disp_app_support(applications[i]->object, dict.vendor, 1, 0);
	return err;
}

static int load_applications(void)
{
	int err = dict_load();

	for (size_t i = 0; i < N_APPLICATIONS && err == 0; i++)
		err = dict_load_application(applications[i]);
	return err ? err : dict_make_wire(applications, N_APPLICATIONS, &wire);
}

static int register_hooks(void)
{
	struct fd_hook_hdl *hook;
	int err = fd_peer_validate_register(on_peer);

	if (err == 0)
		err = fd_hook_register(UINT32_MAX, on_hook, NULL, NULL, &hook);
	if (err == 0)
		err = destination_start(config);
	return err ? err : admission_start(config);
}

static int run_core(void)
{
	int err = fd_core_start();

	return err ? err : fd_core_waitstartcomplete();
}

static int connect_ours(void)
{
	return connect_start(config);
}

static int configure_ours(void)
{
	return configure(config);
}

/*
 * freeDiameter ends itself where it cannot go on. A process that then stayed would look alive and
 * answer nobody; one that ends is started again.
 */
static void *watch(void *arg)
{
	fd_core_wait_shutdown_complete();
	if (phase == RUNNING) {
		failed = true;
		log_line(LOG_ERR,
			 "freeDiameter has ended by itself; ims-hss ends, too, to be started "
			 "again; see the lines before");
		kill(getpid(), SIGTERM);
	}
	return arg;
}

int node_start(const struct config *cfg, struct service *svc, char *why, size_t size)
{
	static const struct {
		int (*run)(void);
		const char *trouble;
	} steps[] = {
	    {send_guard_start, "has another shape than this program knows"},
	    {fd_core_initialize, "cannot initialize"},
	    {load_applications, "cannot load the dictionary"},
	    {configure_ours, "refuses its configuration; look at the tls_... settings"},
	    {start_applications, "cannot register handlers"},
	    {register_hooks, "cannot register hooks"},
	    {run_core, "cannot start"},
	    {connect_ours, "cannot connect to partners' HSSs"},
	};

	config = cfg;
	cx_application.arg = sh_application.arg = svc;
	server_set_config(cfg);
	takeover_init(cfg);
	gate_start(cfg->tls_port);
	if (listen_check(cfg, why, size))
		return -1;
	fd_log_handler_register(on_log);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int err = steps[i].run();

		if (err == 0)
			continue;
		snprintf(why, size, "freeDiameter %s: %s", steps[i].trouble,
			 first_error[0] ? first_error : strerror(err));
		return -1;
	}
	phase = RUNNING;
	if (pthread_create(&watcher, NULL, watch, NULL)) {
		snprintf(why, size, "cannot make a thread");
		return -1;
	}
	return 0;
}

static bool is_ours(int fd)
{
	struct sockaddr_storage at;
	socklen_t len = sizeof(at);
	in_port_t port = 0;

	if (getsockname(fd, (struct sockaddr *)&at, &len) == 0)
		port = at.ss_family == AF_INET	  ? ((struct sockaddr_in *)&at)->sin_port
		       : at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port
						  : 0;
	return (port && (ntohs(port) == config->port || ntohs(port) == config->tls_port)) ||
	       connect_made(config, fd);
}

/* End the connections that are left: libfdcore waits 16 seconds for a peer that does not answer its DPR, but not for one
 * that has gone. */
static void cut_off(void)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *e;
	int n = 0;

	while (dir && (e = readdir(dir))) {
		uint64_t fd;

		if (slice_u64(slice_str(e->d_name), INT_MAX, &fd) == 0 && is_ours((int)fd))
			n += shutdown((int)fd, SHUT_RDWR) == 0;
	}
	if (dir)
		closedir(dir);
	if (n)
		log_line(LOG_INFO, "who does not say good-bye is cut off");
}

bool node_stop(void)
{
	struct timespec until;

	phase = STOPPING;
	fd_core_shutdown();
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += GOODBYE_S;
	/* the thread that watches alone may wait for the framework */
	if (pthread_timedjoin_np(watcher, NULL, &until)) {
		cut_off();
		pthread_join(watcher, NULL);
	}
	fd_log_handler_unregister();
	return !failed;
}

void node_each_peer(void (*each)(const char *name, const char *state, void *arg), void *arg)
{
	if (pthread_rwlock_rdlock(&fd_g_peers_rw))
		return;
	for (struct fd_list *li = fd_g_peers.next; li != &fd_g_peers; li = li->next) {
		struct peer_hdr *peer = (struct peer_hdr *)li;
		int state = fd_peer_get_state(peer);

		each(peer->info.pi_diamid, state < 0 ? "?" : STATE_STR(state) + 6, arg);
	}
	pthread_rwlock_unlock(&fd_g_peers_rw);
}

int node_peer_open(const char *name)
{
	int open = -1;

	if (pthread_rwlock_rdlock(&fd_g_peers_rw))
		return 0;
	for (struct fd_list *li = fd_g_peers.next; li != &fd_g_peers; li = li->next) {
		struct peer_hdr *peer = (struct peer_hdr *)li;
		int state = fd_peer_get_state(peer);

		if (strcasecmp(peer->info.pi_diamid, name) == 0)
			open = state == STATE_OPEN				? 1
			       : state == STATE_ZOMBIE || state == STATE_CLOSED ? -1
										: 0;
	}
	pthread_rwlock_unlock(&fd_g_peers_rw);
	return open;
}
