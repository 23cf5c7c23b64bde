/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Anybody can connect to a leg whose gate is open, and only the TLS handshake shows who is the peer.
 * Until then a connection is a newcomer beside others: what one of them does, or does not do, costs
 * the others nothing. A leg and a worker have a bounded number, each for a bounded time; who comes
 * from the address that signalling named goes before the rest.
 */
#include "agw/media/worker.h"

bool newcomers_expected(const struct media_leg *leg, const struct netaddr *from)
{
	return !netaddr_known(&leg->cfg.remote) || netaddr_ip_eq(&leg->cfg.remote, from);
}

bool newcomers_one_expected(const struct media_leg *leg)
{
	for (const struct stream_conn *c = leg->s.newcomers; c; c = c->next)
		if (newcomers_expected(leg, &c->peer))
			return true;
	return false;
}

/* Whether c may be asked to go for somebody who is expected or not. */
static bool may_be_evicted(const struct stream_conn *c, bool for_expected)
{
	const struct media_leg *leg = c->source.leg;
	bool expected = newcomers_expected(leg, &c->peer);

	if (for_expected && !expected)
		return true;
	return expected <= for_expected && leg->worker->now_ms - c->since_ms >= NEWCOMER_GRACE_MS;
}

/* The oldest of the leg (from one address, if from is given) that may go. */
static struct stream_conn *oldest(const struct media_leg *leg, const struct netaddr *from,
				  bool for_expected)
{
	struct stream_conn *found = NULL;

	for (struct stream_conn *c = leg->s.newcomers; c; c = c->next)
		if (may_be_evicted(c, for_expected) && (!from || netaddr_ip_eq(&c->peer, from)))
			found = c;
	return found;
}

static unsigned count_from(const struct media_leg *leg, const struct netaddr *from)
{
	unsigned n = 0;

	for (const struct stream_conn *c = leg->s.newcomers; c; c = c->next)
		n += netaddr_ip_eq(&c->peer, from);
	return n;
}

static void add(struct stream_conn *c)
{
	struct media_leg *leg = c->source.leg;
	struct worker *w = leg->worker;

	c->newcomer = true;
	c->next = leg->s.newcomers;
	leg->s.newcomers = c;
	leg->s.n_newcomers++;
	c->older = w->newest;
	c->newer = NULL;
	if (w->newest)
		w->newest->newer = c;
	else
		w->oldest = c;
	w->newest = c;
	w->n_newcomers++;
}

void newcomers_remove(struct stream_conn *c)
{
	struct media_leg *leg = c->source.leg;
	struct worker *w = leg->worker;
	struct stream_conn **p = &leg->s.newcomers;

	while (*p != c)
		p = &(*p)->next;
	*p = c->next;
	leg->s.n_newcomers--;
	if (c->older)
		c->older->newer = c->newer;
	else
		w->oldest = c->newer;
	if (c->newer)
		c->newer->older = c->older;
	else
		w->newest = c->older;
	w->n_newcomers--;
	c->newcomer = false;
	c->next = NULL;
}

bool newcomers_take(struct stream_conn *c, struct stream_conn **evicted)
{
	const struct media_leg *leg = c->source.leg;
	const struct worker *w = leg->worker;
	bool expected = newcomers_expected(leg, &c->peer), full = true;

	*evicted = NULL;
	if (count_from(leg, &c->peer) >= NEWCOMERS_SOURCE_MAX)
		*evicted = oldest(leg, &c->peer, expected);
	else if (leg->s.n_newcomers >= NEWCOMERS_MAX)
		*evicted = oldest(leg, NULL, expected);
	else if (w->n_newcomers >= NEWCOMERS_WORKER_MAX)
		*evicted = w->oldest && may_be_evicted(w->oldest, expected) ? w->oldest : NULL;
	else
		full = false;
	if (full && !*evicted)
		return false;
	add(c);
	return true;
}
