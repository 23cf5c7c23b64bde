/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/anchor.h"

#include <freeDiameter/freeDiameter-host.h>
#include <freeDiameter/libfdcore.h>

/* Sessions of messages live 31 days unless answered; the anchor ends before any of them. */
enum { ANCHOR_SECONDS = 20 * 86400 };

static struct session *anchor;

int anchor_renew(void)
{
	struct timespec end = {0, 0};

	if (!anchor)
		return 0;
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += ANCHOR_SECONDS;
	return fd_sess_settimeout(anchor, &end);
}

int anchor_drop(void)
{
	static uint8_t name[] = "anchor";
	int err = fd_sess_new(&anchor, fd_g_config->cnf_diamid, fd_g_config->cnf_diamid_len, name,
			      sizeof(name) - 1);

	return err ? err : anchor_renew();
}
