/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ims-hss: start, wait for a signal, stop. */
#include <getopt.h>
#include <libxml/parser.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hss/control.h"
#include "hss/diameter/admission.h"
#include "hss/diameter/node.h"
#include "hss/diameter/visitor.h"
#include "hss/http/server.h"
#include "daemon/log.h"
#include "hss/migration/leave.h"
#include "hss/remember.h"
#include "hss/reseal.h"
#include "hss/sh/notify.h"

static const char default_config[] = "/etc/ims-hss/ims-hss.conf";

static void help(void)
{
	printf("Usage: ims-hss [-c FILE] [-t]\n"
	       "A Home Subscriber Server for IMS: Cx and Sh over Diameter, REST and a web page "
	       "over HTTP. It stays in the "
	       "foreground and "
	       "logs to stderr.\n\n"
	       "  -c, --config FILE  configuration, default %s\n"
	       "  -t, --test         read the configuration, say whether it is good, and exit\n"
	       "  -h, --help         this text\n\n"
	       "Settings, one a line:\n",
	       default_config);
	settings_help(config_settings, stdout);
	printf("\nhssctl provisions subscribers and talks to a running ims-hss.\n");
}

static int fail(const char *why)
{
	fprintf(stderr, "ims-hss: %s\n", why);
	return EXIT_FAILURE;
}

static void wait_for_signal(const sigset_t *set)
{
	int sig;

	while (sigwait(set, &sig) || sig == SIGPIPE || sig == SIGHUP)
		;
	log_line(LOG_NOTICE, "stopping on %s", sig == SIGINT ? "SIGINT" : "SIGTERM");
}

static int serve(const struct config *cfg)
{
	struct service svc = {.policy = {.capabilities = cfg->capabilities,
					 .charging = cfg->charging,
					 .vectors_max = cfg->vectors_max,
					 .ind = cfg->sqn_ind,
					 .keep_server_name = cfg->keep_server_name,
					 .akav2_password = cfg->akav2_password,
					 .giba = cfg->giba},
			      .sh = {.data_max = cfg->sh_data_max,
				     .user_data_max = cfg->sh_user_data_max,
				     .services_max = cfg->sh_services_max,
				     .subscriptions_max = cfg->sh_subscriptions_max,
				     .subscriptions_of_as_max = cfg->sh_subscriptions_of_as_max},
			      .changed = notify_kick};
	const struct api_daemon api = {.svc = &svc,
				       .identity = cfg->identity,
				       .realm = cfg->realm,
				       .answer_seconds = cfg->answer_seconds,
				       .each_peer = node_each_peer,
				       .metrics = hss_metrics,
				       .uptime = hss_uptime,
				       .end_migration = leave_end};
	struct memory_figures figures;
	struct migration migration;
	char why[1024];
	sigset_t set;
	bool ok;

	/* every thread inherits this; only wait_for_signal() takes them */
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);

	if (store_open_sealed(cfg->store, cfg->master_key, &svc.store, why, sizeof(why)))
		return fail(why);
	if (store_remember(svc.store, (size_t)cfg->memory_mb << 20)) {
		store_close(svc.store);
		return fail("no memory");
	}
	if (store_in_memory(svc.store, &figures))
		svc.policy.sqn_step = sqn_step(cfg->sqn_ind);
	if (migration_open(&migration, svc.store, cfg, why, sizeof(why))) {
		store_close(svc.store);
		return fail(why);
	}
	svc.migration = &migration;
	leave_start(&migration, &svc, cfg->answer_seconds);
	if (hss_control_open(cfg, why, sizeof(why))) {
		migration_close(&migration);
		store_close(svc.store);
		return fail(why);
	}
	if (http_open(cfg, why, sizeof(why))) {
		hss_control_close();
		migration_close(&migration);
		store_close(svc.store);
		return fail(why);
	}
	strcpy(why, "no memory, or no thread");
	if (store_group_start(svc.store, admission_under_way) || visitor_start(cfg) ||
	    node_start(cfg, &svc, why, sizeof(why)) || reseal_start(svc.store) ||
	    remember_start(svc.store) || hss_control_start(&svc) ||
	    notify_start(&svc, cfg->answer_seconds) || http_start(&api, why, sizeof(why))) {
		http_stop();
		hss_control_close();
		remember_stop();
		reseal_stop();
		migration_close(&migration);
		store_close(svc.store);
		return fail(why);
	}
	log_line(LOG_NOTICE, "%s serves %s on %s port %u%s%s", cfg->identity, cfg->realm,
		 cfg->listen[0], cfg->port ? cfg->port : cfg->tls_port, cfg->port ? "" : " (TLS)",
		 cfg->n_listen > 1 ? " and other addresses" : "");
	if (!cfg->master_key[0])
		log_line(LOG_NOTICE,
			 "the keys of subscribers are in the store in clear: see master_key");
	if (cfg->giba)
		log_line(LOG_NOTICE,
			 "users whose giba is yes are authenticated by the address of their "
			 "bearer alone where an S-CSCF asks for that");
	wait_for_signal(&set);
	http_stop();
	hss_control_close();
	remember_stop();
	reseal_stop();
	notify_stop();
	visitor_stop();
	store_group_stop(svc.store); /* answers go out over what node_stop() ends */
	ok = node_stop();
	notify_free();
	migration_close(&migration);
	store_close(svc.store);
	log_line(LOG_NOTICE, "stopped");
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"config", required_argument, NULL, 'c'},
						{"test", no_argument, NULL, 't'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	static struct config cfg;
	const char *path = default_config;
	char why[1024];
	bool test = false;
	int opt, status;

	while ((opt = getopt_long(argc, argv, "c:th", options, NULL)) != -1) {
		switch (opt) {
		case 'c':
			path = optarg;
			break;
		case 't':
			test = true;
			break;
		case 'h':
			help();
			return EXIT_SUCCESS;
		default:
			return fail("see ims-hss --help");
		}
	}
	if (optind < argc)
		return fail("it takes no arguments; see ims-hss --help");
	if (config_read(path, &cfg, why, sizeof(why)))
		return fail(why);
	if (store_check_url(cfg.store, why, sizeof(why)))
		return fail(why);
	if (test) {
		printf("%s is good\n", path);
		return EXIT_SUCCESS;
	}
	log_open(cfg.log_level);
	xmlInitParser();
	status = serve(&cfg);
	xmlCleanupParser();
	return status;
}
