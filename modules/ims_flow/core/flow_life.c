/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registration: 401, 200, refusal, and the first use of a new SA set. */
#include "modules/ims_flow/core/flow_life.h"
#include "modules/ims_flow/core/flow_identities.h"
#include "modules/ims_flow/core/flow_pairs.h"
#include "modules/ims_flow/core/flow_pending.h"

static int slot_in(const struct flow_set *f, enum sa_state state)
{
	for (int i = 0; i < FLOW_SA_SETS; i++)
		if (f->sa[i].state == state)
			return i;
	return -1;
}

static void remove_in(struct flow_table *t, struct flow_set *f, enum sa_state state,
		      struct flow_effects *fx)
{
	for (unsigned i = 0; i < FLOW_SA_SETS; i++)
		if (f->sa[i].state == state)
			flow_sa_remove(t, f, i, fx);
}

static void to_old(struct flow_table *t, struct flow_set *f, int slot, enum sa_event why,
		   int64_t until, struct flow_effects *fx)
{
	struct sa_set *sa = &f->sa[slot];
	struct state_step step = state_step(&flow_sa_table, sa->state, why);

	if (step.allowed && step.next == SA_OLD) {
		sa->state = SA_OLD;
		if (sa->ends_ms > until)
			sa->ends_ms = until;
		flow_settle(t, f, (unsigned)slot, fx);
	} else if (step.allowed && step.next == SA_FREE) {
		flow_sa_remove(t, f, (unsigned)slot, fx);
	}
}

static void copy(char *to, size_t size, const char *from)
{
	if (slice_copy(slice_str(from), to, size))
		to[0] = '\0';
}

static void describe(struct flow_set *f, const struct flow_attempt *a)
{
	f->proto = a->proto;
	f->conn = a->conn;
	f->reg_id = a->reg_id;
	f->emergency = a->emergency;
	if (a->media_known)
		f->media = a->media;
	copy(f->instance, sizeof(f->instance), a->instance);
	copy(f->contact, sizeof(f->contact), a->contact);
}

/* A new record for the attempt, linked by IMPI, still marked as being changed. */
static struct flow_set *create(struct flow_table *t, const struct flow_attempt *a, uint64_t id,
			       int64_t now, struct flow_effects *fx)
{
	struct flow_set *f = flow_by_id(t, id) ? NULL : flow_table_new(t, id);

	if (!f && !flow_by_id(t, id) && flow_pending_evict(t, fx))
		f = flow_table_new(t, id);
	if (!f)
		return NULL;
	f->ipsec = a->ipsec;
	f->ue = a->ue;
	f->local = a->local;
	f->ue_port = a->ue_port;
	f->local_port = a->local_port;
	f->made_ms = f->seen_ms = now;
	copy(f->impi, sizeof(f->impi), a->impi);
	describe(f, a);
	flow_link_impi(t, f);
	return f;
}

/*
 * A UE behind a NAT says itself which address it has inside. It must not claim one that another UE
 * uses: what is sent there would be its own.
 */
static bool is_taken(struct flow_table *t, const struct flow_attempt *a)
{
	const uint16_t ports[2] = {a->sa.port_uc, a->sa.port_us};

	for (int i = 0; i < 2; i++) {
		struct flow_hit hit = {NULL, 0};

		while (flow_by_addr(t, &a->ue, ports[i], &hit)) {
			const struct sa_set *sa = &hit.f->sa[hit.link / 2];

			if (hit.f->state == FLOW_CLOSING)
				continue;
			if (hit.link == FLOW_LINK_PLAIN ||
			    !netaddr_ip_eq(&sa->outer, &a->sa.outer) ||
			    strcmp(hit.f->impi, a->impi) != 0)
				return true;
		}
	}
	return false;
}

int flow_challenge(struct flow_table *t, const struct flow_attempt *a, const struct flow_timers *tm,
		   int64_t now, struct flow_effects *fx, struct flow_set **out, unsigned *out_slot)
{
	struct flow_set *f = a->over_set ? flow_by_id(t, a->set_id) : NULL;
	int slot;

	if (a->over_set && !f)
		return FLOW_LIFE_GONE;
	if (f && flow_has_ue_spi(f, &a->sa))
		return FLOW_LIFE_SPI;
	if (a->sa.outer.family ? is_taken(t, a) : flow_port_taken(t, a))
		return FLOW_LIFE_TAKEN;
	flow_same_port_drop(t, a, fx);
	if (f && f->state != FLOW_CLOSING) {
		if (!state_step(&flow_set_table, f->state, FLOW_EVENT_CHALLENGED).allowed ||
		    !f->ipsec)
			return FLOW_LIFE_STATE;
		flow_change(f);
		slot = slot_in(f, SA_TEMPORARY);
		if (slot >= 0 && f->sa[slot].spi_ps == a->over_spi) {
			/* This 401 still has to travel over the set whose challenge failed. */
			remove_in(t, f, SA_OLD, fx);
			to_old(t, f, slot, SA_EV_REFUSED, now + tm->linger_ms, fx);
		} else if (slot >= 0) {
			flow_sa_remove(t, f, (unsigned)slot, fx);
		}
		if (slot_in(f, SA_FREE) < 0)
			remove_in(t, f, SA_OLD, fx);
	} else {
		uint64_t id = f ? a->spare_id : a->set_id;

		flow_pending_limit(t, a, fx);
		f = create(t, a, id, now, fx);
		if (!f)
			return FLOW_LIFE_FULL;
	}
	slot = slot_in(f, SA_FREE);
	if (slot < 0) {
		flow_changed(f);
		return FLOW_LIFE_STATE;
	}
	f->state = state_step(&flow_set_table, f->state, FLOW_EVENT_CHALLENGED).next;
	if (f->state == FLOW_PENDING)
		f->closes_ms = now + tm->reg_await_ms;
	f->sa[slot] = a->sa;
	f->sa[slot].missing = a->over_set ? 0 : flow_spis_in_use(t, a);
	f->sa[slot].state = state_step(&flow_sa_table, SA_FREE, SA_EV_CHALLENGED).next;
	f->sa[slot].owns = 0;
	f->sa[slot].made_ms = now;
	f->sa[slot].accepted_ms = 0;
	f->sa[slot].ends_ms = now + tm->reg_await_ms;
	flow_link_addr(t, f, 2 * (unsigned)slot);
	flow_link_addr(t, f, 2 * (unsigned)slot + 1);
	flow_settle(t, f, (unsigned)slot, fx);
	flow_changed(f);
	*out = f;
	*out_slot = (unsigned)slot;
	return FLOW_LIFE_OK;
}

void flow_unchallenge(struct flow_table *t, struct flow_set *f, unsigned slot,
		      struct flow_effects *fx)
{
	if (f->state == FLOW_PENDING) {
		flow_remove(t, f, fx);
		return;
	}
	flow_change(f);
	flow_sa_remove(t, f, slot, fx);
	flow_changed(f);
}

bool flow_replaces(const struct flow_attempt *a, const struct flow_set *g)
{
	if (g->state == FLOW_PENDING || g->state == FLOW_CLOSING || g->emergency != a->emergency)
		return false;
	if (a->reg_id && a->instance[0])
		return g->reg_id == a->reg_id && strcmp(g->instance, a->instance) == 0;
	return !(g->reg_id && g->instance[0]) && netaddr_ip_eq(&g->ue, &a->ue) &&
	       (!g->instance[0] || !a->instance[0] || strcmp(g->instance, a->instance) == 0);
}

/* Its place is taken, but it stays: for as long as it is registered, or as somebody else held it.
 */
static void keep_replaced(struct flow_set *g, int64_t now)
{
	if (g->state == FLOW_ACTIVE && g->expires_ms > now && g->held_ms <= now) {
		flow_change(g);
		g->held_ms = g->expires_ms;
		flow_changed(g);
	}
}

static void end_replaced(struct flow_table *t, const struct flow_set *f,
			 const struct flow_attempt *a, int64_t now, struct flow_effects *fx)
{
	struct slice impi = slice_str(f->impi);
	struct flow_set *g = flow_by_impi(t, impi, NULL);

	while (g) {
		struct flow_set *next = flow_by_impi(t, impi, g);

		bool goes = g != f && flow_replaces(a, g);

		if (a->beside && goes)
			keep_replaced(g, now);
		if (goes && !flow_has_room(fx)) {
			/* A phone that left very many behind: the clock ends the rest. */
			flow_change(g);
			g->expires_ms = INT64_MIN / 2;
			flow_changed(g);
		} else if (goes) {
			flow_tell(fx, FLOW_NOTICE_REPLACED, g, f->id, "replaced");
			if (g->held_ms > now) {
				flow_change(g);
				g->state =
				    state_step(&flow_set_table, g->state, FLOW_EVENT_ENDED_HELD)
					.next;
				flow_changed(g);
			} else {
				flow_remove(t, g, fx);
			}
		}
		g = next;
	}
}

/* The network vouches for the address of a UE without a NAT: who claims it as an inner one goes. */
static void end_claims(struct flow_table *t, const struct flow_set *f, const struct flow_timers *tm,
		       int64_t now, struct flow_effects *fx)
{
	int slot = flow_sending_slot(f);

	for (int i = 0; slot >= 0 && !f->sa[slot].outer.family && i < 2; i++) {
		struct flow_hit hit = {NULL, 0};
		uint16_t port = i ? f->sa[slot].port_us : f->sa[slot].port_uc;

		while (flow_by_addr(t, &f->ue, port, &hit))
			if (hit.link != FLOW_LINK_PLAIN && hit.f->sa[hit.link / 2].outer.family &&
			    flow_has_room(fx))
				flow_drop(t, hit.f, "replaced", tm, now, fx);
	}
}

/* The SA set that answered the challenge, in a set that may have others. */
static void accept_sa(struct flow_table *t, struct flow_set *f, int slot, int64_t ends,
		      const struct flow_timers *tm, int64_t now, struct flow_effects *fx)
{
	struct sa_set *sa = &f->sa[slot];
	int used = slot_in(f, SA_IN_USE);
	bool beside;

	for (int i = 0; i < FLOW_SA_SETS; i++)
		if (i != slot && (f->sa[i].state == SA_OLD || f->sa[i].state == SA_NEW))
			flow_sa_remove(t, f, (unsigned)i, fx);
	if (used >= 0 && f->sa[used].ends_ms > ends)
		ends = f->sa[used].ends_ms;
	beside = used >= 0 && f->sa[used].port_us != sa->port_us;
	sa->state =
	    state_step(&flow_sa_table, sa->state, beside ? SA_EV_ACCEPTED_BESIDE : SA_EV_ACCEPTED)
		.next;
	sa->accepted_ms = now;
	sa->ends_ms = ends;
	if (used >= 0 && !beside)
		to_old(t, f, used, SA_EV_SUPERSEDED, now + tm->linger_ms, fx);
	flow_settle(t, f, (unsigned)slot, fx);
	flow_set_life(f, sa, now, fx);
}

/* SAs that another module has set up are in use at once, those before are old. */
static void take_over_sa(struct flow_table *t, struct flow_set *f, const struct sa_set *sa,
			 int64_t ends, const struct flow_timers *tm, int64_t now,
			 struct flow_effects *fx)
{
	int used = slot_in(f, SA_IN_USE), slot;

	remove_in(t, f, SA_OLD, fx);
	if (used >= 0)
		to_old(t, f, used, SA_EV_SUPERSEDED, now + tm->linger_ms, fx);
	slot = slot_in(f, SA_FREE);
	f->sa[slot] = *sa;
	f->sa[slot].state = SA_IN_USE;
	f->sa[slot].owns = 0;
	f->sa[slot].made_ms = f->sa[slot].accepted_ms = now;
	f->sa[slot].ends_ms = ends;
	flow_link_addr(t, f, 2 * (unsigned)slot);
	flow_link_addr(t, f, 2 * (unsigned)slot + 1);
}

int flow_accept(struct flow_table *t, const struct flow_attempt *a, const struct flow_grant *g,
		const struct flow_timers *tm, int64_t now, struct flow_effects *fx,
		struct flow_set **out)
{
	struct flow_set *f = flow_by_id(t, a->set_id);
	int64_t ends = now + g->expires_s * 1000 + tm->slack_ms;
	bool initial = !f || f->state == FLOW_PENDING;
	/* It had ended, and the home network registers it again: what was registered is not. */
	bool anew = initial || f->state == FLOW_CLOSING;
	int slot = -1;

	if (!f) {
		struct flow_attempt plain = *a;

		if (a->over_set)
			return FLOW_LIFE_GONE;
		plain.ipsec = a->others;
		f = create(t, &plain, a->set_id, now, fx);
		if (!f)
			return FLOW_LIFE_FULL;
		if (!a->others)
			flow_link_addr(t, f, FLOW_LINK_PLAIN);
	} else if (a->protected_) {
		slot = flow_slot_of_spi(f, a->over_spi);
		if (slot < 0 && !a->others)
			return FLOW_LIFE_GONE;
	}
	if (!state_step(&flow_set_table, f->state, FLOW_EVENT_ACCEPTED).allowed)
		return FLOW_LIFE_STATE;
	if (f->state == FLOW_CLOSING && f->ipsec && slot_in(f, SA_IN_USE) < 0 &&
	    (slot < 0 || f->sa[slot].state == SA_OLD))
		return FLOW_LIFE_GONE;
	if (a->order < f->ended_by && !flow_identities_have(f, slice_str(a->aor)))
		return FLOW_LIFE_LATE;
	flow_change(f);
	if (a->others && slot < 0) {
		take_over_sa(t, f, &a->sa, ends, tm, now, fx);
	} else if (slot >= 0 && f->sa[slot].state == SA_TEMPORARY) {
		accept_sa(t, f, slot, ends, tm, now, fx);
		flow_same_port_end(t, f, (unsigned)slot, fx);
	} else if (slot >= 0 && f->sa[slot].state != SA_OLD) {
		if (f->sa[slot].ends_ms < ends)
			f->sa[slot].ends_ms = ends;
		flow_set_life(f, &f->sa[slot], now, fx);
	}
	f->state = state_step(&flow_set_table, f->state, FLOW_EVENT_ACCEPTED).next;
	f->expires_ms = now + g->expires_s * 1000;
	f->closes_ms = 0;
	f->seen_ms = now;
	f->keepalive_s = g->keepalive_s;
	describe(f, a);
	if (anew)
		flow_identities_clear(f);
	flow_identities_set(f, slice_str(a->aor), g->impus);
	if (slice_copy(g->service_route, f->service_route, sizeof(f->service_route)))
		f->service_route[0] = '\0';
	if (anew && !initial)
		flow_settle_all(t, f, fx);
	flow_changed(f);
	if (initial)
		end_replaced(t, f, a, now, fx);
	if (initial && slot >= 0)
		end_claims(t, f, tm, now, fx);
	flow_tell(fx, anew ? FLOW_NOTICE_ACTIVATED : FLOW_NOTICE_REFRESHED, f, 0, "");
	*out = f;
	return FLOW_LIFE_OK;
}

void flow_refuse(struct flow_table *t, const struct flow_attempt *a, const struct flow_timers *tm,
		 int64_t now, struct flow_effects *fx)
{
	struct flow_set *f = a->over_set ? flow_by_id(t, a->set_id) : NULL;
	int slot = f ? flow_slot_of_spi(f, a->over_spi) : -1;

	if (slot < 0 || f->sa[slot].state != SA_TEMPORARY)
		return;
	flow_change(f);
	to_old(t, f, slot, SA_EV_REFUSED, now + tm->linger_ms, fx);
	if (f->state == FLOW_PENDING) {
		f->state = state_step(&flow_set_table, f->state, FLOW_EVENT_REFUSED).next;
		f->closes_ms = now + tm->linger_ms;
		flow_settle_all(t, f, fx);
		flow_tell(fx, FLOW_NOTICE_DEAD, f, 0, "failed");
	}
	flow_changed(f);
}

bool flow_mapped(struct flow_table *t, const struct netaddr *ue, uint16_t ue_port, uint32_t spi,
		 const struct netaddr *outer, uint16_t port, struct flow_effects *fx)
{
	struct flow_hit hit = {NULL, 0};

	while (flow_by_addr(t, ue, ue_port, &hit)) {
		struct sa_set *sa = &hit.f->sa[hit.link / 2];

		if (hit.link == FLOW_LINK_PLAIN || (sa->spi_ps != spi && sa->spi_pc != spi) ||
		    !netaddr_ip_eq(&sa->outer, outer))
			continue;
		if (sa->encap_port != port) {
			flow_change(hit.f);
			sa->encap_port = port;
			flow_changed(hit.f);
			flow_fx(fx, FX_ENCAP, hit.f, sa, 0, 0);
		}
		return true;
	}
	return false;
}

bool flow_seen_matters(const struct flow_set *f, int slot)
{
	return slot >= 0 && f->sa[slot].state == SA_NEW;
}

void flow_seen(struct flow_table *t, struct flow_set *f, int slot, const struct flow_timers *tm,
	       int64_t now, struct flow_effects *fx)
{
	int used;

	f->seen_ms = now;
	if (!flow_seen_matters(f, slot))
		return;
	flow_change(f);
	used = slot_in(f, SA_IN_USE);
	f->sa[slot].state = state_step(&flow_sa_table, SA_NEW, SA_EV_USED).next;
	if (used >= 0)
		to_old(t, f, used, SA_EV_SUPERSEDED, now + tm->linger_ms, fx);
	flow_settle(t, f, (unsigned)slot, fx);
	flow_changed(f);
}

void flow_deregister(struct flow_table *t, const struct flow_attempt *a,
		     const struct flow_timers *tm, int64_t now, struct flow_effects *fx)
{
	struct flow_set *f = a->over_set ? flow_by_id(t, a->set_id) : NULL;
	int slot = f && a->protected_ ? flow_slot_of_spi(f, a->over_spi) : -1;
	bool others;

	if (!f)
		return;
	if (f->state == FLOW_PENDING) {
		flow_refuse(t, a, tm, now, fx);
		return;
	}
	if (slot >= 0 && f->sa[slot].state == SA_TEMPORARY) {
		flow_change(f);
		/* Other registrations, if any, go on over it. */
		accept_sa(t, f, slot, f->expires_ms + tm->slack_ms, tm, now, fx);
		flow_changed(f);
	}
	flow_change(f);
	others = flow_identities_drop(f, slice_str(a->aor));
	f->ended_by = a->order;
	/* Held or not, the registration ends now. */
	if (!others)
		f->expires_ms = now;
	flow_changed(f);
	if (!others)
		flow_end(t, f, "deregistered", tm, now, fx);
}

int flow_sending_slot(const struct flow_set *f)
{
	int slot = slot_in(f, SA_IN_USE);

	if (slot < 0)
		slot = slot_in(f, SA_NEW);
	return slot < 0 ? slot_in(f, SA_OLD) : slot;
}
