/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a configuration would fail with at start, although each line of it can be read. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "agw/control/config.h"
#include "daemon/control.h"
#include "daemon/metrics.h"
#include "h248/address.h"

static int check_controllers(const struct config *c, const struct netaddr *local, char *why,
			     size_t size)
{
	for (size_t i = 0; i < c->n_mgcs; i++) {
		struct h248_addr a;

		if (h248_addr_parse(c->mgcs[i], H248_PORT_TEXT, &a) == 0 && a.at.port &&
		    netaddr_is_unicast(&a.at)) {
			if (a.at.family == local->family ||
			    (local->family == 6 && netaddr_is_any(local)))
				continue;
			snprintf(why, size,
				 "[mgc] address %s cannot be reached from local %s: one is IPv4, "
				 "the other IPv6",
				 c->mgcs[i], c->local);
			return -1;
		}
		snprintf(why, size,
			 "[mgc] address takes an IP address with an optional port, such as "
			 "192.0.2.1:2944, not '%s'",
			 c->mgcs[i]);
		return -1;
	}
	return 0;
}

static int check_ourselves(const struct config *c, struct h248_addr *local, char *why, size_t size)
{
	struct h248_mid mid;

	if (h248_mid_parse(slice_str(c->mid), &mid) < 0) {
		snprintf(why, size,
			 "mid takes a message identifier such as [192.0.2.1]:2944 or "
			 "<agw.example.net>, not '%s'",
			 c->mid);
		return -1;
	}
	if (h248_addr_parse(c->local, H248_PORT_TEXT, local) < 0 ||
	    (!netaddr_is_any(&local->at) && !netaddr_is_unicast(&local->at))) {
		snprintf(why, size,
			 "local takes an IP address of this host with an optional port, not '%s'",
			 c->local);
		return -1;
	}
	return 0;
}

/* The control socket's path, and the folder of traces where one is named. */
static int check_paths(const struct config *c, char *why, size_t size)
{
	char reason[300];
	struct stat st;
	bool served;

	if (c->control_socket[0] &&
	    strlen(c->control_socket) >= sizeof(((struct sockaddr_un *)0)->sun_path) &&
	    control_check(c->control_socket, &served, reason, sizeof(reason)) < 0) {
		snprintf(why, size, "control_socket: %s", reason);
		return -1;
	}
	if (!c->trace_dir[0] || strcmp(c->trace_dir, CONFIG_TRACE_DIR) == 0)
		return 0; /* the usual one may be made later: a warning at start */
	if (stat(c->trace_dir, &st) == 0 && !S_ISDIR(st.st_mode))
		errno = ENOTDIR;
	else if (faccessat(AT_FDCWD, c->trace_dir, W_OK | X_OK, AT_EACCESS) == 0)
		return 0;
	snprintf(why, size, "trace_dir %s: %s; make it, or set trace_dir = \"\" for no traces",
		 c->trace_dir, strerror(errno));
	return -1;
}

int config_check(const struct config *c, char *why, size_t size)
{
	struct h248_addr local;
	struct netaddr a;

	if (check_ourselves(c, &local, why, size) < 0 ||
	    check_controllers(c, &local.at, why, size) < 0 || check_paths(c, why, size) < 0)
		return -1;
	if (c->metrics[0] && metrics_address(c->metrics, &a) < 0) {
		snprintf(why, size,
			 "metrics takes an address and port such as 127.0.0.1:9432, not '%s'",
			 c->metrics);
		return -1;
	}
	if (c->private_key[0] && !c->certificate[0]) {
		snprintf(why, size, "private_key needs certificate beside it");
		return -1;
	}
	if (c->user[0] && !getpwnam(c->user)) {
		snprintf(why, size, "user '%s' does not exist", c->user);
		return -1;
	}
	return 0;
}
