/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/partner.h"

#include <stdlib.h>
#include <time.h>

#include "hss/counters.h"
#include "hss/diameter/cx_reply.h"
#include "hss/migration/verdict.h"

_Static_assert((int)RATE_PARTNERS == (int)CONFIG_PARTNERS_MAX, "each partner has a rate");

static struct rates rates = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int64_t monotonic_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Is it let through? b binds him, own is the request with his own identities. */
static struct result judge(struct migration *m, const struct config_peer *peer,
			   const struct cx_request *req, struct binding *b, struct cx_request *own)
{
	struct result r = verdict_partner(m, &rates, peer, req, time(NULL), monotonic_ms(), b, own);

	if (r.code == RESULT_TOO_BUSY.code)
		counter_add(COUNT_partner_limited, 1);
	else if (r.code != RESULT_SUCCESS.code)
		counter_add(COUNT_partner_not_theirs, 1);
	return r;
}

/* Who has it now. */
static void keep(struct migration *m, const struct binding *b, const struct cx_request *req,
		 const struct cx_answer *ans)
{
	struct binding_asker a = {.last = time(NULL)};

	/* they were looked at as they came: each fits */
	slice_copy(req->origin_host, a.host, sizeof(a.host));
	slice_copy(req->origin_realm, a.realm, sizeof(a.realm));
	slice_copy(req->scscf, a.server, sizeof(a.server));
	migration_asked(m, b, &a, ans->resynced);
}

/* It may have ended while the vector was made: then the vector does not leave. */
static void withhold_if_over(struct migration *m, const struct binding *b, struct cx_served *served)
{
	struct binding now;

	if (migration_away(m, b->partner, slice_str(b->pair.impi), &now) == 0 &&
	    strcmp(now.id, b->id) == 0)
		return;
	explicit_bzero(&served->ans, sizeof(served->ans));
	served->ans.result = CX_USER_UNKNOWN;
}

static void serve(struct service *svc, const struct config_peer *peer, const struct cx_request *req,
		  struct cx_served *served)
{
	struct cx_request *own = malloc(sizeof(*own));
	struct binding b;

	served->ans.result = RESULT_UNABLE_TO_COMPLY;
	if (own)
		served->ans.result = judge(svc->migration, peer, req, &b, own);
	if (own && served->ans.result.code == RESULT_SUCCESS.code) {
		service_answer(svc, CX_MAR_AWAY, own, served);
		if (served->ans.n_vectors)
			keep(svc->migration, &b, req, &served->ans);
		withhold_if_over(svc->migration, &b, served);
	}
	free(own);
}

void partner_answer_mar(struct incoming *in, void *arg)
{
	struct service *svc = arg;
	struct cx_served served = {.why = NULL};
	const struct config_peer *peer = incoming_peer(in);
	struct cx_echo echo;
	struct cx_request *req = cx_read(in, &echo);

	if (!req)
		return;
	served.ans.result = CX_USER_UNKNOWN;
	if (!cx_decide_early(CX_MAR, &echo, &served.ans) && peer && svc->migration)
		serve(svc, peer, req, &served);
	cx_reply(in, CX_MAR, req, &echo, &served);
	free(req);
}
