/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The door for other systems' configuration management servers (TR 23.781 6.2.1 steps 7 to 12). Who asks is known by his
 * certificate before anything of the request is read. */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/log.h"
#include "hss/cms/call.h"
#include "hss/cms/counters.h"
#include "hss/cms/document.h"
#include "hss/cms/feed.h"
#include "hss/cms/message.h"

static int identify(struct call *call)
{
	if (call->partner)
		return 0;
	call_problem(call, 403, "not-authorised", "the certificate is of no partner");
	return -1;
}

static void answer_grant(struct call *call, unsigned int status, const struct grant *g)
{
	char sha256[65];
	size_t len;
	char *document = daemon_document(call->daemon, g->ue, &len);

	if (!document) {
		call_problem(call, 500, "internal", "the configuration document cannot be made");
		return;
	}
	document_sha256(document, len, sha256);
	free(document);
	snprintf(call->location, sizeof(call->location), "/csc-17/v1/access-grants/%s", g->id);
	call_json(call, status, write_access_answer(call->daemon->cms.cfg, g, sha256));
}

static void feed_and_answer(struct call *call)
{
	feed_then_grant(call, answer_grant);
}

static void answer_ended(struct call *call)
{
	call_empty(call, 204);
}

/* The HSS knows that it has ended: no vector comes any more, and who was registered is not. */
static void feed_and_end(struct call *call)
{
	feed_then(call, answer_ended);
}

/* Counted by kind, and in the audit trail. */
static void refuse(struct call *call, enum cms_result r, unsigned int wait)
{
	if (r == CMS_NOT_YOURS)
		count(COUNT_peer_not_yours, 1);
	else if (r == CMS_FORBIDDEN)
		count(COUNT_peer_not_authorised, 1);
	else if (r == CMS_LATE || r == CMS_GONE || r == CMS_REUSED)
		count(COUNT_peer_replayed, 1);
	else if (r == CMS_QUOTA)
		count(COUNT_peer_quota, 1);
	audit_refusal(call, "refuse", cms_result_word(r));
	call_refused(call, r, wait);
}

static void post_grant(struct call *call)
{
	struct access_request req;
	char why[WHY_SIZE];
	unsigned int wait = 0;
	struct grant g;
	enum cms_result r;

	if (read_access_request(call->body, &req, why)) {
		call_problem(call, 400, "malformed", why);
		return;
	}
	if (!call->daemon->master) {
		refuse(call, CMS_FORBIDDEN, 0);
		return;
	}
	r = partner_admit(&call->daemon->cms, call->partner, &req, call->now, &g, &wait);
	if (r == CMS_OK) {
		count(COUNT_admitted, 1);
		log_line(LOG_NOTICE, "migration %s: admitted from %s, inbound %.6s...", g.id,
			 g.partner, g.inbound.impi);
	}
	if (r != CMS_OK && r != CMS_SAME) {
		refuse(call, r, wait);
		return;
	}
	strcpy(call->grant, g.id);
	call->made = r == CMS_OK;
	call->later = feed_and_answer;
}

static enum cms_result load(struct call *call, struct grant *g)
{
	return grant_get(&call->daemon->cms, SIDE_PARTNER, call->partner->name, call->path.seg[3],
			 NULL, g);
}

static void get_grant(struct call *call)
{
	struct grant g;
	enum cms_result r = load(call, &g);
	char expires[24];

	if (r) {
		refuse(call, r, 0);
		return;
	}
	time_write(g.expires, expires);
	call_json(call, 200,
		  json_pack("{s:s, s:s, s:s}", "grantId", g.id, "state", grant_state_word(g.state),
			    "expires", expires));
}

static void get_document(struct call *call)
{
	struct grant g;
	enum cms_result r = load(call, &g);
	char *text;
	size_t len;

	if (r == CMS_OK && g.state != GRANT_ACTIVE)
		r = CMS_GONE;
	if (r) {
		refuse(call, r, 0);
		return;
	}
	text = daemon_document(call->daemon, g.ue, &len);
	call_text(call, DOCUMENT_TYPE, text, len);
}

/* The primary ends it; also what has ended already, which is then known on both sides. */
static void end_grant(struct call *call, const struct grant *g)
{
	const struct selection it = {.id = g->id, .partner = g->partner, .side = SIDE_PARTNER};
	int n =
	    grants_withdraw(&call->daemon->cms, &it, "partner", "primary", true, false, call->now);

	if (n < 0) {
		refuse(call, CMS_BROKEN, 0);
		return;
	}
	if (n == 0)
		grant_told(&call->daemon->cms, g->id, true, call->now);
	count(COUNT_withdrawn, (uint64_t)n);
	log_line(LOG_NOTICE, "migration %s: ended by %s", g->id, g->partner);
	strcpy(call->grant, g->id);
	call->later = feed_and_end;
}

static void delete_grant(struct call *call)
{
	struct grant g;
	enum cms_result r = load(call, &g);

	if (r)
		refuse(call, r, 0);
	else
		end_grant(call, &g);
}

/* The primary may not know whether its request came here: it is refused if it comes later. */
static void delete_message(struct call *call)
{
	const char *message = call->path.seg[4];
	struct grant g;
	enum cms_result r;

	if (strlen(message) >= ID_SIZE) {
		refuse(call, CMS_UNKNOWN, 0);
		return;
	}
	r = partner_cancel(&call->daemon->cms, call->partner, message, call->now);
	if (r) {
		refuse(call, r, 0);
		return;
	}
	r = grant_get(&call->daemon->cms, SIDE_PARTNER, call->partner->name, NULL, message, &g);
	if (r == CMS_OK)
		end_grant(call, &g);
	else if (r == CMS_UNKNOWN)
		call_empty(call, 204);
	else
		refuse(call, r, 0);
}

/* The partner has ended a migration of a user of ours. */
static void post_event(struct call *call)
{
	struct event event;
	char why[WHY_SIZE];
	struct selection it = {.remote = event.grant, .side = SIDE_PRIMARY};
	struct grant g;
	int n;

	if (read_event(call->body, &event, why)) {
		call_problem(call, 400, "malformed", why);
		return;
	}
	it.partner = call->partner->name;
	n = grants_withdraw(&call->daemon->cms, &it, "partner", event.reason, true, false,
			    call->now);
	if (n < 0) {
		refuse(call, CMS_BROKEN, 0);
		return;
	}
	if (n == 0 && !grants_know(&call->daemon->cms, it.partner, event.grant)) {
		refuse(call, CMS_UNKNOWN, 0);
		return;
	}
	count(COUNT_withdrawn, (uint64_t)n);
	if (grant_by_remote(&call->daemon->cms, it.partner, event.grant, &g)) {
		refuse(call, CMS_BROKEN, 0);
		return;
	}
	strcpy(call->grant, g.id);
	call->later = feed_and_end;
}

#define GRANTS "/csc-17/v1/access-grants"
static const struct route routes[] = {
    {"POST", GRANTS, post_grant, false},
    {"GET", GRANTS "/{}", get_grant, false},
    {"DELETE", GRANTS "/{}", delete_grant, false},
    {"GET", GRANTS "/{}/initial-ue-configuration", get_document, false},
    {"DELETE", GRANTS "/by-message/{}", delete_message, false},
    {"POST", "/csc-17/v1/events", post_event, false},
};

const struct door peer_door = {
    "CMS-CMS",	       routes, sizeof(routes) / sizeof(routes[0]), identify, COUNT_peer_requests,
    COUNT_peer_refused};
