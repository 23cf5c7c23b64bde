/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a configuration would fail with at start, although each line of it can be read. */
#include <pwd.h>
#include <stdio.h>
#include "agw/control/config.h"
#include "daemon/metrics.h"
#include "h248/address.h"

static int check_controllers(const struct config *c, char *why, size_t size)
{
	for (size_t i = 0; i < c->n_mgcs; i++) {
		struct h248_addr a;

		if (h248_addr_parse(c->mgcs[i], H248_PORT_TEXT, &a) == 0 && a.at.port &&
		    !netaddr_is_any(&a.at))
			continue;
		snprintf(why, size,
			 "[mgc] address takes an IP address with an optional port, such as "
			 "192.0.2.1:2944, not '%s'",
			 c->mgcs[i]);
		return -1;
	}
	return 0;
}

static int check_ourselves(const struct config *c, char *why, size_t size)
{
	struct h248_mid mid;
	struct h248_addr local;

	if (h248_mid_parse(slice_str(c->mid), &mid) < 0) {
		snprintf(why, size,
			 "mid takes a message identifier such as [192.0.2.1]:2944 or "
			 "<agw.example.net>, not '%s'",
			 c->mid);
		return -1;
	}
	if (h248_addr_parse(c->local, H248_PORT_TEXT, &local) < 0) {
		snprintf(why, size, "local takes an IP address with an optional port, not '%s'",
			 c->local);
		return -1;
	}
	return 0;
}

int config_check(const struct config *c, char *why, size_t size)
{
	struct netaddr a;

	if (check_ourselves(c, why, size) < 0 || check_controllers(c, why, size) < 0)
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
