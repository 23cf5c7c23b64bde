/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's side of SA sets. Called in the SIP worker itself, with every answer awaited: the SAs
 * must stand before the 401 leaves, a whole set is one system call of about 0.1 ms, and no call can
 * take longer than XFRM_TIMEOUT_MS. A process of its own would add two switches and a suspended
 * transaction and gain nothing.
 */
#include "modules/ims_flow/kernel.h"
#include "modules/ims_flow/guard.h"
#include "modules/ims_flow/core/flow_pairs.h"
#include "modules/ims_flow/core/kernel_map.h"

#include <unistd.h>

#include "xfrm/xfrm.h"

static struct xfrm *kernel;
static struct xfrm_batch *batch;
static pid_t opened_by;
static bool started;

static const char *advice(int rc)
{
	switch (rc) {
	case XFRM_E_UNSUPPORTED:
		return "load its modules: modprobe -a esp4 esp6, and those of the algorithms";
	case XFRM_E_NO_MEMORY:
		return "give the machine more memory, or lower max_sets";
	case XFRM_E_DENIED:
		return "run Kamailio with CAP_NET_ADMIN: AmbientCapabilities= in kamailio.service";
	default:
		return "look into the kernel's log";
	}
}

void kernel_refused(const char *what, int rc)
{
	int64_t now = flow_now();
	bool quiet = now < shared->quiet_until_ms;

	COUNT(kernel_errors);
	/* Any phone makes the kernel refuse again; once in a while is enough for the operator. */
	LOG(quiet ? L_INFO : L_ERR, "the kernel refused %s: %s; %s\n", what, xfrm_strerror(rc),
	    advice(rc));
	if (!quiet)
		shared->quiet_until_ms = now + 10000;
}

static int open_here(void)
{
	int rc;

	if (kernel && opened_by == getpid())
		return 0;
	/* A socket from before the fork is the parent's. */
	kernel = NULL;
	rc = xfrm_open(&kernel);
	if (rc == 0) {
		batch = xfrm_batch_new(kernel);
		opened_by = getpid();
		if (batch)
			return 0;
		xfrm_close(kernel);
		kernel = NULL;
		rc = XFRM_E_NO_MEMORY;
	}
	LM_ERR("no netlink socket for IPsec: %s\n", xfrm_strerror(rc));
	return rc;
}

/* Send what was collected; the first thing that the kernel refused, or 0. */
static int flush_batch(void)
{
	int results[XFRM_BATCH_MAX] = {0};
	int rc = xfrm_batch_commit(batch, false, results), refused = 0;

	for (int i = 0; i < XFRM_BATCH_MAX && rc; i++)
		/* What was to be deleted and is gone is as it should be: the kernel's own lifetime
		 * ran out. */
		if (results[i] != 0 && results[i] != XFRM_E_NOT_FOUND && !refused)
			refused = results[i] == XFRM_E_TIMEOUT ? rc : results[i];
	if (refused)
		kernel_refused("to change an SA or policy", refused);
	return refused;
}

/* The names of the missing SAs are free for them now; their keys are in one that is there. */
static void add_rest(const struct flow_effect *e)
{
	struct xfrm_sa sa[4];

	flow_map_sas(&e->ue, &e->local, &e->sa, e->lifetime_s, settings.mark, sa);
	for (int i = 0; i < 4; i++) {
		int rc;

		if (!(e->sa.missing & 1u << i))
			continue;
		rc = xfrm_sa_del(kernel, xfrm_sa_name(&sa[i]), sa[i].spi);
		if (rc == 0 || rc == XFRM_E_NOT_FOUND)
			rc = xfrm_sa_add_like(kernel, xfrm_sa_name(&sa[0]), sa[0].spi, &sa[i]);
		if (rc)
			kernel_refused("an SA in the place of an older one", rc);
		else
			COUNT(sa_added);
	}
}

static void do_effect(const struct flow_effect *e)
{
	struct xfrm_policy p[2];
	struct xfrm_sa sa[4];

	switch (e->kind) {
	case FX_SA_DEL:
		flow_map_sas(&e->ue, &e->local, &e->sa, 0, settings.mark, sa);
		for (int i = 0; i < 4; i++)
			if (!(e->sa.missing & 1u << i))
				xfrm_batch_sa_del(batch, xfrm_sa_name(&sa[i]), sa[i].spi);
		COUNT_N(sa_deleted, 4);
		break;
	case FX_PAIR_SET:
		flow_map_policies(&e->ue, &e->local, &e->sa, e->pair, settings.mark,
				  settings.policy_priority, p);
		xfrm_batch_policy_update(batch, &p[0]);
		xfrm_batch_policy_update(batch, &p[1]);
		break;
	case FX_PAIR_DEL:
		flow_map_policies(&e->ue, &e->local, &e->sa, e->pair, settings.mark,
				  settings.policy_priority, p);
		xfrm_batch_policy_del(batch, &p[0]);
		xfrm_batch_policy_del(batch, &p[1]);
		break;
	case FX_ENCAP:
		flush_batch();
		flow_map_sas(&e->ue, &e->local, &e->sa, 0, settings.mark, sa);
		for (int i = 0; i < 4; i++) {
			int rc = e->sa.missing & 1u << i
				     ? 0
				     : xfrm_sa_set_encap(kernel, xfrm_sa_name(&sa[i]), sa[i].spi,
							 sa[i].encap_sport, sa[i].encap_dport);

			if (rc)
				kernel_refused("another port for ESP in UDP", rc);
		}
		break;
	case FX_LIFETIME:
		flush_batch();
		flow_map_sas(&e->ue, &e->local, &e->sa, 0, settings.mark, sa);
		for (int i = 0; i < 4; i++) {
			int rc = e->sa.missing & 1u << i
				     ? 0
				     : xfrm_sa_set_lifetime(kernel, xfrm_sa_name(&sa[i]), sa[i].spi,
							    e->lifetime_s);

			if (rc)
				kernel_refused("a longer life for an SA", rc);
		}
		break;
	case FX_SA_REST:
		flush_batch();
		add_rest(e);
		break;
	}
}

int kernel_apply(const struct flow_effects *fx)
{
	int rc, refused = 0;

	if (!fx->n || !ipsec_is_ours())
		return 0;
	rc = open_here();
	if (rc)
		return rc;
	for (unsigned i = 0; i < fx->n; i++) {
		if (i && i % (XFRM_BATCH_MAX / 4) == 0 && (rc = flush_batch()) != 0)
			refused = rc;
		do_effect(&fx->fx[i]);
	}
	rc = flush_batch();
	return rc ? rc : refused;
}

int kernel_add(const struct netaddr *ue, const struct netaddr *local, const struct sa_set *sa,
	       const uint8_t ck[16], const uint8_t ik[16], int *which)
{
	int results[XFRM_BATCH_MAX], place[4], n = 0;
	struct xfrm_keys keys;
	struct xfrm_sa sas[4];
	int rc = xfrm_keys_from_aka(sa->alg, sa->ealg, ck, ik, &keys);

	*which = -1;
	if (rc == 0)
		rc = open_here();
	if (rc == 0) {
		flow_map_sas(ue, local, sa, sa->life_s, settings.mark, sas);
		for (int i = 0; i < 4; i++)
			if (!(sa->missing & 1u << i)) {
				xfrm_batch_sa_add(batch, &sas[i], &keys);
				place[n++] = i;
			}
		rc = xfrm_batch_commit(batch, true, results);
		for (int i = 0; i < n && rc && *which < 0; i++)
			if (results[i])
				*which = place[i];
	}
	xfrm_keys_wipe(&keys);
	if (rc == 0)
		COUNT_N(sa_added, n);
	return rc;
}

int kernel_inner(const struct netaddr *dst, uint32_t spi, struct netaddr *ue, uint16_t *port)
{
	struct xfrm_sa_state st;
	int rc = open_here();

	if (rc == 0)
		rc = xfrm_sa_get(kernel, dst, spi, &st);
	if (rc == 0) {
		*ue = flow_map_ip(&st.sa.src);
		*port = st.sa.src.port;
	}
	return rc;
}

void kernel_usage(const struct flow_set *f, const struct sa_set *sa, struct kernel_usage *out)
{
	struct xfrm_sa sas[4];

	memset(out, 0, sizeof(*out));
	if (open_here())
		return;
	flow_map_sas(&f->ue, &f->local, sa, 0, settings.mark, sas);
	for (int i = 0; i < 4; i++) {
		struct xfrm_sa_state st;

		if (xfrm_sa_get(kernel, xfrm_sa_name(&sas[i]), sas[i].spi, &st))
			continue;
		out->present++;
		out->drops += st.replay_drops;
		if (flow_map_is_inbound(i)) {
			out->in_bytes += st.bytes;
			out->in_packets += st.packets;
		} else {
			out->out_bytes += st.bytes;
			out->out_packets += st.packets;
		}
	}
}

/* Start-up. */

/* Which of our algorithms the kernel can do. What it says to the last that it cannot. */
static int probe(void)
{
	struct sec_agree_offer can = {.n = 0};
	int refused = XFRM_E_UNSUPPORTED;

	for (unsigned i = 0; i < settings.offer.n; i++) {
		enum xfrm_alg alg = settings.offer.pairs[i].alg;
		enum xfrm_ealg ealg = settings.offer.pairs[i].ealg;
		int rc = xfrm_probe(kernel, AF_INET, alg, ealg);

		if (rc == 0)
			can.pairs[can.n++] = settings.offer.pairs[i];
		else
			LM_WARN("%s/%s is not offered: %s\n", sec_agree_alg_name(alg),
				sec_agree_ealg_name(ealg), xfrm_strerror(rc));
		if (rc)
			refused = rc;
	}
	settings.offer = can;
	return refused;
}

/*
 * What the kernel has of ours is noted in seen[] if a flow set has it too, one octet per SA set,
 * and deleted if none has. Only what is missing is written then: to set all policies of 1,000 flow
 * sets anew would take longer than the start of Kamailio.
 */
#define SEEN_SAS	       0xf /* in flow_map_sas() order */
#define SEEN_POLICY(pair, dir) (0x10 << (2 * ((pair) == SA_PAIR_US) + ((dir) == XFRM_OUT)))
#define SEEN_PAIR(pair)	       (SEEN_POLICY(pair, XFRM_IN) | SEEN_POLICY(pair, XFRM_OUT))

static bool see_sa(const struct xfrm_sa_state *st, void *seen)
{
	uint32_t place;
	int slot, i = flow_map_find(table, &st->sa, &place, &slot);

	if (i >= 0)
		((uint8_t *)seen)[place * FLOW_SA_SETS + slot] |= 1 << i;
	return i >= 0;
}

static bool see_policy(const struct xfrm_policy *p, void *seen)
{
	uint32_t place;
	uint8_t pair;
	bool right;
	int slot;

	if (p->block)
		return true;
	pair = flow_map_policy_find(table, p, &place, &slot, &right);
	if (pair && right && p->priority == (uint32_t)settings.policy_priority)
		((uint8_t *)seen)[place * FLOW_SA_SETS + slot] |= SEEN_POLICY(pair, p->dir);
	return pair != 0;
}

/* Whether the kernel has all SAs of a set; policies that are missing or wrong go to fx. */
static bool adopt_set(const struct flow_set *f, const uint8_t *seen, struct flow_effects *fx)
{
	for (int i = 0; i < FLOW_SA_SETS; i++) {
		const struct sa_set *sa = &f->sa[i];

		if (sa->state == SA_FREE)
			continue;
		if ((seen[i] & SEEN_SAS) != (SEEN_SAS & ~sa->missing))
			return false;
		for (uint8_t pair = SA_PAIR_UC; pair <= SA_PAIR_US; pair++)
			if ((sa->owns & pair) && (seen[i] & SEEN_PAIR(pair)) != SEEN_PAIR(pair))
				flow_fx(fx, FX_PAIR_SET, f, sa, pair, 0);
	}
	return true;
}

static int adopt(void)
{
	static struct flow_effects fx;
	uint8_t *seen = calloc(flow_table_max(table), FLOW_SA_SETS);
	unsigned adopted = 0, lost = 0, orphans = 0;
	int64_t began = flow_now();
	int rc;

	if (!seen)
		return -1;
	rc = xfrm_prune(kernel, settings.mark, see_sa, see_policy, seen, &orphans);
	for (uint32_t n = 0; n < flow_table_max(table) && rc == 0; n++) {
		struct flow_set *f = flow_at(table, n);

		if (!f || !f->ipsec)
			continue;
		fx.n = fx.n_notices = 0;
		if (adopt_set(f, &seen[n * FLOW_SA_SETS], &fx)) {
			adopted++;
		} else {
			lost++;
			fx.n = 0;
			flow_remove(table, f, &fx);
		}
		kernel_apply(&fx);
	}
	free(seen);
	if (rc) {
		LM_ERR("cannot read SAs back from the kernel: %s\n", xfrm_strerror(rc));
		return -1;
	}
	if (adopted || lost || orphans)
		LM_NOTICE("restart: %u flow sets adopted with their SAs, %u given up, %u SAs and "
			  "policies of no flow set "
			  "deleted, in %d ms\n",
			  adopted, lost, orphans, (int)(flow_now() - began));
	COUNT_N(adopted, adopted);
	COUNT_N(orphans, orphans);
	return 0;
}

/* Another module's SAs do not outlive its own restart. */
static void give_up_others(void)
{
	static struct flow_effects fx;

	for (uint32_t n = 0; n < flow_table_max(table); n++) {
		struct flow_set *f = flow_at(table, n);

		fx.n = 0;
		if (f && f->ipsec)
			flow_remove(table, f, &fx);
	}
}

/* What to do when the kernel gives no IPsec at all. */
static int no_ipsec(int rc)
{
	const char *how =
	    rc == XFRM_E_DENIED
		? "Kamailio needs CAP_NET_ADMIN: AmbientCapabilities=CAP_NET_ADMIN in "
		  "kamailio.service"
		: "load ESP: modprobe -a esp4 esp6";

	LM_ERR("no IPsec: %s; %s. To work without IPsec say so: modparam(\"ims_flow\", \"ipsec\", "
	       "0)\n",
	       xfrm_strerror(rc), how);
	return -1;
}

int kernel_start(void)
{
	int rc;

	if (!ipsec_is_ours()) {
		give_up_others();
		return 0;
	}
	if (guard_lock() || open_here())
		return -1;
	rc = probe();
	if (!settings.offer.n)
		return no_ipsec(rc);
	started = true;
	return adopt() || guard_start() ? -1 : 0;
}

void kernel_stop(bool flush)
{
	/* Who never came so far has nothing there: what there is belongs to another one. */
	if (flush && started && open_here() == 0)
		xfrm_flush(kernel, settings.mark);
}

int kernel_policy(const struct xfrm_policy *p)
{
	int rc = open_here();

	return rc ? rc : xfrm_policy_update(kernel, p);
}

int kernel_policy_add(const struct xfrm_policy *p)
{
	int rc = open_here();

	return rc ? rc : xfrm_policy_add(kernel, p);
}

bool kernel_protects(const struct flow_attempt *a)
{
	struct netaddr local = a->local;
	struct xfrm_sa_state st = {.bytes = 0};
	int rc;

	local.port = 0;
	lock_get(&shared->kernel_lock);
	rc = open_here();
	if (rc == 0)
		rc = xfrm_sa_get(kernel, &local, a->over_spi, &st);
	lock_release(&shared->kernel_lock);
	return rc == 0 && netaddr_ip_eq(&st.sa.src, &a->ue) && st.sa.src.port == a->ue_port &&
	       st.sa.dst.port == a->local_port;
}

bool kernel_heard(const struct flow_set *f, const struct sa_set *sa)
{
	struct kernel_usage u;

	kernel_usage(f, sa, &u);
	return u.in_packets > 0;
}

bool kernel_has(const struct flow_set *f)
{
	struct xfrm_sa sas[4];
	struct xfrm_sa_state st;

	if (open_here())
		return true;
	for (int i = 0; i < FLOW_SA_SETS; i++) {
		if (f->sa[i].state != SA_IN_USE && f->sa[i].state != SA_NEW &&
		    f->sa[i].state != SA_TEMPORARY)
			continue;
		flow_map_sas(&f->ue, &f->local, &f->sa[i], 0, settings.mark, sas);
		for (int k = 0; k < 4; k++)
			if (!(f->sa[i].missing & 1u << k) &&
			    xfrm_sa_get(kernel, xfrm_sa_name(&sas[k]), sas[k].spi, &st) ==
				XFRM_E_NOT_FOUND)
				return false;
	}
	return true;
}
