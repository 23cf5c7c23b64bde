/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_flow/core/flow_pairs.h"

void flow_fx(struct flow_effects *fx, enum flow_effect_kind kind, const struct flow_set *f,
	     const struct sa_set *sa, uint8_t pair, uint32_t lifetime_s)
{
	if (fx->n == FLOW_EFFECTS_MAX) {
		fx->lost++;
		return;
	}
	fx->fx[fx->n++] = (struct flow_effect){.kind = kind,
					       .ue = f->ue,
					       .local = f->local,
					       .sa = *sa,
					       .pair = pair,
					       .lifetime_s = lifetime_s};
}

#define KERNEL_SLACK_S 90 /* the kernel's own deletion is only the net under ours */
#define ASKED_MAX_S    604800
#define LIFE_MAX_S     (UINT32_MAX / 2)

void flow_tell(struct flow_effects *fx, enum flow_notice_kind kind, const struct flow_set *f,
	       uint64_t by, const char *reason)
{
	struct flow_notice *n;

	if (fx->n_notices == FLOW_NOTICE_MAX) {
		fx->lost++;
		return;
	}
	n = &fx->notices[fx->n_notices++];
	n->kind = kind;
	n->set = *f;
	n->by_id = by;
	if (slice_copy(slice_str(reason), n->reason, sizeof(n->reason)))
		n->reason[0] = '\0';
}

void flow_set_life(const struct flow_set *f, struct sa_set *sa, int64_t now,
		   struct flow_effects *fx)
{
	int64_t s = (sa->ends_ms - now) / 1000 + KERNEL_SLACK_S;
	int64_t life = (sa->ends_ms - sa->made_ms) / 1000 + KERNEL_SLACK_S;

	if (life <= sa->life_s)
		return;
	sa->life_s = (uint32_t)(life > LIFE_MAX_S ? LIFE_MAX_S : life);
	flow_fx(fx, FX_LIFETIME, f, sa, 0, (uint32_t)(s > LIFE_MAX_S ? LIFE_MAX_S : s));
}

uint32_t flow_first_life(const struct flow_timers *tm, uint32_t asked_s)
{
	int64_t s = asked_s > ASKED_MAX_S ? ASKED_MAX_S : asked_s;

	if (s < tm->reg_await_ms / 1000)
		s = tm->reg_await_ms / 1000;
	return (uint32_t)(s + tm->slack_ms / 1000 + KERNEL_SLACK_S);
}

/*
 * A set that has ended yields to all that are registered: a phone may take the ports that it, or
 * another one behind its address, has just released. It yields port_uc even to a temporary set,
 * whose TCP connection begins there; port_us it keeps until the challenge is answered, because a
 * 401 to its own phone still leaves over it.
 */
static int strength(const struct flow_set *f, const struct sa_set *sa, uint8_t pair)
{
	if (sa->missing)
		return 0; /* nothing could be sent over it */
	if (f->state == FLOW_CLOSING)
		return pair == SA_PAIR_UC ? 1 : 3;
	switch (sa->state) {
	case SA_IN_USE:
		return 6;
	case SA_NEW:
		return 5;
	case SA_OLD:
		return 4;
	default:
		return 2;
	}
}

static bool stronger(const struct flow_hit *a, const struct flow_hit *b, uint8_t pair)
{
	const struct sa_set *x = &a->f->sa[a->link / 2], *y = &b->f->sa[b->link / 2];
	int m = strength(a->f, x, pair), n = strength(b->f, y, pair);

	return m != n ? m > n : x->made_ms > y->made_ms;
}

/*
 * The strongest claim on one pair. kind 0: port_uc and port_ps; 1: port_us and port_pc. Whoever
 * else is noted as the owner loses the note if a new owner takes over.
 */
static bool settle(struct flow_table *t, const struct netaddr *ue, const struct netaddr *local,
		   uint16_t port, unsigned kind, struct flow_effects *fx)
{
	uint8_t pair = kind ? SA_PAIR_US : SA_PAIR_UC;
	struct flow_hit hit = {NULL, 0}, best = {NULL, 0};
	struct sa_set *sa;

	while (flow_by_addr(t, ue, port, &hit)) {
		if (hit.link == FLOW_LINK_PLAIN || hit.link % 2 != kind ||
		    !netaddr_ip_eq(&hit.f->local, local) ||
		    hit.f->sa[hit.link / 2].state == SA_FREE)
			continue;
		if (!best.f || stronger(&hit, &best, pair))
			best = hit;
	}
	if (!best.f)
		return false;
	sa = &best.f->sa[best.link / 2];
	if (sa->owns & pair)
		return true;
	hit = (struct flow_hit){NULL, 0};
	while (flow_by_addr(t, ue, port, &hit))
		if (hit.link != FLOW_LINK_PLAIN && hit.link % 2 == kind &&
		    netaddr_ip_eq(&hit.f->local, local))
			hit.f->sa[hit.link / 2].owns &= (uint8_t)~pair;
	sa->owns |= pair;
	flow_fx(fx, FX_PAIR_SET, best.f, sa, pair, 0);
	return true;
}

void flow_settle(struct flow_table *t, const struct flow_set *f, unsigned slot,
		 struct flow_effects *fx)
{
	settle(t, &f->ue, &f->local, f->sa[slot].port_uc, 0, fx);
	settle(t, &f->ue, &f->local, f->sa[slot].port_us, 1, fx);
}

void flow_settle_all(struct flow_table *t, const struct flow_set *f, struct flow_effects *fx)
{
	for (unsigned i = 0; i < FLOW_SA_SETS; i++)
		if (f->sa[i].state != SA_FREE)
			flow_settle(t, f, i, fx);
}

void flow_sa_remove(struct flow_table *t, struct flow_set *f, unsigned slot,
		    struct flow_effects *fx)
{
	struct sa_set *sa = &f->sa[slot], was = *sa;

	if (sa->state == SA_FREE)
		return;
	flow_unlink_addr(t, f, 2 * slot);
	flow_unlink_addr(t, f, 2 * slot + 1);
	memset(sa, 0, sizeof(*sa));
	if (!settle(t, &f->ue, &f->local, was.port_uc, 0, fx) && (was.owns & SA_PAIR_UC))
		flow_fx(fx, FX_PAIR_DEL, f, &was, SA_PAIR_UC, 0);
	if (!settle(t, &f->ue, &f->local, was.port_us, 1, fx) && (was.owns & SA_PAIR_US))
		flow_fx(fx, FX_PAIR_DEL, f, &was, SA_PAIR_US, 0);
	flow_fx(fx, FX_SA_DEL, f, &was, 0, 0);
}
