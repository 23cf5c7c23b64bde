/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/sh/service.h"

#include <stdlib.h>

#include "hss/counters.h"
#include "hss/provision/change.h"
#include "hss/sh/data.h"
#include "hss/sh/notice.h"
#include "hss/subscription/activation.h"
#include "hss/subscription/registration.h"

/* One request being served. */
struct serving {
	struct service *svc;
	struct transaction *tx;		    /* while there is one */
	const struct sh_document *document; /* what is sent, or NULL */
	struct sh_update update;
	bool commit;
	const struct sh_request *req;
	struct sh_request named; /* req with what its document names */
	struct sh_known known;
	struct subscription *sub;
	struct sh_view view;
	struct sh_served *out;
};

static bool is_result(const struct sh_served *out, struct result result)
{
	return out->result.code == result.code && out->result.experimental == result.experimental;
}

/* A wildcard stands for what matches it from here on, and is named in the answer. */
static int find_public(struct serving *s, int64_t *id)
{
	char found[IDENTITY_SIZE];
	int err = store_find_public(s->tx, s->req->identity, found, id);

	if (err || strcmp(found, s->req->identity) == 0)
		return err;
	if (s->req != &s->named)
		s->named = *s->req;
	strcpy(s->named.identity, found);
	s->req = &s->named;
	strcpy(s->out->wildcard, found);
	return 0;
}

static int find_subscription(struct serving *s, int64_t *id)
{
	if (s->req->identity[0])
		return find_public(s, id);
	if (s->req->msisdn[0])
		return store_find_msisdn(s->tx, slice_str(s->req->msisdn), id);
	return STORE_ENOTFOUND;
}

static int load_repositories(struct serving *s)
{
	int impu = subscription_impu(s->sub, slice_str(s->req->identity)), err = 0;
	char owner[REPOSITORY_OWNER_SIZE];

	if (impu < 0)
		return 0;
	repository_owner(s->sub, impu, owner);
	for (size_t i = 0; i < s->req->n_service && err == 0; i++) {
		struct repository *r = &s->known.repository[i];

		err = store_repository(s->tx, s->sub->id, owner, s->req->service[i], r);
		if (err == STORE_ENOTFOUND)
			err = slice_copy(s->req->service[i], r->service, sizeof(r->service))
				  ? STORE_EIO
				  : 0;
	}
	return err;
}

/* All that the store knows about the request, inside the transaction. */
static int learn(struct serving *s)
{
	int64_t id;
	int err = store_allowed(s->tx, slice_str(s->req->as), s->known.allowed);

	s->known.charging = &s->svc->policy.charging;
	if (err == 0)
		err = find_subscription(s, &id);
	if (err == 0)
		err = store_load(s->tx, id, s->sub);
	if (err)
		return err == STORE_ENOTFOUND ? 0 : err;
	s->known.sub = s->sub;
	s->out->wildcard_service =
	    s->out->wildcard[0] &&
	    s->sub->impu[subscription_impu(s->sub, slice_str(s->out->wildcard))].service;
	return load_repositories(s);
}

static void forget(struct serving *s)
{
	for (size_t i = 0; i < SH_SERVICES_MAX; i++)
		repository_free(&s->known.repository[i]);
	subscription_free(s->sub);
}

/* What would be too much for one message is not given: he can ask for less at a time. */
static int render(struct serving *s)
{
	if (!s->view.references)
		return 0;
	s->out->data = sh_data_write(&s->view, &s->out->len);
	if (s->out->data && s->out->len > s->svc->sh.user_data_max) {
		sh_served_free(s->out);
		s->out->result = CX_TOO_MUCH_DATA;
		return 0;
	}
	if (s->out->data)
		return 0;
	s->out->why = "the data cannot be written; see the subscriber's ifc lines and names";
	return STORE_EIO;
}

static int pull(struct serving *s)
{
	int err = store_begin(s->svc->store, false, &s->tx);

	if (err)
		return err;
	err = learn(s);
	store_rollback(s->tx);
	if (err)
		return err;
	s->out->result = sh_pull(s->req, &s->known, &s->view, &s->out->missing);
	return render(s);
}

static int keep_one(struct serving *s, enum sh_change change, const struct repository *update)
{
	char owner[REPOSITORY_OWNER_SIZE];

	repository_owner(s->sub, s->view.impu, owner);
	return change == SH_PUT
		   ? store_put_repository(s->tx, s->sub->id, owner, update)
		   : store_remove_repository(s->tx, s->sub->id, owner, update->service);
}

/* In a transaction, which may have been begun before. */
static void restart(struct serving *s, struct transaction *tx)
{
	for (size_t i = 0; i < SH_SERVICES_MAX; i++)
		repository_free(&s->known.repository[i]);
	memset(&s->known, 0, sizeof(s->known));
	memset(&s->view, 0, sizeof(s->view));
	sh_served_free(s->out);
	s->tx = tx;
	s->commit = false;
}

/* Serve in a writing transaction, and tell whom a change concerns. */
static int serve_in(struct serving *s, int (*body)(struct transaction *, void *))
{
	int err = store_transact(s->svc->store, true, body, s);

	if (err == 0 && s->commit)
		service_changed(s->svc);
	return err;
}

/* Is the subscription for any of the data that have been changed? */
static bool concerned(const struct serving *s, const struct sh_subscription *of)
{
	uint64_t shared = alias_set(s->sub, s->view.impu);
	int impu = subscription_impu(s->sub, slice_str(of->user));

	if (impu < 0 || !(shared & IMPU_BIT(impu)))
		return false;
	for (size_t i = 0; i < s->document->n_repository; i++)
		if (of->reference == SH_REPOSITORY_DATA &&
		    strcmp(of->service, s->document->repository[i].service) == 0)
			return true;
	for (size_t i = 0; i < s->document->n_dsai; i++)
		if (of->reference == SH_DSAI && strcmp(of->service, s->document->dsai[i].tag) == 0)
			return true;
	return of->reference == SH_PSI_ACTIVATION && s->document->has_activation;
}

/* The AS that makes a change knows it; the others that have subscribed are told (6.1.2.1). */
static int note_own_change(struct serving *s)
{
	struct sh_subscription *of = calloc(SH_SUBSCRIPTIONS_OF_USER, sizeof(*of));
	int n = of ? store_subscriptions(s->tx, s->sub->id, 0, of, SH_SUBSCRIPTIONS_OF_USER)
		   : STORE_EIO;
	int err = n < 0 ? n : 0;

	for (int i = 0; i < n && err == 0; i++) {
		struct sh_notice notice;

		if (strcasecmp(of[i].host, s->req->as) != 0 || !concerned(s, &of[i]))
			continue;
		err = sh_notice_make(s->tx, s->known.charging, s->sub, &of[i], &notice);
		if (err)
			break;
		strcpy(of[i].sent, notice.digest);
		of[i].retry_at = 0;
		err = notice.last ? store_end_subscription(s->tx, of[i].id)
				  : store_save_subscription(s->tx, &of[i]);
		sh_notice_free(&notice);
	}
	free(of);
	return err;
}

static int count_services(struct serving *s)
{
	char owner[REPOSITORY_OWNER_SIZE];
	int impu = s->known.sub ? subscription_impu(s->sub, slice_str(s->req->identity)) : -1;

	if (impu < 0)
		return 0;
	repository_owner(s->sub, impu, owner);
	return store_count_repositories(s->tx, s->sub->id, owner, &s->known.services);
}

/* Returns 0, or -1: more is off than there is room for. */
static int switch_all(struct serving *s)
{
	const struct sh_document *d = s->document;

	for (size_t i = 0; i < d->n_dsai; i++)
		if (dsai_switch(s->sub, s->view.impu, slice_str(d->dsai[i].tag), d->dsai[i].active))
			return -1;
	if (!d->has_activation)
		return 0;
	service_switch(&s->sub->impu[s->view.impu], d->active);
	if (!subscription_needs_scscf(s->sub))
		scscf_clear(s->sub);
	return 0;
}

/* As if the operator had changed the profile (6.1.2.1, 4 and 4a): its S-CSCF is told. */
static int keep_switches(struct serving *s)
{
	struct subscription *before = subscription_new();
	int err = before ? store_load(s->tx, s->sub->id, before) : STORE_EIO;

	if (err == 0 && switch_all(s)) {
		s->out->result = CX_TOO_MUCH_DATA;
		err = STORE_NO_CHANGE;
	}
	if (err == 0)
		err = store_save_state(s->tx, s->sub);
	if (err == 0)
		err = store_save_switches(s->tx, s->sub);
	if (err == 0)
		err = provision_tell(s->tx, before, s->sub);
	subscription_free(before);
	return err;
}

/* All of the document. */
static int keep(struct serving *s)
{
	int err = 0;

	if (s->document->n_dsai || s->document->has_activation)
		err = keep_switches(s);
	for (size_t i = 0; i < s->document->n_repository && err == 0; i++)
		err = keep_one(s, s->update.change[i], &s->document->repository[i]);
	return err ? err : note_own_change(s);
}

static int change_data(struct transaction *tx, void *arg)
{
	struct serving *s = arg;
	int err;

	restart(s, tx);
	err = learn(s);
	if (err == 0)
		err = count_services(s);
	if (err)
		return err;
	s->out->result = sh_update(s->req, &s->known, s->document, &s->svc->sh, &s->update,
				   &s->view, &s->out->missing);
	if (!is_result(s->out, RESULT_SUCCESS))
		return STORE_NO_CHANGE;
	err = keep(s);
	s->commit = err == 0;
	return err;
}

/* What cannot be kept where several were sent (Update-Eff). */
static void tell_failed(struct serving *s)
{
	const struct repository *r;

	s->out->failed_reference = s->update.failed_reference;
	if (s->update.failed < 0)
		return;
	r = &s->document->repository[s->update.failed];
	strcpy(s->out->failed_service, r->service);
	s->out->failed_sequence = r->sequence;
}

static int change_by(struct serving *s, const struct sh_document *document)
{
	int err;

	/* the services are named in the document, not beside it */
	s->named = *s->req;
	s->named.n_service = document ? document->n_repository : 0;
	for (size_t i = 0; i < s->named.n_service; i++)
		s->named.service[i] = slice_str(document->repository[i].service);
	s->req = &s->named;
	s->document = document;
	err = serve_in(s, change_data);
	if (err == STORE_EBUSY) { /* step 5: somebody else is at it, and takes too long */
		s->out->result = SH_PRIOR_UPDATE_IN_PROGRESS;
		err = 0;
	}
	if (err == 0)
		tell_failed(s);
	return err;
}

static int update(struct serving *s)
{
	struct sh_document *document = malloc(sizeof(*document));
	enum sh_data_error read =
	    document ? sh_data_read(s->req->user_data, document) : SH_DATA_NO_MEMORY;
	int err = 0;

	if (read == SH_DATA_NO_MEMORY) {
		s->out->why = "no memory";
		err = STORE_EIO;
	} else {
		err = change_by(s, read == SH_DATA_GOOD ? document : NULL);
	}
	if (read == SH_DATA_GOOD)
		sh_document_free(document);
	free(document);
	return err;
}

static int begin_or_end(struct serving *s)
{
	struct sh_subscription *of = calloc(SH_SUBSCRIBE_MAX, sizeof(*of));
	size_t n = of ? sh_subscriptions_of(s->req, &s->view, of) : 0;
	int err = of ? 0 : STORE_EIO;

	for (size_t i = 0; i < n && err == 0; i++) {
		struct sh_notice notice;

		if (s->req->unsubscribe) {
			err = store_unsubscribe(s->tx, &of[i]);
			continue;
		}
		/* what it is now he knows, or can read: only what changes from here on is told */
		err = sh_notice_make(s->tx, s->known.charging, s->sub, &of[i], &notice);
		if (err)
			break;
		strcpy(of[i].sent, notice.digest);
		sh_notice_free(&notice);
		err = store_subscribe(s->tx, &of[i]);
	}
	free(of);
	return err;
}

/* They are counted when they are there, since those that there were before are only renewed. */
static int begin_or_end_if_they_fit(struct serving *s)
{
	struct sh_counts before, after;
	int err = store_count_subscriptions(s->tx, s->sub->id, s->req->as, &before);

	if (err == 0)
		err = begin_or_end(s);
	if (err == 0)
		err = store_count_subscriptions(s->tx, s->sub->id, s->req->as, &after);
	if (err == 0)
		s->out->result = sh_subscriptions_fit(&before, &after, &s->svc->sh);
	return err;
}

static int change_subscriptions(struct transaction *tx, void *arg)
{
	struct serving *s = arg;
	int err;

	restart(s, tx);
	err = learn(s);
	if (err)
		return err;
	s->out->result = sh_subscribe(s->req, &s->known, &s->view, &s->out->missing);
	if (!is_result(s->out, RESULT_SUCCESS))
		return STORE_NO_CHANGE;
	err = begin_or_end_if_they_fit(s);
	if (err == 0 && is_result(s->out, RESULT_SUCCESS))
		err = render(s);
	s->commit = err == 0 && is_result(s->out, RESULT_SUCCESS);
	s->out->give_expiry = s->commit && s->req->has_expiry && !s->req->unsubscribe;
	return err || s->commit ? err : STORE_NO_CHANGE;
}

static int subscribe(struct serving *s)
{
	return serve_in(s, change_subscriptions);
}

static void count(enum counter counter, const struct sh_served *out)
{
	counter_add(counter, 1);
	counter_add(COUNT_redirected, out->result.code == RESULT_REDIRECT.code);
	if (out->result.code < 3000 || out->result.code == RESULT_REDIRECT.code)
		return;
	counter_add(COUNT_sh_limited,
		    is_result(out, CX_TOO_MUCH_DATA) || is_result(out, RESULT_RESOURCES_EXCEEDED));
	counter_add(is_result(out, CX_USER_UNKNOWN)	       ? COUNT_user_unknown
		    : is_result(out, CX_IDENTITIES_DONT_MATCH) ? COUNT_identities_dont_match
							       : COUNT_refused,
		    1);
}

/* He may be another subscriber base's (TS 29.328 6.5). */
static int redirect(struct serving *s)
{
	struct slice name = slice_str(s->req->identity);
	int err = service_redirect(s->svc, &name, 1, s->out->redirect);

	if (err == STORE_ENOTFOUND)
		return 0;
	if (err == 0) {
		s->out->result = RESULT_REDIRECT;
		s->out->missing = SH_MISSING_NOTHING;
	}
	return err;
}

static void serve(struct service *svc, const struct sh_request *req, struct sh_served *out,
		  enum counter counter, int (*procedure)(struct serving *))
{
	struct serving *s = calloc(1, sizeof(*s));
	int err = STORE_EIO;

	memset(out, 0, sizeof(*out));
	out->failed_reference = -1;
	out->why = "no memory";
	if (s) {
		*s = (struct serving){.svc = svc,
				      .req = req,
				      .out = out,
				      .update = {.failed = -1, .failed_reference = -1}};
		s->sub = subscription_new();
		if (s->sub) {
			out->why = NULL;
			err = procedure(s);
			if (err == 0 && !s->known.sub && req->identity[0])
				err = redirect(s);
		}
		forget(s);
		free(s);
	}
	if (err) {
		/* that the server is away was said once, when it went */
		if (!out->why && err != STORE_EAWAY)
			out->why = service_advice(err);
		sh_served_free(out);
		out->result = err == STORE_EAWAY ? RESULT_TOO_BUSY : RESULT_UNABLE_TO_COMPLY;
		counter_add(COUNT_store_errors, 1);
	}
	count(counter, out);
}

void sh_serve_pull(struct service *svc, const struct sh_request *req, struct sh_served *out)
{
	serve(svc, req, out, COUNT_udr, pull);
}

void sh_serve_update(struct service *svc, const struct sh_request *req, struct sh_served *out)
{
	serve(svc, req, out, COUNT_pur, update);
}

void sh_serve_subscribe(struct service *svc, const struct sh_request *req, struct sh_served *out)
{
	serve(svc, req, out, COUNT_snr, subscribe);
}

void sh_served_free(struct sh_served *served)
{
	free(served->data);
	served->data = NULL;
	served->len = 0;
}
