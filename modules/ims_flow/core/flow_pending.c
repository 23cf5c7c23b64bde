/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_flow/core/flow_pending.h"
#include "modules/ims_flow/core/flow_pairs.h"

#define EVICT_STEPS 256

static bool asked_before(const struct flow_set *f, const struct flow_attempt *a)
{
	if (!netaddr_ip_eq(&f->ue, &a->ue) || f->ue_port != a->ue_port)
		return false;
	for (int i = 0; i < FLOW_SA_SETS; i++)
		if (f->sa[i].state == SA_TEMPORARY && f->sa[i].port_us == a->sa.port_us)
			return true;
	return false;
}

void flow_pending_limit(struct flow_table *t, const struct flow_attempt *a, struct flow_effects *fx)
{
	struct slice impi = slice_str(a->impi);
	struct flow_set *f = flow_by_impi(t, impi, NULL), *oldest = NULL;
	unsigned pending = 0;

	while (f) {
		struct flow_set *next = flow_by_impi(t, impi, f);

		if (f->state == FLOW_PENDING && asked_before(f, a)) {
			flow_remove(t, f, fx);
		} else if (f->state == FLOW_PENDING) {
			pending++;
			if (!oldest || f->made_ms <= oldest->made_ms)
				oldest = f;
		}
		f = next;
	}
	if (pending >= FLOW_PENDING_MAX)
		flow_remove(t, oldest, fx);
}

/* Something may be ended for another one: a bounded look. */
static bool any_pending(struct flow_table *t)
{
	for (unsigned i = 0; i < EVICT_STEPS; i++) {
		const struct flow_set *f = flow_under_hand(t);

		if (f && f->state == FLOW_PENDING)
			return true;
	}
	return false;
}

int flow_may_begin(struct flow_table *t, const struct flow_attempt *a, unsigned per_impi)
{
	struct slice impi = slice_str(a->impi);
	struct flow_set *f = NULL;
	unsigned n = 0;
	bool replaces = false, pending = false;

	while ((f = flow_by_impi(t, impi, f)) != NULL) {
		n += flow_alive(f);
		replaces |= flow_replaces(a, f);
		pending |= f->state == FLOW_PENDING;
	}
	if (n >= per_impi && !replaces)
		return FLOW_LIFE_MANY;
	if (flow_table_count(t) < flow_table_max(t) || pending || any_pending(t))
		return FLOW_LIFE_OK;
	return FLOW_LIFE_FULL;
}

bool flow_pending_evict(struct flow_table *t, struct flow_effects *fx)
{
	for (unsigned i = 0; i < EVICT_STEPS; i++) {
		struct flow_set *f = flow_under_hand(t);

		if (f && f->state == FLOW_PENDING) {
			flow_remove(t, f, fx);
			return true;
		}
	}
	return false;
}

bool flow_has_ue_spi(const struct flow_set *f, const struct sa_set *sa)
{
	for (int i = 0; i < FLOW_SA_SETS; i++)
		if (f->sa[i].state != SA_FREE &&
		    (f->sa[i].spi_uc == sa->spi_uc || f->sa[i].spi_us == sa->spi_us ||
		     f->sa[i].spi_uc == sa->spi_us || f->sa[i].spi_us == sa->spi_uc))
			return true;
	return false;
}

/* Which of the SAs of sa would have names that those of older have; bits as in sa_set.missing. */
static uint8_t same_names(const struct sa_set *sa, const struct sa_set *older)
{
	uint32_t uc = older->missing & SA_BIT_UC ? 0 : older->spi_uc;
	uint32_t us = older->missing & SA_BIT_US ? 0 : older->spi_us;

	if (older->state == SA_FREE)
		return 0;
	return (uint8_t)((sa->spi_uc == uc || sa->spi_uc == us ? SA_BIT_UC : 0) |
			 (sa->spi_us == uc || sa->spi_us == us ? SA_BIT_US : 0));
}

uint8_t flow_spis_in_use(struct flow_table *t, const struct flow_attempt *a)
{
	struct slice impi = slice_str(a->impi);
	struct flow_set *g = NULL;
	uint8_t bits = 0;

	while ((g = flow_by_impi(t, impi, g)) != NULL)
		for (int i = 0; i < FLOW_SA_SETS && flow_alive(g); i++)
			if (netaddr_ip_eq(&g->ue, &a->ue) &&
			    netaddr_ip_eq(&g->sa[i].outer, &a->sa.outer))
				bits |= same_names(&a->sa, &g->sa[i]);
	return bits;
}

/* The SAs of older that have names of sa are somebody else's now. */
static void give_up_names(struct sa_set *older, const struct sa_set *sa)
{
	/* Bits of older, not of sa. */
	if (older->state != SA_FREE)
		older->missing |= same_names(older, sa);
}

void flow_take_spis(struct flow_table *t, struct flow_set *f, unsigned slot, int64_t now,
		    struct flow_effects *fx)
{
	struct sa_set *sa = &f->sa[slot], whole = *sa;
	struct slice impi = slice_str(f->impi);
	int64_t left = sa->life_s - (now - sa->made_ms) / 1000;
	struct flow_set *g = NULL;

	if (!sa->missing)
		return;
	whole.missing = 0;
	while ((g = flow_by_impi(t, impi, g)) != NULL) {
		if (g == f || !netaddr_ip_eq(&g->ue, &f->ue))
			continue;
		flow_change(g);
		for (int i = 0; i < FLOW_SA_SETS; i++)
			if (netaddr_ip_eq(&g->sa[i].outer, &sa->outer))
				give_up_names(&g->sa[i], &whole);
		flow_changed(g);
	}
	flow_fx(fx, FX_SA_REST, f, sa, 0, (uint32_t)(left > 1 ? left : 1));
	flow_change(f);
	sa->missing = 0;
	flow_settle(t, f, slot, fx);
	flow_changed(f);
}

void flow_pending_remove_same_spi(struct flow_table *t, const struct flow_attempt *a,
				  struct flow_effects *fx)
{
	struct slice impi = slice_str(a->impi);
	struct flow_set *f = flow_by_impi(t, impi, NULL);

	while (f) {
		struct flow_set *next = flow_by_impi(t, impi, f);

		if (!flow_alive(f) && f->id != a->set_id && netaddr_ip_eq(&f->ue, &a->ue) &&
		    flow_has_ue_spi(f, &a->sa))
			flow_remove(t, f, fx);
		f = next;
	}
}

/* The next SA set of another IMPI at this end: kind 0 by port_uc, 1 by port_us. NULL: none. */
static struct sa_set *same_port(struct flow_table *t, const struct netaddr *ue, uint16_t port,
				const struct netaddr *local, const char *impi, unsigned kind,
				struct flow_hit *hit)
{
	while (flow_by_addr(t, ue, port, hit))
		if (hit->link != FLOW_LINK_PLAIN && hit->link % 2 == kind &&
		    hit->f->state != FLOW_CLOSING && netaddr_ip_eq(&hit->f->local, local) &&
		    strcmp(hit->f->impi, impi) != 0)
			return &hit->f->sa[hit->link / 2];
	return NULL;
}

static bool in_use(const struct sa_set *sa)
{
	return sa->state == SA_IN_USE || sa->state == SA_NEW;
}

bool flow_port_taken(struct flow_table *t, const struct flow_attempt *a)
{
	struct flow_hit hit = {NULL, 0};
	const struct sa_set *sa;

	while ((sa = same_port(t, &a->ue, a->sa.port_uc, &a->local, a->impi, 0, &hit)) != NULL)
		/* What a UE behind a NAT says its address is weighs less than where this one is. */
		if (in_use(sa) && !sa->outer.family)
			return true;
	return false;
}

void flow_same_port_drop(struct flow_table *t, const struct flow_attempt *a,
			 struct flow_effects *fx)
{
	struct flow_hit hit = {NULL, 0};
	const struct sa_set *sa;

	while ((sa = same_port(t, &a->ue, a->sa.port_uc, &a->local, a->impi, 0, &hit)) != NULL) {
		if (sa->state != SA_TEMPORARY)
			continue;
		if (hit.f->state == FLOW_PENDING) {
			flow_remove(t, hit.f, fx);
		} else {
			flow_change(hit.f);
			flow_sa_remove(t, hit.f, hit.link / 2, fx);
			flow_changed(hit.f);
		}
		hit = (struct flow_hit){NULL, 0};
	}
}

void flow_same_port_end(struct flow_table *t, const struct flow_set *f, unsigned slot,
			struct flow_effects *fx)
{
	struct flow_hit hit = {NULL, 0};
	const struct sa_set *sa;

	while (flow_has_room(fx) && (sa = same_port(t, &f->ue, f->sa[slot].port_us, &f->local,
						    f->impi, 1, &hit)) != NULL) {
		/* Those behind a NAT are not here anyway; flow_accept() closes them. */
		if (!in_use(sa) || sa->outer.family)
			continue;
		flow_tell(fx, FLOW_NOTICE_DEAD, hit.f, 0, "address");
		flow_remove(t, hit.f, fx);
		hit = (struct flow_hit){NULL, 0};
	}
}
