/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The XFRM side: SAs and policies in the kernel. Each process has its own socket, opened at first
 * use. All but kernel_start() and kernel_stop() are called under the kernel lock.
 */
#ifndef IMS_FLOW_KERNEL_H
#define IMS_FLOW_KERNEL_H

#include "modules/ims_flow/glue.h"
#include "xfrm/xfrm.h"

/* Before the workers start: try the algorithms, adopt, guard. 0, or -1 (logged). */
int kernel_start(void);
/* At the end; flush: delete all SAs and policies of ours. */
void kernel_stop(bool flush);
/*
 * Add the four SAs of sa; nothing stays if one is refused, and *which (0-3, order of flow_map_sas()) is
 * the first that was, or -1. 0 or an enum xfrm_err.
 */
int kernel_add(const struct netaddr *ue, const struct netaddr *local, const struct sa_set *sa,
	       const uint8_t ck[16], const uint8_t ik[16], int *which);
/* Carry out; what the kernel refuses is logged and counted, the rest is done. 0 or an enum
 * xfrm_err. */
int kernel_apply(const struct flow_effects *fx);
/* Count and log a refusal with what the operator can do: an ERROR, but at most one in 10 s. */
void kernel_refused(const char *what, int rc);
/* Counters of the four SAs: uc, us, pc, ps order of spis in sa. bytes and packets summed per
 * direction. */
struct kernel_usage {
	uint64_t in_bytes, in_packets, out_bytes, out_packets;
	uint32_t drops;
	unsigned present; /* SAs found */
};
void kernel_usage(const struct flow_set *f, const struct sa_set *sa, struct kernel_usage *out);

/* Set one policy, or set it again; add one that is not there (XFRM_E_EXISTS: it is). 0 or an enum
 * xfrm_err. */
int kernel_policy(const struct xfrm_policy *p);
int kernel_policy_add(const struct xfrm_policy *p);

/*
 * Whether the kernel has the SA, ours or not, that a REGISTER says it came over: a->over_spi, from
 * its address and port to where it arrived. Takes the kernel lock itself.
 */
bool kernel_protects(const struct flow_attempt *a);

/* Whether something authentic has come over an SA set. */
bool kernel_heard(const struct flow_set *f, const struct sa_set *sa);

/* Whether the kernel has all SAs of a set that are to be there. */
bool kernel_has(const struct flow_set *f);

/* The UE's inner address and port of an inbound SA. 0 or an enum xfrm_err. */
int kernel_inner(const struct netaddr *dst, uint32_t spi, struct netaddr *ue, uint16_t *port);

#endif
