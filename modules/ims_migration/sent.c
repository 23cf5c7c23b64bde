/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is sent to a partner is swapped as the last thing, whoever made it: a route, tm (CANCEL, ACK, 408), a module; each time it is
 * sent. What cannot be swapped is not sent; a final answer becomes a 500 with nothing in it, since who asked waits for one.
 */
#include "modules/ims_migration/migration.h"

#include "../../core/events.h"
#include "../../core/ip_addr.h"
#include "../../core/mem/pkg.h"

bool migration_own_words;

static int partner_of(const dest_info_t *dst)
{
	struct sockaddr_storage ss;
	struct netaddr a;

	memset(&ss, 0, sizeof(ss));
	memcpy(&ss, &dst->to, sizeof(dst->to) < sizeof(ss) ? sizeof(dst->to) : sizeof(ss));
	netaddr_from_sockaddr(&ss, &a);
	return migration_partner_at(&migration_partners, &a);
}

/* Kamailio's text becomes another one. 0, or -1 without memory. */
static int put(str *text, const char *from, size_t len)
{
	char *made = pkg_malloc(len + 1);

	if (!made) {
		PKG_MEM_ERROR;
		counter_inc(migration_counters.no_memory);
		return -1;
	}
	memcpy(made, from, len);
	made[len] = '\0';
	pkg_free(text->s);
	text->s = made;
	text->len = (int)len;
	return 0;
}

static void drop(str *text, int partner, const char *why)
{
	counter_inc(migration_counters.dropped);
	LM_INFO("a message to partner %s is not sent: %s\n",
		migration_partners.partner[partner].name, why);
	pkg_free(text->s);
	text->s = NULL;
	text->len = 0;
}

/* 0, or -1: it is no answer, or not even that can cross. */
static int empty(str *text, const struct migration_view *view, enum migration_verdict v)
{
	const char *reason;
	size_t len;

	(void)migration_verdict_status(v, &reason);
	if (migration_empty_answer(view, &migration_policy, MIGRATION_OUT,
				   slice_make(text->s, (size_t)text->len), reason, &migration_edits,
				   migration_room[0], MIGRATION_TEXT_ROOM, &len) ||
	    (migration_policy.hide &&
	     migration_left(view, slice_make(migration_room[0], len), migration_room[1])) ||
	    put(text, migration_room[0], len))
		return -1;
	counter_inc(migration_counters.emptied);
	return 0;
}

static int on_send(sr_event_param_t *evp)
{
	str *text = evp->data;
	int partner = evp->dst && text->s ? partner_of(evp->dst) : -1;
	struct migration_view view;
	struct migration_result r;
	size_t len;

	/* Keep-alives are no SIP. */
	if (partner < 0 || text->len < 16 || migration_own_words)
		return 0;
	counter_inc(migration_counters.out);
	if (migration_policy.hide && !migration_ready()) {
		drop(text, partner, "the bindings are not known yet");
		return 0;
	}
	view = migration_view((unsigned)partner);
	migration_judge(&view, MIGRATION_OUT, slice_make(text->s, (size_t)text->len), &r, &len);
	migration_count(&r);
	if (r.verdict == MIGRATION_OK) {
		if (migration_edits.n && put(text, migration_room[0], len))
			drop(text, partner, "no memory");
	} else if (empty(text, &view, r.verdict)) {
		drop(text, partner, migration_verdict_name(r.verdict));
	}
	return 0;
}

int migration_sent_init(void)
{
	if (sr_event_register_cb(SREV_NET_DATA_OUT, on_send) == 0)
		return 0;
	LM_ERR("what is sent cannot be looked at: too many modules want to\n");
	return -1;
}
