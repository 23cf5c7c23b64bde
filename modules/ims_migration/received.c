/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes from a partner is swapped before Kamailio parses it: script, tm and all modules see names of the inside only, and what they
 * keep of it (the To of a CANCEL, a dialog) is of one kind. A request that cannot be swapped is answered before the script runs; an
 * answer that cannot becomes a 500 with nothing in it.
 */
#include "modules/ims_migration/migration.h"

#include "../../core/config.h"
#include "../../core/events.h"
#include "../../core/globals.h"
#include "../../core/script_cb.h"
#include "../../core/tcp_options.h"

#include "modules/common/reply.h"

/* The message that is being received. */
static struct {
	int partner; /* -1: of none */
	bool not_ready;
	struct migration_result r;
} now = {.partner = -1};

static bool is_answer(struct slice text)
{
	return text.len > 8 && !memcmp(text.p, "SIP/2.0 ", 8);
}

/* Into the buffer that it was received in. */
static void put(str *text, const char *from, size_t len)
{
	if (len >= BUF_SIZE) {
		now.r.verdict = MIGRATION_TOO_MUCH;
		return;
	}
	memcpy(text->s, from, len);
	text->s[len] = '\0';
	text->len = (int)len;
}

static void empty(str *text, const struct migration_view *view)
{
	const char *reason;
	size_t len;

	(void)migration_verdict_status(now.r.verdict, &reason);
	if (migration_empty_answer(view, &migration_policy, MIGRATION_IN,
				   slice_make(text->s, (size_t)text->len), reason, &migration_edits,
				   migration_room[0], MIGRATION_TEXT_ROOM, &len) ||
	    len >= BUF_SIZE)
		return;
	put(text, migration_room[0], len);
	counter_inc(migration_counters.emptied);
	now.r.verdict = MIGRATION_OK;
}

static int on_received(sr_event_param_t *evp)
{
	str *text = evp->data;
	struct migration_view view;
	struct slice in = slice_make(text->s, (size_t)text->len);
	size_t len;

	memset(&now, 0, sizeof(now));
	now.partner = evp->rcv ? migration_partner_from(evp->rcv) : -1;
	if (now.partner < 0 || text->len < 16)
		return 0;
	counter_inc(migration_counters.in);
	if (migration_policy.hide && !migration_ready()) {
		now.not_ready = true;
		return 0;
	}
	view = migration_view((unsigned)now.partner);
	migration_judge(&view, MIGRATION_IN, in, &now.r, &len);
	if (now.r.verdict == MIGRATION_OK && migration_edits.n)
		put(text, migration_room[0], len);
	migration_count(&now.r);
	if (now.r.verdict == MIGRATION_OK)
		return 0;
	LM_INFO("%s of partner %s refused: %s\n", is_answer(in) ? "an answer" : "a request",
		migration_partners.partner[now.partner].name,
		migration_verdict_name(now.r.verdict));
	if (is_answer(in))
		empty(text, &view);
	return 0;
}

/* Before the script: 0 ends it. */
static int before_request(sip_msg_t *msg, unsigned int flags, void *arg)
{
	if (now.partner < 0)
		return 1;
	migration_pv_set(msg, now.partner, MIGRATION_IN, &now.r);
	if (now.not_ready) {
		counter_inc(migration_counters.not_ready);
		migration_own_words = true;
		if (msg->REQ_METHOD != METHOD_ACK)
			kam_reply(msg, 503, "Bindings Not Known Yet", "Retry-After: 5\r\n");
		migration_own_words = false;
		return 0;
	}
	if (now.r.verdict == MIGRATION_OK)
		return 1;
	migration_refuse(msg, now.r.verdict, true);
	return 0;
}

static int before_answer(sip_msg_t *msg, unsigned int flags, void *arg)
{
	if (now.partner < 0)
		return 1;
	migration_pv_set(msg, now.partner, MIGRATION_IN, &now.r);
	return !now.not_ready && now.r.verdict == MIGRATION_OK;
}

int migration_received_init(void)
{
	/* A swapped text may be longer than what was received. */
	if (!tcp_disable && !tcp_get_clone_rcvbuf()) {
		LM_ERR("messages over TCP cannot be swapped in place: write tcp_clone_rcvbuf=1, or "
		       "disable_tcp=yes\n");
		return -1;
	}
	if (sr_event_register_cb(SREV_NET_DATA_IN, on_received) == 0 &&
	    register_script_cb(before_request, PRE_SCRIPT_CB | REQUEST_CB, NULL) == 0 &&
	    register_script_cb(before_answer, PRE_SCRIPT_CB | ONREPLY_CB, NULL) == 0)
		return 0;
	LM_ERR("what is received cannot be looked at: too many modules want to\n");
	return -1;
}
