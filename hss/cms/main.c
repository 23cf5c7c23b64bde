/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ims-cms: start, wait for a signal, stop. */
#include <getopt.h>
#include <libxml/parser.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/log.h"
#include "hss/cms/client.h"
#include "hss/cms/control.h"
#include "hss/cms/document.h"
#include "hss/cms/doors.h"
#include "hss/cms/feed.h"

#define CMS_VERSION "1"
static const char default_config[] = "/etc/ims-cms/ims-cms.conf";

static void help(void)
{
	printf("Usage: ims-cms [-c FILE] [-t]\n"
	       "A configuration management server for migration between partner systems: CSC-4 for "
	       "UEs, and\nHTTPS with mutual TLS for other systems' servers. It stays in the "
	       "foreground "
	       "and logs to stderr.\n\n"
	       "  -c, --config FILE  configuration, default %s\n"
	       "  -t, --test         read the configuration and what it names, say whether it is "
	       "good, "
	       "and exit\n"
	       "  -v, --version      of the program\n"
	       "  -h, --help         this text\n\n"
	       "Settings, one a line:\n",
	       default_config);
	settings_help(cms_settings, stdout);
	printf("\ncmsctl provisions users and talks to a running ims-cms.\n");
}

static int fail(const char *why)
{
	fprintf(stderr, "ims-cms: %s\n", why);
	return EXIT_FAILURE;
}

/* Keys of tokens, and the master document. */
static int read_files(struct cms_daemon *d, char *why, size_t size)
{
	const struct cms_config *cfg = d->cms.cfg;
	char reason[256];

	if (token_keys_read(cfg, &d->keys, why, size))
		return -1;
	if (!cfg->ue_config[0])
		return 0;
	d->master = settings_read_file(cfg->ue_config, DOCUMENT_MAX, &d->master_len, why, size);
	if (!d->master)
		return -1;
	if (document_check(slice_make(d->master, d->master_len), reason, sizeof(reason)) == 0)
		return 0;
	snprintf(why, size, "ue_config %s: %s", cfg->ue_config, reason);
	return -1;
}

static void wait_for_signal(const sigset_t *set)
{
	int sig;

	while (sigwait(set, &sig) || sig == SIGPIPE || sig == SIGHUP)
		;
	log_line(LOG_NOTICE, "stopping on %s", sig == SIGINT ? "SIGINT" : "SIGTERM");
}

/* In the order in which they need each other; the client before the doors, which ask it. */
static int start(struct cms_daemon *d, char *why, size_t size)
{
	int n;

	if (cms_store_open(d->cms.cfg->store, &d->cms.store, why, size) ||
	    cms_control_open(&d->cms, why, size) || doors_open(d, why, size))
		return -1;
	n = primary_recover(&d->cms, time(NULL));
	if (n < 0) {
		snprintf(why, size, "the store cannot be used");
		return -1;
	}
	if (n)
		log_line(LOG_NOTICE, "%d migrations were asked for when ims-cms ended: given up",
			 n);
	if (client_start(d->cms.cfg, why, size))
		return -1;
	feed_start(&d->cms);
	if (!d->cms.cfg->hss[0])
		log_line(LOG_NOTICE, "no HSS is told of migrations: see the setting hss");
	if (doors_start(why, size))
		return -1;
	if (cms_control_start() == 0)
		return 0;
	snprintf(why, size, "no thread for the control socket");
	return -1;
}

static int serve(struct cms_daemon *d)
{
	char why[1024];
	sigset_t set;
	int err;

	/* every thread inherits this; only wait_for_signal() takes them */
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	err = start(d, why, sizeof(why));
	if (err == 0) {
		log_line(LOG_NOTICE, "system %s, %zu partners", d->cms.cfg->system,
			 d->cms.cfg->n_partners);
		wait_for_signal(&set);
	}
	cms_control_close();
	client_stop();
	doors_stop();
	cms_store_close(d->cms.store);
	if (err)
		return fail(why);
	log_line(LOG_NOTICE, "stopped");
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"config", required_argument, NULL, 'c'},
						{"test", no_argument, NULL, 't'},
						{"version", no_argument, NULL, 'v'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	static struct cms_config cfg;
	struct cms_daemon d = {.cms = {&cfg, NULL}};
	const char *path = default_config;
	char why[1024];
	bool test = false;
	int opt, status;

	while ((opt = getopt_long(argc, argv, "c:tvh", options, NULL)) != -1) {
		switch (opt) {
		case 'c':
			path = optarg;
			break;
		case 't':
			test = true;
			break;
		case 'v':
			printf("ims-cms %s\n", CMS_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			help();
			return EXIT_SUCCESS;
		default:
			return fail("see ims-cms --help");
		}
	}
	if (optind < argc)
		return fail("it takes no arguments; see ims-cms --help");
	if (cms_config_read(path, &cfg, why, sizeof(why)))
		return fail(why);
	xmlInitParser();
	if (read_files(&d, why, sizeof(why))) {
		status = fail(why);
	} else if (test) {
		printf("%s is good\n", path);
		status = EXIT_SUCCESS;
	} else {
		log_open(cfg.log_level);
		status = serve(&d);
	}
	token_keys_free(&d.keys);
	free(d.master);
	xmlCleanupParser();
	return status;
}
