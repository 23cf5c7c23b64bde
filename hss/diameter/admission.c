/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/admission.h"

#include <stdatomic.h>

#include "hss/counters.h"
#include "hss/diameter/application.h"
#include "hss/diameter/avp.h"

/* What libfdcore keeps with a message until it is freed. */
struct fd_hook_permsgdata {
	bool counted;
};

static const struct config *config;
static atomic_uint under_way;
static __thread const struct msg *last; /* that this thread has received */
static __thread enum admission decided;

/* libfdcore blanks it first. */
static void forget(struct fd_hook_permsgdata *kept)
{
	if (kept->counted)
		atomic_fetch_sub(&under_way, 1);
}

static enum admission decide_realm(struct msg *msg)
{
	struct slice realm = avp_octets_of(msg, AVP_DESTINATION_REALM);
	struct slice host = avp_octets_of(msg, AVP_DESTINATION_HOST);

	if (!realm.len) /* that is told as any AVP that is missing */
		return ADMITTED_LOCALLY;
	if (!config_serves(config, realm))
		return ADMISSION_OTHER_REALM;
	/* whom another host is meant for is not ours to answer, which libfdcore says */
	return host.len && !slice_eq_nocase(host, slice_str(config->identity)) ? ADMITTED
									       : ADMITTED_LOCALLY;
}

/* Take one of the places that there are. */
static bool enter(struct fd_hook_permsgdata *kept)
{
	if (atomic_fetch_add(&under_way, 1) >= config->requests_max) {
		atomic_fetch_sub(&under_way, 1);
		return false;
	}
	kept->counted = true;
	return true;
}

static void on_received(enum fd_hook_type type, struct msg *msg, struct peer_hdr *peer, void *other,
			struct fd_hook_permsgdata *kept, void *arg)
{
	struct msg_hdr *hdr;

	(void)type;
	(void)other;
	(void)arg;
	last = msg;
	decided = ADMISSION_NOT_ASKED;
	if (!peer || fd_msg_hdr(msg, &hdr) || !(hdr->msg_flags & CMD_FLAG_REQUEST) ||
	    (hdr->msg_flags & CMD_FLAG_ERROR) || !application_find(hdr->msg_appl))
		return;
	decided = decide_realm(msg);
	if (decided == ADMISSION_OTHER_REALM) {
		counter_add(COUNT_realms_refused, 1);
	} else if (kept && !enter(kept)) {
		decided = ADMISSION_BUSY;
		counter_add(COUNT_too_busy, 1);
	}
}

int admission_start(const struct config *cfg)
{
	struct fd_hook_data_hdl *data;
	struct fd_hook_hdl *hook;
	int err = fd_hook_data_register(sizeof(struct fd_hook_permsgdata), NULL, forget, &data);

	config = cfg;
	return err ? err
		   : fd_hook_register(HOOK_MASK(HOOK_MESSAGE_RECEIVED), on_received, NULL, data,
				      &hook);
}

enum admission admission_of(const struct msg *msg)
{
	enum admission is = msg == last ? decided : ADMISSION_NOT_ASKED;

	last = NULL;
	return is;
}

unsigned int admission_under_way(void)
{
	return atomic_load(&under_way);
}
