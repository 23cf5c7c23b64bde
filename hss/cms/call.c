/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cms/call.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "hss/cms/counters.h"
#include "hss/cms/document.h"

enum { REFUSALS_PER_MINUTE = 30, MINUTE_S = 60 };

void call_handle(struct call *call)
{
	const struct route *found = NULL;
	bool other = false;

	for (size_t i = 0; i < call->door->n_routes && !found; i++) {
		const struct route *r = &call->door->routes[i];

		if (!path_matches(&call->path, r->path))
			continue;
		other = true;
		if (strcmp(r->method, call->method) == 0)
			found = r;
	}
	/* who may not ask learns nothing of what there is */
	if ((!found || !found->open) && call->door->identify(call))
		return;
	if (!found)
		call_problem(call, other ? 405 : 404, other ? "method" : "not-found",
			     other ? "the method is not for this path"
				   : "there is nothing at this path");
	else if (call->query.n)
		call_problem(call, 400, "malformed", "there are no arguments behind a '?' here");
	else
		found->handle(call);
}

void call_free(struct call *call)
{
	free(call->text);
	call->text = NULL;
}

static void set_answer(struct call *call, unsigned int status, const char *type, char *text,
		       size_t len)
{
	call_free(call);
	call->status = status;
	call->type = type;
	call->text = text;
	call->len = len;
}

void call_json(struct call *call, unsigned int status, json_t *json)
{
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

	json_decref(json);
	if (text)
		set_answer(call, status,
			   status >= 400 ? "application/problem+json" : "application/json", text,
			   strlen(text));
	else
		set_answer(call, 500, NULL, NULL, 0);
}

void call_empty(struct call *call, unsigned int status)
{
	set_answer(call, status, NULL, NULL, 0);
}

void call_text(struct call *call, const char *type, char *text, size_t len)
{
	char hash[65];

	if (!text) {
		call_problem(call, 500, "internal", "the document cannot be made");
		return;
	}
	document_sha256(text, len, hash);
	snprintf(call->etag, sizeof(call->etag), "\"%s\"", hash);
	if (call->if_none_match && strcmp(call->if_none_match, call->etag) == 0) {
		free(text);
		call_empty(call, 304);
		return;
	}
	set_answer(call, 200, type, text, len);
}

void call_problem(struct call *call, unsigned int status, const char *type, const char *detail)
{
	static const struct {
		unsigned int status;
		const char *title;
	} titles[] = {{400, "Bad Request"},
		      {401, "Unauthorized"},
		      {403, "Forbidden"},
		      {404, "Not Found"},
		      {405, "Method Not Allowed"},
		      {409, "Conflict"},
		      {410, "Gone"},
		      {413, "Content Too Large"},
		      {415, "Unsupported Media Type"},
		      {422, "Unprocessable Content"},
		      {429, "Too Many Requests"},
		      {500, "Internal Server Error"},
		      {502, "Bad Gateway"},
		      {503, "Service Unavailable"},
		      {504, "Gateway Timeout"}};
	enum { N = sizeof(titles) / sizeof(titles[0]) };
	size_t i = 0;

	while (i < N - 1 && titles[i].status != status)
		i++;
	call_json(call, status,
		  json_pack("{s:s+, s:s, s:i, s:s}", "type", "urn:ims-cms:problem:", type, "title",
			    titles[i].title, "status", (int)status, "detail", detail));
}

void call_refused(struct call *call, enum cms_result r, unsigned int wait)
{
	static const struct {
		unsigned int status;
		const char *detail;
	} what[] = {
	    [CMS_OK] = {500, "it was done, and refused"},
	    [CMS_SAME] = {500, "it was there, and refused"},
	    [CMS_FORBIDDEN] = {403, "this user may not migrate so"},
	    [CMS_NO_PARTNER] = {404, "no partner of this user serves there"},
	    [CMS_NOT_YOURS] = {403, "something in it belongs to another system"},
	    [CMS_CONFLICT] = {409, "another migration of this user is under way or lives"},
	    [CMS_REUSED] = {422, "the same key came with another content"},
	    [CMS_GONE] = {410, "it is over"},
	    [CMS_UNKNOWN] = {404, "there is no such thing"},
	    [CMS_LATE] = {400, "its time is too far from ours"},
	    [CMS_QUOTA] = {429, "there were too many"},
	    [CMS_NO_IDENTITY] = {503, "no identity can be given now"},
	    [CMS_BROKEN] = {503, "the store cannot be used now"},
	};

	if (what[r].status == 429 || what[r].status == 503 || r == CMS_CONFLICT)
		call->retry_after = wait ? wait : r == CMS_CONFLICT ? 1 : 60;
	call_problem(call, what[r].status, cms_result_word(r), what[r].detail);
}

char *daemon_document(const struct cms_daemon *d, const char *ue, size_t *len)
{
	char xui[UE_SIZE + 8];

	if (!d->master)
		return NULL;
	snprintf(xui, sizeof(xui), "sip:%s", ue);
	return document_make(slice_make(d->master, d->master_len), xui, ue, len);
}

/* Of each partner, of all without a certificate, and of all UEs: none crowds out what others leave. */
static size_t bucket(const struct call *call)
{
	if (call->partner)
		return 2 + (size_t)(call->partner - call->daemon->cms.cfg->partner);
	return call->door == &peer_door;
}

void audit_refusal(struct call *call, const char *event, const char *detail)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static int64_t minute;
	static unsigned int lines[PARTNERS_MAX + 2];
	bool may;

	pthread_mutex_lock(&lock);
	if (call->now / MINUTE_S != minute) {
		minute = call->now / MINUTE_S;
		memset(lines, 0, sizeof(lines));
	}
	may = lines[bucket(call)] < REFUSALS_PER_MINUTE;
	lines[bucket(call)] += may;
	pthread_mutex_unlock(&lock);
	if (!may || store_begin_work(call->daemon->cms.store))
		return;
	audit_add(call->daemon->cms.store, call->now, event, NULL,
		  call->partner ? call->partner->name : NULL, call->door->name, detail);
	store_end_work(call->daemon->cms.store, true);
}
