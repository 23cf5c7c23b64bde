/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the files of ims_flow that talk to Kamailio. Two locks, always in this order:
 *
 *  1. The kernel lock is held while flow sets change and the kernel is told, so that the kernel
 *     sees changes in the order in which they were decided. (The kernel itself takes one XFRM
 *     request at a time, so this costs no parallelism.)
 *  2. The table lock is held for look-ups and for each change, never across a system call.
 */
#ifndef IMS_FLOW_GLUE_H
#define IMS_FLOW_GLUE_H

#include <stdbool.h>

#include "../../core/sr_module.h"
#include "../../core/dprint.h"
#include "../../core/locking.h"
#include "../../core/parser/msg_parser.h"
#include "../../core/ip_addr.h"
#include "../../core/socket_info.h"

#include "modules/common/clock.h"
#include "modules/common/headers.h"
#include "modules/common/ids.h"
#include "modules/common/reply.h"
#include "modules/common/text.h"
#include "modules/ims_flow/api.h"
#include "modules/ims_flow/counters.h"
#include "modules/ims_flow/core/flow_life.h"
#include "modules/ims_flow/core/flow_token.h"
#include "sec_agree/mediasec.h"
#include "sec_agree/sec_agree.h"

/* IPSEC_OTHERS: another module (ims_ipsec_pcscf) sets up the SAs; which ports they have is read
 * from Security-Client and Security-Verify, and nothing is asked of the kernel. */
enum ipsec_mode { IPSEC_OFF = 0, IPSEC_OFFERED = 1, IPSEC_REQUIRED = 2, IPSEC_OTHERS = 3 };

#define NETWORKS_MAX 16

/* Parameters of the module (docs/modules/ims_flow.md). */
struct flow_settings {
	int port_pc, port_ps;
	int ipsec;  /* enum ipsec_mode */
	int digest; /* challenges that are not AKA's reach a phone */
	int max_sets, max_sets_per_impi;
	int mark;
	int spi_min, spi_max;
	int policy_priority;
	int reg_await_seconds, slack_seconds, t1_ms, silence_seconds;
	int flow_timer;	   /* seconds; 0: none is offered */
	int nat;	   /* ESP in UDP for UEs behind a NAT */
	int check_answers; /* answers to REGISTERs only from where these went */
	str algorithms;
	str mediasec;	/* media security that we can do; empty: none is announced */
	uint32_t media; /* enum mediasec, of mediasec */
	str state_file;
	str key_file;
	str path_host;	   /* host[:port] of the Path URI; empty: the address of the core side */
	str core_networks; /* whence a request may go to a UE by the UE's address alone */
	str nat_networks;  /* addresses that UEs behind a NAT may have inside */
	struct netaddr_net core[NETWORKS_MAX], nat_nets[NETWORKS_MAX];
	unsigned n_core, n_nat;
	struct sec_agree_offer offer; /* of algorithms, what the kernel can do */
	struct flow_timers timers;
};
extern struct flow_settings settings;

/* In shared memory. */
struct flow_shared {
	gen_lock_t kernel_lock, table_lock;
	struct flow_token_keys keys;
	uint32_t next_spi;
	uint64_t attempts;	  /* flow_attempt.order of the last one */
	int64_t lacking_until_ms; /* flow sets without all their SAs may exist until then */
	int64_t quiet_until_ms;	  /* of the kernel's refusals: logged at INFO until then */
};
extern struct flow_shared *shared;
extern struct flow_table *table;

#define TABLE_LOCK()   lock_get(&shared->table_lock)
#define TABLE_UNLOCK() lock_release(&shared->table_lock)

/* The clock of all deadlines, in ms; never set back. */
static inline int64_t flow_now(void)
{
	return (int64_t)kam_now_ms();
}

/* support.c: addresses and sockets. */
static inline struct netaddr netaddr_of_ip(const struct ip_addr *ip)
{
	return netaddr_make(ip->u.addr, ip->len, 0);
}
/* The address in a URI; false: a name. */
static inline bool uri_address(const struct sip_uri *uri, struct netaddr *out)
{
	return netaddr_parse_host(slice_of(uri->host), out) == 0;
}
/* The socket that listens there; NULL: none. */
struct socket_info *local_socket(const struct netaddr *local, uint16_t port, int proto);
bool port_is_protected(uint16_t port); /* one of ours, guarded by the kernel */
bool ipsec_is_ours(void);	       /* we make SAs */

/* Let what came over SAs go on from a port without. */
void leave_by_open_port(sip_msg_t *msg);

/* The set a message came over. NULL or a set; call under the table lock. */
struct flow_set *set_of_received(struct sip_msg *msg, int *slot);

/* Security-Server of an SA set, as it was sent. 0, or an enum sec_agree_err. */
int security_server(const struct sa_set *sa, char *buf, size_t size);

#endif
