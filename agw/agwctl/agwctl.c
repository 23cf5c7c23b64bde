/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sends one command to ims-agw's control socket and prints the answer. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include "daemon/control.h"

static const char usage[] =
    "usage: agwctl [-s SOCKET] COMMAND\n"
    "  status                   association, contexts, ports\n"
    "  list                     one line a context\n"
    "  show CONTEXT             one context with streams and counters\n"
    "  dump                     all contexts so\n"
    "  trace CONTEXT on|off     its media, in clear, to pcap files\n"
    "  drain | undrain          take no new calls, end with the last | stay after all\n"
    "  reload | stop\n";

int main(int argc, char **argv)
{
	const char *path = "/run/ims-agw/control";
	char why[600];
	int opt;

	while ((opt = getopt(argc, argv, "s:h")) != -1) {
		if (opt != 's') {
			fputs(usage, opt == 'h' ? stdout : stderr);
			return opt == 'h' ? EXIT_SUCCESS : 2;
		}
		path = optarg;
	}
	if (optind == argc) {
		fputs(usage, stderr);
		return 2;
	}
	if (control_ask(path, "ims-agw", (const char *const *)argv + optind,
			(size_t)(argc - optind), stdout, why, sizeof(why)) == 0)
		return EXIT_SUCCESS;
	fprintf(stderr, "agwctl: %s\n", why);
	return EXIT_FAILURE;
}
