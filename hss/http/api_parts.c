/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of a subscription. */
#include <stdio.h>
#include <stdlib.h>

#include "hss/http/api.h"
#include "hss/http/json.h"
#include "hss/provision/change.h"
#include "hss/provision/edit.h"

static bool method_is(const struct api_call *call, const char *method)
{
	return strcmp(call->route->method, method) == 0;
}

/* A change of what the caller has seen. */
struct meant {
	struct api_call *call;
	provision_edit_h edit;
	bool unmet;
};

/* In the transaction of the change. */
static int edit_meant(struct subscription *sub, void *arg, char *why, size_t size)
{
	struct meant *m = arg;

	m->unmet = !api_is_meant(m->call, sub);
	return m->unmet ? -1 : m->edit(sub, m->call, why, size);
}

/* Change the subscription of the path. An S-CSCF that has a copy of what changes is told by the daemon. */
static void change(struct api_call *call, provision_edit_h edit)
{
	struct meant m = {call, edit, false};
	char why[API_WHY_SIZE] = "no memory";
	int err = STORE_EIO;

	call->sub = subscription_new();
	if (call->sub)
		err = provision_change(call->daemon->svc->store, call->path.seg[3], edit_meant, &m,
				       call->sub, why, sizeof(why));
	if (m.unmet) {
		answer_unmet(call);
		return;
	}
	if (err) {
		answer_refused(call, err, why);
		return;
	}
	service_changed(call->daemon->svc);
	answer_json(call, 200, json_of_subscription(call->sub));
}

static int edit_private(struct subscription *sub, void *arg, char *why, size_t size)
{
	struct api_call *call = arg;
	const struct json_about about = {.name = call->path.seg[5]};

	return json_apply(sub, JSON_KIND_PRIVATE, call->body, &about, why, size);
}

void api_private(struct api_call *call)
{
	change(call, edit_private);
}

static int edit_public(struct subscription *sub, void *arg, char *why, size_t size)
{
	struct api_call *call = arg;
	const char *name = call->path.seg[5];
	const struct json_about about = {.name = name, .whole = method_is(call, "PUT")};

	if (method_is(call, "DELETE"))
		return provision_remove_public(sub, slice_str(name), why, size);
	if (!about.whole && provision_public(sub, slice_str(name), why, size) < 0)
		return -1;
	return json_apply(sub, JSON_KIND_PUBLIC, call->body, &about, why, size);
}

void api_public(struct api_call *call)
{
	change(call, edit_public);
}

static int edit_ifc(struct subscription *sub, void *arg, char *why, size_t size)
{
	struct api_call *call = arg;
	const char *profile = call->path.seg[5], *priority = call->path.seg[6];
	char words[2][IDENTITY_SIZE + 16];
	const struct json_about about = {.name = words[0], .profile = words[1]};
	uint64_t n[2];

	if (slice_u64(slice_str(profile), SUB_NUMBER_MAX, &n[0]) ||
	    slice_u64(slice_str(priority), INT32_MAX, &n[1])) {
		snprintf(why, size, "the path of an ifc ends in /PROFILE/PRIORITY, two numbers");
		return -1;
	}
	if (method_is(call, "DELETE"))
		return provision_remove_ifc(sub, n[0], n[1], why, size);
	snprintf(words[0], sizeof(words[0]), "priority=%s", priority);
	snprintf(words[1], sizeof(words[1]), "profile=%s", profile);
	return json_apply(sub, JSON_KIND_IFC, call->body, &about, why, size);
}

void api_ifc(struct api_call *call)
{
	change(call, edit_ifc);
}

/* The two numbers that a path ends in. */
static int edit_shared(struct subscription *sub, void *arg, char *why, size_t size)
{
	struct api_call *call = arg;
	const char *profile = call->path.seg[5], *set = call->path.seg[6];
	char words[2][IDENTITY_SIZE + 16];
	struct words w = {.n = 3};
	uint64_t n[2];

	if (slice_u64(slice_str(profile), SUB_NUMBER_MAX, &n[0]) ||
	    slice_u64(slice_str(set), SHARED_SET_MAX, &n[1])) {
		snprintf(why, size,
			 "the path of a shared set in use ends in /PROFILE/SET, two numbers");
		return -1;
	}
	if (method_is(call, "DELETE"))
		return provision_unshare(sub, n[0], n[1], why, size);
	snprintf(words[0], sizeof(words[0]), "set=%s", set);
	snprintf(words[1], sizeof(words[1]), "profile=%s", profile);
	w.w[0] = SLICE_LIT("shared");
	w.w[1] = slice_str(words[0]);
	w.w[2] = slice_str(words[1]);
	return provision_line(sub, &w, why, size);
}

void api_shared(struct api_call *call)
{
	change(call, edit_shared);
}

static const struct json_about itself;

static int edit_capabilities(struct subscription *sub, void *arg, char *why, size_t size)
{
	struct api_call *call = arg;

	return json_apply(sub, JSON_KIND_CAPABILITIES, call->body, &itself, why, size);
}

void api_capabilities(struct api_call *call)
{
	change(call, edit_capabilities);
}

static int edit_charging(struct subscription *sub, void *arg, char *why, size_t size)
{
	struct api_call *call = arg;

	return json_apply(sub, JSON_KIND_CHARGING, call->body, &itself, why, size);
}

void api_charging(struct api_call *call)
{
	change(call, edit_charging);
}

static int edit_visited(struct subscription *sub, void *arg, char *why, size_t size)
{
	struct api_call *call = arg;

	return json_apply_visited(sub, call->body, why, size);
}

void api_visited(struct api_call *call)
{
	change(call, edit_visited);
}
