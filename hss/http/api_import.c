/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Import over REST: written while it comes, since a body of any size can be kept nowhere. So it is not all or
 * nothing as with hssctl: what was written before an error stays, and the answer says how to go on.
 */
#include <pthread.h>
#include <stdio.h>

#include "hss/http/api.h"
#include "hss/provision/import.h"

enum state { NONE, RUNNING, DONE, FAILED, BROKEN };

/* The import that is under way, or the last one. */
static struct {
	pthread_mutex_t lock;
	enum state state;
	uint64_t octets, read, written;
	char why[API_WHY_SIZE];
} last = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Only the call that runs it touches it. */
static struct import *import;

static json_t *state_json(void)
{
	static const char *const words[] = {"none", "running", "done", "failed", "interrupted"};
	json_t *j;

	pthread_mutex_lock(&last.lock);
	j = json_pack("{s:s, s:I, s:I, s:I, s:s?}", "state", words[last.state], "octets",
		      (json_int_t)last.octets, "read", (json_int_t)last.read, "imported",
		      (json_int_t)last.written, "error", last.why[0] ? last.why : NULL);
	pthread_mutex_unlock(&last.lock);
	return j;
}

void api_import_state(struct api_call *call)
{
	answer_json(call, 200, state_json());
}

/* Is nobody importing? Then we are. */
static bool claim(void)
{
	bool ours;

	pthread_mutex_lock(&last.lock);
	ours = last.state != RUNNING;
	if (ours) {
		last.state = RUNNING;
		last.octets = last.read = last.written = 0;
		last.why[0] = '\0';
	}
	pthread_mutex_unlock(&last.lock);
	return ours;
}

/* why NULL: as it was. */
static void set_state(enum state state, const char *why)
{
	pthread_mutex_lock(&last.lock);
	last.state = state;
	if (why)
		snprintf(last.why, sizeof(last.why), "%s", why);
	pthread_mutex_unlock(&last.lock);
}

static int read_query(struct api_call *call, bool *replace, uint64_t *skip)
{
	const char *r = query_get(&call->query, "replace"), *s = query_get(&call->query, "skip");

	*skip = 0;
	*replace = r && strcmp(r, "true") == 0;
	if ((!r || *replace || strcmp(r, "false") == 0) &&
	    (!s || slice_u64(slice_str(s), INT64_MAX, skip) == 0))
		return 0;
	answer_problem(call, 400, "replace is true or false, skip a number of subscriptions",
		       "mend it and ask again");
	return -1;
}

void api_import_begin(struct api_call *call)
{
	bool replace;
	uint64_t skip;

	if (read_query(call, &replace, &skip))
		return;
	if (!claim()) {
		answer_problem(call, 409, "another import is under way",
			       "wait for its end: GET /api/v1/import");
		return;
	}
	import = import_new(call->daemon->svc->store, replace, skip);
	if (!import) {
		set_state(FAILED, "no memory");
		answer_problem(call, 500, "no memory", "ask again later");
		return;
	}
	import_begin(import, IMPORT_CHECK | IMPORT_WRITE);
	call->importing = true;
}

static void feed(struct slice text, bool end)
{
	char why[API_WHY_SIZE] = "";
	bool failed = last.why[0];

	if (!failed)
		failed = import_stream(import, text, end, why, sizeof(why)) != 0;
	pthread_mutex_lock(&last.lock);
	last.octets += text.len;
	last.read = import_count(import);
	last.written = import_written(import);
	if (why[0] || (failed && !last.why[0]))
		snprintf(last.why, sizeof(last.why), "%s", why[0] ? why : "failed");
	pthread_mutex_unlock(&last.lock);
}

void api_import_feed(struct api_call *call, struct slice text)
{
	uint64_t before = last.written;

	feed(text, false);
	if (last.written != before)
		service_changed(call->daemon->svc);
}

/* Somebody else may begin from now on. */
static void end(struct api_call *call, enum state state)
{
	import_free(import);
	import = NULL;
	call->importing = false;
	service_changed(call->daemon->svc);
	set_state(state, NULL);
}

void api_import_end(struct api_call *call)
{
	char action[160], why[API_WHY_SIZE];

	feed(SLICE_NULL, true);
	strcpy(why, last.why);
	snprintf(action, sizeof(action),
		 "mend the line and send the whole text again with ?skip=%llu",
		 (unsigned long long)last.written);
	if (why[0]) {
		answer_problem(call, 422, why, action);
	} else {
		answer_json(call, 200,
			    json_pack("{s:I, s:I, s:I}", "octets", (json_int_t)last.octets, "read",
				      (json_int_t)last.read, "imported", (json_int_t)last.written));
	}
	end(call, why[0] ? FAILED : DONE);
}

void api_import_break(struct api_call *call)
{
	if (!call->importing)
		return;
	if (!last.why[0])
		set_state(RUNNING, "the connection ended; send the whole text again with skip= the "
				   "number that is imported");
	end(call, BROKEN);
}
