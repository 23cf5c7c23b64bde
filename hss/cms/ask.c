/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cms/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/log.h"
#include "hss/cms/client.h"
#include "hss/cms/counters.h"
#include "hss/cms/document.h"
#include "hss/cms/feed.h"
#include "hss/cms/message.h"

/* One that is under way. */
struct asking {
	struct call *call;
	const struct partner *partner;
	struct access_answer answer;
	char sha256[65];
};

void answer_connection(struct call *call, unsigned int status, const struct grant *g)
{
	char href[2 * NAME_SIZE + 128], sha256[65];
	size_t len;
	void *document = grant_document(&call->daemon->cms, g->id, &len);

	document_sha256(document ? document : "", len, sha256);
	free(document);
	snprintf(href, sizeof(href), "/xcap-root/" DOCUMENT_AUID "/users/%s/%s.xml", g->mc_id,
		 g->id);
	snprintf(call->location, sizeof(call->location), "/csc-4/v1/partner-connections/%s", g->id);
	call_json(call, status, write_connection(g, href, sha256));
}

void tell_connection(struct call *call)
{
	feed_then_grant(call, answer_connection);
}

static void end(struct asking *a)
{
	struct call *call = a->call;

	free(a);
	call->done(call);
}

static void fail(struct asking *a, const struct client_answer *answer, const char *reason)
{
	struct call *call = a->call;
	const bool refused = answer && answer->status >= 400 && answer->status < 500;
	const bool may_know = !refused && (!answer || answer->may_know);

	count(COUNT_not_granted, 1);
	log_line(LOG_NOTICE, "migration %s: %s has not granted it: %s", call->grant,
		 a->partner->name, reason);
	primary_fail(&call->daemon->cms, call->grant, reason, may_know, call->now);
	if (refused && answer->status == 403) {
		call_problem(call, 403, "partner-refused",
			     "the partner does not take this user in");
	} else {
		call->retry_after = 60;
		call_problem(call, answer && !answer->status ? 504 : 502, "upstream-unavailable",
			     "the partner cannot grant it now");
	}
	end(a);
}

static void on_document(void *arg, const struct client_answer *answer)
{
	struct asking *a = arg;
	struct call *call = a->call;
	char sha256[65], why[256];
	struct grant g;
	enum cms_result r;

	document_sha256(answer->body.p ? answer->body.p : "", answer->body.len, sha256);
	if (answer->status != 200 || strcmp(sha256, a->sha256) != 0 ||
	    document_check(answer->body, why, sizeof(why))) {
		fail(a, NULL, "its initial UE configuration is none");
		return;
	}
	r = primary_complete(&call->daemon->cms, call->grant, &a->answer, answer->body.p,
			     answer->body.len, time(NULL), &g);
	if (r == CMS_OK) {
		count(COUNT_granted, 1);
		log_line(LOG_NOTICE, "migration %s: granted by %s, inbound %.6s...", g.id,
			 g.partner, g.inbound.impi);
		free(a);
		call->made = true;
		tell_connection(call);
	} else if (r == CMS_NOT_YOURS) {
		fail(a, NULL, "the identities that it gives are not fit");
	} else {
		call_refused(call, r, 0);
		end(a);
	}
}

static void on_answer(void *arg, const struct client_answer *answer)
{
	struct asking *a = arg;
	char why[WHY_SIZE], path[128];

	if (answer->status != 200 && answer->status != 201) {
		snprintf(why, sizeof(why), "status %u", answer->status);
		fail(a, answer, answer->status ? why : answer->why);
		return;
	}
	if (read_access_answer(answer->body, &a->answer, a->sha256, why)) {
		fail(a, NULL, why);
		return;
	}
	snprintf(path, sizeof(path), "/csc-17/v1/access-grants/%s/initial-ue-configuration",
		 a->answer.remote);
	if (client_ask(a->partner, "GET", path, NULL, on_document, a))
		fail(a, NULL, "too many are asked at a time");
}

void ask_partner(struct call *call)
{
	struct asking *a = calloc(1, sizeof(*a));
	const struct client_answer none = {0, false, SLICE_NULL, ""};
	char *body = NULL;
	json_t *j = NULL;
	struct grant g;

	if (!a || grant_get(&call->daemon->cms, SIDE_PRIMARY, NULL, call->grant, NULL, &g)) {
		free(a);
		call_refused(call, CMS_BROKEN, 0);
		call->done(call);
		return;
	}
	a->call = call;
	a->partner = cms_partner(call->daemon->cms.cfg, g.partner);
	j = write_access_request(call->daemon->cms.cfg, &g, call->now);
	body = j ? json_dumps(j, JSON_COMPACT) : NULL;
	json_decref(j);
	if (!body || client_ask(a->partner, "POST", "/csc-17/v1/access-grants", body, on_answer, a))
		fail(a, &none, "too many are asked at a time");
	free(body);
}
