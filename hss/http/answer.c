/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers as JSON, and problems as RFC 9457 has them. */
#include <stdlib.h>

#include "hss/http/api.h"
#include "hss/http/json.h"
#include "hss/provision/change.h"

static const struct {
	unsigned int status;
	const char *title, *name;
} titles[] = {
    {400, "Bad Request", "bad-request"},
    {401, "Unauthorized", "unauthorized"},
    {403, "Forbidden", "forbidden"},
    {404, "Not Found", "not-found"},
    {405, "Method Not Allowed", "method-not-allowed"},
    {409, "Conflict", "conflict"},
    {410, "Gone", "gone"},
    {412, "Precondition Failed", "precondition-failed"},
    {413, "Content Too Large", "content-too-large"},
    {415, "Unsupported Media Type", "unsupported-media-type"},
    {422, "Unprocessable Content", "unprocessable-content"},
    {429, "Too Many Requests", "too-many-requests"},
    {500, "Internal Server Error", "internal-error"},
    {502, "Bad Gateway", "s-cscf-failed"},
    {503, "Service Unavailable", "service-unavailable"},
};
enum { N_TITLES = sizeof(titles) / sizeof(titles[0]) };

static int append(const char *text, size_t len, void *arg)
{
	return outbuf_add(arg, text, len);
}

void answer_json(struct api_call *call, unsigned int status, json_t *json)
{
	struct api_answer *a = &call->answer;

	outbuf_free(&a->out);
	a->status = status;
	a->text = NULL;
	a->type = status >= 400 ? "application/problem+json" : "application/json";
	if (json && json_dump_callback(json, append, &a->out, JSON_COMPACT) == 0 &&
	    outbuf_add(&a->out, "\n", 1) == 0) {
		json_decref(json);
		return;
	}
	json_decref(json);
	outbuf_free(&a->out);
	a->status = 500;
	a->type = "application/problem+json";
	a->text = "{\"type\":\"urn:ims-hss:problem:internal-error\",\"title\":\"Internal Server "
		  "Error\",\"status\":500,\"detail\":\"the answer cannot be "
		  "written\",\"action\":\"look into the log of ims-hss\"}\n";
	a->text_len = strlen(a->text);
}

void answer_problem(struct api_call *call, unsigned int status, const char *detail,
		    const char *action)
{
	char type[64];
	int i = 0;

	while (i < N_TITLES - 1 && titles[i].status != status)
		i++;
	snprintf(type, sizeof(type), "urn:ims-hss:problem:%s", titles[i].name);
	/* a text that is no UTF-8 would make no JSON; answer_json() then says so */
	answer_json(call, status,
		    json_pack("{s:s, s:s, s:i, s:s, s:s}", "type", type, "title", titles[i].title,
			      "status", (int)status, "detail", detail, "action", action));
}

void answer_refused(struct api_call *call, int err, const char *why)
{
	switch (err) {
	case PROVISION_REFUSED:
		answer_problem(call, 422, why, "mend what detail names and ask again");
		return;
	case STORE_ENOSET:
		answer_problem(call, 422, why, "see GET /api/v1/shared-ifcs for those that exist");
		return;
	case STORE_ENOTFOUND:
		answer_problem(
		    call, 404, why,
		    "see GET /api/v1/subscribers and /api/v1/shared-ifcs for what exists");
		return;
	case STORE_EEXIST:
		answer_problem(call, 409, why, "take another identity, or change who has it");
		return;
	case STORE_EBUSY:
	case STORE_EAWAY:
	case STORE_EAGAIN:
		call->answer.retry_after = 2;
		answer_problem(call, 503, why, "ask again later");
		return;
	}
	answer_problem(call, 500, why, "look into the log of ims-hss");
}

void answer_unmet(struct api_call *call)
{
	answer_problem(call, 412,
		       "the request has a condition that is not met: the subscription is not what "
		       "If-Match names, or this path has no ETag",
		       "read the subscription again, and ask with the ETag of that answer, or "
		       "without If-Match and If-None-Match");
}

void answer_subscription(struct api_call *call)
{
	struct api_answer *a = &call->answer;

	tag_of(call->sub, a->tag);
	if (call->if_none_match[0] && tag_is_listed(call->if_none_match, a->tag, true)) {
		a->status = 304;
		a->type = NULL;
		a->text = "";
		a->text_len = 0;
	} else {
		answer_json(call, 200, json_of_subscription(call->sub));
	}
}

bool api_is_meant(const struct api_call *call, const struct subscription *sub)
{
	char tag[TAG_SIZE];

	if (!call->conditional)
		return true;
	tag_of(sub, tag);
	return tag_is_listed(call->if_match, tag, false);
}

void put_encoded(const char *name, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (; *name && n + 4 < size; name++) {
		unsigned char c = (unsigned char)*name;
		bool plain = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
			     strchr("-._~@", c);

		n += (size_t)snprintf(out + n, size - n, plain ? "%c" : "%%%02X", c);
	}
}
