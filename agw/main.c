/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "agw/control/gateway.h"

static const char usage[] =
    "usage: ims-agw [-c FILE] [-t]\n"
    "  -c FILE  configuration (default /etc/ims-agw.conf)\n"
    "  -t       only check the configuration, and whether a start with it would succeed\n";

static int run(struct gateway *g, bool check)
{
	char why[400];

	if (gateway_load(g, &g->cfg, why, sizeof(why)) < 0) {
		log_line(LOG_ERR, "%s", why);
		return -1;
	}
	log_open(g->cfg.log_level);
	if (!check)
		return gateway_run(g);
	if (gateway_try(g) < 0) {
		log_line(LOG_ERR, "%s: a gateway with this configuration would not start",
			 g->config_path);
		return -1;
	}
	puts("configuration ok");
	return 0;
}

int main(int argc, char **argv)
{
	struct gateway *g = calloc(1, sizeof(*g));
	bool check = false;
	int opt, rc;

	if (!g)
		return EXIT_FAILURE;
	g->config_path = "/etc/ims-agw.conf";
	while ((opt = getopt(argc, argv, "c:th")) != -1)
		switch (opt) {
		case 'c':
			g->config_path = optarg;
			break;
		case 't':
			check = true;
			break;
		default:
			fputs(usage, opt == 'h' ? stdout : stderr);
			if (opt == 'h') {
				puts("Settings, each with an example:");
				settings_help(config_settings, stdout);
			}
			free(g);
			return opt == 'h' ? EXIT_SUCCESS : 2;
		}
	rc = run(g, check);
	explicit_bzero(g, sizeof(*g));
	free(g);
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}
