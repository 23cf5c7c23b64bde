/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cfg functions. What crosses is swapped where it is received and sent (received.c, sent.c), so that a script sees names of the inside
 * only; the functions say before that whether a request to a partner can go, and answer it if not.
 */
#include "modules/ims_migration/migration.h"

#include "../../core/dset.h"
#include "../../core/parser/parse_uri.h"
#include "../../core/route.h"

#include "modules/common/reply.h"

struct migration_edits migration_edits;
char migration_room[2][MIGRATION_TEXT_ROOM];

void migration_count(const struct migration_result *r)
{
	const counter_handle_t of[MIGRATION_VERDICTS] = {
	    [MIGRATION_FOREIGN] = migration_counters.foreign,
	    [MIGRATION_UNKNOWN] = migration_counters.unknown,
	    [MIGRATION_OVER] = migration_counters.over,
	    [MIGRATION_UNMAPPED] = migration_counters.unmapped,
	    [MIGRATION_LEFT] = migration_counters.left,
	    [MIGRATION_OPAQUE] = migration_counters.opaque,
	    [MIGRATION_SEALED] = migration_counters.sealed,
	    [MIGRATION_DIGEST] = migration_counters.digest,
	    [MIGRATION_AMBIGUOUS] = migration_counters.ambiguous,
	    [MIGRATION_MALFORMED] = migration_counters.malformed,
	    [MIGRATION_TOO_MUCH] = migration_counters.too_much,
	};

	counter_add(migration_counters.others, (int)r->others);
	counter_add(migration_counters.opaque_passed, (int)r->opaque);
	if (r->verdict != MIGRATION_OK) {
		counter_inc(migration_counters.refused);
		counter_inc(of[r->verdict]);
		return;
	}
	if (r->names)
		counter_inc(migration_counters.swapped);
	counter_add(migration_counters.names, (int)r->names);
	counter_add(migration_counters.signatures, (int)r->signatures);
}

int migration_partner_from(const receive_info_t *rcv)
{
	struct netaddr a = netaddr_make(rcv->src_ip.u.addr, rcv->src_ip.len, 0);

	return migration_partner_at(&migration_partners, &a);
}

void migration_judge(const struct migration_view *view, enum migration_direction d,
		     struct slice text, struct migration_result *r, size_t *len)
{
	migration_swap(view, &migration_policy, d, text, &migration_edits, r);
	if (r->verdict != MIGRATION_OK)
		return;
	if (text.len > MIGRATION_TEXT_ROOM ||
	    migration_edits_apply(&migration_edits, text, migration_room[0], MIGRATION_TEXT_ROOM,
				  len))
		r->verdict = MIGRATION_TOO_MUCH;
	else if (d == MIGRATION_OUT && migration_policy.hide &&
		 migration_left(view, slice_make(migration_room[0], *len), migration_room[1]))
		r->verdict = MIGRATION_LEFT;
}

void migration_refuse(sip_msg_t *msg, enum migration_verdict v, bool own_words)
{
	const char *reason;
	int status = migration_verdict_status(v, &reason);

	if (msg->REQ_METHOD == METHOD_ACK)
		return;
	migration_own_words = own_words;
	kam_reply(msg, status, reason, NULL);
	migration_own_words = false;
}

static int partner_of_uri(const str *uri)
{
	struct sip_uri u;

	if (!uri->len || parse_uri(uri->s, uri->len, &u) < 0)
		return -1;
	return migration_partner_of_host(&migration_partners, slice_of(u.host));
}

static int partner_to(sip_msg_t *msg)
{
	return partner_of_uri(msg->dst_uri.len ? &msg->dst_uri : GET_RURI(msg));
}

/* The URI that a script has given it is not in the text. */
static void judge_ruri(sip_msg_t *msg, const struct migration_view *view,
		       struct migration_result *r)
{
	struct migration_result of_uri;

	if (r->verdict != MIGRATION_OK || !msg->new_uri.len)
		return;
	migration_swap_part(view, &migration_policy, MIGRATION_OUT, slice_of(msg->new_uri),
			    &migration_edits, &of_uri);
	r->verdict = of_uri.verdict;
}

static int not_ready(sip_msg_t *msg)
{
	counter_inc(migration_counters.not_ready);
	if (msg->REQ_METHOD != METHOD_ACK && get_route_type() != BRANCH_ROUTE)
		kam_reply(msg, 503, "Bindings Not Known Yet", "Retry-After: 5\r\n");
	return -1;
}

static int judge_request(sip_msg_t *msg, int partner)
{
	struct migration_view view;
	struct migration_result r;
	size_t len;

	if (partner < 0 || msg->first_line.type != SIP_REQUEST)
		return 1;
	if (migration_policy.hide && !migration_ready())
		return not_ready(msg);
	view = migration_view((unsigned)partner);
	migration_judge(&view, MIGRATION_OUT, slice_make(msg->buf, msg->len), &r, &len);
	judge_ruri(msg, &view, &r);
	migration_pv_set(msg, partner, MIGRATION_OUT, &r);
	if (r.verdict == MIGRATION_OK)
		return 1;
	/* What goes is counted when it is sent. */
	migration_count(&r);
	LM_INFO("a request to partner %s refused: %s\n", migration_partners.partner[partner].name,
		migration_verdict_name(r.verdict));
	if (get_route_type() != BRANCH_ROUTE)
		migration_refuse(msg, r.verdict, false);
	return -1;
}

int ki_migration_swap(sip_msg_t *msg)
{
	return migration_partner_from(&msg->rcv) >= 0 ? 1 : judge_request(msg, partner_to(msg));
}

/* Received.c has done it, or the script would not run. */
int ki_migration_swap_in(sip_msg_t *msg)
{
	return migration_partner_from(&msg->rcv) >= 0 ? 1 : -1;
}

int ki_migration_swap_out(sip_msg_t *msg)
{
	return judge_request(msg, partner_to(msg));
}

int ki_migration_swap_out_to(sip_msg_t *msg, str *name)
{
	int partner = migration_partner_named(&migration_partners, slice_of(*name));

	if (partner >= 0)
		return judge_request(msg, partner);
	LM_ERR("there is no partner \"%.*s\": modparam(\"ims_migration\", \"partner\", ...)\n",
	       name->len, name->s);
	return -1;
}

int ki_migration_from_partner(sip_msg_t *msg)
{
	return migration_partner_from(&msg->rcv) >= 0 ? 1 : -1;
}
