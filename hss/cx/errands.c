/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cx/errands.h"

#include <stdlib.h>
#include <time.h>

#include "daemon/log.h"
#include "hss/counters.h"
#include "hss/cx/errand.h"
#include "hss/cx/push.h"
#include "hss/cx/spread.h"
#include "hss/diameter/cx_client.h"
#include "hss/subscription/registration.h"

enum { AT_ONCE = 32 }; /* begun in one tick */

/* One under way. */
struct job {
	struct job *next;
	struct service *svc;
	struct cx_errand errand;
	struct outbuf out; /* what hssctl would be told */
};

static void job_free(struct job *j)
{
	outbuf_free(&j->out);
	free(j);
}

/* It is done; if that cannot be written, it is done once more. */
static void end(struct job *j)
{
	struct transaction *tx;

	if (store_begin(j->svc->store, true, &tx) == 0)
		store_end(tx, store_end_errand(tx, j->errand.id));
	job_free(j);
}

static void on_pushed(void *arg, const char *error)
{
	if (error)
		job_free(arg); /* it is due again */
	else
		end(arg);
}

/* Whoever answers that it does not know the user has nothing to take back either. */
static bool is_over(const struct outcome *o)
{
	return o->answered && ((!o->experimental && o->code == RESULT_SUCCESS.code) ||
			       (o->experimental && o->code == CX_USER_UNKNOWN.code));
}

static void on_rta(const struct outcome *o, void *arg)
{
	struct job *j = arg;

	if (is_over(o)) {
		end(j);
		return;
	}
	counter_add(COUNT_rtr_failed, 1);
	log_line(LOG_NOTICE, "RTR for %s, who %s: %s%u", j->errand.impi,
		 j->errand.kind == ERRAND_RTR ? "was withdrawn" : "has another S-CSCF",
		 o->answered ? "answer " : "no answer, ", o->code);
	job_free(j);
}

/* The subscription may be gone: what the request needs of it. */
static void send_rtr(struct job *j, unsigned int seconds)
{
	const struct cx_errand *e = &j->errand;
	struct subscription *sub = subscription_new();
	uint64_t all = 0;
	int err = -1;

	if (sub) {
		strcpy(sub->scscf_host, e->host);
		strcpy(sub->scscf_realm, e->realm);
		strcpy(sub->impi[sub->n_impi++].name, e->impi);
		for (size_t i = 0; i < e->n_impus; i++) {
			strcpy(sub->impu[sub->n_impu++].uri, e->impus[i]);
			all |= IMPU_BIT(i);
		}
		counter_add(COUNT_rtr, 1);
		err = cx_send_rtr(sub, 0, all,
				  e->kind == ERRAND_RTR ? DEREG_PERMANENT_TERMINATION
							: DEREG_NEW_SERVER_ASSIGNED,
				  "", seconds, on_rta, j);
	}
	if (err)
		on_rta(&(struct outcome){.answered = false}, j);
	subscription_free(sub);
}

static void begin(struct job *j, unsigned int seconds)
{
	if (j->errand.kind != ERRAND_PPR)
		send_rtr(j, seconds);
	else
		push_profile(j->svc, &(struct push_order){.impi = slice_str(j->errand.impi),
							  .seconds = seconds,
							  .out = &j->out,
							  .done = on_pushed,
							  .arg = j});
}

/* A profile is only for who is registered still. Returns 0, STORE_ENOTFOUND, or another error. */
static int still_wanted(struct transaction *tx, const struct cx_errand *e, struct subscription *sub)
{
	int64_t id;
	int impi, err;

	if (e->kind != ERRAND_PPR)
		return 0;
	err = store_find_impi(tx, slice_str(e->impi), &id);
	if (err == 0)
		err = store_load(tx, id, sub);
	if (err)
		return err;
	impi = subscription_impi(sub, slice_str(e->impi));
	for (size_t i = 0; i < sub->n_impu; i++)
		if (sub->impu[i].registered & 1u << impi)
			return 0;
	return STORE_ENOTFOUND;
}

/* The next one that is due, or NULL; *err says whether that is all. */
static struct job *take(struct service *svc, struct transaction *tx, unsigned int seconds,
			bool send, struct subscription *sub, int *err)
{
	struct job *j = calloc(1, sizeof(*j));
	int64_t now = (int64_t)time(NULL);

	*err = j ? store_due_errand(tx, now, &j->errand) : STORE_EIO;
	if (*err == 0) {
		struct cx_errand *e = &j->errand;
		bool tired = e->tries == ERRAND_TRIES;
		int wanted = tired || !send ? STORE_ENOTFOUND : still_wanted(tx, e, sub);

		j->svc = svc;
		if (send && e->kind == ERRAND_SHARED) {
			*err = spread_piece(tx, e, sub);
			free(j);
			return NULL;
		}
		if (wanted == 0)
			*err = store_retry_errand(tx, e->id,
						  now + seconds + (ERRAND_RETRY_S << e->tries));
		else
			*err = wanted == STORE_ENOTFOUND ? store_end_errand(tx, e->id) : wanted;
		counter_add(COUNT_pushes_given_up, tired);
		if (tired)
			log_line(LOG_NOTICE, "%s for %s given up: the S-CSCF does not agree",
				 e->kind == ERRAND_PPR ? "PPR" : "RTR", e->impi);
		if (*err == 0 && wanted == 0)
			return j;
	}
	free(j);
	return NULL;
}

static bool anything(struct store *store)
{
	struct cx_errand *e = calloc(1, sizeof(*e));
	struct transaction *tx;
	bool due = false;

	if (e && store_begin(store, false, &tx) == 0) {
		due = store_due_errand(tx, (int64_t)time(NULL), e) == 0;
		store_rollback(tx);
	}
	free(e);
	return due;
}

/* In one transaction: what is due is under way, and due again later. */
static struct job *take_all(struct service *svc, unsigned int seconds, bool send,
			    struct subscription *sub)
{
	struct job *list = NULL, **last = &list;
	struct transaction *tx;
	int err = store_begin(svc->store, true, &tx);

	if (err)
		return NULL;
	for (int n = 0; n < AT_ONCE && err == 0; n++) {
		*last = take(svc, tx, seconds, send, sub, &err);
		if (*last)
			last = &(*last)->next;
	}
	if (err == STORE_ENOTFOUND)
		err = 0;
	err = store_end(tx, err);
	while (err && list) {
		struct job *j = list;

		list = j->next;
		job_free(j);
	}
	return list;
}

void errands_tick(struct service *svc, unsigned int seconds, bool send)
{
	struct subscription *sub;
	struct job *list = NULL;

	if (!anything(svc->store))
		return;
	sub = subscription_new();
	if (sub)
		list = take_all(svc, seconds, send, sub);
	subscription_free(sub);
	while (list) {
		struct job *j = list;

		list = j->next;
		begin(j, seconds);
	}
}
