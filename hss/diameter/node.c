/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/node.h"

#include <arpa/inet.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hss/counters.h"
#include "hss/diameter/anchor.h"
#include "hss/diameter/cx_server.h"
#include "hss/diameter/dict.h"
#include "hss/diameter/listen_check.h"
#include "hss/diameter/takeover.h"
#include "daemon/log.h"

static const struct config *config;
static char first_error[512]; /* what freeDiameter said first while it started */
static enum { STARTING, RUNNING, STOPPING } phase;

/*
 * Strangers make freeDiameter log errors, so once it runs those are INFO (its own failures are
 * FATAL). It dumps whole messages, keys included, when one cannot be delivered or parsed; those
 * lines begin with a blank, and never get out.
 */
static void on_log(int level, const char *fmt, va_list ap)
{
	char text[1024];

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

static bool address_matches(const struct peer_info *info, const char *allowed)
{
	uint8_t want[16];
	int family = inet_pton(AF_INET, allowed, want) == 1    ? AF_INET
		     : inet_pton(AF_INET6, allowed, want) == 1 ? AF_INET6
							       : AF_UNSPEC;

	for (struct fd_list *li = info->pi_endpoints.next; li != &info->pi_endpoints;
	     li = li->next) {
		const struct fd_endpoint *ep = (const struct fd_endpoint *)li;

		if (!(ep->flags & EP_FL_LL)) /* only where it really comes from, not what it says */
			continue;
		if (family == AF_INET && ep->sa.sa_family == AF_INET &&
		    memcmp(&ep->sin.sin_addr, want, 4) == 0)
			return true;
		if (family == AF_INET && ep->sa.sa_family == AF_INET6 &&
		    IN6_IS_ADDR_V4MAPPED(&ep->sin6.sin6_addr) &&
		    memcmp(ep->sin6.sin6_addr.s6_addr + 12, want, 4) == 0)
			return true;
		if (family == AF_INET6 && ep->sa.sa_family == AF_INET6 &&
		    memcmp(&ep->sin6.sin6_addr, want, 16) == 0)
			return true;
	}
	return false;
}

/* Only peers that are named may come, and only from where it says. */
static bool may_come(const struct peer_info *info)
{
	for (size_t i = 0; i < config->n_peers; i++) {
		const struct config_peer *p = &config->peer[i];

		if (strcasecmp(p->name, info->pi_diamid) != 0)
			continue;
		if (!p->address[0] || address_matches(info, p->address))
			return true;
		log_line(LOG_INFO, "peer %s refused: it does not come from %s", p->name,
			 p->address);
		return false;
	}
	log_line(LOG_INFO, "peer %s refused: it has no peer line in the configuration",
		 info->pi_diamid);
	return false;
}

/* Called for every incoming connection, on the thread that runs its peer. */
static int on_peer(struct peer_info *info, int *auth, int (**cb2)(struct peer_info *))
{
	(void)cb2;
	*auth = may_come(info) ? 1 : -1;
	if (*auth < 0)
		counter_add(COUNT_peers_refused, 1);
	else
		info->config.pic_flags.sec = PI_SEC_NONE; /* clear TCP; TLS has its own port */
	/* A peer that comes again has the addresses of its connections before: not seen next time.
	 */
	for (struct fd_list *li = info->pi_endpoints.next; li != &info->pi_endpoints; li = li->next)
		((struct fd_endpoint *)li)->flags &= ~(uint32_t)EP_FL_LL;
	return 0;
}

static void on_hook(enum fd_hook_type type, struct msg *msg, struct peer_hdr *peer, void *other,
		    struct fd_hook_permsgdata *pmd, void *regdata)
{
	(void)pmd;
	(void)regdata;
	switch (type) {
	case HOOK_MESSAGE_RECEIVED:
		if (!peer)
			takeover_first_message(msg, other);
		break;
	case HOOK_MESSAGE_PARSING_ERROR:
		counter_add(COUNT_malformed, 1);
		break;
	case HOOK_PEER_CONNECT_SUCCESS:
		log_line(LOG_NOTICE, "peer %s connected", peer ? peer->info.pi_diamid : "?");
		takeover_connected(peer);
		break;
	case HOOK_PEER_CONNECT_FAILED:
		log_line(LOG_INFO, "peer %s: %s", peer ? peer->info.pi_diamid : "unknown",
			 other ? (const char *)other : "connection failed");
		takeover_ended(peer);
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
	fprintf(f, "TwTimer = %u;\nTcTimer = 30;\n", cfg->watchdog_seconds);
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

int node_start(const struct config *cfg, struct service *svc, char *why, size_t size)
{
	struct fd_hook_hdl *hook;
	const char *step = "cannot initialize";
	int err;

	config = cfg;
	takeover_init(cfg);
	if (listen_check(cfg, why, size))
		return -1;
	fd_log_handler_register(on_log);
	err = fd_core_initialize();
	if (err == 0) {
		step = "cannot load the Cx dictionary";
		err = cx_dict_load();
	}
	if (err == 0) {
		step = "refuses its configuration; look at the tls_... settings";
		err = configure(cfg);
	}
	if (err == 0) {
		step = "cannot register handlers";
		err = cx_server_start(svc);
	}
	if (err == 0)
		err = fd_disp_app_support(cx_dict.application, cx_dict.vendor, 1, 0);
	if (err == 0)
		err = anchor_drop();
	if (err == 0)
		err = fd_peer_validate_register(on_peer);
	if (err == 0)
		err =
		    fd_hook_register(HOOK_MASK(HOOK_MESSAGE_RECEIVED, HOOK_MESSAGE_PARSING_ERROR,
					       HOOK_PEER_CONNECT_SUCCESS, HOOK_PEER_CONNECT_FAILED),
				     on_hook, NULL, NULL, &hook);
	if (err == 0) {
		step = "cannot start";
		err = fd_core_start();
	}
	if (err == 0)
		err = fd_core_waitstartcomplete();
	if (err) {
		snprintf(why, size, "freeDiameter %s: %s", step,
			 first_error[0] ? first_error : strerror(err));
		return -1;
	}
	phase = RUNNING;
	return 0;
}

void node_stop(void)
{
	phase = STOPPING;
	fd_core_shutdown();
	fd_core_wait_shutdown_complete();
	fd_log_handler_unregister();
}

void node_write_peers(FILE *out)
{
	if (pthread_rwlock_rdlock(&fd_g_peers_rw))
		return;
	for (struct fd_list *li = fd_g_peers.next; li != &fd_g_peers; li = li->next) {
		struct peer_hdr *peer = (struct peer_hdr *)li;
		int state = fd_peer_get_state(peer);

		fprintf(out, "peer %s %s\n", peer->info.pi_diamid,
			state < 0 ? "?" : STATE_STR(state) + 6);
	}
	pthread_rwlock_unlock(&fd_g_peers_rw);
}
