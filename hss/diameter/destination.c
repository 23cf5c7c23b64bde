/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/destination.h"

#include "hss/diameter/application.h"
#include "hss/diameter/avp.h"

enum {
	NEVER = -10000
}; /* whatever libfdcore adds to a score, the sum is negative: not sent there */

static bool advertises_relay(const struct rtd_candidate *c)
{
	struct peer_hdr *peer = NULL;

	return fd_peer_getbyid(c->diamid, c->diamidlen, 1, &peer) == 0 && peer &&
	       peer->info.runtime.pir_relay;
}

/* On the thread of libfdcore that routes: for each request that leaves, and again when its connection was lost. */
static int on_candidates(void *arg, struct msg **msg, struct fd_list *candidates)
{
	const struct config *cfg = arg;
	const struct application *app;
	struct msg_hdr *hdr;
	struct slice host;

	if (fd_msg_hdr(*msg, &hdr) || !(app = application_find(hdr->msg_appl)))
		return 0;
	host = avp_octets_of(*msg, AVP_DESTINATION_HOST);
	for (struct fd_list *li = candidates->next; li != candidates; li = li->next) {
		struct rtd_candidate *c = (struct rtd_candidate *)li;

		if (!config_may_carry(cfg, host, app->role, slice_make(c->diamid, c->diamidlen),
				      advertises_relay(c)))
			c->score += NEVER;
	}
	return 0;
}

int destination_start(const struct config *cfg)
{
	struct fd_rt_out_hdl *handle;

	return fd_rt_out_register(on_candidates, (void *)(uintptr_t)cfg, 0, &handle);
}
