/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cx/service.h"

#include "hss/counters.h"
#include "hss/cx/identity.h"
#include "hss/cx/profile_xml.h"

#include <stdlib.h>
#include <time.h>

static const struct {
	const char *name;
	unsigned int (*procedure)(struct subscription *, const struct cx_policy *,
				  const struct cx_request *, struct cx_answer *);
	enum counter counter;
	bool writes;
	bool by_tables;	    /* it looks at what is not in memory, too */
	unsigned int parts; /* of the subscription that it looks at */
} commands[CX_COMMANDS] = {
    [CX_UAR] = {"UAR", cx_uar, COUNT_uar, false, false, STORE_CAPABILITIES | STORE_VISITED},
    [CX_LIR] = {"LIR", cx_lir, COUNT_lir, false, false, STORE_CAPABILITIES | STORE_IFCS},
    [CX_MAR] = {"MAR", cx_mar, COUNT_mar, true, false, STORE_KEYS},
    [CX_SAR] = {"SAR", cx_sar, COUNT_sar, true, true, STORE_IFCS},
    [CX_MAR_AWAY] = {"MAR of a partner", cx_mar_away, COUNT_partner_mar, true, false, STORE_KEYS},
};

const char *cx_command_name(enum cx_command cmd)
{
	return commands[cmd].name;
}

/* One more public identity, as it is kept: of sub, or else of anybody. */
static int find_impu(struct transaction *tx, struct cx_request *req, size_t i,
		     const struct subscription *sub, int64_t *id)
{
	char found[IDENTITY_SIZE];
	int err;

	if (sub && subscription_impu(sub, slice_str(req->impu[i])) >= 0)
		return 0;
	err = store_find_public(tx, req->impu[i], found, id);
	if (err)
		return err;
	if (i == 0 && strcmp(found, req->impu[0]) != 0)
		strcpy(req->asked, req->impu[0]);
	strcpy(req->impu[i], found);
	return 0;
}

/*
 * Load what the command looks at of the subscription of the request's first identity. Every identity that is named
 * must exist somewhere, else the user is unknown; that they belong together is the procedure's question.
 */
static int load_user(struct transaction *tx, enum cx_command cmd, struct cx_request *req,
		     struct subscription *sub)
{
	int64_t id, other;
	size_t i = 0;
	int err = STORE_ENOTFOUND;

	if (req->impi.len)
		err = store_find_impi(tx, req->impi, &id);
	else if (req->n_impu)
		err = find_impu(tx, req, i++, NULL, &id);
	if (err == 0)
		err = store_load_parts(tx, id, commands[cmd].parts, sub);
	for (; i < req->n_impu && err == 0; i++)
		err = find_impu(tx, req, i, sub, &other);
	return err;
}

static void count(enum cx_command cmd, const struct cx_answer *ans)
{
	counter_add(commands[cmd].counter, 1);
	counter_add(COUNT_vectors, ans->n_vectors);
	counter_add(COUNT_digests, ans->digest != NULL);
	counter_add(COUNT_bearers, ans->bearer != NULL);
	counter_add(COUNT_bearers_missing, ans->bearer_missing);
	counter_add(COUNT_resyncs, ans->resynced);
	counter_add(COUNT_resyncs_failed, ans->resync_failed);
	counter_add(COUNT_redirected, ans->result.code == RESULT_REDIRECT.code);
	if (ans->result.code < 3000 || ans->result.code == RESULT_REDIRECT.code)
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

/* The profile that the answer gives. Returns 0, or STORE_EIO if it cannot be written. */
static int render(const struct cx_request *req, struct cx_served *out)
{
	const struct cx_answer *ans = &out->ans;

	if (!ans->profile_impus)
		return 0;
	out->profile = profile_xml(
	    out->sub, ans->profile_impi >= 0 ? out->sub->impi[ans->profile_impi].name : "",
	    ans->profile_impus, ans->profile_first, req->asked[0] ? req->asked : NULL,
	    &out->profile_len);
	if (out->profile)
		return 0;
	out->why = "the profile cannot be written; see the subscriber's ifc lines and names";
	return STORE_EIO;
}

static int keep_restoration(struct transaction *tx, const struct subscription *sub,
			    const struct cx_request *req)
{
	int impu = subscription_impu(sub, slice_str(req->impu[0]));
	char owner[RESTORATION_OWNER_SIZE];

	restoration_owner(&sub->impu[impu], owner);
	counter_add(COUNT_restorations_refused, req->restoration.len == 0);
	return store_put_restoration(tx, sub->id, req->impi, owner, req->restoration);
}

static int keep(struct transaction *tx, const struct subscription *sub, unsigned int changed)
{
	int err = 0;

	if (changed & CHANGED_STATE)
		err = store_save_state(tx, sub);
	if (err == 0 && (changed & CHANGED_SQN))
		err = store_save_sqn(tx, sub);
	if (err == 0 && (changed & CHANGED_NUMBERS))
		store_note_numbers_in(tx, sub);
	return err;
}

/* One errand for each private identity that had registered at the S-CSCF that is replaced. */
static int tell_replaced(struct transaction *tx, const struct subscription *sub,
			 const struct cx_answer *ans)
{
	struct cx_errand *e = calloc(1, sizeof(*e));
	int err = e ? 0 : STORE_EIO;

	for (size_t i = 0; i < sub->n_impi && err == 0; i++) {
		if (!ans->replaced[i])
			continue;
		e->kind = ERRAND_RTR_REPLACED;
		strcpy(e->impi, sub->impi[i].name);
		strcpy(e->host, ans->replaced_host);
		strcpy(e->realm, ans->replaced_realm);
		e->n_impus = 0;
		for (size_t u = 0; u < sub->n_impu; u++)
			if (ans->replaced[i] & UINT64_C(1) << u)
				strcpy(e->impus[e->n_impus++], sub->impu[u].uri);
		err = store_put_errand(tx, e);
	}
	free(e);
	return err;
}

/* The address of the bearer of who is to be authenticated by it, if one lives. */
static int load_bearer(struct transaction *tx, const struct cx_policy *policy,
		       struct cx_request *req, const struct subscription *sub)
{
	int impi = subscription_impi(sub, req->impi), err;

	memset(&req->bearer, 0, sizeof(req->bearer));
	if (!policy->giba || impi < 0 || !sub->impi[impi].giba)
		return 0;
	err = store_bearer(tx, sub->impi[impi].imsi, &req->bearer);
	if (err || req->bearer.until <= time(NULL))
		req->bearer.until = 0;
	return err == STORE_ENOTFOUND ? 0 : err;
}

/* Inside the transaction. *changed says whether it is to be committed. */
static int decide(struct service *svc, struct transaction *tx, enum cx_command cmd,
		  struct cx_request *req, struct cx_served *out, unsigned int *changed)
{
	int err = load_user(tx, cmd, req, out->sub);

	*changed = 0;
	if (err == STORE_ENOTFOUND) {
		commands[cmd].procedure(NULL, &svc->policy, req, &out->ans);
		return 0;
	}
	if (err)
		return err;
	if (cmd == CX_SAR)
		err = store_load_restorations(tx, out->sub);
	else if (cmd == CX_MAR && cx_asks_address(req->scheme))
		err = load_bearer(tx, &svc->policy, req, out->sub);
	if (err)
		return err;
	*changed = commands[cmd].procedure(out->sub, &svc->policy, req, &out->ans);
	err = render(req, out);
	if (err == 0)
		err = keep(tx, out->sub, *changed);
	if (err == 0 && (*changed & CHANGED_BEARER))
		err = store_use_bearer(tx, req->bearer.imsi);
	if (err == 0 && out->ans.replaced_host[0])
		err = tell_replaced(tx, out->sub, &out->ans);
	if (err == 0 && out->ans.keep_restoration)
		err = keep_restoration(tx, out->sub, req);
	return err;
}

/* A request in its transaction. */
struct serving {
	struct service *svc;
	enum cx_command cmd;
	struct cx_request *req;
	char impu[IDENTITY_SIZE]; /* the first as it was asked for */
	struct cx_served *out;
	unsigned int changed;
	bool decided; /* over what is in memory */
};

static int serve_in(struct transaction *tx, struct serving *s)
{
	int err;

	/* it may have been begun before */
	free(s->out->profile);
	s->out->profile = NULL;
	s->out->why = NULL;
	strcpy(s->req->impu[0], s->impu);
	s->req->asked[0] = '\0';
	explicit_bzero(&s->out->ans, sizeof(s->out->ans));
	cx_answer_clear(&s->out->ans);
	err = decide(s->svc, tx, s->cmd, s->req, s->out, &s->changed);
	return err ? err : s->changed ? 0 : STORE_NO_CHANGE;
}

/* What was decided over memory is kept if that is so still. */
static int transact(struct transaction *tx, void *arg)
{
	struct serving *s = arg;
	int err;

	if (s->decided && store_hold(tx, s->out->sub))
		err = keep(tx, s->out->sub, s->changed);
	else
		err = serve_in(tx, s);
	s->decided = false;
	s->out->news = err == 0 && (s->changed & CHANGED_STATE) && store_left_work(tx);
	return err;
}

/* Returns STORE_ENOTFOUND where memory does not have all that the request names. */
static int recall_user(struct service *svc, enum cx_command cmd, const struct cx_request *req,
		       struct subscription *sub)
{
	int err = STORE_ENOTFOUND;

	if (!commands[cmd].by_tables && (req->impi.len || req->n_impu))
		err = store_recall(svc->store, req->impi, req->impu[0], commands[cmd].parts, sub);
	for (size_t i = 0; i < req->n_impu && err == 0; i++)
		if (subscription_impu(sub, slice_str(req->impu[i])) < 0)
			err = STORE_ENOTFOUND;
	return err;
}

/* Decide over what is in memory. Returns STORE_EAGAIN where it needs a transaction, in which nothing may have changed. */
static int serve_from_memory(struct serving *s)
{
	struct subscription *sub = s->out->sub;

	if (cx_asks_address(s->req->scheme) || recall_user(s->svc, s->cmd, s->req, sub))
		return STORE_EAGAIN;
	s->changed = commands[s->cmd].procedure(sub, &s->svc->policy, s->req, &s->out->ans);
	if (!s->changed)
		return 0;
	if (s->changed == CHANGED_NUMBERS)
		return store_note_numbers(s->svc->store, sub);
	s->decided = true;
	return STORE_EAGAIN;
}

/* s must live as long as the waiter. Returns STORE_LATER where that is told. */
static int serve(struct serving *s, const struct store_waiter *waiter)
{
	/* to ask for another S-CSCF is kept, too */
	bool writes = commands[s->cmd].writes ||
		      s->req->authorization_type == UAT_REGISTRATION_AND_CAPABILITIES;
	int err;

	memset(s->out, 0, sizeof(*s->out));
	cx_answer_clear(&s->out->ans);
	s->out->sub = subscription_new();
	if (!s->out->sub)
		return STORE_EIO;
	strcpy(s->impu, s->req->impu[0]);
	err = serve_from_memory(s);
	if (err == STORE_EAGAIN)
		err = writes ? store_transact_joined(s->svc->store, transact, s, waiter)
			     : store_transact(s->svc->store, false, transact, s);
	return err;
}

int service_redirect(struct service *svc, const struct slice *identities, size_t n,
		     char host[IDENTITY_SIZE])
{
	struct transaction *tx;
	int err = store_begin(svc->store, false, &tx);

	if (err)
		return err;
	err = STORE_ENOTFOUND;
	for (size_t i = 0; i < n && err == STORE_ENOTFOUND; i++)
		err = store_redirect_of(tx, identities[i], host);
	store_rollback(tx);
	return err;
}

/* He may be another subscriber base's (TS 29.228 6.5). */
static int redirect(struct service *svc, const struct cx_request *req, struct cx_answer *ans)
{
	const struct slice names[] = {req->impi,
				      req->n_impu ? slice_str(req->impu[0]) : SLICE_NULL};
	int err = service_redirect(svc, names, 2, ans->redirect);

	if (err == STORE_ENOTFOUND)
		return 0;
	if (err == 0)
		ans->result = RESULT_REDIRECT;
	return err;
}

void service_changed(const struct service *svc)
{
	if (svc->changed)
		svc->changed();
}

const char *service_advice(int err)
{
	return err == STORE_EBUSY
		   ? "another process holds the store; is a long hssctl command at work?"
	       : err == STORE_EAWAY
		   ? "the server of the store cannot be reached, or does not answer"
	       : err == STORE_ESEAL
		   ? "a key of this user cannot be opened: put it back from a backup, or remove "
		     "him with force and add him anew"
	       : err == STORE_EIO
		   ? "the store failed; see that its disk has room and can be written"
		   : store_strerror(err);
}

/* What was decided is kept, or err says why it is not. */
static void finish(struct service *svc, enum cx_command cmd, const struct cx_request *req,
		   struct cx_served *out, int err)
{
	if (err == 0 && out->news)
		service_changed(svc);
	if (err == 0 && cmd != CX_MAR_AWAY && out->ans.result.experimental &&
	    out->ans.result.code == CX_USER_UNKNOWN.code)
		err = redirect(svc, req, &out->ans);
	if (err) {
		/* that the server is away was said once, when it went */
		if (!out->why && err != STORE_EAWAY)
			out->why = out->sub ? service_advice(err) : "no memory";
		/* no vector leaves whose number was not kept */
		explicit_bzero(&out->ans, sizeof(out->ans));
		cx_answer_clear(&out->ans);
		if (err == STORE_EAWAY)
			out->ans.result = RESULT_TOO_BUSY;
		counter_add(COUNT_store_errors, 1);
	}
	count(cmd, &out->ans);
}

void service_answer(struct service *svc, enum cx_command cmd, struct cx_request *req,
		    struct cx_served *out)
{
	struct serving s = {.svc = svc, .cmd = cmd, .req = req, .out = out};

	finish(svc, cmd, req, out, serve(&s, NULL));
}

/* A request whose commit others share. */
struct shared {
	struct serving serving;
	void (*done)(void *arg);
	void *arg;
};

static void kept(void *arg, int err)
{
	struct shared *s = arg;

	finish(s->serving.svc, s->serving.cmd, s->serving.req, s->serving.out, err);
	s->done(s->arg);
	free(s);
}

bool service_answer_soon(struct service *svc, enum cx_command cmd, struct cx_request *req,
			 struct cx_served *out, void (*done)(void *arg), void *arg)
{
	struct shared *s = malloc(sizeof(*s));
	const struct store_waiter w = {kept, s};
	int err;

	if (!s) { /* then the commit is not shared */
		service_answer(svc, cmd, req, out);
		return true;
	}
	*s = (struct shared){{.svc = svc, .cmd = cmd, .req = req, .out = out}, done, arg};
	err = serve(&s->serving, &w);
	if (err == STORE_LATER)
		return false;
	free(s);
	finish(svc, cmd, req, out, err);
	return true;
}

void served_free(struct cx_served *served)
{
	explicit_bzero(&served->ans, sizeof(served->ans));
	subscription_free(served->sub);
	free(served->profile);
	memset(served, 0, sizeof(*served));
}
