/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UEs behind a NAT (TS 33.203 annex M). */
#ifndef IMS_FLOW_NAT_H
#define IMS_FLOW_NAT_H

#include "modules/ims_flow/glue.h"

/* In mod_init, in child_init(PROC_INIT), in child_init(PROC_MAIN). 0, or -1 (logged). */
int nat_register(void);
int nat_init(void);
int nat_fork(void);
/* Take what the kernel has noticed. */
void nat_learn(void);
/* The same if msg came through a NAT: before anything is sent to its UE. */
void nat_learn_before(sip_msg_t *msg);
/* Whether an unprotected request came through a NAT, and which address its UE has inside. */
bool nat_found(sip_msg_t *msg, struct netaddr *inner);

#endif
