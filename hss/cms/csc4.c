/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The door for UEs: CSC-4 (TR 23.781 6.2.1 steps 1 and 13), and configuration documents as XCAP resources (TS 24.484). */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "daemon/log.h"
#include "hss/cms/ask.h"
#include "hss/cms/counters.h"
#include "hss/cms/document.h"
#include "hss/cms/feed.h"
#include "hss/cms/message.h"
#include "http/limiter.h"
#include "http/server.h"

static struct {
	pthread_mutex_t lock;
	bool made;
	struct limiter limiter;
} wrong = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Seconds that the address has to wait before it is told more than that. */
static unsigned int count_wrong(const struct netaddr *from)
{
	unsigned int wait = 60;

	count(COUNT_csc4_wrong_tokens, 1);
	pthread_mutex_lock(&wrong.lock);
	if (!wrong.made)
		wrong.made = limiter_init(&wrong.limiter) == 0;
	if (wrong.made)
		wait = limiter_wrong(&wrong.limiter, from, http_now_ms());
	pthread_mutex_unlock(&wrong.lock);
	return wait;
}

static int identify(struct call *call)
{
	enum token_verdict v = TOKEN_WRONG;
	unsigned int wait;

	if (call->authorization && strncasecmp(call->authorization, "Bearer ", 7) == 0)
		v = token_judge(&call->daemon->keys, call->daemon->cms.cfg,
				slice_trim(slice_str(call->authorization + 7)), call->now,
				call->mc_id);
	if (v == TOKEN_GOOD)
		return 0;
	if (v == TOKEN_SCOPE) {
		call_problem(call, 403, "insufficient-scope", "the access token is not for this");
		return -1;
	}
	wait = count_wrong(&call->from);
	if (wait) {
		call->retry_after = wait;
		call_problem(call, 429, "quota", "too many wrong tokens came from this address");
		return -1;
	}
	call->refused_token = true;
	call_problem(call, 401, "invalid-token",
		     v == TOKEN_OVER ? "the access token is over" : "no good access token came");
	return -1;
}

static void post_connection(struct call *call)
{
	struct ue_request req;
	char why[WHY_SIZE];
	struct grant g;
	enum cms_result r;

	if (read_ue_request(call->body, &req, why)) {
		call_problem(call, 400, "malformed", why);
		return;
	}
	if (call->idempotency_key &&
	    slice_copy(slice_str(call->idempotency_key), req.key, sizeof(req.key))) {
		call_problem(call, 400, "malformed", "Idempotency-Key is too long");
		return;
	}
	if (strcmp(req.mc_id, call->mc_id) != 0) {
		audit_refusal(call, "refuse", "mcServiceId of another");
		call_problem(call, 403, "not-yours", "mcServiceId is not the access token's");
		return;
	}
	r = primary_begin(&call->daemon->cms, &req, call->now, &g);
	if (r == CMS_OK) {
		strcpy(call->grant, g.id);
		call->later = ask_partner;
	} else if (r == CMS_SAME) {
		strcpy(call->grant, g.id);
		call->later = tell_connection;
	} else {
		audit_refusal(call, "refuse", cms_result_word(r));
		call_refused(call, r, r == CMS_QUOTA ? 3600 : 0);
	}
}

/* The one in the path, which is his. Returns 0, or -1 and an answer is made. */
static int load_own(struct call *call, const char *id, struct grant *g)
{
	enum cms_result r = grant_get(&call->daemon->cms, SIDE_PRIMARY, NULL, id, NULL, g);

	if (r == CMS_OK && strcmp(g->mc_id, call->mc_id) != 0)
		r = CMS_UNKNOWN;
	if (r == CMS_OK && g->state != GRANT_ACTIVE)
		r = g->state == GRANT_ASKING ? CMS_CONFLICT : CMS_GONE;
	if (r == CMS_OK)
		return 0;
	call_refused(call, r, 0);
	return -1;
}

static void get_connection(struct call *call)
{
	struct grant g;

	if (load_own(call, call->path.seg[3], &g))
		return;
	answer_connection(call, 200, &g);
	if (call->status == 200) {
		char *text = call->text;

		call->text = NULL;
		call->location[0] = '\0';
		call_text(call, "application/json", text, call->len);
	}
}

static void list_connections(struct call *call)
{
	struct grant *g = calloc(PARTNERS_MAX, sizeof(*g));
	int n = g ? grants_of_user(&call->daemon->cms, call->mc_id, g, PARTNERS_MAX) : -1;
	json_t *list = json_array();

	for (int i = 0; i < n; i++) {
		char expires[24];

		time_write(g[i].expires, expires);
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:s}", "id", g[i].id, "partnerSystemId",
						g[i].partner, "expires", expires));
	}
	free(g);
	if (n >= 0) {
		call_json(call, 200, json_pack("{s:o}", "partnerConnections", list));
		return;
	}
	json_decref(list);
	call_refused(call, CMS_BROKEN, 0);
}

static void answer_ended(struct call *call)
{
	call_empty(call, 204);
}

static void feed_and_end(struct call *call)
{
	feed_then(call, answer_ended);
}

static void delete_connection(struct call *call)
{
	const struct selection his = {
	    .id = call->path.seg[3], .mc_id = call->mc_id, .side = SIDE_PRIMARY};
	int n = grants_withdraw(&call->daemon->cms, &his, "user", "given-back", false, false,
				call->now);
	struct grant g;

	if (n < 0) {
		call_refused(call, CMS_BROKEN, 0);
		return;
	}
	count(COUNT_withdrawn, (uint64_t)n);
	if (n == 0 && (grant_get(&call->daemon->cms, SIDE_PRIMARY, NULL, his.id, NULL, &g) ||
		       strcmp(g.mc_id, call->mc_id) != 0)) {
		call_empty(call, 204);
		return;
	}
	snprintf(call->grant, sizeof(call->grant), "%s", his.id);
	call->later = feed_and_end;
}

/* .../users/{xui}/{grant}.xml: the document that came from the partner. */
static void get_partners_document(struct call *call, const char *name)
{
	char id[ID_SIZE];
	struct grant g;
	size_t len;

	if (call->door->identify(call))
		return;
	if (strcmp(call->path.seg[3], call->mc_id) != 0) {
		audit_refusal(call, "refuse", "document of another");
		call_problem(call, 403, "not-yours", "the XUI is not the access token's");
	} else if (slice_copy(slice_make(name, strlen(name) - 4), id, sizeof(id))) {
		call_refused(call, CMS_UNKNOWN, 0);
	} else if (load_own(call, id, &g) == 0) {
		void *text = grant_document(&call->daemon->cms, g.id, &len);

		call_text(call, DOCUMENT_TYPE, text, len);
	}
}

/*
 * .../users/sip:{UE}/{UE}: this system's own, for a UE that has no access token yet (TS 24.484 7.2.1); the UE is named by its
 * instance id.
 */
static void get_document(struct call *call)
{
	const char *xui = call->path.seg[3], *name = call->path.seg[4];
	const size_t n = strlen(name);
	char *text;
	size_t len;

	if (n > 4 && strcmp(name + n - 4, ".xml") == 0) {
		get_partners_document(call, name);
	} else if (!call->daemon->master || n >= UE_SIZE || strncmp(xui, "sip:", 4) != 0 ||
		   strcmp(xui + 4, name) != 0) {
		call_problem(call, 404, "not-found", "there is no such document");
	} else {
		text = daemon_document(call->daemon, name, &len);
		call_text(call, DOCUMENT_TYPE, text, len);
	}
}

static const struct route routes[] = {
    {"POST", "/csc-4/v1/partner-connections", post_connection, false},
    {"GET", "/csc-4/v1/partner-connections", list_connections, false},
    {"GET", "/csc-4/v1/partner-connections/{}", get_connection, false},
    {"DELETE", "/csc-4/v1/partner-connections/{}", delete_connection, false},
    {"GET", "/xcap-root/" DOCUMENT_AUID "/users/{}/{}", get_document, true},
};

const struct door csc4_door = {
    "CSC-4",	       routes, sizeof(routes) / sizeof(routes[0]), identify, COUNT_csc4_requests,
    COUNT_csc4_refused};
