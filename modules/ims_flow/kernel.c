/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's side of SA sets. Called in the SIP worker itself, with every answer awaited: the SAs
 * must stand before the 401 leaves, a whole set is one system call of about 0.1 ms, and no call can
 * take longer than XFRM_TIMEOUT_MS. A process of its own would add two switches and a suspended
 * transaction and gain nothing.
 */
#include "modules/ims_flow/kernel.h"
#include "modules/ims_flow/core/flow_pairs.h"
#include "modules/ims_flow/core/kernel_map.h"

#include <unistd.h>

#include "xfrm/xfrm.h"

static struct xfrm *kernel;
static struct xfrm_batch *batch;
static pid_t opened_by;

static const char *advice(int rc)
{
	switch (rc) {
	case XFRM_E_UNSUPPORTED:
		return "load its modules: modprobe -a esp4 esp6, and those of the algorithms";
	case XFRM_E_NO_MEMORY:
		return "give the machine more memory, or lower max_sets";
	case XFRM_E_DENIED:
		return "run Kamailio with CAP_NET_ADMIN";
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

static void do_effect(const struct flow_effect *e)
{
	struct xfrm_policy p[2];
	struct xfrm_sa sa[4];

	switch (e->kind) {
	case FX_SA_DEL:
		flow_map_sas(&e->ue, &e->local, &e->sa, 0, settings.mark, sa);
		for (int i = 0; i < 4; i++)
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
			int rc = xfrm_sa_set_encap(kernel, xfrm_sa_name(&sa[i]), sa[i].spi,
						   sa[i].encap_sport, sa[i].encap_dport);

			if (rc)
				kernel_refused("another port for ESP in UDP", rc);
		}
		break;
	case FX_LIFETIME:
		flush_batch();
		flow_map_sas(&e->ue, &e->local, &e->sa, 0, settings.mark, sa);
		for (int i = 0; i < 4; i++) {
			int rc = xfrm_sa_set_lifetime(kernel, xfrm_sa_name(&sa[i]), sa[i].spi,
						      e->lifetime_s);

			if (rc)
				kernel_refused("a longer life for an SA", rc);
		}
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
	int results[XFRM_BATCH_MAX];
	struct xfrm_keys keys;
	struct xfrm_sa sas[4];
	int rc = xfrm_keys_from_aka(sa->alg, sa->ealg, ck, ik, &keys);

	*which = -1;
	if (rc == 0)
		rc = open_here();
	if (rc == 0) {
		flow_map_sas(ue, local, sa, sa->life_s, settings.mark, sas);
		for (int i = 0; i < 4; i++)
			xfrm_batch_sa_add(batch, &sas[i], &keys);
		rc = xfrm_batch_commit(batch, true, results);
		for (int i = 0; i < 4 && rc && *which < 0; i++)
			if (results[i])
				*which = i;
	}
	xfrm_keys_wipe(&keys);
	if (rc == 0)
		COUNT_N(sa_added, 4);
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

static void probe(void)
{
	struct sec_agree_offer can = {.n = 0};

	for (unsigned i = 0; i < settings.offer.n; i++) {
		enum xfrm_alg alg = settings.offer.pairs[i].alg;
		enum xfrm_ealg ealg = settings.offer.pairs[i].ealg;
		int rc = xfrm_probe(kernel, AF_INET, alg, ealg);

		if (rc == 0)
			can.pairs[can.n++] = settings.offer.pairs[i];
		else
			LM_WARN("%s/%s is not offered: %s\n", sec_agree_alg_name(alg),
				sec_agree_ealg_name(ealg), xfrm_strerror(rc));
	}
	settings.offer = can;
}

/* Nothing passes the protected ports without an SA: in neither direction, for no peer. */
static int guard(void)
{
	struct socket_info *lists[2] = {udp_listen, tcp_listen};

	for (int l = 0; l < 2; l++)
		for (struct socket_info *si = lists[l]; si; si = si->next) {
			struct netaddr local;
			struct xfrm_policy p[2];
			int rc;

			if (!port_is_protected(si->port_no))
				continue;
			local = netaddr_of_ip(&si->address);
			flow_map_guards(&local, si->port_no, settings.mark,
					settings.policy_priority + 1000, p);
			for (int i = 0; i < 2; i++)
				if ((rc = xfrm_policy_update(kernel, &p[i])) != 0) {
					LM_ERR("cannot guard %.*s: %s\n", si->sock_str.len,
					       si->sock_str.s, xfrm_strerror(rc));
					return -1;
				}
		}
	return 0;
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
		if ((seen[i] & SEEN_SAS) != SEEN_SAS)
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

int kernel_start(void)
{
	if (!ipsec_is_ours()) {
		give_up_others();
		return 0;
	}
	if (open_here())
		return -1;
	probe();
	if (!settings.offer.n) {
		if (settings.ipsec == IPSEC_REQUIRED) {
			LM_ERR("ipsec is required, but the kernel can do none of the algorithms; "
			       "load esp4 and esp6, or "
			       "set ipsec to 0\n");
			return -1;
		}
		LM_WARN(
		    "the kernel can do none of the algorithms: registrations go without IPsec\n");
		settings.ipsec = IPSEC_OFF;
		return 0;
	}
	if (adopt() || guard())
		return -1;
	return 0;
}

void kernel_stop(bool flush)
{
	if (flush && ipsec_is_ours() && open_here() == 0)
		xfrm_flush(kernel, settings.mark);
}
