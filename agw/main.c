/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "agw/control/gateway.h"

static const char usage[] = "usage: ims-agw [-c FILE] [-t]\n"
			    "  -c FILE  configuration (default /etc/ims-agw.conf)\n"
			    "  -t       only check the configuration\n";

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
			free(g);
			return opt == 'h' ? EXIT_SUCCESS : 2;
		}
	rc = gateway_load(g, &g->cfg);
	if (rc == 0 && check)
		puts("configuration ok");
	else if (rc == 0)
		rc = gateway_run(g);
	explicit_bzero(g, sizeof(*g));
	free(g);
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}
