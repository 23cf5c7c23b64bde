/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cx/push.h"

#include "hss/counters.h"
#include "hss/diameter/cx_client.h"
#include "daemon/log.h"
#include "hss/subscription/registration.h"

/* Begin a transaction and load the subscription of impi. After 0 a commit or rollback is due. */
static int begin_with(struct service *svc, struct slice impi, struct subscription *sub, bool write,
		      int *index, char *why, size_t size)
{
	int64_t id;
	int err = store_begin(svc->store, write);

	if (err) {
		snprintf(why, size, "%s", store_strerror(err));
		return -1;
	}
	err = store_find_impi(svc->store, impi, &id);
	if (err == 0)
		err = store_load(svc->store, id, sub);
	*index = err ? -1 : subscription_impi(sub, impi);
	if (err || *index < 0) {
		snprintf(why, size, "%.*s: %s", (int)(impi.len > 100 ? 100 : impi.len), impi.p,
			 store_strerror(err ? err : STORE_ENOTFOUND));
		store_rollback(svc->store);
		return -1;
	}
	return 0;
}

static int report(const char *what, int err, const struct cx_outcome *o, FILE *out, char *why,
		  size_t size)
{
	if (err)
		snprintf(why, size, "%s not sent: %s", what, strerror(err));
	else if (o->code == 0)
		snprintf(why, size, "%s: the S-CSCF did not answer", what);
	else if (o->code != 2001)
		snprintf(why, size, "%s: %s answered %s%u%s", what, o->from,
			 o->experimental ? "experimental " : "", o->code,
			 o->code == 3002 ? " (the S-CSCF is not connected)" : "");
	else {
		fprintf(out, "%s answered by %s: %u\n", what, o->from, o->code);
		return 0;
	}
	log_line(LOG_NOTICE, "%s", why);
	return -1;
}

static int identities_of(const struct subscription *sub, const struct slice *impus, size_t n,
			 uint64_t *mask, char *why, size_t size)
{
	*mask = 0;
	for (size_t i = 0; i < n; i++) {
		char uri[IDENTITY_SIZE];
		int j =
		    identity_canonical(impus[i], uri) ? -1 : subscription_impu(sub, slice_str(uri));

		if (j < 0) {
			snprintf(why, size, "%.*s is no public identity of this subscription",
				 (int)(impus[i].len > 100 ? 100 : impus[i].len), impus[i].p);
			return -1;
		}
		*mask |= IMPU_BIT(j);
	}
	return 0;
}

/* The registration may have changed while the RTR travelled: decide again on what is stored now. */
static int keep_deregistered(struct service *svc, struct slice impi, struct subscription *sub,
			     const struct slice *impus, size_t n_impus, char *why, size_t size)
{
	uint64_t mask;
	int index, err;

	if (begin_with(svc, impi, sub, true, &index, why, size))
		return -1;
	if (identities_of(sub, impus, n_impus, &mask, why, size)) {
		store_rollback(svc->store);
		return -1;
	}
	cx_rtr_done(sub, index, cx_rtr_identities(sub, index, mask));
	err = store_save_state(svc->store, sub);
	if (err)
		store_rollback(svc->store);
	else
		err = store_commit(svc->store);
	if (err)
		snprintf(why, size, "%s", store_strerror(err));
	return err ? -1 : 0;
}

static int deregister(struct service *svc, struct subscription *sub, struct slice impi,
		      const struct slice *impus, size_t n_impus, enum deregistration_reason reason,
		      const char *info, bool force, unsigned int seconds, FILE *out, char *why,
		      size_t size)
{
	struct cx_outcome outcome;
	uint64_t mask;
	int index, err;

	if (begin_with(svc, impi, sub, false, &index, why, size))
		return -1;
	store_rollback(svc->store); /* nothing is held while the network is waited for */
	if (identities_of(sub, impus, n_impus, &mask, why, size))
		return -1;
	mask = cx_rtr_identities(sub, index, mask);
	if (!mask || !sub->scscf_host[0]) {
		snprintf(why, size, "%s is not registered", sub->impi[index].name);
		return -1;
	}
	counter_add(COUNT_rtr, 1);
	err = cx_send_rtr(sub, index, mask, reason, info, seconds, &outcome);
	if (report("RTR", err, &outcome, out, why, size)) {
		counter_add(COUNT_rtr_failed, 1);
		if (!force)
			return -1;
		fprintf(out, "%s; the registration is dropped here all the same\n", why);
	}
	return keep_deregistered(svc, impi, sub, impus, n_impus, why, size);
}

int push_deregister(struct service *svc, struct slice impi, const struct slice *impus,
		    size_t n_impus, enum deregistration_reason reason, const char *info, bool force,
		    unsigned int seconds, FILE *out, char *why, size_t size)
{
	struct subscription *sub = subscription_new();
	int err = -1;

	if (sub)
		err = deregister(svc, sub, impi, impus, n_impus, reason, info, force, seconds, out,
				 why, size);
	else
		snprintf(why, size, "no memory");
	subscription_free(sub);
	return err;
}

/* The registration may have changed while the PPR travelled: decide again on what is stored now. */
static int keep_pushed(struct service *svc, struct slice impi, int identity, char *why, size_t size)
{
	struct subscription *sub = subscription_new();
	int index, err = 0;

	if (!sub) {
		snprintf(why, size, "no memory");
		return -1;
	}
	if (begin_with(svc, impi, sub, true, &index, why, size)) {
		subscription_free(sub);
		return -1;
	}
	if (identity < (int)sub->n_impu &&
	    cx_ppr_done(sub, index, implicit_set(sub, identity, index)))
		err = store_save_state(svc->store, sub);
	if (err)
		store_rollback(svc->store);
	else
		err = store_commit(svc->store);
	if (err)
		snprintf(why, size, "%s", store_strerror(err));
	subscription_free(sub);
	return err ? -1 : 0;
}

static int push_sets(struct service *svc, const struct subscription *sub, int index,
		     unsigned int seconds, FILE *out, char *why, size_t size)
{
	const struct charging *charging =
	    sub->has_charging ? &sub->charging : &svc->policy.charging;
	uint64_t done = 0;
	int failed = 0;

	for (int i = 0; i < (int)sub->n_impu; i++) {
		uint64_t set = implicit_set(sub, i, index);
		struct cx_outcome outcome;
		int err;

		if ((done & IMPU_BIT(i)) || !(sub->impu[i].registered & 1u << index))
			continue;
		done |= set;
		counter_add(COUNT_ppr, 1);
		err = cx_send_ppr(sub, index, set, charging, seconds, &outcome);
		if (report("PPR", err, &outcome, out, why, size)) {
			counter_add(COUNT_ppr_failed, 1);
			failed++;
		} else if (keep_pushed(svc, slice_str(sub->impi[index].name), i, why, size)) {
			failed++;
		}
	}
	if (!done) {
		snprintf(why, size, "%s is not registered", sub->impi[index].name);
		return -1;
	}
	return failed ? -1 : 0;
}

int push_profile(struct service *svc, struct slice impi, unsigned int seconds, FILE *out, char *why,
		 size_t size)
{
	struct subscription *sub = subscription_new();
	int index, err = -1;

	if (!sub) {
		snprintf(why, size, "no memory");
		return -1;
	}
	if (begin_with(svc, impi, sub, false, &index, why, size) == 0) {
		store_rollback(svc->store);
		err = push_sets(svc, sub, index, seconds, out, why, size);
	}
	subscription_free(sub);
	return err;
}
