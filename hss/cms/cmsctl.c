/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmsctl: commands for a running ims-cms over its control socket. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/control.h"
#include "hss/cms/config.h"

static const char default_config[] = "/etc/ims-cms/ims-cms.conf";

static void help(void)
{
	printf(
	    "Usage: cmsctl [-c FILE | --control SOCKET] COMMAND...\n\n"
	    "  status                        users away and here, and counters\n"
	    "  user set MCID impi=USER@DOMAIN impu=URI [impu=URI] [services=mcptt,mcdata] "
	    "[outbound=yes|no]\n"
	    "  user remove MCID              his migrations end, too\n"
	    "  agree MCID PARTNER            he may go there; \"*\": to any\n"
	    "  disagree MCID PARTNER         no more: what lives there ends\n"
	    "  admit PARTNER MCID            a user of the partner may come here\n"
	    "  expel PARTNER MCID            no more: what lives here ends\n"
	    "  pool add inbound|outbound impi=USER@DOMAIN impu=URI [impu=URI]\n"
	    "  withdraw all [bar]            end every migration at once and for ever\n"
	    "  withdraw [grant=ID] [user=MCID] [partner=NAME] [bar]\n"
	    "                                these; bar: and none again, of this user, with this "
	    "partner\n"
	    "  unbar [user=MCID] [partner=NAME]\n"
	    "                                take a bar back, as it was set\n"
	    "  binding IDENTITY              the live migrations that bind it\n"
	    "  bindings [after=N]            all, in the order of their last change\n"
	    "  audit [after=N]               the audit trail\n"
	    "  audit verify                  does each line follow from the one before it?\n\n"
	    "The socket is that of the configuration, default %s.\n",
	    default_config);
}

static int complain(const char *why)
{
	fprintf(stderr, "cmsctl: %s\n", why);
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"config", required_argument, NULL, 'c'},
						{"control", required_argument, NULL, 's'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	static struct cms_config cfg;
	const char *path = default_config, *socket = NULL;
	char why[1024];
	int opt;

	while ((opt = getopt_long(argc, argv, "+c:h", options, NULL)) != -1) {
		switch (opt) {
		case 'c':
			path = optarg;
			break;
		case 's':
			socket = optarg;
			break;
		case 'h':
			help();
			return EXIT_SUCCESS;
		default:
			return complain("see cmsctl --help");
		}
	}
	if (optind == argc)
		return complain("see cmsctl --help");
	if (!socket) {
		if (cms_config_read(path, &cfg, why, sizeof(why)))
			return complain(why);
		socket = cfg.control;
	}
	if (control_ask(socket, "ims-cms", (const char *const *)(argv + optind),
			(size_t)(argc - optind), stdout, why, sizeof(why)))
		return complain(why);
	return EXIT_SUCCESS;
}
