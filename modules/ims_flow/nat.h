/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UEs behind a NAT (TS 33.203 annex M). */
#ifndef IMS_FLOW_NAT_H
#define IMS_FLOW_NAT_H

#include "modules/ims_flow/glue.h"

struct kam_process;

/* Before the workers start. 0, or -1 (logged). */
int nat_init(void);
/* Let a process of ours see what the kernel notices. 0 or -1. */
int nat_watch(struct kam_process *p);
/* Take what the kernel has noticed. */
void nat_learn(void);
/* The same if msg came through a NAT: before anything is sent to its UE. */
void nat_learn_before(sip_msg_t *msg);
/*
 * Whether an unprotected request came through a NAT: 1, and *inner is the address that its UE says
 * it has inside; 0: no NAT; -1: that address is none that a UE may have (logged).
 */
int nat_found(sip_msg_t *msg, struct netaddr *inner);

/* inner.c: whether a UE behind a NAT may have this address inside; *why is for the log if not. */
bool inner_allowed(const struct netaddr *inner, const char **why);

#endif
