/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cx/push.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/log.h"
#include "hss/counters.h"
#include "hss/diameter/cx_client.h"
#include "hss/subscription/registration.h"
#include "hss/subscription/wildcard.h"

enum { WHY_SIZE = 512 };

/* An order being carried out; the last step frees it. */
struct job {
	struct service *svc;
	struct push_order order;
	char impi[IDENTITY_SIZE], info[128];
	char impus[SUB_IMPUS_MAX][IDENTITY_SIZE]; /* canonical */
	struct subscription *sub;		  /* as it was when the job began */
	int index;				  /* of impi in sub */
	uint64_t sent;				  /* identities whose set a PPR was sent for */
	int at;					  /* the identity whose set is under way */
	bool failed;
	char why[WHY_SIZE];
};

static void finish(struct job *j, bool ok)
{
	j->order.done(j->order.arg, ok ? NULL : j->why);
	subscription_free(j->sub);
	free(j);
}

/* Begin a transaction and load the subscription of impi. After 0 a commit or rollback of *out is due. */
static int begin_with(struct job *j, struct subscription *sub, bool write, int *index,
		      struct transaction **out)
{
	struct transaction *tx;
	int64_t id;
	int err = store_begin(j->svc->store, write, &tx);

	if (err) {
		snprintf(j->why, sizeof(j->why), "%s", store_strerror(err));
		return -1;
	}
	err = store_find_impi(tx, slice_str(j->impi), &id);
	if (err == 0)
		err = store_load(tx, id, sub);
	*index = err ? -1 : subscription_impi(sub, slice_str(j->impi));
	if (err || *index < 0) {
		snprintf(j->why, sizeof(j->why), "%s: %s", j->impi,
			 store_strerror(err ? err : STORE_ENOTFOUND));
		store_rollback(tx);
		return -1;
	}
	*out = tx;
	return 0;
}

/* Write the state and commit, or roll back. */
static int commit(struct job *j, struct transaction *tx, const struct subscription *sub)
{
	int err = store_end(tx, store_save_state(tx, sub));

	if (err == 0)
		service_changed(j->svc);
	if (err)
		snprintf(j->why, sizeof(j->why), "%s", store_strerror(err));
	return err ? -1 : 0;
}

/* Say how a request went. Returns whether the S-CSCF agreed. */
static bool report(struct job *j, const char *what, const struct outcome *o)
{
	if (o->code == 2001 && !o->experimental) {
		outbuf_printf(j->order.out, "%s answered by %s: %u\n", what, o->from, o->code);
		return true;
	}
	if (!o->answered)
		snprintf(j->why, sizeof(j->why), "%s: the S-CSCF did not answer", what);
	else if (o->code == 0)
		snprintf(j->why, sizeof(j->why), "%s: the S-CSCF's answer cannot be read", what);
	else
		snprintf(j->why, sizeof(j->why), "%s: %s answered %s%u%s", what, o->from,
			 o->experimental ? "experimental " : "", o->code,
			 o->code == 3002 ? " (the S-CSCF is not connected)" : "");
	log_line(LOG_NOTICE, "%s", j->why);
	return false;
}

static void report_unsent(struct job *j, const char *what, int err)
{
	snprintf(j->why, sizeof(j->why), "%s not sent: %s", what,
		 err == EINVAL ? "the profile cannot be written" : strerror(err));
	log_line(LOG_NOTICE, "%s", j->why);
}

static int identities_of(struct job *j, const struct subscription *sub, uint64_t *mask)
{
	*mask = 0;
	for (size_t i = 0; i < j->order.n_impus; i++) {
		int at = subscription_impu(sub, slice_str(j->impus[i]));

		if (at < 0) {
			snprintf(j->why, sizeof(j->why),
				 "%s is no public identity of this subscription", j->impus[i]);
			return -1;
		}
		*mask |= IMPU_BIT(at);
	}
	return 0;
}

static struct job *job_new(struct service *svc, const struct push_order *order)
{
	struct job *j = calloc(1, sizeof(*j));
	struct transaction *tx;

	if (j)
		j->sub = subscription_new();
	if (!j || !j->sub) {
		free(j);
		order->done(order->arg, "no memory");
		return NULL;
	}
	j->svc = svc;
	j->order = *order;
	if (slice_copy(order->impi, j->impi, sizeof(j->impi)) || order->n_impus > SUB_IMPUS_MAX) {
		snprintf(j->why, sizeof(j->why), "an identity is too long, or there are too many");
		finish(j, false);
		return NULL;
	}
	snprintf(j->info, sizeof(j->info), "%s", order->info ? order->info : "");
	for (size_t i = 0; i < order->n_impus; i++)
		if (identity_stored(order->impus[i], j->impus[i])) {
			snprintf(j->why, sizeof(j->why), "%.*s is no public identity",
				 (int)(order->impus[i].len < 100 ? order->impus[i].len : 100),
				 order->impus[i].p);
			finish(j, false);
			return NULL;
		}
	if (begin_with(j, j->sub, false, &j->index, &tx)) {
		finish(j, false);
		return NULL;
	}
	store_rollback(tx); /* nothing is held while the network is waited for */
	return j;
}

/* The registration may have changed while the RTR travelled: decide again on what is stored now. */
static int keep_deregistered(struct job *j)
{
	struct transaction *tx;
	uint64_t mask;
	int index;

	if (begin_with(j, j->sub, true, &index, &tx))
		return -1;
	if (identities_of(j, j->sub, &mask)) {
		store_rollback(tx);
		return -1;
	}
	cx_rtr_done(j->sub, index, cx_rtr_identities(j->sub, index, mask));
	return commit(j, tx, j->sub);
}

/* The RTR has failed, or was not sent. */
static void rtr_failed(struct job *j)
{
	counter_add(COUNT_rtr_failed, 1);
	if (!j->order.force) {
		finish(j, false);
		return;
	}
	outbuf_printf(j->order.out, "%s; the registration is dropped here all the same\n", j->why);
	finish(j, keep_deregistered(j) == 0);
}

static void on_rta(const struct outcome *outcome, void *arg)
{
	struct job *j = arg;

	if (report(j, "RTR", outcome))
		finish(j, keep_deregistered(j) == 0);
	else
		rtr_failed(j);
}

void push_deregister(struct service *svc, const struct push_order *order)
{
	struct job *j = job_new(svc, order);
	uint64_t mask;
	int err;

	if (!j)
		return;
	if (identities_of(j, j->sub, &mask)) {
		finish(j, false);
		return;
	}
	mask = cx_rtr_identities(j->sub, j->index, mask);
	if (!mask || !j->sub->scscf_host[0]) {
		snprintf(j->why, sizeof(j->why), "%s is not registered", j->impi);
		finish(j, false);
		return;
	}
	counter_add(COUNT_rtr, 1);
	err =
	    cx_send_rtr(j->sub, j->index, mask, order->reason, j->info, order->seconds, on_rta, j);
	if (err) {
		report_unsent(j, "RTR", err);
		rtr_failed(j);
	}
}

/* The registration may have changed while the PPR travelled: decide again on what is stored now. */
static int keep_pushed(struct job *j)
{
	struct subscription *sub = subscription_new();
	struct transaction *tx;
	int index, at, err = -1;

	if (!sub) {
		snprintf(j->why, sizeof(j->why), "no memory");
		return -1;
	}
	if (begin_with(j, sub, true, &index, &tx) == 0) {
		at = subscription_impu(sub, slice_str(j->sub->impu[j->at].uri));
		if (at >= 0 && cx_ppr_done(sub, index, implicit_set(sub, at, index)))
			err = commit(j, tx, sub);
		else
			store_rollback(tx), err = 0;
	}
	subscription_free(sub);
	return err;
}

static void push_next(struct job *j);

/* The S-CSCF has been exchanged for one that does not know the shared sets: it gets them written out. */
static bool wants_written_out(struct job *j, const struct outcome *o)
{
	if (!(j->sub->scscf_features & CX_FEATURE_SIFC) || !o->answered ||
	    o->code !=
		(o->experimental ? CX_FEATURE_UNSUPPORTED.code : RESULT_AVP_UNSUPPORTED.code))
		return false;
	j->sub->scscf_features = 0;
	j->sent &= ~implicit_set(j->sub, j->at, j->index);
	return true;
}

static void on_ppa(const struct outcome *outcome, void *arg)
{
	struct job *j = arg;

	if (wants_written_out(j, outcome)) {
		push_next(j);
		return;
	}
	if (!report(j, "PPR", outcome)) {
		counter_add(COUNT_ppr_failed, 1);
		j->failed = true;
	} else if (keep_pushed(j)) {
		j->failed = true;
	}
	push_next(j);
}

/* The next registered set whose profile has not been sent yet, or the end. */
static void push_next(struct job *j)
{
	const struct subscription *sub = j->sub;
	const struct charging *charging =
	    sub->has_charging ? &sub->charging : &j->svc->policy.charging;

	for (j->at = 0; j->at < (int)sub->n_impu; j->at++) {
		uint64_t set = implicit_set(sub, j->at, j->index);
		int err;

		if ((j->sent & IMPU_BIT(j->at)) || !(sub->impu[j->at].registered & 1u << j->index))
			continue;
		j->sent |= set;
		counter_add(COUNT_ppr, 1);
		err = cx_send_ppr(sub, j->index, set, charging, j->order.seconds, on_ppa, j);
		if (err == 0)
			return;
		report_unsent(j, "PPR", err);
		counter_add(COUNT_ppr_failed, 1);
		j->failed = true;
	}
	if (!j->sent) {
		snprintf(j->why, sizeof(j->why), "%s is not registered", j->impi);
		j->failed = true;
	}
	finish(j, !j->failed);
}

void push_profile(struct service *svc, const struct push_order *order)
{
	struct job *j = job_new(svc, order);

	if (j)
		push_next(j);
}
