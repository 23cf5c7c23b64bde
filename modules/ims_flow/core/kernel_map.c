/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_flow/core/kernel_map.h"
#include "modules/ims_flow/core/flow_pairs.h"

struct netaddr flow_map_addr(const struct netaddr *ip, uint16_t port)
{
	struct netaddr a = *ip;

	a.port = port;
	return a;
}

struct netaddr flow_map_ip(const struct netaddr *a)
{
	return flow_map_addr(a, 0);
}

void flow_map_sas(const struct netaddr *ue, const struct netaddr *local, const struct sa_set *sa,
		  uint32_t lifetime_s, uint32_t mark, struct xfrm_sa out[4])
{
	const struct {
		bool in;
		uint16_t ue_port, our_port;
		uint32_t spi;
	} four[4] = {{true, sa->port_uc, sa->port_ps, sa->spi_ps},
		     {false, sa->port_uc, sa->port_ps, sa->spi_uc},
		     {false, sa->port_us, sa->port_pc, sa->spi_us},
		     {true, sa->port_us, sa->port_pc, sa->spi_pc}};

	for (int i = 0; i < 4; i++) {
		struct netaddr there = flow_map_addr(ue, four[i].ue_port),
			       here = flow_map_addr(local, four[i].our_port);

		out[i] = (struct xfrm_sa){.src = four[i].in ? there : here,
					  .dst = four[i].in ? here : there,
					  .spi = four[i].spi,
					  .reqid = sa->spi_ps,
					  .alg = (enum xfrm_alg)sa->alg,
					  .ealg = (enum xfrm_ealg)sa->ealg,
					  .mark = mark,
					  .lifetime_s = lifetime_s};
		if (sa->outer.family) {
			struct netaddr nat = flow_map_addr(&sa->outer, 0),
				       we = flow_map_addr(local, 0);

			out[i].outer_src = four[i].in ? nat : we;
			out[i].outer_dst = four[i].in ? we : nat;
			out[i].encap_sport = four[i].in ? sa->encap_port : ENCAP_PORT;
			out[i].encap_dport = four[i].in ? ENCAP_PORT : sa->encap_port;
		}
	}
}

bool flow_map_is_inbound(int i)
{
	return i == 0 || i == 3;
}

void flow_map_policies(const struct netaddr *ue, const struct netaddr *local,
		       const struct sa_set *sa, uint8_t pair, uint32_t mark, uint32_t priority,
		       struct xfrm_policy out[2])
{
	bool uc = pair == SA_PAIR_UC;
	struct netaddr there = flow_map_addr(ue, uc ? sa->port_uc : sa->port_us);
	struct netaddr here = flow_map_addr(local, uc ? sa->port_ps : sa->port_pc);

	/* In: any SA whose own selector fits, so that old, new and temporary sets are heard at the
	 * same time. */
	out[0] = (struct xfrm_policy){
	    .src = there, .dst = here, .dir = XFRM_IN, .mark = mark, .priority = priority};
	out[1] = (struct xfrm_policy){.src = here,
				      .dst = there,
				      .dir = XFRM_OUT,
				      .mark = mark,
				      .priority = priority,
				      .spi = uc ? sa->spi_uc : sa->spi_us,
				      .reqid = sa->spi_ps};
	if (sa->outer.family) {
		out[0].outer_src = out[1].outer_dst = flow_map_addr(&sa->outer, 0);
		out[0].outer_dst = out[1].outer_src = flow_map_addr(local, 0);
	}
}

void flow_map_guards(const struct netaddr *local, uint16_t port, uint32_t mark, uint32_t priority,
		     struct xfrm_policy out[2])
{
	out[0] = (struct xfrm_policy){.dst = flow_map_addr(local, port),
				      .dir = XFRM_IN,
				      .mark = mark,
				      .priority = priority,
				      .block = true};
	out[1] = (struct xfrm_policy){.src = flow_map_addr(local, port),
				      .dir = XFRM_OUT,
				      .mark = mark,
				      .priority = priority,
				      .block = true};
}

int flow_map_find(struct flow_table *t, const struct xfrm_sa *sa, uint32_t *place, int *slot)
{
	/* Either end may be the UE's; the other then is the set's local address. */
	for (int way = 0; way < 2; way++) {
		const struct netaddr *there = way ? &sa->dst : &sa->src,
				     *here = way ? &sa->src : &sa->dst;
		struct netaddr ue = flow_map_ip(there), local = flow_map_ip(here);
		struct flow_hit hit = {NULL, 0};

		while (flow_by_addr(t, &ue, there->port, &hit)) {
			struct xfrm_sa four[4];

			if (hit.link == FLOW_LINK_PLAIN || !netaddr_ip_eq(&hit.f->local, &local))
				continue;
			flow_map_sas(&ue, &local, &hit.f->sa[hit.link / 2], 0, 0, four);
			for (int i = 0; i < 4; i++)
				if (!(hit.f->sa[hit.link / 2].missing & 1u << i) &&
				    four[i].spi == sa->spi &&
				    flow_map_is_inbound(i) == (way == 0) &&
				    four[i].src.port == sa->src.port &&
				    four[i].dst.port == sa->dst.port) {
					*place = flow_place(t, hit.f);
					*slot = (int)(hit.link / 2);
					return i;
				}
		}
	}
	return -1;
}

uint8_t flow_map_policy_find(struct flow_table *t, const struct xfrm_policy *p, uint32_t *place,
			     int *slot, bool *right)
{
	const struct netaddr *there = p->dir == XFRM_IN ? &p->src : &p->dst;
	const struct netaddr *here = p->dir == XFRM_IN ? &p->dst : &p->src;
	struct netaddr ue = flow_map_ip(there), local = flow_map_ip(here);
	struct flow_hit hit = {NULL, 0};

	while (there->family && flow_by_addr(t, &ue, there->port, &hit)) {
		const struct sa_set *sa = &hit.f->sa[hit.link / 2];
		uint8_t pair = hit.link % 2 ? SA_PAIR_US : SA_PAIR_UC;
		struct xfrm_policy want[2];

		if (hit.link == FLOW_LINK_PLAIN || !netaddr_ip_eq(&hit.f->local, &local) ||
		    here->port != (pair == SA_PAIR_US ? sa->port_pc : sa->port_ps) ||
		    !(sa->owns & pair))
			continue;
		flow_map_policies(&ue, &local, sa, pair, p->mark, p->priority, want);
		*right = p->spi == want[p->dir].spi && p->reqid == want[p->dir].reqid;
		*place = flow_place(t, hit.f);
		*slot = (int)(hit.link / 2);
		return pair;
	}
	return 0;
}
