/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the files of ims_flow that talk to Kamailio. Two locks, always in this order:
 *  1. kernel lock: held while flow sets change and the kernel is told, so that the kernel sees
 * changes in the order in which they were decided (the kernel itself takes one XFRM request at a
 * time, so this costs no parallelism);
 *  2. table lock: held for look-ups and for each change, never across a system call.
 */
#ifndef IMS_FLOW_GLUE_H
#define IMS_FLOW_GLUE_H

#include <stdbool.h>

#include "../../core/sr_module.h"
#include "../../core/dprint.h"
#include "../../core/counters.h"
#include "../../core/locking.h"
#include "../../core/parser/msg_parser.h"
#include "../../core/ip_addr.h"
#include "../../core/socket_info.h"

#include "modules/ims_flow/api.h"
#include "modules/ims_flow/core/flow_life.h"
#include "modules/ims_flow/core/flow_token.h"
#include "sec_agree/sec_agree.h"

/* IPSEC_OTHERS: another module (ims_ipsec_pcscf) sets up the SAs; which ports they have is read
 * from Security-Client and Security-Verify, and nothing is asked of the kernel. */
enum ipsec_mode { IPSEC_OFF = 0, IPSEC_OFFERED = 1, IPSEC_REQUIRED = 2, IPSEC_OTHERS = 3 };

#define CORE_NETWORKS_MAX 16

/* Parameters of the module (docs/modules/ims_flow.md). */
struct flow_settings {
	int port_pc, port_ps;
	int ipsec; /* enum ipsec_mode */
	int max_sets;
	int mark;
	int spi_min, spi_max;
	int policy_priority;
	int reg_await_seconds, slack_seconds, t1_ms, silence_seconds;
	int flow_timer;	   /* seconds; 0: none is offered */
	int nat;	   /* ESP in UDP for UEs behind a NAT */
	int check_answers; /* answers to REGISTERs only from where these went */
	str algorithms;
	str state_file;
	str key_file;
	str path_host;	   /* host[:port] of the Path URI; empty: the address of the core side */
	str core_networks; /* whence a request may go to a UE by the UE's address alone */
	struct net core[CORE_NETWORKS_MAX];
	unsigned n_core;
	struct sec_agree_offer offer; /* of algorithms, what the kernel can do */
	struct flow_timers timers;
};
extern struct flow_settings settings;

/* In shared memory. */
struct flow_shared {
	gen_lock_t kernel_lock, table_lock;
	struct flow_token_keys keys;
	uint32_t next_spi;
	int64_t quiet_until_ms; /* of the kernel's refusals: logged at INFO until then */
};
extern struct flow_shared *shared;
extern struct flow_table *table;

#define TABLE_LOCK()   lock_get(&shared->table_lock)
#define TABLE_UNLOCK() lock_release(&shared->table_lock)

/* Wall clock in ms. */
int64_t flow_now(void);

/* Counters, group "flow". */
enum flow_counter {
	CNT_REGISTERS,
	CNT_CHALLENGES,
	CNT_ACTIVATED,
	CNT_REFRESHED,
	CNT_REFUSED,
	CNT_ENDED,
	CNT_REPLACED,
	CNT_SA_ADDED,
	CNT_SA_DELETED,
	CNT_KERNEL_ERRORS,
	CNT_SPI_COLLISIONS,
	CNT_ADOPTED,
	CNT_ORPHANS,
	CNT_ROUTED,
	CNT_TOKEN_GONE,
	CNT_TOKEN_FORGED,
	CNT_NO_FLOW,
	CNT_REDIRECTED,
	CNT_DISCARDED,
	CNT_DENIED_IDENTITY,
	CNT_DENIED_VIA,
	CNT_DENIED_CONTACT,
	CNT_DENIED_IMPI,
	CNT_DENIED_ROUTE,
	CNT_UNKNOWN_SA,
	CNT_MAPPINGS,
	CNT_FOREIGN_NAT,
	CNT_KEEPALIVES,
	CNT_VERIFY_DIFFERS,
	CNT_NO_MECHANISM,
	CNT_BAD_HEADER,
	CNT_KEYS_MISSING,
	CNT_TABLE_FULL,
	CNT_FORGED_ANSWER,
	CNT_PORT_TAKEN,
	CNT_COUNT
};
extern counter_handle_t flow_counters[CNT_COUNT];
int counters_register(void);
#define COUNT(c) counter_inc(flow_counters[c])

/* kernel.c: the XFRM side. Each process has its own socket, opened at first use. */
int kernel_start(void); /* mod_init: probe algorithms, adopt, guard; 0 or -1 */
void kernel_stop(bool flush);
/*
 * Add the four SAs of sa; nothing stays if one is refused, and *which (0-3, order of flow_map_sas()) is
 * the first that was, or -1. 0 or an enum xfrm_err.
 */
int kernel_add(const struct flow_ip *ue, const struct flow_ip *local, const struct sa_set *sa,
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

/* Open, change and close a round of changes: kernel lock taken, effects empty. */
struct flow_effects *changes_begin(void);
void changes_end(struct flow_effects *fx); /* applies, unlocks, tells news */

/* The UE's inner address and port of an inbound SA. 0 or an enum xfrm_err. */
int kernel_inner(const struct xfrm_addr *dst, uint32_t spi, struct flow_ip *ue, uint16_t *port);

/* nat.c */
int nat_init(void);   /* PROC_INIT: 0 or -1 */
int nat_fork(void);   /* PROC_MAIN: the process that watches; 0 or -1 */
void nat_learn(void); /* take what the kernel has noticed */
/* The same if msg came through a NAT: before anything is sent to its UE. */
void nat_learn_before(sip_msg_t *msg);
/* Whether an unprotected request came through a NAT, and which address its UE has inside. */
bool nat_found(sip_msg_t *msg, struct flow_ip *inner);

/* support.c: addresses and sockets. */
void flow_ip_from(const struct ip_addr *in, struct flow_ip *out);
void flow_ip_to(const struct flow_ip *in, struct ip_addr *out);
int flow_ip_text(const struct flow_ip *in, char *buf, int size, bool brackets); /* length */
struct socket_info *local_socket(const struct flow_ip *local, uint16_t port, int proto);
bool port_is_protected(uint16_t port); /* one of ours, guarded by the kernel */
bool ipsec_is_ours(void);	       /* we make SAs */
/* The address in a URI; false: a name. */
bool flow_ip_of_uri(struct sip_uri *uri, struct flow_ip *ip);

/* Let what came over SAs go on from a port without. */
void leave_by_open_port(sip_msg_t *msg);

/* The set a message came over. NULL or a set; call under the table lock. */
struct flow_set *set_of_received(struct sip_msg *msg, int *slot);

/* register.c, reply.c, route.c, check.c: the cfg functions, named as KEMI names them. */
int ki_flow_register(sip_msg_t *msg);
int ki_flow_register_reply(sip_msg_t *msg);
int ki_flow_route(sip_msg_t *msg);
int ki_flow_check(sip_msg_t *msg);
int ki_flow_from_ue(sip_msg_t *msg);
int ki_flow_record_route(sip_msg_t *msg);
int ki_flow_access_side(sip_msg_t *msg);

/*
 * route.c: whether a request of the UE of f goes to its home network (its Service-Route, or the
 * route set of the dialog), which alone decides who may reach whom (TS 24.229 5.2.6.3), and not to
 * a UE or to a place of the UE's choice.
 */
bool goes_home(sip_msg_t *msg, const struct flow_set *f);

/* support.c: a REGISTER's attempt travels with its transaction. */
int attempt_store(const struct flow_attempt *a);
int attempt_load(struct flow_attempt *a);
int attempt_set_beside(void);

/*
 * tm runs onreply_route for every copy of a final answer, in several workers at once if they come
 * together. Only the first may act; the others have to say the same, because any of them may be the
 * one that tm passes on.
 */
enum attempt_answer { ATTEMPT_OPEN = 0, ATTEMPT_BEGUN, ATTEMPT_ANSWERED, ATTEMPT_FAILED };

/* As attempt_load(); true for the first caller of this attempt, who must call attempt_answered().
 */
bool attempt_claim(struct flow_attempt *a, int *err);
void attempt_answered(const struct flow_attempt *a, bool good);
/* For the others: wait until the first is through, then *a is as it left it. -1: it takes too long,
 * or failed. */
int attempt_await(struct flow_attempt *a);

/*
 * next_hop.c: whether the next hop of the REGISTER sent this answer to it. tm takes one from
 * anybody who names its branch, and a phone can guess that from requests that tm sent it: a 200 of
 * its own must not make it somebody else.
 */
int next_hop_init(void); /* mod_init: 0, or -1 without tm */
bool answer_is_from_next_hop(sip_msg_t *msg);

/* support.c: headers and answers. */
int answer(sip_msg_t *msg, int code, const char *reason, const char *headers);
int header_remove(sip_msg_t *msg, struct hdr_field *h);
int header_add(sip_msg_t *msg, const char *text, int len, bool first);
int body_cut(sip_msg_t *msg, struct slice part);
int body_insert(sip_msg_t *msg, const char *at, const char *text, int len);
struct slice header_body(const struct hdr_field *h);
bool header_is(const struct hdr_field *h, const char *name);

/* security_server of an SA set, as we sent it. */
int security_server(const struct sa_set *sa, char *buf, size_t size);

/* news.c: telling others, and rounds of changes. */
void news_tell(const struct flow_effects *fx);
int news_subscribe(unsigned mask, flow_event_h h, void *arg);
void news_event_route_init(void);
void info_of(const struct flow_set *f, struct flow_api_info *out);

/* outbound.c: every packet to a UE leaves from where it should. */
int outbound_init(void);

/* keepalive.c: CRLF and STUN over UDP, closed connections. */
int keepalive_init(void);

/* rpc.c, pv.c, api_bind.c */
extern rpc_export_t flow_rpc[];
extern pv_export_t flow_pvs[];
int bind_ims_flow(struct ims_flow_api *api);
void pv_set_current(sip_msg_t *msg, const struct flow_set *f, struct slice speaker);
/* The id of the set that flow_route() has chosen for msg, 0: none. */
uint64_t pv_routed(sip_msg_t *msg);
void pv_set_event(const struct flow_api_info *info, const char *reason);

/* keys.c */
int keys_load(bool create);

#endif
