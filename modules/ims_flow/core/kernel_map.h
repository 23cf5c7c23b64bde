/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From SA sets to the kernel's SAs and policies and back. Pure. */
#ifndef IMS_FLOW_KERNEL_MAP_H
#define IMS_FLOW_KERNEL_MAP_H

#include "modules/ims_flow/core/flow_life.h"
#include "xfrm/xfrm.h"

#define ENCAP_PORT 4500 /* ESP in UDP (RFC 3948 2.1) */

/* An address with a port, and without one. */
struct netaddr flow_map_addr(const struct netaddr *ip, uint16_t port);
struct netaddr flow_map_ip(const struct netaddr *a);

/*
 * The four SAs of a set, always in this order:
 *	0  UE port_uc -> port_ps, spi_ps      what the UE sends
 *	1  port_ps -> UE port_uc, spi_uc      answers on the UE's TCP connection
 *	2  port_pc -> UE port_us, spi_us      what we send
 *	3  UE port_us -> port_pc, spi_pc      answers on our TCP connection
 */
void flow_map_sas(const struct netaddr *ue, const struct netaddr *local, const struct sa_set *sa,
		  uint32_t lifetime_s, uint32_t mark, struct xfrm_sa out[4]);
bool flow_map_is_inbound(int i);

/* The two policies (in, out) of a pair. */
void flow_map_policies(const struct netaddr *ue, const struct netaddr *local,
		       const struct sa_set *sa, uint8_t pair, uint32_t mark, uint32_t priority,
		       struct xfrm_policy out[2]);

/* Nothing in, nothing out of a local port, whoever the peer. */
void flow_map_guards(const struct netaddr *local, uint16_t port, uint32_t mark, uint32_t priority,
		     struct xfrm_policy out[2]);

/* Which SA of which set this is: its number (0-3), *place in the table and *slot; or -1. */
int flow_map_find(struct flow_table *t, const struct xfrm_sa *sa, uint32_t *place, int *slot);

/*
 * Which SA set owns this policy: SA_PAIR_UC or SA_PAIR_US with *place, *slot, and whether it names
 * the SAs that it should; 0: none.
 */
uint8_t flow_map_policy_find(struct flow_table *t, const struct xfrm_policy *p, uint32_t *place,
			     int *slot, bool *right);

#endif
