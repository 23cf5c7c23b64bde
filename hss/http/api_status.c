/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon says of itself, and the files of the page. */
#include <stdio.h>

#include "daemon/log.h"
#include "hss/counters.h"
#include "hss/http/api.h"
#include "hss/http/assets.h"

static void put_peer(const char *name, const char *state, void *arg)
{
	json_array_append_new(arg, json_pack("{s:s, s:s}", "name", name, "state", state));
}

static json_t *counters(void)
{
	json_t *all = json_object();

	for (int c = 0; c < COUNTERS; c++)
		json_object_set_new(all, counter_name((enum counter)c),
				    json_integer((json_int_t)counter_get((enum counter)c)));
	json_object_set_new(all, "log_lines_lost", json_integer((json_int_t)log_lost()));
	return all;
}

void api_status(struct api_call *call)
{
	const struct api_daemon *d = call->daemon;
	struct store_totals t = {0};
	json_t *peers;
	int err = store_totals_now(d->svc->store, &t);

	if (err) {
		answer_refused(call, err, store_strerror(err));
		return;
	}
	peers = json_array();
	d->each_peer(put_peer, peers);
	answer_json(call, 200,
		    json_pack("{s:s, s:s, s:s, s:I, s:o, s:{s:I, s:I, s:I, s:I, s:I}, s:o}", "role",
			      role_name(call->role), "identity", d->identity, "realm", d->realm,
			      "uptime_seconds", (json_int_t)d->uptime(), "peers", peers, "totals",
			      "subscriptions", (json_int_t)t.subscriptions, "private_identities",
			      (json_int_t)t.impis, "public_identities", (json_int_t)t.impus,
			      "registered", (json_int_t)t.registered, "unregistered_served",
			      (json_int_t)t.unregistered, "counters", counters()));
}

void api_metrics(struct api_call *call)
{
	call->answer.status = 200;
	call->answer.type = "text/plain; version=0.0.4";
	call->daemon->metrics(&call->answer.out);
}

static void give(struct api_call *call, const char *type, struct slice text)
{
	call->answer.status = 200;
	call->answer.type = type;
	call->answer.text = text.p;
	call->answer.text_len = text.len;
}

void page_index(struct api_call *call)
{
	give(call, "text/html; charset=utf-8", asset_index());
}

void page_script(struct api_call *call)
{
	give(call, "text/javascript; charset=utf-8", asset_script());
}

void page_style(struct api_call *call)
{
	give(call, "text/css; charset=utf-8", asset_style());
}

void page_openapi(struct api_call *call)
{
	give(call, "application/json", asset_openapi());
}
