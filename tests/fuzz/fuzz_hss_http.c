/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests to the REST API: a method, a target with its query, and a body, each on a line of its own, played
 * against a store. Answers are JSON, and no key is ever in one.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hss/cx/withdraw.h"
#include "hss/http/api.h"
#include "hss/http/json.h"
#include "hss/provision/provision.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define K    "465b5ce8b199b49faa5f0a2ee238a6bc"
#define KEYS "k=" K " opc=cd63cb71954a9f4e48a5994e37a02baf"

/* There is no S-CSCF here. */
void push_deregister(struct service *svc, const struct push_order *order)
{
	(void)svc;
	order->done(order->arg, "a@h is not registered");
}

void push_profiles(struct service *svc, const struct push_order *order)
{
	push_deregister(svc, order);
}

void push_withdraw(struct service *svc, const struct push_order *order)
{
	push_deregister(svc, order);
}

static void no_peer(void (*each)(const char *, const char *, void *), void *arg)
{
	each("scscf.home1.net", "OPEN", arg);
}

static void no_metrics(struct outbuf *out)
{
	outbuf_printf(out, "# none\n");
}

static uint64_t uptime(void)
{
	return 1;
}

static struct service svc;
static const struct api_daemon hss = {.svc = &svc,
				      .identity = "hss.home1.net",
				      .realm = "home1.net",
				      .each_peer = no_peer,
				      .metrics = no_metrics,
				      .uptime = uptime};

static struct transaction *tx;

static int put_one(struct subscription *sub, void *arg, char *why, size_t size)
{
	(void)arg;
	(void)why;
	(void)size;
	return store_put(tx, sub);
}

/* A file that has no name any more as soon as it is open. */
static void open_store(void)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char dir[] = "/tmp/fuzz-hss-http-XXXXXX", url[64], path[64], why[256];

	if (!mkdtemp(dir))
		abort();
	snprintf(url, sizeof(url), "sqlite:%s/db", dir);
	if (store_open(url, &svc.store, why, sizeof(why)))
		abort();
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/db%s", dir, suffixes[i]);
		unlink(path);
	}
	rmdir(dir);
}

/* Each input finds the same store. */
static void begin(void)
{
	int64_t ids[64];
	char why[512];
	int n;

	if (!svc.store)
		open_store();
	if (store_begin(svc.store, true, &tx))
		abort();
	while ((n = store_list(tx, 0, ids, 64)) > 0)
		for (int i = 0; i < n; i++)
			store_remove(tx, ids[i]);
	if (provision_parse(SLICE_LIT("subscription\nprivate a@h " KEYS "\npublic sip:a@h set=1\n"
				      "public tel:+1 set=1\nifc server=sip:as priority=1\nend\n"),
			    put_one, NULL, why, sizeof(why)) ||
	    store_commit(tx))
		abort();
}

static void on_done(void *arg, const char *error)
{
	api_followed(arg, error);
}

/* What the caller says himself may be said again. */
static void check(const struct api_call *call, struct slice input)
{
	const struct api_answer *a = &call->answer;
	struct slice body =
	    a->text ? slice_make(a->text, a->text_len) : slice_make(a->out.p, a->out.len);
	json_t *json;

	if (a->status < 200 || a->status > 599 || !a->type || a->status == 500)
		abort();
	if (memmem(body.p, body.len, K, 32) && !memmem(input.p, input.len, K, 32))
		abort();
	if (!strstr(a->type, "json"))
		return;
	json = json_loadb(body.p, body.len, 0, NULL);
	if (!json)
		abort();
	json_decref(json);
}

static void arguments(struct api_call *call, struct slice query)
{
	while (query.p) {
		struct slice value = slice_cut(&query, '&');
		struct slice name = slice_cut(&value, '=');

		query_add(&call->query, name, value);
	}
}

static void serve(struct api_call *call, struct slice body)
{
	char why[API_WHY_SIZE];

	if (call->route->body == BODY_IMPORT) {
		api_handle(call);
		if (!call->importing)
			return;
		api_import_feed(call, slice_make(body.p, body.len / 2));
		api_import_feed(call, slice_make(body.p + body.len / 2, body.len - body.len / 2));
		if (body.len % 7 == 0) {
			api_import_break(call);
			answer_problem(call, 400, "broken", "none");
		} else {
			api_import_end(call);
		}
		return;
	}
	if (call->route->body != BODY_NONE && !(call->route->body == BODY_OPTIONAL && !body.len)) {
		call->body = json_read(body.p, body.len, why, sizeof(why));
		if (!call->body) {
			answer_problem(call, 400, why, "none");
			return;
		}
	}
	api_handle(call);
	if (!call->answer.status && call->follow)
		api_follow(call, on_done, call);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct api_call *call = calloc(1, sizeof(*call));
	struct slice rest = slice_make((const char *)data, size);
	struct slice first = slice_cut(&rest, '\n'), target = slice_cut(&rest, '\n'), path;
	char method[16] = "GET";

	slice_copy(first, method, sizeof(method));
	path = slice_cut(&target, '?');
	begin();
	call->daemon = &hss;
	if (api_find(call, method, path) == 0) {
		arguments(call, target);
		serve(call, rest);
	}
	check(call, slice_make((const char *)data, size));
	api_call_free(call);
	free(call);
	return 0;
}
