/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cx/service.h"

#include "hss/counters.h"
#include "hss/cx/identity.h"

static const struct {
	const char *name;
	unsigned int (*procedure)(struct subscription *, const struct cx_policy *,
				  const struct cx_request *, struct cx_answer *);
	enum counter counter;
	bool writes;
} commands[CX_COMMANDS] = {
    [CX_UAR] = {"UAR", cx_uar, COUNT_uar, false},
    [CX_LIR] = {"LIR", cx_lir, COUNT_lir, false},
    [CX_MAR] = {"MAR", cx_mar, COUNT_mar, true},
    [CX_SAR] = {"SAR", cx_sar, COUNT_sar, true},
};

const char *cx_command_name(enum cx_command cmd)
{
	return commands[cmd].name;
}

/*
 * The subscription of the request's identities. Every identity that is named must exist somewhere,
 * else the user is unknown; that they belong together is the procedure's question.
 */
static int find_subscription(struct store *store, const struct cx_request *req, int64_t *id)
{
	int64_t other;
	int err = STORE_ENOTFOUND;

	if (req->impi.len) {
		err = store_find_impi(store, req->impi, id);
		if (err)
			return err;
	}
	for (size_t i = 0; i < req->n_impu; i++) {
		err = store_find_impu(store, slice_str(req->impu[i]), &other);
		if (err)
			return err;
		if (i == 0 && req->impi.len == 0)
			*id = other;
	}
	return err;
}

static void count(enum cx_command cmd, const struct cx_answer *ans)
{
	counter_add(commands[cmd].counter, 1);
	counter_add(COUNT_vectors, ans->n_vectors);
	counter_add(COUNT_resyncs, ans->resynced);
	counter_add(COUNT_resyncs_failed, ans->resync_failed);
	if (ans->result.code < 3000)
		return;
	if (!ans->result.experimental)
		counter_add(COUNT_refused, 1);
	else if (ans->result.code == CX_USER_UNKNOWN.code)
		counter_add(COUNT_user_unknown, 1);
	else if (ans->result.code == CX_IDENTITIES_DONT_MATCH.code)
		counter_add(COUNT_identities_dont_match, 1);
	else
		counter_add(COUNT_refused, 1);
}

static int serve(struct service *svc, enum cx_command cmd, const struct cx_request *req,
		 struct cx_answer *ans, struct subscription *sub)
{
	struct store *store = svc->store;
	unsigned int changed;
	int64_t id = 0;
	int err = store_begin(store, commands[cmd].writes);

	if (err)
		return err;
	err = find_subscription(store, req, &id);
	if (err == 0)
		err = store_load(store, id, sub);
	if (err == STORE_ENOTFOUND) {
		store_rollback(store);
		commands[cmd].procedure(NULL, &svc->policy, req, ans);
		return 0;
	}
	if (err)
		goto fail;
	changed = commands[cmd].procedure(sub, &svc->policy, req, ans);
	if (changed & CHANGED_STATE)
		err = store_save_state(store, sub);
	if (err == 0 && (changed & CHANGED_SQN))
		err = store_save_sqn(store, sub);
	if (err)
		goto fail;
	if (changed)
		return store_commit(store);
	store_rollback(store);
	return 0;
fail:
	store_rollback(store);
	return err;
}

void service_answer(struct service *svc, enum cx_command cmd, const struct cx_request *req,
		    struct cx_answer *ans, struct subscription **sub, const char **why)
{
	int err = STORE_EIO;

	*why = NULL;
	cx_answer_clear(ans);
	*sub = subscription_new();
	if (*sub)
		err = serve(svc, cmd, req, ans, *sub);
	if (err) {
		explicit_bzero(ans, sizeof(*ans)); /* no vector leaves whose number was not kept */
		cx_answer_clear(ans);
		counter_add(COUNT_store_errors, 1);
		*why = *sub ? store_strerror(err) : "no memory";
	}
	count(cmd, ans);
}
